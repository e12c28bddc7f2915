#include "tsr-train-pace.h"

#include <math.h>

/* Before the first choice: whole rounds of lazy steps, or on a slow machine as many as are done
 * well within the first minute. */
enum { FIRST_STEPS = 32, LEAST_STEPS = 3 };
#define FIRST_S 40.0

#define MEMORY_S 60.0
#define CHOICE_S 60.0
/* Of a short training's time: its minutes are corrected more often. */
#define CHOICE_SHARE  0.05
#define CHOOSES_UNTIL 0.75
#define SLOWED        0.6

void
tsr_train_pace_step (TsrTrainPace *self, double now_s, unsigned images)
{
  self->shown += images;
  if (!self->started) {
    self->started = true;
    self->first_s = now_s;
    return;
  }
  double before = self->seconds;
  self->seconds = now_s - self->first_s;
  self->images += images;
  self->steps++;
  double dt = fmax (self->seconds - before, 1e-6), recent = images / dt;
  if (self->seconds < MEMORY_S)
    self->rate = self->images / fmax (self->seconds, 1e-6);
  else
    self->rate = recent + (self->rate - recent) * exp (-dt / MEMORY_S);
  if (self->seconds >= MEMORY_S)
    self->best = fmax (self->best, self->rate);
}

bool
tsr_train_pace_is_slowed (const TsrTrainPace *self)
{
  return self->rate < SLOWED * self->best;
}

double
tsr_train_pace_rate (const TsrTrainPace *self)
{
  return self->rate;
}

bool
tsr_train_pace_choose (TsrTrainPace *self, const TsrTrainOptions *options, double *kimg)
{
  bool first = self->chosen_s <= 0;
  double time = options->minutes * 60, every = fmin (CHOICE_S, CHOICE_SHARE * time);
  bool enough =
      self->steps >= FIRST_STEPS || (self->steps >= LEAST_STEPS && self->seconds >= FIRST_S);
  if (!enough || (!first && (floor (self->seconds / every) <= floor (self->chosen_s / every) ||
                             self->seconds > CHOOSES_UNTIL * time)))
    return false;
  self->chosen_s = self->seconds;
  TsrTrainOptions rest = *options;
  double shown = self->shown / 1000;
  rest.kimg = 0;
  rest.minutes = fmax (0, options->minutes - self->seconds / 60);
  rest.kimg_least = fmax (0, options->kimg_least - shown);
  rest.kimg_most = fmax (0, options->kimg_most - shown);
  *kimg = tsr_train_options_length (&rest, self->rate);
  return true;
}
