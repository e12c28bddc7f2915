#pragma once
/* Fast Fourier transforms of sixteen sequences at once, one in each lane of a vector. */

#include "tsr-simd.h"

#include <stddef.h>

/** A plan: factors and twiddles of one length. Immutable; any thread may use it. */
typedef struct TsrFft TsrFft;

/** Returns the smallest length >= wanted of the form 2^a 3^b 5^c that is a multiple of `multiple`
 * (itself of that form). */
size_t tsr_fft_length (size_t wanted, size_t multiple);

/** Plans length n, which must be of the form 2^a 3^b 5^c. */
TsrFft *tsr_fft_new (size_t n);

/** Frees a plan; NULL is allowed. */
void tsr_fft_free (TsrFft *fft);

/** Transforms in place: sequence l is re[j][l] + i im[j][l], j < n; X[k] = sum_j x[j] exp (-2 pi i
 * j k / n). Swapping re and im gives the inverse, unnormalised. scratch [2 n]. */
void tsr_fft_run (const TsrFft *fft, TsrF16 *re, TsrF16 *im, TsrF16 *scratch);
