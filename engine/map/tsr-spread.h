#pragma once
/* Label spreading (Zhou et al. 2004) on the graph of nearest neighbours. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** How much of a tile's score comes from its neighbours. */
#define TSR_SPREAD_ALPHA 0.95
/** Neighbours of each tile in the graph. */
#define TSR_SPREAD_NEIGHBOURS 10

typedef struct TsrSpreadGraph TsrSpreadGraph;

/** The graph over the rows of w [n,d] that are not blocked (NULL: none is): two tiles are joined if
 * one is among the other's `neighbours` nearest, with weight exp (- d^2 / (s_i s_j)), s the
 * distance to the last of them (local scaling, Zelnik-Manor & Perona 2004); copies are joined
 * with 1. Fails when cancelled, or where w is not finite. */
TsrSpreadGraph *tsr_spread_graph_new (const float *w, size_t n, size_t d, const uint8_t *blocked,
                                      size_t neighbours, const TsrProgress *progress,
                                      GError **error);

/** Frees the graph; NULL is allowed. */
void tsr_spread_graph_free (TsrSpreadGraph *graph);

/** Solves (I - alpha S) F = Y for up to TSR_SPREAD_COLUMNS right-hand sides at once, S =
 * D^(-1/2) W D^(-1/2) (Zhou et al. 2004, eq. 5 without the factor 1 - alpha): Y has a 1 in row
 * tile[s] and column column[s] for each of `sources`, F [n, TSR_SPREAD_COLUMNS] (blocked rows 0).
 * Chebyshev's iteration (Golub & Van Loan, section 11.2.8) without any inner product, so that the
 * answer does not depend on threads; the error is below a millionth of |F|. */
void tsr_spread_solve (const TsrSpreadGraph *graph, const uint32_t *tile, const uint32_t *column,
                       size_t sources, float *f);

#define TSR_SPREAD_COLUMNS 8
