#include "tsr-map-neighbours.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-map-launch.h"
#include "tsr-nearest.h"
#include "tsr-parallel.h"
#include "tsr-provider.h"
#include "tsr-vectors.h"

#include <math.h>

#define ROWS  1024 /* of a block, for which the lists are kept */
#define STEP  1024 /* columns of a block are a multiple of it */
#define LANES 16   /* of a row, as in nearest_centre.cl */

/* Work-items of a group add so many at a time to a list that is sorted in local memory, of which
 * there must be some. */
#define LEAST_SORT 512
#define MOST_SORT  2048

typedef struct {
  TsrDevice *device;
  size_t n, d, k, keep, sort;
  size_t blocks, columns; /* all rows as so many blocks of so many; the last are padded */
  float inverse;
  TsrProvider *provider;
  TsrOp *product;
  TsrBuffer *x;                /* [n][d], as they are */
  TsrBuffer *mean;             /* [2][d]: of x / scale, as two floats each */
  TsrBuffer **centred, **norm; /* [blocks] of [columns][d], [columns] */
  TsrBuffer *rows, *row_norm;  /* [ROWS][d], [ROWS] */
  TsrBuffer *dots, *scratch;   /* [ROWS][columns] */
  TsrBuffer *best;             /* [ROWS][keep] */
  TsrBuffer *index, *squared;  /* [ROWS][k] */
  TsrBuffer *cut;              /* [ROWS]: where what was not ranked begins, by products */
  float *cuts, *norms;         /* [ROWS]: cut and row_norm, read */
  cl_kernel centre_kernel, keep_kernel, rank_kernel;
} Search;

static void
clear_search (Search *self)
{
  tsr_op_free (self->product);
  tsr_provider_free (self->provider);
  for (size_t b = 0; b < self->blocks; b++) {
    tsr_buffer_free (self->centred[b]);
    tsr_buffer_free (self->norm[b]);
  }
  TsrBuffer *buffers[] = {self->x,       self->mean, self->rows,  self->row_norm, self->dots,
                          self->scratch, self->best, self->index, self->squared,  self->cut};
  for (unsigned b = 0; b < G_N_ELEMENTS (buffers); b++)
    tsr_buffer_free (buffers[b]);
  g_free (self->centred);
  g_free (self->norm);
  g_free (self->cuts);
  g_free (self->norms);
}

static bool
get_kernels (Search *self, GError **error)
{
  g_autofree char *defines = g_strdup_printf ("SORT %zu\n", self->sort);
  return (self->centre_kernel = tsr_map_kernel (self->device, "nearest_centre", NULL, error)) &&
         (self->keep_kernel = tsr_map_kernel (self->device, "nearest_keep", defines, error)) &&
         (self->rank_kernel = tsr_map_kernel (self->device, "nearest_rank", defines, error));
}

static bool
plan (Search *self, size_t block, GError **error)
{
  size_t bytes =
      block ? block : MIN ((size_t)256 << 20, tsr_device_info (self->device)->memory / 8);
  size_t most = MAX (STEP, bytes / (ROWS * sizeof (float)) / STEP * STEP);
  self->blocks = (self->n + most - 1) / most;
  self->columns = ((self->n + self->blocks - 1) / self->blocks + STEP - 1) / STEP * STEP;
  self->blocks = (self->n + self->columns - 1) / self->columns;
  self->centred = g_new0 (TsrBuffer *, self->blocks);
  self->norm = g_new0 (TsrBuffer *, self->blocks);
  self->cuts = g_new (float, ROWS);
  self->norms = g_new (float, ROWS);
  for (self->sort = LEAST_SORT; self->sort < self->keep + 2 * TSR_MAP_GROUP;)
    self->sort *= 2;
  if (self->sort > MOST_SORT || self->d > G_MAXINT32 || self->n > G_MAXINT32) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MEMORY,
                 _ ("The device cannot look for %zu neighbours of each tile at a time."), self->k);
    return false;
  }
  self->provider = tsr_provider_new (self->device, TSR_PROVIDER_AUTO, error);
  if (!self->provider)
    return false;
  self->product = tsr_provider_matmul (self->provider, ROWS, (int)self->columns, (int)self->d,
                                       false, true, TSR_F32, error);
  return self->product && get_kernels (self, error);
}

static bool
make_buffers (Search *self, GError **error)
{
  TsrDevice *device = self->device;
  size_t row = self->d * sizeof (float), scratch = tsr_op_scratch (self->product);
  for (size_t b = 0; b < self->blocks; b++)
    if (!(self->centred[b] = tsr_buffer_new (device, self->columns * row, error)) ||
        !(self->norm[b] = tsr_buffer_new (device, self->columns * sizeof (float), error)))
      return false;
  return (self->x = tsr_buffer_new (device, self->n * row, error)) &&
         (self->mean = tsr_buffer_new (device, 2 * row, error)) &&
         (self->rows = tsr_buffer_new (device, ROWS * row, error)) &&
         (self->row_norm = tsr_buffer_new (device, ROWS * sizeof (float), error)) &&
         (self->dots = tsr_buffer_new (device, ROWS * self->columns * sizeof (float), error)) &&
         (!scratch || (self->scratch = tsr_buffer_new (device, scratch, error))) &&
         (self->best = tsr_buffer_new (device, ROWS * self->keep * sizeof (cl_ulong), error)) &&
         (self->index = tsr_buffer_new (device, ROWS * self->k * sizeof (cl_uint), error)) &&
         (self->squared = tsr_buffer_new (device, ROWS * self->k * sizeof (float), error)) &&
         (self->cut = tsr_buffer_new (device, ROWS * sizeof (float), error));
}

/* Rows from `first` on, centred, into out. */
static bool
centre (Search *self, TsrBuffer *out, TsrBuffer *norm, size_t first, size_t rows, GError **error)
{
  cl_int n = (cl_int)self->n, d = (cl_int)self->d, from = (cl_int)first, count = (cl_int)rows;
  cl_float inverse = self->inverse;
  TsrArg args[] = {TSR_ARG_BUFFER (out),
                   TSR_ARG_BUFFER (norm),
                   TSR_ARG_BUFFER (self->x),
                   TSR_ARG_BUFFER (self->mean),
                   TSR_ARG (n),
                   TSR_ARG (d),
                   TSR_ARG (from),
                   TSR_ARG (count),
                   TSR_ARG (inverse)};
  return tsr_map_launch (self->device, self->centre_kernel, LANES, rows, LANES,
                         TSR_MAP_GROUP / LANES, args, G_N_ELEMENTS (args), error);
}

static bool
write_vectors (Search *self, const float *x, GError **error)
{
  float scale = tsr_vectors_scale (x, self->n, self->d);
  g_autofree double *mean = g_new (double, self->d);
  g_autofree float *parts = g_new (float, 2 * self->d);
  tsr_vectors_mean (x, self->n, self->d, scale, mean);
  for (size_t c = 0; c < self->d; c++) {
    parts[c] = (float)mean[c];
    parts[self->d + c] = (float)(mean[c] - (double)parts[c]);
  }
  self->inverse = 1 / scale;
  if (!tsr_buffer_write (self->x, 0, x, self->n * self->d * sizeof *x, error) ||
      !tsr_buffer_write (self->mean, 0, parts, 2 * self->d * sizeof *parts, error))
    return false;
  for (size_t b = 0; b < self->blocks; b++)
    if (!centre (self, self->centred[b], self->norm[b], b * self->columns, self->columns, error))
      return false;
  return true;
}

/* The neighbours of rows [first, first + ROWS), of which `rows` there are. */
static bool
search_block (Search *self, size_t first, size_t rows, uint32_t *index, float *squared,
              GError **error)
{
  cl_int n = (cl_int)self->n, d = (cl_int)self->d, k = (cl_int)self->k, keep = (cl_int)self->keep,
         first_row = (cl_int)first, columns = (cl_int)self->columns;
  cl_float inverse = self->inverse;
  if (!centre (self, self->rows, self->row_norm, first, ROWS, error) ||
      !tsr_buffer_fill (self->best, G_MAXUINT32, error))
    return false;
  for (size_t b = 0; b < self->blocks; b++) {
    cl_int first_column = (cl_int)(b * self->columns);
    TsrArg args[] = {TSR_ARG_BUFFER (self->best),
                     TSR_ARG_BUFFER (self->dots),
                     TSR_ARG_BUFFER (self->row_norm),
                     TSR_ARG_BUFFER (self->norm[b]),
                     TSR_ARG (n),
                     TSR_ARG (keep),
                     TSR_ARG (first_row),
                     TSR_ARG (first_column),
                     TSR_ARG (columns)};
    if (!tsr_op_enqueue (self->product, self->rows, self->centred[b], self->dots, self->scratch,
                         error) ||
        !tsr_map_launch_flat (self->device, self->keep_kernel, rows * TSR_MAP_GROUP, args,
                              G_N_ELEMENTS (args), error))
      return false;
  }
  TsrArg args[] = {TSR_ARG_BUFFER (self->index),
                   TSR_ARG_BUFFER (self->squared),
                   TSR_ARG_BUFFER (self->cut),
                   TSR_ARG_BUFFER (self->best),
                   TSR_ARG_BUFFER (self->x),
                   TSR_ARG (n),
                   TSR_ARG (d),
                   TSR_ARG (keep),
                   TSR_ARG (k),
                   TSR_ARG (first_row),
                   TSR_ARG (inverse)};
  return tsr_map_launch_flat (self->device, self->rank_kernel, rows * TSR_MAP_GROUP, args,
                              G_N_ELEMENTS (args), error) &&
         tsr_buffer_read (self->index, 0, index, rows * self->k * sizeof *index, error) &&
         tsr_buffer_read (self->squared, 0, squared, rows * self->k * sizeof *squared, error) &&
         tsr_buffer_read (self->cut, 0, self->cuts, rows * sizeof *self->cuts, error) &&
         tsr_buffer_read (self->row_norm, 0, self->norms, rows * sizeof *self->norms, error);
}

/* Whether rows [first, first + rows) have neighbours at all: what a driver gets wrong must not lead
 * anybody beyond an array. */
static bool
check_block (const Search *self, size_t first, size_t rows, const uint32_t *index,
             const float *squared, GError **error)
{
  for (size_t at = 0; at < rows * self->k; at++)
    if (index[at] >= self->n || index[at] == first + at / self->k || !(squared[at] >= 0)) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE, _ ("“%s” found neighbours that cannot be."),
                   tsr_device_info (self->device)->name);
      return false;
    }
  return true;
}

/* A block's rows whose neighbours the processors have to find. */
typedef struct {
  const Search *search;
  const float *x;
  size_t first;
  uint32_t *index;
  float *squared;
} Unsure;

static void
settle_rows (size_t begin, size_t end, unsigned worker, void *data)
{
  const Unsure *unsure = data;
  const Search *self = unsure->search;
  for (size_t r = begin; r < end; r++) {
    uint32_t *index = unsure->index + r * self->k;
    float *squared = unsure->squared + r * self->k;
    float cut = self->keep + 1 < self->n ? self->cuts[r] : INFINITY;
    if (!tsr_nearest_is_sure (cut, squared[self->k - 1], self->norms[r], self->d))
      tsr_nearest_of_all (unsure->x, self->n, self->d, self->inverse, unsure->first + r, self->k,
                          index, squared);
  }
}

bool
tsr_map_neighbours (TsrDevice *device, const float *x, size_t n, size_t d, size_t k, size_t block,
                    uint32_t *index, float *squared, const TsrProgress *progress, GError **error)
{
  g_return_val_if_fail (k >= 1 && k < n, false);
  Search search = {
      .device = device, .n = n, .d = d, .k = k, .keep = MIN (n - 1, k + MAX (16, k / 4))};
  bool ok = plan (&search, block, error) && make_buffers (&search, error) &&
            write_vectors (&search, x, error);
  for (size_t first = 0; ok && first < n; first += ROWS) {
    size_t rows = MIN (ROWS, n - first);
    ok = search_block (&search, first, rows, index + first * k, squared + first * k, error) &&
         check_block (&search, first, rows, index + first * k, squared + first * k, error);
    Unsure unsure = {&search, x, first, index + first * k, squared + first * k};
    if (ok)
      tsr_parallel_for (rows, 16, settle_rows, &unsure);
    ok = ok && tsr_progress_step (progress, (double)(first + rows) / (double)n,
                                  TSR_STAGE ("Comparing tiles"), error);
  }
  clear_search (&search);
  return ok;
}
