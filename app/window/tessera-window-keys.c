/* The keys of the main loop. They come after the focused widget, so that a field being typed in
 * keeps them, and a key that is held down acts once: a tile is never labelled before it was seen.
 */

#include "tessera-window-private.h"

#include "tessera-tour.h"

#include <gdk/gdkkeysyms.h>

/* The character of a key whatever the keypad's state; 0 for keys without one. */
static char
key_character (guint keyval)
{
  if (keyval >= GDK_KEY_KP_0 && keyval <= GDK_KEY_KP_9)
    return (char)('0' + keyval - GDK_KEY_KP_0);
  guint32 c = gdk_keyval_to_unicode (gdk_keyval_to_lower (keyval));
  return c > 0 && c < 128 ? (char)c : 0;
}

/* Digits of the unshifted key: on a French keyboard 1 to 9 lie behind Shift. */
static char
digit_of_keycode (TesseraWindow *self, guint keycode)
{
  g_autofree GdkKeymapKey *keys = NULL;
  g_autofree guint *keyvals = NULL;
  int n = 0;
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  if (!gdk_display_map_keycode (display, keycode, &keys, &keyvals, &n))
    return 0;
  for (int i = 0; i < n; i++)
    if (keys[i].group == 0 && keyvals[i] >= GDK_KEY_0 && keyvals[i] <= GDK_KEY_9)
      return (char)('0' + keyvals[i] - GDK_KEY_0);
  return 0;
}

static gboolean
is_labelling (TesseraWindow *self)
{
  TesseraSession *session = tessera_window_get_session (self);
  if (session == NULL || !tessera_session_is_open (session))
    return FALSE;
  return tessera_project_page_shows_tiles (self->project) ||
         tessera_project_page_shows_lab (self->project);
}

/* As on the map, or on the slide where that is shown alone, wherever the focus is; held down it
 * goes on. */
static gboolean
zoom_key (TesseraWindow *self, char c)
{
  gpointer map = tessera_project_page_get_map_view (self->project),
           slide =
               tessera_slide_pane_get_view (tessera_project_page_get_slide_pane (self->project));
  TesseraCanvas *canvas = TESSERA_CANVAS (gtk_widget_get_mapped (map) ? map : slide);
  if (c == '+' || c == '=')
    tessera_canvas_zoom_in (canvas);
  else if (c == '-')
    tessera_canvas_zoom_out (canvas);
  else
    return FALSE;
  return TRUE;
}

/* Plain keys. TRUE if the key meant something. Letters used here are none of TSR_CLASS_KEYS; a
 * class that an older version gave one of them keeps it. */
static gboolean
plain_key (TesseraWindow *self, char c, gboolean repeated)
{
  TesseraSession *session = tessera_window_get_session (self);
  TesseraMapView *map = tessera_project_page_get_map_view (self->project);
  const TsrClass *class_ = tessera_session_get_class_for_key (session, c);
  /* The lab has no map to move. */
  gboolean lab = tessera_project_page_shows_lab (self->project);
  gboolean known = class_ != NULL || (c != 0 && strchr (lab ? "0u?x " : "0u?x flm", c) != NULL);
  if (class_ == NULL && tessera_window_gallery_key (self, c))
    return TRUE;
  if (!known)
    return !lab && zoom_key (self, c);
  if (repeated)
    return TRUE;
  if (class_ != NULL)
    tessera_session_label (session, class_->id);
  else if (c == '0')
    tessera_session_label (session, TSR_LABEL_NONE);
  else if (c == 'u' || c == '?')
    tessera_session_label (session, TSR_LABEL_UNSURE);
  else if (c == 'x')
    tessera_session_exclude (session, TRUE);
  else if (c == ' ')
    tessera_session_skip (session);
  else if (c == 'm')
    gtk_widget_activate_action (GTK_WIDGET (self), "win.more-like", NULL);
  else if (c == 'f') {
    tessera_canvas_fit (TESSERA_CANVAS (map));
    tessera_canvas_fit (TESSERA_CANVAS (
        tessera_slide_pane_get_view (tessera_project_page_get_slide_pane (self->project))));
  } else if (c == 'l')
    tessera_map_view_set_mode (map, tessera_map_view_get_mode (map) == TESSERA_MAP_MODE_LASSO
                                        ? TESSERA_MAP_MODE_PAN
                                        : TESSERA_MAP_MODE_LASSO);
  return TRUE;
}

static gboolean
control_key (TesseraWindow *self, guint keyval, gboolean shift)
{
  TesseraSession *session = tessera_window_get_session (self);
  if (tessera_window_gallery_control_key (self, keyval))
    return TRUE;
  switch (gdk_keyval_to_lower (keyval)) {
  case GDK_KEY_z:
    if (shift)
      tessera_session_redo (session);
    else
      tessera_session_undo (session);
    return TRUE;
  case GDK_KEY_y:
    tessera_session_redo (session);
    return TRUE;
  case GDK_KEY_a:
    gtk_widget_activate_action (GTK_WIDGET (self), "win.select-all", NULL);
    return TRUE;
  case GDK_KEY_v:
    tessera_window_paste (self);
    return TRUE;
  case GDK_KEY_i:
    gtk_widget_activate_action (GTK_WIDGET (self), "win.invert", NULL);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
escape (TesseraWindow *self)
{
  TesseraMapView *map = tessera_project_page_get_map_view (self->project);
  if (tessera_tour_skip ())
    return TRUE;
  if (gtk_window_is_fullscreen (GTK_WINDOW (self)) &&
      tessera_session_get_current (tessera_window_get_session (self)) == TESSERA_NO_TILE) {
    gtk_window_unfullscreen (GTK_WINDOW (self));
    return TRUE;
  }
  if (tessera_map_view_get_mode (map) != TESSERA_MAP_MODE_PAN &&
      !tessera_project_page_shows_gallery (self->project))
    tessera_map_view_set_mode (map, TESSERA_MAP_MODE_PAN);
  else
    tessera_session_select_none (tessera_window_get_session (self));
  return TRUE;
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, TesseraWindow *self)
{
  gboolean repeated = self->held_key == keycode && keycode != 0;
  if (!is_labelling (self))
    return GDK_EVENT_PROPAGATE;
  if (state & (GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK))
    return GDK_EVENT_PROPAGATE;
  if (state & GDK_CONTROL_MASK)
    return control_key (self, keyval, (state & GDK_SHIFT_MASK) != 0);
  if (keyval == GDK_KEY_Escape)
    return escape (self);
  if (keyval == GDK_KEY_BackSpace)
    return tessera_session_select_previous (tessera_window_get_session (self));

  char c = key_character (keyval);
  gboolean used = plain_key (self, c, repeated);
  if (!used) {
    char digit = digit_of_keycode (self, keycode);
    used = digit != 0 && digit != c && plain_key (self, digit, repeated);
  }
  if (used)
    self->held_key = keycode;
  return used;
}

static void
key_released_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                 GdkModifierType state, TesseraWindow *self)
{
  if (self->held_key == keycode)
    self->held_key = 0;
}

/* ---- who has the focus ---- */

static gboolean
is_in_popover (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, GTK_TYPE_POPOVER) != NULL;
}

/* A button takes Space only while it shows that it has the focus: else the key skips, whatever was
 * clicked last. Before the focused widget, which would press itself. */
static gboolean
space_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
                  GdkModifierType state, TesseraWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  if (keyval != GDK_KEY_space && keyval != GDK_KEY_KP_Space)
    return GDK_EVENT_PROPAGATE;
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0 || focus == NULL ||
      !is_labelling (self))
    return GDK_EVENT_PROPAGATE;
  if (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus) || is_in_popover (focus) ||
      gtk_window_get_focus_visible (GTK_WINDOW (self)))
    return GDK_EVENT_PROPAGATE;
  plain_key (self, ' ', self->held_key == keycode && keycode != 0);
  self->held_key = keycode;
  return GDK_EVENT_STOP;
}

/* A click beside a field being typed in ends the typing, also where what is clicked takes no focus:
 * the next key is meant for the tile. */
static void
pressed_cb (GtkGestureClick *gesture, int n, double x, double y, TesseraWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  if (focus == NULL || !GTK_IS_EDITABLE (focus) || is_in_popover (focus) || !is_labelling (self) ||
      event == NULL || gdk_event_get_surface (event) != gtk_native_get_surface (GTK_NATIVE (self)))
    return;
  GtkWidget *field = GTK_IS_TEXT (focus) ? gtk_widget_get_parent (focus) : focus;
  GtkWidget *clicked = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  if (clicked != NULL && clicked != field && !gtk_widget_is_ancestor (clicked, field))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-map", NULL);
}

/* An act chosen in a submenu leaves the focus in the menu that has closed (GTK 4.8), where no key
 * arrives any more: it goes to the menu's button, as after one of the first page. */
static void
menu_closed_cb (GtkWidget *menu, TesseraWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  if (focus != NULL && gtk_widget_is_ancestor (focus, menu))
    gtk_widget_grab_focus (GTK_WIDGET (self->menu));
}

static void
active_cb (TesseraWindow *self)
{
  self->held_key = 0;
}

void
tessera_window_add_keys (TesseraWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_BUBBLE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);

  GtkEventController *space = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (space, GTK_PHASE_CAPTURE);
  g_signal_connect (space, "key-pressed", G_CALLBACK (space_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), space);

  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
  g_signal_connect (gtk_menu_button_get_popover (self->menu), "closed", G_CALLBACK (menu_closed_cb),
                    self);
}
