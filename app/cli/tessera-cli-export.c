/* tessera export: tables, folders and pictures. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-export.h"
#include "tsr-file.h"
#include "tsr-map-figure.h"
#include "tsr-model-file.h"
#include "tsr-project-id.h"
#include "tsr-project-places.h"
#include "tsr-project-sources.h"
#include "tsr-report.h"

#include <string.h>

static const TesseraOption options[] = {
    {.name = "csv",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Write all tiles as a table"},
    {.name = "labels",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Write what was labelled as a table, without predictions, to hand on"},
    {.name = "map",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Draw the map; the name ends in .png, .svg or .pdf"},
    {.name = "report",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE.pdf",
     .help = "Write one page about the project (labels, predictions, map and examples) and one "
             "about its slides"},
    {.name = "areas",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Write tiles and square millimetres of each slide and class as a table"},
    {.name = "folders",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "Copy the tiles into one folder a class; DIR is new or empty"},
    {.name = "geojson",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "Write labels and predictions for QuPath, one file a slide; files of the same names "
             "are replaced"},
    {.name = "geojson-gz",
     .kind = TESSERA_OPTION_FLAG,
     .help = "With --geojson: compressed files (.geojson.gz)"},
    {.name = "labels-only", .kind = TESSERA_OPTION_FLAG, .help = "With --geojson: no predictions"},
    {.name = "lock-labels",
     .kind = TESSERA_OPTION_FLAG,
     .help = "With --geojson: labels that cannot be moved by accident in QuPath"},
    {.name = "model",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE",
     .help = "Write the model without what only training needs, to hand it on"},
    {.name = "only",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "all,labelled,unlabelled",
     .help = "Which tiles --csv and --folders take",
     .fallback = "all"},
    {.name = "rule",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = TESSERA_RULES,
     .help = "Where the nearest label is looked for (default: the project's setting, else map)"},
    {.name = "color-by",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "WHAT",
     .help = "What --map colours by: prediction, label, margin, distance, truth, right, "
             "neighbours, or a joined "
             "column's name",
     .fallback = "prediction"},
    {.name = "title",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "TEXT",
     .help = "A headline for --map and --report"},
    {.name = "english",
     .kind = TESSERA_OPTION_FLAG,
     .help = "With --map and --report: in English, whatever your language"},
    TESSERA_COMMON_OPTIONS};

/* What can be asked for by options of their own. */
static const char *const wishes[] = {"csv",   "labels",  "map",     "report",
                                     "areas", "folders", "geojson", "model"};

typedef struct {
  TesseraCli *cli;
  TsrProject *project;
  const TsrTable *table; /* NULL if only the model is asked for */
  TsrExportOnly only;
  json_t *failed; /* of the result */
} Export;

static bool
check_usage (TesseraCli *cli, GError **error)
{
  const char *map = tessera_options_text (cli->options, "map");
  bool asked = false;
  for (size_t i = 0; i < G_N_ELEMENTS (wishes); i++)
    asked |= tessera_options_given (cli->options, wishes[i]);
  if (!asked) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "Say what to export: --csv FILE, --labels FILE, --map FILE, --report FILE.pdf, "
                 "--areas FILE, "
                 "--folders DIR, --geojson DIR or --model FILE.");
    return false;
  }
  if (!tessera_options_given (cli->options, "geojson") &&
      (tessera_options_flag (cli->options, "geojson-gz") ||
       tessera_options_flag (cli->options, "labels-only") ||
       tessera_options_flag (cli->options, "lock-labels"))) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--geojson-gz, --labels-only and --lock-labels work only with --geojson DIR.");
    return false;
  }
  if (tessera_options_flag (cli->options, "english") && !map &&
      !tessera_options_given (cli->options, "report")) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--english works only with --map FILE or --report FILE.pdf.");
    return false;
  }
  if (map && !tsr_map_figure_knows (map)) {
    g_autofree char *shown = g_filename_display_name (map);
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 "--map cannot be “%s”; it takes a name that ends in .png, .svg or .pdf.", shown);
    return false;
  }
  return true;
}

static void
set_records (TesseraCli *cli, const char *key, const char *path, uint32_t records)
{
  json_t *object = json_object ();
  tessera_cli_set_text (object, "path", path);
  json_object_set_new (object, "records", json_integer (records));
  json_object_set_new (cli->result, key, object);
}

static bool
export_csv (const Export *export, const char *path, GError **error)
{
  uint32_t records = 0;
  if (!tsr_export_csv (export->table, export->project, path, (TsrExportTiles){export->only, NULL},
                       &records, &export->cli->progress, error))
    return false;
  set_records (export->cli, "csv", path, records);
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (export->cli, "%s: %u %s.\n", shown, records,
                     tessera_cli_noun (records, "tile", "tiles"));
  return true;
}

static bool
export_labels (const Export *export, const char *path, GError **error)
{
  uint32_t records = 0;
  if (!tsr_export_labels (export->table, export->project, path, NULL, &records,
                          &export->cli->progress, error))
    return false;
  set_records (export->cli, "labels", path, records);
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (export->cli, "%s: what was said of %u %s.\n", shown, records,
                     tessera_cli_noun (records, "tile", "tiles"));
  return true;
}

static void
set_no_column (const Export *export, const char *word, GError **error)
{
  const char *name = g_str_has_prefix (word, "column:") ? word + strlen ("column:") : word;
  g_autofree char *shown = tessera_cli_shown (name),
                  *project = tessera_cli_shown (export->cli->arguments[0]);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      "“%s” has no column “%s” to colour by; --color-by takes prediction, label, margin, "
      "distance, truth, right, neighbours, or a column that “tessera columns PROJECT” lists.",
      project, shown);
}

static bool
choose_color (const Export *export, const GPtrArray *columns, TsrFigureOptions *figure,
              GError **error)
{
  const char *word = tessera_options_text (export->cli->options, "color-by");
  figure->color = tsr_figure_color (word);
  if ((figure->color == TSR_FIGURE_BY_TRUTH || figure->color == TSR_FIGURE_BY_RIGHT) &&
      !export->table->truth_names) {
    g_autofree char *project = tessera_cli_shown (export->cli->arguments[0]);
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "“%s” has no ground truth to colour by; it comes with “tessera new "
                 "--labels-from-folders”.",
                 project);
    return false;
  }
  if (figure->color != TSR_FIGURE_BY_COLUMN)
    return true;
  figure->column = tsr_figure_column (columns, word);
  if (!figure->column)
    set_no_column (export, word, error);
  return figure->column;
}

static bool
export_map (const Export *export, const char *path, GError **error)
{
  TesseraCli *cli = export->cli;
  g_autoptr (GArray) suggestions = tsr_project_get_suggestions (export->project);
  g_autoptr (GPtrArray) columns = tsr_project_columns (export->project, error);
  TsrFigureOptions figure = {.title = tessera_options_text (cli->options, "title"),
                             .english = tessera_options_flag (cli->options, "english")};
  if (!columns || !choose_color (export, columns, &figure, error))
    return false;
  if (figure.color <= TSR_FIGURE_BY_LABEL && suggestions) {
    figure.suggestions = (const uint32_t *)suggestions->data;
    figure.n_suggestions = suggestions->len;
  }
  if (!tsr_map_figure_write (export->table, &figure, path, &cli->progress, error))
    return false;
  json_t *object = json_object ();
  tessera_cli_set_text (object, "path", path);
  json_object_set_new (cli->result, "map", object);
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (cli, "%s: the map.\n", shown);
  return true;
}

static bool
export_report (const Export *export, const char *path, GError **error)
{
  TesseraCli *cli = export->cli;
  g_autofree char *stored = tsr_project_get (export->project, "title"),
                  *base = g_path_get_basename (cli->arguments[0]),
                  *stem = g_filename_display_name (base);
  if (g_str_has_suffix (stem, ".tessera"))
    stem[strlen (stem) - strlen (".tessera")] = '\0';
  const char *given = tessera_options_text (cli->options, "title");
  TsrReportOptions report = {.title = given    ? given
                                      : stored ? stored
                                               : stem,
                             .english = tessera_options_flag (cli->options, "english")};
  if (!tsr_report_write (export->table, export->project, &report, path, &cli->progress, error))
    return false;
  json_t *object = json_object ();
  tessera_cli_set_text (object, "path", path);
  json_object_set_new (cli->result, "report", object);
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (cli, "%s: the report.\n", shown);
  return true;
}

static bool
export_areas (const Export *export, const char *path, GError **error)
{
  uint32_t records = 0;
  if (!tsr_export_areas (export->table, export->project, path, &records, &export->cli->progress,
                         error))
    return false;
  json_t *object = json_object ();
  tessera_cli_set_text (object, "path", path);
  json_object_set_new (object, "records", json_integer (records));
  json_object_set_new (export->cli->result, "areas", object);
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (export->cli, "%s: %u %s.\n", shown, records,
                     tessera_cli_noun (records, "area", "areas"));
  return true;
}

static bool
export_folders (const Export *export, const char *folder, GError **error)
{
  TsrExportFolders report;
  if (!tsr_export_folders (export->table, export->project, folder,
                           (TsrExportTiles){export->only, NULL}, &report, &export->cli->progress,
                           error))
    return false;
  json_t *object = json_object ();
  tessera_cli_set_text (object, "path", folder);
  json_object_set_new (object, "copied", json_integer (report.copied));
  json_object_set_new (object, "thumbnails", json_integer (report.thumbnails));
  json_object_set_new (object, "missing", json_integer (report.missing));
  json_object_set_new (export->cli->result, "folders", object);
  g_autofree char *shown = tessera_cli_shown (folder);
  tessera_cli_print (export->cli, "%s: %u %s copied.\n", shown, report.copied,
                     tessera_cli_noun (report.copied, "tile", "tiles"));
  if (report.thumbnails + report.missing > 0)
    tessera_cli_note (export->cli, "%u %s whose file is gone: %u as thumbnail, %u not at all.",
                      report.thumbnails + report.missing,
                      tessera_cli_noun (report.thumbnails + report.missing, "tile", "tiles"),
                      report.thumbnails, report.missing);
  return true;
}

/* Tells what was written, in files that are finished also if a later one failed. */
static void
report_geojson (TesseraCli *cli, const char *folder, const TsrGeojsonReport *report)
{
  json_t *object = json_object (), *files = json_array ();
  uint32_t annotations = 0, tiles = 0;
  for (guint i = 0; i < report->files->len; i++) {
    const TsrGeojsonFile *file = report->files->pdata[i];
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "path", file->path);
    tessera_cli_set_text (entry, "slide", file->slide);
    json_object_set_new (entry, "annotations", json_integer (file->annotations));
    json_object_set_new (entry, "tiles", json_integer (file->tiles));
    json_array_append_new (files, entry);
    annotations += file->annotations;
    tiles += file->tiles;
  }
  tessera_cli_set_text (object, "path", folder);
  json_object_set_new (object, "files", files);
  json_object_set_new (object, "annotations", json_integer (annotations));
  json_object_set_new (object, "tiles", json_integer (tiles));
  json_object_set_new (object, "placeless", json_integer (report->placeless));
  json_object_set_new (object, "excluded", json_integer (report->excluded));
  json_object_set_new (cli->result, "geojson", object);
  g_autofree char *shown = tessera_cli_shown (folder);
  uint32_t slides = report->files->len, labels = annotations - report->excluded;
  tessera_cli_print (cli, "%s: %u %s, %u %s, %u %s.\n", shown, slides,
                     tessera_cli_noun (slides, "slide", "slides"), labels,
                     tessera_cli_noun (labels, "label", "labels"), tiles,
                     tessera_cli_noun (tiles, "prediction", "predictions"));
  if (report->excluded > 0)
    tessera_cli_note (cli,
                      report->excluded == 1
                          ? "%u excluded tile is an annotation without class, called so."
                          : "%u excluded tiles are annotations without class, called so.",
                      report->excluded);
  if (report->placeless > 0)
    tessera_cli_note (cli,
                      report->placeless == 1
                          ? "%u tile without a place on a slide is not among them."
                          : "%u tiles without a place on a slide are not among them.",
                      report->placeless);
}

static bool
export_geojson (const Export *export, const char *folder, GError **error)
{
  TesseraCli *cli = export->cli;
  const TsrTable *table = export->table;
  g_autofree char *project = tsr_project_id (export->project);
  TsrGeojsonOptions wish = {.gzip = tessera_options_flag (cli->options, "geojson-gz"),
                            .labels_only = tessera_options_flag (cli->options, "labels-only"),
                            .locked = tessera_options_flag (cli->options, "lock-labels"),
                            .origins = export->project,
                            .project = project};
  TsrTilePlace *places = tsr_project_places (export->project, table->names, table->n, error);
  if (!places)
    return false;
  g_auto (TsrGeojsonReport) report = {0};
  bool ok = tsr_export_geojson (table, places, folder, &wish, &report, &cli->progress, error);
  if (ok || report.files->len > 0)
    report_geojson (cli, folder, &report);
  tsr_tile_places_free (places, table->n);
  return ok;
}

static bool
export_model (const Export *export, const char *path, GError **error)
{
  TesseraCli *cli = export->cli;
  g_autofree char *model = tsr_project_get_model (export->project);
  if (!model) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 "The project “%s” has no model to export: train one first.", cli->arguments[0]);
    return false;
  }
  if (!tsr_model_export (model, path, error))
    return false;
  json_t *object = json_object ();
  tessera_cli_set_text (object, "path", path);
  json_object_set_new (cli->result, "model", object);
  g_autofree char *shown = tessera_cli_shown (path);
  tessera_cli_print (cli, "%s: the model.\n", shown);
  return true;
}

/* What can be asked for, in the order it is written. */
static const struct {
  const char *name; /* the option's and the key's */
  bool (*write) (const Export *export, const char *path, GError **error);
} kinds[] = {{"model", export_model},     {"csv", export_csv},        {"labels", export_labels},
             {"map", export_map},         {"report", export_report},  {"areas", export_areas},
             {"folders", export_folders}, {"geojson", export_geojson}};

static bool
needs_table (TesseraCli *cli)
{
  for (size_t i = 0; i < G_N_ELEMENTS (wishes); i++)
    if (strcmp (wishes[i], "model") != 0 && tessera_options_given (cli->options, wishes[i]))
      return true;
  return false;
}

/* One of several that failed: --json lists it, people read the first at the end and the others
 * here. */
static void
report_failed (Export *export, const char *name, const char *path, GError *cause, GError **first)
{
  TesseraCli *cli = export->cli;
  json_t *entry = tessera_cli_error (cause);
  json_object_set_new (entry, "what", json_string (name));
  tessera_cli_set_text (entry, "path", path);
  json_array_append_new (export->failed, entry);
  if (*first) {
    g_autofree char *shown = tessera_cli_shown (cause->message);
    tessera_cli_note (cli, "%s", shown);
    g_error_free (cause);
  } else
    *first = cause;
}

/* Writes all that was asked for and can be: one that fails keeps no other from being written, and
 * the caller learns of each. Stops where it is cancelled. */
static bool
export_all (Export *export, GError **error)
{
  g_autoptr (GError) first = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const char *path = tessera_options_text (export->cli->options, kinds[i].name);
    GError *cause = NULL;
    if (!path || g_error_matches (first, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      continue;
    if (!kinds[i].write (export, path, &cause))
      report_failed (export, kinds[i].name, path, cause, &first);
  }
  if (!first)
    return true;
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

/* Of two files with one name the later would take the earlier one's place. */
static bool
check_apart (TesseraCli *cli, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (wishes); i++) {
    const char *path = tessera_options_text (cli->options, wishes[i]);
    char *place = path ? tsr_file_place (path) : NULL;
    const char *other = place ? g_hash_table_lookup (taken, place) : NULL;
    if (other) {
      g_autofree char *shown = g_filename_display_name (path);
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   "--%s and --%s cannot both be written to “%s”; give them different names.",
                   other, wishes[i], shown);
      g_free (place);
      return false;
    }
    if (place)
      g_hash_table_insert (taken, place, (gpointer)wishes[i]);
  }
  return true;
}

/* Nothing takes the place of what it is made of. */
static bool
check_sources (TesseraCli *cli, TsrProject *project, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (wishes); i++) {
    const char *path = tessera_options_text (cli->options, wishes[i]);
    if (path && !tsr_project_check_output (project, path, error))
      return false;
  }
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  if (!check_usage (cli, error) || !check_apart (cli, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  if (!project || !check_sources (cli, project, error))
    return false;
  const char *only = tessera_options_text (cli->options, "only");
  Export export = {.cli = cli, .project = project, .failed = json_array ()};
  export.only = strcmp (only, "labelled") == 0     ? TSR_EXPORT_LABELLED
                : strcmp (only, "unlabelled") == 0 ? TSR_EXPORT_UNLABELLED
                                                   : TSR_EXPORT_ALL;
  TsrRule rule = tessera_cli_rule (cli, project);
  g_autoptr (TsrTable) table =
      needs_table (cli) ? tsr_table_new (project, rule, false, &cli->progress, error) : NULL;
  json_object_set_new (cli->result, "rule", json_string (tsr_rule_name (rule)));
  json_object_set_new (cli->result, "failed", export.failed);
  if (needs_table (cli) && !table)
    return false;
  if (table)
    tessera_cli_veil (cli, project, table);
  if (table && table->rule == TSR_RULE_MAP && !tessera_cli_report_map (cli, project, error))
    return false;
  export.table = table;
  cli->result_on_fail = true;
  return export_all (&export, error);
}

const TesseraCommand tessera_command_export = {
    .name = "export",
    .arguments = "PROJECT",
    .summary =
        "Write labels and predictions as a table, a picture of the map, a report, areas by slide, "
        "folders by class, or GeoJSON",
    .details = "Every file appears complete or not at all. Works while the window has the project "
               "open. The table can be read\n"
               "back with “tessera label --from”, GeoJSON with “tessera label --geojson”.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
