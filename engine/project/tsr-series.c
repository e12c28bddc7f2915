#include "tsr-series.h"

size_t
tsr_series_thin (const double *places, size_t n, size_t most, bool *keep)
{
  size_t kept = 0, last = 0;
  /* A least distance, and not every other one: that would take from the beginning each time. */
  double gap = n > 0 ? (places[n - 1] - places[0]) / ((double)most / 2) : 0;
  for (size_t i = 0; i < n; i++) {
    keep[i] = i == 0 || i == n - 1 || places[i] - places[last] >= gap;
    if (keep[i])
      last = i;
    kept += keep[i];
  }
  return kept;
}
