/* kill -9 at random instants while a process labels and trains at once: every acknowledged label
 * must be there, the project must open, and the checkpoint must be whole or absent.
 *
 *   TESSERA_TRAIN_KILLS=N  how many kills (40)
 *
 * The child is this program run again: a process that has threads cannot simply fork. It
 * acknowledges each label through its standard output after the call has returned. */

#include "fixture.h"
#include "tsr-demo.h"
#include "tsr-model-file.h"
#include "tsr-random.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_TILES = 16 };

/* ---- the child: labels tile i % N with class (i / N) % 2 for i = first, first + 1, ..., and
 * trains meanwhile ---- */

static gpointer
train_forever (gpointer path)
{
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  for (bool resume = false;; resume = true) {
    g_autoptr (GError) error = NULL;
    TsrTrainJob job = fixture_training (path, 1000);
    job.checkpoint_s = 0.05;
    job.options.resume = resume;
    if (!tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error)) {
      fprintf (stderr, "# training failed: %s\n", error->message);
      _exit (1);
    }
  }
  return NULL;
}

static int
child_main (const char *path, uint32_t first)
{
  g_autoptr (GError) error = NULL;
  g_thread_new ("train", train_forever, (gpointer)path);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  for (uint32_t i = first; project; i++) {
    uint32_t tile = i % N_TILES;
    int32_t value = 1 + (int32_t)(i / N_TILES % 2);
    if (!tsr_project_label (project, &tile, &value, 1, true, TSR_HOW_SUGGESTED, "test", NULL,
                            &error))
      break;
    if (write (STDOUT_FILENO, "+", 1) != 1)
      break;
    g_usleep (2000);
  }
  fprintf (stderr, "# labelling failed: %s\n", error ? error->message : "the pipe broke");
  return 1;
}

/* ---- the parent ---- */

static char *
make_project (void)
{
  g_autoptr (GError) error = NULL;
  char *path = fixture_project (N_TILES / tsr_demo_n_classes (), false);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_add_class (project, "a", -1, &error), ==, 1);
  g_assert_cmpint (tsr_project_add_class (project, "b", -1, &error), ==, 2);
  return path;
}

/* Kills after delay_us, but not before the file `awaited` (or NULL) is there: the first run may
 * have kernels to compile. */
static uint32_t
run_and_kill (const char *program, const char *path, uint32_t first, gulong delay_us,
              const char *awaited)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *number = g_strdup_printf ("%u", first);
  const char *argv[] = {program, "--child", path, number, NULL};
  GPid child;
  int out;
  g_spawn_async_with_pipes (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                            &child, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_usleep (delay_us);
  for (int tenths = 0; awaited && tenths < 3000 && !g_file_test (awaited, G_FILE_TEST_EXISTS);
       tenths++)
    g_usleep (100000);
  kill (child, SIGKILL);
  uint32_t acknowledged = 0;
  char bytes[256];
  for (ssize_t got; (got = read (out, bytes, sizeof bytes)) > 0;)
    acknowledged += (uint32_t)got;
  close (out);
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  return acknowledged;
}

/* What tile holds after `count` labels of the child's sequence. */
static int32_t
expected (uint32_t tile, uint32_t count)
{
  if (count <= tile)
    return TSR_LABEL_NONE;
  uint32_t round = (count - 1 - tile) / N_TILES;
  return 1 + (int32_t)(round % 2);
}

static bool
labels_are (TsrProject *project, uint32_t count)
{
  g_autoptr (GError) error = NULL;
  int32_t labels[N_TILES];
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, N_TILES);
  tsr_project_labels (project, labels, NULL, &error);
  g_assert_no_error (error);
  for (uint32_t tile = 0; tile < N_TILES; tile++)
    if (labels[tile] != expected (tile, count))
      return false;
  return true;
}

/* Whole or absent; returns whether it was there. */
static bool
check_checkpoint (const char *model)
{
  g_autoptr (GError) error = NULL;
  TsrModelConfig config;
  if (!g_file_test (model, G_FILE_TEST_EXISTS))
    return false;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_model_config_read (file, &config, &error));
  g_assert_nonnull (tsr_safetensors_find (file, "adam_v.G.mapping.fc0.weight"));
  g_assert_nonnull (tsr_safetensors_metadata (file, "trained_steps"));
  return true;
}

static const char *program;

static void
test_kill (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = make_project ();
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".tessera"));
  g_autofree char *model = g_strconcat (stem, ".model.safetensors", NULL);
  const char *text = g_getenv ("TESSERA_TRAIN_KILLS");
  unsigned goal = text ? (unsigned)strtoul (text, NULL, 10) : 40, checkpoints = 0;
  uint32_t count = 0, acknowledged = 0;
  TsrRandom random;
  tsr_random_init (&random, 1, 1);
  for (unsigned kills = 1; kills <= goal; kills++) {
    gulong delay = 200000 + tsr_random_below (&random, 2000000);
    uint32_t fresh = run_and_kill (program, path, count, delay, kills == 1 ? model : NULL);
    acknowledged += fresh;
    count += fresh;
    g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
    g_assert_no_error (error);
    if (!labels_are (project, count)) { /* the kill fell between a commit and its acknowledgement */
      count++;
      g_assert_true (labels_are (project, count));
    }
    g_assert_true (tsr_project_check (project, &error));
    checkpoints += check_checkpoint (model);
  }
  g_print ("# kills %u while training, labels %u, losses 0, checkpoints %u, all whole\n", goal,
           acknowledged, checkpoints);
  g_assert_cmpuint (acknowledged, >, goal);
  g_assert_cmpuint (checkpoints, >, goal / 2); /* the test has tested something */
}

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "--child") == 0)
    return child_main (argv[2], (uint32_t)strtoul (argv[3], NULL, 10));
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/kill", test_kill);
  return g_test_run ();
}
