#include "tsr-knn.h"
#include "tsr-map.h"

#include "tsr-nearest.h"
#include "tsr-error.h"
#include "tsr-gemm.h"
#include "tsr-i18n.h"
#include "tsr-map-accelerator.h"
#include "tsr-parallel.h"
#include "tsr-vectors.h"

#include <math.h>

#define COLUMNS          256  /* of one product block; a multiple of every tile's nr */
#define ACCELERATED_FROM 1000 /* rows; fewer are found before a device has begun */

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

static void
search_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  const Search *search = data;
  size_t d = search->d, mr = search->tile.mr, nr = search->tile.nr, first = search->offset + begin;
  size_t rows = end - begin, groups = (rows + mr - 1) / mr,
         capacity = TSR_BEST_CAPACITY (search->keep);
  g_autofree float *centred = g_new (float, rows *d), *left = g_new (float, groups *mr *d);
  g_autofree float *dots = g_new (float, groups *mr *COLUMNS);
  g_autofree TsrNearest *lists = g_new (TsrNearest, rows * capacity);
  g_autofree TsrBest *best = g_new (TsrBest, rows);
  centre_rows (search, first, rows, centred);
  for (size_t g = 0; g < groups; g++)
    tsr_gemm_pack_f32 (centred + g * mr * d, MIN (mr, rows - g * mr), d, d, 1, mr,
                       left + g * mr * d);
  for (size_t r = 0; r < rows; r++)
    best[r] = (TsrBest){lists + r * capacity, 0, INFINITY};
  for (size_t column = 0; column < search->n; column += COLUMNS) {
    for (size_t c = 0; c < COLUMNS; c += nr)
      for (size_t g = 0; g < groups; g++)
        tsr_gemm_tile_product_f32 (d, left + g * mr * d, search->panels + (column + c) * d,
                                   dots + g * mr * COLUMNS + c, COLUMNS, false);
    for (size_t r = 0; r < rows; r++)
      tsr_best_offer (&best[r], search->keep, search->norm[first + r], search->norm + column,
                      dots + r * COLUMNS, COLUMNS, (uint32_t)column, (uint32_t)(first + r));
  }
  for (size_t r = 0; r < rows; r++) {
    uint32_t *index = search->index + (first + r) * search->k;
    float *squared = search->squared + (first + r) * search->k;
    tsr_best_rank (&best[r], search->keep, search->k, search->x, d, search->inverse, first + r,
                   NULL, index, squared);
    if (!tsr_nearest_is_sure (best[r].limit, squared[search->k - 1], search->norm[first + r], d))
      tsr_nearest_of_all (search->x, search->n, d, search->inverse, first + r, search->k, index,
                          squared);
  }
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
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory to compare %zu vectors. Close other programs or use "
           "fewer tiles."),
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

bool
tsr_knn_accelerated (const TsrMapAccelerator *accelerator, const float *x, size_t n, size_t d,
                     size_t k, uint32_t *index, float *squared, const TsrProgress *progress,
                     GError **error)
{
  if (!accelerator || n < ACCELERATED_FROM || n > accelerator->neighbours_up_to || k == 0)
    return false;
  g_autoptr (GError) why = NULL;
  if (accelerator->neighbours (accelerator->user, x, n, d, k, index, squared, progress, &why))
    return true;
  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&why));
  else
    accelerator->failed (accelerator->user, why);
  return false;
}
