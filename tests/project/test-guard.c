/* Somebody else's code in this process closes the project's files, and another process comes and
 * goes: the log must stay where it is, with every label in it. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N 8

typedef struct {
  char *folder, *path;
  int go;        /* the other process begins when this is written to */
  pid_t process; /* opens, labels tile 1, closes */
} Bench;

static TsrProject *
open_project (const char *path, TsrProjectMode mode)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, mode, &error);
  g_assert_no_error (error);
  return project;
}

static bool
label (TsrProject *project, uint32_t tile)
{
  g_autoptr (GError) error = NULL;
  int32_t unsure = TSR_LABEL_UNSURE;
  bool ok =
      tsr_project_label (project, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error);
  if (!ok)
    g_printerr ("# %s\n", error->message);
  return ok;
}

/* Forked before this process has opened anything, so that nothing of SQLite's is inherited. */
static void
bench_open (Bench *bench, gconstpointer unused)
{
  int ends[2];
  bench->folder = fixture_folder (false);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  fixture_bare_project (bench->path, N);
  g_assert_cmpint (pipe (ends), ==, 0);
  bench->process = fork ();
  if (bench->process == 0) {
    char byte;
    close (ends[1]);
    if (read (ends[0], &byte, 1) != 1)
      _exit (2);
    TsrProject *project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, NULL);
    bool ok = project && label (project, 1);
    tsr_project_close (project);
    _exit (ok ? 0 : 1);
  }
  close (ends[0]);
  bench->go = ends[1];
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  close (bench->go);
  g_free (bench->path);
  fixture_remove (bench->folder);
}

static void
let_the_other_come_and_go (Bench *bench)
{
  int status;
  g_assert_cmpint (write (bench->go, "!", 1), ==, 1);
  g_assert_cmpint (waitpid (bench->process, &status, 0), ==, bench->process);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

static ino_t
inode_of (Bench *bench, const char *suffix)
{
  g_autofree char *path = g_strconcat (bench->path, suffix, NULL);
  GStatBuf info;
  return g_stat (path, &info) == 0 ? info.st_ino : 0;
}

/* What a kill at this instant would leave, opened by somebody else. */
static void
assert_on_disk (Bench *bench, unsigned labels)
{
  g_autofree char *copy = g_build_filename (bench->folder, "copy.tessera", NULL),
                  *log = g_strconcat (bench->path, "-wal", NULL),
                  *log_copy = g_strconcat (copy, "-wal", NULL);
  fixture_copy (bench->path, copy);
  fixture_copy (log, log_copy);
  TsrProject *project = open_project (copy, TSR_PROJECT_READ_WRITE);
  g_autoptr (GError) error = NULL;
  int32_t value[N];
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, N);
  g_assert_true (tsr_project_labels (project, value, NULL, &error));
  for (unsigned i = 0; i < labels; i++)
    g_assert_cmpint (value[i], ==, TSR_LABEL_UNSURE);
  g_assert_true (tsr_project_check (project, &error));
  tsr_project_close (project);
}

/* As a file dialog does that looks for the kinds of the files in a folder. */
static void
look_into (Bench *bench)
{
  static const char *const suffixes[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *path = g_strconcat (bench->path, suffixes[i], NULL);
    char head[16];
    int fd = open (path, O_RDONLY);
    g_assert_cmpint (fd, >=, 0);
    g_assert_cmpint (read (fd, head, sizeof head), ==, sizeof head);
    close (fd);
  }
}

static void
work_on (Bench *bench, TsrProject *project, ino_t log)
{
  let_the_other_come_and_go (bench);
  g_assert_cmpuint (inode_of (bench, "-wal"), ==, log);
  g_assert_true (label (project, 2));
  g_assert_cmpuint (inode_of (bench, "-wal"), ==, log);
  assert_on_disk (bench, 3);
}

static void
assert_refused (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
  g_assert_null (tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_PROJECT);
}

static unsigned
count_labels (const char *path)
{
  g_autoptr (GError) error = NULL;
  int32_t value[N];
  unsigned n = 0;
  TsrProject *project = open_project (path, TSR_PROJECT_READ_ONLY);
  g_assert_true (tsr_project_labels (project, value, NULL, &error));
  for (unsigned i = 0; i < N; i++)
    n += value[i] == TSR_LABEL_UNSURE;
  tsr_project_close (project);
  return n;
}

/* A file that takes an open project's place is not read with that one's log, nor the open one by
 * another name without it; once that is closed each has what was its own. */
static void
test_replaced (Bench *bench, gconstpointer other_process)
{
  g_autofree char *away = g_build_filename (bench->folder, "away.tessera", NULL),
                  *other = g_build_filename (bench->folder, "other.tessera", NULL);
  int ready[2], go[2], status;
  char byte = 0;
  fixture_bare_project (other, N);
  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (go), ==, 0);
  pid_t child = other_process ? fork () : 0;
  TsrProject *project = NULL;
  if (child == 0) {
    project = open_project (bench->path, TSR_PROJECT_READ_WRITE);
    g_assert_true (label (project, 0));
    g_assert_cmpint (write (ready[1], &byte, 1), ==, 1);
  }
  if (other_process && child == 0) {
    g_assert_cmpint (read (go[0], &byte, 1), ==, 1);
    tsr_project_close (project);
    _exit (0);
  }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (g_rename (bench->path, away), ==, 0);
  g_assert_cmpint (g_rename (other, bench->path), ==, 0);
  assert_refused (bench->path);
  if (!other_process)
    assert_refused (away);
  g_assert_cmpint (write (go[1], &byte, 1), ==, 1);
  if (other_process)
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  else
    tsr_project_close (project);
  g_assert_cmpuint (count_labels (bench->path), ==, 0);
  g_assert_cmpuint (count_labels (away), ==, 1);
  for (unsigned i = 0; i < 2; i++) {
    close (ready[i]);
    close (go[i]);
  }
}

static void
test_foreign_close (Bench *bench, gconstpointer unused)
{
  TsrProject *project = open_project (bench->path, TSR_PROJECT_READ_WRITE);
  g_assert_true (label (project, 0));
  ino_t log = inode_of (bench, "-wal");
  look_into (bench);
  work_on (bench, project, log);
  tsr_project_close (project);
  g_assert_cmpuint (inode_of (bench, "-wal"), ==, 0); /* the last one tidies up */
}

/* The window reads thumbnails through a second handle; exports open a third. */
static void
test_second_handle (Bench *bench, gconstpointer unused)
{
  TsrProject *project = open_project (bench->path, TSR_PROJECT_READ_WRITE);
  TsrProject *store = open_project (bench->path, TSR_PROJECT_READ_ONLY);
  g_assert_true (label (project, 0));
  ino_t log = inode_of (bench, "-wal");
  TsrProject *third = open_project (bench->path, TSR_PROJECT_READ_ONLY);
  tsr_project_close (third);
  tsr_project_close (store);
  work_on (bench, project, log);
  tsr_project_close (project);
  g_assert_cmpuint (inode_of (bench, "-wal"), ==, 0);
}

static gpointer
open_and_close (gpointer path)
{
  for (int i = 0; i < 200; i++) {
    TsrProject *project =
        open_project (path, i % 2 ? TSR_PROJECT_READ_ONLY : TSR_PROJECT_READ_WRITE);
    g_assert_cmpuint (tsr_project_n_tiles (project), ==, N);
    tsr_project_close (project);
  }
  return NULL;
}

/* Handles come and go on several threads while one works. */
static void
test_threads (Bench *bench, gconstpointer unused)
{
  TsrProject *project = open_project (bench->path, TSR_PROJECT_READ_WRITE);
  g_assert_true (label (project, 0));
  ino_t log = inode_of (bench, "-wal");
  GThread *threads[3];
  for (int i = 0; i < 3; i++)
    threads[i] = g_thread_new ("opener", open_and_close, bench->path);
  for (int i = 0; i < 50; i++)
    g_assert_true (label (project, 3));
  for (int i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  work_on (bench, project, log);
  tsr_project_close (project);
  g_assert_cmpuint (inode_of (bench, "-wal"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const struct {
    const char *path;
    void (*test) (Bench *, gconstpointer);
  } tests[] = {
      {"/guard/foreign-close", test_foreign_close},
      {"/guard/second-handle", test_second_handle},
      {"/guard/threads", test_threads},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Bench, NULL, bench_open, tests[i].test, bench_close);
  g_test_add ("/guard/replaced", Bench, NULL, bench_open, test_replaced, bench_close);
  g_test_add ("/guard/replaced-elsewhere", Bench, GINT_TO_POINTER (1), bench_open, test_replaced,
              bench_close);
  return g_test_run ();
}
