#pragma once
/* An OpenCL device: choosing it, its in-order queues, buffers, kernels and launches. Only the
 * engine thread calls this. */

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *id;       /* "0.0": platform and device number, accepted by tsr_device_open */
  char *name;     /* as the driver calls it */
  char *platform; /* name and version */
  char *driver;   /* driver version */
  bool is_cpu, is_gpu;
  uint64_t memory, max_allocation; /* bytes */
  uint32_t compute_units;
  double score; /* GPU > accelerator > CPU, then units times clock; the highest is the default */
} TsrDeviceInfo;

typedef struct TsrDevice TsrDevice;

/** Lists every device of every platform, best first. An empty array (never NULL) if there is none.
 * Owned by the caller; elements are TsrDeviceInfo, freed with the array. */
GPtrArray *tsr_device_list (void);

/** Opens a device. spec is an id ("1.0"), "cpu", "gpu", or part of a name; NULL means
 * $TESSERA_DEVICE, else the best. If the best device cannot be opened the next is tried, and
 * tsr_device_notice says so. Returns NULL with TSR_ERROR_DEVICE. */
TsrDevice *tsr_device_open (const char *spec, GError **error);

/** Waits for the queue, then frees the device with its kernels. Buffers must be gone. */
void tsr_device_close (TsrDevice *device);

/** Describes the open device; borrowed. */
const TsrDeviceInfo *tsr_device_info (const TsrDevice *device);

/** Whether the device has an OpenCL extension ("cl_khr_int64_base_atomics"). */
bool tsr_device_has_extension (const TsrDevice *device, const char *name);

/** A sentence for the user on a fallback that was taken, or NULL; borrowed. */
const char *tsr_device_notice (const TsrDevice *device);

/** How many floats a kernel should handle as one vector: 16 on CPUs, 4 on GPUs (`V` in kernels). */
unsigned tsr_device_vector_width (const TsrDevice *device);

/** Until it is called with NULL, building and launching kernels fails with G_IO_ERROR_CANCELLED
 * once the cancellable is cancelled: compiling them all may take a minute. Only while nothing is
 * computed that must not be left half done. Borrowed. */
void tsr_device_interrupt (TsrDevice *device, GCancellable *cancellable);

/* ---- lanes ---- */

enum { TSR_MAX_LANES = 8 };

/** In how many lanes (queues beside each other) work that falls into `parts` equal parts runs best:
 * a divisor of parts, at most one for each core of a CPU device, 1 elsewhere; $TESSERA_LANES lowers
 * it. */
unsigned tsr_device_lanes (const TsrDevice *device, unsigned parts);

/** What is enqueued from now on goes to this lane (0 at first); lanes are not ordered among each
 * other but by fork and join. Buffers are written and read on lane 0. */
bool tsr_device_use_lane (TsrDevice *device, unsigned lane, GError **error);

/** Lanes 1 to lanes - 1 wait for everything on lane 0, which is then the current one. */
bool tsr_device_fork (TsrDevice *device, unsigned lanes, GError **error);

/** Lane 0, then the current one, waits for everything on lanes 1 to lanes - 1. */
bool tsr_device_join (TsrDevice *device, unsigned lanes, GError **error);

/* ---- buffers ---- */

/** A range of device memory. On CPU devices host points at the same bytes (aligned to 64), which
 * oneDNN works on from inside the queue; elsewhere it is NULL. A view has a parent and its own
 * cl_mem (a sub-buffer). */
typedef struct TsrBuffer {
  TsrDevice *device; /* borrowed */
  cl_mem mem; /* NULL for a buffer larger than max_allocation, which only CPU devices give: kernels
                 then take views of it */
  void *host;
  size_t bytes;
  struct TsrBuffer *parent; /* borrowed; must outlive the view */
} TsrBuffer;

/** Allocates bytes (> 0) of zeroed device memory. On CPU devices the machine's memory is the limit,
 * elsewhere max_allocation. NULL with TSR_ERROR_DEVICE naming the size when there is not enough. */
TsrBuffer *tsr_buffer_new (TsrDevice *device, size_t bytes, GError **error);

/** A view of [offset, offset + bytes) of parent; offset is a multiple of tsr_buffer_alignment. */
TsrBuffer *tsr_buffer_view (TsrBuffer *parent, size_t offset, size_t bytes, GError **error);

/** The alignment of views in bytes (at least 64). */
size_t tsr_buffer_alignment (const TsrDevice *device);

/** Frees a buffer or view; NULL is fine. */
void tsr_buffer_free (TsrBuffer *buffer);

/** Copies bytes from the host, in queue order; returns when data may be reused. */
bool tsr_buffer_write (TsrBuffer *buffer, size_t offset, const void *data, size_t bytes,
                       GError **error);

/** Waits for all earlier commands, then copies to the host. */
bool tsr_buffer_read (TsrBuffer *buffer, size_t offset, void *data, size_t bytes, GError **error);

/** Enqueues a device-side copy. */
bool tsr_buffer_copy (TsrBuffer *from, size_t from_offset, TsrBuffer *to, size_t to_offset,
                      size_t bytes, GError **error);

/** Enqueues a fill of the whole buffer with a 32-bit pattern. */
bool tsr_buffer_fill (TsrBuffer *buffer, uint32_t pattern, GError **error);

/** Bytes that can still be allocated: of a CPU device what the machine has available (and the
 * container it may be in), of others what they have. */
size_t tsr_device_memory_left (const TsrDevice *device);

/** Bytes one buffer may have now: what is left, and on devices other than CPUs at most
 * max_allocation. CPU buffers are ours to allocate, so that a driver's limit on one piece (2 GiB
 * with PoCL) only holds for the views that are handed to it. */
size_t tsr_device_largest_buffer (const TsrDevice *device);

/** Lets buffers take at most so many bytes in all; 0: no limit but the machine's. */
void tsr_device_limit_memory (TsrDevice *device, size_t bytes);

/** Bytes in buffers now and at most so far on this device. */
void tsr_device_memory (const TsrDevice *device, size_t *now, size_t *peak);

/* ---- kernels ---- */

/** Returns the kernel `entry` of opencl/<file> compiled with `defines` ("-D"-less lines "V
 * 16\nLRELU 1", put in front of the source as #define lines; may be NULL). common.cl always comes
 * first. Cached for the life of the device, and compiled programs are cached on disk under a key of
 * source, defines, device, driver and platform version. Borrowed. The error holds the kernel's name
 * and the build log. */
cl_kernel tsr_device_kernel (TsrDevice *device, const char *file, const char *entry,
                             const char *defines, GError **error);

/** The same for source made at run time; name stands in errors and profiles, source is the cache
 * key. The kernel's function is called `entry`. */
cl_kernel tsr_device_kernel_from_source (TsrDevice *device, const char *name, const char *entry,
                                         const char *source, GError **error);

/** The same function as a kernel of its own, whose arguments nobody else sets. Free it with
 * tsr_device_release_kernel. */
cl_kernel tsr_device_copy_kernel (TsrDevice *device, cl_kernel kernel, GError **error);

/** Releases a kernel of tsr_device_copy_kernel; NULL is allowed. */
void tsr_device_release_kernel (TsrDevice *device, cl_kernel kernel);

/** One argument of a launch. */
typedef struct {
  const void *value; /* NULL: local memory of size bytes */
  size_t size;
} TsrArg;

#define TSR_ARG(v)        ((TsrArg){&(v), sizeof (v)})
#define TSR_ARG_BUFFER(b) ((TsrArg){&(b)->mem, sizeof (cl_mem)})

/** Chooses work-groups for a range: of one work-item on CPUs (PoCL compiles a kernel again for
 * every size), elsewhere of up to 256, a power of two along each axis and the first axis first.
 * Where the kernel does nothing beyond its range (guarded), global is rounded up to whole groups,
 * else groups divide it. */
void tsr_device_groups (const TsrDevice *device, unsigned dims, bool guarded, size_t *global,
                        size_t *local);

/** Enqueues kernel over `dims` (1-3) dimensions. Where local is NULL, tsr_device_groups chooses;
 * kernels of one dimension must then do nothing beyond their range. Errors name the kernel. */
bool tsr_device_launch (TsrDevice *device, cl_kernel kernel, unsigned dims, const size_t *global,
                        const size_t *local, const TsrArg *args, unsigned n_args, GError **error);

/** The first half of tsr_device_launch, for a kernel whose arguments stay: one of
 * tsr_device_copy_kernel, as those of tsr_device_kernel are shared. */
bool tsr_device_set_arguments (TsrDevice *device, cl_kernel kernel, const TsrArg *args,
                               unsigned n_args, GError **error);

/** The second half of tsr_device_launch; local is not NULL. */
bool tsr_device_enqueue (TsrDevice *device, cl_kernel kernel, unsigned dims, const size_t *global,
                         const size_t *local, GError **error);

/** What tsr_device_native runs; data is its own copy. One that returns false makes the next
 * tsr_device_finish fail with its name. */
typedef bool (*TsrNativeFunc) (void *data);

/** Enqueues a host function in queue order on a CPU device that runs native kernels;
 * TSR_ERROR_DEVICE on any other. data (size bytes) is copied now. Functions run on a thread of the
 * lane's own (see tsr-native.c), or, when alone (they use no team of threads), where the driver
 * calls them. name stands in errors and profiles. */
bool tsr_device_native (TsrDevice *device, const char *name, TsrNativeFunc function,
                        const void *data, size_t size, bool alone, GError **error);

/** Submits what is enqueued without waiting. */
bool tsr_device_flush (TsrDevice *device, GError **error);

/** Waits for everything enqueued; reports what failed on the way. */
bool tsr_device_finish (TsrDevice *device, GError **error);

/** The name of an OpenCL error code ("CL_OUT_OF_RESOURCES"), or words where there is none; static.
 */
const char *tsr_device_error_name (cl_int code);

/* ---- profiling ---- */

typedef struct {
  const char *name; /* kernel or provider operation */
  uint64_t calls, ns;
  double flops; /* counted by the provider's operations, 0 for the rest */
} TsrProfileRow;

/** Turns per-operation timing by events on or off (it costs a few per cent). Waits, and makes the
 * queues anew. */
void tsr_device_profile (TsrDevice *device, bool on);

/** Waits, then returns the rows since the last call, longest first. Owned by the caller: GArray of
 * TsrProfileRow. */
GArray *tsr_device_profile_take (TsrDevice *device);

/** Adds flops to a running count kept whether or not profiling is on; read with tsr_device_flops.
 */
void tsr_device_count_flops (TsrDevice *device, double flops);

/** Floating-point operations counted since the device was opened. */
double tsr_device_flops (const TsrDevice *device);
