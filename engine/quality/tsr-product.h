#pragma once
/* Products of large matrices in double, on the register tiles of engine/map's tsr-gemm. */

#include <stdbool.h>
#include <stddef.h>

/** A matrix seen as rows: element (r, p) is values[r * row + p * column]. Borrowed. */
typedef struct {
  const double *values;
  size_t row, column;
} TsrOperand;

/** c [m,n] = (or, if add, +=) A B^T, of A's m rows and B's n rows of length k. With upper (m == n)
 * only what lies on and right of the diagonal is valid afterwards. The same bits for any number of
 * threads. c overlaps neither operand. */
void tsr_product (TsrOperand a, size_t m, TsrOperand b, size_t n, size_t k, double *c, bool upper,
                  bool add);

/** Copies what is right of the diagonal of c [m,m] to its left. */
void tsr_product_mirror (double *c, size_t m);
