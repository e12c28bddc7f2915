/* tessera new: a folder of images, or whole slides, become a project. */

#include "tessera-slide-options.h"
#include "tessera-slide-regions.h"
#include "tsr-error.h"

#include <glib/gstdio.h>

static const TesseraOption options[] = {
    {.name = "tiles",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "The folder of images (subfolders too)"},
    {.name = "labels-from-folders",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Take the first folder below DIR as a tile's ground truth, and its name as a class"},
    TESSERA_SLIDE_OPTIONS,
    TESSERA_COMMON_OPTIONS};

static bool
fill (TesseraCli *cli, TsrProject *project, const char *folder, const TsrFolderScan *scan,
      GError **error)
{
  bool truth = tessera_options_flag (cli->options, "labels-from-folders");
  gint64 added = tsr_project_add_tiles (project, folder, scan, truth, &cli->progress, error);
  if (added < 0 || (truth && !tessera_add_truth_classes (cli, project, error)))
    return false;
  json_object_set_new (cli->result, "tiles", json_integer (added));
  tessera_cli_report_skipped (cli, scan->skipped);
  g_autofree char *shown = tessera_cli_shown (cli->arguments[0]);
  tessera_cli_print (cli, "%s: %" G_GINT64_FORMAT " %s, %u %s skipped.\n", shown, added,
                     tessera_cli_noun ((guint64)added, "tile", "tiles"), scan->skipped->len,
                     tessera_cli_noun (scan->skipped->len, "file", "files"));
  return true;
}

/* A project that could not be filled is no project. */
static void
remove_project (const char *path)
{
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *file = g_strconcat (path, endings[i], NULL);
    g_unlink (file);
  }
}

static bool
fill_from_slides (TesseraCli *cli, TsrProject *project, GError **error)
{
  TesseraSlidesAdded added;
  if (!tessera_add_slides (cli, project, &added, error))
    return false;
  json_object_set_new (cli->result, "tiles", json_integer (added.tiles));
  g_autofree char *shown = tessera_cli_shown (cli->arguments[0]);
  tessera_cli_print (cli, "%s: %u %s of %u %s, %u %s skipped.\n", shown, added.tiles,
                     tessera_cli_noun (added.tiles, "tile", "tiles"), added.slides,
                     tessera_cli_noun (added.slides, "slide", "slides"), added.skipped,
                     tessera_cli_noun (added.skipped, "file", "files"));
  return true;
}

static bool
make (TesseraCli *cli, const char *path, GError **error)
{
  const char *folder = tessera_options_text (cli->options, "tiles");
  g_autoptr (GPtrArray) refused = NULL;
  TsrFolderScan *scan =
      folder ? tsr_folder_scan_explained (folder, &refused, &cli->progress, error) : NULL;
  if (refused)
    tessera_cli_report_refused (cli, refused);
  TsrProject *project = scan || !folder ? tsr_project_create (path, error) : NULL;
  bool ok = project && (folder ? fill (cli, project, folder, scan, error)
                               : fill_from_slides (cli, project, error));
  if (project)
    tsr_project_close (project);
  if (project && !ok)
    remove_project (path);
  g_clear_pointer (&scan, tsr_folder_scan_free);
  return ok;
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *path = cli->arguments[0];
  if (!tessera_slide_options_check (cli, error))
    return false;
  if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK)) {
    g_autofree char *shown = g_filename_display_name (path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "“%s” already exists; choose another name, or add tiles to it with “tessera add”.",
                 shown);
    return false;
  }
  tessera_cli_set_text (cli->result, "project", path);
  return make (cli, path, error);
}

const TesseraCommand tessera_command_new = {
    .name = "new",
    .arguments = "PROJECT --tiles DIR | --slides FILE|DIR...",
    .summary = "Make a project from a folder of images, or from whole slides",
    .details = "Images and slides stay where they are; the project refers to them. What cannot be "
               "read is listed with its\nreason. Slides are cut into tiles where there is tissue.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
