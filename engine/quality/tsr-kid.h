#pragma once
/* The kernel distance between feature vectors of real and generated images. */

#include "tsr-feature-sets.h"
#include "tsr-progress.h"

#include <stdint.h>

/** What tsr_kid takes where an option is 0: as published. */
#define TSR_KID_SUBSETS     100
#define TSR_KID_SUBSET_SIZE 1000

typedef struct {
  size_t subsets,
      subset_size; /* 0: the defaults above; a subset takes no more than either set has */
  uint64_t seed;
} TsrKidOptions;

/** The kernel distance of Binkowski et al. 2018 (KID with InceptionV3's features): the unbiased
 * estimate of the squared maximum mean discrepancy under the kernel (x.y / d + 1)^3, averaged over
 * random subsets of as many real as generated vectors, each drawn without repeats. Unbiased for any
 * number of vectors, so it may be slightly negative. deviation (or NULL): the subsets' standard
 * deviation (by their number), 0 where only one subset can be drawn. options NULL: the defaults. At
 * least 2 vectors a set. The same numbers for the same seed. */
bool tsr_kid (const TsrFeatureSets *sets, const TsrKidOptions *options, double *kid,
              double *deviation, const TsrProgress *progress, GError **error);
