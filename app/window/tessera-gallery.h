#pragma once
/* The third view of the one selection: tiles as thumbnails, filtered and sorted. What the sidebar
 * shows it has, less what its own filter leaves out; how it is sorted and filtered is kept with the
 * project. Filters and sorts on a thread, over a snapshot.
 *
 * Labels do not move tiles: the order stays as it was made until it is refreshed (F5, another sort
 * or filter, or coming back to the gallery). While the gallery is in front, labelling goes on at
 * the next unlabelled tile of its order instead of the next suggestion.
 *
 * Signal: "show-tile" (guint tile): to be shown on the map. */

#include "tessera-gallery-view.h"
#include "tessera-sidebar.h"

#define TESSERA_TYPE_GALLERY (tessera_gallery_get_type ())
G_DECLARE_FINAL_TYPE (TesseraGallery, tessera_gallery, TESSERA, GALLERY, GtkWidget)

/** Shows this session (referenced; NULL: none) with pictures of store (referenced), and what the
 * sidebar (borrowed) shows. */
void tessera_gallery_set_session (TesseraGallery *gallery, TesseraSession *session,
                                  TesseraTileStore *store, TesseraSidebar *sidebar);

/** The sidebar shows other tiles. */
void tessera_gallery_filter_changed (TesseraGallery *gallery);

/** Filters and sorts anew; what is in sight stays as far as it can. */
void tessera_gallery_refresh (TesseraGallery *gallery);

/** Makes thumbnails so many steps larger, or (negative) smaller. */
void tessera_gallery_step_size (TesseraGallery *gallery, int steps);

/** Selects all tiles that the gallery has; excluded ones only where what was set aside is shown. */
void tessera_gallery_select_all (TesseraGallery *gallery);

/** Selects those of them that are not selected, and no others. */
void tessera_gallery_invert (TesseraGallery *gallery);

/** The thumbnails, borrowed. */
TesseraGalleryView *tessera_gallery_get_view (TesseraGallery *gallery);

/** Whether nothing is being filtered or sorted. */
gboolean tessera_gallery_is_settled (TesseraGallery *gallery);
