/* TesseraMapView's hands: pointer, touch, wheel and keys. */

#include "tessera-map-view-private.h"

#include <math.h>
#include <string.h>

#define CLICK_SLOP       4.0 /* logical pixels a click may move */
#define REACH            9.0 /* how far from a point a click still takes it */
#define SUGGESTION_REACH 15.0
#define CARD_DELAY       100 /* milliseconds */
#define CARD_LINGER      400000
#define WHEEL_STEP       1.25
#define NO_LASSO_STEP    2.0 /* pixels between two corners of a lasso */

static double
width_of (TesseraMapView *self)
{
  return gtk_widget_get_width (GTK_WIDGET (self));
}

static double
height_of (TesseraMapView *self)
{
  return gtk_widget_get_height (GTK_WIDGET (self));
}

static void
to_layout (TesseraMapView *self, double px, double py, double *x, double *y)
{
  tessera_map_camera_unproject (&self->camera, width_of (self), height_of (self), px, py, x, y);
}

/* ---- what is under the pointer ---- */

static bool
pickable (guint32 tile, gconstpointer user)
{
  return tessera_map_view_is_pickable ((TesseraMapView *)user, tile);
}

static bool
labelled (guint32 tile, gconstpointer user)
{
  TesseraMapView *self = (TesseraMapView *)user;
  TesseraMapPoint p = tessera_map_point_of (self->points, tile);
  return tessera_map_look (p, (const TesseraMapClass *)self->classes->data, self->classes->len) ==
         TESSERA_MAP_LOOK_LABELLED;
}

/* The nearest of the glowing tiles, which lie on top of all others. */
static int
pick_suggestion (TesseraMapView *self, double px, double py)
{
  double best = SUGGESTION_REACH * SUGGESTION_REACH;
  int tile = -1;
  for (guint i = 0; i < self->suggestions->len; i++) {
    guint32 s = g_array_index (self->suggestions, guint32, i);
    double x, y;
    if (!tessera_map_view_locate (self, s, &x, &y) || !tessera_map_view_is_pickable (self, s))
      continue;
    double d = (x - px) * (x - px) + (y - py) * (y - py);
    if (d < best) {
      best = d;
      tile = (int)s;
    }
  }
  return tile;
}

static int
pick (TesseraMapView *self, double px, double py, bool wait)
{
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  if (!index || !(self->camera.scale > 0))
    return -1;
  int tile = tessera_map_view_tile_at (self, px, py);
  if (tile < 0)
    tile = pick_suggestion (self, px, py);
  if (tile >= 0)
    return tile;
  const TesseraMapGrid *grid =
      wait ? tessera_map_index_grid (index) : tessera_map_index_peek (index);
  if (!grid)
    return -1;
  double x, y, scale = self->camera.scale;
  to_layout (self, px, py, &x, &y);
  int ratio = MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  TesseraMapSizes sizes = tessera_map_view_sizes (self);
  if (self->n_labelled > 0)
    tile = (int)tessera_map_grid_nearest (grid, x, y, (sizes.labelled / ratio + 1) / scale,
                                          labelled, self);
  if (tile < 0)
    tile = (int)tessera_map_grid_nearest (grid, x, y, MAX (REACH, sizes.point / ratio + 3) / scale,
                                          pickable, self);
  return tile;
}

int
tessera_map_view_pick (TesseraMapView *self, double x, double y)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), -1);
  return pick (self, x, y, true);
}

static void
card_due_cb (gpointer user)
{
  TesseraMapView *self = user;
  self->card_timer = 0;
  self->card_shown = self->hovered >= 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The card goes until the pointer comes to another tile. */
void
tessera_map_view_hide_card (TesseraMapView *self)
{
  g_clear_handle_id (&self->card_timer, g_source_remove);
  if (self->card_shown)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->card_shown = FALSE;
  self->card_hidden_at = 0;
}

/* The ring comes at once, the card when the pointer rests a moment; once there, it follows from
 * tile to tile. */
void
tessera_map_view_update_hover (TesseraMapView *self)
{
  int tile = -1;
  if (self->pointer_inside && self->drag == TESSERA_MAP_DRAG_NONE && !self->motion.fly_start)
    tile = pick (self, self->pointer_x, self->pointer_y, false);
  if (tile == self->hovered)
    return;
  gint64 now = g_get_monotonic_time ();
  if (self->card_shown)
    self->card_hidden_at = now;
  tessera_map_view_set_hovered (self, tile);
  g_clear_handle_id (&self->card_timer, g_source_remove);
  self->card_shown = tile >= 0 && now - self->card_hidden_at < CARD_LINGER;
  if (tile >= 0 && !self->card_shown)
    self->card_timer = g_timeout_add_once (CARD_DELAY, card_due_cb, self);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, TesseraMapView *self)
{
  self->pointer_x = x, self->pointer_y = y;
  self->pointer_inside = TRUE;
  tessera_map_view_update_hover (self);
}

static void
leave_cb (GtkEventControllerMotion *motion, TesseraMapView *self)
{
  self->pointer_inside = FALSE;
  tessera_map_view_update_hover (self);
}

/* ---- dragging ---- */

static void
show_cursor (TesseraMapView *self)
{
  const char *name = self->drag == TESSERA_MAP_DRAG_PAN ? "grabbing"
                     : self->mode != TESSERA_MAP_MODE_PAN || self->drag == TESSERA_MAP_DRAG_BOX
                         ? "crosshair"
                         : NULL;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

void
tessera_map_view_set_mode (TesseraMapView *self, TesseraMapMode mode)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  self->mode_once = FALSE;
  if (self->mode == mode)
    return;
  self->mode = mode;
  show_cursor (self);
  g_object_notify (G_OBJECT (self), "mode");
}

static void
add_corner (TesseraMapView *self, double px, double py)
{
  double at[2], width = width_of (self), height = height_of (self);
  to_layout (self, px, py, at, at + 1);
  if (self->lasso->len >= 2) {
    const double *last = &g_array_index (self->lasso, double, self->lasso->len - 2);
    double x, y;
    tessera_map_camera_project (&self->camera, width, height, last[0], last[1], &x, &y);
    if (hypot (px - x, py - y) < NO_LASSO_STEP)
      return;
  }
  g_array_append_vals (self->lasso, at, 2);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, TesseraMapView *self)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  if (button > GDK_BUTTON_MIDDLE || !self->index) {
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_widget_grab_focus (GTK_WIDGET (self));
  tessera_map_view_stop (self);
  self->drag = TESSERA_MAP_DRAG_PAN;
  if (button != GDK_BUTTON_MIDDLE) {
    if ((state & GDK_SHIFT_MASK) || self->mode == TESSERA_MAP_MODE_BOX)
      self->drag = TESSERA_MAP_DRAG_BOX;
    else if (self->mode == TESSERA_MAP_MODE_LASSO)
      self->drag = TESSERA_MAP_DRAG_LASSO;
  }
  self->combine = state & GDK_CONTROL_MASK ? TESSERA_MAP_ADD
                  : state & GDK_ALT_MASK   ? TESSERA_MAP_REMOVE
                                           : TESSERA_MAP_REPLACE;
  self->drag_x = self->pointer_x = x, self->drag_y = self->pointer_y = y;
  self->drag_camera = self->camera;
  g_array_set_size (self->lasso, 0);
  add_corner (self, x, y);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraMapView *self)
{
  if (self->drag == TESSERA_MAP_DRAG_NONE)
    return;
  self->pointer_x = self->drag_x + dx, self->pointer_y = self->drag_y + dy;
  if (hypot (dx, dy) >= CLICK_SLOP && self->hovered >= 0)
    tessera_map_view_update_hover (self); /* away with ring and card */
  if (self->drag == TESSERA_MAP_DRAG_PAN) {
    if (hypot (dx, dy) < CLICK_SLOP &&
        memcmp (&self->camera, &self->drag_camera, sizeof self->camera) == 0)
      return;
    show_cursor (self);
    tessera_map_view_leave_auto_fit (self);
    TesseraMapCamera camera = self->drag_camera;
    camera.x -= dx / camera.scale;
    camera.y -= dy / camera.scale;
    tessera_map_view_move_camera (self, camera);
    return;
  }
  if (self->drag == TESSERA_MAP_DRAG_LASSO)
    add_corner (self, self->pointer_x, self->pointer_y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
click (TesseraMapView *self, double x, double y)
{
  int tile = pick (self, x, y, true);
  guint n = self->index ? tessera_map_index_n (self->index) : 0;
  g_autofree guint8 *found = g_malloc0 (MAX (n, 1));
  if (tile >= 0)
    found[tile] = 1;
  TesseraMapCombine how = self->combine;
  if (how == TESSERA_MAP_ADD && tile >= 0 && self->selected[tile])
    how = TESSERA_MAP_REMOVE; /* Ctrl+click toggles */
  if (tile >= 0 || how == TESSERA_MAP_REPLACE)
    tessera_map_view_combine (self, found, how);
  if (tile >= 0 && how == TESSERA_MAP_REPLACE)
    tessera_map_view_activate (self, tile);
  else if (tile < 0)
    g_signal_emit_by_name (self, "background-clicked");
}

static void
take_area (TesseraMapView *self, double x, double y)
{
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  const TesseraMapGrid *grid = tessera_map_index_grid (index);
  g_autofree guint8 *found = g_malloc0 (MAX (tessera_map_index_n (index), 1));
  if (self->drag == TESSERA_MAP_DRAG_BOX) {
    double x0, y0, x1, y1;
    to_layout (self, MIN (x, self->drag_x), MIN (y, self->drag_y), &x0, &y0);
    to_layout (self, MAX (x, self->drag_x), MAX (y, self->drag_y), &x1, &y1);
    tessera_map_grid_in_box (grid, x0, y0, x1, y1, found);
  } else {
    tessera_map_grid_in_polygon (grid, (const double *)self->lasso->data, self->lasso->len / 2,
                                 found);
  }
  tessera_map_view_combine_area (self, found, self->combine);
}

static void
end_drag (TesseraMapView *self)
{
  self->drag = TESSERA_MAP_DRAG_NONE;
  g_array_set_size (self->lasso, 0);
  show_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraMapView *self)
{
  if (self->drag == TESSERA_MAP_DRAG_NONE || !self->index)
    return;
  TesseraMapDrag drag = self->drag;
  double x = self->drag_x + dx, y = self->drag_y + dy;
  self->pointer_x = x, self->pointer_y = y;
  bool moved = hypot (dx, dy) >= CLICK_SLOP || self->lasso->len > 8 ||
               memcmp (&self->camera, &self->drag_camera, sizeof self->camera) != 0;
  if (moved && drag != TESSERA_MAP_DRAG_PAN) {
    take_area (self, x, y);
    if (self->mode_once)
      tessera_map_view_set_mode (self, TESSERA_MAP_MODE_PAN);
  }
  end_drag (self);
  if (!moved)
    click (self, x, y);
  tessera_map_view_update_hover (self);
}

static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraMapView *self)
{
  end_drag (self);
}

/* ---- wheel and pinch ---- */

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, TesseraMapView *self)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  bool touchpad = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_SURFACE;
  if (!self->index || self->drag != TESSERA_MAP_DRAG_NONE)
    return GDK_EVENT_PROPAGATE;
  if (touchpad && !(state & GDK_CONTROL_MASK)) {
    tessera_map_view_stop (self);
    tessera_map_view_leave_auto_fit (self);
    TesseraMapCamera camera = self->camera;
    camera.x += round (dx) / camera.scale;
    camera.y += round (dy) / camera.scale;
    tessera_map_view_move_camera (self, camera);
    return GDK_EVENT_STOP;
  }
  double steps = touchpad ? dy / 40 : dy, x = self->pointer_x, y = self->pointer_y;
  if (!self->pointer_inside)
    x = width_of (self) / 2, y = height_of (self) / 2;
  if (steps != 0)
    tessera_map_view_zoom_by (self, pow (WHEEL_STEP, -steps), x, y);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraMapView *self)
{
  end_drag (self);
  tessera_map_view_stop (self);
  self->pinch_scale = self->camera.scale;
}

static void
pinch_cb (GtkGestureZoom *gesture, double factor, TesseraMapView *self)
{
  double x, y;
  if (!(self->pinch_scale > 0) ||
      !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  tessera_map_view_leave_auto_fit (self);
  TesseraMapCamera camera = self->camera;
  tessera_map_camera_zoom_at (&camera, width_of (self), height_of (self), x, y,
                              self->pinch_scale * factor);
  tessera_map_view_move_camera (self, camera);
}

/* ---- keys ---- */

static void
step_cursor (TesseraMapView *self, int dx, int dy)
{
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  const TesseraMapGrid *grid = index ? tessera_map_index_grid (index) : NULL;
  double x = self->camera.x, y = self->camera.y;
  int at = self->cursor >= 0 ? self->cursor : self->current;
  gint64 tile = -1;
  if (!grid)
    return;
  if (at >= 0 && tessera_map_view_place (self, at, &x, &y))
    tile = tessera_map_grid_toward (grid, x, y, dx, dy, pickable, self);
  else
    tile = tessera_map_grid_nearest (grid, x, y, G_MAXFLOAT, pickable, self);
  if (tile < 0)
    return;
  self->cursor = (int)tile;
  tessera_map_view_describe (self);
  tessera_map_view_reveal (self, (int)tile);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pan_by (TesseraMapView *self, int dx, int dy)
{
  TesseraMapCamera camera = tessera_map_motion_goal (&self->motion, &self->camera);
  if (!(camera.scale > 0))
    return;
  tessera_map_view_leave_auto_fit (self);
  camera.x += round (dx * 0.12 * width_of (self)) / camera.scale;
  camera.y += round (dy * 0.12 * height_of (self)) / camera.scale;
  tessera_map_view_fly (self, camera);
}

static gboolean
escape (TesseraMapView *self, GtkGesture *drag)
{
  if (self->drag != TESSERA_MAP_DRAG_NONE) {
    if (self->drag == TESSERA_MAP_DRAG_PAN)
      tessera_map_view_move_camera (self, self->drag_camera);
    end_drag (self);
    gtk_gesture_set_state (drag, GTK_EVENT_SEQUENCE_DENIED);
  } else if (self->mode != TESSERA_MAP_MODE_PAN) {
    tessera_map_view_set_mode (self, TESSERA_MAP_MODE_PAN);
  } else if (self->n_selected > 0) {
    tessera_map_view_unselect_all (self);
  } else {
    return GDK_EVENT_PROPAGATE;
  }
  return GDK_EVENT_STOP;
}

static gboolean
arrow (TesseraMapView *self, int dx, int dy, GdkModifierType state)
{
  if (state & GDK_CONTROL_MASK)
    step_cursor (self, dx, dy);
  else
    pan_by (self, dx, dy);
  return GDK_EVENT_STOP;
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state,
        TesseraMapView *self)
{
  if ((state & GDK_ALT_MASK) || !self->index)
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Escape:
    return escape (self, g_object_get_data (G_OBJECT (keys), "drag"));
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    return arrow (self, -1, 0, state);
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    return arrow (self, 1, 0, state);
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    return arrow (self, 0, -1, state);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    return arrow (self, 0, 1, state);
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
    tessera_map_view_zoom_in (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    tessera_map_view_zoom_out (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_Home:
    tessera_map_view_fit (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_l:
  case GDK_KEY_L:
    if (state & GDK_CONTROL_MASK)
      return GDK_EVENT_PROPAGATE;
    tessera_map_view_set_mode (self, TESSERA_MAP_MODE_LASSO);
    self->mode_once = TRUE;
    return GDK_EVENT_STOP;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    if (self->cursor < 0)
      return GDK_EVENT_PROPAGATE;
    tessera_map_view_activate (self, self->cursor);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

void
tessera_map_view_add_controllers (TesseraMapView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (widget, motion);

  GtkGesture *drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (widget, scroll);

  GtkGesture *pinch = gtk_gesture_zoom_new ();
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));

  GtkEventController *keys = gtk_event_controller_key_new ();
  g_object_set_data (G_OBJECT (keys), "drag", drag);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, keys);
}
