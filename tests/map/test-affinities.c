/* Affinities against the definition, and every degenerate shape a project can have. */

#include "tsr-error.h"
#include "tsr-map.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* P by bisection over all pairs, in double; only the `k` nearest count (ties by index). */
static double *
reference (const float *x, size_t n, size_t d, double perplexity, size_t k)
{
  double *conditional = g_new0 (double, n *n), *p = g_new0 (double, n *n);
  g_autofree double *squared = g_new (double, n);
  g_autofree bool *near = g_new (bool, n);
  for (size_t i = 0; i < n; i++) {
    double least = INFINITY;
    for (size_t j = 0; j < n; j++) {
      squared[j] = 0;
      for (size_t c = 0; c < d; c++)
        squared[j] += pow ((double)x[i * d + c] - x[j * d + c], 2);
      if (j != i)
        least = fmin (least, squared[j]);
    }
    for (size_t j = 0; j < n; j++) {
      size_t nearer = 0;
      for (size_t e = 0; e < n; e++)
        nearer += e != i && (squared[e] < squared[j] || (squared[e] == squared[j] && e < j));
      near[j] = j != i && nearer < k;
    }
    double low = -690, high = 690;
    for (int step = 0; step < 200; step++) {
      double beta = exp ((low + high) / 2), sum = 0, entropy = 0;
      for (size_t j = 0; j < n; j++)
        sum += conditional[i * n + j] = near[j] ? exp (-beta * (squared[j] - least)) : 0;
      for (size_t j = 0; j < n; j++) {
        conditional[i * n + j] /= sum;
        if (conditional[i * n + j] > 0)
          entropy -= conditional[i * n + j] * log (conditional[i * n + j]);
      }
      if (entropy > log (perplexity))
        low = (low + high) / 2;
      else
        high = (low + high) / 2;
    }
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      p[i * n + j] = (conditional[i * n + j] + conditional[j * n + i]) / (2 * (double)n);
  g_free (conditional);
  return p;
}

static double *
expand (const TsrAffinities *p)
{
  double *dense = g_new0 (double, p->n * p->n);
  for (size_t i = 0; i < p->n; i++)
    for (uint64_t t = p->row[i]; t < p->row[i + 1]; t++) {
      g_assert_cmpuint (p->column[t], <, p->n);
      g_assert_cmpuint (p->column[t], !=, i);
      if (t > p->row[i])
        g_assert_cmpuint (p->column[t], >, p->column[t - 1]);
      dense[i * p->n + p->column[t]] = p->value[t];
    }
  return dense;
}

static void
check (const float *x, size_t n, size_t d, double perplexity, bool dense, bool compare)
{
  g_autoptr (GError) error = NULL;
  TsrAffinities *p = tsr_affinities_new (x, n, d, perplexity, dense, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (p->n, ==, n);
  g_assert_cmpuint (p->row[0], ==, 0);
  g_assert_cmpuint (p->row[n], ==, p->nnz);
  double clipped = fmax (1, fmin (perplexity, (double)(n - 1) / (dense ? 1 : 3)));
  g_assert_cmpfloat (p->perplexity, ==, clipped);
  g_autofree double *found = expand (p);
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      g_assert_cmpfloat (found[i * n + j], ==, found[j * n + i]);
      g_assert_true (found[i * n + j] >= 0 && found[i * n + j] <= 1);
      sum += found[i * n + j];
    }
  g_assert_cmpfloat_with_epsilon (sum, n > 1, 1e-5);
  if (compare) {
    size_t k = dense ? n - 1 : MIN (n - 1, (size_t)floor (3 * clipped + 1e-9));
    g_autofree double *expected = reference (x, n, d, clipped, k);
    double difference = 0, norm = 0;
    for (size_t i = 0; i < n * n; i++) {
      difference += pow (found[i] - expected[i], 2);
      norm += pow (expected[i], 2);
    }
    if (!(difference <= norm * 1e-10))
      g_error ("n %zu d %zu perplexity %g dense %d: off by %g", n, d, perplexity, dense,
               sqrt (difference / norm));
  }
  tsr_affinities_free (p);
}

static float *
cloud (size_t n, size_t d)
{
  float *x = g_new (float, n *d);
  for (size_t i = 0; i < n * d; i++)
    x[i] = (float)(g_test_rand_double_range (-1, 1) + 2 * (double)(i / d % 3));
  return x;
}

static void
test_definition (void)
{
  const size_t sizes[] = {2, 3, 4, 5, 10, 31, 100, 150};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (size_t d = 1; d < 40; d += 19)
      for (int dense = 0; dense < 2; dense++) {
        g_autofree float *x = cloud (sizes[s], d);
        check (x, sizes[s], d, 7.5, dense, sizes[s] > 8);
        check (x, sizes[s], d, 30, dense, sizes[s] > 31);
        check (x, sizes[s], d, 1e6, dense, false);
        check (x, sizes[s], d, 0.1, dense, false);
      }
}

/* Distances at which Newton's steps leap to and fro: row 0 has exactly these, squared. */
static void
test_leaping (void)
{
  enum { D = 22 };
  static const double squared[D] = {0.894244785, 1.20242901,  1.08791153,  0.927862949, 0.898570555,
                                    0.894173826, 0.918566229, 0.915948417, 0.886489835, 0.91485896,
                                    0.862102403, 1.14801488,  1.03288329,  0.880465655, 0.891969935,
                                    1.25635063,  1.10282742,  0.887254524, 0.874126979, 0.858136622,
                                    0.902786823, 1.02654752};
  g_autofree float *x = g_new0 (float, (D + 1) * D);
  for (size_t j = 0; j < D; j++)
    x[(j + 1) * D + j] = (float)sqrt (squared[j]);
  check (x, D + 1, D, 7.5, true, true);
}

/* Copies of a few rows, fewer and more than the perplexity. */
static void
test_duplicates (void)
{
  for (size_t kinds = 1; kinds < 60; kinds += 7) {
    size_t n = 60, d = 4;
    g_autofree float *x = cloud (n, d);
    for (size_t i = kinds; i < n; i++)
      memcpy (x + i * d, x + i % kinds * d, d * sizeof *x);
    check (x, n, d, 12, true, n / kinds < 10);
    check (x, n, d, 12, false, false);
    check (x, n, d, 3, true, n / kinds < 2);
    check (x, n, d, 3, false, false);
  }
}

static void
test_degenerate (void)
{
  g_autofree float *x = g_new0 (float, 200);
  for (size_t n = 1; n <= 50; n += n < 6 ? 1 : 11)
    for (int kind = 0; kind < 4; kind++) {
      for (size_t i = 0; i < n * 4; i++)
        x[i] = kind == 0   ? 0
               : kind == 1 ? -7.25f
               : kind == 2 ? (float)(i / 4 == 0) * 3e38f
                           : (float)(i / 4) * 1e-38f;
      check (x, n, 4, 30, false, false);
      check (x, n, 4, 30, true, false);
    }
}

static void
test_errors (void)
{
  float x[8] = {1, 2, 3, NAN, 5, 6, 7, 8};
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_affinities_new (x, 4, 2, 30, false, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "tile 2 "));
  g_clear_error (&error);
  x[3] = 4;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  TsrProgress progress = {.cancellable = cancellable};
  for (int dense = 0; dense < 2; dense++) {
    g_assert_null (tsr_affinities_new (x, 4, 2, 30, dense, &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
  }
  tsr_affinities_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/affinities/definition", test_definition);
  g_test_add_func ("/affinities/leaping", test_leaping);
  g_test_add_func ("/affinities/duplicates", test_duplicates);
  g_test_add_func ("/affinities/degenerate", test_degenerate);
  g_test_add_func ("/affinities/errors", test_errors);
  return g_test_run ();
}
