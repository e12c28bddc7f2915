/* kill -9 at random instants while a child labels: every label whose call had returned must be
 * there afterwards, the project must open, and nothing but the operation under way may be
 * undecided.
 *
 *   TESSERA_KILLS=N  how many kills (300)
 *   TESSERA_KILL_SEED=N  another run
 *
 * The child plays a script that the parent can play too. It acknowledges each operation through a
 * pipe after the call has returned; the parent kills it, counts the acknowledgements, and compares
 * the project with its own model of exactly that many operations, or one more where the kill came
 * between the commit and the acknowledgement. */

#include "fixture.h"
#include "label-script.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_TILES 60

typedef struct {
  char *path;
  Script script;
  TsrRandom random;       /* of the instants */
  unsigned kills, labels; /* labels: acknowledged operations that were journal entries */
  unsigned losses, undecided;
} KillTest;

/* ---- the child ---- */

/* Closes and opens the project now and then, so that kills fall into that as well, and stores
 * vectors, so that they fall into checkpoints. */
static G_GNUC_NORETURN void
child_main (KillTest *test, int out)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = NULL;
  float w[64 * 16] = {0};
  for (unsigned i = 0;; i++) {
    if (i % 40 == 0) {
      tsr_project_close (project);
      project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
      if (!project)
        break;
    }
    if (i % 16 == 9 &&
        !tsr_project_put_vectors (project, i % 32 == 9 ? "a" : "b", 0, N_TILES, 16, w, &error))
      break;
    ScriptOperation operation;
    script_next (&test->script, &operation);
    if (!script_run (&operation, project, NULL, &error))
      break;
    script_apply (&test->script, &operation);
    if (write (out, "+", 1) != 1)
      break;
  }
  fprintf (stderr, "# the child gave up: %s\n", error ? error->message : g_strerror (errno));
  _exit (1);
}

/* ---- the parent ---- */

/* Reads acknowledgements until there are enough, or until `until` (monotonic time), or, with 0, the
 * pipe's end. */
static unsigned
count_acknowledgements (int in, gint64 until, unsigned enough)
{
  unsigned n = 0;
  for (;;) {
    gint64 left = until ? until - g_get_monotonic_time () : 0;
    if (until && left <= 0)
      return n;
    struct pollfd wait = {in, POLLIN, 0};
    struct timespec timeout = {0, (long)left * 1000};
    int ready = ppoll (&wait, 1, until ? &timeout : NULL, NULL);
    char bytes[256];
    if (ready <= 0)
      continue;
    ssize_t got = read (in, bytes, sizeof bytes);
    if (got <= 0)
      return n;
    n += (unsigned)got;
    if (n >= enough)
      return n;
  }
}

static unsigned
label_and_kill (KillTest *test)
{
  int ends[2];
  g_assert_cmpint (pipe (ends), ==, 0);
  pid_t child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    close (ends[0]);
    child_main (test, ends[1]);
  }
  close (ends[1]);
  /* Mostly in the midst of labelling, however slow the machine is to come to it, sometimes while
   * the project opens. */
  bool labelling = tsr_random_below (&test->random, 4) != 0;
  gint64 delay = (gint64)(tsr_random_uniform (&test->random) * (labelling ? 150000 : 4000));
  unsigned acknowledged = labelling ? count_acknowledgements (ends[0], 0, 1) : 0;
  acknowledged += count_acknowledgements (ends[0], g_get_monotonic_time () + delay, UINT_MAX);
  kill (child, SIGKILL);
  acknowledged += count_acknowledgements (ends[0], 0, UINT_MAX);
  close (ends[0]);
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (!WIFSIGNALED (status) || WTERMSIG (status) != SIGKILL)
    g_error ("the child ended by itself");
  return acknowledged;
}

static void
advance (Script *script)
{
  ScriptOperation operation;
  script_next (script, &operation);
  script_apply (script, &operation);
}

/* Plays the acknowledged operations in the model and compares; then, if that does not fit, with the
 * one under way as well. */
static void
verify (KillTest *test, unsigned acknowledged)
{
  g_autoptr (GError) error = NULL;
  guint before = test->script.journal->len;
  for (unsigned i = 0; i < acknowledged; i++)
    advance (&test->script);
  test->labels += test->script.journal->len - before;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  if (!project)
    g_error ("kill %u: the project does not open: %s", test->kills, error->message);
  guint look = test->script.journal->len - before + 2;
  g_autofree char *difference = script_difference (&test->script, project, look);
  if (difference) {
    Script more;
    script_copy (&test->script, &more);
    advance (&more);
    g_autofree char *other = script_difference (&more, project, look);
    if (other) {
      int64_t there = tsr_project_journal_seq (project);
      test->losses += (unsigned)MAX (1, (gint64)test->script.journal->len - there);
      g_printerr ("# kill %u: %s; with the operation under way: %s\n", test->kills, difference,
                  other);
      g_test_fail ();
    }
    script_clear (&test->script);
    test->script = more;
    test->undecided++;
  }
  if (test->kills % 10 == 0 && !tsr_project_check (project, &error))
    g_error ("kill %u: %s", test->kills, error->message);
}

static unsigned
number_from_environment (const char *name, unsigned otherwise)
{
  const char *text = g_getenv (name);
  return text ? (unsigned)strtoul (text, NULL, 10) : otherwise;
}

static void
test_kill (void)
{
  char *folder = fixture_folder (false); /* a real disk, if /tmp is one */
  KillTest test = {.path = g_build_filename (folder, "p.tessera", NULL)};
  fixture_bare_project (test.path, N_TILES);
  unsigned seed = number_from_environment ("TESSERA_KILL_SEED", 1),
           goal = number_from_environment ("TESSERA_KILLS", 300);
  script_init (&test.script, N_TILES, seed);
  tsr_random_init (&test.random, seed, 2);
  while (test.kills < goal && test.losses == 0) {
    test.kills++;
    verify (&test, label_and_kill (&test));
  }
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test.path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_project_check (project, &error));
  g_autofree char *difference = script_difference (&test.script, project, G_MAXUINT32);
  tsr_project_close (project);
  g_test_message ("%u kills fell between a commit and its acknowledgement", test.undecided);
  g_print ("# kills %u, labels %u, losses %u\n", test.kills, test.labels, test.losses);
  g_assert_cmpuint (test.losses, ==, 0);
  g_assert_cmpstr (difference, ==, NULL);
  g_assert_cmpuint (test.labels, >, test.kills); /* the test has tested something */
  script_clear (&test.script);
  g_free (test.path);
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/kill/labels", test_kill);
  return g_test_run ();
}
