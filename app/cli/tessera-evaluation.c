#include "tessera-evaluation.h"

#include "tsr-error.h"
#include "tsr-jobs.h"
#include "tsr-layout.h"
#include "tsr-map-figure.h"
#include "tsr-pixel-features.h"
#include "tsr-project-slides.h"
#include "tsr-table.h"
#include "tsr-tile-place.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

/* What is gathered from the project for tsr_evaluate. */
typedef struct {
  TesseraCli *cli;
  const TesseraEvaluation *wish;
  uint32_t n, d, n_classes;
  int32_t *truth;
  char **class_names;
  uint8_t *left_out; /* excluded tiles */
  float *features;   /* [n,d], rows without any NAN */
  char *model_id;    /* whose vectors the features are, or NULL */
  TsrColumn *groups; /* the slide or column that rows are split by, or NULL */
  TsrLatent space;   /* of the features but for pixels */
  /* of the reduction at hand */
  TesseraReduction reduction;
  float *map; /* [n,map_d] */
  uint32_t map_d;
} Data;

/* The reduction that a map made in this way is. */
static TesseraReduction
reduction_of (const char *method)
{
  return g_strcmp0 (method, "pca") == 0    ? TESSERA_REDUCTION_PCA
         : g_strcmp0 (method, "umap") == 0 ? TESSERA_REDUCTION_UMAP
                                           : TESSERA_REDUCTION_TSNE;
}

const char *
tessera_reduction_name (TesseraReduction reduction)
{
  static const char *const names[TESSERA_N_REDUCTIONS] = {"none", "pca", "umap", "tsne"};
  return names[reduction];
}

static void
data_clear (Data *data)
{
  g_free (data->truth);
  g_strfreev (data->class_names);
  g_free (data->left_out);
  g_free (data->features);
  g_free (data->map);
  g_free (data->model_id);
  tsr_column_unref (data->groups);
}

static bool
gather_truth (Data *data, TsrProject *project, GError **error)
{
  data->n = tsr_project_n_tiles (project);
  data->truth = g_new (int32_t, (size_t)data->n + 1);
  data->left_out = g_new0 (uint8_t, (size_t)data->n + 1);
  data->class_names = tsr_project_truth (project, data->truth);
  if (!data->class_names) {
    g_autofree char *shown = g_filename_display_name (tsr_project_path (project));
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "“%s” has no ground truth to evaluate against: make it with “tessera new "
                 "--labels-from-folders”, or of annotations with --truth.",
                 shown);
    return false;
  }
  data->n_classes = g_strv_length (data->class_names);
  return tsr_project_labels (project, NULL, data->left_out, error);
}

/* The slide each tile lies on, or where it is not known what its name says. */
static TsrColumn *
slides_of (const Data *data, TsrProject *project, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)data->n + 1);
  if (!slides || !tsr_project_regions (project, regions, error))
    return NULL;
  g_auto (GStrv) names = tsr_project_tile_names (project);
  g_autoptr (GPtrArray) of = g_ptr_array_new_with_free_func (g_free);
  for (uint32_t i = 0; i < data->n; i++) {
    g_auto (TsrTilePlace) place = {0};
    if (regions[i].slide >= 0)
      g_ptr_array_add (of, g_strdup (((TsrProjectSlide *)slides->pdata[regions[i].slide])->name));
    else
      g_ptr_array_add (of, tsr_tile_place_parse (names[i], &place) ? g_strdup (place.slide) : NULL);
  }
  return tsr_column_new ("slide", (const char *const *)of->pdata, data->n);
}

static bool
gather_groups (Data *data, TsrProject *project, GError **error)
{
  const char *by = data->wish->group_by;
  if (!by)
    return true;
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, error);
  if (!columns)
    return false;
  const TsrColumn *column = tsr_figure_column (columns, by);
  if (column)
    data->groups = tsr_column_ref ((TsrColumn *)column);
  else if (strcmp (by, "slide") == 0 && !(data->groups = slides_of (data, project, error)))
    return false;
  if (data->groups && data->groups->n_texts > 0 && !data->groups->number)
    return true;
  g_autofree char *name = tessera_cli_shown (by),
                  *shown = g_filename_display_name (tsr_project_path (project));
  if (data->groups && data->groups->number)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "The column “%s” of “%s” holds numbers; --group-by takes one of categories, or "
                 "slide.",
                 name, shown);
  else
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        "“%s” does not say the %s of its tiles; --group-by takes slide, where tiles lie on "
        "slides, or a column that “tessera columns” lists.",
        shown, name);
  return false;
}

static bool
gather_features (Data *data, TsrProject *project, GError **error)
{
  if (data->wish->pixels) {
    data->features =
        tsr_pixel_features (project, data->left_out, &data->d, &data->cli->progress, error);
    return data->features != NULL;
  }
  g_autoptr (GError) cause = NULL;
  if (tsr_project_get_vectors (project, &data->features, &data->d, &data->model_id, &cause))
    return true;
  g_autofree char *shown = g_filename_display_name (tsr_project_path (project));
  if (cause)
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "“%s” has no W vectors yet: run “tessera embed” first, or use --features pixels.",
                 shown);
  return false;
}

/* Brings the features from Z to W: what an encoder of Z says, mapped by its model's network. */
static bool
map_to_w (Data *data, GError **error)
{
  TsrLatentJob job = {.model = data->wish->model,
                      .z = data->features,
                      .n = data->n,
                      .d = data->d,
                      .progress = data->cli->progress};
  if (!tessera_cli_run_job (data->cli, "latent", TSR_ENGINE_DEVICE, tsr_job_latent, &job, error))
    return false;
  g_free (data->features);
  data->features = job.w;
  data->d = job.w_dim;
  data->space = TSR_LATENT_W;
  return true;
}

/* Lays out compact[m,d] as the wish says. */
static bool
lay_out (const Data *data, const float *compact, size_t m, uint64_t seed, float *places,
         GError **error)
{
  const TesseraEvaluation *wish = data->wish;
  TsrTsneOptions options = wish->map;
  options.seed = seed;
  if (!tsr_progress_step (&data->cli->progress, -1, "Laying out the map", error))
    return false;
  if (data->reduction == TESSERA_REDUCTION_PCA)
    return tsr_layout_pca (compact, m, data->d, places, &data->cli->progress, error);
  if (data->reduction == TESSERA_REDUCTION_UMAP) {
    TsrUmapOptions umap = wish->umap;
    umap.seed = seed;
    return tsr_layout_umap (compact, m, data->d, wish->balance, &umap, places, NULL, NULL, NULL,
                            &data->cli->progress, error);
  }
  return tsr_layout_tsne (compact, m, data->d, wish->balance, &options, places, NULL, NULL, NULL,
                          &data->cli->progress, error);
}

/* Makes a map of every tile that has features and is not left out; the others get no place. */
static bool
make_map (const Data *data, uint64_t seed, float *y, GError **error)
{
  g_autofree uint32_t *tiles = g_new (uint32_t, (size_t)data->n + 1);
  size_t m = 0, d = data->d;
  for (uint32_t i = 0; i < data->n; i++) {
    y[2 * (size_t)i] = y[2 * (size_t)i + 1] = NAN;
    if (!data->left_out[i] && tsr_vectors_row_finite (data->features + i * d, d))
      tiles[m++] = i;
  }
  if (m == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 "No tile can be put on a map: run “tessera embed” first.");
    return false;
  }
  g_autofree float *compact = g_new (float, m *d), *places = g_new (float, 2 * m);
  for (size_t i = 0; i < m; i++)
    memcpy (compact + i * d, data->features + tiles[i] * d, d * sizeof (float));
  if (!lay_out (data, compact, m, seed, places, error))
    return false;
  for (size_t i = 0; i < m; i++)
    memcpy (y + 2 * (size_t)tiles[i], places + 2 * i, 2 * sizeof (float));
  return true;
}

static bool
remap (unsigned run, float *y, void *user, GError **error)
{
  const Data *data = user;
  return make_map (data, run, y, error);
}

/* How a stored map was made, if it says. */
static TesseraReduction
method_of (const char *info)
{
  json_t *object = info ? json_loads (info, 0, NULL) : NULL;
  const char *method = json_string_value (json_object_get (object, "method"));
  TesseraReduction reduction = reduction_of (method);
  json_decref (object);
  return reduction;
}

/* Fills data->map from the project; false (no error) if there is none, or one of another model's
 * vectors or, where reductions are compared, of another kind. */
static bool
stored_map (Data *data, TsrProject *project, GError **error)
{
  g_autofree float *stored = NULL;
  g_autofree char *info = NULL;
  uint32_t n = 0;
  if (!tsr_project_get_map (project, &stored, &n, &info, error))
    return false;
  if (tsr_map_info_is_stale (info, data->model_id)) {
    tessera_cli_note (data->cli,
                      "The project's map was made with another model: making a new one.");
    return false;
  }
  if (data->wish->compared && method_of (info) != data->reduction)
    return false;
  data->reduction = method_of (info);
  for (size_t i = 0; i < 2 * (size_t)data->n; i++)
    data->map[i] = i < 2 * (size_t)n ? stored[i] : NAN;
  return true;
}

/* The project's map if it may serve, else a new one, or none but the features. *made becomes what
 * the report calls it. */
static bool
gather_map (Data *data, TsrProject *project, TesseraReduction reduction, const char **made,
            GError **error)
{
  const TesseraEvaluation *wish = data->wish;
  g_autoptr (GError) cause = NULL;
  data->reduction = reduction;
  data->map_d = reduction == TESSERA_REDUCTION_NONE ? data->d : 2;
  g_free (data->map);
  data->map = g_new (float, data->map_d *(size_t)data->n + 1);
  if (reduction == TESSERA_REDUCTION_NONE) {
    memcpy (data->map, data->features, data->map_d * (size_t)data->n * sizeof (float));
    *made = "none";
    return true;
  }
  *made = wish->remap ? "every run" : "new";
  bool own = !wish->pixels && data->space == wish->latent;
  if (own && !wish->fresh_map && !wish->remap && stored_map (data, project, &cause)) {
    *made = "project";
    return true;
  }
  if (cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  return make_map (data, wish->remap ? 0 : wish->map.seed, data->map, error);
}

/* ---- the report ---- */

static json_t *
mean_sd (double mean, double sd)
{
  json_t *object = json_object ();
  tessera_cli_set_number (object, "mean", mean);
  tessera_cli_set_number (object, "sd", sd);
  return object;
}

/* "0.912 ± 0.013", or what is known of it. */
static char *
cell (double mean, double sd)
{
  if (!isfinite (mean))
    return g_strdup ("-");
  return isfinite (sd) ? g_strdup_printf ("%.3f ± %.3f", mean, sd) : g_strdup_printf ("%.3f", mean);
}

/* Pads by characters: "±" is one of them, but two bytes. */
static void
print_cell (TesseraCli *cli, const char *text, int width)
{
  int blanks = width - (int)g_utf8_strlen (text, -1);
  tessera_cli_print (cli, "  %*s%s", MAX (blanks, 0), "", text);
}

static void
print_heads (TesseraCli *cli)
{
  static const char *const heads[TSR_N_METRICS] = {"accuracy",      "balanced", "macro F1",   "AUC",
                                                   "classes found", "log loss", "calibration"};
  tessera_cli_print (cli, "%-9s  %-6s  %-9s  %6s  %6s", "strategy", "rule", "reduction", "rounds",
                     "labels");
  for (int m = 0; m < TSR_N_METRICS; m++)
    print_cell (cli, heads[m], 15);
  tessera_cli_print (cli, "\n");
}

#define MOST_GROUPS 12 /* listed for people: those that need looking at */

static int
by_accuracy (gconstpointer a, gconstpointer b, gpointer accuracy)
{
  const double *of = accuracy, x = of[*(const uint32_t *)a], y = of[*(const uint32_t *)b];
  return (x > y) - (x < y);
}

/* The groups that had tiles to be told, the worst first. */
static void
list_groups (const Data *data, const TsrEvaluateRow *row)
{
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (uint32_t g = 0; g < data->groups->n_texts; g++)
    if (isfinite (row->group[g]))
      g_array_append_val (order, g);
  g_array_sort_with_data (order, by_accuracy, (gpointer)row->group);
  for (guint i = 0; i < MIN (order->len, MOST_GROUPS); i++) {
    uint32_t g = g_array_index (order, uint32_t, i);
    g_autofree char *name = tessera_cli_shown (data->groups->texts[g]);
    tessera_cli_print (data->cli, "%-9s  %.3f  %s\n", "", row->group[g], name);
  }
  if (order->len > MOST_GROUPS)
    tessera_cli_print (data->cli, "%-9s  and %u that are better (--json lists all)\n", "",
                       order->len - MOST_GROUPS);
}

/* How right the rule is on each slide, and where it is worst. */
static void
report_groups (const Data *data, const TsrEvaluateRow *row, json_t *entry)
{
  const TsrColumn *groups = data->groups;
  if (!groups)
    return;
  json_t *list = json_array ();
  uint32_t worst = UINT32_MAX;
  double sum = 0;
  unsigned n = 0;
  for (uint32_t g = 0; g < groups->n_texts; g++) {
    json_t *group = json_object ();
    tessera_cli_set_text (group, "name", groups->texts[g]);
    tessera_cli_set_number (group, "accuracy", row->group[g]);
    json_array_append_new (list, group);
    if (!isfinite (row->group[g]))
      continue;
    sum += row->group[g];
    n++;
    if (worst == UINT32_MAX || row->group[g] < row->group[worst])
      worst = g;
  }
  json_object_set_new (entry, "groups", list);
  tessera_cli_set_number (entry, "group_accuracy", n > 0 ? sum / n : NAN);
  if (worst == UINT32_MAX)
    return;
  g_autofree char *name = tessera_cli_shown (groups->texts[worst]);
  tessera_cli_print (data->cli, "%-9s  accuracy of %u %s %.3f in the mean, worst %.3f (%s)\n", "",
                     n, tessera_cli_noun (n, "group", "groups"), sum / n, row->group[worst], name);
  list_groups (data, row);
}

static void
report_rows (const Data *data, const GArray *rows, json_t *list)
{
  TesseraCli *cli = data->cli;
  const char *reduction = tessera_reduction_name (data->reduction);
  for (guint i = 0; i < rows->len; i++) {
    const TsrEvaluateRow *row = &g_array_index (rows, TsrEvaluateRow, i);
    const char *strategy = tsr_strategy_name (row->strategy), *rule = tsr_rule_name (row->rule);
    json_t *entry =
        json_pack ("{s:s,s:s,s:s,s:s,s:i,s:i}", "strategy", strategy, "rule", rule, "space",
                   data->wish->pixels ? "pixels" : tsr_latent_name (data->space), "reduction",
                   reduction, "rounds", (int)row->rounds, "labels", (int)row->labels);
    tessera_cli_print (cli, "%-9s  %-6s  %-9s  %6u  %6u", strategy, rule, reduction, row->rounds,
                       row->labels);
    for (TsrEvaluateMetric m = 0; m < TSR_N_METRICS; m++) {
      json_object_set_new (entry, tsr_evaluate_metric_name (m), mean_sd (row->mean[m], row->sd[m]));
      g_autofree char *text = cell (row->mean[m], row->sd[m]);
      print_cell (cli, text, 15);
    }
    tessera_cli_print (cli, "\n");
    report_groups (data, row, entry);
    json_array_append_new (list, entry);
  }
}

static void
report_picks (const Data *data, const GPtrArray *picks, json_t *list)
{
  for (guint i = 0; i < picks->len; i++) {
    const TsrEvaluatePicks *run = g_ptr_array_index (picks, i);
    json_t *tiles = json_array ();
    for (size_t k = 0; k < run->n; k++)
      json_array_append_new (tiles, json_integer (run->tiles[k]));
    json_t *entry =
        json_pack ("{s:s,s:s,s:s,s:i,s:o}", "strategy", tsr_strategy_name (run->strategy), "space",
                   data->wish->pixels ? "pixels" : tsr_latent_name (data->space), "reduction",
                   tessera_reduction_name (data->reduction), "run", (int)run->run, "tiles", tiles);
    json_object_set_new (entry, "rounds", run->rounds ? json_integer (run->rounds) : json_null ());
    json_object_set_new (entry, "rule",
                         run->rule >= 0 ? json_string (tsr_rule_name ((TsrRule)run->rule))
                                        : json_null ());
    json_array_append_new (list, entry);
  }
}

/* What all rows have in common, before the first of them. */
static void
report_head (const Data *data, const TsrEvaluateResult *result, const char *made)
{
  TesseraCli *cli = data->cli;
  const TesseraEvaluation *wish = data->wish;
  json_object_set_new (cli->result, "features", json_string (wish->pixels ? "pixels" : "w"));
  json_object_set_new (cli->result, "map", json_string (made));
  json_object_set_new (cli->result, "tiles", json_integer (result->tiles));
  json_object_set_new (cli->result, "runs", json_integer (wish->runs));
  json_t *classes = json_array ();
  for (uint32_t c = 0; c < data->n_classes; c++)
    json_array_append_new (classes, json_string (data->class_names[c]));
  json_object_set_new (cli->result, "classes", classes);
  json_object_set_new (cli->result, "rows", json_array ());
  if (wish->picks)
    json_object_set_new (cli->result, "picks", json_array ());
  tessera_cli_print (cli, "%u %s, %u %s, %u %s; %s, %s.\n\n", result->tiles,
                     tessera_cli_noun (result->tiles, "tile", "tiles"), data->n_classes,
                     tessera_cli_noun (data->n_classes, "class", "classes"), wish->runs,
                     tessera_cli_noun (wish->runs, "run", "runs"),
                     wish->pixels                  ? "raw pixels (PCA)"
                     : data->space == TSR_LATENT_Z ? "Z"
                                                   : "W",
                     strcmp (made, "project") == 0 ? "the project’s map"
                     : strcmp (made, "none") == 0  ? "no map"
                                                   : "a new map");
  print_heads (cli);
}

static TsrEvaluateResult *
evaluate (Data *data, GError **error)
{
  static const uint32_t once = 1;
  const TesseraEvaluation *wish = data->wish;
  TsrEvaluateInput input = {.n = data->n,
                            .n_classes = data->n_classes,
                            .truth = data->truth,
                            .left_out = data->left_out,
                            .map = data->map,
                            .map_d = data->map_d,
                            .w = data->features,
                            .d = data->d,
                            .labels = wish->labels,
                            .n_labels = wish->n_labels,
                            .rounds = wish->rounds ? wish->rounds : &once,
                            .n_rounds = wish->rounds ? wish->n_rounds : 1,
                            .runs = wish->runs,
                            .group = data->groups ? data->groups->code : NULL,
                            .n_groups = data->groups ? data->groups->n_texts : 0,
                            .remap = wish->remap && data->reduction ? remap : NULL,
                            .user = data,
                            .progress = &data->cli->progress};
  memcpy (input.strategies, wish->strategies, sizeof input.strategies);
  memcpy (input.rules, wish->rules, sizeof input.rules);
  return tsr_evaluate (&input, error);
}

/* Every reduction that is wanted of the features at hand; *begun: the report has its head. */
static bool
evaluate_reductions (Data *data, TsrProject *project, bool *begun, GError **error)
{
  TesseraCli *cli = data->cli;
  const TesseraEvaluation *wish = data->wish;
  for (int r = TESSERA_N_REDUCTIONS - 1; r >= 0; r--) { /* the paper's first */
    bool wanted = wish->compared ? wish->reductions[r] : r == (int)reduction_of (wish->method);
    const char *made;
    if (!wanted)
      continue;
    if (!gather_map (data, project, (TesseraReduction)r, &made, error))
      return false;
    g_autoptr (TsrEvaluateResult) result = evaluate (data, error);
    if (!result)
      return false;
    if (!*begun)
      report_head (data, result, made);
    *begun = true;
    report_rows (data, result->rows, json_object_get (cli->result, "rows"));
    if (wish->picks)
      report_picks (data, result->picks, json_object_get (cli->result, "picks"));
  }
  return true;
}

bool
tessera_evaluation_run (TesseraCli *cli, TsrProject *project, const TesseraEvaluation *wish,
                        GError **error)
{
  Data data = {.cli = cli, .wish = wish, .space = wish->latent};
  TsrLatent other = wish->latent == TSR_LATENT_W ? TSR_LATENT_Z : TSR_LATENT_W;
  bool begun = false;
  bool ok = gather_truth (&data, project, error) && gather_groups (&data, project, error) &&
            gather_features (&data, project, error);
  if (ok && (wish->spaces[wish->latent] || !wish->spaces[other]))
    ok = evaluate_reductions (&data, project, &begun, error);
  if (ok && wish->spaces[other])
    ok = map_to_w (&data, error) && evaluate_reductions (&data, project, &begun, error);
  data_clear (&data);
  return ok;
}
