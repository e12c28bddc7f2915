#pragma once
/* Whether tiles that were picked look more alike than any tiles would: labels spent on copies of
 * one thing teach little. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Random picks that the picks are compared with: with 99 of them, being more alike than all but
 * five happens to random picks in 5 of 100 cases. */
#define TSR_ALIKE_DRAWS 99

typedef struct {
  size_t picks;   /* compared; below 2 nothing is known */
  double nearest; /* mean distance of a pick to the nearest other one; NAN: not known */
  double random;  /* the same of as many random tiles, mean of the draws; NAN likewise */
  double ratio;   /* nearest / random; 1 where both are 0, NAN likewise */
  size_t below;   /* draws that are at least as alike as the picks */
} TsrAlike;

/** Compares picks [k], rows of points [n,d], with TSR_ALIKE_DRAWS draws of as many tiles from those
 * that candidate [n] marks (NULL: all) by seed. The picks need not be marked. Rows used must be
 * finite. The mean distance to the nearest other one is the statistic of Clark & Evans (Distance to
 * nearest neighbor as a measure of spatial relationships in populations, 1954), its distribution
 * found by drawing, since tiles are no Poisson process. O(draws k^2 d). */
TsrAlike tsr_alike (const float *points, size_t n, size_t d, const uint8_t *candidate,
                    const uint32_t *picks, size_t k, uint64_t seed);
