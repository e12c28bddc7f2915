/* W vectors in rows of 1024 tiles: few enough to read a million tiles in a thousand steps, written
 * in place, a slice at a time, so that embedding in small batches writes each vector once. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"
#include "tsr-reread.h"

#include <math.h>
#include <string.h>

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "Vectors are stored as little-endian floats; a big-endian machine would have to swap them."
#endif

#define SINCE "vectors.since" /* a setting */
#define CHUNK 1024
#define MAX_D 65536

static bool
read_set (TsrProject *project, uint32_t *d, char **model, GError **error)
{
  *d = 0;
  *model = NULL;
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT model, d FROM vector_set", error);
  int row = tsr_db_step (project, select, error);
  if (row <= 0)
    return row == 0;
  int64_t stored = sqlite3_column_int64 (select, 1);
  if (stored < 1 || stored > MAX_D)
    return tsr_db_corrupt (project, _ ("the length of its vectors makes no sense"), error);
  *d = (uint32_t)stored;
  *model = tsr_db_text (select, 0);
  return true;
}

static bool
clear (TsrProject *project, GError **error)
{
  return tsr_db_exec (project, "DELETE FROM vector; DELETE FROM vector_set", error);
}

/* Labels that were given before are of another space. */
static bool
note_time (TsrProject *project, GError **error)
{
  g_autoptr (TsrStatement) set = tsr_db_prepare (
      project,
      "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      error);
  if (!set)
    return false;
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time ());
  sqlite3_bind_text (set, 1, SINCE, -1, SQLITE_STATIC);
  sqlite3_bind_text (set, 2, now, -1, SQLITE_TRANSIENT);
  return tsr_db_run (project, set, error);
}

gint64
tsr_project_vectors_since (TsrProject *project)
{
  g_autofree char *text = tsr_project_get (project, SINCE);
  return text ? MAX (0, g_ascii_strtoll (text, NULL, 10)) : 0;
}

/* Vectors of two models never stand side by side: those of another model go. */
static bool
ensure_set (TsrProject *project, const char *model_id, uint32_t d, GError **error)
{
  uint32_t stored_d;
  g_autofree char *model = NULL;
  if (!read_set (project, &stored_d, &model, error))
    return false;
  if (stored_d == d && strcmp (model, model_id) == 0)
    return true;
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project, "INSERT INTO vector_set (id, model, d) VALUES (1, ?, ?)", error);
  if (!insert || !clear (project, error))
    return false;
  sqlite3_bind_text (insert, 1, model_id, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (insert, 2, d);
  return tsr_db_run (project, insert, error) && note_time (project, error);
}

/* Makes sure that the row of a chunk is there, without vectors if it is new. */
static bool
ensure_chunk (TsrProject *project, int64_t chunk, uint32_t d, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT 1 FROM vector WHERE chunk = ?", error);
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project, "INSERT INTO vector (chunk, w) VALUES (?, ?)", error);
  if (!find || !insert)
    return false;
  sqlite3_bind_int64 (find, 1, chunk);
  int row = tsr_db_step (project, find, error);
  if (row != 0)
    return row > 0;
  size_t n = (size_t)CHUNK * d;
  float *none = g_new (float, n);
  for (size_t i = 0; i < n; i++)
    none[i] = NAN;
  sqlite3_bind_int64 (insert, 1, chunk);
  sqlite3_bind_blob64 (insert, 2, none, n * sizeof (float), g_free);
  return tsr_db_run (project, insert, error);
}

static bool
write_slice (TsrProject *project, uint32_t first, uint32_t count, uint32_t d, const float *w,
             GError **error)
{
  int64_t chunk = first / CHUNK;
  if (!ensure_chunk (project, chunk, d, error))
    return false;
  sqlite3_blob *blob = NULL;
  if (sqlite3_blob_open (project->db, "main", "vector", "w", chunk, 1, &blob) != SQLITE_OK) {
    tsr_db_fail (project, error);
    sqlite3_blob_close (blob);
    return false;
  }
  size_t row = d * sizeof (float);
  bool fits = (size_t)sqlite3_blob_bytes (blob) == CHUNK * row;
  int rc = !fits ? SQLITE_OK
                 : sqlite3_blob_write (blob, w, (int)(count * row), (int)(first % CHUNK * row));
  if (rc != SQLITE_OK)
    tsr_db_fail (project, error);
  sqlite3_blob_close (blob);
  if (!fits)
    return tsr_db_corrupt (project, _ ("a block of vectors has the wrong size"), error);
  return rc == SQLITE_OK;
}

static bool
put (TsrProject *project, const char *model_id, uint32_t first, uint32_t count, uint32_t d,
     const float *w, GError **error)
{
  int64_t n = tsr_project_count_tiles (project, error);
  if (n < 0)
    return false;
  if (d < 1 || d > MAX_D || (int64_t)first + count > n) {
    g_autofree char *name = g_filename_display_name (project->path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("Vectors of tiles #%u to #%lld do not fit “%s”, which has %lld tiles; embed "
                    "the project again."),
                 first, (long long)first + count - 1, name, (long long)n);
    return false;
  }
  if (!ensure_set (project, model_id, d, error))
    return false;
  for (uint32_t done = 0; done < count;) {
    uint32_t slice = MIN (count - done, CHUNK - (first + done) % CHUNK);
    if (!write_slice (project, first + done, slice, d, w + (size_t)done * d, error))
      return false;
    done += slice;
  }
  return true;
}

bool
tsr_project_put_vectors (TsrProject *project, const char *model_id, uint32_t first, uint32_t count,
                         uint32_t d, const float *w, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, put (project, model_id, first, count, d, w, error), error);
}

bool
tsr_project_clear_vectors (TsrProject *project, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, clear (project, error), error);
}

/* Adds one stored chunk; *next is the first tile behind what there is already. */
static bool
add_chunk (TsrProject *project, TsrStatement *select, TsrReread *w, uint32_t n, uint32_t d,
           const float *none, uint32_t *next, GError **error)
{
  int64_t chunk = sqlite3_column_int64 (select, 0);
  const void *stored = sqlite3_column_blob (select, 1);
  size_t row = d * sizeof (float);
  if (!stored || (size_t)sqlite3_column_bytes (select, 1) != CHUNK * row)
    return tsr_db_corrupt (project, _ ("a block of vectors has the wrong size"), error);
  if (chunk < 0 || chunk > UINT32_MAX / CHUNK || chunk * CHUNK >= n)
    return true;  /* tiles that joined since the caller asked for n */
  if (*next == 0) /* only now that a block says d is true */
    tsr_reread_expect (w, n * row);
  uint32_t first = (uint32_t)chunk * CHUNK, count = MIN (CHUNK, n - first);
  tsr_reread_repeat (w, none, row, first - *next);
  tsr_reread_put (w, stored, count * row);
  *next = first + count;
  return true;
}

/* *w stays NULL where no tile has a vector. */
static bool
read_vectors (TsrProject *project, uint32_t n, uint32_t d, GBytes *former, GBytes **w,
              GError **error)
{
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT chunk, w FROM vector ORDER BY chunk", error);
  g_autoptr (TsrReread) all = tsr_reread_new (former);
  g_autofree float *none = g_new (float, d);
  for (uint32_t a = 0; a < d; a++)
    none[a] = NAN;
  uint32_t next = 0;
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0)
    if (!add_chunk (project, select, all, n, d, none, &next, error))
      return false;
  if (row == 0 && next > 0) {
    tsr_reread_repeat (all, none, d * sizeof *none, n - next);
    *w = tsr_reread_end (g_steal_pointer (&all), error);
    return *w != NULL;
  }
  return row == 0;
}

bool
tsr_project_reread_vectors (TsrProject *project, GBytes *former, GBytes **w, uint32_t *d,
                            char **model_id, GError **error)
{
  uint32_t stored_d;
  g_autofree char *model = NULL;
  *w = NULL;
  *d = 0;
  if (model_id)
    *model_id = NULL;
  uint32_t n = tsr_project_known_tiles (project);
  /* one snapshot for the set and its blocks, while another process may be embedding */
  bool began = sqlite3_get_autocommit (project->db) && tsr_db_exec (project, "BEGIN", NULL);
  bool ok = read_set (project, &stored_d, &model, error) &&
            (stored_d == 0 || n == 0 || read_vectors (project, n, stored_d, former, w, error));
  if (began)
    sqlite3_exec (project->db, "COMMIT", NULL, NULL, NULL);
  if (!ok || !*w)
    return false;
  *d = stored_d;
  if (model_id)
    *model_id = g_steal_pointer (&model);
  return true;
}

bool
tsr_project_get_vectors (TsrProject *project, float **w, uint32_t *d, char **model_id,
                         GError **error)
{
  GBytes *bytes;
  gsize size;
  *w = NULL;
  if (!tsr_project_reread_vectors (project, NULL, &bytes, d, model_id, error))
    return false;
  *w = g_bytes_unref_to_data (bytes, &size);
  return true;
}
