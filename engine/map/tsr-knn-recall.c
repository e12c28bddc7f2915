#include "tsr-map.h"

#include "tsr-nearest.h"
#include "tsr-parallel.h"
#include "tsr-random.h"
#include "tsr-simd.h"

#include <math.h>

#define TOGETHER 8  /* samples of one pass over the rows, which are read once for all of them */
#define BLOCK    64 /* rows that stay in the cache meanwhile */
#define LANES    8

typedef struct {
  const float *x;
  size_t n, d, k;
  const uint32_t *index, *sample;
  size_t samples;
  size_t *hits; /* [samples] */
} Recall;

/* In double, by differences: what the searches are held against. */
TSR_CLONES static double
squared_in_double (const float *a, const float *b, size_t d)
{
  double lane[LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + LANES <= d; c += LANES)
    for (int l = 0; l < LANES; l++) {
      double t = (double)a[c + l] - b[c + l];
      lane[l] += t * t;
    }
  for (; c < d; c++)
    rest += ((double)a[c] - b[c]) * ((double)a[c] - b[c]);
  for (int l = 0; l < LANES; l++)
    rest += lane[l];
  return rest;
}

/* The k-th smallest of n numbers that are not negative, and so order like their bits. */
static double
kth_smallest (const double *a, size_t n, size_t k, uint64_t *scratch)
{
  memcpy (scratch, a, n * sizeof *a);
  tsr_nearest_select (scratch, n, k);
  double value;
  memcpy (&value, scratch + k - 1, sizeof value);
  return value;
}

static void
count_hits (size_t begin, size_t end, unsigned worker, void *data)
{
  Recall *recall = data;
  size_t n = recall->n, d = recall->d, k = recall->k;
  g_autofree double *all = g_new (double, TOGETHER *n);
  for (size_t from = 0; from < n; from += BLOCK)
    for (size_t s = begin; s < end; s++)
      for (size_t j = from; j < MIN (from + BLOCK, n); j++)
        all[(s - begin) * n + j] =
            j == recall->sample[s] ? INFINITY /* last, and k < n */
                                   : squared_in_double (recall->x + (size_t)recall->sample[s] * d,
                                                        recall->x + j * d, d);
  g_autofree uint64_t *scratch = g_new (uint64_t, n);
  for (size_t s = begin; s < end; s++) {
    const double *own = all + (s - begin) * n;
    /* distances in single precision cannot tell closer ones apart */
    double limit = kth_smallest (own, n, k, scratch) * (1 + 1e-5);
    for (size_t j = 0; j < k; j++)
      recall->hits[s] += own[recall->index[recall->sample[s] * k + j]] <= limit;
  }
}

double
tsr_knn_recall (const float *x, size_t n, size_t d, size_t k, const uint32_t *index, size_t samples,
                uint64_t seed)
{
  if (k == 0 || n == 0)
    return 1;
  g_return_val_if_fail (k < n, 0);
  g_autofree uint32_t *sample = g_new (uint32_t, n);
  for (size_t i = 0; i < n; i++)
    sample[i] = (uint32_t)i;
  if (samples == 0 || samples > n)
    samples = n;
  TsrRandom random;
  tsr_random_init (&random, seed, 0x4ec411);
  for (size_t i = 0; i < samples && samples < n; i++) {
    size_t j = i + tsr_random_below (&random, (uint32_t)(n - i));
    uint32_t t = sample[i];
    sample[i] = sample[j], sample[j] = t;
  }
  g_autofree size_t *hits = g_new0 (size_t, samples);
  Recall recall = {x, n, d, k, index, sample, samples, hits};
  tsr_parallel_for (samples, TOGETHER, count_hits, &recall);
  size_t sum = 0;
  for (size_t s = 0; s < samples; s++)
    sum += hits[s];
  return (double)sum / ((double)samples * (double)k);
}
