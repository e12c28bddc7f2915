#include "tsr-train-private.h"

#include "tsr-train-width.h"

#include <string.h>

enum { PREVIEW_TILES = TSR_TRAIN_PREVIEWS, PREVIEW_SAMPLES = 16, GRID_COLUMNS = 8 };

void
tsr_train_snapshot_free (TsrTrainSnapshot *snapshot)
{
  if (!snapshot)
    return;
  g_free (snapshot->message);
  tsr_image_clear (&snapshot->generated);
  tsr_image_clear (&snapshot->reconstructed);
  g_free (snapshot);
}

static bool
add_previews (TsrTrainRun *run, TsrTrainSnapshot *snapshot, GError **error)
{
  int size = run->options.resolution, channels = run->options.channels;
  size_t image = (size_t)size * (size_t)size * (size_t)channels;
  g_autofree uint8_t *pixels = g_malloc (MAX (PREVIEW_SAMPLES, 2 * PREVIEW_TILES) * image);
  if (!tsr_trainer_sample (run->trainer, PREVIEW_SAMPLES, 0.8f, pixels, error))
    return false;
  snapshot->generated = tsr_image_grid (pixels, PREVIEW_SAMPLES, size, channels, GRID_COLUMNS);
  GError *cause = NULL;
  memcpy (pixels, run->tiles.probe, PREVIEW_TILES * image);
  if (tsr_trainer_reconstruct (run->trainer, PREVIEW_TILES, run->tiles.probe,
                               pixels + PREVIEW_TILES * image, &cause))
    snapshot->reconstructed =
        tsr_image_grid (pixels, 2 * PREVIEW_TILES, size, channels, GRID_COLUMNS);
  snapshot->grid_columns = GRID_COLUMNS;
  snapshot->tile_size = size;
  if (cause)
    g_propagate_error (error, cause);
  return !cause;
}

bool
tsr_train_post_news (TsrTrainRun *run, bool previews, GError **error)
{
  if (!run->job->snapshots)
    return true;
  uint64_t images = tsr_trainer_images (run->trainer);
  double elapsed = (double)(g_get_monotonic_time () - run->start - run->paused_us) * 1e-6;
  double rate = tsr_train_pace_rate (&run->pace), total = run->options.kimg * 1000;
  if (rate <= 0) /* one step, which compiled kernels */
    rate = (double)run->shown / MAX (elapsed, 1e-6);
  TsrTrainSnapshot *snapshot = g_new0 (TsrTrainSnapshot, 1);
  *snapshot = (TsrTrainSnapshot){
      .step = tsr_trainer_steps (run->trainer),
      .kimg = (double)images / 1000,
      .kimg_total = run->options.kimg,
      .images_per_s = rate,
      .elapsed_s = elapsed,
      .eta_s = elapsed > 5 && total > 0 ? MAX (0, total - (double)images) / rate : -1,
      .loss_g = run->stats.loss_g,
      .loss_d = run->stats.loss_d,
      .loss_r1 = run->stats.loss_r1,
      .loss_pl = run->stats.loss_pl,
      .loss_nll = run->stats.loss_nll,
      .loss_mse = run->stats.loss_mse,
      .real_sign = run->stats.real_sign,
      .augment = run->stats.augment,
      .slowed = tsr_train_pace_is_slowed (&run->pace),
      .quality = run->quality,
      .features = run->health ? tsr_train_health_features (run->health) : NULL,
      .memory = tsr_trainer_memory (run->trainer),
      .flops = tsr_train_flops (&run->options),
      .message = g_strdup (run->message),
  };
  bool ok = !previews || add_previews (run, snapshot, error);
  if (previews)
    run->last_preview = g_get_monotonic_time ();
  if (ok)
    tsr_mailbox_post (run->job->snapshots, snapshot);
  else
    tsr_train_snapshot_free (snapshot);
  return ok;
}
