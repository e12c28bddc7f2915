/* The repulsion of each point, half the negative gradient of the potential [nodes_y][nodes_x] at its place, and for each
 * work-group the sum of its points' potentials, each without the point's own. Work-item i: one point. */
#include "group_sum.clh"
#include "map_spline.clh"

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
map_interpolate (__global float2 *restrict force, __global float *restrict z, __global const float *restrict potential,
                 __global const float2 *restrict y, const int n, PLACE_PARAMETERS)
{
  __local float sum[GROUP];
  const int i = get_global_id (0), lane = get_local_id (0);
  const Place place = PLACE;
  float own = 0;
  if (i < n) {
    float tx, ty, wx[6], wy[6], sx[6], sy[6], value = 0, along = 0, across = 0;
    const int x = locate (y[i].x, place.middle_x, place.rest_x, place.inverse_step, place.nodes_x, &tx);
    const int row = locate (y[i].y, place.middle_y, place.rest_y, place.inverse_step, place.nodes_y, &ty);
    spline (tx, wx);
    spline (ty, wy);
    spline_slope (tx, sx);
    spline_slope (ty, sy);
    for (int c = 0; c < 6; c++) {
      float by_weight = 0, by_slope = 0;
      for (int r = 0; r < 6; r++) {
        const float node = potential[(row + r) * place.nodes_x + x + c];
        by_weight += wy[r] * node;
        by_slope += sy[r] * node;
      }
      value += wx[c] * by_weight;
      along += sx[c] * by_weight;
      across += wx[c] * by_slope;
    }
    force[i] = -0.5f * place.inverse_step * (float2) (along, across);
    own = value - 1;
  }
  group_sum (sum, lane, own);
  if (lane == 0)
    z[get_group_id (0)] = sum[0];
}
