/* tessera label: one tile, or a whole table. */

#include "tessera-open.h"
#include "tsr-audit.h"
#include "tsr-error.h"
#include "tsr-label-import.h"

#include <string.h>

#define MOST_LINES 20 /* listed for people; --json has all */

static const TesseraOption options[] = {
    {.name = "from",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE.csv",
     .help = "Take labels from a table with columns file (or tile_id) and label"},
    {.name = "geojson",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE...",
     .help = "Take labels from annotations of QuPath, one file a slide"},
    {.name = "share",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "SHARE",
     .help = "With --geojson: how much of a tile a class must cover",
     .fallback = "0.5",
     .min = 0.001,
     .max = 1},
    {.name = "slide",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "With --geojson: which slide FILE is about (default: the one it is named after)"},
    {.name = "unsure",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Instead of CLASS: looked at, but not assessable"},
    {.name = "clear", .kind = TESSERA_OPTION_FLAG, .help = "Instead of CLASS: take the label away"},
    {.name = "keep",
     .kind = TESSERA_OPTION_FLAG,
     .help = "With --from or --geojson: leave tiles alone that have a label already"},
    {.name = "check",
     .kind = TESSERA_OPTION_FLAG,
     .help = "These are answers of the check with random tiles that is open: given without seeing "
             "what is predicted"},
    {.name = "annotator",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "Who labels (default: the project's setting, else your user name)"},
    TESSERA_COMMON_OPTIONS};

/* Repaired, two different names would become one. */
static bool
check_text (const char *what, const char *text, GError **error)
{
  if (!text || g_utf8_validate (text, -1, NULL))
    return true;
  g_autofree char *shown = g_filename_display_name (text);
  g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
               "%s cannot be “%s”; it takes UTF-8 text, which this is not.", what, shown);
  return false;
}

static bool
check_usage (TesseraCli *cli, GError **error)
{
  bool unsure = tessera_options_flag (cli->options, "unsure"),
       clear = tessera_options_flag (cli->options, "clear");
  const char *problem = NULL;
  bool geojson = tessera_options_given (cli->options, "geojson");
  bool check = tessera_options_flag (cli->options, "check");
  if (check && (geojson || clear))
    problem = "--check works with TILE and CLASS, with --unsure, and with --from FILE.csv.";
  else if (!geojson && (tessera_options_given (cli->options, "share") ||
                        tessera_options_given (cli->options, "slide")))
    problem = "--share and --slide work only with --geojson FILE.";
  else if (geojson) {
    if (unsure || clear || tessera_options_given (cli->options, "from"))
      problem = "--geojson takes tiles and classes from the files; give only PROJECT and further "
                "files beside it.";
    else if (cli->n_arguments > 1 && tessera_options_given (cli->options, "slide"))
      problem = "--slide says which slide one file is about; give the files one by one.";
  } else if (tessera_options_given (cli->options, "from")) {
    if (cli->n_arguments > 1 || unsure || clear)
      problem = "--from takes tiles and classes from the file; give only PROJECT beside it.";
  } else if (unsure && clear)
    problem = "--unsure and --clear exclude each other.";
  else if (tessera_options_flag (cli->options, "keep"))
    problem = "--keep works only with --from or --geojson.";
  else if (cli->n_arguments != (unsure || clear ? 2 : 3))
    problem = "Give PROJECT TILE CLASS, or PROJECT TILE with --unsure or --clear, or PROJECT "
              "--from FILE.csv.";
  if (problem)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE, problem);
  return !problem &&
         check_text ("CLASS", cli->n_arguments == 3 && !geojson ? cli->arguments[2] : NULL,
                     error) &&
         check_text ("--annotator", tessera_options_text (cli->options, "annotator"), error);
}

/* Which tiles there are is the project's matter: a name that none or several have is a failure, and
 * no wrong use of the command. */
static bool
find_tile (TsrProject *project, const char *name, uint32_t *tile, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (tsr_project_find_tile (project, name, tile, &cause))
    return true;
  if (g_error_matches (cause, TSR_ERROR, TSR_ERROR_USAGE))
    cause->code = TSR_ERROR_FAILED;
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

static bool
label_one (TesseraCli *cli, TsrProject *project, const char *annotator, GError **error)
{
  uint32_t tile;
  if (!find_tile (project, cli->arguments[1], &tile, error))
    return false;
  int32_t value = tessera_options_flag (cli->options, "unsure") ? TSR_LABEL_UNSURE : TSR_LABEL_NONE;
  bool fresh = false;
  if (cli->n_arguments == 3) {
    value = tsr_label_class (project, cli->arguments[2], -1, &fresh, error);
    if (value < 0)
      return false;
  }
  g_autoptr (GArray) changes = NULL;
  TsrHow how = cli->n_arguments == 2 && value == TSR_LABEL_NONE ? TSR_HOW_CLEARED
               : tessera_options_flag (cli->options, "check")   ? TSR_HOW_CHECK
                                                                : TSR_HOW_COMMAND;
  if (!tsr_project_label (project, &tile, &value, 1, true, how, annotator, &changes, error))
    return false;
  g_auto (GStrv) names = tsr_project_tile_names (project);
  const char *class_ = cli->n_arguments == 3 ? cli->arguments[2] : NULL;
  json_object_set_new (cli->result, "tile", json_integer (tile));
  tessera_cli_set_text (cli->result, "file", names[tile]);
  tessera_cli_set_text (cli->result, "label", class_);
  json_object_set_new (cli->result, "state",
                       json_string (class_                      ? "labelled"
                                    : value == TSR_LABEL_UNSURE ? "unsure"
                                                                : "unlabelled"));
  json_object_set_new (cli->result, "changed", json_integer (tsr_label_count (changes)));
  json_object_set_new (cli->result, "new_classes",
                       fresh ? json_pack ("[s]", class_) : json_array ());
  g_autofree char *shown = tessera_cli_shown (names[tile]);
  g_autofree char *what = tessera_cli_shown (class_                      ? class_
                                             : value == TSR_LABEL_UNSURE ? "unsure"
                                                                         : "no label");
  tessera_cli_print (cli, "#%u %s: %s%s\n", tile, shown, what, fresh ? " (a new class)" : "");
  return true;
}

/* Rows and classes that could not be used, under key. */
static void
report_refused (TesseraCli *cli, const TsrLabelReport *report, const char *key)
{
  json_t *list = json_array ();
  for (guint i = 0; i < report->refused->len; i++) {
    const TsrLabelRefusal *refusal = report->refused->pdata[i];
    json_t *entry = json_object ();
    if (refusal->name)
      tessera_cli_set_text (entry, "class", refusal->name);
    else
      json_object_set_new (entry, "line", json_integer (refusal->line));
    tessera_cli_set_text (entry, "reason", refusal->reason);
    json_array_append_new (list, entry);
    g_autofree char *reason = tessera_cli_shown (refusal->reason);
    if (i == MOST_LINES)
      tessera_cli_note (cli, "… and %u more; --json lists them all.", report->refused->len - i);
    else if (i < MOST_LINES && refusal->name)
      tessera_cli_note (cli, "%s", reason);
    else if (i < MOST_LINES)
      tessera_cli_note (cli, "Line %u: %s", refusal->line, reason);
  }
  json_object_set_new (cli->result, key, list);
}

static void
report_changes (TesseraCli *cli, const TsrLabelReport *report)
{
  json_t *fresh = json_array ();
  for (guint i = 0; i < report->new_classes->len; i++)
    json_array_append_new (fresh, json_string (report->new_classes->pdata[i]));
  json_object_set_new (cli->result, "new_classes", fresh);
  json_object_set_new (cli->result, "changed", json_integer (report->changed));
  json_object_set_new (cli->result, "excluded", json_integer (report->excluded));
}

static bool
label_from_file (TesseraCli *cli, TsrProject *project, const char *annotator, GError **error)
{
  TsrLabelOptions with = {.keep = tessera_options_flag (cli->options, "keep"),
                          .check = tessera_options_flag (cli->options, "check"),
                          .annotator = annotator,
                          .annotator_column = !tessera_options_given (cli->options, "annotator")};
  g_auto (TsrLabelReport) report;
  tsr_label_report_init (&report);
  bool ok = tsr_labels_from_table (project, tessera_options_text (cli->options, "from"), &with,
                                   &report, error);
  report_refused (cli, &report, "bad_rows");
  report_changes (cli, &report);
  json_object_set_new (cli->result, "rows", json_integer (report.rows));
  guint fresh = report.new_classes->len, bad = report.refused->len;
  if (ok)
    tessera_cli_print (
        cli, "%u of %u %s used: %u %s changed, %u excluded, %u new %s, %u %s refused.\n",
        report.used, report.rows, tessera_cli_noun (report.rows, "row", "rows"), report.changed,
        tessera_cli_noun (report.changed, "tile", "tiles"), report.excluded, fresh,
        tessera_cli_noun (fresh, "class", "classes"), bad, tessera_cli_noun (bad, "row", "rows"));
  return ok;
}

static void
report_files (TesseraCli *cli, const TsrLabelReport *report)
{
  json_t *files = json_array ();
  for (guint i = 0; i < report->files->len; i++) {
    const TsrLabelFile *file = report->files->pdata[i];
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "path", file->path);
    tessera_cli_set_text (entry, "slide", file->slide);
    json_object_set_new (entry, "features", json_integer (file->features));
    json_object_set_new (entry, "annotations", json_integer (file->annotations));
    json_object_set_new (entry, "no_area", json_integer (file->no_area));
    json_object_set_new (entry, "broken", json_integer (file->broken));
    json_object_set_new (entry, "tiles", json_integer (file->tiles));
    g_autofree char *remark = tsr_label_file_remark (file);
    tessera_cli_set_text (entry, "remark", remark);
    if (remark)
      tessera_cli_note (cli, "%s", remark);
    json_array_append_new (files, entry);
  }
  json_object_set_new (cli->result, "files", files);
}

static bool
label_from_geojson (TesseraCli *cli, TsrProject *project, const char *annotator, GError **error)
{
  TsrLabelOptions with = {.share = tessera_options_number (cli->options, "share"),
                          .slide = tessera_options_text (cli->options, "slide"),
                          .slide_option = "--slide",
                          .keep = tessera_options_flag (cli->options, "keep"),
                          .annotator = annotator,
                          .annotator_column = !tessera_options_given (cli->options, "annotator")};
  g_auto (TsrLabelReport) report;
  tsr_label_report_init (&report);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_ptr_array_add (paths, (void *)tessera_options_text (cli->options, "geojson"));
  for (int i = 1; i < cli->n_arguments; i++)
    g_ptr_array_add (paths, cli->arguments[i]);
  if (!tsr_labels_from_geojson (project, (const char *const *)paths->pdata, paths->len, &with,
                                &report, &cli->progress, error)) {
    if (report.skipped->len > 1)
      tessera_cli_report_refused (cli, report.skipped);
    return false;
  }
  report_files (cli, &report);
  report_refused (cli, &report, "bad_classes");
  report_changes (cli, &report);
  json_object_set_new (cli->result, "labelled", json_integer (report.labelled));
  guint files = report.files->len, fresh = report.new_classes->len;
  tessera_cli_print (cli, "%u %s: %u %s in annotations, %u changed, %u new %s.\n", files,
                     tessera_cli_noun (files, "file", "files"), report.labelled,
                     tessera_cli_noun (report.labelled, "tile lies", "tiles lie"), report.changed,
                     fresh, tessera_cli_noun (fresh, "class", "classes"));
  if (report.excluded > 0)
    tessera_cli_print (cli, "%u %s excluded now.\n", report.excluded,
                       tessera_cli_noun (report.excluded, "tile is", "tiles are"));
  return true;
}

/* An answer needs a question. */
static bool
check_is_open (TsrProject *project, GError **error)
{
  g_autoptr (TsrAudit) audit = tsr_audit_load (project);
  if (audit && audit->state != TSR_AUDIT_DONE)
    return true;
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               "No check with random tiles is open; “tessera health --check N” draws one.");
  return false;
}

static bool
run (TesseraCli *cli, GError **error)
{
  if (!check_usage (cli, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  if (!project || (tessera_options_flag (cli->options, "check") && !check_is_open (project, error)))
    return false;
  g_autofree char *annotator = tessera_cli_annotator (cli, project);
  if (tessera_options_given (cli->options, "geojson"))
    return label_from_geojson (cli, project, annotator, error);
  return tessera_options_given (cli->options, "from")
             ? label_from_file (cli, project, annotator, error)
             : label_one (cli, project, annotator, error);
}

const TesseraCommand tessera_command_label = {
    .name = "label",
    .arguments = "PROJECT [TILE CLASS]",
    .summary = "Label one tile, or many from a CSV file or from QuPath's annotations",
    .details = "TILE is a name as exported, a number (#12) or a path. A CLASS that does not exist "
               "yet is made. The label is on\n"
               "disk when the command returns, also while the window has the project open.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = G_MAXINT,
    .run = run,
};
