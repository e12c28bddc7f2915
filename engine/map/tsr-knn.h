#pragma once
/* The neighbour search in the units it works in. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** tsr_knn, but squared [n,k] receives squared distances of x / scale, where scale is a power of
 * two chosen so that nothing overflows. x must have passed tsr_vectors_check, k < n. */
bool tsr_knn_scaled (const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *squared,
                     float *scale, const TsrProgress *progress, GError **error);
