#pragma once
/* Squared distances from a few rows to many, from the differences themselves: what the neighbours
 * of rows that are not among the others, and ranks, are found by. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** Rows that are compared at once. */
#define TSR_DISTANCE_BLOCK_ROWS 4

/** Writes squared [TSR_DISTANCE_BLOCK_ROWS,n], of rows `own` [TSR_DISTANCE_BLOCK_ROWS,d] to x
 * [n,d], both times `inverse`, a power of two (tsr_vectors_scale). Equal rows are at 0. A pair's
 * distance does not depend on what it is computed beside. Calling thread only. */
void tsr_distance_block (const float *own, const float *x, size_t n, size_t d, float inverse,
                         float *squared);

/** The k nearest of the rows x [n,d] for each row of query [m,d]: index [m,k] and distance [m,k],
 * nearest first, equally near ones by index; 1 <= k <= n. Exact, O(m n d). Stops with
 * G_IO_ERROR_CANCELLED. */
bool tsr_distance_block_nearest (const float *query, size_t m, const float *x, size_t n, size_t d,
                                 size_t k, uint32_t *index, float *distance,
                                 const TsrProgress *progress, GError **error);
