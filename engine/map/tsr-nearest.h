#pragma once
/* The nearest of many: what every neighbour search keeps of one row while products propose, and how
 * it ranks what was proposed. */

#include "tsr-simd.h"

#include <stdbool.h>
#include <stddef.h>

/** A candidate is its squared distance's bits over its index: floats that are not negative order
 * like their bits, so candidates compare by distance and then by index as plain integers. */
typedef uint64_t TsrNearest;

/** Returns the candidate; squared must not be negative. */
static inline TsrNearest
tsr_nearest (float squared, uint32_t index)
{
  uint32_t bits;
  memcpy (&bits, &squared, sizeof bits);
  return (TsrNearest)bits << 32 | index;
}

/** Returns the squared distance of a candidate; its index is its lower half. */
static inline float
tsr_nearest_squared (TsrNearest candidate)
{
  uint32_t bits = (uint32_t)(candidate >> 32);
  float squared;
  memcpy (&squared, &bits, sizeof bits);
  return squared;
}

/** Moves the `keep` smallest of n >= keep >= 1 distinct candidates to the front; a[keep - 1] is the
 * largest of them. Hoare 1961, FIND. */
void tsr_nearest_select (TsrNearest *a, size_t n, size_t keep);

/** Sorts n candidates, nearest first. */
void tsr_nearest_sort (TsrNearest *a, size_t n);

/** The candidates of one row so far. */
typedef struct {
  TsrNearest *list; /* [capacity] */
  size_t count;
  float limit; /* no candidate at this distance or beyond is wanted; INFINITY at first */
} TsrBest;

/** How long the list of a row must be of which `keep` candidates are wanted. */
#define TSR_BEST_CAPACITY(keep) (2 * (keep) + TSR_LANES)

/** Offers the row of squared norm `norm` its distances norm + norms[j] - 2 dots[j] to the columns
 * first + j, j < columns (a multiple of TSR_LANES), without the column `self`. A norm of INFINITY
 * marks padding. best->list has TSR_BEST_CAPACITY (keep) places. */
void tsr_best_offer (TsrBest *best, size_t keep, float norm, const float *norms, const float *dots,
                     size_t columns, uint32_t first, uint32_t self);

/** Whether no row that was dropped, its squared distance by products at `cut` or beyond (INFINITY:
 * none was), can be nearer than `squared`, one from the differences. norm is the row's, of d
 * numbers. What products round off grows with the norm: where rows lie near each other and far from
 * the mean it is more than what is between them. */
bool tsr_nearest_is_sure (float cut, float squared, float norm, size_t d);

/** The k nearest of all other rows by the differences of x * inverse, k < n, as tsr_best_rank: what
 * is left where that is not sure. */
void tsr_nearest_of_all (const float *x, size_t n, size_t d, float inverse, size_t row, size_t k,
                         uint32_t *index, float *squared);

/** Computes the distances of the `keep` nearest offered rows from the differences of x * inverse
 * and writes the k nearest, nearest first. x [n,d]; row is the row's own number; rows translates
 * what was offered to rows of x, or is NULL. index [k], squared [k]. best->limit is then where what
 * was not ranked begins, by products. */
void tsr_best_rank (TsrBest *best, size_t keep, size_t k, const float *x, size_t d, float inverse,
                    size_t row, const uint32_t *rows, uint32_t *index, float *squared);
