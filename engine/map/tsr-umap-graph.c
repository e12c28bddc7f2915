#include "tsr-umap-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-knn.h"
#include "tsr-parallel.h"
#include "tsr-symmetrise.h"

#include <math.h>

#define EXACT_UP_TO 20000 /* as for t-SNE's affinities */
#define RECALL      0.975
#define TURNS       64
#define CLOSE       1e-5 /* of the sum of memberships */
#define LEAST       1e-3 /* of the mean distance: sigma */
#define GRAIN       64

/* --- a row --- */

static double
sum_at (const float *distance, size_t k, double rho, double sigma)
{
  double sum = 0;
  for (size_t j = 0; j < k; j++)
    sum += distance[j] > rho ? exp (-(distance[j] - rho) / sigma) : 1;
  return sum;
}

/* By doubling and halving (the paper's binary search): the sum grows with sigma. */
static double
find_sigma (const float *distance, size_t k, double rho, double first)
{
  double low = 0, high = INFINITY, sigma = first, target = log2 ((double)k);
  for (int turn = 0; turn < TURNS; turn++) {
    double difference = sum_at (distance, k, rho, sigma) - target;
    if (fabs (difference) < CLOSE)
      break;
    if (difference > 0)
      high = sigma;
    else
      low = sigma;
    sigma = isfinite (high) ? (low + high) / 2 : 2 * sigma;
  }
  return sigma;
}

void
tsr_umap_memberships (const float *distance, size_t k, double mean, float *membership)
{
  double rho = 0, own = 0;
  for (size_t j = k; j-- > 0;) {
    rho = distance[j] > 0 ? distance[j] : rho;
    own += distance[j] / (double)k;
  }
  double least = LEAST * (rho > 0 ? own : mean);
  double first = own > 0 ? own : 1; /* the search is in units of the row */
  double sigma = fmax (find_sigma (distance, k, rho, first), least);
  for (size_t j = 0; j < k; j++)
    membership[j] = distance[j] > rho ? (float)exp (-(distance[j] - rho) / sigma) : 1;
}

/* --- all rows --- */

typedef struct {
  size_t k;
  double mean;
  float *value; /* [n,k] squared distances in, memberships out */
  double *sums; /* [chunks] of distances */
} Rows;

static void
root_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Rows *rows = data;
  double sum = 0;
  for (size_t t = begin * rows->k; t < end * rows->k; t++) {
    rows->value[t] = sqrtf (rows->value[t]);
    sum += rows->value[t];
  }
  rows->sums[begin / GRAIN] = sum;
}

static void
weigh_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Rows *rows = data;
  g_autofree float *distance = g_new (float, rows->k);
  for (size_t i = begin; i < end; i++) {
    memcpy (distance, rows->value + i * rows->k, rows->k * sizeof *distance);
    tsr_umap_memberships (distance, rows->k, rows->mean, rows->value + i * rows->k);
  }
}

static void
weigh (float *value, size_t n, size_t k)
{
  size_t chunks = (n + GRAIN - 1) / GRAIN;
  g_autofree double *sums = g_new0 (double, chunks);
  Rows rows = {.k = k, .value = value, .sums = sums};
  tsr_parallel_for (n, GRAIN, root_rows, &rows);
  for (size_t c = 0; c < chunks; c++)
    rows.mean += sums[c];
  rows.mean /= (double)n * (double)k;
  tsr_parallel_for (n, GRAIN, weigh_rows, &rows);
}

static bool
find_neighbours (const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *value,
                 uint32_t **order, const TsrProgress *progress, GError **error)
{
  float scale; /* memberships do not depend on it */
  if (n <= EXACT_UP_TO)
    return tsr_knn_scaled (x, n, d, k, index, value, &scale, progress, error);
  TsrKnnNear near = {.recall = RECALL};
  bool ok = tsr_knn_near_scaled (x, n, d, k, &near, index, value, &scale, progress, error);
  *order = near.order;
  return ok;
}

TsrAffinities *
tsr_umap_graph (const float *x, size_t n, size_t d, size_t k, double *neighbours_s,
                uint32_t **order, const TsrProgress *progress, GError **error)
{
  g_autofree uint32_t *index = g_try_new (uint32_t, n * k);
  g_autofree float *value = g_try_new (float, n *k);
  *order = NULL;
  if (!index || !value) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory for %zu neighbours of each of %zu tiles. Close other "
           "programs, or use fewer tiles or neighbours."),
        k, n);
    return NULL;
  }
  gint64 start = g_get_monotonic_time ();
  if (!find_neighbours (x, n, d, k, index, value, order, progress, error))
    return NULL;
  if (neighbours_s)
    *neighbours_s = (double)(g_get_monotonic_time () - start) * 1e-6;
  weigh (value, n, k);
  TsrAffinities *p = g_new0 (TsrAffinities, 1);
  p->n = n;
  p->row = g_new0 (uint64_t, n + 1);
  if (!tsr_symmetrise (index, value, n, k, TSR_SYMMETRY_UNION, p, progress, error)) {
    g_clear_pointer (order, g_free);
    g_clear_pointer (&p, tsr_affinities_free);
  }
  return p;
}
