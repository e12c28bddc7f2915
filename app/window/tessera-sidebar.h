#pragma once
/* Left: the classes with their counts, what is shown, and how far the labels reach. */

#include "tessera-session.h"
#include "tessera-show.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SIDEBAR (tessera_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSidebar, tessera_sidebar, TESSERA, SIDEBAR, GtkBox)

/** Shows the classes of this session (referenced), NULL for none. Signal "filter-changed" (): the
 * filter or a class's visibility. */
void tessera_sidebar_set_session (TesseraSidebar *sidebar, TesseraSession *session);

/** The filter chosen. */
TesseraShow tessera_sidebar_get_show (TesseraSidebar *sidebar);

/** Shows all tiles of all classes again. */
void tessera_sidebar_show_all (TesseraSidebar *sidebar);

/** Whether a class is shown on the map; TRUE for one that is not in the list. */
gboolean tessera_sidebar_get_class_shown (TesseraSidebar *sidebar, int32_t id);
/** Puts the cursor into the field that adds a class. */
void tessera_sidebar_focus_new_class (TesseraSidebar *sidebar);
/** Whether the tile passes the filter. */
gboolean tessera_sidebar_passes (TesseraSidebar *sidebar, uint32_t tile);
