#include "tsr-rule-private.h"

#include "tsr-linear.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <glib.h>
#include <math.h>

#define SINGLE  TSR_LINEAR_ALONE /* labels up to which each is left out by fitting without it */
#define PENALTY 1.0              /* of standardised columns, divided by the root of their number */

typedef struct {
  TsrRuling *ruling;
  size_t p;        /* columns of W and the intercept's ones */
  size_t classes;  /* those with labels */
  int32_t *class_; /* [classes] their ids */
  int32_t *label;  /* [labels] index into class_ */
  double *x;       /* [labels,p] */
  double *weights; /* [classes,p] */
  float *slope;    /* [classes,d] the same for W as it is */
  float *offset;   /* [classes] */
  double *held;    /* [labels,classes] */
} Linear;

/* Mean and deviation of each column over the tiles that take part, in one fixed order. */
static void
standardise (TsrRuleSpace *space)
{
  size_t d = space->d, m = 0;
  space->mean = g_new0 (double, d + 1);
  space->scale = g_new0 (double, d + 1);
  for (size_t i = 0; i < space->n; i++) {
    m += !space->blocked[i];
    for (size_t a = 0; a < d && !space->blocked[i]; a++)
      space->mean[a] += space->w[i * d + a];
  }
  for (size_t a = 0; a < d; a++)
    space->mean[a] /= (double)MAX (m, 1);
  for (size_t i = 0; i < space->n; i++)
    for (size_t a = 0; a < d && !space->blocked[i]; a++) {
      double t = space->w[i * d + a] - space->mean[a];
      space->scale[a] += t * t;
    }
  for (size_t a = 0; a < d; a++) {
    double deviation = sqrt (space->scale[a] / (double)MAX (m, 1));
    space->scale[a] =
        deviation > 1e-12 * fabs (space->mean[a]) ? 1 / deviation / sqrt ((double)d) : 0;
  }
}

static void
linear_init (Linear *linear, TsrRuling *ruling)
{
  TsrRuleSpace *space = ruling->space;
  if (!space->mean)
    standardise (space);
  size_t d = space->d, p = d + 1;
  *linear = (Linear){.ruling = ruling, .p = p};
  linear->class_ = g_new (int32_t, ruling->seen + 1);
  linear->label = g_new (int32_t, ruling->labels + 1);
  linear->x = g_new (double, ruling->labels *p + 1);
  linear->weights = g_new0 (double, ruling->seen *p + 1);
  linear->slope = g_new (float, ruling->seen *d + 1);
  linear->offset = g_new (float, ruling->seen + 1);
  linear->held = g_new (double, ruling->labels * ruling->seen + 1);
  for (size_t c = 0; c < ruling->n_classes; c++)
    if (ruling->count[c] > 0)
      linear->class_[linear->classes++] = (int32_t)c;
  for (size_t s = 0; s < ruling->labels; s++) {
    const float *w = space->w + ruling->tile[s] * d;
    for (size_t c = 0; c < linear->classes; c++)
      if (linear->class_[c] == ruling->label[s])
        linear->label[s] = (int32_t)c;
    for (size_t a = 0; a < d; a++)
      linear->x[s * p + a] = (w[a] - space->mean[a]) * space->scale[a];
    linear->x[s * p + d] = 1;
  }
}

static void
linear_clear (Linear *linear)
{
  g_free (linear->class_);
  g_free (linear->label);
  g_free (linear->x);
  g_free (linear->weights);
  g_free (linear->slope);
  g_free (linear->offset);
  g_free (linear->held);
}

static double
penalty_of (const Linear *linear)
{
  return PENALTY / sqrt ((double)(linear->p - 1));
}

/* --- without one label --- */

static void
hold_out_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Linear *linear = data;
  size_t labels = linear->ruling->labels, size = linear->classes * linear->p;
  g_autofree double *weight = g_new (double, labels), *weights = NULL;
  for (size_t s = 0; s < labels; s++)
    weight[s] = 1;
  for (size_t s = begin; s < end; s++) {
    g_free (weights);
    weights = g_memdup2 (linear->weights, size * sizeof (double));
    weight[s] = 0;
    tsr_linear_fit (linear->x, labels, linear->p, linear->label, weight, linear->classes,
                    penalty_of (linear), weights);
    weight[s] = 1;
    for (size_t c = 0; c < linear->classes; c++) {
      double sum = 0;
      for (size_t a = 0; a < linear->p; a++)
        sum += weights[c * linear->p + a] * linear->x[s * linear->p + a];
      linear->held[s * linear->classes + c] = sum;
    }
  }
}

/* To all labels, and what each would be without itself. */
static void
fit (Linear *linear)
{
  TsrRuling *ruling = linear->ruling;
  size_t n_classes = ruling->n_classes;
  if (ruling->labels <= SINGLE) {
    tsr_linear_fit (linear->x, ruling->labels, linear->p, linear->label, NULL, linear->classes,
                    penalty_of (linear), linear->weights);
    tsr_parallel_for (ruling->labels, 1, hold_out_range, linear);
  } else {
    tsr_linear_fit_held_out (linear->x, ruling->labels, linear->p, linear->label, linear->classes,
                             penalty_of (linear), linear->weights, linear->held);
  }
  ruling->held = g_new (float, ruling->labels *n_classes + 1);
  ruling->held_label = g_new (int32_t, ruling->labels + 1);
  ruling->asked = ruling->labels;
  for (size_t s = 0; s < ruling->labels; s++) {
    float *held = ruling->held + s * n_classes;
    for (size_t c = 0; c < n_classes; c++)
      held[c] = -INFINITY;
    for (size_t c = 0; c < linear->classes; c++)
      held[linear->class_[c]] = (float)linear->held[s * linear->classes + c];
    ruling->held_label[s] = ruling->label[s];
    tsr_ruling_mark_alone (ruling, s, ruling->count[ruling->label[s]]);
  }
}

/* --- all tiles --- */

/* Weights of the standardised columns as weights of W. */
static void
fold_scale (Linear *linear)
{
  const TsrRuleSpace *space = linear->ruling->space;
  for (size_t c = 0; c < linear->classes; c++) {
    const double *weights = linear->weights + c * linear->p;
    double offset = weights[linear->p - 1];
    for (size_t a = 0; a < space->d; a++) {
      linear->slope[c * space->d + a] = (float)(weights[a] * space->scale[a]);
      offset -= weights[a] * space->scale[a] * space->mean[a];
    }
    linear->offset[c] = (float)offset;
  }
}

TSR_CLONES static float
product (const float *a, const float *b, size_t d)
{
  float lane[TSR_LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + TSR_LANES <= d; c += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++)
      lane[l] += a[c + l] * b[c + l];
  for (; c < d; c++)
    rest += a[c] * b[c];
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++)
      lane[l] += lane[l + width];
  return lane[0] + rest;
}

static void
weigh_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Linear *linear = data;
  const TsrRuling *ruling = linear->ruling;
  size_t d = ruling->space->d;
  for (size_t i = begin; i < end; i++) {
    float *logits = ruling->logits + i * ruling->n_classes;
    if (ruling->space->blocked[i])
      continue;
    for (size_t c = 0; c < ruling->n_classes; c++)
      logits[c] = -INFINITY;
    for (size_t c = 0; c < linear->classes; c++)
      logits[linear->class_[c]] =
          linear->offset[c] + product (ruling->space->w + i * d, linear->slope + c * d, d);
  }
}

bool
tsr_ruling_linear (TsrRuling *ruling, GError **error)
{
  if (!tsr_progress_step (ruling->progress, -1, TSR_STAGE ("Predicting"), error))
    return false;
  Linear linear;
  linear_init (&linear, ruling);
  fit (&linear);
  fold_scale (&linear);
  tsr_parallel_for (ruling->space->n, 256, weigh_range, &linear);
  linear_clear (&linear);
  return true;
}
