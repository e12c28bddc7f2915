#pragma once
/* Trainers of a model so small that a step takes milliseconds, and comparisons of their weights. */

#include "tsr-trainer.h"

enum {
  TRAINER_FIXTURE_SIZE = 16,
  TRAINER_FIXTURE_CHANNELS = 3,
  TRAINER_FIXTURE_IMAGE =
      TRAINER_FIXTURE_SIZE * TRAINER_FIXTURE_SIZE * TRAINER_FIXTURE_CHANNELS, /* bytes of a tile */
  TRAINER_FIXTURE_DIM = 8,                                                    /* of Z and W */
};

/** The model, its encoder sharing so many layers with the discriminator (-1: no encoder). */
TsrModelConfig trainer_fixture_model (int shared_layers);

/** The published settings for the model with an encoder. */
TsrTrainerSettings trainer_fixture_settings (int batch);

/** A trainer on tiles [n]. */
TsrTrainer *trainer_fixture_new (TsrDevice *device, const TsrTrainerSettings *settings,
                                 const uint8_t *tiles, uint32_t n);

/** A trainer on n tiles of noise, the same in every call. */
TsrTrainer *trainer_fixture_new_noise (TsrDevice *device, const TsrTrainerSettings *settings,
                                       uint32_t n);

/** Trains for n steps, none of which may fail. */
void trainer_fixture_steps (TsrTrainer *trainer, int n);

/** A network's weights or (averaged) its average, *n numbers; transfer full. */
float *trainer_fixture_weights (TsrTrainer *trainer, TsrNet net, bool averaged, size_t *n);

/** Checks that every network's weights or (averaged) averages are the same bit for bit. */
void trainer_fixture_assert_same (TsrTrainer *a, TsrTrainer *b, bool averaged);

/** How far b's weights of a network are from a's, as a share of their length. */
double trainer_fixture_distance (TsrTrainer *a, TsrTrainer *b, TsrNet net);

/** Where a test may write a model: a file in a new folder, which trainer_fixture_remove removes
 * with it. Transfer full. */
char *trainer_fixture_path (void);

/** Removes the file at path, if there is one, and its folder. */
void trainer_fixture_remove (const char *path);
