/* TesseraSlideView's selection: one byte a tile by its place in the index, and an immutable copy of
 * it for the picture. */

#include "tessera-slide-view-private.h"

#include <string.h>

static guint
n_tiles (TesseraSlideView *self)
{
  return self->index ? tessera_slide_index_n (self->index) : 0;
}

static void
selection_changed (TesseraSlideView *self, guint count)
{
  bool notify = count != self->n_selected;
  self->n_selected = count;
  g_clear_pointer (&self->selected_snapshot, g_bytes_unref);
  tessera_slide_view_outdate (self);
  tessera_slide_view_describe (self);
  g_signal_emit_by_name (self, "selection-changed");
  if (notify)
    g_object_notify (G_OBJECT (self), "n-selected");
}

void
tessera_slide_view_combine (TesseraSlideView *self, const guint8 *found, TesseraSlideCombine how)
{
  guint count = 0;
  bool changed = false;
  for (guint i = 0; i < n_tiles (self); i++) {
    guint8 now = self->selected[i];
    bool hit = found[i] && tessera_slide_view_is_pickable (self, i);
    guint8 next = how == TESSERA_SLIDE_REPLACE ? hit
                  : how == TESSERA_SLIDE_ADD   ? now | hit
                                               : now & !hit;
    changed |= next != now;
    self->selected[i] = next;
    count += next;
  }
  if (changed)
    selection_changed (self, count);
}

void
tessera_slide_view_carry_selection (TesseraSlideView *self, TesseraSlideIndex *before)
{
  g_autofree guint8 *old = g_steal_pointer (&self->selected);
  guint count = 0;
  self->selected = g_malloc0 (MAX (n_tiles (self), 1));
  for (guint i = 0; before && self->n_selected > 0 && i < tessera_slide_index_n (before); i++) {
    int place =
        old[i] && self->index
            ? tessera_slide_index_find (self->index, tessera_slide_index_tiles (before)[i].id)
            : -1;
    if (place < 0 || self->selected[place])
      continue;
    self->selected[place] = 1;
    count++;
  }
  g_clear_pointer (&self->selected_snapshot, g_bytes_unref);
  if (count != self->n_selected)
    selection_changed (self, count);
}

void
tessera_slide_view_set_selected (TesseraSlideView *self, const guint32 *ids, guint n)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  if (n_tiles (self) == 0)
    return;
  g_autofree guint8 *wanted = g_malloc0 (n_tiles (self));
  guint count = 0;
  for (guint i = 0; i < n; i++) {
    int place = tessera_slide_index_find (self->index, ids[i]);
    if (place < 0 || wanted[place])
      continue;
    wanted[place] = 1;
    count++;
  }
  if (memcmp (wanted, self->selected, n_tiles (self)) == 0)
    return;
  memcpy (self->selected, wanted, n_tiles (self));
  selection_changed (self, count);
}

guint32 *
tessera_slide_view_get_selected (TesseraSlideView *self, guint *n)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), NULL);
  *n = self->n_selected;
  if (self->n_selected == 0)
    return NULL;
  guint32 *ids = g_new (guint32, self->n_selected);
  for (guint i = 0, k = 0; i < n_tiles (self); i++)
    if (self->selected[i])
      ids[k++] = tessera_slide_index_tiles (self->index)[i].id;
  return ids;
}

guint
tessera_slide_view_get_n_selected (TesseraSlideView *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), 0);
  return self->n_selected;
}
