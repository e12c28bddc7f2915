#include "tsr-affinities.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-knn.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"
#include "tsr-symmetrise.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

#define LANES 8 /* doubles at once */

/* Up to so many rows neighbours are exact: it takes some seconds more and cannot miss. */
#define EXACT_UP_TO 20000
#define SLICE       (1 << 16) /* rows between two looks at the cancellable */
#define RECALL      0.975     /* asked of the approximate search */

/* exp (t) for t <= 0, and next to 0 below -708, to a few units in the last place: 2^m exp (r) with
 * |r| <= log (2) / 2 by its series. The same in every lane and on every machine. */
static inline double
exponential (double t)
{
  t = t < -708 ? -708 : t;
  double shifted = t * 1.4426950408889634 + 0x1.8p52, m = shifted - 0x1.8p52;
  double r = (t - m * 0x1.62e42fefa38p-1) - m * 0x1.ef35793c7673p-45, sum = 1 / 479001600.0;
  static const double inverse_factorial[12] = {
      1.0,       1.0,        1 / 2.0,     1 / 6.0,      1 / 24.0,      1 / 120.0,
      1 / 720.0, 1 / 5040.0, 1 / 40320.0, 1 / 362880.0, 1 / 3628800.0, 1 / 39916800.0};
  for (int power = 11; power >= 0; power--)
    sum = sum * r + inverse_factorial[power];
  uint64_t bits;
  memcpy (&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52; /* the sum's lowest bits are m */
  double scale;
  memcpy (&scale, &bits, sizeof scale);
  return sum * scale;
}

/* p_j = exp (-beta excess_j), and over j the sums of p_j, p_j e and p_j e^2, where e = beta
 * excess_j. */
TSR_CLONES static void
weigh (const double *excess, size_t k, double beta, double *p, double sums[3])
{
  double lane[3][LANES] = {{0}};
  size_t j = 0;
  for (; j + LANES <= k; j += LANES)
    for (int l = 0; l < LANES; l++) {
      double e = beta * excess[j + l], value = exponential (-e);
      p[j + l] = value;
      lane[0][l] += value;
      lane[1][l] += value * e;
      lane[2][l] += value * e * e;
    }
  for (int l = 0; j < k; j++, l++) {
    double e = beta * excess[j], value = exponential (-e);
    p[j] = value;
    lane[0][l] += value;
    lane[1][l] += value * e;
    lane[2][l] += value * e * e;
  }
  for (int s = 0; s < 3; s++) {
    sums[s] = 0;
    for (int l = 0; l < LANES; l++)
      sums[s] += lane[s][l];
  }
}

/* Finds beta with entropy (nats) of p_j ~ exp (-beta d_j) equal to target, by Newton's method on
 * log beta inside a shrinking bracket; d [k] squared distances, of which the least is subtracted, p
 * [k] receives the normalised probabilities. Where the target cannot be reached (fewer or more
 * equal distances than the perplexity), the bracket ends at the nearest distribution there is. */
static void
search_perplexity (double *d, size_t k, double target, double *p)
{
  double nearest = INFINITY, mean = 0;
  for (size_t j = 0; j < k; j++)
    nearest = fmin (nearest, d[j]);
  for (size_t j = 0; j < k; j++) {
    d[j] -= nearest;
    mean += d[j] / (double)k;
  }
  double low = -INFINITY, high = INFINITY, log_beta = mean > 0 ? -log (mean) : 0, last = INFINITY;
  for (int iteration = 0; iteration < 100; iteration++) {
    double sums[3];
    weigh (d, k, exp (log_beta), p, sums);
    double sum = sums[0], first = sums[1] / sum, second = sums[2] / sum;
    for (size_t j = 0; j < k; j++)
      p[j] /= sum;
    double difference = log (sum) + first - target; /* entropy falls as beta grows */
    if (fabs (difference) < 1e-10 || mean == 0)
      return;
    if (difference > 0)
      low = log_beta;
    else
      high = log_beta;
    double slope = second - first * first; /* -d entropy / d log beta, the variance of the excess */
    double step = slope > 1e-12 ? difference / slope : copysign (2, difference);
    double next = log_beta + fmax (-4, fmin (4, step));
    /* steps that do not become shorter can leap to and fro between two points for ever */
    if (next <= low || next >= high || fabs (next - log_beta) > last / 2)
      next = isfinite (low) && isfinite (high) ? (low + high) / 2
                                               : log_beta + copysign (2, difference);
    if (next == log_beta || fabs (next) > 600)
      return;
    last = fabs (next - log_beta);
    log_beta = next;
  }
}

typedef struct {
  const float *x;
  size_t n, d, k;
  float inverse;
  double target;
  uint32_t *index; /* [n,k] or NULL when dense; nearest first */
  float *value;    /* squared distances in, probabilities out, [n,k]; dense: [n,n] */
  TsrAffinities *p;
  size_t offset; /* of the slice of rows in progress */
} Work;

static void
search_sparse_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t k = work->k;
  g_autofree double *d = g_new (double, k), *p = g_new (double, k);
  for (size_t i = work->offset + begin; i < work->offset + end; i++) {
    for (size_t j = 0; j < k; j++)
      d[j] = work->value[i * k + j];
    search_perplexity (d, k, work->target, p);
    for (size_t j = 0; j < k; j++)
      work->value[i * k + j] = (float)p[j];
  }
}

static void
search_dense_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t n = work->n, dims = work->d;
  g_autofree double *d = g_new (double, n), *p = g_new (double, n);
  for (size_t i = begin; i < end; i++) {
    size_t others = 0;
    for (size_t j = 0; j < n; j++) {
      if (j == i)
        continue;
      double sum = 0;
      for (size_t c = 0; c < dims; c++) {
        double t =
            (double)(work->x[i * dims + c] * work->inverse) - work->x[j * dims + c] * work->inverse;
        sum += t * t;
      }
      d[others++] = sum;
    }
    search_perplexity (d, others, work->target, p);
    for (size_t j = 0, o = 0; j < n; j++)
      work->value[i * n + j] = j == i ? 0 : (float)p[o++];
  }
}

static void
symmetrise_dense_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t n = work->n;
  for (size_t i = begin; i < end; i++) {
    uint64_t at = work->p->row[i] = i * (n - 1);
    for (size_t j = 0; j < n; j++) {
      if (j == i)
        continue;
      work->p->column[at] = (uint32_t)j;
      work->p->value[at++] =
          (float)(((double)work->value[i * n + j] + work->value[j * n + i]) / (2.0 * (double)n));
    }
  }
}

/* Runs body over all rows, slice by slice. */
static bool
for_rows (Work *work, TsrParallelBody body, const TsrProgress *progress, GError **error)
{
  for (work->offset = 0; work->offset < work->n; work->offset += SLICE) {
    tsr_parallel_for (MIN (SLICE, work->n - work->offset), 64, body, work);
    if (!tsr_progress_step (progress, 0.99, TSR_STAGE ("Comparing tiles"), error))
      return false;
  }
  return true;
}

void
tsr_affinities_free (TsrAffinities *p)
{
  if (!p)
    return;
  g_free (p->row);
  g_free (p->column);
  g_free (p->value);
  g_free (p);
}

static bool
find_neighbours (Work *work, TsrAffinitiesSearch *search, const TsrProgress *progress,
                 GError **error)
{
  float scale;
  TsrKnnNear near = {.recall = RECALL};
  GError *cause = NULL;
  search->accelerated = tsr_knn_accelerated (search->accelerator, work->x, work->n, work->d,
                                             work->k, work->index, work->value, progress, &cause);
  if (cause)
    g_propagate_error (error, cause);
  if (cause || search->accelerated)
    return !cause;
  if (work->n <= EXACT_UP_TO)
    return tsr_knn_scaled (work->x, work->n, work->d, work->k, work->index, work->value, &scale,
                           progress, error);
  bool ok = tsr_knn_near_scaled (work->x, work->n, work->d, work->k, &near, work->index,
                                 work->value, &scale, progress, error);
  search->order = near.order;
  return ok;
}

static bool
make_sparse (Work *work, TsrAffinitiesSearch *search, const TsrProgress *progress, GError **error)
{
  size_t n = work->n, k = work->k;
  g_autofree uint32_t *index = g_try_new (uint32_t, n * k);
  g_autofree float *value = g_try_new (float, n *k);
  if (!index || !value) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory for %zu neighbours of each of %zu tiles. Close other "
           "programs, use fewer tiles or a smaller perplexity."),
        k, n);
    return false;
  }
  work->index = index;
  work->value = value;
  gint64 start = g_get_monotonic_time ();
  bool ok = find_neighbours (work, search, progress, error);
  search->seconds = (double)(g_get_monotonic_time () - start) * 1e-6;
  ok = ok && for_rows (work, search_sparse_rows, progress, error) &&
       tsr_symmetrise (index, value, n, k, TSR_SYMMETRY_MEAN, work->p, progress, error);
  if (ok && search->keep) {
    search->k = k;
    search->neighbour = g_steal_pointer (&index);
  }
  return ok && tsr_progress_step (progress, 1, TSR_STAGE ("Comparing tiles"), error);
}

static bool
make_dense (Work *work, const TsrProgress *progress, GError **error)
{
  size_t n = work->n;
  g_autofree float *value = g_try_new (float, n *n);
  work->p->nnz = n * (n - 1);
  work->p->column = g_try_new (uint32_t, work->p->nnz);
  work->p->value = g_try_new (float, work->p->nnz);
  if (!value || !work->p->column || !work->p->value) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory for dense affinities of %zu tiles. Use the sparse ones."),
        n);
    return false;
  }
  work->value = value;
  work->inverse = 1 / tsr_vectors_scale (work->x, n, work->d);
  tsr_parallel_for (n, 4, search_dense_rows, work);
  tsr_parallel_for (n, 4, symmetrise_dense_rows, work);
  work->p->row[n] = work->p->nnz;
  return tsr_progress_step (progress, 1, TSR_STAGE ("Comparing tiles"), error);
}

TsrAffinities *
tsr_affinities_new_searched (const float *x, size_t n, size_t d, double perplexity, bool dense,
                             TsrAffinitiesSearch *search, const TsrProgress *progress,
                             GError **error)
{
  *search = (TsrAffinitiesSearch){.accelerator = search->accelerator, .keep = search->keep};
  if (!tsr_vectors_check (x, n, d, error))
    return NULL;
  g_return_val_if_fail (perplexity > 0, NULL);
  TsrAffinities *p = g_new0 (TsrAffinities, 1);
  p->n = n;
  p->row = g_new0 (uint64_t, n + 1);
  p->perplexity = fmax (1, fmin (perplexity, (double)(n - 1) / (dense ? 1 : 3)));
  if (n == 1) {
    p->column = g_new0 (uint32_t, 1);
    p->value = g_new0 (float, 1);
    return p;
  }
  Work work = {.x = x, .n = n, .d = d, .target = log (p->perplexity), .p = p};
  work.k = MIN (n - 1, (size_t)floor (3 * p->perplexity + 1e-9));
  if (!(dense ? make_dense (&work, progress, error)
              : make_sparse (&work, search, progress, error))) {
    g_clear_pointer (&search->neighbour, g_free);
    g_clear_pointer (&search->order, g_free);
    g_clear_pointer (&p, tsr_affinities_free);
  }
  return p;
}

TsrAffinities *
tsr_affinities_new (const float *x, size_t n, size_t d, double perplexity, bool dense,
                    const TsrProgress *progress, GError **error)
{
  TsrAffinitiesSearch search = {0};
  TsrAffinities *p =
      tsr_affinities_new_searched (x, n, d, perplexity, dense, &search, progress, error);
  g_free (search.order);
  return p;
}
