/* Philox against the known answers published with the generator (Random123, kat_vectors), and what
 * is drawn from it. */
#include "tsr-random.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>

/* Random123's counter is c0..c3 and its key k0, k1; ours packs the counter as (counter, stream) and
 * the key as seed. */
static void
test_known_answers (void)
{
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } vectors[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (vectors); i++) {
    uint32_t out[4];
    const uint32_t *c = vectors[i].counter, *k = vectors[i].key;
    tsr_philox (k[0] | (uint64_t)k[1] << 32, c[2] | (uint64_t)c[3] << 32,
                c[0] | (uint64_t)c[1] << 32, out);
    for (int j = 0; j < 4; j++)
      g_assert_cmphex (out[j], ==, vectors[i].out[j]);
  }
}

/* A sequence is its blocks one after another, and its state can be copied at any point. */
static void
test_sequence (void)
{
  TsrRandom random, copy;
  tsr_random_init (&random, 42, 3);
  for (uint64_t block = 0; block < 50; block++) {
    uint32_t out[4];
    tsr_philox (42, 3, block, out);
    for (int j = 0; j < 4; j++) {
      copy = random;
      g_assert_cmphex (tsr_random_u32 (&copy), ==, out[j]);
      g_assert_cmphex (tsr_random_u32 (&random), ==, out[j]);
    }
  }
  TsrRandom other;
  tsr_random_init (&random, 42, 3);
  tsr_random_init (&other, 42, 4);
  unsigned same = 0;
  for (int i = 0; i < 1000; i++)
    same += tsr_random_u32 (&random) == tsr_random_u32 (&other);
  g_assert_cmpuint (same, <, 3);
}

static void
test_uniform (void)
{
  TsrRandom random;
  tsr_random_init (&random, 1, 0);
  enum { N = 200000, BINS = 64 };
  double sum = 0, squares = 0;
  unsigned bins[BINS] = {0};
  for (int i = 0; i < N; i++) {
    double u = tsr_random_uniform (&random);
    g_assert_cmpfloat (u, >=, 0);
    g_assert_cmpfloat (u, <, 1);
    sum += u, squares += u * u;
    bins[(int)(u * BINS)]++;
  }
  double chi = 0, expected = (double)N / BINS;
  for (int i = 0; i < BINS; i++)
    chi += (bins[i] - expected) * (bins[i] - expected) / expected;
  g_assert_cmpfloat (fabs (sum / N - 0.5), <, 4 * sqrt (1 / 12.0 / N));
  g_assert_cmpfloat (fabs (squares / N - 1 / 3.0), <, 4 * sqrt (4 / 45.0 / N));
  g_assert_cmpfloat (chi, <, 63 + 4 * sqrt (126)); /* 63 degrees of freedom */
}

static void
test_normal (void)
{
  TsrRandom random;
  tsr_random_init (&random, 2, 0);
  enum { N = 200000 };
  double sum = 0, squares = 0, fourth = 0;
  unsigned beyond_two = 0;
  for (int i = 0; i < N; i++) {
    double x = tsr_random_normal (&random);
    g_assert_true (isfinite (x));
    sum += x, squares += x * x, fourth += x * x * x * x;
    beyond_two += fabs (x) > 2;
  }
  g_assert_cmpfloat (fabs (sum / N), <, 4 / sqrt (N));
  g_assert_cmpfloat (fabs (squares / N - 1), <, 4 * sqrt (2.0 / N));
  g_assert_cmpfloat (fabs (fourth / N - 3), <, 4 * sqrt (96.0 / N));
  g_assert_cmpfloat (fabs (beyond_two / (double)N - 0.0455003), <, 4 * sqrt (0.0455 * 0.9545 / N));
}

static void
test_below (void)
{
  TsrRandom random;
  tsr_random_init (&random, 3, 0);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpuint (tsr_random_below (&random, 1), ==, 0);
  unsigned counts[7] = {0};
  enum { N = 70000 };
  for (int i = 0; i < N; i++) {
    uint32_t value = tsr_random_below (&random, 7);
    g_assert_cmpuint (value, <, 7);
    counts[value]++;
  }
  for (int i = 0; i < 7; i++)
    g_assert_cmpfloat (fabs (counts[i] - N / 7.0), <, 5 * sqrt (N / 7.0));
  /* With n = 3 * 2^30 a plain remainder would favour the first quarter two to one. */
  unsigned low = 0;
  for (int i = 0; i < N; i++) {
    uint32_t value = tsr_random_below (&random, 3u << 30);
    g_assert_cmpuint (value, <, 3u << 30);
    low += value < 1u << 30;
  }
  g_assert_cmpfloat (fabs (low - N / 3.0), <, 5 * sqrt (N * 2.0 / 9));
}

static void
test_shuffle (void)
{
  TsrRandom random;
  tsr_random_init (&random, 4, 0);
  tsr_random_shuffle (&random, NULL, 0);
  enum { N = 5, ROUNDS = 50000 };
  unsigned at[N][N] = {{0}};
  for (int round = 0; round < ROUNDS; round++) {
    uint32_t index[N];
    bool seen[N] = {false};
    for (uint32_t i = 0; i < N; i++)
      index[i] = i;
    tsr_random_shuffle (&random, index, N);
    for (int i = 0; i < N; i++) {
      g_assert_cmpuint (index[i], <, N);
      g_assert_false (seen[index[i]]);
      seen[index[i]] = true;
      at[i][index[i]]++;
    }
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      g_assert_cmpfloat (fabs (at[i][j] - (double)ROUNDS / N), <, 5 * sqrt (ROUNDS * 0.2 * 0.8));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/known-answers", test_known_answers);
  g_test_add_func ("/random/sequence", test_sequence);
  g_test_add_func ("/random/uniform", test_uniform);
  g_test_add_func ("/random/normal", test_normal);
  g_test_add_func ("/random/below", test_below);
  g_test_add_func ("/random/shuffle", test_shuffle);
  return g_test_run ();
}
