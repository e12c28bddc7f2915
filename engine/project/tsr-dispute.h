#pragma once
/* Tiles that two readers gave different classes, and that lost their label until it is decided: the
 * journal knows what each said. */

#include "tsr-project.h"

/** The two readings of a tile, the project's own first. */
typedef struct {
  char *reader[2];
  int32_t label[2]; /* class ids */
} TsrDispute;

/** Frees the texts; the struct is the caller's. */
void tsr_dispute_clear (TsrDispute *dispute);

/** Whether a tile waits for a decision: it has no label, because an act (tsr_project_begin_act)
 * took another reader's label, which was not the one there was, and then cleared it. *dispute (or
 * NULL) receives what each said, transfer full. */
bool tsr_project_dispute (TsrProject *project, uint32_t tile, TsrDispute *dispute);
