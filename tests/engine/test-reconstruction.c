/* How well the model sees a tile: the measures against plain arithmetic, the scores of a set, and
 * the job that stores them. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-random.h"
#include "tsr-reconstruction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
check_compare (int size, int channels, uint64_t seed, bool flat)
{
  size_t n = (size_t)size * (size_t)size * (size_t)channels;
  g_autofree uint8_t *a = g_new (uint8_t, n), *b = g_new (uint8_t, n);
  TsrRandom random;
  tsr_random_init (&random, seed, 0);
  for (size_t k = 0; k < n; k++) {
    a[k] = flat ? 230 : (uint8_t)tsr_random_below (&random, 256);
    b[k] = (uint8_t)tsr_random_below (&random, 200);
  }
  int block = size / 8;
  double coarse = 0, wrong = 0, variance = 0;
  for (int c = 0; c < channels; c++) {
    double mean = 0, spread = 0;
    for (int v = 0; v < 8; v++)
      for (int u = 0; u < 8; u++) {
        double ma = 0, mb = 0;
        for (int y = 0; y < block; y++)
          for (int x = 0; x < block; x++) {
            size_t at = (size_t)(((v * block + y) * size + u * block + x) * channels + c);
            ma += a[at] / 127.5 / (block * block);
            mb += b[at] / 127.5 / (block * block);
          }
        coarse += (ma - mb) * (ma - mb) / (64 * channels);
      }
    for (int p = 0; p < size * size; p++)
      mean += a[p * channels + c] / 127.5 / (size * size);
    for (int p = 0; p < size * size; p++)
      spread += pow (a[p * channels + c] / 127.5 - mean, 2) / (size * size);
    variance += spread / channels;
  }
  for (size_t k = 0; k < n; k++)
    wrong += pow ((a[k] - b[k]) / 127.5, 2) / (double)n;
  TsrReconstructionError e = tsr_reconstruction_compare (a, b, size, channels);
  g_assert_cmpfloat_with_epsilon (e.coarse, sqrt (coarse), 1e-9);
  g_assert_cmpfloat_with_epsilon (e.missed, log ((wrong + 1e-6) / (variance + 1e-3)), 1e-6);
  e = tsr_reconstruction_compare (a, a, size, channels);
  g_assert_cmpfloat (e.coarse, ==, 0);
  g_assert_true (isfinite (e.missed));
}

static void
test_compare (void)
{
  for (int size = 16; size <= 64; size *= 2)
    for (int channels = 1; channels <= 3; channels += 2) {
      check_compare (size, channels, (uint64_t)size, false);
      check_compare (size, channels, (uint64_t)size, true);
    }
}

static int
by_size (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
plain_median (const double *values, size_t n)
{
  double sorted[64];
  memcpy (sorted, values, n * sizeof *sorted);
  qsort (sorted, n, sizeof *sorted, by_size);
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static double
plain_z (const double *values, size_t n, double x)
{
  double away[64], middle = plain_median (values, n);
  for (size_t k = 0; k < n; k++)
    away[k] = fabs (values[k] - middle);
  return 0.6745 * (x - middle) / plain_median (away, n);
}

static void
test_scores (void)
{
  for (size_t n = 3; n < 50; n++) {
    TsrReconstructionError errors[52];
    double coarse[52], missed[52];
    float score[52], again[52];
    TsrRandom random;
    tsr_random_init (&random, n, 1);
    for (size_t k = 0; k < n; k++)
      errors[k] = (TsrReconstructionError){coarse[k] = tsr_random_uniform (&random),
                                           missed[k] = tsr_random_normal (&random)};
    errors[n] = (TsrReconstructionError){NAN, NAN}; /* not known: left out */
    tsr_reconstruction_scores (errors, n + 1, score);
    g_assert_true (isnan (score[n]));
    for (size_t k = 0; k < n; k++)
      g_assert_cmpfloat_with_epsilon (
          (double)score[k],
          CLAMP (fmax (plain_z (coarse, n, coarse[k]), plain_z (missed, n, missed[k])), -99.0,
                 99.0),
          1e-4);
    for (size_t k = 0; k < n / 2; k++) { /* in another order, the same */
      TsrReconstructionError t = errors[k];
      errors[k] = errors[n - 1 - k];
      errors[n - 1 - k] = t;
    }
    tsr_reconstruction_scores (errors, n + 1, again);
    for (size_t k = 0; k < n; k++)
      g_assert_cmpfloat (again[k], ==, score[n - 1 - k]);
  }
  /* One, two, and all alike but one. */
  TsrReconstructionError same[9];
  float score[9];
  for (int k = 0; k < 9; k++)
    same[k] = (TsrReconstructionError){0.1, -1};
  same[4].coarse = 0.2;
  tsr_reconstruction_scores (same, 1, score);
  g_assert_cmpfloat (score[0], ==, 0);
  tsr_reconstruction_scores (same, 9, score);
  for (int k = 0; k < 9; k++)
    g_assert_cmpfloat (score[k], ==, k == 4 ? 99 : 0);
  tsr_reconstruction_scores (same, 0, score);
}

static const TsrColumn *
find_column (const GPtrArray *columns)
{
  for (guint k = 0; k < columns->len; k++)
    if (g_str_equal (((const TsrColumn *)columns->pdata[k])->name, TSR_RECONSTRUCTION_COLUMN))
      return columns->pdata[k];
  return NULL;
}

static GPtrArray *
columns_of (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  GPtrArray *columns = tsr_project_columns (project, &error);
  g_assert_no_error (error);
  return columns;
}

/* The column goes with the vectors of another model, and stays with those of the same. */
static void
check_embedding (TsrEngine *engine, char *path)
{
  g_autoptr (GError) error = NULL;
  TsrEmbedJob embed = {.project = path};
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  TsrReconstructJob job = {.project = path};
  g_assert_true (tsr_engine_run (engine, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct,
                                 &job, NULL, &error));
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_autoptr (GPtrArray) kept = columns_of (path);
  g_assert_nonnull (find_column (kept));
  embed.upright = true;
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  embed.untrained = true;
  embed.upright = false;
  embed.options = fixture_training (path, 1).options;
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_autoptr (GPtrArray) gone = columns_of (path);
  g_assert_null (find_column (gone));
}

static void
test_job (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture_project (5, false);
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  TsrReconstructJob job = {.project = path};
  g_assert_false (tsr_engine_run (engine, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct,
                                  &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);

  TsrTrainJob training = fixture_training (path, 0.1);
  fixture_train (engine, &training);
  uint32_t excluded = 3;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_exclude (project, &excluded, 1, true, "test", NULL, &error));
  tsr_project_close (project);
  g_assert_true (tsr_engine_run (engine, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct,
                                 &job, NULL, &error));
  g_assert_cmpuint (job.compared, ==, 39);
  g_autoptr (GPtrArray) columns = columns_of (path), second = NULL;
  const TsrColumn *column = find_column (columns);
  g_assert_nonnull (column);
  uint32_t flagged = 0;
  for (uint32_t k = 0; k < column->n; k++) {
    g_assert_true (isnan (tsr_column_number (column, k)) == (k == excluded));
    flagged += tsr_column_number (column, k) > TSR_RECONSTRUCTION_LIMIT;
  }
  g_assert_cmpuint (flagged, ==, job.flagged);

  /* Again, the same. */
  g_assert_true (tsr_engine_run (engine, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct,
                                 &job, NULL, &error));
  g_assert_cmpuint (job.compared, ==, 39);
  second = columns_of (path);
  for (uint32_t k = 0; k < column->n; k++)
    g_assert_cmpstr (tsr_column_text (column, k), ==, tsr_column_text (find_column (second), k));

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_false (tsr_engine_run (engine, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct,
                                  &job, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  check_embedding (engine, path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reconstruction/compare", test_compare);
  g_test_add_func ("/reconstruction/scores", test_scores);
  g_test_add_func ("/reconstruction/job", test_job);
  return g_test_run ();
}
