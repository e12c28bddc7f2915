/* One selection for all views, and the queue it moves along. */

#include "tessera-session-private.h"

#include <math.h>
#include <string.h>

const GArray *
tessera_session_get_queue (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->queue;
}

gboolean
tessera_session_is_suggested (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  for (guint i = 0; i < self->queue->len; i++)
    if (g_array_index (self->queue, uint32_t, i) == tile)
      return TRUE;
  return FALSE;
}

void
tessera_session_get_batch (TesseraSession *self, uint32_t *done, uint32_t *total)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  *done = self->batch_done;
  *total = self->batch_done + self->queue->len;
}

gboolean
tessera_session_get_coverage (TesseraSession *self, float *now, float *then, uint32_t *more)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  *now = self->radius;
  *then = self->radius_more;
  *more = self->more;
  return self->has_coverage;
}

void
tessera_session_suggest (TesseraSession *self, uint32_t k)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_SUGGEST);
  request->value = (int32_t)k;
  tessera_session_act (self, request);
}

uint32_t
tessera_session_get_current (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), TESSERA_NO_TILE);
  return self->current;
}

const uint32_t *
tessera_session_get_selection (TesseraSession *self, size_t *n)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  *n = self->selection->len;
  return (const uint32_t *)self->selection->data;
}

static int
compare_tiles (gconstpointer a, gconstpointer b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

gboolean
tessera_session_is_selected (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->selection->len > 0 && bsearch (&tile, self->selection->data, self->selection->len,
                                              sizeof tile, compare_tiles) != NULL;
}

void
tessera_session_request_details (TesseraSession *self)
{
  if (self->desk == NULL || self->current == TESSERA_NO_TILE)
    return;
  TesseraRequest *request = tessera_request_new (TESSERA_REQUEST_DETAILS);
  tessera_request_set_tiles (request, &self->current, 1);
  tessera_desk_send (self->desk, request);
}

/* Takes a new sorted selection and tells the views once. */
static void
adopt (TesseraSession *self, GArray *tiles, uint32_t current)
{
  gboolean same = self->current == current && tiles->len == self->selection->len &&
                  (tiles->len == 0 || memcmp (tiles->data, self->selection->data,
                                              tiles->len * sizeof (uint32_t)) == 0);
  g_array_unref (self->selection);
  self->selection = tiles;
  if (same)
    return;
  self->current = current;
  if (self->details_tile != current) {
    g_clear_pointer (&self->neighbours, g_array_unref);
    g_clear_pointer (&self->annotator, g_free);
    self->details_tile = TESSERA_NO_TILE;
  }
  tessera_session_request_details (self);
  g_signal_emit (self, tessera_session_signals[SIGNAL_SELECTION], 0);
}

void
tessera_session_select (TesseraSession *self, const uint32_t *tiles, size_t n,
                        TesseraSelectMode mode)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  uint32_t n_tiles = tessera_session_get_n_tiles (self);
  if (mode == TESSERA_SELECT_REPLACE && n == 1 && tiles[0] < n_tiles) {
    tessera_session_select_one (self, tiles[0]);
    return;
  }
  g_autofree uint8_t *in = g_malloc0 (MAX (1, n_tiles));
  if (mode != TESSERA_SELECT_REPLACE)
    for (guint i = 0; i < self->selection->len; i++)
      in[g_array_index (self->selection, uint32_t, i)] = 1;
  for (size_t i = 0; i < n; i++)
    if (tiles[i] < n_tiles)
      in[tiles[i]] = mode != TESSERA_SELECT_REMOVE;

  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (uint32_t i = 0; i < n_tiles; i++)
    if (in[i])
      g_array_append_val (chosen, i);
  uint32_t current = self->current;
  if (mode != TESSERA_SELECT_REMOVE && n > 0 && tiles[0] < n_tiles)
    current = tiles[0];
  if (current == TESSERA_NO_TILE || current >= n_tiles || !in[current])
    current = chosen->len > 0 ? g_array_index (chosen, uint32_t, 0) : TESSERA_NO_TILE;
  adopt (self, chosen, current);
}

void
tessera_session_select_one (TesseraSession *self, uint32_t tile)
{
  g_return_if_fail (tile < tessera_session_get_n_tiles (self));
  GArray *one = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_array_append_val (one, tile);
  adopt (self, one, tile);
}

void
tessera_session_set_current (TesseraSession *self, uint32_t tile)
{
  g_return_if_fail (tessera_session_is_selected (self, tile));
  adopt (self, g_array_copy (self->selection), tile);
}

void
tessera_session_select_none (TesseraSession *self)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  adopt (self, g_array_new (FALSE, FALSE, sizeof (uint32_t)), TESSERA_NO_TILE);
}

gboolean
tessera_session_select_next (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  if (self->queue->len == 0)
    return FALSE;
  tessera_session_select_one (self, g_array_index (self->queue, uint32_t, 0));
  return TRUE;
}

const GArray *
tessera_session_get_neighbours (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  gboolean seen = self->audit == NULL || !tsr_audit_hides (self->audit, self->current);
  return self->details_tile == self->current && seen ? self->neighbours : NULL;
}

const char *
tessera_session_get_annotator (TesseraSession *self, gint64 *when, TsrHow *how)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  if (self->details_tile != self->current)
    return NULL;
  *when = self->labelled_at;
  *how = self->how;
  return self->annotator;
}
