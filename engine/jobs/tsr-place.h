#pragma once
/* New tiles join a map that is there already, without moving it. */

#include "tsr-progress.h"

#include <stdint.h>

/** Gives a place to every row of y [n,2] that is not finite although its row of w [n,d] is: the
 * mean of the places of its k nearest tiles in W among those on the map, weighted by 1 / distance
 * (a tile at distance 0 gives its own place). Rows that have a place keep it. placed (or NULL)
 * receives how many were placed; 0 if the map is empty. Host code, any thread. */
bool tsr_place_new_tiles (const float *w, uint32_t n, uint32_t d, unsigned k, float *y,
                          uint32_t *placed, const TsrProgress *progress, GError **error);
