/* TesseraSlideView's selection, by the tiles' ids. */

#include "tessera-slide-view-private.h"

static guint
n_tiles (TesseraSlideView *self)
{
  return self->index ? tessera_slide_index_n (self->index) : 0;
}

void
tessera_slide_view_selection_changed (TesseraCanvas *canvas)
{
  tessera_slide_view_outdate (TESSERA_SLIDE_VIEW (canvas));
}

void
tessera_slide_view_carry_selection (TesseraSlideView *self, TesseraSlideIndex *before)
{
  const guint8 *old = self->state->selected;
  guint8 *selected = g_malloc0 (MAX (n_tiles (self), 1));
  bool any = before && self->index && self->state->n_selected > 0;
  for (guint i = 0; any && i < tessera_slide_index_n (before); i++) {
    int place =
        old[i] ? tessera_slide_index_find (self->index, tessera_slide_index_tiles (before)[i].id)
               : -1;
    if (place >= 0)
      selected[place] = 1;
  }
  tessera_canvas_renumber (TESSERA_CANVAS (self), selected);
}

void
tessera_slide_view_set_selected (TesseraSlideView *self, const guint32 *ids, guint n)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  g_autofree guint8 *wanted = g_malloc0 (MAX (n_tiles (self), 1));
  for (guint i = 0; self->index && i < n; i++) {
    int place = tessera_slide_index_find (self->index, ids[i]);
    if (place >= 0)
      wanted[place] = 1;
  }
  tessera_canvas_select (TESSERA_CANVAS (self), wanted);
}

guint32 *
tessera_slide_view_get_selected (TesseraSlideView *self, guint *n)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), NULL);
  guint32 *ids = tessera_canvas_get_selected (TESSERA_CANVAS (self), n);
  for (guint i = 0; i < *n; i++)
    ids[i] = tessera_slide_index_tiles (self->index)[ids[i]].id;
  return ids;
}
