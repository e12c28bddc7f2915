/* tessera add: new tiles join a project; its model and map take them in. */

#include "tessera-slide-options.h"
#include "tsr-error.h"
#include "tsr-jobs.h"

static const TesseraOption options[] = {
    {.name = "tiles",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "The folder of images (subfolders too)"},
    {.name = "labels-from-folders",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Take the first folder below DIR as a tile's ground truth"},
    TESSERA_SLIDE_OPTIONS,
    TESSERA_DEVICE_OPTION,
    TESSERA_COMMON_OPTIONS};

/* Embeds what has no vector yet, if there is a model and other tiles have been embedded with it. */
static bool
embed (TesseraCli *cli, TsrProject *project, uint32_t *embedded, GError **error)
{
  g_autofree char *model = tsr_project_get_model (project);
  g_autofree float *w = NULL;
  uint32_t d;
  if (!model || !tsr_project_get_vectors (project, &w, &d, NULL, error))
    return !*error;
  TsrEmbedJob job = {.project = cli->arguments[0], .only_missing = true, .progress = cli->progress};
  if (!tessera_cli_run_job (cli, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &job, error))
    return false;
  *embedded = job.embedded;
  if (job.remark)
    tessera_cli_note (cli, "%s", job.remark);
  return true;
}

static bool
place (TesseraCli *cli, uint32_t *placed, GError **error)
{
  TsrPlaceJob job = {.project = cli->arguments[0], .progress = cli->progress};
  bool ok = tessera_cli_run_job (cli, "place", TSR_ENGINE_NO_DEVICE, tsr_job_place, &job, error);
  *placed = job.placed;
  return ok;
}

/* Returns how many tiles joined, or -1. */
static gint64
add_folder (TesseraCli *cli, TsrProject *project, const char *folder, guint *skipped,
            GError **error)
{
  g_autoptr (GPtrArray) refused = NULL;
  TsrFolderScan *scan = tsr_folder_scan_explained (folder, &refused, &cli->progress, error);
  if (refused)
    tessera_cli_report_refused (cli, refused);
  if (!scan)
    return -1;
  bool truth = tessera_options_flag (cli->options, "labels-from-folders");
  gint64 added = tsr_project_add_tiles (project, folder, scan, truth, &cli->progress, error);
  if (added >= 0)
    tessera_cli_report_skipped (cli, scan->skipped);
  *skipped = scan->skipped->len;
  tsr_folder_scan_free (scan);
  return added;
}

static gint64
add_slides (TesseraCli *cli, TsrProject *project, guint *skipped, GError **error)
{
  TesseraSlidesAdded added;
  bool ok = tessera_add_slides (cli, project, &added, error);
  *skipped = added.skipped;
  return ok ? (gint64)added.tiles : -1;
}

/* What joined gets its vectors and places. */
static bool
take_in (TesseraCli *cli, TsrProject *project, gint64 added, guint skipped, GError **error)
{
  g_autoptr (GError) cause = NULL;
  uint32_t embedded = 0, placed = 0;
  json_object_set_new (cli->result, "added", json_integer (added));
  json_object_set_new (cli->result, "tiles", json_integer (tsr_project_n_tiles (project)));
  if (!embed (cli, project, &embedded, &cause) || !place (cli, &placed, &cause)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  json_object_set_new (cli->result, "embedded", json_integer (embedded));
  json_object_set_new (cli->result, "placed", json_integer (placed));
  tessera_cli_print (
      cli, "%" G_GINT64_FORMAT " %s joined (%u %s skipped), %u embedded, %u placed on the map.\n",
      added, tessera_cli_noun ((guint64)added, "tile", "tiles"), skipped,
      tessera_cli_noun (skipped, "file", "files"), embedded, placed);
  return tessera_cli_report_map (cli, project, error);
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *folder = tessera_options_text (cli->options, "tiles");
  if (!tessera_slide_options_check (cli, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  guint skipped = 0;
  gint64 added = !project ? -1
                 : folder ? add_folder (cli, project, folder, &skipped, error)
                          : add_slides (cli, project, &skipped, error);
  return added >= 0 && take_in (cli, project, added, skipped, error);
}

const TesseraCommand tessera_command_add = {
    .name = "add",
    .arguments = "PROJECT --tiles DIR | --slides FILE|DIR...",
    .summary = "Add a folder of images, or whole slides, to a project",
    .details =
        "Tiles that are there already stay as they are. If the project has a model and a "
        "map, the new tiles are embedded\n"
        "and placed beside their nearest neighbours in W on the map, which stays as it is, so "
        "that the labels apply to them\nat once.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
