/* TesseraCanvas's hands: pointer, touch, wheel and keys. */

#include "tessera-canvas-private.h"

#include <math.h>
#include <string.h>

#define CLICK_SLOP    4.0 /* logical pixels a click may move */
#define WHEEL_STEP    1.25
#define PAN_STEP      0.12 /* of width or height, by an arrow key */
#define STATE(canvas) tessera_canvas_state (canvas)
#define CLASS(canvas) TESSERA_CANVAS_GET_CLASS (canvas)

/* ---- what is under the pointer ---- */

void
tessera_canvas_update_hover (TesseraCanvas *canvas)
{
  const TesseraCanvasPrivate *state = STATE (canvas);
  int place = -1;
  if (state->pointer_inside && state->drag == TESSERA_CANVAS_DRAG_NONE && !state->motion.fly_start)
    place = CLASS (canvas)->pick (canvas, state->pointer_x, state->pointer_y, false);
  tessera_canvas_set_hovered (canvas, place);
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  state->pointer_x = x, state->pointer_y = y;
  state->pointer_inside = TRUE;
  tessera_canvas_update_hover (canvas);
}

static void
leave_cb (GtkEventControllerMotion *motion, TesseraCanvas *canvas)
{
  STATE (canvas)->pointer_inside = FALSE;
  tessera_canvas_update_hover (canvas);
}

/* ---- dragging ---- */

void
tessera_canvas_show_pointer (TesseraCanvas *canvas)
{
  const TesseraCanvasPrivate *state = STATE (canvas);
  const char *name = state->drag == TESSERA_CANVAS_DRAG_PAN                         ? "grabbing"
                     : state->drag == TESSERA_CANVAS_DRAG_BOX || state->takes_areas ? "crosshair"
                                                                                    : NULL;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (canvas), name);
}

static TesseraCanvasDrag
choose_drag (TesseraCanvas *canvas, guint button, GdkModifierType modifiers, double x, double y)
{
  if (button == GDK_BUTTON_MIDDLE)
    return TESSERA_CANVAS_DRAG_PAN;
  return CLASS (canvas)->choose_drag (canvas, modifiers, x, y);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  GdkModifierType modifiers =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  if (button > GDK_BUTTON_MIDDLE || !CLASS (canvas)->has_content (canvas)) {
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
    return;
  }
  gtk_widget_grab_focus (GTK_WIDGET (canvas));
  tessera_canvas_stop (canvas);
  state->drag = choose_drag (canvas, button, modifiers, x, y);
  state->combine = modifiers & GDK_CONTROL_MASK ? TESSERA_CANVAS_ADD
                   : modifiers & GDK_ALT_MASK   ? TESSERA_CANVAS_REMOVE
                                                : TESSERA_CANVAS_REPLACE;
  state->drag_x = state->pointer_x = x, state->drag_y = state->pointer_y = y;
  state->drag_camera = state->camera;
  if (state->drag == TESSERA_CANVAS_DRAG_OWN)
    CLASS (canvas)->dragged (canvas, x, y);
}

static bool
has_moved (const TesseraCanvasPrivate *state, double dx, double dy)
{
  return hypot (dx, dy) >= CLICK_SLOP ||
         memcmp (&state->camera, &state->drag_camera, sizeof state->camera) != 0;
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  if (state->drag == TESSERA_CANVAS_DRAG_NONE)
    return;
  state->pointer_x = state->drag_x + dx, state->pointer_y = state->drag_y + dy;
  bool moved = has_moved (state, dx, dy);
  if (moved && state->hovered >= 0)
    tessera_canvas_update_hover (canvas); /* away with the ring */
  if (state->drag == TESSERA_CANVAS_DRAG_OWN)
    CLASS (canvas)->dragged (canvas, state->pointer_x, state->pointer_y);
  if (state->drag == TESSERA_CANVAS_DRAG_PAN && moved) {
    tessera_canvas_show_pointer (canvas);
    tessera_canvas_set_auto_fit (canvas, FALSE);
    TesseraMapCamera camera = state->drag_camera;
    camera.x -= dx / camera.scale;
    camera.y -= dy / camera.scale;
    tessera_canvas_move_camera (canvas, camera);
  }
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
click (TesseraCanvas *canvas, double x, double y)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  int place = CLASS (canvas)->pick (canvas, x, y, true);
  TesseraCanvasCombine how = state->combine;
  if (place >= 0 && how == TESSERA_CANVAS_REPLACE) {
    tessera_canvas_activate (canvas, place);
    return;
  }
  g_autofree guint8 *found = g_malloc0 (MAX (CLASS (canvas)->n_tiles (canvas), 1));
  if (place >= 0)
    found[place] = 1;
  if (how == TESSERA_CANVAS_ADD && place >= 0 && state->selected[place])
    how = TESSERA_CANVAS_REMOVE; /* Ctrl+click toggles */
  if (place >= 0 || how == TESSERA_CANVAS_REPLACE)
    tessera_canvas_combine (canvas, found, how);
  if (place < 0)
    g_signal_emit_by_name (canvas, "background-clicked");
}

static void
take_box (TesseraCanvas *canvas, double x, double y)
{
  const TesseraCanvasPrivate *state = STATE (canvas);
  double x0, y0, x1, y1;
  g_autofree guint8 *found = g_malloc0 (MAX (CLASS (canvas)->n_tiles (canvas), 1));
  tessera_canvas_unproject (canvas, MIN (x, state->drag_x), MIN (y, state->drag_y), &x0, &y0);
  tessera_canvas_unproject (canvas, MAX (x, state->drag_x), MAX (y, state->drag_y), &x1, &y1);
  CLASS (canvas)->find_in_box (canvas, x0, y0, x1, y1, found);
  tessera_canvas_combine (canvas, found, state->combine);
}

/* Returns whether an own drag was more than a click. */
static bool
end_drag (TesseraCanvas *canvas, bool moved, bool given_up)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  TesseraCanvasDrag drag = state->drag;
  state->drag = TESSERA_CANVAS_DRAG_NONE;
  bool own = drag != TESSERA_CANVAS_DRAG_NONE && CLASS (canvas)->drag_ended &&
             CLASS (canvas)->drag_ended (canvas, drag, moved, given_up);
  tessera_canvas_show_pointer (canvas);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  return own;
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  if (state->drag == TESSERA_CANVAS_DRAG_NONE || !CLASS (canvas)->has_content (canvas))
    return;
  double x = state->drag_x + dx, y = state->drag_y + dy;
  state->pointer_x = x, state->pointer_y = y;
  bool moved = has_moved (state, dx, dy);
  if (moved && state->drag == TESSERA_CANVAS_DRAG_BOX)
    take_box (canvas, x, y);
  if (!end_drag (canvas, moved, false) && !moved)
    click (canvas, x, y);
  tessera_canvas_update_hover (canvas);
}

static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraCanvas *canvas)
{
  end_drag (canvas, false, true);
}

/* ---- wheel and pinch ---- */

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  GdkModifierType modifiers =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  bool touchpad = gtk_event_controller_scroll_get_unit (scroll) == GDK_SCROLL_UNIT_SURFACE;
  if (!CLASS (canvas)->has_content (canvas) || state->drag != TESSERA_CANVAS_DRAG_NONE)
    return GDK_EVENT_PROPAGATE;
  if (touchpad && !(modifiers & GDK_CONTROL_MASK)) {
    tessera_canvas_stop (canvas);
    tessera_canvas_set_auto_fit (canvas, FALSE);
    TesseraMapCamera camera = state->camera;
    camera.x += round (dx) / camera.scale;
    camera.y += round (dy) / camera.scale;
    tessera_canvas_move_camera (canvas, camera);
    return GDK_EVENT_STOP;
  }
  double steps = touchpad ? dy / 40 : dy, x = state->pointer_x, y = state->pointer_y;
  if (!state->pointer_inside)
    x = tessera_canvas_width (canvas) / 2, y = tessera_canvas_height (canvas) / 2;
  if (steps != 0)
    tessera_canvas_zoom_by (canvas, pow (WHEEL_STEP, -steps), x, y);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, TesseraCanvas *canvas)
{
  end_drag (canvas, false, true);
  tessera_canvas_stop (canvas);
  STATE (canvas)->pinch_scale = STATE (canvas)->camera.scale;
}

static void
pinch_cb (GtkGestureZoom *gesture, double factor, TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  double x, y, least = 0, most = 0, scale = state->pinch_scale * factor;
  if (!(state->pinch_scale > 0) ||
      !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  tessera_canvas_set_auto_fit (canvas, FALSE);
  /* Limited first, or what is under the fingers would slip at the end of the way. */
  CLASS (canvas)->scales (canvas, &least, &most);
  TesseraMapCamera camera = state->camera;
  tessera_map_camera_zoom_at (&camera, tessera_canvas_width (canvas),
                              tessera_canvas_height (canvas), x, y,
                              most > 0 ? CLAMP (scale, least, most) : scale);
  tessera_canvas_move_camera (canvas, camera);
}

/* ---- keys ---- */

static void
step_cursor (TesseraCanvas *canvas, int dx, int dy)
{
  int place = CLASS (canvas)->toward (canvas, dx, dy);
  if (place < 0)
    return;
  STATE (canvas)->cursor = place;
  CLASS (canvas)->describe (canvas);
  tessera_canvas_reveal (canvas, place);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
pan_by (TesseraCanvas *canvas, int dx, int dy)
{
  const TesseraCanvasPrivate *state = STATE (canvas);
  TesseraMapCamera camera = tessera_map_motion_goal (&state->motion, &state->camera);
  if (!(camera.scale > 0))
    return;
  tessera_canvas_set_auto_fit (canvas, FALSE);
  camera.x += round (dx * PAN_STEP * tessera_canvas_width (canvas)) / camera.scale;
  camera.y += round (dy * PAN_STEP * tessera_canvas_height (canvas)) / camera.scale;
  tessera_canvas_fly (canvas, camera);
}

static gboolean
arrow (TesseraCanvas *canvas, int dx, int dy, GdkModifierType modifiers)
{
  if (modifiers & GDK_CONTROL_MASK)
    step_cursor (canvas, dx, dy);
  else
    pan_by (canvas, dx, dy);
  return GDK_EVENT_STOP;
}

static gboolean
escape (TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  if (state->drag != TESSERA_CANVAS_DRAG_NONE) {
    if (memcmp (&state->camera, &state->drag_camera, sizeof state->camera) != 0)
      tessera_canvas_move_camera (canvas, state->drag_camera);
    end_drag (canvas, false, true);
    gtk_gesture_set_state (state->drag_gesture, GTK_EVENT_SEQUENCE_DENIED);
    return GDK_EVENT_STOP;
  }
  if (CLASS (canvas)->escape && CLASS (canvas)->escape (canvas))
    return GDK_EVENT_STOP;
  if (state->n_selected == 0)
    return GDK_EVENT_PROPAGATE;
  tessera_canvas_unselect_all (canvas);
  return GDK_EVENT_STOP;
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType modifiers,
        TesseraCanvas *canvas)
{
  if ((modifiers & GDK_ALT_MASK) || !CLASS (canvas)->has_content (canvas))
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Escape:
    return escape (canvas);
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    return arrow (canvas, -1, 0, modifiers);
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    return arrow (canvas, 1, 0, modifiers);
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    return arrow (canvas, 0, -1, modifiers);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    return arrow (canvas, 0, 1, modifiers);
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
    tessera_canvas_zoom_in (canvas);
    return GDK_EVENT_STOP;
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    tessera_canvas_zoom_out (canvas);
    return GDK_EVENT_STOP;
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    tessera_canvas_fit (canvas);
    return GDK_EVENT_STOP;
  default:
    return CLASS (canvas)->key (canvas, key, modifiers);
  }
}

void
tessera_canvas_add_controllers (TesseraCanvas *canvas)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), canvas);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), canvas);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), canvas);
  gtk_widget_add_controller (widget, motion);

  GtkGesture *drag = STATE (canvas)->drag_gesture = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), canvas);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), canvas);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), canvas);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), canvas);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));

  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), canvas);
  gtk_widget_add_controller (widget, scroll);

  GtkGesture *pinch = gtk_gesture_zoom_new ();
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), canvas);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), canvas);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));

  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), canvas);
  gtk_widget_add_controller (widget, keys);
}
