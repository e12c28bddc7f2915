/* Tiles as stored: where their files are, how they are called, their thumbnails and ground truth.
 */

#include "tsr-project-private.h"

#include "tsr-folder-walk.h"
#include "tsr-i18n.h"
#include "tsr-reread.h"

#include <stdlib.h>
#include <string.h>

#define FILE_SIZE     "SELECT page_count * page_size FROM pragma_page_count (), pragma_page_size ()"
#define SMALLEST_TILE 16 /* bytes of a row and its index entries */

int64_t
tsr_project_count_tiles (TsrProject *project, GError **error)
{
  g_autoptr (TsrStatement) count =
      tsr_db_prepare (project, "SELECT coalesce (max (id) + 1, 0) FROM tile", error);
  if (tsr_db_step (project, count, error) <= 0)
    return -1;
  int64_t n = sqlite3_column_int64 (count, 0);
  /* a damaged number must not become an allocation of gigabytes: n tiles take at least this much of
   * the file */
  if (n > 100000 && (n > INT32_MAX || tsr_db_int (project, FILE_SIZE, 0) / SMALLEST_TILE < n)) {
    tsr_db_corrupt (project, _ ("a tile's number is out of range"), error);
    return -1;
  }
  return n;
}

uint32_t
tsr_project_n_tiles (TsrProject *project)
{
  int64_t n = tsr_project_count_tiles (project, NULL);
  project->n = n < 0 ? 0 : (uint32_t)n;
  project->n_known = true;
  return project->n;
}

uint32_t
tsr_project_known_tiles (TsrProject *project)
{
  return project->n_known ? project->n : tsr_project_n_tiles (project);
}

/* ---- files ---- */

static bool
has_file (const char *folder, const char *below)
{
  g_autofree char *path = g_build_filename (folder, below, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The copy of the folder beside the project comes first: after a study was copied whole, its own
 * tiles are meant. A tile is looked for, not only the folder, since another folder of that name may
 * stand there. */
static char *
choose_folder (TsrProject *project, const char *absolute, const char *relative,
               const char *some_tile)
{
  g_autofree char *near = relative ? g_canonicalize_filename (relative, project->folder) : NULL;
  if (near && (!some_tile || has_file (near, some_tile) || !has_file (absolute, some_tile)))
    return g_steal_pointer (&near);
  return g_strdup (absolute);
}

const char *
tsr_project_root_folder (TsrProject *project, int64_t root, GError **error)
{
  const char *known = g_hash_table_lookup (project->roots, &root);
  if (known)
    return known;
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project,
                      "SELECT absolute, relative, coalesce ((SELECT path FROM tile WHERE root = ?1 "
                      "LIMIT 1), (SELECT path FROM slide WHERE root = ?1 LIMIT 1)) "
                      "FROM root WHERE id = ?1",
                      error);
  if (find)
    sqlite3_bind_int64 (find, 1, root);
  int row = tsr_db_step (project, find, error);
  g_autofree char *absolute = row > 0 ? tsr_db_bytes (find, 0) : NULL;
  if (!absolute || *absolute != '/') {
    if (row >= 0)
      tsr_db_corrupt (project, _ ("a folder of tiles has no path"), error);
    return NULL;
  }
  g_autofree char *relative = tsr_db_bytes (find, 1);
  g_autofree char *some_tile = tsr_db_bytes (find, 2);
  char *folder = choose_folder (project, absolute, relative, some_tile);
  g_hash_table_insert (project->roots, g_memdup2 (&root, sizeof root), folder);
  return folder;
}

int64_t
tsr_project_ensure_root (TsrProject *project, const char *folder, GError **error)
{
  g_autoptr (TsrStatement) roots = tsr_db_prepare (project, "SELECT id FROM root", error);
  int64_t id = 0;
  int row;
  while (id == 0 && (row = tsr_db_step (project, roots, error)) > 0) {
    const char *known = tsr_project_root_folder (project, sqlite3_column_int64 (roots, 0), error);
    if (known && strcmp (known, folder) == 0)
      id = sqlite3_column_int64 (roots, 0);
    else if (!known)
      return -1;
  }
  if (id == 0 && row < 0)
    return -1;
  g_autoptr (TsrStatement) store =
      tsr_db_prepare (project,
                      "INSERT INTO root (id, absolute, relative) VALUES (coalesce (?1, (SELECT "
                      "coalesce (max (id), 0) + 1 FROM root)), ?2, ?3)"
                      " ON CONFLICT (id) DO UPDATE SET absolute = excluded.absolute, relative = "
                      "excluded.relative RETURNING id",
                      error);
  if (!store)
    return -1;
  g_autofree char *relative = tsr_path_relative (project->folder, folder);
  if (id)
    sqlite3_bind_int64 (store, 1, id);
  tsr_db_bind_bytes (store, 2, folder);
  tsr_db_bind_bytes (store, 3, relative);
  if (tsr_db_step (project, store, error) <= 0)
    return -1;
  id = sqlite3_column_int64 (store, 0);
  return tsr_db_step (project, store, error) < 0 ? -1 : id;
}

char *
tsr_project_tile_path (TsrProject *project, uint32_t tile)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT root, path FROM tile WHERE id = ?", NULL);
  if (find)
    sqlite3_bind_int64 (find, 1, tile);
  if (tsr_db_step (project, find, NULL) <= 0 || sqlite3_column_type (find, 0) == SQLITE_NULL)
    return NULL;
  const char *folder = tsr_project_root_folder (project, sqlite3_column_int64 (find, 0), NULL);
  g_autofree char *below = tsr_db_bytes (find, 1);
  return folder && below ? g_build_filename (folder, below, NULL) : NULL;
}

char **
tsr_project_tile_names (TsrProject *project)
{
  uint32_t n = tsr_project_known_tiles (project);
  char **names = g_new0 (char *, (size_t)n + 1);
  g_autoptr (TsrStatement) list =
      tsr_db_prepare (project, "SELECT id, name FROM tile WHERE id < ? ORDER BY id", NULL);
  if (list)
    sqlite3_bind_int64 (list, 1, n);
  while (tsr_db_step (project, list, NULL) > 0) {
    int64_t tile = sqlite3_column_int64 (list, 0);
    if (tile >= 0 && tile < n && !names[tile])
      names[tile] = tsr_db_text (list, 1);
  }
  for (uint32_t i = 0; i < n; i++) /* only a damaged file has gaps, but the array must have none */
    if (!names[i])
      names[i] = g_strdup_printf ("#%u", i);
  return names;
}

/* Appends a name with its 0, as valid UTF-8. */
static void
append_name (TsrReread *block, const char *name)
{
  g_autofree char *valid = g_utf8_validate (name, -1, NULL) ? NULL : g_utf8_make_valid (name, -1);
  const char *text = valid ? valid : name;
  tsr_reread_put (block, text, strlen (text) + 1);
}

static void
append_numbers (TsrReread *block, uint32_t from, uint32_t to)
{
  for (uint32_t i = from; i < to; i++) {
    char number[16];
    g_snprintf (number, sizeof number, "#%u", i);
    append_name (block, number);
  }
}

GBytes *
tsr_project_reread_names (TsrProject *project, GBytes *former, GError **error)
{
  uint32_t n = tsr_project_known_tiles (project), next = 0;
  g_autoptr (TsrStatement) list =
      tsr_db_prepare (project, "SELECT id, name FROM tile WHERE id < ? ORDER BY id", error);
  if (list)
    sqlite3_bind_int64 (list, 1, n);
  g_autoptr (TsrReread) block = tsr_reread_new (former);
  int row;
  while ((row = tsr_db_step (project, list, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (list, 0);
    if (tile < next || tile >= n)
      continue;
    append_numbers (block, next, (uint32_t)tile);
    const char *name = (const char *)sqlite3_column_text (list, 1);
    append_name (block, name ? name : "");
    next = (uint32_t)tile + 1;
  }
  if (row < 0)
    return NULL;
  append_numbers (block, next, n);
  return tsr_reread_end (g_steal_pointer (&block), error);
}

/* ---- finding ---- */

int
tsr_project_tile_of_path (TsrProject *project, const char *path, uint32_t *tile, GError **error)
{
  g_autoptr (TsrStatement) roots = tsr_db_prepare (project, "SELECT id FROM root", error);
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT id FROM tile WHERE root = ? AND path = ?", error);
  if (!roots || !find)
    return -1;
  int row;
  while ((row = tsr_db_step (project, roots, error)) > 0) {
    int64_t root = sqlite3_column_int64 (roots, 0);
    const char *folder = tsr_project_root_folder (project, root, error);
    if (!folder)
      return -1;
    const char *below = tsr_path_below (path, folder);
    if (!below)
      continue;
    sqlite3_bind_int64 (find, 1, root);
    sqlite3_bind_blob64 (find, 2, below, strlen (below), SQLITE_TRANSIENT);
    int hit = tsr_db_step (project, find, error);
    if (hit > 0)
      *tile = (uint32_t)sqlite3_column_int64 (find, 0);
    sqlite3_reset (find);
    if (hit != 0)
      return hit;
  }
  return row;
}

static int
find_by_name (TsrProject *project, const char *name, uint32_t *tile, GError **error)
{
  if (!g_utf8_validate (name, -1, NULL))
    return 0;
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT id FROM tile WHERE name = ? LIMIT 2", error);
  if (find)
    sqlite3_bind_text (find, 1, name, -1, SQLITE_TRANSIENT);
  int row = tsr_db_step (project, find, error);
  if (row <= 0)
    return row;
  *tile = (uint32_t)sqlite3_column_int64 (find, 0);
  row = tsr_db_step (project, find, error);
  if (row > 0) {
    uint32_t other = (uint32_t)sqlite3_column_int64 (find, 0);
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_USAGE,
        _ ("Several tiles are called “%s”; say which by number (#%u, #%u ...) or by full path."),
        name, *tile, other);
    return -1;
  }
  return row < 0 ? -1 : 1;
}

static int
find_by_number (TsrProject *project, const char *name, uint32_t *tile, GError **error)
{
  guint64 number;
  if (*name != '#' || !g_ascii_string_to_unsigned (name + 1, 10, 0, UINT32_MAX, &number, NULL))
    return 0;
  int64_t n = tsr_project_count_tiles (project, error);
  if (n < 0)
    return -1;
  *tile = (uint32_t)number;
  return (int64_t)number < n;
}

static int
find_by_path (TsrProject *project, const char *name, uint32_t *tile, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (name, NULL);
  int found = tsr_project_tile_of_path (project, path, tile, error);
  char *real = found == 0 ? realpath (path, NULL) : NULL;
  if (real)
    found = tsr_project_tile_of_path (project, real, tile, error);
  free (real);
  return found;
}

bool
tsr_project_find_tile (TsrProject *project, const char *name, uint32_t *tile, GError **error)
{
  int found = find_by_name (project, name, tile, error);
  if (found == 0)
    found = find_by_number (project, name, tile, error);
  if (found == 0 && *name)
    found = find_by_path (project, name, tile, error);
  if (found == 0) {
    g_autofree char *shown = tsr_path_display (name);
    g_autofree char *file = g_filename_display_name (project->path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("There is no tile “%s” in “%s”; give its name as exported, its number as #12, "
                    "or its path."),
                 shown, file);
  }
  return found > 0;
}

/* ---- thumbnails, ground truth, refused files ---- */

GBytes *
tsr_project_thumbnail_bytes (TsrProject *project, uint32_t tile, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT jpeg FROM thumbnail WHERE tile = ?", error);
  if (find)
    sqlite3_bind_int64 (find, 1, tile);
  int row = tsr_db_step (project, find, error);
  if (row < 0)
    return NULL;
  const void *jpeg = row > 0 ? sqlite3_column_blob (find, 0) : NULL;
  if (jpeg)
    return g_bytes_new (jpeg, (gsize)sqlite3_column_bytes (find, 0));
  g_autofree char *name = g_strdup_printf ("#%u", tile);
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
               _ ("Tile %s has no thumbnail; add its folder again."), name);
  return NULL;
}

bool
tsr_project_thumbnail_decode (GBytes *jpeg, uint32_t tile, TsrImage *image, GError **error)
{
  gsize size;
  const void *data = g_bytes_get_data (jpeg, &size);
  g_autofree char *name = g_strdup_printf ("#%u", tile);
  return tsr_image_load_bytes (data, size, name, 0, 0, image, error);
}

bool
tsr_project_thumbnail (TsrProject *project, uint32_t tile, TsrImage *image, GError **error)
{
  g_autoptr (GBytes) jpeg = tsr_project_thumbnail_bytes (project, tile, error);
  return jpeg && tsr_project_thumbnail_decode (jpeg, tile, image, error);
}

char **
tsr_project_truth (TsrProject *project, int32_t *truth)
{
  uint32_t n = tsr_project_known_tiles (project);
  for (uint32_t i = 0; i < n; i++)
    truth[i] = -1;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) index = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (TsrStatement) classes =
      tsr_db_prepare (project, "SELECT id, name FROM truth ORDER BY id", NULL);
  while (tsr_db_step (project, classes, NULL) > 0) {
    int64_t id = sqlite3_column_int64 (classes, 0);
    g_hash_table_insert (index, g_memdup2 (&id, sizeof id), GINT_TO_POINTER (names->len));
    g_ptr_array_add (names, tsr_db_text (classes, 1));
  }
  if (names->len == 0) /* a million tiles need not be asked */
    return NULL;
  bool any = false;
  g_autoptr (TsrStatement) tiles = tsr_db_prepare (
      project, "SELECT id, truth FROM tile WHERE truth IS NOT NULL AND id < ?", NULL);
  if (tiles)
    sqlite3_bind_int64 (tiles, 1, n);
  while (tsr_db_step (project, tiles, NULL) > 0) {
    int64_t tile = sqlite3_column_int64 (tiles, 0), id = sqlite3_column_int64 (tiles, 1);
    gpointer place;
    if (tile < 0 || tile >= n || !g_hash_table_lookup_extended (index, &id, NULL, &place))
      continue;
    truth[tile] = GPOINTER_TO_INT (place);
    any = true;
  }
  if (!any)
    return NULL;
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

GPtrArray *
tsr_project_skipped (TsrProject *project)
{
  GPtrArray *list = tsr_skipped_files_new ();
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT file, reason FROM skipped ORDER BY rowid", NULL);
  while (tsr_db_step (project, select, NULL) > 0) {
    TsrSkippedFile *skipped = g_new0 (TsrSkippedFile, 1);
    skipped->file = tsr_db_text (select, 0);
    skipped->reason = tsr_db_text (select, 1);
    g_ptr_array_add (list, skipped);
  }
  return list;
}
