#include "tsr-spread.h"

#include "tsr-map.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define COLUMNS  TSR_SPREAD_COLUMNS
#define ACCURACY 1e-7
#define ROWS     512 /* a chunk */
#define EXACT    20000
#define RECALL   0.975

struct TsrSpreadGraph {
  size_t n, all;
  uint32_t *index;  /* [n] which row this is; blocked ones are not there */
  uint32_t *place;  /* [all] and back, UINT32_MAX for a blocked one */
  uint64_t *row;    /* [n + 1] */
  uint32_t *column; /* [row[n]] ascending in a row */
  float *value;     /* of S */
};

/* --- the graph --- */

/* A tile's neighbours are joined to it whether or not it is among theirs: each pair once in either
 * direction. */
static void
count_edges (TsrSpreadGraph *graph, const uint32_t *near, size_t k)
{
  size_t n = graph->n;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      graph->row[i + 1]++;
      uint32_t other = near[i * k + j];
      bool mutual = false;
      for (size_t o = 0; o < k && !mutual; o++)
        mutual = near[other * k + o] == i;
      graph->row[other + 1] += !mutual;
    }
  for (size_t i = 0; i < n; i++)
    graph->row[i + 1] += graph->row[i];
}

static float
weight_of (float distance, float scale_i, float scale_j)
{
  if (distance == 0)
    return 1;
  double width = (double)scale_i * scale_j;
  return width > 0 ? (float)exp (-(double)distance * distance / width) : 0;
}

static void
add_edge (TsrSpreadGraph *graph, uint64_t *end, size_t i, uint32_t j, float weight)
{
  uint64_t at = end[i]++; /* kept ascending: sums then have one order */
  for (; at > graph->row[i] && graph->column[at - 1] > j; at--) {
    graph->column[at] = graph->column[at - 1];
    graph->value[at] = graph->value[at - 1];
  }
  graph->column[at] = j;
  graph->value[at] = weight;
}

static void
fill_edges (TsrSpreadGraph *graph, const uint32_t *near, const float *distance, size_t k)
{
  size_t n = graph->n;
  g_autofree uint64_t *end = g_memdup2 (graph->row, (n + 1) * sizeof (uint64_t));
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < k; j++) {
      uint32_t other = near[i * k + j];
      float weight =
          weight_of (distance[i * k + j], distance[i * k + k - 1], distance[other * k + k - 1]);
      bool mutual = false;
      for (size_t o = 0; o < k && !mutual; o++)
        mutual = near[other * k + o] == i;
      add_edge (graph, end, i, other, weight);
      if (!mutual)
        add_edge (graph, end, other, (uint32_t)i, weight);
    }
}

/* Weights become those of S. */
static void
normalise (TsrSpreadGraph *graph)
{
  g_autofree double *degree = g_new0 (double, graph->n + 1);
  for (size_t i = 0; i < graph->n; i++)
    for (uint64_t e = graph->row[i]; e < graph->row[i + 1]; e++)
      degree[i] += graph->value[e];
  for (size_t i = 0; i < graph->n; i++)
    for (uint64_t e = graph->row[i]; e < graph->row[i + 1]; e++) {
      double product = degree[i] * degree[graph->column[e]];
      graph->value[e] = product > 0 ? (float)(graph->value[e] / sqrt (product)) : 0;
    }
}

TsrSpreadGraph *
tsr_spread_graph_new (const float *w, size_t n, size_t d, const uint8_t *blocked, size_t neighbours,
                      const TsrProgress *progress, GError **error)
{
  TsrSpreadGraph *graph = g_new0 (TsrSpreadGraph, 1);
  graph->all = n;
  graph->index = g_new (uint32_t, n + 1);
  graph->place = g_new (uint32_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    graph->place[i] = blocked && blocked[i] ? UINT32_MAX : (uint32_t)graph->n;
    if (!blocked || !blocked[i])
      graph->index[graph->n++] = (uint32_t)i;
  }
  size_t m = graph->n, k = m > 1 ? MIN (neighbours, m - 1) : 0;
  graph->row = g_new0 (uint64_t, m + 1);
  g_autofree float *compact = g_new (float, m *d + 1), *distance = g_new (float, m *k + 1);
  g_autofree uint32_t *near = g_new (uint32_t, m * k + 1);
  for (size_t i = 0; i < m; i++)
    memcpy (compact + i * d, w + graph->index[i] * d, d * sizeof (float));
  double recall = m <= EXACT ? 1 : RECALL; /* from 1 on an exact search */
  if (k > 0 && !tsr_knn_near (compact, m, d, k, recall, near, distance, progress, error)) {
    tsr_spread_graph_free (graph);
    return NULL;
  }
  count_edges (graph, near, k);
  graph->column = g_new (uint32_t, graph->row[m] + 1);
  graph->value = g_new (float, graph->row[m] + 1);
  fill_edges (graph, near, distance, k);
  normalise (graph);
  return graph;
}

void
tsr_spread_graph_free (TsrSpreadGraph *graph)
{
  if (!graph)
    return;
  g_free (graph->index);
  g_free (graph->place);
  g_free (graph->row);
  g_free (graph->column);
  g_free (graph->value);
  g_free (graph);
}

/* --- the solution --- */

typedef float Row __attribute__ ((vector_size (4 * COLUMNS), aligned (4)));

typedef struct {
  const TsrSpreadGraph *graph;
  Row *x, *residual, *step, *next; /* [n] */
  float keep, take;
} Solve;

/* One round for some rows: x += step, residual -= (I - alpha S) step, next = keep step + take
 * residual. */
TSR_CLONES static void
advance (size_t begin, size_t end, const Solve *solve)
{
  const TsrSpreadGraph *graph = solve->graph;
  for (size_t i = begin; i < end; i++) {
    Row sum = {0};
    for (uint64_t e = graph->row[i]; e < graph->row[i + 1]; e++)
      sum += graph->value[e] * solve->step[graph->column[e]];
    solve->x[i] += solve->step[i];
    solve->residual[i] -= solve->step[i] - (float)TSR_SPREAD_ALPHA * sum;
    solve->next[i] = solve->keep * solve->step[i] + solve->take * solve->residual[i];
  }
}

static void
advance_range (size_t begin, size_t end, unsigned worker, void *data)
{
  advance (begin, end, data);
}

/* How many rounds bring the error below ACCURACY of what it was: the eigenvalues of I - alpha S lie
 * in [1 - alpha, 1 + alpha]. */
static int
rounds_needed (void)
{
  double root = sqrt ((1 + TSR_SPREAD_ALPHA) / (1 - TSR_SPREAD_ALPHA));
  return (int)ceil (log (2 / ACCURACY) / log ((root + 1) / (root - 1)));
}

void
tsr_spread_solve (const TsrSpreadGraph *graph, const uint32_t *tile, const uint32_t *column,
                  size_t sources, float *f)
{
  size_t n = graph->n;
  g_autofree Row *memory = g_new0 (Row, 4 * n + 1);
  Solve solve = {graph, memory, memory + n, memory + 2 * n, memory + 3 * n, 0, 0};
  for (size_t s = 0; s < sources; s++) {
    uint32_t place = graph->place[tile[s]];
    if (place != UINT32_MAX)
      solve.residual[place][column[s]] = solve.step[place][column[s]] = 1;
  }
  double rho = TSR_SPREAD_ALPHA;
  for (int round = rounds_needed (); round > 0; round--) {
    double next = 1 / (2 / TSR_SPREAD_ALPHA - rho);
    solve.keep = (float)(next * rho);
    solve.take = (float)(2 * next / TSR_SPREAD_ALPHA);
    rho = next;
    tsr_parallel_for (n, ROWS, advance_range, &solve);
    Row *step = solve.step;
    solve.step = solve.next;
    solve.next = step;
  }
  memset (f, 0, graph->all * COLUMNS * sizeof *f);
  for (size_t i = 0; i < n; i++)
    memcpy (f + graph->index[i] * COLUMNS, &solve.x[i], sizeof (Row));
}
