#include "tsr-readings.h"

#include <string.h>

TsrReadings *
tsr_readings_ref (TsrReadings *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tsr_readings_unref (TsrReadings *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->refs))
    return;
  tsr_reading_free (self->other);
  g_free (self->annotator);
  g_free (self->first);
  g_free (self->second);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  g_clear_pointer (&self->disputed, g_array_unref);
  g_free (self);
}

static int32_t
index_of (GPtrArray *names, const char *name)
{
  guint at;
  if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, &at))
    return (int32_t)at;
  g_ptr_array_add (names, g_strdup (name));
  return (int32_t)names->len - 1;
}

/* The project's own labels hold ids: made indices into its list of classes. */
static bool
read_labels (TsrProject *project, const GPtrArray *classes, uint32_t n, int32_t *label,
             GError **error)
{
  g_autoptr (GHashTable) index = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < classes->len; i++)
    g_hash_table_insert (index, GINT_TO_POINTER (((TsrClass *)classes->pdata[i])->id),
                         GUINT_TO_POINTER (i + 1));
  if (!tsr_project_labels (project, label, NULL, error))
    return false;
  for (uint32_t i = 0; i < n; i++)
    if (label[i] >= 0)
      label[i] = GPOINTER_TO_INT (g_hash_table_lookup (index, GINT_TO_POINTER (label[i]))) - 1;
  return true;
}

/* Whoever labelled, not whoever looks at it now; and tiles whose label came from the same hand in
 * both. */
static bool
find_annotators (TsrReadings *self, TsrProject *project, GError **error)
{
  const TsrReading *other = self->other;
  g_autofree int32_t *by = g_new (int32_t, (size_t)self->n + 1);
  g_autofree uint8_t *how = g_new (uint8_t, (size_t)self->n + 1);
  g_auto (GStrv) names = tsr_project_label_origins (project, by, how, error);
  int32_t only = -1;
  bool several = false;
  if (!names)
    return false;
  for (uint32_t i = 0; i < self->n; i++) {
    if (by[i] < 0)
      continue;
    several |= only >= 0 && by[i] != only;
    only = by[i];
    if (self->first[i] >= 0 && other->label[i] >= 0 && other->reader[i] >= 0 &&
        strcmp (names[by[i]], other->readers->pdata[other->reader[i]]) == 0)
      self->same_reader++;
  }
  self->annotator = only >= 0 && !several && *names[only] ? g_strdup (names[only]) : NULL;
  return true;
}

static void
read_others (TsrReadings *self)
{
  g_autofree int32_t *into = g_new (int32_t, self->other->classes->len + 1);
  for (guint c = 0; c < self->other->classes->len; c++)
    into[c] = index_of (self->names, ((TsrReadingClass *)self->other->classes->pdata[c])->name);
  for (uint32_t i = 0; i < self->n; i++) {
    int32_t value = self->other->label[i];
    self->second[i] = value >= 0 ? into[value] : value;
    if (self->first[i] >= 0 && self->second[i] >= 0 && self->first[i] != self->second[i])
      g_array_append_val (self->disputed, i);
  }
}

TsrReadings *
tsr_readings_new (TsrProject *project, const char *path, const char *annotator, GError **error)
{
  g_autoptr (TsrReadings) self = g_new0 (TsrReadings, 1);
  g_atomic_ref_count_init (&self->refs);
  g_autofree char *base = g_path_get_basename (path), *shown = g_filename_display_name (base);
  self->other = tsr_reading_new (project, path, annotator ? annotator : shown, error);
  if (!self->other)
    return NULL;
  self->n = self->other->n;
  self->first = g_new (int32_t, (size_t)self->n + 1);
  self->second = g_new (int32_t, (size_t)self->n + 1);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->disputed = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->classes = tsr_project_classes (project);
  for (guint i = 0; i < self->classes->len; i++)
    g_ptr_array_add (self->names, g_strdup (((TsrClass *)self->classes->pdata[i])->name));
  if (!read_labels (project, self->classes, self->n, self->first, error) ||
      !find_annotators (self, project, error))
    return NULL;
  read_others (self);
  return g_steal_pointer (&self);
}

/* ---- taking them ---- */

void
tsr_merge_report_clear (TsrMergeReport *report)
{
  g_clear_pointer (&report->new_classes, g_ptr_array_unref);
}

typedef struct {
  const TsrReadings *readings;
  TsrProject *project;
  TsrDisputed disputed;
  bool only_disputed;
  int32_t *now;      /* [n] the project's labels, as class ids */
  int32_t *ids;      /* of the other's classes in the project; -1: not asked for yet */
  GArray *conflicts; /* uint32_t */
  TsrMergeReport *report;
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
    g_ptr_array_add (merge->report->new_classes, g_strdup (class_->name));
  }
  merge->ids[value] = *id;
  return true;
}

/* The id the other's class has in the project, -1 if it is not there: nothing is made. */
static int32_t
known_id (const GPtrArray *classes, const char *name)
{
  for (guint i = 0; i < classes->len; i++)
    if (strcmp (((TsrClass *)classes->pdata[i])->name, name) == 0)
      return ((TsrClass *)classes->pdata[i])->id;
  return -1;
}

/* Finds the project's ids of the other's classes and the tiles with two classes. */
static void
find_conflicts (Merge *merge)
{
  const TsrReading *other = merge->readings->other;
  g_autoptr (GPtrArray) classes = tsr_project_classes (merge->project);
  for (guint c = 0; c < other->classes->len; c++)
    merge->ids[c] = known_id (classes, ((TsrReadingClass *)other->classes->pdata[c])->name);
  for (uint32_t i = 0; i < other->n; i++)
    if (merge->now[i] >= 0 && other->label[i] >= 0 && merge->ids[other->label[i]] != merge->now[i])
      g_array_append_val (merge->conflicts, i);
}

/* Whether the tile takes the other reader's label. */
static bool
is_wanted (const Merge *merge, uint32_t tile)
{
  int32_t now = merge->now[tile], second = merge->readings->other->label[tile];
  if (second == TSR_LABEL_NONE)
    return false;
  if (now == TSR_LABEL_NONE)
    return !merge->only_disputed;
  return merge->disputed != TSR_DISPUTED_KEEP && second >= 0 && merge->ids[second] != now &&
         (now >= 0 || !merge->only_disputed);
}

/* One entry of the journal for each annotator. */
static bool
take_labels (Merge *merge, GError **error)
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
    if (tiles->len > 0 &&
        !tsr_project_label (merge->project, (const uint32_t *)tiles->data,
                            (const int32_t *)values->data, tiles->len, false, TSR_HOW_IMPORTED,
                            other->readers->pdata[reader], NULL, error))
      return false;
    merge->report->changed += tiles->len;
  }
  return true;
}

/* Both readings are in the journal by now; the tile is labelled anew, as the next suggestions. */
static bool
clear_disputed (Merge *merge, const char *annotator, GError **error)
{
  int32_t none = TSR_LABEL_NONE;
  const GArray *tiles = merge->conflicts;
  return tiles->len == 0 ||
         (tsr_project_label (merge->project, (const uint32_t *)tiles->data, &none, tiles->len, true,
                             TSR_HOW_CLEARED, annotator, NULL, error) &&
          tsr_project_put_suggestions (merge->project, (const uint32_t *)tiles->data, tiles->len,
                                       TSR_SUGGESTED_CONSENSUS, error));
}

static bool
merge_all (Merge *merge, const char *annotator, GError **error)
{
  if (!tsr_project_labels (merge->project, merge->now, NULL, error))
    return false;
  find_conflicts (merge);
  merge->report->disputed = merge->conflicts->len;
  return take_labels (merge, error) &&
         (merge->disputed != TSR_DISPUTED_CLEAR || clear_disputed (merge, annotator, error));
}

bool
tsr_readings_merge (const TsrReadings *readings, TsrProject *project, TsrDisputed disputed,
                    bool only_disputed, const char *annotator, TsrMergeReport *report,
                    GError **error)
{
  TsrMergeReport made = {.new_classes = g_ptr_array_new_with_free_func (g_free)};
  /* labels are read for as many tiles as the project says it has */
  uint32_t n = MAX (readings->n, tsr_project_n_tiles (project));
  Merge merge = {.readings = readings,
                 .project = project,
                 .disputed = disputed,
                 .only_disputed = only_disputed,
                 .now = g_new (int32_t, (size_t)n + 1),
                 .ids = g_new (int32_t, readings->other->classes->len + 1),
                 .conflicts = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                 .report = &made};
  bool ok = false;
  if (tsr_project_begin_act (project, error)) {
    ok = merge_all (&merge, annotator, error);
    ok = tsr_project_end_act (project, ok, error);
  }
  g_free (merge.now);
  g_free (merge.ids);
  g_array_unref (merge.conflicts);
  if (ok && report)
    *report = made;
  else
    tsr_merge_report_clear (&made);
  return ok;
}
