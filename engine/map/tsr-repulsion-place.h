#pragma once
/* Where the grid of the interpolated repulsion lies, and the transformed kernel it is convolved
 * with: the same whoever does the convolution. */

#include "tsr-fft.h"

#include <stdbool.h>
#include <stddef.h>

/** A grid of nodes over the map; begins as zeros. */
typedef struct {
  size_t nodes[2];             /* x: a multiple of 32, y: of 4; 0: none yet */
  double step;                 /* distance of nodes, in units of the map */
  double middle[2], origin[2]; /* of the map, in the middle of the nodes; place of the first node */
} TsrRepulsionPlace;

/** Makes the grid cover a map of n points within bounds (least x, largest x, least y, largest y),
 * with some nodes to spare for the splines on all sides. It is kept, and only moved, while the map
 * neither outgrows it nor leaves much of it empty; returns whether it was. fixed_step 0: chosen by
 * the map's size. */
bool tsr_repulsion_place (TsrRepulsionPlace *place, size_t n, double fixed_step,
                          const float bounds[4]);

/** The transform, at frequency k of `length`, of the quintic B-spline sampled at the nodes. */
double tsr_repulsion_spline (size_t k, size_t length);

/** The transform of q sampled on the doubled, periodic axes, over those of the splines that charges
 * are spread and potentials interpolated by, and over the transform's length: [ceil ((nodes[1] + 1)
 * / 16)][2 nodes[0]] vectors, of which lane l of block b is frequency 16 b + l along y. Real. fft
 * of twice the nodes along both axes. Owned by the caller (g_aligned_free). */
TsrF16 *tsr_repulsion_kernel_new (const TsrRepulsionPlace *place, TsrFft *const fft[2]);
