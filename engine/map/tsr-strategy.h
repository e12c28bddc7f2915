#pragma once
/* Which tiles to label next, by name: every way of choosing behind one function, for the window's
 * queue, for `suggest` and for `evaluate`. All go on from what is labelled, never take a blocked
 * tile, and choose the same tiles for the same data and seed. */

#include "tsr-cover.h"
#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
  TSR_STRATEGY_FPS,       /* the farthest points: the paper's way */
  TSR_STRATEGY_RANDOM,    /* a draw */
  TSR_STRATEGY_FPS_DENSE, /* the farthest points of the denser four fifths */
  TSR_STRATEGY_KMEANS,    /* typical ones: nearest to the centres of a k-means clustering */
  TSR_STRATEGY_MARGIN,    /* those whose prediction is least sure, apart from each other */
  TSR_STRATEGY_MIX,       /* typical at first, the less sure the more labels there are */
  TSR_N_STRATEGIES
} TsrStrategy;

/** What is taken where nobody chose: with the paper's rule the best over the six sets of
 * docs/results.md. The paper's way is TSR_STRATEGY_FPS. */
#define TSR_STRATEGY_DEFAULT TSR_STRATEGY_KMEANS

/** "fps", "random", "fps-dense", "kmeans", "margin", "mix"; static. */
const char *tsr_strategy_name (TsrStrategy strategy);

/** Finds a strategy by its name; false (and *strategy untouched) for another word or NULL. */
bool tsr_strategy_from_name (const char *name, TsrStrategy *strategy);

/** Whether the strategy looks at how sure predictions are (TsrStrategyInput.margin). */
bool tsr_strategy_needs_margin (TsrStrategy strategy);

/** Whether the first of many picks are the picks for few, so that it does not matter in how many
 * rounds they are labelled. */
bool tsr_strategy_is_nested (TsrStrategy strategy);

typedef struct {
  TsrStrategy strategy;
  const float *points; /* [n,d]: the map, or W; finite where not blocked */
  size_t n, d;
  const uint8_t *labelled; /* [n] or NULL */
  const uint8_t *blocked;  /* [n] or NULL: never chosen, and nothing is chosen for their sake */
  const uint8_t *sparse;   /* [n] as tsr_density_mark_sparse, or NULL: found when needed */
  const float *margin;     /* [n] of the predictions, or NULL: nothing is predicted yet */
  const TsrCover *cover; /* of points and blocked, its sources the labelled tiles; NULL: is made */
  size_t k;
  uint64_t seed;
} TsrStrategyInput;

/** Chooses up to k tiles into chosen [k], how many into *found (fewer when tiles run out).
 *
 * fps, random: tsr_sample_fps, tsr_sample_random. fps-dense: the same as fps among the tiles that
 * tsr_density_mark_sparse does not mark (16th neighbour, a fifth), sparse labelled ones included as
 * sources; the marked ones only when those run out. kmeans: tsr_kmeans_choose.
 *
 * margin: of the 1 + 5 (k - 1) tiles of least margin (ties: lower index) those that fps takes on
 * from the labels, so that a batch does not hold k copies of one doubt; without margins, or while
 * all are 1 (one class so far), as kmeans.
 *
 * mix: of l labels in all about 20 ln (1 + l / 20) are chosen as by kmeans and the others as by
 * margin: all of the first ten but two, half of those round the 20th, a sixth round the 100th.
 *
 * Fails when cancelled, or where the place of a tile that is not blocked is not finite (random
 * looks at none). */
bool tsr_strategy_choose (const TsrStrategyInput *input, uint32_t *chosen, size_t *found,
                          const TsrProgress *progress, GError **error);
