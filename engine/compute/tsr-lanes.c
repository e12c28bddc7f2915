/* Lanes: queues of one device that work beside each other.
 *
 * A step with few channels is many short operations. Cutting each of them between the cores costs a
 * meeting of the cores for each; giving every core its own share of the batch costs one meeting a
 * step. PoCL hands a kernel of one work-group to one core, so that two queues keep two cores busy.
 */
#include "tsr-device-private.h"

#include "tsr-error.h"

#include <string.h>

unsigned
tsr_device_lanes (const TsrDevice *device, unsigned parts)
{
  unsigned most = MIN (TSR_MAX_LANES, MIN (device->info->compute_units, parts));
  const char *asked = g_getenv ("TESSERA_LANES");
  if (asked && *asked)
    most = MIN (most, (unsigned)CLAMP (g_ascii_strtoull (asked, NULL, 10), 1, TSR_MAX_LANES));
  if (!device->runs_native)
    return 1;
  while (most > 1 && parts % most != 0)
    most--;
  return MAX (most, 1);
}

static cl_command_queue
new_queue (TsrDevice *device, GError **error)
{
  cl_int code;
  cl_command_queue_properties properties = device->profiling ? CL_QUEUE_PROFILING_ENABLE : 0;
  cl_command_queue queue = clCreateCommandQueue (device->context, device->id, properties, &code);
  return tsr_device_check (device, code, error, "make a command queue") ? queue : NULL;
}

bool
tsr_device_make_queues (TsrDevice *device, GError **error)
{
  cl_command_queue queues[TSR_MAX_LANES] = {NULL};
  for (unsigned k = 0; k < TSR_MAX_LANES; k++)
    if (k == 0 || device->queues[k])
      if (!(queues[k] = new_queue (device, error))) {
        while (k-- > 0)
          if (queues[k])
            clReleaseCommandQueue (queues[k]);
        return false;
      }
  tsr_device_release_queues (device);
  memcpy (device->queues, queues, sizeof queues);
  device->queue = queues[device->lane];
  return true;
}

void
tsr_device_release_queues (TsrDevice *device)
{
  for (unsigned k = 0; k < TSR_MAX_LANES; k++)
    g_clear_pointer (&device->queues[k], clReleaseCommandQueue);
  device->queue = NULL;
}

cl_int
tsr_device_drain (TsrDevice *device)
{
  cl_int code = CL_SUCCESS;
  for (unsigned k = 0; k < TSR_MAX_LANES; k++) {
    cl_int own = device->queues[k] ? clFinish (device->queues[k]) : CL_SUCCESS;
    code = code == CL_SUCCESS ? own : code;
  }
  return code;
}

bool
tsr_device_use_lane (TsrDevice *device, unsigned lane, GError **error)
{
  g_assert (lane < TSR_MAX_LANES);
  if (!device->queues[lane] && !(device->queues[lane] = new_queue (device, error)))
    return false;
  device->lane = lane;
  device->queue = device->queues[lane];
  return true;
}

/* Everything enqueued on lane `after` from here on waits for what is on lane `before` now. */
static bool
order (TsrDevice *device, unsigned before, unsigned after, GError **error)
{
  cl_event event;
  cl_int code = clEnqueueMarkerWithWaitList (device->queues[before], 0, NULL, &event);
  if (code == CL_SUCCESS) {
    code = clEnqueueBarrierWithWaitList (device->queues[after], 1, &event, NULL);
    clReleaseEvent (event);
  }
  if (code == CL_SUCCESS)
    code = clFlush (device->queues[before]);
  return tsr_device_check (device, code, error, "order two command queues");
}

bool
tsr_device_fork (TsrDevice *device, unsigned lanes, GError **error)
{
  for (unsigned k = 1; k < lanes; k++)
    if (!tsr_device_use_lane (device, k, error) || !order (device, 0, k, error))
      return false;
  return tsr_device_use_lane (device, 0, error);
}

bool
tsr_device_join (TsrDevice *device, unsigned lanes, GError **error)
{
  for (unsigned k = 1; k < lanes; k++)
    if (!order (device, k, 0, error))
      return false;
  return tsr_device_use_lane (device, 0, error);
}
