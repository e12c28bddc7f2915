#include "tsr-map-device.h"

#include "tsr-i18n.h"
#include "tsr-map-neighbours.h"
#include "tsr-map-optimiser.h"

/* All pairs of more rows take a middling GPU longer than the processors' approximate search. */
#define NEIGHBOURS_UP_TO 200000

struct TsrMapDevice {
  TsrDevice *device;
  TsrMapAccelerator ways;
  char *notice;
};

/* A map's optimiser, and the device that its end no longer interrupts. */
typedef struct {
  TsrMapOptimiser *optimiser;
  TsrDevice *device;
} Running;

static bool
find_neighbours (void *user, const float *x, size_t n, size_t d, size_t k, uint32_t *index,
                 float *squared, const TsrProgress *progress, GError **error)
{
  TsrMapDevice *self = user;
  tsr_device_interrupt (self->device, progress ? progress->cancellable : NULL);
  bool ok = tsr_map_neighbours (self->device, x, n, d, k, 0, index, squared, progress, error);
  tsr_device_interrupt (self->device, NULL);
  return ok;
}

static void *
begin (void *user, const TsrAttraction *attraction, const float *y, GCancellable *cancellable,
       GError **error)
{
  TsrMapDevice *self = user;
  tsr_device_interrupt (self->device, cancellable);
  TsrMapOptimiser *optimiser = tsr_map_optimiser_new (self->device, attraction, y, error);
  if (!optimiser) {
    tsr_device_interrupt (self->device, NULL);
    return NULL;
  }
  Running *running = g_new0 (Running, 1);
  *running = (Running){optimiser, self->device};
  return running;
}

static bool
find_forces (void *running, TsrMapSums *sums, GError **error)
{
  return tsr_map_optimiser_forces (((Running *)running)->optimiser, sums, error);
}

static bool
move (void *running, const TsrMapMove *by, GError **error)
{
  return tsr_map_optimiser_move (((Running *)running)->optimiser, by, error);
}

static bool
read_layout (void *running, float *y, GError **error)
{
  return tsr_map_optimiser_layout (((Running *)running)->optimiser, y, error);
}

static void
end (void *data)
{
  Running *running = data;
  tsr_device_interrupt (running->device, NULL);
  tsr_map_optimiser_free (running->optimiser);
  g_free (running);
}

static void
note_failure (void *user, const GError *why)
{
  TsrMapDevice *self = user;
  g_free (self->notice);
  self->notice = g_strdup_printf (
      /* Translators: a whole sentence that says why a device failed. */
      _ ("%s The processors took over."), why->message);
}

bool
tsr_map_device_suits (const TsrDevice *device)
{
  return device && tsr_device_info (device)->is_gpu &&
         tsr_device_has_extension (device, "cl_khr_int64_base_atomics");
}

TsrMapDevice *
tsr_map_device_new (TsrDevice *device)
{
  TsrMapDevice *self = g_new0 (TsrMapDevice, 1);
  self->device = device;
  self->ways = (TsrMapAccelerator){.user = self,
                                   .neighbours_up_to = NEIGHBOURS_UP_TO,
                                   .neighbours = find_neighbours,
                                   .optimiser_new = begin,
                                   .forces = find_forces,
                                   .move = move,
                                   .layout = read_layout,
                                   .optimiser_free = end,
                                   .failed = note_failure};
  return self;
}

void
tsr_map_device_free (TsrMapDevice *self)
{
  if (!self)
    return;
  g_free (self->notice);
  g_free (self);
}

const TsrMapAccelerator *
tsr_map_device_accelerator (TsrMapDevice *self)
{
  return &self->ways;
}

const char *
tsr_map_device_notice (const TsrMapDevice *self)
{
  return self->notice;
}
