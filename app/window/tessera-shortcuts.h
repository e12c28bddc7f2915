#pragma once
/* The window that lists the keys: those of the project's classes first. */

#include "tessera-session.h"

#include <gtk/gtk.h>

/** A window of its own, not yet shown; it belongs to GTK. session: whose classes are listed, NULL
 * for none. */
GtkWindow *tessera_shortcuts_new (TesseraSession *session);
