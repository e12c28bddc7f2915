#pragma once
/* Tiles as a scrolling field of thumbnails, whatever their number: draws what is in sight only.
 * Shows and changes the session's selection: click, Ctrl+click, Shift+click, a box dragged, arrow
 * keys with and without Shift, Home, End and the page keys.
 *
 * Signal: "activated" (guint tile): a double click, or Enter on the current tile. */

#include "tessera-gallery-order.h"
#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_GALLERY_VIEW (tessera_gallery_view_get_type ())
G_DECLARE_FINAL_TYPE (TesseraGalleryView, tessera_gallery_view, TESSERA, GALLERY_VIEW, GtkWidget)

/** An empty view, a GtkScrollable; floating reference. */
GtkWidget *tessera_gallery_view_new (void);

/** Shows tiles of this session with pictures of store (both referenced), NULL for none; there are
 * none until an order comes. */
void tessera_gallery_view_set_session (TesseraGalleryView *view, TesseraSession *session,
                                       TesseraTileStore *store);

/** Takes an order (referenced), NULL for no tiles. stay: what is in sight stays where it is as far
 * as it is there, the current tile first; otherwise the view begins at the top. */
void tessera_gallery_view_set_order (TesseraGalleryView *view, TesseraGalleryOrder *order,
                                     gboolean stay);

/** The order shown, borrowed; or NULL. */
TesseraGalleryOrder *tessera_gallery_view_get_order (TesseraGalleryView *view);

/** Sets the thumbnails' side in px; what is in sight stays so. */
void tessera_gallery_view_set_size (TesseraGalleryView *view, int size);

/** Scrolls as little as brings the tile into sight; before the view has a size, once it has one. */
void tessera_gallery_view_reveal (TesseraGalleryView *view, uint32_t tile);

/** Selects every tile there is; excluded ones only if `excluded`. */
void tessera_gallery_view_select_all (TesseraGalleryView *view, gboolean excluded);

/** Selects those that are not selected, and no others. */
void tessera_gallery_view_invert (TesseraGalleryView *view, gboolean excluded);

/** Where labelling goes on after tiles done[n]: at the first tile behind them that has no label and
 * is not excluded, else at the next one. n = 0: at the first in sight. TESSERA_NO_TILE: nowhere.
 */
uint32_t tessera_gallery_view_next (TesseraGalleryView *view, const uint32_t *done, size_t n);

/** The tile at a point of the widget, TESSERA_NO_TILE for none. */
uint32_t tessera_gallery_view_tile_at (TesseraGalleryView *view, double x, double y);

/** Where a tile's thumbnail is in the widget, in sight or not; FALSE if the order lacks it. */
gboolean tessera_gallery_view_locate (TesseraGalleryView *view, uint32_t tile,
                                      graphene_rect_t *area);
