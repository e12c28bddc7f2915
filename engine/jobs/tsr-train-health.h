#pragma once
/* How close a training's generated tiles are to the real ones, every few minutes: features of both
 * by a network that does not change, and their distances (engine/quality, docs/quality.md). */

#include "tsr-features.h"
#include "tsr-quality.h"
#include "tsr-trainer.h"

typedef struct TsrTrainHealth TsrTrainHealth;

/** For n tiles of bytes [n][r][r][channels], g_malloc'ed, which it takes (*tiles becomes NULL) and
 * frees once their features are known; without success they stay the caller's. inception: a file of
 * InceptionV3's weights for the published distance, or NULL for the shipped model's discriminator.
 * Takes all the device memory it will ever take. NULL with error. */
TsrTrainHealth *tsr_train_health_new (TsrDevice *device, const char *inception, uint8_t **tiles,
                                      uint32_t n, int resolution, int channels, GError **error);

/** Frees it; wait for the device first. NULL is allowed. */
void tsr_train_health_free (TsrTrainHealth *health);

/** Compares 1,024 tiles that the averaged generator makes now with the real ones. Takes some
 * seconds; cancelled through progress. */
bool tsr_train_health_measure (TsrTrainHealth *health, TsrTrainer *trainer, TsrQuality *quality,
                               const TsrProgress *progress, GError **error);

/** What the distances are computed on, for people ("InceptionV3", "the discriminator of the
 * demonstration's model"); static. */
const char *tsr_train_health_features (const TsrTrainHealth *health);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTrainHealth, tsr_train_health_free)
