#pragma once
/* Images from a model's averaged generator. Lives on the engine thread. */

#include "tsr-model-config.h"
#include "tsr-provider.h"

typedef struct TsrGenerator TsrGenerator;

/** Opens a model file for generating: "G_ema." where the file has it, else "G.". What a function
 * below needs is planned when it is first called, which takes a moment. */
TsrGenerator *tsr_generator_open (TsrDevice *device, const char *path, int batch, GError **error);

/** Waits for the device, then frees everything; NULL is allowed. */
void tsr_generator_free (TsrGenerator *generator);

/** The model's shape: resolution, channels, z_dim, w_dim. Borrowed. */
const TsrModelConfig *tsr_generator_config (const TsrGenerator *generator);

/** Maps z [n, z_dim] to images, truncated by psi towards the mean w: bytes [n][r][r][channels]. n
 * <= batch. */
bool tsr_generator_from_z (TsrGenerator *generator, const float *z, int n, float psi,
                           uint8_t *pixels, GError **error);

/** Maps w [n, w_dim], one vector for all layers, to images. The vectors of an encoder that says z
 * (the configuration's latent) go through tsr_generator_from_z with psi 1 instead. */
bool tsr_generator_from_w (TsrGenerator *generator, const float *w, int n, uint8_t *pixels,
                           GError **error);

/** Maps w [n, layers, w_dim], a vector for each of tsr_model_num_ws layers, to images: two tiles
 * are mixed by giving some layers the one's w and the rest the other's (Karras et al. 2019, "A
 * Style-Based Generator Architecture", section 3.1). Noise is the model's own and the same in every
 * image, so that a walk does not flicker. */
bool tsr_generator_from_layers (TsrGenerator *generator, const float *w, int n, uint8_t *pixels,
                                GError **error);

/** The w [n, w_dim] that the mapping network makes of z [n, z_dim], not truncated. */
bool tsr_generator_map (TsrGenerator *generator, const float *z, int n, float *w, GError **error);

/** The mean w of the training [w_dim], which truncation draws towards. */
bool tsr_generator_mean (TsrGenerator *generator, float *w, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrGenerator, tsr_generator_free)
