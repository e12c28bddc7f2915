#include "tessera-derived-private.h"

#include "tsr-sampling.h"

#include <math.h>
#include <string.h>

TesseraDerived *
tessera_derived_new (void)
{
  TesseraDerived *self = g_new0 (TesseraDerived, 1);
  self->batch = TESSERA_BATCH;
  self->queue = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->done = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->skipped = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->set_aside = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  return self;
}

static void
drop_predictions (TesseraDerived *self)
{
  g_clear_pointer (&self->propagation, tsr_propagation_free);
  g_clear_pointer (&self->space, tsr_rule_space_free);
  g_clear_pointer (&self->ruled, g_free);
}

void
tessera_derived_free (TesseraDerived *self)
{
  drop_predictions (self);
  g_clear_pointer (&self->contents, tessera_contents_unref);
  g_free (self->label);
  g_free (self->excluded);
  g_free (self->sparse);
  tsr_cover_free (self->cover);
  g_array_unref (self->queue);
  g_array_unref (self->done);
  g_array_unref (self->skipped);
  g_array_unref (self->set_aside);
  g_free (self);
}

static const float *
points (const TesseraDerived *self, uint32_t *dimension)
{
  bool in_w = tsr_rule_needs_w (self->rule);
  *dimension = in_w ? self->contents->w_dim : 2;
  return in_w ? self->contents->w : self->contents->map;
}

bool
tessera_derived_on_map (const TesseraDerived *self, uint32_t tile)
{
  const float *map = self->contents->map;
  return map != NULL && isfinite (map[(size_t)tile * 2]) && isfinite (map[(size_t)tile * 2 + 1]);
}

/* What the rules that are fitted anew say. Classes are counted as far as they have labels. */
static void
apply_rule (TesseraDerived *self)
{
  uint32_t n = self->contents->n;
  g_autoptr (GHashTable) index = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (int32_t));
  int32_t highest = -1;
  for (uint32_t i = 0; i < n; i++)
    highest = MAX (highest, self->label[i]);
  g_autofree uint8_t *used = g_new0 (uint8_t, (size_t)highest + 2);
  for (uint32_t i = 0; i < n; i++)
    if (self->label[i] >= 0)
      used[self->label[i]] = 1;
  for (int32_t id = 0; id <= highest; id++) /* ascending, so that ties do not depend on tiles */
    if (used[id]) {
      g_hash_table_insert (index, GINT_TO_POINTER (id), GUINT_TO_POINTER (ids->len));
      g_array_append_val (ids, id);
    }
  g_autofree int32_t *label = g_new (int32_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++)
    label[i] =
        self->label[i] < 0
            ? TSR_NO_CLASS
            : GPOINTER_TO_INT (g_hash_table_lookup (index, GINT_TO_POINTER (self->label[i])));
  size_t n_classes = MAX (1, ids->len);
  g_autofree float *probability = g_new (float, n *n_classes + 1);
  g_clear_pointer (&self->ruled, g_free);
  self->ruled = g_new (TsrPrediction, (size_t)n + 1);
  TsrRuleResult result = {.prediction = self->ruled, .probability = probability};
  g_autoptr (GError) error = NULL;
  if (!tsr_rule_apply (self->space, self->rule, label, n_classes, &result, NULL, &error)) {
    g_warning ("%s", error->message);
    g_clear_pointer (&self->ruled, g_free);
    return;
  }
  for (uint32_t i = 0; i < n; i++)
    if (self->ruled[i].class_id >= 0)
      self->ruled[i].class_id = g_array_index (ids, int32_t, self->ruled[i].class_id);
}

static void
build_space (TesseraDerived *self, const float *w, uint32_t d)
{
  uint32_t n = self->contents->n;
  g_autofree uint8_t *blocked = g_new (uint8_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++)
    blocked[i] = self->excluded[i] || isnan (w[(size_t)i * d]);
  g_clear_pointer (&self->space, tsr_rule_space_free);
  self->space = tsr_rule_space_new (NULL, 0, w, d, n, blocked);
  apply_rule (self);
}

static void
build_predictions (TesseraDerived *self)
{
  drop_predictions (self);
  uint32_t d;
  const float *x = points (self, &d);
  if (x == NULL || self->contents->n == 0)
    return;
  if (self->rule != TSR_RULE_MAP && self->rule != TSR_RULE_W) {
    build_space (self, x, d);
    return;
  }

  uint32_t n = self->contents->n;
  self->propagation = tsr_propagation_new (x, n, d);
  g_autofree uint32_t *tiles = g_new (uint32_t, n);
  g_autofree int32_t *classes = g_new (int32_t, n);
  size_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (self->excluded[i] || isnan (x[(size_t)i * d]))
      tsr_propagation_block (self->propagation, i, true);
    if (self->label[i] >= 0) {
      tiles[count] = i;
      classes[count++] = self->label[i];
    }
  }
  if (count > 0)
    tsr_propagation_set_many (self->propagation, tiles, classes, count);
}

const TsrPrediction *
tessera_derived_peek_predictions (const TesseraDerived *self)
{
  return self->propagation != NULL ? tsr_propagation_predictions (self->propagation) : self->ruled;
}

/* How the labels cover the map. Built once and kept up to date from label to label, because a
 * million places take longer to sort than all that is asked of them. */
static const TsrCover *
cover_of_labels (TesseraDerived *self)
{
  uint32_t n = self->contents->n;
  if (self->cover == NULL) {
    g_autofree uint8_t *blocked = g_malloc (MAX (1, n));
    for (uint32_t i = 0; i < n; i++)
      blocked[i] = self->excluded[i] || !tessera_derived_on_map (self, i);
    self->cover = tsr_cover_new (self->contents->map, n, 2, blocked);
    self->cover_is_stale = true;
  }
  if (self->cover_is_stale) {
    tsr_cover_restart (self->cover);
    for (uint32_t i = 0; i < n; i++)
      if (self->label[i] >= 0)
        tsr_cover_add (self->cover, i);
    self->cover_is_stale = false;
  }
  return self->cover;
}

TsrCover *
tessera_derived_cover_of_looked (TesseraDerived *self)
{
  TsrCover *cover = tsr_cover_fork (cover_of_labels (self));
  for (uint32_t i = 0; i < self->contents->n; i++)
    if (self->label[i] == TSR_LABEL_UNSURE)
      tsr_cover_add (cover, i);
  for (guint i = 0; i < self->skipped->len; i++)
    tsr_cover_add (cover, g_array_index (self->skipped, uint32_t, i));
  return cover;
}

bool
tessera_derived_reset (TesseraDerived *self, TesseraContents *contents, int32_t *label,
                       uint8_t *excluded, const GArray *batch, const char *strategy)
{
  drop_predictions (self);
  g_clear_pointer (&self->sparse, g_free);
  g_clear_pointer (&self->cover, tsr_cover_free);
  g_clear_pointer (&self->contents, tessera_contents_unref);
  self->contents = tessera_contents_ref (contents);
  g_free (self->label);
  g_free (self->excluded);
  self->label = label;
  self->excluded = excluded;
  build_predictions (self);

  tessera_derived_give (self, batch, strategy);
  return self->queue->len == 0 && contents->map != NULL;
}

void
tessera_derived_set_rule (TesseraDerived *self, TsrRule rule)
{
  if (self->rule == rule)
    return;
  self->rule = rule;
  if (self->contents != NULL)
    build_predictions (self);
}

/* A rule that is fitted anew begins anew where a tile joins or leaves. */
static void
apply_to_rule (TesseraDerived *self, const GArray *changes)
{
  uint32_t d;
  const float *w = points (self, &d);
  bool labels = false, tiles = false;
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    labels = labels || MAX (c->before, -1) != MAX (c->after, -1);
    tiles = tiles || c->excluded_before != c->excluded_after;
  }
  if (tiles)
    build_space (self, w, d);
  else if (labels)
    apply_rule (self);
}

static void
apply_to_propagation (TesseraDerived *self, const GArray *changes)
{
  if (self->space != NULL)
    apply_to_rule (self, changes);
  if (self->propagation == NULL)
    return;
  uint32_t d;
  const float *x = points (self, &d);
  g_autofree uint32_t *tiles = g_new (uint32_t, MAX (1, changes->len));
  g_autofree int32_t *classes = g_new (int32_t, MAX (1, changes->len));
  size_t count = 0;
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    if (c->excluded_before != c->excluded_after)
      tsr_propagation_block (self->propagation, c->tile,
                             c->excluded_after || isnan (x[(size_t)c->tile * d]));
    if (MAX (c->before, -1) != MAX (c->after, -1)) {
      tiles[count] = c->tile;
      classes[count++] = c->after >= 0 ? c->after : TSR_NO_CLASS;
    }
  }
  if (count == 1)
    tsr_propagation_set (self->propagation, tiles[0], classes[0]);
  else if (count > 1)
    tsr_propagation_set_many (self->propagation, tiles, classes, count);
}

/* What a change means for how the labels cover the map. */
static void
apply_to_cover (TesseraDerived *self, const TsrLabelChange *c)
{
  if (c->excluded_before != c->excluded_after) {
    g_clear_pointer (&self->cover, tsr_cover_free);
    g_clear_pointer (&self->sparse, g_free);
  } else if (self->cover != NULL && c->before < 0 && c->after >= 0) {
    tsr_cover_add (self->cover, c->tile);
  } else if (c->before >= 0 && c->after < 0) {
    self->cover_is_stale = true;
  }
}

bool
tessera_derived_apply (TesseraDerived *self, const GArray *changes)
{
  uint32_t total = self->queue->len + self->done->len;
  uint32_t head = self->queue->len > 0 ? g_array_index (self->queue, uint32_t, 0) : UINT32_MAX;
  bool resample = false;
  for (guint i = 0; i < changes->len; i++) {
    const TsrLabelChange *c = &g_array_index (changes, TsrLabelChange, i);
    self->label[c->tile] = c->after;
    self->excluded[c->tile] = c->excluded_after;
    apply_to_cover (self, c);
    resample |= tessera_derived_apply_to_queue (self, c, changes->len == 1, head);
  }
  apply_to_propagation (self, changes);

  self->behind = 0;
  if (resample && self->queue->len > 0 && tessera_derived_is_planned (self))
    self->behind = total > self->done->len ? total - self->done->len : 1;
  return self->behind > 0 || (self->queue->len == 0 && self->contents->map != NULL);
}

TsrPrediction *
tessera_derived_predictions (const TesseraDerived *self)
{
  const TsrPrediction *prediction = tessera_derived_peek_predictions (self);
  return prediction != NULL
             ? g_memdup2 (prediction, (size_t)self->contents->n * sizeof (TsrPrediction))
             : NULL;
}

bool
tessera_derived_coverage (TesseraDerived *self, uint32_t more, float *now, float *then)
{
  if (self->contents == NULL || self->contents->map == NULL || self->contents->n == 0)
    return false;
  uint32_t n = self->contents->n;
  g_autofree uint8_t *unsure = g_malloc (n);
  g_autofree uint32_t *chosen = g_new (uint32_t, more);
  g_autofree float *radius = g_new (float, more);
  for (uint32_t i = 0; i < n; i++)
    unsure[i] = self->label[i] == TSR_LABEL_UNSURE;
  TsrCover *cover = tsr_cover_fork (cover_of_labels (self));
  tsr_cover_leave_out (cover, unsure);
  *now = tsr_cover_sources (cover) > 0 ? tsr_cover_radius (cover) : INFINITY;
  size_t found = tsr_sample_fps_on (cover, n, more, 1, chosen, radius);
  *then = found > 0 ? radius[found - 1] : *now;
  tsr_cover_free (cover);
  return true;
}

GArray *
tessera_derived_neighbours (const TesseraDerived *self, uint32_t tile, uint32_t k)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  const float *x = self->contents->w != NULL ? self->contents->w : self->contents->map;
  uint32_t d = self->contents->w != NULL ? self->contents->w_dim : 2;
  if (x == NULL || tile >= self->contents->n || isnan (x[(size_t)tile * d]))
    return found;

  g_autofree float *best = g_new (float, k);
  const float *a = x + (size_t)tile * d;
  for (uint32_t i = 0; i < self->contents->n; i++) {
    if (i == tile || self->excluded[i])
      continue;
    const float *b = x + (size_t)i * d;
    float sum = 0;
    for (uint32_t j = 0; j < d; j++)
      sum += (a[j] - b[j]) * (a[j] - b[j]);
    if (!(found->len < k || sum < best[found->len - 1])) /* also false for NAN */
      continue;
    if (isnan (sum))
      continue;
    guint at = found->len;
    while (at > 0 && sum < best[at - 1])
      at--;
    if (found->len == k)
      g_array_set_size (found, k - 1);
    memmove (best + at + 1, best + at, (found->len - at) * sizeof *best);
    best[at] = sum;
    g_array_insert_val (found, at, i);
  }
  return found;
}
