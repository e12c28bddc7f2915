/* tessera bench embed: from files on disk to vectors in W, decoding included. */

#include "tessera-bench.h"
#include "tessera-train-options.h"
#include "tsr-demo.h"
#include "tsr-error.h"
#include "tsr-bench.h"
#include "tsr-file.h"
#include "tsr-jobs.h"
#include "tsr-model-file.h"
#include "tsr-project.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>

static const TesseraOption options[] = {
    {.name = "n",
     .letter = 'n',
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .help = "Tiles",
     .fallback = "2000",
     .min = 1,
     .max = 1e6},
    {.name = "size",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Of the tiles on disk",
     .fallback = "64",
     .min = 16,
     .max = 1024},
    {.name = "model",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Embed with this model (default: an untrained one of the shape below)"},
    {.name = "upright",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Read each tile once as it lies, instead of in all orientations"},
    {.name = "precision",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "f32,bf16",
     .help = "Of the convolutions' inputs",
     .fallback = "f32"},
    TESSERA_MODEL_OPTIONS,
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

static int
remove_one (const char *path, const struct stat *info, int kind, struct FTW *place)
{
  return remove (path);
}

static bool
make_project (TesseraCli *cli, const char *folder, const char *path, GError **error)
{
  unsigned n = (unsigned)tessera_options_integer (cli->options, "n"),
           classes = tsr_demo_n_classes ();
  int size = (int)tessera_options_integer (cli->options, "size");
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL);
  if (!tsr_demo_write (tiles, (n + classes - 1) / classes, size, 1, &cli->progress, error))
    return false;
  TsrFolderScan *scan = tsr_folder_scan (tiles, &cli->progress, error);
  g_autoptr (TsrProject) project = scan ? tsr_project_create (path, error) : NULL;
  if (scan && scan->tiles->len > n)
    g_ptr_array_set_size (scan->tiles, (gint)n);
  bool ok =
      project && tsr_project_add_tiles (project, tiles, scan, false, &cli->progress, error) >= 0;
  g_clear_pointer (&scan, tsr_folder_scan_free);
  return ok;
}

static bool
check_model (const char *path, GError **error)
{
  TsrModelConfig config;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  return file && tsr_model_config_read (file, &config, error);
}

/* Everything that can be wrong with what was asked for, before the tiles are drawn: the shape, the
 * model, the device, whose ceiling is measured on the way. */
static bool
prepare (TesseraCli *cli, TsrEmbedJob *job, TsrSpeedProbe *probe, GError **error)
{
  return tessera_train_options (cli, &job->options, error) &&
         (!job->model || check_model (job->model, error)) &&
         tessera_cli_run_job (cli, "speed", TSR_ENGINE_DEVICE, tsr_job_speed_probe, probe, error);
}

/* Twice: the first time kernels may have to be compiled. */
static bool
measure (TesseraCli *cli, TsrEmbedJob *job, double *first, GError **error)
{
  if (!tessera_cli_run_job (cli, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, job, error))
    return false;
  *first = job->tiles_per_s;
  return tessera_cli_run_job (cli, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, job, error);
}

static void
report (TesseraCli *cli, const TsrEmbedJob *job, const TsrSpeedProbe *probe, double first)
{
  int64_t peak = tessera_bench_peak_memory ();
  json_object_set_new (cli->result, "n", json_integer (job->embedded));
  json_object_set_new (cli->result, "size",
                       json_integer (tessera_options_integer (cli->options, "size")));
  tessera_cli_set_number (cli->result, "tiles_per_s", job->tiles_per_s);
  tessera_cli_set_number (cli->result, "tiles_per_s_cold", first);
  tessera_cli_set_number (cli->result, "gflop_per_s", job->gflop_per_s);
  tessera_cli_set_number (cli->result, "ceiling_gflop_per_s", probe->forward_gflop_per_s);
  tessera_cli_set_number (cli->result, "ratio", job->gflop_per_s / probe->forward_gflop_per_s);
  tessera_bench_report_memory (cli, peak);
  tessera_cli_print (cli,
                     "%u tiles of %d px: %.1f tiles/s (%.1f with the preparation of the first "
                     "time), peak memory %.0f MiB\n",
                     job->embedded, (int)tessera_options_integer (cli->options, "size"),
                     job->tiles_per_s, first, (double)peak / (1 << 20));
  tessera_cli_print (cli,
                     "  %.1f GFLOP/s of %.1f that forward convolutions reach: %.0f %%, decoding "
                     "included\n",
                     job->gflop_per_s, probe->forward_gflop_per_s,
                     100 * job->gflop_per_s / probe->forward_gflop_per_s);
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *model = tessera_options_text (cli->options, "model");
  g_autofree char *folder = g_build_filename (g_get_tmp_dir (), "tessera-bench-XXXXXX", NULL),
                  *absolute = model ? g_canonicalize_filename (model, NULL) : NULL;
  TsrEmbedJob job = {.model = absolute,
                     .untrained = !model,
                     .upright = tessera_options_flag (cli->options, "upright"),
                     .precision = tessera_train_precision (cli),
                     .progress = cli->progress};
  TsrSpeedProbe probe = {.precision = job.precision, .progress = cli->progress};
  if (!prepare (cli, &job, &probe, error))
    return false;
  if (!g_mkdtemp (folder)) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", folder, errno);
    return false;
  }
  g_autofree char *path = g_build_filename (folder, "bench.tessera", NULL);
  double first = 0;
  job.project = path;
  bool ok = make_project (cli, folder, path, error) && measure (cli, &job, &first, error);
  if (ok)
    report (cli, &job, &probe, first);
  nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  return ok;
}

const TesseraCommand tessera_bench_embed = {
    .name = "bench embed",
    .arguments = "",
    .summary = "Time embedding, end to end from files on disk",
    .details = "The tiles are those of the demonstration, in a folder for temporary files.",
    .options = options,
    .run = run,
};
