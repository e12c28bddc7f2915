/* Host functions in queue order. */
#include "tsr-device-private.h"

#include "tsr-error.h"

#include <string.h>

typedef struct {
  TsrDevice *device;
  const char *name;
  TsrNativeFunc function;
  _Alignas(16) char data[];
} NativeCall;

static void CL_CALLBACK
run_native (void *argument)
{
  NativeCall *call = argument;
  if (!call->function (call->data))
    g_atomic_pointer_compare_and_exchange (&call->device->native_failure, NULL, call->name);
}

bool
tsr_device_native (TsrDevice *device, const char *name, TsrNativeFunc function, const void *data,
                   size_t size, GError **error)
{
  if (!device->runs_native) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
                 "“%s” cannot run “%s”: it runs no host functions.", device->info->name, name);
    return false;
  }
  _Alignas(16) char small[512];
  size_t total = sizeof (NativeCall) + size;
  NativeCall *call = total <= sizeof small ? (NativeCall *)small : g_malloc (total);
  call->device = device;
  call->name = g_intern_string (name);
  call->function = function;
  memcpy (call->data, data, size);
  cl_event event;
  cl_int code = clEnqueueNativeKernel (device->queue, run_native, call, total, 0, NULL, NULL, 0,
                                       NULL, tsr_profile_event (device, &event));
  if ((char *)call != small)
    g_free (call);
  if (!tsr_device_check (device, code, error, "run “%s”", name))
    return false;
  tsr_profile_commit (device, name, &event);
  return true;
}

void
tsr_device_free_native (TsrDevice *device)
{
}
