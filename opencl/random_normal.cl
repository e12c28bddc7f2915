#include "philox.clh"

/* out[0..n) standard normal. Block k of four numbers is philox (seed, stream, step * 2^32 + before + k).
 * Work-item x: blocks [x*block, (x+1)*block). */
__kernel void
random_normal (__global float *restrict out, const int n, const int block, const int before, const ulong seed, const ulong stream, const ulong step)
{
  const int blocks = (n + 3) / 4, end = min ((int) (get_global_id (0) + 1) * block, blocks);
  for (int k = get_global_id (0) * block; k < end; k++) {
    uint4 bits = philox (seed, stream, (step << 32) + (ulong) (before + k));
    float2 a = normal_pair (bits.x, bits.y), b = normal_pair (bits.z, bits.w);
    float4 v = (float4) (a.x, a.y, b.x, b.y);
    if (4 * k + 4 <= n)
      vstore4 (v, k, out);
    else {
      out[4 * k] = v.x;
      if (4 * k + 1 < n)
        out[4 * k + 1] = v.y;
      if (4 * k + 2 < n)
        out[4 * k + 2] = v.z;
    }
  }
}
