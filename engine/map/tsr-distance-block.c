#include "tsr-distance-block.h"

#include "tsr-parallel.h"
#include "tsr-simd.h"
#include "tsr-vectors.h"

#include <math.h>

#define ROWS  TSR_DISTANCE_BLOCK_ROWS
#define BLOCK 1024 /* rows of x whose distances are held at once */

/* The lanes' sum, always in the same order. */
static inline float
fold (TsrF16 v)
{
  float lane[TSR_LANES];
  memcpy (lane, &v, sizeof lane);
  for (int width = TSR_LANES / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++)
      lane[l] += lane[l + width];
  return lane[0];
}

TSR_CLONES void
tsr_distance_block (const float *own, const float *x, size_t n, size_t d, float inverse,
                    float *squared)
{
  for (size_t j = 0; j < n; j++, x += d) {
    TsrF16 sum[ROWS] = {{0}};
    float rest[ROWS] = {0};
    size_t c = 0;
    for (; c + TSR_LANES <= d; c += TSR_LANES) {
      TsrF16 other = *(const TsrF16u *)(x + c) * inverse;
      for (int r = 0; r < ROWS; r++) {
        TsrF16 t = *(const TsrF16u *)(own + r * d + c) * inverse - other;
        sum[r] += t * t;
      }
    }
    for (; c < d; c++)
      for (int r = 0; r < ROWS; r++) {
        float t = own[r * d + c] * inverse - x[c] * inverse;
        rest[r] += t * t;
      }
    for (int r = 0; r < ROWS; r++)
      squared[r * n + j] = fold (sum[r]) + rest[r];
  }
}

/* --- the nearest --- */

typedef struct {
  const float *query, *x;
  size_t m, n, d, k, offset;
  float inverse;
  uint32_t *index;
  float *distance; /* squared and scaled, until all is found */
} Search;

/* Offers x's rows [first, first + count), which come in order, to the k nearest so far. */
static size_t
offer (const float *squared, size_t first, size_t count, size_t k, size_t have, uint32_t *index,
       float *distance)
{
  for (size_t j = 0; j < count; j++) {
    if (have == k && !(squared[j] < distance[k - 1]))
      continue;
    size_t at = have < k ? have++ : k - 1;
    for (; at > 0 && distance[at - 1] > squared[j]; at--) {
      distance[at] = distance[at - 1];
      index[at] = index[at - 1];
    }
    distance[at] = squared[j];
    index[at] = (uint32_t)(first + j);
  }
  return have;
}

static void
search_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  const Search *search = data;
  size_t d = search->d, k = search->k, first = search->offset + begin, rows = end - begin;
  g_autofree float *own = g_new0 (float, ROWS *d), *squared = g_new (float, ROWS *BLOCK);
  size_t have[ROWS] = {0};
  memcpy (own, search->query + first * d, rows * d * sizeof *own);
  for (size_t j = 0; j < search->n; j += BLOCK) {
    size_t count = MIN (BLOCK, search->n - j);
    tsr_distance_block (own, search->x + j * d, count, d, search->inverse, squared);
    for (size_t r = 0; r < rows; r++)
      have[r] = offer (squared + r * count, j, count, k, have[r], search->index + (first + r) * k,
                       search->distance + (first + r) * k);
  }
}

bool
tsr_distance_block_nearest (const float *query, size_t m, const float *x, size_t n, size_t d,
                            size_t k, uint32_t *index, float *distance, const TsrProgress *progress,
                            GError **error)
{
  g_return_val_if_fail (k >= 1 && k <= n, false);
  if (!tsr_vectors_check (query, m, d, error) || !tsr_vectors_check (x, n, d, error))
    return false;
  float scale = fmaxf (tsr_vectors_scale (query, m, d), tsr_vectors_scale (x, n, d));
  Search search = {query, x, m, n, d, k, 0, 1 / scale, index, distance};
  /* slices of some 3 G differences, between which cancellation is polled */
  size_t slice = (size_t)(3e9 / ((double)n * (double)d)) / ROWS * ROWS;
  slice = MAX (slice, ROWS * tsr_parallel_workers ());
  for (; search.offset < m; search.offset += slice) {
    tsr_parallel_for (MIN (slice, m - search.offset), ROWS, search_rows, &search);
    if (!tsr_progress_step (progress, (double)MIN (search.offset + slice, m) / (double)m,
                            TSR_STAGE ("Comparing tiles"), error))
      return false;
  }
  for (size_t i = 0; i < m * k; i++)
    distance[i] = sqrtf (distance[i]) * scale;
  return true;
}
