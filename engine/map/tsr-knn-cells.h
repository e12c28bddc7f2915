#pragma once
/* Vectors grouped into cells of near ones, laid out for products: what the approximate neighbour
 * search looks through. */

#include "tsr-narrow.h"
#include "tsr-progress.h"

/** Rows stand in places 0 .. n - 1, cell after cell. */
typedef struct {
  const float *x; /* [n,d], borrowed */
  size_t n, d;
  float inverse; /* a power of two: vectors are x * inverse - mean below */
  double *mean;  /* [d], of all rows but the few that lie far from all others (tsr-far-rows.h) */
  TsrNarrow narrow;
  size_t words; /* of a rounded row */
  size_t cells;
  uint32_t *row;   /* [n]: the row at each place */
  uint32_t *start; /* [cells + 1]: the first place of each cell */
  size_t *column;  /* [cells + 1]: its first column in the panels, a multiple of TSR_NARROW_UNIT */
  float *centre;   /* [cells,d]: the mean of its rows */
  /* its rows less its centre, rounded: rounding errors are then small against the distances within
     a cell, wherever it lies */
  uint32_t *panels;        /* [columns / nr][words][nr] */
  float *norm;             /* [columns], squared, of the rounded; INFINITY in the padding */
  uint32_t *centre_panels; /* the centres, rounded, in the same layout; padded */
  float *centre_norm;
  size_t centre_columns;
} TsrCells;

/** Groups the rows of x by k-means on a sample (Lloyd 1982) into cells of about `size` rows and of
 * 4 * size at most. x must have passed tsr_vectors_check; scale is that of tsr_vectors_scale.
 * plain: products in single precision even where bf16 is quicker. The same for any number of
 * threads. Owned by the caller; keeps x borrowed. NULL when cancelled or out of memory. */
TsrCells *tsr_cells_new (const float *x, size_t n, size_t d, float scale, size_t size, bool plain,
                         uint64_t seed, const TsrProgress *progress, GError **error);

/** Frees the cells; NULL is allowed. */
void tsr_cells_free (TsrCells *cells);

/** Writes row x * inverse - mean to out [d]. */
void tsr_cells_centre_row (const TsrCells *cells, size_t row, float *out);
