#pragma once
/* Tiles that stand for many: those nearest to the centres of a k-means clustering (Lloyd 1982,
 * begun as k-means++ by Arthur & Vassilvitskii 2007). Tiles that are labelled already are centres
 * that do not move, so that the new ones settle where no label is yet. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** Beyond so many points that could be chosen, or 8 k if that is more, the clustering looks at as
 * many of them, evenly spread by index: what is typical of a million shows in a sample, and a key
 * press must not wait for all. */
#define TSR_KMEANS_SAMPLE 32768

/** Chooses k points of points [n,d] that are neither fixed nor blocked (NULL: none) into chosen [k]
 * and returns in *found how many there are (fewer only when points run out). Every point that is
 * not blocked belongs to the nearest centre (of equally near ones the first): the fixed points, in
 * ascending order, then k new ones, drawn by seed with probability proportional to the squared
 * distance from what is there and moved to the mean of their points until nothing changes, 100
 * times at most. A new centre's point is the eligible one nearest to it among its own, else
 * anywhere; the centres of most points come first. Ties go to the lower index. Points that are not
 * blocked must be finite. The same for any number of threads. O(n k d) a round. Fails only when
 * cancelled. */
bool tsr_kmeans_choose (const float *points, size_t n, size_t d, const uint8_t *fixed,
                        const uint8_t *blocked, size_t k, uint64_t seed, uint32_t *chosen,
                        size_t *found, const TsrProgress *progress, GError **error);
