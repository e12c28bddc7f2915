#pragma once
/* How far every point is from the nearest of a growing set of sources: the state behind farthest
 * point sampling. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TsrCover TsrCover;

/** A state without sources over points [n,d], borrowed. Points with blocked set (NULL: none) do not
 * exist for it. */
TsrCover *tsr_cover_new (const float *points, size_t n, size_t d, const uint8_t *blocked);

/** Frees the state, not the points; NULL is allowed. */
void tsr_cover_free (TsrCover *cover);

/** Adds point i as a source; it will not be offered again. O(n); in two dimensions blocks of points
 * that the new source cannot be nearer to are passed over, so that adding many sources to a large
 * map costs far less. */
void tsr_cover_add (TsrCover *cover, uint32_t i);

/** Finds the point, not a source, farthest from all sources (lower index first); false if there is
 * none. */
bool tsr_cover_farthest (const TsrCover *cover, uint32_t *farthest);

/** Returns the largest distance of a point to its nearest source: INFINITY without sources, 0
 * without points. */
float tsr_cover_radius (const TsrCover *cover);
