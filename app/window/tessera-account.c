#include "tessera-account.h"

#include <math.h>

/* The class of the labelled tile nearest to `tile` in points [n,d] (NULL: nowhere), the lower one
 * of equally near ones. */
static int32_t
nearest_class (const TesseraDerived *self, const float *points, uint32_t d, uint32_t tile)
{
  int32_t found = TSR_LABEL_NONE;
  float best = INFINITY;
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
    if (sum < best) { /* false for a tile without a place */
      best = sum;
      found = self->label[i];
    }
  }
  return found;
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
  reply->map_class = nearest_class (self, self->contents->map, 2, tile);
  reply->w_class = nearest_class (self, self->contents->w, self->contents->w_dim, tile);
  if (prediction == NULL)
    return;
  reply->followed = self->label[tile] >= 0 ? tile : prediction[tile].follows;
  for (uint32_t i = 0; reply->followed != UINT32_MAX && i < self->contents->n; i++)
    reply->followers += prediction[i].follows == reply->followed && self->label[i] < 0 &&
                        prediction[i].class_id >= 0;
}
