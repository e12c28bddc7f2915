#pragma once
/* What stands there without a project: a new one from a folder, open, recent ones, the
 * demonstration. What is dropped there the window takes. */

#include <adwaita.h>

#define TESSERA_TYPE_START_PAGE (tessera_start_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStartPage, tessera_start_page, TESSERA, START_PAGE, GtkWidget)

/** Signal: "open-path" (char *path) for a recent project. */

/** Reads the list of recent projects again. */
void tessera_start_page_refresh (TesseraStartPage *page);
