/* The encoder's average: how it follows the weights, what a checkpoint keeps of it, and which of
 * both reads. */

#include "trainer-fixture.h"
#include "tsr-device.h"
#include "tsr-embedder.h"
#include "tsr-error.h"
#include "tsr-model-file.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { BATCH = 4, TILES = 12 };

static TsrDevice *device;

static TsrTrainer *
make (float kimg, float rampup)
{
  TsrTrainerSettings s = trainer_fixture_settings (BATCH);
  s.seed = 5;
  s.encoder_ema_kimg = kimg;
  s.ema_rampup = rampup;
  return trainer_fixture_new_noise (device, &s, TILES);
}

static char *
save (TsrTrainer *trainer, const char *path, const char *suffix)
{
  GError *error = NULL;
  char *to = g_strconcat (path, suffix, NULL);
  tsr_trainer_save (trainer, to, NULL, &error);
  g_assert_no_error (error);
  return to;
}

/* ---- what it is ---- */

/* Norm of the difference over norm of what the average is away from the newest weights. */
static double
strays (TsrTrainer *trainer, TsrNet net, const double *reference)
{
  size_t n;
  g_autofree float *average = trainer_fixture_weights (trainer, net, true, &n),
                   *newest = trainer_fixture_weights (trainer, net, false, &n);
  double difference = 0, away = 0;
  for (size_t k = 0; k < n; k++) {
    difference += pow ((double)average[k] - reference[k], 2);
    away += pow ((double)newest[k] - reference[k], 2);
  }
  g_assert_cmpfloat (away, >, 0);
  return sqrt (difference / away);
}

static void
follow (TsrTrainer *trainer, TsrNet net, double *reference, double keep)
{
  size_t n;
  g_autofree float *newest = trainer_fixture_weights (trainer, net, false, &n);
  for (size_t k = 0; k < n; k++)
    reference[k] = (double)newest[k] + keep * (reference[k] - (double)newest[k]);
}

static double *
begin (TsrTrainer *trainer, TsrNet net)
{
  size_t n;
  g_autofree float *newest = trainer_fixture_weights (trainer, net, false, &n);
  double *reference = g_new (double, n);
  for (size_t k = 0; k < n; k++)
    reference[k] = (double)newest[k];
  return reference;
}

/* Against the definition in double precision: half of what was there is left after a half-life,
 * which is at most a share of what has been shown. G keeps a half-life of its own. */
static void
test_followed (void)
{
  static const struct {
    float kimg, rampup;
  } cases[] = {{0.02f, 0}, {0.02f, 0.5f}, {10, 0}, {10, 0.05f}};
  static const TsrNet nets[] = {TSR_NET_G, TSR_NET_D, TSR_NET_E};
  for (size_t c = 0; c < G_N_ELEMENTS (cases); c++) {
    g_autoptr (TsrTrainer) trainer = make (cases[c].kimg, cases[c].rampup);
    double *reference[G_N_ELEMENTS (nets)];
    for (size_t k = 0; k < G_N_ELEMENTS (nets); k++)
      reference[k] = begin (trainer, nets[k]);
    for (int step = 1; step <= 20; step++) {
      trainer_fixture_steps (trainer, 1);
      for (size_t k = 0; k < G_N_ELEMENTS (nets); k++) {
        double half_life = 1000 * (nets[k] == TSR_NET_G ? 10 : (double)cases[c].kimg);
        if (cases[c].rampup > 0)
          half_life = fmin (half_life, step * BATCH * (double)cases[c].rampup);
        follow (trainer, nets[k], reference[k], pow (0.5, BATCH / half_life));
      }
    }
    for (size_t k = 0; k < G_N_ELEMENTS (nets); k++) {
      double error = strays (trainer, nets[k], reference[k]);
      g_test_message ("half-life %g, ramp-up %g, network %d: %.2g", (double)cases[c].kimg,
                      (double)cases[c].rampup, nets[k], error);
      /* A step moves a weight by 0.002, an average of one step stays no further away: f32 resolves
       * 1e-7 of weights of size 1, which is 5e-5 of that, and 8e-6 of the mapping's of size 100. */
      g_assert_cmpfloat (error, <, nets[k] == TSR_NET_G ? 1e-2 : 1e-3);
      g_free (reference[k]);
    }
  }
}

/* It is looked at and never looks back: what is trained is the same with any and without. */
static void
test_aside (void)
{
  g_autoptr (TsrTrainer) with = make (10, 0.05f), other = make (0.02f, 0.05f),
                         without = make (0, 0);
  trainer_fixture_steps (with, 6);
  trainer_fixture_steps (other, 6);
  trainer_fixture_steps (without, 6);
  trainer_fixture_assert_same (with, other, false);
  trainer_fixture_assert_same (with, without, false);
}

/* ---- on disk ---- */

static unsigned
count_behind (const char *path, const char *prefix)
{
  GError *error = NULL;
  unsigned n = 0;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  g_assert_no_error (error);
  for (size_t k = 0; k < tsr_safetensors_count (file); k++)
    n += g_str_has_prefix (tsr_safetensors_at (file, k)->name, prefix);
  return n;
}

static TsrTrainer *
resumed (const char *path, float kimg)
{
  GError *error = NULL;
  TsrTrainer *trainer = make (kimg, 0.05f);
  tsr_trainer_load (trainer, path, true, &error);
  g_assert_no_error (error);
  return trainer;
}

/* With an average and without, a training that is cut is the one that was not; a checkpoint without
 * begins one where it is asked for, at the weights of then. */
static void
test_resumed (void)
{
  g_autofree char *path = trainer_fixture_path ();
  for (int k = 0; k < 2; k++) {
    float kimg = k ? 3 : 0;
    g_autoptr (TsrTrainer) whole = make (kimg, 0.05f), first = make (kimg, 0.05f);
    trainer_fixture_steps (whole, 9);
    trainer_fixture_steps (first, 5);
    g_autofree char *cut = save (first, path, ".cut");
    g_assert_cmpint (count_behind (cut, "E_ema.") > 0, ==, k);
    g_assert_cmpint (count_behind (cut, "D_ema.") > 0, ==, k);
    g_assert_cmpuint (count_behind (cut, "G_ema."), >, 0);
    g_autoptr (TsrTrainer) second = resumed (cut, kimg);
    trainer_fixture_steps (second, 4);
    trainer_fixture_assert_same (whole, second, false);
    trainer_fixture_assert_same (whole, second, true);
    if (k == 0) {
      g_autoptr (TsrTrainer) begun = resumed (cut, 3);
      size_t n;
      g_autofree float *average = trainer_fixture_weights (begun, TSR_NET_E, true, &n),
                       *newest = trainer_fixture_weights (first, TSR_NET_E, false, &n);
      g_assert_cmpmem (average, n * sizeof (float), newest, n * sizeof (float));
      trainer_fixture_steps (begun, 4);
      trainer_fixture_assert_same (whole, begun, false);
    }
    g_unlink (cut);
  }
  trainer_fixture_remove (path);
}

/* ---- which reads ---- */

static char *
id_of (const char *path, TsrEncoderWeights weights)
{
  GError *error = NULL;
  g_autoptr (TsrEmbedder) embedder = tsr_embedder_open (device, path, 8, weights, TSR_F32, &error);
  g_assert_no_error (error);
  return g_strdup (tsr_embedder_model_id (embedder));
}

/* The newest weights of a training with an average are all there is of one without. What was
 * exported has one kind only, and is not taken for the other. */
static void
test_read (void)
{
  GError *error = NULL;
  g_autofree char *path = trainer_fixture_path (), *slim = g_strconcat (path, ".slim", NULL);
  g_autoptr (TsrTrainer) with = make (10, 0.05f), without = make (0, 0.05f);
  trainer_fixture_steps (with, 4);
  trainer_fixture_steps (without, 4);
  g_autofree char *both = save (with, path, ".both"), *one = save (without, path, ".one");
  g_autofree char *averaged = id_of (both, TSR_ENCODER_AVERAGED),
                  *newest = id_of (both, TSR_ENCODER_NEWEST),
                  *only = id_of (one, TSR_ENCODER_AVERAGED),
                  *again = id_of (one, TSR_ENCODER_NEWEST);
  g_assert_cmpstr (averaged, !=, newest);
  g_assert_cmpstr (only, ==, newest);
  g_assert_cmpstr (again, ==, newest);

  const char *from[] = {both, one}, *expected[] = {averaged, newest};
  for (int k = 0; k < 2; k++) {
    tsr_model_export (from[k], slim, &error);
    g_assert_no_error (error);
    g_autofree char *id = id_of (slim, TSR_ENCODER_AVERAGED);
    g_assert_cmpstr (id, ==, expected[k]);
    g_assert_null (tsr_embedder_open (device, slim, 8, TSR_ENCODER_NEWEST, TSR_F32, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
    g_assert_nonnull (strstr (error->message, ".slim"));
    g_clear_error (&error);
    tsr_trainer_export (k ? without : with, slim, NULL, &error);
    g_assert_no_error (error);
    g_autofree char *directly = id_of (slim, TSR_ENCODER_AVERAGED);
    g_assert_cmpstr (directly, ==, expected[k]);
  }
  g_unlink (slim);
  g_unlink (both);
  g_unlink (one);
  trainer_fixture_remove (path);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/encoder-average/followed", test_followed);
  g_test_add_func ("/encoder-average/aside", test_aside);
  g_test_add_func ("/encoder-average/resumed", test_resumed);
  g_test_add_func ("/encoder-average/read", test_read);
  int result = g_test_run ();
  tsr_device_close (device);
  return result;
}
