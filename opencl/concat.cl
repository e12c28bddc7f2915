/* out[row] = a[row] followed by b[row]: two values one after the other along an axis, with what is inside it as one row.
 * Work-item (chunk of columns, block of rows). */
__kernel void
concat (__global float *restrict out, __global const float *restrict a, __global const float *restrict b, const int la,
        const int lb, const int rows, const int block, const int chunk)
{
  const int length = la + lb, first = get_global_id (0) * chunk, last = min (first + chunk, length);
  const int end = min ((int) (get_global_id (1) + 1) * block, rows);
  for (int row = get_global_id (1) * block; row < end; row++) {
    __global const float *p = a + (long) row * la, *r = b + (long) row * lb;
    __global float *q = out + (long) row * length;
    for (int c = first; c < min (last, la); c++)
      q[c] = p[c];
    for (int c = max (first, la); c < last; c++)
      q[c] = r[c - la];
  }
}
