#pragma once
/* What an open project looked like at one moment, for work of a thread: copies of what labels
 * change, and references of what they do not. Immutable. */

#include "tessera-contents.h"
#include "tsr-propagation.h"
#include "tsr-rule.h"

typedef struct {
  gatomicrefcount refs;
  char *path;                 /* of the project's file */
  TesseraContents *contents;  /* referenced */
  int32_t *label;             /* [n]: class id, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  uint8_t *excluded;          /* [n] */
  TsrPrediction *predictions; /* [n]; NULL before there are any */
  int32_t *truth_classes;     /* index of contents' truth_names -> class id; NULL without truth */
  int32_t *classes;           /* [n_classes] ids in the list's order */
  uint32_t n_classes;
  TsrRule rule; /* that predicts */
} TesseraSnapshot;

/** Takes one more reference, on any thread; returns snapshot. */
TesseraSnapshot *tessera_snapshot_ref (TesseraSnapshot *snapshot);

/** Drops a reference, on any thread. */
void tessera_snapshot_unref (TesseraSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraSnapshot, tessera_snapshot_unref)
