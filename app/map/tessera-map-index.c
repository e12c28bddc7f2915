#include "tessera-map-index.h"

#include <math.h>
#include <stdlib.h>

#define POINTS_PER_CELL 4
#define MAX_CELLS       (1u << 20)
#define MAX_SIDE        4096u
#define SAMPLE          4096u

struct TesseraMapIndex {
  gatomicrefcount refs;
  TesseraMapPlaces *places;
  GMutex lock;
  gint built;
  TesseraMapGrid grid;
  guint32 *start, *order;
  float *sorted;
};

/* Takes the places. */
static TesseraMapIndex *
new_index (TesseraMapPlaces *places)
{
  TesseraMapIndex *index = g_new0 (TesseraMapIndex, 1);
  g_atomic_ref_count_init (&index->refs);
  g_mutex_init (&index->lock);
  index->places = places;
  return index;
}

TesseraMapIndex *
tessera_map_index_new (GBytes *xy)
{
  return new_index (tessera_map_places_new (xy));
}

TesseraMapIndex *
tessera_map_index_new_between (TesseraMapPlaces *from, TesseraMapPlaces *to, double t)
{
  return new_index (tessera_map_places_new_between (from, to, t));
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
  tessera_map_places_unref (index->places);
  g_free (index->start);
  g_free (index->order);
  g_free (index->sorted);
  g_mutex_clear (&index->lock);
  g_free (index);
}

TesseraMapPlaces *
tessera_map_index_places (const TesseraMapIndex *index)
{
  return index->places;
}

guint32
tessera_map_index_n (const TesseraMapIndex *index)
{
  return tessera_map_places_n (index->places);
}

bool
tessera_map_index_place (const TesseraMapIndex *index, guint32 tile, double *x, double *y)
{
  return tessera_map_places_get (index->places, tile, x, y);
}

bool
tessera_map_index_bounds (const TesseraMapIndex *index, double *x0, double *y0, double *x1,
                          double *y1)
{
  return tessera_map_places_bounds (index->places, x0, y0, x1, y1);
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
bulk_range (const TesseraMapReading *reading, int axis, double low, double high, double *from,
            double *to)
{
  *from = low, *to = high;
  guint32 step = MAX (1, reading->n / SAMPLE), count = 0;
  g_autofree float *sample = g_new (float, reading->n / step + 1);
  float p[2];
  for (guint32 i = 0; i < reading->n; i += step)
    if (tessera_map_reading_get (reading, i, p))
      sample[count++] = p[axis];
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
lay_grid (TesseraMapIndex *index, const TesseraMapReading *reading)
{
  TesseraMapGrid *grid = &index->grid;
  double left = 0, top = 0, right = 0, bottom = 0, x0, y0, x1, y1;
  tessera_map_places_bounds (index->places, &left, &top, &right, &bottom);
  bulk_range (reading, 0, left, right, &x0, &x1);
  bulk_range (reading, 1, top, bottom, &y0, &y1);
  double width = x1 - x0, height = y1 - y0;
  double cells = CLAMP (reading->n / (double)POINTS_PER_CELL, 1, MAX_CELLS);
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
sort_points (TesseraMapIndex *index, const TesseraMapReading *reading)
{
  TesseraMapGrid *grid = &index->grid;
  gsize cells = (gsize)grid->columns * grid->rows;
  guint32 *start = index->start = g_new0 (guint32, cells + 2);
  g_autofree guint32 *cell = g_new (guint32, MAX (reading->n, 1));
  float p[2];
  for (guint32 i = 0; i < reading->n; i++) {
    cell[i] = tessera_map_reading_get (reading, i, p) ? cell_of (grid, p) : G_MAXUINT32;
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
  for (guint32 i = 0; i < reading->n; i++) {
    if (cell[i] == G_MAXUINT32)
      continue;
    guint32 k = start[cell[i] + 1]++;
    index->order[k] = i;
    tessera_map_reading_get (reading, i, index->sorted + 2 * (gsize)k);
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
    g_auto (TesseraMapReading) reading = tessera_map_reading_begin (index->places);
    lay_grid (index, &reading);
    sort_points (index, &reading);
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
