#pragma once
/* Nearest neighbours among points of the plane: a k-d tree (Bentley 1975). */

#include <stddef.h>
#include <stdint.h>

typedef struct TsrPlane TsrPlane;

/** Builds the tree over y [n,2], borrowed, finite, n >= 1. O(n log n). */
TsrPlane *tsr_plane_new (const float *y, size_t n);

/** Frees the tree, not the points; NULL is allowed. */
void tsr_plane_free (TsrPlane *plane);

/** Finds the k points nearest to (x, y), nearest first, equally near ones by index; point `without`
 * (UINT32_MAX: none) is passed over. squared [k] receives dx dx + dy dy in single precision.
 * Returns how many there are, k or fewer. Any thread. */
size_t tsr_plane_nearest (const TsrPlane *plane, float x, float y, uint32_t without, size_t k,
                          uint32_t *index, float *squared);
