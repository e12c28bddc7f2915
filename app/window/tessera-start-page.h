#pragma once
/* What stands there without a project: a new one from a folder (also dropped here), open, recent
 * ones, the demonstration. */

#include <adwaita.h>

#define TESSERA_TYPE_START_PAGE (tessera_start_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraStartPage, tessera_start_page, TESSERA, START_PAGE, GtkWidget)

/** Signals: "open-path" (char *path) for a recent or dropped project, "import-folder" (char *path)
 * for a dropped folder, "import-slides" (char **paths) for dropped slides. */

/** Reads the list of recent projects again. */
void tessera_start_page_refresh (TesseraStartPage *page);
