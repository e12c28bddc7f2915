/* Trust: neighbours in the plane and from rows to rows against all pairs, and the measures against
 * their definitions in double, with duplicates, grids and tiny maps. */

#include "tsr-distance-block.h"
#include "tsr-error.h"
#include "tsr-map.h"
#include "tsr-plane.h"
#include "tsr-random.h"
#include "tsr-trust.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum { NORMAL, GRID, COPIES, ALL_EQUAL, LINE, N_KINDS } Kind;

static float *
points (size_t n, size_t d, Kind kind, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 7);
  float *x = g_new (float, n *d + 1);
  for (size_t i = 0; i < n * d; i++) {
    double normal = tsr_random_normal (&random);
    x[i] = (float)(kind == NORMAL      ? normal
                   : kind == GRID      ? round (2 * normal)
                   : kind == COPIES    ? normal
                   : kind == ALL_EQUAL ? 0.25
                   : i % d == 0        ? normal
                                       : 0);
  }
  for (size_t i = 0; kind == COPIES && i < n; i++)
    memcpy (x + i * d, x + i % (n / 3 + 1) * d, d * sizeof *x);
  return x;
}

typedef struct {
  double squared;
  uint32_t index;
} Pair;

static int
compare (const void *a, const void *b)
{
  const Pair *p = a, *q = b;
  return p->squared != q->squared ? (p->squared > q->squared) - (p->squared < q->squared)
                                  : (p->index > q->index) - (p->index < q->index);
}

/* All rows of x by their distance from `from`, without row `own`, ties by index. */
static Pair *
sorted (const float *from, const float *x, size_t n, size_t d, size_t own)
{
  Pair *all = g_new (Pair, n + 1);
  size_t count = 0;
  for (size_t j = 0; j < n; j++) {
    double sum = 0;
    for (size_t c = 0; c < d; c++)
      sum += pow ((double)from[c] - x[j * d + c], 2);
    if (j != own)
      all[count++] = (Pair){sum, (uint32_t)j};
  }
  qsort (all, count, sizeof *all, compare);
  return all;
}

static void
test_plane (void)
{
  const size_t sizes[] = {1, 2, 3, 12, 13, 25, 26, 100, 777, 3000}, ks[] = {1, 2, 10, 40};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (Kind kind = 0; kind < N_KINDS; kind++) {
      size_t n = sizes[s];
      g_autofree float *y = points (n, 2, kind, s + 1), *queries = points (20, 2, NORMAL, 99);
      TsrPlane *plane = tsr_plane_new (y, n);
      for (size_t q = 0; q < 20; q++)
        for (size_t t = 0; t < G_N_ELEMENTS (ks); t++) {
          /* half of the queries are points of the map themselves */
          size_t own = q % 2 ? q * 31 % n : SIZE_MAX;
          const float *from = q % 2 ? y + 2 * own : queries + 2 * q;
          g_autofree Pair *expected = sorted (from, y, n, 2, own);
          uint32_t index[40];
          float squared[40];
          size_t others = q % 2 ? n - 1 : n;
          size_t found = tsr_plane_nearest (
              plane, from[0], from[1], q % 2 ? (uint32_t)own : UINT32_MAX, ks[t], index, squared);
          g_assert_cmpuint (found, ==, MIN (ks[t], others));
          bool exact = own != SIZE_MAX && (kind == GRID || kind == ALL_EQUAL);
          for (size_t j = 0; j < found; j++) {
            g_assert_cmpfloat_with_epsilon (squared[j], expected[j].squared,
                                            1e-6 * expected[j].squared + 1e-12);
            if (exact) /* without rounding ties are told by index */
              g_assert_cmpuint (index[j], ==, expected[j].index);
          }
        }
      tsr_plane_free (plane);
    }
  tsr_plane_free (NULL);
}

static void
test_nearest (void)
{
  const size_t shapes[][4] = {{1, 1, 1, 1},     {1, 2, 3, 2},   {5, 7, 16, 3},     {9, 33, 17, 33},
                              {4, 1025, 40, 6}, {7, 300, 1, 5}, {130, 2100, 5, 15}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (Kind kind = 0; kind < N_KINDS; kind++) {
      size_t m = shapes[s][0], n = shapes[s][1], d = shapes[s][2], k = shapes[s][3];
      g_autofree float *query = points (m, d, kind, 5), *x = points (n, d, kind, 6);
      g_autofree uint32_t *index = g_new (uint32_t, m * k);
      g_autofree float *distance = g_new (float, m *k);
      memcpy (query, x + (n - 1) * d, d * sizeof *x); /* one is there already */
      g_autoptr (GError) error = NULL;
      g_assert_true (
          tsr_distance_block_nearest (query, m, x, n, d, k, index, distance, NULL, &error));
      g_assert_cmpfloat (distance[0], ==, 0);
      for (size_t i = 0; i < m; i++) {
        g_autofree Pair *expected = sorted (query + i * d, x, n, d, SIZE_MAX);
        for (size_t j = 0; j < k; j++) {
          double truth = sqrt (expected[j].squared);
          g_assert_cmpfloat_with_epsilon (distance[i * k + j], truth, 1e-6 * truth + 1e-12);
          if (kind == GRID || kind == ALL_EQUAL)
            g_assert_cmpuint (index[i * k + j], ==, expected[j].index);
        }
      }
    }
}

/* The k that count as the nearest in W: those nearer than the k-th, then of those as far as that
 * the ones near on the map, then the others of the first k, by their rank on the map. Marks them.
 */
static void
choose_nearest (const Pair *in_w, size_t others, size_t k, const size_t *rank_map, bool *chosen)
{
  double farthest = in_w[k - 1].squared;
  size_t room = k;
  for (size_t j = 0; j < others; j++)
    if (in_w[j].squared < farthest) {
      chosen[in_w[j].index] = true;
      room--;
    }
  for (size_t rank = 1; rank <= others && room > 0; rank++)
    for (size_t j = 0; j < others && room > 0; j++)
      if (in_w[j].squared == farthest && rank_map[in_w[j].index] == rank && (rank <= k || j < k)) {
        chosen[in_w[j].index] = true;
        room--;
      }
  g_assert_cmpuint (room, ==, 0);
}

/* The definitions, in double. */
static void
plain_trust (const float *x, size_t n, size_t d, const float *y, size_t k, TsrTrust *trust,
             uint8_t *kept)
{
  g_autofree size_t *rank_w = g_new (size_t, n), *rank_map = g_new (size_t, n);
  double strangers = 0, lost = 0, common = 0;
  for (size_t i = 0; i < n; i++) {
    g_autofree Pair *in_w = sorted (x + i * d, x, n, d, i),
                    *on_map = sorted (y + 2 * i, y, n, 2, i);
    g_autofree bool *chosen = g_new0 (bool, n);
    for (size_t j = 0; j + 1 < n; j++) {
      rank_w[in_w[j].index] = j + 1;
      rank_map[on_map[j].index] = j + 1;
    }
    choose_nearest (in_w, n - 1, k, rank_map, chosen);
    kept[i] = 0;
    size_t behind = 0;
    for (size_t j = 0; j < k; j++) {
      uint32_t tile = on_map[j].index;
      kept[i] += chosen[tile];
      if (chosen[tile])
        continue;
      bool tied = in_w[rank_w[tile] - 1].squared == in_w[k - 1].squared;
      strangers += tied ? (double)++behind : (double)(rank_w[tile] - k);
    }
    for (size_t j = 0; j < n; j++)
      lost += chosen[j] && rank_map[j] > k ? (double)(rank_map[j] - k) : 0;
    common += kept[i];
  }
  double scale = 2 / ((double)(n * k) * (2.0 * n - 3.0 * k - 1));
  *trust = (TsrTrust){k, n, common / (double)(n * k), 1 - scale * strangers, 1 - scale * lost};
}

static void
test_trust (void)
{
  const size_t shapes[][3] = {{3, 2, 1},  {4, 3, 1},     {5, 1, 2},   {21, 4, 10},
                              {50, 7, 3}, {200, 16, 10}, {333, 40, 7}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (Kind kind = 0; kind < N_KINDS; kind++) {
      size_t n = shapes[s][0], d = shapes[s][1], k = shapes[s][2];
      g_autofree float *x = points (n, d, kind, s + 11), *y = points (n, 2, GRID, s + 12);
      for (size_t i = 0; i < n && s % 2; i++) /* a map that says something of W */
        y[2 * i] = x[i * d];
      g_autofree uint8_t *kept = g_new (uint8_t, n), *expected_kept = g_new (uint8_t, n);
      TsrTrust found, expected;
      g_autoptr (GError) error = NULL;
      plain_trust (x, n, d, y, k, &expected, expected_kept);
      g_assert_true (tsr_trust (x, n, d, y, k, kept, &found, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (found.k, ==, k);
      g_assert_cmpuint (found.ranked, ==, n);
      g_assert_cmpmem (kept, n, expected_kept, n);
      g_assert_cmpfloat_with_epsilon (found.kept, expected.kept, 1e-12);
      g_assert_cmpfloat_with_epsilon (found.trustworthiness, expected.trustworthiness, 1e-12);
      g_assert_cmpfloat_with_epsilon (found.continuity, expected.continuity, 1e-12);
    }
}

/* The plane itself is a perfect map of itself; chance is near one half. */
static void
test_ends (void)
{
  size_t n = 2000;
  g_autofree float *x = points (n, 2, NORMAL, 1), *other = points (n, 2, NORMAL, 2);
  TsrTrust trust;
  g_assert_true (tsr_trust (x, n, 2, x, 0, NULL, &trust, NULL, NULL));
  g_assert_cmpuint (trust.k, ==, TSR_TRUST_NEIGHBOURS);
  g_assert_cmpfloat (trust.kept, ==, 1);
  g_assert_cmpfloat (trust.trustworthiness, ==, 1);
  g_assert_cmpfloat (trust.continuity, ==, 1);
  g_assert_true (tsr_trust (x, n, 2, other, 0, NULL, &trust, NULL, NULL));
  g_assert_cmpfloat (trust.kept, <, 0.02);
  g_assert_cmpfloat_with_epsilon (trust.trustworthiness, 0.5, 0.05);
  g_assert_cmpfloat_with_epsilon (trust.continuity, 0.5, 0.05);
}

/* Thirty tiles of which there are 25 copies each, in piles: nobody is a stranger to anybody. */
static void
test_copies (void)
{
  enum { PILES = 30, COPIES_EACH = 25, DIMENSIONS = 9, N_ALL = PILES * COPIES_EACH };
  g_autofree float *x = points (N_ALL, DIMENSIONS, NORMAL, 4), *y = points (N_ALL, 2, NORMAL, 5);
  g_autofree float *all_equal = points (40, 3, ALL_EQUAL, 0), *anywhere = points (40, 2, NORMAL, 6);
  uint8_t kept[N_ALL];
  TsrTrust trust;
  for (int i = 0; i < N_ALL; i++) {
    memcpy (x + i * DIMENSIONS, x + i % PILES * DIMENSIONS, DIMENSIONS * sizeof *x);
    y[2 * i] = (float)(100 * (i % PILES)) + y[2 * i];
  }
  g_assert_true (tsr_trust (x, N_ALL, DIMENSIONS, y, 0, kept, &trust, NULL, NULL));
  g_assert_cmpfloat (trust.kept, ==, 1);
  g_assert_cmpfloat (trust.trustworthiness, ==, 1);
  g_assert_cmpfloat (trust.continuity, ==, 1);
  for (int i = 0; i < N_ALL; i++)
    g_assert_cmpuint (kept[i], ==, TSR_TRUST_NEIGHBOURS);
  g_assert_true (tsr_trust (all_equal, 40, 3, anywhere, 0, kept, &trust, NULL, NULL));
  g_assert_cmpfloat (trust.kept, ==, 1);
  g_assert_cmpfloat (trust.trustworthiness, ==, 1);
  g_assert_cmpfloat (trust.continuity, ==, 1);
}

static void
test_small (void)
{
  const float two[] = {1, 2, 3, 4};
  for (size_t n = 1; n <= 2; n++) {
    uint8_t kept[2] = {0, 0};
    TsrTrust trust;
    g_assert_true (tsr_trust (two, n, 2, two, 0, kept, &trust, NULL, NULL));
    g_assert_cmpuint (trust.k, ==, 0);
    g_assert_true (isnan (trust.kept) && isnan (trust.trustworthiness) && isnan (trust.continuity));
    g_assert_cmpuint (kept[0], ==, TSR_TRUST_UNKNOWN);
  }
  const float bad[] = {1, 2, NAN, 4, 5, 6};
  const float good[] = {1, 2, 3, 4, 5, 6};
  TsrTrust trust;
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_trust (bad, 3, 2, good, 0, NULL, &trust, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (tsr_trust (good, 3, 2, bad, 0, NULL, &trust, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  TsrProgress progress = {.cancellable = cancellable};
  g_assert_false (tsr_trust (good, 3, 2, good, 0, NULL, &trust, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Beyond TSR_TRUST_ALL some tiles stand for all: near the number of all, and the same every time.
 */
static void
test_sample (void)
{
  size_t n = TSR_TRUST_ALL + 1500, d = 6;
  g_autofree float *x = points (n, d, NORMAL, 3), *y = g_new (float, 2 * n);
  for (size_t i = 0; i < n; i++)
    memcpy (y + 2 * i, x + i * d, 2 * sizeof *y);
  TsrTrust found, again, expected;
  g_autofree uint8_t *kept = g_new (uint8_t, n), *expected_kept = g_new (uint8_t, n);
  g_assert_true (tsr_trust (x, n, d, y, 0, kept, &found, NULL, NULL));
  g_assert_cmpuint (found.ranked, <, n);
  g_assert_cmpuint (found.ranked, >=, 1000);
  plain_trust (x, n, d, y, TSR_TRUST_NEIGHBOURS, &expected, expected_kept);
  size_t differing = 0;
  for (size_t i = 0; i < n; i++)
    differing += kept[i] != expected_kept[i];
  g_assert_cmpuint (differing, <=, n / 1000); /* near ties that single precision cannot tell */
  g_assert_cmpfloat_with_epsilon (found.kept, expected.kept, 1e-4);
  g_assert_cmpfloat_with_epsilon (found.trustworthiness, expected.trustworthiness, 5e-3);
  g_assert_cmpfloat_with_epsilon (found.continuity, expected.continuity, 5e-3);
  g_assert_true (tsr_trust (x, n, d, y, 0, NULL, &again, NULL, NULL));
  g_assert_cmpmem (&found, sizeof found, &again, sizeof again);
}

/* Beyond TSR_TRUST_EXACT up to a fortieth of the neighbours in W are others than the nearest. */
static void
test_near (void)
{
  size_t n = TSR_TRUST_EXACT + 300, d = 8, k = TSR_TRUST_NEIGHBOURS, total = 0, expected_total = 0,
         rows = 0;
  g_autofree float *x = points (n, d, NORMAL, 3), *y = g_new (float, 2 * n);
  for (size_t i = 0; i < n; i++)
    memcpy (y + 2 * i, x + i * d, 2 * sizeof *y);
  for (size_t i = 0; i < n * d; i++) /* mostly the plane, so that many neighbours are kept */
    x[i] *= i % d < 2 ? 1 : 0.02f;
  TsrTrust trust;
  g_autofree uint8_t *kept = g_new (uint8_t, n);
  g_assert_true (tsr_trust (x, n, d, y, 0, kept, &trust, NULL, NULL));
  for (size_t i = 0; i < n; i += 101) {
    g_autofree Pair *in_w = sorted (x + i * d, x, n, d, i),
                    *on_map = sorted (y + 2 * i, y, n, 2, i);
    size_t expected = 0;
    for (size_t a = 0; a < k; a++)
      for (size_t b = 0; b < k; b++)
        expected += in_w[a].index == on_map[b].index;
    rows++;
    total += kept[i];
    expected_total += expected;
  }
  g_assert_cmpuint (expected_total, >, 2 * rows);
  g_assert_cmpfloat (fabs ((double)total - (double)expected_total), <=, (double)(k * rows) / 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trust/plane", test_plane);
  g_test_add_func ("/trust/nearest", test_nearest);
  g_test_add_func ("/trust/measures", test_trust);
  g_test_add_func ("/trust/ends", test_ends);
  g_test_add_func ("/trust/copies", test_copies);
  g_test_add_func ("/trust/small", test_small);
  g_test_add_func ("/trust/sample", test_sample);
  g_test_add_func ("/trust/near", test_near);
  return g_test_run ();
}
