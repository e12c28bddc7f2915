#include "tsr-random.h"

#include <math.h>

void
tsr_philox (uint64_t seed, uint64_t stream, uint64_t counter, uint32_t out[4])
{
  uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
  uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
  uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ key0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ key1;
    c0 = n0, c1 = (uint32_t)p1, c2 = n2, c3 = (uint32_t)p0;
    key0 += 0x9E3779B9u, key1 += 0xBB67AE85u;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

void
tsr_random_init (TsrRandom *random, uint64_t seed, uint64_t stream)
{
  *random = (TsrRandom){.seed = seed, .stream = stream};
}

uint32_t
tsr_random_u32 (TsrRandom *random)
{
  if (random->left == 0) {
    tsr_philox (random->seed, random->stream, random->counter++, random->block);
    random->left = 4;
  }
  return random->block[4 - random->left--];
}

double
tsr_random_uniform (TsrRandom *random)
{
  return tsr_random_u32 (random) * 0x1p-32;
}

uint32_t
tsr_random_below (TsrRandom *random, uint32_t n)
{
  uint32_t reject = -n % n; /* 2^32 mod n low products would be drawn once too often */
  for (;;) {
    uint64_t product = (uint64_t)tsr_random_u32 (random) * n;
    if ((uint32_t)product >= reject)
      return (uint32_t)(product >> 32);
  }
}

double
tsr_random_normal (TsrRandom *random)
{
  double radius = sqrt (-2 * log ((tsr_random_u32 (random) + 1.0) * 0x1p-32));
  return radius * cos (2 * M_PI * tsr_random_uniform (random));
}

void
tsr_random_shuffle (TsrRandom *random, uint32_t *index, size_t n)
{
  for (size_t i = n; i > 1; i--) {
    uint32_t j = tsr_random_below (random, (uint32_t)i), t = index[i - 1];
    index[i - 1] = index[j], index[j] = t;
  }
}
