#include "tsr-map-optimiser.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-map-launch.h"
#include "tsr-map-repulsion.h"

#include <math.h>

#define LANES 16 /* of a row of attractions, as in map_attract.cl */
#define ROWS  (TSR_MAP_GROUP / LANES)

struct TsrMapOptimiser {
  TsrDevice *device;
  size_t n, groups, log_groups;
  TsrMapRepulsion *repulsion;
  TsrBuffer *row, *column, *value; /* of the affinities */
  TsrBuffer *y, *velocity, *gain, *attract, *repel;
  TsrBuffer *z_part, *logs; /* [groups], [log_groups] */
  TsrBuffer *z;             /* [1] */
  TsrBuffer *part;          /* [groups][8]: what map_move says of its groups */
  TsrBuffer *middle;        /* [6]: what map_bounds makes of it */
  float bounds[4];          /* of y */
  cl_kernel attract_kernel, logs_kernel, sum_kernel, move_kernel, bounds_kernel, centre_kernel;
};

static bool
get_kernels (TsrMapOptimiser *self, GError **error)
{
  TsrDevice *device = self->device;
  return (self->attract_kernel = tsr_map_kernel (device, "map_attract", NULL, error)) &&
         (self->logs_kernel = tsr_map_kernel (device, "map_attract", "LOGS 1", error)) &&
         (self->sum_kernel = tsr_map_kernel (device, "sum_all", NULL, error)) &&
         (self->move_kernel = tsr_map_kernel (device, "map_move", NULL, error)) &&
         (self->bounds_kernel = tsr_map_kernel (device, "map_bounds", NULL, error)) &&
         (self->centre_kernel = tsr_map_kernel (device, "map_centre", NULL, error));
}

static TsrBuffer *
buffer_of (TsrDevice *device, const void *data, size_t bytes, GError **error)
{
  TsrBuffer *buffer = tsr_buffer_new (device, MAX (bytes, 4), error);
  if (buffer && tsr_buffer_write (buffer, 0, data, bytes, error))
    return buffer;
  tsr_buffer_free (buffer);
  return NULL;
}

static bool
write_affinities (TsrMapOptimiser *self, const TsrAttraction *attraction, GError **error)
{
  const uint64_t *row;
  const uint32_t *column;
  const float *value;
  size_t n = self->n = tsr_attraction_rows (attraction, &row, &column, &value);
  if (n > G_MAXINT32 / 2 || row[n] > G_MAXUINT32) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MEMORY,
                 _ ("A map of %zu tiles is too large for the device."), n);
    return false;
  }
  g_autofree cl_uint *row32 = g_new (cl_uint, n + 1);
  for (size_t i = 0; i <= n; i++)
    row32[i] = (cl_uint)row[i];
  size_t total = row[n] * LANES;
  return (self->row = buffer_of (self->device, row32, (n + 1) * sizeof *row32, error)) &&
         (self->column = buffer_of (self->device, column, total * sizeof *column, error)) &&
         (self->value = buffer_of (self->device, value, total * sizeof *value, error));
}

static void
bound (TsrMapOptimiser *self, const float *y)
{
  for (int a = 0; a < 2; a++) {
    float least = INFINITY, largest = -INFINITY;
    for (size_t i = 0; i < self->n; i++) {
      least = fminf (least, y[2 * i + a]);
      largest = fmaxf (largest, y[2 * i + a]);
    }
    self->bounds[2 * a] = least;
    self->bounds[2 * a + 1] = largest;
  }
}

static bool
make_buffers (TsrMapOptimiser *self, const float *y, GError **error)
{
  TsrDevice *device = self->device;
  size_t bytes = 2 * self->n * sizeof *y;
  const cl_float one = 1;
  cl_uint bits;
  memcpy (&bits, &one, sizeof bits);
  self->groups = tsr_map_groups (self->n);
  self->log_groups = (self->n + ROWS - 1) / ROWS;
  return (self->y = buffer_of (device, y, bytes, error)) &&
         (self->velocity = tsr_buffer_new (device, bytes, error)) &&
         (self->gain = tsr_buffer_new (device, bytes, error)) &&
         tsr_buffer_fill (self->gain, bits, error) &&
         (self->attract = tsr_buffer_new (device, bytes, error)) &&
         (self->repel = tsr_buffer_new (device, bytes, error)) &&
         (self->z_part = tsr_buffer_new (device, self->groups * sizeof (float), error)) &&
         (self->logs = tsr_buffer_new (device, self->log_groups * sizeof (float), error)) &&
         (self->z = tsr_buffer_new (device, sizeof (float), error)) &&
         (self->part = tsr_buffer_new (device, self->groups * 8 * sizeof (float), error)) &&
         (self->middle = tsr_buffer_new (device, 6 * sizeof (float), error)) &&
         (self->repulsion = tsr_map_repulsion_new (device, self->n, 0, error));
}

TsrMapOptimiser *
tsr_map_optimiser_new (TsrDevice *device, const TsrAttraction *attraction, const float *y,
                       GError **error)
{
  TsrMapOptimiser *self = g_new0 (TsrMapOptimiser, 1);
  self->device = device;
  if (get_kernels (self, error) && write_affinities (self, attraction, error) &&
      make_buffers (self, y, error)) {
    bound (self, y);
    return self;
  }
  tsr_map_optimiser_free (self);
  return NULL;
}

void
tsr_map_optimiser_free (TsrMapOptimiser *self)
{
  if (!self)
    return;
  TsrBuffer *buffers[] = {self->row,  self->column,  self->value, self->y,      self->velocity,
                          self->gain, self->attract, self->repel, self->z_part, self->logs,
                          self->z,    self->part,    self->middle};
  for (unsigned b = 0; b < G_N_ELEMENTS (buffers); b++)
    tsr_buffer_free (buffers[b]);
  tsr_map_repulsion_free (self->repulsion);
  g_free (self);
}

static bool
attract (TsrMapOptimiser *self, bool with_logs, GError **error)
{
  cl_int n = (cl_int)self->n;
  TsrArg args[7];
  unsigned n_args = 0;
  args[n_args++] = TSR_ARG_BUFFER (self->attract);
  if (with_logs)
    args[n_args++] = TSR_ARG_BUFFER (self->logs);
  args[n_args++] = TSR_ARG_BUFFER (self->row);
  args[n_args++] = TSR_ARG_BUFFER (self->column);
  args[n_args++] = TSR_ARG_BUFFER (self->value);
  args[n_args++] = TSR_ARG_BUFFER (self->y);
  args[n_args++] = TSR_ARG (n);
  return tsr_map_launch_flat (self->device, with_logs ? self->logs_kernel : self->attract_kernel,
                              self->n * LANES, args, n_args, error);
}

/* The sum of a buffer's floats. */
static bool
read_sum (TsrBuffer *buffer, size_t count, double *sum, GError **error)
{
  g_autofree float *part = g_new (float, count);
  if (!tsr_buffer_read (buffer, 0, part, count * sizeof *part, error))
    return false;
  *sum = 0;
  for (size_t k = 0; k < count; k++)
    *sum += part[k];
  return true;
}

bool
tsr_map_optimiser_forces (TsrMapOptimiser *self, TsrMapSums *sums, GError **error)
{
  cl_int groups = (cl_int)self->groups;
  TsrArg args[] = {TSR_ARG_BUFFER (self->z), TSR_ARG_BUFFER (self->z_part), TSR_ARG (groups)};
  if (!attract (self, sums != NULL, error) ||
      !tsr_map_repulsion_run (self->repulsion, self->y, self->bounds, self->repel, self->z_part,
                              error) ||
      !tsr_map_launch_flat (self->device, self->sum_kernel, 1, args, G_N_ELEMENTS (args), error))
    return false;
  return !sums || (read_sum (self->logs, self->log_groups, &sums->log_sum, error) &&
                   read_sum (self->z_part, self->groups, &sums->z, error));
}

bool
tsr_map_optimiser_move (TsrMapOptimiser *self, const TsrMapMove *move, GError **error)
{
  cl_int n = (cl_int)self->n, groups = (cl_int)self->groups;
  cl_float exaggeration = move->exaggeration, momentum = move->momentum, rate = move->rate,
           longest = move->longest, count = (float)self->n, middle[6];
  TsrArg step[] = {TSR_ARG_BUFFER (self->y),
                   TSR_ARG_BUFFER (self->velocity),
                   TSR_ARG_BUFFER (self->gain),
                   TSR_ARG_BUFFER (self->part),
                   TSR_ARG_BUFFER (self->attract),
                   TSR_ARG_BUFFER (self->repel),
                   TSR_ARG_BUFFER (self->z),
                   TSR_ARG (n),
                   TSR_ARG (exaggeration),
                   TSR_ARG (momentum),
                   TSR_ARG (rate),
                   TSR_ARG (longest)};
  TsrArg bounds[] = {TSR_ARG_BUFFER (self->middle), TSR_ARG_BUFFER (self->part), TSR_ARG (groups),
                     TSR_ARG (count)};
  TsrArg centre[] = {TSR_ARG_BUFFER (self->y), TSR_ARG_BUFFER (self->middle), TSR_ARG (n)};
  TsrDevice *device = self->device;
  /* the one read of an iteration: the next grid's place */
  if (!tsr_map_launch_flat (device, self->move_kernel, self->n, step, G_N_ELEMENTS (step), error) ||
      !tsr_map_launch_flat (device, self->bounds_kernel, 1, bounds, G_N_ELEMENTS (bounds), error) ||
      !tsr_map_launch_flat (device, self->centre_kernel, self->n, centre, G_N_ELEMENTS (centre),
                            error) ||
      !tsr_buffer_read (self->middle, 0, middle, sizeof middle, error))
    return false;
  memcpy (self->bounds, middle + 2, sizeof self->bounds);
  for (int b = 0; b < 4; b++)
    if (!isfinite (self->bounds[b])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
                   _ ("The device computed places that are not finite numbers."));
      return false;
    }
  return true;
}

bool
tsr_map_optimiser_layout (TsrMapOptimiser *self, float *y, GError **error)
{
  return tsr_buffer_read (self->y, 0, y, 2 * self->n * sizeof *y, error);
}

bool
tsr_map_optimiser_read_forces (TsrMapOptimiser *self, float *attract, float *repel, GError **error)
{
  size_t bytes = 2 * self->n * sizeof *attract;
  return tsr_buffer_read (self->attract, 0, attract, bytes, error) &&
         tsr_buffer_read (self->repel, 0, repel, bytes, error);
}
