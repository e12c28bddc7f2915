/* The map that UMAP makes: as good as the paper's order of steps, repeatable for any number of
 * threads, stoppable, sensible for any number of tiles. */

#include "plain-umap.h"
#include "threads.h"
#include "tsr-error.h"
#include "tsr-trust.h"

#include <stdlib.h>

#define MANY 20500 /* more than are compared exactly */

static void
assert_finite (const float *y, size_t n)
{
  for (size_t i = 0; i < 2 * n; i++)
    g_assert_true (isfinite (y[i]));
}

static void
test_few (void)
{
  for (size_t n = 1; n < 40; n += n < 6 ? 1 : 11)
    for (int kind = 0; kind < 3; kind++) { /* apart, copies, all the same */
      g_autofree float *x = plain_cloud (n, 3, 2, kind == 1, n), *y = g_new (float, 2 * n);
      for (size_t i = 0; kind == 2 && i < n * 3; i++)
        x[i] = 7;
      TsrUmapReport report;
      g_assert_true (tsr_umap (x, n, 3, NULL, y, NULL, NULL, &report, NULL, NULL));
      assert_finite (y, n);
      g_assert_cmpuint (report.neighbours, ==, n < 4 ? 0 : MIN (15, n - 1));
      g_assert_cmpint (report.epochs, ==, n < 4 ? 0 : TSR_UMAP_EPOCHS_FEW);
      for (size_t i = 0; i < 2 * n; i++)
        g_assert_cmpfloat (fabs (y[i]), <, 100);
    }
}

static void
test_bad (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *x = plain_cloud (10, 3, 2, false, 1), *y = g_new (float, 20),
                   *start = g_new0 (float, 20);
  g_assert_false (tsr_umap (x, 0, 3, NULL, y, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_clear_error (&error);
  start[7] = NAN;
  TsrUmapOptions options = {.start = start};
  g_assert_false (tsr_umap (x, 10, 3, &options, y, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "tile 4."));
  g_clear_error (&error);
  x[14] = NAN;
  g_assert_false (tsr_umap (x, 10, 3, NULL, y, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
}

/* The paper's algorithm 5 as umap-learn runs it: one edge after the other, both ends move, in
 * double. */
static void
plain_umap (const TsrAffinities *graph, const TsrUmapCurve *curve, unsigned epochs, double *y)
{
  TsrRandom random;
  tsr_random_init (&random, 1, 2);
  g_autofree double *due = g_new0 (double, graph->nnz);
  double at[2], pull[2], push[2];
  float largest = 0;
  for (uint64_t t = 0; t < graph->nnz; t++)
    largest = fmaxf (largest, graph->value[t]);
  for (unsigned epoch = 0; epoch < epochs; epoch++) {
    double rate = 1 - (double)epoch / epochs;
    for (size_t i = 0; i < graph->n; i++)
      for (uint64_t t = graph->row[i]; t < graph->row[i + 1]; t++) {
        double *own = y + 2 * i, *other = y + 2 * (size_t)graph->column[t];
        due[t] += graph->value[t] / largest;
        if (due[t] < 1)
          continue;
        due[t] -= 1;
        for (int a = 0; a < 2; a++)
          at[a] = own[a] - other[a];
        plain_forces (curve, at, pull, push);
        for (int a = 0; a < 2; a++) {
          own[a] += rate * pull[a];
          other[a] -= rate * pull[a];
        }
        for (int k = 0; k < TSR_UMAP_NEGATIVES; k++) {
          other = y + 2 * (size_t)tsr_random_below (&random, (uint32_t)graph->n);
          for (int a = 0; a < 2; a++)
            at[a] = own[a] - other[a];
          plain_forces (curve, at, pull, push);
          for (int a = 0; a < 2; a++)
            own[a] += rate * push[a];
        }
      }
  }
}

/* As good a map as the paper's own order of steps makes, clusters together and apart. Single
 * neighbours t-SNE keeps better. */
static void
check_quality (size_t n, size_t d, size_t clusters)
{
  g_autofree float *x = plain_cloud (n, d, clusters, false, 4), *y = g_new (float, 2 * n),
                   *plain = g_new (float, 2 * n), *tsne = g_new (float, 2 * n);
  g_autofree double *exact = g_new (double, 2 * n);
  g_autofree uint32_t *unused = NULL;
  TsrTrust found, expected, other;
  g_assert_true (tsr_umap (x, n, d, NULL, y, NULL, NULL, NULL, NULL, NULL));
  TsrAffinities *graph = tsr_umap_graph (x, n, d, 15, NULL, &unused, NULL, NULL);
  TsrUmapCurve curve = tsr_umap_curve (0.1, 1);
  TsrUmapOptions start = {.epochs = 1}; /* begins alike */
  g_assert_true (tsr_umap (x, n, d, &start, plain, NULL, NULL, NULL, NULL, NULL));
  for (size_t i = 0; i < 2 * n; i++)
    exact[i] = plain[i];
  plain_umap (graph, &curve, TSR_UMAP_EPOCHS_FEW, exact);
  for (size_t i = 0; i < 2 * n; i++)
    plain[i] = (float)exact[i];
  tsr_affinities_free (graph);
  g_assert_true (tsr_tsne (x, n, d, NULL, tsne, NULL, NULL, NULL, NULL, NULL));
  g_assert_true (tsr_trust (x, n, d, y, 10, NULL, &found, NULL, NULL));
  g_assert_true (tsr_trust (x, n, d, plain, 10, NULL, &expected, NULL, NULL));
  g_assert_true (tsr_trust (x, n, d, tsne, 10, NULL, &other, NULL, NULL));
  g_test_message ("%zu x %zu: kept %.3f (paper's order %.3f, t-SNE %.3f), trustworthiness %.4f "
                  "(%.4f, %.4f), continuity %.4f (%.4f, %.4f)",
                  n, d, found.kept, expected.kept, other.kept, found.trustworthiness,
                  expected.trustworthiness, other.trustworthiness, found.continuity,
                  expected.continuity, other.continuity);
  g_assert_cmpfloat (found.kept, >, 0.95 * expected.kept);
  g_assert_cmpfloat (found.trustworthiness, >, expected.trustworthiness - 0.005);
  g_assert_cmpfloat (found.continuity, >, expected.continuity - 0.005);
  g_assert_cmpfloat (found.trustworthiness, >, other.trustworthiness - 0.03);
}

static void
test_quality (void)
{
  check_quality (600, 4, 3);
  check_quality (900, 12, 6);
}

typedef struct {
  int calls, stop_at, last;
  float *kept;
} Streamed;

static bool
stream (const float *y, size_t n, int iteration, int total, double kl, void *user)
{
  Streamed *streamed = user;
  g_assert_cmpint (iteration, >, streamed->last);
  g_assert_cmpint (iteration, <, total);
  g_assert_true (isnan (kl));
  assert_finite (y, n);
  streamed->calls++;
  streamed->last = iteration;
  memcpy (streamed->kept, y, 2 * n * sizeof *y);
  return iteration < streamed->stop_at;
}

static void
check_stream (size_t n)
{
  g_autofree float *x = plain_cloud (n, 8, 5, false, 2), *y = g_new (float, 2 * n),
                   *whole = g_new (float, 2 * n), *kept = g_new (float, 2 * n);
  TsrUmapOptions options = {.epochs = 60};
  Streamed streamed = {.stop_at = 1000, .kept = kept};
  TsrUmapReport report;
  g_assert_true (tsr_umap (x, n, 8, &options, whole, NULL, NULL, NULL, NULL, NULL));
  g_assert_true (tsr_umap (x, n, 8, &options, y, stream, &streamed, NULL, NULL, NULL));
  g_assert_cmpint (streamed.calls, >=, 5);
  g_assert_cmpmem (y, 2 * n * sizeof *y, whole, 2 * n * sizeof *whole);
  streamed = (Streamed){.stop_at = 30, .kept = kept};
  g_assert_true (tsr_umap (x, n, 8, &options, y, stream, &streamed, &report, NULL, NULL));
  g_assert_cmpint (report.epochs, ==, streamed.last);
  g_assert_cmpint (streamed.last, >=, 30);
  g_assert_cmpint (streamed.last, <, 41);
  g_assert_cmpmem (y, 2 * n * sizeof *y, kept, 2 * n * sizeof *kept);
}

static void
test_stream_and_stop (void)
{
  check_stream (1200);
  check_stream (MANY);
}

static void
report_progress (double fraction, const char *stage, void *user)
{
  if (fraction > 0.5)
    g_cancellable_cancel (user);
}

static void
test_cancel (void)
{
  size_t n = 1500;
  g_autofree float *x = plain_cloud (n, 8, 5, false, 2), *y = g_new (float, 2 * n);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  TsrProgress progress = {report_progress, cancellable, cancellable};
  TsrUmapReport report;
  g_assert_false (tsr_umap (x, n, 8, NULL, y, NULL, NULL, &report, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (report.epochs, <, TSR_UMAP_EPOCHS_FEW / 2);
  g_clear_error (&error);
  g_assert_false (tsr_umap (x, n, 8, NULL, y, NULL, NULL, NULL, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A map begun from another lies as that does; its size does not matter. */
static void
test_start (void)
{
  size_t n = 800;
  g_autofree float *x = plain_cloud (n, 8, 5, false, 2), *first = g_new (float, 2 * n),
                   *y = g_new (float, 2 * n), *again = g_new (float, 2 * n);
  TsrUmapOptions options = {.seed = 1};
  g_assert_true (tsr_umap (x, n, 8, &options, first, NULL, NULL, NULL, NULL, NULL));
  g_autofree float *mirrored = g_memdup2 (first, 2 * n * sizeof *first);
  for (size_t i = 0; i < n; i++)
    mirrored[2 * i] *= -1;
  options = (TsrUmapOptions){.seed = 2, .start = mirrored};
  g_assert_true (tsr_umap (x, n, 8, &options, y, NULL, NULL, NULL, NULL, NULL));
  double product = 0;
  for (size_t i = 0; i < 2 * n; i++)
    product += (double)y[i] * mirrored[i];
  g_assert_cmpfloat (product, >, 0);
  for (size_t i = 0; i < 2 * n; i++)
    mirrored[i] *= 4; /* a power of two, so that the same numbers come of it */
  g_assert_true (tsr_umap (x, n, 8, &options, again, NULL, NULL, NULL, NULL, NULL));
  g_assert_cmpmem (y, 2 * n * sizeof *y, again, 2 * n * sizeof *again);
}

/* --- threads --- */

static void
print_hash (void)
{
  const size_t sizes[3] = {37, 5000, MANY};
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (int s = 0; s < 3; s++) {
    size_t n = sizes[s], d = 20;
    g_autofree float *x = plain_cloud (n, d, 9, true, 3), *y = g_new (float, 2 * n);
    TsrUmapOptions options = {.epochs = 40};
    g_assert_true (tsr_umap (x, n, d, &options, y, NULL, NULL, NULL, NULL, NULL));
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

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 2 && strcmp (argv[1], "--hash") == 0) {
    print_hash ();
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/umap/few", test_few);
  g_test_add_func ("/umap/bad", test_bad);
  g_test_add_func ("/umap/quality", test_quality);
  g_test_add_func ("/umap/stream", test_stream_and_stop);
  g_test_add_func ("/umap/cancel", test_cancel);
  g_test_add_func ("/umap/start", test_start);
  g_test_add_func ("/umap/threads", test_threads);
  return g_test_run ();
}
