/* Trainings whose networks are spoilt on the way: what is found by what the job looks at itself,
 * what it says, and what it leaves. The verdicts themselves are held in test-watch.c, going back in
 * test-train-care.c. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-safetensors.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static TsrEngine *engine;

/* All of a tensor, or its average. */
static void
fill_tensor (TsrTrainer *trainer, TsrNet net, bool averaged, const char *name, float value,
             bool multiply)
{
  g_autoptr (GError) error = NULL;
  TsrBuffer *tensor = tsr_weights_find (tsr_trainer_weights (trainer, net, averaged), name);
  g_assert_nonnull (tensor);
  size_t n = tensor->bytes / sizeof (float);
  g_autofree float *values = g_new (float, n);
  tsr_buffer_read (tensor, 0, values, tensor->bytes, &error);
  for (size_t k = 0; k < n; k++)
    values[k] = multiply ? values[k] * value : value;
  tsr_buffer_write (tensor, 0, values, tensor->bytes, &error);
  g_assert_no_error (error);
}

enum { ALWAYS = 1000000 };

static int faults_left;

/* From 0.1 kimg on, as often as faults_left says. */
static bool
is_time (double kimg)
{
  return kimg > 0.1 && faults_left > 0 && faults_left-- > 0;
}

static void
make_nan (TsrTrainer *trainer, double kimg)
{
  if (is_time (kimg))
    fill_tensor (trainer, TSR_NET_G, false, "G.synthesis.b4.const", (float)NAN, false);
}

static void
make_logits_large (TsrTrainer *trainer, double kimg)
{
  if (is_time (kimg))
    fill_tensor (trainer, TSR_NET_D, false, "D.b4.out.weight", 1e5f, true);
}

/* Colours that differ enough at first, none at all later; beside the average nothing is touched,
 * so that the next step does not mend it. */
static void
make_alike (TsrTrainer *trainer, double kimg)
{
  if (kimg < 0.02)
    fill_tensor (trainer, TSR_NET_G, true, "G.synthesis.b16.torgb.weight", 30, true);
  if (is_time (kimg))
    for (int r = 4; r <= 16; r *= 2) {
      g_autofree char *name = g_strdup_printf ("G.synthesis.b%d.torgb.weight", r);
      fill_tensor (trainer, TSR_NET_G, true, name, 0, false);
    }
}

static void
run_spoilt (void (*meddle) (TsrTrainer *, double), int faults, const char *reason)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  FixtureHeard heard = {NULL, 0};
  TsrTrainJob job = fixture_small_training (path, 0.4);
  job.meddle = meddle;
  faults_left = faults;
  bool ok = fixture_run_heard (engine, &job, &heard, &error);
  g_assert_nonnull (heard.message);
  g_test_message ("%d faults: %s | %s", faults, heard.message,
                  error ? error->message : "ended well");
  g_assert_nonnull (strstr (heard.message, reason));
  g_assert_true (g_str_has_prefix (heard.message, "After "));
  g_autofree char *which = g_strdup_printf ("(change %d of 3).", MIN (faults, 3));
  g_assert_true (g_str_has_suffix (heard.message, which));
  g_assert_null (strstr (heard.message, ". ")); /* one sentence */
  g_assert_cmpint (faults_left == 0, ==, faults < ALWAYS);
  if (faults <= 3) {
    g_assert_no_error (error);
    g_assert_true (ok && job.kept);
    g_assert_cmpfloat_with_epsilon (job.kimg, 0.4, 1e-9);
  } else {
    g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
    g_assert_nonnull (strstr (error->message, reason));
    g_assert_nonnull (strstr (error->message, "3 times"));
    g_assert_true (job.kept);
  }
  g_autofree char *model = fixture_model (path);
  g_assert_nonnull (model);
  g_assert_cmpfloat (fixture_number (model, "trained_images"), >, 0);
  g_free (heard.message);
}

static void
test_finds_nan (void)
{
  run_spoilt (make_nan, 1, "a weight was no longer a finite number");
  run_spoilt (make_nan, ALWAYS, "a weight was no longer a finite number");
}

static GCancellable *stopping;

static void
make_nan_and_stop (TsrTrainer *trainer, double kimg)
{
  if (is_time (kimg)) {
    fill_tensor (trainer, TSR_NET_G, false, "G.synthesis.b4.const", (float)NAN, false);
    g_cancellable_cancel (stopping);
  }
}

/* Stopped before the fault was found: the state before it stays, whole. */
static void
test_stopped_spoilt (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  stopping = g_cancellable_new ();
  TsrTrainJob job = fixture_small_training (path, 0.4);
  job.meddle = make_nan_and_stop;
  job.checkpoint_s = 1e-6;
  faults_left = 1;
  g_assert_false (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, stopping, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (job.kept);
  g_clear_error (&error);
  g_autofree char *model = fixture_model (path);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  float values[4096];
  const TsrTensorInfo *tensor = tsr_safetensors_find (file, "G.synthesis.b4.const");
  size_t n = tsr_tensor_count (tensor);
  g_assert_cmpuint (n, <=, G_N_ELEMENTS (values));
  g_assert_true (tsr_safetensors_read_f32 (file, tensor->name, values, n, &error));
  for (size_t k = 0; k < n; k++)
    g_assert_true (isfinite (values[k]));
  g_clear_object (&stopping);
}

static void
test_finds_runaway (void)
{
  run_spoilt (make_logits_large, 1, "the losses ran away");
  run_spoilt (make_logits_large, ALWAYS, "the losses ran away");
}

static void
test_finds_alike (void)
{
  run_spoilt (make_alike, 1, "the generated tiles all looked alike");
  run_spoilt (make_alike, ALWAYS, "the generated tiles all looked alike");
}

/* A file's tensors and metadata with another value of one key. */
static void
rewrite_metadata (const char *path, const char *key, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_strconcat (path, ".other", NULL);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  g_assert_no_error (error);
  size_t n = tsr_safetensors_count (file);
  g_autofree TsrTensorInfo *tensors = g_new (TsrTensorInfo, n);
  for (size_t k = 0; k < n; k++)
    tensors[k] = *tsr_safetensors_at (file, k);
  g_auto (GStrv) pairs = g_strdupv ((char **)tsr_safetensors_metadata_pairs (file));
  for (char **pair = pairs; *pair; pair += 2)
    if (strcmp (pair[0], key) == 0) {
      g_free (pair[1]);
      pair[1] = g_strdup (value);
    }
  tsr_safetensors_write (other, tensors, n, (const char *const *)pairs, &error);
  g_assert_no_error (error);
  g_clear_pointer (&file, tsr_safetensors_free);
  g_assert_cmpint (g_rename (other, path), ==, 0);
}

/* An encoder that after 30 kimg still says nothing of its tile. */
static void
test_finds_stuck (void)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  TsrTrainJob job = fixture_small_training (path, 0.1);
  fixture_train (engine, &job);
  g_autofree char *model = fixture_model (path);
  rewrite_metadata (model, "trained_images", "30000");
  FixtureHeard heard = {NULL, 0};
  job = fixture_resumption (path, 30.2);
  g_assert_false (fixture_run_heard (engine, &job, &heard, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DIVERGED);
  g_assert_nonnull (
      strstr (error->message, "the reconstructions did not come to resemble their tiles"));
  g_assert_nonnull (
      strstr (heard.message, "the reconstructions did not come to resemble their tiles"));
  g_assert_true (g_str_has_suffix (heard.message, "(change 3 of 3)."));
  g_assert_true (job.kept);
  g_free (heard.message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train-faults/nan", test_finds_nan);
  g_test_add_func ("/train-faults/stopped", test_stopped_spoilt);
  g_test_add_func ("/train-faults/runaway", test_finds_runaway);
  g_test_add_func ("/train-faults/alike", test_finds_alike);
  g_test_add_func ("/train-faults/stuck", test_finds_stuck);
  engine = tsr_engine_new (NULL);
  int status = g_test_run ();
  tsr_engine_free (engine);
  return status;
}
