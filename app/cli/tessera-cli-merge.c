/* tessera merge: another reader's labels join the project's. */

#include "tessera-open.h"
#include "tsr-readings.h"

#include <string.h>

static const TesseraOption options[] = {
    {.name = "disputed",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = "keep,take,clear",
     .fallback = "keep",
     .help = "Tiles with two different classes: keep this project's, take the other's, or clear "
             "both and suggest these tiles next, for a consensus"},
    {.name = "annotator",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "Whose labels a table holds that does not say so (default: its file name)"},
    TESSERA_COMMON_OPTIONS};

static void
report (TesseraCli *cli, const TsrReading *other, const TsrMergeReport *made, const char *how)
{
  json_t *fresh = json_array ();
  for (guint i = 0; i < made->new_classes->len; i++)
    json_array_append_new (fresh, json_string (made->new_classes->pdata[i]));
  json_object_set_new (cli->result, "new_classes", fresh);
  for (guint i = 0; i < other->classes->len; i++) {
    const TsrReadingClass *class_ = other->classes->pdata[i];
    g_autofree char *name = tessera_cli_shown (class_->name),
                    *written = tessera_cli_shown (class_->written ? class_->written : "");
    if (class_->written)
      tessera_cli_note (cli, "The other's class “%s” is taken as “%s”.", written, name);
  }
  json_object_set_new (cli->result, "labels", json_integer (other->labelled));
  json_object_set_new (cli->result, "unknown", json_integer (other->unknown));
  json_object_set_new (cli->result, "changed", json_integer (made->changed));
  json_object_set_new (cli->result, "disputed", json_integer (made->disputed));
  if (strcmp (how, "clear") == 0 && made->disputed > 0)
    tessera_cli_print (cli, "%u disputed tiles are the next suggestions.\n", made->disputed);
  tessera_cli_print (
      cli,
      "%u %s read, %u %s changed, %u new %s; %u %s two different classes (%s), %u "
      "%s to no tile here.\n",
      other->labelled, tessera_cli_noun (other->labelled, "label", "labels"), made->changed,
      tessera_cli_noun (made->changed, "tile", "tiles"), made->new_classes->len,
      tessera_cli_noun (made->new_classes->len, "class", "classes"), made->disputed,
      tessera_cli_noun (made->disputed, "tile had", "tiles had"), how, other->unknown,
      tessera_cli_noun (other->unknown, "label belongs", "labels belong"));
}

static bool
run (TesseraCli *cli, GError **error)
{
  const char *how = tessera_options_text (cli->options, "disputed");
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  g_autoptr (TsrReadings) readings =
      project ? tsr_readings_new (project, cli->arguments[1],
                                  tessera_options_text (cli->options, "annotator"), error)
              : NULL;
  if (!readings)
    return false;
  TsrDisputed disputed = strcmp (how, "clear") == 0  ? TSR_DISPUTED_CLEAR
                         : strcmp (how, "take") == 0 ? TSR_DISPUTED_TAKE
                                                     : TSR_DISPUTED_KEEP;
  g_autofree char *annotator = tsr_project_get (project, "annotator"),
                  *user = g_utf8_make_valid (g_get_user_name (), -1);
  TsrMergeReport made;
  if (!tsr_readings_merge (readings, project, disputed, false, annotator ? annotator : user, &made,
                           error))
    return false;
  report (cli, readings->other, &made, how);
  tsr_merge_report_clear (&made);
  return true;
}

const TesseraCommand tessera_command_merge = {
    .name = "merge",
    .arguments = "PROJECT OTHER",
    .summary = "Take another reader's labels into the project",
    .details = "OTHER is another reader's copy of the project, or a table of labels. Tiles without "
               "a label here take the other's, under\n"
               "the other reader's name; whatever is replaced stays in the journal. All of it is "
               "one step, "
               "which undo takes back.",
    .options = options,
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
};
