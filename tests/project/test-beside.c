/* What lies beside the project, SQLite's log and index: no handle takes them away while another
 * needs them, and a database that is not ours keeps its own. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_TILES 300

typedef struct {
  char *folder, *path;
} Bench;

static void
bench_open (Bench *bench, gconstpointer unused)
{
  bench->folder = fixture_folder (true);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  fixture_bare_project (bench->path, N_TILES);
  TsrProject *project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, NULL);
  tsr_project_close (project); /* in WAL mode from here on */
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  g_unsetenv ("TESSERA_PROJECT_JOURNAL");
  g_free (bench->path);
  fixture_remove (bench->folder);
}

static TsrProject *
open_project (const char *path, TsrProjectMode mode)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, mode, &error);
  g_assert_no_error (error);
  return project;
}

static void
label (TsrProject *project, uint32_t tile)
{
  g_autoptr (GError) error = NULL;
  int32_t unsure = TSR_LABEL_UNSURE;
  tsr_project_label (project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error);
  g_assert_no_error (error);
}

static int64_t
count_labels (const char *path)
{
  g_autoptr (TsrProject) project = open_project (path, TSR_PROJECT_READ_ONLY);
  g_autoptr (GError) error = NULL;
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  return tsr_project_journal_seq (project);
}

static bool
is_beside (const char *path, const char *suffix)
{
  g_autofree char *other = g_strconcat (path, suffix, NULL);
  return g_file_test (other, G_FILE_TEST_EXISTS);
}

/* ---- other processes ---- */

/* A child that does something on the path and then, with its handles open, what comes down the
 * pipe: 'l' labels the next tile, 'x' closes, the pipe's end kills it. */
typedef struct {
  pid_t pid;
  int order, answer;
} Child;

typedef TsrProject *(*ChildMain) (const char *path);

static void
child_loop (ChildMain child_main, const char *path, int order, int answer)
{
  TsrProject *project = child_main (path);
  char letter = 'r';
  uint32_t tile = 1;
  while (write (answer, &letter, 1) == 1 && read (order, &letter, 1) == 1)
    if (letter == 'l')
      label (project, tile++);
    else
      g_clear_pointer (&project, tsr_project_close);
  _exit (0); /* without closing, as a kill would end it */
}

static void
child_wait (Child *child)
{
  char letter;
  g_assert_cmpint (read (child->answer, &letter, 1), ==, 1);
}

static Child
child_start (ChildMain child_main, const char *path)
{
  int order[2], answer[2];
  g_assert_cmpint (pipe (order) | pipe (answer), ==, 0);
  Child child = {fork (), order[1], answer[0]};
  if (child.pid == 0) {
    close (order[1]);
    close (answer[0]);
    child_loop (child_main, path, order[0], answer[1]);
  }
  close (order[0]);
  close (answer[1]);
  child_wait (&child);
  return child;
}

static void
child_do (Child *child, char letter)
{
  g_assert_cmpint (write (child->order, &letter, 1), ==, 1);
  child_wait (child);
}

static void
child_kill (Child *child)
{
  int status;
  close (child->order);
  close (child->answer);
  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

static TsrProject *
open_writer (const char *path)
{
  return open_project (path, TSR_PROJECT_READ_WRITE);
}

static TsrProject *
open_reader (const char *path)
{
  return open_project (path, TSR_PROJECT_READ_ONLY);
}

/* Two handles, of which one is closed again. */
static TsrProject *
open_writer_beside_another (const char *path)
{
  TsrProject *writer = open_writer (path);
  tsr_project_close (open_reader (path));
  tsr_project_close (open_writer (path));
  return writer;
}

/* ---- closing ---- */

/* A reader never takes away what a writer still needs, and a second handle in the writer's process
 * takes none of its locks along when it is closed: then the other process would take itself for the
 * last, and the label after it would go into a log that has no name any more. */
static void
test_writer_stays (Bench *bench, gconstpointer unused)
{
  Child writer = child_start (open_writer_beside_another, bench->path);
  child_do (&writer, 'l');
  for (int i = 0; i < 3; i++) {
    tsr_project_close (i == 1 ? open_writer (bench->path) : open_reader (bench->path));
    g_assert_true (is_beside (bench->path, "-wal"));
    child_do (&writer, 'l');
  }
  child_kill (&writer);
  g_assert_cmpint (count_labels (bench->path), ==, 4);
}

/* ---- files that are not changed ---- */

typedef struct {
  GByteArray *file, *log;
} Bytes;

static Bytes
bytes_read (const char *path, const char *suffix)
{
  g_autofree char *log = g_strconcat (path, suffix, NULL);
  return (Bytes){fixture_read (path), fixture_read (log)};
}

static void
assert_unchanged (const char *path, const char *suffix, Bytes before)
{
  Bytes after = bytes_read (path, suffix);
  g_assert_cmpmem (after.file->data, after.file->len, before.file->data, before.file->len);
  g_assert_cmpmem (after.log->data, after.log->len, before.log->data, before.log->len);
  g_byte_array_unref (after.file);
  g_byte_array_unref (after.log);
  g_byte_array_unref (before.file);
  g_byte_array_unref (before.log);
}

static void
refuse (const char *path, TsrProjectMode mode, int code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_project_open (path, mode, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, code);
}

/* Another program's database in the middle of its work, or after a crash. */
static TsrProject *
write_foreign (const char *path)
{
  sqlite3 *db;
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (db, "PRAGMA journal_mode = wal; CREATE TABLE t (x)", NULL, NULL, NULL), ==,
      SQLITE_OK);
  return NULL;
}

static void
test_foreign (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (bench->folder, "other.tessera", NULL),
                  *index = g_strconcat (path, "-shm", NULL);
  Child child = child_start (write_foreign, path);
  child_kill (&child);
  g_unlink (index);
  for (int mode = TSR_PROJECT_READ_ONLY; mode <= TSR_PROJECT_READ_WRITE; mode++) {
    Bytes before = bytes_read (path, "-wal");
    refuse (path, (TsrProjectMode)mode, TSR_ERROR_PROJECT);
    assert_unchanged (path, "-wal", before);
    g_assert_false (is_beside (path, "-shm"));
  }
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/beside/writer-stays", test_writer_stays);
  ADD ("/beside/foreign", test_foreign);
  return g_test_run ();
}
