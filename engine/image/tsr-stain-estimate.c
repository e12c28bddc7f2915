/* How tiles are stained. */

#include "tsr-stain-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_DENSITY 0.15 /* of a stained pixel, in each channel (Veta's beta) */
#define LEAST_PIXELS  100
#define MOST_PIXELS   ((size_t)1 << 20)
#define LEAST_ANGLE   0.1  /* between stains, radians: haematoxylin and eosin are 0.39 apart */
#define LEAST_COLOR   0.05 /* spread of a density's channels, of their sum */

const double tsr_stain_lms[3][3] = {
    {0.3811, 0.5783, 0.0402}, {0.1967, 0.7244, 0.0782}, {0.0241, 0.1288, 0.8444}};

#define R3 0.57735026918962576451 /* 1 / sqrt (3), 1 / sqrt (6), 1 / sqrt (2) */
#define R6 0.40824829046386301637
#define R2 0.70710678118654752440
const double tsr_stain_lab[3][3] = {{R3, R3, R3}, {R6, R6, -2 * R6}, {R2, -R2, 0}};

double
tsr_stain_density (int value)
{
  return -log ((value + 1) / TSR_STAIN_WHITE);
}

void
tsr_stain_unmix (const double stain[2][3], double unmix[2][3])
{
  const double *a = stain[0], *b = stain[1];
  double aa = 0, ab = 0, bb = 0;
  for (int i = 0; i < 3; i++) {
    aa += a[i] * a[i];
    ab += a[i] * b[i];
    bb += b[i] * b[i];
  }
  double determinant = aa * bb - ab * ab;
  for (int i = 0; i < 3; i++) {
    unmix[0][i] = (bb * a[i] - ab * b[i]) / determinant;
    unmix[1][i] = (aa * b[i] - ab * a[i]) / determinant;
  }
}

static TsrStain
unknown (TsrStainProblem problem)
{
  return (TsrStain){.problem = problem};
}

/* Jacobi's rotations: the columns of vectors become the eigenvectors of the symmetric a, whose
 * diagonal becomes the eigenvalues. */
static void
diagonalise (double a[3][3], double vectors[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      vectors[i][j] = i == j;
  for (int sweep = 0; sweep < 30; sweep++)
    for (int p = 0; p < 2; p++)
      for (int q = p + 1; q < 3; q++) {
        if (fabs (a[p][q]) <= 1e-300)
          continue;
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]),
               t = (theta < 0 ? -1 : 1) / (fabs (theta) + sqrt (theta * theta + 1)),
               c = 1 / sqrt (t * t + 1), s = t * c;
        for (int k = 0; k < 3; k++) {
          double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (int k = 0; k < 3; k++) {
          double pk = a[p][k], qk = a[q][k];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
          double vp = vectors[k][p], vq = vectors[k][q];
          vectors[k][p] = c * vp - s * vq;
          vectors[k][q] = s * vp + c * vq;
        }
      }
}

/* The two directions along which the densities reach farthest: the right singular vectors of the
 * matrix of all densities, by the eigenvectors of its square. The first points into the stains. */
static void
find_plane (const float *density, size_t n, double plane[2][3])
{
  double square[3][3] = {{0}}, vectors[3][3];
  for (size_t i = 0; i < n; i++)
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++)
        square[a][b] += (double)density[3 * i + a] * density[3 * i + b];
  diagonalise (square, vectors);
  int first = 0, last = 0;
  for (int i = 1; i < 3; i++) {
    first = square[i][i] > square[first][first] ? i : first;
    last = square[i][i] <= square[last][last] ? i : last;
  }
  int second = 3 - first - last;
  double sum = vectors[0][first] + vectors[1][first] + vectors[2][first];
  for (int i = 0; i < 3; i++) {
    plane[0][i] = sum < 0 ? -vectors[i][first] : vectors[i][first];
    plane[1][i] = vectors[i][second];
  }
}

static int
compare_floats (const void *a, const void *b)
{
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Between the two sorted values around it, as numpy has it. */
static double
percentile (const float *sorted, size_t n, double percent)
{
  double at = (double)(n - 1) * percent / 100;
  size_t below = (size_t)at, above = MIN (below + 1, n - 1);
  return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

static float
dot (const float *density, const double v[3])
{
  return (float)(density[0] * v[0] + density[1] * v[1] + density[2] * v[2]);
}

/* The densities of the stained pixels (at most MOST_PIXELS of them, evenly spaced); free it. */
static float *
stained_pixels (const uint8_t *rgb, size_t n, size_t *count)
{
  float table[256];
  size_t all = 0, at = 0, taken = 0;
  int brightest = -1; /* that counts as stained */
  for (int i = 0; i < 256; i++) {
    table[i] = (float)tsr_stain_density (i);
    brightest = tsr_stain_density (i) >= LEAST_DENSITY ? i : brightest;
  }
  for (size_t i = 0; i < n; i++)
    all += MAX (MAX (rgb[3 * i], rgb[3 * i + 1]), rgb[3 * i + 2]) <= brightest;
  size_t step = (all + MOST_PIXELS - 1) / MOST_PIXELS;
  float *density = g_new (float, 3 * (all / MAX (step, 1) + 1) + 3);
  for (size_t i = 0; i < n; i++) {
    const uint8_t *p = rgb + 3 * i;
    if (MAX (MAX (p[0], p[1]), p[2]) > brightest || at++ % step != 0)
      continue;
    for (int c = 0; c < 3; c++)
      density[3 * taken + c] = table[p[c]];
    taken++;
  }
  *count = taken;
  return density;
}

static bool
has_color (const float *density, size_t n)
{
  double spread = 0, sum = 0;
  for (size_t i = 0; i < n; i++) {
    const float *d = density + 3 * i;
    spread += MAX (MAX (d[0], d[1]), d[2]) - MIN (MIN (d[0], d[1]), d[2]);
    sum += d[0] + d[1] + d[2];
  }
  return spread >= LEAST_COLOR * sum;
}

static TsrStain
estimate_macenko (const uint8_t *rgb, size_t n)
{
  size_t count;
  g_autofree float *density = stained_pixels (rgb, n, &count);
  if (count < LEAST_PIXELS)
    return unknown (TSR_STAIN_PALE);
  if (!has_color (density, count))
    return unknown (TSR_STAIN_GREY);
  TsrStain stain = {.method = TSR_STAIN_MACENKO};
  double plane[2][3], unmix[2][3];
  g_autofree float *values = g_new (float, count);
  find_plane (density, count, plane);
  for (size_t i = 0; i < count; i++)
    values[i] = atan2f (dot (density + 3 * i, plane[1]), dot (density + 3 * i, plane[0]));
  qsort (values, count, sizeof *values, compare_floats);
  double low = percentile (values, count, 1), high = percentile (values, count, 99);
  if (high - low < LEAST_ANGLE)
    return unknown (TSR_STAIN_ONE);
  for (int i = 0; i < 3; i++) {
    stain.stain[0][i] = plane[0][i] * cos (low) + plane[1][i] * sin (low);
    stain.stain[1][i] = plane[0][i] * cos (high) + plane[1][i] * sin (high);
  }
  if (stain.stain[0][0] < stain.stain[1][0])
    for (int i = 0; i < 3; i++) {
      double other = stain.stain[0][i];
      stain.stain[0][i] = stain.stain[1][i];
      stain.stain[1][i] = other;
    }
  tsr_stain_unmix (stain.stain, unmix);
  for (int s = 0; s < 2; s++) {
    for (size_t i = 0; i < count; i++)
      values[i] = dot (density + 3 * i, unmix[s]);
    qsort (values, count, sizeof *values, compare_floats);
    stain.strongest[s] = percentile (values, count, 99);
    if (!(stain.strongest[s] > 0.01))
      return unknown (TSR_STAIN_ONE);
  }
  return stain;
}

/* Black counts as 1, because it has no logarithm. */
static void
lab_of (const uint8_t *rgb, double lab[3])
{
  double logs[3];
  for (int i = 0; i < 3; i++) {
    double sum = 0;
    for (int j = 0; j < 3; j++)
      sum += tsr_stain_lms[i][j] * MAX (rgb[j], 1);
    logs[i] = log (sum);
  }
  for (int i = 0; i < 3; i++)
    lab[i] = tsr_stain_lab[i][0] * logs[0] + tsr_stain_lab[i][1] * logs[1] +
             tsr_stain_lab[i][2] * logs[2];
}

static TsrStain
estimate_reinhard (const uint8_t *rgb, size_t n)
{
  TsrStain stain = {.method = TSR_STAIN_REINHARD};
  double squares[3] = {0}, lab[3];
  if (n < LEAST_PIXELS)
    return unknown (TSR_STAIN_PALE);
  /* Welford's running mean, which loses nothing where all are nearly the same. */
  for (size_t i = 0; i < n; i++) {
    lab_of (rgb + 3 * i, lab);
    for (int c = 0; c < 3; c++) {
      double from = lab[c] - stain.mean[c];
      stain.mean[c] += from / (double)(i + 1);
      squares[c] += from * (lab[c] - stain.mean[c]);
    }
  }
  for (int c = 0; c < 3; c++)
    stain.deviation[c] = sqrt (squares[c] / (double)n);
  if (stain.deviation[0] < 0.01)
    return unknown (TSR_STAIN_PALE);
  return stain.deviation[1] < 0.002 || stain.deviation[2] < 0.002 ? unknown (TSR_STAIN_GREY)
                                                                  : stain;
}

TsrStain
tsr_stain_estimate (TsrStainMethod method, const uint8_t *rgb, size_t n)
{
  return method == TSR_STAIN_MACENKO    ? estimate_macenko (rgb, n)
         : method == TSR_STAIN_REINHARD ? estimate_reinhard (rgb, n)
                                        : (TsrStain){0};
}
