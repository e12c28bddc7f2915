#pragma once
/* How the session's tiles look on the map under the sidebar's filter: points, palette, a caption.
 */

#include "tessera-coloring.h"
#include "tessera-sidebar.h"

/** TesseraMapPoint for every tile. Transfer full. */
GBytes *tessera_map_paint_points (TesseraSession *session, TesseraSidebar *sidebar,
                                  const TesseraColoring *coloring);

/** TesseraMapClass: the coloring's palette; classes switched off in the sidebar are hidden.
 * Transfer full. */
GArray *tessera_map_paint_palette (TesseraSession *session, TesseraSidebar *sidebar,
                                   const TesseraColoring *coloring);

/** One line on a tile: what it is and why. Transfer full. */
char *tessera_map_paint_caption (TesseraSession *session, uint32_t tile);
