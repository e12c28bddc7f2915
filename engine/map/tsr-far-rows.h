#pragma once
/* The few rows that lie far from all others: what an encoder makes of a broken tile. They would
 * move the mean of a cell, or of all rows, so far that what products round off is more than what
 * lies between the others. */

#include <glib.h>

/** Appends to rows (uint32_t) in ascending order those of x [n,d] that lie more than a hundred
 * times as far from the middle of a sample as half of that sample does; none where they are more
 * than one in sixty-four, which are then no exceptions, or where half of the sample are copies.
 * inverse: as in tsr_distance_block. The same for any number of threads. */
void tsr_far_rows (const float *x, size_t n, size_t d, float inverse, GArray *rows);
