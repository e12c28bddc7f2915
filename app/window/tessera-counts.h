#pragma once
/* How many tiles are what: counted on the desk's thread whenever labels or predictions change, and
 * immutable from then on. */

#include "tessera-contents.h"
#include "tsr-propagation.h"

/** Counts for one class. */
typedef struct {
  uint32_t labelled, predicted; /* predicted: unlabelled tiles */
} TesseraClassCount;

typedef struct {
  GHashTable *classes; /* class id -> TesseraClassCount */
  uint32_t n_labelled, n_unsure, n_excluded;
  uint32_t n_taught;    /* classes with a label */
  double accuracy;      /* share of right predictions where the truth is known; NAN: nowhere */
  uint32_t accuracy_of; /* predictions of known truth */
} TesseraCounts;

/** Counts n tiles by their label [n], excluded [n] and predictions [n] (NULL: none). Excluded tiles
 * count as nothing else. truth [n] numbers the ground truth (NULL: none; < 0: unknown) and
 * truth_classes the class each number means (NULL: none known). Owned by the caller. */
TesseraCounts *tessera_counts_new (uint32_t n, const int32_t *label, const uint8_t *excluded,
                                   const TsrPrediction *predictions, const int32_t *truth,
                                   const int32_t *truth_classes);

/** Frees the counts; not NULL. */
void tessera_counts_free (TesseraCounts *counts);

/** The counts of a class; zeros for one that no tile has. */
TesseraClassCount tessera_counts_of_class (const TesseraCounts *counts, int32_t id);
