#pragma once
/* t-SNE's iterations on a device: layout, velocities, gains and forces stay there. The steps are
 * those of engine/map/tsr-tsne.c; sums are made in a fixed order, so that the same device makes the
 * same map, bit for bit. */

#include "tsr-device.h"
#include "tsr-map-accelerator.h"

typedef struct TsrMapOptimiser TsrMapOptimiser;

/** As TsrMapAccelerator's optimiser_new, of a device. */
TsrMapOptimiser *tsr_map_optimiser_new (TsrDevice *device, const TsrAttraction *attraction,
                                        const float *y, GError **error);

/** Frees it; NULL is allowed. */
void tsr_map_optimiser_free (TsrMapOptimiser *optimiser);

/** As TsrMapAccelerator's forces. */
bool tsr_map_optimiser_forces (TsrMapOptimiser *optimiser, TsrMapSums *sums, GError **error);

/** As TsrMapAccelerator's move. */
bool tsr_map_optimiser_move (TsrMapOptimiser *optimiser, const TsrMapMove *move, GError **error);

/** As TsrMapAccelerator's layout. */
bool tsr_map_optimiser_layout (TsrMapOptimiser *optimiser, float *y, GError **error);

/** Reads the forces found last: attraction and repulsion (the latter not yet over Z), [n,2] each.
 * For tests. */
bool tsr_map_optimiser_read_forces (TsrMapOptimiser *optimiser, float *attract, float *repel,
                                    GError **error);
