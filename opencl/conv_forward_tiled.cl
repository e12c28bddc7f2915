/* conv_forward.cl in tiles (tile.clh): rows are pixels of y, columns its channels, k runs over taps and channels of x. */
#include "tile_vectors.clh"
#include "conv_shape.clh"

static inline void
extents (Shape s, int phase, int *m, int *n, int *k)
{
  *m = s.n * s.oh * s.ow, *n = s.k, *k = s.kh * s.kw * s.c;
}

/* The image, and where the first tap falls. */
typedef struct {
  int image, y, x;
} OuterA;

static inline OuterA
outer_a (Shape s, int phase, int m)
{
  const OuterA o = {m / (s.oh * s.ow), m / s.ow % s.oh * s.stride - s.pad, m % s.ow * s.stride - s.pad};
  return o;
}

static inline floatA
load_a (__global const float *x, Shape s, OuterA o, int k)
{
  const int tap = k / s.c, channel = k - tap * s.c, i = tap / s.kw;
  const int row = o.y + i, column = o.x + tap - i * s.kw;
  if (row < 0 || row >= s.h || column < 0 || column >= s.w)
    return (floatA) (0.0f);
  return LOAD_A (x + (((long) o.image * s.h + row) * s.w + column) * s.c + channel);
}

typedef long OuterB;

static inline long
outer_b (Shape s, int phase, int n)
{
  return (long) n * s.kh * s.kw * s.c;
}

static inline floatB
load_b (__global const float *weights, Shape s, long o, int k)
{
  return LOAD_B (weights + o + k);
}

static inline long
out_row (Shape s, int phase, int m)
{
  return (long) m * s.k;
}

#define A_ALONG_K
#define VA_ROWS 1
#define B_ALONG_K
#define VB_ROWS 1
#include "tile.clh"
