/* What lies beside the project: SQLite's log and index are gone when the last handle is closed,
 * whoever that was; what waits in them is never missed; and opening for reading changes neither a
 * file that is damaged nor one that is not ours. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

#define assert_alone(path)                                                                         \
  g_assert_false (is_beside (path, "-wal") || is_beside (path, "-shm") ||                          \
                  is_beside (path, "-journal"))

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

/* Runs a check where root's rights are given up; returns its result, 77 where that is impossible.
 */
static int
run_as_nobody (int (*check) (const char *path), const char *path)
{
  pid_t pid = fork ();
  if (pid == 0) {
    if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
      _exit (77);
    _exit (check (path));
  }
  int status;
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* Labels one tile and leaves the log as a killed program does. */
static void
leave_log (const char *path)
{
  Child child = child_start (open_writer, path);
  child_do (&child, 'l');
  child_kill (&child);
  g_assert_true (is_beside (path, "-wal"));
}

/* ---- closing ---- */

static void
test_reader_alone (Bench *bench, gconstpointer unused)
{
  TsrProject *first = open_reader (bench->path), *second = open_reader (bench->path);
  g_assert_cmpint (tsr_project_journal_seq (first), ==, 0);
  tsr_project_close (first);
  g_assert_cmpint (tsr_project_journal_seq (second), ==, 0);
  tsr_project_close (second);
  assert_alone (bench->path);
  leave_log (bench->path); /* a crash's log is moved into the file, too */
  g_assert_cmpint (count_labels (bench->path), ==, 1);
  assert_alone (bench->path);
}

/* What a copy of the one file would hold is everything. */
static void
test_reader_last (Bench *bench, gconstpointer unused)
{
  TsrProject *writer = open_writer (bench->path), *reader = open_reader (bench->path);
  label (writer, 3);
  g_assert_cmpint (tsr_project_journal_seq (reader), ==, 1);
  tsr_project_close (writer);
  tsr_project_close (reader);
  assert_alone (bench->path);
  g_autofree char *copy = g_strconcat (bench->path, ".copy", NULL);
  fixture_copy (bench->path, copy);
  g_assert_cmpint (count_labels (copy), ==, 1);

  Child other = child_start (open_reader, bench->path); /* the same with two processes */
  writer = open_writer (bench->path);
  label (writer, 4);
  tsr_project_close (writer);
  g_assert_true (is_beside (bench->path, "-wal"));
  child_do (&other, 'x');
  assert_alone (bench->path);
  child_kill (&other);
  fixture_copy (bench->path, copy);
  g_assert_cmpint (count_labels (copy), ==, 2);
}

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
  assert_alone (bench->path);
}

static void
test_rollback (Bench *bench, gconstpointer unused)
{
  g_setenv ("TESSERA_PROJECT_JOURNAL", "rollback", TRUE);
  TsrProject *writer = open_writer (bench->path), *reader = open_reader (bench->path);
  label (writer, 3);
  g_assert_cmpint (tsr_project_journal_seq (reader), ==, 1);
  tsr_project_close (writer);
  tsr_project_close (reader);
  assert_alone (bench->path);
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

/* The tables are wrong, and a log waits. */
static void
test_damaged (Bench *bench, gconstpointer unused)
{
  sqlite3 *db;
  g_assert_cmpint (sqlite3_open (bench->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "CREATE TABLE lie (x)", NULL, NULL, NULL), ==, SQLITE_OK);
  int keep = 1; /* the log, although this is the last to close */
  g_assert_cmpint (sqlite3_db_config (db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (db);
  Bytes before = bytes_read (bench->path, "-wal");
  g_assert_cmpuint (before.log->len, >, 0);
  refuse (bench->path, TSR_PROJECT_READ_ONLY, TSR_ERROR_CORRUPT);
  assert_unchanged (bench->path, "-wal", before);
}

/* A change with a rollback journal that was killed after its first pages had been written. */
static TsrProject *
write_half (const char *path)
{
  g_setenv ("TESSERA_PROJECT_JOURNAL", "rollback", TRUE);
  TsrProject *project = open_writer (path);
  g_autoptr (GError) error = NULL;
  tsr_db_exec (project, "PRAGMA cache_size = 2; PRAGMA cache_spill = 2", &error);
  g_assert_true (tsr_db_begin (project, &error));
  tsr_db_exec (project, "UPDATE tile SET name = hex (randomblob (500))", &error);
  g_assert_no_error (error);
  return project;
}

static void
test_half_written (Bench *bench, gconstpointer unused)
{
  TsrProject *project = open_writer (bench->path);
  label (project, 3);
  tsr_project_close (project);
  Child child = child_start (write_half, bench->path);
  child_kill (&child);
  Bytes left = bytes_read (bench->path, "-journal");
  g_assert_cmpuint (left.log->len, >, 0);
  g_byte_array_unref (left.file);
  g_byte_array_unref (left.log);
  tsr_project_close (open_reader (bench->path)); /* takes the half change back */
  g_assert_cmpint (count_labels (bench->path), ==, 1);
  assert_alone (bench->path);
}

/* ---- without the right to write ---- */

static int
read_as_nobody (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) reader = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  if (!reader)
    g_printerr ("# %s\n", error->message);
  return reader ? (int)tsr_project_journal_seq (reader) : 99;
}

/* Somebody else's project in a folder everybody may write to: what a reader left there would keep
 * its owner from writing. */
static void
test_read_only_file (Bench *bench, gconstpointer unused)
{
  g_assert_cmpint (chmod (bench->path, 0644) | chmod (bench->folder, 0777), ==, 0);
  int none = run_as_nobody (read_as_nobody, bench->path);
  if (none == 77 || geteuid () != 0) {
    g_test_skip ("needs root's rights, to give them up");
    return;
  }
  g_assert_cmpint (none, ==, 0);
  assert_alone (bench->path);
  Child writer = child_start (open_writer, bench->path); /* its owner at work */
  child_do (&writer, 'l');
  g_assert_cmpint (run_as_nobody (read_as_nobody, bench->path), ==, 1);
  child_do (&writer, 'l');
  child_do (&writer, 'x');
  assert_alone (bench->path);
  child_kill (&writer);
  g_assert_cmpint (run_as_nobody (read_as_nobody, bench->path), ==, 2);
  assert_alone (bench->path);
}

/* What waits beside a project that nobody here may write, and what is said of it. */
static int
explain_as_nobody (const char *path)
{
  g_autofree char *base = g_path_get_basename (path),
                  *journal = g_strdup_printf ("“%s-journal”", base),
                  *log = g_strdup_printf ("“%s-wal”", base);
  for (int mode = TSR_PROJECT_READ_ONLY; mode <= TSR_PROJECT_READ_WRITE; mode++) {
    g_autoptr (GError) error = NULL;
    if (tsr_project_open (path, (TsrProjectMode)mode, &error))
      return 1;
    bool advises = strstr (error->message, "copy “") && strstr (error->message, "open the copy") &&
                   strstr (error->message, is_beside (path, "-journal") ? journal : log);
    if (!advises)
      g_printerr ("# %s\n", error->message);
    if (!advises || fixture_assert_sentence (&error) != TSR_ERROR_PROJECT)
      return 2;
  }
  return 0;
}

/* The advice is asked for where neither file nor folder can be written, and followed. */
static void
check_advice (Bench *bench, const char *suffix)
{
  char *elsewhere = fixture_folder (true);
  g_autofree char *copy = g_build_filename (elsewhere, "p.tessera", NULL),
                  *waiting = g_strconcat (bench->path, suffix, NULL),
                  *waiting_copy = g_strconcat (copy, suffix, NULL);
  g_assert_cmpint (chmod (bench->path, 0444) | chmod (waiting, 0444) | chmod (bench->folder, 0555),
                   ==, 0);
  int said = run_as_nobody (explain_as_nobody, bench->path);
  g_assert_cmpint (chmod (bench->folder, 0755), ==, 0);
  fixture_copy (bench->path, copy);
  fixture_copy (waiting, waiting_copy);
  g_assert_cmpint (count_labels (copy), ==, 1);
  fixture_remove (elsewhere);
  if (said == 77)
    g_test_skip ("cannot give up root's rights here");
  else
    g_assert_cmpint (said, ==, 0);
}

static void
test_stranded_journal (Bench *bench, gconstpointer unused)
{
  TsrProject *project = open_writer (bench->path);
  label (project, 3);
  tsr_project_close (project);
  Child child = child_start (write_half, bench->path);
  child_kill (&child);
  check_advice (bench, "-journal");
}

static void
test_stranded_log (Bench *bench, gconstpointer unused)
{
  g_autofree char *index = g_strconcat (bench->path, "-shm", NULL);
  leave_log (bench->path);
  g_unlink (index);
  check_advice (bench, "-wal");
}

/* A symbolic link from elsewhere: the log is looked for beside the file itself. */
static void
test_link (Bench *bench, gconstpointer unused)
{
  char *elsewhere = fixture_folder (true);
  g_autofree char *link = g_build_filename (elsewhere, "link.tessera", NULL);
  g_assert_cmpint (symlink (bench->path, link), ==, 0);
  g_assert_cmpint (chmod (elsewhere, 0755) | chmod (bench->path, 0644), ==, 0);
  Child writer = child_start (open_writer, bench->path);
  child_do (&writer, 'l');
  g_assert_cmpint (chmod (bench->folder, 0555), ==, 0);
  int seen = run_as_nobody (read_as_nobody, link);
  g_assert_cmpint (chmod (bench->folder, 0755), ==, 0);
  child_kill (&writer);
  if (seen == 77)
    g_test_skip ("cannot give up root's rights here");
  else
    g_assert_cmpint (seen, ==, 1);
  g_assert_cmpint (count_labels (link), ==, 1);
  assert_alone (bench->path);
  fixture_remove (elsewhere);
}

/* ---- a full disk ---- */

static void
refuse_to_write (const char *path)
{
  refuse (path, TSR_PROJECT_READ_WRITE, TSR_ERROR_NO_SPACE);
}

static void
read_on_full_disk (const char *path)
{
  g_assert_cmpint (count_labels (path), ==, 0);
  assert_alone (path);
  TsrProject *reader = open_reader (path);
  refuse_to_write (path); /* and says why, though it is the reader that is in the way */
  tsr_project_close (reader);
  assert_alone (path);
}

static void
fill_disk (const char *path)
{
  static const char zeros[4096];
  int fd = g_open (path, O_WRONLY | O_CREAT, 0600);
  while (write (fd, zeros, sizeof zeros) > 0)
    ;
  close (fd);
}

static void
test_full_disk (void)
{
  g_autofree char *folder = fixture_folder (false);
  if (mount ("tmpfs", folder, "tmpfs", 0, "size=3m") != 0) {
    g_test_skip ("cannot mount a small disk here");
    g_rmdir (folder);
    return;
  }
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL),
                  *filler = g_build_filename (folder, "f", NULL);
  fixture_bare_project (path, N_TILES);
  tsr_project_close (open_writer (path));
  fill_disk (filler);
  read_on_full_disk (path);

  g_unlink (filler); /* somebody has it open already: both read */
  Child writer = child_start (open_writer, path);
  child_do (&writer, 'l');
  fill_disk (filler);
  g_assert_cmpint (count_labels (path), ==, 1);
  child_kill (&writer);

  g_autofree char *index = g_strconcat (path, "-shm", NULL);
  g_unlink (index); /* a log that waits, from a machine that went down */
  fill_disk (filler);
  g_assert_cmpint (count_labels (path), ==, 1);
  g_unlink (filler);
  g_assert_cmpint (count_labels (path), ==, 1);
  assert_alone (path);
  g_assert_cmpint (umount (folder), ==, 0);
  g_rmdir (folder);
}

/* The same for everybody: a limit on the size of files, in a child, since it is the process's. */
static void
test_file_size_limit (Bench *bench, gconstpointer unused)
{
  pid_t pid = fork ();
  if (pid == 0) {
    struct rlimit limit = {16000, 16000};
    signal (SIGXFSZ, SIG_IGN);
    setrlimit (RLIMIT_FSIZE, &limit);
    _exit (count_labels (bench->path) == 0 && !is_beside (bench->path, "-wal") &&
                   !is_beside (bench->path, "-shm")
               ? 0
               : 1);
  }
  int status;
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

/* A log that a removed project left would be laid over the new one of that name. */
static void
test_remains (Bench *bench, gconstpointer unused)
{
  static const char *const endings[] = {"-wal", "-journal"};
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = g_build_filename (bench->folder, "new.tessera", NULL),
                    *remains = g_strconcat (path, endings[i], NULL);
    fixture_write (remains, "labels", 6);
    g_assert_null (tsr_project_create (path, &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    g_autoptr (GByteArray) left = fixture_read (remains);
    g_assert_cmpuint (left->len, ==, 6);
    fixture_write (remains, "", 0); /* an empty one says nothing */
    g_autoptr (TsrProject) project = tsr_project_create (path, &error);
    g_assert_no_error (error);
    g_clear_pointer (&project, tsr_project_close);
    g_assert_cmpint (g_unlink (path), ==, 0);
    g_unlink (remains);
  }
}

/* No label is acknowledged that goes into a file nobody will find again. */
static void
test_replaced (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *away = g_build_filename (bench->folder, "away.tessera", NULL),
                  *other = g_build_filename (bench->folder, "other.tessera", NULL);
  uint32_t tile = 1;
  int32_t unsure = TSR_LABEL_UNSURE;
  fixture_bare_project (other, N_TILES);
  g_autoptr (TsrProject) project = open_project (bench->path, TSR_PROJECT_READ_WRITE);
  label (project, 0);
  g_assert_cmpint (g_rename (bench->path, away), ==, 0);
  g_assert_false (
      tsr_project_label (project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_cmpint (g_rename (other, bench->path), ==, 0);
  g_assert_false (tsr_project_set (project, "key", "value", &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_cmpint (g_rename (bench->path, other), ==, 0);
  g_assert_cmpint (g_rename (away, bench->path), ==, 0);
  label (project, 1); /* it is back */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/beside/reader-alone", test_reader_alone);
  ADD ("/beside/reader-last", test_reader_last);
  ADD ("/beside/writer-stays", test_writer_stays);
  ADD ("/beside/rollback", test_rollback);
  ADD ("/beside/foreign", test_foreign);
  ADD ("/beside/damaged", test_damaged);
  ADD ("/beside/half-written", test_half_written);
  ADD ("/beside/read-only-file", test_read_only_file);
  ADD ("/beside/stranded-journal", test_stranded_journal);
  ADD ("/beside/stranded-log", test_stranded_log);
  ADD ("/beside/link", test_link);
  g_test_add_func ("/beside/full-disk", test_full_disk);
  ADD ("/beside/file-size-limit", test_file_size_limit);
  ADD ("/beside/remains", test_remains);
  ADD ("/beside/replaced", test_replaced);
  return g_test_run ();
}
