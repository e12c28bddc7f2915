#pragma once
/* Turning one map onto another of the same tiles, so that a place that was known is found again. */

#include <stdbool.h>
#include <stddef.h>

/** y becomes to + scale * matrix (y - from). */
typedef struct {
  double matrix[4]; /* orthogonal, row-major: a rotation, or one after a mirroring */
  double scale;     /* 1 unless it was asked for */
  double from[2], to[2];
  bool mirrored;
  size_t n; /* tiles it was found from */
} TsrAlignment;

/** Finds the motion that brings `moving` [n,2] nearest to `still` [n,2] in least squares:
 * orthogonal Procrustes (Schoenemann 1966; in the plane both determinants have closed forms), with
 * the best scale if `scaled`. Rows where either is not finite take no part; of one or none (or
 * points that all lie on each other) comes a mere shift. */
TsrAlignment tsr_align_find (const float *moving, const float *still, size_t n, bool scaled);

/** Moves y [n,2]; rows that are not finite stay so. */
void tsr_align_apply (const TsrAlignment *alignment, float *y, size_t n);

/** The median distance between the rows of a and b [n,2] that are finite in both; NAN if there are
 * none. */
double tsr_align_median (const float *a, const float *b, size_t n);
