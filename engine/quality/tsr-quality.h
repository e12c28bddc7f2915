#pragma once
/* How good generated images are, by their features (tsr-features.h) against those of real ones. */

#include "tsr-frechet.h"
#include "tsr-kid.h"
#include "tsr-precision-recall.h"

typedef struct {
  double frechet;            /* Frechet distance; 0: the same mean and covariance */
  double kid, kid_deviation; /* kernel distance, about 0 where the distributions agree */
  double precision, recall;  /* in [0, 1]: realistic, diverse */
} TsrQuality;

/** Computes all of them (the headers above say which, and from which papers) with their published
 * settings; seed draws the kernel distance's subsets. At least TSR_PRECISION_NEIGHBOURS + 1 vectors
 * a set, all finite; TSR_ERROR_FAILED otherwise. Host code on tsr-parallel: any thread may call it.
 * The same numbers for any number of threads. */
bool tsr_quality_measure (const TsrFeatureSets *sets, uint64_t seed, TsrQuality *quality,
                          const TsrProgress *progress, GError **error);
