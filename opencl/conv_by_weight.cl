/* The gradient of conv_forward.cl by its weights: x [n][h][w][c], gy [n][oh][ow][k], gw [k][kh][kw][c].
 * V channels of gw to a work-item (channels, tap, output channel); the last ones are done one by one. */

__kernel void
conv_by_weight (__global const float *restrict x, __global const float *restrict gy, __global float *restrict gw, int n,
                int h, int w, int c, int oh, int ow, int k, int kh, int kw, int stride, int pad)
{
  int first = get_global_id (0) * V, tap = get_global_id (1), out = get_global_id (2);
  int i = tap / kw, j = tap % kw;
  bool whole = first + V <= c;
  floatV sum = 0;
  float rest[V];
  for (int l = 0; l < V; l++)
    rest[l] = 0;
  for (int image = 0; image < n; image++)
    for (int oy = 0; oy < oh; oy++) {
      int row = oy * stride - pad + i;
      if (row < 0 || row >= h)
        continue;
      for (int ox = 0; ox < ow; ox++) {
        int column = ox * stride - pad + j;
        if (column < 0 || column >= w)
          continue;
        float g = gy[(((size_t) image * oh + oy) * ow + ox) * k + out];
        __global const float *p = x + (((size_t) image * h + row) * w + column) * c + first;
        if (whole)
          sum += g * LOAD (p, 0);
        else
          for (int l = 0; l < c - first; l++)
            rest[l] += g * p[l];
      }
    }
  __global float *to = gw + ((size_t) out * kh * kw + tap) * c + first;
  if (whole)
    STORE (sum, to, 0);
  else
    for (int l = 0; l < c - first; l++)
      to[l] = rest[l];
}
