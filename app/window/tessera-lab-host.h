#pragma once
/* The window's latent lab: its questions wait here until the engine has time for them as a guest,
 * and its answers come out on the main context. Main thread only. */

#include "tsr-engine.h"
#include "tsr-lab.h"

typedef struct TesseraLabHost TesseraLabHost;

/** Receives the answer of a slot, borrowed for the call. */
typedef void (*TesseraLabHostFunc) (int slot, TsrLabAnswer *answer, gpointer user);

/** A lab for a project's file. */
TesseraLabHost *tessera_lab_host_new (const char *project, TesseraLabHostFunc answered,
                                      gpointer user);
/** Ends it; no answer comes after. NULL is allowed. */
void tessera_lab_host_free (TesseraLabHost *host);

/** The lab, borrowed. */
TsrLab *tessera_lab_host_get_lab (TesseraLabHost *host);

/** Has the engine take the lab in where something is asked that nobody answers yet. */
void tessera_lab_host_find (TesseraLabHost *host, TsrEngine *engine);

/** The engine that had it is gone: this one takes it in. */
void tessera_lab_host_move (TesseraLabHost *host, TsrEngine *engine);
