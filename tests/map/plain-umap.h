#pragma once
/* UMAP's forces in double, for its tests. */

#include "plain.h"
#include "tsr-umap-private.h"

static inline double
plain_held (double value)
{
  return fmax (-4, fmin (4, value));
}

/* By the formulas of section 4.2, one after the other. */
static inline void
plain_forces (const TsrUmapCurve *curve, const double at[2], double pull[2], double push[2])
{
  double squared = at[0] * at[0] + at[1] * at[1];
  for (int c = 0; c < 2; c++) {
    pull[c] = push[c] = 0;
    if (squared == 0)
      continue;
    double spread = 1 + curve->a * pow (squared, curve->b);
    pull[c] = plain_held (-2 * curve->a * curve->b * pow (squared, curve->b - 1) / spread * at[c]);
    push[c] = plain_held (2 * curve->b / ((0.001 + squared) * spread) * at[c]);
  }
}
