#pragma once
/* Shared by tsr-lab.c (slots, any thread) and tsr-lab-draw.c (networks, engine thread) only. */

#include "tsr-lab.h"

/** A world that is shared by reference while the lab may get another. */
typedef struct {
  gatomicrefcount refs;
  gint serial; /* no other world has it */
  TsrLabWorld is;
} TsrLabShared;

/** The networks and what has been read with them, while the lab is an engine's guest. */
typedef struct TsrLabDrawer TsrLabDrawer;

/** Opens the model; path and model as for tsr_lab_new. */
TsrLabDrawer *tsr_lab_drawer_new (TsrDevice *device, const char *path, const char *model,
                                  GError **error);

/** Frees it with its networks; NULL is allowed. */
void tsr_lab_drawer_free (TsrLabDrawer *drawer);

/** Answers a request; NULL only with G_IO_ERROR_CANCELLED: what goes wrong otherwise is the
 * answer's problem. */
TsrLabAnswer *tsr_lab_drawer_answer (TsrLabDrawer *drawer, const TsrLabShared *world,
                                     const TsrLabRequest *request, GCancellable *cancellable,
                                     GError **error);
