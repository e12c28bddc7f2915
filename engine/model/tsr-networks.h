#pragma once
/* The networks of SS-StyleGAN as graph (Karras et al. 2019, arXiv 1912.04958; Cohen Hochberg et
 * al., arXiv 2312.15972). Parameters are leaves named as in the StyleGAN2-ADA networks' state dict.
 * Images are {n, r, r, channels} in [-1, 1]. */

#include "tsr-graph.h"
#include "tsr-model-config.h"

typedef enum {
  TSR_NOISE_CONST,  /* the noise_const buffers */
  TSR_NOISE_RANDOM, /* leaves "noise.b<r>.conv<k>" {n, r, r, 1}, filled with normal numbers */
} TsrNoiseMode;

/** w {n,1,1,w_dim} of z {n,1,1,z_dim}: z normalised to unit second moment, fully connected layers
 * with learning-rate multiplier 0.01. */
TsrNode *tsr_build_mapping (const TsrModelConfig *config, TsrNode *z);

/** The image of ws[tsr_model_num_ws], each {n,1,1,w_dim}: modulated convolutions with demodulation
 * as input and output scaling of a shared convolution, skip connections. */
TsrNode *tsr_build_synthesis (const TsrModelConfig *config, TsrNode *const *ws, TsrNoiseMode noise);

/** The same with one w for every layer. */
TsrNode *tsr_build_synthesis_from_w (const TsrModelConfig *config, TsrNode *w, TsrNoiseMode noise);

/** The image of what the encoder says of one, by config->latent: of a w as above, or of a z, which
 * the mapping network turns into the w. latent is {n,1,1,tsr_model_latent_dim}. */
TsrNode *tsr_build_synthesis_from_latent (const TsrModelConfig *config, TsrNode *latent,
                                          TsrNoiseMode noise);

/** The logits {n,1,1,1} of an image batch. */
TsrNode *tsr_build_discriminator (const TsrModelConfig *config, TsrNode *image);

/** The results of the discriminator's residual blocks, in [tsr_model_blocks], each {n,r,r,channels}
 * at half the resolution of the one before; the last is what the epilogue takes. Tiles have no part
 * in each other's. */
void tsr_build_discriminator_blocks (const TsrModelConfig *config, TsrNode *image,
                                     TsrNode **blocks);

/** The encoder's mean and bounded log-variance, {n,1,1,tsr_model_latent_dim} each; log_variance may
 * be NULL. Layers it shares with the discriminator are the same nodes when both see the same image.
 */
TsrNode *tsr_build_encoder (const TsrModelConfig *config, TsrNode *image, TsrNode **log_variance);

/** Fills names[] (at least 2 * blocks + 1 entries, g_free each) with the noise leaves and sizes[]
 * with their resolution; returns how many. */
int tsr_noise_leaves (const TsrModelConfig *config, char **names, int *sizes);
