#include "philox.clh"

/* A batch of tiles drawn with replacement, in one of the first `orientations` (1, 2 or 8) ways of lying (1: upright, 2: mirrored or not), as floats in [-1, 1]. tiles [held][r][r][channels] bytes are those from `first` on
 * of `count`; a sample that is another one stays as it is. Sample i is number before + i of the batch. Work-item (y, i): row y of sample i. */
__kernel void
draw_tiles (__global float *restrict out, __global const uchar *restrict tiles, const int first, const int held, const int count,
            const int r, const int channels, const int orientations, const int before, const ulong seed, const ulong stream, const ulong step)
{
  const int y = get_global_id (0), i = get_global_id (1);
  uint4 bits = philox (seed, stream, (step << 32) + (ulong) (before + i));
  const long tile = (long) mul_hi (bits.x, (uint) count) - first;
  if (tile < 0 || tile >= held)
    return;
  const int turn = (int) (bits.y & (uint) (orientations - 1));
  __global const uchar *from = tiles + tile * r * r * channels;
  __global float *row = out + ((long) i * r + y) * r * channels;
  for (int x = 0; x < r; x++) {
    int sx = turn & 1 ? r - 1 - x : x, sy = turn & 2 ? r - 1 - y : y;
    int pixel = turn & 4 ? sx * r + sy : sy * r + sx;
    for (int c = 0; c < channels; c++)
      row[x * channels + c] = (float) from[(long) pixel * channels + c] * (2.0f / 255.0f) - 1.0f;
  }
}
