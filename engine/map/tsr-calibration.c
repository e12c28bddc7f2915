#include "tsr-calibration.h"

#include <math.h>

#define WIDEST 2.995732273553991 /* log 20 */
#define STEPS  60                /* a first look from end to end */
#define REFINE 40                /* golden sections: to 1e-8 of a step */
#define GOLDEN 0.6180339887498949

/* log softmax(z / T)[c] */
static double
log_share (const float *z, size_t n_classes, int32_t c, double temperature)
{
  double largest = -INFINITY, sum = 0;
  for (size_t e = 0; e < n_classes; e++)
    largest = fmax (largest, (double)z[e]);
  for (size_t e = 0; e < n_classes; e++)
    sum += exp (((double)z[e] - largest) / temperature);
  return ((double)z[c] - largest) / temperature - log (sum);
}

/* Another class must be possible too, else the label says nothing about T. */
static bool
tells (const float *z, size_t n_classes, int32_t c)
{
  size_t possible = 0;
  for (size_t e = 0; e < n_classes; e++)
    possible += z[e] > -INFINITY;
  return z[c] > -INFINITY && possible > 1;
}

static double
cost (const float *held, const int32_t *label, size_t labels, size_t n_classes, double log_t)
{
  double sum = log_t * log_t / 2, temperature = exp (log_t);
  for (size_t i = 0; i < labels; i++)
    if (tells (held + i * n_classes, n_classes, label[i]))
      sum -= log_share (held + i * n_classes, n_classes, label[i], temperature);
  return sum;
}

double
tsr_calibration_temperature (const float *held, const int32_t *label, size_t labels,
                             size_t n_classes)
{
  bool any = false;
  for (size_t i = 0; i < labels; i++)
    any = any || tells (held + i * n_classes, n_classes, label[i]);
  if (!any)
    return 1;
  double best = 0, least = INFINITY, step = 2 * WIDEST / STEPS;
  for (int s = 0; s <= STEPS; s++) {
    double log_t = -WIDEST + s * step, value = cost (held, label, labels, n_classes, log_t);
    if (value < least) {
      least = value;
      best = log_t;
    }
  }
  double low = fmax (best - step, -WIDEST), high = fmin (best + step, WIDEST);
  double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
  double at_a = cost (held, label, labels, n_classes, a),
         at_b = cost (held, label, labels, n_classes, b);
  for (int i = 0; i < REFINE; i++) {
    if (at_a <= at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - GOLDEN * (high - low);
      at_a = cost (held, label, labels, n_classes, a);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + GOLDEN * (high - low);
      at_b = cost (held, label, labels, n_classes, b);
    }
  }
  return exp ((low + high) / 2);
}

void
tsr_calibration_apply (float *logits, size_t n_classes, double temperature, size_t labels)
{
  if (n_classes == 1) {
    logits[0] = 1;
    return;
  }
  double largest = -INFINITY, sum = 0;
  for (size_t c = 0; c < n_classes; c++)
    largest = fmax (largest, (double)logits[c]);
  for (size_t c = 0; c < n_classes; c++)
    sum += exp (((double)logits[c] - largest) / temperature);
  /* at a softmax of 1: 1 - all + all / n_classes = 1 - 1 / (labels + 2) */
  double all = (double)n_classes / (double)(n_classes - 1) / (double)(labels + 2);
  all = fmin (all, 1);
  for (size_t c = 0; c < n_classes; c++) {
    double share = exp (((double)logits[c] - largest) / temperature) / sum;
    logits[c] = (float)((1 - all) * share + all / (double)n_classes);
  }
}
