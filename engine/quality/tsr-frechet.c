/* tr (C1 C2)^1/2 is the sum of the square roots of the eigenvalues of C1^1/2 C2 C1^1/2, and any
 * other factor L1 of C1 = L1^T L1 gives the same ones with L1 C2 L1^T. So no eigenvectors are
 * needed: both covariances are factored by Cholesky's method with pivots, which also finds their
 * rank, and what is diagonalised is the smaller of M M^T and M^T M, M = L1 L2^T. */
#include "tsr-frechet.h"

#include "tsr-eigen.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-product.h"

#include <float.h>
#include <math.h>

#define ROWS  512 /* vectors that are centred at a time */
#define BLOCK 64  /* rows of a factor between two updates of what is left */
#define MOST  12000

static bool
goes_on (const TsrProgress *progress, GError **error)
{
  return tsr_progress_step (progress, -1, TSR_STAGE ("Measuring quality"), error);
}

/* The covariance [d,d] of x [n,d], on and right of its diagonal, and the mean [d]. NULL when
 * cancelled. */
static double *
covariance (const float *x, size_t n, size_t d, double *mean, const TsrProgress *progress,
            GError **error)
{
  g_autofree double *rows = g_new (double, MIN (ROWS, n) * d), *sum = g_new0 (double, d *d);
  tsr_feature_mean (x, n, d, mean);
  for (size_t first = 0; first < n; first += ROWS) {
    size_t count = MIN (ROWS, n - first);
    tsr_feature_rows (x, first, count, d, mean, rows);
    TsrOperand columns = {rows, 1, d};
    tsr_product (columns, d, columns, d, count, sum, true, true);
    if (!goes_on (progress, error))
      return NULL;
  }
  for (size_t i = 0; i < d * d; i++)
    sum[i] /= (double)(n - 1);
  return g_steal_pointer (&sum);
}

/* The next row of the factor: the pivot's row of what was left after the last block, less the
 * block's earlier rows, over the root of the pivot. rest [d] is the diagonal of what is left. */
static void
next_row (const double *c, size_t d, double *block, size_t in_block, size_t pivot, double *rest)
{
  double *row = block + in_block * d, root = sqrt (rest[pivot]);
  for (size_t i = 0; i < d; i++)
    row[i] = i < pivot ? c[i * d + pivot] : c[pivot * d + i];
  for (size_t k = 0; k < in_block; k++) {
    const double *earlier = block + k * d;
    double factor = earlier[pivot];
    for (size_t i = 0; i < d; i++)
      row[i] -= factor * earlier[i];
  }
  for (size_t i = 0; i < d; i++) {
    row[i] /= root;
    rest[i] -= row[i] * row[i];
  }
  rest[pivot] = 0;
}

/* c -= block^T block, of `rows` rows, on and right of the diagonal. */
static void
update_rest (double *c, size_t d, const double *block, size_t rows)
{
  g_autofree double *negative = g_new (double, rows *d);
  for (size_t i = 0; i < rows * d; i++)
    negative[i] = -block[i];
  tsr_product ((TsrOperand){negative, 1, d}, d, (TsrOperand){block, 1, d}, d, rows, c, true, true);
}

/* Factors the positive semidefinite c [d,d] (what is on and right of its diagonal; overwritten) as
 * L^T L; returns the rank r and L [r,d]
 * in rows (g_free). Pivots are taken down to what rounding leaves of c (Higham, Accuracy and
 * Stability of Numerical Algorithms, section 10.3). Its rows keep the order of the dimensions. */
static size_t
factor (double *c, size_t d, double **rows)
{
  g_autofree double *rest = g_new (double, d);
  double *l = *rows = g_new (double, d *d), largest = 0;
  for (size_t i = 0; i < d; i++) {
    rest[i] = c[i * d + i];
    largest = fmax (largest, rest[i]);
  }
  size_t rank = 0, begun = 0; /* the first row of the block */
  for (; rank < d; rank++) {
    if (rank - begun == BLOCK) {
      update_rest (c, d, l + begun * d, BLOCK);
      begun = rank;
    }
    size_t pivot = 0;
    for (size_t i = 1; i < d; i++)
      pivot = rest[i] > rest[pivot] ? i : pivot;
    if (!(rest[pivot] > (double)d * DBL_EPSILON * largest))
      break;
    next_row (c, d, l + begun * d, rank - begun, pivot, rest);
  }
  return rank;
}

/* The sum of the singular values of L1 L2^T, of l1 [r1,d] and l2 [r2,d]. */
static bool
sum_singular (const double *l1, size_t r1, const double *l2, size_t r2, size_t d, double *sum,
              const TsrProgress *progress, GError **error)
{
  *sum = 0;
  if (r1 == 0 || r2 == 0)
    return true;
  if (r1 > r2)
    return sum_singular (l2, r2, l1, r1, d, sum, progress, error);
  g_autofree double *product = g_new (double, r1 *r2), *square = g_new (double, r1 *r1),
                    *values = g_new (double, r1);
  tsr_product ((TsrOperand){l1, d, 1}, r1, (TsrOperand){l2, d, 1}, r2, d, product, false, false);
  TsrOperand operand = {product, r2, 1};
  tsr_product (operand, r1, operand, r1, r2, square, true, false);
  tsr_product_mirror (square, r1);
  /* the eigenvalues would report a stage of their own */
  const TsrProgress quiet = {.cancellable = progress ? progress->cancellable : NULL};
  if (!goes_on (progress, error) || !tsr_eigen_values (square, r1, values, &quiet, error))
    return false;
  for (size_t i = 0; i < r1; i++)
    *sum += sqrt (fmax (values[i], 0));
  return true;
}

/* One set: its mean [d], the trace of its covariance, and the covariance's factor. */
typedef struct {
  double *mean, *rows;
  double trace;
  size_t rank;
} Moments;

static bool
take_moments (Moments *moments, const float *x, size_t n, size_t d, const TsrProgress *progress,
              GError **error)
{
  moments->mean = g_new (double, d);
  g_autofree double *c = covariance (x, n, d, moments->mean, progress, error);
  if (!c)
    return false;
  for (size_t i = 0; i < d; i++)
    moments->trace += c[i * d + i];
  moments->rank = factor (c, d, &moments->rows);
  return true;
}

static void
clear_moments (Moments *moments)
{
  g_free (moments->mean);
  g_free (moments->rows);
}

bool
tsr_frechet_distance (const TsrFeatureSets *s, double *distance, const TsrProgress *progress,
                      GError **error)
{
  if (!tsr_feature_sets_check (s, 2, error))
    return false;
  if (s->d > MOST) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("The Fréchet distance of vectors of length %zu takes too long; lengths up to "
                    "%d can be compared."),
                 s->d, MOST);
    return false;
  }
  Moments real = {0}, generated = {0};
  double root;
  bool ok = take_moments (&real, s->real, s->n, s->d, progress, error) &&
            take_moments (&generated, s->generated, s->m, s->d, progress, error) &&
            sum_singular (real.rows, real.rank, generated.rows, generated.rank, s->d, &root,
                          progress, error);
  if (ok) {
    double sum = real.trace + generated.trace - 2 * root;
    for (size_t i = 0; i < s->d; i++)
      sum += (real.mean[i] - generated.mean[i]) * (real.mean[i] - generated.mean[i]);
    *distance = fmax (sum, 0);
  }
  clear_moments (&real);
  clear_moments (&generated);
  return ok;
}
