#include "trainer-fixture.h"

#include "tsr-random.h"

#include <glib/gstdio.h>

#include <math.h>

TsrModelConfig
trainer_fixture_model (int shared_layers)
{
  return (TsrModelConfig){.resolution = TRAINER_FIXTURE_SIZE,
                          .channels = TRAINER_FIXTURE_CHANNELS,
                          .z_dim = TRAINER_FIXTURE_DIM,
                          .w_dim = TRAINER_FIXTURE_DIM,
                          .channel_base = 128,
                          .channel_max = 16,
                          .mapping_layers = 2,
                          .shared_layers = shared_layers,
                          .mbstd_group = 4};
}

TsrTrainerSettings
trainer_fixture_settings (int batch)
{
  TsrModelConfig model = trainer_fixture_model (4);
  return tsr_trainer_settings_default (&model, batch);
}

TsrTrainer *
trainer_fixture_new (TsrDevice *device, const TsrTrainerSettings *settings, const uint8_t *tiles,
                     uint32_t n)
{
  GError *error = NULL;
  TsrTrainer *trainer = tsr_trainer_new (device, settings, tiles, n, &error);
  g_assert_no_error (error);
  return trainer;
}

TsrTrainer *
trainer_fixture_new_noise (TsrDevice *device, const TsrTrainerSettings *settings, uint32_t n)
{
  size_t bytes = (size_t)n * TRAINER_FIXTURE_IMAGE;
  g_autofree uint8_t *tiles = g_malloc (bytes);
  TsrRandom random;
  tsr_random_init (&random, 1, 1);
  for (size_t k = 0; k < bytes; k++)
    tiles[k] = (uint8_t)tsr_random_below (&random, 256);
  return trainer_fixture_new (device, settings, tiles, n);
}

void
trainer_fixture_steps (TsrTrainer *trainer, int n)
{
  GError *error = NULL;
  for (int k = 0; k < n; k++) {
    tsr_trainer_step (trainer, &error);
    g_assert_no_error (error);
  }
}

float *
trainer_fixture_weights (TsrTrainer *trainer, TsrNet net, bool averaged, size_t *n)
{
  GError *error = NULL;
  TsrWeights *w = tsr_trainer_weights (trainer, net, averaged);
  *n = w->parameters->floats[net];
  float *values = g_new (float, *n);
  tsr_buffer_read (w->block, 0, values, *n * sizeof (float), &error);
  g_assert_no_error (error);
  return values;
}

void
trainer_fixture_assert_same (TsrTrainer *a, TsrTrainer *b, bool averaged)
{
  for (int net = 0; net < TSR_N_NETS; net++) {
    size_t n, m;
    g_autofree float *x = trainer_fixture_weights (a, net, averaged, &n),
                     *y = trainer_fixture_weights (b, net, averaged, &m);
    g_assert_cmpmem (x, n * sizeof (float), y, m * sizeof (float));
  }
}

double
trainer_fixture_distance (TsrTrainer *a, TsrTrainer *b, TsrNet net)
{
  size_t n, m;
  g_autofree float *x = trainer_fixture_weights (a, net, false, &n),
                   *y = trainer_fixture_weights (b, net, false, &m);
  g_assert_cmpuint (n, ==, m);
  double difference = 0, norm = 0;
  for (size_t k = 0; k < n; k++) {
    difference += pow ((double)x[k] - (double)y[k], 2);
    norm += pow ((double)x[k], 2);
  }
  return sqrt (difference / norm);
}

char *
trainer_fixture_path (void)
{
  GError *error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tessera-trainer-XXXXXX", &error);
  g_assert_no_error (error);
  return g_build_filename (folder, "model.safetensors", NULL);
}

void
trainer_fixture_remove (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_remove (path);
  g_rmdir (folder);
}
