/* TesseraMapView's selection, by tiles. */

#include "tessera-map-view-private.h"

static guint
n_tiles (TesseraMapView *self)
{
  return self->index ? tessera_map_index_n (self->index) : 0;
}

void
tessera_map_view_selection_changed (TesseraCanvas *canvas)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  tessera_map_view_tiles_changed (self);
  tessera_map_view_outdate (self, 1u << TESSERA_MAP_LAYER_SELECTED);
}

guint32 *
tessera_map_view_get_selection (TesseraMapView *self, guint *n)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), NULL);
  return tessera_canvas_get_selected (TESSERA_CANVAS (self), n);
}

gboolean
tessera_map_view_is_selected (TesseraMapView *self, guint tile)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  return tile < n_tiles (self) && self->state->selected[tile];
}

void
tessera_map_view_set_selection (TesseraMapView *self, const guint32 *tiles, guint n)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  g_autofree guint8 *wanted = g_malloc0 (MAX (n_tiles (self), 1));
  for (guint i = 0; i < n; i++)
    if (tiles[i] < n_tiles (self))
      wanted[tiles[i]] = 1;
  tessera_canvas_select (TESSERA_CANVAS (self), wanted);
}

void
tessera_map_view_select_all (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  guint n = n_tiles (self);
  g_autofree guint8 *found = g_malloc0 (MAX (n, 1));
  double x, y;
  for (guint i = 0; i < n; i++)
    found[i] = tessera_map_index_place (self->index, i, &x, &y);
  tessera_canvas_combine (TESSERA_CANVAS (self), found, TESSERA_CANVAS_REPLACE);
}

void
tessera_map_view_invert_selection (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  guint n = n_tiles (self);
  g_autofree guint8 *found = g_malloc0 (MAX (n, 1));
  double x, y;
  for (guint i = 0; i < n; i++)
    found[i] = !self->state->selected[i] && tessera_map_index_place (self->index, i, &x, &y);
  tessera_canvas_combine (TESSERA_CANVAS (self), found, TESSERA_CANVAS_REPLACE);
}
