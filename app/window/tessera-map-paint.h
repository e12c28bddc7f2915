#pragma once
/* How the session's tiles look on the map: their points, the palette, a caption. */

#include "tessera-map-pane.h"

/** TesseraMapPoint for every tile. Transfer full. */
GBytes *tessera_map_paint_points (TesseraSession *session, TesseraSidebar *sidebar,
                                  TesseraColorBy by);

/** TesseraMapClass: the project's classes in order, then (by truth) a class for each truth name
 * without one. Transfer full. */
GArray *tessera_map_paint_palette (TesseraSession *session, TesseraSidebar *sidebar,
                                   TesseraColorBy by);

/** One line on a tile: what it is and why. Transfer full. */
char *tessera_map_paint_caption (TesseraSession *session, uint32_t tile);
