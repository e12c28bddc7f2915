#include "tsr-affinities.h"

#include "tsr-error.h"
#include "tsr-knn.h"
#include "tsr-parallel.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

/* Finds beta with entropy (nats) of p_j ~ exp (-beta d_j) equal to target, by Newton's method on
 * log beta inside a shrinking bracket; d [k] squared distances, p [k] receives the normalised
 * probabilities. Where the target cannot be reached (fewer or more equal distances than the
 * perplexity), the bracket ends at the nearest distribution there is. */
static void
search_perplexity (const double *d, size_t k, double target, double *p)
{
  double nearest = INFINITY, mean = 0;
  for (size_t j = 0; j < k; j++)
    nearest = fmin (nearest, d[j]);
  for (size_t j = 0; j < k; j++)
    mean += (d[j] - nearest) / (double)k;
  double low = -INFINITY, high = INFINITY, log_beta = mean > 0 ? -log (mean) : 0;
  for (int iteration = 0; iteration < 100; iteration++) {
    double beta = exp (log_beta), sum = 0, first = 0, second = 0;
    for (size_t j = 0; j < k; j++) {
      double excess = beta * (d[j] - nearest);
      p[j] = exp (-excess);
      sum += p[j];
      first += p[j] * excess;
      second += p[j] * excess * excess;
    }
    first /= sum;
    second /= sum;
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
    if (next <= low || next >= high)
      next = isfinite (low) && isfinite (high) ? (low + high) / 2
                                               : log_beta + copysign (2, difference);
    if (next == log_beta || fabs (next) > 600)
      return;
    log_beta = next;
  }
}

typedef struct {
  const float *x;
  size_t n, d, k;
  float inverse;
  double target;
  const uint32_t *index; /* [n,k] or NULL when dense */
  float *value;          /* squared distances in, probabilities out, [n,k]; dense: [n,n] */
  TsrAffinities *p;
  const uint64_t *incoming; /* [n+1] transposed lists */
  const uint32_t *source;
  const float *source_value;
  double neighbours_s;
} Work;

static void
search_sparse_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t k = work->k;
  g_autofree double *d = g_new (double, k), *p = g_new (double, k);
  for (size_t i = begin; i < end; i++) {
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

typedef struct {
  uint32_t column;
  float value;
} Entry;

static int
compare_entries (const void *a, const void *b)
{
  uint32_t p = ((const Entry *)a)->column, q = ((const Entry *)b)->column;
  return (p > q) - (p < q);
}

/* Merges row i's own list, sorted here, with the incoming one, which is sorted by construction.
 * Without `write` only counts. */
static size_t
merge_row (const Work *work, size_t i, Entry *own, bool write)
{
  size_t k = work->k, a = 0, count = 0;
  uint64_t b = work->incoming[i], b_end = work->incoming[i + 1], at = work->p->row[i];
  for (size_t j = 0; j < k; j++)
    own[j] = (Entry){work->index[i * k + j], work->value[i * k + j]};
  qsort (own, k, sizeof *own, compare_entries);
  double scale = 1 / (2.0 * (double)work->n);
  for (; a < k || b < b_end; count++) {
    uint32_t left = a < k ? own[a].column : UINT32_MAX,
             right = b < b_end ? work->source[b] : UINT32_MAX;
    uint32_t column = MIN (left, right);
    double sum = 0;
    if (left == column)
      sum += own[a++].value;
    if (right == column)
      sum += work->source_value[b++];
    if (write) {
      work->p->column[at + count] = column;
      work->p->value[at + count] = (float)(sum * scale);
    }
  }
  return count;
}

static void
count_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  g_autofree Entry *own = g_new (Entry, work->k);
  for (size_t i = begin; i < end; i++)
    work->p->row[i + 1] = merge_row (work, i, own, false);
}

static void
fill_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  g_autofree Entry *own = g_new (Entry, work->k);
  for (size_t i = begin; i < end; i++)
    merge_row (work, i, own, true);
}

/* P + P^T over 2 n from the neighbour lists, through a transposition by counting. */
static void
symmetrise_sparse (Work *work)
{
  size_t n = work->n, k = work->k, total = n * k;
  g_autofree uint64_t *incoming = g_new0 (uint64_t, n + 1), *next = g_new (uint64_t, n + 1);
  g_autofree uint32_t *source = g_new (uint32_t, total);
  g_autofree float *source_value = g_new (float, total);
  for (size_t t = 0; t < total; t++)
    incoming[work->index[t] + 1]++;
  for (size_t i = 0; i < n; i++)
    incoming[i + 1] += incoming[i];
  memcpy (next, incoming, (n + 1) * sizeof *next);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      uint64_t at = next[work->index[i * k + j]]++;
      source[at] = (uint32_t)i;
      source_value[at] = work->value[i * k + j];
    }
  work->incoming = incoming;
  work->source = source;
  work->source_value = source_value;
  TsrAffinities *p = work->p;
  p->row[0] = 0;
  tsr_parallel_for (n, 256, count_rows, work);
  for (size_t i = 0; i < n; i++)
    p->row[i + 1] += p->row[i];
  p->nnz = p->row[n];
  p->column = g_new (uint32_t, p->nnz);
  p->value = g_new (float, p->nnz);
  tsr_parallel_for (n, 256, fill_rows, work);
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
make_sparse (Work *work, const TsrProgress *progress, GError **error)
{
  size_t n = work->n, k = work->k;
  g_autofree uint32_t *index = g_new (uint32_t, n * k);
  g_autofree float *value = g_new (float, n *k);
  float scale;
  gint64 start = g_get_monotonic_time ();
  if (!tsr_knn_scaled (work->x, n, work->d, k, index, value, &scale, progress, error))
    return false;
  work->neighbours_s = (double)(g_get_monotonic_time () - start) * 1e-6;
  work->index = index;
  work->value = value;
  tsr_parallel_for (n, 64, search_sparse_rows, work);
  symmetrise_sparse (work);
  return tsr_progress_step (progress, 1, TSR_STAGE ("Comparing tiles"), error);
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
        "There is not enough memory for dense affinities of %zu tiles. Use the sparse ones.", n);
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
tsr_affinities_new_timed (const float *x, size_t n, size_t d, double perplexity, bool dense,
                          double *neighbours_s, const TsrProgress *progress, GError **error)
{
  *neighbours_s = 0;
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
  bool ok = dense ? make_dense (&work, progress, error) : make_sparse (&work, progress, error);
  *neighbours_s = work.neighbours_s;
  if (!ok)
    g_clear_pointer (&p, tsr_affinities_free);
  return p;
}

TsrAffinities *
tsr_affinities_new (const float *x, size_t n, size_t d, double perplexity, bool dense,
                    const TsrProgress *progress, GError **error)
{
  double seconds;
  return tsr_affinities_new_timed (x, n, d, perplexity, dense, &seconds, progress, error);
}
