#include "tsr-rule-private.h"

#include "tsr-distance.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST 5     /* of knn */
#define ALONE   0.05  /* what a class without votes has */
#define COPY    1e-3f /* of the labels' own distances: nearer than that is on top of each other */
#define ASK     1024  /* labels asked for the calibration, spread evenly over more of them */
#define SLAB    2e8   /* differences between two looks at the progress */

typedef struct {
  TsrRuling *ruling;
  const float *points; /* where the rule looks */
  size_t d;
  const float *labelled; /* [labels,d] the labelled tiles' points, close together */
  size_t slab;
} Look;

/* The logits of one point from its squared distances to the labels; `without` is left out. */
static void
weigh_nearest (const TsrRuling *ruling, const float *squared, size_t without, float *logits)
{
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] = INFINITY;
  for (size_t s = 0; s < ruling->labels; s++)
    if (s != without)
      logits[ruling->label[s]] = fminf (logits[ruling->label[s]], squared[s]);
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] = -logf (fmaxf (sqrtf (logits[c]), ruling->floor));
}

static void
weigh_votes (const TsrRuling *ruling, const float *squared, size_t without, float *logits)
{
  size_t near[NEAREST], found = 0;
  for (size_t s = 0; s < ruling->labels; s++) {
    if (s == without)
      continue;
    size_t at = found;
    if (found < NEAREST)
      found++;
    else if (squared[s] < squared[near[NEAREST - 1]])
      at--;
    else
      continue;
    for (; at > 0 && squared[s] < squared[near[at - 1]]; at--)
      near[at] = near[at - 1];
    near[at] = s;
  }
  double sum = 0;
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] = 0;
  for (size_t j = 0; j < found; j++) {
    float vote = 1 / fmaxf (sqrtf (squared[near[j]]), ruling->floor);
    logits[ruling->label[near[j]]] += vote;
    sum += vote;
  }
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] = ruling->count[c] > 0 ? logf ((float)((double)logits[c] / sum + ALONE)) : -INFINITY;
}

static void
weigh (const TsrRuling *ruling, const float *squared, size_t without, float *logits)
{
  if (ruling->rule == TSR_RULE_KNN)
    weigh_votes (ruling, squared, without, logits);
  else
    weigh_nearest (ruling, squared, without, logits);
}

/* --- the labels that are asked --- */

static void
ask_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Look *look = data;
  TsrRuling *ruling = look->ruling;
  g_autofree float *squared = g_new (float, ruling->labels + 1);
  for (size_t i = begin; i < end; i++) {
    size_t s = tsr_ruling_asked (ruling, i);
    ruling->held_label[i] = ruling->label[s];
    tsr_distances (look->labelled, look->d, 0, ruling->labels, look->labelled + s * look->d,
                   squared);
    weigh (ruling, squared, s, ruling->held + i * ruling->n_classes);
    tsr_ruling_mark_alone (ruling, i, ruling->count[ruling->label[s]]);
  }
}

static void
nearest_other_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Look *look = data;
  const TsrRuling *ruling = look->ruling;
  g_autofree float *squared = g_new (float, ruling->labels + 1);
  for (size_t i = begin; i < end; i++) {
    size_t s = tsr_ruling_asked (ruling, i);
    tsr_distances (look->labelled, look->d, 0, ruling->labels, look->labelled + s * look->d,
                   squared);
    float least = INFINITY;
    for (size_t t = 0; t < ruling->labels; t++)
      if (t != s)
        least = fminf (least, squared[t]);
    ruling->held[i] = sqrtf (least);
  }
}

static int
compare_floats (const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void
ask (Look *look)
{
  TsrRuling *ruling = look->ruling;
  ruling->asked = MIN (ruling->labels, ASK);
  ruling->held = g_new (float, ruling->asked * ruling->n_classes + 1);
  ruling->held_label = g_new (int32_t, ruling->asked + 1);
  ruling->floor = 1e-30f;
  if (ruling->labels > 1) {
    tsr_parallel_for (ruling->asked, 8, nearest_other_range, look);
    qsort (ruling->held, ruling->asked, sizeof (float), compare_floats);
    ruling->floor = fmaxf (COPY * ruling->held[ruling->asked / 2], ruling->floor);
  }
  tsr_parallel_for (ruling->asked, 8, ask_range, look);
}

/* --- all tiles --- */

static void
vote_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Look *look = data;
  TsrRuling *ruling = look->ruling;
  g_autofree float *squared = g_new (float, ruling->labels + 1);
  for (size_t i = look->slab + begin; i < look->slab + end; i++) {
    if (ruling->space->blocked[i])
      continue;
    tsr_distances (look->labelled, look->d, 0, ruling->labels, look->points + i * look->d, squared);
    weigh_votes (ruling, squared, SIZE_MAX, ruling->logits + i * ruling->n_classes);
  }
}

static bool
vote (Look *look, GError **error)
{
  TsrRuling *ruling = look->ruling;
  size_t n = ruling->space->n;
  size_t slab = (size_t)(SLAB / ((double)look->d * (double)ruling->labels)) + 1;
  for (look->slab = 0; look->slab < n; look->slab += slab) {
    if (!tsr_progress_step (ruling->progress, (double)look->slab / (double)n,
                            TSR_STAGE ("Predicting"), error))
      return false;
    tsr_parallel_for (MIN (slab, n - look->slab), 64, vote_range, look);
  }
  return true;
}

/* map and w: the same state as the window's, asked for all distances. */
static void
propagate (Look *look)
{
  TsrRuling *ruling = look->ruling;
  size_t n = ruling->space->n, cells = n * ruling->n_classes;
  TsrPropagation *state = tsr_propagation_new (look->points, n, look->d);
  for (size_t i = 0; i < n; i++)
    if (ruling->space->blocked[i])
      tsr_propagation_block (state, (uint32_t)i, true);
  tsr_propagation_set_many (state, ruling->tile, ruling->label, ruling->labels);
  memcpy (ruling->prediction, tsr_propagation_predictions (state), n * sizeof (TsrPrediction));
  if (ruling->scores)
    tsr_propagation_scores (state, ruling->n_classes, ruling->scores);
  tsr_propagation_distances (state, ruling->n_classes, ruling->logits);
  for (size_t k = 0; k < cells; k++)
    ruling->logits[k] = -logf (fmaxf (ruling->logits[k], ruling->floor));
  tsr_propagation_free (state);
}

bool
tsr_ruling_nearest (TsrRuling *ruling, GError **error)
{
  TsrRuleSpace *space = ruling->space;
  Look look = {.ruling = ruling,
               .points = ruling->rule == TSR_RULE_MAP ? space->map : space->w,
               .d = ruling->rule == TSR_RULE_MAP ? space->map_d : space->d};
  g_autofree float *labelled = g_new (float, ruling->labels *look.d + 1);
  for (size_t s = 0; s < ruling->labels; s++)
    memcpy (labelled + s * look.d, look.points + ruling->tile[s] * look.d, look.d * sizeof (float));
  look.labelled = labelled;
  if (!tsr_progress_step (ruling->progress, -1, TSR_STAGE ("Predicting"), error))
    return false;
  ask (&look);
  if (ruling->rule == TSR_RULE_KNN)
    return vote (&look, error);
  propagate (&look);
  return true;
}
