/* tessera classify: every tile takes the class that the labels say it has. */

#include "tessera-open.h"
#include "tsr-metrics.h"

#include <math.h>

static const TesseraOption options[] = {
    {.name = "rule",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = TESSERA_RULES,
     .help = "How labels are spread to the other tiles (default: the project's setting, else map)"},
    TESSERA_COMMON_OPTIONS};

static void
report_classes (TesseraCli *cli, const TsrTable *table)
{
  json_t *classes = json_array ();
  tessera_cli_print (cli, "%-24s %10s %10s\n", "class", "labelled", "predicted");
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    uint32_t labelled, predicted;
    tsr_table_count (table, (int32_t)c, &labelled, &predicted);
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "name", class_->name);
    json_object_set_new (entry, "labelled", json_integer (labelled));
    json_object_set_new (entry, "predicted", json_integer (predicted));
    json_array_append_new (classes, entry);
    g_autofree char *shown = tessera_cli_cell (class_->name, 24);
    tessera_cli_print (cli, "%s %10u %10u\n", shown, labelled, predicted);
  }
  json_object_set_new (cli->result, "classes", classes);
}

static void
report_predictions (TesseraCli *cli, const TsrTable *table)
{
  json_t *list = json_array ();
  double sum = 0;
  uint32_t n = 0;
  for (uint32_t i = 0; i < table->n; i++) {
    const TsrPrediction *prediction = &table->prediction[i];
    const TsrClass *class_ = tsr_table_nth_class (table, prediction->class_id);
    if (!class_ || table->label[i] >= 0)
      continue;
    n++;
    sum += prediction->margin;
    if (!cli->json)
      continue;
    json_t *entry = tessera_cli_tile (table->names, i);
    tessera_cli_set_text (entry, "class", class_->name);
    json_object_set_new (entry, "follows", json_integer (prediction->follows));
    tessera_cli_set_number (entry, "distance", prediction->distance);
    tessera_cli_set_number (entry, "margin", prediction->margin);
    tessera_cli_set_number (
        entry, "probability",
        table->probability[(size_t)i * table->n_classes + (size_t)prediction->class_id]);
    json_array_append_new (list, entry);
  }
  json_object_set_new (cli->result, "predicted", json_integer (n));
  tessera_cli_set_number (cli->result, "mean_margin", n ? sum / n : NAN);
  json_object_set_new (cli->result, "predictions", list);
  tessera_cli_set_number (cli->result, "temperature", table->temperature);
  tessera_cli_print (cli, "%u %s predicted (%s), mean margin %.3f.\n", n,
                     tessera_cli_noun (n, "tile", "tiles"), tsr_rule_description (table->rule),
                     n ? sum / n : 0.0);
}

/* What the labels themselves say of the rule: each left out and told by the others. */
static void
report_estimate (TesseraCli *cli, const TsrTable *table)
{
  json_t *object = json_object ();
  double low, high, n = (double)table->held, right = (double)table->held_right;
  tsr_wilson_interval (table->held_right, table->held, &low, &high);
  json_object_set_new (object, "labels", json_integer ((json_int_t)table->held));
  json_object_set_new (object, "right", json_integer ((json_int_t)table->held_right));
  tessera_cli_set_number (object, "accuracy", n > 0 ? right / n : NAN);
  tessera_cli_set_number (object, "low", n > 0 ? low : NAN);
  tessera_cli_set_number (object, "high", n > 0 ? high : NAN);
  json_object_set_new (cli->result, "estimate", object);
  if (table->held > 0)
    tessera_cli_print (cli,
                       "Of %zu %s, each left out, %zu %s told by the others: %.0f%% (95%% "
                       "interval %.0f to %.0f).\n",
                       table->held, tessera_cli_noun (table->held, "label", "labels"),
                       table->held_right, tessera_cli_noun (table->held_right, "is", "are"),
                       100 * right / n, 100 * low, 100 * high);
}

/* Labels the others would not have given: slips of the hand are among them, and what is rare. */
static void
report_discordant (TesseraCli *cli, const TsrTable *table)
{
  json_t *list = json_array ();
  for (uint32_t i = 0; i < table->n; i++) {
    const TsrClass *own = tsr_table_nth_class (table, table->label[i]),
                   *told = tsr_table_nth_class (table, table->told[i]);
    if (!own || !told || own == told)
      continue;
    json_t *entry = tessera_cli_tile (table->names, i);
    tessera_cli_set_text (entry, "label", own->name);
    tessera_cli_set_text (entry, "told", told->name);
    json_array_append_new (list, entry);
  }
  size_t n = json_array_size (list);
  if (n > 0)
    tessera_cli_print (cli, "%zu label%s what the others say (--json lists them).\n", n,
                       n == 1 ? " is not" : "s are not");
  json_object_set_new (cli->result, "discordant", list);
}

/* Ground truths that stand for one class (their classes were merged) count as the first of them. */
static int32_t
first_truth_of (const TsrTable *table, int32_t truth)
{
  int32_t class_ = table->truth_classes[truth];
  for (int32_t t = 0; class_ >= 0 && t < truth; t++)
    if (table->truth_classes[t] == class_)
      return t;
  return truth;
}

/* For each class, the first ground truth it stands for, whatever it is called by now; or -1. */
static int32_t *
match_truth (const TsrTable *table)
{
  int32_t *match = g_new (int32_t, (size_t)table->n_classes + 1);
  for (uint32_t c = 0; c < table->n_classes; c++) {
    match[c] = -1;
    for (int32_t t = 0; table->truth_names[t] && match[c] < 0; t++)
      if (table->truth_classes[t] == (int32_t)c)
        match[c] = t;
  }
  return match;
}

/* Where the truth is known, how good the predictions of unlabelled tiles are. */
static void
report_accuracy (TesseraCli *cli, const TsrTable *table)
{
  if (!table->truth_names)
    return;
  size_t n_truth = g_strv_length (table->truth_names);
  g_autofree int32_t *match = match_truth (table);
  g_autofree int32_t *truth = g_new (int32_t, (size_t)table->n + 1),
                     *predicted = g_new (int32_t, (size_t)table->n + 1);
  g_autofree float *scores = g_new0 (float, (size_t)table->n *n_truth + 1);
  for (uint32_t i = 0; i < table->n; i++) {
    int32_t class_ = table->prediction[i].class_id;
    bool counts = !table->excluded[i] && table->label[i] == TSR_LABEL_NONE && class_ >= 0;
    truth[i] = counts && table->truth[i] >= 0 ? first_truth_of (table, table->truth[i]) : -1;
    predicted[i] = class_ >= 0 ? match[class_] : -1;
    for (uint32_t c = 0; c < table->n_classes; c++)
      if (match[c] >= 0)
        scores[(size_t)i * n_truth + match[c]] = table->scores[(size_t)i * table->n_classes + c];
  }
  TsrMetrics *metrics = tsr_metrics_new (truth, predicted, scores, table->n, n_truth);
  json_t *object = json_object ();
  json_object_set_new (object, "tiles", json_integer ((json_int_t)metrics->n));
  tessera_cli_set_number (object, "accuracy", metrics->accuracy);
  tessera_cli_set_number (object, "balanced_accuracy", metrics->balanced_accuracy);
  tessera_cli_set_number (object, "macro_f1", metrics->macro_f1);
  tessera_cli_set_number (object, "auc", metrics->auc);
  json_object_set_new (cli->result, "metrics", object);
  if (metrics->n > 0)
    tessera_cli_print (
        cli, "Against the ground truth: accuracy %.3f, balanced %.3f, macro F1 %.3f, AUC %.3f.\n",
        metrics->accuracy, metrics->balanced_accuracy, metrics->macro_f1, metrics->auc);
  tsr_metrics_free (metrics);
}

static bool
run (TesseraCli *cli, GError **error)
{
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_ONLY, error);
  if (!project)
    return false;
  g_autoptr (TsrTable) table =
      tsr_table_new (project, tessera_cli_rule (cli, project), true, &cli->progress, error);
  if (!table)
    return false;
  tessera_cli_veil (cli, project, table);
  if (table->rule == TSR_RULE_MAP && !tessera_cli_report_map (cli, project, error))
    return false;
  json_object_set_new (cli->result, "rule", json_string (tsr_rule_name (table->rule)));
  json_object_set_new (cli->result, "tiles", json_integer (table->n));
  report_classes (cli, table);
  report_predictions (cli, table);
  report_estimate (cli, table);
  report_discordant (cli, table);
  report_accuracy (cli, table);
  return true;
}

const TesseraCommand tessera_command_classify = {
    .name = "classify",
    .arguments = "PROJECT",
    .summary = "Predict the class of every unlabelled tile from the labels so far",
    .details = "Nothing is stored: predictions always follow from the labels. “tessera export "
               "--csv” writes them to a file.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
