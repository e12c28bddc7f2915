#pragma once
/* How the project's tiles are normalised: methods and references, and what each makes of some
 * tiles. What is applied is stored with the project, as `tessera normalise` does.
 *
 * Signal: "applied" (char *sentence): it is stored; the window closes itself afterwards. */

#include "tessera-session.h"

#include <adwaita.h>

#define TESSERA_TYPE_STAIN_WINDOW (tessera_stain_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStainWindow, tessera_stain_window, TESSERA, STAIN_WINDOW, AdwWindow)

/** A window over parent about an open session's project (referenced), not yet shown. */
GtkWidget *tessera_stain_window_new (GtkWindow *parent, TesseraSession *session);

/** Whether something is being tried or stored. */
gboolean tessera_stain_window_is_busy (TesseraStainWindow *window);
