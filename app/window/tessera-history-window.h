#pragma once
/* History: everything that was done to the labels, newest first; by whom, how, and to which tiles;
 * found by words and filters. Choosing an entry shows its tiles in the main window; going back
 * makes everything what it was right after an entry. */

#include "tessera-history-list.h"
#include "tessera-window.h"

#define TESSERA_TYPE_HISTORY_WINDOW (tessera_history_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHistoryWindow, tessera_history_window, TESSERA, HISTORY_WINDOW,
                      AdwWindow)

/** A window over the one whose project is open, not yet shown; it closes with the project. */
GtkWidget *tessera_history_window_new (TesseraWindow *parent);

/** The entries shown, borrowed. */
TesseraHistoryList *tessera_history_window_get_list (TesseraHistoryWindow *window);
