#pragma once
/* The half of the bench that needs a display. */

#include "tessera-map-bench.h"
#include "tessera-map-point.h"

/** Sorts n times in milliseconds and sums them up. */
TesseraMapTiming tessera_map_timing (double *ms, guint n);

/** The bench's points: places, states (another assignment of classes for each turn) and classes. */
GBytes *tessera_map_bench_layout (guint n);
GBytes *tessera_map_bench_points (guint n, guint turn);
void tessera_map_bench_palette (TesseraMapClass classes[8]);

/** Fills the window part of bench; leaves it empty without a display. */
void tessera_map_bench_window (GBytes *xy, TesseraMapBench *bench);
