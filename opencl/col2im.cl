/* The transpose of im2col.cl: each value of gx [n][h][w][c] is the sum of its copies in column [images][oh][ow][kh][kw][c].
 * V channels to a work-item (channels, column of gx, image and row counted from `first`); c is a multiple of V. */

__kernel void
col2im (__global float *restrict gx, __global const float *restrict column, ulong offset, int first, int h, int w, int c, int oh, int ow,
        int kh, int kw, int stride, int pad)
{
  column += offset;
  int channels = c / V, channel = get_global_id (0) % channels * V, line = get_global_id (0) / channels % w;
  size_t rows = get_global_id (0) / channels / w;
  int row = rows % h;
  size_t image = rows / h;
  floatV sum = 0;
  for (int i = 0; i < kh; i++)
    for (int j = 0; j < kw; j++) {
      int ty = row + pad - i, tx = line + pad - j;
      if (ty < 0 || tx < 0 || ty % stride || tx % stride || ty / stride >= oh || tx / stride >= ow)
        continue;
      size_t pixel = (image * oh + ty / stride) * ow + tx / stride;
      sum += LOAD (column, ((pixel * kh + i) * kw + j) * c + channel);
    }
  STORE (sum, gx, (((first + image) * h + row) * w + line) * c + channel);
}
