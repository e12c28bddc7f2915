/* Agreement of two readers: Cohen's own definition written out, the standard error by the delta
 * method with numerical derivatives, published values, and what is undefined. */

#include "tsr-agreement.h"

#include <glib.h>
#include <math.h>

/* Kappa of a table of shares that need not sum to 1. */
static double
plain_kappa (const double *p, size_t k)
{
  double same = 0, chance = 0;
  for (size_t i = 0; i < k; i++) {
    double row = 0, column = 0;
    for (size_t j = 0; j < k; j++) {
      row += p[i * k + j];
      column += p[j * k + i];
    }
    same += p[i * k + i];
    chance += row * column;
  }
  return (same - chance) / (1 - chance);
}

/* The variance of a function of multinomial shares: (sum p g^2 - (sum p g)^2) / n, g its
 * derivatives. */
static double
plain_variance (const double *p, size_t k, double n)
{
  const double h = 1e-6;
  double mean = 0, square = 0;
  g_autofree double *moved = g_memdup2 (p, k * k * sizeof *p);
  for (size_t i = 0; i < k * k; i++) {
    moved[i] = p[i] + h;
    double up = plain_kappa (moved, k);
    moved[i] = p[i] - h;
    double g = (up - plain_kappa (moved, k)) / (2 * h);
    moved[i] = p[i];
    mean += p[i] * g;
    square += p[i] * g * g;
  }
  return (square - mean * mean) / n;
}

static void
test_definition (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  for (unsigned round = 0; round < 200; round++) {
    size_t k = 2 + round % 6, n = 5 + (size_t)g_rand_int_range (rand, 0, 400);
    g_autofree int32_t *a = g_new (int32_t, n), *b = g_new (int32_t, n);
    g_autofree double *p = g_new0 (double, k *k);
    double both = 0;
    for (size_t i = 0; i < n; i++) {
      a[i] = g_rand_int_range (rand, -2, (int)k);
      b[i] = g_rand_double (rand) < 0.6 ? a[i] : g_rand_int_range (rand, -2, (int)k);
      both += a[i] >= 0 && b[i] >= 0;
    }
    for (size_t i = 0; i < n; i++)
      if (a[i] >= 0 && b[i] >= 0)
        p[(size_t)a[i] * k + (size_t)b[i]] += 1 / both;
    TsrAgreement *found = tsr_agreement_new (a, b, n, k);
    g_assert_cmpfloat ((double)found->n, ==, both);
    if (both > 0 && isfinite (found->kappa)) {
      g_assert_cmpfloat_with_epsilon (found->kappa, plain_kappa (p, k), 1e-12);
      g_assert_cmpfloat_with_epsilon (found->error * found->error, plain_variance (p, k, both),
                                      1e-8);
      if (found->error > 1e-6) {
        g_assert_cmpfloat_with_epsilon (found->low, fmax (-1, found->kappa - 1.96 * found->error),
                                        1e-4);
        g_assert_cmpfloat_with_epsilon (found->high, fmin (1, found->kappa + 1.96 * found->error),
                                        1e-4);
      } else
        g_assert_true (isnan (found->low) && isnan (found->high));
    }
    /* each class as a table of two */
    for (size_t c = 0; both > 0 && c < k; c++) {
      double two[4] = {0};
      for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
          two[2 * (i != c) + (j != c)] += p[i * k + j];
      const TsrClassAgreement *each = &found->each[c];
      g_assert_cmpfloat_with_epsilon ((double)each->both / both, two[0], 1e-12);
      if (isfinite (each->kappa))
        g_assert_cmpfloat_with_epsilon (each->kappa, plain_kappa (two, 2), 1e-9);
      if (isfinite (each->agreement))
        g_assert_cmpfloat_with_epsilon (each->agreement,
                                        2 * two[0] / (2 * two[0] + two[1] + two[2]), 1e-9);
    }
    tsr_agreement_free (found);
  }
}

/* 50 grants, two readers, yes or no: 20 and 15 the same, 5 and 10 not. */
static void
test_known (void)
{
  int32_t a[50], b[50];
  for (int i = 0; i < 50; i++) {
    a[i] = i < 25 ? 0 : 1;
    b[i] = i < 20 || i >= 40 ? 0 : 1;
  }
  TsrAgreement *found = tsr_agreement_new (a, b, 50, 2);
  g_assert_cmpuint (found->confusion[0], ==, 20);
  g_assert_cmpuint (found->confusion[1], ==, 5);
  g_assert_cmpuint (found->confusion[2], ==, 10);
  g_assert_cmpuint (found->confusion[3], ==, 15);
  g_assert_cmpfloat_with_epsilon (found->agreement, 0.7, 1e-12);
  g_assert_cmpfloat_with_epsilon (found->kappa, 0.4, 1e-12);
  g_assert_cmpfloat_with_epsilon (found->each[0].agreement, 40.0 / 55, 1e-12);
  tsr_agreement_free (found);
}

static void
test_undefined (void)
{
  const int32_t none[] = {-1, -2, 0}, some[] = {0, 1, -1}, same[] = {1, 1, 1};
  TsrAgreement *found = tsr_agreement_new (none, some, 3, 2);
  g_assert_cmpuint (found->n, ==, 0);
  g_assert_true (isnan (found->agreement) && isnan (found->kappa) && isnan (found->error));
  g_assert_true (isnan (found->each[0].agreement) && isnan (found->each[0].kappa));
  tsr_agreement_free (found);

  found = tsr_agreement_new (same, same, 3, 2);
  g_assert_cmpfloat (found->agreement, ==, 1);
  g_assert_true (isnan (found->kappa) && isnan (found->low));
  g_assert_cmpfloat (found->each[1].agreement, ==, 1);
  g_assert_true (isnan (found->each[1].kappa) && isnan (found->each[0].agreement));
  tsr_agreement_free (found);

  /* one of the two knows a single class: kappa is 0 by that, and the error says nothing */
  const int32_t lone[] = {0, 0, 0, 0}, mixed[] = {0, 0, 0, 1};
  found = tsr_agreement_new (lone, mixed, 4, 2);
  g_assert_cmpfloat (found->kappa, ==, 0);
  g_assert_true (isnan (found->low) && isnan (found->high));
  g_assert_true (tsr_agreement_is_onesided (found));
  tsr_agreement_free (found);

  const int32_t two[] = {0, 1, 1}, other[] = {1, 0, 0};
  found = tsr_agreement_new (two, two, 3, 2);
  g_assert_cmpfloat_with_epsilon (found->kappa, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (found->error, 0, 1e-9);
  g_assert_true (isnan (found->low) && isnan (found->high)); /* not 1 to 1, of three tiles */
  g_assert_false (tsr_agreement_is_onesided (found));
  tsr_agreement_free (found);
  found = tsr_agreement_new (two, other, 3, 2);
  g_assert_cmpfloat (found->agreement, ==, 0);
  g_assert_cmpfloat (found->kappa, <, 0);
  g_assert_cmpfloat (found->low, >=, -1);
  tsr_agreement_free (found);
  tsr_agreement_free (tsr_agreement_new (two, two, 0, 0));
  tsr_agreement_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agreement/definition", test_definition);
  g_test_add_func ("/agreement/known", test_known);
  g_test_add_func ("/agreement/undefined", test_undefined);
  return g_test_run ();
}
