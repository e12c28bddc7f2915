#pragma once
/* Models on disk: safetensors with the tensor names of the StyleGAN2-ADA networks behind a prefix
 * ("G.", "G_ema.", "D."), the encoder's own layers behind "E.", the configuration in __metadata__.
 * A converted public checkpoint loads too. */

#include "tsr-parameters.h"
#include "tsr-safetensors.h"

/** The metadata key of how many orientations tiles were shown in during training
 * (tsr-orientation.h).
 */
#define TSR_MODEL_ORIENTATIONS "orientations"

/** The metadata key of the space the encoder's mean lies in: "w" (also where it is missing) or "z".
 */
#define TSR_MODEL_LATENT "latent"

/** Reads the configuration from the metadata, and what is missing there from the tensors' shapes;
 * checks that every tensor has the shape its name asks for (extents of 1 aside). Without an encoder
 * in the file, shared_layers is -1. TSR_ERROR_MODEL names the file. */
bool tsr_model_config_read (const TsrSafetensors *file, TsrModelConfig *config, GError **error);

/** The configuration as alternating metadata keys and values, NULL-terminated (g_strfreev),
 * followed by extra pairs (NULL-terminated, or NULL). */
char **tsr_model_config_metadata (const TsrModelConfig *config, const char *const *extra);

/** The prefix of the generator to use: "G_ema.", the average over a training, where the file holds
 * it; else "G.". Static. */
const char *tsr_model_generator_prefix (const TsrSafetensors *file,
                                        const TsrParameters *parameters);

/** Whether the file holds a network's tensors behind the prefix ("G_ema." for TSR_NET_G). */
bool tsr_model_has_net (const TsrSafetensors *file, const TsrParameters *parameters, TsrNet net,
                        const char *prefix);

/** Whether the file is a training's state, from which it can be resumed, and not only a model. */
bool tsr_model_is_checkpoint (const TsrSafetensors *file);

/** Reads a network's block to the host: values [floats[net]]. prefix replaces the network's letter
 * and dot. TSR_ERROR_MODEL if a tensor is missing or a value is not finite. */
bool tsr_model_read_net (const TsrSafetensors *file, const TsrParameters *parameters, TsrNet net,
                         const char *prefix, float *values, GError **error);

/** The same into device weights. */
bool tsr_model_load_net (const TsrSafetensors *file, const char *prefix, TsrWeights *weights,
                         GError **error);

/** One network to be saved behind a prefix. */
typedef struct {
  const char *prefix;
  const TsrWeights *weights;
} TsrModelPart;

/** Writes the parts atomically. metadata as from tsr_model_config_metadata. */
bool tsr_model_save (const char *path, const TsrModelPart *parts, size_t n,
                     const char *const *metadata, GError **error);

/** Writes from a checkpoint what embedding and generating need, on the host: the averaged networks
 * as "G_ema.", "D." and "E." (or the plain ones where there is no average), with the configuration
 * and the orientations; no optimiser state. Atomic. */
bool tsr_model_export (const char *checkpoint, const char *path, GError **error);
