#include "tsr-table.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-marker.h"
#include "tsr-vectors.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

void
tsr_table_free (TsrTable *table)
{
  if (!table)
    return;
  g_strfreev (table->names);
  g_clear_pointer (&table->classes, g_ptr_array_unref);
  g_free (table->label);
  g_free (table->excluded);
  g_strfreev (table->truth_names);
  g_free (table->truth);
  g_free (table->truth_classes);
  g_free (table->map);
  g_free (table->map_info);
  g_free (table->prediction);
  g_free (table->scores);
  g_free (table->told);
  g_free (table->probability);
  g_free (table);
}

/* Class ids are for good; everything here counts classes in the user's order. */
static void
ids_to_indices (TsrTable *table)
{
  g_autoptr (GHashTable) index = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < table->classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (table->classes, i);
    g_hash_table_insert (index, GINT_TO_POINTER (class_->id), GINT_TO_POINTER (i + 1));
  }
  for (uint32_t i = 0; i < table->n; i++)
    if (table->label[i] >= 0) {
      int found = GPOINTER_TO_INT (g_hash_table_lookup (index, GINT_TO_POINTER (table->label[i])));
      table->label[i] = found ? found - 1 : TSR_LABEL_NONE;
    }
}

/* Before that, what the ground truth's names mean is asked for by ids. */
static void
match_truth (TsrTable *table, TsrProject *project)
{
  if (!table->truth_names)
    return;
  table->truth_classes =
      tsr_project_truth_classes (project, table->truth_names, table->classes, false);
  for (guint t = 0; table->truth_names[t]; t++) {
    int32_t id = table->truth_classes[t];
    table->truth_classes[t] = -1;
    for (guint c = 0; id > 0 && c < table->classes->len; c++)
      if (((const TsrClass *)g_ptr_array_index (table->classes, c))->id == id)
        table->truth_classes[t] = (int32_t)c;
  }
}

/* Tiles may join while this runs (another process): what they bring beyond n is left for the next
 * time. error is not NULL here and below. */
static bool
gather_map (TsrTable *table, TsrProject *project, GError **error)
{
  g_autofree float *y = NULL;
  uint32_t n = 0;
  if (!tsr_project_get_map (project, &y, &n, &table->map_info, error))
    return *error == NULL; /* there is none */
  table->map = g_new (float, 2 * (size_t)table->n + 1);
  for (size_t i = 0; i < 2 * (size_t)table->n; i++)
    table->map[i] = i < 2 * (size_t)n ? y[i] : NAN;
  return true;
}

/* Predicts from the labels over points [n,d], the map or W; rows without a place neither give nor
 * get. The rows may be changed. */
static bool
predict (TsrTable *table, float *points, size_t d, const TsrProgress *progress, GError **error)
{
  size_t n = table->n, cells = n * table->n_classes;
  g_autofree uint8_t *blocked = g_new (uint8_t, n + 1);
  bool labelled = false;
  for (size_t i = 0; i < n; i++) {
    blocked[i] = table->excluded[i] || !tsr_vectors_row_finite (points + i * d, d);
    if (blocked[i])
      memset (points + i * d, 0, d * sizeof (float));
    labelled = labelled || (!blocked[i] && table->label[i] >= 0);
  }
  if (!labelled)
    return true;
  bool by_map = table->rule == TSR_RULE_MAP;
  TsrRuleSpace *space =
      tsr_rule_space_new (by_map ? points : NULL, d, by_map ? NULL : points, d, n, blocked);
  table->prediction = g_new (TsrPrediction, n + 1);
  table->scores = g_new (float, cells + 1);
  table->told = g_new (int32_t, n + 1);
  table->probability = g_new (float, cells + 1);
  TsrRuleResult result = {.prediction = table->prediction,
                          .probability = table->probability,
                          .scores = table->scores,
                          .told = table->told};
  bool ok =
      tsr_rule_apply (space, table->rule, table->label, table->n_classes, &result, progress, error);
  table->temperature = result.temperature;
  table->held = result.held;
  table->held_right = result.held_right;
  tsr_rule_space_free (space);
  return ok;
}

static bool
gather_predictions (TsrTable *table, TsrProject *project, const TsrProgress *progress,
                    GError **error)
{
  if (table->n_classes == 0)
    return true;
  if (table->rule == TSR_RULE_MAP) {
    g_autofree float *points =
        table->map ? g_memdup2 (table->map, 2 * sizeof (float) * (size_t)table->n) : NULL;
    return !points || predict (table, points, 2, progress, error);
  }
  g_autofree float *w = NULL;
  uint32_t d = 0;
  if (!tsr_project_get_vectors (project, &w, &d, NULL, error))
    return *error == NULL; /* there are none */
  return predict (table, w, d, progress,
                  error); /* tiles are never deleted: w has at least n rows */
}

static bool
explain_lack (const TsrTable *table, TsrProject *project, GError **error)
{
  g_autofree char *shown = g_filename_display_name (tsr_project_path (project));
  bool labelled = false;
  for (uint32_t i = 0; i < table->n && !labelled; i++)
    labelled = table->label[i] >= 0 && !table->excluded[i];
  if (!labelled)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("“%s” has no labels yet: label some tiles in the window or with “tessera label” first."),
        shown);
  else if (table->rule == TSR_RULE_MAP)
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("The labelled tiles of “%s” are not on a map yet: run “tessera embed” and "
                    "“tessera map” first."),
                 shown);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("The labelled tiles of “%s” have no W vectors yet: run “tessera embed” first."),
                 shown);
  return false;
}

TsrTable *
tsr_table_new (TsrProject *project, TsrRule rule, bool require_predictions,
               const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrTable) table = g_new0 (TsrTable, 1);
  g_autoptr (GError) cause = NULL;
  table->rule = rule;
  table->n = tsr_project_n_tiles (project);
  table->names = tsr_project_tile_names (project);
  table->classes = tsr_project_classes (project);
  table->n_classes = table->classes->len;
  table->label = g_new (int32_t, (size_t)table->n + 1);
  table->excluded = g_new0 (uint8_t, (size_t)table->n + 1);
  table->truth = g_new (int32_t, (size_t)table->n + 1);
  bool ok = tsr_progress_step (progress, -1, TSR_STAGE ("Reading the project"), &cause) &&
            tsr_project_labels (project, table->label, table->excluded, &cause);
  if (ok) {
    table->truth_names = tsr_project_truth (project, table->truth);
    match_truth (table, project);
    ids_to_indices (table);
    ok = gather_map (table, project, &cause) &&
         gather_predictions (table, project, progress, &cause);
  }
  if (ok && require_predictions && !table->prediction)
    ok = explain_lack (table, project, &cause);
  if (!ok) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return NULL;
  }
  return g_steal_pointer (&table);
}

const TsrClass *
tsr_table_nth_class (const TsrTable *table, int32_t index)
{
  return index >= 0 && (uint32_t)index < table->n_classes
             ? g_ptr_array_index (table->classes, index)
             : NULL;
}

const TsrClass *
tsr_table_class (const TsrTable *table, uint32_t tile)
{
  if (table->excluded[tile] || table->label[tile] == TSR_LABEL_UNSURE)
    return NULL;
  if (table->label[tile] >= 0)
    return tsr_table_nth_class (table, table->label[tile]);
  return table->prediction ? tsr_table_nth_class (table, table->prediction[tile].class_id) : NULL;
}

TsrTableLook
tsr_table_truth_look (const TsrTable *table, int32_t truth)
{
  const TsrClass *class_ = tsr_table_nth_class (table, table->truth_classes[truth]);
  if (class_)
    return (TsrTableLook){class_->rgb, class_->shape};
  /* Names without a class take, in their order, looks that nothing else has. */
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (TsrMarkerLook));
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *other = tsr_table_nth_class (table, (int32_t)c);
    TsrMarkerLook look = {other->rgb, other->shape};
    g_array_append_val (taken, look);
  }
  TsrMarkerLook look = {0};
  for (int32_t t = 0; t <= truth; t++) {
    if (table->truth_classes[t] >= 0)
      continue;
    unsigned free_look = tsr_marker_free ((TsrMarkerLook *)taken->data, taken->len);
    look = (TsrMarkerLook){tsr_marker_color (free_look), (int32_t)tsr_marker_shape (free_look)};
    g_array_append_val (taken, look);
  }
  return (TsrTableLook){look.rgb, look.shape};
}

void
tsr_table_count (const TsrTable *table, int32_t index, uint32_t *labelled, uint32_t *predicted)
{
  *labelled = *predicted = 0;
  for (uint32_t i = 0; i < table->n; i++) {
    if (table->excluded[i] || table->label[i] == TSR_LABEL_UNSURE)
      continue;
    if (table->label[i] >= 0)
      *labelled += table->label[i] == index;
    else if (table->prediction)
      *predicted += table->prediction[i].class_id == index;
  }
}

bool
tsr_map_info_is_stale (const char *info, const char *model_id)
{
  json_t *object = info && model_id ? json_loads (info, 0, NULL) : NULL;
  const char *made_with = json_string_value (json_object_get (object, "model"));
  bool stale = made_with && strcmp (made_with, model_id) != 0;
  json_decref (object);
  return stale;
}

const char *
tsr_table_state (const TsrTable *table, uint32_t tile)
{
  if (table->excluded[tile])
    return "excluded";
  if (table->label[tile] == TSR_LABEL_UNSURE)
    return "unsure";
  return table->label[tile] >= 0 ? "labelled" : "unlabelled";
}
