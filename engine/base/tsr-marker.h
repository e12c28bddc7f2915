#pragma once
/* How a class looks, wherever points are drawn: the colours a new class gets and the shapes of the
 * markers. The window's map, the exported map and the legends all read them here, so that a class
 * looks the same everywhere. Geometry is in marker space: the origin is the point's place, a circle
 * has radius 1, y grows downwards, and every shape covers about the area of that circle so that no
 * class looks bigger than another.
 *
 * Maps are drawn with the layout's first coordinate to the right and its second one downwards, in
 * the window and in every exported file. */

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  TSR_MARKER_CIRCLE,
  TSR_MARKER_SQUARE,
  TSR_MARKER_TRIANGLE,
  TSR_MARKER_DIAMOND,
  TSR_MARKER_PLUS,
  TSR_MARKER_TRIANGLE_DOWN,
  TSR_MARKER_STAR,
  TSR_MARKER_HEXAGON,
  TSR_MARKER_X,
  TSR_MARKER_PENTAGON,
  TSR_MARKER_HOURGLASS,
  TSR_MARKER_PILL,
  TSR_MARKER_N_SHAPES
} TsrMarkerShape;

typedef struct {
  float x, y;
} TsrMarkerVertex;

/** How many colours tsr_marker_color tells apart. */
#define TSR_MARKER_N_COLORS 12

/** How many classes get looks of which no two are alike. */
#define TSR_MARKER_N_LOOKS (TSR_MARKER_N_COLORS * TSR_MARKER_N_SHAPES)

typedef struct {
  uint32_t rgb;  /* 0xRRGGBB */
  int32_t shape; /* TsrMarkerShape */
} TsrMarkerLook;

/** The colour (0xRRGGBB) for the i-th class; repeats after TSR_MARKER_N_COLORS. Chosen to stay
 * apart for people with protanopia and deuteranopia, to be readable on white and on near-black, and
 * to leave yellow to the glow. */
uint32_t tsr_marker_color (unsigned i);

/** The tone of a class's colour on a white or (dark) a near-black 0x1e1e1e ground: the colour
 * itself where it stands out by at least 3:1 (WCAG 2.1, 1.4.11), else mixed with black or white
 * just as far as that takes; on dark every colour gets a little light, which makes it carry. */
uint32_t tsr_marker_tone (uint32_t rgb, bool dark);

/** The colour (0xRRGGBB) of a number on the scale from 0 (low) to 255 (high); larger ones count as
 * 255. */
uint32_t tsr_marker_ramp (unsigned i);

/** The shape for the i-th class. Each round of colours begins with another shape, so that no two of
 * the first TSR_MARKER_N_LOOKS classes share both. */
TsrMarkerShape tsr_marker_shape (unsigned i);

/** The first i whose look shares neither colour nor shape with the n looks taken; where there is
 * none, the first whose look is not among them. */
unsigned tsr_marker_free (const TsrMarkerLook *taken, size_t n);

/** The shape's stable English name ("circle"), for files and accessible descriptions; translate it
 * at the caller. Out-of-range shapes count as circles. */
const char *tsr_marker_shape_name (TsrMarkerShape shape);

/** The simple closed polygon of a shape, clockwise on screen, not closed by a repeated vertex: *n
 * vertices, static storage. The circle has none (*n = 0, returns NULL): draw it as an arc.
 * Out-of-range shapes count as circles. */
const TsrMarkerVertex *tsr_marker_polygon (TsrMarkerShape shape, size_t *n);

/** Signed distance from (x, y) to the shape's outline in marker space, negative inside (exact
 * Euclidean distance to the polygon's edges, sign by the non-zero rule). */
float tsr_marker_distance (TsrMarkerShape shape, float x, float y);
