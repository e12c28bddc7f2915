/* conv_by_weight.cl in tiles (tile.clh): rows are channels of y, columns taps and channels of x, k runs over pixels of y. Here A is
 * gy and B is x. */
#include "tile_vectors.clh"
#include "conv_shape.clh"

static inline void
extents (Shape s, int phase, int *m, int *n, int *k)
{
  *m = s.k, *n = s.kh * s.kw * s.c, *k = s.n * s.oh * s.ow;
}

typedef int OuterA;

static inline int
outer_a (Shape s, int phase, int m)
{
  return m;
}

static inline floatA
load_a (__global const float *gy, Shape s, int channel, int k)
{
  return LOAD_A (gy + (long) k * s.k + channel);
}

/* The tap, from the padding on, and the channel. */
typedef struct {
  int y, x, channel;
} OuterB;

static inline OuterB
outer_b (Shape s, int phase, int n)
{
  const int tap = n / s.c;
  const OuterB o = {tap / s.kw - s.pad, tap % s.kw - s.pad, n - tap * s.c};
  return o;
}

static inline floatB
load_b (__global const float *x, Shape s, OuterB o, int k)
{
  const int line = k / s.ow, image = line / s.oh;
  const int row = (line - image * s.oh) * s.stride + o.y, column = (k - line * s.ow) * s.stride + o.x;
  if (row < 0 || row >= s.h || column < 0 || column >= s.w)
    return (floatB) (0.0f);
  return LOAD_B (x + (((long) image * s.h + row) * s.w + column) * s.c + o.channel);
}

static inline long
out_row (Shape s, int phase, int m)
{
  return (long) m * s.kh * s.kw * s.c;
}

#define VA_ROWS VA
#define VB_ROWS VB
#include "tile.clh"
