/* Host functions in queue order.
 *
 * PoCL runs a native kernel on whichever of its worker threads is free. libgomp keeps a team of
 * threads for every thread that ever entered a parallel region, so that oneDNN called from there
 * would end with as many teams as workers: cores times cores threads, whose spinning steals the
 * cores from the one team that works. Therefore all functions of a lane run on one thread of ours;
 * the worker hands over and sleeps meanwhile (about 5 microseconds both ways). A function that
 * works alone, with no team, needs none of this and runs on the worker. */
#include "tsr-device-private.h"

#include "tsr-error.h"

#include <semaphore.h>
#include <string.h>

typedef struct {
  TsrDevice *device;
  struct TsrNativeThread *thread; /* NULL: wherever it is called */
  const char *name;
  TsrNativeFunc function;
  _Alignas(16) char data[];
} NativeCall;

/* Semaphores, because whoever is woken finds no lock held by the one that woke it. */
struct TsrNativeThread {
  GThread *thread;
  sem_t wanted, done;
  NativeCall *call; /* NULL: quit */
};

static void
wait_for (sem_t *semaphore)
{
  while (sem_wait (semaphore) != 0)
    continue; /* a signal came between */
}

static void
run_call (NativeCall *call)
{
  if (!call->function (call->data))
    g_atomic_pointer_compare_and_exchange (&call->device->native_failure, NULL, call->name);
}

static gpointer
native_main (gpointer data)
{
  struct TsrNativeThread *self = data;
  for (;;) {
    wait_for (&self->wanted);
    NativeCall *call = self->call;
    if (!call)
      return NULL;
    run_call (call);
    sem_post (&self->done);
  }
}

/* A queue is in order, so that there is one call at a time. */
static void CL_CALLBACK
run_native (void *argument)
{
  NativeCall *call = argument;
  struct TsrNativeThread *self = call->thread;
  if (!self) {
    run_call (call);
    return;
  }
  self->call = call;
  sem_post (&self->wanted);
  wait_for (&self->done);
}

static struct TsrNativeThread *
thread_of_lane (TsrDevice *device)
{
  struct TsrNativeThread *self = device->native[device->lane];
  if (self)
    return self;
  self = device->native[device->lane] = g_new0 (struct TsrNativeThread, 1);
  sem_init (&self->wanted, 0, 0);
  sem_init (&self->done, 0, 0);
  self->thread = g_thread_new ("tsr-native", native_main, self);
  return self;
}

bool
tsr_device_native (TsrDevice *device, const char *name, TsrNativeFunc function, const void *data,
                   size_t size, bool alone, GError **error)
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
  call->thread = alone ? NULL : thread_of_lane (device);
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
  for (unsigned k = 0; k < TSR_MAX_LANES; k++) {
    struct TsrNativeThread *self = device->native[k];
    if (!self)
      continue;
    self->call = NULL;
    sem_post (&self->wanted);
    g_thread_join (self->thread);
    sem_destroy (&self->wanted);
    sem_destroy (&self->done);
    g_clear_pointer (&device->native[k], g_free);
  }
}
