#pragma once
/* Tiles into W by the encoder's mean (into Z by the mean of an encoder that was trained to say z).
 * Lives on the engine thread. */

#include "tsr-model-config.h"
#include "tsr-provider.h"

typedef struct TsrEmbedder TsrEmbedder;

/** Which of a checkpoint's encoders reads: the average of the last steps (D_ema, E_ema) where the
 * file has one, or the newest weights (D, E). */
typedef enum { TSR_ENCODER_AVERAGED, TSR_ENCODER_NEWEST } TsrEncoderWeights;

/** Opens a model file for embedding. Fails if the model has no encoder, or is to be read by its
 * newest weights and has only the others, as an exported one (TSR_ERROR_MODEL). */
TsrEmbedder *tsr_embedder_open (TsrDevice *device, const char *path, int batch,
                                TsrEncoderWeights weights, TsrPrecision precision, GError **error);

/** An encoder with initial weights: the baseline before training. */
TsrEmbedder *tsr_embedder_new_untrained (TsrDevice *device, const TsrModelConfig *config,
                                         uint64_t seed, int batch, TsrPrecision precision,
                                         GError **error);

/** Waits for the device, then frees everything; NULL is allowed. */
void tsr_embedder_free (TsrEmbedder *embedder);

/** The model's shape: resolution, channels, latent and its dimension. Borrowed. */
const TsrModelConfig *tsr_embedder_config (const TsrEmbedder *embedder);

/** What it computes in: f32 where the device does not multiply bf16, whatever was asked for. */
TsrPrecision tsr_embedder_precision (const TsrEmbedder *embedder);

/** With symmetric, a tile's vector is the mean over the orientations that the encoder was trained
 * on (eight, unless its training found fewer): what is left depends on the tissue and no more on
 * how it happened to lie. Takes as many times as long. Off at first. */
void tsr_embedder_set_symmetric (TsrEmbedder *embedder, bool symmetric);

/** How many tiles one submission takes: the batch, with symmetric divided by the orientations. */
int tsr_embedder_capacity (const TsrEmbedder *embedder);

/** Names the weights, the precision that is computed in and whether orientations are averaged: the same for the same
 * numbers. Borrowed. */
const char *tsr_embedder_model_id (const TsrEmbedder *embedder);

/** Enqueues the embedding of up to tsr_embedder_capacity tiles of bytes [n][r][r][channels]; pixels
 * may be reused on return. */
bool tsr_embedder_submit (TsrEmbedder *embedder, const uint8_t *pixels, int n, GError **error);

/** Waits for the last submitted batch and copies its vectors: w [n, tsr_model_latent_dim]. */
bool tsr_embedder_collect (TsrEmbedder *embedder, float *w, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrEmbedder, tsr_embedder_free)
