#include "tsr-far-rows.h"

#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define SAMPLE 1023  /* rows, evenly spaced */
#define FAR    100.0 /* times the distance of half of them */
#define FEW    64    /* one in so many at most */
#define GRAIN  1024

typedef struct {
  const float *x, *middle;
  size_t n, d;
  float inverse;
  double limit; /* squared */
  uint8_t *far; /* [n] */
} Far;

static int
compare (const void *a, const void *b)
{
  float p = *(const float *)a, q = *(const float *)b;
  return (p > q) - (p < q);
}

TSR_CLONES static double
squared_from (const Far *work, size_t row)
{
  const float *x = work->x + row * work->d;
  double sum = 0;
  for (size_t c = 0; c < work->d; c++) {
    double t = (double)(x[c] * work->inverse) - work->middle[c];
    sum += t * t;
  }
  return sum;
}

static void
mark_far (size_t begin, size_t end, unsigned worker, void *data)
{
  Far *work = data;
  for (size_t i = begin; i < end; i++)
    work->far[i] = squared_from (work, i) > work->limit;
}

/* The median of each column over the sample: a few rows cannot move it. */
static void
find_middle (const Far *work, size_t sample, float *middle)
{
  g_autofree float *column = g_new (float, sample);
  for (size_t c = 0; c < work->d; c++) {
    for (size_t s = 0; s < sample; s++)
      column[s] = work->x[work->n * s / sample * work->d + c] * work->inverse;
    qsort (column, sample, sizeof *column, compare);
    middle[c] = column[sample / 2];
  }
}

void
tsr_far_rows (const float *x, size_t n, size_t d, float inverse, GArray *rows)
{
  size_t sample = MIN (n, SAMPLE), count = 0;
  g_autofree float *middle = g_new (float, d), *distance = g_new (float, sample);
  g_autofree uint8_t *far = g_new (uint8_t, n);
  Far work = {x, middle, n, d, inverse, 0, far};
  find_middle (&work, sample, middle);
  for (size_t s = 0; s < sample; s++)
    distance[s] = (float)sqrt (squared_from (&work, n * s / sample));
  qsort (distance, sample, sizeof *distance, compare);
  if (!(distance[sample / 2] > 0)) /* copies: they say nothing about what is far */
    return;
  work.limit = FAR * distance[sample / 2] * (FAR * distance[sample / 2]);
  tsr_parallel_for (n, GRAIN, mark_far, &work);
  for (size_t i = 0; i < n; i++)
    count += far[i];
  for (uint32_t i = 0; i < n && count <= n / FEW; i++)
    if (far[i])
      g_array_append_val (rows, i);
}
