#pragma once
/* New points join a t-SNE map that is there already, which stays as it is. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** What tsr_transform takes where an option is 0: openTSNE's (Policar et al. 2019). */
#define TSR_TRANSFORM_PERPLEXITY   5
#define TSR_TRANSFORM_EXAGGERATION 1.5
#define TSR_TRANSFORM_ITERATIONS   250

typedef struct {
  double perplexity;   /* 0: the default above; clipped to a third of the map's points */
  double exaggeration; /* of the attraction; 0: the default above */
  int iterations;      /* at most; 0: the default above; < 0: none, the start is the place */
} TsrTransformOptions;

/** Places x [m,d] into y [m,2] beside `map` [n,2], the map of reference [n,d]; both are borrowed
 * and stay as they are. Each point has affinities p_j of its own to its 3 * perplexity nearest
 * references, sum 1, and is placed where it has the least
 *
 *     exaggeration * sum_j p_j log (1 + |y - y_j|^2) + log sum_j 1 / (1 + |y - y_j|^2),
 *
 * its divergence KL (P || Q) over the references up to a constant where exaggeration is 1 (Policar,
 * Strazar & Zupan 2021, "Embedding to reference t-SNE space"): from the weighted median of its
 * neighbours' places down the gradient, never up. So a point's place depends neither on the others
 * nor on the number of threads. One that equals a reference takes that one's place. Vectors and map
 * must be finite. Up to TSR_TRANSFORM_EXACT references the sum is over all of them, beyond it is
 * interpolated. Stops with G_IO_ERROR_CANCELLED. */
bool tsr_transform (const float *reference, const float *map, size_t n, const float *x, size_t m,
                    size_t d, const TsrTransformOptions *options, float *y,
                    const TsrProgress *progress, GError **error);

#define TSR_TRANSFORM_EXACT 20000

/** What a point at `place` with affinities p [k] to the references index [k] has the least of, in
 * double over all n places of `map`, and its gradient [2] (or NULL). For tests. */
double tsr_transform_loss (const float *map, size_t n, const uint32_t *index, const double *p,
                           size_t k, double exaggeration, const double place[2],
                           double gradient[2]);

/** The affinities p [k], sum 1, of a point to references at these distances [k] (ascending), with
 * the entropy of `perplexity` of them: exp (-beta distance^2), beta by bisection (van der Maaten &
 * Hinton 2008, eq. 1). What cannot be reached (equal distances) ends nearest to it. */
void tsr_transform_affinities (const float *distance, size_t k, double perplexity, double *p);
