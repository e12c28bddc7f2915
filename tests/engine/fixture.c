#include "fixture.h"

#include "tsr-demo.h"
#include "tsr-safetensors.h"

#include <string.h>

gint64
fixture_project_of (const char *path, const char *folder, bool truth)
{
  g_autoptr (GError) error = NULL;
  TsrFolderScan *scan = tsr_folder_scan (folder, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  gint64 n = tsr_project_add_tiles (project, folder, scan, truth, NULL, &error);
  g_assert_no_error (error);
  tsr_folder_scan_free (scan);
  return n;
}

char *
fixture_project (unsigned each, bool truth)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tessera-engine-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL);
  char *path = g_build_filename (folder, "p.tessera", NULL);
  g_assert_true (tsr_demo_write (tiles, each, 16, 1, NULL, &error));
  g_assert_cmpint (fixture_project_of (path, tiles, truth), ==, each * tsr_demo_n_classes ());
  return path;
}

TsrTrainJob
fixture_training (char *path, double kimg)
{
  TsrTrainJob job = {.project = path, .options = tsr_train_options_default ()};
  job.options.resolution = 16;
  job.options.channel_base = 64;
  job.options.channel_max = 8;
  job.options.w_dim = 8;
  job.options.batch = 4;
  job.options.kimg = kimg;
  return job;
}

TsrTrainJob
fixture_small_training (char *path, double kimg)
{
  TsrTrainJob job = fixture_training (path, kimg);
  job.options.channel_base = 128;
  job.options.mapping_layers = 2;
  job.options.batch = 8;
  job.options.seed = 3;
  return job;
}

void
fixture_train (TsrEngine *engine, TsrTrainJob *job)
{
  g_autoptr (GError) error = NULL;
  tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, job, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (job->kept);
}

TsrTrainJob
fixture_resumption (char *path, double kimg)
{
  TsrTrainJob job = {.project = path, .options = tsr_train_options_default ()};
  job.options.kimg = kimg;
  job.options.resume = true;
  return job;
}

char *
fixture_model (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  return tsr_project_get_model (project);
}

unsigned
fixture_differing (const char *a, const char *b, const char *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) x = tsr_safetensors_open (a, &error);
  g_autoptr (TsrSafetensors) y = tsr_safetensors_open (b, &error);
  g_assert_no_error (error);
  unsigned differ = 0, seen = 0;
  for (size_t k = 0; k < tsr_safetensors_count (x); k++) {
    const TsrTensorInfo *t = tsr_safetensors_at (x, k);
    size_t n = tsr_tensor_count (t);
    if (!g_str_has_prefix (t->name, prefix))
      continue;
    g_autofree float *p = g_new (float, n), *q = g_new (float, n);
    g_assert_true (tsr_safetensors_read_f32 (x, t->name, p, n, &error));
    g_assert_true (tsr_safetensors_read_f32 (y, t->name, q, n, &error));
    differ += memcmp (p, q, n * sizeof (float)) != 0;
    seen++;
  }
  g_assert_cmpuint (seen, >, 0);
  return differ;
}

GArray *
fixture_curve (const char *path, const char *series)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  GArray *curve = tsr_project_series (project, series, &error);
  g_assert_no_error (error);
  return curve;
}

double
fixture_number (const char *model, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_no_error (error);
  const char *text = tsr_safetensors_metadata (file, key);
  g_assert_nonnull (text);
  return g_ascii_strtod (text, NULL);
}

static void
hear (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  FixtureHeard *heard = user;
  if (!snapshot->message || g_strcmp0 (snapshot->message, heard->message) == 0)
    return;
  g_free (heard->message);
  heard->message = g_strdup (snapshot->message);
  heard->messages++;
}

bool
fixture_run_heard (TsrEngine *engine, TsrTrainJob *job, FixtureHeard *heard, GError **error)
{
  TsrMailbox *mailbox = tsr_mailbox_new (hear, heard, (GDestroyNotify)tsr_train_snapshot_free);
  job->snapshots = mailbox;
  job->checkpoint_s = 1e-6;
  bool ok = tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, job, NULL, error);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  tsr_mailbox_unref (mailbox);
  return ok;
}
