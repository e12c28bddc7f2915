#include "tsr-report-facts.h"

#include "tsr-map-info.h"
#include "tsr-metrics.h"
#include "tsr-model-file.h"
#include "tsr-sampling.h"

#include <math.h>
#include <string.h>

static void
add (GArray *facts, const char *name, char *value)
{
  TsrReportFact fact = {g_strdup (name), value};
  g_array_append_val (facts, fact);
}

static void
fact_clear (gpointer data)
{
  TsrReportFact *fact = data;
  g_free (fact->name);
  g_free (fact->value);
}

static void
add_tiles (GArray *facts, const TsrTable *table)
{
  uint32_t labelled = 0, unsure = 0, excluded = 0;
  for (uint32_t i = 0; i < table->n; i++) {
    excluded += table->excluded[i] != 0;
    labelled += !table->excluded[i] && table->label[i] >= 0;
    unsure += !table->excluded[i] && table->label[i] == TSR_LABEL_UNSURE;
  }
  add (facts, "Tiles", g_strdup_printf ("%u, %u of them excluded", table->n, excluded));
  add (facts, "Labelled", g_strdup_printf ("%u, and %u not assessable", labelled, unsure));
}

/* Who labelled how many, from when to when. */
static void
add_readers (GArray *facts, const TsrTable *table, TsrProject *project)
{
  g_autoptr (GHashTable) count = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gint64 first = G_MAXINT64, last = G_MININT64;
  for (uint32_t i = 0; i < table->n; i++) {
    char *annotator = NULL;
    gint64 at;
    TsrHow how;
    if (table->label[i] == TSR_LABEL_NONE ||
        !tsr_project_label_origin (project, i, &annotator, &at, &how))
      continue;
    guint n = GPOINTER_TO_UINT (g_hash_table_lookup (count, annotator));
    g_hash_table_insert (count, annotator, GUINT_TO_POINTER (n + 1));
    first = MIN (first, at);
    last = MAX (last, at);
  }
  if (g_hash_table_size (count) == 0)
    return;
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (count), (GCompareFunc)strcmp);
  g_autoptr (GString) text = g_string_new (NULL);
  for (GList *l = names; l; l = l->next)
    g_string_append_printf (text, "%s%s (%u)", l == names ? "" : ", ", (const char *)l->data,
                            GPOINTER_TO_UINT (g_hash_table_lookup (count, l->data)));
  add (facts, "Labelled by", g_string_free (g_steal_pointer (&text), FALSE));
  g_autoptr (GDateTime) from = g_date_time_new_from_unix_utc (first / G_USEC_PER_SEC);
  g_autoptr (GDateTime) to = g_date_time_new_from_unix_utc (last / G_USEC_PER_SEC);
  if (!from || !to)
    return;
  g_autofree char *a = g_date_time_format (from, "%Y-%m-%d"),
                  *b = g_date_time_format (to, "%Y-%m-%d");
  add (facts, "Labelled on",
       strcmp (a, b) == 0 ? g_strdup (a) : g_strdup_printf ("%s to %s", a, b));
}

static void
add_model (GArray *facts, TsrProject *project)
{
  g_autofree char *model = tsr_project_get_model (project);
  g_autoptr (TsrSafetensors) file = model ? tsr_safetensors_open (model, NULL) : NULL;
  TsrModelConfig config;
  if (!file || !tsr_model_config_read (file, &config, NULL)) {
    add (facts, "Model", g_strdup (model ? "its file cannot be read" : "none"));
    return;
  }
  const char *images = tsr_safetensors_metadata (file, "trained_images");
  double kimg = images ? g_ascii_strtod (images, NULL) / 1000 : 0;
  add (facts, "Model",
       kimg > 0 ? g_strdup_printf ("%d px, W of %d, %.4g thousand images", config.resolution,
                                   config.w_dim, kimg)
                : g_strdup_printf ("%d px, W of %d", config.resolution, config.w_dim));
}

static void
add_map (GArray *facts, const TsrTable *table)
{
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (table->map_info);
  if (!table->map) {
    add (facts, "Map", g_strdup ("none"));
    return;
  }
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text, info->tiles == 1 ? "%u tile" : "%u tiles", info->tiles);
  if (info->method && strcmp (info->method, "tsne") == 0)
    g_string_append_printf (text, ", t-SNE, perplexity %g, seed %" G_GUINT64_FORMAT,
                            info->perplexity, info->seed);
  else if (info->method && strcmp (info->method, "umap") == 0)
    g_string_append_printf (text, ", UMAP, %u neighbours, seed %" G_GUINT64_FORMAT,
                            info->neighbours, info->seed);
  else if (info->method)
    g_string_append_printf (text, ", %s", info->method);
  if (info->trust.k > 0)
    g_string_append_printf (text, "; %.0f%% of neighbours kept", 100 * info->trust.kept);
  add (facts, "Map", g_string_free (g_steal_pointer (&text), FALSE));
}

/* How far the farthest tile lies from a label, in parts of how far it would with one. */
static void
add_coverage (GArray *facts, const TsrTable *table)
{
  size_t n = table->n, labels = 0;
  if (!table->map || n == 0)
    return;
  g_autofree uint8_t *labelled = g_new0 (uint8_t, n), *blocked = g_new0 (uint8_t, n);
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (size_t i = 0; i < n; i++) {
    const float *at = table->map + 2 * i;
    blocked[i] = table->excluded[i] || !isfinite (at[0]) || !isfinite (at[1]);
    labelled[i] = !blocked[i] && table->label[i] >= 0;
    labels += labelled[i];
    for (int axis = 0; axis < 2 && !blocked[i]; axis++) {
      low[axis] = fmin (low[axis], at[axis]);
      high[axis] = fmax (high[axis], at[axis]);
    }
  }
  double across = hypot (high[0] - low[0], high[1] - low[1]);
  if (labels == 0 || !(across > 0))
    return;
  double radius = tsr_sample_radius (table->map, n, 2, labelled, blocked);
  add (facts, "Coverage",
       g_strdup_printf ("no tile is farther from a label than %.0f%% of the map's width",
                        100 * radius / across));
}

static void
add_predictions (GArray *facts, const TsrTable *table)
{
  if (!table->prediction) {
    add (facts, "Predictions", g_strdup ("none: there are no labels yet, or no map"));
    return;
  }
  add (facts, "Predicted by", g_strdup (tsr_rule_description (table->rule)));
  if (table->held > 0) {
    double low, high;
    tsr_wilson_interval (table->held_right, table->held, &low, &high);
    add (facts, "Estimated accuracy",
         g_strdup_printf ("%.0f%% (%.0f to %.0f): %zu of %zu %s, each left out, %s told by the "
                          "others",
                          100 * (double)table->held_right / (double)table->held, 100 * low,
                          100 * high, table->held_right, table->held,
                          table->held == 1 ? "label" : "labels",
                          table->held_right == 1 ? "is" : "are"));
  }
  size_t right = 0, n = 0;
  for (uint32_t i = 0; table->truth_names && i < table->n; i++) {
    if (table->excluded[i] || table->label[i] != TSR_LABEL_NONE || table->truth[i] < 0 ||
        table->prediction[i].class_id < 0)
      continue;
    n++;
    right += table->truth_classes[table->truth[i]] == table->prediction[i].class_id;
  }
  if (n > 0)
    add (facts, "Against the truth",
         g_strdup_printf ("%.1f%% of %zu %s right", 100 * (double)right / (double)n, n,
                          n == 1 ? "prediction is" : "predictions are"));
}

GArray *
tsr_report_facts (const TsrTable *table, TsrProject *project)
{
  GArray *facts = g_array_new (FALSE, FALSE, sizeof (TsrReportFact));
  g_array_set_clear_func (facts, fact_clear);
  add_tiles (facts, table);
  add_readers (facts, table, project);
  add_predictions (facts, table);
  add_coverage (facts, table);
  add_map (facts, table);
  add_model (facts, project);
  return facts;
}

/* ---- examples ---- */

static float
probability (const TsrTable *table, uint32_t tile, int32_t class_)
{
  return table->probability[(size_t)tile * table->n_classes + (size_t)class_];
}

/* Puts a predicted tile among a class's examples, the most probable first. */
static void
offer (const TsrTable *table, TsrReportClass *each, uint32_t tile, int32_t class_, unsigned most)
{
  unsigned at = each->n;
  while (at > each->n_labelled &&
         probability (table, each->tile[at - 1], class_) < probability (table, tile, class_))
    at--;
  if (at == most)
    return;
  unsigned moved = MIN (each->n, most - 1) - at;
  memmove (each->tile + at + 1, each->tile + at, moved * sizeof *each->tile);
  each->tile[at] = tile;
  each->n = MIN (each->n + 1, most);
}

/* Every so many of the class's labelled tiles, so that they are not all of one slide. */
static void
take_labelled (const TsrTable *table, TsrReportClass *each, int32_t class_, unsigned most)
{
  uint32_t wanted = MIN (each->labelled, each->predicted > 0 ? most / 2 : most), seen = 0;
  for (uint32_t i = 0; i < table->n && each->n < wanted; i++) {
    if (table->excluded[i] || table->label[i] != class_)
      continue;
    if ((uint64_t)seen++ * wanted >= (uint64_t)each->n * each->labelled)
      each->tile[each->n++] = i;
  }
  each->n_labelled = each->n;
}

TsrReportClass *
tsr_report_classes (const TsrTable *table, unsigned most)
{
  TsrReportClass *classes = g_new0 (TsrReportClass, (size_t)table->n_classes + 1);
  most = CLAMP (most, 2, TSR_REPORT_EXAMPLES);
  for (uint32_t c = 0; c < table->n_classes; c++) {
    tsr_table_count (table, (int32_t)c, &classes[c].labelled, &classes[c].predicted);
    take_labelled (table, &classes[c], (int32_t)c, most);
  }
  for (uint32_t i = 0; table->prediction && i < table->n; i++) {
    int32_t class_ = table->prediction[i].class_id;
    if (class_ >= 0 && !table->excluded[i] && table->label[i] == TSR_LABEL_NONE)
      offer (table, &classes[class_], i, class_, most);
  }
  return classes;
}
