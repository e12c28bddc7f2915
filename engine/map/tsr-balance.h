#pragma once
/* W as the map sees it: its principal axes, the long ones shortened. */

#include "tsr-progress.h"

#include <stddef.h>

/** How far the axes are balanced where nobody asks otherwise: halfway. */
#define TSR_BALANCE 0.5

/** Turns x [n,d], up to a common power of two, onto the principal axes of its first `measured` rows
 * (1 to n) and divides each axis by their standard deviation to the power `balance`: 0 keeps all
 * distances, 1 whitens. Halfway
 * (Mahalanobis' distance with the covariance's square root) an axis still counts by how much it
 * varies, but the few along which most of W varies (stain, brightness) no longer hide the rest from
 * the map. Axes that together hold less than a thousandth of the result's variance are left out; a
 * whitened axis is never stretched by more than a thousandfold. Returns [n,*k] with 1 <= *k <= min
 * (measured, d), transfer full; NULL with error for measured values that are not finite, on
 * cancellation and out of memory. */
float *tsr_balance_axes (const float *x, size_t n, size_t measured, size_t d, double balance,
                         size_t *k, const TsrProgress *progress, GError **error);
