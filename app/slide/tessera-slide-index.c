/* Tiles are sorted into square cells by their middle. A look-up reaches as far beyond its rectangle
 * as half the largest tile. */

#include "tessera-slide-index.h"

#include <math.h>
#include <stdlib.h>

#define TILES_A_CELL 4
#define MOST_CELLS   ((gint64)1 << 22)
#define MEDIAN_OF    4096

struct TesseraSlideIndex {
  gint references;
  guint n;
  TesseraSlideTile *tiles;
  double left, top, cell; /* of the cells, pixels of level 0 */
  gint64 columns, rows;
  guint *first; /* [columns * rows + 1] into order */
  guint *order; /* [n] places, cell by cell */
  double reach_x, reach_y, width;
};

static double
middle_x (const TesseraSlideTile *tile)
{
  return (double)tile->x + tile->width / 2.0;
}

static double
middle_y (const TesseraSlideTile *tile)
{
  return (double)tile->y + tile->height / 2.0;
}

static gint64
column_of (const TesseraSlideIndex *self, double x)
{
  return (gint64)CLAMP (floor ((x - self->left) / self->cell), 0, (double)(self->columns - 1));
}

static gint64
row_of (const TesseraSlideIndex *self, double y)
{
  return (gint64)CLAMP (floor ((y - self->top) / self->cell), 0, (double)(self->rows - 1));
}

static gint64
cell_of (const TesseraSlideIndex *self, const TesseraSlideTile *tile)
{
  return row_of (self, middle_y (tile)) * self->columns + column_of (self, middle_x (tile));
}

/* ---- building ---- */

/* g_qsort_with_data is stable: what has the same id stays in its order. */
static int
by_id (gconstpointer a, gconstpointer b, gpointer unused)
{
  guint32 one = ((const TesseraSlideTile *)a)->id, other = ((const TesseraSlideTile *)b)->id;
  return (one > other) - (one < other);
}

static void
take_tiles (TesseraSlideIndex *self, const TesseraSlideTile *tiles, guint n)
{
  bool sorted = true;
  self->tiles = g_new (TesseraSlideTile, MAX (n, 1));
  for (guint i = 0; i < n; i++) {
    if (tiles[i].width < 1 || tiles[i].height < 1)
      continue;
    sorted &= self->n == 0 || self->tiles[self->n - 1].id <= tiles[i].id;
    self->tiles[self->n++] = tiles[i];
  }
  if (!sorted)
    g_qsort_with_data (self->tiles, (gint)self->n, sizeof *tiles, by_id, NULL);
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  gint32 one = *(const gint32 *)a, other = *(const gint32 *)b;
  return (one > other) - (one < other);
}

static double
median_width (const TesseraSlideIndex *self)
{
  gint32 widths[MEDIAN_OF];
  guint step = self->n / MEDIAN_OF + 1, n = 0;
  for (guint i = 0; i < self->n; i += step)
    widths[n++] = self->tiles[i].width;
  if (n == 0)
    return 0;
  qsort (widths, n, sizeof *widths, by_number);
  return widths[n / 2];
}

/* Bounds of the middles, and the cells over them. */
static void
lay_cells (TesseraSlideIndex *self)
{
  double right = -INFINITY, bottom = -INFINITY;
  self->left = self->top = INFINITY;
  for (guint i = 0; i < self->n; i++) {
    const TesseraSlideTile *tile = &self->tiles[i];
    self->left = MIN (self->left, middle_x (tile)), right = MAX (right, middle_x (tile));
    self->top = MIN (self->top, middle_y (tile)), bottom = MAX (bottom, middle_y (tile));
    self->reach_x = MAX (self->reach_x, tile->width / 2.0);
    self->reach_y = MAX (self->reach_y, tile->height / 2.0);
  }
  if (self->n == 0)
    self->left = self->top = right = bottom = 0;
  double across = right - self->left + 1, down = bottom - self->top + 1;
  self->cell = MAX (sqrt (across * down * TILES_A_CELL / MAX (self->n, 1)), 1);
  /* A row of tiles is long and has no area to speak of. */
  self->cell = MAX (self->cell, MAX (across, down) / (double)(MOST_CELLS / 4));
  self->columns = (gint64)floor (across / self->cell) + 1;
  self->rows = (gint64)floor (down / self->cell) + 1;
}

static void
sort_into_cells (TesseraSlideIndex *self)
{
  gint64 cells = self->columns * self->rows;
  self->first = g_new0 (guint, cells + 1);
  self->order = g_new (guint, MAX (self->n, 1));
  for (guint i = 0; i < self->n; i++)
    self->first[cell_of (self, &self->tiles[i]) + 1]++;
  for (gint64 c = 0; c < cells; c++)
    self->first[c + 1] += self->first[c];
  g_autofree guint *next = g_memdup2 (self->first, sizeof (guint) * (gsize)cells);
  for (guint i = 0; i < self->n; i++)
    self->order[next[cell_of (self, &self->tiles[i])]++] = i;
}

TesseraSlideIndex *
tessera_slide_index_new (const TesseraSlideTile *tiles, guint n)
{
  TesseraSlideIndex *self = g_new0 (TesseraSlideIndex, 1);
  self->references = 1;
  take_tiles (self, tiles, n);
  self->width = median_width (self);
  lay_cells (self);
  sort_into_cells (self);
  return self;
}

TesseraSlideIndex *
tessera_slide_index_ref (TesseraSlideIndex *self)
{
  g_atomic_int_inc (&self->references);
  return self;
}

void
tessera_slide_index_unref (TesseraSlideIndex *self)
{
  if (!self || !g_atomic_int_dec_and_test (&self->references))
    return;
  g_free (self->tiles);
  g_free (self->first);
  g_free (self->order);
  g_free (self);
}

/* ---- asking ---- */

guint
tessera_slide_index_n (const TesseraSlideIndex *self)
{
  return self->n;
}

const TesseraSlideTile *
tessera_slide_index_tiles (const TesseraSlideIndex *self)
{
  return self->tiles;
}

double
tessera_slide_index_width (const TesseraSlideIndex *self)
{
  return self->width;
}

int
tessera_slide_index_find (const TesseraSlideIndex *self, guint32 id)
{
  guint low = 0, high = self->n;
  while (low < high) {
    guint mid = low + (high - low) / 2;
    if (self->tiles[mid].id < id)
      low = mid + 1;
    else
      high = mid;
  }
  return low < self->n && self->tiles[low].id == id ? (int)low : -1;
}

void
tessera_slide_index_in (const TesseraSlideIndex *self, double x0, double y0, double x1, double y1,
                        void (*func) (guint place, gpointer user), gpointer user)
{
  if (self->n == 0 || !(x1 > x0) || !(y1 > y0))
    return;
  gint64 left = column_of (self, x0 - self->reach_x), right = column_of (self, x1 + self->reach_x);
  gint64 top = row_of (self, y0 - self->reach_y), bottom = row_of (self, y1 + self->reach_y);
  for (gint64 row = top; row <= bottom; row++)
    for (guint k = self->first[row * self->columns + left];
         k < self->first[row * self->columns + right + 1]; k++) {
      const TesseraSlideTile *tile = &self->tiles[self->order[k]];
      if ((double)tile->x < x1 && (double)tile->x + tile->width > x0 && (double)tile->y < y1 &&
          (double)tile->y + tile->height > y0)
        func (self->order[k], user);
    }
}

typedef struct {
  const TesseraSlideIndex *index;
  double x, y, best;
  int place;
} Nearest;

static void
take_nearest (guint place, gpointer user)
{
  Nearest *nearest = user;
  const TesseraSlideTile *tile = &nearest->index->tiles[place];
  double d = hypot (middle_x (tile) - nearest->x, middle_y (tile) - nearest->y);
  if (d < nearest->best || (d == nearest->best && (int)place < nearest->place)) {
    nearest->best = d;
    nearest->place = (int)place;
  }
}

int
tessera_slide_index_at (const TesseraSlideIndex *self, double x, double y)
{
  Nearest nearest = {self, x, y, INFINITY, -1};
  /* Half open, as the tiles are: the point is the rectangle's first. */
  tessera_slide_index_in (self, x, y, nextafter (x, INFINITY), nextafter (y, INFINITY),
                          take_nearest, &nearest);
  return nearest.place;
}

int
tessera_slide_index_toward (const TesseraSlideIndex *self, double x, double y, int dx, int dy,
                            int but)
{
  int place = -1;
  double best = INFINITY;
  for (guint i = 0; i < self->n; i++) {
    double u = middle_x (&self->tiles[i]) - x, v = middle_y (&self->tiles[i]) - y;
    double ahead = u * dx + v * dy, aside = fabs (u * dy) + fabs (v * dx);
    if ((int)i == but || ahead <= 0 || aside > 2 * ahead || ahead + 2 * aside >= best)
      continue;
    best = ahead + 2 * aside;
    place = (int)i;
  }
  return place;
}
