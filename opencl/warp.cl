/* A linear map of every image: the pixels are moved by an affine map and the channels mixed by a matrix, the geometric and the
 * colour part of StyleGAN2-ADA's augmentation (Karras et al. 2020, appendix B) without the added colour.
 *   out[y][x][k] = sum_c m[k][c] sum_{i,j} in[reflect (floor (u) + i - 1)][reflect (floor (v) + j - 1)][c] t_i (u) t_j (v)
 * where (u, v) is the point of `in` that (y, x) shows: v = a0 x + a1 y + a2, u = a3 x + a4 y + a5 from the image's middle, and t
 * are the four taps of Keys' cubic convolution (a = -1/2), which leave an image that is not moved exactly as it is. Outside, the
 * image is mirrored at its outermost pixels. map [n][6 + C C]: a0 ... a5, m. */

static inline int
reflect (int i, int size)
{
  const int period = max (2 * (size - 1), 1);
  i = abs (i) % period;
  return i < size ? i : period - i;
}

static inline void
cubic_taps (float f, float *t)
{
  const float f2 = f * f, f3 = f2 * f;
  t[0] = -0.5f * f3 + f2 - 0.5f * f;
  t[1] = 1.5f * f3 - 2.5f * f2 + 1.0f;
  t[2] = -1.5f * f3 + 2.0f * f2 + 0.5f * f;
  t[3] = 0.5f * f3 - 0.5f * f2;
}

/* The taps of output pixel (y, x). Maps are bounded by the host, so that the casts are safe. */
static inline void
find_taps (__global const float *a, int y, int x, int size, int *row, int *column, float *ty, float *tx)
{
  const float middle = 0.5f * (float) (size - 1), dx = (float) x - middle, dy = (float) y - middle;
  const float v = a[0] * dx + a[1] * dy + a[2] + middle, u = a[3] * dx + a[4] * dy + a[5] + middle;
  const float fu = floor (u), fv = floor (v);
  cubic_taps (u - fu, ty);
  cubic_taps (v - fv, tx);
  for (int k = 0; k < 4; k++) {
    row[k] = reflect ((int) fu + k - 1, size);
    column[k] = reflect ((int) fv + k - 1, size);
  }
}

/* Work-item (y block, image): output rows [y*rows, (y+1)*rows). */
__kernel void
warp (__global float *restrict out, __global const float *restrict in, __global const float *restrict map, const int size,
      const int rows)
{
  const int n = get_global_id (1), y0 = get_global_id (0) * rows, y1 = min (y0 + rows, size);
  __global const float *a = map + n * (6 + C * C), *m = a + 6;
  __global const float *image = in + (long) n * size * size * C;
  for (int y = y0; y < y1; y++)
    for (int x = 0; x < size; x++) {
      int row[4], column[4];
      float ty[4], tx[4], sum[C];
      find_taps (a, y, x, size, row, column, ty, tx);
      for (int c = 0; c < C; c++)
        sum[c] = 0;
      for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
          for (int c = 0; c < C; c++)
            sum[c] += ty[i] * tx[j] * image[(row[i] * size + column[j]) * C + c];
      __global float *q = out + (((long) n * size + y) * size + x) * C;
      for (int k = 0; k < C; k++) {
        float value = 0;
        for (int c = 0; c < C; c++)
          value += m[k * C + c] * sum[c];
        q[k] = value;
      }
    }
}

/* The adjoint: gives every pixel of `out` what the outputs it went into carry in `in`. Work-item (y block, image): rows
 * [y*rows, (y+1)*rows) of `out`, for which it looks through all of `in`; nothing is added to by two. */
__kernel void
warp_adjoint (__global float *restrict out, __global const float *restrict in, __global const float *restrict map,
              const int size, const int rows)
{
  const int n = get_global_id (1), y0 = get_global_id (0) * rows, y1 = min (y0 + rows, size);
  __global const float *a = map + n * (6 + C * C), *m = a + 6;
  __global const float *g = in + (long) n * size * size * C;
  __global float *image = out + (long) n * size * size * C;
  for (int k = y0 * size * C; k < y1 * size * C; k++)
    image[k] = 0;
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      int row[4], column[4];
      float ty[4], tx[4], value[C];
      find_taps (a, y, x, size, row, column, ty, tx);
      for (int c = 0; c < C; c++) {
        value[c] = 0;
        for (int k = 0; k < C; k++)
          value[c] += m[k * C + c] * g[(y * size + x) * C + k];
      }
      for (int i = 0; i < 4; i++)
        if (row[i] >= y0 && row[i] < y1)
          for (int j = 0; j < 4; j++)
            for (int c = 0; c < C; c++)
              image[(row[i] * size + column[j]) * C + c] += ty[i] * tx[j] * value[c];
    }
}
