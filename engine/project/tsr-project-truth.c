/* Ground truth as it is stated, and which class a name of it means. Classes are renamed and merged,
 * the truth's names are not: so each is bound to the class that carried it, and goes where that
 * class goes. The bindings are the setting "truth.classes": a line for each name, "ID NAME", the
 * name escaped as in C. */

#include "tsr-project-truth.h"

#include "tsr-i18n.h"
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

/* A class merged into one that was merged itself: at most once round the list. */
int32_t
tsr_project_class_now (TsrProject *project, const GPtrArray *classes, int32_t id)
{
  for (int hops = 0; id > 0 && !is_listed (classes, id); hops++)
    id = hops < 1000 ? merged_into (project, id) : 0;
  return id > 0 ? id : TSR_LABEL_NONE;
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
    found[i] = tsr_project_class_now (project, classes, id);
  }
  g_autoptr (GError) error = NULL;
  if (keep && changed && !write_bindings (project, names, bindings, &error))
    g_warning ("%s", error->message);
  return found;
}

/* ---- stating it ---- */

/* The id of a name, which becomes one of the ground truth's; -1 with error. */
static int64_t
truth_id (TsrProject *project, const char *name, GError **error)
{
  g_autoptr (TsrStatement) insert = tsr_db_prepare (
      project, "INSERT INTO truth (name) VALUES (?) ON CONFLICT (name) DO NOTHING", error);
  g_autoptr (TsrStatement) find =
      insert ? tsr_db_prepare (project, "SELECT id FROM truth WHERE name = ?", error) : NULL;
  if (!find)
    return -1;
  sqlite3_bind_text (insert, 1, name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (find, 1, name, -1, SQLITE_TRANSIENT);
  return tsr_db_run (project, insert, error) && tsr_db_step (project, find, error) > 0
             ? sqlite3_column_int64 (find, 0)
             : -1;
}

static bool
store_truth (TsrProject *project, uint32_t tile, const char *name, GError **error)
{
  int64_t id = name ? truth_id (project, name, error) : 0;
  g_autoptr (TsrStatement) store =
      id < 0 ? NULL : tsr_db_prepare (project, "UPDATE tile SET truth = ?2 WHERE id = ?1", error);
  if (!store)
    return false;
  sqlite3_bind_int64 (store, 1, tile);
  if (name)
    sqlite3_bind_int64 (store, 2, id);
  else
    sqlite3_bind_null (store, 2);
  return tsr_db_run (project, store, error);
}

bool
tsr_project_set_truth (TsrProject *project, const uint32_t *tiles, const char *const *names,
                       size_t n, GError **error)
{
  int64_t there = tsr_project_count_tiles (project, error);
  for (size_t i = 0; there >= 0 && i < n; i++)
    if (tiles[i] >= there || (names[i] && (!*names[i] || !g_utf8_validate (names[i], -1, NULL)))) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   tiles[i] >= there
                       ? _ ("There is no tile number %u; its ground truth cannot be stored.")
                       : _ ("The ground truth of tile number %u is not a valid name."),
                   tiles[i]);
      return false;
    }
  if (there < 0 || !tsr_db_begin (project, error))
    return false;
  bool ok = true;
  for (size_t i = 0; ok && i < n; i++)
    ok = store_truth (project, tiles[i], names[i], error);
  return tsr_db_end (project, ok, error);
}
