#include "tsr-knn.h"
#include "tsr-map.h"

#include "tsr-error.h"
#include "tsr-gemm.h"
#include "tsr-parallel.h"
#include "tsr-random.h"
#include "tsr-simd.h"
#include "tsr-vectors.h"

#include <math.h>
#include <stdlib.h>

#define COLUMNS 256 /* of one product block; a multiple of every tile's nr */

/* A candidate is its squared distance's bits over its index: floats that are not negative order
 * like their bits, so candidates compare by distance and then by index as plain integers. */
typedef uint64_t Candidate;

typedef struct {
  const float *x;
  size_t n, d, k;
  size_t keep; /* how many survive the products' rounded distances to be ranked exactly, some more
                  than k */
  float inverse;
  const double *mean; /* of x / scale; centring keeps the products' cancellation small */
  TsrGemmTile tile;
  size_t rows;   /* of a chunk, a multiple of tile.mr */
  float *panels; /* [ceil (n / COLUMNS) * COLUMNS / nr][d][nr] */
  float *norm;   /* squared, from the same products; INFINITY in the padding */
  uint32_t *index;
  float *squared;
  size_t offset; /* of the slice of rows in progress */
} Search;

static inline Candidate
make_candidate (float squared, uint32_t index)
{
  uint32_t bits;
  memcpy (&bits, &squared, sizeof bits);
  return (Candidate)bits << 32 | index;
}

static inline float
candidate_squared (Candidate candidate)
{
  uint32_t bits = (uint32_t)(candidate >> 32);
  float squared;
  memcpy (&squared, &bits, sizeof bits);
  return squared;
}

/* Moves the `keep` smallest of n > keep distinct candidates to the front (Hoare 1961, FIND); a[keep
 * - 1] is the largest of them. */
static void
select_smallest (Candidate *a, size_t n, size_t keep)
{
  ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, wanted = (ptrdiff_t)keep - 1;
  while (low < high) {
    Candidate pivot = a[wanted];
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot)
        i++;
      while (pivot < a[j])
        j--;
      if (i <= j) {
        Candidate t = a[i];
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
  Candidate p = *(const Candidate *)a, q = *(const Candidate *)b;
  return (p > q) - (p < q);
}

/* Rows [first, first + rows) of x, centred and scaled, [rows, d]. */
static void
centre_rows (const Search *search, size_t first, size_t rows, float *out)
{
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < search->d; c++)
      out[r * search->d + c] =
          (float)((double)(search->x[(first + r) * search->d + c] * search->inverse) -
                  search->mean[c]);
}

static void
pack_block (size_t begin, size_t end, unsigned worker, void *data)
{
  Search *search = data;
  size_t d = search->d, nr = search->tile.nr, mr = search->tile.mr;
  g_autofree float *rows = g_new0 (float, nr *d), *left = g_new (float, mr *d),
                   *dots = g_new (float, mr *nr);
  for (size_t panel = begin; panel < end; panel++) {
    size_t first = panel * nr, count = first < search->n ? MIN (nr, search->n - first) : 0;
    float *out = search->panels + panel * nr * d;
    centre_rows (search, first, count, rows);
    tsr_gemm_pack_f32 (rows, count, d, d, 1, nr, out);
    for (size_t r = 0; r < nr; r += mr) {
      size_t height = r < count ? MIN (mr, count - r) : 0;
      tsr_gemm_pack_f32 (rows + r * d, height, d, d, 1, mr, left);
      tsr_gemm_tile_product_f32 (d, left, out, dots, nr, false);
      for (size_t i = 0; i < MIN (mr, nr - r); i++)
        search->norm[first + r + i] = r + i < count ? dots[i * nr + r + i] : INFINITY;
    }
  }
}

/* The candidates of one row so far. */
typedef struct {
  Candidate *list; /* [capacity] */
  size_t count;
  float limit; /* no candidate at this distance or beyond is wanted */
} Best;

/* Offers the row's distances to columns [first, first + COLUMNS). */
TSR_CLONES static void
offer (Best *best, size_t capacity, size_t keep, float norm, const float *norms, const float *dots,
       uint32_t first, uint32_t self)
{
  for (uint32_t j = 0; j < COLUMNS; j += TSR_LANES) {
    float squared[TSR_LANES];
    int near = 0;
    for (int l = 0; l < TSR_LANES; l++) {
      float value = (norm + norms[j + l]) - 2 * dots[j + l];
      squared[l] = value > 0 ? value : 0;
      near |= squared[l] < best->limit;
    }
    if (!near)
      continue;
    if (best->count + TSR_LANES > capacity) {
      select_smallest (best->list, best->count, keep);
      best->count = keep;
      best->limit = candidate_squared (best->list[keep - 1]);
    }
    for (uint32_t l = 0; l < TSR_LANES; l++)
      if (squared[l] < best->limit && first + j + l != self)
        best->list[best->count++] = make_candidate (squared[l], first + j + l);
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

static void
rank_exactly (const Search *search, size_t row, Best *best)
{
  if (best->count > search->keep) {
    select_smallest (best->list, best->count, search->keep);
    best->count = search->keep;
  }
  const float *own = search->x + row * search->d;
  for (size_t j = 0; j < best->count; j++) {
    uint32_t index = (uint32_t)best->list[j];
    best->list[j] = make_candidate (
        squared_distance (own, search->x + (size_t)index * search->d, search->inverse, search->d),
        index);
  }
  qsort (best->list, best->count, sizeof (Candidate), compare_candidates);
  for (size_t j = 0; j < search->k; j++) {
    search->index[row * search->k + j] = (uint32_t)best->list[j];
    search->squared[row * search->k + j] = candidate_squared (best->list[j]);
  }
}

static void
search_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  const Search *search = data;
  size_t d = search->d, mr = search->tile.mr, nr = search->tile.nr, first = search->offset + begin;
  size_t rows = end - begin, groups = (rows + mr - 1) / mr, capacity = 2 * search->keep + TSR_LANES;
  g_autofree float *centred = g_new (float, rows *d), *left = g_new (float, groups *mr *d);
  g_autofree float *dots = g_new (float, groups *mr *COLUMNS);
  g_autofree Candidate *lists = g_new (Candidate, rows * capacity);
  g_autofree Best *best = g_new (Best, rows);
  centre_rows (search, first, rows, centred);
  for (size_t g = 0; g < groups; g++)
    tsr_gemm_pack_f32 (centred + g * mr * d, MIN (mr, rows - g * mr), d, d, 1, mr,
                       left + g * mr * d);
  for (size_t r = 0; r < rows; r++)
    best[r] = (Best){lists + r * capacity, 0, INFINITY};
  for (size_t column = 0; column < search->n; column += COLUMNS) {
    for (size_t c = 0; c < COLUMNS; c += nr)
      for (size_t g = 0; g < groups; g++)
        tsr_gemm_tile_product_f32 (d, left + g * mr * d, search->panels + (column + c) * d,
                                   dots + g * mr * COLUMNS + c, COLUMNS, false);
    for (size_t r = 0; r < rows; r++)
      offer (&best[r], capacity, search->keep, search->norm[first + r], search->norm + column,
             dots + r * COLUMNS, (uint32_t)column, (uint32_t)(first + r));
  }
  for (size_t r = 0; r < rows; r++)
    rank_exactly (search, first + r, &best[r]);
}

bool
tsr_knn_scaled (const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *squared,
                float *scale, const TsrProgress *progress, GError **error)
{
  g_return_val_if_fail (k < n, false);
  *scale = tsr_vectors_scale (x, n, d);
  if (k == 0)
    return true;
  g_autofree double *mean = g_new (double, d);
  tsr_vectors_mean (x, n, d, *scale, mean);
  Search search = {.x = x,
                   .n = n,
                   .d = d,
                   .k = k,
                   .keep = MIN (n - 1, k + MAX (16, k / 4)),
                   .inverse = 1 / *scale,
                   .mean = mean,
                   .tile = tsr_gemm_tile_f32 (),
                   .index = index,
                   .squared = squared};
  size_t padded = (n + COLUMNS - 1) / COLUMNS * COLUMNS;
  search.rows = 8 * search.tile.mr;
  search.panels = g_try_new (float, padded *d);
  search.norm = g_new (float, padded);
  bool ok = search.panels != NULL;
  if (!ok)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "There is not enough memory to compare %zu vectors. Close other programs or use "
                 "fewer tiles.",
                 n);
  else
    tsr_parallel_for (padded / search.tile.nr, 8, pack_block, &search);
  /* slices of some 10 GFLOP, between which cancellation is polled */
  size_t chunks = (size_t)(5e9 / ((double)n * (double)d * (double)search.rows));
  size_t slice = search.rows * MAX (chunks, tsr_parallel_workers ());
  for (; ok && search.offset < n; search.offset += slice) {
    tsr_parallel_for (MIN (slice, n - search.offset), search.rows, search_rows, &search);
    ok = tsr_progress_step (progress, (double)MIN (search.offset + slice, n) / (double)n,
                            TSR_STAGE ("Comparing tiles"), error);
  }
  g_free (search.panels);
  g_free (search.norm);
  return ok;
}

bool
tsr_knn (const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *distance,
         const TsrProgress *progress, GError **error)
{
  float scale;
  if (!tsr_vectors_check (x, n, d, error) ||
      !tsr_knn_scaled (x, n, d, k, index, distance, &scale, progress, error))
    return false;
  for (size_t i = 0; i < n * k; i++)
    distance[i] = sqrtf (distance[i]) * scale;
  return true;
}

/* --- recall --- */

typedef struct {
  const float *x;
  size_t n, d, k;
  const uint32_t *index, *sample;
  size_t *hits; /* [samples] */
} Recall;

static int
compare_doubles (const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

static double
exact_squared (const Recall *recall, size_t i, size_t j)
{
  double sum = 0;
  for (size_t c = 0; c < recall->d; c++) {
    double t = (double)recall->x[i * recall->d + c] - recall->x[j * recall->d + c];
    sum += t * t;
  }
  return sum;
}

static void
count_hits (size_t begin, size_t end, unsigned worker, void *data)
{
  Recall *recall = data;
  size_t n = recall->n, k = recall->k;
  g_autofree double *all = g_new (double, n);
  for (size_t s = begin; s < end; s++) {
    size_t row = recall->sample[s], others = 0;
    for (size_t j = 0; j < n; j++)
      if (j != row)
        all[others++] = exact_squared (recall, row, j);
    qsort (all, others, sizeof *all, compare_doubles);
    double limit =
        all[k - 1] * (1 + 1e-5); /* distances in single precision cannot tell closer ones apart */
    for (size_t j = 0; j < k; j++)
      recall->hits[s] += exact_squared (recall, row, recall->index[row * k + j]) <= limit;
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
  Recall recall = {x, n, d, k, index, sample, hits};
  tsr_parallel_for (samples, 1, count_hits, &recall);
  size_t sum = 0;
  for (size_t s = 0; s < samples; s++)
    sum += hits[s];
  return (double)sum / ((double)samples * (double)k);
}
