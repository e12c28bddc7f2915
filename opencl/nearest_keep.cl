/* The nearest so far of a block's rows: best [rows][keep], in order, takes in what of `columns` others is nearer, by the products
 * dots [rows][columns]. Which those are does not depend on the order in which work-items come by. Row r is number first_row + r,
 * column c number first_column + c; a row itself and numbers from n on do not count. Work-group r: one row. */
#include "sort_keys.clh"

__kernel __attribute__ ((reqd_work_group_size (GROUP, 1, 1))) void
nearest_keep (__global ulong *restrict best, __global const float *restrict dots, __global const float *restrict row_norm,
              __global const float *restrict norm, const int n, const int keep, const int first_row, const int first_column,
              const int columns)
{
  __local ulong key[SORT];
  __local int count;
  const int lane = get_local_id (0), r = get_group_id (0);
  const float own = row_norm[r];
  best += (size_t) r * keep;
  dots += (size_t) r * columns;
  for (int k = lane; k < keep; k += GROUP)
    key[k] = best[k];
  if (lane == 0)
    count = keep;
  barrier (CLK_LOCAL_MEM_FENCE);
  ulong limit = key[keep - 1];
  for (int begin = 0; begin < columns; begin += GROUP) {
    barrier (CLK_LOCAL_MEM_FENCE);
    const int have = count;
    const bool full = have > SORT - GROUP;
    barrier (CLK_LOCAL_MEM_FENCE);
    for (int k = full ? have + lane : SORT; k < SORT; k += GROUP)
      key[k] = NO_KEY;
    sort_keys (key, lane, full ? SORT : 0);
    if (full && lane == 0)
      count = keep;
    if (full)
      limit = key[keep - 1];
    barrier (CLK_LOCAL_MEM_FENCE);
    const int c = begin + lane;
    if (c < columns && first_column + c < n && first_column + c != first_row + r) {
      const float distance = fmax (own + norm[c] - 2 * dots[c], 0.0f);
      const ulong candidate = key_of (distance, first_column + c);
      if (candidate < limit)
        key[atomic_inc (&count)] = candidate;
    }
  }
  barrier (CLK_LOCAL_MEM_FENCE);
  for (int k = count + lane; k < SORT; k += GROUP)
    key[k] = NO_KEY;
  sort_keys (key, lane, SORT);
  for (int k = lane; k < keep; k += GROUP)
    best[k] = key[k];
}
