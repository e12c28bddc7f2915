#include "tsr-nearest.h"

#include <float.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

void
tsr_nearest_select (TsrNearest *a, size_t n, size_t keep)
{
  ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, wanted = (ptrdiff_t)keep - 1;
  while (low < high) {
    TsrNearest pivot = a[wanted];
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot)
        i++;
      while (pivot < a[j])
        j--;
      if (i <= j) {
        TsrNearest t = a[i];
        a[i++] = a[j], a[j--] = t;
      }
    }
    if (j < wanted)
      low = i;
    if (wanted < i)
      high = j;
  }
}

static int
compare_candidates (const void *a, const void *b)
{
  TsrNearest p = *(const TsrNearest *)a, q = *(const TsrNearest *)b;
  return (p > q) - (p < q);
}

void
tsr_nearest_sort (TsrNearest *a, size_t n)
{
  qsort (a, n, sizeof *a, compare_candidates);
}

TSR_CLONES void
tsr_best_offer (TsrBest *best, size_t keep, float norm, const float *norms, const float *dots,
                size_t columns, uint32_t first, uint32_t self)
{
  for (size_t j = 0; j < columns; j += TSR_LANES) {
    float squared[TSR_LANES];
    int near = 0;
    for (int l = 0; l < TSR_LANES; l++) {
      float value = (norm + norms[j + l]) - 2 * dots[j + l];
      squared[l] = value > 0 ? value : 0;
      near |= squared[l] < best->limit;
    }
    if (!near)
      continue;
    if (best->count + TSR_LANES > TSR_BEST_CAPACITY (keep)) {
      tsr_nearest_select (best->list, best->count, keep);
      best->count = keep;
      best->limit = tsr_nearest_squared (best->list[keep - 1]);
    }
    for (uint32_t l = 0; l < TSR_LANES; l++)
      if (squared[l] < best->limit && first + (uint32_t)j + l != self)
        best->list[best->count++] = tsr_nearest (squared[l], first + (uint32_t)j + l);
  }
}

/* Squared distance of x / scale, summed in a fixed order of lanes. */
TSR_CLONES static float
squared_distance (const float *a, const float *b, float inverse, size_t d)
{
  float lane[TSR_LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + TSR_LANES <= d; c += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++) {
      float t = a[c + l] * inverse - b[c + l] * inverse;
      lane[l] += t * t;
    }
  for (; c < d; c++) {
    float t = a[c] * inverse - b[c] * inverse;
    rest += t * t;
  }
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++)
      lane[l] += lane[l + width];
  return lane[0] + rest;
}

void
tsr_best_rank (TsrBest *best, size_t keep, size_t k, const float *x, size_t d, float inverse,
               size_t row, const uint32_t *rows, uint32_t *index, float *squared)
{
  if (best->count > keep) {
    tsr_nearest_select (best->list, best->count, keep);
    best->count = keep;
    best->limit = tsr_nearest_squared (best->list[keep - 1]);
  }
  for (size_t j = 0; j < best->count; j++) {
    uint32_t offered = (uint32_t)best->list[j], other = rows ? rows[offered] : offered;
    best->list[j] =
        tsr_nearest (squared_distance (x + row * d, x + (size_t)other * d, inverse, d), other);
  }
  tsr_nearest_sort (best->list, best->count);
  for (size_t j = 0; j < k; j++) {
    index[j] = (uint32_t)best->list[j];
    squared[j] = tsr_nearest_squared (best->list[j]);
  }
}

bool
tsr_nearest_is_sure (float cut, float squared, float norm, size_t d)
{
  double reach = sqrt (norm) + sqrt (squared); /* the norm's root of what can be nearer */
  double rounding = 2 * FLT_EPSILON * (4 + sqrt ((double)d)) * reach * reach;
  return squared == 0 || cut - rounding >= squared;
}

void
tsr_nearest_of_all (const float *x, size_t n, size_t d, float inverse, size_t row, size_t k,
                    uint32_t *index, float *squared)
{
  size_t capacity = TSR_BEST_CAPACITY (k), count = 0;
  g_autofree TsrNearest *list = g_new (TsrNearest, capacity);
  for (size_t i = 0; i < n; i++) {
    if (i == row)
      continue;
    if (count == capacity) {
      tsr_nearest_select (list, count, k);
      count = k;
    }
    list[count++] =
        tsr_nearest (squared_distance (x + row * d, x + i * d, inverse, d), (uint32_t)i);
  }
  tsr_nearest_sort (list, count);
  for (size_t j = 0; j < k; j++) {
    index[j] = (uint32_t)list[j];
    squared[j] = tsr_nearest_squared (list[j]);
  }
}
