#pragma once
/* How good is it? A window beside the project's: whether to stop, how often predictions are right
 * by the labels and by random tiles, which classes lack labels, signs of trouble with what helps,
 * and labels that the others disagree with. Follows the session. */

#include "tessera-session.h"

#include <adwaita.h>

#define TESSERA_TYPE_HEALTH_WINDOW (tessera_health_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHealthWindow, tessera_health_window, TESSERA, HEALTH_WINDOW, AdwWindow)

/** A window over parent, whose actions its buttons take, about an open session (referenced); not
 * yet shown. */
GtkWidget *tessera_health_window_new (GtkWindow *parent, TesseraSession *session);

/** Whether the report is being made anew. */
gboolean tessera_health_window_is_busy (TesseraHealthWindow *window);
