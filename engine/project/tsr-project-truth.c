/* Which class a name of the ground truth means. Classes are renamed and merged, the truth's names
 * are not: so each is bound to the class that carried it, and goes where that class goes. The
 * bindings are the setting "truth.classes": a line for each name, "ID NAME", the name escaped as
 * in C. */

#include "tsr-project-private.h"

#include <stdlib.h>
#include <string.h>

#define SETTING "truth.classes"

static GHashTable *
read_bindings (TsrProject *project)
{
  GHashTable *bound = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = tsr_project_get (project, SETTING);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    char *end;
    gint64 id = g_ascii_strtoll (lines[i], &end, 10);
    if (end != lines[i] && *end == ' ' && id > 0 && id <= G_MAXINT32)
      g_hash_table_insert (bound, g_strcompress (end + 1), GINT_TO_POINTER ((int)id));
  }
  return bound;
}

static bool
write_bindings (TsrProject *project, char *const *names, const int32_t *ids, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; names[i]; i++) {
    g_autofree char *name = g_strescape (names[i], NULL);
    if (ids[i] > 0)
      g_string_append_printf (text, "%d %s\n", ids[i], name);
  }
  return tsr_project_set (project, SETTING, text->str, error);
}

/* The class that took a class's tiles when it left the list, or 0. */
static int32_t
merged_into (TsrProject *project, int32_t id)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project,
                      "SELECT into_class FROM journal WHERE class = ? AND action IN ('merge', "
                      "'remove-class') ORDER BY seq DESC LIMIT 1",
                      NULL);
  if (find)
    sqlite3_bind_int (find, 1, id);
  return tsr_db_step (project, find, NULL) > 0 ? MAX (sqlite3_column_int (find, 0), 0) : 0;
}

static bool
is_listed (const GPtrArray *classes, int32_t id)
{
  for (guint i = 0; i < classes->len; i++)
    if (((const TsrClass *)classes->pdata[i])->id == id)
      return true;
  return false;
}

/* The class of that name, whatever its case, or 0. */
static int32_t
namesake (const GPtrArray *classes, const char *name)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = classes->pdata[i];
    g_autofree char *other = g_utf8_casefold (class_->name, -1);
    if (strcmp (folded, other) == 0)
      return class_->id;
  }
  return 0;
}

int32_t *
tsr_project_truth_classes (TsrProject *project, char *const *names, const GPtrArray *classes,
                           bool keep)
{
  guint n = g_strv_length ((char **)names);
  int32_t *found = g_new (int32_t, MAX (1, n));
  g_autofree int32_t *bindings = g_new (int32_t, MAX (1, n));
  g_autoptr (GHashTable) bound = read_bindings (project);
  bool changed = false;
  for (guint i = 0; i < n; i++) {
    int32_t stored = GPOINTER_TO_INT (g_hash_table_lookup (bound, names[i])),
            same = namesake (classes, names[i]), id = same ? same : stored;
    bindings[i] = id;
    changed |= id != stored;
    /* A class merged into one that was merged itself: at most once round the list. */
    for (int hops = 0; id > 0 && !is_listed (classes, id); hops++)
      id = hops < 1000 ? merged_into (project, id) : 0;
    found[i] = id > 0 ? id : TSR_LABEL_NONE;
  }
  g_autoptr (GError) error = NULL;
  if (keep && changed && !write_bindings (project, names, bindings, &error))
    g_warning ("%s", error->message);
  return found;
}
