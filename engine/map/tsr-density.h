#pragma once
/* How densely the points lie round each of them, by the distance of the k-th nearest: outliers
 * stand alone, and sampling that looks for what is far would spend its labels on them. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** What counts as sparse where nothing else is said: the fifth of the points whose 16th neighbour
 * is farthest. */
#define TSR_DENSITY_NEIGHBOUR    16
#define TSR_DENSITY_SPARSE_SHARE 0.2

/** The distance of every point of points [n,d] that is not blocked (NULL: none is) to its k-th
 * nearest other one, into distance [n]; with fewer others, to the farthest of them; 0 for a point
 * alone, INFINITY for a blocked one. Exact: a k-d tree in the plane, O(n log n); tsr_knn elsewhere.
 * Points that are not blocked must be finite. Fails when cancelled, in more dimensions also when a
 * point is not finite. */
bool tsr_density_distances (const float *points, size_t n, size_t d, const uint8_t *blocked,
                            size_t k, float *distance, const TsrProgress *progress, GError **error);

/** Marks the sparsest points: of m points that are not blocked the floor (m share) whose k-th
 * neighbour is farthest, of equally far ones those of higher index first. sparse [n] receives 1 for
 * them and 0 for all others. Contract and errors as above. */
bool tsr_density_mark_sparse (const float *points, size_t n, size_t d, const uint8_t *blocked,
                              size_t k, double share, uint8_t *sparse, const TsrProgress *progress,
                              GError **error);
