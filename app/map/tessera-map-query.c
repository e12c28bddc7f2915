/* What the pointer asks of the grid: the nearest point, the points in a box, the points in a lasso.
 */

#include "tessera-map-index.h"

#include <math.h>
#include <string.h>

typedef struct {
  double x, y, best;
  gint64 tile;
  TesseraMapAccept accept;
  gconstpointer user;
  double dx, dy; /* a direction to keep to, or 0, 0 */
} Nearest;

/* Looks at the points of the cells [column0, column1] of one row. */
static void
look_at_row (const TesseraMapGrid *grid, guint32 row, guint32 column0, guint32 column1, Nearest *q)
{
  const guint32 *start = grid->start + (gsize)row * grid->columns;
  for (guint32 k = start[column0]; k < start[column1 + 1]; k++) {
    double px = grid->sorted[2 * (gsize)k] - q->x, py = grid->sorted[2 * (gsize)k + 1] - q->y;
    double d = px * px + py * py;
    guint32 tile = grid->order[k];
    if (d > q->best || (d == q->best && q->tile >= 0 && tile > q->tile))
      continue;
    if (q->dx != 0 || q->dy != 0) {
      double along = px * q->dx + py * q->dy, across = fabs (px * q->dy - py * q->dx);
      if (along <= 0 || across > along)
        continue;
    }
    if (q->accept && !q->accept (tile, q->user))
      continue;
    q->best = d;
    q->tile = tile;
  }
}

gint64
tessera_map_grid_nearest (const TesseraMapGrid *grid, double x, double y, double radius,
                          TesseraMapAccept accept, gconstpointer user)
{
  if (grid->n_present == 0 || !(radius >= 0) || !isfinite (x) || !isfinite (y))
    return -1;
  Nearest q = {.x = x, .y = y, .best = radius * radius, .tile = -1, .accept = accept, .user = user};
  guint32 c0, r0, c1, r1;
  tessera_map_grid_cells (grid, x - radius, y - radius, x + radius, y + radius, &c0, &r0, &c1, &r1);
  for (guint32 row = r0; row <= r1; row++)
    look_at_row (grid, row, c0, c1, &q);
  return q.tile;
}

gint64
tessera_map_grid_toward (const TesseraMapGrid *grid, double x, double y, double dx, double dy,
                         TesseraMapAccept accept, gconstpointer user)
{
  if (grid->n_present == 0 || (dx == 0 && dy == 0) || !isfinite (x) || !isfinite (y))
    return -1;
  /* Widening rings until one holds an answer that no wider ring can beat. */
  for (double radius = 2 * grid->cell;; radius *= 2) {
    Nearest q = {x, y, radius * radius, -1, accept, user, dx, dy};
    guint32 c0, r0, c1, r1;
    tessera_map_grid_cells (grid, x - radius, y - radius, x + radius, y + radius, &c0, &r0, &c1,
                            &r1);
    bool all = c0 == 0 && r0 == 0 && c1 == grid->columns - 1 && r1 == grid->rows - 1;
    if (all)
      q.best = INFINITY;
    for (guint32 row = r0; row <= r1; row++)
      look_at_row (grid, row, c0, c1, &q);
    if (q.tile >= 0 || all)
      return q.tile;
  }
}

guint32
tessera_map_grid_in_box (const TesseraMapGrid *grid, double x0, double y0, double x1, double y1,
                         guint8 *found)
{
  if (grid->n_present == 0 || !(x0 <= x1) || !(y0 <= y1))
    return 0;
  guint32 c0, r0, c1, r1, count = 0;
  tessera_map_grid_cells (grid, x0, y0, x1, y1, &c0, &r0, &c1, &r1);
  for (guint32 row = r0; row <= r1; row++) {
    const guint32 *start = grid->start + (gsize)row * grid->columns;
    for (guint32 k = start[c0]; k < start[c1 + 1]; k++) {
      const float *p = grid->sorted + 2 * (gsize)k;
      if (p[0] >= x0 && p[0] <= x1 && p[1] >= y0 && p[1] <= y1) {
        found[grid->order[k]] = 1;
        count++;
      }
    }
  }
  return count;
}

bool
tessera_map_grid_list (const TesseraMapGrid *grid, double x0, double y0, double x1, double y1,
                       guint32 limit, GArray *tiles)
{
  if (grid->n_present == 0 || !(x0 <= x1) || !(y0 <= y1))
    return true;
  guint32 c0, r0, c1, r1;
  tessera_map_grid_cells (grid, x0, y0, x1, y1, &c0, &r0, &c1, &r1);
  for (guint32 row = r0; row <= r1; row++) {
    const guint32 *start = grid->start + (gsize)row * grid->columns;
    for (guint32 k = start[c0]; k < start[c1 + 1]; k++) {
      const float *p = grid->sorted + 2 * (gsize)k;
      if (!(p[0] >= x0 && p[0] <= x1 && p[1] >= y0 && p[1] <= y1))
        continue;
      if (limit-- == 0)
        return false;
      g_array_append_val (tiles, grid->order[k]);
    }
  }
  return true;
}

typedef struct {
  double ax, ay, bx, by;
} Edge;

/* Winding number round (x, y) of edges that cross the horizontal line through it. */
static int
winding (const Edge *edges, guint32 n, double x, double y)
{
  int w = 0;
  for (guint32 i = 0; i < n; i++) {
    const Edge *e = edges + i;
    if ((e->ay <= y) == (e->by <= y))
      continue;
    double side = (e->bx - e->ax) * (y - e->ay) - (e->by - e->ay) * (x - e->ax);
    if (e->ay <= y && side > 0)
      w++;
    else if (e->by <= y && side < 0)
      w--;
  }
  return w;
}

/* Marks in crossed [columns] the cells of a row that an edge passes, one cell of slack on either
 * side for rounding. */
static void
mark_crossed (const TesseraMapGrid *grid, const Edge *e, double low, double high, guint8 *crossed)
{
  double xa = e->ax, xb = e->bx, dy = e->by - e->ay;
  if (dy != 0) {
    double t0 = CLAMP ((low - e->ay) / dy, 0, 1), t1 = CLAMP ((high - e->ay) / dy, 0, 1);
    xa = e->ax + t0 * (e->bx - e->ax);
    xb = e->ax + t1 * (e->bx - e->ax);
  }
  guint32 c0, c1, r;
  tessera_map_grid_cells (grid, MIN (xa, xb) - grid->cell, low, MAX (xa, xb) + grid->cell, low, &c0,
                          &r, &c1, &r);
  memset (crossed + c0, 1, c1 - c0 + 1);
}

static guint32
take_run (const TesseraMapGrid *grid, guint32 begin, guint32 end, guint8 *found)
{
  for (guint32 k = begin; k < end; k++)
    found[grid->order[k]] = 1;
  return end - begin;
}

/* Takes the points of one row: cell by cell where an edge passes, whole runs of cells between. */
static guint32
take_row (const TesseraMapGrid *grid, guint32 row, guint32 c0, guint32 c1, const Edge *edges,
          guint32 n, const guint8 *crossed, guint8 *found)
{
  const guint32 *start = grid->start + (gsize)row * grid->columns;
  double middle = grid->y + (row + 0.5) * grid->cell;
  guint32 count = 0;
  for (guint32 c = c0; c <= c1;) {
    if (crossed[c]) {
      for (guint32 k = start[c]; k < start[c + 1]; k++)
        if (winding (edges, n, grid->sorted[2 * (gsize)k], grid->sorted[2 * (gsize)k + 1]) != 0)
          count += take_run (grid, k, k + 1, found);
      c++;
      continue;
    }
    guint32 end = c + 1;
    while (end <= c1 && !crossed[end])
      end++;
    if (start[end] > start[c] && winding (edges, n, grid->x + (c + 0.5) * grid->cell, middle) != 0)
      count += take_run (grid, start[c], start[end], found);
    c = end;
  }
  return count;
}

/* The polygon's edges that touch the band [low, high]. */
static guint32
edges_in_band (const double *v, guint32 n, double low, double high, Edge *out)
{
  guint32 count = 0;
  for (guint32 i = 0; i < n; i++) {
    guint32 j = i + 1 < n ? i + 1 : 0;
    double ay = v[2 * (gsize)i + 1], by = v[2 * (gsize)j + 1];
    if (MIN (ay, by) <= high && MAX (ay, by) >= low)
      out[count++] = (Edge){v[2 * (gsize)i], ay, v[2 * (gsize)j], by};
  }
  return count;
}

guint32
tessera_map_grid_in_polygon (const TesseraMapGrid *grid, const double *vertices, guint32 n,
                             guint8 *found)
{
  if (grid->n_present == 0 || n < 3)
    return 0;
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  for (guint32 i = 0; i < n; i++) {
    x0 = fmin (x0, vertices[2 * (gsize)i]), x1 = fmax (x1, vertices[2 * (gsize)i]);
    y0 = fmin (y0, vertices[2 * (gsize)i + 1]), y1 = fmax (y1, vertices[2 * (gsize)i + 1]);
  }
  if (!isfinite (x0 + x1 + y0 + y1))
    return 0;
  guint32 c0, r0, c1, r1, count = 0;
  tessera_map_grid_cells (grid, x0, y0, x1, y1, &c0, &r0, &c1, &r1);
  g_autofree guint8 *crossed = g_malloc (grid->columns);
  g_autofree Edge *edges = g_new (Edge, n);
  for (guint32 row = r0; row <= r1; row++) {
    /* Border cells reach to infinity, so every one of their points is tested; a little slack covers
     * rounding. */
    bool border = row == 0 || row == grid->rows - 1;
    double low = border ? y0 : grid->y + (row - 0.01) * grid->cell;
    double high = border ? y1 : grid->y + (row + 1.01) * grid->cell;
    guint32 m = edges_in_band (vertices, n, low, high, edges);
    memset (crossed, border, grid->columns);
    for (guint32 i = 0; i < m && !border; i++)
      mark_crossed (grid, edges + i, low, high, crossed);
    crossed[0] = crossed[grid->columns - 1] = 1;
    count += take_row (grid, row, c0, c1, edges, m, crossed, found);
  }
  return count;
}
