/* Real parts of a transform [rows][columns] times what the splines and the transform's length take from it, a factor a row and one a
 * column. Work-item (column, row). */
__kernel void
kernel_filter (__global float *restrict out, __global const float2 *restrict in, __global const float *restrict by_column,
               __global const float *restrict by_row, const int columns, const int rows)
{
  const int x = get_global_id (0), k = get_global_id (1);
  if (x < columns && k < rows)
    out[(size_t) k * columns + x] = in[(size_t) k * columns + x].x * by_column[x] * by_row[k];
}
