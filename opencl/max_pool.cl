/* out[y][x][c] = the largest in[y stride + i - pad][x stride + j - pad][c] of 0 <= i, j < size that lie in the image; NaN wins.
 * NHWC. Work-item (x block, row block): rows of the n*oh output rows, `columns` output pixels each. */
static inline floatV
larger (floatV best, floatV v)
{
  return select (best, v, (v > best) | (v != v));
}

static inline float
larger_one (float best, float v)
{
  return select (best, v, (v > best) | (v != v));
}

__kernel void
max_pool (__global float *restrict out, __global const float *restrict in, const int h, const int w, const int oh, const int ow,
          const int channels, const int size, const int stride, const int pad, const int rows, const int block, const int columns)
{
  const int end = min ((int) (get_global_id (1) + 1) * block, rows);
  const int first = get_global_id (0) * columns, last = min (first + columns, ow);
  for (int row = get_global_id (1) * block; row < end; row++) {
    const int y = row % oh * stride - pad, y0 = max (y, 0), y1 = min (y + size, h);
    __global const float *image = in + (long) (row / oh) * h * w * channels;
    for (int ox = first; ox < last; ox++) {
      const int x = ox * stride - pad, x0 = max (x, 0), x1 = min (x + size, w);
      __global float *q = out + ((long) row * ow + ox) * channels;
      int c = 0;
      for (; c + V <= channels; c += V) {
        floatV best = -INFINITY;
        for (int i = y0; i < y1; i++)
          for (int j = x0; j < x1; j++)
            best = larger (best, LOAD (image, ((long) i * w + j) * channels + c));
        STORE (best, q, c);
      }
      for (; c < channels; c++) {
        float best = -INFINITY;
        for (int i = y0; i < y1; i++)
          for (int j = x0; j < x1; j++)
            best = larger_one (best, image[((long) i * w + j) * channels + c]);
        q[c] = best;
      }
    }
  }
}
