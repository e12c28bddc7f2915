/* The copy is written row by row into a new file and not made of the old one's pages, since what
 * was deleted there may still be read in those. */

#include "tsr-project-blind.h"

#include "tsr-i18n.h"
#include "tsr-project-private.h"
#include "tsr-random.h"

#include <string.h>

/* Settings that say how to work; all others may say something of the first reader. */
#define SETTINGS                                                                                   \
  "key IN ('id', 'title', 'demonstration', 'tour.done', 'rule', 'strategy', 'batch',"              \
  " 'resolution', 'channels', 'view.smooth', 'view.thumbnails', 'view.middle',"                    \
  " 'view.surroundings', 'truth.classes') OR key GLOB 'train.*' OR key GLOB 'map.*'"               \
  " OR key GLOB 'normalise*' OR key GLOB 'slides.*'"

/* What comes along, each table after those it refers to. */
static const struct {
  const char *table, *where;
} tables[] = {
    {"setting", SETTINGS}, {"root", NULL},   {"truth", NULL},   {"slide", NULL},
    {"tiling", NULL},      {"tile", NULL},   {"skipped", NULL}, {"class", "active"},
    {"vector_set", NULL},  {"vector", NULL}, {"map", NULL},     {"series", NULL},
    {"thumbnail", NULL},
};

typedef struct {
  TsrProject *project;
  const TsrBlindOptions *options;
  const TsrProgress *progress;
  GArray *reading; /* uint32_t: what is to be read, in order */
  int64_t rows, copied;
} Blind;

/* ---- what is to be read ---- */

static bool
choose_reading (Blind *blind, GError **error)
{
  g_autoptr (TsrStatement) select = tsr_db_prepare (
      blind->project, "SELECT tile FROM label WHERE value <> -1 AND NOT excluded ORDER BY tile",
      error);
  int row;
  while ((row = tsr_db_step (blind->project, select, error)) > 0) {
    uint32_t tile = (uint32_t)sqlite3_column_int64 (select, 0);
    g_array_append_val (blind->reading, tile);
  }
  if (row < 0)
    return false;
  if (blind->reading->len == 0) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("Nothing is labelled yet, so there is nothing to read a second time; label some "
           "tiles first."));
    return false;
  }
  TsrRandom random;
  tsr_random_init (&random, blind->options->seed, 0x626c696e64); /* "blind" */
  tsr_random_shuffle (&random, (uint32_t *)blind->reading->data, blind->reading->len);
  if (blind->options->tiles > 0 && blind->options->tiles < blind->reading->len)
    g_array_set_size (blind->reading, blind->options->tiles);
  return true;
}

/* ---- copying ---- */

static sqlite3_stmt *
prepare (TsrProject *project, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2 (project->db, sql, -1, &statement, NULL) != SQLITE_OK)
    tsr_db_fail (project, error);
  return statement;
}

static char *
selection (const char *what, guint table)
{
  const char *where = tables[table].where;
  return g_strdup_printf ("SELECT %s FROM %s%s%s", what, tables[table].table,
                          where ? " WHERE " : "", where ? where : "");
}

static sqlite3_stmt *
prepare_insert (TsrProject *copy, const char *table, int columns, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  g_string_printf (sql, "INSERT OR REPLACE INTO %s VALUES (", table);
  for (int i = 0; i < columns; i++)
    g_string_append (sql, i ? ", ?" : "?");
  g_string_append (sql, ")");
  return prepare (copy, sql->str, error);
}

static bool
copy_rows (Blind *blind, TsrProject *copy, sqlite3_stmt *from, sqlite3_stmt *to, GError **error)
{
  int columns = sqlite3_column_count (from), row;
  while ((row = tsr_db_step (blind->project, from, error)) > 0) {
    for (int i = 0; i < columns; i++)
      sqlite3_bind_value (to, i + 1, sqlite3_column_value (from, i));
    if (!tsr_db_run (copy, to, error))
      return false;
    if (blind->copied++ % 256 == 0 &&
        !tsr_progress_step (blind->progress, (double)blind->copied / (double)MAX (1, blind->rows),
                            TSR_STAGE ("Writing the copy"), error))
      return false;
  }
  return row == 0;
}

static bool
copy_table (Blind *blind, TsrProject *copy, guint table, GError **error)
{
  g_autofree char *sql = selection ("*", table);
  sqlite3_stmt *from = prepare (blind->project, sql, error), *to = NULL;
  if (from)
    to = prepare_insert (copy, tables[table].table, sqlite3_column_count (from), error);
  bool ok = to && copy_rows (blind, copy, from, to, error);
  sqlite3_finalize (from);
  sqlite3_finalize (to);
  return ok;
}

static bool
count_rows (Blind *blind, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    g_autofree char *sql = selection ("count (*)", i);
    sqlite3_stmt *count = prepare (blind->project, sql, error);
    bool ok = tsr_db_step (blind->project, count, error) > 0;
    blind->rows += ok ? sqlite3_column_int64 (count, 0) : 0;
    sqlite3_finalize (count);
    if (!ok)
      return false;
  }
  return true;
}

/* ---- places, seen from where the copy lies ---- */

static bool
place_root (Blind *blind, TsrProject *copy, int64_t root, GError **error)
{
  const char *folder = tsr_project_root_folder (blind->project, root, error);
  g_autoptr (TsrStatement) store =
      folder ? tsr_db_prepare (copy, "UPDATE root SET absolute = ?2, relative = ?3 WHERE id = ?1",
                               error)
             : NULL;
  if (!store)
    return false;
  g_autofree char *relative = tsr_path_relative (copy->folder, folder);
  sqlite3_bind_int64 (store, 1, root);
  tsr_db_bind_bytes (store, 2, folder);
  tsr_db_bind_bytes (store, 3, relative);
  return tsr_db_run (copy, store, error);
}

static bool
place_roots (Blind *blind, TsrProject *copy, GError **error)
{
  g_autoptr (GArray) roots = g_array_new (FALSE, FALSE, sizeof (int64_t));
  {
    g_autoptr (TsrStatement) select = tsr_db_prepare (blind->project, "SELECT id FROM root", error);
    int row;
    while ((row = tsr_db_step (blind->project, select, error)) > 0) {
      int64_t root = sqlite3_column_int64 (select, 0);
      g_array_append_val (roots, root);
    }
    if (row < 0)
      return false;
  }
  for (guint i = 0; i < roots->len; i++)
    if (!place_root (blind, copy, g_array_index (roots, int64_t, i), error))
      return false;
  g_autofree char *model = tsr_project_get_model (blind->project);
  return !model || tsr_project_set_model (copy, model, error);
}

/* ---- the copy ---- */

static bool
fill (TsrProject *copy, void *data, GError **error)
{
  Blind *blind = data;
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!copy_table (blind, copy, i, error))
      return false;
  tsr_project_n_tiles (copy);
  return place_roots (blind, copy, error) &&
         tsr_project_put_suggestions (copy, (const uint32_t *)blind->reading->data,
                                      blind->reading->len, TSR_SUGGESTED_READING, error) &&
         tsr_progress_step (blind->progress, 1, TSR_STAGE ("Writing the copy"), error);
}

gint64
tsr_project_write_blind (TsrProject *project, const char *path, const TsrBlindOptions *options,
                         const TsrProgress *progress, GError **error)
{
  Blind blind = {.project = project,
                 .options = options,
                 .progress = progress,
                 .reading = g_array_new (FALSE, FALSE, sizeof (uint32_t))};
  /* all of it as of one moment, whoever labels meanwhile */
  bool began = tsr_db_exec (project, "BEGIN", error);
  bool ok = began && choose_reading (&blind, error) && count_rows (&blind, error) &&
            tsr_project_create_filled (path, &tsr_project_schema, fill, &blind, error);
  if (began)
    sqlite3_exec (project->db, "COMMIT", NULL, NULL, NULL);
  gint64 n = ok ? (gint64)blind.reading->len : -1;
  g_array_unref (blind.reading);
  return n;
}
