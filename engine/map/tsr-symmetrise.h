#pragma once
/* Neighbour lists, in which i may have j without j having i, become a symmetric sparse matrix. */

#include "tsr-map.h"

/** What stands at (i,j) and (j,i), where i's list says a of j, and j's says b of i (0: nothing). */
typedef enum {
  TSR_SYMMETRY_MEAN, /* (a + b) / 2n: t-SNE's joint probabilities */
  TSR_SYMMETRY_UNION /* a + b - a b: UMAP's fuzzy union */
} TsrSymmetry;

/** Makes the matrix of lists index [n,k] with value [n,k], k > 0, whose rows are sorted by index on
 * the way. p->n and p->row [n+1], zeros, are there already; nnz, column and value are found. Stops
 * with G_IO_ERROR_CANCELLED, which leaves p to tsr_affinities_free. */
bool tsr_symmetrise (uint32_t *index, float *value, size_t n, size_t k, TsrSymmetry how,
                     TsrAffinities *p, const TsrProgress *progress, GError **error);
