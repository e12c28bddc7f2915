/* Puts the `keep` proposed neighbours of a block's rows into the order of their distances from the differences, and gives the
 * first k: index [rows][k], squared [rows][k], of x [n][d] times `inverse`; and in cut [rows] how far the last of them was by the
 * products. Work-group r: row first_row + r. */
#include "sort_keys.clh"
#define LANES 16

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
nearest_rank (__global uint *restrict index, __global float *restrict squared, __global float *restrict cut, __global const ulong *restrict best,
              __global const float *restrict x, const int n, const int d, const int keep, const int k, const int first_row,
              const float inverse)
{
  __local ulong key[SORT];
  __local float sums[GROUP / LANES][LANES];
  const int item = get_local_id (0), lane = item % LANES, part = item / LANES, r = get_group_id (0);
  __global const float *own = x + (size_t) (first_row + r) * d;
  best += (size_t) r * keep;
  if (item == 0)
    cut[r] = as_float ((uint) (best[keep - 1] >> 32));
  for (int i = item; i < SORT; i += GROUP)
    key[i] = NO_KEY;
  for (int begin = 0; begin < keep; begin += GROUP / LANES) {
    const int i = begin + part;
    const uint row = i < keep ? (uint) best[i] : (uint) n;
    float sum = 0;
    if (row < (uint) n)
      for (int c = lane; c < d; c += LANES) {
        const float t = own[c] * inverse - x[(size_t) row * d + c] * inverse;
        sum += t * t;
      }
    sums[part][lane] = sum;
    for (int below = LANES / 2; below > 0; below /= 2) {
      barrier (CLK_LOCAL_MEM_FENCE);
      if (lane < below)
        sums[part][lane] += sums[part][lane + below];
    }
    barrier (CLK_LOCAL_MEM_FENCE);
    if (lane == 0 && row < (uint) n)
      key[i] = key_of (sums[part][0], row);
    barrier (CLK_LOCAL_MEM_FENCE);
  }
  sort_keys (key, item, SORT);
  for (int i = item; i < k; i += GROUP) {
    index[(size_t) r * k + i] = (uint) key[i];
    squared[(size_t) r * k + i] = as_float ((uint) (key[i] >> 32));
  }
}
