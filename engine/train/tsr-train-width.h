#pragma once
/* How wide the networks of a training are, and what they cost: a device that would be done with the
 * preset's networks before its time is over trains wider ones instead. */

#include "tsr-train-options.h"

/** Multiply-adds (counted twice) of training on one image with these resolved options, lazy steps
 * included, from the sizes of the convolutions. */
double tsr_train_flops (const TsrTrainOptions *resolved);

/** Doubles the channels (channel_base and channel_max, at most to 16384 and 512, the paper's) for
 * as long as a device that trains at flops_per_s (> 0) would still show all the images the preset
 * can use in the preset's minutes. Does nothing where the channels or the length were asked for, or
 * flops_per_s is not known (0). Returns whether the networks grew. */
bool tsr_train_options_widen (TsrTrainOptions *resolved, double flops_per_s);
