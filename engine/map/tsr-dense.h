#pragma once
/* Dense linear algebra in double precision for a few hundred rows and columns, as register-tiled
 * products (tsr-gemm.h): products with a few columns, symmetric products, Cholesky's factor,
 * triangular systems. On the calling thread, or, with parallel, on all of tsr-parallel.h's, bit for
 * bit the same. */

#include <stdbool.h>
#include <stddef.h>

/** How a few columns of equally many rows lie: in strips of `width` columns, one after the other,
 * each row by row, so that products read and write them as they are. Columns beyond the last are
 * carried along: they must be finite, and 0 stays 0. */
typedef struct {
  size_t width, count;
} TsrDenseStrips;

/** The strips for that many columns. */
TsrDenseStrips tsr_dense_strips (size_t columns);

/** Where element (row, column) of columns with `rows` rows lies. */
static inline size_t
tsr_dense_at (TsrDenseStrips strips, size_t rows, size_t row, size_t column)
{
  size_t width = strips.width;
  return (column / width * rows + row) * width + column % width;
}

/** How many numbers columns with `rows` rows take. */
static inline size_t
tsr_dense_size (TsrDenseStrips strips, size_t rows)
{
  return strips.count * strips.width * rows;
}

/** A matrix as the products of a tile want it, for many products. */
typedef struct TsrDensePanels TsrDensePanels;

/** Copies the n rows of a, whose element (i, j) of k lies at a[i * row_stride + j * column_stride].
 * Owned by the caller. */
TsrDensePanels *tsr_dense_panels_new (const double *a, size_t n, size_t k, size_t row_stride,
                                      size_t column_stride);

/** Frees the copy; NULL is allowed. */
void tsr_dense_panels_free (TsrDensePanels *panels);

/** out = the matrix times the columns b (of k rows): columns of n rows. */
void tsr_dense_panels_multiply (const TsrDensePanels *panels, TsrDenseStrips strips,
                                const double *b, bool parallel, double *out);

/** out [n,n], lower triangle with the diagonal: the matrix times itself transposed, each of the k
 * products weighed (weight [k], or NULL: all 1). What is above the diagonal is undefined. */
void tsr_dense_panels_gram (const TsrDensePanels *panels, const double *weight, bool parallel,
                            double *out);

/** Cholesky's factor L of a matrix L L^T (Golub & Van Loan 2013, section 4.2). */
typedef struct TsrDenseFactor TsrDenseFactor;

/** Makes room for the factor of [m,m]. Owned by the caller. */
TsrDenseFactor *tsr_dense_factor_new (size_t m);

/** Frees it; NULL is allowed. */
void tsr_dense_factor_free (TsrDenseFactor *factor);

/** Factors a [m,m], symmetric positive definite and read in the lower triangle. */
void tsr_dense_factor_set (TsrDenseFactor *factor, const double *a);

/** Solves L y = b for columns of m rows in place; each column's result is the same whatever the
 * others and the strips are. */
void tsr_dense_factor_lower (const TsrDenseFactor *factor, TsrDenseStrips strips, double *b);

/** Solves L^T x = y likewise. */
void tsr_dense_factor_upper (const TsrDenseFactor *factor, TsrDenseStrips strips, double *y);

/** The sum of the products of a [n] and b [n], in one fixed order. */
double tsr_dense_dot (const double *a, const double *b, size_t n);

/** y [n] += a x [n]. */
void tsr_dense_add_scaled (double *y, double a, const double *x, size_t n);
