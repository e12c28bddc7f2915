/* The engine thread and its jobs: order, cancellation, errors, pausing, a whole main job on tiny
 * tiles. */

#include "fixture.h"
#include "tsr-error.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

/* ---- the thread ---- */

typedef struct {
  GThread *thread;
  TsrDevice *device;
  int order;
  bool fail;
} Probe;

static int next_order;

static bool
probe_job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  Probe *probe = data;
  probe->thread = g_thread_self ();
  probe->device = device;
  probe->order = ++next_order;
  if (probe->fail)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, "It failed on purpose.");
  return !probe->fail;
}

static bool
wait_job (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  g_atomic_int_set ((gint *)data, 1);
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_usleep (1000);
  return false;
}

static void
test_order (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  Probe a = {0}, b = {0}, c = {.fail = true};
  next_order = 0;
  g_assert_true (tsr_engine_run (engine, "a", TSR_ENGINE_NO_DEVICE, probe_job, &a, NULL, &error));
  g_assert_true (tsr_engine_run (engine, "b", TSR_ENGINE_DEVICE, probe_job, &b, NULL, &error));
  g_assert_false (tsr_engine_run (engine, "c", TSR_ENGINE_NO_DEVICE, probe_job, &c, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_cmpint (a.order, ==, 1);
  g_assert_cmpint (b.order, ==, 2);
  g_assert_true (a.thread == b.thread && a.thread != g_thread_self ());
  g_assert_null (a.device); /* opened with the first job that needs it */
  g_assert_nonnull (b.device);
}

/* Stands in for tsr_device_notice (meson.build has the linker wrap it). */
const char *__wrap_tsr_device_notice (const TsrDevice *device);
static const char *notice_of_device;

const char *
__wrap_tsr_device_notice (const TsrDevice *device)
{
  return notice_of_device;
}

static void
count_notice (const char *notice, gpointer counts)
{
  g_hash_table_insert (
      counts, g_strdup (notice),
      GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (counts, notice)) + 1));
}

static bool
fall_back (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  notice_of_device = data;
  return true;
}

static void
test_notice (void)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  TsrEngine *engine = tsr_engine_new (NULL);
  tsr_engine_set_noticed (engine, count_notice, counts);
  Probe probe = {0};
  notice_of_device = "It is another device.";
  tsr_engine_run (engine, "none", TSR_ENGINE_NO_DEVICE, probe_job, &probe, NULL, NULL);
  g_assert_cmpuint (g_hash_table_size (counts), ==, 0); /* none is open */
  for (int i = 0; i < 2; i++)
    tsr_engine_run (engine, "open", TSR_ENGINE_DEVICE, probe_job, &probe, NULL, NULL);
  g_assert_cmpuint (g_hash_table_size (counts), ==, 1);
  char later[] = "It has plain kernels.";
  tsr_engine_run (engine, "fall back", TSR_ENGINE_DEVICE, fall_back, later, NULL, NULL);
  tsr_engine_free (engine);
  g_assert_cmpuint (g_hash_table_size (counts), ==, 2);
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (counts, "It is another device.")), ==, 1);
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (counts, later)), ==, 1);
  notice_of_device = NULL;
}

static void
finished (GObject *source, GAsyncResult *result, gpointer user)
{
  GError **error = user;
  g_assert_false (tsr_engine_finish (result, error));
}

static void
test_cancel (void)
{
  GError *error = NULL;
  gint running = 0;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrEngine *engine = tsr_engine_new (NULL);
  tsr_engine_run_async (engine, "wait", TSR_ENGINE_NO_DEVICE, wait_job, &running, NULL, cancellable,
                        finished, &error);
  while (!g_atomic_int_get (&running))
    g_usleep (1000);
  g_cancellable_cancel (cancellable);
  while (!error)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  /* Freeing the engine ends what runs. */
  running = 0;
  tsr_engine_run_async (engine, "wait", TSR_ENGINE_NO_DEVICE, wait_job, &running, NULL, NULL,
                        finished, &error);
  while (!g_atomic_int_get (&running))
    g_usleep (1000);
  tsr_engine_free (engine);
  while (!error)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
}

static void
test_no_device (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrEngine) engine = tsr_engine_new ("no such device");
  Probe probe = {0};
  g_assert_false (tsr_engine_run (engine, "a", TSR_ENGINE_DEVICE, probe_job, &probe, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "no such device"));
  g_assert_cmpint (probe.order, ==, 0);

  /* one that is asked for must be there for who would do without, too; the environment's need not
   */
  g_clear_error (&error);
  g_assert_false (
      tsr_engine_run (engine, "a", TSR_ENGINE_ANY_DEVICE, probe_job, &probe, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
  g_assert_cmpint (probe.order, ==, 0);
  g_clear_error (&error);
  g_setenv ("TESSERA_DEVICE", "no such device", TRUE);
  g_autoptr (TsrEngine) glad = tsr_engine_new (NULL);
  g_assert_true (
      tsr_engine_run (glad, "a", TSR_ENGINE_ANY_DEVICE, probe_job, &probe, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (probe.device);
  g_unsetenv ("TESSERA_DEVICE");
  g_assert_true (
      tsr_engine_run (glad, "a", TSR_ENGINE_ANY_DEVICE, probe_job, &probe, NULL, &error));
  g_assert_nonnull (probe.device);
}

/* ---- the main job ---- */

typedef struct {
  GCancellable *cancellable;
  unsigned news, previews;
  double kimg;
} News;

static void
receive (gpointer snapshot, gpointer user)
{
  const TsrTrainSnapshot *s = snapshot;
  News *news = user;
  news->news++;
  news->kimg = s->kimg;
  if (s->generated.pixels) {
    news->previews++;
    g_assert_cmpint (s->generated.width, ==, s->grid_columns * s->tile_size);
    g_assert_nonnull (s->reconstructed.pixels);
  }
  g_assert_true (isfinite (s->loss_g) && isfinite (s->loss_d) && isfinite (s->loss_nll));
  if (news->cancellable)
    g_cancellable_cancel (news->cancellable);
}

static void
trained (GObject *source, GAsyncResult *result, gpointer user)
{
  GError **error = user;
  if (tsr_engine_finish (result, error))
    *error = g_error_new (TSR_ERROR, TSR_ERROR_FAILED, "done"); /* only to end the loop */
}

/* Runs a training with news; returns the error it ended with. */
static GError *
train_with_news (TsrEngine *engine, TsrTrainJob *job, News *news)
{
  GError *error = NULL;
  TsrMailbox *mailbox = tsr_mailbox_new (receive, news, (GDestroyNotify)tsr_train_snapshot_free);
  job->snapshots = mailbox;
  tsr_engine_run_async (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, job, NULL,
                        news->cancellable, trained, &error);
  while (!error)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  tsr_mailbox_close (mailbox);
  tsr_mailbox_unref (mailbox);
  return error;
}

static void
check_vectors_and_map (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autofree float *w = NULL, *y = NULL;
  uint32_t d, n;
  g_assert_true (tsr_project_get_vectors (project, &w, &d, NULL, &error));
  g_assert_true (tsr_project_get_map (project, &y, &n, NULL, &error));
  g_assert_cmpuint (d, ==, 8);
  g_assert_cmpuint (n, ==, 40);
  for (uint32_t k = 0; k < n; k++) {
    bool excluded = k == 3;
    g_assert_true (isnan (w[k * d]) == excluded);
    g_assert_true (isnan (y[2 * k]) == excluded);
  }
}

/* How many tiles have a vector, all of its numbers. */
static unsigned
count_vectors (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autofree float *w = NULL;
  uint32_t d = 0, n = tsr_project_n_tiles (project), found = 0;
  if (!tsr_project_get_vectors (project, &w, &d, NULL, &error))
    return 0;
  for (uint32_t i = 0; i < n; i++)
    found += isfinite (w[(size_t)i * d]) && isfinite (w[(size_t)i * d + d - 1]);
  return found;
}

/* Wherever the disk is full, the former vectors stay until the new ones are there. */
static void
test_embed_whole (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  TsrTrainJob train = fixture_training (path, 0.05);
  TsrEmbedJob embed = {.project = path};
  g_autoptr (GError) error = NULL;
  fixture_train (engine, &train);
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_assert_cmpuint (count_vectors (path), ==, 40);
  struct rlimit usual, limit;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &usual), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  unsigned failures = 0;
  for (bool ok = false; !ok; failures += !ok) {
    limit = (struct rlimit){36864 + 4096 * (rlim_t)failures, usual.rlim_max};
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
    ok = tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, NULL);
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &usual), ==, 0);
    g_assert_cmpuint (count_vectors (path), ==, 40);
    g_assert_cmpuint (failures, <, 500);
  }
  g_test_message ("%u failures", failures);
  g_assert_cmpuint (failures, >, 0);
}

static void
test_main_job (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);

  /* Stopped at the first news, the training keeps its checkpoint. */
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  News stopped = {.cancellable = cancellable}, finished_news = {0};
  TsrTrainJob job = fixture_training (path, 1000);
  g_autoptr (GError) end = train_with_news (engine, &job, &stopped);
  g_assert_error (end, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (stopped.previews, ==, 1);
  g_assert_cmpfloat (stopped.kimg, >, 0);

  /* Resumed, it goes on from there and does not begin again. */
  job = fixture_training (path, stopped.kimg + 0.2);
  job.options.resume = true;
  g_autoptr (GError) second = train_with_news (engine, &job, &finished_news);
  g_assert_cmpstr (second->message, ==, "done");
  g_assert_cmpfloat (finished_news.kimg, >=, stopped.kimg + 0.2);

  uint32_t excluded = 3;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_exclude (project, &excluded, 1, true, "test", NULL, &error));
  g_clear_pointer (&project, tsr_project_close);

  TsrEmbedJob embed = {.project = path};
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_assert_cmpuint (embed.embedded, ==, 39);
  TsrEmbedJob again = {.project = path, .only_missing = true};
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &again, NULL, &error));
  g_assert_cmpuint (again.embedded, ==, 0);
  TsrMapJob map = {.project = path, .method = "tsne"};
  g_assert_true (
      tsr_engine_run (engine, "map", TSR_ENGINE_NO_DEVICE, tsr_job_map, &map, NULL, &error));
  check_vectors_and_map (path);
  map.method = "pca";
  g_assert_true (
      tsr_engine_run (engine, "map", TSR_ENGINE_NO_DEVICE, tsr_job_map, &map, NULL, &error));
  check_vectors_and_map (path);
}

/* A paused training makes no steps; a stop ends it all the same. */
static void
test_pause (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GError *error = NULL;
  gint paused = 1;
  News news = {0};
  TsrTrainJob job = fixture_training (path, 1000);
  job.paused = &paused;
  job.snapshots = tsr_mailbox_new (receive, &news, (GDestroyNotify)tsr_train_snapshot_free);
  tsr_engine_run_async (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, cancellable,
                        trained, &error);
  for (gint64 end = g_get_monotonic_time () + 3 * G_TIME_SPAN_SECOND; g_get_monotonic_time () < end;
       g_usleep (10000))
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (news.news, ==, 0);
  g_cancellable_cancel (cancellable);
  while (!error)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  tsr_mailbox_close (job.snapshots);
  tsr_mailbox_unref (job.snapshots);
}

/* Each of these ends in one sentence. */
static void
test_refused (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (TsrEngine) engine = tsr_engine_new (NULL);
  g_autoptr (GError) error = NULL;
  TsrEmbedJob embed = {.project = path};
  g_assert_false (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);
  TsrMapJob map = {.project = path, .method = "tsne"};
  g_assert_false (
      tsr_engine_run (engine, "map", TSR_ENGINE_NO_DEVICE, tsr_job_map, &map, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_PROJECT);
  g_clear_error (&error);
  TsrTrainJob train = fixture_training (path, 1);
  train.options.resolution = 17;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &train, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_clear_error (&error);
  train = fixture_training (path, 1);
  train.options.resume = true;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &train, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);
  train = fixture_training (path, 1);
  train.options.encoder_only = true;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &train, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/order", test_order);
  g_test_add_func ("/engine/cancel", test_cancel);
  g_test_add_func ("/engine/notice", test_notice);
  g_test_add_func ("/engine/no-device", test_no_device);
  g_test_add_func ("/engine/main-job", test_main_job);
  g_test_add_func ("/engine/embed-whole", test_embed_whole);
  g_test_add_func ("/engine/pause", test_pause);
  g_test_add_func ("/engine/refused", test_refused);
  return g_test_run ();
}
