/* sum[i] <- factor (sum[i] + other[i]) for i in [first, first + n): what the lanes of a step computed, brought together.
 * Work-item x: elements [x*block, (x+1)*block). */
__kernel void
add_lane (__global float *restrict sum, __global const float *restrict other, const int first, const int n, const int block,
          const float factor)
{
  const int begin = first + get_global_id (0) * block, end = min (begin + block, first + n);
  int i = begin;
  for (; i + V <= end; i += V)
    STORE (factor * (LOAD (sum, i) + LOAD (other, i)), sum, i);
  for (; i < end; i++)
    sum[i] = factor * (sum[i] + other[i]);
}
