#pragma once
/* The terms an SS-StyleGAN is trained on, as scalar graph nodes. */

#include "tsr-graph.h"
#include "tsr-model-config.h"

/** mean softplus (-logits): the generator's non-saturating loss, and the discriminator's on real
 * images. */
TsrNode *tsr_loss_real (TsrNode *logits);
/** mean softplus (logits): the discriminator's loss on generated images. */
TsrNode *tsr_loss_fake (TsrNode *logits);

/** gamma/2 mean |d sum (logits) / d image|^2 (R1; Mescheder et al. 2018). image is a leaf.
 * image_gradient may be NULL. */
TsrNode *tsr_loss_r1 (TsrNode *logits, TsrNode *image, float gamma, TsrNode **image_gradient);

/** The path lengths {n,1,1,1} of an image batch (Karras et al. 2019, eq. 4): sqrt (mean over layers
 * of sum over w of g^2) with g = d sum (image * noise / r) / d ws; noise is standard normal like
 * the image, ws[count] are marks. */
TsrNode *tsr_path_lengths (TsrNode *image, TsrNode *noise, TsrNode *const *ws, int count);

/** Path length regularisation: weight mean (length - target)^2; target is the lengths' running
 * mean, a constant. */
TsrNode *tsr_loss_path_length (TsrNode *lengths, TsrNode *target, float weight);

/** The encoder's negative log-likelihood, eq. (1), first term, without lambda, and eq. (2): mean
 * over the batch of -log P(w|x), summed over the dimensions of W; latent is that w, or the z of
 * which it came for an encoder that says z (table 2 of the paper compares both). weight {n,1,1,1}
 * (or NULL) leaves samples out (0) whose image mixes styles; the mean is then over the weights. */
TsrNode *tsr_loss_nll (TsrNode *mean, TsrNode *log_variance, TsrNode *latent, TsrNode *weight);

/** Mean squared error over batch, pixels and channels: eq. (1), second term, without beta. */
TsrNode *tsr_loss_mse (TsrNode *a, TsrNode *b);
