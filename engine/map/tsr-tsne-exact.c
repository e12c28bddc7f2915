#include "tsr-map.h"

#include "tsr-parallel.h"

#include <math.h>

#define ROWS 16 /* a chunk */

typedef struct {
  const TsrAffinities *p;
  const float *y;
  double z;
  double *partial; /* [chunks] */
  double *gradient;
} Exact;

static inline double
similarity (const float *y, size_t i, size_t j, double delta[2])
{
  delta[0] = (double)y[2 * i] - y[2 * j];
  delta[1] = (double)y[2 * i + 1] - y[2 * j + 1];
  return 1 / (1 + delta[0] * delta[0] + delta[1] * delta[1]);
}

static void
sum_similarities (size_t begin, size_t end, unsigned worker, void *data)
{
  Exact *exact = data;
  double sum = 0, delta[2];
  for (size_t i = begin; i < end; i++)
    for (size_t j = 0; j < exact->p->n; j++)
      if (j != i)
        sum += similarity (exact->y, i, j, delta);
  exact->partial[begin / ROWS] = sum;
}

static void
sum_divergence (size_t begin, size_t end, unsigned worker, void *data)
{
  Exact *exact = data;
  const TsrAffinities *p = exact->p;
  double sum = 0, delta[2];
  for (size_t i = begin; i < end; i++) {
    for (uint64_t t = p->row[i]; t < p->row[i + 1]; t++) {
      double q = similarity (exact->y, i, p->column[t], delta), value = p->value[t];
      if (value > 0)
        sum += value * log (value * exact->z / q);
      for (int a = 0; exact->gradient && a < 2; a++)
        exact->gradient[2 * i + a] += 4 * value * q * delta[a];
    }
    for (size_t j = 0; exact->gradient && j < p->n; j++) {
      double q = similarity (exact->y, i, j, delta);
      for (int a = 0; a < 2; a++)
        exact->gradient[2 * i + a] -= 4 * q / exact->z * q * delta[a];
    }
  }
  exact->partial[begin / ROWS] = sum;
}

double
tsr_tsne_kl_exact (const TsrAffinities *p, const float *y, double *gradient)
{
  size_t chunks = (p->n + ROWS - 1) / ROWS;
  for (size_t i = 0; gradient && i < 2 * p->n; i++)
    gradient[i] = 0;
  if (p->n < 2)
    return 0;
  g_autofree double *partial = g_new0 (double, chunks);
  Exact exact = {p, y, 0, partial, gradient};
  tsr_parallel_for (p->n, ROWS, sum_similarities, &exact);
  for (size_t c = 0; c < chunks; c++)
    exact.z += partial[c];
  tsr_parallel_for (p->n, ROWS, sum_divergence, &exact);
  double kl = 0;
  for (size_t c = 0; c < chunks; c++)
    kl += partial[c];
  return kl;
}
