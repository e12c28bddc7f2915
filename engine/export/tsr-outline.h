#pragma once
/* Areas of a slide: polygons with holes, and exactly how much of a rectangle they cover.
 *
 * What is inside follows QuPath: a ring surrounds the points around which it turns (the non-zero
 * rule of its PolygonROI.contains), a polygon is its shell without its holes, and several polygons
 * are their union. For valid geometry (rings that do not cross), which is what QuPath writes, the
 * even-odd rule says the same. In which direction a ring runs does not matter. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  double x, y; /* pixels of level 0, y downwards */
} TsrOutlinePoint;

typedef struct {
  uint32_t first, n; /* its points; the first is not repeated */
  uint32_t polygon;
  bool hole;
} TsrOutlineRing;

typedef struct {
  GArray *points; /* TsrOutlinePoint */
  GArray *rings;  /* TsrOutlineRing: each polygon's shell, then its holes */
  uint32_t n_polygons;
  double x0, y0, x1, y1; /* what the shells lie in; x0 > x1 while there is none */
} TsrOutline;

/** An area without any point. */
TsrOutline *tsr_outline_new (void);

/** Frees it; NULL is allowed. */
void tsr_outline_free (TsrOutline *outline);

/** Adds a ring of n points, which are finite: the shell of a new polygon, or a hole of the newest
 * one. A last point that repeats the first is left out. False, and nothing is added, with fewer
 * than three points then, for a hole without polygon, and beyond 2^31 points in all. */
bool tsr_outline_add (TsrOutline *outline, const TsrOutlinePoint *points, size_t n, bool hole);

/** Adds all polygons of other: the union of both. False if they are too many (tsr_outline_add). */
bool tsr_outline_append (TsrOutline *outline, const TsrOutline *other);

/** Whether the area is an upright rectangle without holes: then its corner and size. */
bool tsr_outline_rectangle (const TsrOutline *outline, double *x, double *y, double *width,
                            double *height);

/** An area prepared for many questions: its edges, sorted into rows. */
typedef struct TsrOutlineIndex TsrOutlineIndex;

/** Prepares outline, which is borrowed and must not change. An index belongs to one thread. */
TsrOutlineIndex *tsr_outline_index_new (const TsrOutline *outline);

/** Frees it; NULL is allowed. */
void tsr_outline_index_free (TsrOutlineIndex *index);

/** Whether the point is inside; on an edge it may be either. */
bool tsr_outline_contains (TsrOutlineIndex *index, double x, double y);

/** The area that the outline shares with the rectangle of corner (x, y), in square pixels: the
 * rectangle is cut into bands between the heights at which edges begin, end and cross, in each of
 * which what is inside are trapezoids. Exact up to rounding, also where rings cross or polygons
 * overlap (which counts once), but for places where more than 1,024 edges meet within a 4,096th of
 * the rectangle's side: there the middle decides. */
double tsr_outline_overlap (TsrOutlineIndex *index, double x, double y, double width,
                            double height);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrOutline, tsr_outline_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrOutlineIndex, tsr_outline_index_free)
