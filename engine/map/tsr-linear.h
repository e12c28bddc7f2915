#pragma once
/* Multinomial logistic regression with an L2 penalty: a linear rule in W that is fitted anew after
 * every label. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Tiles up to which fitting keeps to the calling thread, so that fits can run beside each other.
 */
#define TSR_LINEAR_ALONE 32

/** Fits weights [n_classes, p] that minimise
 *
 *   sum_i weight_i (- log softmax (x_i weights^T)[label_i]) + penalty / 2 |weights|^2
 *
 * over x [n,p] (a column of ones in it makes an intercept), label [n] in [0, n_classes) and weight
 * [n] (NULL: all 1), beginning from what is in weights; penalty > 0 makes the minimum the only one.
 * Truncated Newton steps (Nocedal & Wright 2006, algorithm 7.1), by conjugate gradients that are
 * preconditioned with the Hessian of the mean class, exact for two classes, as it was at most a
 * factor of 21 ago; Armijo's condition bounds each step. Ends when the gradient's largest
 * component is below 1e-7 of the largest it has at 0, or after 100 steps. Returns how many steps
 * were made. In double; of more than TSR_LINEAR_ALONE tiles on all threads of tsr-parallel.h, whose
 * number does not matter. */
unsigned tsr_linear_fit (const double *x, size_t n, size_t p, const int32_t *label,
                         const double *weight, size_t n_classes, double penalty, double *weights);

/** The logits each of the n tiles would have had about, had its label not been there: one Newton
 * step away from a fit to all (approximate leave-one-out, Rad & Maleki 2020, eq. 5), with the
 * preconditioner above as Hessian. held [n, n_classes]. */
void tsr_linear_held_out (const double *x, size_t n, size_t p, const int32_t *label,
                          size_t n_classes, double penalty, const double *weights, double *held);

/** Both, one after the other: tsr_linear_fit with all weights 1 (returning its steps), then
 * tsr_linear_held_out of what it found, without preparing x twice. */
unsigned tsr_linear_fit_held_out (const double *x, size_t n, size_t p, const int32_t *label,
                                  size_t n_classes, double penalty, double *weights, double *held);
