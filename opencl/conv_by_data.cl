/* The gradient of conv_forward.cl by x, which is also the transposed convolution: gy [n][oh][ow][k], weights [k][kh][kw][c],
 * gx [n][h][w][c]. V channels of gx to a work-item (channels, column, image and row); the last ones are done one by one. */

__kernel void
conv_by_data (__global const float *restrict gy, __global const float *restrict weights, __global float *restrict gx,
              int n, int h, int w, int c, int oh, int ow, int k, int kh, int kw, int stride, int pad)
{
  int first = get_global_id (0) * V, column = get_global_id (1), line = get_global_id (2);
  int image = line / h, row = line % h;
  bool whole = first + V <= c;
  floatV sum = 0;
  float rest[V];
  for (int l = 0; l < V; l++)
    rest[l] = 0;
  for (int i = 0; i < kh; i++)
    for (int j = 0; j < kw; j++) {
      int ty = row + pad - i, tx = column + pad - j; /* stride times the place in gy */
      if (ty < 0 || tx < 0 || ty % stride || tx % stride || ty / stride >= oh || tx / stride >= ow)
        continue;
      __global const float *p = gy + (((size_t) image * oh + ty / stride) * ow + tx / stride) * k;
      __global const float *q = weights + ((size_t) i * kw + j) * c + first;
      size_t step = (size_t) kh * kw * c;
      if (whole)
        for (int o = 0; o < k; o++)
          sum += p[o] * LOAD (q, o * step);
      else
        for (int o = 0; o < k; o++)
          for (int l = 0; l < c - first; l++)
            rest[l] += p[o] * q[o * step + l];
    }
  __global float *to = gx + ((size_t) line * w + column) * c + first;
  if (whole)
    STORE (sum, to, 0);
  else
    for (int l = 0; l < c - first; l++)
      to[l] = rest[l];
}
