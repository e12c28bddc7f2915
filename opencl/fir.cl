/* upfirdn2d of StyleGAN2 with the taps [1,3,3,1]/8 on both axes: x is spread by UP zeros, padded, filtered, thinned by DOWN.
 *   out[y][x] = gain sum_{u,v} f[u] f[v] spread[y DOWN + u - pad][x DOWN + v - pad]
 * NHWC. Work-item (x block, row block): rows of the n*oh output rows, `columns` output pixels each. */
static inline float
tap (int k)
{
  return k == 0 || k == 3 ? 0.125f : 0.375f;
}

#if UP == 1
/* Without spreading, each column's four rows are summed once and serve every pixel whose taps reach the column. */
static inline floatV
columnV (__global const float *image, const int *row, const float *weight, int x, int w, int channels, int c)
{
  floatV sum = 0;
  if (x < 0 || x >= w)
    return sum;
  for (int k = 0; k < 4; k++)
    sum += weight[k] * LOAD (image, (long) (row[k] + x) * channels + c);
  return sum;
}

static inline float
column1 (__global const float *image, const int *row, const float *weight, int x, int w, int channels, int c)
{
  float sum = 0;
  if (x < 0 || x >= w)
    return sum;
  for (int k = 0; k < 4; k++)
    sum += weight[k] * image[(long) (row[k] + x) * channels + c];
  return sum;
}

/* One row of output pixels [x0, x1): v holds the columns from x DOWN - pad on. */
static inline void
fir_row (__global float *q, __global const float *image, const int *row, const float *weight, int x0, int x1, int w, int channels,
         int pad)
{
  int c = 0;
  for (; c + V <= channels; c += V) {
    int next = x0 * DOWN - pad;
    floatV v0 = 0, v1 = 0, v2 = columnV (image, row, weight, next, w, channels, c),
           v3 = columnV (image, row, weight, next + 1, w, channels, c);
#if DOWN == 1
    v1 = v2, v2 = v3, v3 = columnV (image, row, weight, next + 2, w, channels, c);
    next++;
#endif
    next += 2;
    for (int x = x0; x < x1; x++) {
#if DOWN == 1
      v0 = v1, v1 = v2, v2 = v3, v3 = columnV (image, row, weight, next++, w, channels, c);
#else
      v0 = v2, v1 = v3;
      v2 = columnV (image, row, weight, next, w, channels, c);
      v3 = columnV (image, row, weight, next + 1, w, channels, c);
      next += 2;
#endif
      STORE (0.125f * (v0 + v3) + 0.375f * (v1 + v2), q + (long) x * channels, c);
    }
  }
  for (; c < channels; c++)
    for (int x = x0; x < x1; x++) {
      float sum = 0;
      for (int k = 0; k < 4; k++)
        sum += tap (k) * column1 (image, row, weight, x * DOWN + k - pad, w, channels, c);
      q[(long) x * channels + c] = sum;
    }
}

__kernel void
fir (__global float *restrict out, __global const float *restrict in, const int h, const int w, const int oh, const int ow,
     const int channels, const int pad, const int rows, const int block, const int columns, const float gain)
{
  const int end = min ((int) (get_global_id (1) + 1) * block, rows);
  const int x0 = get_global_id (0) * columns, x1 = min (x0 + columns, ow);
  for (int r = get_global_id (1) * block; r < end; r++) {
    int row[4];
    float weight[4];
    for (int k = 0; k < 4; k++) { /* rows outside weigh nothing */
      const int y = r % oh * DOWN + k - pad;
      row[k] = clamp (y, 0, h - 1) * w;
      weight[k] = y >= 0 && y < h ? gain * tap (k) : 0.0f;
    }
    fir_row (out + (long) r * ow * channels, in + (long) (r / oh) * h * w * channels, row, weight, x0, x1, w, channels, pad);
  }
}
#else
__kernel void
fir (__global float *restrict out, __global const float *restrict in, const int h, const int w, const int oh, const int ow,
     const int channels, const int pad, const int rows, const int block, const int columns, const float gain)
{
  const int end = min ((int) (get_global_id (1) + 1) * block, rows);
  const int x0 = get_global_id (0) * columns, x1 = min (x0 + columns, ow);
  for (int row = get_global_id (1) * block; row < end; row++) {
    const int y = row % oh;
    __global const float *image = in + (long) (row / oh) * h * w * channels;
    for (int x = x0; x < x1; x++) {
      __global float *q = out + ((long) row * ow + x) * channels;
      /* The taps that fall on a pixel: source offset and weight, at most 4 each way. */
      int from_y[4], from_x[4], ny = 0, nx = 0;
      float wy[4], wx[4];
      for (int k = 0; k < 4; k++) {
        const int sy = y * DOWN + k - pad, sx = x * DOWN + k - pad;
        if (sy >= 0 && sy % UP == 0 && sy / UP < h) {
          from_y[ny] = sy / UP * w;
          wy[ny++] = gain * tap (k);
        }
        if (sx >= 0 && sx % UP == 0 && sx / UP < w) {
          from_x[nx] = sx / UP;
          wx[nx++] = tap (k);
        }
      }
      int c = 0;
      for (; c + V <= channels; c += V) {
        floatV sum = 0;
        for (int a = 0; a < ny; a++)
          for (int b = 0; b < nx; b++)
            sum += wy[a] * wx[b] * LOAD (image, (long) (from_y[a] + from_x[b]) * channels + c);
        STORE (sum, q, c);
      }
      for (; c < channels; c++) {
        float sum = 0;
        for (int a = 0; a < ny; a++)
          for (int b = 0; b < nx; b++)
            sum += wy[a] * wx[b] * image[(long) (from_y[a] + from_x[b]) * channels + c];
        q[c] = sum;
      }
    }
  }
}
#endif

/* The same for a GPU. Work-item (x and vector of channels, y, image). */
__kernel void
fir_point (__global float *restrict out, __global const float *restrict in, const int h, const int w, const int oh, const int ow,
           const int channels, const int pad, const int images, const float gain)
{
  const int vectors = channels / V, c = get_global_id (0) % vectors * V, x = get_global_id (0) / vectors;
  const int y = get_global_id (1), n = get_global_id (2);
  if (x >= ow || y >= oh || n >= images)
    return;
  __global const float *image = in + (long) n * h * w * channels + c;
  floatV sum = 0;
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const int sy = y * DOWN + i - pad;
    if (sy < 0 || sy % UP != 0 || sy / UP >= h)
      continue;
    floatV line = 0;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const int sx = x * DOWN + j - pad;
      if (sx >= 0 && sx % UP == 0 && sx / UP < w)
        line += tap (j) * LOAD (image, ((long) (sy / UP) * w + sx / UP) * channels);
    }
    sum += tap (i) * line;
  }
  STORE (gain * sum, out, (((long) n * oh + y) * ow + x) * channels + c);
}
