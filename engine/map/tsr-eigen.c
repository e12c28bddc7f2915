#include "tsr-eigen.h"
#include "tsr-simd.h"
#include "tsr-parallel.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* One Givens rotation of the QL iteration, in the plane of axes i and i + 1. */
typedef struct {
  uint32_t i;
  double c, s;
} Rotation;

typedef struct {
  double *a;
  size_t m, first; /* the active block is [first, m) */
  const double *v;
  double *p;
} Step;

TSR_CLONES static double
dot (const double *x, const double *y, size_t n)
{
  double lane[8] = {0}, rest = 0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int l = 0; l < 8; l++)
      lane[l] += x[i + l] * y[i + l];
  for (; i < n; i++)
    rest += x[i] * y[i];
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7])) +
         rest;
}

/* x -= s y + t z */
TSR_CLONES static void
subtract_two (double *x, double s, const double *y, double t, const double *z, size_t n)
{
  for (size_t i = 0; i < n; i++)
    x[i] -= s * y[i] + t * z[i];
}

static void
multiply_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Step *step = data;
  for (size_t r = begin; r < end; r++)
    step->p[r] =
        dot (step->a + (step->first + r) * step->m + step->first, step->v, step->m - step->first);
}

static void
update_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Step *step = data;
  for (size_t r = begin; r < end; r++)
    subtract_two (step->a + (step->first + r) * step->m + step->first, step->v[r], step->p,
                  step->p[r], step->v, step->m - step->first);
}

/* Makes the reflector I - beta v v^T (v[0] = 1) that maps x [n] to (x'[0], 0, ..., 0); returns
 * beta, stores x'[0] in alpha. */
static double
reflector (const double *x, size_t n, double *v, double *alpha)
{
  double scale = 0;
  for (size_t i = 0; i < n; i++)
    scale = fmax (scale, fabs (x[i]));
  v[0] = 1;
  for (size_t i = 1; i < n; i++)
    v[i] = scale > 0 ? x[i] / scale : 0;
  double tail = dot (v + 1, v + 1, n - 1), head = scale > 0 ? x[0] / scale : 0;
  if (tail == 0) {
    *alpha = x[0];
    return 0;
  }
  double norm = sqrt (head * head + tail);
  double v0 = head <= 0 ? head - norm : -tail / (head + norm);
  for (size_t i = 1; i < n; i++)
    v[i] /= v0;
  *alpha = norm * scale;
  return 2 * v0 * v0 / (tail + v0 * v0);
}

/* Reduces a to tridiagonal form T = Q^T A Q: diagonal [m], below [m] (below[i] couples i and i +
 * 1). The reflector of step j (its beta in betas[j]) stays in row j of a, from column j + 1 on. */
static bool
tridiagonalise (double *a, size_t m, double *diagonal, double *below, double *betas,
                const TsrProgress *progress, GError **error)
{
  g_autofree double *p = g_new (double, m);
  for (size_t j = 0; j + 1 < m; j++) {
    if (j % 16 == 0 && !tsr_progress_step (progress, -1, TSR_STAGE ("Principal components"), error))
      return false;
    size_t n = m - j - 1;
    double *row = a + j * m + j + 1; /* symmetric: the row is the column below the diagonal */
    g_autofree double *v = g_new (double, n);
    diagonal[j] = a[j * m + j];
    betas[j] = reflector (row, n, v, &below[j]);
    memcpy (row, v, n * sizeof *v);
    if (betas[j] == 0)
      continue;
    Step step = {a, m, j + 1, v, p};
    size_t grain = MAX (1, 65536 / n);
    tsr_parallel_for (n, grain, multiply_rows, &step);
    for (size_t i = 0; i < n; i++)
      p[i] *= betas[j];
    double half = betas[j] * dot (p, v, n) / 2;
    for (size_t i = 0; i < n; i++)
      p[i] -= half * v[i];
    tsr_parallel_for (n, grain, update_rows, &step);
  }
  diagonal[m - 1] = a[m * m - 1];
  below[m - 1] = 0;
  return true;
}

/* One QL sweep on the unreduced block [l, q] with Wilkinson's shift, chasing the bulge upwards from
 * q. rotations is NULL where no vectors are wanted. */
static void
ql_sweep (size_t l, size_t q, double *d, double *e, GArray *rotations)
{
  double g = (d[l + 1] - d[l]) / (2 * e[l]);
  g = d[q] - d[l] + e[l] / (g + copysign (hypot (g, 1), g));
  double s = 1, c = 1, p = 0;
  for (size_t i = q; i-- > l;) {
    double f = s * e[i], b = c * e[i], r = hypot (f, g);
    e[i + 1] = r;
    if (r == 0) { /* the block has split on the way */
      d[i + 1] -= p;
      e[q] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    double t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    Rotation rotation = {(uint32_t)i, c, s};
    if (rotations)
      g_array_append_val (rotations, rotation);
  }
  d[l] -= p;
  e[l] = g;
  e[q] = 0;
}

/* Diagonalises T in place, logging the rotations (unless NULL); afterwards d holds the eigenvalues
 * in no order. e[m - 1] is 0. */
static void
implicit_ql (size_t m, double *d, double *e, GArray *rotations)
{
  double largest = DBL_MIN;
  for (size_t i = 0; i < m; i++)
    largest = fmax (largest, fabs (d[i]) + fabs (e[i]));
  for (size_t l = 0; l < m; l++)
    for (int sweep = 0; sweep < 100; sweep++) {
      size_t q = l;
      while (q + 1 < m &&
             fabs (e[q]) > DBL_EPSILON * fmax (fabs (d[q]) + fabs (d[q + 1]), 1e-8 * largest))
        q++;
      if (q == l)
        break;
      ql_sweep (l, q, d, e, rotations);
    }
}

typedef struct {
  const double *a, *betas;
  size_t m;
  const GArray *rotations;
  const uint32_t *chosen;
  double *vectors;
} Back;

/* An eigenvector of A is Q R_1 R_2 ... e_j: the rotations, then the reflectors, applied last to
 * first. */
static void
make_vectors (size_t begin, size_t end, unsigned worker, void *data)
{
  Back *back = data;
  size_t m = back->m;
  const Rotation *rotation = (const Rotation *)(void *)back->rotations->data;
  for (size_t j = begin; j < end; j++) {
    double *x = back->vectors + j * m;
    memset (x, 0, m * sizeof *x);
    x[back->chosen[j]] = 1;
    for (size_t t = back->rotations->len; t-- > 0;) {
      double low = x[rotation[t].i], high = x[rotation[t].i + 1], c = rotation[t].c,
             s = rotation[t].s;
      x[rotation[t].i] = c * low + s * high;
      x[rotation[t].i + 1] = c * high - s * low;
    }
    for (size_t t = m - 1; t-- > 0;) {
      const double *v = back->a + t * m + t + 1;
      double scale = back->betas[t] * dot (v, x + t + 1, m - t - 1);
      for (size_t i = 0; i < m - t - 1; i++)
        x[t + 1 + i] -= scale * v[i];
    }
  }
}

static int
compare_descending (const void *a, const void *b, void *values)
{
  uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
  const double *v = values;
  if (v[i] != v[j])
    return v[i] > v[j] ? -1 : 1;
  return i < j ? -1 : 1;
}

bool
tsr_eigen_largest (double *a, size_t m, size_t k, double *values, double *vectors,
                   const TsrProgress *progress, GError **error)
{
  g_return_val_if_fail (m >= 1 && k >= 1 && k <= m, false);
  g_autofree double *diagonal = g_new (double, m), *below = g_new (double, m),
                    *betas = g_new0 (double, m);
  if (!tridiagonalise (a, m, diagonal, below, betas, progress, error))
    return false;
  g_autoptr (GArray) rotations = g_array_new (FALSE, FALSE, sizeof (Rotation));
  implicit_ql (m, diagonal, below, rotations);
  g_autofree uint32_t *order = g_new (uint32_t, m);
  for (size_t i = 0; i < m; i++)
    order[i] = (uint32_t)i;
  g_qsort_with_data (order, (int)m, sizeof *order, (GCompareDataFunc)compare_descending, diagonal);
  for (size_t j = 0; j < k; j++)
    values[j] = diagonal[order[j]];
  Back back = {a, betas, m, rotations, order, vectors};
  tsr_parallel_for (k, 1, make_vectors, &back);
  return true;
}

static int
compare_values (const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p < q) - (p > q);
}

bool
tsr_eigen_values (double *a, size_t m, double *values, const TsrProgress *progress, GError **error)
{
  g_return_val_if_fail (m >= 1, false);
  g_autofree double *below = g_new (double, m), *betas = g_new0 (double, m);
  if (!tridiagonalise (a, m, values, below, betas, progress, error))
    return false;
  implicit_ql (m, values, below, NULL);
  qsort (values, m, sizeof *values, compare_values);
  return true;
}
