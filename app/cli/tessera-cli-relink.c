/* tessera relink: slides that have been moved. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-project-slides.h"

static const TesseraOption options[] = {
    {.name = "slide",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "The slide whose file is named behind the project"},
    {.name = "folder",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "Look below this folder for all slides that are missing"},
    TESSERA_COMMON_OPTIONS};

static bool
relink_one (TesseraCli *cli, TsrProject *project, const char *name, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  int slide = slides ? tessera_cli_find_slide (slides, name, error) : -1;
  return slide >= 0 && tsr_project_relink_slide (project, slide, cli->arguments[1], error);
}

/* "found", "missing": names of the slides that still are. */
static bool
report (TesseraCli *cli, TsrProject *project, int found, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  if (!slides)
    return false;
  json_t *missing = json_array ();
  json_object_set_new (cli->result, "found", json_integer (found));
  json_object_set_new (cli->result, "missing", missing);
  for (guint i = 0; i < slides->len; i++) {
    const TsrProjectSlide *slide = slides->pdata[i];
    if (slide->present)
      continue;
    json_array_append_new (missing, json_string (slide->name));
    g_autofree char *shown = tessera_cli_shown (slide->name);
    tessera_cli_note (cli, "Still missing: %s", shown);
  }
  tessera_cli_print (cli, "%d %s found, %zu missing.\n", found,
                     tessera_cli_noun ((guint64)found, "slide", "slides"),
                     json_array_size (missing));
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *name = tessera_options_text (cli->options, "slide"),
             *folder = tessera_options_text (cli->options, "folder");
  bool one = name && cli->n_arguments == 2 && !folder,
       all = folder && cli->n_arguments == 1 && !name;
  if (!one && !all) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE,
                         "Say which slide is where with --slide NAME and its file behind the "
                         "project, or where to look for all with --folder DIR.");
    return false;
  }
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  if (!project)
    return false;
  int found = one ? (int)relink_one (cli, project, name, error)
                  : tsr_project_relink_folder (project, folder, &cli->progress, error);
  return found >= (one ? 1 : 0) && report (cli, project, found, error);
}

const TesseraCommand tessera_command_relink = {
    .name = "relink",
    .arguments = "PROJECT --slide NAME FILE | PROJECT --folder DIR",
    .summary = "Say where slides are that have been moved",
    .details = "A file is taken only if it is the slide's own, by its fingerprint. Tiles, labels "
               "and map stay as they are.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run,
};
