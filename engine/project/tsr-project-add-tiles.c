/* A folder scan becomes tiles. The pictures are decoded first, on all cores and without holding the
 * file, their thumbnails waiting in a nameless file beside the project, so that somebody who labels
 * meanwhile is not kept waiting; then everything is written in one transaction. Memory stays
 * bounded however many tiles there are. */

#include "tsr-parallel.h"
#include "tsr-i18n.h"
#include "tsr-project-private.h"

#include <stdlib.h>
#include <string.h>

#define SHARE_DECODING 0.9 /* of the time, for the progress */

typedef struct {
  const TsrFoundTile *found;
  TsrSpooled thumbnail;
} NewTile;

typedef struct {
  TsrProject *project;
  const TsrFolderScan *scan;
  const char *root;      /* real, absolute */
  const char *root_text; /* absolute as given: the scan's paths may start with it */
  GArray *tiles;         /* NewTile */
  GArray *refused;       /* TsrSkippedFile: readable when scanned, not any more */
  TsrSpool *spool;
} Import;

/* ---- decoding ---- */

typedef struct {
  const NewTile *tiles;
  GBytes **jpeg;
  GError **errors;
} Batch;

static void
make_thumbnails (size_t begin, size_t end, unsigned worker, void *data)
{
  Batch *batch = data;
  for (size_t i = begin; i < end; i++) {
    const TsrFoundTile *found = batch->tiles[i].found;
    TsrImage image = {0};
    int smaller = MIN (found->width, found->height), size = CLAMP (smaller, 1, TSR_THUMBNAIL_SIZE);
    if (tsr_image_load (found->path, size, 0, &image, &batch->errors[i]))
      batch->jpeg[i] = tsr_image_to_jpeg (&image, TSR_THUMBNAIL_QUALITY);
    tsr_image_clear (&image);
  }
}

static bool
spool_batch (Import *import, Batch *batch, size_t n, GError **error)
{
  bool ok = true;
  for (size_t i = 0; i < n; i++) {
    NewTile tile = {.found = batch->tiles[i].found};
    if (batch->jpeg[i]) {
      ok = ok && tsr_spool_add (import->spool, batch->jpeg[i], &tile.thumbnail, error);
      g_array_append_val (import->tiles, tile);
    } else {
      TsrSkippedFile refused = {
          .file = tsr_path_display (tile.found->relative),
          .reason = g_strdup (batch->errors[i] ? batch->errors[i]->message
                                               : _ ("There was not enough memory to read it.")),
      };
      g_array_append_val (import->refused, refused);
    }
    g_clear_pointer (&batch->jpeg[i], g_bytes_unref);
    g_clear_error (&batch->errors[i]);
  }
  return ok;
}

#define MAX_BATCH 4096

/* Batches are sized to take about 40 ms, so that cancelling works at once for pictures of any size.
 */
static bool
decode (Import *import, const GArray *wanted, const TsrProgress *progress, GError **error)
{
  g_autofree GBytes **jpeg = g_new0 (GBytes *, MAX_BATCH);
  g_autofree GError **errors = g_new0 (GError *, MAX_BATCH);
  size_t size = 4 * tsr_parallel_workers ();
  for (size_t done = 0; done < wanted->len;) {
    if (!tsr_progress_step (progress, SHARE_DECODING * done / wanted->len,
                            TSR_STAGE ("Reading tiles"), error))
      return false;
    size_t n = MIN (size, wanted->len - done);
    Batch batch = {&g_array_index (wanted, NewTile, done), jpeg, errors};
    gint64 start = g_get_monotonic_time ();
    tsr_parallel_for (n, 1, make_thumbnails, &batch);
    gint64 took = g_get_monotonic_time () - start;
    if (!spool_batch (import, &batch, n, error))
      return false;
    done += n;
    if (took < 20000)
      size = MIN (2 * size, MAX_BATCH);
    else if (took > 40000)
      size = MAX (size / 2, tsr_parallel_workers ());
  }
  return tsr_spool_flush (import->spool, error);
}

/* ---- writing ---- */

/* A scanned path below the root, whichever way the root was spelt; "/" is above everything. */
static const char *
below_root (const Import *import, const char *path, bool *elsewhere)
{
  const char *below = tsr_path_below (path, import->root);
  if (!below)
    below = tsr_path_below (path, import->root_text);
  *elsewhere = !below;
  return below ? below : path + strspn (path, "/");
}

static bool
bind_truth (TsrProject *project, TsrStatement *insert, int index, const char *folder,
            GError **error)
{
  if (!folder)
    return true;
  g_autofree char *name = tsr_path_display (folder);
  g_autoptr (TsrStatement) add = tsr_db_prepare (
      project, "INSERT INTO truth (name) VALUES (?) ON CONFLICT (name) DO NOTHING", error);
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT id FROM truth WHERE name = ?", error);
  if (!add || !find)
    return false;
  sqlite3_bind_text (find, 1, name, -1, SQLITE_TRANSIENT);
  int row = tsr_db_step (project, find, error);
  if (row == 0) {
    sqlite3_bind_text (add, 1, name, -1, SQLITE_TRANSIENT);
    if (!tsr_db_run (project, add, error))
      return false;
    sqlite3_reset (find);
    row = tsr_db_step (project, find, error);
  }
  if (row > 0)
    sqlite3_bind_int64 (insert, index, sqlite3_column_int64 (find, 0));
  return row > 0;
}

typedef struct {
  int64_t root, filesystem_root; /* ids; the second only if a tile lies outside the folder */
  bool labels_from_folders;
} Target;

static bool
write_tile (Import *import, const Target *target, const TsrFoundTile *found, uint32_t id,
            GError **error)
{
  TsrProject *project = import->project;
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project,
                      "INSERT INTO tile (id, root, path, name, width, height, channels, truth) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                      error);
  if (!insert)
    return false;
  bool elsewhere;
  const char *below = below_root (import, found->path, &elsewhere);
  g_autofree char *name = tsr_path_display (found->relative);
  sqlite3_bind_int64 (insert, 1, id);
  sqlite3_bind_int64 (insert, 2, elsewhere ? target->filesystem_root : target->root);
  tsr_db_bind_bytes (insert, 3, below);
  sqlite3_bind_text (insert, 4, name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int (insert, 5, found->width);
  sqlite3_bind_int (insert, 6, found->height);
  sqlite3_bind_int (insert, 7, found->channels);
  if (target->labels_from_folders && !bind_truth (project, insert, 8, found->folder, error))
    return false;
  return tsr_db_run (project, insert, error);
}

/* Whether the file is a tile already: 1 yes, 0 no, -1 error. */
static int
is_known (Import *import, const TsrFoundTile *found, GError **error)
{
  uint32_t tile;
  bool elsewhere;
  const char *below = below_root (import, found->path, &elsewhere);
  g_autofree char *path =
      elsewhere ? g_strdup (found->path) : g_build_filename (import->root, below, NULL);
  return tsr_project_tile_of_path (import->project, path, &tile, error);
}

static bool
write_skipped (Import *import, int64_t root, GError **error)
{
  TsrProject *project = import->project;
  g_autoptr (TsrStatement) forget =
      tsr_db_prepare (project, "DELETE FROM skipped WHERE root = ?", error);
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project, "INSERT INTO skipped (root, file, reason) VALUES (?, ?, ?)", error);
  if (!forget || !insert)
    return false;
  sqlite3_bind_int64 (forget, 1, root);
  bool ok = tsr_db_run (project, forget, error);
  guint scanned = import->scan->skipped ? import->scan->skipped->len : 0;
  for (guint i = 0; ok && i < scanned + import->refused->len; i++) {
    const TsrSkippedFile *file =
        i < scanned ? g_ptr_array_index (import->scan->skipped, i)
                    : &g_array_index (import->refused, TsrSkippedFile, i - scanned);
    g_autofree char *name = tsr_path_display (file->file);
    g_autofree char *reason = g_utf8_make_valid (file->reason ? file->reason : "", -1);
    sqlite3_bind_int64 (insert, 1, root);
    sqlite3_bind_text (insert, 2, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text (insert, 3, reason, -1, SQLITE_TRANSIENT);
    ok = tsr_db_run (project, insert, error);
  }
  return ok;
}

/* Inside the transaction. Another process may have added the same folder meanwhile, so known files
 * are asked for again. */
static gint64
write_tiles (Import *import, Target *target, const TsrProgress *progress, GError **error)
{
  int64_t first = tsr_project_count_tiles (import->project, error), id = first;
  for (guint i = 0; first >= 0 && i < import->tiles->len; i++) {
    const NewTile *tile = &g_array_index (import->tiles, NewTile, i);
    double fraction = SHARE_DECODING + (1 - SHARE_DECODING) * i / import->tiles->len;
    if (i % 256 == 0 && !tsr_progress_step (progress, fraction, TSR_STAGE ("Storing tiles"), error))
      return -1;
    int known = is_known (import, tile->found, error);
    if (known < 0 || id >= INT32_MAX)
      return -1;
    if (known)
      continue;
    bool elsewhere;
    below_root (import, tile->found->path, &elsewhere);
    if (elsewhere && target->filesystem_root == 0 &&
        (target->filesystem_root = tsr_project_ensure_root (import->project, "/", error)) < 0)
      return -1;
    if (!write_tile (import, target, tile->found, (uint32_t)id, error) ||
        !tsr_spool_store (import->spool, tile->thumbnail, (uint32_t)id, error))
      return -1;
    id++;
  }
  return first < 0 ? -1 : id - first;
}

static gint64
store (Import *import, bool labels_from_folders, const TsrProgress *progress, GError **error)
{
  if (!tsr_db_begin (import->project, error))
    return -1;
  Target target = {.labels_from_folders = labels_from_folders};
  target.root = tsr_project_ensure_root (import->project, import->root, error);
  gint64 added = target.root < 0 ? -1 : write_tiles (import, &target, progress, error);
  bool ok = added >= 0 && write_skipped (import, target.root, error);
  g_hash_table_remove_all (
      import->project->roots); /* some were noted inside the transaction, which may be gone */
  return tsr_db_end (import->project, ok, error) ? added : -1;
}

/* What is new in the scan, so that adding a folder again decodes nothing twice. */
static GArray *
choose_new (Import *import, GError **error)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (NewTile));
  for (guint i = 0; i < import->scan->tiles->len; i++) {
    NewTile tile = {.found = g_ptr_array_index (import->scan->tiles, i)};
    int known = is_known (import, tile.found, error);
    if (known < 0)
      return NULL;
    if (known == 0)
      g_array_append_val (wanted, tile);
  }
  return g_steal_pointer (&wanted);
}

static void
refused_clear (gpointer data)
{
  TsrSkippedFile *file = data;
  g_free (file->file);
  g_free (file->reason);
}

gint64
tsr_project_add_tiles (TsrProject *project, const char *root, const TsrFolderScan *scan,
                       bool labels_from_folders, const TsrProgress *progress, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (root, NULL);
  char *real = realpath (absolute, NULL);
  g_autofree char *folder = g_strdup (real ? real : absolute);
  free (real);
  Import import = {.project = project, .scan = scan, .root = folder, .root_text = absolute};
  gint64 added = -1;
  g_hash_table_remove_all (
      project->roots); /* folders may have been moved since they were last looked for */
  g_autoptr (GArray) wanted = choose_new (&import, error);
  import.spool = wanted ? tsr_spool_new (project, error) : NULL;
  if (import.spool) {
    import.tiles = g_array_new (FALSE, FALSE, sizeof (NewTile));
    import.refused = g_array_new (FALSE, FALSE, sizeof (TsrSkippedFile));
    g_array_set_clear_func (import.refused, refused_clear);
    if (decode (&import, wanted, progress, error))
      added = store (&import, labels_from_folders, progress, error);
    g_array_unref (import.tiles);
    g_array_unref (import.refused);
    tsr_spool_free (import.spool);
  }
  if (added >= 0)
    tsr_progress_step (progress, 1, TSR_STAGE ("Storing tiles"), NULL);
  return added;
}
