#pragma once
/* The largest eigenvalues of a symmetric matrix and their vectors. */

#include "tsr-progress.h"

#include <stddef.h>

/** Householder tridiagonalisation, then implicit QL (Golub & Van Loan, sections 8.3.1 and 8.3.3). a
 * [m,m] row-major, both triangles filled, is overwritten. values [k] descending, vectors [k,m]
 * orthonormal rows, 1 <= k <= m. Cost about 4/3 m^3. Fails only when cancelled. */
bool tsr_eigen_largest (double *a, size_t m, size_t k, double *values, double *vectors,
                        const TsrProgress *progress, GError **error);
