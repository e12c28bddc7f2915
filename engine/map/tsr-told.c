#include "tsr-told.h"

#include "tsr-distance.h"
#include "tsr-map.h"

#include <glib.h>
#include <string.h>

typedef struct {
  const float *points;
  size_t n, d, n_classes;
  const uint8_t *blocked;
  const int32_t *label;
} Labels;

static bool
counts (const Labels *labels, size_t i)
{
  return labels->label[i] >= 0 && (labels->blocked == NULL || !labels->blocked[i]);
}

/* The nearest of the other labelled tiles decides. */
static bool
tell_nearest (const Labels *labels, const uint32_t *tile, size_t count, const size_t *per_class,
              int32_t *told, const TsrProgress *progress, GError **error)
{
  size_t d = labels->d;
  g_autofree float *x = g_new (float, count *d + 1);
  for (size_t s = 0; s < count; s++)
    memcpy (x + s * d, labels->points + (size_t)tile[s] * d, d * sizeof *x);
  g_autofree uint32_t *nearest = g_new (uint32_t, count);
  g_autofree float *distance = g_new (float, count);
  if (!tsr_knn (x, count, d, 1, nearest, distance, progress, error))
    return false;
  for (size_t s = 0; s < count; s++)
    if (per_class[labels->label[tile[s]]] > 1)
      told[tile[s]] = labels->label[tile[nearest[s]]];
  return true;
}

static bool
tell_by_rule (const Labels *labels, TsrRule rule, int32_t *told, const TsrProgress *progress,
              GError **error)
{
  size_t n = labels->n;
  TsrRuleSpace *space = tsr_rule_space_new (NULL, 0, labels->points, labels->d, n, labels->blocked);
  g_autofree TsrPrediction *prediction = g_new (TsrPrediction, n + 1);
  g_autofree float *probability = g_new (float, n * labels->n_classes + 1);
  TsrRuleResult result = {.prediction = prediction, .probability = probability, .told = told};
  bool ok =
      tsr_rule_apply (space, rule, labels->label, labels->n_classes, &result, progress, error);
  tsr_rule_space_free (space);
  return ok;
}

bool
tsr_told (TsrRule rule, const float *points, size_t n, size_t d, const uint8_t *blocked,
          const int32_t *label, size_t n_classes, int32_t *told, const TsrProgress *progress,
          GError **error)
{
  Labels labels = {points, n, d, n_classes, blocked, label};
  g_autofree uint32_t *tile = g_new (uint32_t, n + 1);
  g_autofree size_t *per_class = g_new0 (size_t, n_classes + 1);
  size_t count = 0, seen = 0;
  for (size_t i = 0; i < n; i++) {
    told[i] = TSR_NO_CLASS;
    if (!counts (&labels, i))
      continue;
    tile[count++] = (uint32_t)i;
    seen += per_class[label[i]]++ == 0;
  }
  if (!tsr_points_check (points, n, d, blocked, error))
    return false;
  if (seen < 2)
    return true;
  if (rule == TSR_RULE_MAP || rule == TSR_RULE_W)
    return tell_nearest (&labels, tile, count, per_class, told, progress, error);
  return tell_by_rule (&labels, rule, told, progress, error);
}
