/* Products, factors and triangular systems against plain loops. */

#include "tsr-dense.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static const size_t sizes[][2] = {{1, 1},   {1, 9},    {2, 3},    {13, 5},   {14, 16},  {15, 40},
                                  {33, 31}, {100, 70}, {65, 300}, {300, 65}, {260, 500}};

static double *
random_matrix (size_t n, size_t k)
{
  double *x = g_new (double, n *k + 1);
  for (size_t i = 0; i < n * k; i++)
    x[i] = g_test_rand_double_range (-1, 1);
  return x;
}

static double
plain_dot (const double *a, size_t a_stride, const double *b, size_t b_stride, size_t k)
{
  double sum = 0;
  for (size_t i = 0; i < k; i++)
    sum += a[i * a_stride] * b[i * b_stride];
  return sum;
}

static void
test_gram (void)
{
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int across = 0; across < 2; across++) {
      size_t n = sizes[s][0], k = sizes[s][1], row = across ? 1 : k, column = across ? n : 1;
      g_autofree double *a = random_matrix (n, k), *out = random_matrix (n, n),
                        *shared = random_matrix (n, n), *weight = random_matrix (1, k),
                        *weighed = g_new (double, n *k);
      TsrDensePanels *panels = tsr_dense_panels_new (a, n, k, row, column);
      tsr_dense_panels_gram (panels, across ? weight : NULL, false, out);
      tsr_dense_panels_gram (panels, across ? weight : NULL, true, shared);
      tsr_dense_panels_free (panels);
      for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < k; l++)
          weighed[i * k + l] = a[i * row + l * column] * (across ? weight[l] : 1);
      for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
          g_assert_cmpfloat_with_epsilon (
              out[i * n + j], plain_dot (a + i * row, column, weighed + j * k, 1, k), 1e-13 * k);
          g_assert_cmpfloat (out[i * n + j], ==, shared[i * n + j]);
        }
    }
}

/* b [k,count] as strips. */
static double *
as_strips (TsrDenseStrips strips, const double *b, size_t k, size_t count)
{
  double *out = g_new0 (double, tsr_dense_size (strips, k) + 1);
  for (size_t l = 0; l < k; l++)
    for (size_t j = 0; j < count; j++)
      out[tsr_dense_at (strips, k, l, j)] = b[l * count + j];
  return out;
}

static void
test_panels (void)
{
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (size_t count = 1; count < 40; count += 7) {
      size_t n = sizes[s][0], k = sizes[s][1];
      TsrDenseStrips strips = tsr_dense_strips (count);
      g_assert_cmpuint (strips.width * strips.count, >=, count);
      g_autofree double *a = random_matrix (n, k), *b = random_matrix (k, count),
                        *right = as_strips (strips, b, k, count);
      g_autofree double *out = g_new (double, tsr_dense_size (strips, n)),
                        *shared = g_new (double, tsr_dense_size (strips, n));
      TsrDensePanels *panels = tsr_dense_panels_new (a, n, k, 1, n);
      tsr_dense_panels_multiply (panels, strips, right, false, out);
      tsr_dense_panels_multiply (panels, strips, right, true, shared);
      tsr_dense_panels_free (panels);
      g_assert_cmpmem (out, tsr_dense_size (strips, n) * sizeof *out, shared,
                       tsr_dense_size (strips, n) * sizeof *out);
      for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < strips.width * strips.count; j++)
          g_assert_cmpfloat_with_epsilon (out[tsr_dense_at (strips, n, i, j)],
                                          j < count ? plain_dot (a + i, n, b + j, count, k) : 0,
                                          1e-13 * k);
    }
  tsr_dense_panels_free (NULL);
}

/* L, found as L^-1 gram, which is its transpose: triangular, and L L^T is the matrix. */
static double *
check_factor (const TsrDenseFactor *factor, const double *gram, size_t m, double rounding)
{
  TsrDenseStrips strips = tsr_dense_strips (m);
  g_autofree double *whole = g_new (double, m *m);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= i; j++)
      whole[i * m + j] = whole[j * m + i] = gram[i * m + j];
  g_autofree double *turned = as_strips (strips, whole, m, m);
  double *l = g_new0 (double, m *m);
  tsr_dense_factor_lower (factor, strips, turned);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < m; j++) {
      double value = turned[tsr_dense_at (strips, m, j, i)];
      if (j <= i)
        l[i * m + j] = value;
      else
        g_assert_cmpfloat_with_epsilon (value, 0, rounding);
    }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= i; j++)
      g_assert_cmpfloat_with_epsilon (plain_dot (l + i * m, 1, l + j * m, 1, j + 1),
                                      gram[i * m + j], rounding);
  return l;
}

/* What is left of the systems is rounding; a column is solved alike whatever stands beside it. */
static void
check_systems (const TsrDenseFactor *factor, const double *l, size_t m, size_t k, size_t count)
{
  TsrDenseStrips strips = tsr_dense_strips (count), one = tsr_dense_strips (1);
  g_autofree double *b = random_matrix (m, count), *y = as_strips (strips, b, m, count), *x = NULL,
                    *alone = g_new0 (double, tsr_dense_size (one, m) + 1);
  for (size_t i = 0; i < m; i++)
    alone[tsr_dense_at (one, m, i, 0)] = b[i * count + count - 1];
  tsr_dense_factor_lower (factor, strips, y);
  x = g_memdup2 (y, tsr_dense_size (strips, m) * sizeof *y);
  tsr_dense_factor_upper (factor, strips, x);
  tsr_dense_factor_lower (factor, one, alone);
  tsr_dense_factor_upper (factor, one, alone);
  for (size_t r = 0; r < count; r++) {
    double size = 0; /* of what is added up */
    for (size_t j = 0; j < m; j++)
      size += fabs (y[tsr_dense_at (strips, m, j, r)]) + fabs (x[tsr_dense_at (strips, m, j, r)]);
    size *= sqrt ((double)k + 1);
    for (size_t i = 0; i < m; i++) {
      double down = 0, up = 0;
      for (size_t j = 0; j <= i; j++)
        down += l[i * m + j] * y[tsr_dense_at (strips, m, j, r)];
      for (size_t j = i; j < m; j++)
        up += l[j * m + i] * x[tsr_dense_at (strips, m, j, r)];
      g_assert_cmpfloat_with_epsilon (down, b[i * count + r], 1e-13 * (1 + size));
      g_assert_cmpfloat_with_epsilon (up, y[tsr_dense_at (strips, m, i, r)], 1e-13 * (1 + size));
    }
  }
  for (size_t i = 0; i < m; i++)
    g_assert_cmpfloat (alone[tsr_dense_at (one, m, i, 0)], ==,
                       x[tsr_dense_at (strips, m, i, count - 1)]);
}

static void
test_factor (void)
{
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++) {
    size_t m = sizes[s][0], k = sizes[s][1];
    g_autofree double *a = random_matrix (m, k), *gram = g_new (double, m *m);
    TsrDensePanels *panels = tsr_dense_panels_new (a, m, k, k, 1);
    TsrDenseFactor *factor = tsr_dense_factor_new (m);
    tsr_dense_panels_gram (panels, NULL, false, gram);
    for (size_t i = 0; i < m; i++)
      gram[i * m + i] += 0.1;
    for (int again = 0; again < 2; again++) { /* nothing of the former factor is left */
      tsr_dense_factor_set (factor, gram);
      g_autofree double *l = check_factor (factor, gram, m, 1e-12 * k);
      for (size_t count = 1; count < 60; count += 19)
        check_systems (factor, l, m, k, count);
      for (size_t i = 0; i < m * m; i++)
        gram[i] *= 3;
    }
    tsr_dense_factor_free (factor);
    tsr_dense_panels_free (panels);
  }
  tsr_dense_factor_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dense/gram", test_gram);
  g_test_add_func ("/dense/panels", test_panels);
  g_test_add_func ("/dense/factor", test_factor);
  return g_test_run ();
}
