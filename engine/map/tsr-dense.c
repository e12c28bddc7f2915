#include "tsr-dense.h"

#include "tsr-gemm.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define DEPTH         256 /* of a product at a time, so that its panels stay in the cache */
#define CHAINS        8
#define SHARED        4e6 /* multiply-adds from which a product is shared between threads */
#define LARGEST_WIDTH 16
#define LARGEST_TILE  (16 * LARGEST_WIDTH)

TSR_CLONES double
tsr_dense_dot (const double *a, const double *b, size_t n)
{
  double chain[CHAINS] = {0}, rest = 0;
  size_t i = 0;
  for (; i + CHAINS <= n; i += CHAINS)
    for (int c = 0; c < CHAINS; c++)
      chain[c] += a[i + c] * b[i + c];
  for (; i < n; i++)
    rest += a[i] * b[i];
  for (int width = CHAINS / 2; width > 0; width /= 2)
    for (int c = 0; c < width; c++)
      chain[c] += chain[c + width];
  return chain[0] + rest;
}

TSR_CLONES void
tsr_dense_add_scaled (double *y, double a, const double *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    y[i] += a * x[i];
}

/* --- products --- */

TsrDenseStrips
tsr_dense_strips (size_t columns)
{
  size_t few = tsr_gemm_few_f64 (), width = columns <= few ? few : tsr_gemm_tile_f64 ().nr;
  return (TsrDenseStrips){width, (columns + width - 1) / width};
}

/* tile or out [mr,width] = a panel times a strip over k. */
static inline void
product (size_t k, const double *panel, const double *strip, size_t width, double *out)
{
  if (width == tsr_gemm_few_f64 ())
    tsr_gemm_few_product_f64 (k, panel, strip, out, width, false);
  else
    tsr_gemm_tile_product_f64 (k, panel, strip, out, width, false);
}

/* Each part is one thread's, so that how many there are does not matter. */
static void
share (size_t parts, double work, bool parallel, TsrParallelBody body, void *data)
{
  if (parallel && work > SHARED)
    tsr_parallel_for (parts, MAX (1, parts / 16), body, data);
  else
    body (0, parts, 0, data);
}

struct TsrDensePanels {
  size_t n, k, mr, count;
  double *packed; /* [count][k][mr] */
};

TsrDensePanels *
tsr_dense_panels_new (const double *a, size_t n, size_t k, size_t row_stride, size_t column_stride)
{
  TsrDensePanels *self = g_new (TsrDensePanels, 1);
  size_t mr = tsr_gemm_tile_f64 ().mr;
  *self = (TsrDensePanels){.n = n, .k = k, .mr = mr, .count = (n + mr - 1) / mr};
  self->packed = g_new (double, self->count *k *mr + 1);
  for (size_t q = 0; q < self->count; q++)
    tsr_gemm_pack_f64 (a + q * mr * row_stride, MIN (mr, n - q * mr), k, row_stride, column_stride,
                       mr, self->packed + q * mr * k);
  return self;
}

void
tsr_dense_panels_free (TsrDensePanels *self)
{
  if (!self)
    return;
  g_free (self->packed);
  g_free (self);
}

typedef struct {
  const TsrDensePanels *panels;
  TsrDenseStrips strips;
  const double *b;
  double *out;
} Multiplication;

static void
multiply_panels (size_t begin, size_t end, unsigned worker, void *data)
{
  const Multiplication *m = data;
  const TsrDensePanels *panels = m->panels;
  size_t n = panels->n, k = panels->k, mr = panels->mr, width = m->strips.width;
  double tile[LARGEST_TILE] __attribute__ ((aligned (64)));
  for (size_t q = begin; q < end; q++)
    for (size_t s = 0; s < m->strips.count; s++) {
      double *out = m->out + (s * n + q * mr) * width;
      bool whole = (q + 1) * mr <= n;
      product (k, panels->packed + q * mr * k, m->b + s * k * width, width, whole ? out : tile);
      if (!whole)
        memcpy (out, tile, (n - q * mr) * width * sizeof *out);
    }
}

void
tsr_dense_panels_multiply (const TsrDensePanels *self, TsrDenseStrips strips, const double *b,
                           bool parallel, double *out)
{
  Multiplication m = {self, strips, b, out};
  share (self->count, (double)self->n * self->k * (strips.count * strips.width), parallel,
         multiply_panels, &m);
}

typedef struct {
  const TsrDensePanels *panels;
  const double *weight;
  size_t nr, first, depth; /* of k */
  double *right;           /* strips of nr rows of the matrix over depth, weighed */
  double *out;
} Gram;

static void
weigh_strips (size_t begin, size_t end, unsigned worker, void *data)
{
  const Gram *g = data;
  const TsrDensePanels *panels = g->panels;
  size_t mr = panels->mr;
  const double *left[LARGEST_WIDTH];
  for (size_t j = begin; j < end; j++) {
    double *right = g->right + j * g->nr * g->depth;
    size_t rows = MIN (g->nr, panels->n - j * g->nr);
    for (size_t c = 0; c < rows; c++) {
      size_t row = j * g->nr + c;
      left[c] = panels->packed + row / mr * mr * panels->k + g->first * mr + row % mr;
    }
    for (size_t l = 0; l < g->depth; l++, right += g->nr) {
      for (size_t c = 0; c < rows; c++)
        right[c] = left[c][l * mr] * g->weight[g->first + l];
      for (size_t c = rows; c < g->nr; c++)
        right[c] = 0;
    }
  }
}

static void
add_panels (size_t begin, size_t end, unsigned worker, void *data)
{
  const Gram *g = data;
  const TsrDensePanels *panels = g->panels;
  size_t n = panels->n, mr = panels->mr, nr = g->nr;
  double tile[LARGEST_TILE] __attribute__ ((aligned (64)));
  for (size_t q = begin; q < end; q++) {
    size_t i = q * mr, rows = MIN (mr, n - i);
    for (size_t j = 0; j < i + rows; j += nr) {
      double *out = g->out + i * n + j;
      size_t columns = MIN (nr, n - j);
      product (g->depth, panels->packed + i * panels->k + g->first * mr, g->right + j * g->depth,
               nr, tile);
      for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
          out[r * n + c] = tile[r * nr + c] + (g->first > 0 ? out[r * n + c] : 0);
    }
  }
}

void
tsr_dense_panels_gram (const TsrDensePanels *self, const double *weight, bool parallel, double *out)
{
  size_t n = self->n, k = self->k, nr = tsr_gemm_tile_f64 ().nr, strips = (n + nr - 1) / nr;
  g_autofree double *right = g_new (double, strips *nr *MIN (k, DEPTH) + 1), *one = NULL;
  if (!weight) {
    one = g_new (double, k + 1);
    for (size_t l = 0; l < k; l++)
      one[l] = 1;
  }
  for (size_t first = 0; first < k; first += DEPTH) {
    Gram g = {self, weight ? weight : one, nr, first, MIN (DEPTH, k - first), right, out};
    double work = (double)n * n * g.depth;
    share (strips, work, parallel, weigh_strips, &g);
    share (self->count, work, parallel, add_panels, &g);
  }
}

/* --- triangles --- */

struct TsrDenseFactor {
  size_t m, mr, count;
  double *inverse; /* [m] 1 / L's diagonal */
  double *packed;  /* panels of mr rows, as deep as they are below the diagonal */
  double *strip;   /* [m,nr] scratch */
};

/* Panel q: [(q + 1) mr][mr], its last mr the block on the diagonal. */
static inline double *
panel_of (const TsrDenseFactor *self, size_t q)
{
  return self->packed + self->mr * self->mr * (q * (q + 1) / 2);
}

TsrDenseFactor *
tsr_dense_factor_new (size_t m)
{
  TsrDenseFactor *self = g_new (TsrDenseFactor, 1);
  TsrGemmTile size = tsr_gemm_tile_f64 ();
  *self = (TsrDenseFactor){.m = m, .mr = size.mr, .count = (m + size.mr - 1) / size.mr};
  self->inverse = g_new (double, m + 1);
  self->packed = g_new (double, size.mr *size.mr *(self->count * (self->count + 1) / 2) + 1);
  self->strip = g_new (double, m *size.nr + 1);
  return self;
}

void
tsr_dense_factor_free (TsrDenseFactor *self)
{
  if (!self)
    return;
  g_free (self->inverse);
  g_free (self->packed);
  g_free (self->strip);
  g_free (self);
}

/* y [width] -= the sum over r of l[r * stride] times row r of x. */
static inline __attribute__ ((always_inline)) void
subtract (double *y, const double *l, size_t stride, const double *x, size_t rows, size_t width)
{
  double sum[LARGEST_WIDTH];
  for (size_t c = 0; c < width; c++)
    sum[c] = 0;
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < width; c++)
      sum[c] += l[r * stride] * x[r * width + c];
  for (size_t c = 0; c < width; c++)
    y[c] -= sum[c];
}

/* Solves the block [rows,rows] on the diagonal, whose row r begins at l[r]: downwards. */
static inline __attribute__ ((always_inline)) void
solve_down (const double *l, size_t mr, const double *inverse, size_t rows, double *y, size_t width)
{
  for (size_t r = 0; r < rows; r++) {
    subtract (y + r * width, l + r, mr, y, r, width);
    for (size_t c = 0; c < width; c++)
      y[r * width + c] *= inverse[r];
  }
}

/* The same with the block transposed, upwards. */
static inline __attribute__ ((always_inline)) void
solve_up (const double *l, size_t mr, const double *inverse, size_t rows, double *y, size_t width)
{
  for (size_t r = rows; r-- > 0;) {
    subtract (y + r * width, l + r * mr + r + 1, 1, y + (r + 1) * width, rows - r - 1, width);
    for (size_t c = 0; c < width; c++)
      y[r * width + c] *= inverse[r];
  }
}

/* The widths there are, so that the compiler knows them. */
TSR_CLONES static void
down_any (const double *l, size_t mr, const double *inverse, size_t rows, double *y, size_t width)
{
  if (width == 16)
    solve_down (l, mr, inverse, rows, y, 16);
  else if (width == 8)
    solve_down (l, mr, inverse, rows, y, 8);
  else
    solve_down (l, mr, inverse, rows, y, width);
}

TSR_CLONES static void
up_any (const double *l, size_t mr, const double *inverse, size_t rows, double *y, size_t width)
{
  if (width == 16)
    solve_up (l, mr, inverse, rows, y, 16);
  else if (width == 8)
    solve_up (l, mr, inverse, rows, y, 8);
  else
    solve_up (l, mr, inverse, rows, y, width);
}

/* The rows of panel q of one strip, those above being known. */
static void
lower_panel (const TsrDenseFactor *self, size_t q, double *y, size_t width)
{
  size_t mr = self->mr, first = q * mr, rows = MIN (mr, self->m - first);
  const double *panel = panel_of (self, q);
  double tile[LARGEST_TILE] __attribute__ ((aligned (64)));
  if (first > 0) {
    product (first, panel, y, width, tile);
    for (size_t i = 0; i < rows * width; i++)
      y[first * width + i] -= tile[i];
  }
  down_any (panel + first * mr, mr, self->inverse + first, rows, y + first * width, width);
}

void
tsr_dense_factor_lower (const TsrDenseFactor *self, TsrDenseStrips strips, double *b)
{
  for (size_t s = 0; s < strips.count; s++)
    for (size_t q = 0; q < self->count; q++)
      lower_panel (self, q, b + s * self->m * strips.width, strips.width);
}

void
tsr_dense_factor_upper (const TsrDenseFactor *self, TsrDenseStrips strips, double *y)
{
  size_t m = self->m, mr = self->mr, width = strips.width;
  for (size_t s = 0; s < strips.count; s++, y += m * width)
    for (size_t q = self->count; q-- > 0;) {
      size_t first = q * mr, rows = MIN (mr, m - first);
      const double *panel = panel_of (self, q);
      up_any (panel + first * mr, mr, self->inverse + first, rows, y + first * width, width);
      tsr_gemm_subtract_f64 (first, panel, mr, y + first * width, rows, width, y);
    }
}

/* Factors what is left of the block on the diagonal of a panel: a [rows,mr]. */
static void
factor_block (const double *a, size_t mr, size_t rows, double *l, double *inverse)
{
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c <= r; c++) {
      double sum = a[r * mr + c];
      for (size_t k = 0; k < c; k++)
        sum -= l[k * mr + r] * l[k * mr + c];
      l[c * mr + r] = c < r ? sum * inverse[c] : sqrt (sum);
    }
    inverse[r] = 1 / l[r * mr + r];
  }
}

/* Rows [begin, begin + rows) of panel q but for the block on the diagonal: they solve the system of
 * the rows above, as a strip of columns. */
static void
factor_strip (TsrDenseFactor *self, const double *a, size_t q, size_t begin, size_t rows)
{
  size_t m = self->m, mr = self->mr, nr = tsr_gemm_tile_f64 ().nr, first = q * mr;
  double *panel = panel_of (self, q);
  tsr_gemm_pack_f64 (a + (first + begin) * m, rows, first, m, 1, nr, self->strip);
  for (size_t above = 0; above < q; above++)
    lower_panel (self, above, self->strip, nr);
  for (size_t k = 0; k < first; k++)
    memcpy (panel + k * mr + begin, self->strip + k * nr, rows * sizeof *panel);
}

/* Panel by panel, each from those above it. */
void
tsr_dense_factor_set (TsrDenseFactor *self, const double *a)
{
  size_t m = self->m, mr = self->mr, nr = tsr_gemm_tile_f64 ().nr;
  double tile[LARGEST_TILE] __attribute__ ((aligned (64))), block[LARGEST_TILE];
  for (size_t q = 0; q < self->count; q++) {
    size_t first = q * mr, rows = MIN (mr, m - first);
    double *panel = panel_of (self, q);
    memset (panel, 0, (first + mr) * mr * sizeof *panel);
    for (size_t begin = 0; begin < rows; begin += nr) {
      size_t end = MIN (begin + nr, rows);
      factor_strip (self, a, q, begin, end - begin);
      product (first, panel, self->strip, nr, tile); /* with the rows there are by now */
      for (size_t r = begin; r < end; r++)
        for (size_t c = 0; c <= r; c++)
          block[r * mr + c] = a[(first + r) * m + first + c] - tile[c * nr + r - begin];
    }
    factor_block (block, mr, rows, panel + first * mr, self->inverse + first);
  }
}
