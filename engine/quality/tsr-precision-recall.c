#include "tsr-precision-recall.h"

#include "tsr-map.h"
#include "tsr-product.h"

#define ROWS 512 /* of a block of distances */

/* Distances from products are sure to this share of the squared lengths; nearer to a sphere's edge
 * they are taken from the differences. */
#define ROUNDING 1e-12

static double
squared_distance (const float *a, const float *b, size_t d)
{
  double sum = 0;
  for (size_t c = 0; c < d; c++) {
    double t = (double)a[c] - (double)b[c];
    sum += t * t;
  }
  return sum;
}

/* The squared radii [n] of the spheres of x. NULL with error. */
static double *
find_radii (const float *x, size_t n, size_t d, size_t k, const TsrProgress *progress,
            GError **error)
{
  g_autofree uint32_t *index = g_new (uint32_t, n * k);
  g_autofree float *distance = g_new (float, n *k);
  const TsrProgress quiet = {.cancellable = progress ? progress->cancellable : NULL};
  if (!tsr_knn (x, n, d, k, index, distance, &quiet, error))
    return NULL;
  double *radii = g_new (double, n);
  for (size_t i = 0; i < n; i++)
    radii[i] = squared_distance (x + i * d, x + (size_t)index[i * k + k - 1] * d, d);
  return radii;
}

/* Some rows of a set, centred, with their squared lengths. */
typedef struct {
  const float *x;
  size_t first, rows, d;
  double *centred; /* [ROWS,d] */
  double squared[ROWS];
} Block;

static void
block_load (Block *block, size_t first, size_t n, const double *mean)
{
  block->first = first;
  block->rows = MIN (ROWS, n - first);
  tsr_feature_rows (block->x, first, block->rows, block->d, mean, block->centred);
  for (size_t i = 0; i < block->rows; i++) {
    block->squared[i] = 0;
    for (size_t c = 0; c < block->d; c++)
      block->squared[i] += block->centred[i * block->d + c] * block->centred[i * block->d + c];
  }
}

/* Marks the points that lie in the sphere of a centre. dots [points, centres] */
static void
mark_covered (const Block *points, const Block *centres, const double *radii, const double *dots,
              bool *covered)
{
  size_t d = points->d;
  for (size_t i = 0; i < points->rows; i++)
    for (size_t j = 0; j < centres->rows && !covered[points->first + i]; j++) {
      double lengths = points->squared[i] + centres->squared[j];
      double beyond = lengths - 2 * dots[i * centres->rows + j] - radii[centres->first + j];
      if (beyond > ROUNDING * lengths)
        continue;
      covered[points->first + i] =
          beyond < -ROUNDING * lengths ||
          squared_distance (points->x + (points->first + i) * d,
                            centres->x + (centres->first + j) * d, d) <= radii[centres->first + j];
    }
}

/* The share of the points [m,d] that the centres [n,d] cover. */
static bool
covered_share (const float *centres, size_t n, const float *points, size_t m, size_t d, size_t k,
               double *share, const TsrProgress *progress, GError **error)
{
  g_autofree double *radii = find_radii (centres, n, d, k, progress, error);
  if (!radii)
    return false;
  g_autofree double *mean = g_new (double, d), *rows_a = g_new (double, MIN (ROWS, m) * d),
                    *rows_b = g_new (double, MIN (ROWS, n) * d),
                    *dots = g_new (double, (size_t)ROWS *ROWS);
  g_autofree bool *covered = g_new0 (bool, m);
  Block a = {.x = points, .d = d, .centred = rows_a}, b = {.x = centres, .d = d, .centred = rows_b};
  tsr_feature_mean (centres, n, d, mean);
  for (size_t j = 0; j < n; j += ROWS) {
    block_load (&b, j, n, mean);
    for (size_t i = 0; i < m; i += ROWS) {
      block_load (&a, i, m, mean);
      tsr_product ((TsrOperand){a.centred, d, 1}, a.rows, (TsrOperand){b.centred, d, 1}, b.rows, d,
                   dots, false, false);
      mark_covered (&a, &b, radii, dots, covered);
      if (!tsr_progress_step (progress, -1, TSR_STAGE ("Measuring quality"), error))
        return false;
    }
  }
  size_t count = 0;
  for (size_t i = 0; i < m; i++)
    count += covered[i];
  *share = (double)count / (double)m;
  return true;
}

bool
tsr_precision_recall (const TsrFeatureSets *s, size_t k, double *precision, double *recall,
                      const TsrProgress *progress, GError **error)
{
  g_return_val_if_fail (k >= 1, false);
  return tsr_feature_sets_check (s, k + 1, error) &&
         covered_share (s->real, s->n, s->generated, s->m, s->d, k, precision, progress, error) &&
         covered_share (s->generated, s->m, s->real, s->n, s->d, k, recall, progress, error);
}
