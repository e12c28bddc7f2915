#pragma once
/* On the map's corner: what the colours mean where the list of classes does not say it. */

#include "tessera-coloring.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_LEGEND (tessera_map_legend_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapLegend, tessera_map_legend, TESSERA, MAP_LEGEND, GtkBox)

/** Shows the legend of a colouring whose points are given; hides where it needs none. */
void tessera_map_legend_show (TesseraMapLegend *legend, TesseraSession *session,
                              const TesseraColoring *coloring, const TesseraMapPoint *points);
