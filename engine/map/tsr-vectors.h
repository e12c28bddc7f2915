#pragma once
/* What every consumer of a matrix of vectors checks and prepares first. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** Whether every value of row [d] is finite. */
bool tsr_vectors_row_finite (const float *row, size_t d);

/** Checks that n >= 1 and d >= 1 and that every value of x [n,d] is finite; if not, names the first
 * such row in error. */
bool tsr_vectors_check (const float *x, size_t n, size_t d, GError **error);

/** Returns a power of two s such that x / s has its largest magnitude in [0.5, 1), 1 if all are 0:
 * multiplying by it is exact, and squares neither overflow nor vanish. */
float tsr_vectors_scale (const float *x, size_t n, size_t d);

/** Writes the mean of the columns of x / scale to mean [d], summed in fixed blocks. */
void tsr_vectors_mean (const float *x, size_t n, size_t d, float scale, double *mean);
