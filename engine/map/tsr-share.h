#pragma once
/* How often something was right, with how sure that is: of labels that are left out one at a time,
 * and of tiles drawn at random. */

#include <stddef.h>
#include <stdint.h>

/** The share of right predictions that is asked for where nobody said (setting "health.goal", in
 * percent). */
#define TSR_SHARE_GOAL 0.9

/** An estimate of the goal or more is believed if its 95 % interval begins at most this far below
 * the goal: of 30 random tiles one may be wrong. */
#define TSR_SHARE_TOLERANCE 0.1

typedef struct {
  size_t right, n;
  double share;     /* right / n; NAN for n = 0 */
  double low, high; /* 95 %, Wilson 1927; 0 and 1 for n = 0 */
} TsrShare;

/** right of n with the interval of tsr_wilson_interval; right <= n. */
TsrShare tsr_share (size_t right, size_t n);

/** The fewest of which all must be right for the interval's lower end to reach `low` in [0,1):
 * Wilson's lower end of n of n is n / (n + z^2), z = 1.96. At least 1. */
size_t tsr_share_fewest (double low);

/** How many labels the others tell, from what tsr_rule_apply says: label [n] a class in [0,
 * n_classes) or negative, told [n] the class the others say (negative: not known). each [n_classes]
 * receives the labels of every class, total (or NULL) their sum. A label that is alone in its class
 * cannot be told by others and counts as wrong; others that told knows nothing of do not count.
 * With labels of fewer than two classes all are empty: then leaving one out says nothing.
 *
 * The labels are no random sample of the tiles. Where they were chosen far apart or unsure, each is
 * farther from the others than most tiles are from it, and the share is too low; where they were
 * chosen as typical, it can be too high. What the labels themselves get wrong it cannot see. */
void tsr_share_held (const int32_t *label, const int32_t *told, size_t n, size_t n_classes,
                     TsrShare *total, TsrShare *each);

/** The share of the most frequent class among the labels: what always guessing it gets right. NAN
 * without labels. label [n] as above. */
double tsr_share_majority (const int32_t *label, size_t n, size_t n_classes);
