/* y = x * w, cross-correlation with zero padding: x [n][h][w][c], weights [k][kh][kw][c], y [n][oh][ow][k].
 * One value of y to a work-item (output channel, ox, image and oy); V input channels at a time. */

__kernel void
conv_forward (__global const float *restrict x, __global const float *restrict weights, __global float *restrict y,
              int n, int h, int w, int c, int oh, int ow, int k, int kh, int kw, int stride, int pad)
{
  int out = get_global_id (0), ox = get_global_id (1), row = get_global_id (2);
  int image = row / oh, oy = row % oh;
  int y0 = oy * stride - pad, x0 = ox * stride - pad;
  int last = c / V * V;
  floatV sum = 0;
  float rest = 0;
  for (int i = max (0, -y0); i < min (kh, h - y0); i++)
    for (int j = max (0, -x0); j < min (kw, w - x0); j++) {
      __global const float *p = x + (((size_t) image * h + y0 + i) * w + x0 + j) * c;
      __global const float *q = weights + (((size_t) out * kh + i) * kw + j) * c;
      for (int l = 0; l < last; l += V)
        sum += LOAD (p, l) * LOAD (q, l);
      for (int l = last; l < c; l++)
        rest += p[l] * q[l];
    }
  y[((size_t) row * ow + ox) * k + out] = sumV (sum) + rest;
}
