/* Philox 4x32-10 (Salmon et al. 2011), bit for bit the generator of engine/base/tsr-random.c, and what draws from it. */

inline uint4
philox (ulong seed, ulong stream, ulong counter)
{
  uint k0 = (uint) seed, k1 = (uint) (seed >> 32);
  uint4 c = (uint4) ((uint) counter, (uint) (counter >> 32), (uint) stream, (uint) (stream >> 32));
  for (int round = 0; round < 10; round++) {
    uint h0 = mul_hi (0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x;
    uint h1 = mul_hi (0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
    c = (uint4) (h1 ^ c.y ^ k0, l1, h0 ^ c.w ^ k1, l0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

/* Two standard normal numbers of two words (Box-Muller); 24 bits are what a float holds. */
inline float2
normal_pair (uint a, uint b)
{
  float radius = sqrt (-2.0f * log ((float) ((a >> 8) + 1) * 0x1p-24f));
  float angle = 6.2831853071795864f * (float) (b >> 8) * 0x1p-24f;
  return (float2) (radius * cos (angle), radius * sin (angle));
}

/* out[0..n) standard normal. Block k of four numbers is philox (seed, stream, step * 2^32 + k).
 * Work-item x: blocks [x*block, (x+1)*block). */
__kernel void
random_normal (__global float *restrict out, const int n, const int block, const ulong seed, const ulong stream, const ulong step)
{
  const int blocks = (n + 3) / 4, end = min ((int) (get_global_id (0) + 1) * block, blocks);
  for (int k = get_global_id (0) * block; k < end; k++) {
    uint4 bits = philox (seed, stream, (step << 32) + (ulong) k);
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

/* Style mixing for each sample: keep[i][l] = 1 where layer l takes the first w, 0 where it takes the second; from a random cutoff
 * on with probability `probability`. The first `pure` samples never mix; unmixed[i] says which do not. Work-item x: sample. */
__kernel void
style_mixing (__global float *restrict keep, __global float *restrict unmixed, const int layers, const int pure,
              const float probability, const ulong seed, const ulong stream, const ulong step)
{
  const int i = get_global_id (0);
  uint4 bits = philox (seed, stream, (step << 32) + (ulong) i);
  int cutoff = 1 + (int) mul_hi (bits.x, (uint) (layers - 1));
  bool mixes = i >= pure && (float) (bits.y >> 8) * 0x1p-24f < probability;
  for (int l = 0; l < layers; l++)
    keep[i * layers + l] = mixes && l >= cutoff ? 0.0f : 1.0f;
  unmixed[i] = mixes ? 0.0f : 1.0f;
}

/* A batch of tiles drawn with replacement, turned by one of the eight symmetries of the square (if symmetries is 8; 1: as
 * they are), as floats in [-1, 1]. tiles [count][r][r][channels] bytes. Work-item (y, i): row y of sample i. */
__kernel void
draw_tiles (__global float *restrict out, __global const uchar *restrict tiles, const int count, const int r, const int channels,
            const int symmetries, const ulong seed, const ulong stream, const ulong step)
{
  const int y = get_global_id (0), i = get_global_id (1);
  uint4 bits = philox (seed, stream, (step << 32) + (ulong) i);
  const long tile = (long) mul_hi (bits.x, (uint) count);
  const int turn = symmetries == 8 ? (int) (bits.y & 7) : 0;
  __global const uchar *from = tiles + tile * r * r * channels;
  __global float *row = out + ((long) i * r + y) * r * channels;
  for (int x = 0; x < r; x++) {
    int sx = turn & 1 ? r - 1 - x : x, sy = turn & 2 ? r - 1 - y : y;
    int pixel = turn & 4 ? sx * r + sy : sy * r + sx;
    for (int c = 0; c < channels; c++)
      row[x * channels + c] = (float) from[(long) pixel * channels + c] * (2.0f / 255.0f) - 1.0f;
  }
}
