#pragma once
/* How few labels are enough: plays the annotator from the ground truth, spreads the labels, scores
 * the rest. Plain host code, no OpenCL. */

#include "tsr-progress.h"
#include "tsr-rule.h"
#include "tsr-strategy.h"

/** What is measured, in the order of tsr_evaluate_metric_name. */
typedef enum {
  TSR_METRIC_ACCURACY,
  TSR_METRIC_BALANCED_ACCURACY,
  TSR_METRIC_MACRO_F1,
  TSR_METRIC_AUC,
  TSR_METRIC_CLASSES_FOUND,     /* how many classes the labels reached */
  TSR_METRIC_LOG_LOSS,          /* of the calibrated probabilities */
  TSR_METRIC_CALIBRATION_ERROR, /* how far they are from how often they are right */
  TSR_N_METRICS
} TsrEvaluateMetric;

/** "accuracy", "balanced_accuracy", "macro_f1", "auc", "classes_found", "log_loss",
 * "calibration_error". Static. */
const char *tsr_evaluate_metric_name (TsrEvaluateMetric metric);

/** Lays out the map of run `run` into y [n,map_d] (rows without a place NAN), for --remap. */
typedef bool (*TsrEvaluateRemap) (unsigned run, float *y, void *user, GError **error);

typedef struct {
  uint32_t n, n_classes;
  const int32_t *truth;    /* [n]; < 0: unknown, neither asked for nor scored */
  const uint8_t *left_out; /* [n] or NULL: excluded tiles */
  const float *map;        /* [n,map_d]; a row that is not finite is left out */
  uint32_t map_d;          /* 2, or W's own where nothing is reduced */
  const float *w;          /* [n,d]; NULL if no rule needs it */
  uint32_t d;
  bool strategies[TSR_N_STRATEGIES], rules[TSR_N_RULES];
  const uint32_t *labels; /* [n_labels], how many labels are given, any order */
  size_t n_labels;
  const uint32_t *rounds; /* [n_rounds], in how many sittings they are given */
  size_t n_rounds;
  unsigned runs;
  const int32_t *group; /* [n] or NULL: the slide, patient ... of each tile; < 0: none */
  uint32_t n_groups;
  TsrEvaluateRemap remap; /* or NULL: one map for all runs */
  void *user;
  const TsrProgress *progress;
} TsrEvaluateInput;

/** One line of the table: means and standard deviations (n - 1; NAN for a single run) over the runs
 * in which a value is defined (AUC needs two classes in the rest). */
typedef struct {
  TsrStrategy strategy;
  TsrRule rule;
  uint32_t labels, rounds;
  double mean[TSR_N_METRICS], sd[TSR_N_METRICS];
  double *group; /* [n_groups]: the accuracy among a group's tiles that are not labelled, mean of
                    the runs that left any; NAN where none did. NULL without groups */
} TsrEvaluateRow;

/** The tiles one run labelled, in order. Of a nested strategy (tsr_strategy_is_nested) the first k
 * are the labels of the rows with k labels, whatever the rule and the rounds; else they are those
 * of the rows with n labels and these rounds, and, where the strategy needs margins, this rule. */
typedef struct {
  TsrStrategy strategy;
  unsigned run;
  uint32_t rounds; /* 0: any */
  int rule;        /* TsrRule, -1: any */
  uint32_t *tiles;
  size_t n;
} TsrEvaluatePicks;

typedef struct {
  GArray *rows;     /* TsrEvaluateRow: by strategy, rule, rounds, labels as given */
  GPtrArray *picks; /* TsrEvaluatePicks */
  uint32_t tiles;   /* how many take part */
} TsrEvaluateResult;

/** Frees the rows and the picks with their tiles; NULL is allowed. */
void tsr_evaluate_result_free (TsrEvaluateResult *result);

/** Runs every strategy, rule, number of rounds and number of labels. Run r seeds the strategies
 * with r. Sampling is in the map (the paper's way), on from what was labelled in earlier rounds;
 * with r rounds k labels are asked for k / r at a time, and strategies that need margins are given
 * those of the rule in question after each. What is not labelled is scored: class, scores and
 * probabilities as tsr_rule_apply says. Fails when no more tiles take part than labels are asked
 * for. */
TsrEvaluateResult *tsr_evaluate (const TsrEvaluateInput *input, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrEvaluateResult, tsr_evaluate_result_free)
