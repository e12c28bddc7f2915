/* What strategies rest on: how densely points lie, and k-means, against plain double-precision
 * references. */

#include "plain.h"
#include "tsr-density.h"
#include "tsr-kmeans.h"
#include <stdlib.h>

/* --- density --- */

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
plain_neighbour (const float *points, size_t n, size_t d, const uint8_t *blocked, size_t i,
                 size_t k)
{
  g_autofree double *squared = g_new (double, n + 1);
  size_t m = 0;
  for (size_t j = 0; j < n; j++)
    if (j != i && !blocked[j])
      squared[m++] = plain_squared (points + i * d, points + j * d, d);
  qsort (squared, m, sizeof *squared, compare_doubles);
  return m ? sqrt (squared[MIN (MAX (k, 1), m) - 1]) : 0;
}

static void
check_density (const float *points, size_t n, size_t d, double blocked_share, size_t k)
{
  g_autofree uint8_t *blocked = plain_flags (n, blocked_share, n), *sparse = g_new (uint8_t, n + 1);
  g_autofree float *distance = g_new (float, n + 1);
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_density_distances (points, n, d, blocked, k, distance, NULL, &error));
  g_assert_true (tsr_density_mark_sparse (points, n, d, blocked, k, 0.2, sparse, NULL, &error));
  size_t m = 0, marked = 0;
  for (size_t i = 0; i < n; i++) {
    if (blocked[i]) {
      g_assert_true (isinf (distance[i]));
      g_assert_false (sparse[i]);
      continue;
    }
    m++;
    marked += sparse[i];
    double expected = plain_neighbour (points, n, d, blocked, i, k);
    g_assert_cmpfloat (fabs (distance[i] - expected), <=, 1e-6 * expected);
  }
  g_assert_cmpuint (marked, ==, m / 5);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      if (sparse[i] && !sparse[j] && !blocked[j])
        g_assert_true (distance[i] > distance[j] || (distance[i] == distance[j] && i > j));
}

static void
test_density (void)
{
  static const size_t sizes[] = {0, 1, 2, 3, 16, 17, 18, 40, 300, 1500};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int copies = 0; copies < 2; copies++)
      for (size_t d = 1; d <= 5; d += d == 1 ? 1 : 3) {
        if (d != 2 && sizes[s] > 300)
          continue;
        g_autofree float *points = plain_cloud (sizes[s], d, 3, copies, s);
        check_density (points, sizes[s], d, 0, 16);
        check_density (points, sizes[s], d, 0.3, 5);
        check_density (points, sizes[s], d, 0, 1);
      }
  g_autofree float *same = g_new0 (float, 2000), *line = g_new0 (float, 2000);
  for (size_t i = 0; i < 1000; i++)
    line[2 * i] = (float)(i % 50);
  check_density (same, 1000, 2, 0.1, 16);
  check_density (line, 1000, 2, 0.1, 16);
}

/* --- k-means --- */

typedef struct {
  size_t n, d, fixed, k;
  uint32_t *index;
  double *centre;
  size_t *owner, *count;
} Plain;

static double
plain_to_centre (const Plain *plain, const float *points, size_t o, size_t c)
{
  double sum = 0;
  for (size_t a = 0; a < plain->d; a++) {
    double t = points[plain->index[o] * plain->d + a] - plain->centre[c * plain->d + a];
    sum += t * t;
  }
  return sum;
}

static void
plain_set_centre (Plain *plain, size_t c, const float *point)
{
  for (size_t a = 0; a < plain->d; a++)
    plain->centre[c * plain->d + a] = point[a];
}

/* Where the centres begin: the same random numbers, the plain cumulative sum. */
static void
plain_begin (Plain *plain, const float *points, const uint8_t *fixed, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 0x63e4);
  size_t known = 0;
  for (size_t o = 0; o < plain->n; o++)
    if (fixed[plain->index[o]])
      plain_set_centre (plain, known++, points + plain->index[o] * plain->d);
  for (; known < plain->fixed + plain->k; known++) {
    size_t pick = 0;
    if (known == 0) {
      pick = tsr_random_below (&random, (uint32_t)plain->n);
    } else {
      g_autofree double *near = g_new (double, plain->n);
      double total = 0, at = 0;
      for (size_t o = 0; o < plain->n; o++) {
        near[o] = INFINITY;
        for (size_t c = 0; c < known; c++)
          near[o] = fmin (near[o], plain_to_centre (plain, points, o, c));
        total += near[o];
      }
      double wanted = tsr_random_uniform (&random) * total;
      for (pick = 0; pick + 1 < plain->n && (at += near[pick]) <= wanted; pick++)
        ;
    }
    plain_set_centre (plain, known, points + plain->index[pick] * plain->d);
  }
}

static bool
plain_assign (Plain *plain, const float *points)
{
  bool changed = false;
  memset (plain->count, 0, (plain->fixed + plain->k) * sizeof (size_t));
  for (size_t o = 0; o < plain->n; o++) {
    size_t best = 0;
    for (size_t c = 1; c < plain->fixed + plain->k; c++)
      if (plain_to_centre (plain, points, o, c) < plain_to_centre (plain, points, o, best))
        best = c;
    changed = changed || plain->owner[o] != best;
    plain->owner[o] = best;
    plain->count[best]++;
  }
  return changed;
}

static void
plain_move (Plain *plain, const float *points)
{
  for (size_t c = plain->fixed; c < plain->fixed + plain->k; c++)
    for (size_t a = 0; a < plain->d && plain->count[c] > 0; a++) {
      double sum = 0;
      for (size_t o = 0; o < plain->n; o++)
        if (plain->owner[o] == c)
          sum += points[plain->index[o] * plain->d + a];
      plain->centre[c * plain->d + a] = (float)(sum / (double)plain->count[c]);
    }
}

/* Every pick must be the nearest eligible point of its centre; of points as near as single
 * precision can tell, either will do. */
static void
plain_check (Plain *plain, const float *points, const uint8_t *fixed, const uint32_t *chosen)
{
  size_t centres = plain->fixed + plain->k;
  g_autofree uint8_t *taken = g_new0 (uint8_t, plain->n), *done = g_new0 (uint8_t, centres);
  for (size_t i = 0; i < plain->k; i++) {
    size_t c = SIZE_MAX, best = SIZE_MAX, got = SIZE_MAX;
    for (size_t e = plain->fixed; e < centres; e++)
      if (!done[e] && (c == SIZE_MAX || plain->count[e] > plain->count[c]))
        c = e;
    for (int own = 1; own >= 0 && best == SIZE_MAX; own--)
      for (size_t o = 0; o < plain->n; o++)
        if (!fixed[plain->index[o]] && !taken[o] && (!own || plain->owner[o] == c) &&
            (best == SIZE_MAX ||
             plain_to_centre (plain, points, o, c) < plain_to_centre (plain, points, best, c)))
          best = o;
    for (size_t o = 0; o < plain->n; o++)
      if (plain->index[o] == chosen[i])
        got = o;
    g_assert_cmpuint (got, !=, SIZE_MAX);
    double expected = sqrt (plain_to_centre (plain, points, best, c)),
           found = sqrt (plain_to_centre (plain, points, got, c));
    g_assert_cmpfloat (fabs (found - expected), <=, 1e-5);
    done[c] = taken[got] = 1;
  }
}

static size_t
plain_kmeans (const float *points, size_t n, size_t d, const uint8_t *fixed, const uint8_t *blocked,
              size_t k, uint64_t seed, const uint32_t *chosen)
{
  Plain plain = {.d = d};
  size_t candidates = 0;
  g_autofree uint32_t *index = plain.index = g_new (uint32_t, n + 1);
  for (size_t i = 0; i < n; i++)
    if (!blocked[i]) {
      plain.index[plain.n++] = (uint32_t)i;
      plain.fixed += fixed[i] != 0;
      candidates += !fixed[i];
    }
  plain.k = MIN (k, candidates);
  if (plain.k == 0)
    return 0;
  g_autofree double *centre = plain.centre = g_new (double, (plain.fixed + plain.k) * d);
  g_autofree size_t *owner = plain.owner = g_new0 (size_t, plain.n),
                    *count = plain.count = g_new0 (size_t, plain.fixed + plain.k);
  plain_begin (&plain, points, fixed, seed);
  for (int round = 0; round <= 100 && (plain_assign (&plain, points) || round == 0); round++)
    if (round < 100)
      plain_move (&plain, points);
  plain_check (&plain, points, fixed, chosen);
  return plain.k;
}

static void
test_kmeans (void)
{
  for (uint64_t round = 0; round < 60; round++) {
    size_t n = 1 + 7 * round, d = 1 + round % 5, k = 1 + round % 9;
    if (round % 7 == 6) { /* many centres in the plane: found by a tree */
      d = 2;
      k = 40;
    }
    g_autofree float *points = plain_cloud (n, d, 4, false, round);
    g_autofree uint8_t *fixed = plain_flags (n, round % 2 ? 0.05 : 0, round),
                       *blocked = plain_flags (n, round % 3 ? 0.2 : 0, round + 1000);
    g_autofree uint32_t *chosen = g_new (uint32_t, k);
    size_t found;
    for (size_t i = 0; i < n; i++)
      fixed[i] = fixed[i] && !blocked[i];
    g_assert_true (
        tsr_kmeans_choose (points, n, d, fixed, blocked, k, round, chosen, &found, NULL, NULL));
    g_assert_cmpuint (found, ==, plain_kmeans (points, n, d, fixed, blocked, k, round, chosen));
    plain_check_choice (chosen, found, n, fixed, blocked);
  }
}

/* Copies, one point, none: still k different tiles while there are any. */
static void
test_kmeans_bounds (void)
{
  float same[40] = {0};
  uint32_t chosen[30];
  size_t found;
  uint8_t none[20] = {0}, all[20];
  memset (all, 1, sizeof all);
  g_assert_true (tsr_kmeans_choose (same, 20, 2, NULL, NULL, 30, 1, chosen, &found, NULL, NULL));
  g_assert_cmpuint (found, ==, 20);
  plain_check_choice (chosen, found, 20, none, none);
  g_assert_true (tsr_kmeans_choose (same, 20, 2, all, NULL, 5, 1, chosen, &found, NULL, NULL));
  g_assert_cmpuint (found, ==, 0);
  g_assert_true (tsr_kmeans_choose (same, 20, 2, NULL, all, 5, 1, chosen, &found, NULL, NULL));
  g_assert_cmpuint (found, ==, 0);
  g_assert_true (tsr_kmeans_choose (same, 0, 2, NULL, NULL, 5, 1, chosen, &found, NULL, NULL));
  g_assert_cmpuint (found, ==, 0);
  g_assert_true (tsr_kmeans_choose (same, 1, 2, NULL, NULL, 5, 1, chosen, &found, NULL, NULL));
  g_assert_cmpuint (found, ==, 1);
  g_assert_cmpuint (chosen[0], ==, 0);
}

/* Four far clusters, two of them labelled: the next two picks stand in the others. */
static void
test_kmeans_goes_on (void)
{
  float points[80];
  uint8_t labelled[40] = {0};
  for (size_t i = 0; i < 40; i++) {
    points[2 * i] = (float)(100 * (i / 10)) + (float)(i % 3);
    points[2 * i + 1] = (float)(i % 5);
  }
  labelled[3] = labelled[25] = 1;
  for (uint64_t seed = 0; seed < 20; seed++) {
    uint32_t chosen[2];
    size_t found;
    g_assert_true (
        tsr_kmeans_choose (points, 40, 2, labelled, NULL, 2, seed, chosen, &found, NULL, NULL));
    g_assert_cmpuint (found, ==, 2);
    g_assert_cmpuint (MIN (chosen[0], chosen[1]) / 10, ==, 1);
    g_assert_cmpuint (MAX (chosen[0], chosen[1]) / 10, ==, 3);
  }
}

/* Of very many points an even sample is looked at: the same as choosing from that sample. */
static void
test_sample (void)
{
  static const size_t sizes[] = {TSR_KMEANS_SAMPLE, TSR_KMEANS_SAMPLE + 5000, 100001};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++) {
    size_t n = sizes[s], d = 2, k = 12, could = 0, m = 0, found, expected;
    g_autofree float *points = plain_cloud (n, d, 5, false, s), *few = g_new (float, n *d);
    g_autofree uint8_t *fixed = plain_flags (n, 0.0003, 7), *blocked = plain_flags (n, 0.1, 8),
                       *few_fixed = g_new0 (uint8_t, n);
    g_autofree uint32_t *index = g_new (uint32_t, n), *chosen = g_new (uint32_t, k),
                        *wanted = g_new (uint32_t, k);
    for (size_t i = 0; i < n; i++)
      could += !blocked[i] && !fixed[i];
    for (size_t i = 0, j = 0; i < n; i++) {
      if (blocked[i])
        continue;
      if (!fixed[i] && could > TSR_KMEANS_SAMPLE) {
        double share = (double)TSR_KMEANS_SAMPLE / (double)could;
        bool stays = floor ((double)(j + 1) * share + 1e-9) > floor ((double)j * share + 1e-9);
        j++;
        if (!stays)
          continue;
      }
      memcpy (few + m * d, points + i * d, d * sizeof (float));
      few_fixed[m] = fixed[i];
      index[m++] = (uint32_t)i;
    }
    g_assert_cmpuint (m, <=, TSR_KMEANS_SAMPLE + 100);
    g_assert_true (
        tsr_kmeans_choose (points, n, d, fixed, blocked, k, 3, chosen, &found, NULL, NULL));
    g_assert_true (
        tsr_kmeans_choose (few, m, d, few_fixed, NULL, k, 3, wanted, &expected, NULL, NULL));
    g_assert_cmpuint (found, ==, k);
    g_assert_cmpuint (expected, ==, k);
    for (size_t i = 0; i < k; i++)
      g_assert_cmpuint (chosen[i], ==, index[wanted[i]]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kmeans/density", test_density);
  g_test_add_func ("/kmeans/definition", test_kmeans);
  g_test_add_func ("/kmeans/bounds", test_kmeans_bounds);
  g_test_add_func ("/kmeans/goes-on", test_kmeans_goes_on);
  g_test_add_func ("/kmeans/sample", test_sample);
  return g_test_run ();
}
