#pragma once
/* tsr_affinities_new with a stopwatch, and the neighbours it found. */

#include "tsr-map.h"

/** What else is wanted of the making. */
typedef struct {
  const struct TsrMapAccelerator *accelerator; /* in: finds the neighbours, or NULL */
  bool keep;                                   /* in: the neighbours are wanted */
  bool accelerated;                            /* out: it found them */
  double seconds;      /* out: spent on the neighbour search (0 when dense) */
  size_t k;            /* out, with keep: neighbours of a row */
  uint32_t *neighbour; /* out, with keep: [n,k], owned by the caller; NULL when dense or n = 1 */
  uint32_t *order;     /* out: [n], an order in which near rows stand near each other, owned by the
                          caller; NULL where there are few */
} TsrAffinitiesSearch;

/** The same; search holds wishes and receives what is said there. */
TsrAffinities *tsr_affinities_new_searched (const float *x, size_t n, size_t d, double perplexity,
                                            bool dense, TsrAffinitiesSearch *search,
                                            const TsrProgress *progress, GError **error);
