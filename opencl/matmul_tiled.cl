/* C[m][n] = op(A) op(B) in tiles (tile.clh). Defines beside tile.clh's: TRANSPOSE_A, TRANSPOSE_B where an operand is stored as
 * [k][m] or [n][k]. */
#include "tile_vectors.clh"

typedef struct {
  int m, n, k;
} Shape;
#define SHAPE_PARAMETERS , const int m_, const int n_, const int k_
#define SHAPE {m_, n_, k_}

static inline void
extents (Shape s, int phase, int *m, int *n, int *k)
{
  *m = s.m, *n = s.n, *k = s.k;
}

typedef int OuterA;
typedef int OuterB;

static inline int
outer_a (Shape s, int phase, int m)
{
  return m;
}

static inline int
outer_b (Shape s, int phase, int n)
{
  return n;
}

static inline floatA
load_a (__global const float *a, Shape s, int m, int k)
{
#ifdef TRANSPOSE_A
  return LOAD_A (a + (long) k * s.m + m);
#else
  return LOAD_A (a + (long) m * s.k + k);
#endif
}

static inline floatB
load_b (__global const float *b, Shape s, int n, int k)
{
#ifdef TRANSPOSE_B
  return LOAD_B (b + (long) n * s.k + k);
#else
  return LOAD_B (b + (long) k * s.n + n);
#endif
}

static inline long
out_row (Shape s, int phase, int m)
{
  return (long) m * s.n;
}

#ifdef TRANSPOSE_A
#define VA_ROWS VA
#else
#define A_ALONG_K
#define VA_ROWS 1
#endif
#ifdef TRANSPOSE_B
#define B_ALONG_K
#define VB_ROWS 1
#else
#define VB_ROWS VB
#endif
#include "tile.clh"
