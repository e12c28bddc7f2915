#include "tsr-rule-private.h"

#include "tsr-distance.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define COLUMNS TSR_SPREAD_COLUMNS
#define SINGLE  32   /* labels up to which each is left out by itself */
#define FOLDS   8    /* beyond */
#define ALONE   1e-4 /* what a class that does not reach a tile has */
#define REACHED 1e-5 /* scores below it are the iteration's error */

/* A right-hand side: the labels of one class in one fold. */
typedef struct {
  TsrRuling *ruling;
  size_t folds, columns;
  uint32_t *column; /* [labels] of which right-hand side a label is part */
  int32_t *class_;  /* [columns] */
  size_t *fold;     /* [columns] */
  float *total;     /* [n,n_classes] the sum of all */
  double *own;      /* [labels,n_classes] the sums without the label's own fold */
} Spread;

static size_t
fold_of (const Spread *spread, size_t label)
{
  return label % spread->folds;
}

static void
plan_columns (Spread *spread)
{
  const TsrRuling *ruling = spread->ruling;
  for (size_t fold = 0; fold < spread->folds; fold++)
    for (size_t c = 0; c < ruling->n_classes; c++) {
      bool any = false;
      for (size_t s = fold; s < ruling->labels; s += spread->folds)
        if ((size_t)ruling->label[s] == c) {
          spread->column[s] = (uint32_t)spread->columns;
          any = true;
        }
      if (any) {
        spread->class_[spread->columns] = (int32_t)c;
        spread->fold[spread->columns++] = fold;
      }
    }
}

/* Adds what columns [first, last) brought. */
static void
add_columns (Spread *spread, size_t first, size_t last, const float *f)
{
  const TsrRuling *ruling = spread->ruling;
  size_t n_classes = ruling->n_classes;
  for (size_t column = first; column < last; column++) {
    size_t c = (size_t)spread->class_[column], at = column - first;
    for (size_t i = 0; i < ruling->space->n; i++)
      spread->total[i * n_classes + c] += fmaxf (0, f[i * COLUMNS + at]);
    for (size_t s = 0; s < ruling->labels; s++)
      if (fold_of (spread, s) != spread->fold[column])
        spread->own[s * n_classes + c] += fmaxf (0, f[ruling->tile[s] * COLUMNS + at]);
  }
}

static bool
solve (Spread *spread, GError **error)
{
  const TsrRuling *ruling = spread->ruling;
  g_autofree float *f = g_new (float, ruling->space->n *COLUMNS + 1);
  g_autofree uint32_t *tile = g_new (uint32_t, ruling->labels + 1),
                      *column = g_new (uint32_t, ruling->labels + 1);
  for (size_t first = 0; first < spread->columns; first += COLUMNS) {
    size_t last = MIN (first + COLUMNS, spread->columns), sources = 0;
    if (!tsr_progress_step (ruling->progress, (double)first / (double)spread->columns,
                            TSR_STAGE ("Predicting"), error))
      return false;
    for (size_t s = 0; s < ruling->labels; s++)
      if (spread->column[s] >= first && spread->column[s] < last) {
        tile[sources] = ruling->tile[s];
        column[sources++] = (uint32_t)(spread->column[s] - first);
      }
    tsr_spread_solve (ruling->space->graph, tile, column, sources, f);
    add_columns (spread, first, last, f);
  }
  return true;
}

/* From one tile's scores to its logits; false where no label reaches it. */
static bool
weigh (const TsrRuling *ruling, const double *scores, float *logits)
{
  double sum = 0;
  for (size_t c = 0; c < ruling->n_classes; c++)
    sum += scores[c];
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] =
        ruling->count[c] > 0 ? (float)log (scores[c] / fmax (sum, REACHED) + ALONE) : -INFINITY;
  return sum > REACHED;
}

/* As the rule w, for what stands apart from all labels. */
static void
weigh_by_distance (const TsrRuling *ruling, size_t i, size_t without, float *logits)
{
  const TsrRuleSpace *space = ruling->space;
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] = INFINITY;
  for (size_t s = 0; s < ruling->labels; s++) {
    float squared;
    if (s == without)
      continue;
    tsr_distances (space->w, space->d, ruling->tile[s], (size_t)ruling->tile[s] + 1,
                   space->w + i * space->d, &squared);
    logits[ruling->label[s]] = fminf (logits[ruling->label[s]], squared);
  }
  for (size_t c = 0; c < ruling->n_classes; c++)
    logits[c] = -logf (fmaxf (sqrtf (logits[c]), 1e-30f));
}

static void
weigh_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Spread *spread = data;
  const TsrRuling *ruling = spread->ruling;
  size_t n_classes = ruling->n_classes;
  g_autofree double *scores = g_new (double, n_classes);
  for (size_t i = begin; i < end; i++) {
    if (ruling->space->blocked[i])
      continue;
    for (size_t c = 0; c < n_classes; c++)
      scores[c] = spread->total[i * n_classes + c];
    if (!weigh (ruling, scores, ruling->logits + i * n_classes))
      weigh_by_distance (ruling, i, SIZE_MAX, ruling->logits + i * n_classes);
  }
}

static void
hold_out (Spread *spread)
{
  TsrRuling *ruling = spread->ruling;
  size_t n_classes = ruling->n_classes;
  for (size_t s = 0; s < ruling->labels; s++) {
    float *held = ruling->held + s * n_classes;
    size_t others = 0;
    for (size_t t = 0; t < ruling->labels; t++)
      others += ruling->label[t] == ruling->label[s] && fold_of (spread, t) != fold_of (spread, s);
    if (!weigh (ruling, spread->own + s * n_classes, held))
      weigh_by_distance (ruling, ruling->tile[s], s, held);
    ruling->held_label[s] = ruling->label[s];
    tsr_ruling_mark_alone (ruling, s, others + 1);
  }
  ruling->asked = ruling->labels;
}

bool
tsr_ruling_spread (TsrRuling *ruling, GError **error)
{
  TsrRuleSpace *space = ruling->space;
  if (!space->graph)
    space->graph = tsr_spread_graph_new (space->w, space->n, space->d, space->blocked,
                                         TSR_SPREAD_NEIGHBOURS, ruling->progress, error);
  if (!space->graph)
    return false;
  Spread spread = {.ruling = ruling, .folds = ruling->labels <= SINGLE ? ruling->labels : FOLDS};
  size_t most = MIN (ruling->labels, spread.folds * ruling->n_classes);
  g_autofree uint32_t *column = spread.column = g_new (uint32_t, ruling->labels + 1);
  g_autofree int32_t *class_ = spread.class_ = g_new (int32_t, most + 1);
  g_autofree size_t *fold = spread.fold = g_new (size_t, most + 1);
  g_autofree float *total = spread.total = g_new0 (float, space->n * ruling->n_classes + 1);
  g_autofree double *own = spread.own = g_new0 (double, ruling->labels * ruling->n_classes + 1);
  ruling->held = g_new (float, ruling->labels * ruling->n_classes + 1);
  ruling->held_label = g_new (int32_t, ruling->labels + 1);
  plan_columns (&spread);
  if (!solve (&spread, error))
    return false;
  tsr_parallel_for (space->n, 256, weigh_range, &spread);
  hold_out (&spread);
  return true;
}
