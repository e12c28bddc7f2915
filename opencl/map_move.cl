/* One step of t-SNE: momentum, a gain for each coordinate (Jacobs 1988) and a longest step, as in engine/map/tsr-tsne.c; and of each
 * work-group's points the sum of the coordinates (0, 1) and their bounds (least and largest x: 2, 3, y: 4, 5), 8 numbers.
 * Work-item i: one point. */
#include "group_sum.clh"

static inline float
move_along (float slope, float *velocity, float *gain, float momentum, float rate)
{
  slope = isfinite (slope) ? slope : 0;
  const float g = (slope > 0) == (*velocity > 0) ? *gain * 0.8f : *gain + 0.2f;
  *gain = fmax (g, 0.01f);
  return *velocity = momentum * *velocity - rate * *gain * slope;
}

static inline void
group_bounds (__local float *least, __local float *largest, int lane, float value, bool counts)
{
  least[lane] = counts ? value : INFINITY;
  largest[lane] = counts ? value : -INFINITY;
  for (int below = GROUP / 2; below > 0; below /= 2) {
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane < below) {
      least[lane] = fmin (least[lane], least[lane + below]);
      largest[lane] = fmax (largest[lane], largest[lane + below]);
    }
  }
  barrier (CLK_LOCAL_MEM_FENCE);
}

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
map_move (__global float2 *restrict y, __global float2 *restrict velocity, __global float2 *restrict gain,
          __global float *restrict part, __global const float2 *restrict attract, __global const float2 *restrict repel,
          __global const float *restrict z, const int n, const float exaggeration, const float momentum, const float rate,
          const float longest)
{
  __local float a[GROUP], b[GROUP];
  const int i = get_global_id (0), lane = get_local_id (0);
  float2 moved = (float2) (0, 0);
  if (i < n) {
    const float inverse_z = 1 / fmax (z[0], 1e-30f);
    const float2 slope = exaggeration * attract[i] - inverse_z * repel[i];
    float vx = velocity[i].x, vy = velocity[i].y, gx = gain[i].x, gy = gain[i].y;
    move_along (slope.x, &vx, &gx, momentum, rate);
    move_along (slope.y, &vy, &gy, momentum, rate);
    const float length = sqrt (vx * vx + vy * vy), shrink = length > longest ? longest / length : 1;
    const float2 v = shrink * (float2) (vx, vy);
    velocity[i] = v;
    gain[i] = (float2) (gx, gy);
    y[i] = moved = y[i] + v;
  }
  __global float *out = part + 8 * get_group_id (0);
  group_sum (a, lane, moved.x);
  group_sum (b, lane, moved.y);
  if (lane == 0)
    out[0] = a[0], out[1] = b[0];
  barrier (CLK_LOCAL_MEM_FENCE);
  group_bounds (a, b, lane, moved.x, i < n);
  if (lane == 0)
    out[2] = a[0], out[3] = b[0];
  barrier (CLK_LOCAL_MEM_FENCE);
  group_bounds (a, b, lane, moved.y, i < n);
  if (lane == 0)
    out[4] = a[0], out[5] = b[0];
}
