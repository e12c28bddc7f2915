#pragma once
/* Two sets of feature vectors that are compared: what every measure checks and prepares first. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** The features of real [n,d] and of generated images [m,d], row-major. Borrowed. */
typedef struct {
  const float *real;
  size_t n;
  const float *generated;
  size_t m;
  size_t d;
} TsrFeatureSets;

/** Whether each set has at least `least` vectors, d is at least 1 and every value is finite; if
 * not, TSR_ERROR_FAILED says in a sentence which set is at fault. */
bool tsr_feature_sets_check (const TsrFeatureSets *sets, size_t least, GError **error);

/** Writes the means of the columns of x [n,d], n >= 1, to mean [d]. */
void tsr_feature_mean (const float *x, size_t n, size_t d, double *mean);

/** Writes rows [first, first + rows) of x [., d], less mean [d] (or nothing, if NULL), to out
 * [rows,d]. */
void tsr_feature_rows (const float *x, size_t first, size_t rows, size_t d, const double *mean,
                       double *out);
