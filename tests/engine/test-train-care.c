/* How a training is looked after: how long it takes, how healthy it is, and what becomes of one
 * that goes wrong or is stopped. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-safetensors.h"
#include "tsr-train-pace.h"
#include "tsr-watch.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static TsrEngine *engine;

/* ---- how long ---- */

static void
test_length (void)
{
  TsrTrainOptions o = tsr_train_options_default ();
  o.preset = "quick";
  g_assert_true (tsr_train_options_resolve (&o, 100, 64, 3, NULL));
  g_assert_cmpfloat (o.kimg, ==, 0);
  g_assert_cmpfloat (tsr_train_options_length (&o, 1), ==, 10);
  g_assert_cmpfloat (tsr_train_options_length (&o, 100), ==, 30);
  g_assert_cmpfloat (tsr_train_options_length (&o, 1e6), ==, 60);
  o.kimg = 7;
  g_assert_true (tsr_train_options_resolve (&o, 100, 64, 3, NULL));
  g_assert_cmpfloat (tsr_train_options_length (&o, 100), ==, 7);
}

/* A training of 16 images a step on a clock of its own: after a first step of 80 s, `rate` images a
 * second, from change_s on `later`; a measurement of 10 s every five minutes, and steps that take a
 * third more or less by turns. */
typedef struct {
  double rate, change_s, later;
  double minutes, estimate; /* found: how long it took, what was said after a minute */
  double estimate_s;        /* when that was */
  double kimg;
  double slowed_s; /* when it was found to be far slower; 0: never */
} Clock;

static void
run_clock (Clock *clock, const TsrTrainOptions *options)
{
  TsrTrainPace pace = {0};
  double now = 1000 + 80, first = now, images = 0, target = 0, more, measured = 0;
  unsigned step = 0;
  clock->estimate = clock->slowed_s = 0;
  do {
    images += 16;
    tsr_train_pace_step (&pace, now, 16);
    if (tsr_train_pace_choose (&pace, options, &more))
      target = images / 1000 + more;
    double left = (target * 1000 - images) / tsr_train_pace_rate (&pace);
    if (clock->estimate <= 0 && target > 0 && now - first >= 60)
      clock->estimate_s = now - first, clock->estimate = (now - first + left) / 60;
    if (clock->slowed_s <= 0 && tsr_train_pace_is_slowed (&pace))
      clock->slowed_s = now - first;
    double usual = 16 / (now - first < clock->change_s ? clock->rate : clock->later);
    now += usual * (step++ % 2 ? 4.0 / 3 : 2.0 / 3);
    if (now - first - measured >= 300) {
      now += 10;
      measured = now - first;
    }
  } while (target <= 0 || images < target * 1000);
  clock->minutes = (now - first) / 60;
  clock->kimg = images / 1000;
}

static TsrTrainOptions
preset_of (const char *name)
{
  TsrTrainOptions o = tsr_train_options_default ();
  o.preset = name;
  g_assert_true (tsr_train_options_resolve (&o, 100, 64, 3, NULL));
  return o;
}

/* Every preset's minutes are kept whatever the pace does in the first half, and what is said after
 * a minute holds within 15 %; where the pace is too low or too high for them, too. */
static void
test_pace (void)
{
  static const struct {
    const char *name;
    double minutes;
  } presets[] = {{"quick", 5}, {"standard", 60}, {"thorough", 480}};
  for (size_t p = 0; p < G_N_ELEMENTS (presets); p++) {
    TsrTrainOptions o = preset_of (presets[p].name);
    double minutes = presets[p].minutes, fits = 0.4 * (o.kimg_least + o.kimg_most) / minutes / 0.06;
    Clock clocks[] = {{fits, 1e9, fits},
                      {fits, 0.1 * minutes * 60, 1.2 * fits},
                      {fits, 0.2 * minutes * 60, 0.5 * fits},
                      {fits, 0.45 * minutes * 60, 0.8 * fits}, /* the augmentation sets in */
                      {1.5 * fits, 30, fits}};
    for (size_t k = 0; k < G_N_ELEMENTS (clocks); k++) {
      run_clock (&clocks[k], &o);
      g_assert_cmpfloat_with_epsilon (clocks[k].minutes, minutes, 0.1 * minutes);
      g_assert_cmpfloat_with_epsilon (clocks[k].estimate, clocks[k].minutes,
                                      0.15 * clocks[k].minutes);
    }
    double slowest = 0.5 * o.kimg_least / minutes / 0.06,
           fastest = 2 * o.kimg_most / minutes / 0.06;
    Clock slow = {slowest, 1e9, slowest}, fast = {fastest, 1e9, fastest},
          slowest_of_all = {2, 1e9, 2};
    run_clock (&slowest_of_all, &o); /* 8 s a step */
    g_assert_cmpfloat (slowest_of_all.estimate_s, <, 72);
    g_assert_cmpfloat_with_epsilon (slowest_of_all.estimate, slowest_of_all.minutes,
                                    0.15 * slowest_of_all.minutes);
    run_clock (&slow, &o);
    run_clock (&fast, &o);
    g_assert_cmpfloat_with_epsilon (slow.kimg, o.kimg_least, 0.0161);
    g_assert_cmpfloat_with_epsilon (fast.kimg, o.kimg_most, 0.0161);
    g_assert_cmpfloat_with_epsilon (slow.estimate, slow.minutes, 0.15 * slow.minutes);
    g_assert_cmpfloat_with_epsilon (fast.estimate, fast.minutes, 0.15 * fast.minutes);
  }
}

/* Half the pace is noticed within two minutes; what the training itself does to its pace is not
 * taken for another program. */
static void
test_slowed (void)
{
  TsrTrainOptions o = preset_of ("standard");
  Clock steady = {50, 1e9, 50}, augmented = {50, 600, 40}, busy = {50, 600, 20},
        early = {50, 20, 30};
  run_clock (&steady, &o);
  run_clock (&augmented, &o);
  run_clock (&busy, &o);
  run_clock (&early, &o);
  g_assert_cmpfloat (steady.slowed_s, ==, 0);
  g_assert_cmpfloat (augmented.slowed_s, ==, 0);
  g_assert_cmpfloat (early.slowed_s, ==, 0); /* the first minute is no measure */
  g_assert_cmpfloat (busy.slowed_s, >, 600);
  g_assert_cmpfloat (busy.slowed_s, <, 720);
}

typedef struct {
  GCancellable *cancellable;
  double total;
} Length;

static void
note_length (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  Length *length = user;
  if (snapshot->kimg_total > 0) {
    length->total = snapshot->kimg_total;
    g_cancellable_cancel (length->cancellable);
  }
}

static gboolean
look_again (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

typedef struct {
  bool done;
  GError *error;
} Ended;

static void
ended (GObject *source, GAsyncResult *result, gpointer user)
{
  Ended *end = user;
  tsr_engine_finish (result, &end->error);
  end->done = true;
}

/* A preset's time becomes a length once the first steps have been measured, which the checkpoint
 * keeps; a run that has reached its end and is resumed is given as much again. */
static void
test_measured_length (void)
{
  g_autofree char *path = fixture_project (5, true);
  Length length = {g_cancellable_new (), 0};
  TsrMailbox *mailbox =
      tsr_mailbox_new (note_length, &length, (GDestroyNotify)tsr_train_snapshot_free);
  TsrTrainJob job = fixture_small_training (path, 0);
  job.options.preset = "quick";
  job.options.kimg = -1;
  job.snapshots = mailbox;
  Ended end = {false, NULL};
  guint source = g_timeout_add (50, look_again, NULL);
  tsr_engine_run_async (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL,
                        length.cancellable, ended, &end);
  while (!end.done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_error (end.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&end.error);
  g_assert_true (job.kept);
  g_assert_cmpfloat (length.total, >=, 10);
  g_assert_cmpfloat (length.total, <=, 60);
  g_autofree char *model = fixture_model (path);
  g_assert_cmpfloat_with_epsilon (fixture_number (model, "train.kimg"), length.total, 1e-9);
  tsr_mailbox_unref (mailbox);
  g_object_unref (length.cancellable);
}

/* ---- how healthy ---- */

/* Measured on the way and at the end, all of it finite and in its range, and kept in the project.
 */
static void
test_health (void)
{
  g_autofree char *path = fixture_project (20, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.04);
  job.checkpoint_s = job.health_s = 1e-6; /* after every step */
  g_assert_true (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_no_error (error);
  static const struct {
    const char *series;
    double low, high;
  } measured[] = {{TSR_SERIES_FRECHET, 1e-3, 1e6}, {TSR_SERIES_KID, -1, 1e6},
                  {TSR_SERIES_PRECISION, 0, 1},    {TSR_SERIES_RECALL, 0, 1},
                  {TSR_SERIES_DIVERSITY, 0, 100},  {TSR_SERIES_UNEXPLAINED, 0, 100}};
  for (size_t k = 0; k < G_N_ELEMENTS (measured); k++) {
    g_autoptr (GArray) curve = fixture_curve (path, measured[k].series);
    g_assert_cmpuint (curve->len, >=, 1);
    for (guint j = 0; j < curve->len; j++) {
      const TsrMeasure *m = &g_array_index (curve, TsrMeasure, j);
      g_assert_cmpfloat (m->value, >=, measured[k].low);
      g_assert_cmpfloat (m->value, <=, measured[k].high);
    }
    g_assert_cmpfloat_with_epsilon (g_array_index (curve, TsrMeasure, curve->len - 1).kimg, 0.04,
                                    1e-9);
  }
  /* a file that holds no InceptionV3 is refused before anything is trained */
  g_autofree char *model = fixture_model (path);
  TsrTrainJob other = fixture_small_training (path, 0.2);
  other.inception = model;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &other, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_cmpfloat (other.kimg, ==, 0);
}

typedef struct {
  uint64_t said; /* by the first news, and never another */
  unsigned news;
} Announced;

static void
hear_memory (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  Announced *announced = user;
  if (announced->news++ == 0)
    announced->said = snapshot->memory;
  g_assert_cmpuint (snapshot->memory, ==, announced->said);
}

static bool
peak_of (TsrDevice *device, GCancellable *cancellable, gpointer user, GError **error)
{
  tsr_device_memory (device, NULL, user);
  return true;
}

/* Steps of all kinds, augmentation, previews, measurements and checkpoints: none takes more of the
 * device than was announced. */
static void
test_announced (void)
{
  g_autofree char *path = fixture_project (20, true);
  g_autoptr (GError) error = NULL;
  TsrEngine *fresh = tsr_engine_new (NULL);
  Announced announced = {0, 0};
  TsrMailbox *mailbox =
      tsr_mailbox_new (hear_memory, &announced, (GDestroyNotify)tsr_train_snapshot_free);
  TsrTrainJob job = fixture_small_training (path, 0.016); /* the first step is of all kinds */
  job.checkpoint_s = job.health_s = 1e-6;
  job.snapshots = mailbox;
  g_assert_true (
      tsr_engine_run (fresh, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_no_error (error);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  size_t peak = 0;
  g_assert_true (tsr_engine_run (fresh, "peak", TSR_ENGINE_DEVICE, peak_of, &peak, NULL, &error));
  g_assert_cmpuint (announced.news, >, 0);
  g_assert_cmpuint (announced.said, >, 1 << 20);
  g_assert_cmpuint (peak, <=, announced.said);
  tsr_mailbox_unref (mailbox);
  tsr_engine_free (fresh);
}

/* ---- trainings that go wrong ---- */

static int bad_once;

static int
once_alike (double kimg)
{
  return kimg > 0.1 && bad_once-- > 0 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

static int
once_alike_at_once (double kimg)
{
  return bad_once-- > 0 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

static int
always_alike_later (double kimg)
{
  return kimg > 0.1 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

static int
always_alike (double kimg)
{
  return TSR_WATCH_COLLAPSED;
}

/* Files beside the model that a run leaves only when it may be resumed. */
static unsigned
states_beside (const char *model)
{
  static const char *const endings[] = {".good", ".good-before", ".good-new"};
  unsigned n = 0;
  for (size_t k = 0; k < G_N_ELEMENTS (endings); k++) {
    g_autofree char *path = g_strconcat (model, endings[k], NULL);
    n += g_file_test (path, G_FILE_TEST_EXISTS);
  }
  return n;
}

static bool
run_watched (TsrTrainJob *job, int (*pretend) (double), FixtureHeard *heard, GError **error)
{
  job->pretend = pretend;
  return fixture_run_heard (engine, job, heard, error);
}

/* Once gone wrong, it goes back, on more gently, and to its end; and says so once. */
static void
test_goes_back (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  FixtureHeard heard = {NULL, 0};
  TsrTrainJob job = fixture_small_training (path, 0.4);
  job.options.gamma = 0.5;
  job.options.learning_rate = 0.001;
  bad_once = 1;
  g_assert_true (run_watched (&job, once_alike, &heard, &error));
  g_assert_no_error (error);
  g_assert_true (job.kept);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);
  g_assert_cmpuint (heard.messages, ==, 1);
  g_assert_nonnull (strstr (heard.message, "the generated tiles all looked alike"));
  g_assert_nonnull (strstr (heard.message, "goes on from 0.088 kimg")); /* two checks before */
  g_autofree char *model = fixture_model (path);
  g_assert_cmpfloat_with_epsilon (fixture_number (model, "train.gamma"), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (fixture_number (model, "train.learning_rate"), 0.0006, 1e-9);
  g_assert_cmpfloat (fixture_number (model, "trained_images"), ==, 400);
  g_assert_cmpfloat (fixture_number (model, "train.setbacks"), ==, 1);
  g_assert_cmpuint (states_beside (model), ==, 0);
  g_free (heard.message);
}

/* Three times, then the last good model stays, and the error says what to do. */
static void
test_gives_up (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  FixtureHeard heard = {NULL, 0};
  TsrTrainJob job = fixture_small_training (path, 0.4);
  g_assert_false (run_watched (&job, always_alike_later, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "3 times. The last good model is kept."));
  g_assert_nonnull (strstr (heard.message, "(change 3 of 3)"));
  g_assert_true (job.kept);
  g_autofree char *model = fixture_model (path);
  g_assert_cmpfloat (fixture_number (model, "trained_images"), <=, 96);
  g_assert_cmpfloat (fixture_number (model, "trained_images"), >, 0);
  g_assert_cmpuint (states_beside (model), ==, 0);
  g_clear_error (&error);
  g_clear_pointer (&heard.message, g_free);

  g_autofree char *other = fixture_project (5, true);
  job = fixture_small_training (other, 0.4);
  g_assert_false (run_watched (&job, always_alike, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "No good model came of it."));
  g_assert_false (job.kept);
  g_autofree char *none = fixture_model (other);
  g_assert_null (none);
  g_free (heard.message);
}

static double good_until;

static int
bad_later (double kimg)
{
  return kimg > good_until ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

/* A resumed training that goes wrong at once goes back to what it began from, and leaves that, byte
 * for byte. */
static void
test_resumed_goes_back (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.2);
  fixture_train (engine, &job);
  g_autofree char *model = fixture_model (path), *before = NULL, *after = NULL;
  gsize n, m;
  g_assert_true (g_file_get_contents (model, &before, &n, NULL));
  FixtureHeard heard = {NULL, 0};
  job = fixture_resumption (path, 1);
  good_until = 0;
  g_assert_false (run_watched (&job, bad_later, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (strstr (error->message, "The last good model is kept."));
  g_assert_nonnull (strstr (heard.message, "goes on from 0.2 kimg"));
  g_assert_true (g_file_get_contents (model, &after, &m, NULL));
  g_assert_cmpmem (before, n, after, m);
  g_free (heard.message);
}

/* However often the encoder's training goes back, the generator it is trained against stays. */
static void
test_encoder_goes_back (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.2);
  fixture_train (engine, &job);
  g_autofree char *first = fixture_model (path);
  FixtureHeard heard = {NULL, 0};
  job = fixture_small_training (path, 0.2);
  job.options.encoder_only = true;
  bad_once = 2;
  g_assert_true (run_watched (&job, once_alike_at_once, &heard, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (heard.message, "(change 2 of 3)"));
  g_assert_null (strstr (heard.message, "gamma"));
  g_autofree char *second = fixture_model (path);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpuint (fixture_differing (second, first, "G."), ==, 0);
  g_assert_cmpuint (fixture_differing (second, first, "G_ema."), ==, 0);
  g_assert_cmpuint (fixture_differing (second, first, "E."), >, 2);
  g_free (heard.message);
}

static GCancellable *to_stop;

static int
stop_later (double kimg)
{
  if (kimg > 0.1)
    g_cancellable_cancel (to_stop);
  return TSR_WATCH_GOOD;
}

/* A training that is stopped keeps its model and leaves nothing else. */
static void
test_stopped_is_tidy (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  to_stop = g_cancellable_new ();
  TsrTrainJob job = fixture_small_training (path, 4);
  job.pretend = stop_later;
  job.checkpoint_s = 1e-6;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, to_stop, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (job.kept);
  g_autofree char *model = fixture_model (path), *lock = g_strconcat (model, ".lock", NULL);
  g_assert_cmpuint (states_beside (model), ==, 0);
  g_assert_false (g_file_test (lock, G_FILE_TEST_EXISTS));
  g_clear_object (&to_stop);
}

static int
twice_alike_then_stop (double kimg)
{
  if (kimg > 0.1 && bad_once == 0)
    g_cancellable_cancel (to_stop);
  return kimg > 0.1 && bad_once > 0 && bad_once-- > 0 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

/* Setbacks count on where a training is resumed. */
static void
test_counts_setbacks (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  to_stop = g_cancellable_new ();
  TsrTrainJob job = fixture_small_training (path, 4);
  job.pretend = twice_alike_then_stop;
  job.checkpoint_s = 1e-6;
  bad_once = 2;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, to_stop, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  FixtureHeard heard = {NULL, 0};
  job = fixture_resumption (path, 0);
  g_assert_false (run_watched (&job, always_alike, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_cmpuint (heard.messages, ==, 1);
  g_assert_nonnull (strstr (heard.message, "(change 3 of 3)"));
  g_clear_error (&error);
  g_clear_pointer (&heard.message, g_free);

  /* The remedy the error names is a new attempt. */
  job = fixture_resumption (path, 0.4);
  job.options.learning_rate = 1e-4;
  bad_once = 2;
  g_assert_true (run_watched (&job, once_alike_at_once, &heard, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (heard.message, "(change 2 of 3)"));
  g_free (heard.message);
  g_clear_object (&to_stop);
}

/* Numbers that are not finite are noticed without any check of pictures. */
static void
test_diverges (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  FixtureHeard heard = {NULL, 0};
  TsrTrainJob job = fixture_small_training (path, 20);
  job.options.learning_rate = 0.99;
  job.options.gamma = 100;
  g_assert_false (run_watched (&job, NULL, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_free (heard.message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train-care/length", test_length);
  g_test_add_func ("/train-care/pace", test_pace);
  g_test_add_func ("/train-care/slowed", test_slowed);
  g_test_add_func ("/train-care/measured-length", test_measured_length);
  g_test_add_func ("/train-care/health", test_health);
  g_test_add_func ("/train-care/announced", test_announced);
  g_test_add_func ("/train-care/goes-back", test_goes_back);
  g_test_add_func ("/train-care/gives-up", test_gives_up);
  g_test_add_func ("/train-care/resumed-goes-back", test_resumed_goes_back);
  g_test_add_func ("/train-care/encoder-goes-back", test_encoder_goes_back);
  g_test_add_func ("/train-care/stopped-is-tidy", test_stopped_is_tidy);
  g_test_add_func ("/train-care/counts-setbacks", test_counts_setbacks);
  g_test_add_func ("/train-care/diverges", test_diverges);
  engine = tsr_engine_new (NULL);
  int status = g_test_run ();
  tsr_engine_free (engine);
  return status;
}
