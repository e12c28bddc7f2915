#include "tsr-linear.h"

#include "tsr-dense.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define STEPS     100
#define HALVINGS  40
#define GRADIENTS 250 /* of one step */
#define PRECISION 1e-7
#define ARMIJO    1e-4
#define MOVED     20    /* of the preconditioner, until it is made anew */
#define ROUNDING  1e-14 /* of the function: below it nothing can be told from a step */

/* What there is for each class lies in strips (tsr-dense.h): of n rows for the tiles, of p for the
 * columns of x. */
typedef struct {
  const double *x, *weight;
  const int32_t *label;
  size_t n, p, m, n_classes; /* m = min (n, p): rows of the preconditioner */
  double penalty;
  bool parallel;
  TsrDenseStrips strips;
  TsrDensePanels *rows, *columns; /* x and its transpose */
  double *square;                 /* [n] of each row of x */
  double *gram;                   /* [n,n] x x^T where n < p: then the smaller system is solved */
  double *share;                  /* of each tile: softmax of the logits */
  double *inner, *small;          /* of each tile: scratch */
  double *curve;                  /* [n] weighted curvature of the mean class */
  double *matrix;                 /* [m,m] the preconditioner */
  TsrDenseFactor *factor;         /* of it */
} Fit;

static inline size_t
at (const Fit *fit, size_t i, size_t c)
{
  return tsr_dense_at (fit->strips, fit->n, i, c);
}

/* out, of each tile = x w */
static void
multiply (const Fit *fit, const double *w, double *out)
{
  tsr_dense_panels_multiply (fit->rows, fit->strips, w, fit->parallel, out);
}

/* out = x^T a */
static void
gather (const Fit *fit, const double *a, double *out)
{
  tsr_dense_panels_multiply (fit->columns, fit->strips, a, fit->parallel, out);
}

static size_t
size_of (const Fit *fit)
{
  return tsr_dense_size (fit->strips, fit->p);
}

/* --- the function --- */

/* The loss at logits, whose softmax goes into share. */
static double
loss (Fit *fit, const double *logits)
{
  double sum = 0;
  for (size_t i = 0; i < fit->n; i++) {
    double largest = logits[at (fit, i, 0)], total = 0;
    for (size_t c = 1; c < fit->n_classes; c++)
      largest = fmax (largest, logits[at (fit, i, c)]);
    for (size_t c = 0; c < fit->n_classes; c++)
      total += fit->share[at (fit, i, c)] = exp (logits[at (fit, i, c)] - largest);
    for (size_t c = 0; c < fit->n_classes; c++)
      fit->share[at (fit, i, c)] /= total;
    sum -= fit->weight[i] * (logits[at (fit, i, (size_t)fit->label[i])] - largest - log (total));
  }
  return sum;
}

static void
gradient (const Fit *fit, const double *weights, double *out)
{
  memset (fit->inner, 0, tsr_dense_size (fit->strips, fit->n) * sizeof (double));
  for (size_t i = 0; i < fit->n; i++)
    for (size_t c = 0; c < fit->n_classes; c++)
      fit->inner[at (fit, i, c)] =
          fit->weight[i] * (fit->share[at (fit, i, c)] - ((size_t)fit->label[i] == c));
  gather (fit, fit->inner, out);
  tsr_dense_add_scaled (out, fit->penalty, weights, size_of (fit));
}

/* out = Hessian v */
static void
curve_along (const Fit *fit, const double *v, double *out)
{
  multiply (fit, v, fit->inner);
  for (size_t i = 0; i < fit->n; i++) {
    double mean = 0;
    for (size_t c = 0; c < fit->n_classes; c++)
      mean += fit->share[at (fit, i, c)] * fit->inner[at (fit, i, c)];
    for (size_t c = 0; c < fit->n_classes; c++) {
      size_t k = at (fit, i, c);
      fit->inner[k] = fit->weight[i] * fit->share[k] * (fit->inner[k] - mean);
    }
  }
  gather (fit, fit->inner, out);
  tsr_dense_add_scaled (out, fit->penalty, v, size_of (fit));
}

/* --- the preconditioner: penalty + x^T curve x for every class --- */

static double
curve_of (const Fit *fit, size_t i)
{
  double sum = 0;
  for (size_t c = 0; c < fit->n_classes; c++) {
    double share = fit->share[at (fit, i, c)];
    sum += share * (1 - share);
  }
  return fit->weight[i] * sum / (double)MAX (1, fit->n_classes - 1);
}

/* Whether the preconditioner is still within MOVED of what it would be here, as quadratic forms:
 * then a few more gradients cost less than another one. Each label's part is bounded by itself. */
static bool
still_fits (const Fit *fit)
{
  for (size_t i = 0; i < fit->n; i++) {
    double before = fit->curve[i], now = curve_of (fit, i), square = fit->square[i];
    if (fabs (now - before) * square >
        MOVED * (fit->penalty / (double)fit->n + fmin (now, before) * square))
      return false;
  }
  return true;
}

static void
precondition (Fit *fit)
{
  size_t n = fit->n, m = fit->m;
  for (size_t i = 0; i < n; i++)
    fit->curve[i] = curve_of (fit, i);
  if (!fit->gram)
    tsr_dense_panels_gram (fit->columns, fit->curve, fit->parallel, fit->matrix);
  for (size_t i = 0; fit->gram && i < n; i++)
    for (size_t j = 0; j <= i; j++)
      fit->matrix[i * n + j] = sqrt (fit->curve[i] * fit->curve[j]) * fit->gram[i * n + j];
  for (size_t i = 0; i < m; i++)
    fit->matrix[i * m + i] += fit->penalty;
  tsr_dense_factor_set (fit->factor, fit->matrix);
}

static void
weigh_by_root (const Fit *fit, double *a)
{
  for (size_t i = 0; i < fit->n; i++)
    for (size_t c = 0; c < fit->n_classes; c++)
      a[at (fit, i, c)] *= sqrt (fit->curve[i]);
}

/* out = preconditioner^-1 v, for each class; by Woodbury's identity where n < p. */
static void
unbend (const Fit *fit, const double *v, double *out)
{
  size_t size = size_of (fit);
  double *solved = fit->gram ? fit->small : out;
  if (fit->gram) {
    multiply (fit, v, fit->small);
    weigh_by_root (fit, fit->small);
  } else {
    memcpy (out, v, size * sizeof *out);
  }
  tsr_dense_factor_lower (fit->factor, fit->strips, solved);
  tsr_dense_factor_upper (fit->factor, fit->strips, solved);
  if (!fit->gram)
    return;
  weigh_by_root (fit, fit->small);
  gather (fit, fit->small, out);
  for (size_t k = 0; k < size; k++)
    out[k] = (v[k] - out[k]) / fit->penalty;
}

/* --- steps --- */

/* Solves Hessian step = -gradient well enough for a step (preconditioned conjugate gradients). work
 * [4, size]. */
static void
newton_step (const Fit *fit, const double *slope, double tolerance, double *step, double *work)
{
  size_t size = size_of (fit);
  double *residual = work, *preconditioned = work + size, *direction = work + 2 * size,
         *bent = work + 3 * size;
  memset (step, 0, size * sizeof (double));
  for (size_t k = 0; k < size; k++)
    residual[k] = -slope[k];
  unbend (fit, residual, direction);
  double product = tsr_dense_dot (residual, direction, size),
         limit = tolerance * tolerance * product;
  for (int i = 0; i < GRADIENTS && product > limit; i++) {
    curve_along (fit, direction, bent);
    double length = product / tsr_dense_dot (direction, bent, size);
    tsr_dense_add_scaled (step, length, direction, size);
    tsr_dense_add_scaled (residual, -length, bent, size);
    unbend (fit, residual, preconditioned);
    double next = tsr_dense_dot (residual, preconditioned, size);
    for (size_t k = 0; k < size; k++)
      direction[k] = preconditioned[k] + next / product * direction[k];
    product = next;
  }
}

/* How well a step is solved for: better the nearer it is, which converges faster than in
 * proportion (Eisenstat & Walker 1996, eq. 2.6), but not beyond what the last step needs. */
static double
forcing (double left)
{
  return fmax (fmin (0.1, pow (left, 0.75)), 0.3 * PRECISION / left);
}

static double
largest_of (const double *v, size_t n)
{
  double largest = 0;
  for (size_t i = 0; i < n; i++)
    largest = fmax (largest, fabs (v[i]));
  return largest;
}

/* Goes along step until the function falls enough; false if it does not. logits and weights move.
 * work [2, a tile's numbers]. */
static bool
descend (Fit *fit, double *value, double slope, const double *step, double *weights, double *logits,
         double *work)
{
  size_t size = size_of (fit), cells = tsr_dense_size (fit->strips, fit->n);
  double *along = work, *trial = work + cells;
  multiply (fit, step, along);
  double squares = tsr_dense_dot (weights, weights, size),
         cross = tsr_dense_dot (weights, step, size), steps = tsr_dense_dot (step, step, size);
  double t = 1;
  for (int h = 0; h < HALVINGS; h++, t /= 2) {
    for (size_t k = 0; k < cells; k++)
      trial[k] = logits[k] + t * along[k];
    double there = loss (fit, trial) + fit->penalty / 2 * (squares + 2 * t * cross + t * t * steps);
    if (!(there <= *value + ARMIJO * t * slope + ROUNDING * fabs (*value)))
      continue;
    *value = there;
    memcpy (logits, trial, cells * sizeof (double));
    tsr_dense_add_scaled (weights, t, step, size);
    return true;
  }
  loss (fit, logits); /* the softmax of where it stays */
  return false;
}

static void
fit_init (Fit *fit, const double *x, size_t n, size_t p, const int32_t *label, const double *weight,
          size_t n_classes, double penalty)
{
  *fit = (Fit){.x = x, .weight = weight, .label = label, .n = n, .p = p, .n_classes = n_classes};
  fit->m = MIN (n, p);
  fit->penalty = penalty;
  fit->parallel = n > TSR_LINEAR_ALONE;
  fit->strips = tsr_dense_strips (n_classes);
  fit->rows = tsr_dense_panels_new (x, n, p, p, 1);
  fit->columns = tsr_dense_panels_new (x, p, n, 1, p);
  size_t cells = tsr_dense_size (fit->strips, n);
  fit->share = g_new (double, cells + 1);
  fit->inner = g_new (double, cells + 1);
  fit->curve = g_new (double, n + 1);
  fit->square = g_new (double, n + 1);
  fit->matrix = g_new (double, fit->m * fit->m + 1);
  fit->factor = tsr_dense_factor_new (fit->m);
  for (size_t i = 0; i < n; i++)
    fit->square[i] = tsr_dense_dot (x + i * p, x + i * p, p);
  if (n >= p)
    return;
  fit->small = g_new (double, cells + 1);
  fit->gram = g_new (double, n *n + 1);
  tsr_dense_panels_gram (fit->rows, NULL, fit->parallel, fit->gram);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      fit->gram[j * n + i] = fit->gram[i * n + j];
}

static void
fit_clear (Fit *fit)
{
  tsr_dense_panels_free (fit->rows);
  tsr_dense_panels_free (fit->columns);
  tsr_dense_factor_free (fit->factor);
  g_free (fit->share);
  g_free (fit->inner);
  g_free (fit->small);
  g_free (fit->curve);
  g_free (fit->square);
  g_free (fit->matrix);
  g_free (fit->gram);
}

static double *
ones (size_t n)
{
  double *one = g_new (double, n + 1);
  for (size_t i = 0; i < n; i++)
    one[i] = 1;
  return one;
}

/* weights [n_classes,p] as strips, and back. */
static double *
to_strips (const Fit *fit, const double *weights)
{
  double *strips = g_new0 (double, size_of (fit) + 1);
  for (size_t c = 0; c < fit->n_classes; c++)
    for (size_t a = 0; a < fit->p; a++)
      strips[tsr_dense_at (fit->strips, fit->p, a, c)] = weights[c * fit->p + a];
  return strips;
}

static void
from_strips (const Fit *fit, const double *strips, double *weights)
{
  for (size_t c = 0; c < fit->n_classes; c++)
    for (size_t a = 0; a < fit->p; a++)
      weights[c * fit->p + a] = strips[tsr_dense_at (fit->strips, fit->p, a, c)];
}

/* weights in strips */
static unsigned
descend_all (Fit *fit, double *weights)
{
  size_t size = size_of (fit), cells = tsr_dense_size (fit->strips, fit->n);
  g_autofree double *logits = g_new0 (double, cells + 1), *trial = g_new (double, 2 * cells + 1);
  g_autofree double *slope = g_new0 (double, size + 1), *step = g_new0 (double, size + 1),
                    *work = g_new (double, 4 * size + 1);
  loss (fit, logits);
  gradient (fit, step, slope); /* at 0 */
  double scale = largest_of (slope, size);
  scale = scale > 0 ? scale : fit->penalty;
  multiply (fit, weights, logits);
  double value = loss (fit, logits) + fit->penalty / 2 * tsr_dense_dot (weights, weights, size);
  unsigned steps = 0;
  for (; steps < STEPS; steps++) {
    gradient (fit, weights, slope);
    double left = largest_of (slope, size) / scale;
    if (left <= PRECISION)
      break;
    if (steps == 0 || !still_fits (fit))
      precondition (fit);
    newton_step (fit, slope, forcing (left), step, work);
    if (!descend (fit, &value, tsr_dense_dot (slope, step, size), step, weights, logits, trial))
      break;
  }
  return steps;
}

/* --- without one label --- */

typedef struct {
  const Fit *fit;
  TsrDenseStrips strips; /* one of them: the labels that are solved for together */
  double *solved;        /* [n] |L^-1 of a label's column|^2 */
} Solving;

static void
solve_strips (size_t begin, size_t end, unsigned worker, void *data)
{
  const Solving *solving = data;
  const Fit *fit = solving->fit;
  size_t m = fit->m, width = solving->strips.width;
  g_autofree double *strip = g_new (double, m *width + 1);
  for (size_t s = begin; s < end; s++) {
    size_t first = s * width, count = MIN (width, fit->n - first);
    memset (strip, 0, m * width * sizeof *strip);
    for (size_t c = 0; c < count; c++)
      for (size_t j = 0; j < m; j++)
        strip[j * width + c] = fit->gram ? sqrt (fit->curve[j]) * fit->gram[(first + c) * m + j]
                                         : fit->x[(first + c) * m + j];
    tsr_dense_factor_lower (fit->factor, solving->strips, strip);
    for (size_t c = 0; c < count; c++) {
      double sum = 0;
      for (size_t j = 0; j < m; j++)
        sum += strip[j * width + c] * strip[j * width + c];
      solving->solved[first + c] = sum;
    }
  }
}

/* solved [n] = the square of L^-1 times each label's column of the preconditioner. */
static void
solve_all (const Fit *fit, double *solved)
{
  Solving solving = {fit, tsr_dense_strips (SIZE_MAX / 2), solved};
  solving.strips.count = 1;
  size_t strips = (fit->n + solving.strips.width - 1) / solving.strips.width;
  if (fit->parallel)
    tsr_parallel_for (strips, 4, solve_strips, &solving);
  else
    solve_strips (0, strips, 0, &solving);
}

/* weights in strips */
static void
hold_out (Fit *fit, const double *weights, double *held)
{
  size_t n = fit->n, n_classes = fit->n_classes;
  g_autofree double *logits = g_new (double, tsr_dense_size (fit->strips, n) + 1),
                    *solved = g_new (double, n + 1);
  multiply (fit, weights, logits);
  loss (fit, logits);
  precondition (fit);
  solve_all (fit, solved);
  for (size_t i = 0; i < n; i++) {
    /* x_i preconditioner^-1 x_i */
    double reach = fit->gram ? (fit->gram[i * n + i] - solved[i]) / fit->penalty : solved[i];
    double pull = reach / fmax (1 - reach * fit->curve[i], 1e-9);
    for (size_t c = 0; c < n_classes; c++)
      held[i * n_classes + c] = logits[at (fit, i, c)] +
                                pull * (fit->share[at (fit, i, c)] - ((size_t)fit->label[i] == c));
  }
}

/* --- from outside --- */

/* Either of the two may be left out. */
static unsigned
run (const double *x, size_t n, size_t p, const int32_t *label, const double *weight,
     size_t n_classes, double penalty, bool fitted, double *weights, double *held)
{
  g_autofree double *one = weight ? NULL : ones (n);
  Fit fit;
  fit_init (&fit, x, n, p, label, weight ? weight : one, n_classes, penalty);
  g_autofree double *strips = to_strips (&fit, weights);
  unsigned steps = fitted ? 0 : descend_all (&fit, strips);
  if (!fitted)
    from_strips (&fit, strips, weights);
  if (held)
    hold_out (&fit, strips, held);
  fit_clear (&fit);
  return steps;
}

unsigned
tsr_linear_fit (const double *x, size_t n, size_t p, const int32_t *label, const double *weight,
                size_t n_classes, double penalty, double *weights)
{
  return run (x, n, p, label, weight, n_classes, penalty, false, weights, NULL);
}

void
tsr_linear_held_out (const double *x, size_t n, size_t p, const int32_t *label, size_t n_classes,
                     double penalty, const double *weights, double *held)
{
  g_autofree double *copy = g_memdup2 (weights, n_classes * p * sizeof *weights);
  run (x, n, p, label, NULL, n_classes, penalty, true, copy, held);
}

unsigned
tsr_linear_fit_held_out (const double *x, size_t n, size_t p, const int32_t *label,
                         size_t n_classes, double penalty, double *weights, double *held)
{
  return run (x, n, p, label, NULL, n_classes, penalty, false, weights, held);
}
