#pragma once
/* On the map's corner: what the colours mean where the list of classes does not say it. */

#include "tessera-coloring.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_LEGEND (tessera_map_legend_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapLegend, tessera_map_legend, TESSERA, MAP_LEGEND, GtkBox)

/** Shows the legend of a colouring whose points are given; hides where it needs none. Categories
 * that were switched off stay so while the colouring is the same. Signal "visibility-changed" ():
 * one was switched on or off. */
void tessera_map_legend_show (TesseraMapLegend *legend, TesseraSession *session,
                              const TesseraColoring *coloring, const TesseraMapPoint *points);

/** Marks as hidden what is switched off, in the palette (TesseraMapClass) of a colouring. */
void tessera_map_legend_mark_hidden (TesseraMapLegend *legend, const TesseraColoring *coloring,
                                     GArray *palette);
