#pragma once
/* How good predictions are, with the definitions of scikit-learn. */

#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t n, n_classes;
  double accuracy, balanced_accuracy, macro_f1;
  double auc; /* binary: of class 1; else macro one-against-rest over classes present in truth; NAN
                 if undefined */
  double *sensitivity, *specificity, *precision,
      *f1;             /* [n_classes]; NAN where undefined (scikit-learn: 0 with a warning) */
  uint64_t *confusion; /* [n_classes][n_classes], rows truth, columns predicted */
} TsrMetrics;

/** Scores n predictions. truth and predicted in [0, n_classes) (predicted may be -1: counts as
 * wrong and in no column); entries with truth < 0 are left out. scores [n,n_classes] or NULL (no
 * AUC). Classes absent from truth do not enter balanced accuracy; macro F1 is over classes present
 * in truth or predicted. */
TsrMetrics *tsr_metrics_new (const int32_t *truth, const int32_t *predicted, const float *scores,
                             size_t n, size_t n_classes);

/** Frees the metrics with their arrays; NULL is allowed. */
void tsr_metrics_free (TsrMetrics *metrics);

/** Area under the ROC curve of scores for positives (positive[i] != 0), ties counted half; NAN
 * without both kinds. */
double tsr_auc (const float *scores, const uint8_t *positive, size_t n);

/** The 95 % interval of a share of which right of n (n > 0) were seen (Wilson, Probable inference,
 * the law of succession, and statistical inference, 1927, eq. 4), within [0,1]; 0 and 1 for n = 0.
 */
void tsr_wilson_interval (size_t right, size_t n, double *low, double *high);

/** The mean of - log probability[i][truth[i]] (natural), probabilities below 1e-12 taken as that;
 * rows with truth < 0 are left out; NAN without others. probability [n,n_classes]. */
double tsr_log_loss (const int32_t *truth, const float *probability, size_t n, size_t n_classes);

/** Expected calibration error (Guo et al. 2017, eq. 3) with ten equal bins: by how much the
 * probability of the predicted class differs from how often it is right, in the mean. predicted in
 * [-1, n_classes); rows with truth or predicted < 0 are left out; NAN without others. */
double tsr_calibration_error (const int32_t *truth, const int32_t *predicted,
                              const float *probability, size_t n, size_t n_classes);
