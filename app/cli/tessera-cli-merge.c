/* tessera merge: another reader's labels join the project's. */

#include "tsr-label-import.h"
#include "tessera-open.h"
#include "tessera-readings.h"
#include "tsr-error.h"

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

typedef struct {
  TsrProject *project;
  TesseraReadings *readings;
  bool take;    /* the other's where both have a class */
  int32_t *ids; /* of the other's classes in the project; -1: not asked for yet */
  json_t *new_classes;
} Merge;

/* A class the project does not have comes in the colour the other reader knows it by, unless that
 * is taken. */
static bool
class_id (Merge *merge, int32_t value, int32_t *id, GError **error)
{
  const TsrReadingClass *class_ = merge->readings->other->classes->pdata[value];
  *id = merge->ids[value];
  if (*id >= 0)
    return true;
  g_autoptr (GPtrArray) classes = tsr_project_classes (merge->project);
  int64_t rgb = class_->coloured ? (int64_t)class_->rgb : -1;
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *own = classes->pdata[i];
    if (strcmp (own->name, class_->name) == 0)
      *id = own->id;
    if (own->rgb == class_->rgb)
      rgb = -1;
  }
  if (*id < 0) {
    *id = tsr_project_add_class (merge->project, class_->name, rgb, error);
    if (*id < 0)
      return false;
    json_array_append_new (merge->new_classes, json_string (class_->name));
  }
  merge->ids[value] = *id;
  return true;
}

/* Whether the tile takes the other reader's label. */
static bool
is_wanted (const Merge *merge, uint32_t tile)
{
  int32_t first = merge->readings->first[tile], second = merge->readings->second[tile];
  if (second == TSR_LABEL_NONE || second == first)
    return false;
  return first == TSR_LABEL_NONE || (merge->take && second >= 0);
}

/* One entry of the journal for each annotator. */
static bool
take_labels (Merge *merge, uint32_t *changed, GError **error)
{
  const TsrReading *other = merge->readings->other;
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (int32_t));
  for (guint reader = 0; reader < other->readers->len; reader++) {
    g_array_set_size (tiles, 0);
    g_array_set_size (values, 0);
    for (uint32_t i = 0; i < other->n; i++) {
      int32_t value = other->label[i];
      if (other->reader[i] != (int32_t)reader || !is_wanted (merge, i))
        continue;
      if (value >= 0 && !class_id (merge, value, &value, error))
        return false;
      g_array_append_val (tiles, i);
      g_array_append_val (values, value);
    }
    g_autoptr (GArray) changes = NULL;
    if (tiles->len > 0 &&
        !tsr_project_label (merge->project, (const uint32_t *)tiles->data,
                            (const int32_t *)values->data, tiles->len, false, TSR_HOW_IMPORTED,
                            other->readers->pdata[reader], &changes, error))
      return false;
    *changed += changes ? tsr_label_count (changes) : 0;
  }
  return true;
}

/* Both readings are in the journal by now; the tile is labelled anew, as the next suggestions. */
static bool
clear_disputed (TesseraCli *cli, Merge *merge, GError **error)
{
  const GArray *disputed = merge->readings->disputed;
  int32_t none = TSR_LABEL_NONE;
  g_autofree char *annotator = tsr_project_get (merge->project, "annotator");
  g_autofree char *user = g_utf8_make_valid (g_get_user_name (), -1);
  if (disputed->len == 0)
    return true;
  tessera_cli_print (cli, "%u disputed tiles are the next suggestions.\n", disputed->len);
  return tsr_project_label (merge->project, (const uint32_t *)disputed->data, &none, disputed->len,
                            true, TSR_HOW_CLEARED, annotator ? annotator : user, NULL, error) &&
         tsr_project_put_suggestions (merge->project, (const uint32_t *)disputed->data,
                                      disputed->len, "consensus", error);
}

static bool
merge_labels (TesseraCli *cli, Merge *merge, const char *how, GError **error)
{
  uint32_t changed = 0;
  bool clear = strcmp (how, "clear") == 0;
  merge->take = clear || strcmp (how, "take") == 0;
  if (!take_labels (merge, &changed, error) || (clear && !clear_disputed (cli, merge, error)))
    return false;
  const TsrReading *other = merge->readings->other;
  json_object_set_new (cli->result, "labels", json_integer (other->labelled));
  json_object_set_new (cli->result, "unknown", json_integer (other->unknown));
  json_object_set_new (cli->result, "changed", json_integer (changed));
  json_object_set_new (cli->result, "disputed", json_integer (merge->readings->disputed->len));
  tessera_cli_print (cli,
                     "%u labels read, %u tiles changed, %zu new classes; %u tiles had two "
                     "different classes (%s), %u labels belong to no tile here.\n",
                     other->labelled, changed, json_array_size (merge->new_classes),
                     merge->readings->disputed->len, how, other->unknown);
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  g_autoptr (TesseraReadings) readings =
      project ? tessera_readings_new (cli, project, cli->arguments[1], error) : NULL;
  if (!readings)
    return false;
  Merge merge = {.project = project, .readings = readings, .new_classes = json_array ()};
  merge.ids = g_new (int32_t, readings->other->classes->len + 1);
  for (guint c = 0; c < readings->other->classes->len; c++)
    merge.ids[c] = -1;
  json_object_set_new (cli->result, "new_classes", merge.new_classes);
  bool ok = merge_labels (cli, &merge, tessera_options_text (cli->options, "disputed"), error);
  g_free (merge.ids);
  return ok;
}

const TesseraCommand tessera_command_merge = {
    .name = "merge",
    .arguments = "PROJECT OTHER",
    .summary = "Take another reader's labels into the project",
    .details =
        "OTHER is another reader's copy of the project, or a table of labels. Tiles without "
        "a label here take the other's, under\n"
        "the other reader's name; whatever is replaced stays in the journal, and each annotator's "
        "labels can be undone in one step.",
    .options = options,
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
};
