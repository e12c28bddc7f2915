/* What else the engine leaves in the project: the map, the queue of suggestions, and which model
 * made them. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"
#include "tsr-reread.h"

#include <math.h>
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

/* Where the map is in the file, how many points it has, and (unless NULL) how it was made; false
 * without error if there is none. */
static bool
find_map (TsrProject *project, int64_t *row, uint32_t *n, char **info, GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT id, n, length (y), info FROM map", error);
  if (tsr_db_step (project, select, error) <= 0)
    return false;
  int64_t stored = sqlite3_column_int64 (select, 1), bytes = sqlite3_column_int64 (select, 2);
  if (stored < 0 || stored > UINT32_MAX || bytes != stored * 2 * (int64_t)sizeof (float))
    return tsr_db_corrupt (project, _ ("its map has the wrong size"), error);
  *row = sqlite3_column_int64 (select, 0);
  *n = (uint32_t)stored;
  if (info)
    *info = tsr_db_text (select, 3);
  return true;
}

/* The first `count` points, in pieces: SQLite would hold a column's value as a whole beside what
 * becomes of it. */
static bool
read_points (TsrProject *project, int64_t row, uint32_t count, TsrReread *into, GError **error)
{
  enum { PIECE = 8192 };
  sqlite3_blob *blob = NULL;
  g_autofree float *piece = g_new (float, 2 * PIECE);
  int rc = sqlite3_blob_open (project->db, "main", "map", "y", row, 0, &blob);
  for (uint32_t done = 0; rc == SQLITE_OK && done < count;) {
    uint32_t some = MIN (PIECE, count - done);
    int size = (int)(some * 2 * sizeof *piece);
    rc = sqlite3_blob_read (blob, piece, size, (int)(done * 2 * sizeof *piece));
    if (rc == SQLITE_OK)
      tsr_reread_put (into, piece, (size_t)size);
    done += some;
  }
  if (rc != SQLITE_OK)
    tsr_db_fail (project, error);
  sqlite3_blob_close (blob);
  return rc == SQLITE_OK;
}

/* The map's points, all if n is UINT32_MAX, else n of them, NAN behind its last. */
static bool
read_map (TsrProject *project, GBytes *former, uint32_t n, GBytes **y, uint32_t *stored,
          char **info, GError **error)
{
  static const float off[2] = {NAN, NAN};
  g_autoptr (TsrReread) points = tsr_reread_new (former);
  g_autofree char *text = NULL;
  int64_t row = 0;
  if (!find_map (project, &row, stored, &text, error))
    return false;
  uint32_t wanted = n == UINT32_MAX ? *stored : n, there = MIN (wanted, *stored);
  tsr_reread_expect (points, (size_t)wanted * sizeof off);
  if (there > 0 && !read_points (project, row, there, points, error))
    return false;
  tsr_reread_repeat (points, off, sizeof off, wanted - there);
  *y = tsr_reread_end (g_steal_pointer (&points), error);
  if (*y && info)
    *info = g_steal_pointer (&text);
  return *y != NULL;
}

/* In one snapshot: another process may put another map between finding and reading. */
static bool
snapshot_map (TsrProject *project, GBytes *former, uint32_t n, GBytes **y, uint32_t *stored,
              char **info, GError **error)
{
  *y = NULL;
  *stored = 0;
  if (info)
    *info = NULL;
  bool began = sqlite3_get_autocommit (project->db) && tsr_db_exec (project, "BEGIN", NULL);
  bool ok = read_map (project, former, n, y, stored, info, error);
  if (began)
    sqlite3_exec (project->db, "COMMIT", NULL, NULL, NULL);
  return ok;
}

bool
tsr_project_get_map (TsrProject *project, float **y, uint32_t *n, char **info, GError **error)
{
  GBytes *bytes;
  gsize size;
  *y = NULL;
  if (!snapshot_map (project, NULL, UINT32_MAX, &bytes, n, info, error))
    return false;
  *y = g_bytes_unref_to_data (bytes, &size);
  return true;
}

bool
tsr_project_reread_map (TsrProject *project, GBytes *former, GBytes **y, char **info,
                        GError **error)
{
  uint32_t stored;
  return snapshot_map (project, former, tsr_project_known_tiles (project), y, &stored, info, error);
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
