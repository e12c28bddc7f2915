#include "tsr-dense.h"

#include "tsr-gemm.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define BLOCK        32  /* columns of a factor found together */
#define DEPTH        256 /* of a product at a time, so that its panels stay in the cache */
#define FEW          16  /* rows up to which a triangular system goes without panels */
#define CHAINS       8
#define SHARED       4e6 /* multiply-adds from which a product is shared between threads */
#define LARGEST_TILE (16 * 32)

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

/* Rows of a matrix, however it is laid out. */
typedef struct {
  const double *at;
  size_t rows, row_stride, column_stride;
} Operand;

static size_t
packed_size (size_t rows, size_t depth, size_t width)
{
  return (rows + width - 1) / width * width * depth + 1;
}

static void
pack_into (const Operand *m, size_t first, size_t depth, size_t width, double *packed)
{
  size_t panels = (m->rows + width - 1) / width;
  for (size_t q = 0; q < panels; q++)
    tsr_gemm_pack_f64 (m->at + q * width * m->row_stride + first * m->column_stride,
                       MIN (width, m->rows - q * width), depth, m->row_stride, m->column_stride,
                       width, packed + q * width * depth);
}

static double *
pack (const Operand *m, size_t depth, size_t width)
{
  double *packed = g_new (double, packed_size (m->rows, depth, width));
  pack_into (m, 0, depth, width, packed);
  return packed;
}

static void
add_tile (const double *tile, size_t rows, size_t columns, size_t width, double sign, double *c,
          size_t ldc)
{
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      c[i * ldc + j] += sign * tile[i * width + j];
}

/* c [left rows, right rows] += sign left right^T over depth columns; with lower only what touches
 * the triangle j <= i. */
typedef struct {
  TsrGemmTile size;
  const double *left, *right; /* packed */
  size_t left_rows, right_rows, depth, ldc;
  double sign, *c;
  bool lower;
} Product;

static void
add_panels (size_t begin, size_t end, unsigned worker, void *data)
{
  const Product *p = data;
  double tile[LARGEST_TILE] __attribute__ ((aligned (64)));
  for (size_t q = begin; q < end; q++) {
    size_t i = q * p->size.mr, rows = MIN (p->size.mr, p->left_rows - i);
    for (size_t j = 0; j < p->right_rows && !(p->lower && j >= i + rows); j += p->size.nr) {
      tsr_gemm_tile_product_f64 (p->depth, p->left + i * p->depth, p->right + j * p->depth, tile,
                                 p->size.nr, false);
      add_tile (tile, rows, MIN (p->size.nr, p->right_rows - j), p->size.nr, p->sign,
                p->c + i * p->ldc + j, p->ldc);
    }
  }
}

/* Each panel is one thread's, so that how many there are does not matter. */
static void
share (size_t panels, double work, bool parallel, TsrParallelBody body, void *data)
{
  if (parallel && work > SHARED)
    tsr_parallel_for (panels, MAX (1, panels / 16), body, data);
  else
    body (0, panels, 0, data);
}

/* Panels of products that follow each other, kept: new memory costs more than filling it. */
typedef struct {
  double *left, *right;
} Scratch;

static Scratch
scratch_new (size_t left_rows, size_t right_rows, size_t k)
{
  TsrGemmTile size = tsr_gemm_tile_f64 ();
  return (Scratch){g_new (double, packed_size (left_rows, MIN (k, DEPTH), size.mr)),
                   g_new (double, packed_size (right_rows, MIN (k, DEPTH), size.nr))};
}

static void
scratch_clear (Scratch *scratch)
{
  g_free (scratch->left);
  g_free (scratch->right);
}

static void
add_product (const Operand *a, const Operand *b, size_t k, double sign, bool lower, bool parallel,
             const Scratch *scratch, double *c, size_t ldc)
{
  TsrGemmTile size = tsr_gemm_tile_f64 ();
  for (size_t first = 0; first < k; first += DEPTH) {
    size_t depth = MIN (DEPTH, k - first);
    pack_into (a, first, depth, size.mr, scratch->left);
    pack_into (b, first, depth, size.nr, scratch->right);
    Product product = {size,  scratch->left, scratch->right, a->rows, b->rows,
                       depth, ldc,           sign,           c,       lower};
    share ((a->rows + size.mr - 1) / size.mr, (double)a->rows * b->rows * depth, parallel,
           add_panels, &product);
  }
}

void
tsr_dense_gram (const double *a, size_t n, size_t k, size_t row_stride, size_t column_stride,
                bool parallel, double *out)
{
  Operand rows = {a, n, row_stride, column_stride};
  Scratch scratch = scratch_new (n, n, k);
  memset (out, 0, n * n * sizeof *out);
  add_product (&rows, &rows, k, 1, true, parallel, &scratch, out, n);
  scratch_clear (&scratch);
}

struct TsrDensePanels {
  size_t n, k;
  double *packed;
};

TsrDensePanels *
tsr_dense_panels_new (const double *a, size_t n, size_t k, size_t row_stride, size_t column_stride)
{
  TsrDensePanels *self = g_new (TsrDensePanels, 1);
  Operand rows = {a, n, row_stride, column_stride};
  *self = (TsrDensePanels){n, k, pack (&rows, k, tsr_gemm_tile_f64 ().mr)};
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
  TsrGemmTile size;
  bool few;            /* rows of right: one panel of half the width */
  const double *right; /* packed */
  size_t count, out_row, out_column;
  double *out;
} Multiplication;

static void
multiply_panels (size_t begin, size_t end, unsigned worker, void *data)
{
  const Multiplication *m = data;
  const TsrDensePanels *panels = m->panels;
  double tile[LARGEST_TILE] __attribute__ ((aligned (64)));
  for (size_t q = begin; q < end; q++)
    for (size_t i = q * m->size.mr, j = 0; j < m->count; j += m->size.nr) {
      const double *left = panels->packed + i * panels->k, *right = m->right + j * panels->k;
      if (m->few)
        tsr_gemm_few_product_f64 (panels->k, left, right, tile, m->size.nr, false);
      else
        tsr_gemm_tile_product_f64 (panels->k, left, right, tile, m->size.nr, false);
      for (size_t r = 0; r < MIN (m->size.mr, panels->n - i); r++)
        for (size_t c = 0; c < MIN (m->size.nr, m->count - j); c++)
          m->out[(i + r) * m->out_row + (j + c) * m->out_column] = tile[r * m->size.nr + c];
    }
}

void
tsr_dense_panels_multiply (const TsrDensePanels *self, const double *b, size_t count,
                           size_t row_stride, size_t column_stride, bool parallel, double *out,
                           size_t out_row, size_t out_column)
{
  TsrGemmTile size = tsr_gemm_tile_f64 ();
  bool few = count <= tsr_gemm_few_f64 ();
  if (few)
    size.nr = tsr_gemm_few_f64 ();
  Operand rows = {b, count, row_stride, column_stride};
  g_autofree double *right = pack (&rows, self->k, size.nr);
  Multiplication m = {self, size, few, right, count, out_row, out_column, out};
  share ((self->n + size.mr - 1) / size.mr, (double)self->n * (count + size.nr) * self->k, parallel,
         multiply_panels, &m);
}

/* --- triangles --- */

/* Solves row l^T = row for one row against the diagonal block of l at `first`. */
static inline void
solve_block (const double *l, size_t m, size_t first, size_t width, double *row)
{
  for (size_t j = 0; j < width; j++) {
    const double *lj = l + (first + j) * m + first;
    row[j] = (row[j] - tsr_dense_dot (lj, row, j)) / lj[j];
  }
}

void
tsr_dense_cholesky (double *a, size_t m, bool parallel)
{
  Scratch scratch = scratch_new (m, BLOCK, m);
  for (size_t first = 0; first < m; first += BLOCK) {
    size_t width = MIN (BLOCK, m - first);
    double *corner = a + first * m + first;
    Operand below = {a + first * m, m - first, m, 1}, right = {a + first * m, width, m, 1};
    add_product (&below, &right, first, -1, false, parallel, &scratch, corner, m);
    for (size_t i = 0; i < width; i++) {
      double *row = corner + i * m;
      for (size_t j = 0; j < i; j++)
        row[j] = (row[j] - tsr_dense_dot (row, corner + j * m, j)) / corner[j * m + j];
      row[i] = sqrt (row[i] - tsr_dense_dot (row, row, i));
    }
    for (size_t i = first + width; i < m; i++)
      solve_block (a, m, first, width, a + i * m + first);
  }
  scratch_clear (&scratch);
}

void
tsr_dense_solve_lower (const double *l, size_t m, double *rows, size_t count)
{
  if (count <= FEW) { /* a row of l serves all */
    for (size_t i = 0; i < m; i++)
      for (size_t r = 0; r < count; r++) {
        double *b = rows + r * m;
        b[i] = (b[i] - tsr_dense_dot (l + i * m, b, i)) / l[i * m + i];
      }
    return;
  }
  Scratch scratch = scratch_new (count, BLOCK, m);
  for (size_t first = 0; first < m; first += BLOCK) {
    size_t width = MIN (BLOCK, m - first);
    Operand known = {rows, count, m, 1}, factor = {l + first * m, width, m, 1};
    add_product (&known, &factor, first, -1, false, false, &scratch, rows + first, m);
    for (size_t r = 0; r < count; r++)
      solve_block (l, m, first, width, rows + r * m + first);
  }
  scratch_clear (&scratch);
}

void
tsr_dense_solve_upper (const double *l, size_t m, double *rows, size_t count)
{
  for (size_t i = m; i-- > 0;)
    for (size_t r = 0; r < count; r++) {
      double *y = rows + r * m;
      y[i] /= l[i * m + i];
      tsr_dense_add_scaled (y, -y[i], l + i * m, i);
    }
}
