#include "tsr-knn-cells.h"

#include "tsr-error.h"
#include "tsr-far-rows.h"
#include "tsr-i18n.h"
#include "tsr-parallel.h"
#include "tsr-random.h"
#include "tsr-simd.h"
#include "tsr-vectors.h"

#include <math.h>

#define SAMPLED 24        /* rows a cell that k-means looks at */
#define ROUNDS  5         /* of k-means; more no longer helps the search */
#define ROWS    224       /* a chunk of assigned rows; a multiple of the tiles' rows is best */
#define LARGEST 4         /* times the wanted size */
#define BLOCK   16        /* cells a chunk */
#define SLICE   (1 << 17) /* rows between two looks at the cancellable */

TSR_CLONES static void
subtract_mean (const float *x, float inverse, const double *mean, size_t d, float *out)
{
  for (size_t c = 0; c < d; c++)
    out[c] = (float)((double)(x[c] * inverse) - mean[c]);
}

void
tsr_cells_centre_row (const TsrCells *cells, size_t row, float *out)
{
  subtract_mean (cells->x + row * cells->d, cells->inverse, cells->mean, cells->d, out);
}

/* --- loops that can be cancelled --- */

/* Where a stage stands in the whole. */
typedef struct {
  double from, to; /* of 0..1 */
  const TsrProgress *progress;
} Stage;

typedef struct {
  TsrParallelBody body;
  void *data;
  size_t offset;
} Slice;

static void
run_slice (size_t begin, size_t end, unsigned worker, void *data)
{
  Slice *slice = data;
  slice->body (slice->offset + begin, slice->offset + end, worker, slice->data);
}

/* tsr_parallel_for slice by slice. */
static bool
for_slices (size_t n, size_t length, size_t grain, TsrParallelBody body, void *data, Stage stage,
            GError **error)
{
  Slice slice = {body, data, 0};
  for (; slice.offset < n; slice.offset += length) {
    tsr_parallel_for (MIN (length, n - slice.offset), grain, run_slice, &slice);
    double done = (double)MIN (slice.offset + length, n) / (double)n;
    if (!tsr_progress_step (stage.progress, stage.from + (stage.to - stage.from) * done,
                            TSR_STAGE ("Comparing tiles"), error))
      return false;
  }
  return true;
}

/* --- centres and what is nearest to them --- */

/* Rounds and packs the centres. */
static void
pack_centres (TsrCells *self)
{
  size_t nr = self->narrow.nr, words = self->words;
  self->centre_columns = (self->cells + TSR_NARROW_UNIT - 1) / TSR_NARROW_UNIT * TSR_NARROW_UNIT;
  g_free (self->centre_panels);
  g_free (self->centre_norm);
  self->centre_panels = g_new (uint32_t, self->centre_columns * words);
  self->centre_norm = g_new (float, self->centre_columns);
  g_autofree uint32_t *rounded = g_new (uint32_t, nr * words);
  for (size_t first = 0; first < self->centre_columns; first += nr) {
    size_t count = first < self->cells ? MIN (nr, self->cells - first) : 0;
    for (size_t r = 0; r < nr; r++)
      self->centre_norm[first + r] =
          r < count ? tsr_narrow_round (&self->narrow, self->centre + (first + r) * self->d,
                                        self->d, rounded + r * words)
                    : INFINITY;
    tsr_narrow_pack (rounded, count, words, nr, self->centre_panels + first * words);
  }
}

/* The column with the smallest norms[j] - 2 dots[j], the first of equal ones. */
TSR_CLONES static void
find_nearest (const float *norms, const float *dots, size_t columns, uint32_t first, float *least,
              uint32_t *nearest)
{
  float best[TSR_LANES];
  uint32_t at[TSR_LANES] = {0};
  for (int l = 0; l < TSR_LANES; l++)
    best[l] = INFINITY;
  for (uint32_t j = 0; j < columns; j += TSR_LANES)
    for (uint32_t l = 0; l < TSR_LANES; l++) {
      float value = norms[j + l] - 2 * dots[j + l];
      at[l] = value < best[l] ? j + l : at[l];
      best[l] = value < best[l] ? value : best[l];
    }
  for (uint32_t l = 0; l < TSR_LANES; l++)
    if (best[l] < *least || (best[l] == *least && first + at[l] < *nearest)) {
      *least = best[l];
      *nearest = first + at[l];
    }
}

typedef struct {
  TsrCells *cells;
  const float *rows; /* [n,d] centred, or NULL: the rows of x */
  uint32_t *nearest; /* [n] */
} Assignment;

static void
assign_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  Assignment *work = data;
  const TsrCells *self = work->cells;
  size_t mr = self->narrow.mr, nr = self->narrow.nr, words = self->words, d = self->d;
  size_t groups = (end - begin + mr - 1) / mr;
  g_autofree float *row = g_new (float, d), *dots = g_new (float, mr *TSR_NARROW_UNIT);
  g_autofree float *least = g_new (float, ROWS);
  g_autofree uint32_t *rounded = g_new (uint32_t, mr * words),
                      *left = g_new (uint32_t, groups * mr * words);
  for (size_t g = 0; g < groups; g++) {
    size_t first = begin + g * mr, count = MIN (mr, end - first);
    for (size_t r = 0; r < count; r++) {
      if (!work->rows)
        tsr_cells_centre_row (self, first + r, row);
      tsr_narrow_round (&self->narrow, work->rows ? work->rows + (first + r) * d : row, d,
                        rounded + r * words);
    }
    tsr_narrow_pack (rounded, count, words, mr, left + g * mr * words);
  }
  for (size_t r = begin; r < end; r++) {
    least[r - begin] = INFINITY;
    work->nearest[r] = UINT32_MAX;
  }
  for (size_t column = 0; column < self->centre_columns; column += TSR_NARROW_UNIT)
    for (size_t g = 0; g < groups; g++) {
      for (size_t c = 0; c < TSR_NARROW_UNIT; c += nr)
        tsr_narrow_product (&self->narrow, words, left + g * mr * words,
                            self->centre_panels + (column + c) * words, dots + c, TSR_NARROW_UNIT);
      for (size_t r = 0; r < mr && g * mr + r < end - begin; r++)
        find_nearest (self->centre_norm + column, dots + r * TSR_NARROW_UNIT, TSR_NARROW_UNIT,
                      (uint32_t)column, least + g * mr + r, work->nearest + begin + g * mr + r);
    }
}

/* Members by cell, each in ascending order: start [cells + 1], member [n]. */
static void
sort_by_cell (const uint32_t *cell, size_t n, size_t cells, uint32_t *start, uint32_t *member)
{
  memset (start, 0, (cells + 1) * sizeof *start);
  for (size_t i = 0; i < n; i++)
    start[cell[i] + 1]++;
  for (size_t c = 0; c < cells; c++)
    start[c + 1] += start[c];
  g_autofree uint32_t *next = g_memdup2 (start, (cells + 1) * sizeof *start);
  for (size_t i = 0; i < n; i++)
    member[next[cell[i]]++] = (uint32_t)i;
}

/* The mean of each cell's members; a cell without any keeps its centre. */
typedef struct {
  TsrCells *cells;
  const float *rows; /* [.,d] centred, or NULL: rows of x */
  const uint32_t *start, *member;
} Averaging;

TSR_CLONES static void
add_row (const float *row, size_t d, double *sum)
{
  for (size_t c = 0; c < d; c++)
    sum[c] += row[c];
}

static void
average_cells (size_t begin, size_t end, unsigned worker, void *data)
{
  Averaging *work = data;
  TsrCells *self = work->cells;
  size_t d = self->d;
  g_autofree double *sum = g_new (double, d);
  g_autofree float *row = g_new (float, d);
  for (size_t c = begin; c < end; c++) {
    uint32_t first = work->start[c], count = work->start[c + 1] - first;
    if (count == 0)
      continue;
    memset (sum, 0, d * sizeof *sum);
    for (uint32_t m = first; m < first + count; m++) {
      if (!work->rows)
        tsr_cells_centre_row (self, work->member[m], row);
      add_row (work->rows ? work->rows + (size_t)work->member[m] * d : row, d, sum);
    }
    for (size_t p = 0; p < d; p++)
      self->centre[c * d + p] = (float)(sum[p] / count);
  }
}

/* k-means on one row of each of `sampled` equal stretches. */
static bool
train_centres (TsrCells *self, size_t sampled, uint64_t seed, Stage whole, GError **error)
{
  size_t d = self->d;
  TsrRandom random;
  tsr_random_init (&random, seed, 0xce115);
  g_autofree float *rows = g_new (float, sampled *d);
  g_autofree uint32_t *order = g_new (uint32_t, sampled), *nearest = g_new (uint32_t, sampled),
                      *start = g_new (uint32_t, self->cells + 1),
                      *member = g_new (uint32_t, sampled);
  for (size_t s = 0; s < sampled; s++) {
    size_t from = self->n * s / sampled, to = self->n * (s + 1) / sampled;
    tsr_cells_centre_row (self, from + tsr_random_below (&random, (uint32_t)(to - from)),
                          rows + s * d);
    order[s] = (uint32_t)s;
  }
  tsr_random_shuffle (&random, order, sampled);
  for (size_t c = 0; c < self->cells; c++)
    memcpy (self->centre + c * d, rows + order[c] * d, d * sizeof *rows);
  for (int round = 0; round < ROUNDS; round++) {
    pack_centres (self);
    Assignment assignment = {self, rows, nearest};
    double part = (whole.to - whole.from) / ROUNDS, from = whole.from + part * round;
    Stage stage = {from, from + part, whole.progress};
    if (!for_slices (sampled, SLICE, ROWS, assign_chunk, &assignment, stage, error))
      return false;
    sort_by_cell (nearest, sampled, self->cells, start, member);
    Averaging averaging = {self, rows, start, member};
    tsr_parallel_for (self->cells, BLOCK, average_cells, &averaging);
  }
  pack_centres (self);
  return true;
}

/* --- cells that came out too large --- */

typedef struct {
  TsrCells *cells;
  size_t largest;
  uint32_t *member;
  GArray *ends; /* uint32_t: the end of each finished cell */
  Stage stage;
} Splitting;

TSR_CLONES static double
squared_between (const float *a, const float *b, size_t d)
{
  float lane[TSR_LANES] = {0}, rest = 0;
  size_t c = 0;
  for (; c + TSR_LANES <= d; c += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++)
      lane[l] += (a[c + l] - b[c + l]) * (a[c + l] - b[c + l]);
  for (; c < d; c++)
    rest += (a[c] - b[c]) * (a[c] - b[c]);
  double sum = rest;
  for (int l = 0; l < TSR_LANES; l++)
    sum += lane[l];
  return sum;
}

/* The member farthest from `from`; its place, and its distance. */
static uint32_t
farthest (const Splitting *work, uint32_t begin, uint32_t end, const float *from, float *row,
          double *distance)
{
  uint32_t found = begin;
  *distance = 0;
  for (uint32_t m = begin; m < end; m++) {
    tsr_cells_centre_row (work->cells, work->member[m], row);
    double squared = squared_between (row, from, work->cells->d);
    if (squared > *distance) {
      *distance = squared;
      found = m;
    }
  }
  return found;
}

/* Parts members [begin, end) by which of two far ones is nearer, in place and in order; where that
 * leaves almost all on one side, in the middle. Returns where the second part begins. */
static uint32_t
part (const Splitting *work, uint32_t begin, uint32_t end)
{
  size_t d = work->cells->d, count = end - begin;
  g_autofree float *row = g_new (float, d), *a = g_new (float, d), *b = g_new (float, d);
  double distance;
  tsr_cells_centre_row (work->cells, work->member[begin], row);
  memcpy (b, row, d * sizeof *b);
  uint32_t one = farthest (work, begin, end, b, row, &distance);
  if (distance == 0)
    return begin + (uint32_t)count / 2;
  tsr_cells_centre_row (work->cells, work->member[one], a);
  tsr_cells_centre_row (work->cells, work->member[farthest (work, begin, end, a, row, &distance)],
                        b);
  g_autofree uint32_t *second = g_new (uint32_t, count);
  uint32_t first_count = 0, second_count = 0;
  for (uint32_t m = begin; m < end; m++) {
    tsr_cells_centre_row (work->cells, work->member[m], row);
    if (squared_between (row, a, d) <= squared_between (row, b, d))
      work->member[begin + first_count++] = work->member[m];
    else
      second[second_count++] = work->member[m];
  }
  memcpy (work->member + begin + first_count, second, second_count * sizeof *second);
  if (MIN (first_count, second_count) < count / 16)
    return begin + (uint32_t)count / 2;
  return begin + first_count;
}

/* Depth is bounded by 2 log of count: a part has at most 15 / 16 of the whole. */
static bool
split (Splitting *work, uint32_t begin, uint32_t end, GError **error)
{
  if (begin == end)
    return true;
  if (end - begin <= work->largest) {
    g_array_append_val (work->ends, end);
    return true;
  }
  if (end - begin > SLICE && !tsr_progress_step (work->stage.progress, work->stage.from,
                                                 TSR_STAGE ("Comparing tiles"), error))
    return false;
  uint32_t middle = part (work, begin, end);
  return split (work, begin, middle, error) && split (work, middle, end, error);
}

/* Replaces the cells by their parts, none larger than `largest` and none empty. */
static bool
split_cells (TsrCells *self, size_t largest, Stage stage, GError **error)
{
  Splitting work = {self, largest, self->row, g_array_new (FALSE, FALSE, sizeof (uint32_t)), stage};
  bool ok = true;
  for (size_t c = 0; ok && c < self->cells; c++)
    ok = split (&work, self->start[c], self->start[c + 1], error);
  if (ok) {
    g_free (self->start);
    g_free (self->centre);
    self->cells = work.ends->len;
    self->start = g_new (uint32_t, self->cells + 1);
    self->start[0] = 0;
    memcpy (self->start + 1, work.ends->data, self->cells * sizeof *self->start);
    self->centre = g_new0 (float, self->cells * self->d);
  }
  g_array_unref (work.ends);
  return ok;
}

/* --- the layout for products --- */

static void
lay_out_cells (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrCells *self = data;
  size_t d = self->d, nr = self->narrow.nr, words = self->words;
  g_autofree float *row = g_new (float, d);
  g_autofree uint32_t *rounded = g_new (uint32_t, nr * words);
  for (size_t cell = begin; cell < end; cell++) {
    const float *centre = self->centre + cell * d;
    size_t count = self->start[cell + 1] - self->start[cell], column = self->column[cell];
    for (size_t first = 0; column + first < self->column[cell + 1]; first += nr) {
      size_t filled = first < count ? MIN (nr, count - first) : 0;
      for (size_t r = 0; r < nr; r++) {
        self->norm[column + first + r] = INFINITY;
        if (r >= filled)
          continue;
        tsr_cells_centre_row (self, self->row[self->start[cell] + first + r], row);
        for (size_t c = 0; c < d; c++)
          row[c] -= centre[c];
        self->norm[column + first + r] =
            tsr_narrow_round (&self->narrow, row, d, rounded + r * words);
      }
      tsr_narrow_pack (rounded, filled, words, nr, self->panels + (column + first) * words);
    }
  }
}

static bool
lay_out (TsrCells *self, Stage stage, GError **error)
{
  self->column = g_new (size_t, self->cells + 1);
  self->column[0] = 0;
  for (size_t c = 0; c < self->cells; c++)
    self->column[c + 1] =
        self->column[c] + (self->start[c + 1] - self->start[c] + TSR_NARROW_UNIT - 1) /
                              TSR_NARROW_UNIT * TSR_NARROW_UNIT;
  size_t columns = self->column[self->cells];
  self->panels = g_try_new (uint32_t, columns * self->words);
  self->norm = g_new (float, columns);
  if (!self->panels) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("There is not enough memory to compare %zu vectors. Close other programs or use "
           "fewer tiles."),
        self->n);
    return false;
  }
  return for_slices (self->cells, 16 * BLOCK, BLOCK, lay_out_cells, self, stage, error);
}

/* The mean of all rows but the far ones. */
static void
find_mean (TsrCells *self, float scale, const GArray *far)
{
  double n = (double)self->n, rest = (double)(self->n - far->len);
  self->mean = g_new (double, self->d);
  tsr_vectors_mean (self->x, self->n, self->d, scale, self->mean);
  for (size_t c = 0; c < self->d && far->len > 0; c++) {
    double sum = self->mean[c] * n;
    for (guint f = 0; f < far->len; f++)
      sum -= self->x[g_array_index (far, uint32_t, f) * self->d + c] * self->inverse;
    self->mean[c] = sum / rest;
  }
}

/* Gives every row to its nearest centre, and each far one a cell of its own: in another it would
 * hide what lies between the others. Fills row and start. */
static bool
assign_rows (TsrCells *self, const GArray *far, Stage stage, GError **error)
{
  g_autofree uint32_t *nearest = g_new (uint32_t, self->n);
  Assignment assignment = {self, NULL, nearest};
  if (!for_slices (self->n, SLICE, ROWS, assign_chunk, &assignment, stage, error))
    return false;
  self->row = g_new (uint32_t, self->n);
  for (guint f = 0; f < far->len; f++)
    nearest[g_array_index (far, uint32_t, f)] = (uint32_t)self->cells + f;
  self->cells += far->len; /* splitting gives them centres */
  self->start = g_new (uint32_t, self->cells + 1);
  sort_by_cell (nearest, self->n, self->cells, self->start, self->row);
  return true;
}

TsrCells *
tsr_cells_new (const float *x, size_t n, size_t d, float scale, size_t size, bool plain,
               uint64_t seed, const TsrProgress *progress, GError **error)
{
  TsrCells *self = g_new0 (TsrCells, 1);
  *self = (TsrCells){.x = x, .n = n, .d = d, .inverse = 1 / scale, .narrow = tsr_narrow (plain)};
  self->words = tsr_narrow_words (&self->narrow, d);
  g_autoptr (GArray) far = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  tsr_far_rows (x, n, d, self->inverse, far);
  find_mean (self, scale, far);
  self->cells = MAX (1, n / size);
  self->centre = g_new (float, self->cells *d);
  Stage train = {0, 0.3, progress}, assign = {0.3, 0.9, progress}, divide = {0.9, 0.9, progress},
        average = {0.9, 0.95, progress}, arrange = {0.95, 1, progress};
  bool ok = train_centres (self, MIN (n, SAMPLED * self->cells), seed, train, error) &&
            assign_rows (self, far, assign, error) &&
            split_cells (self, LARGEST * size, divide, error);
  if (ok) {
    Averaging averaging = {self, NULL, self->start, self->row};
    ok = for_slices (self->cells, 16 * BLOCK, BLOCK, average_cells, &averaging, average, error);
  }
  if (ok) {
    pack_centres (self);
    ok = lay_out (self, arrange, error);
  }
  if (!ok)
    g_clear_pointer (&self, tsr_cells_free);
  return self;
}

void
tsr_cells_free (TsrCells *self)
{
  if (!self)
    return;
  g_free (self->mean);
  g_free (self->row);
  g_free (self->start);
  g_free (self->column);
  g_free (self->centre);
  g_free (self->panels);
  g_free (self->norm);
  g_free (self->centre_panels);
  g_free (self->centre_norm);
  g_free (self);
}
