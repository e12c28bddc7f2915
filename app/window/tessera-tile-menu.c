#include "tessera-tile-menu.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

typedef struct {
  GtkWidget *widget; /* borrowed: it owns this */
  TesseraSession **session;
  TesseraTileAtFunc at;
  gpointer user;
  GtkWidget *popover; /* made when first wanted, a child of widget; weak, or NULL */
} TileMenu;

static GMenuModel *
make_model (void)
{
  GMenu *menu = g_menu_new ();
  /* Its key is none of the application's accelerators: it comes after a field being typed in. */
  g_autoptr (GMenuItem) like = g_menu_item_new (_ ("_More like this"), "win.more-like");
  g_menu_item_set_attribute (like, "accel", "s", "m");
  g_menu_append_item (menu, like);
  g_menu_append (menu, _ ("Show on the ma_p"), "win.show-on-map");
  g_menu_append (menu, _ ("Show _on its slide"), "win.show-on-slide");
  g_menu_append (menu, _ ("Show in the _gallery"), "win.show-gallery");
  g_menu_append (menu, _ ("_Draw this place in the lab"), "win.draw-here");
  return G_MENU_MODEL (menu);
}

static void
pop_up (TileMenu *self, const GdkRectangle *at)
{
  if (self->popover == NULL) {
    g_autoptr (GMenuModel) model = make_model ();
    GtkWidget *popover = gtk_popover_menu_new_from_model (model);
    g_set_weak_pointer (&self->popover, popover);
    gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
    gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
    gtk_widget_set_parent (self->popover, self->widget);
  }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), at);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, TileMenu *self)
{
  TesseraSession *session = *self->session;
  uint32_t tile = session != NULL ? self->at (self->widget, x, y, self->user) : TESSERA_NO_TILE;
  if (tile >= (session != NULL ? tessera_session_get_n_tiles (session) : 0))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  if (tessera_session_is_selected (session, tile))
    tessera_session_set_current (session, tile);
  else
    tessera_session_select_one (session, tile);
  pop_up (self, &(GdkRectangle){(int)x, (int)y, 1, 1});
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
        TileMenu *self)
{
  gboolean menu = keyval == GDK_KEY_Menu || (keyval == GDK_KEY_F10 && (state & GDK_SHIFT_MASK));
  if (!menu || *self->session == NULL ||
      tessera_session_get_current (*self->session) == TESSERA_NO_TILE)
    return GDK_EVENT_PROPAGATE;
  pop_up (self, &(GdkRectangle){gtk_widget_get_width (self->widget) / 2,
                                gtk_widget_get_height (self->widget) / 2, 1, 1});
  return GDK_EVENT_STOP;
}

/* The widget goes; some kinds know nothing of this child, of others it has gone already. */
static void
destroy_cb (TileMenu *self)
{
  if (self->popover != NULL)
    gtk_widget_unparent (self->popover);
}

static void
tile_menu_free (gpointer data)
{
  TileMenu *self = data;
  g_clear_weak_pointer (&self->popover);
  g_free (self);
}

void
tessera_tile_menu_attach (GtkWidget *widget, TesseraSession **session, TesseraTileAtFunc at,
                          gpointer user)
{
  TileMenu *self = g_new (TileMenu, 1);
  *self = (TileMenu){widget, session, at, user, NULL};
  g_object_set_data_full (G_OBJECT (widget), "tessera-tile-menu", self, tile_menu_free);
  g_signal_connect_swapped (widget, "destroy", G_CALLBACK (destroy_cb), self);
  GtkGesture *click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, keys);
}
