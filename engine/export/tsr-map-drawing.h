#pragma once
/* The parts of a map's picture; tsr-map-figure.c puts them on a page. */

#include "tsr-map-coloring.h"

#include <cairo.h>

/** The rectangle of the page the points lie in, and how places become page coordinates: page =
 * place * zoom + offset. */
typedef struct {
  double x, y, width, height;
  double zoom, offset_x, offset_y;
  double radius; /* of a marker */
} TsrMapFrame;

typedef struct {
  double x, y, width, height;
} TsrMapBox;

/** Fits the table's map into box with a margin; false if no tile has a place. */
bool tsr_map_frame_fit (TsrMapFrame *frame, const TsrTable *table, TsrMapBox box);

/** How many tiles are drawn. */
uint32_t tsr_map_drawing_count (const TsrTable *table);

/** Draws all points, those that say most on top, and the glow of the suggestions. */
bool tsr_map_draw_points (cairo_t *cr, const TsrMapColoring *coloring, const TsrMapFrame *frame,
                          const TsrProgress *progress, GError **error);

/** The same into a picture of 288 dpi, and that onto the page: for more points than a viewer of
 * vectors can bear. */
bool tsr_map_draw_points_as_picture (cairo_t *cr, const TsrMapColoring *coloring,
                                     const TsrMapFrame *frame, const TsrProgress *progress,
                                     GError **error);

/** Traces a marker of the given radius as the current path. */
void tsr_map_trace_marker (cairo_t *cr, int shape, double x, double y, double radius);

/** Draws the scale bar into the frame's lower left corner: a round length in the map's own units.
 */
void tsr_map_draw_scale (cairo_t *cr, const TsrMapFrame *frame);

/** Draws what the colours mean (classes or categories with marker, name and counts, or a scale with
 * its ends), what the other signs mean, and how the map was made. */
void tsr_map_draw_legend (cairo_t *cr, const TsrMapColoring *coloring, TsrMapBox box);
