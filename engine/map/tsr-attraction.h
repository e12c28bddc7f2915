#pragma once
/* The attractive half of t-SNE's gradient, over the non-zero affinities. */

#include "tsr-map.h"

/** The affinities laid out for the loop: rows padded to whole vectors. */
typedef struct TsrAttraction TsrAttraction;

/** Lays out p, of which it keeps nothing. order [n], a permutation, or NULL: place i of y and force
 * below belongs to row order[i], so that points that pull at each other can lie together. Owned by
 * the caller. */
TsrAttraction *tsr_attraction_new (const TsrAffinities *p, const uint32_t *order);

/** Frees the layout; NULL is allowed. */
void tsr_attraction_free (TsrAttraction *attraction);

/** Writes force_i = sum_j p_ij q_ij (y_i - y_j), [n,2]. With log_sum not NULL, also sum p_ij log (1
 * + |y_i - y_j|^2). Neither depends on the number of threads. */
void tsr_attraction_run (const TsrAttraction *attraction, const float *y, float *force,
                         double *log_sum);

/** The layout itself, for who computes elsewhere: row i of n is the vectors of 16 from (*row)[i] to
 * (*row)[i + 1], with (*column)[16 v + l] the place of a neighbour and (*value)[16 v + l] its
 * affinity, 0 in the padding. Borrowed. */
size_t tsr_attraction_rows (const TsrAttraction *attraction, const uint64_t **row,
                            const uint32_t **column, const float **value);

/** Returns sum p_ij log p_ij, so that KL(P || Q) = this + log_sum + log Z. */
double tsr_attraction_entropy (const TsrAttraction *attraction);
