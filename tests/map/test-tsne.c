/* t-SNE: the divergence against its definition, the gradient against finite differences, the
 * interpolated forces against all pairs, and the map itself: repeatable, stoppable, sensible, for
 * any number of tiles. */

#include "plain.h"
#include "threads.h"
#include "tsr-attraction.h"
#include "tsr-error.h"
#include "tsr-fft.h"
#include "tsr-map.h"
#include "tsr-random.h"
#include "tsr-repulsion.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MANY 20500 /* more than are compared exactly */

/* --- pieces --- */

static void
test_fft (void)
{
  const size_t lengths[] = {1,  2,  3,  4,  5,  6,  8,  9,   10,  12,  15,  16, 20,
                            25, 27, 32, 45, 60, 64, 96, 100, 125, 128, 240, 360};
  for (size_t k = 0; k < G_N_ELEMENTS (lengths); k++) {
    size_t n = lengths[k];
    TsrFft *fft = tsr_fft_new (n);
    TsrF16 *re = g_aligned_alloc0 (4 * n, sizeof (TsrF16), 64), *im = re + n, *scratch = re + 2 * n;
    g_autofree float *in = plain_layout (n * TSR_LANES, 1, n);
    memcpy (re, in, n * sizeof *re);
    memcpy (im, in + n * TSR_LANES, n * sizeof *im);
    tsr_fft_run (fft, re, im, scratch);
    for (size_t f = 0; f < n; f++)
      for (size_t l = 0; l < TSR_LANES; l += 5) {
        double a = 0, b = 0;
        for (size_t j = 0; j < n; j++) {
          double angle = -2 * G_PI * (double)(f * j % n) / (double)n;
          double xr = in[j * TSR_LANES + l], xi = in[(n + j) * TSR_LANES + l];
          a += xr * cos (angle) - xi * sin (angle);
          b += xr * sin (angle) + xi * cos (angle);
        }
        g_assert_cmpfloat_with_epsilon (re[f][l], a, 2e-6 * sqrt ((double)n) * 4);
        g_assert_cmpfloat_with_epsilon (im[f][l], b, 2e-6 * sqrt ((double)n) * 4);
      }
    tsr_fft_run (fft, im, re, scratch); /* the inverse */
    for (size_t j = 0; j < n; j++)
      g_assert_cmpfloat_with_epsilon (re[j][3] / (float)n, in[j * TSR_LANES + 3], 1e-5);
    g_aligned_free (re);
    tsr_fft_free (fft);
  }
  g_assert_cmpuint (tsr_fft_length (1, 32), ==, 32);
  g_assert_cmpuint (tsr_fft_length (33, 32), ==, 64);
  g_assert_cmpuint (tsr_fft_length (7 * 4, 4), ==, 32);
}

static void
test_repulsion_exact (void)
{
  const size_t sizes[] = {1, 2, 15, 16, 17, 333};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++) {
    size_t n = sizes[s];
    g_autofree float *y = plain_layout (n, 8, s), *found = g_new (float, 2 * n);
    g_autofree double *expected = g_new (double, 2 * n);
    double z = plain_repulsion (y, n, expected);
    g_assert_cmpfloat_with_epsilon (tsr_repulsion_exact (y, n, found), z, 1e-6 * z + 1e-12);
    g_assert_cmpfloat (plain_error (found, expected, 2 * n), <, 2e-6);
  }
}

/* The interpolated forces, as the map unfolds: packed, spread out, elongated, with an outlier. The
 * grid is kept between calls. */
static void
test_repulsion_interpolated (void)
{
  size_t n = 2500;
  const double spreads[] = {1e-4, 0.01, 0.3, 2, 7, 20, 45, 6, 0.5};
  TsrRepulsion *grid = tsr_repulsion_new (n, 0), *fine = tsr_repulsion_new (n, 0.2);
  g_autofree float *found = g_new (float, 2 * n);
  g_autofree double *expected = g_new (double, 2 * n);
  for (size_t s = 0; s < G_N_ELEMENTS (spreads); s++)
    for (int shape = 0; shape < 3; shape++) {
      g_autofree float *y = plain_layout (n, spreads[s], s);
      for (size_t i = 0; shape == 1 && i < n; i++)
        y[2 * i + (s & 1)] *= 0.05f;
      if (shape == 2)
        y[6] += (float)(10 * spreads[s]), y[7] -= (float)(4 * spreads[s]);
      double z = plain_repulsion (y, n, expected);
      double z_found = tsr_repulsion_interpolated (grid, y, found);
      double error = plain_error (found, expected, 2 * n), z_error = fabs (z_found / z - 1);
      /* beyond 10 the points are sparser than in any map, and a point's own grid error stands out
       */
      double bound = spreads[s] > 10 ? 3e-2 : 6e-3;
      if (!(error < bound && z_error < bound / 12))
        g_error ("spread %g shape %d: force off by %g, Z by %g", spreads[s], shape, error, z_error);
      z_found = tsr_repulsion_interpolated (fine, y, found);
      error = plain_error (found, expected, 2 * n), z_error = fabs (z_found / z - 1);
      /* converges with the step, until single precision limits what differences of the potential
       * can tell */
      if (spreads[s] >= 0.3 && spreads[s] <= 20 && !(error < 1e-3 && z_error < 2e-5))
        g_error ("spread %g shape %d, fine: force off by %g, Z by %g", spreads[s], shape, error,
                 z_error);
    }
  g_autofree float *same = g_new0 (float, 2 * n);
  double z = tsr_repulsion_interpolated (grid, same, found);
  g_assert_cmpfloat_with_epsilon (z, (double)n * (double)(n - 1), 1e-3 * (double)(n * n));
  for (size_t i = 2; i < 2 * n; i++) /* no force tears equal points apart */
    g_assert_cmpfloat (found[i], ==, found[i - 2]);
  tsr_repulsion_free (grid);
  tsr_repulsion_free (fine);
}

static void
test_attraction (void)
{
  size_t n = 300;
  g_autofree float *x = plain_blobs (n, 6, 4, 5), *y = plain_layout (n, 9, 5),
                   *found = g_new (float, 2 * n);
  g_autofree double *expected = g_new0 (double, 2 * n);
  TsrAffinities *p = tsr_affinities_new (x, n, 6, 11, false, NULL, NULL);
  TsrAttraction *attraction = tsr_attraction_new (p, NULL);
  double logs = 0, entropy = 0, log_sum;
  for (size_t i = 0; i < n; i++)
    for (uint64_t t = p->row[i]; t < p->row[i + 1]; t++) {
      double dx = (double)y[2 * i] - y[2 * p->column[t]],
             dy = (double)y[2 * i + 1] - y[2 * p->column[t] + 1];
      double w = 1 + dx * dx + dy * dy, value = p->value[t];
      expected[2 * i] += value / w * dx;
      expected[2 * i + 1] += value / w * dy;
      logs += value * log (w);
      entropy += value > 0 ? value * log (value) : 0;
    }
  tsr_attraction_run (attraction, y, found, &log_sum);
  g_assert_cmpfloat (plain_error (found, expected, 2 * n), <, 2e-6);
  g_assert_cmpfloat_with_epsilon (log_sum, logs, 2e-6 * logs);
  g_assert_cmpfloat_with_epsilon (tsr_attraction_entropy (attraction), entropy,
                                  1e-9 * fabs (entropy));
  tsr_attraction_free (attraction);

  /* the same with the rows in another order */
  g_autofree uint32_t *order = g_new (uint32_t, n);
  g_autofree float *moved = g_new (float, 2 * n);
  TsrRandom random;
  tsr_random_init (&random, 1, 2);
  for (size_t i = 0; i < n; i++)
    order[i] = (uint32_t)i;
  tsr_random_shuffle (&random, order, n);
  for (size_t i = 0; i < n; i++)
    memcpy (moved + 2 * i, y + 2 * (size_t)order[i], 2 * sizeof *y);
  attraction = tsr_attraction_new (p, order);
  tsr_attraction_run (attraction, moved, found, &log_sum);
  for (size_t i = 0; i < n; i++)
    memcpy (moved + 2 * (size_t)order[i], found + 2 * i, 2 * sizeof *y);
  g_assert_cmpfloat (plain_error (moved, expected, 2 * n), <, 2e-6);
  g_assert_cmpfloat_with_epsilon (log_sum, logs, 2e-6 * logs);
  g_assert_cmpfloat_with_epsilon (tsr_attraction_entropy (attraction), entropy,
                                  1e-9 * fabs (entropy));
  tsr_attraction_free (attraction);
  tsr_affinities_free (p);
}

/* --- divergence and gradient --- */

static double
plain_kl (const TsrAffinities *p, const double *y)
{
  double z = 0, kl = 0;
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < p->n; j++)
      z += j == i ? 0
                  : 1 / (1 + pow (y[2 * i] - y[2 * j], 2) + pow (y[2 * i + 1] - y[2 * j + 1], 2));
  for (size_t i = 0; i < p->n; i++)
    for (uint64_t t = p->row[i]; t < p->row[i + 1]; t++) {
      size_t j = p->column[t];
      double q = 1 / (1 + pow (y[2 * i] - y[2 * j], 2) + pow (y[2 * i + 1] - y[2 * j + 1], 2)) / z;
      kl += p->value[t] > 0 ? p->value[t] * log (p->value[t] / q) : 0;
    }
  return kl;
}

static void
test_gradient (void)
{
  for (int dense = 0; dense < 2; dense++) {
    size_t n = 45;
    g_autofree float *x = plain_blobs (n, 5, 3, 8), *y = plain_layout (n, 3, 8);
    g_autofree double *gradient = g_new (double, 2 * n), *moved = g_new (double, 2 * n);
    TsrAffinities *p = tsr_affinities_new (x, n, 5, 6, dense, NULL, NULL);
    double kl = tsr_tsne_kl_exact (p, y, gradient);
    for (size_t i = 0; i < 2 * n; i++)
      moved[i] = y[i];
    g_assert_cmpfloat_with_epsilon (kl, plain_kl (p, moved), 1e-12);
    g_assert_cmpfloat (tsr_tsne_kl_exact (p, y, NULL), ==, kl);
    for (size_t i = 0; i < 2 * n; i++) {
      const double h = 1e-5;
      moved[i] = y[i] + h;
      double above = plain_kl (p, moved);
      moved[i] = y[i] - h;
      double below = plain_kl (p, moved);
      moved[i] = y[i];
      /* the formula takes sum p = 1, the affinities are rounded to single precision */
      g_assert_cmpfloat_with_epsilon (gradient[i], (above - below) / (2 * h), 1e-8);
    }
    tsr_affinities_free (p);
  }
}

/* --- maps --- */

static void
assert_finite (const float *y, size_t n)
{
  for (size_t i = 0; i < 2 * n; i++)
    g_assert_true (isfinite (y[i]));
}

static void
test_map (void)
{
  for (int exact = 0; exact < 2; exact++) {
    size_t n = 1200, d = 10;
    g_autofree float *x = plain_blobs (n, d, 6, 11), *y = g_new (float, 2 * n),
                     *again = g_new (float, 2 * n);
    TsrTsneOptions options = {
        .seed = 4, .exact = exact, .exaggeration_iterations = 150, .iterations = 250};
    TsrTsneReport report;
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_tsne (x, n, d, &options, y, NULL, NULL, &report, NULL, &error));
    g_assert_no_error (error);
    assert_finite (y, n);
    g_assert_cmpfloat (plain_purity (y, n, 6), >, 0.99);
    g_assert_cmpint (report.iterations, ==, 400);
    g_assert_cmpfloat (report.perplexity, ==, 30);
    g_assert_cmpfloat (report.neighbours_s, >, 0);
    g_assert_cmpfloat (report.affinities_s, >, 0);
    g_assert_cmpfloat (report.total_s, >, 0);
    g_assert_cmpfloat_with_epsilon (
        report.total_s,
        report.neighbours_s + report.affinities_s + report.initialise_s + report.optimise_s, 0.1);
    TsrAffinities *p = tsr_affinities_new (x, n, d, 30, false, NULL, NULL);
    double kl = tsr_tsne_kl_exact (p, y, NULL);
    g_assert_cmpfloat_with_epsilon (report.kl, kl, 1e-3 * kl);
    g_assert_cmpfloat (kl, <, 1.3);
    tsr_affinities_free (p);
    g_assert_true (tsr_tsne (x, n, d, &options, again, NULL, NULL, NULL, NULL, &error));
    g_assert_cmpmem (y, 2 * n * sizeof *y, again, 2 * n * sizeof *again);
    options.seed = 5;
    g_assert_true (tsr_tsne (x, n, d, &options, again, NULL, NULL, NULL, NULL, &error));
    g_assert_cmpint (memcmp (y, again, 2 * n * sizeof *y), !=, 0);
  }
}

/* Another number of threads must not change a bit: prints the map's hash, for test_threads to
 * compare. */
static void
print_hash (void)
{
  const size_t sizes[2] = {5000, MANY};
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (int s = 0; s < 2; s++) {
    size_t n = sizes[s], d = 20;
    g_autofree float *x = plain_blobs (n, d, 9, 3), *y = g_new (float, 2 * n);
    TsrTsneOptions options = {.exaggeration_iterations = 20, .iterations = 30};
    g_assert_true (tsr_tsne (x, n, d, &options, y, NULL, NULL, NULL, NULL, NULL));
    g_checksum_update (sum, (const guchar *)y, (gssize)(2 * n * sizeof *y));
  }
  g_print ("%s\n", g_checksum_get_string (sum));
}

static const char *program;

static void
test_threads (void)
{
  check_threads (program);
}

typedef struct {
  int calls, stop_at, last;
  double kl;
  float *kept;
} Streamed;

static bool
stream (const float *y, size_t n, int iteration, int total, double kl, void *user)
{
  Streamed *streamed = user;
  g_assert_cmpint (iteration, >, streamed->last);
  g_assert_cmpint (iteration, <, total);
  g_assert_true (isfinite (kl) && kl > 0);
  assert_finite (y, n);
  streamed->calls++;
  streamed->last = iteration;
  streamed->kl = kl;
  memcpy (streamed->kept, y, 2 * n * sizeof *y);
  return iteration < streamed->stop_at;
}

static void
test_stream_and_stop (void)
{
  size_t n = 1500, d = 8;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *y = g_new (float, 2 * n),
                   *whole = g_new (float, 2 * n);
  g_autofree float *kept = g_new (float, 2 * n);
  TsrTsneOptions options = {.exaggeration_iterations = 40, .iterations = 60};
  Streamed streamed = {.stop_at = 1000, .kept = kept};
  TsrTsneReport report;
  g_assert_true (tsr_tsne (x, n, d, &options, whole, NULL, NULL, NULL, NULL, NULL));
  g_assert_true (tsr_tsne (x, n, d, &options, y, stream, &streamed, NULL, NULL, NULL));
  g_assert_cmpint (streamed.calls, >=, 9);
  g_assert_cmpmem (y, 2 * n * sizeof *y, whole,
                   2 * n * sizeof *whole); /* watching changes nothing */
  streamed = (Streamed){.stop_at = 50, .kept = kept};
  g_assert_true (tsr_tsne (x, n, d, &options, y, stream, &streamed, &report, NULL, NULL));
  g_assert_cmpint (report.iterations, ==, streamed.last);
  g_assert_cmpint (streamed.last, >=, 50);
  g_assert_cmpint (streamed.last, <=, 60);
  g_assert_cmpmem (y, 2 * n * sizeof *y, kept, 2 * n * sizeof *kept);
  g_assert_cmpfloat (report.kl, ==, streamed.kl);
}

/* A map that is continued from a layout, and one that begins from places somebody chose. */
static void
test_start (void)
{
  size_t n = 1500, d = 8;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *first = g_new (float, 2 * n),
                   *y = g_new (float, 2 * n), *kept = g_new0 (float, 2 * n);
  TsrTsneOptions options = {.exaggeration_iterations = 100, .iterations = 150};
  TsrTsneReport before, after;
  g_assert_true (tsr_tsne (x, n, d, &options, first, NULL, NULL, &before, NULL, NULL));
  options = (TsrTsneOptions){.iterations = 100, .start = first, .skip_exaggeration = true};
  g_assert_true (tsr_tsne (x, n, d, &options, y, NULL, NULL, &after, NULL, NULL));
  g_assert_cmpint (after.iterations, ==, 100);
  g_assert_cmpint (after.exaggeration_iterations, ==, 0);
  g_assert_cmpfloat (after.kl, <, before.kl);
  g_assert_cmpfloat (plain_purity (y, n, 5), >, 0.99);

  /* the layout is the one given, scale and all: nothing has moved far after a few iterations */
  options.iterations = 20;
  Streamed streamed = {.stop_at = 1, .kept = kept};
  g_assert_true (tsr_tsne (x, n, d, &options, y, stream, &streamed, &after, NULL, NULL));
  double moved = 0, size = 0;
  for (size_t i = 0; i < 2 * n; i++) {
    moved += pow (y[i] - first[i], 2);
    size += pow (first[i], 2);
  }
  g_assert_cmpfloat (moved, <, 0.01 * size);
  g_assert_cmpfloat (moved, >, 0);

  /* copies at one place come apart, and the seed says how */
  g_autofree float *nowhere = g_new0 (float, 2 * n);
  options = (TsrTsneOptions){.exaggeration_iterations = 100, .iterations = 100, .start = nowhere};
  g_assert_true (tsr_tsne (x, n, d, &options, y, NULL, NULL, &after, NULL, NULL));
  g_assert_cmpint (after.exaggeration_iterations, ==, 100);
  assert_finite (y, n);
  for (size_t i = 1; i < n; i++)
    g_assert_true (y[0] != y[2 * i] || y[1] != y[2 * i + 1]);

  g_autoptr (GError) error = NULL;
  nowhere[2 * 37 + 1] = NAN;
  g_assert_false (tsr_tsne (x, n, d, &options, y, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "tile 38."));
  const float three[6] = {4, 5, 6, 7, 8, 9};
  options.start = three;
  g_assert_true (tsr_tsne (x, 3, d, &options, y, NULL, NULL, NULL, NULL, NULL));
  g_assert_cmpmem (y, sizeof three, three, sizeof three);
}

/* Where neighbours are approximate and the arrays have an order of their own: places must still be
 * those of their rows. */
static void
test_many (void)
{
  size_t n = MANY, d = 6;
  g_autofree float *x = plain_blobs (n, d, 9, 2), *y = g_new (float, 2 * n),
                   *kept = g_new (float, 2 * n);
  TsrTsneOptions options = {
      .exaggeration_iterations = 100, .iterations = 30, .keep_neighbours = true};
  Streamed streamed = {.stop_at = 120, .kept = kept};
  TsrTsneReport report;
  g_assert_true (tsr_tsne (x, n, d, &options, y, stream, &streamed, &report, NULL, NULL));
  g_assert_cmpint (report.iterations, ==, streamed.last);
  g_assert_cmpmem (y, 2 * n * sizeof *y, kept, 2 * n * sizeof *kept);
  g_assert_cmpuint (report.k, ==, 90);
  g_assert_cmpfloat (tsr_knn_recall (x, n, d, report.k, report.neighbours, 200, 1), >, 0.95);
  g_free (report.neighbours);
  TsrAffinities *p = tsr_affinities_new (x, n, d, 30, false, NULL, NULL);
  double kl = tsr_tsne_kl_exact (p, y, NULL);
  g_assert_cmpfloat_with_epsilon (report.kl, kl, 1e-3 * kl);
  tsr_affinities_free (p);
  /* if rows were mixed up, it would be half of them */
  size_t together = 0;
  for (size_t i = 0; i + 9 < n; i++)
    together += hypotf (y[2 * i] - y[2 * (i + 9)], y[2 * i + 1] - y[2 * (i + 9) + 1]) <
                hypotf (y[2 * i] - y[2 * (i + 4)], y[2 * i + 1] - y[2 * (i + 4) + 1]);
  g_assert_cmpfloat ((double)together, >, 0.8 * (double)n);
}

/* When the KL divergence that is told was another one for the last time. */
typedef struct {
  double kl;
  int changed, shown;
} Told;

static bool
watch_kl (const float *y, size_t n, int iteration, int total, double kl, void *user)
{
  Told *told = user;
  if (told->shown == 0 || kl != told->kl)
    told->changed = iteration;
  told->kl = kl;
  told->shown++;
  g_assert_cmpint (iteration - told->changed, <, 10);
  return true;
}

/* Layouts are shown every 8 iterations here, which ten is no multiple of. */
static void
test_told_kl (void)
{
  size_t n = 12500, d = 3;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *y = g_new (float, 2 * n);
  g_autoptr (GError) error = NULL;
  Told told = {0};
  TsrTsneOptions options = {.perplexity = 5, .iterations = 50, .exaggeration_iterations = 10};
  g_assert_true (tsr_tsne (x, n, d, &options, y, watch_kl, &told, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (told.shown, ==, 7);
}

static void
cancel_later (double fraction, const char *stage, void *user)
{
  gpointer *pair = user;
  g_assert_nonnull (stage);
  g_assert_true (fraction >= 0 && fraction <= 1);
  if (--*(int *)pair[1] == 0)
    g_cancellable_cancel (pair[0]);
}

static void
test_cancel (void)
{
  size_t n = 1500, d = 8;
  g_autofree float *x = plain_blobs (n, d, 5, 2), *y = g_new (float, 2 * n);
  for (int after = 1; after < 40; after += 3) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    int left = after;
    gpointer pair[2] = {cancellable, &left};
    TsrProgress progress = {cancel_later, pair, cancellable};
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_tsne (x, n, d, NULL, y, NULL, NULL, NULL, &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
}

static void
test_small (void)
{
  for (size_t n = 1; n < 40; n += n < 8 ? 1 : 9)
    for (size_t d = 1; d < 8; d += 3)
      for (int kind = 0; kind < 3; kind++) {
        g_autofree float *x = plain_blobs (n, d, 2, n), *y = g_new (float, 2 * n);
        for (size_t i = 0; i < n * d && kind > 0; i++)
          x[i] = kind == 1 ? 3 : x[i % (2 * d) % (n * d)]; /* constant; two kinds of copies */
        g_autoptr (GError) error = NULL;
        TsrTsneReport report;
        g_assert_true (tsr_tsne (x, n, d, NULL, y, NULL, NULL, &report, NULL, &error));
        g_assert_no_error (error);
        assert_finite (y, n);
        g_assert_true (isfinite (report.kl) == (n >= 4)); /* fewer have no affinities */
        g_assert_false (signbit (report.kl) && n >= 4);
        for (size_t i = 0; i < 2 * n; i++)
          g_assert_cmpfloat (fabsf (y[i]), <, 1e4f);
        if (kind == 0 && n >= 16 && d >= 4) /* on a line the two kinds overlap */
          g_assert_cmpfloat (plain_purity (y, n, 2), >, 0.8);
      }
  float x[8] = {1, 2, 3, 4, 5, 6, NAN, 8}, y[8];
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_tsne (x, 4, 2, NULL, y, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "tile 4 "));
  g_clear_error (&error);
  g_assert_false (tsr_tsne (x, 0, 2, NULL, y, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
}

/* A large project of copies: what a folder of black tiles becomes. */
static void
test_copies (void)
{
  size_t n = 1100, d = 4;
  g_autofree float *x = g_new0 (float, n *d), *y = g_new (float, 2 * n);
  TsrTsneOptions options = {.exaggeration_iterations = 60, .iterations = 60};
  for (int kind = 0; kind < 2; kind++) {
    for (size_t i = 0; kind == 1 && i < n; i++)
      x[i * d] = i < 900 ? 0 : (float)i;
    g_assert_true (tsr_tsne (x, n, d, &options, y, NULL, NULL, NULL, NULL, NULL));
    assert_finite (y, n);
  }
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc > 1 && strcmp (argv[1], "--hash") == 0) {
    print_hash ();
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tsne/fft", test_fft);
  g_test_add_func ("/tsne/repulsion/exact", test_repulsion_exact);
  g_test_add_func ("/tsne/repulsion/interpolated", test_repulsion_interpolated);
  g_test_add_func ("/tsne/attraction", test_attraction);
  g_test_add_func ("/tsne/start", test_start);
  g_test_add_func ("/tsne/many", test_many);
  g_test_add_func ("/tsne/gradient", test_gradient);
  g_test_add_func ("/tsne/map", test_map);
  g_test_add_func ("/tsne/threads", test_threads);
  g_test_add_func ("/tsne/stream-and-stop", test_stream_and_stop);
  g_test_add_func ("/tsne/told-kl", test_told_kl);
  g_test_add_func ("/tsne/cancel", test_cancel);
  g_test_add_func ("/tsne/small", test_small);
  g_test_add_func ("/tsne/copies", test_copies);
  return g_test_run ();
}
