#include "tsr-map.h"

#include "tsr-eigen.h"
#include "tsr-error.h"
#include "tsr-gemm.h"
#include "tsr-i18n.h"
#include "tsr-parallel.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

#define BLOCK 512   /* inner length of one accumulation step */
#define MOST  12000 /* size of the eigenproblem: minutes, and some 4 GB */

/* The matrix whose products are wanted: element (row, p) is centred x in double; rows are features
 * or samples. */
typedef struct {
  const float *x;
  size_t n, d;
  float inverse; /* 1 / scale */
  const double *mean;
  bool gram;        /* products of samples instead of features */
  size_t m;         /* size of the product */
  size_t first, k;  /* the slice of the summed axis */
  double *panels_a; /* [m / mr][k][mr] */
  double *panels_b; /* [m / nr][k][nr] */
  double *product;  /* [m,m], upper tiles */
} Product;

static void
pack_panels (Product *product, size_t panel, size_t width, double *panels)
{
  size_t row = panel * width, rows = MIN (width, product->m - row), k = product->k;
  double *out = panels + panel * width * k;
  if (rows < width)
    memset (out, 0, width * k * sizeof *out);
  for (size_t p = 0; p < k; p++)
    for (size_t r = 0; r < rows; r++) {
      size_t i = product->gram ? row + r : product->first + p,
             c = product->gram ? product->first + p : row + r;
      out[p * width + r] =
          (double)(product->x[i * product->d + c] * product->inverse) - product->mean[c];
    }
}

static void
pack_a (size_t begin, size_t end, unsigned worker, void *data)
{
  for (size_t i = begin; i < end; i++)
    pack_panels (data, i, tsr_gemm_tile_f64 ().mr, ((Product *)data)->panels_a);
}

static void
pack_b (size_t begin, size_t end, unsigned worker, void *data)
{
  for (size_t i = begin; i < end; i++)
    pack_panels (data, i, tsr_gemm_tile_f64 ().nr, ((Product *)data)->panels_b);
}

/* Adds this slice's products to the tiles on and right of the diagonal, one row of tiles at a time.
 */
static void
multiply_tiles (size_t begin, size_t end, unsigned worker, void *data)
{
  Product *product = data;
  TsrGemmTile tile = tsr_gemm_tile_f64 ();
  size_t m = product->m, k = product->k;
  double sum[16 * 16];
  for (size_t a = begin; a < end; a++)
    for (size_t b = a * tile.mr / tile.nr; b * tile.nr < m; b++) {
      tsr_gemm_tile_product_f64 (k, product->panels_a + a * tile.mr * k,
                                 product->panels_b + b * tile.nr * k, sum, tile.nr, false);
      for (size_t r = 0; r < tile.mr && a * tile.mr + r < m; r++)
        for (size_t c = 0; c < tile.nr && b * tile.nr + c < m; c++)
          product->product[(a * tile.mr + r) * m + b * tile.nr + c] += sum[r * tile.nr + c];
    }
}

/* Returns the [m,m] scatter (X - mean)^T (X - mean), or with gram (X - mean)(X - mean)^T. */
static double *
scatter (Product *product, const TsrProgress *progress, GError **error)
{
  TsrGemmTile tile = tsr_gemm_tile_f64 ();
  size_t m = product->m, length = product->gram ? product->d : product->n;
  size_t count_a = (m + tile.mr - 1) / tile.mr, count_b = (m + tile.nr - 1) / tile.nr;
  product->panels_a = g_new (double, count_a *tile.mr *BLOCK);
  product->panels_b = g_new (double, count_b *tile.nr *BLOCK);
  product->product = g_new0 (double, m *m);
  bool ok = true;
  for (size_t p = 0; ok && p < length; p += BLOCK) {
    product->first = p;
    product->k = MIN (BLOCK, length - p);
    tsr_parallel_for (count_a, 4, pack_a, product);
    tsr_parallel_for (count_b, 4, pack_b, product);
    tsr_parallel_for (count_a, 1, multiply_tiles, product);
    ok = tsr_progress_step (progress, -1, TSR_STAGE ("Principal components"), error);
  }
  g_free (product->panels_a);
  g_free (product->panels_b);
  if (!ok) {
    g_free (product->product);
    return NULL;
  }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < i; j++)
      product->product[i * m + j] = product->product[j * m + i];
  return product->product;
}

typedef struct {
  const Product *source;
  size_t k;
  const double *samples; /* [k,n], Gram vectors, or NULL */
  double *components;    /* [k,d] */
  float *scores;         /* [n,k] */
} Projection;

static void
project_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Projection *projection = data;
  const Product *source = projection->source;
  size_t d = source->d;
  g_autofree double *row = g_new (double, d);
  for (size_t i = begin; i < end; i++) {
    for (size_t c = 0; c < d; c++)
      row[c] = (double)(source->x[i * d + c] * source->inverse) - source->mean[c];
    for (size_t j = 0; j < projection->k; j++) {
      const double *v = projection->components + j * d;
      double lane[4] = {0}, rest = 0;
      size_t c = 0;
      for (; c + 4 <= d; c += 4)
        for (int l = 0; l < 4; l++)
          lane[l] += row[c + l] * v[c + l];
      for (; c < d; c++)
        rest += row[c] * v[c];
      projection->scores[i * projection->k + j] =
          (float)((((lane[0] + lane[1]) + (lane[2] + lane[3])) + rest) / source->inverse);
    }
  }
}

/* Components from the Gram matrix: v = X^T u, normalised by the caller. */
static void
gather_component (size_t begin, size_t end, unsigned worker, void *data)
{
  Projection *projection = data;
  const Product *source = projection->source;
  size_t n = source->n, d = source->d;
  for (size_t j = begin; j < end; j++)
    for (size_t i = 0; i < n; i++) {
      double u = projection->samples[j * n + i];
      for (size_t c = 0; c < d; c++)
        projection->components[j * d + c] +=
            u * ((double)(source->x[i * d + c] * source->inverse) - source->mean[c]);
    }
}

/* Scales to length 1 and turns the largest coefficient (the first of equals) positive. */
static void
normalise (double *v, size_t d)
{
  double sum = 0;
  size_t largest = 0;
  for (size_t c = 0; c < d; c++) {
    sum += v[c] * v[c];
    if (fabs (v[c]) > fabs (v[largest]) * (1 + 1e-9))
      largest = c;
  }
  double factor = sum > 0 ? copysign (1 / sqrt (sum), v[largest]) : 0;
  for (size_t c = 0; c < d; c++)
    v[c] *= factor;
}

/* Fills components [k,d] (rows beyond the rank 0) and values [k], eigenvalues of the scatter in
 * scaled units. */
static bool
find_components (Product *product, size_t k, double *components, double *values,
                 const TsrProgress *progress, GError **error)
{
  g_autofree double *matrix = scatter (product, progress, error);
  if (!matrix)
    return false;
  size_t m = product->m;
  g_autofree double *vectors = g_new (double, k *m);
  if (!tsr_eigen_largest (matrix, m, k, values, vectors, progress, error))
    return false;
  if (product->gram) {
    Projection back = {.source = product, .k = k, .samples = vectors, .components = components};
    tsr_parallel_for (k, 1, gather_component, &back);
  } else {
    memcpy (components, vectors, k * m * sizeof *components);
  }
  double floor =
      fmax (values[0], 0) * 1e-12; /* rounding of the products, below which nothing is known */
  for (size_t j = 0; j < k; j++) {
    if (values[j] <= floor) {
      values[j] = 0;
      memset (components + j * product->d, 0, product->d * sizeof *components);
    }
    normalise (components + j * product->d, product->d);
  }
  return true;
}

bool
tsr_pca_with_progress (const float *x, size_t n, size_t d, size_t k, float *scores,
                       float *components, float *variance, const TsrProgress *progress,
                       GError **error)
{
  if (!tsr_vectors_check (x, n, d, error))
    return false;
  g_return_val_if_fail (k >= 1 && k <= MIN (n, d), false);
  if (MIN (n, d) > MOST) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("Principal components of %zu vectors of length %zu would take too long. Shrink "
                    "the vectors or use "
                    "fewer tiles."),
                 n, d);
    return false;
  }
  float scale = tsr_vectors_scale (x, n, d);
  g_autofree double *mean = g_new (double, d), *found = g_new0 (double, k *d),
                    *values = g_new (double, k);
  tsr_vectors_mean (x, n, d, scale, mean);
  Product product = {
      .x = x, .n = n, .d = d, .inverse = 1 / scale, .mean = mean, .gram = d > n, .m = MIN (n, d)};
  if (!find_components (&product, k, found, values, progress, error))
    return false;
  Projection projection = {.source = &product, .k = k, .components = found, .scores = scores};
  if (scores)
    tsr_parallel_for (n, 64, project_rows, &projection);
  for (size_t i = 0; components && i < k * d; i++)
    components[i] = (float)found[i];
  for (size_t j = 0; variance && j < k; j++)
    variance[j] = n > 1 ? (float)(values[j] / (double)(n - 1) * (double)scale * (double)scale) : 0;
  return true;
}

bool
tsr_pca (const float *x, size_t n, size_t d, size_t k, float *scores, float *components,
         float *variance, GError **error)
{
  return tsr_pca_with_progress (x, n, d, k, scores, components, variance, NULL, error);
}
