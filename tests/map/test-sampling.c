/* Farthest point sampling against the definition, on lattices (full of ties) and clouds. */

#include "tsr-sampling.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Coordinates are small multiples of 1/8, so that every squared distance is exact and ties are
 * real. */
static float *
lattice_points (size_t n, size_t d, int range)
{
  float *points = g_new (float, n *d + 1);
  for (size_t i = 0; i < n * d; i++)
    points[i] = (float)g_test_rand_int_range (-range, range + 1) / 8;
  return points;
}

static uint8_t *
random_flags (size_t n, double share)
{
  uint8_t *flags = g_new0 (uint8_t, n + 1);
  for (size_t i = 0; i < n; i++)
    flags[i] = g_test_rand_double () < share;
  return flags;
}

static double
squared_between (const float *points, size_t d, size_t i, size_t j)
{
  double sum = 0;
  for (size_t c = 0; c < d; c++) {
    double t = (double)points[i * d + c] - points[j * d + c];
    sum += t * t;
  }
  return sum;
}

/* The definition, one pick at a time from scratch: O(n) for each source and each point. */
static double
nearest_source (const float *points, size_t n, size_t d, const uint8_t *sources, size_t i)
{
  double nearest = INFINITY;
  for (size_t j = 0; j < n; j++)
    if (sources[j])
      nearest = fmin (nearest, squared_between (points, d, i, j));
  return nearest;
}

static void
check_fps (size_t n, size_t d, int range, double labelled_share, double blocked_share, size_t k,
           uint64_t seed)
{
  g_autofree float *points = lattice_points (n, d, range);
  g_autofree uint8_t *labelled = random_flags (n, labelled_share),
                     *blocked = random_flags (n, blocked_share);
  g_autofree uint8_t *sources = g_new0 (uint8_t, n + 1);
  g_autofree uint32_t *chosen = g_new (uint32_t, k + 1);
  g_autofree float *radius = g_new (float, k + 1);
  size_t candidates = 0, started = 0;
  for (size_t i = 0; i < n; i++) {
    sources[i] = labelled[i] && !blocked[i];
    started += sources[i];
    candidates += !labelled[i] && !blocked[i];
  }
  size_t found = tsr_sample_fps (points, n, d, labelled, blocked, k, seed, chosen, radius);
  g_assert_cmpuint (found, ==, MIN (k, candidates));
  for (size_t p = 0; p < found; p++) {
    uint32_t best = UINT32_MAX;
    double farthest = -1;
    for (size_t i = 0; i < n; i++) {
      if (sources[i] || blocked[i])
        continue;
      double value = nearest_source (points, n, d, sources, i);
      if (value > farthest) {
        farthest = value;
        best = (uint32_t)i;
      }
    }
    g_assert_cmpuint (chosen[p], <, n);
    if (started + p > 0)
      g_assert_cmpuint (chosen[p], ==, best);
    g_assert_false (sources[chosen[p]] || blocked[chosen[p]]);
    sources[chosen[p]] = 1;
    double covering = 0;
    for (size_t i = 0; i < n; i++)
      if (!blocked[i])
        covering = fmax (covering, nearest_source (points, n, d, sources, i));
    g_assert_cmpfloat (radius[p], ==, sqrtf ((float)covering));
  }
  g_autofree float *again = g_new (float, k + 1);
  tsr_sample_radii (points, n, d, labelled, blocked, chosen, found, again);
  g_assert_cmpmem (again, found * sizeof *again, radius, found * sizeof *radius);
  float before = tsr_sample_radius (points, n, d, labelled, blocked);
  double expected = 0;
  memset (sources, 0, n);
  for (size_t i = 0; i < n; i++)
    sources[i] = labelled[i] && !blocked[i];
  for (size_t i = 0; i < n; i++)
    if (!blocked[i])
      expected = fmax (expected, nearest_source (points, n, d, sources, i));
  if (started == 0)
    g_assert_true (isinf (before));
  else
    g_assert_cmpfloat (before, ==, sqrtf ((float)expected));
}

/* The picks of a state, and its radii, are those of tsr_sample_fps on the tiles it is about. */
static void
check_picks (TsrCover *cover, const float *points, size_t n, size_t d, const uint8_t *labelled,
             const uint8_t *blocked)
{
  g_autofree uint32_t *picks = g_new (uint32_t, n + 1), *expected = g_new (uint32_t, n + 1);
  g_autofree float *radii = g_new (float, n + 1), *expected_radii = g_new (float, n + 1);
  float now = tsr_cover_sources (cover) > 0 ? tsr_cover_radius (cover) : INFINITY;
  g_assert_cmpfloat (now, ==, tsr_sample_radius (points, n, d, labelled, blocked));
  size_t found = tsr_sample_fps_on (cover, n, n, 3, picks, radii),
         wanted = tsr_sample_fps (points, n, d, labelled, blocked, n, 3, expected, expected_radii);
  g_assert_cmpuint (found, ==, wanted);
  g_assert_cmpmem (picks, found * sizeof *picks, expected, wanted * sizeof *expected);
  g_assert_cmpmem (radii, found * sizeof *radii, expected_radii, wanted * sizeof *radii);
}

static void
add_all (TsrCover *cover, const uint8_t *labelled, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (labelled[i])
      tsr_cover_add (cover, (uint32_t)i);
}

/* Forks do not change what they come from, what is left out is as good as blocked unless it is a
 * source, and a restart forgets everything. */
static void
test_cover (void)
{
  for (int round = 0; round < 60; round++) {
    size_t n = (size_t)g_test_rand_int_range (1, round % 3 == 0 ? 1500 : 60),
           d = round % 4 == 0 ? 5 : 2;
    g_autofree float *points = lattice_points (n, d, 40);
    g_autofree uint8_t *labelled = random_flags (n, round % 5 == 0 ? 0 : 0.1),
                       *others = random_flags (n, 0.1), *blocked = random_flags (n, 0.2),
                       *out = random_flags (n, 0.3), *gone = g_memdup2 (blocked, n + 1);
    TsrCover *cover = tsr_cover_new (points, n, d, blocked), *fork;
    add_all (cover, labelled, n);
    for (size_t i = 0; i < n; i++)
      gone[i] = blocked[i] || (out[i] && !labelled[i]);
    fork = tsr_cover_fork (cover);
    tsr_cover_leave_out (fork, out);
    g_autofree uint8_t *has = g_new0 (uint8_t, n + 1);
    tsr_cover_mark (fork, has);
    for (uint32_t i = 0; i < n; i++) {
      g_assert_true (tsr_cover_has (fork, i) == !gone[i]);
      g_assert_true (has[i] == !gone[i]);
    }
    check_picks (fork, points, n, d, labelled, gone);
    tsr_cover_free (fork);
    fork = tsr_cover_fork (cover);
    check_picks (fork, points, n, d, labelled, blocked);
    tsr_cover_leave_out (cover, out);
    tsr_cover_restart (cover);
    g_assert_cmpuint (tsr_cover_sources (cover), ==, 0);
    add_all (cover, others, n);
    check_picks (cover, points, n, d, others, blocked);
    tsr_cover_free (fork);
    tsr_cover_free (cover);
  }
}

static void
test_fps_definition (void)
{
  for (int round = 0; round < 60; round++) {
    size_t n = (size_t)g_test_rand_int_range (1, 120), d = (size_t)g_test_rand_int_range (1, 40);
    double labelled = round % 3 == 0 ? 0 : 0.1, blocked = round % 2 == 0 ? 0 : 0.2;
    check_fps (n, d, 20, labelled, blocked, (size_t)g_test_rand_int_range (0, 30), (uint64_t)round);
    check_fps (n, 2, round % 5 + 1, labelled, blocked, (size_t)g_test_rand_int_range (0, 150),
               (uint64_t)round);
  }
}

/* Enough points for many blocks along the curve. */
static void
test_fps_many (void)
{
  check_fps (1500, 2, 200, 0.002, 0.05, 12, 5);
  check_fps (1500, 2, 3, 0.002, 0.05, 12, 5);
  check_fps (1200, 2, 1400, 0, 0, 10, 6); /* the widest whose squares are exact */
  check_fps (1000, 17, 100, 0.003, 0.1, 8, 7);
}

static void
test_fps_bounds (void)
{
  float same[20] = {0};
  uint8_t all[10];
  memset (all, 1, sizeof all);
  uint32_t chosen[12];
  float radius[12];
  g_assert_cmpuint (tsr_sample_fps (same, 10, 2, NULL, NULL, 12, 1, chosen, radius), ==, 10);
  for (int i = 0; i < 10; i++) {
    g_assert_cmpfloat (radius[i], ==, 0);
    for (int j = 0; j < i; j++)
      g_assert_cmpuint (chosen[i], !=, chosen[j]);
  }
  g_assert_cmpuint (tsr_sample_fps (same, 10, 2, NULL, all, 5, 1, chosen, NULL), ==, 0);
  g_assert_cmpuint (tsr_sample_fps (same, 10, 2, all, NULL, 5, 1, chosen, NULL), ==, 0);
  g_assert_cmpuint (tsr_sample_fps (same, 0, 2, NULL, NULL, 5, 1, chosen, NULL), ==, 0);
  g_assert_cmpuint (tsr_sample_fps (same, 10, 2, NULL, NULL, 0, 1, chosen, NULL), ==, 0);
  g_assert_cmpfloat (tsr_sample_radius (same, 10, 2, all, NULL), ==, 0);
  g_assert_cmpfloat (tsr_sample_radius (same, 10, 2, NULL, all), ==, INFINITY);
}

/* Picking k at once and picking them in two sittings, the first of them labelled, is the same. */
static void
test_fps_continues (void)
{
  size_t n = 3000, k = 40;
  g_autofree float *points = lattice_points (n, 2, 300);
  g_autofree uint8_t *labelled = g_new0 (uint8_t, n);
  uint32_t whole[40], first[15], rest[25];
  float radius[40], rest_radius[25];
  g_assert_cmpuint (tsr_sample_fps (points, n, 2, NULL, NULL, k, 9, whole, radius), ==, k);
  g_assert_cmpuint (tsr_sample_fps (points, n, 2, NULL, NULL, 15, 9, first, NULL), ==, 15);
  for (int i = 0; i < 15; i++)
    labelled[first[i]] = 1;
  g_assert_cmpuint (tsr_sample_fps (points, n, 2, labelled, NULL, 25, 1234, rest, rest_radius), ==,
                    25);
  g_assert_cmpmem (whole, sizeof first, first, sizeof first);
  g_assert_cmpmem (whole + 15, sizeof rest, rest, sizeof rest);
  g_assert_cmpmem (radius + 15, sizeof rest_radius, rest_radius, sizeof rest_radius);
  for (size_t i = 1; i < k; i++)
    g_assert_cmpfloat (radius[i], <=, radius[i - 1]);
}

static void
test_random (void)
{
  size_t n = 500;
  g_autofree uint8_t *labelled = random_flags (n, 0.3), *blocked = random_flags (n, 0.3);
  g_autofree uint8_t *taken = g_new0 (uint8_t, n);
  size_t candidates = 0;
  for (size_t i = 0; i < n; i++)
    candidates += !labelled[i] && !blocked[i];
  g_autofree uint32_t *a = g_new (uint32_t, n), *b = g_new (uint32_t, n);
  g_assert_cmpuint (tsr_sample_random (n, labelled, blocked, 2 * n, 3, a), ==, candidates);
  for (size_t i = 0; i < candidates; i++) {
    g_assert_false (labelled[a[i]] || blocked[a[i]] || taken[a[i]]);
    taken[a[i]] = 1;
  }
  g_assert_cmpuint (tsr_sample_random (n, labelled, blocked, 20, 3, b), ==, 20);
  g_assert_cmpmem (a, 20 * sizeof *a, b, 20 * sizeof *b); /* same seed, same draw, whatever k */
  tsr_sample_random (n, labelled, blocked, 20, 4, b);
  g_assert_cmpint (memcmp (a, b, 20 * sizeof *a), !=, 0);
  size_t counts[10] = {
      0}; /* uniform: each of ten about 2000 times of 20000; six standard deviations are 255 */
  for (uint64_t seed = 0; seed < 20000; seed++) {
    tsr_sample_random (10, NULL, NULL, 1, seed, a);
    counts[a[0]]++;
  }
  for (int i = 0; i < 10; i++)
    g_assert_cmpuint (counts[i] - 1745, <=, 510);
  g_assert_cmpuint (tsr_sample_random (0, NULL, NULL, 3, 1, a), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampling/cover", test_cover);
  g_test_add_func ("/sampling/fps/definition", test_fps_definition);
  g_test_add_func ("/sampling/fps/many", test_fps_many);
  g_test_add_func ("/sampling/fps/bounds", test_fps_bounds);
  g_test_add_func ("/sampling/fps/continues", test_fps_continues);
  g_test_add_func ("/sampling/random", test_random);
  return g_test_run ();
}
