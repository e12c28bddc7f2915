#pragma once
/* Asks where the tiles of a project, image files of their own, lie on which slides. */

#include "tessera-files-row.h"
#include "tessera-window.h"

#define TESSERA_TYPE_PLACE_WINDOW (tessera_place_window_get_type ())
G_DECLARE_FINAL_TYPE (TesseraPlaceWindow, tessera_place_window, TESSERA, PLACE_WINDOW, AdwWindow)

/** A window over this one about its open project, not yet shown. */
GtkWidget *tessera_place_window_new (TesseraWindow *over);

/** The row of tables; borrowed. */
TesseraFilesRow *tessera_place_window_get_tables (TesseraPlaceWindow *window);

/** The row of slides; borrowed. */
TesseraFilesRow *tessera_place_window_get_slides (TesseraPlaceWindow *window);
