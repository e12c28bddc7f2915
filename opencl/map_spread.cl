/* Spreads the points of a map, charges of 1, onto the grid [nodes_y][nodes_x], in fixed point with `unit` for 1: sums of integers
 * do not depend on their order. Work-item i: one point. */
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
#include "map_spline.clh"

__kernel void
map_spread (__global long *charge, __global const float2 *y, const int n, const float unit, PLACE_PARAMETERS)
{
  const int i = get_global_id (0);
  if (i >= n)
    return;
  const Place place = PLACE;
  float tx, ty, wx[6], wy[6];
  const int x = locate (y[i].x, place.middle_x, place.rest_x, place.inverse_step, place.nodes_x, &tx);
  const int row = locate (y[i].y, place.middle_y, place.rest_y, place.inverse_step, place.nodes_y, &ty);
  spline (tx, wx);
  spline (ty, wy);
  for (int r = 0; r < 6; r++)
    for (int c = 0; c < 6; c++)
      atom_add (charge + (row + r) * place.nodes_x + x + c, convert_long_rte (wy[r] * wx[c] * unit));
}
