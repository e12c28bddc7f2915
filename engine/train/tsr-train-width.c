#include "tsr-train-width.h"

enum { WIDEST_BASE = 16384, WIDEST = 512 };

/* One network's forward pass: two 3x3 convolutions at each resolution. */
static double
forward_flops (const TsrTrainOptions *o)
{
  double sum = 0;
  for (int r = 4; r <= o->resolution; r *= 2) {
    double c = MIN (o->channel_base / r, o->channel_max);
    double up = MIN (2.0 * o->channel_base / r, o->channel_max);
    sum += 2.0 * r * r * 9 * (c * c + c * up);
  }
  return sum;
}

double
tsr_train_flops (const TsrTrainOptions *resolved)
{
  /* Generator, discriminator and encoder steps with lazy R1 and path length: 14.75 GFLOP where one
   * forward pass of this sum is 1.7 (counted by tessera bench train --config S). */
  return 8.6 * forward_flops (resolved);
}

bool
tsr_train_options_widen (TsrTrainOptions *o, double flops_per_s)
{
  bool grew = false;
  while (o->open.width && o->minutes > 0 && o->channel_base < WIDEST_BASE) {
    TsrTrainOptions wider = *o;
    wider.channel_base = MIN (2 * o->channel_base, WIDEST_BASE);
    wider.channel_max = MIN (2 * o->channel_max, WIDEST);
    double images = flops_per_s / tsr_train_flops (&wider) * o->minutes * 60;
    if (!(images >= o->kimg_most * 1000))
      break;
    *o = wider;
    grew = true;
  }
  return grew;
}
