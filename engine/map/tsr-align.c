#include "tsr-align.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

static bool
both_finite (const float *a, const float *b, size_t i)
{
  return isfinite (a[2 * i]) && isfinite (a[2 * i + 1]) && isfinite (b[2 * i]) &&
         isfinite (b[2 * i + 1]);
}

/* With points as complex numbers, the rotation is by the angle of sum conj (y) x and the mirroring
 * one by that of sum y x; the larger sum leaves the smaller error. */
static void
fit (TsrAlignment *self, const float *moving, const float *still, size_t n, bool scaled)
{
  double turn[2] = {0}, mirror[2] = {0}, spread = 0;
  for (size_t i = 0; i < n; i++) {
    if (!both_finite (moving, still, i))
      continue;
    double yr = moving[2 * i] - self->from[0], yi = moving[2 * i + 1] - self->from[1];
    double xr = still[2 * i] - self->to[0], xi = still[2 * i + 1] - self->to[1];
    turn[0] += yr * xr + yi * xi;
    turn[1] += yr * xi - yi * xr;
    mirror[0] += yr * xr - yi * xi;
    mirror[1] += yr * xi + yi * xr;
    spread += yr * yr + yi * yi;
  }
  double size = hypot (turn[0], turn[1]), mirrored = hypot (mirror[0], mirror[1]);
  self->mirrored = mirrored > size;
  const double *sum = self->mirrored ? mirror : turn;
  size = fmax (size, mirrored);
  if (!(size > 0))
    return;
  double c = sum[0] / size, s = sum[1] / size, sign = self->mirrored ? -1 : 1;
  double matrix[4] = {c, -s * sign, s, c * sign};
  for (int k = 0; k < 4; k++)
    self->matrix[k] = matrix[k];
  if (scaled)
    self->scale = size / spread;
}

TsrAlignment
tsr_align_find (const float *moving, const float *still, size_t n, bool scaled)
{
  TsrAlignment self = {.matrix = {1, 0, 0, 1}, .scale = 1};
  for (size_t i = 0; i < n; i++) {
    if (!both_finite (moving, still, i))
      continue;
    self.n++;
    for (int a = 0; a < 2; a++) {
      self.from[a] += moving[2 * i + a];
      self.to[a] += still[2 * i + a];
    }
  }
  for (int a = 0; a < 2 && self.n > 0; a++) {
    self.from[a] /= (double)self.n;
    self.to[a] /= (double)self.n;
  }
  fit (&self, moving, still, n, scaled);
  return self;
}

void
tsr_align_apply (const TsrAlignment *self, float *y, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    double x0 = y[2 * i] - self->from[0], x1 = y[2 * i + 1] - self->from[1];
    for (int a = 0; a < 2; a++)
      y[2 * i + a] = (float)(self->to[a] + self->scale * (self->matrix[2 * a] * x0 +
                                                          self->matrix[2 * a + 1] * x1));
  }
}

static int
compare (const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

double
tsr_align_median (const float *a, const float *b, size_t n)
{
  g_autofree double *distance = g_new (double, n + 1);
  size_t m = 0;
  for (size_t i = 0; i < n; i++)
    if (both_finite (a, b, i))
      distance[m++] = hypot ((double)a[2 * i] - b[2 * i], (double)a[2 * i + 1] - b[2 * i + 1]);
  if (m == 0)
    return NAN;
  qsort (distance, m, sizeof *distance, compare);
  return (distance[(m - 1) / 2] + distance[m / 2]) / 2;
}
