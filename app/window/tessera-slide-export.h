#pragma once
/* The chosen slide with its overlay as a PNG, written on a thread. */

#include "tessera-window.h"

/** Asks where, and writes; the window says when it is done. */
void tessera_slide_export_run (TesseraWindow *window);

/** Writes it to path; callback on the main thread. */
void tessera_slide_export_async (TesseraSlidePane *pane, const char *path,
                                 GAsyncReadyCallback callback, gpointer user);

/** Ends it; FALSE with error. */
gboolean tessera_slide_export_finish (GAsyncResult *result, GError **error);
