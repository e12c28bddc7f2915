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

/** A state of its own that begins as cover is. It shares what does not change with cover, which
 * must outlive it: 4 bytes a point, and no sorting. */
TsrCover *tsr_cover_fork (const TsrCover *cover);

/** Frees the state, not the points; NULL is allowed. */
void tsr_cover_free (TsrCover *cover);

/** Forgets the sources and what was left out. */
void tsr_cover_restart (TsrCover *cover);

/** Whether the point exists for the state: neither blocked when that was made nor left out. In
 * O(log n). */
bool tsr_cover_has (const TsrCover *cover, uint32_t i);

/** Sets has [points], 0 before, where tsr_cover_has. */
void tsr_cover_mark (const TsrCover *cover, uint8_t *has);

/** How many sources there are. */
size_t tsr_cover_sources (const TsrCover *cover);

/** Adds point i as a source; it will not be offered again. O(n); in two dimensions blocks of points
 * that the new source cannot be nearer to are passed over, so that adding many sources to a large
 * map costs far less. */
void tsr_cover_add (TsrCover *cover, uint32_t i);

/** Takes the points with out [n] set as if they were blocked from now on, but for sources. */
void tsr_cover_leave_out (TsrCover *cover, const uint8_t *out);

/** Finds the point, not a source, farthest from all sources (lower index first); false if there is
 * none. */
bool tsr_cover_farthest (const TsrCover *cover, uint32_t *farthest);

/** Returns the largest distance of a point to its nearest source: INFINITY without sources, 0
 * without points. */
float tsr_cover_radius (const TsrCover *cover);
