#include "tsr-repulsion.h"

#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <glib.h>

#define ROWS 32 /* a chunk */

typedef struct {
  const float *x, *y; /* [padded] */
  size_t n, padded;
  float *force;
  double *z; /* [chunks] */
} Pairs;

TSR_CLONES static void
sum_row (const float *xs, const float *ys, size_t padded, float x, float y, double out[3])
{
  TsrF16 fx = {0}, fy = {0}, z = {0};
  for (size_t j = 0; j < padded; j += TSR_LANES) {
    TsrF16 dx = x - *(const TsrF16u *)(xs + j), dy = y - *(const TsrF16u *)(ys + j);
    TsrF16 q = 1.0f / (1.0f + dx * dx + dy * dy), q2 = q * q;
    z += q;
    fx += q2 * dx;
    fy += q2 * dy;
  }
  out[0] = out[1] = out[2] = 0;
  for (int l = 0; l < TSR_LANES; l++) {
    out[0] += fx[l];
    out[1] += fy[l];
    out[2] += z[l];
  }
}

static void
sum_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Pairs *pairs = data;
  double z = 0;
  for (size_t i = begin; i < end; i++) {
    double out[3];
    sum_row (pairs->x, pairs->y, pairs->padded, pairs->x[i], pairs->y[i], out);
    pairs->force[2 * i] = (float)out[0];
    pairs->force[2 * i + 1] = (float)out[1];
    z += out[2] - 1;
  }
  pairs->z[begin / ROWS] = z;
}

double
tsr_repulsion_exact (const float *y, size_t n, float *force)
{
  size_t padded = (n + TSR_LANES - 1) / TSR_LANES * TSR_LANES, chunks = (n + ROWS - 1) / ROWS;
  g_autofree float *xs = g_new (float, padded), *ys = g_new (float, padded);
  g_autofree double *z = g_new0 (double, chunks + 1);
  for (size_t i = 0; i < padded; i++) { /* the padding is so far away that it weighs nothing */
    xs[i] = i < n ? y[2 * i] : 1e18f;
    ys[i] = i < n ? y[2 * i + 1] : 1e18f;
  }
  Pairs pairs = {xs, ys, n, padded, force, z};
  tsr_parallel_for (n, ROWS, sum_rows, &pairs);
  double sum = 0;
  for (size_t c = 0; c < chunks; c++)
    sum += z[c];
  return sum;
}
