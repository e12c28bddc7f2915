#pragma once
/* Two readers of the same tiles: how far they agree, the tiles they do not agree on, and what to do
 * about it. */

#include "tessera-window.h"
#include "tsr-agreement.h"

#define TESSERA_TYPE_READERS_WINDOW (tessera_readers_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraReadersWindow, tessera_readers_window, TESSERA, READERS_WINDOW,
                      AdwWindow)

/** Reads what another reader said, at path (a project or a CSV table), on a thread, and shows the
 * comparison; a toast says why that cannot be. */
void tessera_readers_window_compare (TesseraWindow *parent, const char *path);
