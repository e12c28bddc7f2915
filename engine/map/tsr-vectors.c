#include "tsr-vectors.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <math.h>
#include <stdint.h>

#define ROWS 1024 /* a chunk */

typedef struct {
  const float *x;
  size_t d;
  float scale;
  float *largest; /* [chunks]; NAN where a value is not finite */
  double *sums;   /* [chunks,d] */
} Scan;

TSR_CLONES static float
largest_magnitude (const float *x, size_t n)
{
  uint32_t largest = 0; /* magnitudes order like their bits, and NaN and infinity come last */
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy (&bits, x + i, sizeof bits);
    bits &= 0x7fffffffu;
    largest = bits > largest ? bits : largest;
  }
  float value;
  memcpy (&value, &largest, sizeof value);
  return isfinite (value) ? value : NAN;
}

static void
scan_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  Scan *scan = data;
  scan->largest[begin / ROWS] =
      largest_magnitude (scan->x + begin * scan->d, (end - begin) * scan->d);
}

bool
tsr_vectors_row_finite (const float *row, size_t d)
{
  for (size_t c = 0; c < d; c++)
    if (!isfinite (row[c]))
      return false;
  return true;
}

bool
tsr_vectors_check (const float *x, size_t n, size_t d, GError **error)
{
  if (n == 0 || d == 0 || n >= UINT32_MAX) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_USAGE,
        _ ("A map of %zu vectors of length %zu cannot be made. Add tiles and embed them first."), n,
        d);
    return false;
  }
  g_autofree float *largest = g_new (float, n / ROWS + 1);
  Scan scan = {.x = x, .d = d, .largest = largest};
  tsr_parallel_for (n, ROWS, scan_chunk, &scan);
  for (size_t i = 0; i < n; i++) {
    if (!isnan (largest[i / ROWS])) {
      i += ROWS - 1;
      continue;
    }
    if (isnan (largest_magnitude (x + i * d, d))) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("The vector of tile %zu holds a value that is not a finite number. Embed the "
                      "tiles again, "
                      "or train the model again if that does not help."),
                   i + 1);
      return false;
    }
  }
  return true;
}

float
tsr_vectors_scale (const float *x, size_t n, size_t d)
{
  g_autofree float *largest = g_new (float, n / ROWS + 1);
  Scan scan = {.x = x, .d = d, .largest = largest};
  tsr_parallel_for (n, ROWS, scan_chunk, &scan);
  float most = 0;
  for (size_t c = 0; c * ROWS < n; c++)
    most = fmaxf (most, largest[c]);
  if (most == 0)
    return 1;
  int exponent;
  frexpf (most, &exponent);
  return ldexpf (1, CLAMP (exponent, -120, 127));
}

static void
sum_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  Scan *scan = data;
  double *sum = scan->sums + begin / ROWS * scan->d;
  float inverse = 1 / scan->scale;
  for (size_t i = begin; i < end; i++)
    for (size_t c = 0; c < scan->d; c++)
      sum[c] += scan->x[i * scan->d + c] * inverse;
}

void
tsr_vectors_mean (const float *x, size_t n, size_t d, float scale, double *mean)
{
  size_t chunks = (n + ROWS - 1) / ROWS;
  Scan scan = {.x = x, .d = d, .scale = scale, .sums = g_new0 (double, chunks *d)};
  tsr_parallel_for (n, ROWS, sum_chunk, &scan);
  memset (mean, 0, d * sizeof *mean);
  for (size_t i = 0; i < chunks; i++)
    for (size_t c = 0; c < d; c++)
      mean[c] += scan.sums[i * d + c];
  for (size_t c = 0; c < d; c++)
    mean[c] /= (double)n;
  g_free (scan.sums);
}
