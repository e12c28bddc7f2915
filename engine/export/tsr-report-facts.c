#include "tsr-report-facts.h"

#include "tsr-i18n.h"
#include "tsr-map-info.h"
#include "tsr-model-file.h"
#include "tsr-number.h"
#include "tsr-sampling.h"
#include "tsr-share.h"

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
  g_autofree char *all = tsr_number_count (table->n), *out = tsr_number_count (excluded),
                  *known = tsr_number_count (labelled), *open = tsr_number_count (unsure);
  add (facts, _ ("Tiles"), g_strdup_printf (_ ("%s, %s of them excluded"), all, out));
  add (facts, _ ("Labelled"), g_strdup_printf (_ ("%s, and %s not assessable"), known, open));
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
  for (GList *l = names; l; l = l->next) {
    g_autofree char *n = tsr_number_count (GPOINTER_TO_UINT (g_hash_table_lookup (count, l->data)));
    g_string_append_printf (text, "%s%s (%s)", l == names ? "" : ", ", (const char *)l->data, n);
  }
  add (facts, _ ("Labelled by"), g_string_free (g_steal_pointer (&text), FALSE));
  g_autoptr (GDateTime) from = g_date_time_new_from_unix_local (first / G_USEC_PER_SEC);
  g_autoptr (GDateTime) to = g_date_time_new_from_unix_local (last / G_USEC_PER_SEC);
  if (!from || !to)
    return;
  g_autofree char *a = tsr_number_date (from), *b = tsr_number_date (to);
  /* Translators: two dates. */
  char *both = strcmp (a, b) == 0 ? g_strdup (a) : g_strdup_printf (_ ("%s to %s"), a, b);
  add (facts, _ ("Labelled on"), both);
}

static void
add_model (GArray *facts, TsrProject *project)
{
  g_autofree char *model = tsr_project_get_model (project);
  g_autoptr (TsrSafetensors) file = model ? tsr_safetensors_open (model, NULL) : NULL;
  TsrModelConfig config;
  if (!file || !tsr_model_config_read (file, &config, NULL)) {
    add (facts, _ ("Model"),
         g_strdup (model ? _ ("its file cannot be read") : C_ ("model", "none")));
    return;
  }
  const char *images = tsr_safetensors_metadata (file, "trained_images");
  double kimg = images ? g_ascii_strtod (images, NULL) / 1000 : 0;
  g_autofree char *trained = tsr_number_digits (kimg, 4);
  add (facts, _ ("Model"),
       kimg > 0 ? /* Translators: pixels of a tile's side, numbers a tile is told by (W), images
                     trained on. */
           g_strdup_printf (_ ("%d px, W of %d, %s thousand images"), config.resolution,
                            config.w_dim, trained)
                : g_strdup_printf (_ ("%d px, W of %d"), config.resolution, config.w_dim));
}

/* "2,240 tiles, t-SNE, perplexity 30, seed 1" */
static char *
map_text (const TsrMapInfo *info)
{
  g_autofree char *tiles = tsr_number_count (info->tiles),
                  *perplexity = tsr_number_digits (info->perplexity, 6),
                  *neighbours = tsr_number_count (info->neighbours),
                  *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, info->seed);
  if (info->method && strcmp (info->method, "tsne") == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s tile, t-SNE, perplexity %s, seed %s",
                                         "%s tiles, t-SNE, perplexity %s, seed %s", info->tiles),
                            tiles, perplexity, seed);
  if (info->method && strcmp (info->method, "umap") == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s tile, UMAP, %s neighbours, seed %s",
                                         "%s tiles, UMAP, %s neighbours, seed %s", info->tiles),
                            tiles, neighbours, seed);
  g_autofree char *text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s tile", "%s tiles", info->tiles), tiles);
  return info->method ? g_strdup_printf ("%s, %s", text, info->method) : g_steal_pointer (&text);
}

static void
add_map (GArray *facts, const TsrTable *table)
{
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (table->map_info);
  if (!table->map) {
    add (facts, _ ("Map"), g_strdup (C_ ("map", "none")));
    return;
  }
  g_autofree char *text = map_text (info);
  add (facts, _ ("Map"),
       info->trust.k > 0 ? /* Translators: how the map was made; then how far it can be trusted. */
           g_strdup_printf (_ ("%s; %.0f %% of neighbours kept"), text, 100 * info->trust.kept)
                         : g_steal_pointer (&text));
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
  g_autofree char *percent = tsr_number_decimals (100 * radius / across, 0);
  add (facts, _ ("Coverage"),
       g_strdup_printf (_ ("no tile is farther from a label than %s %% of the map's width"),
                        percent));
}

/* How often labels are told by the others; so few say nothing of how often. */
static char *
estimate (const TsrTable *table)
{
  g_autofree char *right = tsr_number_count (table->held_right),
                  *held = tsr_number_count (table->held);
  TsrShare share = tsr_share (table->held_right, table->held);
  if (share.n < tsr_share_fewest (TSR_SHARE_GOAL - TSR_SHARE_TOLERANCE))
    return g_strdup_printf (
        g_dngettext (
            GETTEXT_PACKAGE, "too few to say: %s of %s label, left out, is told by the others",
            "too few to say: %s of %s labels, each left out, are told by the others", share.n),
        right, held);
  /* Translators: an accuracy, the interval it probably lies in, labels. */
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "%.0f %% (%.0f to %.0f): %s of %s label, left out, is told by the others",
                   "%.0f %% (%.0f to %.0f): %s of %s labels, each left out, are told by the others",
                   share.n),
      100 * share.share, 100 * share.low, 100 * share.high, right, held);
}

static void
add_truth (GArray *facts, const TsrTable *table)
{
  size_t right = 0, n = 0;
  for (uint32_t i = 0; table->truth_names && i < table->n; i++) {
    if (table->excluded[i] || table->label[i] != TSR_LABEL_NONE || table->truth[i] < 0 ||
        table->prediction[i].class_id < 0)
      continue;
    n++;
    right += table->truth_classes[table->truth[i]] == table->prediction[i].class_id;
  }
  if (n == 0)
    return;
  g_autofree char *percent = tsr_number_decimals (100 * (double)right / (double)n, 1),
                  *count = tsr_number_count (n);
  add (facts, _ ("Against the truth"),
       g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s %% of %s prediction is right",
                                     "%s %% of %s predictions are right", n),
                        percent, count));
}

static void
add_predictions (GArray *facts, const TsrTable *table)
{
  if (!table->prediction) {
    add (facts, _ ("Predictions"), g_strdup (_ ("none: there are no labels yet, or no map")));
    return;
  }
  add (facts, _ ("Predicted by"), g_strdup (_ (tsr_rule_description (table->rule))));
  if (table->held > 0)
    add (facts, _ ("Estimated accuracy"), estimate (table));
  add_truth (facts, table);
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
