/* What solves and calibrates the rules: logistic regression, label spreading, the temperature,
 * against plain double-precision references. */

#include "plain.h"
#include "tsr-calibration.h"
#include "tsr-linear.h"
#include "tsr-spread.h"

#include <stdlib.h>

/* --- logistic regression --- */

typedef struct {
  size_t n, p, c;
  double penalty, *x, *weight, *w;
  int32_t *label;
} Problem;

static void
problem_init (Problem *problem, size_t n, size_t p, size_t c, double penalty, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 0x11ea);
  *problem = (Problem){.n = n, .p = p, .c = c, .penalty = penalty};
  problem->x = g_new (double, n *p);
  problem->label = g_new (int32_t, n);
  problem->weight = g_new (double, n);
  problem->w = g_new0 (double, c *p);
  for (size_t i = 0; i < n; i++) {
    problem->label[i] = (int32_t)tsr_random_below (&random, (uint32_t)c);
    problem->weight[i] = seed % 2 ? 1 : tsr_random_below (&random, 3);
    for (size_t a = 0; a < p; a++)
      problem->x[i * p + a] = tsr_random_normal (&random) + (a == 0) * problem->label[i];
    problem->x[i * p + p - 1] = 1;
    if (i % 4 == 3) /* a copy, perhaps of another class */
      memcpy (problem->x + i * p, problem->x + (i - 1) * p, p * sizeof (double));
  }
}

static void
problem_clear (Problem *problem)
{
  g_free (problem->x);
  g_free (problem->label);
  g_free (problem->weight);
  g_free (problem->w);
}

static void
plain_shares (const Problem *problem, const double *w, size_t i, double *logits, double *share)
{
  for (size_t c = 0; c < problem->c; c++) {
    logits[c] = 0;
    for (size_t a = 0; a < problem->p; a++)
      logits[c] += problem->x[i * problem->p + a] * w[c * problem->p + a];
  }
  plain_softmax (logits, problem->c, share);
}

/* The largest component of the gradient at w; the function is strictly convex, so that 0 means the
 * minimum. */
static double
plain_slope (const Problem *problem, const double *w)
{
  g_autofree double *slope = g_new (double, problem->c * problem->p);
  double share[8], logits[8], largest = 0;
  for (size_t k = 0; k < problem->c * problem->p; k++)
    slope[k] = problem->penalty * w[k];
  for (size_t i = 0; i < problem->n; i++) {
    plain_shares (problem, w, i, logits, share);
    for (size_t c = 0; c < problem->c; c++)
      for (size_t a = 0; a < problem->p; a++)
        slope[c * problem->p + a] += problem->weight[i] *
                                     (share[c] - ((size_t)problem->label[i] == c)) *
                                     problem->x[i * problem->p + a];
  }
  for (size_t k = 0; k < problem->c * problem->p; k++)
    largest = fmax (largest, fabs (slope[k]));
  return largest;
}

static void
test_linear_minimum (void)
{
  static const size_t sizes[][3] = {{1, 1, 2},    {2, 3, 2},    {5, 40, 3},
                                    {30, 4, 2},   {30, 30, 5},  {80, 129, 4},
                                    {300, 17, 8}, {200, 65, 2}, {700, 260, 3}};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int p = 0; p < 3; p++) {
      Problem problem;
      problem_init (&problem, sizes[s][0], sizes[s][1], sizes[s][2], pow (10, p - 2), s);
      double before = plain_slope (&problem, problem.w);
      unsigned steps = tsr_linear_fit (problem.x, problem.n, problem.p, problem.label,
                                       problem.weight, problem.c, problem.penalty, problem.w);
      g_assert_cmpuint (steps, <, 100);
      g_assert_cmpfloat (plain_slope (&problem, problem.w), <=, 1.01e-7 * before);
      g_autofree double *again = g_memdup2 (problem.w, problem.c * problem.p * sizeof (double));
      for (size_t k = 0; k < problem.c * problem.p; k++) /* from elsewhere: the same minimum */
        again[k] += k % 5 - 2.0;
      tsr_linear_fit (problem.x, problem.n, problem.p, problem.label, problem.weight, problem.c,
                      problem.penalty, again);
      for (size_t k = 0; k < problem.c * problem.p; k++)
        g_assert_cmpfloat (fabs (again[k] - problem.w[k]), <=,
                           2.1e-7 * before * sqrt ((double)(problem.c * problem.p)) /
                               problem.penalty);
      problem_clear (&problem);
    }
}

/* Held-out logits against the formula with a dense matrix. */
static void
check_held (size_t n, size_t p, size_t c, uint64_t seed)
{
  Problem problem;
  problem_init (&problem, n, p, c, 0.3, 2 * seed + 1);
  tsr_linear_fit (problem.x, n, p, problem.label, NULL, c, problem.penalty, problem.w);
  g_autofree double *held = g_new (double, n *c), *m = g_new (double, p *p), *b = g_new (double, p),
                    *curve = g_new (double, n), *all = g_new0 (double, p *p);
  tsr_linear_held_out (problem.x, n, p, problem.label, c, problem.penalty, problem.w, held);
  g_autofree double *both = g_new0 (double, c *p), *both_held = g_new (double, n *c);
  tsr_linear_fit_held_out (problem.x, n, p, problem.label, c, problem.penalty, both, both_held);
  g_assert_cmpmem (both, c * p * sizeof *both, problem.w, c * p * sizeof *both);
  g_assert_cmpmem (both_held, n * c * sizeof *held, held, n * c * sizeof *held);
  double share[8], logits[8];
  for (size_t i = 0; i < n; i++) {
    plain_shares (&problem, problem.w, i, logits, share);
    curve[i] = 1;
    for (size_t e = 0; e < c; e++)
      curve[i] -= share[e] * share[e];
    curve[i] /= (double)(c - 1);
    for (size_t a = 0; a < p; a++)
      for (size_t e = 0; e < p; e++)
        all[a * p + e] += curve[i] * problem.x[i * p + a] * problem.x[i * p + e];
  }
  for (size_t i = 0; i < n; i++) { /* the matrix without the label itself */
    const double *x = problem.x + i * p;
    double reach = 0;
    for (size_t a = 0; a < p; a++) {
      for (size_t e = 0; e < p; e++)
        m[a * p + e] = all[a * p + e] - curve[i] * x[a] * x[e] + (a == e) * problem.penalty;
      b[a] = x[a];
    }
    plain_solve (m, b, p);
    for (size_t a = 0; a < p; a++)
      reach += x[a] * b[a];
    plain_shares (&problem, problem.w, i, logits, share);
    for (size_t e = 0; e < c; e++) {
      double expected = logits[e] + reach * (share[e] - ((size_t)problem.label[i] == e));
      g_assert_cmpfloat (fabs (held[i * c + e] - expected), <=, 1e-8 * (1 + fabs (expected)));
    }
  }
  problem_clear (&problem);
}

static void
test_linear_held_out (void)
{
  check_held (20, 5, 2, 1);
  check_held (6, 15, 2, 2);
  check_held (40, 9, 4, 3);
  check_held (10, 30, 3, 4);
}

/* With two classes the approximation is one Newton step of the exact leave-one-out: close to it. */
static void
test_linear_leave_one_out (void)
{
  Problem problem;
  size_t n = 120, p = 4;
  problem_init (&problem, n, p, 2, 1, 5);
  tsr_linear_fit (problem.x, n, p, problem.label, NULL, 2, 1, problem.w);
  g_autofree double *held = g_new (double, n * 2), *without = g_new (double, n);
  tsr_linear_held_out (problem.x, n, p, problem.label, 2, 1, problem.w, held);
  for (size_t i = 0; i < n; i++) {
    double w[8] = {0}, logits[2], share[2];
    for (size_t j = 0; j < n; j++)
      without[j] = j != i;
    tsr_linear_fit (problem.x, n, p, problem.label, without, 2, 1, w);
    plain_shares (&problem, w, i, logits, share);
    /* the change itself is of order 0.1, its error of the next order */
    g_assert_cmpfloat (fabs (held[2 * i] - logits[0]), <=, 0.01);
  }
  problem_clear (&problem);
}

/* --- label spreading --- */

static void
plain_near (const float *w, size_t n, size_t d, size_t k, size_t i, size_t *near)
{
  for (size_t j = 0; j < k; j++) {
    size_t best = SIZE_MAX;
    for (size_t o = 0; o < n; o++) {
      bool used = o == i;
      for (size_t u = 0; u < j; u++)
        used = used || near[u] == o;
      if (!used && (best == SIZE_MAX || plain_squared (w + i * d, w + o * d, d) <
                                            plain_squared (w + i * d, w + best * d, d)))
        best = o;
    }
    near[j] = best;
  }
}

/* The matrix I - alpha S, from the definition. */
static double *
plain_spread_matrix (const float *w, size_t n, size_t d, size_t k)
{
  double *m = g_new0 (double, n *n);
  k = MIN (k, n - 1);
  g_autofree size_t *near = g_new (size_t, n * k + 1);
  g_autofree double *degree = g_new0 (double, n), *scale = g_new0 (double, n);
  for (size_t i = 0; i < n; i++) {
    plain_near (w, n, d, k, i, near + i * k);
    scale[i] = k ? sqrt (plain_squared (w + i * d, w + near[i * k + k - 1] * d, d)) : 0;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      size_t o = near[i * k + j];
      double squared = plain_squared (w + i * d, w + o * d, d), width = scale[i] * scale[o];
      m[i * n + o] = m[o * n + i] = squared == 0 ? 1 : width > 0 ? exp (-squared / width) : 0;
    }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      degree[i] += m[i * n + j];
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double product = degree[i] * degree[j];
      m[i * n + j] = (i == j) - (product > 0 ? 0.95 * m[i * n + j] / sqrt (product) : 0);
    }
  return m;
}

static void
check_spread (const float *w, size_t n, size_t d, size_t k)
{
  static const uint32_t column[] = {0, 1, 1, 7};
  uint32_t tile[4];
  g_autoptr (GError) error = NULL;
  TsrSpreadGraph *graph = tsr_spread_graph_new (w, n, d, NULL, k, NULL, &error);
  g_assert_no_error (error);
  g_autofree float *f = g_new (float, n *TSR_SPREAD_COLUMNS);
  for (size_t s = 0; s < 4; s++)
    tile[s] = (uint32_t)(s * 7 % n);
  tsr_spread_solve (graph, tile, column, MIN (n, 4), f);
  for (uint32_t c = 0; c < TSR_SPREAD_COLUMNS; c++) {
    g_autofree double *m = plain_spread_matrix (w, n, d, k), *b = g_new0 (double, n);
    double size = 0;
    for (size_t s = 0; s < MIN (n, 4); s++)
      if (column[s] == c)
        b[tile[s]] = 1;
    plain_solve (m, b, n);
    for (size_t i = 0; i < n; i++)
      size += b[i] * b[i];
    for (size_t i = 0; i < n; i++)
      g_assert_cmpfloat (fabs (f[i * TSR_SPREAD_COLUMNS + c] - b[i]), <=, 2e-6 * sqrt (size));
  }
  tsr_spread_graph_free (graph);
}

static void
test_spread (void)
{
  static const size_t sizes[] = {1, 2, 3, 5, 11, 12, 60, 150};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int copies = 0; copies < 2; copies++) {
      g_autofree float *w = plain_cloud (sizes[s], 6, 3, false, s);
      /* pairs of copies: more of them would leave open which are neighbours */
      for (size_t i = 1; copies && i < sizes[s]; i += 5)
        memcpy (w + 6 * i, w + 6 * (i - 1), 6 * sizeof (float));
      check_spread (w, sizes[s], 6, 10);
      check_spread (w, sizes[s], 6, 3);
    }
  g_autofree float *same = g_new0 (float, 60);
  check_spread (same, 10, 6, 20);
}

/* --- calibration --- */

static double
plain_cost (const float *held, const int32_t *label, size_t labels, size_t c, double t)
{
  double sum = log (t) * log (t) / 2;
  for (size_t i = 0; i < labels; i++) {
    double largest = -INFINITY, total = 0;
    size_t possible = 0;
    for (size_t e = 0; e < c; e++) {
      largest = fmax (largest, held[i * c + e] / t);
      possible += held[i * c + e] > -INFINITY;
    }
    for (size_t e = 0; e < c; e++)
      total += exp (held[i * c + e] / t - largest);
    if (possible > 1 && held[i * c + (size_t)label[i]] > -INFINITY)
      sum -= held[i * c + (size_t)label[i]] / t - largest - log (total);
  }
  return sum;
}

static void
test_temperature (void)
{
  TsrRandom random;
  tsr_random_init (&random, 1, 2);
  for (int round = 0; round < 40; round++) {
    float held[60 * 4];
    int32_t label[60];
    size_t labels = 1 + (size_t)round % 12 * 5, c = 2 + (size_t)round % 3;
    double sharp = pow (10, round % 5 - 2);
    for (size_t i = 0; i < labels; i++) {
      label[i] = (int32_t)tsr_random_below (&random, (uint32_t)c);
      for (size_t e = 0; e < c; e++)
        held[i * c + e] = (float)(sharp * (tsr_random_normal (&random) + ((int32_t)e == label[i])));
      if (i % 6 == 5) /* alone in its class */
        held[i * c + (size_t)label[i]] = -INFINITY;
    }
    double best = 1, least = INFINITY;
    for (double t = log (1 / 20.0); t <= log (20.0); t += 1e-4) {
      double cost = plain_cost (held, label, labels, c, exp (t));
      if (cost < least) {
        least = cost;
        best = exp (t);
      }
    }
    double found = tsr_calibration_temperature (held, label, labels, c);
    g_assert_cmpfloat (plain_cost (held, label, labels, c, found), <=, least + 1e-9);
    g_assert_cmpfloat (fabs (log (found / best)), <=, 0.01); /* flat: sqrt of the cost's rounding */
  }
  float alone[] = {-INFINITY, 1, -INFINITY, 2};
  int32_t first[] = {0, 0};
  g_assert_cmpfloat (tsr_calibration_temperature (alone, first, 2, 2), ==, 1);
  g_assert_cmpfloat (tsr_calibration_temperature (NULL, NULL, 0, 2), ==, 1);
}

static void
test_probabilities (void)
{
  for (size_t labels = 1; labels < 200; labels = labels * 2 + 1)
    for (size_t c = 2; c <= 6; c++) {
      float z[6], high = 0;
      double sum = 0, logits[6], share[6];
      for (size_t e = 0; e < c; e++)
        logits[e] = (z[e] = e == 1 ? -INFINITY : (float)(3.0 * (double)e)) / 2;
      plain_softmax (logits, c, share);
      tsr_calibration_apply (z, c, 2, labels);
      double part = fmin (1, (double)c / (double)(c - 1) / (double)(labels + 2));
      for (size_t e = 0; e < c; e++) {
        g_assert_cmpfloat (fabs (z[e] - ((1 - part) * share[e] + part / (double)c)), <=, 1e-7);
        sum += z[e];
        high = fmaxf (high, z[e]);
      }
      g_assert_cmpfloat (fabs (sum - 1), <=, 1e-6);
      g_assert_cmpfloat (high, <=, (double)(labels + 1) / (double)(labels + 2) + 1e-7);
      g_assert_cmpfloat (z[1], >, 0);
    }
  float only = 5;
  tsr_calibration_apply (&only, 1, 1, 3);
  g_assert_cmpfloat (only, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule-solvers/linear/minimum", test_linear_minimum);
  g_test_add_func ("/rule-solvers/linear/held-out", test_linear_held_out);
  g_test_add_func ("/rule-solvers/linear/leave-one-out", test_linear_leave_one_out);
  g_test_add_func ("/rule-solvers/spread", test_spread);
  g_test_add_func ("/rule-solvers/temperature", test_temperature);
  g_test_add_func ("/rule-solvers/probabilities", test_probabilities);
  return g_test_run ();
}
