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
                        *shared = random_matrix (n, n);
      tsr_dense_gram (a, n, k, row, column, false, out);
      tsr_dense_gram (a, n, k, row, column, true, shared);
      for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
          g_assert_cmpfloat_with_epsilon (
              out[i * n + j], plain_dot (a + i * row, column, a + j * row, column, k), 1e-13 * k);
          g_assert_cmpfloat (out[i * n + j], ==, shared[i * n + j]);
        }
    }
}

static void
test_panels (void)
{
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (size_t count = 1; count < 40; count += 7) {
      size_t n = sizes[s][0], k = sizes[s][1];
      g_autofree double *a = random_matrix (n, k), *b = random_matrix (count, k),
                        *out = g_new (double, n *count), *turned = g_new (double, n *count);
      TsrDensePanels *panels = tsr_dense_panels_new (a, n, k, 1, n);
      tsr_dense_panels_multiply (panels, b, count, 1, count, false, out, count, 1);
      tsr_dense_panels_multiply (panels, b, count, 1, count, true, turned, 1, n);
      tsr_dense_panels_free (panels);
      for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < count; j++) {
          g_assert_cmpfloat_with_epsilon (out[i * count + j], plain_dot (a + i, n, b + j, count, k),
                                          1e-13 * k);
          g_assert_cmpfloat (out[i * count + j], ==, turned[j * n + i]);
        }
    }
  tsr_dense_panels_free (NULL);
}

/* L L^T is the matrix, and what is left of the systems is rounding. */
static void
test_factor (void)
{
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++) {
    size_t m = sizes[s][0], k = sizes[s][1];
    g_autofree double *a = random_matrix (m, k), *gram = g_new (double, m *m);
    tsr_dense_gram (a, m, k, k, 1, false, gram);
    for (size_t i = 0; i < m; i++)
      gram[i * m + i] += 0.1;
    g_autofree double *l = g_memdup2 (gram, m * m * sizeof *gram),
                      *shared = g_memdup2 (gram, m * m * sizeof *gram);
    tsr_dense_cholesky (l, m, false);
    tsr_dense_cholesky (shared, m, true);
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j <= i; j++) {
        g_assert_cmpfloat_with_epsilon (plain_dot (l + i * m, 1, l + j * m, 1, j + 1),
                                        gram[i * m + j], 1e-12 * k);
        g_assert_cmpfloat (l[i * m + j], ==, shared[i * m + j]);
      }
    for (size_t count = 1; count < 60; count += 19) {
      g_autofree double *b = random_matrix (count, m), *y = g_memdup2 (b, count * m * sizeof *b),
                        *x;
      tsr_dense_solve_lower (l, m, y, count);
      x = g_memdup2 (y, count * m * sizeof *y);
      tsr_dense_solve_upper (l, m, x, count);
      for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < m; i++) {
          double size = 0; /* of what is added up */
          for (size_t j = 0; j < m; j++)
            size += fabs (y[r * m + j]) + fabs (x[r * m + j]);
          size *= sqrt ((double)k + 1);
          g_assert_cmpfloat_with_epsilon (plain_dot (l + i * m, 1, y + r * m, 1, i + 1),
                                          b[r * m + i], 1e-13 * (1 + size));
          g_assert_cmpfloat_with_epsilon (plain_dot (l + i * m + i, m, x + r * m + i, 1, m - i),
                                          y[r * m + i], 1e-13 * (1 + size));
        }
    }
  }
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
