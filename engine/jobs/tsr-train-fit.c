#include "tsr-train-fit.h"

#include "tsr-bench.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-train-width.h"

#include <string.h>

enum { LEAST_BATCH = 4 }; /* one group of the minibatch standard deviation */

bool
tsr_train_speed (TsrDevice *device, const TsrTrainOptions *options, const TsrProgress *progress,
                 double *flops_per_s, GError **error)
{
  TsrSpeedProbe probe = {0};
  *flops_per_s = 0;
  if (!options->open.width || !(options->minutes > 0))
    return true;
  if (progress)
    probe.progress = *progress;
  if (options->precision && strcmp (options->precision, "bf16") == 0)
    probe.precision = TSR_BF16;
  if (!tsr_job_speed_probe (device, probe.progress.cancellable, &probe, error))
    return false;
  *flops_per_s = TSR_TYPICAL_EFFICIENCY * probe.ceiling_gflop_per_s * 1e9;
  return true;
}

/* One step towards what takes less memory; false if there is none left. */
static bool
shrink (TsrTrainOptions *o, const TsrTrainOptions *preset)
{
  if (o->channel_base > preset->channel_base) {
    o->channel_base /= 2;
    o->channel_max = MAX (o->channel_max / 2, preset->channel_max);
    return true;
  }
  if (!o->open.batch || o->batch < 2 * LEAST_BATCH)
    return false;
  tsr_train_options_set_batch (o, o->batch / 2);
  return true;
}

void
tsr_train_say (char **message, const char *sentence)
{
  char *before = *message;
  *message = before ? g_strconcat (before, " ", sentence, NULL) : g_strdup (sentence);
  g_free (before);
}

/* What was asked for and could not be had. */
static void
say_what_differs (char **message, const TsrTrainer *trainer, const TsrTrainerSettings *settings,
                  int preset_batch)
{
  if (settings->batch < preset_batch) {
    g_autofree char *smaller =
        g_strdup_printf (_ ("The device's memory is enough for a batch of %d, not of %d."),
                         settings->batch, preset_batch);
    tsr_train_say (message, smaller);
  }
  if (tsr_trainer_precision (trainer) != settings->precision)
    tsr_train_say (message,
                   _ ("This device does not multiply bf16: the training computes in f32."));
}

TsrTrainer *
tsr_train_fit (TsrDevice *device, TsrTrainOptions *options, double flops_per_s,
               TsrTileMemory *tiles, char **message, GError **error)
{
  const TsrTrainOptions preset = *options;
  tsr_train_options_widen (options, flops_per_s);
  for (;;) {
    g_autoptr (GError) cause = NULL;
    TsrTrainerSettings settings = tsr_train_options_settings (options);
    TsrTrainer *trainer = tsr_trainer_new_on (device, &settings, tiles, &cause);
    if (trainer) {
      say_what_differs (message, trainer, &settings, preset.batch);
      return trainer;
    }
    if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_MEMORY) || !shrink (options, &preset)) {
      tsr_trainer_advise (device, &settings, &cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
  }
}
