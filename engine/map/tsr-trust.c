#include "tsr-trust.h"

#include "tsr-distance-block.h"
#include "tsr-map.h"
#include "tsr-parallel.h"
#include "tsr-plane.h"
#include "tsr-simd.h"
#include "tsr-vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_RANKED 1000  /* tiles, of however many; the mean's error is then below 0.01 */
#define PAIRS         2.5e7 /* ranked tiles times tiles, where that allows more of them */
#define SLICE         4096
#define RECALL        0.975 /* asked of the approximate search */

typedef struct {
  const float *x, *y;
  size_t n, d, k;
  float inverse;
  const uint32_t *near_w; /* [n,k] */
  uint32_t *near_map;     /* [n,k] */
  const TsrPlane *plane;
  uint8_t *kept;
  size_t ranked, offset;
  uint64_t *penalty; /* [2 ranked]: of strangers on the map, of those lost from it */
} Work;

/* The nearest in W of a tile, where several may be equally far: how many of the k are nearer than
 * the farthest, and how many as far as that are to be chosen. */
typedef struct {
  float farthest;
  size_t nearer, open;
} Nearest;

static Nearest
nearest_of (const float *squared, size_t k)
{
  Nearest nearest = {0};
  for (size_t j = 0; j < k; j++)
    nearest.farthest = MAX (nearest.farthest, squared[j]);
  for (size_t j = 0; j < k; j++)
    nearest.nearer += squared[j] < nearest.farthest;
  nearest.open = k - nearest.nearer;
  return nearest;
}

/* Of tiles at these distances, how many are nearer than the farthest, and as far as it. */
static size_t
count_tied (const Nearest *nearest, const float *squared, size_t k, size_t *tied)
{
  size_t nearer = 0;
  *tied = 0;
  for (size_t j = 0; j < k; j++) {
    nearer += squared[j] < nearest->farthest;
    *tied += squared[j] == nearest->farthest;
  }
  return nearer;
}

size_t
tsr_trust_kept (const float *own, const float *x, size_t d, float inverse, const uint32_t *near_w,
                const uint32_t *near_map, size_t k)
{
  g_autofree float *block = g_new0 (float, TSR_DISTANCE_BLOCK_ROWS *d);
  g_autofree float *rows = g_new (float, 2 * k * d),
                   *squared = g_new (float, 2 * k * TSR_DISTANCE_BLOCK_ROWS);
  memcpy (block, own, d * sizeof *own);
  for (size_t j = 0; j < k; j++) {
    memcpy (rows + j * d, x + (size_t)near_w[j] * d, d * sizeof *x);
    memcpy (rows + (k + j) * d, x + (size_t)near_map[j] * d, d * sizeof *x);
  }
  tsr_distance_block (block, rows, 2 * k, d, inverse, squared);
  Nearest nearest = nearest_of (squared, k);
  size_t tied, nearer = count_tied (&nearest, squared + k, k, &tied);
  return nearer + MIN (tied, nearest.open);
}

static void
find_on_map (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t k = work->k;
  g_autofree float *squared = g_new (float, k);
  for (size_t i = begin + work->offset; i < end + work->offset; i++) {
    tsr_plane_nearest (work->plane, work->y[2 * i], work->y[2 * i + 1], (uint32_t)i, k,
                       work->near_map + i * k, squared);
    work->kept[i] = (uint8_t)tsr_trust_kept (work->x + i * work->d, work->x, work->d, work->inverse,
                                             work->near_w + i * k, work->near_map + i * k, k);
  }
}

/* How many of squared [n] come before number j; row `own` is none of them. */
TSR_CLONES static size_t
rank_of (const float *squared, size_t n, size_t j, size_t own)
{
  float limit = squared[j];
  uint32_t count = 0;
  for (size_t l = 0; l < j; l++)
    count += squared[l] <= limit;
  for (size_t l = j + 1; l < n; l++)
    count += squared[l] < limit;
  bool counted = own < j ? squared[own] <= limit : squared[own] < limit;
  return count - counted;
}

static bool
has (const uint32_t *list, size_t k, uint32_t tile)
{
  for (size_t j = 0; j < k; j++)
    if (list[j] == tile)
      return true;
  return false;
}

static uint64_t
beyond (const Work *work, const float *squared, size_t tile, size_t own)
{
  size_t rank = rank_of (squared, work->n, tile, own) + 1;
  return rank > work->k ? rank - work->k : 0;
}

static void
fetch (const float *squared, const uint32_t *list, size_t k, float *out)
{
  for (size_t j = 0; j < k; j++)
    out[j] = squared[list[j]];
}

/* The sum of (rank in W - k) over those near on the map that are none of the nearest in W; equally
 * near ones for which there is no room among these come directly behind them. */
static uint64_t
strangers_of (const Work *work, const uint32_t *near_map, const Nearest *nearest, size_t excess,
              const float *in_w, size_t own)
{
  uint64_t sum = (uint64_t)excess * (excess + 1) / 2;
  for (size_t j = 0; j < work->k; j++)
    if (in_w[near_map[j]] > nearest->farthest)
      sum += beyond (work, in_w, near_map[j], own);
  return sum;
}

static int
by_size (const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* The sum of (rank on the map - k) over the nearest in W that are not near on the map. Of equally
 * near ones as many are among these as are still to be chosen, the nearest on the map first. */
static uint64_t
lost_of (const Work *work, const uint32_t *near_w, const uint32_t *near_map, const Nearest *nearest,
         size_t chosen, const float *in_w, const float *on_map, size_t own)
{
  uint64_t sum = 0, tied[TSR_TRUST_UNKNOWN];
  size_t n_tied = 0;
  for (size_t j = 0; j < work->k; j++) {
    if (has (near_map, work->k, near_w[j]))
      continue;
    uint64_t far = beyond (work, on_map, near_w[j], own);
    if (in_w[near_w[j]] < nearest->farthest)
      sum += far;
    else
      tied[n_tied++] = far;
  }
  qsort (tied, n_tied, sizeof *tied, by_size);
  for (size_t j = 0; j < MIN (n_tied, nearest->open - chosen); j++)
    sum += tied[j];
  return sum;
}

static void
rank_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t n = work->n, d = work->d, rows = end - begin;
  g_autofree float *own = g_new0 (float, TSR_DISTANCE_BLOCK_ROWS *d);
  g_autofree float *in_w = g_new (float, TSR_DISTANCE_BLOCK_ROWS *n), *on_map = g_new (float, n);
  size_t tile[TSR_DISTANCE_BLOCK_ROWS];
  for (size_t r = 0; r < rows; r++) {
    tile[r] = (begin + work->offset + r) * n / work->ranked;
    memcpy (own + r * d, work->x + tile[r] * d, d * sizeof *own);
  }
  tsr_distance_block (own, work->x, n, d, work->inverse, in_w);
  for (size_t r = 0; r < rows; r++) {
    size_t i = tile[r];
    const uint32_t *near_w = work->near_w + i * work->k, *near_map = work->near_map + i * work->k;
    for (size_t j = 0; j < n; j++) {
      float dx = work->y[2 * j] - work->y[2 * i], dy = work->y[2 * j + 1] - work->y[2 * i + 1];
      on_map[j] = dx * dx + dy * dy;
    }
    uint64_t *penalty = work->penalty + 2 * (begin + work->offset + r);
    const float *row = in_w + r * n;
    float found[TSR_TRUST_UNKNOWN];
    fetch (row, near_w, work->k, found);
    Nearest nearest = nearest_of (found, work->k);
    fetch (row, near_map, work->k, found);
    size_t tied;
    count_tied (&nearest, found, work->k, &tied);
    size_t chosen = MIN (tied, nearest.open);
    penalty[0] = strangers_of (work, near_map, &nearest, tied - chosen, row, i);
    penalty[1] = lost_of (work, near_w, near_map, &nearest, chosen, row, on_map, i);
  }
}

/* Runs body over [0, n) in slices, between which cancellation is polled. */
static bool
in_slices (Work *work, size_t n, size_t slice, size_t grain, TsrParallelBody body,
           const TsrProgress *progress, GError **error)
{
  for (work->offset = 0; work->offset < n; work->offset += slice) {
    tsr_parallel_for (MIN (slice, n - work->offset), grain, body, work);
    if (!tsr_progress_step (progress, (double)MIN (work->offset + slice, n) / (double)n,
                            TSR_STAGE ("Checking the map"), error))
      return false;
  }
  return true;
}

static bool
measure (Work *work, TsrTrust *trust, const TsrProgress *progress, GError **error)
{
  TsrProgressShare share;
  size_t n = work->n, k = work->k;
  uint64_t sum = 0, strangers = 0, lost = 0;
  TsrProgress part = tsr_progress_share (progress, &share, 0.6, 0.7, NULL);
  if (!in_slices (work, n, 16 * SLICE, 256, find_on_map, &part, error))
    return false;
  part = tsr_progress_share (progress, &share, 0.7, 1, NULL);
  size_t slice = (size_t)(3e9 / ((double)n * (double)work->d)) / TSR_DISTANCE_BLOCK_ROWS;
  slice = MAX (slice, tsr_parallel_workers ()) * TSR_DISTANCE_BLOCK_ROWS;
  if (!in_slices (work, work->ranked, slice, TSR_DISTANCE_BLOCK_ROWS, rank_rows, &part, error))
    return false;
  for (size_t i = 0; i < n; i++)
    sum += work->kept[i];
  for (size_t r = 0; r < work->ranked; r++) {
    strangers += work->penalty[2 * r];
    lost += work->penalty[2 * r + 1];
  }
  double scale = 2 / ((double)work->ranked * (double)k * (2.0 * (double)n - 3.0 * (double)k - 1));
  *trust = (TsrTrust){k, work->ranked, (double)sum / ((double)n * (double)k),
                      1 - scale * (double)strangers, 1 - scale * (double)lost};
  return true;
}

bool
tsr_trust (const float *x, size_t n, size_t d, const float *y, size_t k, uint8_t *kept,
           TsrTrust *trust, const TsrProgress *progress, GError **error)
{
  *trust = (TsrTrust){0, 0, NAN, NAN, NAN};
  if (!tsr_vectors_check (x, n, d, error) || !tsr_vectors_check (y, n, 2, error))
    return false;
  k = MIN (k > 0 ? k : TSR_TRUST_NEIGHBOURS, MIN ((n - 1) / 2, TSR_TRUST_UNKNOWN - 1));
  if (kept)
    memset (kept, TSR_TRUST_UNKNOWN, n);
  if (k == 0)
    return true;
  g_autofree uint32_t *near_w = g_new (uint32_t, n * k), *near_map = g_new (uint32_t, n * k);
  g_autofree float *distance = g_new (float, n *k);
  g_autofree uint8_t *counts = g_new (uint8_t, n);
  TsrProgressShare share;
  TsrProgress part = tsr_progress_share (progress, &share, 0, 0.6, TSR_STAGE ("Checking the map"));
  if (n <= TSR_TRUST_EXACT ? !tsr_knn (x, n, d, k, near_w, distance, &part, error)
                           : !tsr_knn_near (x, n, d, k, RECALL, near_w, distance, &part, error))
    return false;
  size_t ranked = n <= TSR_TRUST_ALL ? n : MAX (FEWEST_RANKED, (size_t)(PAIRS / (double)n));
  TsrPlane *plane = tsr_plane_new (y, n);
  Work work = {.x = x,
               .y = y,
               .n = n,
               .d = d,
               .k = k,
               .inverse = 1 / tsr_vectors_scale (x, n, d),
               .near_w = near_w,
               .near_map = near_map,
               .plane = plane,
               .kept = counts,
               .ranked = MIN (ranked, n),
               .penalty = g_new (uint64_t, 2 * n)};
  bool ok = measure (&work, trust, progress, error);
  if (ok && kept)
    memcpy (kept, counts, n);
  g_free (work.penalty);
  tsr_plane_free (plane);
  return ok;
}
