#include "tsr-map-start.h"

#include "tsr-place.h"

#include <math.h>
#include <string.h>

#define SPREAD 1e-4 /* as tsr_tsne's own start */

/* The mean, and the larger standard deviation of the two axes. */
static double
measure (const float *y, uint32_t m, double mean[2])
{
  double square[2] = {0};
  mean[0] = mean[1] = 0;
  for (size_t i = 0; i < 2 * (size_t)m; i++)
    mean[i & 1] += (double)y[i] / m;
  for (size_t i = 0; i < 2 * (size_t)m; i++)
    square[i & 1] += (y[i] - mean[i & 1]) * (y[i] - mean[i & 1]) / m;
  return sqrt (fmax (square[0], square[1]));
}

bool
tsr_map_start (const float *old, uint32_t n_old, const uint32_t *tiles, uint32_t m, const float *x,
               uint32_t d, float *start, uint8_t *known, const TsrProgress *progress,
               GError **error)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < m; i++) {
    const float *place = tiles[i] < n_old ? old + 2 * (size_t)tiles[i] : NULL;
    known[i] = place && isfinite (place[0]) && isfinite (place[1]);
    count += known[i];
    start[2 * (size_t)i] = known[i] ? place[0] : NAN;
    start[2 * (size_t)i + 1] = known[i] ? place[1] : NAN;
  }
  if (count < 4 || count < m - count)
    return false;
  double mean[2];
  TsrTransformOptions still = {.iterations = -1};
  return tsr_place_new_tiles (x, m, d, 0, &still, start, NULL, 0, NULL, progress, error) &&
         measure (start, m, mean) > 0;
}

void
tsr_map_start_shrink (float *start, uint32_t m)
{
  double mean[2], factor = SPREAD / measure (start, m, mean);
  for (size_t i = 0; i < 2 * (size_t)m; i++)
    start[i] = (float)((start[i] - mean[i & 1]) * factor);
}
