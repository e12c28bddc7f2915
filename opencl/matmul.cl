/* C[m][n] = op(A) op(B), one row and V columns of C to a work-item. Defines: V, and TRANSPOSE_A, TRANSPOSE_B where an
 * operand is stored as [k][m] or [n][k]. Columns beyond the last whole vector are done one by one. */

#ifdef TRANSPOSE_A
#define A(row, i) a[(size_t) (i) * m + (row)]
#else
#define A(row, i) a[(size_t) (row) * k + (i)]
#endif

#ifdef TRANSPOSE_B
#define B(i, column) b[(size_t) (column) * k + (i)]
#else
#define B(i, column) b[(size_t) (i) * n + (column)]
#endif

__kernel void
matmul (__global const float *restrict a, __global const float *restrict b, __global float *restrict c, int m, int n,
        int k)
{
  int row = get_global_id (1), column = get_global_id (0) * V;
#ifndef TRANSPOSE_B
  if (column + V <= n) {
    floatV sum = 0;
    for (int i = 0; i < k; i++)
      sum += A (row, i) * LOAD (b, (size_t) i * n + column);
    STORE (sum, c, (size_t) row * n + column);
    return;
  }
#endif
  for (int j = column; j < min (column + V, n); j++) {
    float sum = 0;
    for (int i = 0; i < k; i++)
      sum += A (row, i) * B (i, j);
    c[(size_t) row * n + j] = sum;
  }
}
