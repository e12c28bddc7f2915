/* Stain normalisation against plain double arithmetic written here once more (singular vectors by
 * power iteration, percentiles by sorting, colours by the papers' formulas), and against tiles that
 * were stained by known vectors. */

#include "tsr-stain.h"

#include "tsr-error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 20000

static const double haematoxylin[3] = {0.65, 0.70, 0.29}, eosin[3] = {0.07, 0.99, 0.11};

static uint8_t
clip (double value)
{
  return (uint8_t)lround (CLAMP (value, 0, 255));
}

/* Pixels of Beer and Lambert: a tenth each of pure stains, the rest mixed, some glass between. */
static uint8_t *
stained (GRand *random, const double a[3], const double b[3], double strong_a, double strong_b)
{
  uint8_t *rgb = g_new (uint8_t, 3 * N);
  for (size_t i = 0; i < N; i++) {
    double ca = strong_a * g_rand_double_range (random, 0.4, 1),
           cb = strong_b * g_rand_double_range (random, 0.4, 1);
    if (i % 10 == 0)
      cb = 0;
    if (i % 10 == 1)
      ca = 0;
    if (i % 10 == 2)
      ca = cb = 0;
    for (int c = 0; c < 3; c++)
      rgb[3 * i + c] = clip (240 * exp (-ca * a[c] - cb * b[c]) - 1);
  }
  return rgb;
}

/* ---- the reference ---- */

static double
od (int value)
{
  return -log ((value + 1) / 240.0);
}

static double
scalar (const double *a, const double *b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
percentile (double *values, size_t n, double percent)
{
  qsort (values, n, sizeof *values, compare);
  double at = (double)(n - 1) * percent / 100, low = floor (at);
  return values[(size_t)low] * (1 - (at - low)) + values[MIN ((size_t)low + 1, n - 1)] * (at - low);
}

/* The largest right singular vector of d[n][3] beside `other` (or NULL), by power iteration. */
static void
singular (const double *d, size_t n, const double *other, double v[3])
{
  double square[3][3] = {{0}};
  for (size_t i = 0; i < n; i++)
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++)
        square[a][b] += d[3 * i + a] * d[3 * i + b];
  v[0] = 0.3, v[1] = 0.5, v[2] = 0.8;
  for (int pass = 0; pass < 5000; pass++) {
    double next[3];
    double along = other ? scalar (v, other) : 0;
    for (int a = 0; a < 3; a++)
      v[a] -= other ? along * other[a] : 0;
    for (int a = 0; a < 3; a++)
      next[a] = scalar (square[a], v);
    double length = sqrt (scalar (next, next));
    for (int a = 0; a < 3; a++)
      v[a] = next[a] / length;
  }
}

typedef struct {
  double stain[2][3], strongest[2];
} Reference;

/* c by the normal equations with Cramer's rule. */
static void
concentrations (const double stain[2][3], const double *density, double c[2])
{
  double aa = scalar (stain[0], stain[0]), ab = scalar (stain[0], stain[1]),
         bb = scalar (stain[1], stain[1]), pa = scalar (stain[0], density),
         pb = scalar (stain[1], density), det = aa * bb - ab * ab;
  c[0] = (pa * bb - pb * ab) / det;
  c[1] = (aa * pb - ab * pa) / det;
}

static Reference
reference_macenko (const uint8_t *rgb, size_t n)
{
  Reference result;
  double *d = g_new (double, 3 * n), *values = g_new (double, n), *more = g_new (double, n),
         v[2][3];
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    for (int c = 0; c < 3; c++)
      d[3 * m + c] = od (rgb[3 * i + c]);
    m += d[3 * m] >= 0.15 && d[3 * m + 1] >= 0.15 && d[3 * m + 2] >= 0.15;
  }
  singular (d, m, NULL, v[0]);
  singular (d, m, v[0], v[1]);
  for (size_t i = 0; i < m; i++)
    values[i] = atan2 (scalar (d + 3 * i, v[1]), scalar (d + 3 * i, v[0]));
  double low = percentile (values, m, 1), high = percentile (values, m, 99);
  for (int c = 0; c < 3; c++) {
    result.stain[0][c] = cos (low) * v[0][c] + sin (low) * v[1][c];
    result.stain[1][c] = cos (high) * v[0][c] + sin (high) * v[1][c];
  }
  if (result.stain[0][0] < result.stain[1][0]) {
    double swap[3];
    memcpy (swap, result.stain[0], sizeof swap);
    memcpy (result.stain[0], result.stain[1], sizeof swap);
    memcpy (result.stain[1], swap, sizeof swap);
  }
  for (size_t i = 0; i < m; i++) {
    double c[2];
    concentrations (result.stain, d + 3 * i, c);
    values[i] = c[0];
    more[i] = c[1];
  }
  result.strongest[0] = percentile (values, m, 99);
  result.strongest[1] = percentile (more, m, 99);
  g_free (d);
  g_free (values);
  g_free (more);
  return result;
}

static void
lab (const double rgb[3], double out[3])
{
  double l = log (0.3811 * rgb[0] + 0.5783 * rgb[1] + 0.0402 * rgb[2]),
         m = log (0.1967 * rgb[0] + 0.7244 * rgb[1] + 0.0782 * rgb[2]),
         s = log (0.0241 * rgb[0] + 0.1288 * rgb[1] + 0.8444 * rgb[2]);
  out[0] = (l + m + s) / sqrt (3);
  out[1] = (l + m - 2 * s) / sqrt (6);
  out[2] = (l - m) / sqrt (2);
}

/* Solves the three equations of LMS for RGB by elimination. */
static void
back (const double in[3], double rgb[3])
{
  double l = exp (in[0] / sqrt (3) + in[1] / sqrt (6) + in[2] / sqrt (2)),
         m = exp (in[0] / sqrt (3) + in[1] / sqrt (6) - in[2] / sqrt (2)),
         s = exp (in[0] / sqrt (3) - 2 * in[1] / sqrt (6));
  double a[3][4] = {
      {0.3811, 0.5783, 0.0402, l}, {0.1967, 0.7244, 0.0782, m}, {0.0241, 0.1288, 0.8444, s}};
  for (int p = 0; p < 3; p++)
    for (int r = 0; r < 3; r++)
      for (int c = 3; c >= p && r != p; c--)
        a[r][c] -= a[r][p] / a[p][p] * a[p][c];
  for (int p = 0; p < 3; p++)
    rgb[p] = a[p][3] / a[p][p];
}

/* ---- tests ---- */

/* Each channel is the exact value's byte, or within `slack` of the border between two. */
static void
check_pixel (const double exact[3], const uint8_t *got, double slack)
{
  for (int c = 0; c < 3; c++)
    g_assert_cmpfloat (fabs (got[c] - CLAMP (exact[c], 0, 255)), <=, 0.5 + slack);
}

static void
test_macenko (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (int trial = 0; trial < 12; trial++) {
    double a[3], b[3];
    for (int c = 0; c < 3; c++) {
      a[c] = haematoxylin[c] * g_rand_double_range (random, 0.85, 1.15);
      b[c] = eosin[c] * g_rand_double_range (random, 0.85, 1.15) + 0.12;
    }
    g_autofree uint8_t *rgb = stained (random, a, b, 1.4, 1.1), *out = g_new (uint8_t, 3 * N);
    TsrStain stain = tsr_stain_estimate (TSR_STAIN_MACENKO, rgb, N),
             to = tsr_stain_reference (TSR_STAIN_MACENKO);
    Reference expected = reference_macenko (rgb, N);
    g_assert_cmpint (stain.method, ==, TSR_STAIN_MACENKO);
    for (int s = 0; s < 2; s++) {
      const double *truth = s == 0 ? a : b;
      double length = sqrt (scalar (truth, truth));
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat (fabs (stain.stain[s][c] - expected.stain[s][c]), <, 2e-6);
      g_assert_cmpfloat (fabs (stain.strongest[s] - expected.strongest[s]), <, 1e-5);
      /* The 1st percentile lies among the pure pixels, whose bytes are rounded. */
      g_assert_cmpfloat (acos (MIN (scalar (stain.stain[s], truth) / length, 1)), <, 0.03);
    }
    TsrStainMap map;
    g_assert_true (tsr_stain_map_init (&map, &stain, &to));
    tsr_stain_apply (&map, rgb, N, out);
    for (size_t i = 0; i < N; i++) {
      double density[3], c[2], exact[3];
      for (int k = 0; k < 3; k++)
        density[k] = od (rgb[3 * i + k]);
      concentrations (stain.stain, density, c);
      for (int k = 0; k < 3; k++)
        exact[k] = 240 * exp (-to.stain[0][k] * c[0] * to.strongest[0] / stain.strongest[0] -
                              to.stain[1][k] * c[1] * to.strongest[1] / stain.strongest[1]) -
                   1;
      check_pixel (exact, out + 3 * i, 2e-3);
    }
  }
}

/* What one laboratory's stains drew becomes what the other's would have drawn. */
static void
test_recovered (void)
{
  /* Strong enough that the palest pure pixel still counts as stained. */
  const double a[3] = {0.65, 0.67, 0.36}, b[3] = {0.3, 0.85, 0.42}, other_a[3] = {0.55, 0.72, 0.42},
               other_b[3] = {0.36, 0.78, 0.51};
  g_autoptr (GRand) random = g_rand_new_with_seed (2), again = g_rand_new_with_seed (2);
  g_autofree uint8_t *source = stained (random, a, b, 1.3, 1.4),
                     *target = stained (again, other_a, other_b, 1.1, 1.6),
                     *out = g_new (uint8_t, 3 * N);
  TsrStain from = tsr_stain_estimate (TSR_STAIN_MACENKO, source, N),
           to = tsr_stain_estimate (TSR_STAIN_MACENKO, target, N);
  TsrStainMap map;
  g_assert_true (tsr_stain_map_init (&map, &from, &to));
  tsr_stain_apply (&map, source, N, out);
  double before = 0, after = 0;
  for (size_t i = 0; i < 3 * N; i++) {
    before += abs (source[i] - target[i]);
    after += abs (out[i] - target[i]);
  }
  g_test_message ("mean difference %.2f before, %.2f after", before / (3 * N), after / (3 * N));
  g_assert_cmpfloat (after, <, before / 8);
  g_assert_cmpfloat (after / (3 * N), <, 2);
}

static void
test_reinhard (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autofree uint8_t *rgb = stained (random, haematoxylin, eosin, 1.4, 1.1),
                     *out = g_new (uint8_t, 3 * N);
  for (int i = 0; i < 300; i++) /* black and colours that no stain makes, too */
    rgb[i] = i < 30 ? 0 : (uint8_t)g_rand_int_range (random, 0, 256);
  TsrStain stain = tsr_stain_estimate (TSR_STAIN_REINHARD, rgb, N),
           to = tsr_stain_reference (TSR_STAIN_REINHARD);
  double mean[3] = {0}, squares[3] = {0}, *all = g_new (double, 3 * N);
  for (size_t i = 0; i < N; i++) {
    const double pixel[3] = {MAX (rgb[3 * i], 1), MAX (rgb[3 * i + 1], 1), MAX (rgb[3 * i + 2], 1)};
    lab (pixel, all + 3 * i);
    for (int c = 0; c < 3; c++)
      mean[c] += all[3 * i + c] / N;
  }
  for (size_t i = 0; i < 3 * N; i++)
    squares[i % 3] += (all[i] - mean[i % 3]) * (all[i] - mean[i % 3]) / N;
  g_assert_cmpint (stain.method, ==, TSR_STAIN_REINHARD);
  for (int c = 0; c < 3; c++) {
    g_assert_cmpfloat (fabs (stain.mean[c] - mean[c]), <, 1e-10);
    g_assert_cmpfloat (fabs (stain.deviation[c] - sqrt (squares[c])), <, 1e-10);
  }
  TsrStainMap map;
  g_assert_true (tsr_stain_map_init (&map, &stain, &to));
  tsr_stain_apply (&map, rgb, N, out);
  for (size_t i = 0; i < N; i++) {
    double moved[3], exact[3];
    for (int c = 0; c < 3; c++)
      moved[c] =
          (all[3 * i + c] - stain.mean[c]) / stain.deviation[c] * to.deviation[c] + to.mean[c];
    back (moved, exact);
    /* Red is 4.5 L - 3.6 M: what rounding does to these, it does to red five times. */
    check_pixel (exact, out + 3 * i, 5e-3);
  }
  g_free (all);
}

/* Onto itself, nothing changes but what lies outside of the stains' plane. */
static void
test_itself (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  const double b[3] = {0.17, 0.95, 0.26};
  g_autofree uint8_t *rgb = stained (random, haematoxylin, b, 1.4, 1.1),
                     *out = g_new (uint8_t, 3 * N), *small = g_memdup2 (rgb, 3 * N);
  for (int method = TSR_STAIN_MACENKO; method <= TSR_STAIN_REINHARD; method++) {
    TsrStain stain = tsr_stain_estimate (method, rgb, N);
    TsrStainMap map;
    g_assert_true (tsr_stain_map_init (&map, &stain, &stain));
    tsr_stain_apply (&map, rgb, N, out);
    for (size_t i = 0; i < 3 * N; i++)
      g_assert_cmpint (abs (out[i] - MAX (rgb[i], 1)), <=, method == TSR_STAIN_MACENKO ? 3 : 0);
    /* In pieces of any size and in place: the same. */
    for (size_t at = 0, piece = 1; at < N; at += piece, piece = piece * 3 % 700 + 1)
      tsr_stain_apply (&map, small + 3 * at, MIN (piece, N - at), small + 3 * at);
    g_assert_cmpmem (small, 3 * N, out, 3 * N);
    memcpy (small, rgb, 3 * N);
  }
}

static void
fill (uint8_t *rgb, size_t n, GRand *random, const int color[3], int noise)
{
  for (size_t i = 0; i < 3 * n; i++)
    rgb[i] = (uint8_t)CLAMP (color[i % 3] + g_rand_int_range (random, -noise, noise + 1), 0, 255);
}

static void
test_degenerate (void)
{
  enum { n = 5000 };
  static const struct {
    int color[3], noise;
    size_t n;
    TsrStainProblem macenko, reinhard; /* FINE: may be anything, but finite */
  } table[] = {
      {{255, 255, 255}, 0, n, TSR_STAIN_PALE, TSR_STAIN_PALE},
      {{240, 238, 241}, 6, n, TSR_STAIN_PALE, TSR_STAIN_FINE},
      {{0, 0, 0}, 0, n, TSR_STAIN_GREY, TSR_STAIN_PALE},
      {{120, 120, 120}, 0, n, TSR_STAIN_GREY, TSR_STAIN_PALE},
      {{120, 120, 120}, 2, n, TSR_STAIN_GREY, TSR_STAIN_FINE},
      {{100, 40, 140}, 0, n, TSR_STAIN_ONE, TSR_STAIN_PALE},
      {{100, 40, 140}, 1, n, TSR_STAIN_ONE, TSR_STAIN_FINE},
      {{100, 40, 140}, 1, 0, TSR_STAIN_PALE, TSR_STAIN_PALE},
      {{100, 40, 140}, 1, 1, TSR_STAIN_PALE, TSR_STAIN_PALE},
      {{100, 40, 140}, 1, 99, TSR_STAIN_PALE, TSR_STAIN_PALE},
      {{128, 128, 128}, 128, n, TSR_STAIN_FINE, TSR_STAIN_FINE},
  };
  uint8_t rgb[3 * n], out[3 * n];
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    for (int method = TSR_STAIN_MACENKO; method <= TSR_STAIN_REINHARD; method++) {
      TsrStainProblem problem = method == TSR_STAIN_MACENKO ? table[i].macenko : table[i].reinhard;
      TsrStain to = tsr_stain_reference (method), stain;
      TsrStainMap map;
      fill (rgb, n, random, table[i].color, table[i].noise);
      stain = tsr_stain_estimate (method, rgb, table[i].n);
      bool known = tsr_stain_map_init (&map, &stain, &to);
      g_assert_true (known == (stain.method != TSR_STAIN_NONE));
      g_assert_true ((stain.problem == TSR_STAIN_FINE) == known);
      if (problem != TSR_STAIN_FINE)
        g_assert_cmpint (stain.problem, ==, problem);
      g_assert_true ((tsr_stain_problem_text (stain.problem) != NULL) == !known);
      tsr_stain_apply (&map, rgb, n, out);
      if (!known)
        g_assert_cmpmem (out, sizeof out, rgb, sizeof rgb);
      g_autofree char *json = tsr_stain_to_json (&stain);
      g_assert_null (strstr (json, "nan"));
      g_assert_null (strstr (json, "null"));
    }
  /* One stain in all strengths. */
  for (size_t i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      rgb[3 * i + c] = clip (240 * exp (-haematoxylin[c] * (0.6 + (double)i / n)) - 1);
  g_assert_cmpint (tsr_stain_estimate (TSR_STAIN_MACENKO, rgb, n).problem, ==, TSR_STAIN_ONE);
  /* Grey in all strengths. */
  for (size_t i = 0; i < 3 * n; i++)
    rgb[i] = (uint8_t)(i / 3 % 256);
  g_assert_cmpint (tsr_stain_estimate (TSR_STAIN_MACENKO, rgb, n).problem, ==, TSR_STAIN_GREY);
  g_assert_cmpint (tsr_stain_estimate (TSR_STAIN_REINHARD, rgb, n).problem, ==, TSR_STAIN_GREY);
  TsrStain a = tsr_stain_reference (TSR_STAIN_MACENKO),
           b = tsr_stain_reference (TSR_STAIN_REINHARD);
  TsrStainMap map;
  g_assert_false (tsr_stain_map_init (&map, &a, &b));
  g_assert_cmpint (tsr_stain_reference (TSR_STAIN_NONE).method, ==, TSR_STAIN_NONE);
}

/* Every colour there is gives a byte, the same whatever stands beside it. */
static void
test_all_colors (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  const double b[3] = {0.17, 0.95, 0.26};
  g_autofree uint8_t *tile = stained (random, haematoxylin, b, 1.4, 1.1);
  for (int method = TSR_STAIN_MACENKO; method <= TSR_STAIN_REINHARD; method++) {
    TsrStain from = tsr_stain_estimate (method, tile, N), to = tsr_stain_reference (method);
    TsrStainMap map;
    g_assert_true (tsr_stain_map_init (&map, &from, &to));
    for (int r = 0; r < 256; r += 5) {
      uint8_t rgb[3 * 2704], out[3 * 2704], one[3];
      for (int i = 0; i < 2704; i++) {
        rgb[3 * i] = (uint8_t)r;
        rgb[3 * i + 1] = (uint8_t)(i / 52 * 5);
        rgb[3 * i + 2] = (uint8_t)(i % 52 * 5);
      }
      tsr_stain_apply (&map, rgb, 2704, out);
      for (int i = 0; i < 2704; i += 97) {
        tsr_stain_apply (&map, rgb + 3 * i, 1, one);
        g_assert_cmpmem (one, 3, out + 3 * i, 3);
      }
    }
  }
}

static void
test_json (void)
{
  for (int method = TSR_STAIN_NONE; method <= TSR_STAIN_REINHARD; method++) {
    TsrStain stain = tsr_stain_reference (method), read;
    if (method == TSR_STAIN_NONE)
      stain.problem = TSR_STAIN_ONE;
    stain.mean[1] *= 1 / 3.0;
    stain.strongest[0] *= 1 / 3.0;
    g_autofree char *json = tsr_stain_to_json (&stain);
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_stain_from_json (json, &read, &error));
    g_assert_no_error (error);
    g_assert_cmpint (read.method, ==, stain.method);
    g_assert_cmpint (read.problem, ==, stain.problem);
    for (int i = 0; i < 3; i++) {
      g_assert_true (read.stain[0][i] == stain.stain[0][i] &&
                     read.stain[1][i] == stain.stain[1][i]);
      g_assert_true (read.mean[i] == stain.mean[i] && read.deviation[i] == stain.deviation[i]);
      g_assert_true (i == 2 || read.strongest[i] == stain.strongest[i]);
    }
  }
  static const char *const bad[] = {
      "",
      "{",
      "[]",
      "{}",
      "{\"method\":\"other\"}",
      "{\"method\":\"macenko\"}",
      "{\"method\":\"macenko\",\"stains\":[[1,0,0],[1,0,0]],\"strongest\":[1,1]}",
      "{\"method\":\"macenko\",\"stains\":[[1,0,0],[0,2,0]],\"strongest\":[1,1]}",
      "{\"method\":\"macenko\",\"stains\":[[1,0,0],[0,1,0]],\"strongest\":[1,0]}",
      "{\"method\":\"macenko\",\"stains\":[[1,0,0],[0,1,0]],\"strongest\":[1]}",
      "{\"method\":\"macenko\",\"stains\":[[1,0,\"0\"],[0,1,0]],\"strongest\":[1,1]}",
      "{\"method\":\"reinhard\",\"mean\":[1,1,1],\"deviation\":[1,0,1]}",
      "{\"method\":\"reinhard\",\"mean\":[1,1,1e300],\"deviation\":[1,1,1]}",
      "{\"method\":\"reinhard\",\"mean\":[1,1],\"deviation\":[1,1,1]}"};
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    TsrStain read;
    g_assert_false (tsr_stain_from_json (bad[i], &read, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_CORRUPT);
    g_assert_cmpint (read.method, ==, TSR_STAIN_NONE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stain/macenko", test_macenko);
  g_test_add_func ("/stain/recovered", test_recovered);
  g_test_add_func ("/stain/reinhard", test_reinhard);
  g_test_add_func ("/stain/itself", test_itself);
  g_test_add_func ("/stain/degenerate", test_degenerate);
  g_test_add_func ("/stain/all-colors", test_all_colors);
  g_test_add_func ("/stain/json", test_json);
  return g_test_run ();
}
