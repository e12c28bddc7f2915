#pragma once
/* Where the tiles are: a layout's points sorted into a uniform grid, so that the point under the
 * pointer, the points in a box or lasso and the points of a strip of pixels are found without
 * looking at the others. Immutable once built, shared between threads by reference. No GTK here.
 *
 * The grid covers the bulk of the points; what lies outside belongs to its border cells, which
 * therefore reach to infinity: one far outlier cannot squeeze all others into one cell. */

#include "tessera-map-places.h"

typedef struct TesseraMapIndex TesseraMapIndex;

/** The built grid, borrowed from an index. Cell (column, row) holds points start[row * columns +
 * column] up to the next cell's start; the cells of a row follow each other. */
typedef struct {
  guint32 columns, rows;
  double x, y, cell;    /* the grid's corner and its cells' edge, in layout units */
  const guint32 *start; /* [columns * rows + 1] */
  const guint32 *order; /* [n_present] tile numbers */
  const float *sorted;  /* [n_present,2] their places */
  guint32 n_present;    /* points with a finite place */
  double spacing;       /* typical distance between neighbours, in layout units */
} TesseraMapGrid;

/** References xy, floats [n,2] with NAN for absent points, and takes its bounds; the grid is built
 * later. NULL counts as empty. */
TesseraMapIndex *tessera_map_index_new (GBytes *xy);

/** An index of the places t of the way from one layout to another (tessera_map_places_new_between).
 */
TesseraMapIndex *tessera_map_index_new_between (TesseraMapPlaces *from, TesseraMapPlaces *to,
                                                double t);

/** Its places without the grid, borrowed: what a movement begins or ends with. */
TesseraMapPlaces *tessera_map_index_places (const TesseraMapIndex *index);

/** Takes one more reference, on any thread; returns index. */
TesseraMapIndex *tessera_map_index_ref (TesseraMapIndex *index);

/** Drops a reference, on any thread. */
void tessera_map_index_unref (TesseraMapIndex *index);

/** The number of tiles, absent ones included. */
guint32 tessera_map_index_n (const TesseraMapIndex *index);

/** A tile's place; false if it is absent or out of range. */
bool tessera_map_index_place (const TesseraMapIndex *index, guint32 tile, double *x, double *y);

/** The bounds of all present points; false if there are none. */
bool tessera_map_index_bounds (const TesseraMapIndex *index, double *x0, double *y0, double *x1,
                               double *y1);

/** Builds the grid unless that is done already, and returns it. Any thread; callers wait for each
 * other. */
const TesseraMapGrid *tessera_map_index_grid (TesseraMapIndex *index);

/** The grid if it is built, else NULL: for callers that must not wait. */
const TesseraMapGrid *tessera_map_index_peek (TesseraMapIndex *index);

/** The cells that hold every point of the rectangle, inclusive. */
void tessera_map_grid_cells (const TesseraMapGrid *grid, double x0, double y0, double x1, double y1,
                             guint32 *column0, guint32 *row0, guint32 *column1, guint32 *row1);

/** Says whether a tile may be found. */
typedef bool (*TesseraMapAccept) (guint32 tile, gconstpointer user);

/** The accepted point nearest to (x, y) and at most radius away, ties by the lower number; -1 if
 * there is none. accept may be NULL. */
gint64 tessera_map_grid_nearest (const TesseraMapGrid *grid, double x, double y, double radius,
                                 TesseraMapAccept accept, gconstpointer user);

/** The accepted point nearest to tile's place (x, y) in the quadrant around direction (dx, dy),
 * excluding the place itself; -1 if there is none. Stepping from point to point by keyboard. */
gint64 tessera_map_grid_toward (const TesseraMapGrid *grid, double x, double y, double dx,
                                double dy, TesseraMapAccept accept, gconstpointer user);

/** Sets found[tile] = 1 for every point with x0 <= x <= x1 and y0 <= y <= y1. Returns how many. */
guint32 tessera_map_grid_in_box (const TesseraMapGrid *grid, double x0, double y0, double x1,
                                 double y1, guint8 *found);

/** Sets found[tile] = 1 for every point inside the closed polygon of n vertices (x, y pairs) by the
 * non-zero winding rule, so that a lasso which crosses itself keeps what it went round twice.
 * Returns how many. */
guint32 tessera_map_grid_in_polygon (const TesseraMapGrid *grid, const double *vertices, guint32 n,
                                     guint8 *found);

/** Appends the tiles of the rectangle to a GArray of guint32, at most limit; returns false if there
 * were more. */
bool tessera_map_grid_list (const TesseraMapGrid *grid, double x0, double y0, double x1, double y1,
                            guint32 limit, GArray *tiles);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMapIndex, tessera_map_index_unref)
