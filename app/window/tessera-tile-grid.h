#pragma once
/* The selected tiles as a scrolling grid of thumbnails, the current one large above it: a click (or
 * Enter) makes a tile current, Ctrl+click takes it out of the selection. */

#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_TILE_GRID (tessera_tile_grid_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTileGrid, tessera_tile_grid, TESSERA, TILE_GRID, GtkWidget)

/** Shows the selection of this session with pictures of store (both referenced), NULL for none. */
void tessera_tile_grid_set_session (TesseraTileGrid *grid, TesseraSession *session,
                                    TesseraTileStore *store);
