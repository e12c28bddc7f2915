#pragma once
/* InceptionV3's weights from a file (docs/quality.md says how it is made and which tensors it
 * holds). */

#include "tsr-exec.h"
#include "tsr-safetensors.h"

/** The network's parameters on the device, one block with a view for each. */
typedef struct TsrInceptionWeights TsrInceptionWeights;

/** Reads what the leaves NAME.weight and NAME.bias of graph (tsr_build_inception) need: tensors
 * NAME.conv.weight [out][in][kh][kw] and NAME.bn.weight, .bias, .running_mean, .running_var [out],
 * as torchvision names them; the file may hold more. Batch normalisation (epsilon 0.001) becomes
 * part of weight and bias. NULL with TSR_ERROR_MODEL where a tensor is missing, of another shape or
 * not finite. */
TsrInceptionWeights *tsr_inception_weights_load (const TsrSafetensors *file, const TsrGraph *graph,
                                                 TsrDevice *device, GError **error);

/** Frees the weights; the device must be idle. NULL is allowed. */
void tsr_inception_weights_free (TsrInceptionWeights *weights);

/** Binds every parameter to the leaf of its name. */
void tsr_inception_weights_bind (const TsrInceptionWeights *weights, TsrExec *exec);

/** SHA-256 of the folded parameters: names them. Borrowed. */
const char *tsr_inception_weights_id (const TsrInceptionWeights *weights);
