/* conv_by_data.cl in tiles (tile.clh): rows are pixels of gx, columns its channels, k runs over taps and channels of gy. With a
 * stride, the pixels of gx fall into stride^2 phases by their place modulo the stride, each reached by taps of its own: a phase
 * is a product of its own, so that nothing is multiplied by the zeros in between. */
#include "tile_vectors.clh"
#include "conv_shape.clh"

/* Along one axis of `size` with `taps`: the phase's first pixel is number `phase`, its first tap `*tap`; returns how many taps. */
static inline int
phase_taps (int phase, int taps, int stride, int pad, int *tap)
{
  *tap = (phase + pad) % stride;
  return *tap < taps ? (taps - 1 - *tap) / stride + 1 : 0;
}

static inline int
phase_pixels (int phase, int size, int stride)
{
  return phase < size ? (size - 1 - phase) / stride + 1 : 0;
}

static inline void
extents (Shape s, int phase, int *m, int *n, int *k)
{
  int tap;
  const int y = phase / s.stride, x = phase % s.stride;
  *m = s.n * phase_pixels (y, s.h, s.stride) * phase_pixels (x, s.w, s.stride);
  *n = s.c;
  *k = phase_taps (y, s.kh, s.stride, s.pad, &tap) * phase_taps (x, s.kw, s.stride, s.pad, &tap) * s.k;
}

/* The image and where the phase's first tap comes from in gy; how many taps a row has. */
typedef struct {
  int image, y, x, columns;
} OuterA;

static inline OuterA
outer_a (Shape s, int phase, int m)
{
  int tap_y, tap_x;
  const int py = phase / s.stride, px = phase % s.stride;
  const int h = phase_pixels (py, s.h, s.stride), w = phase_pixels (px, s.w, s.stride);
  phase_taps (py, s.kh, s.stride, s.pad, &tap_y);
  const int columns = phase_taps (px, s.kw, s.stride, s.pad, &tap_x);
  const OuterA o = {m / (h * w), m / w % h + (py + s.pad - tap_y) / s.stride, m % w + (px + s.pad - tap_x) / s.stride, columns};
  return o;
}

static inline floatA
load_a (__global const float *gy, Shape s, OuterA o, int k)
{
  const int tap = k / s.k, channel = k - tap * s.k, i = tap / o.columns;
  const int row = o.y - i, column = o.x - (tap - i * o.columns);
  if (row < 0 || row >= s.oh || column < 0 || column >= s.ow)
    return (floatA) (0.0f);
  return LOAD_A (gy + (((long) o.image * s.oh + row) * s.ow + column) * s.k + channel);
}

/* The channel, and the phase's taps. */
typedef struct {
  int channel, tap_y, tap_x, columns;
} OuterB;

static inline OuterB
outer_b (Shape s, int phase, int n)
{
  int tap_y, tap_x;
  phase_taps (phase / s.stride, s.kh, s.stride, s.pad, &tap_y);
  const int columns = phase_taps (phase % s.stride, s.kw, s.stride, s.pad, &tap_x);
  const OuterB o = {n, tap_y, tap_x, columns};
  return o;
}

static inline floatB
load_b (__global const float *weights, Shape s, OuterB o, int k)
{
  const int tap = k / s.k, channel = k - tap * s.k, i = tap / o.columns;
  const int row = o.tap_y + i * s.stride, column = o.tap_x + (tap - i * o.columns) * s.stride;
  return LOAD_B (weights + (((long) channel * s.kh + row) * s.kw + column) * s.c + o.channel);
}

static inline long
out_row (Shape s, int phase, int m)
{
  const int py = phase / s.stride, px = phase % s.stride;
  const int h = phase_pixels (py, s.h, s.stride), w = phase_pixels (px, s.w, s.stride);
  const int row = m / w % h * s.stride + py, column = m % w * s.stride + px;
  return (((long) (m / (h * w)) * s.h + row) * s.w + column) * s.c;
}

#define A_ALONG_K
#define VA_ROWS 1
#define VB_ROWS VB
#include "tile.clh"
