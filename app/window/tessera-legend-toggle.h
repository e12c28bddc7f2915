#pragma once
/* What switches a class or category on the map: a click shows or hides it, a double click (or
 * Ctrl+Enter) shows it alone. */

#include <gtk/gtk.h>

#define TESSERA_TYPE_LEGEND_TOGGLE (tessera_legend_toggle_get_type ())
G_DECLARE_FINAL_TYPE (TesseraLegendToggle, tessera_legend_toggle, TESSERA, LEGEND_TOGGLE,
                      GtkToggleButton)

/** An active toggle; floating reference. Signal "isolate" (): show this alone, or all again if no
 * other is shown. A double click's first click has toggled it before. */
GtkWidget *tessera_legend_toggle_new (void);
