#pragma once
/* A trainer that suits its device: as wide as its speed allows and as large as its memory does. */

#include "tsr-progress.h"
#include "tsr-train-options.h"
#include "tsr-trainer.h"

/** How fast a training of the presets' shape will be, from a look of a few seconds at how fast the
 * device convolves; floating-point operations a second in *flops_per_s. 0 without looking where
 * nothing hangs on it, because the channels or the length were asked for. False with error. */
bool tsr_train_speed (TsrDevice *device, const TsrTrainOptions *options,
                      const TsrProgress *progress, double *flops_per_s, GError **error);

/** Adds a sentence to what the user is told: *message, NULL or g_free'd by the caller. */
void tsr_train_say (char **message, const char *sentence);

/** A trainer on tiles (NULL: none) as tsr_trainer_new_on makes it, with what options left open
 * fitted to the device: wider networks on a fast one (tsr_train_options_widen), narrower ones again
 * and then smaller batches, at least of 4, where the device has not the memory. options says
 * afterwards what it came to. What was asked for is never changed: it fails with TSR_ERROR_MEMORY
 * where it does not fit, and says which batch would. message, in and out, g_free: a sentence is
 * added about a batch that had to be smaller, and about bf16 that the device does not multiply. */
TsrTrainer *tsr_train_fit (TsrDevice *device, TsrTrainOptions *options, double flops_per_s,
                           TsrTileMemory *tiles, char **message, GError **error);
