/* The measures against numpy's values (make_quality.py), and where their values are known. */

#include "tsr-error.h"
#include "tsr-product.h"
#include "tsr-quality.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

typedef struct {
  size_t n, m, d;
  uint32_t seed;
  double frechet, kid, precision, recall;
} Case;

#include "quality-values.h"

/* ---- sets ---- */

static uint32_t
bits (uint32_t seed, uint32_t i, uint32_t j, uint32_t generated)
{
  uint32_t h = (seed * 73856093u) ^ (i * 19349663u) ^ (j * 83492791u) ^ (generated * 40503u);
  h *= 2654435761u;
  h ^= h >> 15;
  return (h * 2246822519u) >> 16;
}

/* As make_quality.py draws them. */
static float *
vectors (size_t n, size_t d, uint32_t seed, uint32_t generated)
{
  float *x = g_new (float, n *d);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < d; j++) {
      uint32_t k = bits (seed, i, j, generated) +
                   2 * bits (seed, i, (uint32_t)((j * 7 + 3) % d), generated) +
                   (3 - generated) * bits (seed, i, 1000, generated) + 9000 * generated * (j % 3);
      x[i * d + j] = (float)k / (float)(1u << (16 + j % 4));
    }
  return x;
}

static float *
normal_vectors (size_t n, size_t d, uint64_t seed)
{
  float *x = g_new (float, n *d);
  TsrRandom random;
  tsr_random_init (&random, seed, 1);
  for (size_t i = 0; i < n * d; i++)
    x[i] = (float)tsr_random_normal (&random);
  return x;
}

static double
frechet_of (const TsrFeatureSets *sets)
{
  GError *error = NULL;
  double distance;
  g_assert_true (tsr_frechet_distance (sets, &distance, NULL, &error));
  g_assert_no_error (error);
  return distance;
}

/* ---- the tests ---- */

static void
assert_close (const char *what, const Case *c, double found, double expected, double bound)
{
  if (!(fabs (found - expected) <= bound * (1 + fabs (expected))))
    g_error ("%s of %zu and %zu vectors of %zu: %.12g, numpy says %.12g", what, c->n, c->m, c->d,
             found, expected);
}

static void
test_numpy (void)
{
  for (size_t k = 0; k < G_N_ELEMENTS (cases); k++) {
    const Case *c = &cases[k];
    GError *error = NULL;
    g_autofree float *real = vectors (c->n, c->d, c->seed, 0),
                     *generated = vectors (c->m, c->d, c->seed, 1);
    const TsrFeatureSets sets = {real, c->n, generated, c->m, c->d};
    TsrQuality q;
    g_assert_true (tsr_quality_measure (&sets, 1, &q, NULL, &error));
    g_assert_no_error (error);
    assert_close ("Frechet distance", c, q.frechet, c->frechet, 1e-9);
    if (!isnan (c->kid)) {
      assert_close ("kernel distance", c, q.kid, c->kid, 1e-10);
      g_assert_cmpfloat (q.kid_deviation, ==, 0);
    }
    assert_close ("precision", c, q.precision, c->precision, 1e-12);
    assert_close ("recall", c, q.recall, c->recall, 1e-12);
  }
}

/* Equal sets in another order, also with fewer vectors than dimensions. */
static void
test_equal (void)
{
  static const size_t sizes[][2] = {{2, 1}, {40, 7}, {20, 300}, {300, 130}};
  for (size_t k = 0; k < G_N_ELEMENTS (sizes); k++) {
    size_t n = sizes[k][0], d = sizes[k][1];
    g_autofree float *x = normal_vectors (n, d, k), *y = g_new (float, n *d);
    for (size_t i = 0; i < n; i++)
      memcpy (y + i * d, x + (n - 1 - i) * d, d * sizeof *x);
    const TsrFeatureSets sets = {x, n, y, n, d};
    g_assert_cmpfloat (frechet_of (&sets), <, 1e-9 * (double)d);
    if (n < 4)
      continue;
    TsrQuality q;
    g_assert_true (tsr_quality_measure (&sets, 1, &q, NULL, NULL));
    g_assert_cmpfloat (q.precision, ==, 1);
    g_assert_cmpfloat (q.recall, ==, 1);
  }
}

/* A moved set: the squared way. A stretched one: of each standard deviation the difference. */
static void
test_moved (void)
{
  static const size_t sizes[][2] = {{60, 5}, {30, 90}, {500, 150}};
  for (size_t k = 0; k < G_N_ELEMENTS (sizes); k++) {
    size_t n = sizes[k][0], d = sizes[k][1];
    g_autofree float *x = normal_vectors (n, d, k), *y = g_new (float, n *d);
    double way = 0, spread = 0;
    for (size_t i = 0; i < n * d; i++)
      x[i] = rintf (x[i] * 1024) / 1024; /* so that moving them is exact */
    for (size_t c = 0; c < d; c++) {
      double step = (double)(c % 4) - 1, mean = 0;
      way += step * step;
      for (size_t i = 0; i < n; i++) {
        mean += (double)x[i * d + c] / (double)n;
        y[i * d + c] = x[i * d + c] + (float)step;
      }
      for (size_t i = 0; i < n; i++)
        spread += ((double)x[i * d + c] - mean) * ((double)x[i * d + c] - mean) / (double)(n - 1);
      spread += mean * mean; /* which stretching moves, too */
    }
    const TsrFeatureSets moved = {x, n, y, n, d};
    g_assert_cmpfloat_with_epsilon (frechet_of (&moved), way, 1e-9 * way);
    for (size_t i = 0; i < n * d; i++)
      y[i] = 4 * x[i];
    const TsrFeatureSets stretched = {x, n, y, n, d};
    g_assert_cmpfloat_with_epsilon (frechet_of (&stretched), 9 * spread, 1e-9 * 9 * spread);
  }
}

/* 2 d vectors at +-size[j] along each axis: covariance diag (2 size^2 / (2 d - 1)), mean 0. */
static float *
cross (const double *size, size_t d)
{
  float *x = g_new0 (float, 2 * d * d);
  for (size_t j = 0; j < d; j++) {
    x[2 * j * d + j] = (float)size[j];
    x[(2 * j + 1) * d + j] = -(float)size[j];
  }
  return x;
}

static void
test_diagonal (void)
{
  enum { D = 24 };
  double a[D], b[D];
  for (int kind = 0; kind < 4; kind++) {
    double expected = 0;
    for (size_t j = 0; j < D; j++) {
      a[j] = 0.25 * (double)(j + 1);
      b[j] = kind == 1 ? (j % 3 ? 1 : 0) : kind == 3 ? 0 : 1 + (double)(j % 5);
      if (kind == 2) { /* on other axes than a: nothing in common */
        a[j] = j < D / 2 ? a[j] : 0;
        b[j] = j < D / 2 ? 0 : b[j];
      }
      expected += (a[j] - b[j]) * (a[j] - b[j]) * 2 / (2 * D - 1);
    }
    g_autofree float *x = cross (a, D), *y = cross (b, D);
    const TsrFeatureSets sets = {x, 2 * D, y, 2 * D, D};
    g_assert_cmpfloat_with_epsilon (frechet_of (&sets), expected, 1e-10 * expected);
  }
}

/* Nothing varies. */
static void
test_constant (void)
{
  float x[] = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, y[] = {4, 6, 4, 6, 4, 6, 4, 6, 4, 6};
  const TsrFeatureSets sets = {x, 5, y, 5, 2};
  TsrQuality q;
  g_assert_true (tsr_quality_measure (&sets, 1, &q, NULL, NULL));
  g_assert_cmpfloat (q.frechet, ==, 25);
  g_assert_cmpfloat (q.precision, ==, 0);
  g_assert_cmpfloat (q.recall, ==, 0);
  /* k (x, y) = (dot / 2 + 1)^3: 3.5^3 + 27^3 - 2 * 9^3 */
  g_assert_cmpfloat (q.kid, ==, 42.875 + 19683 - 2 * 729);
}

/* One point generated over and over, half of the points elsewhere, all of them elsewhere. */
static void
test_precision_recall (void)
{
  enum { N = 700, D = 3 };
  g_autofree float *x = normal_vectors (N, D, 4), *y = g_new (float, (size_t)N *D);
  const TsrFeatureSets sets = {x, N, y, N, D};
  double precision, recall;
  for (size_t i = 0; i < N; i++)
    memcpy (y + i * D, x + 5 * D, D * sizeof *x);
  g_assert_true (tsr_precision_recall (&sets, 3, &precision, &recall, NULL, NULL));
  g_assert_cmpfloat (precision, ==, 1);
  g_assert_cmpfloat (recall, ==, 1.0 / N);
  memcpy (y, x, (size_t)N * D * sizeof *x);
  for (size_t i = 0; i < N / 2; i++)
    y[i * D] += 1000;
  g_assert_true (tsr_precision_recall (&sets, 3, &precision, &recall, NULL, NULL));
  g_assert_cmpfloat (precision, ==, 0.5);
  g_assert_cmpfloat (recall, >, 0.5);
  for (size_t i = N / 2; i < N; i++)
    y[i * D] += 1000;
  g_assert_true (tsr_precision_recall (&sets, 3, &precision, &recall, NULL, NULL));
  g_assert_cmpfloat (precision, ==, 0);
  g_assert_cmpfloat (recall, ==, 0);
}

/* More than a block of vectors, far from the origin, against the definition. */
static void
test_precision_recall_definition (void)
{
  enum { N = 600, M = 530, D = 6, K = 2 };
  g_autofree float *x = normal_vectors (N, D, 5), *y = normal_vectors (M, D, 6);
  for (size_t i = 0; i < (size_t)M * D; i++)
    y[i] = y[i] * 1.5f + 1000;
  for (size_t i = 0; i < (size_t)N * D; i++)
    x[i] += 1000;
  const TsrFeatureSets sets = {x, N, y, M, D};
  double precision, recall;
  size_t covered = 0;
  g_assert_true (tsr_precision_recall (&sets, K, &precision, &recall, NULL, NULL));
  g_autofree double *radius = g_new (double, N);
  for (size_t i = 0; i < N; i++) {
    double near[K + 1] = {INFINITY, INFINITY, INFINITY}; /* itself is the first */
    for (size_t j = 0; j < N; j++) {
      double sum = 0;
      for (size_t c = 0; c < D; c++)
        sum += pow ((double)x[i * D + c] - (double)x[j * D + c], 2);
      for (size_t r = 0; r <= K; r++)
        if (sum < near[r]) {
          memmove (near + r + 1, near + r, (K - r) * sizeof *near);
          near[r] = sum;
          break;
        }
    }
    radius[i] = near[K];
  }
  for (size_t j = 0; j < M; j++) {
    bool inside = false;
    for (size_t i = 0; i < N && !inside; i++) {
      double sum = 0;
      for (size_t c = 0; c < D; c++)
        sum += pow ((double)x[i * D + c] - (double)y[j * D + c], 2);
      inside = sum <= radius[i];
    }
    covered += inside;
  }
  g_assert_cmpfloat (precision, ==, (double)covered / M);
  g_assert_true (covered > 10 && covered < M - 10 && recall > precision);
}

/* Subsets: the same for a seed, and on average what all vectors say. */
static void
test_kid_subsets (void)
{
  enum { N = 120, D = 10 };
  g_autofree float *x = normal_vectors (N, D, 8), *y = normal_vectors (N, D, 9);
  for (size_t i = 0; i < (size_t)N * D; i++)
    y[i] += 0.5f;
  const TsrFeatureSets sets = {x, N, y, N, D};
  double all, mean, again, other, deviation;
  g_assert_true (tsr_kid (&sets, NULL, &all, &deviation, NULL, NULL));
  g_assert_cmpfloat (deviation, ==, 0);
  TsrKidOptions options = {.subsets = 400, .subset_size = 30, .seed = 1};
  g_assert_true (tsr_kid (&sets, &options, &mean, &deviation, NULL, NULL));
  g_assert_true (tsr_kid (&sets, &options, &again, NULL, NULL, NULL));
  g_assert_cmpfloat (mean, ==, again);
  g_assert_cmpfloat (deviation, >, 0);
  g_assert_cmpfloat_with_epsilon (mean, all, 5 * deviation / sqrt (400));
  options.seed = 2;
  g_assert_true (tsr_kid (&sets, &options, &other, NULL, NULL, NULL));
  g_assert_cmpfloat (mean, !=, other);
  /* sets of one distribution: about nothing, against the half a unit that the others are apart */
  g_autofree float *z = normal_vectors (N, D, 10);
  const TsrFeatureSets alike = {x, N, z, N, D};
  g_assert_true (tsr_kid (&alike, NULL, &other, NULL, NULL, NULL));
  g_assert_cmpfloat (fabs (other), <, 0.05 * all);
}

static void
refuse (const TsrFeatureSets *sets, const char *word)
{
  GError *error = NULL;
  double a, b;
  TsrQuality q;
  g_assert_false (tsr_quality_measure (sets, 1, &q, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, word));
  g_clear_error (&error);
  g_assert_false (tsr_precision_recall (sets, 3, &a, &b, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
}

static void
test_refusals (void)
{
  float good[8] = {1, 2, 3, 4, 5, 6, 7, 8}, nan[8] = {1, 2, 3, NAN, 5, 6, 7, 8},
        infinite[8] = {1, 2, 3, 4, 5, INFINITY, 7, 8};
  refuse (&(TsrFeatureSets){good, 3, good, 4, 2}, "3 real images");
  refuse (&(TsrFeatureSets){good, 4, good, 0, 2}, "0 generated images");
  refuse (&(TsrFeatureSets){good, 4, good, 4, 0}, "0 features");
  refuse (&(TsrFeatureSets){nan, 4, good, 4, 2}, "real image 2 ");
  refuse (&(TsrFeatureSets){good, 4, infinite, 4, 2}, "generated image 3 ");
  GError *error = NULL;
  double value;
  g_assert_false (
      tsr_frechet_distance (&(TsrFeatureSets){good, 1, good, 4, 2}, &value, NULL, &error));
  g_clear_error (&error);
  g_assert_false (
      tsr_kid (&(TsrFeatureSets){good, 4, good, 1, 2}, NULL, &value, NULL, NULL, &error));
  g_clear_error (&error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  const TsrProgress progress = {.cancellable = cancellable};
  TsrQuality q;
  g_assert_false (
      tsr_quality_measure (&(TsrFeatureSets){good, 4, good, 4, 2}, 1, &q, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
}

/* Products of any shape, of rows or columns, added or not. */
static void
test_product (void)
{
  for (int round = 0; round < 60; round++) {
    size_t m = (size_t)g_test_rand_int_range (1, 70), k = (size_t)g_test_rand_int_range (1, 40);
    bool upper = round % 3 == 0, add = round % 2, columns = round % 5 == 0;
    size_t n = upper ? m : (size_t)g_test_rand_int_range (1, 70);
    k += round % 7 == 0 ? 1000 : 0;
    g_autofree double *a = g_new (double, m *k), *b = g_new (double, n *k),
                      *c = g_new (double, m *n), *before = g_new (double, m *n);
    for (size_t i = 0; i < m * k; i++)
      a[i] = g_test_rand_double_range (-1, 1);
    for (size_t i = 0; i < n * k; i++)
      b[i] = g_test_rand_double_range (-1, 1);
    for (size_t i = 0; i < m * n; i++)
      c[i] = before[i] = g_test_rand_double_range (-1, 1);
    TsrOperand left = columns ? (TsrOperand){a, 1, m} : (TsrOperand){a, k, 1};
    TsrOperand right = {b, k, 1};
    tsr_product (left, m, right, n, k, c, upper, add);
    for (size_t i = 0; i < m; i++)
      for (size_t j = upper ? i : 0; j < n; j++) {
        double sum = add ? before[i * n + j] : 0;
        for (size_t p = 0; p < k; p++)
          sum += left.values[i * left.row + p * left.column] * b[j * k + p];
        g_assert_cmpfloat_with_epsilon (c[i * n + j], sum, 1e-12 * (double)(k + 1));
      }
  }
}

/* Off unless asked for: -m perf. */
static void
test_time (void)
{
  enum { N = 2000, D = 2048 };
  g_autofree float *x = normal_vectors (N, D, 1), *y = normal_vectors (N, D, 2);
  const TsrFeatureSets sets = {x, N, y, N, D};
  double a, b;
  g_test_timer_start ();
  a = frechet_of (&sets);
  g_test_message ("Frechet distance %.6g in %.1f s", a, g_test_timer_elapsed ());
  g_test_timer_start ();
  tsr_precision_recall (&sets, 3, &a, &b, NULL, NULL);
  g_test_message ("precision %g, recall %g in %.1f s", a, b, g_test_timer_elapsed ());
  g_test_timer_start ();
  tsr_kid (&sets, NULL, &a, &b, NULL, NULL);
  g_test_message ("kernel distance %g (%g) in %.1f s", a, b, g_test_timer_elapsed ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quality/product", test_product);
  g_test_add_func ("/quality/numpy", test_numpy);
  g_test_add_func ("/quality/equal", test_equal);
  g_test_add_func ("/quality/moved", test_moved);
  g_test_add_func ("/quality/diagonal", test_diagonal);
  g_test_add_func ("/quality/constant", test_constant);
  g_test_add_func ("/quality/precision-recall", test_precision_recall);
  g_test_add_func ("/quality/precision-recall-definition", test_precision_recall_definition);
  g_test_add_func ("/quality/kid-subsets", test_kid_subsets);
  g_test_add_func ("/quality/refusals", test_refusals);
  if (g_test_perf ())
    g_test_add_func ("/quality/time", test_time);
  return g_test_run ();
}
