/* tessera place: tiles that are files get their places on slides. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-folder-walk.h"
#include "tsr-placing.h"

#include <math.h>

static const TesseraOption options[] = {
    {.name = "from",
     .kind = TESSERA_OPTION_TEXTS,
     .value_name = "TABLE...",
     .help = "Tables that say where tiles lie: Slideflow's, WSInfer's, Tessera's, or with columns "
             "of such names; TRIDENT's and CLAM's HDF5"},
    {.name = "from-names",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Tiles are named as QuPath names them, “Slide [x=0,y=512,w=512,h=512].png”"},
    {.name = "slide",
     .kind = TESSERA_OPTION_TEXTS,
     .value_name = "FILE...",
     .help = "The slides that tiles lie on"},
    {.name = "slides",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "Look below this folder for the slides, by their names"},
    {.name = "tile-size",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Side of a tile in pixels of the slide's finest level, for tables that do not say",
     .min = 1,
     .max = 1000000},
    {.name = "slide-mpp",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "UM",
     .help = "Micrometres a pixel of the slide, for slides whose files do not say",
     .min = 0.01,
     .max = 20},
    TESSERA_COMMON_OPTIONS};

static bool
check_options (TesseraCli *cli, GError **error)
{
  bool table = tessera_options_given (cli->options, "from"),
       names = tessera_options_flag (cli->options, "from-names");
  const char *problem = NULL;
  if (table == names)
    problem = "Give either --from with a table, or --from-names.";
  else if (names && tessera_options_given (cli->options, "tile-size"))
    problem = "--tile-size goes with --from; names say how large their tiles are.";
  if (problem)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE, problem);
  return !problem;
}

/* What became of it, also where it ended early. */
static void
report_placed (TesseraCli *cli, const TsrPlacingReport *report)
{
  json_t *slides = json_array (), *missing = json_array ();
  for (guint i = 0; i < report->refused->len; i++)
    tessera_cli_note (cli, "%s", ((const TsrSkippedFile *)report->refused->pdata[i])->reason);
  if (report->unknown + report->ambiguous > 0)
    tessera_cli_note (cli, "Rows about no tile of the project: %u; about several: %u.",
                      report->unknown, report->ambiguous);
  for (guint i = 0; i < report->slides->len; i++) {
    const TsrPlacedSlide *slide = report->slides->pdata[i];
    g_autofree char *shown = tessera_cli_shown (slide->name);
    json_t *object = json_object ();
    tessera_cli_set_text (object, "slide", slide->name);
    json_object_set_new (object, "tiles", json_integer (slide->tiles));
    json_array_append_new (slides, object);
    tessera_cli_print (cli, "%s: %u %s placed.\n", shown, slide->tiles,
                       tessera_cli_noun (slide->tiles, "tile", "tiles"));
  }
  for (guint i = 0; i < report->missing->len; i++) {
    g_autofree char *shown = tessera_cli_shown (report->missing->pdata[i]);
    json_array_append_new (missing, json_string (shown));
    tessera_cli_note (cli,
                      "%s: its file is not known, so its tiles stay without a place; --slide names "
                      "it, --slides its folder.",
                      shown);
  }
  json_object_set_new (cli->result, "unknown", json_integer (report->unknown));
  json_object_set_new (cli->result, "ambiguous", json_integer (report->ambiguous));
  json_object_set_new (cli->result, "bad", json_integer (report->bad));
  json_object_set_new (cli->result, "slides", slides);
  json_object_set_new (cli->result, "missing", missing);
}

static bool
run (TesseraCli *cli, GError **error)
{
  if (!check_options (cli, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  if (!project)
    return false;
  char *const *files = tessera_options_words (cli->options, "slide");
  const char *folder = tessera_options_text (cli->options, "slides");
  g_autoptr (GPtrArray) paths = g_ptr_array_new (); /* borrowed */
  for (guint i = 0; files && files[i]; i++)
    g_ptr_array_add (paths, files[i]);
  if (folder)
    g_ptr_array_add (paths, (char *)folder);
  g_ptr_array_add (paths, NULL);
  TsrPlacingOptions with = {.tables = tessera_options_words (cli->options, "from"),
                            .slides = (char *const *)paths->pdata,
                            .side = (double)tessera_options_integer (cli->options, "tile-size"),
                            .mpp = tessera_options_given (cli->options, "slide-mpp")
                                       ? tessera_options_number (cli->options, "slide-mpp")
                                       : NAN,
                            .strict = true,
                            .side_option = "--tile-size",
                            .slides_option = "--slide or --slides"};
  g_auto (TsrPlacingReport) report;
  tsr_placing_report_init (&report);
  bool ok = tsr_place_tiles (project, &with, &report, &cli->progress, error);
  report_placed (cli, &report);
  if (!ok)
    return false;
  json_object_set_new (cli->result, "placed", json_integer (report.placed));
  json_object_set_new (cli->result, "files", json_integer (report.files));
  tessera_cli_print (
      cli, "%u of %u %s placed.\n", report.placed, report.files,
      tessera_cli_noun (report.files, "tile that is a file", "tiles that are files"));
  return true;
}

const TesseraCommand tessera_command_place = {
    .name = "place",
    .arguments = "PROJECT --from TABLE... | --from-names",
    .summary = "Say where on slides a project's image files lie",
    .details = "Places come from tables, or from the tiles' names. A slide is the file that is "
               "called like it, below --slides or among\n--slide, or the only one; it joins the "
               "project without being cut. Areas and GeoJSON then work for its tiles.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
