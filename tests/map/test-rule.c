/* The rules, their solvers and their calibration against plain double-precision references. */

#include "plain.h"
#include "tsr-calibration.h"
#include "tsr-error.h"
#include "tsr-linear.h"
#include "tsr-metrics.h"
#include "tsr-rule.h"
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
  static const size_t sizes[][3] = {{1, 1, 2},   {2, 3, 2},    {5, 40, 3},   {30, 4, 2},
                                    {30, 30, 5}, {80, 129, 4}, {300, 17, 8}, {200, 65, 2}};
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

/* --- rules --- */

typedef struct {
  size_t n, d, c;
  float *map, *w;
  int32_t *label;
  uint8_t *blocked;
  TsrRuleResult result;
  double temperature;
} Scene;

static void
scene_init (Scene *scene, size_t n, size_t c, double labelled, double blocked, uint64_t seed)
{
  *scene = (Scene){.n = n, .d = 9, .c = c};
  scene->map = plain_cloud (n, 2, c, false, seed);
  scene->w = plain_cloud (n, scene->d, c, false, seed);
  scene->label = g_new (int32_t, n + 1);
  scene->blocked = plain_flags (n, blocked, seed);
  g_autofree uint8_t *flags = plain_flags (n, labelled, seed + 1);
  TsrRandom random;
  tsr_random_init (&random, seed, 0xc1a5);
  for (size_t i = 0; i < n; i++) {
    scene->label[i] = flags[i] ? (int32_t)tsr_random_below (&random, (uint32_t)c) : -1;
    if (scene->blocked[i]) /* what is not there need not be finite */
      scene->w[i * scene->d] = scene->map[2 * i + 1] = NAN;
  }
  scene->result.prediction = g_new (TsrPrediction, n + 1);
  scene->result.probability = g_new (float, n *c + 1);
  scene->result.scores = g_new (float, n *c + 1);
}

static void
scene_clear (Scene *scene)
{
  g_free (scene->map);
  g_free (scene->w);
  g_free (scene->label);
  g_free (scene->blocked);
  g_free (scene->result.prediction);
  g_free (scene->result.probability);
  g_free (scene->result.scores);
}

static void
apply (Scene *scene, TsrRule rule)
{
  g_autoptr (GError) error = NULL;
  TsrRuleSpace *space =
      tsr_rule_space_new (scene->map, 2, scene->w, scene->d, scene->n, scene->blocked);
  bool ok = tsr_rule_apply (space, rule, scene->label, scene->c, &scene->result, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  tsr_rule_space_free (space);
}

/* Distance from tile i to the nearest label of class c but `without`. */
static double
plain_to_class (const Scene *scene, TsrRule rule, size_t i, size_t c, size_t without)
{
  const float *points = rule == TSR_RULE_MAP ? scene->map : scene->w;
  size_t d = rule == TSR_RULE_MAP ? 2 : scene->d;
  double least = INFINITY;
  for (size_t j = 0; j < scene->n; j++)
    if (j != without && !scene->blocked[j] && scene->label[j] == (int32_t)c)
      least = fmin (least, plain_squared (points + i * d, points + j * d, d));
  return sqrt (least);
}

typedef struct {
  double distance;
  int32_t label;
} Near;

static int
compare_near (const void *a, const void *b)
{
  double x = ((const Near *)a)->distance, y = ((const Near *)b)->distance;
  return (x > y) - (x < y);
}

/* The logits of map, w and knn, from the definitions; distances here are far from copies. */
static void
plain_logits (const Scene *scene, TsrRule rule, size_t i, size_t without, double *logits)
{
  for (size_t c = 0; c < scene->c && rule != TSR_RULE_KNN; c++)
    logits[c] = -log (plain_to_class (scene, rule, i, c, without));
  if (rule != TSR_RULE_KNN)
    return;
  g_autofree Near *near = g_new (Near, scene->n + 1);
  size_t m = 0;
  double sum = 0;
  for (size_t j = 0; j < scene->n; j++)
    if (j != without && !scene->blocked[j] && scene->label[j] >= 0)
      near[m++] =
          (Near){sqrt (plain_squared (scene->w + i * scene->d, scene->w + j * scene->d, scene->d)),
                 scene->label[j]};
  qsort (near, m, sizeof *near, compare_near);
  for (size_t c = 0; c < scene->c; c++)
    logits[c] = 0;
  for (size_t j = 0; j < MIN (m, 5); j++) {
    logits[near[j].label] += 1 / near[j].distance;
    sum += 1 / near[j].distance;
  }
  for (size_t c = 0; c < scene->c; c++)
    logits[c] = isinf (plain_to_class (scene, TSR_RULE_W, i, c, SIZE_MAX))
                    ? -INFINITY
                    : log (logits[c] / sum + 0.05);
}

/* What holds for every rule. */
static void
check_answer (const Scene *scene, TsrRule rule)
{
  const float *points = rule == TSR_RULE_MAP ? scene->map : scene->w;
  size_t d = rule == TSR_RULE_MAP ? 2 : scene->d, labels = 0;
  for (size_t j = 0; j < scene->n; j++)
    labels += scene->label[j] >= 0 && !scene->blocked[j];
  for (size_t i = 0; i < scene->n; i++) {
    const TsrPrediction *p = &scene->result.prediction[i];
    const float *probability = scene->result.probability + i * scene->c;
    double sum = 0;
    for (size_t c = 0; c < scene->c; c++)
      sum += probability[c];
    if (scene->blocked[i] || labels == 0) {
      g_assert_cmpint (p->class_id, ==, TSR_NO_CLASS);
      g_assert_cmpuint (p->follows, ==, UINT32_MAX);
      g_assert_cmpfloat (sum, ==, 0);
      continue;
    }
    g_assert_cmpfloat (fabs (sum - 1), <=, 1e-5);
    g_assert_cmpint (p->class_id, >=, 0);
    g_assert_cmpfloat (p->margin, >=, 0);
    g_assert_cmpfloat (p->margin, <=, 1);
    for (size_t c = 0; c < scene->c; c++)
      g_assert_cmpfloat (probability[c], <=, probability[p->class_id] + 1e-6);
    if (scene->label[i] >= 0) {
      g_assert_cmpint (p->class_id, ==, scene->label[i]);
      g_assert_cmpuint (p->follows, ==, i);
      g_assert_cmpfloat (probability[p->class_id], ==, 1);
      continue;
    }
    g_assert_cmpint (scene->label[p->follows], ==, p->class_id);
    double there = sqrt (plain_squared (points + i * d, points + (size_t)p->follows * d, d)),
           nearest = plain_to_class (scene, rule, i, (size_t)p->class_id, SIZE_MAX);
    g_assert_cmpfloat (fabs (there - nearest), <=, 1e-5 * nearest);
    g_assert_cmpfloat (fabs (p->distance - nearest), <=, 1e-5 * nearest);
  }
}

static void
check_nearest (const Scene *scene, TsrRule rule)
{
  g_autofree float *held = g_new (float, scene->n * scene->c + 1);
  g_autofree int32_t *label = g_new (int32_t, scene->n + 1);
  size_t labels = 0;
  double logits[8], share[8];
  for (size_t i = 0; i < scene->n; i++) {
    if (scene->label[i] < 0 || scene->blocked[i])
      continue;
    plain_logits (scene, rule, i, i, logits);
    if (isinf (plain_to_class (scene, rule, i, (size_t)scene->label[i], i)))
      logits[scene->label[i]] = -INFINITY;
    for (size_t c = 0; c < scene->c; c++)
      held[labels * scene->c + c] = (float)logits[c];
    label[labels++] = scene->label[i];
  }
  double t = tsr_calibration_temperature (held, label, labels, scene->c);
  g_assert_cmpfloat (fabs (log (t / scene->result.temperature)), <=, 1e-3);
  double part = fmin (1, (double)scene->c / (double)(scene->c - 1) / (double)(labels + 2));
  for (size_t i = 0; i < scene->n; i++) {
    if (scene->blocked[i] || scene->label[i] >= 0)
      continue;
    plain_logits (scene, rule, i, SIZE_MAX, logits);
    for (size_t c = 0; c < scene->c; c++)
      logits[c] /= scene->result.temperature;
    plain_softmax (logits, scene->c, share);
    for (size_t c = 0; c < scene->c; c++) {
      double expected = (1 - part) * share[c] + part / (double)scene->c;
      g_assert_cmpfloat (fabs (scene->result.probability[i * scene->c + c] - expected), <=, 2e-5);
    }
  }
}

static void
test_rules (void)
{
  for (uint64_t round = 0; round < 30; round++) {
    Scene scene;
    scene_init (&scene, 20 + 12 * round, 2 + round % 4, round % 3 ? 0.15 : 0.5, round % 2 * 0.2,
                round);
    size_t classes = 0;
    for (size_t c = 0; c < scene.c; c++)
      for (size_t i = 0; i < scene.n; i++)
        if (scene.label[i] == (int32_t)c && !scene.blocked[i]) {
          classes++;
          break;
        }
    for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
      apply (&scene, rule);
      check_answer (&scene, rule);
      if (rule <= TSR_RULE_KNN && classes > 1)
        check_nearest (&scene, rule);
    }
    scene_clear (&scene);
  }
}

/* No label, one label, one class, two tiles, a class that is never seen, all blocked. */
static void
test_rules_bounds (void)
{
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    for (size_t n = 1; n <= 4; n++)
      for (size_t labels = 0; labels <= n; labels++)
        for (int32_t two = 0; two < 2; two++) {
          Scene scene;
          scene_init (&scene, n, 3, 0, 0, n);
          for (size_t i = 0; i < labels; i++)
            scene.label[i] = two * (int32_t)(i % 2) * 2;
          apply (&scene, rule);
          check_answer (&scene, rule);
          if (labels == 1 && n > 1)
            g_assert_cmpfloat (fabs (scene.result.probability[3] - 2.0 / 3), <=, 1e-6);
          scene_clear (&scene);
        }
    Scene copies;
    scene_init (&copies, 12, 2, 0, 0, 1);
    memset (copies.map, 0, 24 * sizeof (float));
    memset (copies.w, 0, 12 * copies.d * sizeof (float));
    copies.label[0] = copies.label[5] = 1;
    copies.label[3] = 0;
    apply (&copies, rule);
    check_answer (&copies, rule);
    memset (copies.blocked, 1, 12);
    apply (&copies, rule);
    check_answer (&copies, rule);
    scene_clear (&copies);
  }
}

/* Clusters far apart, twenty labels each: everything is right and said to be likely. */
static void
test_rules_separate (void)
{
  size_t n = 300;
  Scene scene;
  scene_init (&scene, n, 3, 0, 0, 1);
  TsrRandom random;
  tsr_random_init (&random, 9, 9);
  for (size_t i = 0; i < n; i++) {
    for (size_t a = 0; a < scene.d; a++)
      scene.w[i * scene.d + a] = (float)(tsr_random_normal (&random) + 30.0 * (a == i % 3));
    for (size_t a = 0; a < 2; a++)
      scene.map[2 * i + a] =
          (float)(tsr_random_normal (&random) + 30.0 * (double)(i % 3) * (double)a);
    scene.label[i] = i < 60 ? (int32_t)(i % 3) : -1;
  }
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    apply (&scene, rule);
    for (size_t i = 0; i < n; i++) {
      g_assert_cmpint (scene.result.prediction[i].class_id, ==, (int32_t)(i % 3));
      g_assert_cmpfloat (scene.result.probability[i * 3 + i % 3], >, 0.9);
    }
  }
  scene_clear (&scene);
}

/* Far from every label in the graph: the nearest label in W decides. */
static void
test_spread_apart (void)
{
  Scene scene;
  scene_init (&scene, 60, 2, 0, 0, 1);
  for (size_t i = 0; i < 60; i++)
    for (size_t a = 0; a < scene.d; a++)
      scene.w[i * scene.d + a] = (float)(100 * (i / 20)) + (float)((i * 7 + a * 3) % 11) / 11;
  scene.label[0] = 0; /* the first group; the second has the other label, the third none */
  scene.label[20] = 1;
  apply (&scene, TSR_RULE_SPREAD);
  for (size_t i = 0; i < 60; i++)
    g_assert_cmpint (scene.result.prediction[i].class_id, ==, i < 20 ? 0 : 1);
  scene_clear (&scene);
}

static void
test_refused (void)
{
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    Scene scene;
    scene_init (&scene, 30, 2, 0.5, 0, 3);
    scene.w[7 * scene.d] = NAN;
    scene.map[14] = INFINITY;
    TsrRuleSpace *space = tsr_rule_space_new (scene.map, 2, scene.w, scene.d, 30, NULL);
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_rule_apply (space, rule, scene.label, 2, &scene.result, NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, "tile 7"));
    tsr_rule_space_free (space);
    scene_clear (&scene);
  }
  TsrRule rule = TSR_RULE_LINEAR;
  for (TsrRule r = 0; r < TSR_N_RULES; r++) {
    g_assert_true (tsr_rule_from_name (tsr_rule_name (r), &rule));
    g_assert_cmpint (rule, ==, r);
  }
  g_assert_false (tsr_rule_from_name ("svm", &rule));
  g_assert_false (tsr_rule_from_name (NULL, &rule));
}

/* --- the measures of probabilities --- */

static void
test_measures (void)
{
  const int32_t truth[] = {0, 1, -1, 1, 0}, predicted[] = {0, 1, 0, 0, -1};
  const float probability[] = {0.8f, 0.2f, 0.35f, 0.65f, 1, 0, 0.95f, 0.05f, 0, 1};
  double loss = -(log (0.8) + log (0.65) + log (0.05) + log (1e-12)) / 4;
  g_assert_cmpfloat (fabs (tsr_log_loss (truth, probability, 5, 2) - loss), <=, 1e-6);
  /* one tile in each bin: |0.8 - 1|, |0.65 - 1|, |0.95 - 0| */
  g_assert_cmpfloat (
      fabs (tsr_calibration_error (truth, predicted, probability, 5, 2) - (0.2 + 0.35 + 0.95) / 3),
      <=, 1e-6);
  const int32_t right[] = {0, 0, 0, 1}, all[] = {0, 0, 0, 0};
  const float same[] = {0.74f, 0.26f, 0.75f, 0.25f, 0.76f, 0.24f, 0.75f, 0.25f};
  g_assert_cmpfloat (tsr_calibration_error (right, all, same, 4, 2), <=, 1e-6);
  g_assert_true (isnan (tsr_log_loss (truth + 2, probability, 1, 2)));
  g_assert_true (isnan (tsr_calibration_error (truth + 2, predicted, probability, 1, 2)));
}

/* --- threads --- */

/* Everything that should not depend on them, as a number. */
static unsigned
digest (void)
{
  unsigned sum = 5381;
  Scene scene;
  scene_init (&scene, 3000, 3, 0.02, 0.1, 4);
  for (TsrRule rule = 0; rule < TSR_N_RULES; rule++) {
    apply (&scene, rule);
    const unsigned char *byte = (const unsigned char *)scene.result.probability;
    for (size_t i = 0; i < scene.n * scene.c * sizeof (float); i++)
      sum = sum * 33 + byte[i];
    for (size_t i = 0; i < scene.n; i++)
      sum = sum * 33 + scene.result.prediction[i].follows;
  }
  scene_clear (&scene);
  return sum;
}

static const char *program;

static void
test_threads (void)
{
  unsigned here = digest ();
  for (int threads = 1; threads <= 3; threads++) {
    const char *arguments[] = {program, "--digest", NULL};
    g_autofree char *out = NULL, *count = g_strdup_printf ("%d", threads);
    g_auto (GStrv) environment =
        g_environ_setenv (g_get_environ (), "TESSERA_THREADS", count, TRUE);
    g_autoptr (GError) error = NULL;
    g_spawn_sync (NULL, (char **)arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL,
                  NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint ((unsigned)g_ascii_strtoull (out, NULL, 10), ==, here);
  }
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--digest") == 0) {
    g_print ("%u\n", digest ());
    return 0;
  }
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rule/linear/minimum", test_linear_minimum);
  g_test_add_func ("/rule/linear/held-out", test_linear_held_out);
  g_test_add_func ("/rule/linear/leave-one-out", test_linear_leave_one_out);
  g_test_add_func ("/rule/spread", test_spread);
  g_test_add_func ("/rule/spread/apart", test_spread_apart);
  g_test_add_func ("/rule/temperature", test_temperature);
  g_test_add_func ("/rule/probabilities", test_probabilities);
  g_test_add_func ("/rule/definitions", test_rules);
  g_test_add_func ("/rule/bounds", test_rules_bounds);
  g_test_add_func ("/rule/separate", test_rules_separate);
  g_test_add_func ("/rule/refused", test_refused);
  g_test_add_func ("/rule/measures", test_measures);
  g_test_add_func ("/rule/threads", test_threads);
  return g_test_run ();
}
