/* Philox 4x32-10 (Salmon et al. 2011), bit for bit the generator of engine/base/tsr-random.c. */

static inline uint4
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
static inline float2
normal_pair (uint a, uint b)
{
  float radius = sqrt (-2.0f * log ((float) ((a >> 8) + 1) * 0x1p-24f));
  float angle = 6.2831853071795864f * (float) (b >> 8) * 0x1p-24f;
  return (float2) (radius * cos (angle), radius * sin (angle));
}
