#pragma once
/* From W to a map: PCA, affinities, t-SNE. Plain host code on tsr-parallel; any thread may call it.
 * Row-major float arrays. */

#include "tsr-progress.h"

#include <stdint.h>

/** Principal components by exact eigendecomposition of the covariance (d <= n) or of the Gram
 * matrix. x [n,d]; scores [n,k] or NULL (k <= min(n, d); columns beyond the rank are 0), components
 * [k,d] or NULL, variance [k] or NULL. Signs are fixed so that each component's largest coefficient
 * is positive. min (n, d) may be 12,000 at most; the time grows with its cube. */
bool tsr_pca (const float *x, size_t n, size_t d, size_t k, float *scores, float *components,
              float *variance, GError **error);

/** The same, reporting progress and stopping with G_IO_ERROR_CANCELLED. */
bool tsr_pca_with_progress (const float *x, size_t n, size_t d, size_t k, float *scores,
                            float *components, float *variance, const TsrProgress *progress,
                            GError **error);

/** Symmetric sparse affinities in CSR, both (i,j) and (j,i) stored, sum 1. */
typedef struct {
  size_t n, nnz;
  uint64_t *row; /* [n+1] */
  uint32_t *column;
  float *value;
  double perplexity; /* the one used, after clipping to (n-1)/3 (dense: to n-1), at least 1 */
} TsrAffinities;

/** Frees the matrix; NULL is allowed. */
void tsr_affinities_free (TsrAffinities *p);

/** k nearest neighbours of each row in Euclidean distance, itself excluded, nearest first, equally
 * near ones by index: index [n,k], distance [n,k], k < n. Exact: blocked matrix products propose k
 * + max (16, k / 4) candidates, whose distances are then computed from the differences; rows of
 * which rounding could hide a neighbour are compared with all others (tsr_nearest_is_sure). Where
 * more are equally near (to rounding) than are proposed, which of them are taken is repeatable but
 * not by index. */
bool tsr_knn (const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *distance,
              const TsrProgress *progress, GError **error);

/** Nearly the same in far less time where n is large: at least about the share `recall` of the true
 * neighbours is found, measured on a sample of rows that looks everywhere. Inverted lists (Jégou et
 * al. 2011): k-means cells, of which each row looks into the nearest; bf16 products propose as in
 * tsr_knn where the processor has them, and distances are computed from the differences. Distances
 * are therefore those of the index beside them. Data without any structure takes as long as
 * tsr_knn, which also does the work where recall is 1 or more. */
bool tsr_knn_near (const float *x, size_t n, size_t d, size_t k, double recall, uint32_t *index,
                   float *distance, const TsrProgress *progress, GError **error);

/** The share of the true k nearest neighbours that index [n,k] holds, over `samples` rows drawn by
 * seed (0: all rows), against a search of its own in double over all pairs. A neighbour as near as
 * the true k-th counts. 1 for k = 0. */
double tsr_knn_recall (const float *x, size_t n, size_t d, size_t k, const uint32_t *index,
                       size_t samples, uint64_t seed);

/** Perplexity search (van der Maaten & Hinton 2008, eq. 1) over 3 * perplexity neighbours, or over
 * all points when dense, symmetrised (P + P^T) / 2n. Neighbours are exact up to 20,000 rows, beyond
 * them those of tsr_knn_near with recall 0.975. Duplicates and constant rows are fine. */
TsrAffinities *tsr_affinities_new (const float *x, size_t n, size_t d, double perplexity,
                                   bool dense, const TsrProgress *progress, GError **error);

/** What tsr_tsne takes where an option is 0. */
#define TSR_TSNE_PERPLEXITY              30
#define TSR_TSNE_EXAGGERATION            12
#define TSR_TSNE_EXAGGERATION_ITERATIONS 250
#define TSR_TSNE_ITERATIONS              750

typedef struct {
  double perplexity;    /* 0: the default above, clipped when n is small */
  double learning_rate; /* 0: n/12, at least 50 (for the gradient without its factor 4) */
  double exaggeration;  /* 0: the default above */
  int exaggeration_iterations, iterations; /* 0: the defaults above; the latter follow the former */
  uint64_t seed;
  bool exact; /* repulsion by all pairs instead of FFT interpolation */
  /* [n,2] or NULL: begin from this layout, scaled as it is, instead of principal components; kept
     by the caller. Equal places are moved apart by about a millionth of the largest coordinate, or
     of 1. */
  const float *start;
  /* no early exaggeration, which would tear a finished layout up: what continues one, together with
     `start` */
  bool skip_exaggeration;
  bool keep_neighbours; /* put them into the report */
  /* what takes neighbours and iterations over (tsr-map-accelerator.h), lent by the caller, or NULL;
     small maps and `exact` are the processors' all the same */
  const struct TsrMapAccelerator *accelerator;
} TsrTsneOptions;

/** Called every few iterations (each one from 100,000 points on) with the layout so far, borrowed;
 * [n,2]. kl is of at most ten iterations before. Return false to stop early with the layout as it
 * is. */
typedef bool (*TsrTsneStream) (const float *y, size_t n, int iteration, int total, double kl,
                               void *user);

/** One stage's time, for benches. */
typedef struct {
  double neighbours_s, affinities_s, initialise_s, optimise_s, total_s;
  double kl; /* KL(P || Q) without exaggeration, exact sum over the non-zero p; the normalisation by
                the method in use. NAN for fewer than four points */
  double perplexity;
  int iterations;              /* all that were made ... */
  int exaggeration_iterations; /* ... and how many of them with early exaggeration */
  bool neighbours_accelerated, optimise_accelerated; /* done by the accelerator */
  /* with keep_neighbours, those the map was made from, in ascending order: [n,k], owned by the
     caller (g_free); else NULL, also where it failed or n < 4 */
  uint32_t *neighbours;
  size_t k;
} TsrTsneReport;

/** t-SNE of x [n,d] into y [n,2]: PCA initialisation scaled to sd 1e-4, early exaggeration,
 * momentum 0.5 then 0.8, gains. Same data, options, accelerator and machine kind: the same map, bit
 * for bit. n >= 1 works (below 4 the map is `start`, or PCA). A start that is not finite is
 * refused. report may be NULL. */
bool tsr_tsne (const float *x, size_t n, size_t d, const TsrTsneOptions *options, float *y,
               TsrTsneStream stream, void *user, TsrTsneReport *report, const TsrProgress *progress,
               GError **error);

/** Exact KL(P || Q(y)) and its gradient 4 sum_j (p - q) q~ (y_i - y_j) in double over all pairs;
 * gradient [n,2] or NULL. For tests and golden vectors. */
double tsr_tsne_kl_exact (const TsrAffinities *p, const float *y, double *gradient);
