#include "philox.clh"

/* Style mixing for each sample: keep[i][l] = 1 where layer l takes the first w, 0 where it takes the second; from a random cutoff
 * on with probability `probability`. The first `pure` samples never mix; unmixed[i] says which do not.
 * Sample i is number before + i of the batch. Work-item x: sample of n. */
__kernel void
style_mixing (__global float *restrict keep, __global float *restrict unmixed, const int layers, const int pure, const int n, const int before,
              const float probability, const ulong seed, const ulong stream, const ulong step)
{
  const int i = get_global_id (0);
  if (i >= n)
    return;
  uint4 bits = philox (seed, stream, (step << 32) + (ulong) (before + i));
  int cutoff = 1 + (int) mul_hi (bits.x, (uint) (layers - 1));
  bool mixes = i >= pure && (float) (bits.y >> 8) * 0x1p-24f < probability;
  for (int l = 0; l < layers; l++)
    keep[i * layers + l] = mixes && l >= cutoff ? 0.0f : 1.0f;
  unmixed[i] = mixes ? 0.0f : 1.0f;
}
