#pragma once
/* The shape of an SS-StyleGAN, and what follows from it. */

#include <glib.h>
#include <stdbool.h>

/** What the encoder says of an image: the w that makes it, or the z that the mapping network turns
 * into that w. */
typedef enum { TSR_LATENT_W, TSR_LATENT_Z } TsrLatent;

typedef struct {
  int resolution;   /* 16..1024, a power of two */
  int channels;     /* of the image: 1 or 3 */
  int z_dim, w_dim; /* 1..4096 */
  int channel_base, channel_max;
  int mapping_layers;
  int shared_layers; /* discriminator layers the encoder shares: 0..total - 1, or -1 for no encoder
                      */
  int mbstd_group;   /* group of the minibatch standard deviation */
  TsrLatent latent;  /* of the encoder's mean; W without an encoder */
} TsrModelConfig;

/** Bound of the encoder's log-variance: logvar = bound tanh (raw / bound). */
#define TSR_LOGVAR_BOUND 6.0f

/** Checks every field; TSR_ERROR_USAGE in one sentence. */
bool tsr_model_config_check (const TsrModelConfig *config, GError **error);

/** The word for a latent space in files and options, "w" or "z"; static. */
const char *tsr_latent_name (TsrLatent latent);

/** Finds a latent space by its word. False, leaving *latent alone, for any other word. */
bool tsr_latent_find (const char *name, TsrLatent *latent);

/** The dimension of the encoder's mean: that of W or of Z. */
int tsr_model_latent_dim (const TsrModelConfig *config);

/** Feature channels at a resolution: min (channel_base / resolution, channel_max), at least 1. */
int tsr_model_channels (const TsrModelConfig *config, int resolution);

/** Blocks of the discriminator (one for each resolution above 4). */
int tsr_model_blocks (const TsrModelConfig *config);

/** Discriminator layers: fromRGB, two for each block, the epilogue's convolution, fully connected
 * layer and logit. */
int tsr_model_layers (const TsrModelConfig *config);

/** How many w vectors the synthesis network takes. */
int tsr_model_num_ws (const TsrModelConfig *config);

/** The number (from 1) of a discriminator layer: conv is 0 or 1 of the block at resolution; at
 * resolution 4, conv 0 is the epilogue's convolution, 1 the fully connected layer, 2 the logit.
 * fromRGB is layer 1. */
int tsr_model_layer_number (const TsrModelConfig *config, int resolution, int conv);
