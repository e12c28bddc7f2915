/* What tells a labelling's health, against plain counts in double: shares of labels left out,
 * mixing of groups, one-sided clusters, picks that look alike; with duplicates, single tiles and
 * groups nobody knows. */

#include "plain.h"
#include "tsr-alike.h"
#include "tsr-map.h"
#include "tsr-mixing.h"
#include "tsr-share.h"

#include <stdlib.h>

/* Wilson 1927, written out. */
static void
wilson (double right, double n, double *low, double *high)
{
  double z = 1.959963984540054, p = right / n, middle = (p + z * z / (2 * n)) / (1 + z * z / n),
         half = z / (1 + z * z / n) * sqrt (p * (1 - p) / n + z * z / (4 * n * n));
  *low = fmax (0, middle - half);
  *high = fmin (1, middle + half);
}

static void
test_share (void)
{
  TsrShare none = tsr_share (0, 0);
  g_assert_true (isnan (none.share) && none.low == 0 && none.high == 1);
  for (size_t n = 1; n < 200; n += 7)
    for (size_t right = 0; right <= n; right++) {
      double low, high;
      TsrShare share = tsr_share (right, n);
      wilson ((double)right, (double)n, &low, &high);
      g_assert_cmpfloat (share.share, ==, (double)right / (double)n);
      g_assert_cmpfloat_with_epsilon (share.low, low, 1e-9);
      g_assert_cmpfloat_with_epsilon (share.high, high, 1e-9);
    }
  for (double low = 0; low < 0.99; low += 0.03) {
    size_t n = tsr_share_fewest (low);
    g_assert_cmpfloat (tsr_share (n, n).low, >=, low - 1e-9);
    g_assert_true (n == 1 || tsr_share (n - 1, n - 1).low < low);
  }
  g_assert_cmpuint (tsr_share_fewest (0.8), ==, 16);
}

static void
test_held (void)
{
  /* class 0: two told rightly of three, one of them not known; 1: one wrong, one right; 2: alone;
   * 3: none */
  const int32_t label[] = {0, 0, 0, 1, 1, 2, -1, -2}, told[] = {0, 0, -1, 0, 1, -1, 1, 0};
  TsrShare total, each[4];
  tsr_share_held (label, told, G_N_ELEMENTS (label), 4, &total, each);
  const size_t right[] = {2, 1, 0, 0}, n[] = {2, 2, 1, 0};
  for (int c = 0; c < 4; c++) {
    g_assert_cmpuint (each[c].right, ==, right[c]);
    g_assert_cmpuint (each[c].n, ==, n[c]);
  }
  g_assert_cmpuint (total.right, ==, 3);
  g_assert_cmpuint (total.n, ==, 5);
  g_assert_cmpfloat (tsr_share_majority (label, G_N_ELEMENTS (label), 4), ==, 0.5);

  /* of one class nothing is told, nor of nothing */
  const int32_t one[] = {0, 0, -1}, same[] = {0, 0, 0};
  tsr_share_held (one, same, 3, 2, &total, each);
  g_assert_cmpuint (total.n, ==, 0);
  g_assert_cmpuint (each[0].n, ==, 0);
  tsr_share_held (NULL, NULL, 0, 0, &total, each);
  g_assert_cmpuint (total.n, ==, 0);
  g_assert_true (isnan (tsr_share_majority (NULL, 0, 0)));
}

/* --- mixing --- */

static uint32_t *
neighbours (const float *x, size_t n, size_t d, size_t k)
{
  uint32_t *index = g_new (uint32_t, n * k + 1);
  g_autofree float *distance = g_new (float, n *k + 1);
  g_autoptr (GError) error = NULL;
  g_assert_true (k == 0 || tsr_knn (x, n, d, k, index, distance, NULL, &error));
  return index;
}

/* Newman 2003, eq. 2, from the whole matrix e. */
static double
plain_coefficient (const uint32_t *neighbour, size_t n, size_t k, const int32_t *group, size_t g)
{
  g_autofree double *e = g_new0 (double, g *g + 1);
  double pairs = 0, trace = 0, product = 0;
  for (size_t i = 0; i < n * k; i++)
    if (group[i / k] >= 0 && group[neighbour[i]] >= 0) {
      e[(size_t)group[i / k] * g + (size_t)group[neighbour[i]]]++;
      pairs++;
    }
  for (size_t i = 0; i < g; i++) {
    double a = 0, b = 0;
    for (size_t j = 0; j < g; j++) {
      a += e[i * g + j] / pairs;
      b += e[j * g + i] / pairs;
    }
    trace += e[i * g + i] / pairs;
    product += a * b;
  }
  return (trace - product) / (1 - product);
}

static void
test_mixing (void)
{
  const size_t shapes[][4] = {
      {2, 1, 1, 2}, {3, 2, 2, 2}, {60, 3, 5, 3}, {300, 8, 10, 7}, {301, 2, 10, 40}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int copies = 0; copies < 2; copies++) {
      size_t n = shapes[s][0], d = shapes[s][1], k = shapes[s][2], g = shapes[s][3];
      g_autofree float *x = plain_cloud (n, d, 3, copies != 0, s);
      g_autofree uint32_t *index = neighbours (x, n, d, k);
      g_autofree int32_t *group = g_new (int32_t, n);
      TsrRandom random;
      tsr_random_init (&random, s, 3);
      for (size_t i = 0; i < n; i++)
        group[i] = (int32_t)tsr_random_below (&random, (uint32_t)g + 1) - 1;
      TsrMixing mixing = tsr_mixing (index, n, k, group, g);
      double plain = plain_coefficient (index, n, k, group, g);
      if (isfinite (plain) && mixing.pairs > 0)
        g_assert_cmpfloat_with_epsilon (mixing.coefficient, plain, 1e-12);
    }

  /* apart, and mixed */
  size_t n = 400;
  g_autofree float *x = plain_cloud (n, 4, 1, false, 5);
  g_autofree int32_t *group = g_new (int32_t, n), *unknown = g_new (int32_t, n);
  for (size_t i = 0; i < n; i++) {
    group[i] = (int32_t)(i % 2);
    unknown[i] = -1;
  }
  g_autofree uint32_t *mixed = neighbours (x, n, 4, 10);
  g_assert_cmpfloat (fabs (tsr_mixing (mixed, n, 10, group, 2).coefficient), <, 0.1);
  for (size_t i = 1; i < n; i += 2)
    x[i * 4] += 1000;
  g_autofree uint32_t *apart = neighbours (x, n, 4, 10);
  TsrMixing mixing = tsr_mixing (apart, n, 10, group, 2);
  g_assert_cmpfloat (mixing.coefficient, ==, 1);
  g_assert_cmpfloat (mixing.same, ==, 1);
  g_assert_cmpfloat_with_epsilon (mixing.chance, 0.5, 1e-12);
  g_assert_true (isnan (tsr_mixing (apart, n, 10, unknown, 2).coefficient));
  for (size_t i = 0; i < n; i++)
    unknown[i] = 1;
  g_assert_true (isnan (tsr_mixing (apart, n, 10, unknown, 2).coefficient)); /* one group */
  g_assert_true (isnan (tsr_mixing (NULL, 0, 10, NULL, 2).same));
}

static void
test_clusters (void)
{
  for (size_t m = 1; m < 400; m = m * 3 + 1) {
    size_t n = 400, d = 5, k = MIN (m, 6), found;
    g_autofree float *x = plain_cloud (n, d, 4, true, m);
    g_autofree uint8_t *blocked = plain_flags (n, 0.1, m);
    g_autofree uint32_t *sample = g_new (uint32_t, n);
    g_autofree int32_t *cluster = g_new (int32_t, n), *again = g_new (int32_t, n);
    g_autoptr (GError) error = NULL;
    size_t taken = 0;
    for (size_t i = 0; i < n; i++)
      if (blocked[i])
        x[i * d] = NAN;
      else if (taken < m)
        sample[taken++] = (uint32_t)i;
    g_assert_true (
        tsr_mixing_clusters (x, n, d, blocked, sample, taken, k, 3, cluster, &found, NULL, &error));
    g_assert_cmpuint (found, >=, 1);
    g_assert_cmpuint (found, <=, k);
    size_t used[6] = {0};
    for (size_t i = 0; i < n; i++) {
      g_assert_cmpint (cluster[i] < 0, ==, blocked[i] != 0);
      g_assert_cmpint (cluster[i], <, (int)found);
      if (cluster[i] >= 0)
        used[cluster[i]]++;
    }
    g_assert_cmpuint (used[0], >, 0);
    g_assert_true (
        tsr_mixing_clusters (x, n, d, blocked, sample, taken, k, 3, again, &found, NULL, &error));
    g_assert_cmpmem (cluster, n * sizeof *cluster, again, n * sizeof *again);
  }
  /* clouds far apart are found whole */
  size_t n = 300, found;
  g_autofree float *x = plain_cloud (n, 3, 1, false, 1);
  g_autofree uint32_t *all = g_new (uint32_t, n);
  g_autofree int32_t *cluster = g_new (int32_t, n);
  for (size_t i = 0; i < n; i++) {
    x[i * 3] += (float)(i % 3) * 1e4f;
    all[i] = (uint32_t)i;
  }
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_mixing_clusters (x, n, 3, NULL, all, n, 3, 1, cluster, &found, NULL, &error));
  g_assert_cmpuint (found, ==, 3);
  for (size_t i = 3; i < n; i++)
    g_assert_cmpint (cluster[i], ==, cluster[i % 3]);
  g_assert_true (cluster[0] != cluster[1] && cluster[1] != cluster[2] && cluster[0] != cluster[2]);
}

static void
test_one_sided (void)
{
  /* cluster 0: 60 of one group; 1: 20 of another, too few to be sure; 2: both groups; 3: nobody
   * knows; the first group is two fifths of all */
  int32_t cluster[200], group[200];
  size_t n = 0;
  const struct {
    int32_t cluster, group;
    size_t count;
  } parts[] = {{0, 0, 60}, {1, 1, 20}, {2, 0, 14}, {2, 1, 86}, {3, -1, 10}, {-1, 0, 5}};
  for (size_t p = 0; p < G_N_ELEMENTS (parts); p++)
    for (size_t i = 0; i < parts[p].count; i++, n++) {
      cluster[n] = parts[p].cluster;
      group[n] = parts[p].group;
    }
  TsrOneSided found[4];
  g_assert_cmpuint (tsr_mixing_one_sided (cluster, n, 4, group, 2, found), ==, 3);
  g_assert_true (tsr_mixing_is_one_sided (&found[0]));
  g_assert_false (tsr_mixing_is_one_sided (&found[1]));
  g_assert_false (tsr_mixing_is_one_sided (&found[2]));
  double low, high, expected = 74.0 / 180;
  wilson (60, 60, &low, &high);
  g_assert_cmpuint (found[0].tiles, ==, 60);
  g_assert_cmpint (found[0].group, ==, 0);
  g_assert_cmpfloat_with_epsilon (found[0].expected, expected, 1e-12);
  g_assert_cmpfloat_with_epsilon (found[0].low, low, 1e-9);
  g_assert_cmpfloat_with_epsilon (found[0].excess, (low - expected) / (1 - expected), 1e-9);
  g_assert_cmpint (found[2].group, ==, 1);
  g_assert_cmpuint (found[2].most, ==, 86);
  /* where nearly all tiles are of one group no cluster is to blame */
  for (size_t i = 0; i < n; i++)
    group[i] = i == 70 ? 1 : 0;
  size_t entries = tsr_mixing_one_sided (cluster, n, 4, group, 2, found);
  for (size_t e = 0; e < entries; e++)
    g_assert_false (tsr_mixing_is_one_sided (&found[e]));
  g_assert_cmpuint (tsr_mixing_one_sided (NULL, 0, 0, NULL, 0, found), ==, 0);
}

/* --- picks --- */

static double
plain_nearest (const float *x, size_t d, const uint32_t *picks, size_t k)
{
  double total = 0;
  for (size_t i = 0; i < k; i++) {
    double best = INFINITY;
    for (size_t j = 0; j < k; j++)
      if (j != i)
        best = fmin (best, plain_squared (x + picks[i] * d, x + picks[j] * d, d));
    total += sqrt (best);
  }
  return total / (double)k;
}

static void
test_alike (void)
{
  size_t n = 500, d = 6;
  g_autofree float *x = plain_cloud (n, d, 5, false, 9);
  uint32_t picks[20];
  for (size_t k = 2; k <= 20; k++) {
    for (size_t i = 0; i < k; i++)
      picks[i] = (uint32_t)(i * 23 % n);
    TsrAlike alike = tsr_alike (x, n, d, NULL, picks, k, 1),
             again = tsr_alike (x, n, d, NULL, picks, k, 1);
    g_assert_cmpfloat_with_epsilon (alike.nearest, plain_nearest (x, d, picks, k), 1e-9);
    g_assert_cmpfloat (alike.random, ==, again.random);
    g_assert_cmpfloat (alike.random, >, 0);
    g_assert_cmpuint (alike.below, <=, TSR_ALIKE_DRAWS);
  }
  /* copies of one tile */
  for (size_t i = 0; i < 10; i++) {
    picks[i] = (uint32_t)i;
    memcpy (x + i * d, x, d * sizeof *x);
  }
  TsrAlike copies = tsr_alike (x, n, d, NULL, picks, 10, 1);
  g_assert_cmpfloat (copies.nearest, ==, 0);
  g_assert_cmpfloat (copies.ratio, ==, 0);
  g_assert_cmpuint (copies.below, ==, 0);
  /* too few picks, or too few tiles to draw from */
  g_assert_true (isnan (tsr_alike (x, n, d, NULL, picks, 1, 1).ratio));
  g_autofree uint8_t *few = g_new0 (uint8_t, n);
  few[3] = few[4] = 1;
  g_assert_true (isnan (tsr_alike (x, n, d, few, picks, 3, 1).ratio));
  /* those that can be drawn are all there are: every draw is the same */
  picks[0] = 3;
  picks[1] = 4;
  g_assert_cmpfloat (tsr_alike (x, n, d, few, picks, 2, 1).ratio, ==, 1);
  g_assert_true (isnan (tsr_alike (NULL, 0, d, NULL, NULL, 0, 1).nearest));
}

/* Random picks fall below 95 % of the draws about as often as they should. */
static void
test_alarms (void)
{
  size_t n = 400, d = 4, k = 12, alarms = 0, trials = 300;
  g_autofree float *x = plain_cloud (n, d, 6, false, 2);
  for (size_t t = 0; t < trials; t++) {
    TsrRandom random;
    uint32_t all[400];
    for (uint32_t i = 0; i < n; i++)
      all[i] = i;
    tsr_random_init (&random, t, 17);
    tsr_random_shuffle (&random, all, n);
    alarms += tsr_alike (x, n, d, NULL, all, k, 1).below < 5;
  }
  /* the draws are the same each time, so that their 5 % are off by a deviation of 2 % as well */
  g_assert_cmpuint (alarms, >, 0);
  g_assert_cmpuint (alarms, <, trials * 13 / 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/share", test_share);
  g_test_add_func ("/health/held", test_held);
  g_test_add_func ("/health/mixing", test_mixing);
  g_test_add_func ("/health/clusters", test_clusters);
  g_test_add_func ("/health/one-sided", test_one_sided);
  g_test_add_func ("/health/alike", test_alike);
  g_test_add_func ("/health/alarms", test_alarms);
  return g_test_run ();
}
