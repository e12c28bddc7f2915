/* New points on an old map: the loss by finite differences, the affinities' entropy, places that no
 * small move makes better, a map that stays, held-out points among their own kind. */

#include "plain.h"
#include "threads.h"
#include "tsr-error.h"
#include "tsr-map.h"
#include "tsr-random.h"
#include "tsr-repulsion.h"
#include "tsr-transform.h"
#include "tsr-trust.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
test_affinities (void)
{
  const double perplexities[] = {1.5, 3, 5};
  for (size_t t = 0; t < G_N_ELEMENTS (perplexities); t++)
    for (uint64_t seed = 0; seed < 20; seed++) {
      TsrRandom random;
      tsr_random_init (&random, seed, 2);
      float distance[15];
      double p[15], sum = 0, entropy = 0, beta = NAN;
      for (int j = 0; j < 15; j++)
        distance[j] = (float)(j > 0 ? distance[j - 1] + tsr_random_uniform (&random) : 0.5);
      tsr_transform_affinities (distance, 15, perplexities[t], p);
      for (int j = 0; j < 15; j++) {
        sum += p[j];
        entropy -= p[j] > 0 ? p[j] * log (p[j]) : 0;
      }
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);
      g_assert_cmpfloat_with_epsilon (exp (entropy), perplexities[t], 1e-9);
      for (int j = 1; j < 15; j++) { /* one beta for all */
        double excess = (double)distance[j] * distance[j] - (double)distance[0] * distance[0];
        double own = p[j] > 1e-200 ? log (p[0] / p[j]) / excess : beta;
        if (!isnan (beta))
          g_assert_cmpfloat_with_epsilon (own / beta, 1, 1e-6);
        beta = own;
      }
    }
  const float equal[] = {2, 2, 2, 2}, far[] = {0, 1e6f, 2e6f}, one[] = {3};
  double p[4];
  tsr_transform_affinities (equal, 4, 2, p); /* out of reach: all alike */
  for (int j = 0; j < 4; j++)
    g_assert_cmpfloat (p[j], ==, 0.25);
  tsr_transform_affinities (far, 3, 1, p);
  g_assert_cmpfloat_with_epsilon (p[0], 1, 1e-6);
  tsr_transform_affinities (one, 1, 1, p);
  g_assert_cmpfloat (p[0], ==, 1);
}

static void
test_gradient (void)
{
  for (uint64_t seed = 0; seed < 12; seed++) {
    size_t n = 40, k = 6;
    g_autofree float *map = plain_layout (n, 4, seed);
    uint32_t index[6];
    double p[6], sum = 0, gradient[2], exaggeration = seed % 2 ? 1 : 1.5;
    TsrRandom random;
    tsr_random_init (&random, seed, 3);
    for (size_t j = 0; j < k; j++) {
      index[j] = tsr_random_below (&random, (uint32_t)n);
      sum += p[j] = tsr_random_uniform (&random);
    }
    for (size_t j = 0; j < k; j++)
      p[j] /= sum;
    double place[2] = {tsr_random_normal (&random) * 5, tsr_random_normal (&random) * 5};
    double loss = tsr_transform_loss (map, n, index, p, k, exaggeration, place, gradient);
    g_assert_cmpfloat (tsr_transform_loss (map, n, index, p, k, exaggeration, place, NULL), ==,
                       loss);
    for (int a = 0; a < 2; a++) {
      const double h = 1e-5;
      double above[2] = {place[0], place[1]}, below[2] = {place[0], place[1]};
      above[a] += h;
      below[a] -= h;
      double slope = (tsr_transform_loss (map, n, index, p, k, exaggeration, above, NULL) -
                      tsr_transform_loss (map, n, index, p, k, exaggeration, below, NULL)) /
                     (2 * h);
      g_assert_cmpfloat_with_epsilon (gradient[a], slope, 1e-9);
    }
    /* without exaggeration it is the divergence, up to what does not depend on the place */
    double kl = 0, z = 0, entropy = 0;
    for (size_t j = 0; j < n; j++)
      z += 1 / (1 + pow (place[0] - map[2 * j], 2) + pow (place[1] - map[2 * j + 1], 2));
    for (size_t j = 0; j < k; j++) {
      double q = 1 / (1 + pow (place[0] - map[2 * (size_t)index[j]], 2) +
                      pow (place[1] - map[2 * (size_t)index[j] + 1], 2));
      kl += p[j] * log (p[j] / (q / z));
      entropy += p[j] * log (p[j]);
    }
    g_assert_cmpfloat_with_epsilon (
        tsr_transform_loss (map, n, index, p, k, 1, place, NULL) + entropy, kl, 1e-12);
  }
}

/* The potential between the grid's nodes against the sum over all points. */
static void
test_potential (void)
{
  size_t n = 3000;
  const double spreads[] = {0.5, 3, 20};
  for (size_t s = 0; s < G_N_ELEMENTS (spreads); s++) {
    g_autofree float *map = plain_layout (n, spreads[s], s),
                     *places = plain_layout (200, spreads[s], 77), *force = g_new (float, 2 * n);
    TsrRepulsion *grid = tsr_repulsion_new (n, 0.2);
    tsr_repulsion_interpolated (grid, map, force);
    double error = 0, norm = 0;
    for (size_t i = 0; i < 200; i++) {
      double sum = 0, expected[2] = {0}, potential, found[2];
      for (size_t j = 0; j < n; j++) {
        double dx = places[2 * i] - map[2 * j], dy = places[2 * i + 1] - map[2 * j + 1];
        double q = 1 / (1 + dx * dx + dy * dy);
        sum += q;
        expected[0] -= q * q * dx;
        expected[1] -= q * q * dy;
      }
      g_assert_true (tsr_repulsion_at (grid, places[2 * i], places[2 * i + 1], &potential, found));
      g_assert_cmpfloat_with_epsilon (potential, sum, 1e-3 * sum);
      for (int a = 0; a < 2; a++) {
        error += pow (found[a] - expected[a], 2);
        norm += pow (expected[a], 2);
      }
    }
    g_assert_cmpfloat (sqrt (error / norm), <, 2e-3);
    double potential, unused[2];
    g_assert_false (tsr_repulsion_at (grid, 1e4f, 0, &potential, unused));
    g_assert_false (tsr_repulsion_at (grid, 0, -1e30f, &potential, unused));
    g_assert_false (tsr_repulsion_at (grid, NAN, 0, &potential, unused));
    tsr_repulsion_free (grid);
  }
}

/* The k nearest of all, in double. */
static void
plain_nearest (const float *x, size_t n, size_t d, const float *own, size_t k, uint32_t *index,
               float *distance)
{
  size_t have = 0;
  for (size_t j = 0; j < n; j++) {
    double sum = 0;
    for (size_t c = 0; c < d; c++)
      sum += pow ((double)x[j * d + c] - own[c], 2);
    float value = (float)sqrt (sum);
    size_t at = have < k ? have++ : k;
    for (; at > 0 && distance[at - 1] > value; at--)
      if (at < k) {
        distance[at] = distance[at - 1];
        index[at] = index[at - 1];
      }
    if (at < k) {
      distance[at] = value;
      index[at] = (uint32_t)j;
    }
  }
}

/* Each place has almost no gradient left by the reference in double, and a loss no higher than at
 * the start or than at its nearest neighbour's place nearby. */
static void
check_places (size_t n, size_t m, double bound)
{
  size_t d = 9, k = 15;
  g_autofree float *x = plain_blobs (n + m, d, 5, 21), *map = plain_layout (n, 12, 5),
                   *y = g_new (float, 2 * m), *start = g_new (float, 2 * m);
  for (size_t i = 0; i < n; i++) /* kinds lie apart, as on a map */
    map[2 * i] += (float)(40 * (i % 5));
  g_autofree float *before = g_memdup2 (map, 2 * n * sizeof *map);
  TsrTransformOptions still = {.iterations = -1};
  g_assert_true (tsr_transform (x, map, n, x + n * d, m, d, NULL, y, NULL, NULL));
  g_assert_true (tsr_transform (x, map, n, x + n * d, m, d, &still, start, NULL, NULL));
  g_assert_cmpmem (map, 2 * n * sizeof *map, before, 2 * n * sizeof *map);
  g_autofree double *norms = g_new (double, m);
  for (size_t i = 0; i < m; i++) {
    uint32_t index[15];
    float distance[15];
    double p[15], gradient[2], place[2] = {y[2 * i], y[2 * i + 1]},
                               begin[2] = {start[2 * i], start[2 * i + 1]};
    plain_nearest (x, n, d, x + (n + i) * d, k, index, distance);
    tsr_transform_affinities (distance, k, 5, p);
    double loss = tsr_transform_loss (map, n, index, p, k, 1.5, place, gradient);
    g_assert_cmpfloat (loss, <=,
                       tsr_transform_loss (map, n, index, p, k, 1.5, begin, NULL) + bound * bound);
    norms[i] = hypot (gradient[0], gradient[1]);
    g_assert_cmpfloat (norms[i], <, bound);
  }
}

static void
test_places (void)
{
  check_places (16, 5, 2e-3);
  check_places (600, 150, 2e-3);
  check_places (TSR_TRANSFORM_EXACT + 100, 40, 2e-2); /* by the grid */
}

/* A held-out tenth lands among its own kind, near where the whole map has it. */
static void
test_held_out (void)
{
  size_t n = 1800, m = 200, d = 12, kinds = 8, hits = 0, nearby = 0;
  g_autofree float *x = plain_blobs (n + m, d, kinds, 4), *map = g_new (float, 2 * n),
                   *y = g_new (float, 2 * m);
  TsrTsneOptions options = {.seed = 1};
  g_assert_true (tsr_tsne (x, n, d, &options, map, NULL, NULL, NULL, NULL, NULL));
  g_assert_true (tsr_transform (x, map, n, x + n * d, m, d, NULL, y, NULL, NULL));
  for (size_t i = 0; i < m; i++) {
    size_t nearest[2] = {0, 0}; /* on the map, in W */
    double least[2] = {INFINITY, INFINITY}, away;
    for (size_t j = 0; j < n; j++) {
      double there = hypot (y[2 * i] - map[2 * j], y[2 * i + 1] - map[2 * j + 1]), in_w = 0;
      for (size_t c = 0; c < d; c++)
        in_w += pow ((double)x[(n + i) * d + c] - x[j * d + c], 2);
      if (there < least[0])
        least[0] = there, nearest[0] = j;
      if (in_w < least[1])
        least[1] = in_w, nearest[1] = j;
    }
    hits += nearest[0] % kinds == (n + i) % kinds;
    away = hypot (y[2 * i] - map[2 * nearest[1]], y[2 * i + 1] - map[2 * nearest[1] + 1]);
    nearby += away < 5; /* clusters are some 20 wide */
  }
  g_assert_cmpuint (hits, ==, m);
  g_assert_cmpuint (nearby, >=, m * 3 / 4);
}

/* One by one or all together, in any order: the same places bit for bit. */
static void
test_independent (void)
{
  size_t n = 500, m = 37, d = 7;
  g_autofree float *x = plain_blobs (n + m, d, 4, 8), *map = plain_layout (n, 20, 8),
                   *y = g_new (float, 2 * m);
  g_assert_true (tsr_transform (x, map, n, x + n * d, m, d, NULL, y, NULL, NULL));
  for (size_t i = 0; i < m; i++) {
    float alone[2];
    g_assert_true (tsr_transform (x, map, n, x + (n + i) * d, 1, d, NULL, alone, NULL, NULL));
    g_assert_cmpmem (alone, sizeof alone, y + 2 * i, sizeof alone);
  }
}

static void
test_degenerate (void)
{
  const float one[] = {1, 2, 3}, at[] = {7, -4}, other[] = {4, 5, 6};
  float y[20];
  g_assert_true (tsr_transform (one, at, 1, other, 1, 3, NULL, y, NULL, NULL));
  g_assert_cmpmem (y, sizeof at, at, sizeof at); /* beside the only one there is */
  g_assert_true (tsr_transform (one, at, 1, other, 0, 3, NULL, y, NULL, NULL));

  const float two[] = {0, 0, 10, 0}, places[] = {-5, 0, 5, 0}, between[] = {5, 0, 0, 0, 10, 0};
  g_assert_true (tsr_transform (two, places, 2, between, 3, 2, NULL, y, NULL, NULL));
  g_assert_true (isfinite (y[0]) && fabsf (y[0]) <= 5.1f && fabsf (y[1]) < 1e-6f);
  g_assert_cmpmem (y + 2, sizeof places, places, sizeof places); /* copies lie on what they equal */

  float same[40], spots[20];
  for (int i = 0; i < 40; i++)
    same[i] = 3;
  for (int i = 0; i < 20; i++)
    spots[i] = (float)i;
  const float off[] = {3, 3, 3, 4}; /* as far from every one */
  g_assert_true (tsr_transform (same, spots, 10, off, 1, 4, NULL, y, NULL, NULL));
  g_assert_true (y[0] > 0 && y[0] < 18 && y[1] > 1 && y[1] < 19);

  const float bad[] = {1, NAN, 3}, worse[] = {INFINITY, 0};
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_transform (one, at, 1, bad, 1, 3, NULL, y, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (tsr_transform (bad, at, 1, one, 1, 3, NULL, y, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (tsr_transform (one, worse, 1, other, 1, 3, NULL, y, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  TsrProgress progress = {.cancellable = cancellable};
  g_assert_false (tsr_transform (one, at, 1, other, 1, 3, NULL, y, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Another number of threads must not change a bit: prints a hash of places and trust, for
 * test_threads to compare. */
static void
print_hash (void)
{
  size_t n = 5500, m = 700, d = 18;
  g_autofree float *x = plain_blobs (n + m, d, 9, 3), *map = plain_layout (n, 30, 3),
                   *y = g_new (float, 2 * m);
  g_autofree uint8_t *kept = g_new (uint8_t, n);
  TsrTrust trust;
  g_assert_true (tsr_transform (x, map, n, x + n * d, m, d, NULL, y, NULL, NULL));
  g_assert_true (tsr_trust (x, n, d, map, 0, kept, &trust, NULL, NULL));
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *)y, (gssize)(2 * m * sizeof *y));
  g_checksum_update (sum, kept, (gssize)n);
  g_checksum_update (sum, (const guchar *)&trust, sizeof trust);
  g_print ("%s\n", g_checksum_get_string (sum));
}

static const char *program;

static void
test_threads (void)
{
  check_threads (program);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 2 && g_str_equal (argv[1], "--hash")) {
    print_hash ();
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transform/affinities", test_affinities);
  g_test_add_func ("/transform/gradient", test_gradient);
  g_test_add_func ("/transform/potential", test_potential);
  g_test_add_func ("/transform/places", test_places);
  g_test_add_func ("/transform/held-out", test_held_out);
  g_test_add_func ("/transform/independent", test_independent);
  g_test_add_func ("/transform/threads", test_threads);
  g_test_add_func ("/transform/degenerate", test_degenerate);
  return g_test_run ();
}
