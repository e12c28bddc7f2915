#include "tessera-map-index.h"

#include "tessera-map-strips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_CELL 4
#define MAX_CELLS       (1u << 20)
#define MAX_SIDE        4096u
#define SAMPLE          4096u
#define MAX_BANDS       256u
#define PIECE           8192u
#define MAX_PIECES      32u

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
to_cell (double v, double origin, double cells_a_unit, guint32 count)
{
  double c = (v - origin) * cells_a_unit;
  return c >= count ? count - 1 : c > 0 ? (guint32)c : 0; /* NaN gives 0 */
}

/* ---- sorting ---- */

/* Points are sorted by cell in two steps, because written straight to their cells they land all
 * over memory: first into bands of rows, which are few enough to be written side by side, then each
 * band, which stays in the cache. Both are shared among threads, and the outcome does not depend on
 * them: by cell, within a cell by tile number. */
typedef struct {
  TesseraMapIndex *index;
  const TesseraMapReading *reading;
  double cells_a_unit;
  guint32 band_rows, n_bands, n_pieces, piece; /* pieces of so many tiles */
  guint32 *at;   /* [n_pieces, n_bands]: counts, then where the piece's points of a band go */
  guint32 *band; /* [n_bands + 1] where each begins */
  gint occupied; /* cells */
} Sorting;

static inline guint32
row_of (const Sorting *sorting, const float *p)
{
  const TesseraMapGrid *grid = &sorting->index->grid;
  return to_cell (p[1], grid->y, sorting->cells_a_unit, grid->rows);
}

static void
count_piece (guint k, gpointer data)
{
  Sorting *sorting = data;
  guint32 *count = sorting->at + (gsize)k * sorting->n_bands,
          end = MIN (sorting->reading->n, (k + 1) * sorting->piece);
  float p[2];
  for (guint32 i = k * sorting->piece; i < end; i++)
    if (tessera_map_reading_get (sorting->reading, i, p))
      count[row_of (sorting, p) / sorting->band_rows]++;
}

static void
spread_piece (guint k, gpointer data)
{
  Sorting *sorting = data;
  TesseraMapIndex *index = sorting->index;
  guint32 *at = sorting->at + (gsize)k * sorting->n_bands,
          end = MIN (sorting->reading->n, (k + 1) * sorting->piece);
  float p[2];
  for (guint32 i = k * sorting->piece; i < end; i++) {
    if (!tessera_map_reading_get (sorting->reading, i, p))
      continue;
    guint32 to = at[row_of (sorting, p) / sorting->band_rows]++;
    index->order[to] = i;
    memcpy (index->sorted + 2 * (gsize)to, p, sizeof p);
  }
}

static void
sort_band (guint b, gpointer data)
{
  Sorting *sorting = data;
  TesseraMapIndex *index = sorting->index;
  const TesseraMapGrid *grid = &index->grid;
  guint32 first = sorting->band[b], n = sorting->band[b + 1] - first, row = b * sorting->band_rows,
          cells = MIN (sorting->band_rows, grid->rows - row) * grid->columns, occupied = 0;
  guint32 *start = index->start + (gsize)row * grid->columns; /* of the band's cells */
  g_autofree guint32 *order = g_memdup2 (index->order + first, (gsize)n * sizeof *order),
                     *cell = g_new (guint32, MAX (n, 1)), *next = g_new0 (guint32, cells + 1);
  g_autofree float *xy = g_memdup2 (index->sorted + 2 * (gsize)first, 2 * (gsize)n * sizeof *xy);
  for (guint32 i = 0; i < n; i++) {
    const float *p = xy + 2 * (gsize)i;
    cell[i] = (row_of (sorting, p) - row) * grid->columns +
              to_cell (p[0], grid->x, sorting->cells_a_unit, grid->columns);
    next[cell[i] + 1]++;
  }
  for (guint32 c = 0; c < cells; c++) {
    occupied += next[c + 1] > 0;
    next[c + 1] += next[c];
    start[c] = first + next[c];
  }
  for (guint32 i = 0; i < n; i++) {
    guint32 to = first + next[cell[i]]++;
    index->order[to] = order[i];
    memcpy (index->sorted + 2 * (gsize)to, xy + 2 * (gsize)i, 2 * sizeof (float));
  }
  g_atomic_int_add (&sorting->occupied, (gint)occupied);
}

/* Turns counts into places: bands one after the other, in each the pieces. Returns how many points
 * there are. */
static guint32
place_bands (Sorting *sorting)
{
  guint32 sum = 0;
  for (guint32 b = 0; b < sorting->n_bands; b++) {
    sorting->band[b] = sum;
    for (guint32 k = 0; k < sorting->n_pieces; k++) {
      guint32 *at = sorting->at + (gsize)k * sorting->n_bands + b, count = *at;
      *at = sum;
      sum += count;
    }
  }
  return sorting->band[sorting->n_bands] = sum;
}

static void
sort_points (TesseraMapIndex *index, const TesseraMapReading *reading)
{
  TesseraMapGrid *grid = &index->grid;
  gsize cells = (gsize)grid->columns * grid->rows;
  Sorting s = {index, reading, 1 / grid->cell};
  s.band_rows = (grid->rows + MAX_BANDS - 1) / MAX_BANDS;
  s.n_bands = (grid->rows + s.band_rows - 1) / s.band_rows;
  s.piece = MAX (PIECE, (reading->n + MAX_PIECES - 1) / MAX_PIECES);
  s.n_pieces = (reading->n + s.piece - 1) / s.piece;
  s.at = g_new0 (guint32, (gsize)MAX (s.n_pieces, 1) * s.n_bands);
  s.band = g_new (guint32, s.n_bands + 1);
  tessera_map_strips_run (s.n_pieces, count_piece, &s);
  guint32 count = place_bands (&s);
  index->start = g_new (guint32, cells + 1);
  index->order = g_new (guint32, MAX (count, 1));
  index->sorted = g_new (float, 2 * (gsize)MAX (count, 1));
  tessera_map_strips_run (s.n_pieces, spread_piece, &s);
  tessera_map_strips_run (s.n_bands, sort_band, &s);
  index->start[cells] = count;
  g_free (s.at);
  g_free (s.band);
  grid->start = index->start;
  grid->order = index->order;
  grid->sorted = index->sorted;
  grid->n_present = count;
  grid->spacing = grid->cell * sqrt (MAX (s.occupied, 1) / (double)MAX (count, 1));
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
  double cells_a_unit = 1 / grid->cell;
  *column0 = to_cell (x0, grid->x, cells_a_unit, grid->columns);
  *column1 = to_cell (x1, grid->x, cells_a_unit, grid->columns);
  *row0 = to_cell (y0, grid->y, cells_a_unit, grid->rows);
  *row1 = to_cell (y1, grid->y, cells_a_unit, grid->rows);
}
