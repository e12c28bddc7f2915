/* Putting work into the queue and waiting for it. */
#include "tsr-device-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <string.h>

void
tsr_device_interrupt (TsrDevice *device, GCancellable *cancellable)
{
  device->interrupt = cancellable;
}

/* On others than CPUs a work-group has at most so many work-items, and along each axis. */
#define GROUP_ITEMS 256
/* CUDA devices take so many work-groups along the second and third axis. */
#define AXIS_GROUPS 65535
static const size_t axis_items[] = {256, 256, 64};

void
tsr_device_groups (const TsrDevice *device, unsigned dims, bool guarded, size_t *global,
                   size_t *local)
{
  size_t left = device->info->is_cpu ? 1 : GROUP_ITEMS;
  for (unsigned d = 0; d < dims; d++) {
    local[d] = 1;
    while (2 * local[d] <= MIN (left, axis_items[d]) &&
           (guarded ? local[d] < global[d] : global[d] % (2 * local[d]) == 0))
      local[d] *= 2;
    global[d] = (global[d] + local[d] - 1) / local[d] * local[d];
    left /= local[d];
  }
}

bool
tsr_device_set_arguments (TsrDevice *device, cl_kernel kernel, const TsrArg *args, unsigned n_args,
                          GError **error)
{
  for (unsigned i = 0; i < n_args; i++) {
    cl_int code = clSetKernelArg (kernel, i, args[i].size, args[i].value);
    if (code != CL_SUCCESS)
      return tsr_device_check (device, code, error, "set argument %u of kernel “%s”", i,
                               tsr_device_kernel_name (device, kernel));
  }
  return true;
}

bool
tsr_device_enqueue (TsrDevice *device, cl_kernel kernel, unsigned dims, const size_t *global,
                    const size_t *local, GError **error)
{
  if (device->interrupt && g_cancellable_set_error_if_cancelled (device->interrupt, error))
    return false;
  for (unsigned d = 1; d < dims && !device->info->is_cpu; d++)
    if (global[d] / local[d] > AXIS_GROUPS) {
      g_set_error (
          error, TSR_ERROR, TSR_ERROR_DEVICE,
          _ ("The kernel “%s” is too large for “%s” (%zu work-groups along axis %u). Use a "
             "smaller batch or a lower resolution."),
          tsr_device_kernel_name (device, kernel), device->info->name, global[d] / local[d], d);
      return false;
    }
  /* A driver may compile only now. */
  locale_t former = uselocale (device->c_numbers);
  cl_event event;
  cl_int code = clEnqueueNDRangeKernel (device->queue, kernel, dims, NULL, global, local, 0, NULL,
                                        tsr_profile_event (device, &event));
  uselocale (former);
  if (code != CL_SUCCESS)
    return tsr_device_check (device, code, error, "run kernel “%s”",
                             tsr_device_kernel_name (device, kernel));
  if (device->profiling)
    tsr_profile_commit (device, tsr_device_kernel_name (device, kernel), &event);
  return true;
}

bool
tsr_device_launch (TsrDevice *device, cl_kernel kernel, unsigned dims, const size_t *global,
                   const size_t *local, const TsrArg *args, unsigned n_args, GError **error)
{
  size_t whole[3], groups[3];
  if (!local) {
    memcpy (whole, global, dims * sizeof *whole);
    tsr_device_groups (device, dims, dims == 1, whole, groups);
    global = whole;
    local = groups;
  }
  return tsr_device_set_arguments (device, kernel, args, n_args, error) &&
         tsr_device_enqueue (device, kernel, dims, global, local, error);
}

bool
tsr_device_flush (TsrDevice *device, GError **error)
{
  return tsr_device_check (device, clFlush (device->queue), error, "submit work");
}

bool
tsr_device_finish (TsrDevice *device, GError **error)
{
  cl_int code = tsr_device_drain (device);
  const char *failed = g_atomic_pointer_get (&device->native_failure);
  g_atomic_pointer_set (&device->native_failure, NULL);
  if (!tsr_device_check (device, code, error, "finish the queued work"))
    return false;
  if (failed) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE, _ ("The operation “%s” failed on “%s”."),
                 failed, device->info->name);
    return false;
  }
  tsr_profile_collect (device);
  return true;
}
