#pragma once
/* What a project knows about every tile, gathered once: the base of every export, of `classify` and
 * of the map as a picture. */

#include "tsr-project.h"
#include "tsr-progress.h"
#include "tsr-rule.h"

typedef struct {
  uint32_t n;
  char **names;       /* [n] as tsr_project_tile_names */
  GPtrArray *classes; /* TsrClass, in the user's order */
  uint32_t n_classes;
  int32_t *label;         /* [n]: index into classes, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  uint8_t *excluded;      /* [n] */
  char **truth_names;     /* ended by NULL; NULL if no tile has ground truth */
  int32_t *truth;         /* [n]: index into truth_names or -1 */
  int32_t *truth_classes; /* for each of truth_names: index into classes or -1; NULL without */
  float *map;             /* [n,2], NAN where there is no place; NULL without a map */
  char *map_info;         /* JSON of how the map was made, or NULL */
  TsrRule rule;
  TsrPrediction *prediction; /* [n], class_id an index into classes; NULL if there is nothing to
                                predict with */
  float *scores;             /* [n, n_classes] to rank by, as TsrRuleResult; NULL with prediction */
  float *probability;        /* [n, n_classes] calibrated, as TsrRuleResult; NULL with prediction */
  double temperature;        /* of the calibration */
  int32_t *told;             /* [n]: of labelled tiles, what the others say, as TsrRuleResult */
  size_t held, held_right;   /* labels left out one at a time, and those the others told */
} TsrTable;

/** Gathers everything; predictions by `rule` if the project has a map (or W vectors) and at least
 * one label, else none. With require_predictions their lack is an error that says what to do first.
 * Owned by the caller. */
TsrTable *tsr_table_new (TsrProject *project, TsrRule rule, bool require_predictions,
                         const TsrProgress *progress, GError **error);

/** Frees the table with everything in it; NULL is allowed. */
void tsr_table_free (TsrTable *table);

/** The class a tile counts as: its label, else its prediction; NULL if neither, or if it is unsure
 * or excluded. Borrowed. */
const TsrClass *tsr_table_class (const TsrTable *table, uint32_t tile);

/** The class at an index, borrowed; NULL out of range. */
const TsrClass *tsr_table_nth_class (const TsrTable *table, int32_t index);

typedef struct {
  uint32_t rgb;  /* 0xRRGGBB */
  int32_t shape; /* TsrMarkerShape */
} TsrTableLook;

/** How a ground-truth class is drawn: like the class that has or had its name, else like none. */
TsrTableLook tsr_table_truth_look (const TsrTable *table, int32_t truth);

/** How many tiles carry a label of the class, and how many others are predicted as it. */
void tsr_table_count (const TsrTable *table, int32_t index, uint32_t *labelled,
                      uint32_t *predicted);

/** Whether a map (its info as tsr_project_get_map gives it; NULL: none) was made from another
 * model's vectors than model_id names. False where either does not say. */
bool tsr_map_info_is_stale (const char *info, const char *model_id);

/** "labelled", "unsure", "excluded" or "unlabelled"; static. */
const char *tsr_table_state (const TsrTable *table, uint32_t tile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTable, tsr_table_free)
