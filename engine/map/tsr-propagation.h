#pragma once
/* Labels spread to all tiles by the nearest labelled neighbour, in the map or in W. The state is
 * updated in O(n) a label. */

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#define TSR_NO_CLASS (-1)

typedef struct {
  int32_t class_id; /* of the nearest labelled tile; TSR_NO_CLASS before any label */
  uint32_t follows; /* that tile's index; UINT32_MAX for none */
  float distance;   /* to it; 0 for a labelled tile itself */
  float margin; /* (d_other - d) / (d_other + d) in [0,1], d_other to the nearest tile of another
                   class; 1 with one class */
} TsrPrediction;

typedef struct TsrPropagation TsrPropagation;

/** points [n,d] is borrowed and must outlive the state. Blocked tiles (tsr_propagation_block)
 * neither get nor give labels. */
TsrPropagation *tsr_propagation_new (const float *points, size_t n, size_t d);

/** Frees the state, not the points; NULL is allowed. */
void tsr_propagation_free (TsrPropagation *state);

/** Labels tile i with class_id >= 0, or changes or (TSR_NO_CLASS) clears its label. Adding: one
 * distance a tile. Clearing or changing recomputes the tiles it owned. */
void tsr_propagation_set (TsrPropagation *state, uint32_t tile, int32_t class_id);

/** Many at once, for loading a project and bulk labels. */
void tsr_propagation_set_many (TsrPropagation *state, const uint32_t *tiles, const int32_t *classes,
                               size_t count);

/** Excluded tiles get no prediction and give none. */
void tsr_propagation_block (TsrPropagation *state, uint32_t tile, bool blocked);

/** The predictions [n], borrowed, valid until the next change. */
const TsrPrediction *tsr_propagation_predictions (const TsrPropagation *state);

/** Distances [n, n_classes] to the nearest label of each class; INFINITY where the class has none,
 * and for blocked tiles. */
void tsr_propagation_distances (const TsrPropagation *state, size_t n_classes, float *distances);

/** Scores [n, n_classes]: for class c, d(nearest label of another class) / (d(nearest label of c) +
 * that); 0 for a class not yet seen, 1 for the only class seen, 1/2 where both distances are 0, all
 * 0 for a blocked tile. So the predicted class has score (1 + margin) / 2. */
void tsr_propagation_scores (const TsrPropagation *state, size_t n_classes, float *scores);
