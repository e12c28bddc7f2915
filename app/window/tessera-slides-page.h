#pragma once
/* How slides are to become tiles: the files with what they say, the chosen one's tissue as the mask
 * sees it while its settings are moved, and how many tiles that will give. */

#include "tessera-import.h"

#include <adwaita.h>

#define TESSERA_TYPE_SLIDES_PAGE (tessera_slides_page_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlidesPage, tessera_slides_page, TESSERA, SLIDES_PAGE, GtkWidget)

/** Signals: "start" (), "cancelled" (), "choose-path" (): the project's file is to be asked for. */

/** Looks at the slides among paths (ended by NULL; folders too). into: the project they are to
 * join; NULL: a new one. */
void tessera_slides_page_ask (TesseraSlidesPage *page, const char *const *paths, const char *into);

/** Shows where the project will be. */
void tessera_slides_page_set_path (TesseraSlidesPage *page, const char *path, gboolean fixed);

/** What was chosen, transfer full. */
TesseraSlidesChoice *tessera_slides_page_dup_choice (TesseraSlidesPage *page);

/** Stops looking: the page is left. */
void tessera_slides_page_leave (TesseraSlidesPage *page);
