#pragma once
/* The middle of the window: the map with its tools, what colours it, and what to do while there is
 * no map. */

#include "tessera-jobs.h"
#include "tessera-map-view.h"
#include "tessera-session.h"
#include "tessera-sidebar.h"
#include "tessera-tile-store.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_PANE (tessera_map_pane_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapPane, tessera_map_pane, TESSERA, MAP_PANE, GtkWidget)

/** Shows this session with pictures of store (all referenced) under the filter of sidebar
 * (borrowed); jobs tell what is under way while there is no map. A session of NULL empties the map.
 */
void tessera_map_pane_set_session (TesseraMapPane *pane, TesseraSession *session, TesseraJobs *jobs,
                                   TesseraTileStore *store, TesseraSidebar *sidebar);

/** The map itself, borrowed. */
TesseraMapView *tessera_map_pane_get_view (TesseraMapPane *pane);

/** Takes the sidebar's filter anew. */
void tessera_map_pane_refresh (TesseraMapPane *pane);

/** Moves the map to a tile that is not in sight. */
void tessera_map_pane_reveal (TesseraMapPane *pane, uint32_t tile);
