/* out[0] = the sum of part [parts], always in the same order. One work-group. */
#include "group_sum.clh"

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
sum_all (__global float *restrict out, __global const float *restrict part, const int parts)
{
  __local float sums[GROUP];
  const int lane = get_local_id (0);
  float sum = 0;
  for (int p = lane; p < parts; p += GROUP)
    sum += part[p];
  group_sum (sums, lane, sum);
  if (lane == 0)
    out[0] = sums[0];
}
