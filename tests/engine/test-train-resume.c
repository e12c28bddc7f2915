/* A training that is interrupted and resumed gives the numbers of one that was not; bad checkpoints
 * are refused in a sentence. */

#include "trainer-fixture.h"
#include "tsr-device.h"
#include "tsr-error.h"
#include "tsr-model-file.h"

#include <glib/gstdio.h>
#include <unistd.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE = TRAINER_FIXTURE_IMAGE, TILES = 12 };

static TsrDevice *device;

static TsrTrainer *
make (const TsrModelConfig *model, uint64_t seed, bool encoder_only)
{
  TsrTrainerSettings s = tsr_trainer_settings_default (model, 4);
  s.seed = seed;
  s.encoder_only = encoder_only;
  return trainer_fixture_new_noise (device, &s, TILES);
}

/* 21 steps at once, or cut at any place, lazy steps included: bit for bit the same. */
static void
test_exact (void)
{
  GError *error = NULL;
  TsrModelConfig model = trainer_fixture_model (4);
  g_autofree char *path = trainer_fixture_path ();
  g_autoptr (TsrTrainer) whole = make (&model, 5, false);
  trainer_fixture_steps (whole, 21);
  static const int cuts[] = {1, 4, 16, 17};
  for (size_t k = 0; k < G_N_ELEMENTS (cuts); k++) {
    g_autoptr (TsrTrainer) first = make (&model, 5, false);
    trainer_fixture_steps (first, cuts[k]);
    tsr_trainer_save (first, path, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (TsrTrainer) second =
        make (&model, 99, false); /* the seed comes from the checkpoint */
    tsr_trainer_load (second, path, true, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (tsr_trainer_steps (second), ==, (guint)cuts[k]);
    trainer_fixture_steps (second, 21 - cuts[k]);
    trainer_fixture_assert_same (whole, second, false);
    trainer_fixture_assert_same (whole, second, true);
  }
  trainer_fixture_remove (path);
}

/* Other seeds give other numbers: the check above can fail. */
static void
test_seed (void)
{
  TsrModelConfig model = trainer_fixture_model (4);
  g_autoptr (TsrTrainer) a = make (&model, 5, false), b = make (&model, 6, false);
  trainer_fixture_steps (a, 2);
  trainer_fixture_steps (b, 2);
  size_t n;
  g_autofree float *x = trainer_fixture_weights (a, TSR_NET_G, false, &n),
                   *y = trainer_fixture_weights (b, TSR_NET_G, false, &n);
  g_assert_true (memcmp (x, y, n * sizeof (float)) != 0);
}

static TsrTrainer *
make_reconstructing (bool reconstructing, float beta)
{
  TsrModelConfig model = trainer_fixture_model (4);
  TsrTrainerSettings s = tsr_trainer_settings_default (&model, 4);
  s.seed = 5;
  s.beta = beta;
  s.reconstructing = reconstructing;
  return trainer_fixture_new_noise (device, &s, TILES);
}

/* The reconstruction's gradient reaches the generator where that is asked for: it gives the tiles
 * back better, and the same step after step when resumed. */
static void
test_reconstructing (void)
{
  GError *error = NULL;
  g_autofree char *path = trainer_fixture_path ();
  g_autoptr (TsrTrainer)
      without = make_reconstructing (false, 50),
      with = make_reconstructing (true, 50), resumed = make_reconstructing (true, 50),
      idle = make_reconstructing (true, 0), plain = make_reconstructing (false, 0);
  TsrTrainerStats a, b;
  trainer_fixture_steps (without, 60);
  tsr_trainer_take_stats (without, &a, &error);
  trainer_fixture_steps (with, 7);
  tsr_trainer_save (with, path, NULL, &error);
  g_assert_no_error (error);
  tsr_trainer_load (resumed, path, true, &error);
  g_assert_no_error (error);
  trainer_fixture_steps (with, 53);
  trainer_fixture_steps (resumed, 53);
  trainer_fixture_assert_same (with, resumed, false);
  tsr_trainer_take_stats (with, &b, &error);
  g_assert_no_error (error);
  g_test_message ("mean squared error %.3g without, %.3g with", a.loss_mse, b.loss_mse);
  g_assert_cmpfloat (b.loss_mse, <, 0.95 * a.loss_mse);
  trainer_fixture_steps (idle, 5);
  trainer_fixture_steps (plain, 5);
  g_assert_cmpfloat (trainer_fixture_distance (idle, plain, TSR_NET_G), <, 1e-5);
  trainer_fixture_remove (path);
}

static TsrTrainerSettings
latent_settings (TsrLatent latent, uint64_t seed)
{
  TsrModelConfig model = trainer_fixture_model (4);
  model.w_dim = 12; /* so that vectors of the two spaces cannot be mistaken */
  model.latent = latent;
  TsrTrainerSettings s = tsr_trainer_settings_default (&model, 4);
  s.seed = seed;
  return s;
}

static TsrTrainer *
make_latent (TsrLatent latent, uint64_t seed)
{
  TsrTrainerSettings s = latent_settings (latent, seed);
  return trainer_fixture_new_noise (device, &s, TILES);
}

/* An encoder of Z is resumed exactly, known for what it is by its file, and not taken for one of W.
 */
static void
test_latent (void)
{
  GError *error = NULL;
  g_autofree char *path = trainer_fixture_path ();
  g_autoptr (TsrTrainer) whole = make_latent (TSR_LATENT_Z, 5);
  trainer_fixture_steps (whole, 9);
  g_autoptr (TsrTrainer) first = make_latent (TSR_LATENT_Z, 5);
  trainer_fixture_steps (first, 4);
  tsr_trainer_save (first, path, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (TsrTrainer) second = make_latent (TSR_LATENT_Z, 99);
  tsr_trainer_load (second, path, true, &error);
  g_assert_no_error (error);
  trainer_fixture_steps (second, 5);
  trainer_fixture_assert_same (whole, second, false);
  trainer_fixture_assert_same (whole, second, true);

  TsrModelConfig found;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  tsr_model_config_read (file, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpint (found.latent, ==, TSR_LATENT_Z);
  g_assert_cmpint (tsr_model_latent_dim (&found), ==, 8);
  g_assert_cmpstr (tsr_safetensors_metadata (file, TSR_MODEL_LATENT), ==, "z");

  g_autoptr (TsrTrainer) other = make_latent (TSR_LATENT_W, 7),
                         fresh = make_latent (TSR_LATENT_W, 7);
  tsr_trainer_load (other, path, true, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_trainer_steps (other), ==, 0);
  g_assert_cmpfloat (trainer_fixture_distance (other, fresh, TSR_NET_E), ==, 0);
  g_assert_cmpfloat (trainer_fixture_distance (other, first, TSR_NET_D), ==, 0);
  trainer_fixture_remove (path);
}

/* The share of the mapping network's first weights that one step of G moves elsewhere once real
 * tiles are given back. Adam's first step is of one length: what differs is its direction. */
static double
mapping_moved (TsrLatent latent)
{
  GError *error = NULL;
  enum { N = 12 * 8 };
  float moved[2][N];
  for (int k = 0; k < 2; k++) {
    TsrTrainerSettings s = latent_settings (latent, 5);
    s.beta = 50;
    s.reconstructing = k;
    s.pl_weight = 0; /* a step that would begin from moved weights */
    g_autoptr (TsrTrainer) trainer = trainer_fixture_new_noise (device, &s, TILES);
    trainer_fixture_steps (trainer, 1);
    TsrWeights *weights = tsr_trainer_weights (trainer, TSR_NET_G, false);
    tsr_buffer_read (tsr_weights_find (weights, "G.mapping.fc0.weight"), 0, moved[k],
                     sizeof moved[k], &error);
    g_assert_no_error (error);
  }
  unsigned differ = 0;
  for (int j = 0; j < N; j++)
    differ += fabsf (moved[0][j] - moved[1][j]) > 0.001f;
  return (double)differ / N;
}

/* The reconstruction reaches the mapping network only by way of Z, and only in G's step. */
static void
test_latent_reconstructing (void)
{
  g_assert_cmpfloat (mapping_moved (TSR_LATENT_W), <, 0.05);
  g_assert_cmpfloat (mapping_moved (TSR_LATENT_Z), >, 0.2);
}

static void
test_stats_and_previews (void)
{
  GError *error = NULL;
  TsrModelConfig model = trainer_fixture_model (4);
  g_autoptr (TsrTrainer) trainer = make (&model, 1, false);
  TsrTrainerStats stats;
  trainer_fixture_steps (trainer, 3);
  tsr_trainer_take_stats (trainer, &stats, &error);
  g_assert_no_error (error);
  const double values[] = {stats.loss_g,  stats.loss_d,   stats.loss_r1,
                           stats.loss_pl, stats.loss_nll, stats.loss_mse};
  for (size_t k = 0; k < G_N_ELEMENTS (values); k++)
    g_assert_true (isfinite (values[k]));
  g_assert_cmpfloat (fabs (stats.real_sign), <=, 1);
  tsr_trainer_take_stats (trainer, &stats, &error);
  g_assert_true (isnan (stats.loss_g)); /* nothing has run since */
  static uint8_t pixels[20 * IMAGE], again[20 * IMAGE];
  g_assert_true (tsr_trainer_sample (trainer, 20, 0.7f, pixels, &error));
  g_assert_true (tsr_trainer_sample (trainer, 20, 0.7f, again, &error));
  g_assert_cmpmem (pixels, sizeof pixels, again, sizeof again);
  g_assert_true (memcmp (pixels, pixels + 16 * IMAGE, IMAGE) != 0);
  g_assert_true (tsr_trainer_reconstruct (trainer, 20, pixels, again, &error));
}

/* E against a frozen G: G keeps its weights, E moves; an exported model without optimiser state is
 * a start. */
static void
test_encoder_only (void)
{
  GError *error = NULL;
  TsrModelConfig model = trainer_fixture_model (4), none = trainer_fixture_model (-1);
  g_autofree char *path = trainer_fixture_path ();
  g_autoptr (TsrTrainer) plain = make (&none, 2, false);
  trainer_fixture_steps (plain, 2);
  tsr_trainer_export (plain, path, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (TsrTrainer) trainer = make (&model, 3, true);
  tsr_trainer_load (trainer, path, true, &error);
  g_assert_no_error (error);
  size_t n, m;
  g_autofree float *g_before = trainer_fixture_weights (trainer, TSR_NET_G, false, &n),
                   *e_before = trainer_fixture_weights (trainer, TSR_NET_E, false, &m);
  trainer_fixture_steps (trainer, 2);
  g_autofree float *g_after = trainer_fixture_weights (trainer, TSR_NET_G, false, &n),
                   *e_after = trainer_fixture_weights (trainer, TSR_NET_E, false, &m);
  g_assert_cmpmem (g_before, n * sizeof (float), g_after, n * sizeof (float));
  g_assert_true (memcmp (e_before, e_after, m * sizeof (float)) != 0);
  g_autofree float *averaged = trainer_fixture_weights (plain, TSR_NET_G, true, &n);
  g_assert_cmpmem (g_before, n * sizeof (float), averaged, n * sizeof (float));
  trainer_fixture_remove (path);
}

static void
test_refused (void)
{
  GError *error = NULL;
  TsrModelConfig model = trainer_fixture_model (4), other = trainer_fixture_model (4);
  g_autofree char *path = trainer_fixture_path ();
  other.w_dim = other.z_dim = 12;
  g_autoptr (TsrTrainer) trainer = make (&model, 1, false), wider = make (&other, 1, false);
  tsr_trainer_save (trainer, path, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (tsr_trainer_load (wider, path, true, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);
  g_assert_cmpint (truncate (path, 1000), ==, 0);
  g_assert_false (tsr_trainer_load (trainer, path, true, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_unlink (path);
  g_assert_false (tsr_trainer_load (trainer, path, true, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  trainer_fixture_remove (path);
}

/* The configuration of a file without metadata is found from its shapes. */
static void
test_inferred (void)
{
  GError *error = NULL;
  static const int cuts[] = {-1, 0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t k = 0; k < G_N_ELEMENTS (cuts); k++) {
    TsrModelConfig model = trainer_fixture_model (cuts[k]), found;
    g_autofree char *path = trainer_fixture_path (), *bare = g_strconcat (path, ".bare", NULL);
    g_autoptr (TsrTrainer) trainer = make (&model, 1, false);
    tsr_trainer_export (trainer, path, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
    g_autofree TsrTensorInfo *tensors = g_new (TsrTensorInfo, tsr_safetensors_count (file));
    for (size_t j = 0; j < tsr_safetensors_count (file); j++)
      tensors[j] = *tsr_safetensors_at (file, j);
    tsr_safetensors_write (bare, tensors, tsr_safetensors_count (file), NULL, &error);
    g_assert_no_error (error);
    g_autoptr (TsrSafetensors) without = tsr_safetensors_open (bare, &error);
    tsr_model_config_read (without, &found, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (&found, sizeof found, &model, sizeof model);
    g_unlink (bare);
    trainer_fixture_remove (path);
  }
}

static TsrTrainer *
try_batch (int batch, GError **error)
{
  TsrModelConfig model = trainer_fixture_model (4);
  TsrTrainerSettings s = tsr_trainer_settings_default (&model, batch);
  TsrTrainer *trainer = tsr_trainer_new (device, &s, NULL, 0, error);
  if (!trainer)
    tsr_trainer_advise (device, &s, error);
  return trainer;
}

/* What a refusal advises: it fits, and a group of tiles more does not. 0: no batch does. */
static int
advised (int batch)
{
  g_autoptr (GError) error = NULL, too_much = NULL;
  g_assert_null (try_batch (batch, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MEMORY);
  static const char phrase[] = "a batch of at most ";
  const char *at = strstr (error->message, phrase);
  int most = at ? atoi (at + strlen (phrase)) : 0;
  if (most > 0)
    tsr_trainer_free (try_batch (most, &too_much));
  g_assert_no_error (too_much);
  if (most + 4 < batch)
    g_assert_null (try_batch (most + 4, &too_much));
  return most;
}

/* What is said at the beginning is what is taken, lazy steps and previews included; and a batch
 * that does not fit is refused with the largest that does. */
static void
test_memory (void)
{
  GError *error = NULL;
  TsrModelConfig model = trainer_fixture_model (4);
  size_t said, now, peak;
  {
    g_autoptr (TsrTrainer) trainer = make (&model, 1, false);
    said = tsr_trainer_memory (trainer);
    trainer_fixture_steps (trainer, 18);
    uint8_t pixels[IMAGE];
    g_assert_true (tsr_trainer_sample (trainer, 1, 1, pixels, &error));
    g_assert_true (tsr_trainer_reconstruct (trainer, 1, pixels, pixels, &error));
    tsr_device_memory (device, &now, &peak);
    g_assert_cmpuint (now, ==, said);
    g_assert_cmpuint (tsr_trainer_memory (trainer), ==, said);
  }
  tsr_device_memory (device, &now, NULL);
  g_assert_cmpuint (now, ==, 0);
  size_t large = 0;
  {
    g_autoptr (TsrTrainer) trainer = try_batch (32, &error);
    g_assert_no_error (error);
    large = tsr_trainer_memory (trainer);
  }
  for (int tenths = 9, former = 32; tenths > 0; tenths -= 2) {
    tsr_device_limit_memory (device, large / 10 * (size_t)tenths);
    int most = advised (32);
    g_assert_cmpint (most, <=, former);
    former = most;
  }
  tsr_device_limit_memory (device, large / 10);
  g_assert_cmpint (advised (32), ==, 0);
  tsr_device_limit_memory (device, large / 2);
  int batch = advised (32);
  g_assert_cmpint (batch, >=, 8);
  g_assert_cmpint (batch, <=, 16);
  g_autoptr (TsrTrainer) smaller = try_batch (batch, &error);
  g_assert_no_error (error);
  trainer_fixture_steps (smaller, 2);
  tsr_device_limit_memory (device, 0);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/train/resume-exact", test_exact);
  g_test_add_func ("/train/seed", test_seed);
  g_test_add_func ("/train/reconstructing", test_reconstructing);
  g_test_add_func ("/train/latent", test_latent);
  g_test_add_func ("/train/latent-reconstructing", test_latent_reconstructing);
  g_test_add_func ("/train/stats-and-previews", test_stats_and_previews);
  g_test_add_func ("/train/encoder-only", test_encoder_only);
  g_test_add_func ("/train/refused", test_refused);
  g_test_add_func ("/train/inferred", test_inferred);
  g_test_add_func ("/train/memory", test_memory);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
