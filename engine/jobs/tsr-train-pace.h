#pragma once
/* How fast a training goes, and how long one that is given minutes should be. Times are seconds of
 * any clock that stands still while the training is paused. */

#include "tsr-train-options.h"

/** Zeroed: before the first step. */
typedef struct {
  bool started;
  double first_s;         /* when the first step was done, which compiles kernels */
  double seconds, images; /* since then */
  double shown;           /* images, with the first step */
  double rate;            /* images a second of late */
  double best;            /* the highest rate so far, after the first minute */
  double chosen_s;        /* when the length was chosen last; 0: not yet */
  unsigned steps;         /* since the first */
} TsrTrainPace;

/** Counts a step of `images` that was done at now_s. */
void tsr_train_pace_step (TsrTrainPace *pace, double now_s, unsigned images);

/** Images a second: of all steps but the first for a minute, then of late, with what is longer ago
 * than a minute counting less and less, because the augmentation and other programs change the
 * pace. 0 before the second step. */
double tsr_train_pace_rate (const TsrTrainPace *pace);

/** Whether the pace of late is less than six tenths of the best there was: the augmentation takes a
 * fifth, measurements a few seconds of a minute, and what is more than that comes from other
 * programs on the machine. Until a minute after the first step: no. */
bool tsr_train_pace_is_slowed (const TsrTrainPace *pace);

/** For a training that is given minutes (options->minutes, within kimg_least and kimg_most): the
 * thousands of images to show from now on, *kimg. A first guess after a few steps is corrected
 * every minute (of a short training more often) until three quarters of the time are over, so that
 * a run without setbacks keeps the minutes; one that is resumed keeps the length its checkpoint has
 * instead. False while the last choice stands, or none can be made. */
bool tsr_train_pace_choose (TsrTrainPace *pace, const TsrTrainOptions *options, double *kimg);
