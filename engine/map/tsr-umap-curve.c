#include "tsr-umap-private.h"

#include <glib.h>
#include <math.h>

#define PLACES 300
#define TURNS  500

/* Half the sum of squares, and its derivatives by log a and log b: slope [2] and J^T J [3]. */
static double
misfit (double min_dist, double spread, const double where[2], double slope[2], double square[3])
{
  double a = exp (where[0]), b = exp (where[1]), sum = 0;
  slope[0] = slope[1] = square[0] = square[1] = square[2] = 0;
  for (int i = 0; i < PLACES; i++) {
    double d = 3 * spread * i / (PLACES - 1);
    double wanted = d < min_dist ? 1 : exp (-(d - min_dist) / spread);
    double t = d > 0 ? a * pow (d, 2 * b) : 0, v = 1 / (1 + t), left = v - wanted;
    double by_a = -v * v * t, by_b = d > 0 ? by_a * 2 * b * log (d) : 0;
    sum += left * left / 2;
    slope[0] += left * by_a;
    slope[1] += left * by_b;
    square[0] += by_a * by_a;
    square[1] += by_a * by_b;
    square[2] += by_b * by_b;
  }
  return sum;
}

/* Levenberg and Marquardt's method on the logarithms, which keeps both positive. */
TsrUmapCurve
tsr_umap_curve (double min_dist, double spread)
{
  double where[2] = {-2 * log (spread), 0}, slope[2], square[3], damping = 1e-3;
  double left = misfit (min_dist, spread, where, slope, square);
  for (int turn = 0; turn < TURNS && damping < 1e12; turn++) {
    double p = square[0] * (1 + damping), q = square[2] * (1 + damping);
    double determinant = p * q - square[1] * square[1];
    double step[2] = {-(q * slope[0] - square[1] * slope[1]) / determinant,
                      -(p * slope[1] - square[1] * slope[0]) / determinant};
    double next[2] = {where[0] + step[0], where[1] + step[1]}, there[2], bent[3];
    double found = misfit (min_dist, spread, next, there, bent);
    if (!(found < left)) {
      damping *= 10;
      continue;
    }
    damping /= 10;
    left = found;
    for (int k = 0; k < 3; k++)
      square[k] = bent[k];
    for (int k = 0; k < 2; k++) {
      where[k] = next[k];
      slope[k] = there[k];
    }
    if (fmax (fabs (step[0]), fabs (step[1])) < 1e-12)
      break;
  }
  return (TsrUmapCurve){exp (where[0]), exp (where[1])};
}
