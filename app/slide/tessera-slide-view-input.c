/* TesseraSlideView's hands: pointer, touch, wheel and keys. */

#include "tessera-map-scene.h"
#include "tessera-slide-view-private.h"

#include <math.h>
#include <string.h>

#define CLICK_SLOP 4.0 /* logical pixels a click may move */
#define REACH      5.0 /* how far from a tiny tile a click still takes it */
#define WHEEL_STEP 1.25

static double
width_of (TesseraSlideView *self)
{
  return gtk_widget_get_width (GTK_WIDGET (self));
}

static double
height_of (TesseraSlideView *self)
{
  return gtk_widget_get_height (GTK_WIDGET (self));
}

static void
to_slide (TesseraSlideView *self, double px, double py, double *x, double *y)
{
  tessera_map_camera_unproject (&self->camera, width_of (self), height_of (self), px, py, x, y);
}

/* ---- what is under the pointer ---- */

static bool
is_in_inset (TesseraSlideView *self, double x, double y)
{
  graphene_rect_t rect;
  return tessera_slide_view_get_inset (self, &rect) &&
         graphene_rect_contains_point (&rect, &GRAPHENE_POINT_INIT ((float)x, (float)y));
}

typedef struct {
  TesseraSlideView *view;
  double x, y, best;
  int place;
} Pick;

static void
take_nearest (guint place, gpointer user)
{
  Pick *pick = user;
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (pick->view->index)[place];
  double d = hypot ((double)tile->x + tile->width / 2.0 - pick->x,
                    (double)tile->y + tile->height / 2.0 - pick->y);
  if (!tessera_slide_view_is_pickable (pick->view, place) || d >= pick->best)
    return;
  pick->best = d;
  pick->place = (int)place;
}

/* The place of the tile there, or of one close by where tiles are tiny; -1: none. */
static int
pick (TesseraSlideView *self, double px, double py)
{
  if (!self->index || !self->slide || !self->show_tiles || !(self->camera.scale > 0))
    return -1;
  Pick found = {.view = self, .best = INFINITY, .place = -1};
  to_slide (self, px, py, &found.x, &found.y);
  tessera_slide_index_in (self->index, found.x, found.y, nextafter (found.x, INFINITY),
                          nextafter (found.y, INFINITY), take_nearest, &found);
  double reach = REACH / self->camera.scale;
  if (found.place < 0 && tessera_slide_index_width (self->index) < reach)
    tessera_slide_index_in (self->index, found.x - reach, found.y - reach, found.x + reach,
                            found.y + reach, take_nearest, &found);
  return found.place;
}

int
tessera_slide_view_pick (TesseraSlideView *self, double x, double y)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), -1);
  int place = pick (self, x, y);
  return place < 0 ? -1 : (int)tessera_slide_index_tiles (self->index)[place].id;
}

void
tessera_slide_view_update_hover (TesseraSlideView *self)
{
  int place = -1;
  if (self->pointer_inside && self->drag == TESSERA_SLIDE_DRAG_NONE && !self->motion.fly_start &&
      !is_in_inset (self, self->pointer_x, self->pointer_y))
    place = pick (self, self->pointer_x, self->pointer_y);
  tessera_slide_view_set_hovered (self, place);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, TesseraSlideView *self)
{
  self->pointer_x = x, self->pointer_y = y;
  self->pointer_inside = TRUE;
  tessera_slide_view_update_hover (self);
}

static void
leave_cb (GtkEventControllerMotion *motion, TesseraSlideView *self)
{
  self->pointer_inside = FALSE;
  tessera_slide_view_update_hover (self);
}

/* ---- dragging ---- */

static void
show_cursor (TesseraSlideView *self)
{
  const char *name = self->drag == TESSERA_SLIDE_DRAG_PAN   ? "grabbing"
                     : self->drag == TESSERA_SLIDE_DRAG_BOX ? "crosshair"
                                                            : NULL;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, TesseraSlideView *self)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  if (button > GDK_BUTTON_MIDDLE || !self->slide || !(self->camera.scale > 0)) {
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_widget_grab_focus (GTK_WIDGET (self));
  tessera_slide_view_stop (self);
  self->drag = TESSERA_SLIDE_DRAG_PAN;
  if (button == GDK_BUTTON_PRIMARY && is_in_inset (self, x, y))
    self->drag = TESSERA_SLIDE_DRAG_INSET;
  else if (button == GDK_BUTTON_PRIMARY && (state & GDK_SHIFT_MASK))
    self->drag = TESSERA_SLIDE_DRAG_BOX;
  self->combine = state & GDK_CONTROL_MASK ? TESSERA_SLIDE_ADD
                  : state & GDK_ALT_MASK   ? TESSERA_SLIDE_REMOVE
                                           : TESSERA_SLIDE_REPLACE;
  self->drag_x = self->pointer_x = x, self->drag_y = self->pointer_y = y;
  self->drag_camera = self->camera;
  if (self->drag == TESSERA_SLIDE_DRAG_INSET)
    tessera_slide_view_go_in_inset (self, x, y);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraSlideView *self)
{
  if (self->drag == TESSERA_SLIDE_DRAG_NONE)
    return;
  self->pointer_x = self->drag_x + dx, self->pointer_y = self->drag_y + dy;
  if (self->drag == TESSERA_SLIDE_DRAG_INSET) {
    tessera_slide_view_go_in_inset (self, self->pointer_x, self->pointer_y);
    return;
  }
  bool still = hypot (dx, dy) < CLICK_SLOP &&
               memcmp (&self->camera, &self->drag_camera, sizeof self->camera) == 0;
  if (!still && self->hovered >= 0)
    tessera_slide_view_update_hover (self); /* away with the ring */
  if (self->drag == TESSERA_SLIDE_DRAG_PAN && !still) {
    show_cursor (self);
    tessera_slide_view_leave_auto_fit (self);
    TesseraMapCamera camera = self->drag_camera;
    camera.x -= dx / camera.scale;
    camera.y -= dy / camera.scale;
    tessera_slide_view_move_camera (self, camera);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
click (TesseraSlideView *self, double x, double y)
{
  int place = pick (self, x, y);
  guint n = self->index ? tessera_slide_index_n (self->index) : 0;
  g_autofree guint8 *found = g_malloc0 (MAX (n, 1));
  if (place >= 0)
    found[place] = 1;
  TesseraSlideCombine how = self->combine;
  if (how == TESSERA_SLIDE_ADD && place >= 0 && self->selected[place])
    how = TESSERA_SLIDE_REMOVE; /* Ctrl+click toggles */
  if (place >= 0 && how == TESSERA_SLIDE_REPLACE) {
    tessera_slide_view_activate (self, place);
    return;
  }
  if (place >= 0 || how == TESSERA_SLIDE_REPLACE)
    tessera_slide_view_combine (self, found, how);
  if (place < 0)
    g_signal_emit_by_name (self, "background-clicked");
}

/* Excluded tiles are not meant by a box, as on the map. */
static void
leave_out_excluded (TesseraSlideView *self, guint8 *found)
{
  for (guint i = 0; i < tessera_slide_index_n (self->index); i++)
    found[i] = found[i] && tessera_map_point_in_areas (tessera_map_point_of (
                               self->points, tessera_slide_index_tiles (self->index)[i].id));
}

static void
mark_found (guint place, gpointer found)
{
  ((guint8 *)found)[place] = 1;
}

/* What has a part in the box is taken. */
static void
take_box (TesseraSlideView *self, double x, double y)
{
  if (!self->index || !self->show_tiles)
    return;
  double x0, y0, x1, y1;
  g_autofree guint8 *found = g_malloc0 (MAX (tessera_slide_index_n (self->index), 1));
  to_slide (self, MIN (x, self->drag_x), MIN (y, self->drag_y), &x0, &y0);
  to_slide (self, MAX (x, self->drag_x), MAX (y, self->drag_y), &x1, &y1);
  tessera_slide_index_in (self->index, x0, y0, x1, y1, mark_found, found);
  if (self->combine != TESSERA_SLIDE_REMOVE)
    leave_out_excluded (self, found);
  tessera_slide_view_combine (self, found, self->combine);
}

static void
end_drag (TesseraSlideView *self)
{
  self->drag = TESSERA_SLIDE_DRAG_NONE;
  show_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraSlideView *self)
{
  TesseraSlideDrag drag = self->drag;
  if (drag == TESSERA_SLIDE_DRAG_NONE || !self->slide)
    return;
  double x = self->drag_x + dx, y = self->drag_y + dy;
  self->pointer_x = x, self->pointer_y = y;
  bool moved = hypot (dx, dy) >= CLICK_SLOP ||
               memcmp (&self->camera, &self->drag_camera, sizeof self->camera) != 0;
  if (moved && drag == TESSERA_SLIDE_DRAG_BOX)
    take_box (self, x, y);
  end_drag (self);
  if (!moved && drag != TESSERA_SLIDE_DRAG_INSET)
    click (self, x, y);
  tessera_slide_view_update_hover (self);
}

static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraSlideView *self)
{
  end_drag (self);
}

/* Brings what is under the pointer into the middle, once the button is up: pressing it ends any
 * flight. */
static void
released_cb (GtkGestureClick *gesture, int n, double x, double y, TesseraSlideView *self)
{
  if (n != 2 || !(self->camera.scale > 0) || is_in_inset (self, x, y))
    return;
  TesseraMapCamera camera = self->camera;
  to_slide (self, x, y, &camera.x, &camera.y);
  tessera_slide_view_leave_auto_fit (self);
  tessera_slide_view_fly (self, camera);
}

/* ---- wheel and pinch ---- */

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, TesseraSlideView *self)
{
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  bool touchpad = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_SURFACE;
  if (!self->slide || self->drag != TESSERA_SLIDE_DRAG_NONE)
    return GDK_EVENT_PROPAGATE;
  if (touchpad && !(state & GDK_CONTROL_MASK)) {
    tessera_slide_view_stop (self);
    tessera_slide_view_leave_auto_fit (self);
    TesseraMapCamera camera = self->camera;
    camera.x += round (dx) / camera.scale;
    camera.y += round (dy) / camera.scale;
    tessera_slide_view_move_camera (self, camera);
    return GDK_EVENT_STOP;
  }
  double steps = touchpad ? dy / 40 : dy, x = self->pointer_x, y = self->pointer_y;
  if (!self->pointer_inside)
    x = width_of (self) / 2, y = height_of (self) / 2;
  if (steps != 0)
    tessera_slide_view_zoom_by (self, pow (WHEEL_STEP, -steps), x, y);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraSlideView *self)
{
  end_drag (self);
  tessera_slide_view_stop (self);
  self->pinch_scale = self->camera.scale;
}

static void
pinch_cb (GtkGestureZoom *gesture, double factor, TesseraSlideView *self)
{
  double x, y;
  if (!(self->pinch_scale > 0) ||
      !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  tessera_slide_view_leave_auto_fit (self);
  TesseraMapCamera camera = self->camera;
  /* Limited first, or what is under the fingers would slip at the end of the way. */
  camera.scale = self->pinch_scale * factor;
  double scale = tessera_slide_view_limited (self, camera).scale;
  camera.scale = self->camera.scale;
  tessera_map_camera_zoom_at (&camera, width_of (self), height_of (self), x, y, scale);
  tessera_slide_view_move_camera (self, camera);
}

/* ---- keys ---- */

static bool
middle_of (TesseraSlideView *self, int place, double *x, double *y)
{
  if (place < 0 || !self->index)
    return false;
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (self->index)[place];
  *x = (double)tile->x + tile->width / 2.0;
  *y = (double)tile->y + tile->height / 2.0;
  return true;
}

/* Moves the view, without zooming, so that the tile is well in sight. */
static void
reveal (TesseraSlideView *self, int place)
{
  double x, y, px, py, width = width_of (self), height = height_of (self);
  TesseraMapCamera camera = tessera_map_motion_goal (&self->motion, &self->camera);
  if (!middle_of (self, place, &x, &y))
    return;
  tessera_map_camera_project (&camera, width, height, x, y, &px, &py);
  double edge_x = MIN (0.12 * width, 90), edge_y = MIN (0.12 * height, 90);
  if (px >= edge_x && px <= width - edge_x && py >= edge_y && py <= height - edge_y)
    return;
  camera.x = x, camera.y = y;
  tessera_slide_view_leave_auto_fit (self);
  tessera_slide_view_fly (self, camera);
}

static void
step_cursor (TesseraSlideView *self, int dx, int dy)
{
  double x = self->camera.x, y = self->camera.y;
  if (!self->index || !self->show_tiles)
    return;
  int place = -1;
  if (middle_of (self, self->cursor, &x, &y)) {
    place = tessera_slide_index_toward (self->index, x, y, dx, dy, self->cursor);
  } else {
    Pick found = {.view = self, .x = x, .y = y, .best = INFINITY, .place = -1};
    for (guint i = 0; i < tessera_slide_index_n (self->index); i++)
      take_nearest (i, &found);
    place = found.place;
  }
  if (place < 0)
    return;
  self->cursor = place;
  tessera_slide_view_describe (self);
  reveal (self, place);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pan_by (TesseraSlideView *self, int dx, int dy)
{
  TesseraMapCamera camera = tessera_map_motion_goal (&self->motion, &self->camera);
  if (!(camera.scale > 0))
    return;
  tessera_slide_view_leave_auto_fit (self);
  camera.x += round (dx * 0.12 * width_of (self)) / camera.scale;
  camera.y += round (dy * 0.12 * height_of (self)) / camera.scale;
  tessera_slide_view_fly (self, camera);
}

static gboolean
escape (TesseraSlideView *self, GtkGesture *drag)
{
  if (self->drag != TESSERA_SLIDE_DRAG_NONE) {
    if (self->drag != TESSERA_SLIDE_DRAG_BOX)
      tessera_slide_view_move_camera (self, self->drag_camera);
    end_drag (self);
    gtk_gesture_set_state (drag, GTK_EVENT_SEQUENCE_DENIED);
  } else if (self->n_selected > 0) {
    tessera_slide_view_set_selected (self, NULL, 0);
  } else {
    return GDK_EVENT_PROPAGATE;
  }
  return GDK_EVENT_STOP;
}

/* Takes the keyboard's tile, or the one in the middle, and centres it. */
static gboolean
enter (TesseraSlideView *self)
{
  int place =
      self->cursor >= 0 ? self->cursor : pick (self, width_of (self) / 2, height_of (self) / 2);
  if (place < 0)
    return GDK_EVENT_PROPAGATE;
  TesseraMapCamera camera = self->camera;
  middle_of (self, place, &camera.x, &camera.y);
  tessera_slide_view_leave_auto_fit (self);
  tessera_slide_view_fly (self, camera);
  tessera_slide_view_activate (self, place);
  return GDK_EVENT_STOP;
}

static gboolean
arrow (TesseraSlideView *self, int dx, int dy, GdkModifierType state)
{
  if (state & GDK_CONTROL_MASK)
    step_cursor (self, dx, dy);
  else
    pan_by (self, dx, dy);
  return GDK_EVENT_STOP;
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state,
        TesseraSlideView *self)
{
  if ((state & GDK_ALT_MASK) || !self->slide)
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
    tessera_slide_view_zoom_in (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    tessera_slide_view_zoom_out (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    tessera_slide_view_fit (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    return enter (self);
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

void
tessera_slide_view_add_controllers (TesseraSlideView *self)
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

  GtkGesture *press = gtk_gesture_click_new ();
  g_signal_connect (press, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (press));
  gtk_gesture_group (press, drag);

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
