#pragma once
/* Adam with lazy regularisation, on a whole network at a time, and averages of weights. */

#include "tsr-parameters.h"

typedef struct TsrOptimizer TsrOptimizer;

typedef struct {
  float rate, beta2, eps;
  int interval; /* of the lazy regulariser: rate and beta2 are corrected by interval / (interval +
                   1); 0: none */
} TsrAdamSettings;

/** Optimises weights (borrowed). gradients (one for each lane) and second moment belong to the
 * optimiser and start at 0. */
TsrOptimizer *tsr_optimizer_new (TsrDevice *device, TsrWeights *weights,
                                 const TsrAdamSettings *settings, unsigned lanes, GError **error);

/** Frees gradient, moment and phases, not the weights; wait for the device first. NULL is allowed.
 */
void tsr_optimizer_free (TsrOptimizer *optimizer);

/** Where a lane's gradients are to be written: same tensors as the weights. Borrowed. */
TsrWeights *tsr_optimizer_gradient (TsrOptimizer *optimizer, unsigned lane);
/** The second moment, for checkpoints. Borrowed. */
TsrWeights *tsr_optimizer_moment (TsrOptimizer *optimizer);

/** A set of tensors that one kind of step reaches; the others keep weight, moment and step count.
 * touched has one entry for each parameter of the list. Returns a phase number for
 * tsr_optimizer_step. */
unsigned tsr_optimizer_add_phase (TsrOptimizer *optimizer, const bool *touched);

/** Sets the learning rate, before the correction for lazy steps. */
void tsr_optimizer_set_rate (TsrOptimizer *optimizer, float rate);

/** Forgets moments and step counts. */
bool tsr_optimizer_reset (TsrOptimizer *optimizer, GError **error);

/** Enqueues one step of a phase, along the mean of the lanes' gradients. */
bool tsr_optimizer_step (TsrOptimizer *optimizer, unsigned phase, GError **error);

/** How many steps a phase has made. */
uint64_t tsr_optimizer_count (const TsrOptimizer *optimizer, unsigned phase);

/** Sets how many steps a phase has made, on resume; the bias correction goes on from there. */
void tsr_optimizer_set_count (TsrOptimizer *optimizer, unsigned phase, uint64_t count);

/** Enqueues sum[i] <- factor (sum[i] + other[i]) for n floats from the first on. */
bool tsr_add_lane (TsrDevice *device, TsrBuffer *sum, TsrBuffer *other, size_t first, size_t n,
                   float factor, GError **error);

/** Enqueues mean <- w + keep (mean - w) over a network. */
bool tsr_weights_average (TsrDevice *device, TsrWeights *mean, const TsrWeights *weights,
                          float keep, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrOptimizer, tsr_optimizer_free)
