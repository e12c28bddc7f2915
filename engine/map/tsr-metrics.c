#include "tsr-metrics.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#define BINS 10 /* of the calibration error */

typedef struct {
  float score;
  uint8_t positive;
} Scored;

static int
compare_scores (const void *a, const void *b)
{
  float p = ((const Scored *)a)->score, q = ((const Scored *)b)->score;
  return (p > q) - (p < q);
}

/* The Mann-Whitney statistic: pairs in order, equal scores counted half. Sorts in place. */
static double
area (Scored *scored, size_t n)
{
  size_t positives = 0;
  for (size_t i = 0; i < n; i++) {
    positives += scored[i].positive;
    if (isnan (scored[i].score))
      return NAN;
  }
  size_t negatives = n - positives;
  if (positives == 0 || negatives == 0)
    return NAN;
  qsort (scored, n, sizeof *scored, compare_scores);
  double ordered = 0;
  size_t negatives_below = 0;
  for (size_t i = 0; i < n;) {
    size_t tied[2] = {0}, j = i;
    for (; j < n && scored[j].score == scored[i].score; j++)
      tied[scored[j].positive]++;
    ordered += (double)tied[1] * ((double)negatives_below + 0.5 * (double)tied[0]);
    negatives_below += tied[0];
    i = j;
  }
  return ordered / ((double)positives * (double)negatives);
}

double
tsr_auc (const float *scores, const uint8_t *positive, size_t n)
{
  g_autofree Scored *scored = g_new (Scored, n + 1);
  for (size_t i = 0; i < n; i++)
    scored[i] = (Scored){scores[i], positive[i] != 0};
  return area (scored, n);
}

/* The area of class c against the rest; NAN where truth holds only c or none of it. */
static double
class_area (const int32_t *truth, const float *scores, size_t n, size_t n_classes, size_t c)
{
  g_autofree Scored *scored = g_new (Scored, n + 1);
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (truth[i] >= 0)
      scored[count++] = (Scored){scores[i * n_classes + c], truth[i] == (int32_t)c};
  return area (scored, count);
}

static double
mean_area (const int32_t *truth, const float *scores, size_t n, size_t n_classes,
           const uint64_t *support)
{
  if (n_classes == 2)
    return class_area (truth, scores, n, n_classes, 1);
  double sum = 0;
  size_t present = 0;
  for (size_t c = 0; c < n_classes; c++)
    if (support[c] > 0) {
      sum += class_area (truth, scores, n, n_classes, c);
      present++;
    }
  return present > 1 ? sum / (double)present : NAN;
}

static double
ratio (uint64_t part, uint64_t whole)
{
  return whole > 0 ? (double)part / (double)whole : NAN;
}

TsrMetrics *
tsr_metrics_new (const int32_t *truth, const int32_t *predicted, const float *scores, size_t n,
                 size_t n_classes)
{
  TsrMetrics *metrics = g_new0 (TsrMetrics, 1);
  metrics->n_classes = n_classes;
  metrics->sensitivity = g_new (double, n_classes + 1);
  metrics->specificity = g_new (double, n_classes + 1);
  metrics->precision = g_new (double, n_classes + 1);
  metrics->f1 = g_new (double, n_classes + 1);
  metrics->confusion = g_new0 (uint64_t, n_classes * n_classes + 1);
  g_autofree uint64_t *support = g_new0 (uint64_t, n_classes + 1),
                      *claimed = g_new0 (uint64_t, n_classes + 1);
  uint64_t correct = 0;
  for (size_t i = 0; i < n; i++) {
    if (truth[i] < 0 || (size_t)truth[i] >= n_classes)
      continue;
    metrics->n++;
    support[truth[i]]++;
    if (predicted[i] < 0 || (size_t)predicted[i] >= n_classes)
      continue;
    claimed[predicted[i]]++;
    metrics->confusion[(size_t)truth[i] * n_classes + (size_t)predicted[i]]++;
    correct += truth[i] == predicted[i];
  }
  double recalls = 0, f1s = 0;
  size_t in_truth = 0, in_either = 0;
  for (size_t c = 0; c < n_classes; c++) {
    uint64_t hits = metrics->confusion[c * n_classes + c];
    metrics->sensitivity[c] = ratio (hits, support[c]);
    metrics->precision[c] = ratio (hits, claimed[c]);
    /* of the tiles of other classes, those not taken for c */
    metrics->specificity[c] =
        ratio (metrics->n - support[c] - (claimed[c] - hits), metrics->n - support[c]);
    metrics->f1[c] = ratio (2 * hits, support[c] + claimed[c]);
    if (support[c] > 0) {
      recalls += metrics->sensitivity[c];
      in_truth++;
    }
    if (support[c] + claimed[c] > 0) {
      f1s += metrics->f1[c];
      in_either++;
    }
  }
  metrics->accuracy = ratio (correct, metrics->n);
  metrics->balanced_accuracy = in_truth > 0 ? recalls / (double)in_truth : NAN;
  metrics->macro_f1 = in_either > 0 ? f1s / (double)in_either : NAN;
  metrics->auc = scores ? mean_area (truth, scores, n, n_classes, support) : NAN;
  return metrics;
}

void
tsr_metrics_free (TsrMetrics *metrics)
{
  if (!metrics)
    return;
  g_free (metrics->sensitivity);
  g_free (metrics->specificity);
  g_free (metrics->precision);
  g_free (metrics->f1);
  g_free (metrics->confusion);
  g_free (metrics);
}

double
tsr_log_loss (const int32_t *truth, const float *probability, size_t n, size_t n_classes)
{
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    if (truth[i] < 0 || (size_t)truth[i] >= n_classes)
      continue;
    sum -= log (fmax ((double)probability[i * n_classes + (size_t)truth[i]], 1e-12));
    count++;
  }
  return count > 0 ? sum / (double)count : NAN;
}

double
tsr_calibration_error (const int32_t *truth, const int32_t *predicted, const float *probability,
                       size_t n, size_t n_classes)
{
  double claimed[BINS] = {0};
  size_t right[BINS] = {0}, all = 0;
  for (size_t i = 0; i < n; i++) {
    if (truth[i] < 0 || predicted[i] < 0)
      continue;
    double sure = (double)probability[i * n_classes + (size_t)predicted[i]];
    int bin = CLAMP ((int)(sure * BINS), 0, BINS - 1);
    claimed[bin] += sure;
    right[bin] += truth[i] == predicted[i];
    all++;
  }
  double sum = 0;
  for (int bin = 0; bin < BINS; bin++)
    sum += fabs (claimed[bin] - (double)right[bin]);
  return all > 0 ? sum / (double)all : NAN;
}

void
tsr_wilson_interval (size_t right, size_t n, double *low, double *high)
{
  const double z = 1.959963984540054; /* the normal distribution's 97.5th percentile */
  double m = (double)n, p = n > 0 ? (double)right / m : 0;
  double centre = n > 0 ? p + z * z / (2 * m) : 0.5;
  double reach = n > 0 ? z * sqrt (p * (1 - p) / m + z * z / (4 * m * m)) : 0.5;
  double whole = n > 0 ? 1 + z * z / m : 1;
  *low = right == 0 ? 0 : fmax (0, (centre - reach) / whole);
  *high = right == n ? 1 : fmin (1, (centre + reach) / whole);
}
