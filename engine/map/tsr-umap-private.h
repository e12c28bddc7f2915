#pragma once
/* UMAP in pieces. Equations are those of McInnes, Healy & Melville 2018 (arXiv 1802.03426). */

#include "tsr-simd.h"
#include "tsr-umap.h"

/** The memberships exp (- max (0, d_j - rho) / sigma) of a row's k neighbours, ascending at
 * distance [k] (algorithm 3): rho is the least distance that is not 0 (0 where all are), sigma has
 * their sum log2 k, where it can be reached; it is at least a thousandth of the row's mean distance
 * (of `mean`, the mean of all rows, where rho is 0), so that copies do not make it vanish.
 * membership [k] is in [0, 1]; what is no farther than rho has 1. */
void tsr_umap_memberships (const float *distance, size_t k, double mean, float *membership);

/** The graph of x [n,d], n > 1: the fuzzy union a + b - ab of both sides' memberships of their k <
 * n nearest (section 3.1; algorithm 1), values in [0, 1]. neighbours_s (or NULL) receives the
 * seconds of the search; order [n] an order in which near rows stand near each other, owned by the
 * caller, or NULL. Stops with G_IO_ERROR_CANCELLED. */
TsrAffinities *tsr_umap_graph (const float *x, size_t n, size_t d, size_t k, double *neighbours_s,
                               uint32_t **order, const TsrProgress *progress, GError **error);

/** How near things are on the map: 1 / (1 + a d^2b) (definition 11). */
typedef struct {
  double a, b;
} TsrUmapCurve;

/** The curve nearest, in least squares at 300 places up to 3 spread, to one that is 1 up to
 * min_dist and falls as exp (- (d - min_dist) / spread) beyond it. Both > 0, min_dist < 3 spread.
 */
TsrUmapCurve tsr_umap_curve (double min_dist, double spread);

/** How sixteen points at (dx, dy) from another each move: pull [2] down the gradient of - log v
 * with v the curve, push [2] down that of - log (1 - v) (section 4.2, both times the step: 1), each
 * coordinate held within 4; push with 0.001 added to the squared distance, and no pull or push
 * where they are in one place. In float. */
void tsr_umap_forces (const TsrUmapCurve *curve, const float dx[TSR_LANES],
                      const float dy[TSR_LANES], float pull[2][TSR_LANES],
                      float push[2][TSR_LANES]);

/** Attractions sampled with their memberships' frequency, laid out for the loop. */
typedef struct TsrUmapDescent TsrUmapDescent;

/** Lays out `graph`, of which it keeps nothing, for points in the order given (or NULL, see
 * tsr_attraction_new). */
TsrUmapDescent *tsr_umap_descent_new (const TsrAffinities *graph, const uint32_t *order,
                                      const TsrUmapCurve *curve, uint64_t seed);

/** Frees it; NULL is allowed. */
void tsr_umap_descent_free (TsrUmapDescent *descent);

/** The groups that points are moved in, one after the other: point i is in group i mod this. */
#define TSR_UMAP_GROUPS 16

/** Points drawn that push away, to an attraction. */
#define TSR_UMAP_NEGATIVES 5

/** One epoch over y [n,2] (algorithm 5) with step `rate`. A neighbour is drawn in epochs whose
 * share is its membership of the largest one (tsr_umap_drawn); for each drawn one a point moves by
 * pull, TSR_UMAP_NEGATIVES times by push from points drawn by tsr_umap_negative (not from itself),
 * and by pull again, because in the algorithm both ends move at both ends' turns. Here a point
 * moves at its own turn only: all points of a group at once, each seeing the others of its group as
 * they were before and the rest as they are. So any number of threads gives the same. */
void tsr_umap_descend (TsrUmapDescent *descent, float *y, unsigned epoch, float rate);

/** Whether the edge of points i and j, whose step is its membership's part of the largest one times
 * 2^32 (2^32 - 1 at most), is drawn in this epoch: where (epoch + 1) step + a phase that i and j
 * decide has passed a multiple of 2^32. */
bool tsr_umap_drawn (uint32_t i, uint32_t j, uint32_t step, unsigned epoch);

/** The t-th point, of n, that pushes point i away in this epoch: word t mod 4 of Philox's block
 * (counter (i, t / 4), stream of the epoch), times n, over 2^32. */
uint32_t tsr_umap_negative (uint64_t seed, unsigned epoch, uint32_t i, uint32_t t, size_t n);
