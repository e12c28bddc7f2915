#include "tsr-bench.h"

#include "tsr-bench-compute.h"
#include "tsr-device.h"
#include "tsr-i18n.h"
#include "tsr-random.h"

TsrTrainerSettings
tsr_bench_settings_s (void)
{
  TsrModelConfig model = {.resolution = 64,
                          .channels = 3,
                          .z_dim = 128,
                          .w_dim = 128,
                          .channel_base = 4096,
                          .channel_max = 128,
                          .mapping_layers = 8,
                          .mbstd_group = 4};
  model.shared_layers = tsr_model_layers (&model) - 4;
  return tsr_trainer_settings_default (&model, 16);
}

void
tsr_train_bench_clear (TsrTrainBench *bench)
{
  g_clear_pointer (&bench->operations, g_array_unref);
  g_clear_pointer (&bench->convolutions, g_array_unref);
  g_clear_pointer (&bench->device, g_free);
  g_clear_pointer (&bench->provider, g_free);
}

static bool
measure_ceiling (TsrDevice *device, TsrTrainBench *bench, GError **error)
{
  TsrProvider *provider = tsr_provider_new (device, TSR_PROVIDER_AUTO, error);
  if (!provider)
    return false;
  g_free (bench->provider);
  bench->provider = g_strdup (tsr_provider_name (provider));
  bench->computed_in = tsr_provider_precision (provider, bench->settings.precision);
  tsr_provider_free (provider);
  g_autoptr (GArray) rows =
      tsr_bench_convolutions (device, bench->settings.precision, 0.15, &bench->progress, error);
  if (!rows)
    return false;
  if (bench->convolutions)
    tsr_bench_better (bench->convolutions, rows);
  else
    bench->convolutions = g_steal_pointer (&rows);
  bench->ceiling_gflop_per_s = tsr_bench_ceiling (bench->convolutions);
  return true;
}

static bool
run_until_stopped (TsrTrainer *trainer, TsrTrainBench *bench, GError **error)
{
  for (bench->steps = 0; !g_atomic_int_get (bench->stop); bench->steps++)
    if (!tsr_progress_step (&bench->progress, -1, "Training", error) ||
        !tsr_trainer_step (trainer, error) || !tsr_trainer_wait (trainer, error))
      return false;
  return true;
}

static bool
run_steps (TsrTrainer *trainer, TsrTrainBench *bench, unsigned steps, const char *stage,
           GError **error)
{
  for (unsigned k = 0; k < steps; k++)
    if (!tsr_progress_step (&bench->progress, (double)k / steps, stage, error) ||
        !tsr_trainer_step (trainer, error) || !tsr_trainer_wait (trainer, error))
      return false;
  return true;
}

static bool
measure (TsrDevice *device, TsrTrainBench *bench, TsrTrainer *trainer, GError **error)
{
  /* A warm-up step compiles what is not cached and takes the memory; the counted steps hold whole
   * rounds of lazy ones. */
  if (!run_steps (trainer, bench, 1, TSR_STAGE ("Warming up"), error))
    return false;
  double flops = tsr_device_flops (device);
  gint64 start = g_get_monotonic_time ();
  if (bench->started)
    g_atomic_int_set (bench->started, 1);
  if (bench->stop ? !run_until_stopped (trainer, bench, error)
                  : !run_steps (trainer, bench, bench->steps, "Training", error))
    return false;
  bench->seconds = (double)(g_get_monotonic_time () - start) * 1e-6;
  double images = (double)bench->steps * bench->settings.batch;
  bench->images_per_s = images / bench->seconds;
  bench->gflop_per_s = (tsr_device_flops (device) - flops) * 1e-9 / bench->seconds;
  bench->gflop_per_image = (tsr_device_flops (device) - flops) * 1e-9 / images;
  bench->device_bytes = tsr_trainer_memory (trainer);
  if (!bench->by_operation)
    return true;
  tsr_device_profile (device, true);
  bool ok = run_steps (trainer, bench, 16, TSR_STAGE ("Timing operations"), error);
  bench->operations = tsr_device_profile_take (device);
  tsr_device_profile (device, false);
  return ok;
}

static TsrTileMemory *
random_tiles (TsrDevice *device, const TsrModelConfig *c, GError **error)
{
  enum { TILES = 256 };
  size_t image = (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
  g_autofree uint8_t *pixels = g_malloc (TILES * image);
  TsrRandom random;
  tsr_random_init (&random, 1, 0);
  for (size_t k = 0; k < TILES * image; k++)
    pixels[k] = (uint8_t)tsr_random_u32 (&random);
  g_autoptr (TsrTileMemory) tiles = tsr_tile_memory_new (device, TILES, image, error);
  return tiles && tsr_tile_memory_write (tiles, 0, TILES, pixels, error) ? g_steal_pointer (&tiles)
                                                                         : NULL;
}

bool
tsr_job_bench_train (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrTrainBench *bench = data;
  bench->device = g_strdup (tsr_device_info (device)->name);
  bench->computed_in = bench->settings.precision;
  TsrProgress asked = bench->progress;
  bench->progress = tsr_progress_cancelled_by (&asked, cancellable);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (TsrTileMemory) tiles = random_tiles (device, &bench->settings.model, error);
  g_autoptr (TsrTrainer) trainer =
      tiles ? tsr_trainer_new_on (device, &bench->settings, tiles, error) : NULL;
  if (tiles && !trainer)
    tsr_trainer_advise (device, &bench->settings, error);
  bench->plan_s = (double)(g_get_monotonic_time () - start) * 1e-6;
  /* The ceiling before and after, and neither before it is known that there is memory. */
  bool ok = trainer && measure_ceiling (device, bench, error) &&
            measure (device, bench, trainer, error) && measure_ceiling (device, bench, error);
  bench->progress = asked;
  return ok;
}

bool
tsr_job_speed_probe (TsrDevice *device, GCancellable *cancellable, gpointer data, GError **error)
{
  TsrSpeedProbe *probe = data;
  TsrProgress progress = tsr_progress_cancelled_by (&probe->progress, cancellable);
  g_autoptr (GArray) rows =
      tsr_bench_convolutions (device, probe->precision, 0.05, &progress, error);
  if (rows) {
    probe->ceiling_gflop_per_s = tsr_bench_ceiling (rows);
    probe->forward_gflop_per_s = tsr_bench_direction (rows, TSR_CONV_FORWARD);
  }
  return rows != NULL;
}
