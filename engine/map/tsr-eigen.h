#pragma once
/* Eigenvalues of a symmetric matrix: the largest with their vectors, or all without. */

#include "tsr-progress.h"

#include <stddef.h>

/** Householder tridiagonalisation, then implicit QL (Golub & Van Loan, sections 8.3.1 and 8.3.3). a
 * [m,m] row-major, both triangles filled, is overwritten. values [k] descending, vectors [k,m]
 * orthonormal rows, 1 <= k <= m. Cost about 4/3 m^3. Fails only when cancelled. */
bool tsr_eigen_largest (double *a, size_t m, size_t k, double *values, double *vectors,
                        const TsrProgress *progress, GError **error);

/** All eigenvalues of the same kind of matrix, which is overwritten too: values [m] descending.
 * Cost as above, but the vectors, which take several times as long, are left out. Fails only when
 * cancelled. */
bool tsr_eigen_values (double *a, size_t m, double *values, const TsrProgress *progress,
                       GError **error);
