#pragma once
/* The repulsive half of t-SNE's gradient. With q_ij = 1 / (1 + |y_i - y_j|^2), both functions write
 * force_i = sum_j q_ij^2 (y_i - y_j) and return Z = sum over i != j of q_ij. The result does not
 * depend on the number of threads. */

#include <stdbool.h>
#include <stddef.h>

/** force [n,2] and Z over all pairs, in single precision lanes summed in double. */
double tsr_repulsion_exact (const float *y, size_t n, float *force);

/** Grid, transformed kernel and scratch, kept between iterations. */
typedef struct TsrRepulsion TsrRepulsion;

/** step: distance of grid nodes in units of the map, where the kernel's width is 1; 0: 0.42, finer
 * while the map is small. */
TsrRepulsion *tsr_repulsion_new (size_t n, double step);

/** Frees grid and scratch; NULL is allowed. */
void tsr_repulsion_free (TsrRepulsion *repulsion);

/** The same by interpolation in O(n + G log G). As in Linderman et al. 2019 charges are spread onto
 * a grid, convolved with the kernel by FFT and interpolated; unlike there a single convolution
 * suffices, since force = -1/2 grad of the potential sum_j q_ij: interpolation is by cubic
 * B-splines (Unser 1999), whose gradient is continuous, and their prefilter is folded into the
 *  transformed kernel. y must be finite. */
double tsr_repulsion_interpolated (TsrRepulsion *repulsion, const float *y, float *force);

/** After tsr_repulsion_interpolated: the potential sum_j q (|(x, y) - y_j|) of the map it was
 * given, all points counted, at another place, and force = half its gradient, -sum_j q^2 ((x, y) -
 * y_j). False where the place lies beyond the grid. Any thread. */
bool tsr_repulsion_at (const TsrRepulsion *repulsion, float x, float y, double *potential,
                       double force[2]);
