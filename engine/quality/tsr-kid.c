#include "tsr-kid.h"

#include "tsr-product.h"
#include "tsr-random.h"

#include <math.h>

enum { STREAM = 0x61d }; /* of this purpose's random numbers */

static double
kernel (double dot, size_t d)
{
  double base = dot / (double)d + 1;
  return base * base * base;
}

/* Moves a random choice of `size` of index [n] to the front. */
static void
draw (TsrRandom *random, uint32_t *index, size_t n, size_t size)
{
  for (size_t i = 0; i < size && size < n; i++) {
    size_t j = i + tsr_random_below (random, (uint32_t)(n - i));
    uint32_t t = index[i];
    index[i] = index[j], index[j] = t;
  }
}

static void
gather (const float *x, const uint32_t *index, size_t size, size_t d, double *out)
{
  for (size_t i = 0; i < size; i++)
    tsr_feature_rows (x, index[i], 1, d, NULL, out + i * d);
}

/* The mean kernel of all pairs of different rows of x [s,d]. */
static double
mean_within (const double *x, size_t s, size_t d, double *dots)
{
  TsrOperand rows = {x, d, 1};
  double sum = 0;
  tsr_product (rows, s, rows, s, d, dots, true, false);
  for (size_t i = 0; i < s; i++) {
    double row = 0;
    for (size_t j = i + 1; j < s; j++)
      row += kernel (dots[i * s + j], d);
    sum += row;
  }
  return 2 * sum / ((double)s * (double)(s - 1));
}

static double
mean_between (const double *x, const double *y, size_t s, size_t d, double *dots)
{
  double sum = 0;
  tsr_product ((TsrOperand){x, d, 1}, s, (TsrOperand){y, d, 1}, s, d, dots, false, false);
  for (size_t i = 0; i < s; i++) {
    double row = 0;
    for (size_t j = 0; j < s; j++)
      row += kernel (dots[i * s + j], d);
    sum += row;
  }
  return sum / ((double)s * (double)s);
}

static uint32_t *
all_indices (size_t n)
{
  uint32_t *index = g_new (uint32_t, n);
  for (size_t i = 0; i < n; i++)
    index[i] = (uint32_t)i;
  return index;
}

static void
summarise (const double *values, size_t n, double *mean, double *deviation)
{
  double sum = 0, squares = 0;
  for (size_t k = 0; k < n; k++)
    sum += values[k];
  *mean = sum / (double)n;
  for (size_t k = 0; k < n; k++)
    squares += (values[k] - *mean) * (values[k] - *mean);
  if (deviation)
    *deviation = sqrt (squares / (double)n);
}

bool
tsr_kid (const TsrFeatureSets *sets, const TsrKidOptions *options, double *kid, double *deviation,
         const TsrProgress *progress, GError **error)
{
  if (!tsr_feature_sets_check (sets, 2, error))
    return false;
  TsrKidOptions o = options ? *options : (TsrKidOptions){0};
  size_t d = sets->d, most = MIN (sets->n, sets->m);
  size_t size = CLAMP (o.subset_size ? o.subset_size : TSR_KID_SUBSET_SIZE, 2, most);
  size_t subsets = o.subsets ? o.subsets : TSR_KID_SUBSETS;
  if (size == sets->n && size == sets->m)
    subsets = 1; /* they would all be the same */
  TsrRandom random;
  tsr_random_init (&random, o.seed, STREAM);
  g_autofree uint32_t *real = all_indices (sets->n), *generated = all_indices (sets->m);
  g_autofree double *x = g_new (double, size *d), *y = g_new (double, size *d),
                    *dots = g_new (double, size *size);
  g_autofree double *values = g_new (double, subsets);
  for (size_t k = 0; k < subsets; k++) {
    draw (&random, real, sets->n, size);
    draw (&random, generated, sets->m, size);
    gather (sets->real, real, size, d, x);
    gather (sets->generated, generated, size, d, y);
    values[k] = mean_within (x, size, d, dots) + mean_within (y, size, d, dots) -
                2 * mean_between (x, y, size, d, dots);
    if (!tsr_progress_step (progress, (double)(k + 1) / (double)subsets,
                            TSR_STAGE ("Measuring quality"), error))
      return false;
  }
  summarise (values, subsets, kid, deviation);
  return true;
}
