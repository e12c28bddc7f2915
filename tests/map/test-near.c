/* The approximate neighbour search and its products of rounded vectors, against plain searches and
 * sums in double. */

#include "tsr-error.h"
#include "threads.h"
#include "tsr-knn-cells.h"
#include "tsr-knn.h"
#include "tsr-map.h"
#include "tsr-narrow.h"
#include "tsr-random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- products --- */

/* The nearest number with 8 significant bits, ties to even; its own way of rounding. */
static double
round_to_8_bits (double value)
{
  if (value == 0)
    return 0;
  int exponent;
  double fraction = frexp (value, &exponent);
  return ldexp (nearbyint (ldexp (fraction, 8)), exponent - 8);
}

static void
check_products (bool plain, size_t k)
{
  TsrNarrow narrow = tsr_narrow (plain);
  size_t words = tsr_narrow_words (&narrow, k), mr = narrow.mr, nr = narrow.nr;
  bool rounds = narrow.values_a_word == 2;
  g_assert_true (!plain || !rounds);
  g_assert_cmpuint (TSR_NARROW_UNIT % nr, ==, 0);
  g_autofree float *a = g_new (float, mr *k), *b = g_new (float, nr *k),
                   *c = g_new (float, mr *(nr + 3));
  g_autofree uint32_t *rounded = g_new (uint32_t, MAX (mr, nr) * words),
                      *left = g_new (uint32_t, mr * words), *right = g_new (uint32_t, nr * words);
  g_autofree float *norm = g_new (float, mr);
  for (size_t i = 0; i < mr * k; i++)
    a[i] = (float)g_test_rand_double_range (-1, 1);
  for (size_t i = 0; i < nr * k; i++)
    b[i] = (float)g_test_rand_double_range (-1, 1);
  a[0] = 1 + 0x1p-8f; /* ties: down to 1, and up to 1 + 2^-6 */
  a[k > 1] = 1 + 3 * 0x1p-8f;
  for (size_t r = 0; r < mr; r++)
    norm[r] = tsr_narrow_round (&narrow, a + r * k, k, rounded + r * words);
  tsr_narrow_pack (rounded, mr, words, mr, left);
  for (size_t r = 0; r + 1 < nr; r++)
    tsr_narrow_round (&narrow, b + r * k, k, rounded + r * words);
  tsr_narrow_pack (rounded, nr - 1, words, nr, right); /* the last row is padding */
  for (size_t i = 0; i < mr * (nr + 3); i++)
    c[i] = -77;
  tsr_narrow_product (&narrow, words, left, right, c, nr + 3);
  for (size_t i = 0; i < mr; i++) {
    double square = 0;
    for (size_t j = 0; j < nr + 3; j++) {
      double sum = 0, size = 0;
      for (size_t p = 0; p < k && j + 1 < nr; p++) {
        double x = a[i * k + p], y = b[j * k + p];
        if (rounds)
          x = round_to_8_bits (x), y = round_to_8_bits (y);
        sum += x * y;
        size += fabs (x * y);
        square += j == 0 ? x * x : 0;
      }
      if (j >= nr) /* beyond the tile nothing is written */
        g_assert_cmpfloat (c[i * (nr + 3) + j], ==, -77);
      else
        g_assert_cmpfloat (fabs (c[i * (nr + 3) + j] - sum), <=, 1e-7 * (double)(k + 2) * size);
    }
    g_assert_cmpfloat (fabs (norm[i] - square), <=, 1e-7 * (double)(k + 2) * square);
  }
}

static void
test_products (void)
{
  const size_t lengths[] = {1, 2, 3, 16, 31, 32, 33, 64, 95, 512};
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++) {
    check_products (false, lengths[i]);
    check_products (true, lengths[i]);
  }
}

/* --- neighbours --- */

/* kinds of data */
enum { CLUSTERS, CLOUD, FAR, COPIES, CONSTANT, HALF_COPIES, LINE, KINDS };

static float *
make (int kind, size_t n, size_t d, uint64_t seed)
{
  float *x = g_new (float, n *d);
  TsrRandom random;
  tsr_random_init (&random, seed, (uint64_t)kind);
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < d; c++) {
      double v = tsr_random_normal (&random);
      size_t group = i * 2654435761u % 7;
      if (kind == CLUSTERS)
        v += 8 * sin ((double)(group * d + c + 1) * 1.7);
      if (kind == FAR) /* whose spread is lost if bf16 rounds the vectors as they are */
        v += 2000 * sin ((double)(group * d + c + 1) * 1.7);
      if (kind == COPIES)
        v = (double)(i % 5);
      if (kind == CONSTANT)
        v = 3.25;
      if (kind == HALF_COPIES && i % 2)
        v = 0.5;
      if (kind == LINE)
        v = (double)i * (double)(c + 1);
      x[i * d + c] = (float)v;
    }
  return x;
}

static int
compare_doubles (const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* Checks what must hold of any answer, and returns the share of true neighbours. */
static double
check_neighbours (const float *x, size_t n, size_t d, size_t k, const uint32_t *index,
                  const float *distance)
{
  g_autofree double *all = g_new (double, n), *sorted = g_new (double, n);
  g_autofree bool *seen = g_new (bool, n);
  size_t hits = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      all[j] = 0;
      for (size_t c = 0; c < d; c++)
        all[j] += pow ((double)x[i * d + c] - x[j * d + c], 2);
      all[j] = j == i ? INFINITY : sqrt (all[j]);
    }
    memcpy (sorted, all, n * sizeof *all);
    qsort (sorted, n, sizeof *sorted, compare_doubles);
    memset (seen, 0, n * sizeof *seen);
    for (size_t j = 0; j < k; j++) {
      uint32_t other = index[i * k + j];
      g_assert_cmpuint (other, <, n);
      g_assert_cmpuint (other, !=, i);
      g_assert_false (seen[other]);
      seen[other] = true;
      g_assert_cmpfloat (fabs (distance[i * k + j] - all[other]), <=, 4e-6 * all[other]);
      if (j > 0)
        g_assert_cmpfloat (distance[i * k + j], >=, distance[i * k + j - 1]);
      hits += all[other] <= sorted[k - 1] * (1 + 5e-6);
    }
  }
  return (double)hits / (double)(n * k);
}

static double
search (const float *x, size_t n, size_t d, size_t k, TsrKnnNear *near)
{
  g_autofree uint32_t *index = g_new (uint32_t, n * k + 1);
  g_autofree float *distance = g_new (float, n *k + 1);
  float scale;
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_knn_near_scaled (x, n, d, k, near, index, distance, &scale, NULL, &error));
  g_assert_no_error (error);
  g_autofree uint32_t *order = near->order;
  g_autofree bool *seen = g_new0 (bool, n);
  for (size_t i = 0; i < n && order; i++) {
    g_assert_cmpuint (order[i], <, n);
    g_assert_false (seen[order[i]]);
    seen[order[i]] = true;
  }
  for (size_t i = 0; i < n * k; i++)
    distance[i] = sqrtf (distance[i]) * scale;
  double recall = check_neighbours (x, n, d, k, index, distance);
  if (k > 0) /* the engine's own measure says the same */
    g_assert_cmpfloat_with_epsilon (tsr_knn_recall (x, n, d, k, index, 0, 1), recall, 1e-3);
  return recall;
}

static void
test_recall (void)
{
  const size_t shapes[][3] = {{1500, 24, 30}, {900, 7, 90}, {1200, 65, 12}, {700, 1, 5}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int kind = 0; kind < KINDS; kind++)
      for (int plain = 0; plain < 2; plain++) {
        size_t n = shapes[s][0], d = shapes[s][1], k = shapes[s][2];
        g_autofree float *x = make (kind, n, d, s);
        TsrKnnNear near = {.recall = 0.975, .cell_size = 20, .plain = plain};
        g_assert_cmpfloat (search (x, n, d, k, &near), >=, 0.95);
        g_assert_cmpuint (near.cells, >=, n / 80);
        g_assert_cmpuint (near.probes, <=, near.cells);
      }
}

/* More is found where more is asked for, by looking into more cells; and few cells do where there
 * is structure. */
static void
test_probes (void)
{
  size_t n = 3000, d = 16, k = 15, last = 0;
  g_autofree float *cloud = make (CLOUD, n, d, 5), *clusters = make (CLUSTERS, n, d, 5);
  const double wanted[] = {0.5, 0.8, 0.95, 0.995};
  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++) {
    TsrKnnNear near = {.recall = wanted[i], .cell_size = 25};
    double recall = search (cloud, n, d, k, &near);
    g_assert_cmpfloat (recall, >, wanted[i] - 0.02); /* the sample is a third of the rows */
    g_assert_cmpuint (near.probes, >, last);
    last = near.probes;
  }
  TsrKnnNear near = {.recall = 0.975, .cell_size = 25};
  g_assert_cmpfloat (search (clusters, n, d, k, &near), >, 0.955);
  g_assert_cmpuint (near.probes, <, near.cells / 4);
}

/* A few broken tiles, and the others are found all the same. */
static void
test_far (void)
{
  size_t n = 3000, d = 16, k = 15;
  for (int exponent = 2; exponent <= 14; exponent += 3)
    for (int plain = 0; plain < 2; plain++) {
      g_autofree float *x = make (CLUSTERS, n, d, 5);
      const size_t broken[] = {7, 1500, 1501, 2999};
      for (size_t b = 0; b < G_N_ELEMENTS (broken); b++)
        for (size_t c = 0; c < d; c++)
          x[broken[b] * d + c] = (float)(pow (10, exponent) * g_test_rand_double_range (-1, 1));
      TsrKnnNear near = {.recall = 0.975, .cell_size = 25, .plain = plain};
      g_assert_cmpfloat (search (x, n, d, k, &near), >, 0.95);
      g_assert_cmpuint (near.probes, <, near.cells / 4);
    }
}

static void
test_small (void)
{
  for (size_t n = 1; n < 60; n += n < 6 ? 1 : 13)
    for (int kind = 0; kind < KINDS; kind++)
      for (size_t size = 1; size < 20; size += 9)
        for (size_t k = 0; k < n; k += k < 3 ? 1 : 9) {
          g_autofree float *x = make (kind, n, 3, n);
          TsrKnnNear near = {.recall = 0.9, .cell_size = size};
          double recall = search (x, n, 3, k, &near);
          g_assert_true (k == 0 || recall >= 0.85);
        }
}

/* Every row in one cell, none in two, no cell too large, its centre in its middle. */
static void
test_cells (void)
{
  for (int kind = 0; kind < KINDS; kind++) {
    size_t n = 2000, d = 9;
    g_autofree float *x = make (kind, n, d, 3);
    TsrCells *cells = tsr_cells_new (x, n, d, 1, 30, false, 1, NULL, NULL);
    g_autofree int *seen = g_new0 (int, n);
    g_assert_cmpuint (cells->start[0], ==, 0);
    g_assert_cmpuint (cells->start[cells->cells], ==, n);
    for (size_t c = 0; c < cells->cells; c++) {
      size_t count = cells->start[c + 1] - cells->start[c];
      g_assert_cmpuint (count, >=, 1);
      g_assert_cmpuint (count, <=, 120);
      g_assert_cmpuint (cells->column[c + 1] - cells->column[c], >=, count);
      g_assert_cmpuint (cells->column[c] % TSR_NARROW_UNIT, ==, 0);
      for (size_t p = 0; p < d; p++) {
        double sum = 0, mean = 0, most = 0;
        for (size_t m = cells->start[c]; m < cells->start[c + 1]; m++) {
          sum += x[cells->row[m] * d + p];
          most = fmax (most, fabs (x[cells->row[m] * d + p]));
        }
        for (size_t i = 0; i < n; i++) {
          mean += x[i * d + p];
          most = fmax (most, fabs (x[i * d + p]));
        }
        double expected = sum / (double)count - mean / (double)n;
        g_assert_cmpfloat (fabs (cells->centre[c * d + p] - expected), <=, 1e-6 * most);
      }
      for (size_t m = cells->start[c]; m < cells->start[c + 1]; m++)
        seen[cells->row[m]]++;
    }
    for (size_t i = 0; i < n; i++)
      g_assert_cmpint (seen[i], ==, 1);
    tsr_cells_free (cells);
  }
}

static void
test_refused (void)
{
  size_t n = 3000;
  g_autofree float *x = make (CLOUD, n, 4, 1), *distance = g_new (float, n * 3),
                   *exact = g_new (float, n * 3);
  g_autofree uint32_t *index = g_new (uint32_t, n * 3), *other = g_new (uint32_t, n * 3);
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_knn (x, n, 4, 3, other, exact, NULL, NULL));
  g_assert_true (tsr_knn_near (x, n, 4, 3, 1, index, distance, NULL, NULL));
  g_assert_cmpmem (index, n * 3 * sizeof *index, other, n * 3 * sizeof *other);
  g_assert_true (tsr_knn_near (x, n, 4, 3, 0.97, index, distance, NULL, NULL));
  g_assert_cmpfloat (check_neighbours (x, n, 4, 3, index, distance), >, 0.95);
  x[4 * 2345 + 1] = NAN;
  g_assert_false (tsr_knn_near (x, n, 4, 3, 0.9, index, distance, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "tile 2346"));
}

static void
cancel_later (double fraction, const char *stage, void *user)
{
  gpointer *pair = user;
  g_assert_nonnull (stage);
  if (--*(int *)pair[1] == 0)
    g_cancellable_cancel (pair[0]);
}

static void
test_cancel (void)
{
  size_t n = 2500, d = 8, k = 5;
  g_autofree float *x = make (CLUSTERS, n, d, 1), *distance = g_new (float, n *k);
  g_autofree uint32_t *index = g_new (uint32_t, n * k);
  for (int after = 1; after < 12; after++) {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    int left = after;
    gpointer pair[2] = {cancellable, &left};
    TsrProgress progress = {cancel_later, pair, cancellable};
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_knn_near (x, n, d, k, 0.9, index, distance, &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
}

/* --- the same for any number of threads --- */

static void
print_hash (void)
{
  size_t n = 4000, d = 20, k = 20;
  g_autofree float *x = make (CLUSTERS, n, d, 3), *squared = g_new (float, n *k);
  g_autofree uint32_t *index = g_new (uint32_t, n * k);
  TsrKnnNear near = {.recall = 0.9, .cell_size = 20};
  float scale;
  g_assert_true (tsr_knn_near_scaled (x, n, d, k, &near, index, squared, &scale, NULL, NULL));
  g_free (near.order);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *)index, (gssize)(n * k * sizeof *index));
  g_checksum_update (sum, (const guchar *)squared, (gssize)(n * k * sizeof *squared));
  g_print ("%s\n", g_checksum_get_string (sum));
}

static const char *program;

static void
test_threads (void)
{
  check_threads (program);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc > 1 && strcmp (argv[1], "--hash") == 0) {
    print_hash ();
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/near/products", test_products);
  g_test_add_func ("/near/cells", test_cells);
  g_test_add_func ("/near/recall", test_recall);
  g_test_add_func ("/near/probes", test_probes);
  g_test_add_func ("/near/far", test_far);
  g_test_add_func ("/near/small", test_small);
  g_test_add_func ("/near/refused", test_refused);
  g_test_add_func ("/near/cancel", test_cancel);
  g_test_add_func ("/near/threads", test_threads);
  return g_test_run ();
}
