/* TesseraMapView's selection: one byte a tile, and an immutable copy of it for the rasters. */

#include "tessera-map-view-private.h"

#include <string.h>

static guint
n_tiles (TesseraMapView *self)
{
  return self->index ? tessera_map_index_n (self->index) : 0;
}

static void
selection_changed (TesseraMapView *self, guint count)
{
  bool notify = count != self->n_selected;
  self->n_selected = count;
  g_clear_pointer (&self->selected_snapshot, g_bytes_unref);
  if (count > 0)
    self->selected_snapshot = g_bytes_new (self->selected, n_tiles (self));
  tessera_map_view_tiles_changed (self);
  tessera_map_view_outdate (self, 1u << TESSERA_MAP_LAYER_SELECTED);
  tessera_map_view_describe (self);
  g_signal_emit_by_name (self, "selection-changed");
  if (notify)
    g_object_notify (G_OBJECT (self), "n-selected");
}

/* Excluded points are not meant by what takes many, unless they are what is shown; they are taken
 * out of a selection all the same. */
void
tessera_map_view_combine_area (TesseraMapView *self, guint8 *found, TesseraMapCombine how)
{
  for (guint i = 0; how != TESSERA_MAP_REMOVE && i < n_tiles (self); i++)
    found[i] = found[i] && tessera_map_point_in_areas (tessera_map_point_of (self->points, i));
  tessera_map_view_combine (self, found, how);
}

void
tessera_map_view_combine (TesseraMapView *self, const guint8 *found, TesseraMapCombine how)
{
  guint count = 0;
  bool changed = false;
  for (guint i = 0; i < n_tiles (self); i++) {
    guint8 now = self->selected[i];
    bool hit = found[i] && tessera_map_view_is_pickable (self, i);
    guint8 next = how == TESSERA_MAP_REPLACE ? hit
                  : how == TESSERA_MAP_ADD   ? now | hit
                                             : now & !hit;
    changed |= next != now;
    self->selected[i] = next;
    count += next;
  }
  if (changed)
    selection_changed (self, count);
}

guint32 *
tessera_map_view_get_selection (TesseraMapView *self, guint *n)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), NULL);
  *n = self->n_selected;
  if (self->n_selected == 0)
    return NULL;
  guint32 *tiles = g_new (guint32, self->n_selected);
  for (guint32 i = 0, k = 0; i < n_tiles (self); i++)
    if (self->selected[i])
      tiles[k++] = i;
  return tiles;
}

guint
tessera_map_view_get_n_selected (TesseraMapView *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), 0);
  return self->n_selected;
}

gboolean
tessera_map_view_is_selected (TesseraMapView *self, guint tile)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), FALSE);
  return tile < n_tiles (self) && self->selected[tile];
}

void
tessera_map_view_set_selection (TesseraMapView *self, const guint32 *tiles, guint n)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  g_autofree guint8 *wanted = g_malloc0 (MAX (n_tiles (self), 1));
  guint count = 0;
  for (guint i = 0; i < n; i++)
    if (tiles[i] < n_tiles (self) && !wanted[tiles[i]]) {
      wanted[tiles[i]] = 1;
      count++;
    }
  if (n_tiles (self) == 0 || memcmp (wanted, self->selected, n_tiles (self)) == 0)
    return;
  memcpy (self->selected, wanted, n_tiles (self));
  selection_changed (self, count);
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
  tessera_map_view_combine_area (self, found, TESSERA_MAP_REPLACE);
}

void
tessera_map_view_unselect_all (TesseraMapView *self)
{
  tessera_map_view_set_selection (self, NULL, 0);
}

void
tessera_map_view_invert_selection (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  guint n = n_tiles (self);
  g_autofree guint8 *found = g_malloc0 (MAX (n, 1));
  double x, y;
  for (guint i = 0; i < n; i++)
    found[i] = !self->selected[i] && tessera_map_index_place (self->index, i, &x, &y);
  tessera_map_view_combine_area (self, found, TESSERA_MAP_REPLACE);
}
