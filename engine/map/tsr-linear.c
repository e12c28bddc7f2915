#include "tsr-linear.h"

#include "tsr-simd.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define STEPS     100
#define HALVINGS  40
#define GRADIENTS 250 /* of one step */
#define PRECISION 1e-7
#define ARMIJO    1e-4
#define ROUNDING  1e-14 /* of the function: below it nothing can be told from a step */
#define CHAINS    8

typedef struct {
  const double *x, *weight;
  const int32_t *label;
  size_t n, p, n_classes;
  double penalty;
  double *gram;   /* [n,n] x x^T where n < p: then the smaller system is solved */
  double *share;  /* [n,n_classes] softmax of the logits */
  double *curve;  /* [n] weighted curvature of the mean class */
  double *factor; /* [m,m] Cholesky factor of the preconditioner, m = min (n, p) */
  double *small;  /* [m] scratch */
  double *inner;  /* [n,n_classes] scratch */
} Fit;

/* --- small linear algebra --- */

TSR_CLONES static double
dot (const double *a, const double *b, size_t n)
{
  double chain[CHAINS] = {0}, rest = 0;
  size_t i = 0;
  for (; i + CHAINS <= n; i += CHAINS)
    for (int c = 0; c < CHAINS; c++)
      chain[c] += a[i + c] * b[i + c];
  for (; i < n; i++)
    rest += a[i] * b[i];
  for (int width = CHAINS / 2; width > 0; width /= 2)
    for (int c = 0; c < width; c++)
      chain[c] += chain[c + width];
  return chain[0] + rest;
}

/* y += a x */
TSR_CLONES static void
add_scaled (double *y, double a, const double *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    y[i] += a * x[i];
}

/* a [m,m], lower triangle, becomes its Cholesky factor; it is positive definite by the penalty. */
static void
factorise (double *a, size_t m)
{
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= i; j++) {
      double value = a[i * m + j] - dot (a + i * m, a + j * m, j);
      a[i * m + j] = i == j ? sqrt (value) : value / a[j * m + j];
    }
}

/* Solves L y = b in place. */
static void
solve_lower (const double *l, size_t m, double *b)
{
  for (size_t i = 0; i < m; i++)
    b[i] = (b[i] - dot (l + i * m, b, i)) / l[i * m + i];
}

/* Solves L^T x = y in place. */
static void
solve_upper (const double *l, size_t m, double *y)
{
  for (size_t i = m; i-- > 0;) {
    y[i] /= l[i * m + i];
    add_scaled (y, -y[i], l + i * m, i);
  }
}

/* out [n,n_classes] = x w^T */
static void
multiply (const Fit *fit, const double *w, double *out)
{
  for (size_t i = 0; i < fit->n; i++)
    for (size_t c = 0; c < fit->n_classes; c++)
      out[i * fit->n_classes + c] = dot (fit->x + i * fit->p, w + c * fit->p, fit->p);
}

/* out [n_classes,p] = a^T x + penalty w */
static void
gather (const Fit *fit, const double *a, const double *w, double *out)
{
  for (size_t k = 0; k < fit->n_classes * fit->p; k++)
    out[k] = fit->penalty * w[k];
  for (size_t i = 0; i < fit->n; i++)
    for (size_t c = 0; c < fit->n_classes; c++)
      add_scaled (out + c * fit->p, a[i * fit->n_classes + c], fit->x + i * fit->p, fit->p);
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

static void
precondition (Fit *fit)
{
  size_t n = fit->n, p = fit->p, m = MIN (n, p);
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (size_t c = 0; c < fit->n_classes; c++) {
      double share = fit->share[i * fit->n_classes + c];
      sum += share * (1 - share);
    }
    fit->curve[i] = fit->weight[i] * sum / (double)MAX (1, fit->n_classes - 1);
  }
  memset (fit->factor, 0, m * m * sizeof (double));
  if (fit->gram)
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j <= i; j++)
        fit->factor[i * n + j] = sqrt (fit->curve[i] * fit->curve[j]) * fit->gram[i * n + j];
  else
    for (size_t i = 0; i < n; i++)
      for (size_t a = 0; a < p; a++)
        add_scaled (fit->factor + a * p, fit->curve[i] * fit->x[i * p + a], fit->x + i * p, a + 1);
  for (size_t i = 0; i < m; i++)
    fit->factor[i * m + i] += fit->penalty;
  factorise (fit->factor, m);
}

/* out = preconditioner^-1 v, for each class; by Woodbury's identity where n < p. */
static void
unbend (const Fit *fit, const double *v, double *out)
{
  size_t n = fit->n, p = fit->p;
  memcpy (out, v, fit->n_classes * p * sizeof (double));
  for (size_t c = 0; c < fit->n_classes; c++) {
    double *row = out + c * p;
    if (!fit->gram) {
      solve_lower (fit->factor, p, row);
      solve_upper (fit->factor, p, row);
      continue;
    }
    for (size_t i = 0; i < n; i++)
      fit->small[i] = sqrt (fit->curve[i]) * dot (fit->x + i * p, row, p);
    solve_lower (fit->factor, n, fit->small);
    solve_upper (fit->factor, n, fit->small);
    for (size_t i = 0; i < n; i++)
      add_scaled (row, -sqrt (fit->curve[i]) * fit->small[i], fit->x + i * p, p);
    for (size_t a = 0; a < p; a++)
      row[a] /= fit->penalty;
  }
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
  double product = dot (residual, direction, size), limit = tolerance * tolerance * product;
  for (int i = 0; i < GRADIENTS && product > limit; i++) {
    curve_along (fit, direction, bent);
    double length = product / dot (direction, bent, size);
    add_scaled (step, length, direction, size);
    add_scaled (residual, -length, bent, size);
    unbend (fit, residual, preconditioned);
    double next = dot (residual, preconditioned, size);
    for (size_t k = 0; k < size; k++)
      direction[k] = preconditioned[k] + next / product * direction[k];
    product = next;
  }
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
  double squares = dot (weights, weights, size), cross = dot (weights, step, size),
         steps = dot (step, step, size);
  double t = 1;
  for (int h = 0; h < HALVINGS; h++, t /= 2) {
    for (size_t k = 0; k < cells; k++)
      trial[k] = logits[k] + t * along[k];
    double there = loss (fit, trial) + fit->penalty / 2 * (squares + 2 * t * cross + t * t * steps);
    if (!(there <= *value + ARMIJO * t * slope + ROUNDING * fabs (*value)))
      continue;
    *value = there;
    memcpy (logits, trial, cells * sizeof (double));
    add_scaled (weights, t, step, size);
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
  fit->share = g_new (double, n *n_classes + 1);
  fit->inner = g_new (double, n *n_classes + 1);
  fit->curve = g_new (double, n + 1);
  fit->factor = g_new (double, m *m + 1);
  fit->small = g_new (double, m + 1);
  if (n >= p)
    return;
  fit->gram = g_new (double, n *n + 1);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      fit->gram[i * n + j] = fit->gram[j * n + i] = dot (x + i * p, x + j * p, p);
}

static void
fit_clear (Fit *fit)
{
  g_free (fit->share);
  g_free (fit->inner);
  g_free (fit->curve);
  g_free (fit->factor);
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

unsigned
tsr_linear_fit (const double *x, size_t n, size_t p, const int32_t *label, const double *weight,
                size_t n_classes, double penalty, double *weights)
{
  size_t size = n_classes * p, cells = n * n_classes;
  g_autofree double *one = weight ? NULL : ones (n);
  g_autofree double *logits = g_new0 (double, cells + 1), *trial = g_new (double, cells + 1);
  g_autofree double *slope = g_new0 (double, size + 1), *step = g_new0 (double, size + 1),
                    *work = g_new (double, 4 * size + 1);
  Fit fit;
  fit_init (&fit, x, n, p, label, weight ? weight : one, n_classes, penalty);
  loss (&fit, logits);
  gradient (&fit, step, slope); /* at 0 */
  double scale = largest_of (slope, size);
  scale = scale > 0 ? scale : penalty;
  multiply (&fit, weights, logits);
  double value = loss (&fit, logits) + penalty / 2 * dot (weights, weights, size);
  unsigned steps = 0;
  for (; steps < STEPS; steps++) {
    gradient (&fit, weights, slope);
    double left = largest_of (slope, size) / scale;
    if (left <= PRECISION)
      break;
    precondition (&fit);
    newton_step (&fit, slope, fmin (0.1, left), step, work);
    if (!descend (&fit, &value, dot (slope, step, size), step, weights, logits, trial))
      break;
  }
  fit_clear (&fit);
  return steps;
}

void
tsr_linear_held_out (const double *x, size_t n, size_t p, const int32_t *label, size_t n_classes,
                     double penalty, const double *weights, double *held)
{
  g_autofree double *one = ones (n), *row = g_new (double, MAX (n, p) + 1);
  Fit fit;
  fit_init (&fit, x, n, p, label, one, n_classes, penalty);
  multiply (&fit, weights, held);
  loss (&fit, held);
  precondition (&fit);
  for (size_t i = 0; i < n; i++) {
    double reach; /* x_i preconditioner^-1 x_i */
    if (fit.gram) {
      for (size_t j = 0; j < n; j++)
        row[j] = sqrt (fit.curve[j]) * fit.gram[i * n + j];
      solve_lower (fit.factor, n, row);
      reach = (fit.gram[i * n + i] - dot (row, row, n)) / penalty;
    } else {
      memcpy (row, x + i * p, p * sizeof (double));
      solve_lower (fit.factor, p, row);
      reach = dot (row, row, p);
    }
    double pull = reach / fmax (1 - reach * fit.curve[i], 1e-9);
    for (size_t c = 0; c < n_classes; c++)
      held[i * n_classes + c] += pull * (fit.share[i * n_classes + c] - ((size_t)label[i] == c));
  }
  fit_clear (&fit);
}
