#include "tsr-losses.h"

#include <math.h>

TsrNode *
tsr_loss_real (TsrNode *logits)
{
  return tsr_mean (tsr_softplus (tsr_scale (logits, -1)), TSR_AXIS_ALL);
}

TsrNode *
tsr_loss_fake (TsrNode *logits)
{
  return tsr_mean (tsr_softplus (logits), TSR_AXIS_ALL);
}

TsrNode *
tsr_loss_r1 (TsrNode *logits, TsrNode *image, float gamma, TsrNode **image_gradient)
{
  TsrNode *gradient;
  tsr_gradient (logits, NULL, &image, 1, &gradient);
  if (image_gradient)
    *image_gradient = gradient;
  return tsr_scale (tsr_sum (tsr_square (gradient), TSR_AXIS_ALL),
                    gamma / 2 / (float)image->dim[0]);
}

TsrNode *
tsr_path_lengths (TsrNode *image, TsrNode *noise, TsrNode *const *ws, int count)
{
  g_autofree TsrNode **gradient = g_new0 (TsrNode *, count);
  tsr_gradient (image, tsr_scale (noise, 1 / (float)image->dim[1]), ws, (size_t)count, gradient);
  TsrNode *energy = NULL;
  for (int k = 0; k < count; k++) {
    TsrNode *part = tsr_sum (tsr_square (gradient[k]), TSR_AXIS_C);
    energy = energy ? tsr_add (energy, part) : part;
  }
  return tsr_sqrt (tsr_scale (energy, 1 / (float)count));
}

TsrNode *
tsr_loss_path_length (TsrNode *lengths, TsrNode *target, float weight)
{
  return tsr_scale (tsr_mean (tsr_square (tsr_sub (lengths, target)), TSR_AXIS_ALL), weight);
}

TsrNode *
tsr_loss_nll (TsrNode *mean, TsrNode *log_variance, TsrNode *latent, TsrNode *weight)
{
  float constant = (float)mean->dim[3] * (float)log (2 * G_PI);
  TsrNode *distance =
      tsr_mul (tsr_square (tsr_sub (latent, mean)), tsr_exp (tsr_scale (log_variance, -1)));
  TsrNode *nll =
      tsr_affine (tsr_sum (tsr_add (distance, log_variance), TSR_AXIS_C), 0.5f, 0.5f * constant);
  if (!weight)
    return tsr_mean (nll, TSR_AXIS_ALL);
  TsrNode *total = tsr_affine (tsr_sum (weight, TSR_AXIS_ALL), 1, 1e-8f);
  return tsr_mul (tsr_sum (tsr_mul (nll, weight), TSR_AXIS_ALL), tsr_reciprocal (total));
}

TsrNode *
tsr_loss_mse (TsrNode *a, TsrNode *b)
{
  return tsr_mean (tsr_square (tsr_sub (a, b)), TSR_AXIS_ALL);
}
