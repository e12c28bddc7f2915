#pragma once
/* tsr_affinities_new with a stopwatch. */

#include "tsr-map.h"

/** The same; neighbours_s receives the seconds spent on the neighbour search (0 when dense). */
TsrAffinities *tsr_affinities_new_timed (const float *x, size_t n, size_t d, double perplexity,
                                         bool dense, double *neighbours_s,
                                         const TsrProgress *progress, GError **error);
