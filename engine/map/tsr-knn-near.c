/* Approximate neighbours by inverted lists (Sivic & Zisserman 2003; Jégou et al. 2011, IVFADC
 * without its codes): vectors are grouped into cells, and each row looks into those whose centres
 * are nearest to it. How many that must be differs from data to data, so it is measured: a sample
 * of rows looks into all of them first. */

#include "tsr-knn.h"
#include "tsr-map.h"

#include "tsr-nearest.h"
#include "tsr-knn-cells.h"
#include "tsr-parallel.h"
#include "tsr-random.h"
#include "tsr-vectors.h"

#include <math.h>

#define QUERIES    126  /* rows of a task, a multiple of the tiles' rows */
#define COLUMNS    256  /* of one product block */
#define SAMPLE     1024 /* rows that look everywhere */
#define SMALL_CELL 96   /* rows of a cell where there are few, and ... */
#define LARGE_CELL 256  /* ... where centres would cost as much as cells */

typedef struct {
  uint32_t first, count; /* places */
} Task;

typedef struct {
  const TsrCells *cells;
  size_t k, keep;
  size_t probes;          /* cells that a row looks into */
  const uint32_t *places; /* [.] of the queries, or NULL: all, in order */
  uint32_t *index;        /* [n,k] */
  float *squared;
  bool by_query; /* results in the order of the queries instead of by row */
  const Task *tasks;
  size_t offset; /* of the tasks in progress */
} Near;

/* What one task needs. */
typedef struct {
  size_t count;
  uint32_t place[QUERIES];
  float *row;          /* [count,d] centred */
  uint32_t *rounded;   /* [mr][words] */
  uint32_t *left;      /* [words][mr] */
  float *dots;         /* [mr][COLUMNS] */
  float norm[QUERIES]; /* of the group's rows, less a centre */
  TsrNearest *near;    /* [count,cells]: distances of centres, the probed ones first */
  size_t probed[QUERIES];
  uint32_t *start;   /* [cells + 1]: queries by cell */
  uint32_t *visitor; /* [start[cells]] */
  TsrNearest *list;  /* [count,capacity] */
  TsrBest best[QUERIES];
} Visit;

static void
visit_init (Visit *visit, const Near *near, size_t count)
{
  const TsrCells *cells = near->cells;
  size_t mr = cells->narrow.mr, capacity = TSR_BEST_CAPACITY (near->keep);
  visit->count = count;
  visit->row = g_new (float, count * cells->d);
  visit->rounded = g_new (uint32_t, mr * cells->words);
  visit->left = g_new (uint32_t, mr * cells->words);
  visit->dots = g_new (float, mr *COLUMNS);
  visit->near = g_new (TsrNearest, count * cells->cells);
  visit->start = g_new0 (uint32_t, cells->cells + 1);
  visit->visitor = NULL;
  visit->list = g_new (TsrNearest, count * capacity);
  for (size_t q = 0; q < count; q++) {
    visit->best[q] = (TsrBest){visit->list + q * capacity, 0, INFINITY};
    tsr_cells_centre_row (cells, cells->row[visit->place[q]], visit->row + q * cells->d);
  }
}

static void
visit_clear (Visit *visit)
{
  g_free (visit->row);
  g_free (visit->rounded);
  g_free (visit->left);
  g_free (visit->dots);
  g_free (visit->near);
  g_free (visit->start);
  g_free (visit->visitor);
  g_free (visit->list);
}

/* Makes the left panel of up to mr of the task's rows (query NULL: from `first` on), less a centre
 * or nothing. */
static void
pack_queries (Visit *visit, const TsrCells *cells, const uint32_t *query, size_t first,
              size_t count, const float *centre, float *scratch)
{
  size_t d = cells->d;
  for (size_t r = 0; r < count; r++) {
    const float *row = visit->row + (query ? query[r] : first + r) * d;
    for (size_t c = 0; centre && c < d; c++)
      scratch[c] = row[c] - centre[c];
    visit->norm[r] = tsr_narrow_round (&cells->narrow, centre ? scratch : row, d,
                                       visit->rounded + r * cells->words);
  }
  tsr_narrow_pack (visit->rounded, count, cells->words, cells->narrow.mr, visit->left);
}

/* Dots of the packed rows with `columns` columns of panels, at most COLUMNS. */
static void
multiply (Visit *visit, const TsrCells *cells, const uint32_t *panels, size_t columns)
{
  for (size_t c = 0; c < columns; c += cells->narrow.nr)
    tsr_narrow_product (&cells->narrow, cells->words, visit->left, panels + c * cells->words,
                        visit->dots + c, COLUMNS);
}

/* The distances of all centres from each row. */
static void
measure_centres (Visit *visit, const TsrCells *cells, float *scratch)
{
  size_t mr = cells->narrow.mr;
  for (size_t g = 0; g < visit->count; g += mr) {
    size_t count = MIN (mr, visit->count - g);
    pack_queries (visit, cells, NULL, g, count, NULL, scratch);
    for (size_t first = 0; first < cells->centre_columns; first += COLUMNS) {
      size_t columns = MIN (COLUMNS, cells->centre_columns - first);
      multiply (visit, cells, cells->centre_panels + first * cells->words, columns);
      for (size_t r = 0; r < count; r++)
        for (size_t j = 0; j < columns && first + j < cells->cells; j++) {
          float value =
              (visit->norm[r] + cells->centre_norm[first + j]) - 2 * visit->dots[r * COLUMNS + j];
          visit->near[(g + r) * cells->cells + first + j] =
              tsr_nearest (value > 0 ? value : 0, (uint32_t)(first + j));
        }
    }
  }
}

/* Chooses each row's cells, more where they hold too few rows, and sorts the rows by cell. */
static void
choose_cells (Visit *visit, const Near *near)
{
  const TsrCells *cells = near->cells;
  for (size_t q = 0; q < visit->count; q++) {
    TsrNearest *list = visit->near + q * cells->cells;
    size_t probes = MIN (near->probes, cells->cells), rows = 0;
    for (;; probes = MIN (2 * probes, cells->cells)) {
      if (probes < cells->cells)
        tsr_nearest_select (list, cells->cells, probes);
      rows = 0;
      for (size_t p = 0; p < probes; p++)
        rows += cells->start[(uint32_t)list[p] + 1] - cells->start[(uint32_t)list[p]];
      if (rows > near->keep || probes == cells->cells)
        break;
    }
    visit->probed[q] = probes;
    for (size_t p = 0; p < probes; p++)
      visit->start[(uint32_t)list[p] + 1]++;
  }
  for (size_t c = 0; c < cells->cells; c++)
    visit->start[c + 1] += visit->start[c];
  visit->visitor = g_new (uint32_t, visit->start[cells->cells]);
  g_autofree uint32_t *next = g_memdup2 (visit->start, cells->cells * sizeof *next);
  for (size_t q = 0; q < visit->count; q++)
    for (size_t p = 0; p < visit->probed[q]; p++)
      visit->visitor[next[(uint32_t)visit->near[q * cells->cells + p]]++] = (uint32_t)q;
}

/* Offers a cell's rows to the task's rows that look into it. */
static void
visit_cell (Visit *visit, const Near *near, size_t cell, float *scratch)
{
  const TsrCells *cells = near->cells;
  size_t mr = cells->narrow.mr, first_column = cells->column[cell],
         columns = cells->column[cell + 1] - first_column;
  uint32_t end = visit->start[cell + 1];
  for (uint32_t v = visit->start[cell]; v < end; v += (uint32_t)mr) {
    const uint32_t *query = visit->visitor + v;
    size_t count = MIN (mr, end - v);
    pack_queries (visit, cells, query, 0, count, cells->centre + cell * cells->d, scratch);
    for (size_t c = 0; c < columns; c += COLUMNS) {
      size_t width = MIN (COLUMNS, columns - c);
      multiply (visit, cells, cells->panels + (first_column + c) * cells->words, width);
      for (size_t r = 0; r < count; r++)
        tsr_best_offer (&visit->best[query[r]], near->keep, visit->norm[r],
                        cells->norm + first_column + c, visit->dots + r * COLUMNS, width,
                        cells->start[cell] + (uint32_t)c, visit->place[query[r]]);
    }
  }
}

static void
run_task (size_t begin, size_t end, unsigned worker, void *data)
{
  const Near *near = data;
  const TsrCells *cells = near->cells;
  g_autofree float *scratch = g_new (float, cells->d);
  for (size_t t = begin; t < end; t++) {
    Task task = near->tasks[near->offset + t];
    Visit visit;
    for (uint32_t q = 0; q < task.count; q++)
      visit.place[q] = near->places ? near->places[task.first + q] : task.first + q;
    visit_init (&visit, near, task.count);
    measure_centres (&visit, cells, scratch);
    choose_cells (&visit, near);
    for (size_t cell = 0; cell < cells->cells; cell++)
      visit_cell (&visit, near, cell, scratch);
    for (size_t q = 0; q < task.count; q++) {
      size_t row = cells->row[visit.place[q]], at = near->by_query ? task.first + q : row;
      tsr_best_rank (&visit.best[q], near->keep, near->k, cells->x, cells->d, cells->inverse, row,
                     cells->row, near->index + at * near->k, near->squared + at * near->k);
    }
    visit_clear (&visit);
  }
}

/* --- how many cells --- */

typedef struct {
  const Near *near;        /* the search of the sample */
  const uint32_t *cell_of; /* [n] of a row */
  uint32_t *rank;          /* [sample,k]: which cell, by distance, each true neighbour was in */
} Ranking;

static void
rank_cells (size_t begin, size_t end, unsigned worker, void *data)
{
  Ranking *ranking = data;
  const Near *near = ranking->near;
  const TsrCells *cells = near->cells;
  g_autofree float *scratch = g_new (float, cells->d);
  g_autofree uint32_t *rank_of = g_new (uint32_t, cells->cells);
  for (size_t t = begin; t < end; t++) {
    Task task = near->tasks[t];
    Visit visit;
    for (uint32_t q = 0; q < task.count; q++)
      visit.place[q] = near->places[task.first + q];
    visit_init (&visit, near, task.count);
    measure_centres (&visit, cells, scratch);
    for (size_t q = 0; q < task.count; q++) {
      TsrNearest *list = visit.near + q * cells->cells;
      tsr_nearest_sort (list, cells->cells);
      for (size_t c = 0; c < cells->cells; c++)
        rank_of[(uint32_t)list[c]] = (uint32_t)c;
      for (size_t j = 0; j < near->k; j++) {
        size_t at = (task.first + q) * near->k + j;
        ranking->rank[at] = rank_of[ranking->cell_of[near->index[at]]];
      }
    }
    visit_clear (&visit);
  }
}

/* The least number of cells that finds the wanted share of the sample's neighbours. */
static size_t
count_probes (const uint32_t *rank, size_t total, size_t cells, double recall)
{
  g_autofree size_t *found = g_new0 (size_t, cells);
  for (size_t i = 0; i < total; i++)
    found[rank[i]]++;
  size_t sum = 0, probes = 0;
  while (probes < cells && (double)sum < recall * (double)total)
    sum += found[probes++];
  return MAX (probes, 1);
}

static GArray *
tasks_of (size_t first, size_t count, GArray *tasks)
{
  for (size_t at = 0; at < count; at += QUERIES) {
    Task task = {(uint32_t)(first + at), (uint32_t)MIN (QUERIES, count - at)};
    g_array_append_val (tasks, task);
  }
  return tasks;
}

/* Runs the tasks; fraction goes from..1 with them. */
static bool
run_tasks (Near *near, const GArray *tasks, double from, const TsrProgress *progress,
           GError **error)
{
  size_t slice = 4 * tsr_parallel_workers (); /* some tenths of a second */
  near->tasks = (const Task *)(void *)tasks->data;
  for (near->offset = 0; near->offset < tasks->len; near->offset += slice) {
    tsr_parallel_for (MIN (slice, tasks->len - near->offset), 1, run_task, near);
    double done = (double)MIN (near->offset + slice, tasks->len) / (double)tasks->len;
    if (!tsr_progress_step (progress, from < 0 ? -1 : from + (1 - from) * done,
                            TSR_STAGE ("Comparing tiles"), error))
      return false;
  }
  near->offset = 0;
  return true;
}

/* Sets near->probes so that the share `recall` of a sample's true neighbours is found. */
static bool
choose_probes (Near *near, double recall, uint64_t seed, const TsrProgress *progress,
               GError **error)
{
  const TsrCells *cells = near->cells;
  size_t n = cells->n, k = near->k, sample = MIN (n, (size_t)SAMPLE);
  g_autofree uint32_t *places = g_new (uint32_t, sample), *index = g_new (uint32_t, sample * k),
                      *cell_of = g_new (uint32_t, n), *rank = g_new (uint32_t, sample * k);
  g_autofree float *squared = g_new (float, sample *k);
  TsrRandom random;
  tsr_random_init (&random, seed, 0x9a11e1);
  for (size_t s = 0; s < sample; s++) {
    size_t from = n * s / sample, to = n * (s + 1) / sample;
    places[s] = (uint32_t)from + tsr_random_below (&random, (uint32_t)(to - from));
  }
  for (size_t c = 0; c < cells->cells; c++)
    for (uint32_t p = cells->start[c]; p < cells->start[c + 1]; p++)
      cell_of[cells->row[p]] = (uint32_t)c;
  g_autoptr (GArray) tasks = tasks_of (0, sample, g_array_new (FALSE, FALSE, sizeof (Task)));
  Near all = {.cells = cells,
              .k = k,
              .keep = near->keep,
              .probes = cells->cells,
              .places = places,
              .index = index,
              .squared = squared,
              .by_query = true};
  if (!run_tasks (&all, tasks, -1, progress, error))
    return false;
  Ranking ranking = {&all, cell_of, rank};
  tsr_parallel_for (tasks->len, 1, rank_cells, &ranking);
  near->probes = count_probes (rank, sample * k, cells->cells, recall);
  return true;
}

bool
tsr_knn_near_scaled (const float *x, size_t n, size_t d, size_t k, TsrKnnNear *options,
                     uint32_t *index, float *squared, float *scale, const TsrProgress *progress,
                     GError **error)
{
  g_return_val_if_fail (k < n && options->recall < 1, false);
  *scale = tsr_vectors_scale (x, n, d);
  options->order = NULL;
  if (k == 0)
    return true;
  size_t size = options->cell_size;
  if (size == 0) /* cells and centres then cost about the same */
    size = (size_t)CLAMP (sqrt ((double)n) / 4, SMALL_CELL, LARGE_CELL);
  TsrCells *cells =
      tsr_cells_new (x, n, d, *scale, size, options->plain, options->seed, progress, error);
  if (!cells)
    return false;
  Near near = {.cells = cells,
               .k = k,
               .keep = MIN (n - 1, k + MAX (16, k / 4)),
               .index = index,
               .squared = squared};
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (Task));
  for (size_t c = 0; c < cells->cells; c++)
    tasks_of (cells->start[c], cells->start[c + 1] - cells->start[c], tasks);
  bool ok = choose_probes (&near, options->recall, options->seed, progress, error) &&
            run_tasks (&near, tasks, 0.1, progress, error);
  options->probes = near.probes;
  options->cells = cells->cells;
  if (ok)
    options->order = g_steal_pointer (&cells->row);
  tsr_cells_free (cells);
  return ok;
}

bool
tsr_knn_near (const float *x, size_t n, size_t d, size_t k, double recall, uint32_t *index,
              float *distance, const TsrProgress *progress, GError **error)
{
  TsrKnnNear near = {.recall = recall};
  float scale;
  if (recall >= 1)
    return tsr_knn (x, n, d, k, index, distance, progress, error);
  if (!tsr_vectors_check (x, n, d, error) ||
      !tsr_knn_near_scaled (x, n, d, k, &near, index, distance, &scale, progress, error))
    return false;
  g_free (near.order);
  for (size_t i = 0; i < n * k; i++)
    distance[i] = sqrtf (distance[i]) * scale;
  return true;
}
