/* libFuzzer target: damaged project files. The bytes are a list of changes to a small project that
 * has something in every table: values and rows that lie, bytes and pages that are wrong, a file
 * cut short, a log beside it. What comes of it is read, the journal replayed, and written to. Built
 * by tests/fuzz/build.sh. */

#include "fixture.h"
#include "fuzz.h"
#include "whole-project.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#define PAGE 1024

typedef struct {
  char *table, *column, *key; /* key: the columns of the primary key */
} Column;

static char *folder, *path;
static GByteArray *good;
static GArray *columns; /* Column */

/* What is left of the fuzzed bytes; zeros behind them. */
typedef struct {
  const uint8_t *bytes;
  size_t n;
} Input;

static uint64_t
take (Input *input, unsigned count)
{
  uint64_t value = 0;
  for (unsigned i = 0; i < count && input->n; i++, input->n--)
    value |= (uint64_t)*input->bytes++ << (8 * i);
  return value;
}

/* ---- the sound project ---- */

static void
clear_up (void)
{
  fixture_remove (folder);
}

static sqlite3 *
open_database (void)
{
  sqlite3 *db;
  if (sqlite3_open (path, &db) != SQLITE_OK)
    abort ();
  return db;
}

static void
run (sqlite3 *db, const char *sql)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
}

static void
find_columns (sqlite3 *db)
{
  sqlite3_stmt *statement;
  columns = g_array_new (FALSE, FALSE, sizeof (Column));
  if (sqlite3_prepare_v2 (
          db,
          "SELECT t.name, c.name, coalesce ((SELECT group_concat (k.name, ',') FROM "
          "pragma_table_info (t.name) k WHERE k.pk), 'rowid') FROM sqlite_schema t, "
          "pragma_table_info (t.name) c WHERE t.type = 'table' ORDER BY 1, c.cid",
          -1, &statement, NULL) != SQLITE_OK)
    abort ();
  while (sqlite3_step (statement) == SQLITE_ROW) {
    Column column = {g_strdup ((const char *)sqlite3_column_text (statement, 0)),
                     g_strdup ((const char *)sqlite3_column_text (statement, 1)),
                     g_strdup ((const char *)sqlite3_column_text (statement, 2))};
    g_array_append_val (columns, column);
  }
  sqlite3_finalize (statement);
}

/* In small pages, so that a file is quickly written. */
static void
make_project (void)
{
  folder = fixture_folder (true);
  path = g_build_filename (folder, "p.tessera", NULL);
  atexit (clear_up);
  TsrProject *project = fixture_project (folder, "p.tessera", 8, 2);
  whole_project_fill (project, 30);
  whole_project_add_slide (project, folder);
  tsr_project_close (project);
  sqlite3 *db = open_database ();
  run (db, "PRAGMA journal_mode = DELETE");
  run (db, "PRAGMA page_size = " G_STRINGIFY (PAGE));
  run (db, "VACUUM");
  find_columns (db);
  sqlite3_close (db);
  good = fixture_read (path);
}

/* ---- the changes ---- */

static void
bind_value (sqlite3_stmt *statement, Input *input)
{
  static const int64_t edges[] = {
      -1,         0,           1,          G_MAXINT32,      (int64_t)G_MAXINT32 + 1,
      G_MININT32, G_MAXUINT32, G_MAXINT64, G_MININT64,      1 << 20,
      1024,       -2,          65536,      9007199254740993};
  static const double reals[] = {0, -1, 1e-320, 1e308, G_MAXDOUBLE, -1e300, 0.5};
  unsigned kind = (unsigned)take (input, 1);
  size_t n = MIN (kind / 8, input->n);
  switch (kind % 8) {
  case 0:
    sqlite3_bind_int64 (statement, 1, (int8_t)take (input, 1));
    break;
  case 1:
    sqlite3_bind_int64 (statement, 1, (int64_t)take (input, 8));
    break;
  case 2:
    sqlite3_bind_int64 (statement, 1, edges[take (input, 1) % G_N_ELEMENTS (edges)]);
    break;
  case 3:
    sqlite3_bind_double (statement, 1, reals[take (input, 1) % G_N_ELEMENTS (reals)]);
    break;
  case 4:
    sqlite3_bind_null (statement, 1);
    break;
  default:
    if (kind % 8 < 6)
      sqlite3_bind_text (statement, 1, (const char *)input->bytes, (int)n, SQLITE_TRANSIENT);
    else
      sqlite3_bind_blob (statement, 1, input->bytes, (int)n, SQLITE_TRANSIENT);
    input->bytes += n;
    input->n -= n;
  }
}

/* Sets a value of one row (or of all), or takes the row away. What the tables' types do not allow
 * does not happen. */
static void
change_row (sqlite3 *db, Input *input, bool away)
{
  const Column *column = &g_array_index (columns, Column, take (input, 1) % columns->len);
  unsigned row = (unsigned)take (input, 1);
  g_autofree char *where =
      row == 255 ? g_strdup ("")
                 : g_strdup_printf (" WHERE (%s) = (SELECT %s FROM %s LIMIT 1 OFFSET %u)",
                                    column->key, column->key, column->table, row);
  g_autofree char *sql =
      away ? g_strdup_printf ("DELETE FROM %s%s", column->table, where)
           : g_strdup_printf ("UPDATE %s SET %s = ?%s", column->table, column->column, where);
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  if (!away)
    bind_value (statement, input);
  sqlite3_step (statement);
  sqlite3_finalize (statement);
}

static void
change_bytes (GByteArray *file, Input *input, unsigned operation)
{
  size_t pages = MAX (file->len / PAGE, 1), page = (size_t)take (input, 1) % pages * PAGE;
  if (operation == 2) { /* anywhere */
    size_t at = page + take (input, 2) % PAGE, n = 1 + take (input, 1) % 16;
    for (size_t i = 0; i < n && at + i < file->len; i++)
      file->data[at + i] = (guint8)take (input, 1);
  } else if (operation == 3) { /* a page's header and its first cells, or the file's */
    size_t at = page + take (input, 1) % 128;
    if (at < file->len)
      file->data[at] = (guint8)take (input, 1);
  } else if (operation == 4) { /* the page is another one */
    size_t other = (size_t)take (input, 1) % pages * PAGE;
    if (MAX (page, other) + PAGE <= file->len)
      memmove (file->data + page, file->data + other, PAGE);
  } else {
    g_byte_array_set_size (file, MIN (file->len, (guint)(page + take (input, 2) % PAGE)));
  }
}

/* Rows first, because afterwards the file may be no database any more. */
static GByteArray *
change (Input *input)
{
  GByteArray *file = g_byte_array_sized_new (good->len);
  sqlite3 *db = NULL;
  if (input->n && input->bytes[0] % 8 < 2) {
    fixture_write (path, good->data, good->len);
    db = open_database ();
    run (db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF;"
             "PRAGMA ignore_check_constraints = ON; BEGIN");
    while (input->n && input->bytes[0] % 8 < 2)
      change_row (db, input, take (input, 1) % 8 == 1);
    run (db, "COMMIT");
    sqlite3_close (db);
    g_autoptr (GByteArray) changed = fixture_read (path);
    g_byte_array_append (file, changed->data, changed->len);
  } else {
    g_byte_array_append (file, good->data, good->len);
  }
  while (input->n && input->bytes[0] % 8 < 6)
    change_bytes (file, input, (unsigned)take (input, 1) % 8);
  return file;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  static const char *const traces[] = {"-wal", "-shm", "-journal"};
  Input input = {bytes, n};
  bool write = take (&input, 1) % 2; /* reading alone is quicker */
  if (!good)
    make_project ();
  for (unsigned i = 0; i < G_N_ELEMENTS (traces); i++) {
    g_autofree char *trace = g_strconcat (path, traces[i], NULL);
    g_unlink (trace);
  }
  g_autoptr (GByteArray) file = change (&input);
  fixture_write (path, file->data, file->len);
  if (input.n > 1) { /* what is left lies beside it as a log */
    g_autofree char *trace = g_strconcat (path, take (&input, 1) % 2 ? "-wal" : "-journal", NULL);
    fixture_write (trace, input.bytes, input.n);
  }
  GError *error = NULL;
  TsrProject *project =
      tsr_project_open (path, write ? TSR_PROJECT_READ_WRITE : TSR_PROJECT_READ_ONLY, &error);
  fuzz_check (project != NULL, &error);
  if (project) {
    if (write)
      whole_project_write (project);
    whole_project_read (project);
    whole_project_sentence (tsr_project_check (project, &error), &error);
  }
  tsr_project_close (project);
  return 0;
}
