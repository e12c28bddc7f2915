/* kill -9 at random instants while a child takes over another reader's labels, from a copy of the
 * project and from a table, and takes that back: a merge is there as a whole or not at all, and one
 * whose call had returned is there.
 *
 *   TESSERA_MERGE_KILLS=N  how many kills (60)
 *
 * What each step must lead to is worked out here, from what the readers said. */

#include "fixture.h"
#include "tsr-random.h"
#include "tsr-readings.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N     2000
#define STEPS 4 /* take over from the copy, undo, clear disputes by the table, undo */

/* Entries of the journal after each step: one for each of the two annotators, and one that clears.
 */
static const int64_t entries_after[STEPS + 1] = {0, 2, 4, 7, 10};

typedef struct {
  char *path, *copy, *table;
  int64_t base; /* the journal's length before the first step */
  TsrRandom random;
  unsigned kills, steps, acknowledged;
} KillTest;

/* ---- what is said of a tile, as a class's name ---- */

static const char *
mine (uint32_t tile)
{
  return tile < N / 2 ? "A" : "";
}

static const char *
theirs (uint32_t tile)
{
  return tile % 3 == 0 ? "A" : "B";
}

/* What the tile must be called after so many steps. */
static const char *
expected (unsigned step, uint32_t tile)
{
  const char *own = mine (tile), *other = theirs (tile);
  switch (step % STEPS) {
  case 1:
    return *own ? own : other;
  case 3:
    return !*own ? other : strcmp (own, other) == 0 ? own : "";
  default:
    return own;
  }
}

/* ---- the files ---- */

static void
label_all (TsrProject *project, const char *(*said) (uint32_t), const char *const *annotators,
           unsigned n_annotators)
{
  g_autoptr (GError) error = NULL;
  const char *const names[] = {"A", "B"};
  for (unsigned c = 0; c < 2; c++) {
    int32_t id = tsr_project_add_class (project, names[c], -1, NULL);
    for (unsigned who = 0; who < n_annotators; who++) {
      g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
      for (uint32_t i = 0; i < N; i++)
        if (strcmp (said (i), names[c]) == 0 && i % n_annotators == who)
          g_array_append_val (tiles, i);
      g_assert_true (tsr_project_label (project, (uint32_t *)tiles->data, &id, tiles->len, true,
                                        TSR_HOW_LASSO, annotators[who], NULL, &error));
    }
  }
}

static void
write_table (const char *path)
{
  g_autoptr (GString) text = g_string_new ("tile_id,label,annotator\n");
  for (uint32_t i = 0; i < N; i++)
    g_string_append_printf (text, "%u,%s,%s\n", i, theirs (i), i % 2 ? "Cleo" : "Ben");
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static void
make_files (KillTest *test, const char *folder)
{
  static const char *const ada[] = {"Ada"}, *const others[] = {"Ben", "Cleo"};
  test->path = g_build_filename (folder, "p.tessera", NULL);
  test->copy = g_build_filename (folder, "copy.tessera", NULL);
  test->table = g_build_filename (folder, "table.csv", NULL);
  fixture_bare_project (test->path, N);
  fixture_bare_project (test->copy, N);
  write_table (test->table);
  TsrProject *copy = tsr_project_open (test->copy, TSR_PROJECT_READ_WRITE, NULL);
  label_all (copy, theirs, others, 2);
  tsr_project_close (copy);
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, NULL);
  label_all (project, mine, ada, 1);
  test->base = tsr_project_journal_seq (project);
  tsr_project_close (project);
}

/* ---- the child ---- */

static bool
do_step (const KillTest *test, TsrProject *project, unsigned step, GError **error)
{
  if (step % 2 == 1)
    return tsr_project_undo (project, "Eve", NULL, NULL, error);
  bool table = step % STEPS == 2;
  g_autoptr (TsrReadings) readings =
      tsr_readings_new (project, table ? test->table : test->copy, NULL, error);
  return readings &&
         tsr_readings_merge (readings, project, table ? TSR_DISPUTED_CLEAR : TSR_DISPUTED_KEEP,
                             false, "Eve", NULL, error);
}

static G_GNUC_NORETURN void
child_main (const KillTest *test, int out)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  for (unsigned step = test->steps; project; step++)
    if (!do_step (test, project, step, &error) || write (out, "+", 1) != 1)
      break;
  fprintf (stderr, "# the child gave up: %s\n", error ? error->message : g_strerror (errno));
  _exit (1);
}

/* ---- the parent ---- */

/* How many steps were acknowledged before the kill, which comes after a random while. */
static unsigned
merge_and_kill (KillTest *test)
{
  int ends[2];
  char bytes[256];
  g_assert_cmpint (pipe (ends), ==, 0);
  pid_t child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    close (ends[0]);
    child_main (test, ends[1]);
  }
  close (ends[1]);
  unsigned n = 0;
  ssize_t got;
  /* mostly after a step, however slow the machine is to come to it, sometimes in the first */
  if (tsr_random_below (&test->random, 4) != 0 && (got = read (ends[0], bytes, 1)) > 0)
    n++;
  g_usleep ((gulong)(tsr_random_uniform (&test->random) * 150000));
  kill (child, SIGKILL);
  while ((got = read (ends[0], bytes, sizeof bytes)) > 0)
    n += (unsigned)got;
  close (ends[0]);
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (!WIFSIGNALED (status) || WTERMSIG (status) != SIGKILL)
    g_error ("the child ended by itself");
  return n;
}

/* The first tile that is not called what it must be after so many steps; N: none. */
static uint32_t
first_wrong (TsrProject *project, unsigned step)
{
  g_autofree int32_t *label = g_new (int32_t, N);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  g_assert_true (tsr_project_labels (project, label, NULL, NULL));
  for (uint32_t i = 0; i < N; i++) {
    const char *name = "";
    for (guint c = 0; c < classes->len; c++)
      if (((TsrClass *)classes->pdata[c])->id == label[i])
        name = ((TsrClass *)classes->pdata[c])->name;
    if (strcmp (name, expected (step, i)) != 0)
      return i;
  }
  return N;
}

/* The journal tells how many steps there are; they are those acknowledged, or one more, and whole.
 */
static void
verify (KillTest *test, unsigned acknowledged)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  if (!project)
    g_error ("kill %u: the project does not open: %s", test->kills, error->message);
  int64_t entries = tsr_project_journal_seq (project) - test->base;
  unsigned step = test->steps + acknowledged;
  int64_t there = step / STEPS * entries_after[STEPS] + entries_after[step % STEPS],
          more = step / STEPS * entries_after[STEPS] + entries_after[step % STEPS + 1];
  if (entries == more && more > there)
    step++;
  else
    g_assert_cmpint (entries, ==, there);
  g_assert_cmpuint (first_wrong (project, step), ==, N);
  g_assert_true (tsr_project_check (project, &error));
  if (step % STEPS == 3) {
    g_autoptr (GArray) queue = tsr_project_get_suggestions (project);
    g_assert_cmpuint (queue->len, ==, N / 2 - (N / 2 + 2) / 3);
  }
  test->acknowledged += acknowledged;
  test->steps = step;
}

static void
test_kill (void)
{
  char *folder = fixture_folder (false); /* a real disk, if /tmp is one */
  KillTest test = {NULL};
  const char *wanted = g_getenv ("TESSERA_MERGE_KILLS");
  unsigned goal = wanted ? (unsigned)strtoul (wanted, NULL, 10) : 60;
  make_files (&test, folder);
  tsr_random_init (&test.random, 1, 2);
  while (test.kills < goal) {
    test.kills++;
    verify (&test, merge_and_kill (&test));
  }
  g_print ("# kills %u, merges and undoings %u, losses 0\n", test.kills, test.acknowledged);
  g_assert_cmpuint (test.steps, >, STEPS); /* every kind of step has been tested */
  g_free (test.path);
  g_free (test.copy);
  g_free (test.table);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/kill/merges", test_kill);
  return g_test_run ();
}
