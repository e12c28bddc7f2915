#include "tessera-map-index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_CELL 4
#define MAX_CELLS       (1u << 20)
#define MAX_SIDE        4096u
#define SAMPLE          4096u

struct TesseraMapIndex {
  gatomicrefcount refs;
  GBytes *bytes;
  const float *xy;
  guint32 n;
  bool any;
  double x0, y0, x1, y1;
  TesseraMapIndex *from, *to; /* of an index in between, until built */
  double t;
  GMutex lock;
  gint built;
  TesseraMapGrid grid;
  guint32 *start, *order;
  float *sorted;
};

static bool
present (const float *p)
{
  return isfinite (p[0]) && isfinite (p[1]);
}

static void
take_bounds (TesseraMapIndex *index)
{
  float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  for (guint32 i = 0; i < index->n; i++) {
    const float *p = index->xy + 2 * (gsize)i;
    if (!present (p))
      continue;
    x0 = MIN (x0, p[0]), x1 = MAX (x1, p[0]);
    y0 = MIN (y0, p[1]), y1 = MAX (y1, p[1]);
  }
  index->any = x0 <= x1;
  if (index->any)
    index->x0 = x0, index->y0 = y0, index->x1 = x1, index->y1 = y1;
}

static TesseraMapIndex *
alloc_index (void)
{
  TesseraMapIndex *index = g_new0 (TesseraMapIndex, 1);
  g_atomic_ref_count_init (&index->refs);
  g_mutex_init (&index->lock);
  return index;
}

TesseraMapIndex *
tessera_map_index_new (GBytes *xy)
{
  TesseraMapIndex *index = alloc_index ();
  if (xy) {
    gsize size;
    index->xy = g_bytes_get_data (xy, &size);
    index->n = (guint32)MIN (size / (2 * sizeof (float)), (gsize)G_MAXUINT32 - 1);
    index->bytes = g_bytes_ref (xy);
  }
  take_bounds (index);
  return index;
}

/* Builds positions of an index in between; absent points take the place they have in the other
 * layout. */
static void
interpolate (TesseraMapIndex *index)
{
  TesseraMapIndex *from = index->from, *to = index->to;
  tessera_map_index_grid (from); /* so that its positions exist */
  tessera_map_index_grid (to);
  guint32 n = MIN (from->n, to->n);
  float t = (float)index->t, *xy = g_new (float, 2 * (gsize)MAX (n, 1));
  for (gsize i = 0; i < 2 * (gsize)n; i += 2) {
    const float *a = from->xy + i, *b = to->xy + i;
    bool has_a = present (a), has_b = present (b);
    for (int k = 0; k < 2; k++)
      xy[i + k] = !has_b ? NAN : !has_a ? b[k] : a[k] + (b[k] - a[k]) * t;
  }
  index->bytes = g_bytes_new_take (xy, 2 * (gsize)n * sizeof (float));
  index->xy = xy;
  index->n = n;
  g_clear_pointer (&index->from, tessera_map_index_unref);
  g_clear_pointer (&index->to, tessera_map_index_unref);
}

TesseraMapIndex *
tessera_map_index_new_between (TesseraMapIndex *from, TesseraMapIndex *to, double t)
{
  TesseraMapIndex *index = alloc_index ();
  index->from = tessera_map_index_ref (from);
  index->to = tessera_map_index_ref (to);
  index->n = MIN (from->n, to->n);
  index->t = t;
  index->any = to->any;
  if (!from->any)
    from = to;
  index->x0 = from->x0 + (to->x0 - from->x0) * t;
  index->y0 = from->y0 + (to->y0 - from->y0) * t;
  index->x1 = from->x1 + (to->x1 - from->x1) * t;
  index->y1 = from->y1 + (to->y1 - from->y1) * t;
  return index;
}

TesseraMapIndex *
tessera_map_index_ref (TesseraMapIndex *index)
{
  g_atomic_ref_count_inc (&index->refs);
  return index;
}

void
tessera_map_index_unref (TesseraMapIndex *index)
{
  if (!g_atomic_ref_count_dec (&index->refs))
    return;
  g_clear_pointer (&index->from, tessera_map_index_unref);
  g_clear_pointer (&index->to, tessera_map_index_unref);
  g_clear_pointer (&index->bytes, g_bytes_unref);
  g_free (index->start);
  g_free (index->order);
  g_free (index->sorted);
  g_mutex_clear (&index->lock);
  g_free (index);
}

guint32
tessera_map_index_n (const TesseraMapIndex *index)
{
  return index->n;
}

bool
tessera_map_index_place (const TesseraMapIndex *index, guint32 tile, double *x, double *y)
{
  if (tile >= index->n || !index->xy || !present (index->xy + 2 * (gsize)tile))
    return false;
  *x = index->xy[2 * (gsize)tile];
  *y = index->xy[2 * (gsize)tile + 1];
  return true;
}

bool
tessera_map_index_bounds (const TesseraMapIndex *index, double *x0, double *y0, double *x1,
                          double *y1)
{
  if (!index->any)
    return false;
  *x0 = index->x0, *y0 = index->y0, *x1 = index->x1, *y1 = index->y1;
  return true;
}

static int
compare_floats (const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* The range of one coordinate that holds the bulk of the points: all of them unless outliers
 * stretch it several times over. */
static void
bulk_range (const TesseraMapIndex *index, int axis, double low, double high, double *from,
            double *to)
{
  *from = low, *to = high;
  guint32 step = MAX (1, index->n / SAMPLE), count = 0;
  g_autofree float *sample = g_new (float, index->n / step + 1);
  for (guint32 i = 0; i < index->n; i += step)
    if (present (index->xy + 2 * (gsize)i))
      sample[count++] = index->xy[2 * (gsize)i + axis];
  if (count < 64)
    return;
  qsort (sample, count, sizeof *sample, compare_floats);
  double a = sample[count / 100], b = sample[count - 1 - count / 100], width = b - a;
  if (width > 0 && high - low > 3 * width) {
    *from = MAX (low, a - 0.1 * width);
    *to = MIN (high, b + 0.1 * width);
  }
}

static void
lay_grid (TesseraMapIndex *index)
{
  TesseraMapGrid *grid = &index->grid;
  double x0, y0, x1, y1;
  bulk_range (index, 0, index->x0, index->x1, &x0, &x1);
  bulk_range (index, 1, index->y0, index->y1, &y0, &y1);
  double width = x1 - x0, height = y1 - y0;
  double cells = CLAMP (index->n / (double)POINTS_PER_CELL, 1, MAX_CELLS);
  double cell = sqrt (width * height / cells);
  cell = MAX (cell, MAX (width, height) / MIN (cells, (double)MAX_SIDE));
  if (!(cell > 0))
    cell = 1;
  grid->cell = cell;
  grid->x = x0, grid->y = y0;
  grid->columns = (guint32)CLAMP (ceil (width / cell), 1, MAX_SIDE);
  grid->rows = (guint32)CLAMP (ceil (height / cell), 1, MAX_SIDE);
}

static inline guint32
to_cell (double v, double origin, double cell, guint32 count)
{
  double c = (v - origin) / cell;
  return c >= count ? count - 1 : c > 0 ? (guint32)c : 0; /* NaN gives 0 */
}

static inline guint32
cell_of (const TesseraMapGrid *grid, const float *p)
{
  return to_cell (p[1], grid->y, grid->cell, grid->rows) * grid->columns +
         to_cell (p[0], grid->x, grid->cell, grid->columns);
}

/* Counting sort by cell; within a cell by tile number. */
static void
sort_points (TesseraMapIndex *index)
{
  TesseraMapGrid *grid = &index->grid;
  gsize cells = (gsize)grid->columns * grid->rows;
  guint32 *start = index->start = g_new0 (guint32, cells + 2);
  g_autofree guint32 *cell = g_new (guint32, MAX (index->n, 1));
  for (guint32 i = 0; i < index->n; i++) {
    const float *p = index->xy + 2 * (gsize)i;
    cell[i] = present (p) ? cell_of (grid, p) : G_MAXUINT32;
    if (cell[i] != G_MAXUINT32)
      start[cell[i] + 2]++;
  }
  gsize occupied = 0;
  for (gsize c = 2; c < cells + 2; c++) {
    occupied += start[c] > 0;
    start[c] += start[c - 1];
  }
  guint32 count = start[cells + 1];
  index->order = g_new (guint32, MAX (count, 1));
  index->sorted = g_new (float, 2 * (gsize)MAX (count, 1));
  for (guint32 i = 0; i < index->n; i++) {
    if (cell[i] == G_MAXUINT32)
      continue;
    guint32 k = start[cell[i] + 1]++;
    index->order[k] = i;
    memcpy (index->sorted + 2 * (gsize)k, index->xy + 2 * (gsize)i, 2 * sizeof (float));
  }
  grid->start = start;
  grid->order = index->order;
  grid->sorted = index->sorted;
  grid->n_present = count;
  grid->spacing = grid->cell * sqrt (MAX (occupied, 1) / (double)MAX (count, 1));
}

const TesseraMapGrid *
tessera_map_index_grid (TesseraMapIndex *index)
{
  if (g_atomic_int_get (&index->built))
    return &index->grid;
  g_mutex_lock (&index->lock);
  if (!g_atomic_int_get (&index->built)) {
    if (index->to)
      interpolate (index);
    lay_grid (index);
    sort_points (index);
    g_atomic_int_set (&index->built, 1);
  }
  g_mutex_unlock (&index->lock);
  return &index->grid;
}

const TesseraMapGrid *
tessera_map_index_peek (TesseraMapIndex *index)
{
  return g_atomic_int_get (&index->built) ? &index->grid : NULL;
}

void
tessera_map_grid_cells (const TesseraMapGrid *grid, double x0, double y0, double x1, double y1,
                        guint32 *column0, guint32 *row0, guint32 *column1, guint32 *row1)
{
  *column0 = to_cell (x0, grid->x, grid->cell, grid->columns);
  *column1 = to_cell (x1, grid->x, grid->cell, grid->columns);
  *row0 = to_cell (y0, grid->y, grid->cell, grid->rows);
  *row1 = to_cell (y1, grid->y, grid->cell, grid->rows);
}
