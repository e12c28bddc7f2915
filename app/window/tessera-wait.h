#pragma once
/* Work of a thread that somebody waits for: what takes longer than half a second is seen in a small
 * window, with its progress and a way to cancel it. Main thread only, but for the work itself. */

#include "tsr-progress.h"

#include <gtk/gtk.h>

typedef struct TesseraWait TesseraWait;

/** Begins to wait. heading says what is done; parent (or NULL) is the window it is seen over, and
 * may go meanwhile. */
TesseraWait *tessera_wait_new (GtkWindow *parent, const char *heading);

/** What the work reports to and is cancelled by; valid until the waiting ends. */
const TsrProgress *tessera_wait_progress (TesseraWait *wait);

/** Ends the waiting, after the work has: what is seen of it goes. */
void tessera_wait_free (TesseraWait *wait);

/** The window in which it is seen; NULL while it is not. Borrowed. */
GtkWindow *tessera_wait_get_window (TesseraWait *wait);
