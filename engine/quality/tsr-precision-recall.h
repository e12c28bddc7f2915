#pragma once
/* How much of what is generated looks real, and how much of what is real is generated. */

#include "tsr-feature-sets.h"
#include "tsr-progress.h"

/** The neighbours of a sphere as published. */
#define TSR_PRECISION_NEIGHBOURS 3

/** Improved precision and recall (Kynkaanniemi et al. 2019, eqs. 1 and 2): a set covers the
 * spheres round its vectors that reach to their k-th nearest neighbour in the set. precision is the
 * share of the generated vectors that the real ones cover, recall the share of the real ones that
 * the generated ones cover; both in [0, 1]. More than k vectors a set, k >= 1. Distances at a
 * sphere's edge are compared in double. */
bool tsr_precision_recall (const TsrFeatureSets *sets, size_t k, double *precision, double *recall,
                           const TsrProgress *progress, GError **error);
