/* out[y][x][c] = the sum of in over the square of `size` pixels (odd) round (y, x), of what lies in the image, / size^2. NHWC; its
 * own adjoint. Work-item (x block, row block): rows of the n*h output rows, `columns` output pixels each. */
__kernel void
average_pool (__global float *restrict out, __global const float *restrict in, const int h, const int w, const int channels,
              const int size, const int rows, const int block, const int columns)
{
  const int end = min ((int) (get_global_id (1) + 1) * block, rows), pad = size / 2;
  const int first = get_global_id (0) * columns, last = min (first + columns, w);
  const float share = 1.0f / (float) (size * size);
  for (int row = get_global_id (1) * block; row < end; row++) {
    const int y = row % h, y0 = max (y - pad, 0), y1 = min (y + pad + 1, h);
    __global const float *image = in + (long) (row / h) * h * w * channels;
    for (int x = first; x < last; x++) {
      const int x0 = max (x - pad, 0), x1 = min (x + pad + 1, w);
      __global float *q = out + ((long) row * w + x) * channels;
      int c = 0;
      for (; c + V <= channels; c += V) {
        floatV sum = 0;
        for (int i = y0; i < y1; i++)
          for (int j = x0; j < x1; j++)
            sum += LOAD (image, ((long) i * w + j) * channels + c);
        STORE (sum * share, q, c);
      }
      for (; c < channels; c++) {
        float sum = 0;
        for (int i = y0; i < y1; i++)
          for (int j = x0; j < x1; j++)
            sum += image[((long) i * w + j) * channels + c];
        q[c] = sum * share;
      }
    }
  }
}
