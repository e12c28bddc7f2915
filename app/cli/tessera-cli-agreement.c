/* tessera agreement: how far another reader's labels are the project's. */

#include "tessera-open.h"
#include "tsr-agreement.h"
#include "tsr-readings.h"

#include <math.h>

#define MAX_SHOWN 20 /* disagreements listed for people; --json has all */

static const TesseraOption options[] = {
    {.name = "annotator",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "NAME",
     .help = "Whose labels a table holds that does not say so (default: its file name)"},
    TESSERA_COMMON_OPTIONS};

static const char *
name_of (const TsrReadings *readings, int32_t value)
{
  return value >= 0 ? readings->names->pdata[value] : NULL;
}

/* What was taken as the same although it is written otherwise, and labels that are perhaps one
 * reading and not two. */
static void
report_likeness (TesseraCli *cli, const TsrReadings *readings)
{
  json_t *list = json_array ();
  for (guint i = 0; i < readings->other->classes->len; i++) {
    const TsrReadingClass *class_ = readings->other->classes->pdata[i];
    if (!class_->written)
      continue;
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "name", class_->name);
    tessera_cli_set_text (entry, "written", class_->written);
    json_array_append_new (list, entry);
    g_autofree char *name = tessera_cli_shown (class_->name),
                    *written = tessera_cli_shown (class_->written);
    tessera_cli_note (cli, "The second's class “%s” is taken as “%s”.", written, name);
  }
  json_object_set_new (cli->result, "written_otherwise", list);
  json_object_set_new (cli->result, "same_reader", json_integer (readings->same_reader));
  if (readings->same_reader > 0)
    tessera_cli_note (cli,
                      "%u of the tiles compared have their label under the same name in both: if "
                      "these were taken over and not read twice, the two agree less than it seems.",
                      readings->same_reader);
}

/* Tiles that only one of the two gave a class. */
static void
report_others (TesseraCli *cli, const TsrReadings *readings)
{
  uint32_t only_first = 0, only_second = 0, unsure_first = 0, unsure_second = 0;
  for (uint32_t i = 0; i < readings->n; i++) {
    only_first += readings->first[i] >= 0 && readings->second[i] < 0;
    only_second += readings->second[i] >= 0 && readings->first[i] < 0;
    unsure_first += readings->first[i] == TSR_LABEL_UNSURE;
    unsure_second += readings->second[i] == TSR_LABEL_UNSURE;
  }
  json_object_set_new (cli->result, "only_first", json_integer (only_first));
  json_object_set_new (cli->result, "only_second", json_integer (only_second));
  json_object_set_new (cli->result, "unsure_first", json_integer (unsure_first));
  json_object_set_new (cli->result, "unsure_second", json_integer (unsure_second));
  json_object_set_new (cli->result, "unknown", json_integer (readings->other->unknown));
  tessera_cli_print (cli,
                     "%u %s a class from the first only, %u from the second only; unsure: "
                     "%u and %u.\n",
                     only_first, tessera_cli_noun (only_first, "tile has", "tiles have"),
                     only_second, unsure_first, unsure_second);
  if (readings->other->unknown > 0)
    tessera_cli_note (cli, "%u %s of the second's: no tile here has that name, or several have.",
                      readings->other->unknown,
                      tessera_cli_noun (readings->other->unknown, "label", "labels"));
}

static void
report_classes (TesseraCli *cli, const TsrReadings *readings, const TsrAgreement *agreement)
{
  json_t *classes = json_array (), *confusion = json_array ();
  tessera_cli_print (cli, "%-24s %8s %8s %8s %10s %8s\n", "class", "first", "second", "both",
                     "agreement", "kappa");
  for (size_t c = 0; c < agreement->n_classes; c++) {
    const TsrClassAgreement *each = &agreement->each[c];
    const char *name = name_of (readings, (int32_t)c);
    json_t *entry = json_object (), *row = json_array ();
    tessera_cli_set_text (entry, "name", name);
    json_object_set_new (entry, "first", json_integer ((json_int_t)each->first));
    json_object_set_new (entry, "second", json_integer ((json_int_t)each->second));
    json_object_set_new (entry, "both", json_integer ((json_int_t)each->both));
    tessera_cli_set_number (entry, "agreement", each->agreement);
    tessera_cli_set_number (entry, "kappa", each->kappa);
    json_array_append_new (classes, entry);
    for (size_t j = 0; j < agreement->n_classes; j++)
      json_array_append_new (
          row, json_integer ((json_int_t)agreement->confusion[c * agreement->n_classes + j]));
    json_array_append_new (confusion, row);
    g_autofree char *shown = tessera_cli_cell (name, 24);
    tessera_cli_print (cli, "%s %8" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT,
                       shown, each->first, each->second, each->both);
    if (isfinite (each->agreement))
      tessera_cli_print (cli, " %9.1f%%", 100 * each->agreement);
    else
      tessera_cli_print (cli, " %9s–", ""); /* which is three bytes */
    if (isfinite (each->kappa))
      tessera_cli_print (cli, " %8.3f\n", each->kappa);
    else
      tessera_cli_print (cli, " %7s–\n", "");
  }
  json_object_set_new (cli->result, "classes", classes);
  json_object_set_new (cli->result, "confusion", confusion);
}

static void
report_disputed (TesseraCli *cli, TsrProject *project, const TsrReadings *readings)
{
  g_auto (GStrv) names = tsr_project_tile_names (project);
  json_t *list = json_array ();
  for (guint i = 0; i < readings->disputed->len; i++) {
    uint32_t tile = g_array_index (readings->disputed, uint32_t, i);
    json_t *entry = tessera_cli_tile (names, tile);
    const char *first = name_of (readings, readings->first[tile]),
               *second = name_of (readings, readings->second[tile]);
    tessera_cli_set_text (entry, "first", first);
    tessera_cli_set_text (entry, "second", second);
    json_array_append_new (list, entry);
    g_autofree char *shown = tessera_cli_shown (names[tile]), *a = tessera_cli_shown (first),
                    *b = tessera_cli_shown (second);
    if (i < MAX_SHOWN)
      tessera_cli_print (cli, "#%u %s: %s, %s\n", tile, shown, a, b);
    else if (i == MAX_SHOWN)
      tessera_cli_print (cli, "… and %u more; --json lists them all.\n",
                         readings->disputed->len - MAX_SHOWN);
  }
  json_object_set_new (cli->result, "disagreements", list);
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  g_autoptr (TsrReadings) readings =
      project ? tsr_readings_new (project, cli->arguments[1],
                                  tessera_options_text (cli->options, "annotator"), error)
              : NULL;
  if (!readings)
    return false;
  TsrAgreement *agreement =
      tsr_agreement_new (readings->first, readings->second, readings->n, readings->names->len);
  json_object_set_new (cli->result, "tiles", json_integer ((json_int_t)agreement->n));
  tessera_cli_set_number (cli->result, "agreement", agreement->agreement);
  tessera_cli_set_number (cli->result, "kappa", agreement->kappa);
  tessera_cli_set_number (cli->result, "kappa_error", agreement->error);
  tessera_cli_set_number (cli->result, "kappa_low", agreement->low);
  tessera_cli_set_number (cli->result, "kappa_high", agreement->high);
  report_classes (cli, readings, agreement);
  const char *both = tessera_cli_noun (agreement->n, "tile has", "tiles have");
  if (agreement->n == 0)
    tessera_cli_print (cli, "No tile has a class from both.\n");
  else if (isfinite (agreement->kappa) && !isfinite (agreement->low) && agreement->agreement < 1)
    tessera_cli_print (
        cli,
        "%zu %s a class from both: %.1f%% the same, kappa %.3f, without an "
        "interval: %s.\n",
        agreement->n, both, 100 * agreement->agreement, agreement->kappa,
        tsr_agreement_is_onesided (agreement)
            ? "one of the two gave a single class, so kappa is 0 whatever the other says"
            : "these tiles do not tell one");
  else if (isfinite (agreement->kappa) && !isfinite (agreement->low))
    tessera_cli_print (cli,
                       "%zu %s a class from both, and all of them the same: kappa %.3f, without an "
                       "interval.\n",
                       agreement->n, both, agreement->kappa);
  else if (isfinite (agreement->kappa))
    tessera_cli_print (cli,
                       "%zu %s a class from both: %.1f%% the same, kappa %.3f (95%% "
                       "interval %.3f to %.3f).\n",
                       agreement->n, both, 100 * agreement->agreement, agreement->kappa,
                       agreement->low, agreement->high);
  else
    tessera_cli_print (cli,
                       "%zu %s a class from both, all of them the same one: kappa cannot "
                       "tell agreement from chance.\n",
                       agreement->n, both);
  report_others (cli, readings);
  report_likeness (cli, readings);
  report_disputed (cli, project, readings);
  tsr_agreement_free (agreement);
  return true;
}

const TesseraCommand tessera_command_agreement = {
    .name = "agreement",
    .arguments = "PROJECT OTHER",
    .summary = "Compare the labels with another reader's",
    .details = "OTHER is another reader's copy of the project, or a table of labels as “tessera "
               "export --csv” writes it. Tells how\n"
               "often both gave a tile the same class, Cohen's kappa, both for each class too, and "
               "which tiles are disputed.",
    .options = options,
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
};
