#pragma once
/* Dense linear algebra in double precision for a few hundred rows and columns, as register-tiled
 * products (tsr-gemm.h): symmetric products, Cholesky's factor, triangular systems. On the calling
 * thread, or, with parallel, on all of tsr-parallel.h's, bit for bit the same. */

#include <stdbool.h>
#include <stddef.h>

/** out [n,n], lower triangle with the diagonal: the products of the n rows of a, whose element (i,
 * j) of k lies at a[i * row_stride + j * column_stride]. What is above the diagonal is undefined.
 */
void tsr_dense_gram (const double *a, size_t n, size_t k, size_t row_stride, size_t column_stride,
                     bool parallel, double *out);

/** A matrix as the products of a tile want it, for many products with a few rows each. */
typedef struct TsrDensePanels TsrDensePanels;

/** Copies the n rows of a, laid out as above. Owned by the caller. */
TsrDensePanels *tsr_dense_panels_new (const double *a, size_t n, size_t k, size_t row_stride,
                                      size_t column_stride);

/** Frees the copy; NULL is allowed. */
void tsr_dense_panels_free (TsrDensePanels *panels);

/** The products of all n rows with the `count` rows of b, whose element (j, l) of k lies at b[j *
 * row_stride + l * column_stride]: that of rows i and j goes to out[i * out_row + j * out_column].
 */
void tsr_dense_panels_multiply (const TsrDensePanels *panels, const double *b, size_t count,
                                size_t row_stride, size_t column_stride, bool parallel, double *out,
                                size_t out_row, size_t out_column);

/** a [m,m], symmetric positive definite and read in the lower triangle, becomes its factor L there,
 * a = L L^T (Golub & Van Loan 2013, section 4.2.6, blocked). */
void tsr_dense_cholesky (double *a, size_t m, bool parallel);

/** Solves L y = b for each of the rows b of rows [count, m] in place; each row's result is the same
 * however many there are beyond 16. */
void tsr_dense_solve_lower (const double *l, size_t m, double *rows, size_t count);

/** Solves L^T x = y for each of the rows y of rows [count, m] in place. Meant for few rows. */
void tsr_dense_solve_upper (const double *l, size_t m, double *rows, size_t count);

/** The sum of the products of a [n] and b [n], in one fixed order. */
double tsr_dense_dot (const double *a, const double *b, size_t n);

/** y [n] += a x [n]. */
void tsr_dense_add_scaled (double *y, double a, const double *x, size_t n);
