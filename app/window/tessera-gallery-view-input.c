/* The gallery's hands: pointer and keys. */

#include "tessera-gallery-view-private.h"

#include "tessera-map-paint.h"

#include <gdk/gdkkeysyms.h>
#include <math.h>

#define SLOP 6.0 /* px a click may move */

/* ---- what is selected ---- */

/* The places from a to b, the tile at b current. */
static void
select_range (TesseraGalleryView *self, uint32_t a, uint32_t b, TesseraSelectMode mode)
{
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (int64_t i = b, step = a < b ? -1 : 1; i != (int64_t)a + step; i += step)
    g_array_append_val (tiles, self->order->tiles[i]);
  tessera_session_select (self->session, (uint32_t *)tiles->data, tiles->len, mode);
}

/* Where a range begins: where the last one did, else at the current tile. */
static uint32_t
anchor_place (TesseraGalleryView *self, uint32_t fallback)
{
  uint32_t place = tessera_gallery_view_place (self, self->anchor);
  if (place == UINT32_MAX)
    place = tessera_gallery_view_place (self, tessera_session_get_current (self->session));
  if (place == UINT32_MAX)
    place = fallback;
  self->anchor = self->order->tiles[place];
  return place;
}

static void
click (TesseraGalleryView *self, uint32_t tile, GdkModifierType state)
{
  uint32_t place = tessera_gallery_view_place (self, tile);
  gboolean control = (state & GDK_CONTROL_MASK) != 0;
  if (tile == TESSERA_NO_TILE) {
    if ((state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0)
      tessera_session_select_none (self->session);
  } else if (state & GDK_SHIFT_MASK) {
    select_range (self, anchor_place (self, place), place,
                  control ? TESSERA_SELECT_ADD : TESSERA_SELECT_REPLACE);
  } else if (control) {
    gboolean out = tessera_session_is_selected (self->session, tile);
    tessera_session_select (self->session, &tile, 1,
                            out ? TESSERA_SELECT_REMOVE : TESSERA_SELECT_ADD);
    self->anchor = tile;
  } else {
    tessera_session_select_one (self->session, tile);
    self->anchor = tile;
  }
}

static void
released_cb (GtkGestureClick *gesture, int n_press, double x, double y, TesseraGalleryView *self)
{
  if (tessera_gallery_view_n (self) == 0)
    return;
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  uint32_t tile = tessera_gallery_view_tile_at (self, x, y);
  gboolean plain = (state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (n_press == 2 && plain && tile != TESSERA_NO_TILE)
    g_signal_emit_by_name (self, "activated", tile);
  else
    click (self, tile, state);
}

/* ---- a box ---- */

graphene_rect_t
tessera_gallery_view_box (TesseraGalleryView *self)
{
  double y = self->box_y - tessera_gallery_view_scrolled (self);
  return GRAPHENE_RECT_INIT (
      (float)MIN (self->box_x, self->pointer_x), (float)MIN (y, self->pointer_y),
      (float)fabs (self->box_x - self->pointer_x), (float)fabs (y - self->pointer_y));
}

/* A box that is held beyond the edge scrolls, the faster the farther. */
static gboolean
box_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (widget);
  double height = gtk_widget_get_height (widget), beyond = self->pointer_y < 0 ? self->pointer_y
                                                           : self->pointer_y > height
                                                               ? self->pointer_y - height
                                                               : 0;
  if (beyond != 0 && self->vadjustment != NULL)
    gtk_adjustment_set_value (self->vadjustment,
                              gtk_adjustment_get_value (self->vadjustment) + beyond / 4);
  return G_SOURCE_CONTINUE;
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, TesseraGalleryView *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  GdkDevice *device = event != NULL ? gdk_event_get_device (event) : NULL;
  /* a finger scrolls */
  if (tessera_gallery_view_n (self) == 0 ||
      (device != NULL && gdk_device_get_source (device) == GDK_SOURCE_TOUCHSCREEN)) {
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  self->box_mode = state & GDK_ALT_MASK                          ? TESSERA_SELECT_REMOVE
                   : state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK) ? TESSERA_SELECT_ADD
                                                                 : TESSERA_SELECT_REPLACE;
  self->box_x = x;
  self->box_y = y + tessera_gallery_view_scrolled (self);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraGalleryView *self)
{
  double x, y;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  self->pointer_x = x + dx;
  self->pointer_y = y + dy;
  if (!self->boxing && hypot (dx, dy) >= SLOP) {
    self->boxing = TRUE;
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    gtk_widget_grab_focus (GTK_WIDGET (self));
    self->box_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), box_tick_cb, NULL, NULL);
  }
  if (self->boxing)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
end_box (TesseraGalleryView *self)
{
  self->boxing = FALSE;
  if (self->box_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->box_tick);
  self->box_tick = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The tiles that the box touches: by rows and columns, since a box may be longer than floats count.
 */
static GArray *
tiles_in_box (TesseraGalleryView *self)
{
  double y = self->pointer_y + tessera_gallery_view_scrolled (self), x0, x1;
  x0 = MIN (self->box_x, self->pointer_x);
  x1 = MAX (self->box_x, self->pointer_x);
  GArray *tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t n = tessera_gallery_view_n (self), columns = (uint32_t)self->columns;
  double pitch = self->size + TESSERA_GALLERY_GAP, y0 = MIN (self->box_y, y) - TESSERA_GALLERY_PAD,
         y1 = MAX (self->box_y, y) - TESSERA_GALLERY_PAD;
  /* a box that begins in the gap below a row does not touch it */
  double top = floor (MAX (0, y0 + TESSERA_GALLERY_GAP) / pitch), bottom = floor (y1 / pitch);
  uint64_t from = (uint64_t)top * columns, end = (uint64_t)MAX (0, bottom + 1) * columns;
  for (uint64_t place = from; place < MIN (end, n); place++) {
    graphene_rect_t cell = tessera_gallery_view_cell (self, (uint32_t)place);
    if (cell.origin.x <= x1 && cell.origin.x + cell.size.width >= x0)
      g_array_append_val (tiles, self->order->tiles[place]);
  }
  return tiles;
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraGalleryView *self)
{
  if (!self->boxing)
    return;
  end_box (self);
  if (self->session == NULL)
    return;
  g_autoptr (GArray) tiles = tiles_in_box (self);
  if (tiles->len > 0) {
    self->anchor = g_array_index (tiles, uint32_t, 0);
    tessera_session_select (self->session, (uint32_t *)tiles->data, tiles->len, self->box_mode);
  } else if (self->box_mode == TESSERA_SELECT_REPLACE) {
    tessera_session_select_none (self->session);
  }
}

static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraGalleryView *self)
{
  end_box (self);
}

/* ---- keys ---- */

/* Rows that fit. */
static int64_t
page_rows (TesseraGalleryView *self)
{
  return MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) / (self->size + TESSERA_GALLERY_GAP));
}

/* Where a key leads to from a place, or -1: none of the view's. */
static int64_t
destination (TesseraGalleryView *self, guint keyval, int64_t from)
{
  int64_t last = (int64_t)tessera_gallery_view_n (self) - 1, columns = self->columns;
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  switch (keyval) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    return CLAMP (from + (mirrored ? 1 : -1), 0, last);
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    return CLAMP (from + (mirrored ? -1 : 1), 0, last);
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    return from >= columns ? from - columns : from;
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    return from / columns < last / columns ? MIN (from + columns, last) : from;
  case GDK_KEY_Page_Up:
  case GDK_KEY_KP_Page_Up:
    return MAX (from - columns * page_rows (self), from % columns);
  case GDK_KEY_Page_Down:
  case GDK_KEY_KP_Page_Down:
    return MIN (from + columns * page_rows (self), last);
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    return 0;
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    return last;
  default:
    return -1;
  }
}

static void
go_to (TesseraGalleryView *self, uint32_t place, gboolean extend)
{
  uint32_t tile = self->order->tiles[place];
  if (extend) {
    select_range (self, anchor_place (self, place), place, TESSERA_SELECT_REPLACE);
  } else {
    tessera_session_select_one (self->session, tile);
    self->anchor = tile;
  }
  tessera_gallery_view_reveal (self, tile);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
        TesseraGalleryView *self)
{
  uint32_t first, end;
  if (tessera_gallery_view_n (self) == 0 ||
      (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  uint32_t current = tessera_session_get_current (self->session),
           from = tessera_gallery_view_place (self, current);
  if (keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter) {
    if (current == TESSERA_NO_TILE)
      return GDK_EVENT_PROPAGATE;
    g_signal_emit_by_name (self, "activated", current);
    return GDK_EVENT_STOP;
  }
  tessera_gallery_view_in_sight (self, &first, &end);
  int64_t to = destination (self, keyval, from != UINT32_MAX ? from : first);
  if (to < 0)
    return GDK_EVENT_PROPAGATE;
  if (from == UINT32_MAX && keyval != GDK_KEY_Home && keyval != GDK_KEY_End)
    to = first; /* the first key comes to what is in sight */
  go_to (self, (uint32_t)to, (state & GDK_SHIFT_MASK) != 0);
  return GDK_EVENT_STOP;
}

/* ---- what a tile is ---- */

static gboolean
tooltip_cb (TesseraGalleryView *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  uint32_t tile = tessera_gallery_view_n (self) == 0 || self->boxing ? TESSERA_NO_TILE
                  : keyboard ? tessera_session_get_current (self->session)
                             : tessera_gallery_view_tile_at (self, x, y);
  graphene_rect_t area;
  if (tile == TESSERA_NO_TILE || !tessera_gallery_view_locate (self, tile, &area))
    return FALSE;
  g_autofree char *caption = tessera_map_paint_caption (self->session, tile);
  gtk_tooltip_set_text (tooltip, caption);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){(int)area.origin.x, (int)area.origin.y,
                                                     (int)area.size.width, (int)area.size.height});
  return TRUE;
}

void
tessera_gallery_view_add_hands (TesseraGalleryView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  GtkGesture *clicks = gtk_gesture_click_new ();
  g_signal_connect (clicks, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (clicks));

  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, keys);

  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
}
