#pragma once
/* The Frechet distance between feature vectors of real and generated images. */

#include "tsr-feature-sets.h"
#include "tsr-progress.h"

/** The squared Frechet distance of two normal distributions with the sets' means and covariances
 * (by n - 1): |m1 - m2|^2 + tr (C1 + C2 - 2 (C1 C2)^1/2), Heusel et al. 2017, eq. 6; with
 * InceptionV3's features it is the FID. At least 2 vectors a set; fewer vectors than dimensions are
 * fine, but too few vectors make the distance too large, so that only distances of equally many
 * compare. Never negative. d may be 12,000 at most: the time grows with its cube (seconds at 2048),
 * the memory with its square (some 200 MB there). */
bool tsr_frechet_distance (const TsrFeatureSets *sets, double *distance,
                           const TsrProgress *progress, GError **error);
