/* The patches of images from `first` on as rows of a matrix: x [n][h][w][c], column [images][oh][ow][kh][kw][c]; zero outside x.
 * V channels to a work-item (pixel and channels, tap); c is a multiple of V. */

__kernel void
im2col (__global const float *restrict x, __global float *restrict column, ulong offset, int first, int h, int w, int c, int oh, int ow,
        int kh, int kw, int stride, int pad)
{
  column += offset;
  int channels = c / V, channel = get_global_id (0) % channels * V, tap = get_global_id (1);
  size_t pixel = get_global_id (0) / channels;
  int ox = pixel % ow, oy = pixel / ow % oh;
  size_t image = first + pixel / ow / oh;
  int row = oy * stride - pad + tap / kw, line = ox * stride - pad + tap % kw;
  floatV value = 0;
  if (row >= 0 && row < h && line >= 0 && line < w)
    value = LOAD (x, ((image * h + row) * w + line) * c + channel);
  STORE (value, column, (pixel * kh * kw + tap) * c + channel);
}
