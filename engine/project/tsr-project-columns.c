/* Columns joined to the tiles: a dictionary of texts, and codes into it in rows of 1024 tiles. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <string.h>

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "Codes are stored as little-endian integers; a big-endian machine would have to swap them."
#endif

#define CHUNK    1024
#define MAX_NAME 200

/* ---- writing ---- */

static bool
remove_column (TsrProject *project, const char *name, bool *found, GError **error)
{
  static const char *const sql[] = {
      "DELETE FROM column_code WHERE column_id IN (SELECT id FROM joined_column WHERE name = ?)",
      "DELETE FROM column_text WHERE column_id IN (SELECT id FROM joined_column WHERE name = ?)",
      "DELETE FROM joined_column WHERE name = ?",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (sql); i++) {
    TsrStatement *statement = tsr_db_prepare (project, sql[i], error);
    if (!statement)
      return false;
    sqlite3_bind_text (statement, 1, name, -1, SQLITE_TRANSIENT);
    if (!tsr_db_run (project, statement, error))
      return false;
  }
  if (found)
    *found = sqlite3_changes (project->db) > 0;
  return true;
}

static bool
insert_texts (TsrProject *project, int64_t id, const TsrColumn *column, GError **error)
{
  TsrStatement *insert = tsr_db_prepare (
      project, "INSERT INTO column_text (column_id, code, text) VALUES (?, ?, ?)", error);
  for (uint32_t k = 0; insert && k < column->n_texts; k++) {
    sqlite3_bind_int64 (insert, 1, id);
    sqlite3_bind_int64 (insert, 2, k);
    sqlite3_bind_text (insert, 3, column->texts[k], -1, SQLITE_STATIC);
    if (!tsr_db_run (project, insert, error))
      return false;
  }
  return insert != NULL;
}

static bool
insert_codes (TsrProject *project, int64_t id, const TsrColumn *column, GError **error)
{
  TsrStatement *insert = tsr_db_prepare (
      project, "INSERT INTO column_code (column_id, chunk, codes) VALUES (?, ?, ?)", error);
  for (uint32_t first = 0; insert && first < column->n; first += CHUNK) {
    int32_t codes[CHUNK];
    for (uint32_t k = 0; k < CHUNK; k++)
      codes[k] = first + k < column->n ? column->code[first + k] : -1;
    sqlite3_bind_int64 (insert, 1, id);
    sqlite3_bind_int64 (insert, 2, first / CHUNK);
    sqlite3_bind_blob (insert, 3, codes, sizeof codes, SQLITE_STATIC);
    if (!tsr_db_run (project, insert, error))
      return false;
  }
  return insert != NULL;
}

static bool
put_column (TsrProject *project, const TsrColumn *column, GError **error)
{
  g_autofree char *shown = g_filename_display_name (project->path);
  size_t length = strlen (column->name);
  if (length == 0 || length > MAX_NAME || !g_utf8_validate (column->name, -1, NULL)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("A column joined to “%s” needs a name of 1 to %d bytes: give it another one in "
                    "the table's first line."),
                 shown, MAX_NAME);
    return false;
  }
  if (!remove_column (project, column->name, NULL, error))
    return false;
  if (tsr_db_int (project, "SELECT count(*) FROM joined_column", 0) >= TSR_MAX_COLUMNS) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("“%s” holds %d columns already, the most it can: remove some first (“tessera "
                    "columns PROJECT --remove NAME”)."),
                 shown, TSR_MAX_COLUMNS);
    return false;
  }
  TsrStatement *insert =
      tsr_db_prepare (project, "INSERT INTO joined_column (name) VALUES (?)", error);
  if (!insert)
    return false;
  sqlite3_bind_text (insert, 1, column->name, -1, SQLITE_TRANSIENT);
  if (!tsr_db_run (project, insert, error))
    return false;
  int64_t id = sqlite3_last_insert_rowid (project->db);
  return insert_texts (project, id, column, error) && insert_codes (project, id, column, error);
}

bool
tsr_project_put_columns (TsrProject *project, const GPtrArray *columns, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  bool ok = true;
  for (guint i = 0; ok && i < columns->len; i++)
    ok = put_column (project, columns->pdata[i], error);
  return tsr_db_end (project, ok, error);
}

bool
tsr_project_remove_column (TsrProject *project, const char *name, bool *found, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  return tsr_db_end (project, remove_column (project, name, found, error), error);
}

/* ---- reading ---- */

static GPtrArray *
read_texts (TsrProject *project, int64_t id, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project, "SELECT code, text FROM column_text WHERE column_id = ? ORDER BY code", error);
  if (!select)
    return NULL;
  sqlite3_bind_int64 (select, 1, id);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    if (sqlite3_column_int64 (select, 0) != texts->len) {
      tsr_db_corrupt (project, _ ("the values of a column are not numbered in order"), error);
      return NULL;
    }
    g_ptr_array_add (texts, tsr_db_text (select, 1));
  }
  return row == 0 ? g_steal_pointer (&texts) : NULL;
}

static bool
read_codes (TsrProject *project, int64_t id, int32_t *code, uint32_t n, GError **error)
{
  for (uint32_t i = 0; i < n; i++)
    code[i] = -1;
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      project, "SELECT chunk, codes FROM column_code WHERE column_id = ? ORDER BY chunk", error);
  if (!select)
    return false;
  sqlite3_bind_int64 (select, 1, id);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    int64_t chunk = sqlite3_column_int64 (select, 0);
    const void *codes = sqlite3_column_blob (select, 1);
    if (!codes || sqlite3_column_bytes (select, 1) != CHUNK * (int)sizeof (int32_t))
      return tsr_db_corrupt (project, _ ("a block of a column has the wrong size"), error);
    if (chunk < 0 || chunk > UINT32_MAX / CHUNK || chunk * CHUNK >= n)
      continue; /* tiles that joined since the caller asked for n */
    size_t first = (size_t)chunk * CHUNK;
    memcpy (code + first, codes, MIN (CHUNK, n - first) * sizeof *code);
  }
  return row == 0;
}

static TsrColumn *
read_column (TsrProject *project, int64_t id, const char *name, uint32_t n, GError **error)
{
  g_autoptr (GPtrArray) texts = read_texts (project, id, error);
  g_autofree int32_t *code = g_new (int32_t, (size_t)n + 1);
  if (!texts || !read_codes (project, id, code, n, error))
    return NULL;
  g_ptr_array_add (texts, NULL);
  return tsr_column_take_codes (name, g_steal_pointer (&code), n,
                                (char **)g_ptr_array_free (g_steal_pointer (&texts), FALSE));
}

/* The column (transfer full), or the same of the former ones. */
static TsrColumn *
keep_former (TsrColumn *column, const GPtrArray *former)
{
  for (guint i = 0; former && i < former->len; i++)
    if (tsr_column_equal (column, former->pdata[i])) {
      tsr_column_unref (column);
      return tsr_column_ref (former->pdata[i]);
    }
  return column;
}

static bool
read_columns (TsrProject *project, const GPtrArray *former, GPtrArray *columns, GError **error)
{
  uint32_t n = tsr_project_known_tiles (project);
  g_autoptr (TsrStatement) select =
      tsr_db_prepare (project, "SELECT id, name FROM joined_column ORDER BY id", error);
  int row;
  while ((row = tsr_db_step (project, select, error)) > 0) {
    g_autofree char *name = tsr_db_text (select, 1);
    TsrColumn *column = read_column (project, sqlite3_column_int64 (select, 0), name, n, error);
    if (!column)
      return false;
    g_ptr_array_add (columns, keep_former (column, former));
  }
  return row == 0;
}

GPtrArray *
tsr_project_reread_columns (TsrProject *project, const GPtrArray *former, GError **error)
{
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  /* one snapshot for names, texts and codes */
  bool began = sqlite3_get_autocommit (project->db) && tsr_db_exec (project, "BEGIN", NULL);
  bool ok = read_columns (project, former, columns, error);
  if (began)
    sqlite3_exec (project->db, "COMMIT", NULL, NULL, NULL);
  return ok ? g_steal_pointer (&columns) : NULL;
}

GPtrArray *
tsr_project_columns (TsrProject *project, GError **error)
{
  return tsr_project_reread_columns (project, NULL, error);
}
