#pragma once
/* What the files of the rules share. */

#include "tsr-follow.h"
#include "tsr-rule.h"
#include "tsr-spread.h"

struct TsrRuleSpace {
  const float *map, *w;
  size_t map_d, d, n;
  uint8_t *blocked; /* [n] */
  /* found when first needed */
  bool checked[2]; /* the map, W: all finite */
  TsrSpreadGraph *graph;
  TsrFollowed *followed; /* of the rules that ask for it: what the labels before said */
  double *mean, *scale;  /* [d] of W: scale is 1 / standard deviation, 0 for a constant column */
};

/** One call of tsr_rule_apply: the labels that count, in the order of the tiles, and what a rule is
 * to find out. */
typedef struct {
  TsrRuleSpace *space;
  TsrRule rule;
  size_t n_classes, labels;
  uint32_t *tile; /* [labels] */
  int32_t *label; /* [labels] */
  size_t *count;  /* [n_classes] labels of each class */
  size_t seen;    /* classes with any */
  float floor; /* distances below it count as it, so that copies are near and not infinitely so */
  TsrPrediction *prediction; /* [n]: of map and w */
  float *logits; /* [n,n_classes]: -INFINITY for a class without label; of blocked tiles anything */
  float *scores; /* [n,n_classes] or NULL: of map and w */
  float *held;   /* [asked,n_classes] the same of labelled tiles whose label was left out */
  int32_t *held_label; /* [asked] */
  size_t asked;        /* of labels: how many were */
  const TsrProgress *progress;
} TsrRuling;

/** Fills prediction, logits and held for map and w (by tsr_propagation_distances: logit - log d)
 * and for knn (log (share of the votes + 1/20)), held by leaving out each label. There are at least
 * two classes here and below. Fails when cancelled. */
bool tsr_ruling_nearest (TsrRuling *ruling, GError **error);

/** Fills logits and held for spread (log (share + 1e-4)), held by leaving out each label, beyond 32
 * a eighth of them at a time. Where the graph reaches no label, the nearest in W decides. Fails
 * when cancelled, or where W is not finite. */
bool tsr_ruling_spread (TsrRuling *ruling, GError **error);

/** Fills logits and held for linear: held by fitting without each label up to 32 labels, beyond by
 * tsr_linear_held_out. Fails when cancelled. */
bool tsr_ruling_linear (TsrRuling *ruling, GError **error);

/** The label that was asked i-th: its place among all labels. Those asked are spread evenly. */
size_t tsr_ruling_asked (const TsrRuling *ruling, size_t i);

/** Marks in held that class c cannot be told for asked label i where no other label has it. */
void tsr_ruling_mark_alone (TsrRuling *ruling, size_t i, size_t own_count);
