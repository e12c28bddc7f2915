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

/* One output pixel of an image. */
static inline void
warp_pixel (__global float *restrict q, __global const float *restrict image, __global const float *restrict a, int y, int x,
            int size)
{
  __global const float *m = a + 6;
  int row[4], column[4];
  float ty[4], tx[4], sum[C];
  find_taps (a, y, x, size, row, column, ty, tx);
  for (int c = 0; c < C; c++)
    sum[c] = 0;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++)
      for (int c = 0; c < C; c++)
        sum[c] += ty[i] * tx[j] * image[(row[i] * size + column[j]) * C + c];
  for (int k = 0; k < C; k++) {
    float value = 0;
    for (int c = 0; c < C; c++)
      value += m[k * C + c] * sum[c];
    q[k] = value;
  }
}

/* Work-item (y block, image): output rows [y*rows, (y+1)*rows). */
__kernel void
warp (__global float *restrict out, __global const float *restrict in, __global const float *restrict map, const int size,
      const int rows)
{
  const int n = get_global_id (1), y0 = get_global_id (0) * rows, y1 = min (y0 + rows, size);
  __global const float *a = map + n * (6 + C * C), *image = in + (long) n * size * size * C;
  for (int y = y0; y < y1; y++)
    for (int x = 0; x < size; x++)
      warp_pixel (out + (((long) n * size + y) * size + x) * C, image, a, y, x, size);
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

/* The same two for a GPU, a pixel to a work-item (x, y, image). */
__kernel void
warp_point (__global float *restrict out, __global const float *restrict in, __global const float *restrict map, const int size)
{
  const int x = get_global_id (0), y = get_global_id (1), n = get_global_id (2);
  warp_pixel (out + (((long) n * size + y) * size + x) * C, in + (long) n * size * size * C, map + n * (6 + C * C), y, x, size);
}

/* Adds to sum what the outputs carry that take the point (v, u), before mirroring, among their taps: they lie in the box that
 * the map's inverse makes of the taps' reach. */
static inline void
gather (__global const float *a, __global const float *g, int u, int v, int size, float *sum)
{
  const float middle = 0.5f * (float) (size - 1), det = a[0] * a[4] - a[1] * a[3];
  const float dv = (float) v - middle - a[2], du = (float) u - middle - a[5];
  const float x0 = (a[4] * dv - a[1] * du) / det + middle, y0 = (a[0] * du - a[3] * dv) / det + middle;
  const float hx = 2.01f * (fabs (a[4]) + fabs (a[1])) / fabs (det) + 0.01f;
  const float hy = 2.01f * (fabs (a[3]) + fabs (a[0])) / fabs (det) + 0.01f;
  const float most = (float) (size - 1);
  const int first_x = (int) ceil (clamp (x0 - hx, 0.0f, (float) size)), last_x = (int) floor (clamp (x0 + hx, -1.0f, most));
  const int first_y = (int) ceil (clamp (y0 - hy, 0.0f, (float) size)), last_y = (int) floor (clamp (y0 + hy, -1.0f, most));
  for (int y = first_y; y <= last_y; y++)
    for (int x = first_x; x <= last_x; x++) {
      const float dx = (float) x - middle, dy = (float) y - middle;
      const float pv = a[0] * dx + a[1] * dy + a[2] + middle, pu = a[3] * dx + a[4] * dy + a[5] + middle;
      const float fu = floor (pu), fv = floor (pv);
      const int i = u - (int) fu + 1, j = v - (int) fv + 1;
      if (i < 0 || i > 3 || j < 0 || j > 3)
        continue;
      float ty[4], tx[4];
      cubic_taps (pu - fu, ty);
      cubic_taps (pv - fv, tx);
      const float weight = ty[i] * tx[j];
      for (int k = 0; k < C; k++)
        sum[k] += weight * g[(y * size + x) * C + k];
    }
}

/* The least and the largest coordinate that taps of the image reach along one axis, b0 dx + b1 dy + b2. */
static inline int2
reach (float b0, float b1, float b2, int size)
{
  const float middle = 0.5f * (float) (size - 1), span = middle * (fabs (b0) + fabs (b1));
  return (int2) ((int) floor (b2 + middle - span) - 2, (int) ceil (b2 + middle + span) + 2);
}

/* The point `from` mirrors to `at` in every period; returns the `k`-th from `least` on that does, or more than `most`. */
static inline int
mirrored (int k, int at, int size, int least, int most)
{
  const int period = max (2 * (size - 1), 1), twice = at == 0 || at == size - 1 ? 1 : 2;
  const int base = (int) floor ((float) (least - at) / (float) period);
  const int turn = base + k / twice;
  return k % twice == 0 ? at + turn * period : (turn + 1) * period - at;
}

__kernel void
warp_adjoint_point (__global float *restrict out, __global const float *restrict in, __global const float *restrict map,
                    const int size)
{
  const int x = get_global_id (0), y = get_global_id (1), n = get_global_id (2);
  __global const float *a = map + n * (6 + C * C), *m = a + 6;
  __global const float *g = in + (long) n * size * size * C;
  __global float *q = out + (((long) n * size + y) * size + x) * C;
  const int2 rows = reach (a[3], a[4], a[5], size), columns = reach (a[0], a[1], a[2], size);
  float sum[C];
  for (int k = 0; k < C; k++)
    sum[k] = 0;
  for (int i = 0;; i++) {
    const int u = mirrored (i, y, size, rows.x, rows.y);
    if (u > rows.y)
      break;
    for (int j = 0;; j++) {
      const int v = mirrored (j, x, size, columns.x, columns.y);
      if (v > columns.y)
        break;
      gather (a, g, u, v, size, sum);
    }
  }
  for (int c = 0; c < C; c++) {
    float value = 0;
    for (int k = 0; k < C; k++)
      value += m[k * C + c] * sum[k];
    q[c] = value;
  }
}
