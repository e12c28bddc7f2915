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
