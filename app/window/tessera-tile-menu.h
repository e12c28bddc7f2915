#pragma once
/* The menu of a tile: a right click on it, or the menu key on the current one. */

#include "tessera-session.h"

#include <gtk/gtk.h>

/** Which tile is at a point of the widget; TESSERA_NO_TILE for none. */
typedef uint32_t (*TesseraTileAtFunc) (GtkWidget *widget, double x, double y, gpointer user);

/** Gives a widget the menu. A tile that is not selected is selected before, alone. session is the
 * address of the owner's own (NULL there: no menu); both, and user, outlive the widget's use. */
void tessera_tile_menu_attach (GtkWidget *widget, TesseraSession **session, TesseraTileAtFunc at,
                               gpointer user);
