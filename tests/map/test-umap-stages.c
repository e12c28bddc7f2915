/* UMAP in pieces: memberships, graph, curve, forces and an epoch against plain references in
 * double.
 */

#include "plain-umap.h"

#include <stdlib.h>

/* --- memberships --- */

static double
plain_sum (const float *distance, size_t k, double rho, double sigma)
{
  double sum = 0;
  for (size_t j = 0; j < k; j++)
    sum += exp (-fmax (0, distance[j] - rho) / sigma);
  return sum;
}

/* By bisection of log sigma. */
static void
plain_memberships (const float *distance, size_t k, double mean, double *membership)
{
  double rho = INFINITY, own = 0, low = -60, high = 60;
  for (size_t j = 0; j < k; j++) {
    if (distance[j] > 0)
      rho = fmin (rho, distance[j]);
    own += distance[j] / (double)k;
  }
  rho = isfinite (rho) ? rho : 0;
  for (int turn = 0; turn < 200; turn++) {
    double middle = (low + high) / 2;
    if (plain_sum (distance, k, rho, exp (middle)) > log2 ((double)k))
      high = middle;
    else
      low = middle;
  }
  double sigma = fmax (exp (low), 1e-3 * (rho > 0 ? own : mean));
  for (size_t j = 0; j < k; j++)
    membership[j] = exp (-fmax (0, distance[j] - rho) / sigma);
}

static void
check_memberships (const float *distance, size_t k, double mean)
{
  g_autofree float *found = g_new (float, k);
  g_autofree double *expected = g_new (double, k);
  plain_memberships (distance, k, mean, expected);
  tsr_umap_memberships (distance, k, mean, found);
  for (size_t j = 0; j < k; j++)
    g_assert_cmpfloat_with_epsilon (found[j], expected[j], 2e-5);
}

static int
compare_floats (const void *a, const void *b)
{
  float p = *(const float *)a, q = *(const float *)b;
  return (p > q) - (p < q);
}

static void
test_memberships (void)
{
  const size_t lengths[] = {1, 2, 3, 5, 15, 40, 200};
  const float scales[] = {1e-6f, 1, 1e6f};
  for (size_t l = 0; l < G_N_ELEMENTS (lengths); l++)
    for (size_t s = 0; s < G_N_ELEMENTS (scales); s++)
      for (uint64_t seed = 0; seed < 5; seed++) {
        TsrRandom random;
        tsr_random_init (&random, seed, l);
        size_t k = lengths[l];
        g_autofree float *distance = g_new (float, k);
        double mean = 0;
        for (size_t j = 0; j < k; j++) { /* with seed 3 half are copies, with 4 all */
          bool copy = (seed == 3 && j % 2 == 0) || seed == 4;
          distance[j] = copy ? 0 : (float)(scales[s] * (3 + tsr_random_uniform (&random)));
          mean += distance[j] / (double)k;
        }
        qsort (distance, k, sizeof *distance, compare_floats);
        check_memberships (distance, k, mean);
        for (size_t j = 0; seed == 0 && j < k; j++)
          distance[j] = scales[s]; /* equally far */
        check_memberships (distance, k, mean);
      }
  /* most so near that the sum cannot come down to log2 k */
  const float near[8] = {1, 1, 1, 1, 1, 1, 1, 9};
  check_memberships (near, 8, 2);
  const float zeros[4] = {0};
  check_memberships (zeros, 4, 0);
}

/* --- the graph --- */

static void
check_graph (const float *x, size_t n, size_t d, size_t k)
{
  g_autofree uint32_t *index = g_new (uint32_t, n * k), *order = NULL;
  g_autofree float *distance = g_new (float, n *k);
  g_autofree double *membership = g_new (double, k), *whole = g_new0 (double, n *n);
  g_assert_true (tsr_knn (x, n, d, k, index, distance, NULL, NULL));
  double mean = 0;
  for (size_t t = 0; t < n * k; t++)
    mean += distance[t] / (double)(n * k);
  for (size_t i = 0; i < n; i++) {
    plain_memberships (distance + i * k, k, mean, membership);
    for (size_t j = 0; j < k; j++)
      whole[i * n + index[i * k + j]] = membership[j];
  }
  TsrAffinities *graph = tsr_umap_graph (x, n, d, k, NULL, &order, NULL, NULL);
  g_assert_nonnull (graph);
  g_assert_null (order);
  size_t entries = 0;
  for (size_t i = 0; i < n; i++) {
    for (uint64_t t = graph->row[i]; t < graph->row[i + 1]; t++) {
      size_t j = graph->column[t];
      double a = whole[i * n + j], b = whole[j * n + i];
      g_assert_cmpfloat_with_epsilon (graph->value[t], a + b - a * b, 5e-5);
      g_assert_true (t == graph->row[i] || graph->column[t - 1] < j);
    }
    for (size_t j = 0; j < n; j++)
      entries += whole[i * n + j] > 1e-4 || whole[j * n + i] > 1e-4;
  }
  g_assert_cmpuint (graph->nnz, ==, graph->row[n]);
  g_assert_cmpuint (graph->nnz, >=, entries);
  g_assert_cmpuint (graph->nnz, <=, 2 * n * k);
  tsr_affinities_free (graph);
}

static void
test_graph (void)
{
  const size_t shapes[][3] = {{2, 1, 1}, {3, 2, 2}, {5, 3, 1}, {60, 4, 15}, {300, 20, 15}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int copies = 0; copies < 2; copies++) {
      size_t n = shapes[s][0], d = shapes[s][1];
      g_autofree float *x = plain_cloud (n, d, 3, copies, s);
      check_graph (x, n, d, shapes[s][2]);
      for (size_t i = 0; copies && i < n * d; i++)
        x[i] = 4;
      check_graph (x, n, d, shapes[s][2]);
    }
}

/* --- the curve --- */

static double
misfit (double min_dist, double spread, double a, double b)
{
  double sum = 0;
  for (int i = 0; i < 300; i++) {
    double d = 3 * spread * i / 299.0;
    double wanted = d < min_dist ? 1 : exp (-(d - min_dist) / spread);
    sum += pow (1 / (1 + a * pow (d, 2 * b)) - wanted, 2);
  }
  return sum;
}

static void
test_curve (void)
{
  /* what umap-learn (version 0.5) fits for its defaults */
  TsrUmapCurve curve = tsr_umap_curve (0.1, 1);
  g_assert_cmpfloat_with_epsilon (curve.a, 1.576943460405378, 2e-6);
  g_assert_cmpfloat_with_epsilon (curve.b, 0.8950608781227859, 2e-6);
  const double cases[][2] = {{0.001, 1}, {0.01, 1}, {0.5, 1}, {0.99, 1}, {0.1, 0.2}, {0.3, 5}};
  for (size_t c = 0; c < G_N_ELEMENTS (cases); c++) { /* no place round it is better */
    double min_dist = cases[c][0], spread = cases[c][1];
    curve = tsr_umap_curve (min_dist, spread);
    double least = misfit (min_dist, spread, curve.a, curve.b);
    g_assert_true (curve.a > 0 && curve.b > 0 && least < 2.5);
    for (double far = 1e-4; far < 2; far *= 3)
      for (int turn = 0; turn < 16; turn++) {
        double a = curve.a * exp (far * cos (turn * G_PI / 8)),
               b = curve.b * exp (far * sin (turn * G_PI / 8));
        g_assert_cmpfloat (misfit (min_dist, spread, a, b), >, least);
      }
  }
}

/* --- forces --- */

static double
plain_curve (const TsrUmapCurve *curve, double dx, double dy)
{
  return 1 / (1 + curve->a * pow (dx * dx + dy * dy, curve->b));
}

static void
test_forces (void)
{
  const double dists[] = {0.001, 0.1, 0.5, 0.99};
  for (size_t c = 0; c < G_N_ELEMENTS (dists); c++) {
    TsrUmapCurve curve = tsr_umap_curve (dists[c], 1);
    for (double reach = 1e-3; reach < 1e5; reach *= 3) {
      float dx[TSR_LANES], dy[TSR_LANES], pull[2][TSR_LANES], push[2][TSR_LANES];
      for (int l = 0; l < TSR_LANES; l++) {
        dx[l] = l == 3 ? 0 : (float)(reach * cos (l));
        dy[l] = l == 3 ? 0 : (float)(reach * sin (l));
      }
      tsr_umap_forces (&curve, dx, dy, pull, push);
      for (int l = 0; l < TSR_LANES; l++) {
        double at[2] = {dx[l], dy[l]}, expected[2], away[2];
        plain_forces (&curve, at, expected, away);
        for (int a = 0; a < 2; a++) {
          g_assert_cmpfloat_with_epsilon (pull[a][l], expected[a],
                                          5e-6 * fabs (expected[a]) + 1e-30);
          g_assert_cmpfloat_with_epsilon (push[a][l], away[a], 5e-6 * fabs (away[a]) + 1e-30);
        }
      }
    }
  }
}

/* They are the slopes of the logarithms, where neither the limit nor the 0.001 counts. */
static void
test_gradient (void)
{
  TsrUmapCurve curve = tsr_umap_curve (0.1, 1);
  const double h = 1e-5;
  for (int turn = 0; turn < 40; turn++) {
    double reach = 1.5 + turn / 10.0, at[2] = {reach * cos (turn), reach * sin (turn)};
    double pull[2], push[2];
    plain_forces (&curve, at, pull, push);
    for (int a = 0; a < 2; a++) {
      double up[2] = {at[0], at[1]}, down[2] = {at[0], at[1]};
      up[a] += h;
      down[a] -= h;
      double v1 = plain_curve (&curve, up[0], up[1]), v0 = plain_curve (&curve, down[0], down[1]);
      g_assert_cmpfloat_with_epsilon (pull[a], (log (v1) - log (v0)) / (2 * h), 1e-8);
      double slope = (log (1 - v1) - log (1 - v0)) / (2 * h);
      g_assert_cmpfloat_with_epsilon (push[a], slope, 1e-3 * fabs (slope) + 1e-8);
    }
  }
}

/* --- an epoch --- */

/* What is drawn comes as often as it should, whatever the phase. */
static void
test_drawn (void)
{
  const double shares[] = {0, 0.003, 0.1, 0.5, 0.77, 1};
  for (size_t s = 0; s < G_N_ELEMENTS (shares); s++)
    for (uint32_t i = 0; i < 50; i++) {
      uint32_t j = 1000 - 7 * i, step = (uint32_t)fmin (shares[s] * 0x1p32, 0xffffffffu);
      int drawn = 0;
      for (unsigned epoch = 0; epoch < 500; epoch++) {
        bool now = tsr_umap_drawn (i, j, step, epoch);
        g_assert_true (now == tsr_umap_drawn (j, i, step, epoch));
        drawn += now;
      }
      g_assert_cmpfloat_with_epsilon (drawn, 500 * shares[s], 1);
    }
  double mean = 0;
  for (uint32_t t = 0; t < 10000; t++) {
    uint32_t other = tsr_umap_negative (3, t % 7, t, t % 13, 1000);
    g_assert_cmpuint (other, <, 1000);
    mean += other / 10000.0;
  }
  g_assert_cmpfloat_with_epsilon (mean, 499.5, 12);
}

/* One after the other in double, groups as in tsr-umap-private.h. */
static void
plain_epoch (const TsrAffinities *graph, const TsrUmapCurve *curve, uint64_t seed, unsigned epoch,
             double rate, double *y)
{
  size_t n = graph->n;
  float largest = 0;
  for (uint64_t t = 0; t < graph->nnz; t++)
    largest = fmaxf (largest, graph->value[t]);
  g_autofree double *next = g_memdup2 (y, 2 * n * sizeof *y);
  for (size_t group = 0; group < TSR_UMAP_GROUPS; group++) {
    for (size_t i = group; i < n; i += TSR_UMAP_GROUPS) {
      double *own = next + 2 * i, at[2], pull[2], push[2];
      uint32_t count = 0;
      for (uint64_t t = graph->row[i]; t < graph->row[i + 1]; t++) {
        uint32_t j = graph->column[t];
        double share = (double)graph->value[t] / largest * 0x1p32;
        if (!tsr_umap_drawn ((uint32_t)i, j, (uint32_t)fmin (share, 0xffffffffu), epoch))
          continue;
        for (int turn = 0; turn < 2 + TSR_UMAP_NEGATIVES; turn++) {
          bool pulled = turn == 0 || turn == 1 + TSR_UMAP_NEGATIVES;
          uint32_t other = pulled ? j : tsr_umap_negative (seed, epoch, (uint32_t)i, count++, n);
          for (int a = 0; a < 2; a++)
            at[a] = own[a] - y[2 * (size_t)other + a];
          if (other == i)
            continue;
          plain_forces (curve, at, pull, push);
          for (int a = 0; a < 2; a++)
            own[a] += rate * (pulled ? pull[a] : push[a]);
        }
      }
    }
    for (size_t i = group; i < n; i += TSR_UMAP_GROUPS)
      memcpy (y + 2 * i, next + 2 * i, 2 * sizeof *y);
  }
}

/* The same graph with row order[i] at place i; within a row neighbours come as they did. */
static TsrAffinities *
reordered (const TsrAffinities *graph, const uint32_t *order)
{
  size_t n = graph->n;
  TsrAffinities *turned = g_new0 (TsrAffinities, 1);
  *turned = (TsrAffinities){.n = n, .nnz = graph->nnz, .row = g_new0 (uint64_t, n + 1)};
  turned->column = g_new (uint32_t, graph->nnz);
  turned->value = g_new (float, graph->nnz);
  g_autofree uint32_t *place = g_new (uint32_t, n);
  for (size_t i = 0; i < n; i++)
    place[order[i]] = (uint32_t)i;
  for (size_t i = 0; i < n; i++) {
    uint64_t at = turned->row[i];
    for (uint64_t t = graph->row[order[i]]; t < graph->row[order[i] + 1]; t++, at++) {
      turned->column[at] = place[graph->column[t]];
      turned->value[at] = graph->value[t];
    }
    turned->row[i + 1] = at;
  }
  return turned;
}

static void
check_epoch (size_t n, size_t k, bool copies, bool ordered)
{
  g_autofree float *x = plain_cloud (n, 6, 3, copies, n), *y = g_new (float, 2 * n);
  g_autofree double *expected = g_new (double, 2 * n);
  g_autofree uint32_t *unused = NULL, *order = g_new (uint32_t, n);
  TsrAffinities *graph = tsr_umap_graph (x, n, 6, k, NULL, &unused, NULL, NULL), *turned = graph;
  TsrUmapCurve curve = tsr_umap_curve (0.1, 1);
  TsrRandom random;
  tsr_random_init (&random, n, 1);
  for (size_t i = 0; i < 2 * n; i++)
    expected[i] = y[i] = (float)(8 * tsr_random_normal (&random));
  for (size_t i = 0; i < n; i++)
    order[i] = (uint32_t)i;
  if (ordered) {
    tsr_random_shuffle (&random, order, n);
    turned = reordered (graph, order);
  }
  TsrUmapDescent *descent = tsr_umap_descent_new (graph, ordered ? order : NULL, &curve, 5);
  tsr_umap_descend (descent, y, 3, 0.05f);
  plain_epoch (turned, &curve, 5, 3, 0.05f, expected);
  g_test_message ("%zu points, k %zu, copies %d, ordered %d", n, k, copies, ordered);
  for (size_t i = 0; i < 2 * n; i++)
    g_assert_cmpfloat_with_epsilon (y[i], expected[i], 1e-4 * (1 + fabs (expected[i])));
  tsr_umap_descent_free (descent);
  if (ordered)
    tsr_affinities_free (turned);
  tsr_affinities_free (graph);
}

static void
test_epoch (void)
{
  const size_t counts[] = {2, 4, 15, 16, 17, 100, 257, 700};
  for (size_t c = 0; c < G_N_ELEMENTS (counts); c++) {
    check_epoch (counts[c], MIN (15, counts[c] - 1), false, false);
    check_epoch (counts[c], MIN (7, counts[c] - 1), true, false);
    check_epoch (counts[c], MIN (15, counts[c] - 1), false, true);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/umap-stages/memberships", test_memberships);
  g_test_add_func ("/umap-stages/graph", test_graph);
  g_test_add_func ("/umap-stages/curve", test_curve);
  g_test_add_func ("/umap-stages/forces", test_forces);
  g_test_add_func ("/umap-stages/gradient", test_gradient);
  g_test_add_func ("/umap-stages/drawn", test_drawn);
  g_test_add_func ("/umap-stages/epoch", test_epoch);
  return g_test_run ();
}
