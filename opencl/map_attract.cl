/* The attraction of each point, sum_j p_ij q_ij (y_i - y_j), over rows laid out in vectors of LANES (engine/map/tsr-attraction.c);
 * with LOGS for each work-group also the sum of its points' p_ij log (1 + |y_i - y_j|^2). Work-group g:
 * rows from g GROUP / LANES on, LANES work-items each. */
#include "group_sum.clh"
#define LANES 16

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
map_attract (__global float2 *restrict force,
#ifdef LOGS
             __global float *restrict logs,
#endif
             __global const uint *restrict row, __global const uint *restrict column, __global const float *restrict value,
             __global const float2 *restrict y, const int n)
{
  __local float sum_x[GROUP / LANES][LANES], sum_y[GROUP / LANES][LANES];
  const int item = get_local_id (0), lane = item % LANES, r = item / LANES, i = get_global_id (0) / LANES;
  float2 sum = (float2) (0, 0);
#ifdef LOGS
  float log_sum = 0;
#endif
  if (i < n) {
    const float2 own = y[i];
    const uint end = row[i + 1];
    for (uint v = row[i]; v < end; v++) {
      const size_t at = (size_t) v * LANES + lane;
      const float2 delta = own - y[column[at]];
      const float weight = 1 + delta.x * delta.x + delta.y * delta.y;
      sum += value[at] / weight * delta;
#ifdef LOGS
      log_sum += value[at] * log (weight);
#endif
    }
  }
  sum_x[r][lane] = sum.x;
  sum_y[r][lane] = sum.y;
  for (int below = LANES / 2; below > 0; below /= 2) {
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane < below) {
      sum_x[r][lane] += sum_x[r][lane + below];
      sum_y[r][lane] += sum_y[r][lane + below];
    }
  }
  if (lane == 0 && i < n)
    force[i] = (float2) (sum_x[r][0], sum_y[r][0]);
#ifdef LOGS
  __local float all[GROUP];
  group_sum (all, item, log_sum);
  if (item == 0)
    logs[get_group_id (0)] = all[0];
#endif
}
