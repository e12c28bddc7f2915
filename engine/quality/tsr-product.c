#include "tsr-product.h"

#include "tsr-gemm.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <string.h>

#define DEPTH 512 /* of a slice of the summed axis, so that a pair of panels stays in the cache */

typedef struct {
  TsrOperand a, b;
  size_t m, n, k; /* k: of the slice */
  TsrGemmTile tile;
  double *panels_a, *panels_b; /* [rows / mr][k][mr], [rows / nr][k][nr] */
  double *c;
  bool upper, add;
} Product;

static void
pack (TsrOperand from, size_t rows, size_t k, size_t width, size_t panel, double *panels)
{
  size_t first = panel * width;
  tsr_gemm_pack_f64 (from.values + first * from.row, MIN (width, rows - first), k, from.row,
                     from.column, width, panels + first * k);
}

static void
pack_a (size_t begin, size_t end, unsigned worker, void *data)
{
  Product *p = data;
  for (size_t i = begin; i < end; i++)
    pack (p->a, p->m, p->k, p->tile.mr, i, p->panels_a);
}

static void
pack_b (size_t begin, size_t end, unsigned worker, void *data)
{
  Product *p = data;
  for (size_t i = begin; i < end; i++)
    pack (p->b, p->n, p->k, p->tile.nr, i, p->panels_b);
}

/* A tile that reaches beyond the result is made aside. */
static void
edge_tile (const Product *p, const double *a, const double *b, double *c, size_t rows,
           size_t columns)
{
  double sum[16 * 16];
  tsr_gemm_tile_product_f64 (p->k, a, b, sum, p->tile.nr, false);
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j++)
      c[r * p->n + j] = (p->add ? c[r * p->n + j] : 0) + sum[r * p->tile.nr + j];
}

static void
multiply (size_t begin, size_t end, unsigned worker, void *data)
{
  const Product *p = data;
  size_t mr = p->tile.mr, nr = p->tile.nr;
  for (size_t i = begin; i < end; i++)
    for (size_t j = p->upper ? i * mr / nr : 0; j * nr < p->n; j++) {
      const double *a = p->panels_a + i * mr * p->k, *b = p->panels_b + j * nr * p->k;
      double *c = p->c + i * mr * p->n + j * nr;
      size_t rows = MIN (mr, p->m - i * mr), columns = MIN (nr, p->n - j * nr);
      if (rows == mr && columns == nr)
        tsr_gemm_tile_product_f64 (p->k, a, b, c, p->n, p->add);
      else
        edge_tile (p, a, b, c, rows, columns);
    }
}

void
tsr_product (TsrOperand a, size_t m, TsrOperand b, size_t n, size_t k, double *c, bool upper,
             bool add)
{
  Product p = {a, b, m, n, 0, tsr_gemm_tile_f64 (), NULL, NULL, c, upper, add};
  size_t count_a = (m + p.tile.mr - 1) / p.tile.mr, count_b = (n + p.tile.nr - 1) / p.tile.nr;
  size_t depth = MIN (k, DEPTH);
  g_assert (!upper || m == n);
  if (k == 0 && !add)
    memset (c, 0, m * n * sizeof *c);
  p.panels_a = g_new (double, count_a *p.tile.mr *depth);
  p.panels_b = g_new (double, count_b *p.tile.nr *depth);
  for (size_t first = 0; first < k; first += DEPTH) {
    p.k = MIN (DEPTH, k - first);
    p.add = add || first > 0;
    tsr_parallel_for (count_a, 4, pack_a, &p);
    tsr_parallel_for (count_b, 4, pack_b, &p);
    tsr_parallel_for (count_a, 1, multiply, &p);
    p.a.values += DEPTH * a.column;
    p.b.values += DEPTH * b.column;
  }
  g_free (p.panels_a);
  g_free (p.panels_b);
}

void
tsr_product_mirror (double *c, size_t m)
{
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < i; j++)
      c[i * m + j] = c[j * m + i];
}
