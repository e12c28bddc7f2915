#pragma once
/* How few labels are enough: plays the annotator from the ground truth, spreads the labels, scores
 * the rest. Plain host code, no OpenCL. */

#include "tsr-progress.h"
#include "tsr-table.h"

typedef enum { TSR_STRATEGY_FPS, TSR_STRATEGY_RANDOM, TSR_N_STRATEGIES } TsrStrategy;

/** "fps", "random"; static. */
const char *tsr_strategy_name (TsrStrategy strategy);

/** What is measured, in the order of tsr_evaluate_metric_name. */
typedef enum {
  TSR_METRIC_ACCURACY,
  TSR_METRIC_BALANCED_ACCURACY,
  TSR_METRIC_MACRO_F1,
  TSR_METRIC_AUC,
  TSR_METRIC_CLASSES_FOUND, /* how many classes the labels reached */
  TSR_N_METRICS
} TsrEvaluateMetric;

/** "accuracy", "balanced_accuracy", "macro_f1", "auc", "classes_found". Static. */
const char *tsr_evaluate_metric_name (TsrEvaluateMetric metric);

/** Lays out the map of run `run` into y [n,2] (rows without a place NAN), for --remap. */
typedef bool (*TsrEvaluateRemap) (unsigned run, float *y, void *user, GError **error);

typedef struct {
  uint32_t n, n_classes;
  const int32_t *truth;    /* [n]; < 0: unknown, neither asked for nor scored */
  const uint8_t *left_out; /* [n] or NULL: excluded tiles */
  const float *map;        /* [n,2]; a row that is not finite is left out */
  const float *w;          /* [n,d]; NULL if no rule needs it */
  uint32_t d;
  bool strategies[TSR_N_STRATEGIES], rules[TSR_N_RULES];
  const uint32_t *labels; /* [n_labels], how many labels are given, any order */
  size_t n_labels;
  unsigned runs;
  TsrEvaluateRemap remap; /* or NULL: one map for all runs */
  void *user;
  const TsrProgress *progress;
} TsrEvaluateInput;

/** One line of the table: means and standard deviations (n - 1; NAN for a single run) over the runs
 * in which a value is defined (AUC needs two classes in the rest). */
typedef struct {
  TsrStrategy strategy;
  TsrRule rule;
  uint32_t labels;
  double mean[TSR_N_METRICS], sd[TSR_N_METRICS];
} TsrEvaluateRow;

/** The tiles one run labelled, in order; the first k of them are the labels of the row with k
 * labels. */
typedef struct {
  TsrStrategy strategy;
  unsigned run;
  uint32_t *tiles;
  size_t n;
} TsrEvaluatePicks;

typedef struct {
  GArray *rows;     /* TsrEvaluateRow: by strategy, rule, labels as given */
  GPtrArray *picks; /* TsrEvaluatePicks */
  uint32_t tiles;   /* how many take part */
} TsrEvaluateResult;

/** Frees the rows and the picks with their tiles; NULL is allowed. */
void tsr_evaluate_result_free (TsrEvaluateResult *result);

/** Runs every strategy, rule and number of labels. Run r seeds the first pick (fps) and the draw
 * (random) with r; the picks are the same for all rules, and those for few labels are the first of
 * those for many. Sampling is in the map (the paper's way). What is not labelled is scored: class
 * of the nearest label, AUC from tsr_propagation_scores. Fails when no more tiles take part than
 * labels are asked for. */
TsrEvaluateResult *tsr_evaluate (const TsrEvaluateInput *input, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrEvaluateResult, tsr_evaluate_result_free)
