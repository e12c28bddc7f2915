#include "tsr-map-repulsion.h"

#include "tsr-map-fft.h"
#include "tsr-map-launch.h"
#include "tsr-repulsion-place.h"

#include <math.h>

struct TsrMapRepulsion {
  TsrDevice *device;
  size_t n;
  double fixed_step;
  float unit; /* a charge of 1 in fixed point */
  cl_kernel spread, interpolate;
  TsrRepulsionPlace place;
  TsrMapFft *fft[2];
  TsrBuffer *charge;    /* [nodes y][nodes x], 64-bit */
  TsrBuffer *potential; /* the same in floats */
  TsrBuffer *kernel;    /* [nodes y + 1][2 nodes x] */
  TsrBuffer *work[2];   /* the same, complex, or 2 nodes y times nodes x + 1 */
};

TsrMapRepulsion *
tsr_map_repulsion_new (TsrDevice *device, size_t n, double step, GError **error)
{
  TsrMapRepulsion *self = g_new0 (TsrMapRepulsion, 1);
  self->device = device;
  self->n = n;
  self->fixed_step = step;
  /* all points on one node must not overflow; 40 bits are more than a weight has */
  int bits = 0;
  while (((size_t)1 << bits) < n)
    bits++;
  self->unit = ldexpf (1, MIN (40, 62 - bits));
  if ((self->spread = tsr_map_kernel (device, "map_spread", NULL, error)) &&
      (self->interpolate = tsr_map_kernel (device, "map_interpolate", NULL, error)))
    return self;
  tsr_map_repulsion_free (self);
  return NULL;
}

static void
free_grid (TsrMapRepulsion *self)
{
  for (int a = 0; a < 2; a++) {
    g_clear_pointer (&self->fft[a], tsr_map_fft_free);
    g_clear_pointer (&self->work[a], tsr_buffer_free);
  }
  g_clear_pointer (&self->charge, tsr_buffer_free);
  g_clear_pointer (&self->potential, tsr_buffer_free);
  g_clear_pointer (&self->kernel, tsr_buffer_free);
}

void
tsr_map_repulsion_free (TsrMapRepulsion *self)
{
  if (!self)
    return;
  free_grid (self);
  g_free (self);
}

/* What the splines, one for the charges and one for the potentials, and the transform's length take
 * from a frequency along an axis. */
static TsrBuffer *
filter_new (TsrDevice *device, size_t count, size_t length, GError **error)
{
  g_autofree float *factor = g_new (float, count);
  for (size_t k = 0; k < count; k++) {
    double spline = tsr_repulsion_spline (k, length);
    factor[k] = (float)(1 / (spline * spline * (double)length));
  }
  TsrBuffer *buffer = tsr_buffer_new (device, count * sizeof *factor, error);
  if (buffer && tsr_buffer_write (buffer, 0, factor, count * sizeof *factor, error))
    return buffer;
  tsr_buffer_free (buffer);
  return NULL;
}

/* As tsr_repulsion_kernel_new, row by row: sampled, transformed along columns and rows, filtered.
 */
static bool
make_kernel (TsrMapRepulsion *self, TsrBuffer *by_column, TsrBuffer *by_row, GError **error)
{
  size_t x = self->place.nodes[0], y = self->place.nodes[1];
  cl_int width = (cl_int)x, height = (cl_int)y, columns = 2 * width, rows = height + 1;
  cl_float step = (float)self->place.step;
  cl_kernel sample = tsr_map_kernel (self->device, "kernel_sample", NULL, error);
  cl_kernel filter = sample ? tsr_map_kernel (self->device, "kernel_filter", NULL, error) : NULL;
  TsrArg samples[] = {TSR_ARG_BUFFER (self->work[1]), TSR_ARG (width), TSR_ARG (height),
                      TSR_ARG (step)};
  TsrMapFftRun run = {.sequences = x + 1,
                      .in = self->work[1],
                      .work = {self->work[0], self->work[1]},
                      .nodes = {x, y}};
  TsrBuffer *result;
  if (!filter ||
      !tsr_map_launch (self->device, sample, x + 1, 2 * y, 64, TSR_MAP_GROUP / 64, samples,
                       G_N_ELEMENTS (samples), error) ||
      !tsr_map_fft_run (self->fft[1], &run, &result, error))
    return false;
  bool first = result != self->work[0];
  run = (TsrMapFftRun){.source = TSR_MAP_FFT_HALVES,
                       .along_rows = true,
                       .sequences = y + 1,
                       .in = result,
                       .work = {self->work[first ? 0 : 1], self->work[first ? 1 : 0]},
                       .nodes = {x, y}};
  if (!tsr_map_fft_run (self->fft[0], &run, &result, error))
    return false;
  TsrArg filters[] = {
      TSR_ARG_BUFFER (self->kernel), TSR_ARG_BUFFER (result), TSR_ARG_BUFFER (by_column),
      TSR_ARG_BUFFER (by_row),       TSR_ARG (columns),       TSR_ARG (rows)};
  return tsr_map_launch (self->device, filter, 2 * x, y + 1, 64, TSR_MAP_GROUP / 64, filters,
                         G_N_ELEMENTS (filters), error);
}

static bool
filter_kernel (TsrMapRepulsion *self, GError **error)
{
  size_t x = self->place.nodes[0], y = self->place.nodes[1];
  TsrBuffer *by_column = filter_new (self->device, 2 * x, 2 * x, error),
            *by_row = by_column ? filter_new (self->device, y + 1, 2 * y, error) : NULL;
  bool ok = by_row && make_kernel (self, by_column, by_row, error);
  tsr_buffer_free (by_column); /* waits */
  tsr_buffer_free (by_row);
  return ok;
}

static bool
make_grid (TsrMapRepulsion *self, GError **error)
{
  TsrDevice *device = self->device;
  size_t x = self->place.nodes[0], y = self->place.nodes[1], transformed = 2 * x * (y + 1),
         work = MAX (transformed, 2 * y * (x + 1)) * 2 * sizeof (float);
  free_grid (self);
  return (self->charge = tsr_buffer_new (device, x * y * sizeof (cl_long), error)) &&
         (self->potential = tsr_buffer_new (device, x * y * sizeof (float), error)) &&
         (self->kernel = tsr_buffer_new (device, transformed * sizeof (float), error)) &&
         (self->work[0] = tsr_buffer_new (device, work, error)) &&
         (self->work[1] = tsr_buffer_new (device, work, error)) &&
         (self->fft[0] = tsr_map_fft_new (device, 2 * x, error)) &&
         (self->fft[1] = tsr_map_fft_new (device, 2 * y, error)) && filter_kernel (self, error);
}

/* From charges to potentials: along columns, along rows, and back. */
static bool
convolve (TsrMapRepulsion *self, GError **error)
{
  size_t x = self->place.nodes[0], y = self->place.nodes[1];
  static const struct {
    TsrMapFftSource source;
    bool along_rows;
  } steps[] = {{TSR_MAP_FFT_CHARGES, false},
               {TSR_MAP_FFT_COLUMNS, true},
               {TSR_MAP_FFT_KERNEL, true},
               {TSR_MAP_FFT_ROWS, false}};
  TsrBuffer *in = self->charge;
  for (unsigned s = 0; s < G_N_ELEMENTS (steps); s++) {
    bool first = in != self->work[0];
    TsrMapFftRun run = {.source = steps[s].source,
                        .along_rows = steps[s].along_rows,
                        .sequences = steps[s].along_rows ? y + 1 : x / 2,
                        .in = in,
                        .work = {self->work[first ? 0 : 1], self->work[first ? 1 : 0]},
                        .kernel = self->kernel,
                        .potentials = s == 3 ? self->potential : NULL,
                        .nodes = {x, y},
                        .unit = self->unit};
    if (!tsr_map_fft_run (self->fft[steps[s].along_rows ? 0 : 1], &run, &in, error))
      return false;
  }
  return true;
}

/* What the kernels know of the grid, and what rounding the map's middle to floats leaves. */
typedef struct {
  cl_int nodes[2];
  cl_float inverse_step, middle[2], rest[2];
} Place;

#define PLACE_ARGS(p)                                                                              \
  TSR_ARG ((p).nodes[0]), TSR_ARG ((p).nodes[1]), TSR_ARG ((p).inverse_step),                      \
      TSR_ARG ((p).middle[0]), TSR_ARG ((p).middle[1]), TSR_ARG ((p).rest[0]),                     \
      TSR_ARG ((p).rest[1])

static Place
place_for_kernels (const TsrRepulsionPlace *from)
{
  Place place = {.inverse_step = (float)(1 / from->step)};
  for (int a = 0; a < 2; a++) {
    place.nodes[a] = (cl_int)from->nodes[a];
    place.middle[a] = (float)from->middle[a];
    place.rest[a] = (float)(from->middle[a] - (double)place.middle[a]);
  }
  return place;
}

bool
tsr_map_repulsion_run (TsrMapRepulsion *self, TsrBuffer *y, const float bounds[4], TsrBuffer *force,
                       TsrBuffer *z, GError **error)
{
  bool kept = tsr_repulsion_place (&self->place, self->n, self->fixed_step, bounds);
  if ((!kept || !self->fft[1]) && !make_grid (self, error))
    return false;
  Place place = place_for_kernels (&self->place);
  cl_int n = (cl_int)self->n;
  cl_float unit = self->unit;
  TsrArg out[] = {TSR_ARG_BUFFER (self->charge), TSR_ARG_BUFFER (y), TSR_ARG (n), TSR_ARG (unit),
                  PLACE_ARGS (place)};
  TsrArg back[] = {TSR_ARG_BUFFER (force), TSR_ARG_BUFFER (z), TSR_ARG_BUFFER (self->potential),
                   TSR_ARG_BUFFER (y),     TSR_ARG (n),        PLACE_ARGS (place)};
  return tsr_buffer_fill (self->charge, 0, error) &&
         tsr_map_launch_flat (self->device, self->spread, self->n, out, G_N_ELEMENTS (out),
                              error) &&
         convolve (self, error) &&
         tsr_map_launch_flat (self->device, self->interpolate, self->n, back, G_N_ELEMENTS (back),
                              error);
}
