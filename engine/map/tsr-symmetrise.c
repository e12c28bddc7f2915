#include "tsr-symmetrise.h"

#include "tsr-parallel.h"

#include <stdlib.h>

#define SLICE (1 << 16) /* rows between two looks at the cancellable */

typedef struct {
  uint32_t column;
  float value;
} Entry;

typedef struct {
  uint32_t *index; /* [n,k] */
  float *value;
  size_t n, k;
  TsrSymmetry how;
  TsrAffinities *p;
  const uint64_t *incoming; /* [n+1] transposed lists */
  const uint32_t *source;
  const float *source_value;
  size_t offset; /* of the slice of rows in progress */
} Work;

static int
compare_entries (const void *a, const void *b)
{
  uint32_t p = ((const Entry *)a)->column, q = ((const Entry *)b)->column;
  return (p > q) - (p < q);
}

static void
sort_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  size_t k = work->k;
  g_autofree Entry *entry = g_new (Entry, k);
  for (size_t i = work->offset + begin; i < work->offset + end; i++) {
    for (size_t j = 0; j < k; j++)
      entry[j] = (Entry){work->index[i * k + j], work->value[i * k + j]};
    qsort (entry, k, sizeof *entry, compare_entries);
    for (size_t j = 0; j < k; j++) {
      work->index[i * k + j] = entry[j].column;
      work->value[i * k + j] = entry[j].value;
    }
  }
}

static float
join (const Work *work, double a, double b)
{
  return (float)(work->how == TSR_SYMMETRY_UNION ? a + b - a * b
                                                 : (a + b) * (1 / (2.0 * (double)work->n)));
}

/* Merges row i's own list with the incoming one, both sorted. Without `write` only counts. */
static size_t
merge_row (const Work *work, size_t i, bool write)
{
  size_t k = work->k, a = 0, count = 0;
  const uint32_t *own = work->index + i * k;
  uint64_t b = work->incoming[i], b_end = work->incoming[i + 1], at = work->p->row[i];
  for (; a < k || b < b_end; count++) {
    uint32_t left = a < k ? own[a] : UINT32_MAX, right = b < b_end ? work->source[b] : UINT32_MAX;
    uint32_t column = MIN (left, right);
    double said = 0, heard = 0;
    if (left == column)
      said = work->value[i * k + a++];
    if (right == column)
      heard = work->source_value[b++];
    if (write) {
      work->p->column[at + count] = column;
      work->p->value[at + count] = join (work, said, heard);
    }
  }
  return count;
}

static void
count_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  for (size_t i = work->offset + begin; i < work->offset + end; i++)
    work->p->row[i + 1] = merge_row (work, i, false);
}

static void
fill_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  Work *work = data;
  for (size_t i = work->offset + begin; i < work->offset + end; i++)
    merge_row (work, i, true);
}

/* Runs body over all rows, slice by slice. */
static bool
for_rows (Work *work, TsrParallelBody body, const TsrProgress *progress, GError **error)
{
  for (work->offset = 0; work->offset < work->n; work->offset += SLICE) {
    tsr_parallel_for (MIN (SLICE, work->n - work->offset), 64, body, work);
    if (!tsr_progress_step (progress, 0.99, TSR_STAGE ("Comparing tiles"), error))
      return false;
  }
  return true;
}

/* The neighbour lists transposed, by counting: for every row who has it in its list, sorted. */
static bool
transpose_lists (Work *work, uint64_t *incoming, uint32_t *source, float *source_value,
                 const TsrProgress *progress, GError **error)
{
  size_t n = work->n, k = work->k;
  for (size_t t = 0; t < n * k; t++)
    incoming[work->index[t] + 1]++;
  for (size_t i = 0; i < n; i++)
    incoming[i + 1] += incoming[i];
  g_autofree uint64_t *next = g_memdup2 (incoming, n * sizeof *next);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < k; j++) {
      uint64_t at = next[work->index[i * k + j]]++;
      source[at] = (uint32_t)i;
      source_value[at] = work->value[i * k + j];
    }
    if (i % SLICE == 0 && !tsr_progress_step (progress, 0.99, TSR_STAGE ("Comparing tiles"), error))
      return false;
  }
  work->incoming = incoming;
  work->source = source;
  work->source_value = source_value;
  return true;
}

bool
tsr_symmetrise (uint32_t *index, float *value, size_t n, size_t k, TsrSymmetry how,
                TsrAffinities *p, const TsrProgress *progress, GError **error)
{
  size_t total = n * k;
  g_autofree uint64_t *incoming = g_new0 (uint64_t, n + 1);
  g_autofree uint32_t *source = g_new (uint32_t, total);
  g_autofree float *source_value = g_new (float, total);
  Work work = {.index = index, .value = value, .n = n, .k = k, .how = how, .p = p};
  if (!for_rows (&work, sort_rows, progress, error) ||
      !transpose_lists (&work, incoming, source, source_value, progress, error))
    return false;
  p->row[0] = 0;
  if (!for_rows (&work, count_rows, progress, error))
    return false;
  for (size_t i = 0; i < n; i++)
    p->row[i + 1] += p->row[i];
  p->nnz = p->row[n];
  p->column = g_new (uint32_t, p->nnz);
  p->value = g_new (float, p->nnz);
  return for_rows (&work, fill_rows, progress, error);
}
