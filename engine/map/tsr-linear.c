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
#define MOVED     8     /* of the preconditioner, until it is made anew */
#define LOT       128   /* rows of a triangular system at a time */
#define ROUNDING  1e-14 /* of the function: below it nothing can be told from a step */

typedef struct {
  const double *x, *weight;
  const int32_t *label;
  size_t n, p, n_classes;
  double penalty;
  bool parallel;
  TsrDensePanels *rows, *columns; /* x and its transpose */
  double *gram;                   /* [n,n] x x^T where n < p: then the smaller system is solved */
  double *share;                  /* [n,n_classes] softmax of the logits */
  double *curve;                  /* [n] weighted curvature of the mean class */
  double *factor;                 /* [m,m] Cholesky factor of the preconditioner, m = min (n, p) */
  double *scaled; /* [n,p] scratch: rows by the root of their curvature; NULL where n < p */
  double *small;  /* [n_classes,n] scratch where n < p */
  double *inner;  /* [n,n_classes] scratch */
} Fit;

/* out [n,n_classes] = x w^T */
static void
multiply (const Fit *fit, const double *w, double *out)
{
  tsr_dense_panels_multiply (fit->rows, w, fit->n_classes, fit->p, 1, fit->parallel, out,
                             fit->n_classes, 1);
}

/* out [n_classes,p] = a^T x + penalty w */
static void
gather (const Fit *fit, const double *a, const double *w, double *out)
{
  tsr_dense_panels_multiply (fit->columns, a, fit->n_classes, 1, fit->n_classes, fit->parallel, out,
                             1, fit->p);
  tsr_dense_add_scaled (out, fit->penalty, w, fit->n_classes * fit->p);
}

/* --- the function --- */

/* The loss at logits, whose softmax goes into share. */
static double
loss (Fit *fit, const double *logits)
{
  double sum = 0;
  for (size_t i = 0; i < fit->n; i++) {
    const double *z = logits + i * fit->n_classes;
    double *share = fit->share + i * fit->n_classes, largest = z[0], total = 0;
    for (size_t c = 1; c < fit->n_classes; c++)
      largest = fmax (largest, z[c]);
    for (size_t c = 0; c < fit->n_classes; c++)
      total += share[c] = exp (z[c] - largest);
    for (size_t c = 0; c < fit->n_classes; c++)
      share[c] /= total;
    sum -= fit->weight[i] * (z[fit->label[i]] - largest - log (total));
  }
  return sum;
}

static void
gradient (const Fit *fit, const double *weights, double *out)
{
  for (size_t i = 0; i < fit->n; i++)
    for (size_t c = 0; c < fit->n_classes; c++) {
      size_t at = i * fit->n_classes + c;
      fit->inner[at] = fit->weight[i] * (fit->share[at] - ((size_t)fit->label[i] == c));
    }
  gather (fit, fit->inner, weights, out);
}

/* out = Hessian v */
static void
curve_along (const Fit *fit, const double *v, double *out)
{
  multiply (fit, v, fit->inner);
  for (size_t i = 0; i < fit->n; i++) {
    const double *share = fit->share + i * fit->n_classes;
    double *a = fit->inner + i * fit->n_classes, mean = 0;
    for (size_t c = 0; c < fit->n_classes; c++)
      mean += share[c] * a[c];
    for (size_t c = 0; c < fit->n_classes; c++)
      a[c] = fit->weight[i] * share[c] * (a[c] - mean);
  }
  gather (fit, fit->inner, v, out);
}

/* --- the preconditioner: penalty + x^T curve x for every class --- */

static double
curve_of (const Fit *fit, size_t i)
{
  double sum = 0;
  for (size_t c = 0; c < fit->n_classes; c++) {
    double share = fit->share[i * fit->n_classes + c];
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
    const double *x = fit->x + i * fit->p;
    double before = fit->curve[i], now = curve_of (fit, i), square = tsr_dense_dot (x, x, fit->p);
    if (fabs (now - before) * square >
        MOVED * (fit->penalty / (double)fit->n + fmin (now, before) * square))
      return false;
  }
  return true;
}

static void
precondition (Fit *fit)
{
  size_t n = fit->n, p = fit->p, m = MIN (n, p);
  for (size_t i = 0; i < n; i++)
    fit->curve[i] = curve_of (fit, i);
  if (fit->gram) {
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j <= i; j++)
        fit->factor[i * n + j] = sqrt (fit->curve[i] * fit->curve[j]) * fit->gram[i * n + j];
  } else {
    for (size_t i = 0; i < n; i++)
      for (size_t a = 0; a < p; a++)
        fit->scaled[i * p + a] = sqrt (fit->curve[i]) * fit->x[i * p + a];
    tsr_dense_gram (fit->scaled, p, n, 1, p, fit->parallel, fit->factor);
  }
  for (size_t i = 0; i < m; i++)
    fit->factor[i * m + i] += fit->penalty;
  tsr_dense_cholesky (fit->factor, m, fit->parallel);
}

/* out = preconditioner^-1 v, for each class; by Woodbury's identity where n < p. */
static void
unbend (const Fit *fit, const double *v, double *out)
{
  size_t n = fit->n, p = fit->p, n_classes = fit->n_classes;
  memcpy (out, v, n_classes * p * sizeof (double));
  if (!fit->gram) {
    tsr_dense_solve_lower (fit->factor, p, out, n_classes);
    tsr_dense_solve_upper (fit->factor, p, out, n_classes);
    return;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < n_classes; c++)
      fit->small[c * n + i] = sqrt (fit->curve[i]) * tsr_dense_dot (fit->x + i * p, out + c * p, p);
  tsr_dense_solve_lower (fit->factor, n, fit->small, n_classes);
  tsr_dense_solve_upper (fit->factor, n, fit->small, n_classes);
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < n_classes; c++)
      tsr_dense_add_scaled (out + c * p, -sqrt (fit->curve[i]) * fit->small[c * n + i],
                            fit->x + i * p, p);
  for (size_t k = 0; k < n_classes * p; k++)
    out[k] /= fit->penalty;
}

/* --- steps --- */

/* Solves Hessian step = -gradient well enough for a step (preconditioned conjugate gradients). work
 * [4, n_classes p]. */
static void
newton_step (const Fit *fit, const double *slope, double tolerance, double *step, double *work)
{
  size_t size = fit->n_classes * fit->p;
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
 */
static bool
descend (Fit *fit, double *value, double slope, const double *step, double *weights, double *logits,
         double *trial)
{
  size_t size = fit->n_classes * fit->p, cells = fit->n * fit->n_classes;
  g_autofree double *along = g_new (double, cells + 1);
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
  size_t m = MIN (n, p);
  *fit = (Fit){.x = x, .weight = weight, .label = label, .n = n, .p = p, .n_classes = n_classes};
  fit->penalty = penalty;
  fit->parallel = n > TSR_LINEAR_ALONE;
  fit->rows = tsr_dense_panels_new (x, n, p, p, 1);
  fit->columns = tsr_dense_panels_new (x, p, n, 1, p);
  fit->share = g_new (double, n *n_classes + 1);
  fit->inner = g_new (double, n *n_classes + 1);
  fit->curve = g_new (double, n + 1);
  fit->factor = g_new (double, m *m + 1);
  if (n >= p) {
    fit->scaled = g_new (double, n *p + 1);
    return;
  }
  fit->small = g_new (double, n *n_classes + 1);
  fit->gram = g_new (double, n *n + 1);
  tsr_dense_gram (x, n, p, p, 1, fit->parallel, fit->gram);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      fit->gram[j * n + i] = fit->gram[i * n + j];
}

static void
fit_clear (Fit *fit)
{
  tsr_dense_panels_free (fit->rows);
  tsr_dense_panels_free (fit->columns);
  g_free (fit->share);
  g_free (fit->inner);
  g_free (fit->curve);
  g_free (fit->factor);
  g_free (fit->scaled);
  g_free (fit->small);
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

static unsigned
descend_all (Fit *fit, double *weights)
{
  size_t size = fit->n_classes * fit->p, cells = fit->n * fit->n_classes;
  g_autofree double *logits = g_new0 (double, cells + 1), *trial = g_new (double, cells + 1);
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

unsigned
tsr_linear_fit (const double *x, size_t n, size_t p, const int32_t *label, const double *weight,
                size_t n_classes, double penalty, double *weights)
{
  g_autofree double *one = weight ? NULL : ones (n);
  Fit fit;
  fit_init (&fit, x, n, p, label, weight ? weight : one, n_classes, penalty);
  unsigned steps = descend_all (&fit, weights);
  fit_clear (&fit);
  return steps;
}

typedef struct {
  const double *factor;
  size_t m, n;
  double *rows; /* [n,m] */
} Solving;

static void
solve_lots (size_t begin, size_t end, unsigned worker, void *data)
{
  const Solving *solving = data;
  for (size_t lot = begin; lot < end; lot++)
    tsr_dense_solve_lower (solving->factor, solving->m, solving->rows + lot * LOT * solving->m,
                           MIN (LOT, solving->n - lot * LOT));
}

static void
hold_out (Fit *fit, const double *weights, double *held)
{
  const double *x = fit->x;
  size_t n = fit->n, p = fit->p, m = MIN (n, p), n_classes = fit->n_classes;
  g_autofree double *rows = g_new (double, n *m + 1);
  multiply (fit, weights, held);
  loss (fit, held);
  precondition (fit);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < m; j++)
      rows[i * m + j] = fit->gram ? sqrt (fit->curve[j]) * fit->gram[i * n + j] : x[i * p + j];
  Solving solving = {fit->factor, m, n, rows};
  tsr_parallel_for ((n + LOT - 1) / LOT, 1, solve_lots, &solving);
  for (size_t i = 0; i < n; i++) {
    double squares = tsr_dense_dot (rows + i * m, rows + i * m, m);
    /* x_i preconditioner^-1 x_i */
    double reach = fit->gram ? (fit->gram[i * n + i] - squares) / fit->penalty : squares;
    double pull = reach / fmax (1 - reach * fit->curve[i], 1e-9);
    for (size_t c = 0; c < n_classes; c++)
      held[i * n_classes + c] +=
          pull * (fit->share[i * n_classes + c] - ((size_t)fit->label[i] == c));
  }
}

void
tsr_linear_held_out (const double *x, size_t n, size_t p, const int32_t *label, size_t n_classes,
                     double penalty, const double *weights, double *held)
{
  g_autofree double *one = ones (n);
  Fit fit;
  fit_init (&fit, x, n, p, label, one, n_classes, penalty);
  hold_out (&fit, weights, held);
  fit_clear (&fit);
}

unsigned
tsr_linear_fit_held_out (const double *x, size_t n, size_t p, const int32_t *label,
                         size_t n_classes, double penalty, double *weights, double *held)
{
  g_autofree double *one = ones (n);
  Fit fit;
  fit_init (&fit, x, n, p, label, one, n_classes, penalty);
  unsigned steps = descend_all (&fit, weights);
  hold_out (&fit, weights, held);
  fit_clear (&fit);
  return steps;
}
