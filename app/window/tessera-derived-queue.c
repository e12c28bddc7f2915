#include "tessera-derived-private.h"

#include "tsr-candidates.h"
#include "tsr-density.h"

static bool
array_remove (GArray *array, uint32_t tile)
{
  for (guint i = 0; i < array->len; i++)
    if (g_array_index (array, uint32_t, i) == tile) {
      g_array_remove_index (array, i);
      return true;
    }
  return false;
}

/* A tile the queue may hold: on the map, neither labelled nor set aside. */
static bool
suggestible (const TesseraDerived *self, uint32_t tile)
{
  return tile < self->contents->n && (self->given != NULL || tessera_derived_on_map (self, tile)) &&
         !self->excluded[tile] && self->label[tile] == TSR_LABEL_NONE;
}

/* Whether a label ends a suggestion's work. In a list that is to be read, not being able to say is
 * an answer, too. */
static bool
answers (const TesseraDerived *self, int32_t label)
{
  return label >= 0 || (self->given != NULL && label == TSR_LABEL_UNSURE);
}

static bool
goes_by_cover (TsrStrategy strategy)
{
  return strategy != TSR_STRATEGY_RANDOM && strategy != TSR_STRATEGY_KMEANS;
}

/* Fills chosen with up to k suggestions, on from what is labelled or was put off; returns how many.
 */
static size_t
choose (TesseraDerived *self, const uint8_t *labelled, const uint8_t *blocked, uint32_t k,
        uint32_t *chosen)
{
  uint32_t n = self->contents->n;
  const TsrPrediction *prediction = tessera_derived_peek_predictions (self);
  g_autofree float *margin = NULL;
  if (prediction != NULL && tsr_strategy_needs_margin (self->strategy)) {
    margin = g_new (float, n);
    for (uint32_t i = 0; i < n; i++)
      margin[i] = prediction[i].margin;
  }
  bool dense = self->strategy == TSR_STRATEGY_FPS_DENSE;
  g_autoptr (GError) error = NULL;
  if (dense && self->sparse == NULL) {
    self->sparse = g_new (uint8_t, n);
    if (!tsr_density_mark_sparse (self->contents->map, n, 2, blocked, TSR_DENSITY_NEIGHBOUR,
                                  TSR_DENSITY_SPARSE_SHARE, self->sparse, NULL, &error))
      g_clear_pointer (&self->sparse, g_free);
    g_clear_error (&error);
  }
  TsrCover *cover = goes_by_cover (self->strategy) ? tessera_derived_cover_of_looked (self) : NULL;
  TsrStrategyInput input = {.strategy = self->strategy,
                            .points = self->contents->map,
                            .n = n,
                            .d = 2,
                            .labelled = labelled,
                            .blocked = blocked,
                            .sparse = dense ? self->sparse : NULL,
                            .margin = margin,
                            .cover = cover,
                            .k = k,
                            .seed = self->strategy == TSR_STRATEGY_RANDOM ? self->draws : 1};
  size_t found = 0;
  if (!tsr_strategy_choose (&input, chosen, &found, NULL, &error)) {
    g_warning ("%s", error->message);
    found = 0;
  }
  tsr_cover_free (cover);
  return found;
}

/* Fills the queue up to `wanted`: sampled tiles first, then those that were skipped before. */
static void
fill_queue (TesseraDerived *self, uint32_t wanted)
{
  g_array_set_size (self->queue, 0);
  if (self->contents->map == NULL || wanted == 0)
    return;
  for (guint i = 0; i < self->skipped->len;) {
    if (suggestible (self, g_array_index (self->skipped, uint32_t, i)))
      i++;
    else
      g_array_remove_index (self->skipped, i);
  }

  uint32_t n = self->contents->n;
  g_autofree uint8_t *labelled = g_malloc (n);
  g_autofree uint8_t *blocked = g_malloc (n);
  tsr_candidates_mark (self->contents->map, 2, self->label, self->excluded, n, true, labelled,
                       blocked);
  for (guint i = 0; i < self->skipped->len; i++)
    labelled[g_array_index (self->skipped, uint32_t, i)] = 1;
  uint32_t fresh = wanted > self->skipped->len ? wanted - self->skipped->len : 1;
  g_autofree uint32_t *chosen = g_new (uint32_t, fresh);
  size_t found = choose (self, labelled, blocked, fresh, chosen);
  g_array_append_vals (self->queue, chosen, found);
  for (guint i = 0; i < self->skipped->len && self->queue->len < wanted; i++)
    g_array_append_val (self->queue, g_array_index (self->skipped, uint32_t, i));
}

static void
clear_batch (TesseraDerived *self)
{
  g_array_set_size (self->queue, 0);
  g_array_set_size (self->done, 0);
  g_array_set_size (self->skipped, 0);
  g_array_set_size (self->set_aside, 0);
}

void
tessera_derived_suggest (TesseraDerived *self, uint32_t k)
{
  if (k > 0)
    self->batch = k;
  self->draws++;
  self->given = NULL;
  clear_batch (self);
  fill_queue (self, self->batch);
}

/* The list of that name, or NULL if batches of it are chosen. */
static const char *
given_list (const char *strategy)
{
  static const char *const lists[] = {TSR_SUGGESTED_CONSENSUS, TSR_SUGGESTED_READING};
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_strcmp0 (strategy, lists[i]) == 0)
      return lists[i];
  return NULL;
}

static void
take_batch (TesseraDerived *self, const GArray *batch)
{
  g_autofree uint8_t *known = g_malloc0 (MAX (1, self->contents->n));
  for (guint i = 0; batch != NULL && i < batch->len; i++) {
    uint32_t tile = g_array_index (batch, uint32_t, i);
    if (tile >= self->contents->n || known[tile])
      continue;
    known[tile] = 1;
    if (answers (self, self->label[tile]))
      g_array_append_val (self->done, tile);
    else if (suggestible (self, tile))
      g_array_append_val (self->queue, tile);
  }
}

void
tessera_derived_give (TesseraDerived *self, const GArray *tiles, const char *list)
{
  clear_batch (self);
  self->behind = 0;
  self->given = given_list (list);
  take_batch (self, tiles);
}

bool
tessera_derived_is_planned (const TesseraDerived *self)
{
  return self->given == NULL &&
         (self->strategy == TSR_STRATEGY_FPS || self->strategy == TSR_STRATEGY_FPS_DENSE);
}

bool
tessera_derived_apply_to_queue (TesseraDerived *self, const TsrLabelChange *c, bool alone,
                                uint32_t head)
{
  bool was = answers (self, c->before) && !c->excluded_before,
       is = answers (self, c->after) && !c->excluded_after;
  if (array_remove (self->queue, c->tile)) {
    array_remove (self->skipped, c->tile);
    if (is)
      g_array_append_val (self->done, c->tile);
    if (c->excluded_after)
      g_array_append_val (self->set_aside, c->tile);
    /* Farthest point sampling goes on as planned only if the tile it expected next was the one
     * labelled. */
    return !is || c->tile != head || !alone;
  }
  bool back = !c->excluded_after && array_remove (self->set_aside, c->tile) && !is;
  if (back || (was && !is && array_remove (self->done, c->tile))) {
    /* An exclusion had others chosen, so those are chosen anew as well. */
    if (!suggestible (self, c->tile) || ((!alone || back) && tessera_derived_is_planned (self)))
      return true;
    g_array_prepend_val (self->queue, c->tile);
    return false;
  }
  return was != is || c->after == TSR_LABEL_UNSURE;
}

bool
tessera_derived_catch_up (TesseraDerived *self)
{
  if (self->behind > 0)
    fill_queue (self, self->behind);
  self->behind = 0;
  if (self->queue->len > 0 || self->contents->map == NULL)
    return false;
  tessera_derived_suggest (self, 0);
  return self->queue->len > 0;
}

void
tessera_derived_skip (TesseraDerived *self, uint32_t tile)
{
  if (!array_remove (self->queue, tile))
    return;
  g_array_append_val (self->queue, tile);
  array_remove (self->skipped, tile);
  g_array_append_val (self->skipped, tile);
}

GArray *
tessera_derived_batch (const TesseraDerived *self)
{
  GArray *batch = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  if (self->done->len > 0)
    g_array_append_vals (batch, self->done->data, self->done->len);
  if (self->queue->len > 0)
    g_array_append_vals (batch, self->queue->data, self->queue->len);
  return batch;
}
