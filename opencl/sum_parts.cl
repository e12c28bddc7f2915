/* out[i] = sum over p of part[p][i], in the order of p: the second half of every sum that was cut into parts.
 * Work-item x: elements [x*block, (x+1)*block) of n. */
__kernel void
sum_parts (__global float *restrict out, __global const float *restrict part, const int n, const int parts, const int block)
{
  const int first = get_global_id (0) * block, last = min (first + block, n);
  for (int i = first; i < last; i++) {
    float sum = 0;
    for (int p = 0; p < parts; p++)
      sum += part[(long) p * n + i];
    out[i] = sum;
  }
}

#ifdef COLUMNS
/* The same on a GPU. Work-group (COLUMNS, 256 / COLUMNS): so many elements, and so many shares of their parts, which meet in
 * local memory. */
__kernel __attribute__ ((reqd_work_group_size (COLUMNS, 256 / COLUMNS, 1))) void
sum_many_parts (__global float *restrict out, __global const float *restrict part, const int n, const int parts)
{
  __local float sums[256 / COLUMNS][COLUMNS];
  const int i = get_global_id (0), x = get_local_id (0), y = get_local_id (1);
  float sum = 0;
  if (i < n)
    for (int p = y; p < parts; p += 256 / COLUMNS)
      sum += part[(long) p * n + i];
  sums[y][x] = sum;
  for (int below = 128 / COLUMNS; below > 0; below /= 2) {
    barrier (CLK_LOCAL_MEM_FENCE);
    if (y < below)
      sums[y][x] += sums[y + below][x];
  }
  if (y == 0 && i < n)
    out[i] = sums[0][x];
}
#endif
