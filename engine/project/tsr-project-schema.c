/* The tables. A comment inside a statement is kept by SQLite, so that `sqlite3 FILE .schema`
 * explains the file. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"

#include <string.h>

static const char *const step_1[] = {
    "CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT "
    "ROWID",

    "CREATE TABLE root (-- a folder tiles were added from\n"
    "  id INTEGER PRIMARY KEY NOT NULL,\n"
    "  absolute BLOB NOT NULL, -- where it was when tiles were last added, in the file system's "
    "bytes\n"
    "  relative BLOB           -- the same seen from the project's folder; NULL: they share only "
    "/\n"
    ") STRICT",

    "CREATE TABLE truth (-- ground truth: the classes named by folders\n"
    "  id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE\n"
    ") STRICT",

    "CREATE TABLE tile (\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id >= 0), -- 0, 1, 2 ... without gaps, for good\n"
    "  root INTEGER NOT NULL REFERENCES root (id),\n"
    "  path BLOB NOT NULL, -- below the root, in the file system's bytes\n"
    "  name TEXT NOT NULL, -- as shown and exported\n"
    "  width INTEGER NOT NULL, height INTEGER NOT NULL, channels INTEGER NOT NULL,\n"
    "  truth INTEGER REFERENCES truth (id),\n"
    "  UNIQUE (root, path)\n"
    ") STRICT",
    "CREATE INDEX tile_name ON tile (name)",

    "CREATE TABLE thumbnail (tile INTEGER PRIMARY KEY NOT NULL REFERENCES tile (id), jpeg BLOB NOT "
    "NULL) STRICT",

    "CREATE TABLE skipped (-- files that could not become tiles\n"
    "  root INTEGER NOT NULL REFERENCES root (id), file TEXT NOT NULL, reason TEXT NOT NULL\n"
    ") STRICT",

    "CREATE TABLE class (\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id > 0), -- never used again\n"
    "  position INTEGER NOT NULL, name TEXT NOT NULL,\n"
    "  rgb INTEGER NOT NULL, key TEXT, shape INTEGER NOT NULL,\n"
    "  active INTEGER NOT NULL -- 0: merged away or removed\n"
    ") STRICT",
    "CREATE UNIQUE INDEX class_name ON class (name) WHERE active",
    "CREATE UNIQUE INDEX class_key ON class (key) WHERE active",

    "CREATE TABLE journal (-- only ever appended to\n"
    "  seq INTEGER PRIMARY KEY NOT NULL, -- 1, 2, 3 ... without gaps\n"
    "  at INTEGER NOT NULL, -- microseconds since 1970, UTC\n"
    "  annotator TEXT NOT NULL,\n"
    "  action TEXT NOT NULL, -- label, exclude, readmit, merge, remove-class, undo, redo\n"
    "  how TEXT NOT NULL, -- suggested, picked, lasso, imported, cleared, command\n"
    "  class INTEGER, into_class INTEGER, -- merge: from and into; remove-class: which\n"
    "  target INTEGER REFERENCES journal (seq), -- undo and redo: the entry taken back or done "
    "again\n"
    "  count INTEGER NOT NULL, -- tiles touched\n"
    "  detail TEXT NOT NULL, -- names as they were then\n"
    "  top INTEGER NOT NULL, -- after this entry: the newest entry in effect (undo takes it back), "
    "0 if none\n"
    "  undone INTEGER NOT NULL -- after this entry: the newest undo that redo takes back, 0 if "
    "none\n"
    ") STRICT",

    "CREATE TABLE journal_tile (-- what an entry did to each tile; undo and redo refer to their "
    "target's rows\n"
    "  seq INTEGER NOT NULL REFERENCES journal (seq), tile INTEGER NOT NULL REFERENCES tile (id),\n"
    "  before INTEGER NOT NULL, after INTEGER NOT NULL, -- class, -1 none, -2 unsure\n"
    "  excluded_before INTEGER NOT NULL, excluded_after INTEGER NOT NULL,\n"
    "  origin_before INTEGER NOT NULL, -- the entry the label came from before, 0 if none\n"
    "  PRIMARY KEY (seq, tile)\n"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE label (-- the state the journal leads to, kept up in the same transaction\n"
    "  tile INTEGER PRIMARY KEY NOT NULL REFERENCES tile (id),\n"
    "  value INTEGER NOT NULL, -- class, -1 none, -2 unsure\n"
    "  origin INTEGER NOT NULL, -- the entry that gave the label, 0 if none\n"
    "  excluded INTEGER NOT NULL\n"
    ") STRICT",

    "CREATE TABLE vector_set (-- at most one row: whose vectors w holds\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), model TEXT NOT NULL, d INTEGER NOT NULL\n"
    ") STRICT",
    "CREATE TABLE vector (\n"
    "  chunk INTEGER PRIMARY KEY NOT NULL, -- tiles 1024 chunk ... 1024 chunk + 1023\n"
    "  w BLOB NOT NULL -- [1024][d] float32, little endian; NaN: no vector\n"
    ") STRICT",

    "CREATE TABLE map (-- at most one row\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), n INTEGER NOT NULL,\n"
    "  y BLOB NOT NULL, -- [n][2] float32, little endian; NaN: not on the map\n"
    "  info TEXT NOT NULL -- JSON: how it was made\n"
    ") STRICT",

    "CREATE TABLE suggestion (\n"
    "  position INTEGER PRIMARY KEY NOT NULL, tile INTEGER NOT NULL REFERENCES tile (id)\n"
    ") STRICT",

    "CREATE TABLE model (-- at most one row: the model's file\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), absolute BLOB NOT NULL, relative BLOB\n"
    ") STRICT",
    NULL,
};

static const char *const step_2[] = {
    "CREATE TABLE joined_column (-- columns of a table the user joined to the tiles\n"
    "  id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE\n"
    ") STRICT",
    "CREATE TABLE column_text (-- a column's distinct values, the most frequent first\n"
    "  column_id INTEGER NOT NULL REFERENCES joined_column (id),\n"
    "  code INTEGER NOT NULL, -- 0, 1, 2 ... without gaps\n"
    "  text TEXT NOT NULL, PRIMARY KEY (column_id, code)\n"
    ") STRICT, WITHOUT ROWID",
    "CREATE TABLE column_code (\n"
    "  column_id INTEGER NOT NULL REFERENCES joined_column (id),\n"
    "  chunk INTEGER NOT NULL, -- tiles 1024 chunk ... 1024 chunk + 1023\n"
    "  codes BLOB NOT NULL, -- [1024] int32, little endian, into column_text; -1: no value\n"
    "  PRIMARY KEY (column_id, chunk)\n"
    ") STRICT",
    NULL,
};

static const char *const step_3[] = {
    "CREATE TABLE series (-- what trainings of the model measured as they went on\n"
    "  name TEXT NOT NULL, -- loss.g, loss.d, loss.nll, loss.mse ...\n"
    "  kimg REAL NOT NULL, -- thousands of images the model had seen\n"
    "  value REAL NOT NULL, PRIMARY KEY (name, kimg)\n"
    ") STRICT, WITHOUT ROWID",
    NULL,
};

/* A tile need not be a file any more. SQLite cannot take NOT NULL from a column, so the table is
 * built anew; migrations run without the enforcement of references, since nothing they refer to
 * changes. */
static const char *const step_4[] = {
    "CREATE TABLE slide (-- a whole slide that tiles lie on\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id >= 0), -- 0, 1, 2 ... without gaps, for good\n"
    "  root INTEGER NOT NULL REFERENCES root (id),\n"
    "  path BLOB NOT NULL, -- below the root, in the file system's bytes\n"
    "  name TEXT NOT NULL UNIQUE, -- as shown and exported\n"
    "  size INTEGER NOT NULL, -- bytes of the file\n"
    "  fingerprint BLOB NOT NULL UNIQUE, -- SHA-256 of the size and of sixteen pieces of the file\n"
    "  format TEXT NOT NULL, vendor TEXT, scanner TEXT, -- NULL: the file does not say\n"
    "  width INTEGER NOT NULL, height INTEGER NOT NULL, -- pixels of level 0\n"
    "  mpp REAL, -- micrometres a pixel of level 0; NULL: not known\n"
    "  mpp_given INTEGER NOT NULL, -- 1: somebody said it, because the file does not\n"
    "  objective REAL -- power; NULL: not known\n"
    ") STRICT",
    "CREATE TABLE tiling (-- how a slide was cut into tiles, the last time\n"
    "  slide INTEGER PRIMARY KEY NOT NULL REFERENCES slide (id),\n"
    "  pixels INTEGER NOT NULL, -- side of a tile as a network sees it\n"
    "  side INTEGER NOT NULL, step INTEGER NOT NULL, -- in pixels of level 0\n"
    "  level INTEGER NOT NULL, overlap INTEGER NOT NULL, -- overlap in pixels of the tile\n"
    "  options TEXT NOT NULL, -- JSON: what was asked for\n"
    "  mask_width INTEGER, mask_height INTEGER, -- NULL: everything counted as tissue\n"
    "  mask BLOB -- PNG, grey: 0 glass, 1 tissue, 2 pen, 3 margin\n"
    ") STRICT",
    "CREATE TABLE tile_4 (\n"
    "  id INTEGER PRIMARY KEY NOT NULL CHECK (id >= 0), -- 0, 1, 2 ... without gaps, for good\n"
    "  root INTEGER REFERENCES root (id), -- its file; NULL: it is a region of a slide\n"
    "  path BLOB, -- below the root, in the file system's bytes\n"
    "  name TEXT NOT NULL, -- as shown and exported\n"
    "  width INTEGER NOT NULL, height INTEGER NOT NULL, channels INTEGER NOT NULL, -- its picture\n"
    "  truth INTEGER REFERENCES truth (id),\n"
    "  slide INTEGER REFERENCES slide (id), -- where it lies; NULL: not known\n"
    "  x INTEGER, y INTEGER, side_x INTEGER, side_y INTEGER, -- in pixels of the slide's level 0\n"
    "  level INTEGER, tissue REAL, -- what a region is read from; its share of tissue, 0 to 1\n"
    "  UNIQUE (root, path),\n"
    "  CHECK ((root IS NULL) = (path IS NULL) AND coalesce (root, slide) IS NOT NULL),\n"
    "  CHECK ((slide IS NULL) = (x IS NULL) AND (slide IS NULL) = (y IS NULL) AND\n"
    "    (slide IS NULL) = (side_x IS NULL) AND (slide IS NULL) = (side_y IS NULL))\n"
    ") STRICT",
    "INSERT INTO tile_4 (id, root, path, name, width, height, channels, truth)"
    " SELECT id, root, path, name, width, height, channels, truth FROM tile ORDER BY id",
    "DROP TABLE tile",
    "ALTER TABLE tile_4 RENAME TO tile",
    "CREATE INDEX tile_name ON tile (name)",
    "CREATE UNIQUE INDEX tile_region ON tile (slide, x, y, side_x, side_y) WHERE root IS NULL",
    NULL,
};

/* Acts of several entries, and going back to a moment. */
static const char *const step_5[] = {
    "ALTER TABLE journal ADD COLUMN moment INTEGER /* revert: the labels are as after this entry "
    "*/",
    "ALTER TABLE journal ADD COLUMN part INTEGER NOT NULL DEFAULT 0 /* 1: one act with the entry "
    "before it, which undo and redo take together */",
    "ALTER TABLE journal_tile ADD COLUMN origin_after INTEGER /* revert: the entry the label comes "
    "from again */",
    "CREATE TABLE journal_class (-- classes that a revert put on the list or took off it\n"
    "  seq INTEGER NOT NULL REFERENCES journal (seq), class INTEGER NOT NULL REFERENCES class "
    "(id),\n"
    "  active INTEGER NOT NULL, -- 1: put on the list\n"
    "  PRIMARY KEY (seq, class)\n"
    ") STRICT, WITHOUT ROWID",
    NULL,
};

/* Nothing but a number: labels may say "check" of how they came about, which a program that knows
 * only version 5 would take for damage where it undoes them, and for the user's own choice
 * elsewhere. It refuses the file instead. */
static const char *const step_6[] = {NULL};

static const TsrSchemaStep steps[] = {step_1, step_2, step_3, step_4, step_5, step_6};

const TsrSchema tsr_project_schema = {steps, G_N_ELEMENTS (steps)};

bool
tsr_schema_apply (sqlite3 *db, const TsrSchema *schema, int from)
{
  for (int version = from; version < schema->version; version++)
    for (TsrSchemaStep sql = schema->steps[version]; *sql; sql++)
      if (sqlite3_exec (db, *sql, NULL, NULL, NULL) != SQLITE_OK)
        return false;
  g_autofree char *stamp = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                            TSR_PROJECT_APPLICATION_ID, schema->version);
  return sqlite3_exec (db, stamp, NULL, NULL, NULL) == SQLITE_OK;
}

#define OBJECTS                                                                                    \
  "SELECT type || ' ' || name || ' ' || coalesce (sql, '') FROM sqlite_schema ORDER BY type, name"

/* A fresh database in memory shows what the tables must be, for every schema the same way. */
static GPtrArray *
expected_objects (const TsrSchema *schema)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func (g_free);
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  if (sqlite3_open_v2 (":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix") ==
          SQLITE_OK &&
      tsr_schema_apply (db, schema, 0) &&
      sqlite3_prepare_v2 (db, OBJECTS, -1, &statement, NULL) == SQLITE_OK)
    while (sqlite3_step (statement) == SQLITE_ROW)
      g_ptr_array_add (objects, g_strdup ((const char *)sqlite3_column_text (statement, 0)));
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return objects;
}

bool
tsr_schema_verify (TsrProject *project, const TsrSchema *schema, GError **error)
{
  g_autoptr (GPtrArray) expected = expected_objects (schema);
  g_autoptr (TsrStatement) statement = tsr_db_prepare (project, OBJECTS, error);
  int row;
  guint found = 0;
  while ((row = tsr_db_step (project, statement, error)) > 0) {
    const char *object = (const char *)sqlite3_column_text (statement, 0);
    if (object && g_str_has_prefix (object, "table sqlite_stat"))
      continue; /* somebody ran ANALYZE: harmless */
    if (!object || found == expected->len || strcmp (object, expected->pdata[found]) != 0)
      return tsr_db_corrupt (project, _ ("its tables are not those of this version"), error);
    found++;
  }
  if (row < 0)
    return false;
  return found == expected->len ||
         tsr_db_corrupt (project, _ ("some of its tables are missing"), error);
}
