#pragma once
/* Right: what is selected. One tile large, with what is known of it and why; many tiles as a grid;
 * and the buttons that label. */

#include "tessera-jobs.h"
#include "tessera-session.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_TILE_PANEL (tessera_tile_panel_get_type ())
G_DECLARE_FINAL_TYPE (TesseraTilePanel, tessera_tile_panel, TESSERA, TILE_PANEL, GtkBox)

/** Shows the selection of this session with pictures of store (both referenced), NULL for none. */
void tessera_tile_panel_set_session (TesseraTilePanel *panel, TesseraSession *session,
                                     TesseraTileStore *store);

/** Whether it stands beside the gallery, which says what can be done where nothing is selected. */
void tessera_tile_panel_set_in_gallery (TesseraTilePanel *panel, gboolean in_gallery);

/** Whose lab draws what the model sees of the tile (referenced); after
 * tessera_tile_panel_set_session, whose session that is. NULL: nobody's. */
void tessera_tile_panel_set_jobs (TesseraTilePanel *panel, TesseraJobs *jobs);
