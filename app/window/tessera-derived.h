#pragma once
/* What follows from labels: predictions, the queue of suggestions, the coverage. Lives on the desk
 * thread. */

#include "tessera-contents.h"
#include "tsr-rule.h"
#include "tsr-strategy.h"

/** The number of suggestions asked for when the user has not said. */
#define TESSERA_BATCH 20
/** The coverage says what this many further labels bring. */
#define TESSERA_COVERAGE_MORE 10

typedef struct {
  TesseraContents *contents;   /* owned reference; NULL before the first reset */
  int32_t *label;              /* [n] */
  uint8_t *excluded;           /* [n] */
  TsrRule rule;                /* what predictions follow */
  TsrStrategy strategy;        /* how tiles are suggested, in the map */
  uint32_t batch;              /* suggestions at a time */
  TsrPropagation *propagation; /* of the rules map and w; NULL while there are no points for it */
  TsrRuleSpace *space;         /* of the other rules; NULL without W */
  TsrPrediction *ruled;        /* [n] what such a rule says; NULL without space */
  uint8_t *sparse;             /* [n] the map's outliers, NULL until they are needed */
  TsrCover *cover;             /* of the map by the labels; NULL until it is needed */
  bool cover_is_stale;         /* a label has gone: its sources are to be found anew */
  const char *given;           /* what list the queue is to be worked through as it is, static
                                  (TSR_SUGGESTED_...); NULL: it is chosen, and chosen anew */
  GArray *queue;               /* uint32_t, still to do */
  GArray *done;                /* uint32_t, labelled from this batch, oldest first */
  GArray *skipped;             /* uint32_t, in the order they were skipped */
  GArray *set_aside;           /* uint32_t: excluded while they were in the queue */
  uint64_t draws;              /* random batches drawn so far */
  uint32_t behind;             /* suggestions to be chosen anew; 0: none */
} TesseraDerived;

/** An empty state without contents, with batches of TESSERA_BATCH. Owned by the caller. */
TesseraDerived *tessera_derived_new (void);

/** Frees the state and drops its reference to the contents; not NULL. */
void tessera_derived_free (TesseraDerived *derived);

/** Takes new contents and labels (transfer full for the arrays) and a stored batch (uint32_t,
 * borrowed, or NULL; `strategy` (or NULL) says how it was chosen), and builds everything from them
 * but for suggestions, where the batch leaves none: then it returns true, and
 * tessera_derived_catch_up has to choose them. */
bool tessera_derived_reset (TesseraDerived *derived, TesseraContents *contents, int32_t *label,
                            uint8_t *excluded, const GArray *batch, const char *strategy);

/** Rebuilds the predictions after the rule changed. */
void tessera_derived_set_rule (TesseraDerived *derived, TsrRule rule);

/** Applies journal changes (TsrLabelChange) to labels and predictions, and takes out of the queue
 * what it no longer may hold. Returns false if the rest of the queue stands as it is; else
 * tessera_derived_catch_up has to choose it anew. That can take longer than the colours of the map
 * may wait. */
bool tessera_derived_apply (TesseraDerived *derived, const GArray *changes);

/** Chooses suggestions anew after changes that made it necessary. Returns true if those finished
 * the batch and there is a new one. */
bool tessera_derived_catch_up (TesseraDerived *derived);

/** Puts a suggested tile at the end of the queue. */
void tessera_derived_skip (TesseraDerived *derived, uint32_t tile);

/** Makes these tiles (uint32_t; NULL: none) the batch in the place of the one there is: a list to
 * be worked through as it is where `list` (or NULL) is TSR_SUGGESTED_CONSENSUS ..., else
 * suggestions. */
void tessera_derived_give (TesseraDerived *derived, const GArray *tiles, const char *list);

/** Draws a new batch of k (0: the usual number) continuing from the labels. */
void tessera_derived_suggest (TesseraDerived *derived, uint32_t k);

/** The whole batch, done and to do, as it is stored. Transfer full. */
GArray *tessera_derived_batch (const TesseraDerived *derived);

/** The predictions, borrowed until the next change, or NULL. */
const TsrPrediction *tessera_derived_peek_predictions (const TesseraDerived *derived);

/** A copy of the predictions, or NULL. */
TsrPrediction *tessera_derived_predictions (const TesseraDerived *derived);

/** Covering radius of the labels on the map now and after `more` further suggestions; false without
 * a map. */
bool tessera_derived_coverage (TesseraDerived *derived, uint32_t more, float *now, float *then);

/** The k nearest tiles to `tile` in W (or on the map if there is no W), nearest first. Transfer
 * full. */
GArray *tessera_derived_neighbours (const TesseraDerived *derived, uint32_t tile, uint32_t k);
