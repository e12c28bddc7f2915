/* Eigenvectors, principal components, products and neighbours against plain double-precision
 * references. */

#include "tsr-balance.h"
#include "tsr-eigen.h"
#include "tsr-error.h"
#include "tsr-gemm.h"
#include "tsr-map.h"
#include "tsr-vectors.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *
random_matrix (size_t n, size_t d, double scale)
{
  float *x = g_new (float, n *d + 1);
  for (size_t i = 0; i < n * d; i++)
    x[i] = (float)(scale * g_test_rand_double_range (-1, 1));
  return x;
}

/* All eigenvalues (descending) and vectors (rows) by Jacobi's rotations. */
static void
jacobi (double *a, size_t m, double *values, double *vectors)
{
  for (size_t i = 0; i < m * m; i++)
    vectors[i] = i % (m + 1) == 0;
  for (int sweep = 0; sweep < 60; sweep++)
    for (size_t p = 0; p < m; p++)
      for (size_t q = p + 1; q < m; q++) {
        if (a[p * m + q] == 0)
          continue;
        double theta = (a[q * m + q] - a[p * m + p]) / (2 * a[p * m + q]);
        double t = copysign (1, theta) / (fabs (theta) + hypot (theta, 1)), c = 1 / hypot (t, 1),
               s = t * c;
        for (size_t k = 0; k < m; k++) {
          double u = a[k * m + p], v = a[k * m + q];
          a[k * m + p] = c * u - s * v;
          a[k * m + q] = s * u + c * v;
        }
        for (size_t k = 0; k < m; k++) {
          double u = a[p * m + k], v = a[q * m + k];
          a[p * m + k] = c * u - s * v;
          a[q * m + k] = s * u + c * v;
          u = vectors[p * m + k], v = vectors[q * m + k];
          vectors[p * m + k] = c * u - s * v;
          vectors[q * m + k] = s * u + c * v;
        }
      }
  for (size_t i = 0; i < m; i++)
    values[i] = a[i * m + i];
  for (size_t i = 0; i < m; i++) /* selection sort, vectors along */
    for (size_t j = i + 1; j < m; j++)
      if (values[j] > values[i]) {
        double t = values[i];
        values[i] = values[j], values[j] = t;
        for (size_t k = 0; k < m; k++) {
          t = vectors[i * m + k];
          vectors[i * m + k] = vectors[j * m + k], vectors[j * m + k] = t;
        }
      }
}

static void
check_eigen (const double *a, size_t m, size_t k)
{
  g_autofree double *copy = g_memdup2 (a, m * m * sizeof *a),
                    *other = g_memdup2 (a, m * m * sizeof *a);
  g_autofree double *values = g_new (double, k), *vectors = g_new (double, k *m);
  g_autofree double *all = g_new (double, m), *all_vectors = g_new (double, m *m);
  g_assert_true (tsr_eigen_largest (copy, m, k, values, vectors, NULL, NULL));
  jacobi (other, m, all, all_vectors);
  double size = fmax (fabs (all[0]), fabs (all[m - 1])) + 1e-300;
  g_autofree double *third = g_memdup2 (a, m * m * sizeof *a), *alone = g_new (double, m);
  g_assert_true (tsr_eigen_values (third, m, alone, NULL, NULL));
  for (size_t j = 0; j < m; j++)
    g_assert_cmpfloat_with_epsilon (alone[j] / size, all[j] / size, 1e-12);
  for (size_t j = 0; j < k; j++) {
    g_assert_cmpfloat_with_epsilon (values[j] / size, all[j] / size, 1e-12);
    for (size_t i = 0; i <= j; i++) { /* orthonormal, also where eigenvalues coincide */
      double sum = 0;
      for (size_t c = 0; c < m; c++)
        sum += vectors[i * m + c] * vectors[j * m + c];
      g_assert_cmpfloat_with_epsilon (sum, i == j, 1e-11);
    }
    for (size_t r = 0; r < m; r++) { /* A v = lambda v */
      double sum = 0;
      for (size_t c = 0; c < m; c++)
        sum += a[r * m + c] * vectors[j * m + c];
      g_assert_cmpfloat_with_epsilon (sum / size, values[j] * vectors[j * m + r] / size, 1e-11);
    }
  }
}

static void
test_eigen (void)
{
  for (int round = 0; round < 40; round++) {
    size_t m = (size_t)g_test_rand_int_range (1, 40), rank = round % 3 == 0 ? m : 1 + m / 3;
    g_autofree double *b = g_new0 (double, m *m), *a = g_new0 (double, m *m);
    for (size_t i = 0; i < rank * m; i++)
      b[i] = round % 4 == 3 ? g_test_rand_int_range (-1, 2) : g_test_rand_double_range (-1, 1);
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < m; j++)
        for (size_t r = 0; r < rank; r++)
          a[i * m + j] += b[r * m + i] * b[r * m + j] * (round % 5 == 4 && r % 2 ? -1 : 1);
    check_eigen (a, m, (size_t)g_test_rand_int_range (1, (int)m + 1));
  }
  size_t m = 9;
  g_autofree double *a = g_new0 (double, m *m);
  check_eigen (a, m, m); /* zero */
  for (size_t i = 0; i < m; i++)
    a[i * m + i] = i < 4 ? 2 : 1e-9;
  check_eigen (a, m, m); /* diagonal with equal values */
  for (size_t i = 0; i + 1 < m; i++)
    a[i * m + i + 1] = a[(i + 1) * m + i] = -1;
  check_eigen (a, m, m); /* tridiagonal */
}

static void
test_gemm (void)
{
  for (size_t k = 1; k < 70; k += 17)
    for (int add = 0; add < 2; add++) {
      TsrGemmTile s = tsr_gemm_tile_f32 (), t = tsr_gemm_tile_f64 ();
      g_autofree float *a = random_matrix (s.mr, k, 1), *b = random_matrix (s.nr, k, 1);
      g_autofree float *pa = g_new (float, s.mr *k), *pb = g_new (float, s.nr *k);
      g_autofree float *c = random_matrix (s.mr, s.nr + 3, 1),
                       *before = g_memdup2 (c, s.mr * (s.nr + 3) * sizeof *c);
      tsr_gemm_pack_f32 (a, s.mr, k, k, 1, s.mr, pa);
      tsr_gemm_pack_f32 (b, s.nr - 1, k, k, 1, s.nr, pb);
      tsr_gemm_tile_product_f32 (k, pa, pb, c, s.nr + 3, add);
      g_autofree double *da = g_new (double, t.mr *k), *db = g_new (double, t.nr *k);
      g_autofree double *dc = g_new (double, t.mr *t.nr);
      for (size_t i = 0; i < t.mr * k; i++)
        da[i] = (double)i / 7 - 3;
      for (size_t i = 0; i < t.nr * k; i++)
        db[i] = 2 - (double)i / 5;
      tsr_gemm_tile_product_f64 (k, da, db, dc, t.nr, false);
      for (size_t r = 0; r < s.mr; r++)
        for (size_t j = 0; j < s.nr + 3; j++) {
          double sum = j >= s.nr || add ? before[r * (s.nr + 3) + j] : 0;
          for (size_t p = 0; j < s.nr - 1 && p < k; p++)
            sum += (double)a[r * k + p] * b[j * k + p];
          g_assert_cmpfloat_with_epsilon (c[r * (s.nr + 3) + j], sum, 1e-5);
        }
      for (size_t r = 0; r < t.mr; r++)
        for (size_t j = 0; j < t.nr; j++) {
          double sum = 0;
          for (size_t p = 0; p < k; p++)
            sum += da[p * t.mr + r] * db[p * t.nr + j];
          g_assert_cmpfloat_with_epsilon (dc[r * t.nr + j], sum, 1e-8 * (1 + fabs (sum)));
        }
    }
}

/* Components and scores against the covariance's eigenvectors by Jacobi. */
static void
check_pca (const float *x, size_t n, size_t d, size_t k)
{
  g_autofree double *mean = g_new0 (double, d), *covariance = g_new0 (double, d *d);
  g_autofree double *values = g_new (double, d), *vectors = g_new (double, d *d);
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d; c++)
      mean[c] += x[i * d + c] / (double)n;
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d; c++)
      for (size_t e = 0; e < d; e++)
        covariance[c * d + e] +=
            (x[i * d + c] - mean[c]) * (x[i * d + e] - mean[e]) / (double)MAX (1, n - 1);
  jacobi (covariance, d, values, vectors);
  g_autofree float *scores = g_new (float, n *k), *components = g_new (float, k *d),
                   *variance = g_new (float, k);
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_pca (x, n, d, k, scores, components, variance, &error));
  double size = fmax (values[0], 1e-300);
  for (size_t j = 0; j < k; j++) {
    g_assert_cmpfloat_with_epsilon (variance[j] / size, values[j] / size, 1e-6);
    if (values[j] < 1e-10 * size) { /* beyond the rank */
      for (size_t i = 0; i < n; i++)
        g_assert_cmpfloat (scores[i * k + j], ==, 0);
      continue;
    }
    size_t largest = 0;
    double sign = 0;
    for (size_t c = 0; c < d; c++) {
      largest = fabsf (components[j * d + c]) > fabsf (components[j * d + largest]) ? c : largest;
      sign += components[j * d + c] * vectors[j * d + c];
    }
    g_assert_cmpfloat (components[j * d + largest], >, 0);
    bool distinct = (j == 0 || values[j - 1] - values[j] > 1e-3 * size) &&
                    (j + 1 == d || values[j] - values[j + 1] > 1e-3 * size);
    for (size_t c = 0; distinct && c < d; c++)
      g_assert_cmpfloat_with_epsilon (components[j * d + c],
                                      copysign (1, sign) * vectors[j * d + c], 1e-5);
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      for (size_t c = 0; c < d; c++)
        sum += (x[i * d + c] - mean[c]) * components[j * d + c];
      g_assert_cmpfloat_with_epsilon (scores[i * k + j], sum, 1e-5 * sqrt (size * (double)n));
    }
  }
}

static void
test_pca (void)
{
  const size_t shapes[][2] = {{1, 1},  {1, 4},  {2, 1},   {2, 2},    {3, 7},
                              {30, 5}, {5, 30}, {17, 17}, {700, 33}, {33, 70}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int kind = 0; kind < 4; kind++) {
      size_t n = shapes[s][0], d = shapes[s][1];
      g_autofree float *x = random_matrix (n, d, kind == 1 ? 1e-15 : kind == 2 ? 1e15 : 1);
      for (size_t i = 0; i < n && kind == 3; i++)
        for (size_t c = 0; c < d; c++)
          x[i * d + c] =
              1000 + (float)i * (float)c / (float)(n * d); /* rank 1, far from the origin */
      for (size_t i = 0; i < n * d; i++)
        x[i] *= (float)(1 + i % d % 5);
      if (kind != 3 || n <= 3)
        check_pca (x, n, d, MIN (n, d));
      check_pca (x, n, d, 1);
    }
  float constant[12] = {3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2};
  check_pca (constant, 4, 3, 3);
}

static void
test_not_finite (void)
{
  g_autofree float *x = random_matrix (3000, 3, 1);
  uint32_t index[3000];
  float distance[6000];
  g_autoptr (GError) error = NULL;
  x[3 * 2345 + 1] = NAN;
  g_assert_false (tsr_pca (x, 3000, 3, 2, distance, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "tile 2346"));
  g_clear_error (&error);
  x[5] = -INFINITY;
  g_assert_false (tsr_knn (x, 3000, 3, 1, index, distance, NULL, &error));
  g_assert_nonnull (strstr (error->message, "tile 2 "));
  g_clear_error (&error);
  g_assert_false (tsr_pca (x, 0, 3, 1, distance, NULL, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
}

/* --- neighbours --- */

typedef struct {
  double squared;
  uint32_t index;
} Neighbour;

static int
compare_neighbours (const void *a, const void *b)
{
  const Neighbour *p = a, *q = b;
  if (p->squared != q->squared)
    return p->squared < q->squared ? -1 : 1;
  return (p->index > q->index) - (p->index < q->index);
}

/* exact: all squared distances are exact in single precision, so that indices must agree too, ties
 * included. */
static void
check_knn (const float *x, size_t n, size_t d, size_t k, bool ordered, bool all_equal)
{
  g_autofree uint32_t *index = g_new (uint32_t, n * k + 1);
  g_autofree float *distance = g_new (float, n *k + 1);
  g_autofree Neighbour *all = g_new (Neighbour, n);
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_knn (x, n, d, k, index, distance, NULL, &error));
  g_assert_no_error (error);
  for (size_t i = 0; i < n; i++) {
    size_t count = 0;
    for (size_t j = 0; j < n; j++) {
      if (j == i)
        continue;
      double sum = 0;
      for (size_t c = 0; c < d; c++)
        sum += pow ((double)x[i * d + c] - x[j * d + c], 2);
      all[count++] = (Neighbour){sum, (uint32_t)j};
    }
    qsort (all, count, sizeof *all, compare_neighbours);
    for (size_t j = 0; j < k; j++) {
      double expected = sqrt (all[j].squared);
      g_assert_cmpfloat (fabs (distance[i * k + j] - expected), <=, 2e-6 * expected);
      if (ordered && j > 0 && distance[i * k + j] == distance[i * k + j - 1])
        g_assert_cmpuint (index[i * k + j], >, index[i * k + j - 1]);
      if (all_equal)
        g_assert_cmpuint (index[i * k + j], ==, all[j].index);
      double given = 0; /* the distance belongs to the index */
      for (size_t c = 0; c < d; c++)
        given += pow ((double)x[i * d + c] - x[index[i * k + j] * d + c], 2);
      g_assert_cmpfloat (fabs (distance[i * k + j] - sqrt (given)), <=, 2e-6 * expected);
      for (size_t e = 0; e < j; e++)
        g_assert_cmpuint (index[i * k + j], !=, index[i * k + e]);
      g_assert_cmpuint (index[i * k + j], !=, i);
    }
  }
  g_assert_cmpfloat (tsr_knn_recall (x, n, d, k, index, 0, 1), ==, 1);
}

static void
test_knn (void)
{
  const size_t shapes[][3] = {{2, 1, 1},       {5, 3, 4},     {40, 2, 7},
                              {300, 5, 90},    {257, 64, 1},  {700, 9, 20},
                              {113, 100, 112}, {600, 40, 33}, {1100, 3, 12}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++) {
    size_t n = shapes[s][0], d = shapes[s][1], k = shapes[s][2];
    g_autofree float *cloud = random_matrix (n, d, 1), *lattice = g_new (float, n *d);
    check_knn (cloud, n, d, k, false, false);
    for (size_t i = 0; i < n * d; i++)
      cloud[i] += 50; /* far from the origin, where products cancel */
    check_knn (cloud, n, d, k, false, false);
    for (size_t i = 0; i < n * d; i++)
      lattice[i] = (float)g_test_rand_int_range (-2, 3);
    check_knn (lattice, n, d, k, true, false);
    for (size_t i = 0; i < n * d; i++)
      lattice[i] = 7;
    check_knn (lattice, n, d, k, true, true); /* all equal: the lowest indices */
  }
  g_autofree float *scaled = random_matrix (90, 6, 3e30);
  check_knn (scaled, 90, 6, 5, false, false);
  for (size_t i = 0; i < 90 * 6; i++)
    scaled[i] *= 1e-32f * 1e-32f;
  check_knn (scaled, 90, 6, 5, false, false);
}

/* Rows near each other and far from the mean: what products round off is more than what is between
 * them. Two groups far apart, and one row far from all others. */
static void
test_knn_far (void)
{
  const size_t n = 500, d = 32, k = 60;
  g_autofree float *x = random_matrix (n, d, 1);
  for (size_t i = 0; i < d; i++)
    x[7 * d + i] = 1e6f;
  check_knn (x, n, d, k, false, false);
  for (size_t i = 0; i < n * d / 2; i++)
    x[i] += 1e4f;
  check_knn (x, n, d, k, false, false);
}

/* Squared distances of the balanced vectors against those of the eigenvectors of the covariance in
 * double: sum over axes of (variance / longest)^-balance times the squared difference. */
static void
check_balance (const float *x, size_t n, size_t d, double balance)
{
  size_t k = 0;
  g_autofree float *turned = tsr_balance_axes (x, n, n, d, balance, &k, NULL, NULL);
  g_assert_nonnull (turned);
  g_assert_cmpuint (k, >=, 1);
  g_assert_cmpuint (k, <=, MIN (n, d));
  g_autofree double *mean = g_new0 (double, d), *covariance = g_new0 (double, d *d),
                    *values = g_new (double, d), *vectors = g_new (double, d *d);
  for (size_t i = 0; i < n * d; i++)
    mean[i % d] += x[i] / (double)n;
  for (size_t i = 0; i < n; i++)
    for (size_t a = 0; a < d; a++)
      for (size_t b = 0; b < d; b++)
        covariance[a * d + b] += (x[i * d + a] - mean[a]) * (x[i * d + b] - mean[b]);
  jacobi (covariance, d, values, vectors);
  double scale = tsr_vectors_scale (x, n, d), total = 0, sum = 0, largest = 0, worst = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      double expected = 0, found = 0;
      for (size_t m = 0; m < d; m++) {
        double along = 0, share = values[0] > 0 ? values[m] / values[0] : 0;
        for (size_t c = 0; c < d; c++)
          along += ((double)x[i * d + c] - x[j * d + c]) * vectors[m * d + c];
        if (share > 1e-10) /* what is left of axes that do not exist is rounding */
          expected += along * along * pow (fmax (share, 1e-6), -balance);
      }
      for (size_t m = 0; m < k; m++)
        found += pow (scale * ((double)turned[i * k + m] - turned[j * k + m]), 2);
      total += expected;
      sum += found;
      largest = fmax (largest, expected);
      worst = fmax (worst, found - expected); /* axes are left out, never added */
    }
  g_assert_cmpfloat (sum, <=, total * (1 + 1e-4));
  g_assert_cmpfloat (sum, >=, total * (1 - 1.1e-3));
  g_assert_cmpfloat (worst, <=, 1e-4 * largest);
}

static void
test_balance (void)
{
  const size_t shapes[][2] = {{1, 1}, {1, 4}, {2, 1}, {2, 3}, {40, 6}, {6, 40}, {300, 33}};
  const double balances[] = {0, 0.5, 1};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (size_t b = 0; b < G_N_ELEMENTS (balances); b++) {
      size_t n = shapes[s][0], d = shapes[s][1];
      g_autofree float *x = random_matrix (n, d, 1);
      for (size_t i = 0; i < n * d; i++)
        x[i] = x[i] * (float)(1 + i % d) + (float)(i % 3);
      check_balance (x, n, d, balances[b]);
    }
  float constant[12] = {3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2};
  size_t k = 0;
  g_autofree float *flat = tsr_balance_axes (constant, 4, 4, 3, 0.5, &k, NULL, NULL);
  g_assert_cmpuint (k, ==, 1);
  for (size_t i = 0; i < 4; i++)
    g_assert_cmpfloat (flat[i], ==, 0);
  float line[6] = {1, 1, 2, 2, 4, 4}; /* one axis: the others do not exist */
  g_autofree float *along = tsr_balance_axes (line, 3, 3, 2, 1, &k, NULL, NULL);
  g_assert_cmpuint (k, ==, 1);
  g_assert_cmpfloat_with_epsilon ((along[2] - along[1]) / (along[1] - along[0]), 2, 1e-5);
  float broken[4] = {1, NAN, 2, 3};
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_balance_axes (broken, 2, 2, 2, 0.5, &k, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
}

static void
test_recall (void)
{
  size_t n = 200, k = 10;
  g_autofree float *x = random_matrix (n, 4, 1), *distance = g_new (float, n *k);
  g_autofree uint32_t *index = g_new (uint32_t, n * k);
  g_assert_true (tsr_knn (x, n, 4, k, index, distance, NULL, NULL));
  g_autofree uint32_t *far = g_new (uint32_t, n * (n - 1));
  g_autofree float *far_distance = g_new (float, n *(n - 1));
  g_assert_true (tsr_knn (x, n, 4, n - 1, far, far_distance, NULL, NULL));
  for (size_t i = 0; i < n; i++) /* half of each list replaced by the farthest */
    for (size_t j = 0; j < k / 2; j++)
      index[i * k + j] = far[i * (n - 1) + n - 2 - j];
  g_assert_cmpfloat (tsr_knn_recall (x, n, 4, k, index, 0, 1), ==, 0.5);
  g_assert_cmpfloat (tsr_knn_recall (x, n, 4, k, index, 37, 1), ==, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/linear/eigen", test_eigen);
  g_test_add_func ("/linear/gemm", test_gemm);
  g_test_add_func ("/linear/pca", test_pca);
  g_test_add_func ("/linear/balance", test_balance);
  g_test_add_func ("/linear/not-finite", test_not_finite);
  g_test_add_func ("/linear/knn", test_knn);
  g_test_add_func ("/linear/knn/far", test_knn_far);
  g_test_add_func ("/linear/recall", test_recall);
  return g_test_run ();
}
