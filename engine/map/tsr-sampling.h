#pragma once
/* Which tiles to label next. */

#include "tsr-cover.h"

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

/** Farthest point sampling (Gonzalez 1985; Eldar et al. 1997) on points [n,d] (d = 2 for the map).
 * Continues from the tiles with labelled[i] set (NULL: none) and never takes one with blocked[i]
 * set (NULL: none; unsure, excluded: they neither count as labelled nor need covering). Without
 * labels the first pick is drawn by seed. chosen [k] receives the picks in order and radius [k] (or
 * NULL) the covering radius after each. Returns how many were found (< k when points run out). Ties
 * go to the lower index. O(n k), vectorised, parallel. */
size_t tsr_sample_fps (const float *points, size_t n, size_t d, const uint8_t *labelled,
                       const uint8_t *blocked, size_t k, uint64_t seed, uint32_t *chosen,
                       float *radius);

/** The same on from a state of n points, whose sources are what is labelled; the picks become
 * sources of it. */
size_t tsr_sample_fps_on (TsrCover *cover, size_t n, size_t k, uint64_t seed, uint32_t *chosen,
                          float *radius);

/** Draws k distinct unlabelled, unblocked tiles uniformly. Same contract. */
size_t tsr_sample_random (size_t n, const uint8_t *labelled, const uint8_t *blocked, size_t k,
                          uint64_t seed, uint32_t *chosen);

/** The covering radius: the largest distance of an unblocked point to its nearest labelled one;
 * INFINITY without labels. */
float tsr_sample_radius (const float *points, size_t n, size_t d, const uint8_t *labelled,
                         const uint8_t *blocked);

/** The covering radius after each of the k picks of chosen, in their order, into radius [k]; they
 * must be unblocked. For picks that did not go on from the labels alone. */
void tsr_sample_radii (const float *points, size_t n, size_t d, const uint8_t *labelled,
                       const uint8_t *blocked, const uint32_t *chosen, size_t k, float *radius);
