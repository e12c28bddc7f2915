#include "tsr-health-private.h"

#include "tsr-candidates.h"
#include "tsr-map-info.h"
#include "tsr-sampling.h"
#include "tsr-table.h"

#include <math.h>
#include <stdlib.h>

static void
class_free (gpointer data)
{
  TsrHealthClass *class_ = data;
  g_free (class_->name);
  g_free (class_);
}

static void
source_free (gpointer data)
{
  TsrHealthSource *source = data;
  g_free (source->name);
  g_free (source);
}

static void
cluster_free (gpointer data)
{
  TsrHealthCluster *cluster = data;
  g_free (cluster->source);
  g_free (cluster->group);
  g_array_unref (cluster->tiles);
  g_free (cluster);
}

void
tsr_health_free (TsrHealth *health)
{
  if (!health)
    return;
  for (int s = 0; s < TSR_N_SIGNS; s++)
    g_free (health->sign[s].found);
  g_free (health->headline);
  g_free (health->advice);
  tsr_audit_free (health->audit);
  g_ptr_array_unref (health->classes);
  g_array_unref (health->discordant);
  g_ptr_array_unref (health->sources);
  g_ptr_array_unref (health->clusters);
  g_free (health);
}

TsrHealth *
tsr_health_empty (void)
{
  TsrHealth *health = g_new0 (TsrHealth, 1);
  health->classes = g_ptr_array_new_with_free_func (class_free);
  health->sources = g_ptr_array_new_with_free_func (source_free);
  health->clusters = g_ptr_array_new_with_free_func (cluster_free);
  health->discordant = g_array_new (FALSE, FALSE, sizeof (TsrDiscordant));
  health->held = health->checked = tsr_share (0, 0);
  health->radius = health->radius_more = health->majority = NAN;
  health->more = TSR_HEALTH_MORE;
  return health;
}

/* --- labels --- */

/* What leaving each label out says; told is NULL where nothing is predicted. Of labels that are
 * excluded or off the map nothing is told. */
static void
count_classes (TsrHealth *health, const TsrTable *table)
{
  uint32_t n_classes = table->n_classes;
  g_autofree TsrShare *each = g_new0 (TsrShare, (size_t)n_classes + 1);
  g_autofree int32_t *label = g_new (int32_t, (size_t)table->n + 1);
  for (uint32_t i = 0; i < table->n; i++) {
    bool counts = !table->excluded[i] && table->prediction && table->prediction[i].class_id >= 0;
    label[i] = counts ? table->label[i] : TSR_LABEL_NONE;
    health->labelled += !table->excluded[i] && table->label[i] >= 0;
    health->unsure += !table->excluded[i] && table->label[i] == TSR_LABEL_UNSURE;
    health->excluded += table->excluded[i] != 0;
  }
  if (table->told)
    tsr_share_held (label, table->told, table->n, n_classes, &health->held, each);
  health->majority = tsr_share_majority (label, table->n, n_classes);
  for (uint32_t c = 0; c < n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    TsrHealthClass *entry = g_new0 (TsrHealthClass, 1);
    entry->id = class_->id;
    entry->name = g_strdup (class_->name);
    tsr_table_count (table, (int32_t)c, &entry->labelled, &entry->predicted);
    entry->held = table->told ? each[c] : tsr_share (0, 0);
    entry->checked = tsr_share (0, 0);
    entry->lacking = entry->labelled < TSR_HEALTH_FEW_LABELS;
    g_ptr_array_add (health->classes, entry);
  }
}

static int
compare_discordant (const void *a, const void *b)
{
  const TsrDiscordant *x = a, *y = b;
  return x->stale != y->stale ? (y->stale - x->stale) : (x->tile > y->tile) - (x->tile < y->tile);
}

static void
find_discordant (TsrHealth *health, const TsrTable *table, TsrProject *project)
{
  gint64 since = tsr_project_vectors_since (project);
  for (uint32_t i = 0; table->told && i < table->n; i++) {
    const TsrClass *own = tsr_table_nth_class (table, table->label[i]),
                   *told = tsr_table_nth_class (table, table->told[i]);
    if (!own || !told || own == told || table->excluded[i])
      continue;
    TsrDiscordant entry = {i, own->id, told->id, false};
    g_autofree char *annotator = NULL;
    gint64 when;
    TsrHow how;
    if (tsr_project_label_origin (project, i, &annotator, &when, &how))
      entry.stale = when < since;
    g_array_append_val (health->discordant, entry);
  }
  g_array_sort (health->discordant, compare_discordant);
}

/* --- the random check --- */

static bool
take_audit (TsrHealth *health, const TsrTable *table, TsrProject *project, GError **error)
{
  health->audit = tsr_audit_load (project);
  if (!health->audit)
    return true;
  g_autofree float *w = NULL;
  g_autoptr (GError) cause = NULL;
  uint32_t d = 2;
  bool in_w = tsr_rule_needs_w (table->rule);
  if (in_w && !tsr_project_get_vectors (project, &w, &d, NULL, &cause) && cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  g_autofree char *places = tsr_audit_places (health->audit, in_w ? w : table->map, d);
  health->outdated = g_strcmp0 (health->audit->rule, tsr_rule_name (table->rule)) != 0 ||
                     g_strcmp0 (health->audit->places, places) != 0 ||
                     health->labelled < health->audit->labels;
  g_autofree int32_t *ids = g_new (int32_t, (size_t)table->n + 1);
  for (uint32_t i = 0; i < table->n; i++) {
    const TsrClass *own = tsr_table_nth_class (table, table->label[i]);
    ids[i] = own ? own->id : table->label[i];
  }
  /* labels may have come by other ways */
  tsr_audit_follow (health->audit, project, ids, table->excluded);
  tsr_audit_resolve (health->audit, project, table->classes);
  if (health->audit->state != TSR_AUDIT_DONE)
    return true;
  health->checked = tsr_audit_share (health->audit, TSR_LABEL_NONE, &health->aside);
  for (guint c = 0; c < health->classes->len; c++) {
    TsrHealthClass *class_ = health->classes->pdata[c];
    class_->checked = tsr_audit_share (health->audit, class_->id, NULL);
  }
  return true;
}

/* --- coverage --- */

static double
width_of (const float *map, uint32_t n)
{
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (uint32_t i = 0; i < n; i++)
    for (int a = 0; a < 2; a++) {
      low[a] = fmin (low[a], map[2 * (size_t)i + a]);
      high[a] = fmax (high[a], map[2 * (size_t)i + a]);
    }
  return fmax (high[0] - low[0], high[1] - low[1]);
}

static void
measure_coverage (TsrHealth *health, const TsrTable *table)
{
  uint32_t chosen[TSR_HEALTH_MORE];
  float radius[TSR_HEALTH_MORE];
  if (!table->map || table->n == 0)
    return;
  double width = width_of (table->map, table->n);
  if (!(width > 0) || !isfinite (width))
    return;
  g_autofree uint8_t *seen = g_malloc (table->n), *blocked = g_malloc (table->n);
  tsr_candidates_mark (table->map, 2, table->label, table->excluded, table->n, false, seen,
                       blocked);
  health->radius = tsr_sample_radius (table->map, table->n, 2, seen, blocked) / width;
  size_t found =
      tsr_sample_fps (table->map, table->n, 2, seen, blocked, TSR_HEALTH_MORE, 1, chosen, radius);
  health->radius_more = found > 0 ? radius[found - 1] / width : health->radius;
}

static double
goal_of (TsrProject *project, double goal)
{
  g_autofree char *text = tsr_project_get (project, "health.goal");
  double percent = text ? g_ascii_strtod (text, NULL) : 0;
  if (goal > 0)
    return goal;
  return percent >= 50 && percent < 100 ? percent / 100 : TSR_SHARE_GOAL;
}

TsrHealth *
tsr_health_new (TsrProject *project, TsrRule rule, double goal, const TsrProgress *progress,
                GError **error)
{
  TsrProgressShare first, second;
  TsrProgress reading = tsr_progress_share (progress, &first, 0, 0.5, NULL),
              looking = tsr_progress_share (progress, &second, 0.5, 1, NULL);
  g_autoptr (TsrTable) table = tsr_table_new (project, rule, false, &reading, error);
  if (!table)
    return NULL;
  g_autoptr (TsrHealth) health = tsr_health_empty ();
  health->n = table->n;
  health->rule = rule;
  health->goal = goal_of (project, goal);
  count_classes (health, table);
  find_discordant (health, table, project);
  if (!take_audit (health, table, project, error) ||
      !tsr_progress_step (progress, 0.5, TSR_STAGE ("Measuring coverage"), error))
    return NULL;
  measure_coverage (health, table);
  if (!tsr_health_look_at_w (health, project, table->excluded, table->label, &looking, error))
    return NULL;
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (table->map_info);
  tsr_health_judge (health, project, info->trust.kept, info->trust.k);
  tsr_health_conclude (health);
  return g_steal_pointer (&health);
}
