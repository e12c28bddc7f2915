#pragma once
/* The map's points as labels and predictions colour them. No session, no GTK: the desk paints them
 * as well as the window, so that a label costs the main thread nothing for each tile. */

#include "tessera-map-point.h"
#include "tsr-propagation.h"

#include <stdint.h>

/** One point a tile [n], transfer full (g_free; never NULL): a label's class, where there is none
 * the prediction's. Classes are numbered by their place in class_ids [n_classes]; those beyond the
 * palette's limit, and ids that are not there, have no class. excluded [n]; prediction [n] or NULL:
 * labels only. */
TesseraMapPoint *tessera_colours_paint (const int32_t *class_ids, size_t n_classes, uint32_t n,
                                        const int32_t *label, const uint8_t *excluded,
                                        const TsrPrediction *prediction);
