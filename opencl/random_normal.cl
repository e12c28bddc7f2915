#include "philox.clh"

/* philox.clh for V counters that follow each other. */
static inline void
philoxV (ulong seed, ulong stream, ulong first, uintV *c0, uintV *c1, uintV *c2, uintV *c3)
{
  uint low[V];
  for (int l = 0; l < V; l++)
    low[l] = (uint) first + l;
  uint k0 = (uint) seed, k1 = (uint) (seed >> 32);
  *c0 = LOAD (low, 0);
  *c1 = (uint) (first >> 32);
  *c2 = (uint) stream;
  *c3 = (uint) (stream >> 32);
  for (int round = 0; round < 10; round++) {
    const uintV h0 = mul_hi ((uintV) (0xD2511F53u), *c0), l0 = 0xD2511F53u * *c0;
    const uintV h1 = mul_hi ((uintV) (0xCD9E8D57u), *c2), l1 = 0xCD9E8D57u * *c2;
    *c0 = h1 ^ *c1 ^ k0;
    *c1 = l1;
    *c2 = h0 ^ *c3 ^ k1;
    *c3 = l0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/* normal_pair of philox.clh. */
static inline void
normal_pairV (uintV a, uintV b, floatV *x, floatV *y)
{
  const floatV radius = sqrt (-2.0f * log (convert_floatV ((a >> 8) + 1) * 0x1p-24f));
  const floatV angle = 6.2831853071795864f * convert_floatV (b >> 8) * 0x1p-24f;
  *x = radius * cos (angle);
  *y = radius * sin (angle);
}

/* out[0..n) standard normal. Block k of four numbers is philox (seed, stream, step * 2^32 + before + k); V blocks are made at
 * once. Work-item x: blocks [x*block, (x+1)*block). */
__kernel void
random_normal (__global float *restrict out, const int n, const int block, const int before, const ulong seed, const ulong stream, const ulong step)
{
  const int blocks = (n + 3) / 4, end = min ((int) (get_global_id (0) + 1) * block, blocks);
  for (int k = get_global_id (0) * block; k < end; k += V) {
    uintV c0, c1, c2, c3;
    floatV a, b, c, d;
    float rows[4][V];
    philoxV (seed, stream, (step << 32) + (ulong) (before + k), &c0, &c1, &c2, &c3);
    normal_pairV (c0, c1, &a, &b);
    normal_pairV (c2, c3, &c, &d);
    STORE (a, rows[0], 0);
    STORE (b, rows[1], 0);
    STORE (c, rows[2], 0);
    STORE (d, rows[3], 0);
    for (int l = 0; l < V && k + l < end; l++) {
      if (4 * (k + l) + 4 <= n)
        vstore4 ((float4) (rows[0][l], rows[1][l], rows[2][l], rows[3][l]), k + l, out);
      else
        for (int j = 0; 4 * (k + l) + j < n; j++)
          out[4 * (k + l) + j] = rows[j][l];
    }
  }
}
