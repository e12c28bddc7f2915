#pragma once
/* Where a new map begins that shall look like the one before it. */

#include "tsr-map.h"

/** The former map as a start for tiles [m]: start [m,2] receives each one's place in old [n_old,2],
 * those without one the place beside their nearest neighbours by x [m,d] (tsr_transform without
 * descent). Returns false without error where too little is known to begin with: of fewer than half
 * of the tiles, of fewer than four, or one and the same place for all. known [m] receives whether a
 * tile had a place. */
bool tsr_map_start (const float *old, uint32_t n_old, const uint32_t *tiles, uint32_t m,
                    const float *x, uint32_t d, float *start, uint8_t *known,
                    const TsrProgress *progress, GError **error);

/** Shrinks start [m,2] to where t-SNE begins (standard deviation 1e-4 along the wider axis, in the
 * middle), so that early exaggeration can sort it anew and only its arrangement is kept. */
void tsr_map_start_shrink (float *start, uint32_t m);
