/* tessera columns: joins the columns of a table to the tiles, lists and removes them. */

#include "tessera-open.h"
#include "tsr-column-file.h"
#include "tsr-error.h"

#include <math.h>

static const TesseraOption options[] = {
    {.name = "from",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "FILE.csv",
     .help = "Join this table: a column file (or tile_id) names the tiles, all others are kept"},
    {.name = "remove",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "Remove this column from the project"},
    TESSERA_COMMON_OPTIONS};

static bool
join (TesseraCli *cli, TsrProject *project, const char *path, GError **error)
{
  g_autoptr (TsrColumnFile) file = tsr_column_file_read (project, path, error);
  if (!file || !tsr_project_put_columns (project, file->columns, error))
    return false;
  json_t *bad = json_array ();
  for (guint i = 0; i < file->bad->len; i++) {
    const TsrBadRow *row = file->bad->pdata[i];
    json_array_append_new (bad,
                           json_pack ("{s:i,s:s}", "line", (int)row->line, "reason", row->reason));
    if (i < 20)
      g_printerr ("Line %u: %s\n", row->line, row->reason);
  }
  json_object_set_new (cli->result, "rows", json_integer (file->rows));
  json_object_set_new (cli->result, "used", json_integer (file->used));
  json_object_set_new (cli->result, "bad_rows", bad);
  tessera_cli_print (cli, "%u of %u %s joined.\n", file->used, file->rows,
                     tessera_cli_noun (file->rows, "row", "rows"));
  return true;
}

static bool
remove_column (TsrProject *project, const char *name, GError **error)
{
  bool found = false;
  if (!tsr_project_remove_column (project, name, &found, error))
    return false;
  if (!found) {
    g_autofree char *shown = g_filename_display_name (tsr_project_path (project));
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "“%s” has no column “%s”; “tessera columns PROJECT” lists those it has.", shown,
                 name);
  }
  return found;
}

static bool
list (TesseraCli *cli, TsrProject *project, GError **error)
{
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, error);
  if (!columns)
    return false;
  json_t *array = json_array ();
  for (guint i = 0; i < columns->len; i++) {
    const TsrColumn *column = columns->pdata[i];
    uint32_t known = 0;
    for (uint32_t k = 0; k < column->n_texts; k++)
      known += column->count[k];
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "name", column->name);
    json_object_set_new (entry, "kind", json_string (column->number ? "number" : "category"));
    json_object_set_new (entry, "values", json_integer (column->n_texts));
    json_object_set_new (entry, "tiles", json_integer (known));
    tessera_cli_set_number (entry, "low", column->number ? column->low : NAN);
    tessera_cli_set_number (entry, "high", column->number ? column->high : NAN);
    json_array_append_new (array, entry);
    g_autofree char *shown = tessera_cli_cell (column->name, 24);
    if (column->number)
      tessera_cli_print (cli, "%s %g to %g, %u %s\n", shown, column->low, column->high, known,
                         tessera_cli_noun (known, "tile", "tiles"));
    else
      tessera_cli_print (cli, "%s %u %s, %u %s\n", shown, column->n_texts,
                         tessera_cli_noun (column->n_texts, "value", "values"), known,
                         tessera_cli_noun (known, "tile", "tiles"));
  }
  if (columns->len == 0)
    tessera_cli_print (cli, "No table has been joined yet (--from FILE.csv).\n");
  json_object_set_new (cli->result, "columns", array);
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *from = tessera_options_text (cli->options, "from"),
             *remove = tessera_options_text (cli->options, "remove");
  g_autoptr (TsrProject) project = tessera_cli_open (
      cli, from || remove ? TSR_PROJECT_READ_WRITE : TSR_PROJECT_READ_ONLY, error);
  return project && (!remove || remove_column (project, remove, error)) &&
         (!from || join (cli, project, from, error)) && list (cli, project, error);
}

const TesseraCommand tessera_command_columns = {
    .name = "columns",
    .arguments = "PROJECT [--from FILE.csv] [--remove NAME]",
    .summary = "Join a table's columns to the tiles, to colour the map by them",
    .details = "Slide, patient, scanner, a score: whatever a table says of the tiles. The window "
               "can colour the map by each column,\n"
               "and export --csv hands them on. A column that is there already is replaced.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
