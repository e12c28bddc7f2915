/* What map_move says of all its work-groups' points together, as the mean of the coordinates (0, 1) and their bounds less that
 * (2 to 5). One work-group. */
#include "group_sum.clh"

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
map_bounds (__global float *restrict out, __global const float *restrict part, const int parts, const float n)
{
  __local float sums[GROUP], local_mean[2];
  const int lane = get_local_id (0);
  for (int k = 0; k < 2; k++) {
    float sum = 0;
    for (int p = lane; p < parts; p += GROUP)
      sum += part[8 * p + k];
    group_sum (sums, lane, sum);
    if (lane == 0)
      out[k] = local_mean[k] = sums[0] / n;
    barrier (CLK_LOCAL_MEM_FENCE);
  }
  for (int k = 2; k < 6; k++) {
    const float sign = k % 2 ? 1 : -1;
    float most = -INFINITY;
    for (int p = lane; p < parts; p += GROUP)
      most = fmax (most, sign * part[8 * p + k]);
    sums[lane] = most;
    for (int below = GROUP / 2; below > 0; below /= 2) {
      barrier (CLK_LOCAL_MEM_FENCE);
      if (lane < below)
        sums[lane] = fmax (sums[lane], sums[lane + below]);
    }
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane == 0)
      out[k] = sign * sums[0] - local_mean[k / 2 - 1];
    barrier (CLK_LOCAL_MEM_FENCE);
  }
}
