#pragma once
/* Which tiles the user wants to see, as one choice for all views: the map and the slide show the
 * others faintly, the gallery leaves them out. */

#include "tsr-propagation.h"

typedef enum {
  TESSERA_SHOW_ALL,
  TESSERA_SHOW_UNLABELLED,
  TESSERA_SHOW_LABELLED,
  TESSERA_SHOW_UNCERTAIN, /* predicted with a small margin */
  TESSERA_SHOW_UNSURE,    /* and excluded: what was set aside */
  TESSERA_SHOW_WRONG,     /* predicted otherwise than the truth says */
} TesseraShow;

/** Below this margin a prediction counts as uncertain. */
#define TESSERA_UNCERTAIN_MARGIN 0.15f

/** What a choice goes by. */
typedef struct {
  int32_t label; /* class id, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  bool excluded;
  const TsrPrediction *prediction; /* NULL: none yet */
  bool has_truth;
  int32_t truth_class; /* where has_truth: a class id, or TSR_LABEL_NONE for no class of the list */
} TesseraShowTile;

/** Whether a tile is one that is shown. */
bool tessera_show_passes (TesseraShow show, const TesseraShowTile *tile);
