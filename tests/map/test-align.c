/* Aligning maps: a known motion is found again to rounding, and what cannot be told is a shift. */

#include "tsr-align.h"
#include "tsr-random.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static float *
cloud (size_t n, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 3);
  float *y = g_new (float, 2 * n + 1);
  for (size_t i = 0; i < n; i++) {
    y[2 * i] = (float)(30 * tsr_random_normal (&random) + 5);
    y[2 * i + 1] = (float)(8 * tsr_random_normal (&random) - 40);
  }
  return y;
}

/* y turned, mirrored before if asked, scaled and shifted, in double. */
static float *
moved (const float *y, size_t n, double angle, bool mirror, double scale, double dx, double dy)
{
  float *out = g_new (float, 2 * n + 1);
  for (size_t i = 0; i < n; i++) {
    double a = y[2 * i], b = mirror ? -(double)y[2 * i + 1] : y[2 * i + 1];
    out[2 * i] = (float)(scale * (cos (angle) * a - sin (angle) * b) + dx);
    out[2 * i + 1] = (float)(scale * (sin (angle) * a + cos (angle) * b) + dy);
  }
  return out;
}

static void
test_known_motion (void)
{
  const size_t sizes[] = {2, 3, 4, 10, 1000};
  const double angles[] = {0, 0.3, G_PI / 2, 2.5, G_PI, -1};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (size_t a = 0; a < G_N_ELEMENTS (angles); a++)
      for (int kind = 0; kind < 4; kind++) {
        size_t n = sizes[s];
        bool mirror = kind & 1, scaled = kind & 2;
        double scale = scaled ? 0.37 : 1;
        g_autofree float *still = cloud (n, s + 1),
                         *moving = moved (still, n, angles[a], mirror, scale, 100, -7);
        TsrAlignment found = tsr_align_find (moving, still, n, scaled);
        g_assert_cmpuint (found.n, ==, n);
        if (n > 2) /* two points can be turned or mirrored onto each other alike */
          g_assert_true (found.mirrored == mirror);
        g_assert_cmpfloat_with_epsilon (found.scale, 1 / scale, 2e-6);
        const double *m = found.matrix;
        g_assert_cmpfloat_with_epsilon (m[0] * m[3] - m[1] * m[2], found.mirrored ? -1 : 1, 1e-12);
        g_assert_cmpfloat_with_epsilon (m[0] * m[1] + m[2] * m[3], 0, 1e-12);
        tsr_align_apply (&found, moving, n);
        for (size_t i = 0; i < 2 * n; i++)
          g_assert_cmpfloat_with_epsilon (moving[i], still[i], 3e-5);
        g_assert_cmpfloat (tsr_align_median (moving, still, n), <, 3e-5);
      }
}

/* Against the smallest error over many angles, both kinds: least squares with noise. */
static void
test_least_squares (void)
{
  for (int mirror = 0; mirror < 2; mirror++) {
    size_t n = 60;
    g_autofree float *still = cloud (n, 9), *moving = moved (still, n, 1.1, mirror, 1, 3, 4),
                     *noise = cloud (n, 10);
    double least = INFINITY, error = 0, mean[4] = {0};
    for (size_t i = 0; i < 2 * n; i++) {
      moving[i] += noise[i] / 4;
      mean[i & 1] += moving[i] / (double)n;
      mean[2 + (i & 1)] += still[i] / (double)n;
    }
    for (int step = 0; step < 7200; step++) { /* 0.1 degrees, turned and mirrored */
      double angle = step % 3600 * G_PI / 1800, sum = 0, sign = step < 3600 ? 1 : -1;
      for (size_t i = 0; i < n; i++) {
        double a = moving[2 * i] - mean[0], b = sign * (moving[2 * i + 1] - mean[1]);
        double x = cos (angle) * a - sin (angle) * b, y = sin (angle) * a + cos (angle) * b;
        sum += pow (x - (still[2 * i] - mean[2]), 2) + pow (y - (still[2 * i + 1] - mean[3]), 2);
      }
      least = fmin (least, sum);
    }
    TsrAlignment found = tsr_align_find (moving, still, n, false);
    g_assert_cmpfloat (found.scale, ==, 1);
    g_assert_true (found.mirrored == (mirror == 1));
    tsr_align_apply (&found, moving, n);
    for (size_t i = 0; i < 2 * n; i++)
      error += pow ((double)moving[i] - still[i], 2);
    g_assert_cmpfloat (error, <=, least * (1 + 1e-6));
    g_assert_cmpfloat (error, >, least * (1 - 1e-4));
  }
}

static void
test_degenerate (void)
{
  TsrAlignment none = tsr_align_find (NULL, NULL, 0, true);
  g_assert_cmpuint (none.n, ==, 0);
  g_assert_true (isnan (tsr_align_median (NULL, NULL, 0)));

  float one[2] = {3, 4}, there[2] = {-1, 2};
  TsrAlignment shift = tsr_align_find (one, there, 1, true);
  tsr_align_apply (&shift, one, 1);
  g_assert_cmpmem (one, sizeof one, there, sizeof there);

  float same[8] = {1, 1, 1, 1, 1, 1, 1, 1}, still[8] = {0, 0, 2, 0, 0, 2, 2, 2};
  TsrAlignment flat = tsr_align_find (same, still, 4, true);
  g_assert_true (flat.scale == 1 && flat.matrix[0] == 1 && flat.matrix[1] == 0);
  tsr_align_apply (&flat, same, 4);
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (same[i], ==, 1);
}

/* Tiles that are off one of the maps take no part, and stay off. */
static void
test_holes (void)
{
  size_t n = 50;
  g_autofree float *still = cloud (n, 4), *moving = moved (still, n, 2, true, 1, -9, 9);
  for (size_t i = 0; i < n; i += 7)
    moving[2 * i] = moving[2 * i + 1] = NAN;
  for (size_t i = 3; i < n; i += 5)
    still[2 * i] = still[2 * i + 1] = NAN;
  TsrAlignment found = tsr_align_find (moving, still, n, false);
  size_t common = 0;
  for (size_t i = 0; i < n; i++)
    common += i % 7 != 0 && i % 5 != 3;
  g_assert_cmpuint (found.n, ==, common);
  tsr_align_apply (&found, moving, n);
  for (size_t i = 0; i < n; i++) {
    g_assert_true (isnan (moving[2 * i]) == (i % 7 == 0));
    if (i % 7 != 0 && i % 5 != 3)
      g_assert_cmpfloat (hypot (moving[2 * i] - still[2 * i], moving[2 * i + 1] - still[2 * i + 1]),
                         <, 3e-5);
  }
  const float a[] = {0, 0, 0, 0, 0, 0, NAN, 0}, b[] = {1, 0, 0, 3, 4, 3, 1, 1};
  g_assert_cmpfloat (tsr_align_median (a, b, 4), ==, 3);
  g_assert_cmpfloat (tsr_align_median (a, b, 2), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/align/known-motion", test_known_motion);
  g_test_add_func ("/align/least-squares", test_least_squares);
  g_test_add_func ("/align/degenerate", test_degenerate);
  g_test_add_func ("/align/holes", test_holes);
  return g_test_run ();
}
