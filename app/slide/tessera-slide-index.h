#pragma once
/* Where the tiles lie on a slide, and which of them are in a rectangle. Immutable; no GTK here. */

#include <glib.h>
#include <stdbool.h>

/** A tile of a slide, in pixels of level 0. */
typedef struct {
  gint64 x, y;
  gint32 width, height; /* above 0 */
  guint32 id;           /* the project's number of it; below 2^31 */
} TesseraSlideTile;

typedef struct TesseraSlideIndex TesseraSlideIndex;

/** Indexes n tiles, which are copied; those without an area are left out. In O(n) for ids in
 * ascending order, else O(n log n). */
TesseraSlideIndex *tessera_slide_index_new (const TesseraSlideTile *tiles, guint n);

/** Adds a reference, which may belong to another thread. */
TesseraSlideIndex *tessera_slide_index_ref (TesseraSlideIndex *index);

/** Drops a reference; NULL is allowed. */
void tessera_slide_index_unref (TesseraSlideIndex *index);

/** How many tiles it holds. */
guint tessera_slide_index_n (const TesseraSlideIndex *index);

/** The tiles, in ascending order of their ids; belong to the index. */
const TesseraSlideTile *tessera_slide_index_tiles (const TesseraSlideIndex *index);

/** The place of an id among the tiles, or -1. Of tiles with the same id the first given counts. */
int tessera_slide_index_find (const TesseraSlideIndex *index, guint32 id);

/** The median width of up to some thousand tiles, 0 without any: how large tiles look. */
double tessera_slide_index_width (const TesseraSlideIndex *index);

/** Calls func for the place of every tile that has a point in [x0,x1) x [y0,y1), each once. */
void tessera_slide_index_in (const TesseraSlideIndex *index, double x0, double y0, double x1,
                             double y1, void (*func) (guint place, gpointer user), gpointer user);

/** The place of the tile at (x, y), of several the one whose middle is nearest; -1: none. */
int tessera_slide_index_at (const TesseraSlideIndex *index, double x, double y);

/** The place of the tile nearest to (x, y) in the direction (dx, dy), one of them 0, the other 1 or
 * -1: not more than twice as far aside as ahead. `but`: a place that does not count, or -1. -1:
 * none. O(n). */
int tessera_slide_index_toward (const TesseraSlideIndex *index, double x, double y, int dx, int dy,
                                int but);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSlideIndex, tessera_slide_index_unref)
