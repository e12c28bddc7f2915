/* Several handles and processes on one project: everybody's labels count, nobody waits for readers,
 * and a writer who holds the file too long is named. */

#include "fixture.h"
#include "tsr-project-private.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define LABELS    150

static TsrProject *
open_project (const char *path)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  return project;
}

static void
label_child (const char *path, unsigned who)
{
  g_autoptr (TsrProject) project = open_project (path);
  g_autofree char *name = g_strdup_printf ("reader %u", who);
  for (unsigned i = 0; i < LABELS; i++) {
    g_autoptr (GError) error = NULL;
    uint32_t tile = who * LABELS + i;
    int32_t value = 1 + (int32_t)(i % 3);
    if (!tsr_project_label (project, &tile, &value, 1, true, TSR_HOW_PICKED, name, NULL, &error)) {
      g_printerr ("# %s\n", error->message);
      _exit (1);
    }
  }
}

static void
assert_everybodys_labels (TsrProject *project)
{
  g_autoptr (GError) error = NULL;
  enum { N = PROCESSES * LABELS };
  int32_t label[N];
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, N);
  g_assert_cmpint (tsr_project_journal_seq (project), ==, N);
  tsr_project_labels (project, label, NULL, &error);
  for (unsigned i = 0; i < N; i++) {
    g_autofree char *name = NULL, *expected = g_strdup_printf ("reader %u", i / LABELS);
    gint64 when;
    TsrHow how;
    g_assert_cmpint (label[i], ==, 1 + i % LABELS % 3);
    g_assert_true (tsr_project_label_origin (project, i, &name, &when, &how));
    g_assert_cmpstr (name, ==, expected);
  }
  tsr_project_check (project, &error);
  g_assert_no_error (error);
}

static void
test_processes (gconstpointer journal)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  if (journal)
    g_setenv ("TESSERA_PROJECT_JOURNAL", journal, TRUE);
  fixture_bare_project (path, PROCESSES * LABELS);
  TsrProject *project = open_project (path);
  for (int i = 0; i < 3; i++)
    tsr_project_add_class (project, (const char *[]){"A", "B", "C"}[i], -1, NULL);
  tsr_project_close (project);
  pid_t children[PROCESSES];
  for (unsigned i = 0; i < PROCESSES; i++) {
    children[i] = fork ();
    if (children[i] == 0) {
      label_child (path, i);
      _exit (0);
    }
  }
  /* meanwhile somebody looks on; a sequence number never goes back */
  project = open_project (path);
  int64_t seen = 0;
  for (unsigned i = 0; i < PROCESSES;) {
    int64_t seq = tsr_project_journal_seq (project);
    g_assert_cmpint (seq, >=, seen);
    seen = seq;
    int status;
    if (waitpid (children[i], &status, WNOHANG) == children[i]) {
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
      i++;
    }
    g_usleep (1000);
  }
  assert_everybodys_labels (project);
  tsr_project_close (project);
  g_unsetenv ("TESSERA_PROJECT_JOURNAL");
  fixture_remove (folder);
}

/* Several open a file at once that must still change its journal mode. */
static void
test_first_openers (void)
{
  for (unsigned round = 0; round < 20; round++) {
    char *folder = fixture_folder (true);
    g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_project_create_with (path, &tsr_project_schema, &error));
    pid_t children[PROCESSES];
    for (unsigned i = 0; i < PROCESSES; i++)
      if ((children[i] = fork ()) == 0) {
        TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
        if (error)
          g_printerr ("# %s\n", error->message);
        tsr_project_close (project);
        _exit (error ? 1 : 0);
      }
    for (unsigned i = 0; i < PROCESSES; i++) {
      int status;
      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }
    fixture_remove (folder);
  }
}

/* Undo by one handle of what another did; arrays keep the length their owner knows. */
static void
test_two_handles (void)
{
  char *folder = fixture_folder (true);
  TsrProject *first = fixture_project (folder, "p.tessera", 6, 2);
  g_autoptr (GError) error = NULL;
  TsrProject *second = open_project (tsr_project_path (first));
  g_assert_cmpuint (tsr_project_n_tiles (second), ==, 6);

  g_autofree char *more = g_build_filename (folder, "more", NULL);
  for (unsigned i = 0; i < 5; i++) {
    g_autofree char *tile = g_strdup_printf ("%s/%u.png", more, i);
    fixture_write_tile (tile, 16, i);
  }
  g_assert_cmpint (fixture_add (first, more, false), ==, 5);
  g_assert_cmpuint (tsr_project_n_tiles (first), ==, 11);
  uint32_t tile = 10;
  int32_t unsure = TSR_LABEL_UNSURE;
  g_assert_true (
      tsr_project_label (first, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  float w[11] = {0};
  g_assert_true (tsr_project_put_vectors (first, "m", 0, 11, 1, w, &error));

  int32_t label[7] = {0, 0, 0, 0, 0, 0, 4711}, truth[7] = {0, 0, 0, 0, 0, 0, 4711};
  g_assert_true (tsr_project_labels (second, label, NULL, &error));
  g_auto (GStrv) classes = tsr_project_truth (second, truth),
                 names = tsr_project_tile_names (second);
  g_assert_cmpint (label[6], ==, 4711); /* nothing beyond what the handle has announced */
  g_assert_cmpint (truth[6], ==, 4711);
  g_assert_cmpuint (g_strv_length (names), ==, 6);
  g_autofree float *stored = NULL;
  uint32_t d;
  g_assert_true (tsr_project_get_vectors (second, &stored, &d, NULL, &error));

  g_autoptr (GArray) changes = NULL;
  g_assert_true (tsr_project_undo (second, "Grace", &changes, NULL, &error));
  g_assert_cmpuint (changes->len, ==, 1);
  g_assert_cmpuint (g_array_index (changes, TsrLabelChange, 0).tile, ==, 10);
  g_assert_true (tsr_project_can_redo (first));
  tsr_project_close (first);
  tsr_project_close (second);
  fixture_remove (folder);
}

/* Reading goes on while somebody writes for long; a second writer is told who is in the way, after
 * a while and not at once. */
static void
test_busy (void)
{
  char *folder = fixture_folder (true);
  g_autofree char *path = g_build_filename (folder, "p.tessera", NULL);
  fixture_bare_project (path, 10);
  g_autoptr (GError) error = NULL;
  TsrProject *writer = open_project (path), *other = open_project (path);
  uint32_t tile = 1;
  int32_t unsure = TSR_LABEL_UNSURE, label[10];
  g_assert_true (tsr_db_begin (writer, &error));
  g_assert_true (tsr_db_exec (writer, "INSERT INTO setting VALUES ('a', 'b')", &error));
  g_assert_true (tsr_project_labels (other, label, NULL, &error));
  gint64 start = g_get_monotonic_time ();
  g_assert_false (
      tsr_project_label (other, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  gint64 waited = g_get_monotonic_time () - start;
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_BUSY);
  g_assert_cmpint (waited, >, 2 * G_USEC_PER_SEC);
  g_assert_true (tsr_db_end (writer, true, &error));
  g_assert_true (
      tsr_project_label (other, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  tsr_project_close (writer);
  tsr_project_close (other);
  fixture_remove (folder);
}

/* While one process decodes tiles for an import, another labels without waiting. */
static void
label_at_half (double fraction, const char *stage, void *path)
{
  static bool done;
  if (done || fraction < 0.3 || fraction > 0.8)
    return;
  done = true;
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) other = open_project (path);
  uint32_t tile = 2;
  int32_t unsure = TSR_LABEL_UNSURE;
  g_assert_true (
      tsr_project_label (other, &tile, &unsure, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
}

static void
test_label_during_import (void)
{
  char *folder = fixture_folder (true);
  TsrProject *project = fixture_project (folder, "p.tessera", 4, 2);
  g_autofree char *more = g_build_filename (folder, "more", NULL),
                  *path = g_strdup (tsr_project_path (project));
  for (unsigned i = 0; i < 80; i++) {
    g_autofree char *tile = g_strdup_printf ("%s/%u.png", more, i);
    fixture_write_tile (tile, 16, i);
  }
  g_autoptr (GError) error = NULL;
  TsrFolderScan *scan = tsr_folder_scan (more, NULL, &error);
  TsrProgress progress = {label_at_half, path, NULL};
  g_assert_cmpint (tsr_project_add_tiles (project, more, scan, false, &progress, &error), ==, 80);
  tsr_folder_scan_free (scan);
  g_assert_cmpint (tsr_project_journal_seq (project), ==, 1);
  tsr_project_close (project);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/concurrent/processes", NULL, test_processes);
  g_test_add_data_func ("/concurrent/processes-with-rollback", "rollback", test_processes);
  g_test_add_func ("/concurrent/first-openers", test_first_openers);
  g_test_add_func ("/concurrent/busy", test_busy);
  g_test_add_func ("/concurrent/two-handles", test_two_handles);
  g_test_add_func ("/concurrent/label-during-import", test_label_during_import);
  return g_test_run ();
}
