#include "fixture.h"

#include "tsr-demo.h"

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
