/* What else the engine leaves in the project: the map, the queue of suggestions, and which model
 * made them. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <string.h>

/* ---- the map ---- */

static bool
store_map (TsrProject *project, const float *y, uint32_t n, const char *info, GError **error)
{
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      project, "INSERT OR REPLACE INTO map (id, n, y, info) VALUES (1, ?, ?, ?)", error);
  if (!store)
    return false;
  sqlite3_bind_int64 (store, 1, n);
  if (n)
    sqlite3_bind_blob64 (store, 2, y, (sqlite3_uint64)n * 2 * sizeof (float), SQLITE_STATIC);
  else
    sqlite3_bind_zeroblob (store, 2, 0);
  sqlite3_bind_text (store, 3, info ? info : "", -1, SQLITE_TRANSIENT);
  return tsr_db_run (project, store, error);
}

bool
tsr_project_put_map (TsrProject *project, const float *y, uint32_t n, const char *info,
                     GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, store_map (project, y, n, info, error), error);
}

bool
tsr_project_get_map (TsrProject *project, float **y, uint32_t *n, char **info, GError **error)
{
  *y = NULL;
  *n = 0;
  if (info)
    *info = NULL;
  g_autoptr (TsrStatement) select = tsr_db_prepare (project, "SELECT n, y, info FROM map", error);
  if (tsr_db_step (project, select, error) <= 0)
    return false;
  int64_t stored = sqlite3_column_int64 (select, 0);
  const void *points = sqlite3_column_blob (select, 1);
  size_t bytes = (size_t)sqlite3_column_bytes (select, 1);
  if (stored < 0 || stored > UINT32_MAX || bytes != (size_t)stored * 2 * sizeof (float))
    return tsr_db_corrupt (project, _ ("its map has the wrong size"), error);
  *n = (uint32_t)stored;
  *y = bytes ? g_memdup2 (points, bytes) : g_new0 (float, 1);
  if (info)
    *info = tsr_db_text (select, 2);
  return true;
}

/* ---- suggestions ---- */

static bool
store_strategy (TsrProject *project, const char *strategy, GError **error)
{
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      project, "INSERT OR REPLACE INTO setting (key, value) VALUES ('suggestions.strategy', ?)",
      error);
  if (!store)
    return false;
  sqlite3_bind_text (store, 1, strategy ? strategy : "", -1, SQLITE_TRANSIENT);
  return tsr_db_run (project, store, error);
}

static bool
store_suggestions (TsrProject *project, const uint32_t *tiles, size_t n, const char *strategy,
                   GError **error)
{
  int64_t known = tsr_project_count_tiles (project, error);
  if (known < 0 || !tsr_db_exec (project, "DELETE FROM suggestion", error) ||
      !store_strategy (project, strategy, error))
    return false;
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project, "INSERT INTO suggestion (position, tile) VALUES (?, ?)", error);
  bool ok = insert != NULL;
  for (size_t i = 0; ok && i < n; i++) {
    if (tiles[i] >= known) {
      g_autofree char *name = g_filename_display_name (project->path);
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("“%s” has no tile #%u to suggest; make the suggestions again."), name,
                   tiles[i]);
      return false;
    }
    sqlite3_bind_int64 (insert, 1, (int64_t)i);
    sqlite3_bind_int64 (insert, 2, tiles[i]);
    ok = tsr_db_run (project, insert, error);
  }
  return ok;
}

bool
tsr_project_put_suggestions (TsrProject *project, const uint32_t *tiles, size_t n,
                             const char *strategy, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, store_suggestions (project, tiles, n, strategy, error), error);
}

GArray *
tsr_project_get_suggestions (TsrProject *project)
{
  GArray *tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT tile FROM suggestion ORDER BY position", NULL);
  uint32_t n = tsr_project_known_tiles (project);
  while (tsr_db_step (project, select, NULL) > 0) {
    int64_t stored = sqlite3_column_int64 (select, 0);
    uint32_t tile = (uint32_t)stored;
    if (stored >= 0 && stored < n)
      g_array_append_val (tiles, tile);
  }
  return tiles;
}

/* ---- the model's file ---- */

static bool
store_model (TsrProject *project, const char *path, GError **error)
{
  if (!path)
    return tsr_db_exec (project, "DELETE FROM model", error);
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      project, "INSERT OR REPLACE INTO model (id, absolute, relative) VALUES (1, ?, ?)", error);
  if (!store)
    return false;
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute), *base = g_path_get_basename (absolute);
  char *real_folder =
      realpath (folder, NULL); /* the file itself may be a link the user wants to keep */
  g_autofree char *real = g_build_filename (real_folder ? real_folder : folder, base, NULL);
  free (real_folder);
  g_autofree char *relative = tsr_path_relative (project->folder, real);
  tsr_db_bind_bytes (store, 1, real);
  tsr_db_bind_bytes (store, 2, relative);
  return tsr_db_run (project, store, error);
}

bool
tsr_project_set_model (TsrProject *project, const char *path, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, store_model (project, path, error), error);
}

char *
tsr_project_get_model (TsrProject *project)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT absolute, relative FROM model", NULL);
  if (tsr_db_step (project, select, NULL) <= 0)
    return NULL;
  g_autofree char *absolute = tsr_db_bytes (select, 0), *relative = tsr_db_bytes (select, 1);
  g_autofree char *near = relative ? g_canonicalize_filename (relative, project->folder) : NULL;
  bool far_only = near && absolute && !g_file_test (near, G_FILE_TEST_EXISTS) &&
                  g_file_test (absolute, G_FILE_TEST_EXISTS);
  return near && !far_only ? g_steal_pointer (&near) : g_steal_pointer (&absolute);
}
