#pragma once
/* Images from a model's averaged generator. Lives on the engine thread. */

#include "tsr-model-config.h"
#include "tsr-provider.h"

typedef struct TsrGenerator TsrGenerator;

/** Opens a model file for generating: "G_ema." where the file has it, else "G.". */
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrGenerator, tsr_generator_free)
