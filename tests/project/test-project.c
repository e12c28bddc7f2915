/* The file as a whole: created, opened, migrated; settings, vectors, map, suggestions,
 * model. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
assert_refused (const char *path, TsrProjectMode mode, int code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_project_open (path, mode, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, code);
}

static unsigned
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  unsigned n = 0;
  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
test_create (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpstr (tsr_project_path (bench->project), ==, bench->path);
  g_assert_null (tsr_project_create (bench->path, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_null (tsr_project_create ("/nowhere/at/all.tessera", &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA application_id", 0), ==,
                   TSR_PROJECT_APPLICATION_ID);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA user_version", 0), ==, 6);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA synchronous", 0), ==, 2);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA trusted_schema", 1), ==, 0);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA cell_size_check", 0), ==, 1);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA foreign_keys", 0), ==, 1);
  g_assert_cmpint (
      tsr_db_int (bench->project, "SELECT journal_mode = 'wal' FROM pragma_journal_mode ()", 0), ==,
      1);
  g_clear_pointer (&bench->project, tsr_project_close);
  g_assert_cmpuint (count_files (bench->folder), ==, 1); /* closing leaves the one file */
  bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_false (tsr_project_set (bench->project, "key", "value", &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
}

static void
test_refusals (FixtureBench *bench, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (bench->folder, "other", NULL);
  assert_refused (other, TSR_PROJECT_READ_WRITE, TSR_ERROR_PROJECT);
  assert_refused (bench->folder, TSR_PROJECT_READ_WRITE, TSR_ERROR_PROJECT);
  fixture_write (other, "", 0);
  assert_refused (other, TSR_PROJECT_READ_WRITE, TSR_ERROR_CORRUPT);
  fixture_write (other, "short", 5);
  assert_refused (other, TSR_PROJECT_READ_ONLY, TSR_ERROR_CORRUPT);
  g_autofree char *text = g_strnfill (5000, 'x');
  fixture_write (other, text, 5000);
  assert_refused (other, TSR_PROJECT_READ_WRITE, TSR_ERROR_PROJECT);
  g_unlink (other);
  sqlite3 *db; /* another program's database */
  g_assert_cmpint (sqlite3_open (other, &db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (db, "CREATE TABLE t (x); INSERT INTO t VALUES (1)", NULL, NULL, NULL), ==,
      SQLITE_OK);
  sqlite3_close (db);
  assert_refused (other, TSR_PROJECT_READ_WRITE, TSR_ERROR_PROJECT);
}

/* Runs SQL on the file behind the engine's back. */
static void
tamper (FixtureBench *bench, const char *sql)
{
  g_clear_pointer (&bench->project, tsr_project_close);
  sqlite3 *db;
  g_assert_cmpint (sqlite3_open (bench->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
test_newer (FixtureBench *bench, gconstpointer unused)
{
  tamper (bench, "PRAGMA user_version = 7; CREATE TABLE of_the_future (x)");
  assert_refused (bench->path, TSR_PROJECT_READ_WRITE, TSR_ERROR_NEWER);
  assert_refused (bench->path, TSR_PROJECT_READ_ONLY, TSR_ERROR_NEWER);
}

/* Files made to be harmful: their schema is not run, not even looked at further. */
static void
test_hostile_schemas (FixtureBench *bench, gconstpointer unused)
{
  static const char *const attacks[] = {
      "CREATE TRIGGER evil AFTER INSERT ON journal BEGIN DELETE FROM label; END",
      "CREATE VIEW evil AS SELECT * FROM label",
      "DROP TABLE label",
      "DROP TABLE label; CREATE VIEW label AS SELECT 1 AS tile, 1 AS value, 1 AS origin, 0 AS "
      "excluded",
      "CREATE TABLE extra (x)",
      "ALTER TABLE tile ADD COLUMN more TEXT",
      "DROP INDEX tile_name",
      "PRAGMA user_version = 0",
      "PRAGMA user_version = -5",
  };
  g_autofree char *good = g_build_filename (bench->folder, "good", NULL);
  g_clear_pointer (&bench->project, tsr_project_close);
  fixture_copy (bench->path, good);
  for (unsigned i = 0; i < G_N_ELEMENTS (attacks); i++) {
    fixture_copy (good, bench->path);
    tamper (bench, attacks[i]);
    assert_refused (bench->path, TSR_PROJECT_READ_WRITE, TSR_ERROR_CORRUPT);
  }
  fixture_copy (good, bench->path);
  tamper (bench, "ANALYZE"); /* harmless, and what a curious user may do */
  fixture_bench_reopen (bench);
}

/* ---- migrations ---- */

static const char *const first_version[] = {"CREATE TABLE a (x INTEGER) STRICT", NULL};
static const char *const second_version[] = {
    "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7", "CREATE TABLE b (z TEXT) STRICT",
    NULL};
static const char *const broken_version[] = {"UPDATE a SET x = 0", "CREATE TABLE a (x)", NULL};
static const TsrSchemaStep good_steps[] = {first_version, second_version};
static const TsrSchemaStep bad_steps[] = {first_version, broken_version};

static void
test_migration (FixtureBench *bench, gconstpointer unused)
{
  static const TsrSchema old = {good_steps, 1}, new = {good_steps, 2}, bad = {bad_steps, 2};
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (bench->folder, "m.tessera", NULL);
  g_assert_true (tsr_project_create_with (path, &old, &error));
  TsrProject *project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error);
  tsr_db_exec (project, "INSERT INTO a VALUES (5)", &error);
  tsr_project_close (project);
  g_assert_no_error (error);
  unsigned files = count_files (bench->folder);

  /* a step that fails leaves the old version whole */
  g_assert_null (tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &bad, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_CORRUPT);
  g_assert_cmpuint (count_files (bench->folder), ==, files);
  project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (project, "SELECT x FROM a", -1), ==, 5);
  tsr_project_close (project);

  g_assert_null (tsr_project_open_with (path, TSR_PROJECT_READ_ONLY, &new, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_OLDER);
  project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &new, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (project, "SELECT x * 100 + y FROM a", -1), ==, 507);
  g_assert_cmpint (tsr_db_int (project, "PRAGMA user_version", -1), ==, 2);
  tsr_project_close (project);
  g_assert_cmpuint (count_files (bench->folder), ==, files); /* the copy is gone */
  g_assert_null (tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_NEWER);
}

/* ---- settings ---- */

static void
test_settings (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_project_get (bench->project, "annotator"));
  g_assert_true (tsr_project_set (bench->project, "annotator", "Ada", &error));
  g_assert_true (tsr_project_set (bench->project, "annotator", "Grace ✓\n'", &error));
  g_assert_true (tsr_project_set (bench->project, "empty", "", &error));
  g_assert_true (tsr_project_set (bench->project, "gone", "x", &error));
  g_assert_true (tsr_project_set (bench->project, "gone", NULL, &error));
  g_assert_true (tsr_project_set (bench->project, "never", NULL, &error));
  fixture_bench_reopen (bench);
  g_autofree char *annotator = tsr_project_get (bench->project, "annotator");
  g_autofree char *empty = tsr_project_get (bench->project, "empty");
  g_assert_cmpstr (annotator, ==, "Grace ✓\n'");
  g_assert_cmpstr (empty, ==, "");
  g_assert_null (tsr_project_get (bench->project, "gone"));
}

/* ---- vectors, map, suggestions, model ---- */

static float
value (unsigned model, uint32_t tile, uint32_t i)
{
  return (float)model * 1e6f + (float)tile * 16 + (float)i;
}

static void
put (FixtureBench *bench, unsigned model, uint32_t first, uint32_t count, uint32_t d)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *w = g_new (float, (gsize)count *d);
  g_autofree char *name = g_strdup_printf ("model-%u", model);
  for (uint32_t t = 0; t < count; t++)
    for (uint32_t i = 0; i < d; i++)
      w[t * d + i] = value (model, first + t, i);
  g_assert_true (tsr_project_put_vectors (bench->project, name, first, count, d, w, &error));
}

/* Vectors of [first, end) are there, all others are NAN. */
static void
assert_vectors (FixtureBench *bench, unsigned model, uint32_t first, uint32_t end, uint32_t d)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *w = NULL;
  g_autofree char *name = NULL, *expected = g_strdup_printf ("model-%u", model);
  uint32_t stored, n = tsr_project_n_tiles (bench->project);
  g_assert_true (tsr_project_get_vectors (bench->project, &w, &stored, &name, &error));
  g_assert_cmpstr (name, ==, expected);
  g_assert_cmpuint (stored, ==, d);
  for (uint32_t t = 0; t < n; t++)
    for (uint32_t i = 0; i < d; i++)
      if (t >= first && t < end)
        g_assert_cmpfloat (w[t * d + i], ==, value (model, t, i));
      else
        g_assert_true (isnan (w[t * d + i]));
}

static void
test_vectors (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  float *w = (float *)1;
  uint32_t d;
  g_assert_false (tsr_project_get_vectors (bench->project, &w, &d, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (w);
  put (bench, 1, 1000, 100, 5); /* across a block's end */
  assert_vectors (bench, 1, 1000, 1100, 5);
  put (bench, 1, 0, 1000, 5);
  put (bench, 1, 1100, 1401, 5); /* the last tile is #2500 */
  fixture_bench_reopen (bench);
  assert_vectors (bench, 1, 0, 2501, 5);
  put (bench, 2, 7, 3, 5); /* another model: the old ones are gone */
  assert_vectors (bench, 2, 7, 10, 5);
  put (bench, 2, 2048, 1, 6); /* another length */
  assert_vectors (bench, 2, 2048, 2049, 6);
  float one[6] = {0};
  g_assert_false (tsr_project_put_vectors (bench->project, "m", 2500, 2, 3, one, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_false (tsr_project_put_vectors (bench->project, "m", 0, 1, 0, one, &error));
  fixture_assert_sentence (&error);
  assert_vectors (bench, 2, 2048, 2049, 6); /* a refusal clears nothing */
  g_assert_true (tsr_project_clear_vectors (bench->project, &error));
  g_assert_false (tsr_project_get_vectors (bench->project, &w, &d, NULL, &error));
  g_assert_no_error (error);
}

static void
test_map (FixtureBench *bench, gconstpointer unused)
{
  enum { N = 2501 };
  g_autoptr (GError) error = NULL;
  float y[2 * N], *stored;
  uint32_t n;
  char *info;
  g_assert_false (tsr_project_get_map (bench->project, &stored, &n, &info, &error));
  g_assert_no_error (error);
  for (unsigned i = 0; i < 2 * N; i++)
    y[i] = i % 10 == 3 ? NAN : (float)i * 0.25f;
  g_assert_true (tsr_project_put_map (bench->project, y, N, "{\"method\": \"pca\"}", &error));
  g_assert_true (tsr_project_put_map (bench->project, y, N, "{\"method\": \"tsne\"}", &error));
  fixture_bench_reopen (bench);
  g_assert_true (tsr_project_get_map (bench->project, &stored, &n, &info, &error));
  g_assert_cmpuint (n, ==, N);
  g_assert_cmpmem (stored, n * 8, y, sizeof y);
  g_assert_cmpstr (info, ==, "{\"method\": \"tsne\"}");
  g_free (stored);
  g_free (info);
}

static void
test_suggestions (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t first[] = {5, 2500, 0, 77}, second[] = {9}, bad[] = {1, 2501};
  g_autoptr (GArray) none = tsr_project_get_suggestions (bench->project);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_true (tsr_project_put_suggestions (bench->project, second, 1, "random", &error));
  g_assert_true (tsr_project_put_suggestions (bench->project, first, 4, "fps", &error));
  g_assert_false (tsr_project_put_suggestions (bench->project, bad, 2, "fps", &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  fixture_bench_reopen (bench);
  g_autoptr (GArray) stored = tsr_project_get_suggestions (bench->project);
  g_assert_cmpmem (stored->data, stored->len * 4, first, sizeof first);
  g_assert_true (tsr_project_put_suggestions (bench->project, NULL, 0, "fps", &error));
  g_autoptr (GArray) emptied = tsr_project_get_suggestions (bench->project);
  g_assert_cmpuint (emptied->len, ==, 0);
}

static void
test_model (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *model = g_build_filename (bench->folder, "m\xff.safetensors", NULL);
  g_assert_null (tsr_project_get_model (bench->project));
  fixture_write (model, "x", 1);
  g_assert_true (tsr_project_set_model (bench->project, model, &error));
  g_autofree char *stored = tsr_project_get_model (bench->project);
  g_assert_cmpstr (stored, ==, model);
  /* the folder moves with both */
  g_clear_pointer (&bench->project, tsr_project_close);
  g_autofree char *moved = g_strconcat (bench->folder, "-moved", NULL);
  g_assert_cmpint (g_rename (bench->folder, moved), ==, 0);
  g_free (bench->folder);
  g_free (bench->path);
  bench->folder = g_steal_pointer (&moved);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  fixture_bench_reopen (bench);
  g_autofree char *expected = g_build_filename (bench->folder, "m\xff.safetensors", NULL);
  g_autofree char *found = tsr_project_get_model (bench->project);
  g_assert_cmpstr (found, ==, expected);
  g_assert_true (tsr_project_set_model (bench->project, NULL, &error));
  g_assert_null (tsr_project_get_model (bench->project));
}

/* ---- where WAL cannot work, and where nothing can be written ---- */

static void
test_rollback_journal (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t tile = 3;
  int32_t unsure = TSR_LABEL_UNSURE;
  g_assert_true (tsr_project_label (bench->project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada",
                                    NULL, &error));
  g_setenv ("TESSERA_PROJECT_JOURNAL", "rollback", TRUE);
  fixture_bench_reopen (bench); /* a file in WAL mode leaves it */
  g_assert_cmpint (
      tsr_db_int (bench->project, "SELECT journal_mode = 'delete' FROM pragma_journal_mode ()", 0),
      ==, 1);
  g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA synchronous", 0), ==, 3);
  g_autoptr (TsrProject) second = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error); /* not locked for others */
  tile = 4;
  g_assert_true (
      tsr_project_label (second, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  tile = 5;
  g_assert_true (tsr_project_label (bench->project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada",
                                    NULL, &error));
  g_assert_cmpint (tsr_project_journal_seq (second), ==, 3);
  g_clear_pointer (&second, tsr_project_close);
  g_unsetenv ("TESSERA_PROJECT_JOURNAL");
  fixture_bench_reopen (bench); /* back on a local disk */
  g_assert_cmpint (
      tsr_db_int (bench->project, "SELECT journal_mode = 'wal' FROM pragma_journal_mode ()", 0), ==,
      1);
  g_assert_true (tsr_project_check (bench->project, &error));
  g_assert_false (tsr_project_folder_is_remote (bench->folder));
  g_assert_true (tsr_project_folder_is_remote ("/nowhere/at/all"));
}

/* A file system that can lock but shares no memory, which nothing in its name tells: SQLite's own
 * dot-file locks are one. */
static void
test_wal_fails (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t tile = 3;
  int32_t unsure = TSR_LABEL_UNSURE;
  g_assert_true (tsr_project_label (bench->project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada",
                                    NULL, &error));
  sqlite3_vfs *usual = sqlite3_vfs_find (NULL);
  sqlite3_vfs_register (sqlite3_vfs_find ("unix-dotfile"), 1);
  for (int round = 0; round < 2; round++) { /* a file in WAL mode, then one that has left it */
    g_clear_pointer (&bench->project, tsr_project_close);
    bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_ONLY, &error);
    g_assert_no_error (error);
    g_assert_cmpint (tsr_project_journal_seq (bench->project), ==, round + 1);
    g_clear_pointer (&bench->project, tsr_project_close);
    bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
    g_assert_no_error (error);
    g_assert_cmpint (tsr_db_int (bench->project,
                                 "SELECT journal_mode = 'delete' FROM pragma_journal_mode ()", 0),
                     ==, 1);
    g_assert_cmpint (tsr_db_int (bench->project, "PRAGMA synchronous", 0), ==, 3);
    g_assert_true (tsr_project_label (bench->project, &tile, &unsure, 1, true, TSR_HOW_PICKED,
                                      "Ada", NULL, &error));
  }
  g_clear_pointer (&bench->project, tsr_project_close);
  sqlite3_vfs_register (usual, 1);
  fixture_bench_reopen (bench);
  g_assert_cmpint (tsr_project_journal_seq (bench->project), ==, 3);
}

/* In a child, since root may write anywhere. */
static void
read_only_child (const char *path)
{
  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    _exit (77);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) writer = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  if (writer || !error || error->code != TSR_ERROR_PROJECT || !strstr (error->message, "read-only"))
    _exit (1);
  g_clear_error (&error);
  g_autoptr (TsrProject) reader = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  if (!reader || tsr_project_journal_seq (reader) != 1 || !tsr_project_check (reader, &error))
    _exit (2);
  g_autoptr (TsrProject) created = NULL;
  g_autofree char *folder = g_path_get_dirname (path),
                  *fresh = g_build_filename (folder, "new.tessera", NULL);
  created = tsr_project_create (fresh, &error);
  _exit (created || !error ? 3 : 0);
}

static int
run_child (void (*child_main) (const char *), const char *path)
{
  pid_t child = fork ();
  if (child == 0)
    child_main (path);
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* Somebody else has it open: what they have labelled is seen, or it is said why not. */
static void
read_only_beside_writer_child (const char *path)
{
  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    _exit (77);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) reader = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  if (reader)
    _exit (tsr_project_journal_seq (reader) == 1 ? 0 : 4);
  _exit (error && error->domain == TSR_ERROR ? 0 : 5);
}

static void
test_read_only_folder (FixtureBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t tile = 3;
  int32_t unsure = TSR_LABEL_UNSURE;
  g_assert_true (tsr_project_label (bench->project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada",
                                    NULL, &error));
  g_assert_cmpint (chmod (bench->path, 0644), ==, 0);
  g_assert_cmpint (chmod (bench->folder, 0555), ==, 0);
  int beside = run_child (read_only_beside_writer_child, bench->path);
  g_assert_cmpint (chmod (bench->folder, 0755), ==, 0);
  g_clear_pointer (&bench->project, tsr_project_close);
  g_assert_cmpint (chmod (bench->folder, 0555), ==, 0);
  int alone = run_child (read_only_child, bench->path);
  g_assert_cmpint (chmod (bench->folder, 0755), ==, 0);
  if (beside == 77)
    g_test_skip ("cannot give up root's rights here");
  else
    g_assert_cmpint (beside * 100 + alone, ==, 0);
}

#define ADD(path, function, tiles)                                                                 \
  g_test_add (path, FixtureBench, GUINT_TO_POINTER (tiles), fixture_bench_open, function,          \
              fixture_bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/project/create", test_create, 5);
  ADD ("/project/refusals", test_refusals, 5);
  ADD ("/project/newer", test_newer, 5);
  ADD ("/project/hostile-schemas", test_hostile_schemas, 5);
  ADD ("/project/migration", test_migration, 5);
  ADD ("/project/settings", test_settings, 5);
  ADD ("/project/vectors", test_vectors, 2501);
  ADD ("/project/map", test_map, 2501);
  ADD ("/project/suggestions", test_suggestions, 2501);
  ADD ("/project/model", test_model, 5);
  ADD ("/project/rollback-journal", test_rollback_journal, 10);
  ADD ("/project/wal-fails", test_wal_fails, 10);
  ADD ("/project/read-only-folder", test_read_only_folder, 10);
  return g_test_run ();
}
