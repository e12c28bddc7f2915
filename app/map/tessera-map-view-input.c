/* TesseraMapView's hands, beyond what every canvas has: points and suggestions under the pointer,
 * the card of a tile, lasso and modes. */

#include "tessera-map-view-private.h"

#include <math.h>

#define REACH            9.0 /* how far from a point a click still takes it */
#define SUGGESTION_REACH 15.0
#define CARD_DELAY       100 /* milliseconds */
#define CARD_LINGER      400000
#define NO_LASSO_STEP    2.0 /* pixels between two corners of a lasso */

/* ---- what is under the pointer ---- */

static bool
pickable (guint32 tile, gconstpointer user)
{
  return tessera_map_view_is_pickable ((TesseraCanvas *)user, tile);
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
    if (!tessera_map_view_locate (self, s, &x, &y) ||
        !tessera_map_view_is_pickable (TESSERA_CANVAS (self), s))
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
pick (TesseraCanvas *canvas, double px, double py, bool wait)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  if (!index || !(self->state->camera.scale > 0))
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
  double x, y, scale = self->state->camera.scale;
  tessera_canvas_unproject (canvas, px, py, &x, &y);
  int ratio = (int)tessera_canvas_ratio (canvas);
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
  return pick (TESSERA_CANVAS (self), x, y, true);
}

/* ---- the card ---- */

static void
card_due_cb (gpointer user)
{
  TesseraMapView *self = user;
  self->card_timer = 0;
  self->card_shown = self->state->hovered >= 0;
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
tessera_map_view_card_follow (TesseraMapView *self, int tile)
{
  gint64 now = g_get_monotonic_time ();
  if (self->card_shown)
    self->card_hidden_at = now;
  g_clear_handle_id (&self->card_timer, g_source_remove);
  self->card_shown = tile >= 0 && now - self->card_hidden_at < CARD_LINGER;
  if (tile >= 0 && !self->card_shown)
    self->card_timer = g_timeout_add_once (CARD_DELAY, card_due_cb, self);
}

/* ---- modes and lasso ---- */

void
tessera_map_view_set_mode (TesseraMapView *self, TesseraMapMode mode)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  self->mode_once = FALSE;
  if (self->mode == mode)
    return;
  self->mode = mode;
  self->state->takes_areas = mode != TESSERA_MAP_MODE_PAN;
  tessera_canvas_show_pointer (TESSERA_CANVAS (self));
  g_object_notify (G_OBJECT (self), "mode");
}

static TesseraCanvasDrag
choose_drag (TesseraCanvas *canvas, GdkModifierType modifiers, double x, double y)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  g_array_set_size (self->lasso, 0);
  if ((modifiers & GDK_SHIFT_MASK) || self->mode == TESSERA_MAP_MODE_BOX)
    return TESSERA_CANVAS_DRAG_BOX;
  return self->mode == TESSERA_MAP_MODE_LASSO ? TESSERA_CANVAS_DRAG_OWN : TESSERA_CANVAS_DRAG_PAN;
}

static void
add_corner (TesseraCanvas *canvas, double px, double py)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  double at[2];
  tessera_canvas_unproject (canvas, px, py, at, at + 1);
  if (self->lasso->len >= 2) {
    const double *last = &g_array_index (self->lasso, double, self->lasso->len - 2);
    double x, y;
    tessera_map_camera_project (&self->state->camera, tessera_canvas_width (canvas),
                                tessera_canvas_height (canvas), last[0], last[1], &x, &y);
    if (hypot (px - x, py - y) < NO_LASSO_STEP)
      return;
  }
  g_array_append_vals (self->lasso, at, 2);
}

static bool
drag_ended (TesseraCanvas *canvas, TesseraCanvasDrag drag, bool moved, bool given_up)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  bool lasso = drag == TESSERA_CANVAS_DRAG_OWN && !given_up && (moved || self->lasso->len > 8);
  if (lasso) {
    TesseraMapIndex *index = self->shown ? self->shown : self->index;
    g_autofree guint8 *found = g_malloc0 (MAX (tessera_map_index_n (index), 1));
    tessera_map_grid_in_polygon (tessera_map_index_grid (index), (const double *)self->lasso->data,
                                 self->lasso->len / 2, found);
    tessera_canvas_combine (canvas, found, self->state->combine);
  }
  g_array_set_size (self->lasso, 0);
  if (self->mode_once && (lasso || (moved && drag == TESSERA_CANVAS_DRAG_BOX)))
    tessera_map_view_set_mode (self, TESSERA_MAP_MODE_PAN);
  return lasso;
}

static void
find_in_box (TesseraCanvas *canvas, double x0, double y0, double x1, double y1, guint8 *found)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  tessera_map_grid_in_box (tessera_map_index_grid (index), x0, y0, x1, y1, found);
}

/* ---- keys ---- */

static int
toward (TesseraCanvas *canvas, int dx, int dy)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  TesseraMapIndex *index = self->shown ? self->shown : self->index;
  const TesseraMapGrid *grid = index ? tessera_map_index_grid (index) : NULL;
  double x = self->state->camera.x, y = self->state->camera.y;
  int at = tessera_canvas_key_place (canvas);
  if (!grid)
    return -1;
  if (at >= 0 && tessera_map_index_place (index, (guint)at, &x, &y))
    return (int)tessera_map_grid_toward (grid, x, y, dx, dy, pickable, self);
  return (int)tessera_map_grid_nearest (grid, x, y, G_MAXFLOAT, pickable, self);
}

static bool
key (TesseraCanvas *canvas, guint key, GdkModifierType modifiers)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  switch (key) {
  case GDK_KEY_l:
  case GDK_KEY_L:
    if (modifiers & GDK_CONTROL_MASK)
      return false;
    tessera_map_view_set_mode (self, TESSERA_MAP_MODE_LASSO);
    self->mode_once = TRUE;
    return true;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    if (self->state->cursor < 0)
      return false;
    tessera_canvas_activate (canvas, self->state->cursor);
    return true;
  default:
    return false;
  }
}

static bool
escape (TesseraCanvas *canvas)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  if (self->mode == TESSERA_MAP_MODE_PAN)
    return false;
  tessera_map_view_set_mode (self, TESSERA_MAP_MODE_PAN);
  return true;
}

void
tessera_map_view_class_input (TesseraCanvasClass *class)
{
  class->pick = pick;
  class->toward = toward;
  class->choose_drag = choose_drag;
  class->dragged = add_corner;
  class->drag_ended = drag_ended;
  class->find_in_box = find_in_box;
  class->key = key;
  class->escape = escape;
}
