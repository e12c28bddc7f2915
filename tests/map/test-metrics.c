/* Metrics against scikit-learn's values, and what it leaves undefined. */

#include "tsr-metrics.h"

#include <glib.h>
#include <math.h>

typedef struct {
  const char *name;
  size_t n, n_classes;
  const int32_t *truth, *predicted;
  const float *scores;
  double accuracy, balanced_accuracy, macro_f1, auc;
  const double *sensitivity, *specificity, *precision, *f1;
  const uint64_t *confusion;
} Case;

#include "metrics-values.h"

static void
assert_same (const char *name, const char *what, double found, double expected)
{
  if (isnan (expected) ? !isnan (found) : !(fabs (found - expected) < 1e-12))
    g_error ("%s: %s is %.17g, scikit-learn says %.17g", name, what, found, expected);
}

static void
test_scikit (void)
{
  for (size_t k = 0; k < G_N_ELEMENTS (cases); k++) {
    const Case *c = &cases[k];
    TsrMetrics *m = tsr_metrics_new (c->truth, c->predicted, c->scores, c->n, c->n_classes);
    g_assert_cmpuint (m->n, ==, c->n);
    assert_same (c->name, "accuracy", m->accuracy, c->accuracy);
    assert_same (c->name, "balanced accuracy", m->balanced_accuracy, c->balanced_accuracy);
    assert_same (c->name, "macro F1", m->macro_f1, c->macro_f1);
    assert_same (c->name, "AUC", m->auc, c->auc);
    for (size_t i = 0; i < c->n_classes; i++) {
      assert_same (c->name, "sensitivity", m->sensitivity[i], c->sensitivity[i]);
      assert_same (c->name, "specificity", m->specificity[i], c->specificity[i]);
      assert_same (c->name, "precision", m->precision[i], c->precision[i]);
      assert_same (c->name, "F1", m->f1[i], c->f1[i]);
    }
    g_assert_cmpmem (m->confusion, c->n_classes * c->n_classes * sizeof *m->confusion, c->confusion,
                     c->n_classes * c->n_classes * sizeof *c->confusion);
    tsr_metrics_free (m);
  }
}

/* Tiles without truth do not count; tiles without a prediction count as wrong and in no column. */
static void
test_left_out (void)
{
  const int32_t truth[] = {0, 1, -1, 0, 1, 1}, predicted[] = {0, -1, 1, 0, 1, 0};
  const float scores[] = {.9f, .1f, 0, 0, .5f, .5f, .6f, .4f, .2f, .8f, .7f, .3f};
  TsrMetrics *m = tsr_metrics_new (truth, predicted, scores, 6, 2);
  g_assert_cmpuint (m->n, ==, 5);
  g_assert_cmpfloat (m->accuracy, ==, 3 / 5.0);
  g_assert_cmpfloat (m->sensitivity[0], ==, 1);
  g_assert_cmpfloat (m->sensitivity[1], ==, 1 / 3.0);
  g_assert_cmpfloat (m->specificity[0], ==, 2 / 3.0); /* two of three ones were not called zero */
  g_assert_cmpfloat (m->specificity[1], ==, 1);
  g_assert_cmpfloat (m->precision[0], ==, 2 / 3.0);
  g_assert_cmpfloat (m->precision[1], ==, 1);
  g_assert_cmpfloat (m->auc, ==,
                     3 / 6.0); /* ones at 0, .8, .3 against zeros at .1, .4: 0 + 2 + 1 of 6 pairs */
  tsr_metrics_free (m);
}

static void
test_empty (void)
{
  TsrMetrics *m = tsr_metrics_new (NULL, NULL, NULL, 0, 3);
  g_assert_cmpuint (m->n, ==, 0);
  g_assert_true (isnan (m->accuracy) && isnan (m->balanced_accuracy) && isnan (m->macro_f1) &&
                 isnan (m->auc));
  tsr_metrics_free (m);
  tsr_metrics_free (NULL);
}

static void
test_auc_by_pairs (void)
{
  for (int round = 0; round < 200; round++) {
    size_t n = (size_t)g_test_rand_int_range (1, 40);
    float scores[40];
    uint8_t positive[40];
    double ordered = 0, pairs = 0;
    for (size_t i = 0; i < n; i++) {
      scores[i] = (float)g_test_rand_int_range (-3, 4);
      positive[i] = (uint8_t)g_test_rand_int_range (0, 2);
    }
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        if (positive[i] && !positive[j]) {
          pairs++;
          ordered += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
    double found = tsr_auc (scores, positive, n);
    if (pairs == 0)
      g_assert_true (isnan (found));
    else
      g_assert_cmpfloat_with_epsilon (found, ordered / pairs, 1e-12);
  }
}

/* Wilson's interval holds the shares p for which the normal test of right of n at p does not
 * reject: at its ends (right / n - p)^2 n = z^2 p (1 - p). */
static void
test_wilson (void)
{
  const double z = 1.959963984540054;
  double low, high;
  for (size_t n = 1; n < 300; n += 7)
    for (size_t right = 0; right <= n; right++) {
      tsr_wilson_interval (right, n, &low, &high);
      double p = (double)right / (double)n;
      g_assert_cmpfloat (low, <=, p);
      g_assert_cmpfloat (high, >=, p);
      if (right > 0)
        assert_same ("wilson", "low", (p - low) * (p - low) * (double)n / (z * z), low * (1 - low));
      if (right < n)
        assert_same ("wilson", "high", (high - p) * (high - p) * (double)n / (z * z),
                     high * (1 - high));
    }
  tsr_wilson_interval (0, 0, &low, &high);
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat (high, ==, 1);
  tsr_wilson_interval (0, 10, &low, &high);
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat_with_epsilon (high, 0.27753, 1e-5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/wilson", test_wilson);
  g_test_add_func ("/metrics/scikit-learn", test_scikit);
  g_test_add_func ("/metrics/left-out", test_left_out);
  g_test_add_func ("/metrics/empty", test_empty);
  g_test_add_func ("/metrics/auc-by-pairs", test_auc_by_pairs);
  return g_test_run ();
}
