#pragma once
/* New tiles join a map that is there already, without moving it. */

#include "tsr-transform.h"

/** Gives a place (tsr_transform) to every row of y [n,2] that is not finite although its row of w
 * [n,d] is. balance is that of the map (tsr_balance_axes, of the tiles that have a place; 0: W as
 * it is), and a row's place depends on no other new one. Rows that have a place keep it, bit for
 * bit. kept [n] (or NULL) receives for each tile placed how many of its k nearest mapped tiles in
 * W, as it is, are among its k nearest on the map, TSR_TRUST_UNKNOWN where there are fewer than k;
 * for others it stays. placed (or NULL) receives how many were placed; 0 if the map is empty. Host
 * code, any thread. */
bool tsr_place_new_tiles (const float *w, uint32_t n, uint32_t d, double balance,
                          const TsrTransformOptions *options, float *y, uint8_t *kept, size_t k,
                          uint32_t *placed, const TsrProgress *progress, GError **error);
