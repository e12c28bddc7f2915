#pragma once
/* What the files of the device layer share. Nobody else includes this. */

#include "tsr-device.h"

#include <locale.h>

struct TsrDevice {
  TsrDeviceInfo *info;
  char *notice;
  cl_platform_id platform;
  cl_device_id id;
  cl_context context;
  cl_command_queue queue;                 /* of the current lane */
  cl_command_queue queues[TSR_MAX_LANES]; /* made when first used */
  unsigned lane;
  bool runs_native;
  size_t alignment;
  locale_t c_numbers; /* the process's locale with LC_NUMERIC "C": some drivers' compilers misread
                         numbers otherwise */

  size_t memory_now, memory_peak, memory_limit;
  double flops;

  GHashTable *programs; /* SHA-256 of the source -> cl_program */
  GHashTable *kernels;  /* file, entry and defines -> cl_kernel */
  GHashTable *names;    /* cl_kernel -> interned name */

  struct TsrNativeThread *native[TSR_MAX_LANES]; /* by lane */
  GCancellable *interrupt;                       /* borrowed, or NULL */
  const char *native_failure; /* atomic: interned name of the first native function that failed */

  bool profiling;
  GArray *pending;   /* of PendingEvent, see tsr-profile.c */
  GHashTable *rows;  /* interned name -> TsrProfileRow */
  const char *label; /* all commands count as this one operation, or NULL */
  double label_flops;
  bool label_fresh; /* no command of the labelled operation has been counted yet */
};

/** Sets error "Cannot <format>: <OpenCL error>." unless code is CL_SUCCESS; returns whether it was.
 */
bool tsr_device_check (const TsrDevice *device, cl_int code, GError **error, const char *format,
                       ...) G_GNUC_PRINTF (4, 5);

/** Makes the queues again, with or without profiling; all must be idle. */
bool tsr_device_make_queues (TsrDevice *device, GError **error);

/** Releases all queues. */
void tsr_device_release_queues (TsrDevice *device);

/** Waits for all queues; the first error code, or CL_SUCCESS. */
cl_int tsr_device_drain (TsrDevice *device);

/** The name a kernel is known by in errors and profiles; static. */
const char *tsr_device_kernel_name (const TsrDevice *device, cl_kernel kernel);

/** Makes the empty tables of kernels and programs. */
void tsr_device_init_kernels (TsrDevice *device);

/** Releases all kernels and programs. */
void tsr_device_free_kernels (TsrDevice *device);

/** Stops the threads that run native functions, if they ever started. */
void tsr_device_free_native (TsrDevice *device);

/** Everything launched from here to tsr_profile_end counts as one call of the operation `name`
 * (interned) with `flops`, which also go to the running count. */
void tsr_profile_begin (TsrDevice *device, const char *name, double flops);

/** Ends what tsr_profile_begin began: commands count under their own names again. */
void tsr_profile_end (TsrDevice *device);

/** Where a command of `name` should put its event: NULL unless profiling. Call tsr_profile_commit
 * once it is enqueued. */
cl_event *tsr_profile_event (TsrDevice *device, cl_event *event);

/** Keeps the event of a command enqueued under `name` until the next tsr_profile_collect; does
 * nothing where tsr_profile_event gave NULL. */
void tsr_profile_commit (TsrDevice *device, const char *name, cl_event *event);

/** Adds up what has finished; the queue must be idle. */
void tsr_profile_collect (TsrDevice *device);

/** Collects what is pending (the queue must be idle), then frees the tables. */
void tsr_profile_free (TsrDevice *device);
