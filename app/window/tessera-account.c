#include "tessera-account.h"

#include <math.h>

/* The labelled tiles nearest to `tile` in points [n,d] (NULL: nowhere), TESSERA_N_NEAR_LABELS at
 * most, of equally near ones the lower first. */
static GArray *
nearest_labels (const TesseraDerived *self, const float *points, uint32_t d, uint32_t tile)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (TesseraNearLabel));
  if (points == NULL || !isfinite (points[(size_t)tile * d]))
    return found;
  const float *a = points + (size_t)tile * d;
  for (uint32_t i = 0; i < self->contents->n; i++) {
    if (self->label[i] < 0 || self->excluded[i] || i == tile)
      continue;
    const float *b = points + (size_t)i * d;
    float sum = 0;
    for (uint32_t j = 0; j < d; j++)
      sum += (a[j] - b[j]) * (a[j] - b[j]);
    guint at = found->len;
    while (at > 0 && sum < g_array_index (found, TesseraNearLabel, at - 1).distance)
      at--;
    if (!isfinite (sum) || at == TESSERA_N_NEAR_LABELS) /* one without a place is nowhere near */
      continue;
    TesseraNearLabel label = {i, sum};
    g_array_insert_val (found, at, label);
    g_array_set_size (found, MIN (found->len, TESSERA_N_NEAR_LABELS));
  }
  for (guint i = 0; i < found->len; i++) {
    TesseraNearLabel *label = &g_array_index (found, TesseraNearLabel, i);
    label->distance = sqrtf (label->distance);
  }
  return found;
}

static int32_t
class_of_first (const TesseraDerived *self, const GArray *labels)
{
  return labels->len > 0 ? self->label[g_array_index (labels, TesseraNearLabel, 0).tile]
                         : TSR_LABEL_NONE;
}

void
tessera_account_fill (const TesseraDerived *self, uint32_t tile, TesseraReply *reply)
{
  const TsrPrediction *prediction = tessera_derived_peek_predictions (self);
  reply->followed = UINT32_MAX;
  reply->followers = 0;
  reply->map_class = reply->w_class = TSR_LABEL_NONE;
  if (tile >= self->contents->n)
    return;
  g_autoptr (GArray) on_map = nearest_labels (self, self->contents->map, 2, tile),
                     in_w = nearest_labels (self, self->contents->w, self->contents->w_dim, tile);
  reply->map_class = class_of_first (self, on_map);
  reply->w_class = class_of_first (self, in_w);
  reply->near_labels = g_array_ref (tsr_rule_needs_w (self->rule) ? in_w : on_map);
  if (prediction == NULL)
    return;
  reply->followed = self->label[tile] >= 0 ? tile : prediction[tile].follows;
  for (uint32_t i = 0; reply->followed != UINT32_MAX && i < self->contents->n; i++)
    reply->followers += prediction[i].follows == reply->followed && self->label[i] < 0 &&
                        prediction[i].class_id >= 0;
}
