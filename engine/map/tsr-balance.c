#include "tsr-balance.h"

#include "tsr-error.h"
#include "tsr-gemm.h"
#include "tsr-i18n.h"
#include "tsr-map.h"
#include "tsr-parallel.h"
#include "tsr-vectors.h"

#include <math.h>

#define LEFT_OUT  1e-3 /* share of the variance that the dropped axes hold together at most */
#define STRETCHED 1e-3 /* of the first axis' deviation: shorter axes are treated as this long */

typedef struct {
  const float *x;
  size_t n, d, k;
  float inverse;      /* 1 / scale */
  const double *mean; /* of x / scale */
  TsrGemmTile tile;
  const float *panels; /* the axes, scaled, [ceil (k / nr)][d][nr] */
  float *out;          /* [n,k] */
} Turn;

static void
turn_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  const Turn *turn = data;
  size_t d = turn->d, k = turn->k, mr = turn->tile.mr, nr = turn->tile.nr;
  g_autofree float *rows = g_new (float, mr *d), *left = g_new (float, mr *d),
                   *tile = g_new (float, mr *nr);
  for (size_t first = begin; first < end; first += mr) {
    size_t count = MIN (mr, end - first);
    for (size_t r = 0; r < count; r++)
      for (size_t c = 0; c < d; c++)
        rows[r * d + c] =
            (float)((double)(turn->x[(first + r) * d + c] * turn->inverse) - turn->mean[c]);
    tsr_gemm_pack_f32 (rows, count, d, d, 1, mr, left);
    for (size_t column = 0; column < k; column += nr) {
      tsr_gemm_tile_product_f32 (d, left, turn->panels + column * d, tile, nr, false);
      for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < MIN (nr, k - column); c++)
          turn->out[(first + r) * k + column + c] = tile[r * nr + c];
    }
  }
}

/* Scales the axes [k,d] by what their variances ask for and returns how many of them matter. */
static size_t
weigh_axes (float *axes, const float *variance, size_t k, size_t d, double balance)
{
  g_autofree double *left = g_new (double, k + 1); /* what the axes from here on hold */
  double longest = sqrt (variance[0]);
  left[k] = 0;
  for (size_t j = k; j-- > 0;) {
    double deviation = fmax (sqrt (variance[j]), longest * STRETCHED);
    double weight = longest > 0 ? pow (deviation / longest, -balance) : 1;
    left[j] = left[j + 1] + variance[j] * weight * weight;
    for (size_t c = 0; c < d; c++)
      axes[j * d + c] = (float)(axes[j * d + c] * weight);
  }
  size_t wanted = k;
  while (wanted > 1 && left[wanted - 1] <= LEFT_OUT * left[0])
    wanted--;
  return wanted;
}

float *
tsr_balance_axes (const float *x, size_t n, size_t measured, size_t d, double balance, size_t *k,
                  const TsrProgress *progress, GError **error)
{
  size_t most = MIN (measured, d);
  g_autofree float *axes = g_new0 (float, most *d), *variance = g_new0 (float, most + 1);
  if (!tsr_pca_with_progress (x, measured, d, most, NULL, axes, variance, progress, error))
    return NULL;
  *k = weigh_axes (axes, variance, most, d, balance);
  Turn turn = {.x = x, .n = n, .d = d, .k = *k, .tile = tsr_gemm_tile_f32 ()};
  float scale = tsr_vectors_scale (x, measured, d);
  g_autofree double *mean = g_new (double, d);
  tsr_vectors_mean (x, measured, d, scale, mean);
  turn.inverse = 1 / scale;
  turn.mean = mean;
  size_t panels = (*k + turn.tile.nr - 1) / turn.tile.nr;
  g_autofree float *packed = g_new (float, panels *turn.tile.nr *d);
  for (size_t p = 0; p < panels; p++)
    tsr_gemm_pack_f32 (axes + p * turn.tile.nr * d, MIN (turn.tile.nr, *k - p * turn.tile.nr), d, d,
                       1, turn.tile.nr, packed + p * turn.tile.nr * d);
  turn.panels = packed;
  turn.out = g_try_new (float, n *turn.k);
  if (!turn.out)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory to compare %zu vectors. Close other programs or use "
           "fewer tiles."),
        n);
  else
    tsr_parallel_for (n, 8 * turn.tile.mr, turn_rows, &turn);
  return turn.out;
}
