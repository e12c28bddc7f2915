#pragma once
/* What a training run is asked to do. Zero (or NULL, or a negative lambda/beta/gamma/encoder_ema)
 * means: choose from the data. */

#include "tsr-trainer.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  const char *preset; /* "quick", "standard", "thorough", "paper" */
  int resolution;     /* 16..1024, a power of two */
  int channels;       /* 1 or 3 */
  int channel_base, channel_max, w_dim, mapping_layers;
  int shared_layers; /* discriminator layers the encoder shares; -1: total - 4 */
  int batch;
  double kimg; /* thousands of real images to show; 0 even when resolved where `minutes` decides */
  double minutes, kimg_least, kimg_most; /* resolved: how long to train, within these lengths */
  double gamma, lambda, beta;
  double encoder_ema; /* half-life of the encoder's average in thousands of images; 0: none;
                         negative: choose */
  double learning_rate;
  uint64_t seed;
  bool encoder_only;           /* train E against a frozen G (a converted public checkpoint) */
  bool generator_reconstructs; /* its reconstruction of real tiles moves the generator, too */
  bool resume;
  unsigned setbacks; /* how often this training was gone back already; not asked for */
  int orientations;  /* in which tiles are shown: 1, 2 or 8; 0: as the tiles lie */
  const char
      *choose; /* the state that becomes the model: "last", or "reconstruction"; NULL: last */
  const char *latent;    /* what the encoder says: "w" or "z"; NULL: w */
  const char *augment;   /* "ada", "none"; NULL: by the number of tiles */
  const char *precision; /* "f32", "bf16"; NULL: f32 */
  struct {
    bool width, batch, gamma;
  } open; /* resolved: what was left to choose, and may still follow the device */
} TsrTrainOptions;

/** All fields at "choose". */
TsrTrainOptions tsr_train_options_default (void);

/** The preset of that name, static; NULL if there is none. */
const char *tsr_train_preset (const char *name);

/** Fills every field still at "choose" (but kimg, which a preset gives as minutes) from the preset,
 * the number of tiles, their size and channels. Fails in one sentence: TSR_ERROR_USAGE on values
 * that make no sense, TSR_ERROR_FAILED on too few tiles. */
bool tsr_train_options_resolve (TsrTrainOptions *options, uint32_t n_tiles, int tile_size,
                                int tile_channels, GError **error);

/** Another batch, and with it gamma where that was left to choose. */
void tsr_train_options_set_batch (TsrTrainOptions *resolved, int batch);

/** The length of a training that is given minutes, on a device that trains images_per_s: what it
 * shows in that time, but at least and at most as much as the preset says. */
double tsr_train_options_length (const TsrTrainOptions *options, double images_per_s);

/** The trainer's settings for resolved options. */
TsrTrainerSettings tsr_train_options_settings (const TsrTrainOptions *options);
