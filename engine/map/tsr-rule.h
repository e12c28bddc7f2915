#pragma once
/* How labels say what all other tiles are: the paper's rule and others beside it, all giving a
 * class, the labelled tile to show for it, and a calibrated probability for each class. */

#include "tsr-progress.h"
#include "tsr-propagation.h"

typedef enum {
  TSR_RULE_MAP,    /* the nearest labelled tile in the map: the paper's */
  TSR_RULE_W,      /* the nearest labelled tile in W */
  TSR_RULE_KNN,    /* the five nearest labelled tiles in W, weighted by distance */
  TSR_RULE_SPREAD, /* label spreading on the graph of neighbours in W */
  TSR_RULE_LINEAR, /* multinomial logistic regression in W */
  TSR_N_RULES
} TsrRule;

/** "map", "w", "knn", "spread", "linear"; static. */
const char *tsr_rule_name (TsrRule rule);

/** What the rule goes by, for people: "nearest label in the map", marked for translation but not
 * translated; static. */
const char *tsr_rule_description (TsrRule rule);

/** Finds a rule by its name; false (and *rule untouched) for another word or NULL. */
bool tsr_rule_from_name (const char *name, TsrRule *rule);

/** Whether the rule needs W vectors; else it needs places on the map. */
bool tsr_rule_needs_w (TsrRule rule);

/** What the rules know of the tiles whatever their labels are, found when first needed: the graph
 * of neighbours, the scale of W; and which label each tile followed the last time, so that one more
 * label is quick. One call at a time. */
typedef struct TsrRuleSpace TsrRuleSpace;

/** A space over map [n,map_d] and w [n,d], each borrowed and NULL if no rule needs it. Blocked
 * tiles (NULL: none) neither get nor give labels; the rows of all others must be finite. */
TsrRuleSpace *tsr_rule_space_new (const float *map, size_t map_d, const float *w, size_t d,
                                  size_t n, const uint8_t *blocked);

/** Frees the space, not the points; NULL is allowed. */
void tsr_rule_space_free (TsrRuleSpace *space);

/** What a rule says, into arrays of the caller. */
typedef struct {
  TsrPrediction *prediction; /* [n] */
  float *probability;        /* [n, n_classes] */
  float *scores;             /* [n, n_classes], or NULL: not wanted */
  int32_t
      *told; /* [n], or NULL: not wanted. Of a labelled tile, the class that the others say it has
                when it is left out; TSR_NO_CLASS where that is not known (one class only, a label
                alone in its class, beyond 1,024 labels most of them with map, w and knn) */
  double temperature;
  size_t held, held_right; /* labels that were left out one at a time (spread, beyond 32 labels: an
                              eighth at a time), and how many of them the others told; 0 while only
                              one class has labels */
} TsrRuleResult;

/** Predicts every tile from label [n] (a class in [0, n_classes), negative: none; n_classes > 0).
 *
 * prediction: for map and w as tsr_propagation_predictions; for the others class_id is the class of
 * the highest probability (the lower of equal ones), follows the nearest labelled tile of that
 * class in W, distance how far it is, and margin the lead of the highest probability over the next
 * (1 while there is one class).
 *
 * probability: calibrated as tsr-calibration.h describes, from logits - log d (map and w, d to the
 * nearest label of the class), the log of the votes' or scores' share (knn, spread), or the
 * regression's own (linear); a labelled tile's class has 1, a blocked tile all 0. temperature is
 * what the calibration found, 1 where it could find nothing.
 *
 * scores, to rank tiles by: for map and w as tsr_propagation_scores, else the probabilities.
 *
 * Without labels nothing is predicted and all are 0. The same labels give the same answer, bit for
 * bit, in whatever order they came and for any number of threads. Fails when cancelled, or where W
 * is not finite. */
bool tsr_rule_apply (TsrRuleSpace *space, TsrRule rule, const int32_t *label, size_t n_classes,
                     TsrRuleResult *result, const TsrProgress *progress, GError **error);
