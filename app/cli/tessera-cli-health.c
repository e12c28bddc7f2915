/* tessera health: how good the labelling is by now, and by which signs the method fails here. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-health.h"

#include <math.h>

static const TesseraOption options[] = {
    {.name = "rule",
     .kind = TESSERA_OPTION_CHOICE,
     .choices = TESSERA_RULES,
     .help = "How labels are spread to the other tiles (default: the project's setting, else map)"},
    {.name = "goal",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PERCENT",
     .min = 50,
     .max = 99,
     .help = "Share of right predictions that is good enough (default: the project's setting, else "
             "90)"},
    {.name = "check",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "N",
     .min = 1,
     .max = 10000,
     .help = "First draw N random tiles to label blind, in the place of an earlier check"},
    TESSERA_COMMON_OPTIONS};

/* --- a new check --- */

/* Predictions with class ids, as the check keeps them. */
static TsrPrediction *
predictions_by_id (const TsrTable *table, int32_t *label)
{
  TsrPrediction *prediction = g_memdup2 (table->prediction, table->n * sizeof *prediction);
  for (uint32_t i = 0; i < table->n; i++) {
    const TsrClass *own = tsr_table_nth_class (table, table->label[i]),
                   *told = tsr_table_nth_class (table, prediction[i].class_id);
    label[i] = own ? own->id : table->label[i];
    prediction[i].class_id = told ? told->id : TSR_NO_CLASS;
  }
  return prediction;
}

static bool
draw_check (TesseraCli *cli, TsrProject *project, TsrRule rule, uint32_t k, GError **error)
{
  g_autoptr (TsrTable) table = tsr_table_new (project, rule, true, &cli->progress, error);
  if (!table)
    return false;
  g_autofree int32_t *label = g_new (int32_t, (gsize)table->n + 1);
  g_autofree TsrPrediction *prediction = predictions_by_id (table, label);
  g_autoptr (TsrAudit) former = tsr_audit_load (project);
  g_autoptr (TsrAudit) audit = tsr_audit_draw (label, table->excluded, prediction, table->n, k,
                                               former ? former->seed + 1 : 1);
  if (!audit) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "There is no unlabelled tile with a prediction to check.");
    return false;
  }
  g_autofree float *w = NULL;
  uint32_t d = 2;
  if (tsr_rule_needs_w (rule) && !tsr_project_get_vectors (project, &w, &d, NULL, error))
    return false;
  audit->drawn_us = g_get_real_time ();
  audit->rule = g_strdup (tsr_rule_name (rule));
  audit->places = tsr_audit_places (audit, w ? w : table->map, d);
  return tsr_audit_store (project, audit, error);
}

/* --- the report --- */

static json_t *
share_object (const TsrShare *share)
{
  json_t *object = json_object ();
  json_object_set_new (object, "tiles", json_integer ((json_int_t)share->n));
  json_object_set_new (object, "right", json_integer ((json_int_t)share->right));
  tessera_cli_set_number (object, "accuracy", share->share);
  tessera_cli_set_number (object, "low", share->n > 0 ? share->low : NAN);
  tessera_cli_set_number (object, "high", share->n > 0 ? share->high : NAN);
  return object;
}

static void
report_classes (TesseraCli *cli, const TsrHealth *health)
{
  json_t *classes = json_array ();
  tessera_cli_print (cli, "\n%-24s %10s %10s %12s %12s\n", "class", "labelled", "predicted",
                     "left out", "random");
  for (guint c = 0; c < health->classes->len; c++) {
    const TsrHealthClass *class_ = health->classes->pdata[c];
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "name", class_->name);
    json_object_set_new (entry, "labelled", json_integer (class_->labelled));
    json_object_set_new (entry, "predicted", json_integer (class_->predicted));
    json_object_set_new (entry, "lacking", json_boolean (class_->lacking));
    json_object_set_new (entry, "left_out", share_object (&class_->held));
    json_object_set_new (entry, "checked", share_object (&class_->checked));
    json_array_append_new (classes, entry);
    g_autofree char *shown = tessera_cli_cell (class_->name, 24),
                    *held = g_strdup_printf ("%zu/%zu", class_->held.right, class_->held.n),
                    *checked =
                        g_strdup_printf ("%zu/%zu", class_->checked.right, class_->checked.n);
    tessera_cli_print (cli, "%s %10u %10u %12s %12s%s\n", shown, class_->labelled,
                       class_->predicted, held, checked, class_->lacking ? "  few labels" : "");
  }
  json_object_set_new (cli->result, "classes", classes);
}

static void
report_check (TesseraCli *cli, const TsrHealth *health, char *const *names)
{
  if (!health->audit) {
    json_object_set_new (cli->result, "check", json_null ());
    return;
  }
  json_t *check = share_object (&health->checked), *left = json_array ();
  g_autoptr (GArray) tiles = tsr_audit_left (health->audit);
  static const char *const states[] = {"running", "paused", "done"};
  json_object_set_new (check, "state", json_string (states[health->audit->state]));
  json_object_set_new (check, "drawn", json_integer (health->audit->tiles->len));
  json_object_set_new (check, "set_aside", json_integer ((json_int_t)health->aside));
  json_object_set_new (check, "labels_then", json_integer (health->audit->labels));
  json_object_set_new (check, "outdated", json_boolean (health->outdated));
  for (guint i = 0; i < tiles->len; i++)
    json_array_append_new (left, tessera_cli_tile (names, g_array_index (tiles, uint32_t, i)));
  json_object_set_new (check, "left", left);
  json_object_set_new (cli->result, "check", check);
  if (tiles->len > 0)
    tessera_cli_print (cli, "Of %u random tiles %u are still to be labelled (--json lists them).\n",
                       health->audit->tiles->len, tiles->len);
  else if (health->outdated)
    tessera_cli_print (cli,
                       "The random check was about other predictions (rule, map, model or more "
                       "labels); it no longer counts.\n");
}

static void
report_coverage (TesseraCli *cli, const TsrHealth *health)
{
  json_t *coverage = json_object ();
  tessera_cli_set_number (coverage, "radius", health->radius);
  tessera_cli_set_number (coverage, "radius_after", health->radius_more);
  json_object_set_new (coverage, "more", json_integer (health->more));
  json_object_set_new (cli->result, "coverage", coverage);
  if (isfinite (health->radius))
    tessera_cli_print (cli,
                       "No tile is farther from a label than %.1f%% of the map's width; %u more "
                       "labels bring that to %.1f%%.\n",
                       100 * health->radius, health->more, 100 * health->radius_more);
}

static void
report_signs (TesseraCli *cli, const TsrHealth *health)
{
  static const char *const marks[] = {"[ ]", "[ok]", "[?]", "[!]"};
  json_t *signs = json_array ();
  tessera_cli_print (cli, "\n");
  for (int s = 0; s < TSR_N_SIGNS; s++) {
    const TsrSign *sign = &health->sign[s];
    bool wrong = sign->state > TSR_SIGN_GOOD;
    json_t *entry = json_object ();
    json_object_set_new (entry, "sign", json_string (tsr_sign_id ((TsrSignKind)s)));
    json_object_set_new (entry, "state", json_string (tsr_sign_state_id (sign->state)));
    tessera_cli_set_number (entry, "value", sign->value);
    tessera_cli_set_number (entry, "doubtful", sign->look);
    tessera_cli_set_number (entry, "bad", sign->bad);
    tessera_cli_set_text (entry, "found", sign->found);
    tessera_cli_set_text (entry, "threshold", tsr_sign_threshold ((TsrSignKind)s));
    tessera_cli_set_text (entry, "remedy", wrong ? tsr_sign_remedy ((TsrSignKind)s) : NULL);
    json_object_set_new (entry, "next", json_string (tsr_remedy_id (sign->remedy)));
    json_array_append_new (signs, entry);
    g_autofree char *found = tessera_cli_shown (sign->found);
    tessera_cli_print (cli, "%-4s %s: %s.\n", marks[sign->state], tsr_sign_name ((TsrSignKind)s),
                       found);
    if (wrong)
      tessera_cli_print (cli, "     %s\n     %s\n", tsr_sign_threshold ((TsrSignKind)s),
                         tsr_sign_remedy ((TsrSignKind)s));
  }
  json_object_set_new (cli->result, "signs", signs);
}

static void
report_origins (TesseraCli *cli, const TsrHealth *health)
{
  json_t *sources = json_array (), *clusters = json_array ();
  for (guint s = 0; s < health->sources->len; s++) {
    const TsrHealthSource *source = health->sources->pdata[s];
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "column", source->name);
    tessera_cli_set_number (entry, "same", source->same);
    tessera_cli_set_number (entry, "chance", source->chance);
    tessera_cli_set_number (entry, "coefficient", source->coefficient);
    json_array_append_new (sources, entry);
  }
  for (guint c = 0; c < health->clusters->len; c++) {
    const TsrHealthCluster *cluster = health->clusters->pdata[c];
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "column", cluster->source);
    tessera_cli_set_text (entry, "value", cluster->group);
    json_object_set_new (entry, "tiles", json_integer (cluster->size));
    json_object_set_new (entry, "of_it", json_integer (cluster->most));
    tessera_cli_set_number (entry, "expected", cluster->expected);
    json_array_append_new (clusters, entry);
    g_autofree char *group = tessera_cli_shown (cluster->group);
    tessera_cli_print (cli, "     %u of %u tiles of a cluster are of %s “%s”, %.0f%% of all are.\n",
                       cluster->most, cluster->size, cluster->source ? cluster->source : "slide",
                       group, 100 * cluster->expected);
  }
  json_object_set_new (cli->result, "origins", sources);
  json_object_set_new (cli->result, "clusters", clusters);
  json_object_set_new (cli->result, "sampled", json_integer (health->sampled));
}

static const char *
class_name (const TsrHealth *health, int32_t id)
{
  for (guint c = 0; c < health->classes->len; c++)
    if (((const TsrHealthClass *)health->classes->pdata[c])->id == id)
      return ((const TsrHealthClass *)health->classes->pdata[c])->name;
  return NULL;
}

static void
report_discordant (TesseraCli *cli, const TsrHealth *health, char *const *names)
{
  json_t *list = json_array ();
  guint stale = 0;
  for (guint i = 0; i < health->discordant->len; i++) {
    const TsrDiscordant *one = &g_array_index (health->discordant, TsrDiscordant, i);
    json_t *entry = tessera_cli_tile (names, one->tile);
    tessera_cli_set_text (entry, "label", class_name (health, one->label));
    tessera_cli_set_text (entry, "told", class_name (health, one->told));
    json_object_set_new (entry, "stale", json_boolean (one->stale));
    json_array_append_new (list, entry);
    stale += one->stale;
  }
  json_object_set_new (cli->result, "discordant", list);
  if (health->discordant->len > 0)
    tessera_cli_print (cli,
                       "\n%u of %u labels are not what the others say, %u of them older than the "
                       "vectors (--json lists them).\n",
                       health->discordant->len, health->labelled, stale);
}

static bool
run (TesseraCli *cli, GError **error)
{
  bool check = tessera_options_given (cli->options, "check");
  g_autoptr (TsrProject) project =
      tessera_cli_open (cli, check ? TSR_PROJECT_READ_WRITE : TSR_PROJECT_READ_ONLY, error);
  if (!project)
    return false;
  TsrRule rule = tessera_cli_rule (cli, project);
  uint32_t k = (uint32_t)tessera_options_integer (cli->options, "check");
  if (check && !draw_check (cli, project, rule, k, error))
    return false;
  double goal = (double)tessera_options_integer (cli->options, "goal") / 100;
  g_autoptr (TsrHealth) health = tsr_health_new (project, rule, goal, &cli->progress, error);
  if (!health)
    return false;
  g_auto (GStrv) names = tsr_project_tile_names (project);
  json_object_set_new (cli->result, "rule", json_string (tsr_rule_name (rule)));
  json_object_set_new (cli->result, "tiles", json_integer (health->n));
  json_object_set_new (cli->result, "labelled", json_integer (health->labelled));
  json_object_set_new (cli->result, "verdict", json_string (tsr_verdict_id (health->verdict)));
  tessera_cli_set_text (cli->result, "headline", health->headline);
  tessera_cli_set_text (cli->result, "advice", health->advice);
  json_object_set_new (cli->result, "next", json_string (tsr_remedy_id (health->next)));
  tessera_cli_set_number (cli->result, "goal", health->goal);
  json_object_set_new (cli->result, "left_out", share_object (&health->held));
  tessera_cli_set_number (cli->result, "majority", health->majority);
  g_autofree char *advice = tessera_cli_shown (health->advice);
  tessera_cli_print (cli, "%s. %s\n", health->headline, advice);
  report_check (cli, health, names);
  report_coverage (cli, health);
  report_classes (cli, health);
  report_signs (cli, health);
  report_origins (cli, health);
  report_discordant (cli, health, names);
  return true;
}

const TesseraCommand tessera_command_health = {
    .name = "health",
    .arguments = "PROJECT",
    .summary = "Say how good the predictions are, whether to stop, and what goes wrong",
    .details = "Stores nothing but, with --check, which tiles are to be labelled blind.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
