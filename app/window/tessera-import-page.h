#pragma once
/* A folder of tiles, or slides, becoming a project: how the user wants it, progress with cancel,
 * and the list of files that were refused. */

#include <adwaita.h>

#define TESSERA_TYPE_IMPORT_PAGE (tessera_import_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraImportPage, tessera_import_page, TESSERA, IMPORT_PAGE, GtkWidget)

/** Signals: "imported" (char *path), "cancelled" (). */

/** Asks how to import folder; into NULL makes a new project beside it, else adds to that one. */
void tessera_import_page_ask (TesseraImportPage *page, const char *folder, const char *into);
/** The same for slides: files, and folders with slides, among paths (ended by NULL). */
void tessera_import_page_ask_slides (TesseraImportPage *page, const char *const *paths,
                                     const char *into);
/** Makes the demonstration at once. */
void tessera_import_page_demonstrate (TesseraImportPage *page);
/** Makes the new project that file; one that is there already is none's: FALSE, and a toast says
 * so.
 */
gboolean tessera_import_page_save_as (TesseraImportPage *page, const char *path);
/** Stops what runs. */
void tessera_import_page_cancel (TesseraImportPage *page);
/** Stops what runs, and nobody hears of its end: whoever asked has turned to something else. */
void tessera_import_page_abandon (TesseraImportPage *page);
