#pragma once
/* Values measured over the thousands of images a training has seen, kept at a bounded density. No
 * project here. */

#include <stdbool.h>
#include <stddef.h>

/** Chooses which of n ascending places are kept so that about `most` / 2 are, evenly spread and
 * with the first and the last: then as many again have room. Where places lie farther apart than
 * that already, all stay, however often this is done. keep[n] is filled; returns how many stay, at
 * most `most` for most >= 8. Places must be finite and no two the same. */
size_t tsr_series_thin (const double *places, size_t n, size_t most, bool *keep);
