#pragma once
/* Side by side: fixed panels at their smallest width, the one that expands in between, and the last
 * panel, which grows with the window: a large screen shows the tile large. */

#include <gtk/gtk.h>

#define TESSERA_TYPE_PANES (tessera_panes_get_type ())
G_DECLARE_FINAL_TYPE (TesseraPanes, tessera_panes, TESSERA, PANES, GtkWidget)
