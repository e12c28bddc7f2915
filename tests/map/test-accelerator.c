/* What a map asks of an accelerator, and that the processors make the very same map where it fails:
 * with one that is the processors themselves, and stops working when it is told to. */

#include "plain.h"
#include "tsr-error.h"
#include "tsr-knn.h"
#include "tsr-map-accelerator.h"
#include "tsr-map.h"
#include "tsr-repulsion.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { N = 1100, D = 5 };

/* An accelerator whose optimiser moves nothing; what fails is counted down. */
typedef struct {
  TsrMapAccelerator ways;
  int searches, optimisers, steps, reads, failures, alive;
  bool search_fails, begin_fails, cancelled;
  int steps_left;
  char *why;
  const TsrAttraction *attraction;
  float *y;
} Fake;

static bool
fail (const Fake *fake, GError **error)
{
  if (fake->cancelled)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE, "It broke.");
  return false;
}

static bool
search (void *user, const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *squared,
        const TsrProgress *progress, GError **error)
{
  Fake *fake = user;
  float scale;
  fake->searches++;
  if (fake->search_fails)
    return fail (fake, error);
  return tsr_knn_scaled (x, n, d, k, index, squared, &scale, progress, error);
}

static void *
begin (void *user, const TsrAttraction *attraction, const float *y, GCancellable *cancellable,
       GError **error)
{
  Fake *fake = user;
  fake->optimisers++;
  if (fake->begin_fails) {
    fail (fake, error);
    return NULL;
  }
  const uint64_t *row;
  const uint32_t *column;
  const float *value;
  g_assert_cmpuint (tsr_attraction_rows (attraction, &row, &column, &value), ==, N);
  double sum = 0;
  for (size_t v = 0; v < row[N] * 16; v++) {
    g_assert_cmpuint (column[v], <, N);
    sum += value[v];
  }
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
  fake->attraction = attraction;
  fake->y = g_new (float, 2 * N);
  memcpy (fake->y, y, 2 * N * sizeof *y);
  fake->alive++;
  return fake;
}

static bool
forces (void *optimiser, TsrMapSums *sums, GError **error)
{
  Fake *fake = optimiser;
  g_autofree float *force = g_new (float, 2 * N);
  if (sums) {
    tsr_attraction_run (fake->attraction, fake->y, force, &sums->log_sum);
    sums->z = tsr_repulsion_exact (fake->y, N, force);
  }
  return true;
}

static bool
move (void *optimiser, const TsrMapMove *by, GError **error)
{
  Fake *fake = optimiser;
  g_assert_cmpfloat (by->momentum, ==, fake->steps < 12 ? 0.5f : 0.8f);
  g_assert_cmpfloat (by->exaggeration, ==, fake->steps < 12 ? 12 : 1);
  g_assert_cmpfloat (by->longest, ==, 5);
  g_assert_cmpfloat_with_epsilon (by->rate, N / 12.0, 1e-4);
  fake->steps++;
  return fake->steps_left-- > 0 || fail (fake, error);
}

static bool
layout (void *optimiser, float *y, GError **error)
{
  Fake *fake = optimiser;
  fake->reads++;
  memcpy (y, fake->y, 2 * N * sizeof *y);
  return true;
}

static void
end (void *optimiser)
{
  Fake *fake = optimiser;
  g_clear_pointer (&fake->y, g_free);
  fake->alive--;
}

static void
failed (void *user, const GError *why)
{
  Fake *fake = user;
  fake->failures++;
  g_free (fake->why);
  fake->why = g_strdup (why->message);
}

static void
fake_init (Fake *fake)
{
  *fake = (Fake){.steps_left = 1000};
  fake->ways = (TsrMapAccelerator){fake, 5000, search, begin, forces, move, layout, end, failed};
}

static bool
map (Fake *fake, const float *x, float *y, TsrTsneReport *report, GError **error)
{
  TsrTsneOptions options = {
      .exaggeration_iterations = 12, .iterations = 20, .accelerator = fake ? &fake->ways : NULL};
  return tsr_tsne (x, N, D, &options, y, NULL, NULL, report, NULL, error);
}

static void
test_taken (void)
{
  g_autofree float *x = plain_blobs (N, D, 4, 3), *y = g_new (float, 2 * N);
  Fake fake;
  TsrTsneReport report;
  g_autoptr (GError) error = NULL;
  fake_init (&fake);
  g_assert_true (map (&fake, x, y, &report, &error));
  g_assert_no_error (error);
  g_assert_true (report.neighbours_accelerated && report.optimise_accelerated);
  g_assert_cmpint (fake.searches, ==, 1);
  g_assert_cmpint (fake.steps, ==, 32);
  g_assert_cmpint (fake.reads, ==, 1); /* nobody watches: the layout stays where it is */
  g_assert_cmpint (fake.alive + fake.failures, ==, 0);
  TsrAffinities *p = tsr_affinities_new (x, N, D, 30, false, NULL, NULL);
  double kl = tsr_tsne_kl_exact (p, y, NULL);
  g_assert_cmpfloat_with_epsilon (report.kl, kl, 1e-4 * kl); /* of the layout that was read */
  tsr_affinities_free (p);
}

/* Each part fails by itself, at the beginning and in the middle. */
static void
test_fails (void)
{
  g_autofree float *x = plain_blobs (N, D, 4, 3), *y = g_new (float, 2 * N),
                   *expected = g_new (float, 2 * N);
  g_assert_true (map (NULL, x, expected, NULL, NULL));
  for (int kind = 0; kind < 4; kind++) {
    Fake fake;
    TsrTsneReport report;
    g_autoptr (GError) error = NULL;
    fake_init (&fake);
    fake.search_fails = kind == 0;
    fake.begin_fails = kind <= 1;
    fake.steps_left = kind == 2 ? 0 : 17;
    g_assert_true (map (&fake, x, y, &report, &error));
    g_assert_no_error (error);
    g_assert_cmpmem (y, 2 * N * sizeof *y, expected, 2 * N * sizeof *expected);
    g_assert_cmpint (fake.failures, ==, kind == 0 ? 2 : 1);
    g_assert_cmpstr (fake.why, ==, "It broke.");
    g_assert_cmpint (fake.alive, ==, 0);
    g_assert_true (report.neighbours_accelerated == (kind > 0) && !report.optimise_accelerated);
    g_assert_cmpint (report.iterations, ==, 32);
    g_free (fake.why);
  }
}

static void
test_cancelled (void)
{
  g_autofree float *x = plain_blobs (N, D, 4, 3), *y = g_new (float, 2 * N);
  for (int kind = 0; kind < 3; kind++) {
    Fake fake;
    g_autoptr (GError) error = NULL;
    fake_init (&fake);
    fake.cancelled = true;
    fake.search_fails = kind == 0;
    fake.begin_fails = kind == 1;
    fake.steps_left = 5;
    g_assert_false (map (&fake, x, y, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpint (fake.failures + fake.alive, ==, 0);
  }
}

/* What is the processors' all the same. */
static void
test_not_asked (void)
{
  g_autofree float *x = plain_blobs (N, D, 4, 3), *y = g_new (float, 2 * N);
  Fake fake;
  fake_init (&fake);
  TsrTsneOptions options = {
      .exaggeration_iterations = 5, .iterations = 5, .accelerator = &fake.ways};
  g_assert_true (tsr_tsne (x, 900, D, &options, y, NULL, NULL, NULL, NULL, NULL));
  options.exact = true;
  fake.ways.neighbours_up_to = N - 1;
  g_assert_true (tsr_tsne (x, N, D, &options, y, NULL, NULL, NULL, NULL, NULL));
  g_assert_cmpint (fake.searches + fake.optimisers + fake.failures, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/accelerator/taken", test_taken);
  g_test_add_func ("/accelerator/fails", test_fails);
  g_test_add_func ("/accelerator/cancelled", test_cancelled);
  g_test_add_func ("/accelerator/not-asked", test_not_asked);
  return g_test_run ();
}
