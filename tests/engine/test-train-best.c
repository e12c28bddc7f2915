/* The state of a training that becomes the model: it is the one that was best by what the training
 * measured, whole, and the training goes on from its last state all the same. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-model-file.h"
#include "tsr-train-best.h"
#include "tsr-watch.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static TsrEngine *engine;

/* Steps so large that the last state is not the best, and not so large that the losses run away:
 * when that is noticed is a matter of the clock, and what is gone on from too. */
static TsrTrainJob
hasty (char *path, double kimg)
{
  TsrTrainJob job = fixture_small_training (path, kimg);
  job.options.learning_rate = 0.03;
  return job;
}

static TsrTrainJob
choosing (char *path, double kimg)
{
  TsrTrainJob job = hasty (path, kimg);
  job.options.choose = "reconstruction";
  job.checkpoint_s = 1e-6; /* after every step */
  return job;
}

static char *
beside (const char *project, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (project);
  return g_build_filename (folder, name, NULL);
}

/* Where the curve is lowest for the first time. */
static double
lowest (const char *path, unsigned *values)
{
  g_autoptr (GArray) curve = fixture_curve (path, TSR_SERIES_UNEXPLAINED);
  double kimg = 0, least = INFINITY;
  for (guint k = 0; k < curve->len; k++) {
    const TsrMeasure *measure = &g_array_index (curve, TsrMeasure, k);
    if (measure->value < least) {
      least = measure->value;
      kimg = measure->kimg;
    }
  }
  *values = curve->len;
  return kimg;
}

/* The weights of a training that ended there, which chose nothing. */
static void
test_chosen (void)
{
  g_autofree char *path = fixture_project (5, true), *other = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  unsigned values;
  TsrTrainJob job = choosing (path, 0.4);
  fixture_train (engine, &job);
  double kimg = lowest (path, &values);
  g_test_message ("chosen: %g kimg of 0.4", kimg);
  g_assert_cmpuint (values, >=, 50);
  g_assert_cmpfloat (kimg, >, 0);
  g_assert_cmpfloat (kimg, <, 0.4);
  g_assert_cmpfloat_with_epsilon (job.chosen_kimg, kimg, 1e-9);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);

  g_autofree char *model = fixture_model (path), *best = beside (path, "p.model.best.safetensors"),
                  *checkpoint = beside (path, "p.model.safetensors"),
                  *found = tsr_train_best_checkpoint (model, &error);
  g_assert_cmpstr (model, ==, best);
  g_assert_cmpstr (found, ==, checkpoint);
  g_assert_cmpfloat (fixture_number (checkpoint, "trained_images"), ==, 400);
  g_assert_cmpfloat (fixture_number (checkpoint, "train.setbacks"), ==, 0);
  g_assert_cmpfloat_with_epsilon (fixture_number (best, "trained_images"), 1000 * kimg, 1e-6);

  job = hasty (other, kimg);
  fixture_train (engine, &job);
  g_assert_cmpfloat (job.chosen_kimg, ==, 0);
  g_autofree char *last = fixture_model (other), *slim = g_strconcat (last, ".slim", NULL),
                  *none = beside (other, "p.model.best.safetensors");
  g_assert_true (g_str_has_suffix (last, "/p.model.safetensors"));
  g_assert_false (g_file_test (none, G_FILE_TEST_EXISTS));
  tsr_model_export (last, slim, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture_differing (best, slim, ""), ==, 0);
  g_assert_false (tsr_model_export (best, checkpoint, &error)); /* more than an export has */
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_cmpfloat (fixture_number (checkpoint, "trained_images"), ==, 400);
  g_assert_cmpuint (fixture_differing (slim, best, ""), ==, 0);
}

/* Cut and resumed, with nothing said: the same two files. */
static void
test_resumed (void)
{
  g_autofree char *whole = fixture_project (5, true), *cut = fixture_project (5, true);
  TsrTrainJob job = choosing (whole, 0.4);
  fixture_train (engine, &job);
  double chosen = job.chosen_kimg;
  job = choosing (cut, 0.2);
  fixture_train (engine, &job);
  job = fixture_resumption (cut, 0.4);
  job.checkpoint_s = 1e-6;
  fixture_train (engine, &job);
  g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);
  g_assert_cmpfloat (chosen, >, 0);
  static const char *const names[] = {"p.model.safetensors", "p.model.best.safetensors"};
  for (size_t k = 0; k < G_N_ELEMENTS (names); k++) {
    g_autofree char *a = beside (whole, names[k]), *b = beside (cut, names[k]);
    if (k == 0)
      g_assert_cmpfloat (fixture_number (a, "train.setbacks"), ==, 0);
    g_assert_cmpuint (fixture_differing (a, b, ""), ==, 0);
  }
  g_autofree char *model = fixture_model (cut);
  g_assert_true (g_str_has_suffix (model, "/p.model.best.safetensors"));

  /* Chosen no longer: the last state is the model from then on. */
  job = fixture_resumption (cut, 0.45);
  job.options.choose = "last";
  fixture_train (engine, &job);
  g_autofree char *last = fixture_model (cut);
  g_assert_true (g_str_has_suffix (last, "/p.model.safetensors"));
}

/* A chosen state embeds; without its checkpoint it is not gone on with, nor is it written over. */
static void
test_alone (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = choosing (path, 0.1);
  fixture_train (engine, &job);
  g_autofree char *checkpoint = beside (path, "p.model.safetensors"), *best = fixture_model (path),
                  *before = NULL, *after = NULL;
  gsize n, m;
  g_assert_cmpint (g_unlink (checkpoint), ==, 0);
  g_assert_true (g_file_get_contents (best, &before, &n, NULL));

  TsrEmbedJob embed = {.project = path};
  g_assert_true (
      tsr_engine_run (engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &embed, NULL, &error));
  g_assert_cmpuint (embed.embedded, ==, 40);
  job = fixture_resumption (path, 0.2);
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_assert_nonnull (strstr (error->message, "“p.model.safetensors” is no longer beside it"));
  g_clear_error (&error);

  job = choosing (path, 0.05);
  fixture_train (engine, &job);
  g_autofree char *second = fixture_model (path);
  g_assert_true (g_str_has_suffix (second, "/p.model-2.best.safetensors"));
  g_assert_true (g_file_get_contents (best, &after, &m, NULL));
  g_assert_cmpmem (before, n, after, m);
}

static int
alike_later (double kimg)
{
  return kimg > 0.1 ? TSR_WATCH_COLLAPSED : TSR_WATCH_GOOD;
}

/* A training that fails leaves the chosen state, which was looked at and found good. */
static void
test_given_up (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = choosing (path, 0.4);
  job.pretend = alike_later;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_autofree char *model = fixture_model (path);
  g_assert_true (g_str_has_suffix (model, "/p.model.best.safetensors"));
  g_assert_cmpfloat (fixture_number (model, "trained_images"), <=, 100);
  g_assert_cmpfloat_with_epsilon (fixture_number (model, "trained_images"), 1000 * job.chosen_kimg,
                                  1e-6);
}

/* A measure that is not known, or no less, chooses nothing; a file that is no state of this
 * checkpoint is none to beat. */
static void
test_offered (void)
{
  static const double offers[] = {NAN, INFINITY, 0.5, 0.5, 0.6, NAN, 0.4};
  static const unsigned written[] = {0, 0, 1, 1, 1, 1, 2};
  g_autofree char *path = fixture_project (5, true), *model = beside (path, "q.safetensors"),
                  *best = tsr_train_best_name (model);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrTrainBest) none = tsr_train_best_new (model, true);
  g_assert_null (tsr_train_best_path (none));
  g_assert_true (g_str_has_suffix (best, "/q.best.safetensors"));
  TsrDevice *device = tsr_device_open (NULL, &error);
  TsrModelConfig config = {.resolution = 16,
                           .channels = 3,
                           .z_dim = 8,
                           .w_dim = 8,
                           .channel_base = 64,
                           .channel_max = 8,
                           .mapping_layers = 1,
                           .shared_layers = 4,
                           .mbstd_group = 4};
  TsrTrainerSettings settings = tsr_trainer_settings_default (&config, 4);
  {
    g_autoptr (TsrTrainer) trainer = tsr_trainer_new (device, &settings, NULL, 0, &error);
    g_assert_no_error (error);
    g_autoptr (TsrTrainBest) self = tsr_train_best_new (model, false);
    unsigned times = 0;
    for (size_t k = 0; k < G_N_ELEMENTS (offers); k++) {
      g_unlink (best);
      g_assert_true (tsr_train_best_offer (self, trainer, offers[k], &error));
      times += g_file_test (best, G_FILE_TEST_EXISTS);
      g_assert_cmpuint (times, ==, written[k]);
      g_assert_cmpint (tsr_train_best_path (self) != NULL, ==, times > 0);
    }
    g_autoptr (TsrTrainBest) again = tsr_train_best_new (model, true);
    g_assert_cmpstr (tsr_train_best_path (again), ==, best);
    g_unlink (best);
    g_assert_true (tsr_train_best_offer (again, trainer, 0.4, &error));
    g_assert_false (g_file_test (best, G_FILE_TEST_EXISTS));
    g_assert_true (tsr_train_best_offer (again, trainer, 0.3, &error));
    g_autofree char *elsewhere = beside (path, "r.safetensors"),
                    *moved = tsr_train_best_name (elsewhere);
    g_assert_cmpint (g_rename (best, moved), ==, 0);
    g_autoptr (TsrTrainBest) other = tsr_train_best_new (elsewhere, true);
    g_assert_null (tsr_train_best_path (other));
  }
  tsr_device_close (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train-best/offered", test_offered);
  engine = tsr_engine_new (NULL);
  g_test_add_func ("/train-best/chosen", test_chosen);
  g_test_add_func ("/train-best/resumed", test_resumed);
  g_test_add_func ("/train-best/alone", test_alone);
  g_test_add_func ("/train-best/given-up", test_given_up);
  int status = g_test_run ();
  tsr_engine_free (engine);
  return status;
}
