#pragma once
/* Which tiles sampling may choose, and which it goes on from: one answer for the window's queue and
 * for `tessera suggest`. */

#include <stdbool.h>
#include <stdint.h>

/** Fills the masks of tsr_sample_fps and its like for n tiles: label [n] (a class, TSR_LABEL_NONE
 * or TSR_LABEL_UNSURE), excluded [n], points [n,d], the map or W (not finite: no place; NULL:
 * places do not matter). A tile is seen if it is labelled or, with looked, unsure: beside a tile
 * that could not be assessed lies another like it, so that suggestions go on from both, while
 * coverage counts labels alone. Candidates are the tiles that are neither seen nor blocked: without
 * a label, not excluded, with a place. Returns how many there are. */
uint32_t tsr_candidates_mark (const float *points, uint32_t d, const int32_t *label,
                              const uint8_t *excluded, uint32_t n, bool looked, uint8_t *seen,
                              uint8_t *blocked);
