/* TesseraSlideView's hands, beyond what every canvas has: tiles under the pointer, the overview,
 * double clicks, Enter. */

#include "tessera-slide-view-private.h"

#include <math.h>

#define REACH 5.0 /* how far from a tiny tile a click still takes it */

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
  if (!tessera_slide_view_is_pickable (TESSERA_CANVAS (pick->view), place) || d >= pick->best)
    return;
  pick->best = d;
  pick->place = (int)place;
}

/* The tile there, or one close by where tiles are tiny. */
static int
pick (TesseraCanvas *canvas, double px, double py, bool wait)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  if (is_in_inset (self, px, py) || !self->index || !self->slide || !self->show_tiles ||
      !(self->state->camera.scale > 0))
    return -1;
  Pick found = {.view = self, .best = INFINITY, .place = -1};
  tessera_canvas_unproject (canvas, px, py, &found.x, &found.y);
  tessera_slide_index_in (self->index, found.x, found.y, nextafter (found.x, INFINITY),
                          nextafter (found.y, INFINITY), take_nearest, &found);
  double reach = REACH / self->state->camera.scale;
  if (found.place < 0 && tessera_slide_index_width (self->index) < reach)
    tessera_slide_index_in (self->index, found.x - reach, found.y - reach, found.x + reach,
                            found.y + reach, take_nearest, &found);
  return found.place;
}

int
tessera_slide_view_pick (TesseraSlideView *self, double x, double y)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), -1);
  int place = pick (TESSERA_CANVAS (self), x, y, true);
  return place < 0 ? -1 : (int)tessera_slide_index_tiles (self->index)[place].id;
}

/* ---- dragging ---- */

static TesseraCanvasDrag
choose_drag (TesseraCanvas *canvas, GdkModifierType modifiers, double x, double y)
{
  if (is_in_inset (TESSERA_SLIDE_VIEW (canvas), x, y))
    return TESSERA_CANVAS_DRAG_OWN;
  return modifiers & GDK_SHIFT_MASK ? TESSERA_CANVAS_DRAG_BOX : TESSERA_CANVAS_DRAG_PAN;
}

static bool
drag_ended (TesseraCanvas *canvas, TesseraCanvasDrag drag, bool moved, bool given_up)
{
  return drag == TESSERA_CANVAS_DRAG_OWN; /* a click in the overview has gone there already */
}

static void
mark_found (guint place, gpointer found)
{
  ((guint8 *)found)[place] = 1;
}

/* What has a part in the box is taken. */
static void
find_in_box (TesseraCanvas *canvas, double x0, double y0, double x1, double y1, guint8 *found)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  if (self->index && self->show_tiles)
    tessera_slide_index_in (self->index, x0, y0, x1, y1, mark_found, found);
}

/* Brings what is under the pointer into the middle, once the button is up: pressing it ends any
 * flight. */
static void
released_cb (GtkGestureClick *gesture, int n, double x, double y, TesseraSlideView *self)
{
  TesseraMapCamera camera = self->state->camera;
  if (n != 2 || !(camera.scale > 0) || is_in_inset (self, x, y))
    return;
  tessera_canvas_unproject (TESSERA_CANVAS (self), x, y, &camera.x, &camera.y);
  tessera_canvas_set_auto_fit (TESSERA_CANVAS (self), FALSE);
  tessera_canvas_fly (TESSERA_CANVAS (self), camera);
}

void
tessera_slide_view_add_controllers (TesseraSlideView *self)
{
  GtkGesture *press = gtk_gesture_click_new ();
  g_signal_connect (press, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
  gtk_gesture_group (press, self->state->drag_gesture);
}

/* ---- keys ---- */

static bool
place_of (TesseraCanvas *canvas, int place, double *x, double *y)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  if (place < 0 || !self->index)
    return false;
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (self->index)[place];
  *x = (double)tile->x + tile->width / 2.0;
  *y = (double)tile->y + tile->height / 2.0;
  return true;
}

static int
toward (TesseraCanvas *canvas, int dx, int dy)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  int at = self->state->cursor;
  double x = self->state->camera.x, y = self->state->camera.y;
  if (!self->index || !self->show_tiles)
    return -1;
  if (place_of (canvas, at, &x, &y))
    return tessera_slide_index_toward (self->index, x, y, dx, dy, at);
  Pick found = {.view = self, .x = x, .y = y, .best = INFINITY, .place = -1};
  for (guint i = 0; i < tessera_slide_index_n (self->index); i++)
    take_nearest (i, &found);
  return found.place;
}

/* Takes the keyboard's tile, or the one in the middle, and centres it. */
static bool
key (TesseraCanvas *canvas, guint key, GdkModifierType modifiers)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  if (key != GDK_KEY_Return && key != GDK_KEY_KP_Enter)
    return false;
  int place = self->state->cursor;
  if (place < 0)
    place =
        pick (canvas, tessera_canvas_width (canvas) / 2, tessera_canvas_height (canvas) / 2, true);
  TesseraMapCamera camera = self->state->camera;
  if (!place_of (canvas, place, &camera.x, &camera.y))
    return false;
  tessera_canvas_set_auto_fit (canvas, FALSE);
  tessera_canvas_fly (canvas, camera);
  tessera_canvas_activate (canvas, place);
  return true;
}

void
tessera_slide_view_class_input (TesseraCanvasClass *class)
{
  class->place_of = place_of;
  class->pick = pick;
  class->toward = toward;
  class->choose_drag = choose_drag;
  class->drag_ended = drag_ended;
  class->find_in_box = find_in_box;
  class->key = key;
}
