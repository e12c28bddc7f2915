#pragma once
/* The neighbour searches in the units they work in. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** tsr_knn, but squared [n,k] receives squared distances of x / scale, where scale is a power of
 * two chosen so that nothing overflows. x must have passed tsr_vectors_check, k < n. */
bool tsr_knn_scaled (const float *x, size_t n, size_t d, size_t k, uint32_t *index, float *squared,
                     float *scale, const TsrProgress *progress, GError **error);

struct TsrMapAccelerator;

/** The same by an accelerator (or NULL), squared distances in its own scale: false where it is not
 * to (few rows, or more than it takes) or failed, and the processors are to; with error only where
 * it was cancelled. */
bool tsr_knn_accelerated (const struct TsrMapAccelerator *accelerator, const float *x, size_t n,
                          size_t d, size_t k, uint32_t *index, float *squared,
                          const TsrProgress *progress, GError **error);

/** How tsr_knn_near_scaled searches. */
typedef struct {
  double recall;        /* the share of true neighbours that is wanted, below 1 */
  size_t cell_size;     /* rows; 0: chosen by n */
  bool plain;           /* products in single precision even where bf16 is quicker */
  uint64_t seed;        /* of the sample */
  size_t probes, cells; /* out: cells that a row looked into, and how many there were */
  uint32_t *order;      /* out: [n], the rows cell after cell, so that near ones mostly stand near
                           each other; owned by the caller (g_free), NULL on failure and for k = 0 */
} TsrKnnNear;

/** tsr_knn_near with its choices, in the units of tsr_knn_scaled. */
bool tsr_knn_near_scaled (const float *x, size_t n, size_t d, size_t k, TsrKnnNear *near,
                          uint32_t *index, float *squared, float *scale,
                          const TsrProgress *progress, GError **error);
