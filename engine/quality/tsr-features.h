#pragma once
/* Features of images: the vectors by which sets of images are compared (tsr-quality.h). Features of
 * different sources never compare. Lives on the engine thread. */

#include "tsr-progress.h"
#include "tsr-provider.h"

typedef enum {
  TSR_FEATURES_DISCRIMINATOR, /* of a model file: always the same one, the demonstration's, where
                                 trainings are to compare (tsr_demo_model_find) */
  TSR_FEATURES_INCEPTION_TORCHVISION, /* of a file of InceptionV3's weights (docs/quality.md), as */
  TSR_FEATURES_INCEPTION_FID,         /* tsr-inception.h tells the variants apart */
} TsrFeaturesKind;

typedef struct TsrFeatures TsrFeatures;

/** Opens a source of features: the pooled means of the last three residual blocks of the model's
 * discriminator (its running average where the file has one), one after the other, the largest
 * resolution first; or InceptionV3's last pooling (2048). path is a safetensors file, batch how
 * many images are computed at once (InceptionV3 takes some 12 MB for each, and 90 MB of weights).
 * The device is borrowed. NULL with TSR_ERROR_MODEL for a file that does not fit. */
TsrFeatures *tsr_features_new (TsrDevice *device, TsrFeaturesKind kind, const char *path, int batch,
                               GError **error);

/** Waits for the device, then frees everything; NULL is allowed. */
void tsr_features_free (TsrFeatures *features);

/** The length d of a vector. */
size_t tsr_features_dim (const TsrFeatures *features);

/** Names kind and weights: the same for the same numbers, so that stored features of real images
 * can be told from another source's. Borrowed. */
const char *tsr_features_id (const TsrFeatures *features);

/** The features [n,d] of n images of bytes [n][r][r][channels], channels 1 or 3. Images of another
 * resolution or number of channels than the source's are resized and made grey or repeated: for
 * the discriminator by area average down and bicubically up, for InceptionV3 as its variant does.
 * An image's features do not depend on the others. Waits for the device. */
bool tsr_features_compute (TsrFeatures *features, const uint8_t *pixels, size_t n, int resolution,
                           int channels, float *result, const TsrProgress *progress,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrFeatures, tsr_features_free)
