/* y_i -= mean. Work-item i: one point. */
__kernel void
map_centre (__global float2 *restrict y, __global const float *restrict mean, const int n)
{
  const int i = get_global_id (0);
  if (i < n)
    y[i] -= (float2) (mean[0], mean[1]);
}
