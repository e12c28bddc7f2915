/* Rows [first, first + rows) of x [n][d], times `inverse` and less the mean (in two floats), as out [rows][d], 0 beyond n; and
 * their squared norms. Work-group (LANES, GROUP / LANES): lanes of a row, rows. */
#define GROUP 256
#define LANES 16

__kernel __attribute__ ((reqd_work_group_size (LANES, GROUP / LANES, 1))) void
nearest_centre (__global float *restrict out, __global float *restrict norm, __global const float *restrict x,
                __global const float *restrict mean, const int n, const int d, const int first, const int rows,
                const float inverse)
{
  __local float sums[GROUP / LANES][LANES];
  const int lane = get_local_id (0), local_row = get_local_id (1), r = get_global_id (1);
  float sum = 0;
  for (int c = lane; c < d && r < rows; c += LANES) {
    const float v = first + r < n ? (x[(size_t) (first + r) * d + c] * inverse - mean[c]) - mean[d + c] : 0;
    out[(size_t) r * d + c] = v;
    sum += v * v;
  }
  sums[local_row][lane] = sum;
  for (int below = LANES / 2; below > 0; below /= 2) {
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane < below)
      sums[local_row][lane] += sums[local_row][lane + below];
  }
  if (lane == 0 && r < rows)
    norm[r] = sums[local_row][0];
}
