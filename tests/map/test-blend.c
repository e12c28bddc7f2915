/* What a place of the map is mixed of, and the nearest vectors, against plain double arithmetic. */

#include "plain.h"
#include "tsr-blend.h"

#include <stdlib.h>

typedef struct {
  double distance;
  uint32_t row;
} Far;

static int
nearer (const void *a, const void *b)
{
  const Far *x = a, *y = b;
  return x->distance != y->distance ? (x->distance > y->distance) - (x->distance < y->distance)
                                    : (x->row > y->row) - (x->row < y->row);
}

/* All rows that count, nearest first. */
static size_t
plain_order (const float *map, const float *w, size_t n, size_t d, const float *place, Far *far)
{
  size_t found = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite (map[2 * i]) && isfinite (map[2 * i + 1]) && !isnan (w[i * d]))
      far[found++] = (Far){sqrt (plain_squared (map + 2 * i, place, 2)), (uint32_t)i};
  qsort (far, found, sizeof *far, nearer);
  return found;
}

static void
check_blend (size_t n, size_t d, size_t k, bool copies, bool holes, uint64_t seed)
{
  g_autofree float *map = plain_cloud (n, 2, 3, copies, seed),
                   *w = plain_cloud (n, d, 3, false, seed + 1), *out = g_new (float, d);
  g_autofree Far *far = g_new (Far, n + 1);
  for (size_t i = 0; holes && i < n; i++) {
    if (i % 5 == 1)
      map[2 * i + i / 5 % 2] = NAN;
    if (i % 7 == 2)
      w[i * d] = NAN;
  }
  for (int at = 0; at < 30; at++) {
    float place[2] = {(float)at / 3 - 5, (float)(at % 7) - 3};
    const float *own = map + 2 * ((size_t)at % n);
    if (at % 3 == 0 && isfinite (own[0]) && isfinite (own[1])) /* at a tile's own place */
      memcpy (place, own, sizeof place);
    TsrBlend blend;
    size_t found = plain_order (map, w, n, d, place, far), used = MIN (found, k);
    g_assert_true (tsr_blend_at (map, w, n, d, place, k, &blend) == (found > 0));
    g_assert_cmpuint (blend.n, ==, used);
    if (found == 0)
      continue;
    double beyond = found > k ? far[k].distance : INFINITY, sum = 0, weight[TSR_BLEND_MOST];
    size_t lying = 0;
    for (size_t i = 0; i < used; i++) {
      g_assert_cmpuint (blend.tile[i], ==, far[i].row);
      double r = far[i].distance;
      lying += r == 0;
      weight[i] = r == 0 ? 0 : isinf (beyond) ? 1 / (r * r) : pow ((beyond - r) / (beyond * r), 2);
      sum += weight[i];
    }
    for (size_t i = 0; i < used; i++) {
      double expected = lying > 0 ? (i < lying ? 1.0 / (double)lying : 0)
                        : sum > 0 ? weight[i] / sum
                                  : 1.0 / (double)used;
      g_assert_cmpfloat_with_epsilon (blend.weight[i], expected, 1e-9);
    }
    tsr_blend_vectors (&blend, w, d, out);
    for (size_t j = 0; j < d; j++) {
      double value = 0;
      for (size_t i = 0; i < used; i++)
        value += blend.weight[i] * (double)w[blend.tile[i] * d + j];
      g_assert_cmpfloat_with_epsilon ((double)out[j], value, 1e-5);
    }
    if (lying == 1) /* that tile and nothing else */
      g_assert_cmpmem (out, d * sizeof *out, w + far[0].row * d, d * sizeof *out);
  }
}

static void
test_blend (void)
{
  for (size_t n = 1; n < 9; n++)
    for (size_t k = 1; k < 8; k++)
      check_blend (n, 3, k, n % 2, false, n + k);
  check_blend (500, 5, 6, false, false, 3);
  check_blend (500, 5, 6, true, true, 4);
  check_blend (300, 1, TSR_BLEND_MOST, true, true, 5);
}

/* The largest change of the mixture from one of so many steps to the next. */
static double
largest_change (int steps)
{
  enum { N = 400, D = 4 };
  g_autofree float *map = plain_cloud (N, 2, 4, false, 8), *w = plain_cloud (N, D, 4, false, 9);
  float before[D], now[D];
  double largest = 0;
  for (int i = 0; i <= steps; i++) {
    double t = (double)i / steps;
    float place[2] = {(float)(-6 + 12 * t), (float)(0.3 * sin (40 * t))};
    TsrBlend blend;
    g_assert_true (tsr_blend_at (map, w, N, D, place, 6, &blend));
    tsr_blend_vectors (&blend, w, D, now);
    if (i > 0)
      largest = MAX (largest, sqrt (plain_squared (before, now, D)));
    memcpy (before, now, sizeof now);
  }
  return largest;
}

/* Nothing jumps where another tile becomes the k-th: sixteen times as many steps, each changes so
 * much less. A jump would stay. */
static void
test_continuous (void)
{
  double coarse = largest_change (20000), fine = largest_change (320000);
  g_assert_cmpfloat (coarse, >, 0);
  g_assert_cmpfloat (fine, <, coarse / 8);
}

static void
test_degenerate (void)
{
  float map[6] = {1, 1, 1, 1, 1, 1}, w[3] = {1, 2, 6}, out;
  TsrBlend blend;
  g_assert_true (tsr_blend_at (map, w, 3, 1, (float[]){1, 1}, 3, &blend));
  tsr_blend_vectors (&blend, w, 1, &out);
  g_assert_cmpfloat (out, ==, 3); /* all lie there */
  g_assert_true (tsr_blend_at (map, w, 3, 1, (float[]){2, 1}, 2, &blend));
  g_assert_cmpfloat (blend.weight[0], ==, 0.5); /* all as far as the one beyond */
  g_assert_false (tsr_blend_at (map, w, 3, 1, (float[]){NAN, 1}, 2, &blend));
  g_assert_false (tsr_blend_at (map, w, 3, 1, (float[]){1, INFINITY}, 2, &blend));
  g_assert_false (tsr_blend_at (map, w, 0, 1, (float[]){1, 1}, 2, &blend));
  w[0] = w[1] = w[2] = NAN;
  g_assert_false (tsr_blend_at (map, w, 3, 1, (float[]){1, 1}, 2, &blend));
  g_assert_cmpuint (blend.n, ==, 0);
}

static void
check_nearest (size_t n, size_t d, size_t k, bool copies, uint64_t seed)
{
  g_autofree float *w = plain_cloud (n, d, 2, copies, seed),
                   *x = plain_cloud (1, d, 1, false, seed);
  g_autofree Far *far = g_new (Far, n + 1);
  uint32_t tile[TSR_BLEND_MOST];
  size_t known = 0;
  for (size_t i = 0; i < n; i++)
    if (i % 11 == 4)
      w[i * d] = NAN;
    else
      far[known++] = (Far){plain_squared (w + i * d, x, d), (uint32_t)i};
  qsort (far, known, sizeof *far, nearer);
  g_assert_cmpuint (tsr_blend_nearest (w, n, d, x, k, tile), ==, MIN (known, k));
  for (size_t i = 0; i < MIN (known, k);
       i++) /* rounding may change the order of the nearly equal */
    g_assert_cmpfloat_with_epsilon (plain_squared (w + tile[i] * d, x, d), far[i].distance,
                                    1e-5 * (1 + far[i].distance));
  for (size_t i = 1; i < MIN (known, k); i++)
    g_assert_true (tile[i] != tile[i - 1]);
}

static void
test_nearest (void)
{
  for (size_t n = 0; n < 20; n++)
    check_nearest (n, 3, 1 + n % 5, n % 2, n);
  check_nearest (10000, 16, 5, true, 21); /* several chunks */
  check_nearest (9000, 1, TSR_BLEND_MOST, true, 22);
  /* Copies come by their numbers. */
  float w[5] = {3, 1, 1, 1, 2};
  uint32_t tile[4];
  g_assert_cmpuint (tsr_blend_nearest (w, 5, 1, (float[]){1}, 4, tile), ==, 4);
  g_assert_cmpmem (tile, sizeof tile, ((uint32_t[]){1, 2, 3, 4}), sizeof tile);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blend/plain", test_blend);
  g_test_add_func ("/blend/continuous", test_continuous);
  g_test_add_func ("/blend/degenerate", test_degenerate);
  g_test_add_func ("/blend/nearest", test_nearest);
  return g_test_run ();
}
