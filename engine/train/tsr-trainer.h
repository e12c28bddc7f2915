#pragma once
/* Training an SS-StyleGAN: the four kinds of step, their order, random inputs drawn on the device,
 * averages of weights, checkpoints. Everything random is a function of (seed, purpose, step), so a
 * resumed run draws what the uninterrupted one would have drawn. Lives on the engine thread. */

#include "tsr-model-config.h"
#include "tsr-networks.h"
#include "tsr-parameters.h"
#include "tsr-provider.h"
#include "tsr-tile-memory.h"

typedef struct {
  TsrModelConfig model;
  int batch;
  float learning_rate;
  float gamma;        /* of R1 */
  float lambda, beta; /* of the encoder's likelihood (summed over the latent's dimensions) and
                         reconstruction error */
  float pl_weight;    /* 0: no path length regularisation */
  int r1_interval, pl_interval;
  float style_mixing;     /* probability */
  float ema_kimg;         /* half-life of G's average */
  float encoder_ema_kimg; /* the same of what the encoder reads with, E and D; 0: no averages of
                             them */
  float ema_rampup;       /* half-life at most this share of the images shown so far; 0: none */
  int orientations;       /* in which tiles are shown at random: 8, 2 or 1 (tsr-orientation.h) */
  bool encoder_only;
  bool reconstructing; /* the generator, too, is moved towards giving real tiles back */
  bool augment;        /* adaptive discriminator augmentation (ADA) */
  float ada_target;    /* mean sign of D on real tiles at which its strength stays */
  float ada_kimg;      /* thousands of images in which the strength could go from 0 to 1 */
  float ada_colour;    /* of its colour part; 1 as published */
  unsigned lanes;      /* among which a batch is shared (tsr_device_lanes); 0: as many as suit */
  TsrNoiseMode noise;  /* TSR_NOISE_RANDOM but in tests */
  TsrPrecision precision;
  uint64_t seed;
} TsrTrainerSettings;

/** The settings of the published networks for a model: lr 0.002, R1/16, path length/4 with weight
 * 2, mixing 0.9, EMA of G, D and E 10 kimg with ramp-up 0.05, gamma by 0.0002 r^2 / batch, lambda
 * 1/w_dim, beta 1; no augmentation (if asked for: target 0.6, 30 kimg, colours at a quarter). */
TsrTrainerSettings tsr_trainer_settings_default (const TsrModelConfig *model, int batch);

/** Means since they were last taken; NAN where a step has not run. */
typedef struct {
  double loss_g, loss_d, loss_r1, loss_pl, loss_nll, loss_mse, real_sign,
      augment; /* strength of the augmentation: the probability of each part */
} TsrTrainerStats;

typedef struct TsrTrainer TsrTrainer;

/** Builds networks with initial weights and all step graphs. tiles are `count` images of resolution
 * x resolution x channels bytes (NHWC), copied to the device; may be NULL when the caller fills the
 * input "real" itself (tests). NULL with error. */
TsrTrainer *tsr_trainer_new (TsrDevice *device, const TsrTrainerSettings *settings,
                             const uint8_t *tiles, uint32_t count, GError **error);

/** The same on tiles that are on the device already, which stay the caller's and must outlive the
 * trainer. NULL with error: TSR_ERROR_MEMORY if the device has not the memory. */
TsrTrainer *tsr_trainer_new_on (TsrDevice *device, const TsrTrainerSettings *settings,
                                TsrTileMemory *tiles, GError **error);

/** Of an error of either for want of memory: says what would fit now, the largest batch or other
 * networks, at the end of its sentences. Plans several trainings, which takes seconds. */
void tsr_trainer_advise (TsrDevice *device, const TsrTrainerSettings *settings, GError **error);

/** Waits for the device, then frees everything but the device and tiles that were lent; NULL is
 * allowed. */
void tsr_trainer_free (TsrTrainer *trainer);

/** Changes the weight of R1 and the learning rate from the next step on. */
bool tsr_trainer_set_pace (TsrTrainer *trainer, float gamma, float learning_rate, GError **error);

/** Back to the beginning: initial weights of another seed, no moments, no images shown. */
bool tsr_trainer_reset (TsrTrainer *trainer, uint64_t seed, GError **error);

/** One iteration: G, every pl_interval path length, D with the encoder, every r1_interval R1,
 * averages. Enqueues only. */
bool tsr_trainer_step (TsrTrainer *trainer, GError **error);

/** Waits for everything enqueued; reports what failed on the way. */
bool tsr_trainer_wait (TsrTrainer *trainer, GError **error);

/** Steps made since the model began, those before a checkpoint that was loaded included. */
uint64_t tsr_trainer_steps (const TsrTrainer *trainer);

/** Waits, then looks at every weight and average. TSR_ERROR_DIVERGED, with a reason that fits into
 * a sentence as those of tsr-watch.h do, if one is not finite: losses say so only a step later,
 * when a checkpoint may have been made of it. */
bool tsr_trainer_check (TsrTrainer *trainer, GError **error);

/** Images shown since the model began; as tsr_trainer_steps. */
uint64_t tsr_trainer_images (const TsrTrainer *trainer);

/** Waits, then returns the means since the last call. TSR_ERROR_DIVERGED if one is not
 * finite, with a reason that fits into a sentence as those of tsr-watch.h do. */
bool tsr_trainer_take_stats (TsrTrainer *trainer, TsrTrainerStats *stats, GError **error);

/** G_ema's images for n fixed latent vectors (truncation psi): bytes [n][r][r][channels]. */
bool tsr_trainer_sample (TsrTrainer *trainer, unsigned n, float psi, uint8_t *pixels,
                         GError **error);

/** G_ema of the encoder's mean (averaged, if it is) for n images given as bytes. False without
 * error if there is no encoder. */
bool tsr_trainer_reconstruct (TsrTrainer *trainer, unsigned n, const uint8_t *pixels,
                              uint8_t *result, GError **error);

/** Writes a checkpoint: networks, averages, moments, counters. Atomic. extra: metadata pairs,
 * NULL-terminated, or NULL. */
bool tsr_trainer_save (TsrTrainer *trainer, const char *path, const char *const *extra,
                       GError **error);

/** Takes the networks of a model of the same shape; an encoder that is missing there, cut
 * elsewhere or of another latent space, starts fresh. With resume, optimiser state and counters are
 * taken too where the file has them, so that the run goes on exactly; without, it begins at zero.
 */
bool tsr_trainer_load (TsrTrainer *trainer, const char *path, bool resume, GError **error);

/** Writes only what embedding and generating need: G, D and E, averaged where they are, as
 * "G_ema.", "D.", "E.". extra: metadata
 * pairs, NULL-terminated, or NULL. Atomic. */
bool tsr_trainer_export (TsrTrainer *trainer, const char *path, const char *const *extra,
                         GError **error);

/** What its networks compute in: f32 where the device does not multiply bf16, whatever was asked
 * for. */
TsrPrecision tsr_trainer_precision (const TsrTrainer *trainer);

/** Device memory in bytes that training takes: known from the beginning, and not exceeded. */
size_t tsr_trainer_memory (const TsrTrainer *trainer);

/* ---- for tests: given inputs instead of random ones ---- */

/** The buffer of an input ("g.z", "d.z", "pl.z", "real", "pl.noise"; of the second lane "g.z@1" and
 * so on), or NULL. */
TsrBuffer *tsr_trainer_input (TsrTrainer *trainer, const char *name);
/** With false, steps use the inputs as the caller left them. */
void tsr_trainer_set_random (TsrTrainer *trainer, bool random);
/** A network's weights or (averaged) its average; borrowed. */
TsrWeights *tsr_trainer_weights (TsrTrainer *trainer, TsrNet net, bool averaged);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTrainer, tsr_trainer_free)
