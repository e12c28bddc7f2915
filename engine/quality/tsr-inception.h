#pragma once
/* InceptionV3 (Szegedy et al. 2016, arXiv 1512.00567) up to its last pooling, as graph: the
 * network whose features the published Frechet and kernel distances are taken from. Parameters are
 * leaves named like the layers of torchvision's inception_v3 (docs/quality.md). */

#include "tsr-graph.h"

#include <stdint.h>

typedef enum {
  TSR_INCEPTION_TORCHVISION, /* as torchvision computes it */
  TSR_INCEPTION_FID, /* as the network of the published distances does: average pooling does not
                        count its padding, the last block pools by maximum, images are resized as in
                        TensorFlow 1 */
} TsrInceptionVariant;

enum { TSR_INCEPTION_SIZE = 299, TSR_INCEPTION_FEATURES = 2048 };

/** The features {n,1,1,2048} of images {n,299,299,3} (made by tsr_inception_image). Batch
 * normalisation is part of the convolutions: leaves "NAME.weight" {out,kh,kw,in} and "NAME.bias"
 * {1,1,1,out}, each once, NAME for example "Mixed_5b.branch1x1". Values only (max pooling). */
TsrNode *tsr_build_inception (TsrNode *image, TsrInceptionVariant variant);

/** Resizes a square image of bytes [from][from][channels], channels 1 or 3, to what the network
 * takes: out [299][299][3], grey repeated. Bilinear without smoothing, as published: in TensorFlow
 * 1's way (pixel corners aligned at the top left; bytes become (x - 128) / 128) or in PyTorch's
 * (centres aligned; x / 127.5 - 1). */
void tsr_inception_image (const uint8_t *pixels, int from, int channels,
                          TsrInceptionVariant variant, float *out);
