#pragma once
/* The half of the bench that needs a display. */

#include "tessera-map-bench.h"
#include "tessera-map-point.h"

/** The bench's places, floats [n,2] in lumps, the same each time. Transfer full. */
GBytes *tessera_map_bench_layout (guint n);

/** The states of those points, TesseraMapPoint [n], transfer full: all predicted, about fifty
 * labelled; each turn gives every lump another of 8 classes. */
GBytes *tessera_map_bench_points (guint n, guint turn);

/** Fills in the 8 classes, by the colours and shapes of tsr-marker.h. */
void tessera_map_bench_palette (TesseraMapClass classes[8]);

#define TESSERA_MAP_BENCH_CORNERS 400

/** Fills the window part of bench; leaves it empty without a display. lasso: corners (x, y pairs)
 * in the layout's units. */
void tessera_map_bench_window (GBytes *xy, const double lasso[2 * TESSERA_MAP_BENCH_CORNERS],
                               TesseraMapBench *bench);
