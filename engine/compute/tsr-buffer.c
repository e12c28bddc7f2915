/* Device memory. On CPU devices a buffer is host memory that OpenCL is told to use in place, so
 * that host libraries work on the very same bytes from inside the queue. */
#include "tsr-device-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-number.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void
set_too_large (TsrDevice *device, size_t bytes, GError **error)
{
  g_autofree char *want = tsr_number_bytes (bytes);
  g_autofree char *used = tsr_number_bytes (device->memory_now);
  g_autofree char *most = tsr_number_bytes (tsr_device_largest_buffer (device));
  g_set_error (error, TSR_ERROR, TSR_ERROR_MEMORY,
               _ ("“%s” cannot provide %s of memory (%s are in use, a single buffer may have at "
                  "most %s). Use a smaller batch, a lower resolution or another device."),
               device->info->name, want, used, most);
}

/* Huge pages spare most page faults and TLB misses of the large arenas. */
static void *
host_new (size_t bytes)
{
  size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : 128;
  size_t size = (bytes + alignment - 1) / alignment * alignment;
  void *host = aligned_alloc (alignment, size);
  if (!host)
    return NULL;
  if (alignment == HUGE_PAGE)
    (void)madvise (host, size, MADV_HUGEPAGE);
  memset (host, 0, size);
  return host;
}

static cl_mem
device_new (TsrDevice *device, size_t bytes, cl_int *code)
{
  cl_mem mem = clCreateBuffer (device->context, CL_MEM_READ_WRITE, bytes, NULL, code);
  if (*code != CL_SUCCESS)
    return NULL;
  /* Drivers allocate at the first use: find out now whether there is memory. */
  cl_uint zero = 0;
  *code = clEnqueueFillBuffer (device->queue, mem, &zero, sizeof zero, 0, bytes, 0, NULL, NULL);
  if (*code == CL_SUCCESS)
    *code = clFinish (device->queue);
  if (*code == CL_SUCCESS)
    return mem;
  clReleaseMemObject (mem);
  return NULL;
}

static cl_mem
wrap_host (TsrDevice *device, void *host, size_t bytes, cl_int *code)
{
  return clCreateBuffer (device->context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, bytes, host,
                         code);
}

TsrBuffer *
tsr_buffer_new (TsrDevice *device, size_t bytes, GError **error)
{
  g_return_val_if_fail (bytes > 0, NULL);
  if (bytes > tsr_device_largest_buffer (device)) {
    set_too_large (device, bytes, error);
    return NULL;
  }
  size_t rounded = (bytes + 63) / 64 * 64;
  cl_int code = CL_SUCCESS;
  void *host = device->info->is_cpu ? host_new (rounded) : NULL;
  cl_mem mem = NULL;
  if (!device->info->is_cpu)
    mem = device_new (device, rounded, &code);
  else if (host && rounded <= device->info->max_allocation)
    mem = wrap_host (device, host, rounded, &code);
  if (code != CL_SUCCESS || (!mem && !host)) {
    free (host);
    set_too_large (device, bytes, error);
    return NULL;
  }
  TsrBuffer *buffer = g_new0 (TsrBuffer, 1);
  *buffer = (TsrBuffer){.device = device, .mem = mem, .host = host, .bytes = bytes};
  device->memory_now += bytes;
  device->memory_peak = MAX (device->memory_peak, device->memory_now);
  return buffer;
}

/* OpenCL has no views of views. */
static TsrBuffer *
view_of_view (TsrBuffer *parent, size_t offset, size_t bytes, GError **error)
{
  TsrBuffer *root = parent->parent;
  size_t base = 0;
  if (parent->host)
    base = (size_t)((char *)parent->host - (char *)root->host);
  else
    clGetMemObjectInfo (parent->mem, CL_MEM_OFFSET, sizeof base, &base, NULL);
  return tsr_buffer_view (root, base + offset, bytes, error);
}

TsrBuffer *
tsr_buffer_view (TsrBuffer *parent, size_t offset, size_t bytes, GError **error)
{
  TsrDevice *device = parent->device;
  g_return_val_if_fail (bytes > 0 && offset % device->alignment == 0, NULL);
  g_return_val_if_fail (bytes <= parent->bytes && offset <= parent->bytes - bytes, NULL);
  if (parent->parent)
    return view_of_view (parent, offset, bytes, error);
  cl_int code = CL_SUCCESS;
  cl_buffer_region region = {offset, bytes};
  void *host = parent->host ? (char *)parent->host + offset : NULL;
  /* Where the host does not look, the beginning of a buffer is as good as the buffer. */
  bool same = offset == 0 && !host;
  if (same)
    clRetainMemObject (parent->mem);
  cl_mem mem = same          ? parent->mem
               : parent->mem ? clCreateSubBuffer (parent->mem, CL_MEM_READ_WRITE,
                                                  CL_BUFFER_CREATE_TYPE_REGION, &region, &code)
                             : wrap_host (device, host, bytes, &code);
  if (!tsr_device_check (device, code, error, "make a view of %zu bytes", bytes))
    return NULL;
  TsrBuffer *view = g_new0 (TsrBuffer, 1);
  *view = (TsrBuffer){.device = device, .mem = mem, .host = host, .bytes = bytes, .parent = parent};
  return view;
}

size_t
tsr_buffer_alignment (const TsrDevice *device)
{
  return device->alignment;
}

void
tsr_buffer_free (TsrBuffer *buffer)
{
  if (!buffer)
    return;
  if (!buffer->parent) {
    tsr_device_drain (buffer->device); /* nothing may still work on the host memory */
    buffer->device->memory_now -= buffer->bytes;
  }
  if (buffer->mem)
    clReleaseMemObject (buffer->mem);
  if (!buffer->parent)
    free (buffer->host);
  g_free (buffer);
}

bool
tsr_buffer_write (TsrBuffer *buffer, size_t offset, const void *data, size_t bytes, GError **error)
{
  g_return_val_if_fail (bytes <= buffer->bytes && offset <= buffer->bytes - bytes, false);
  if (bytes == 0)
    return true;
  if (!buffer->mem) {
    if (!tsr_device_finish (buffer->device, error))
      return false;
    memcpy ((char *)buffer->host + offset, data, bytes);
    return true;
  }
  cl_int code = clEnqueueWriteBuffer (buffer->device->queue, buffer->mem, CL_TRUE, offset, bytes,
                                      data, 0, NULL, NULL);
  return tsr_device_check (buffer->device, code, error, "write %zu bytes", bytes);
}

bool
tsr_buffer_read (TsrBuffer *buffer, size_t offset, void *data, size_t bytes, GError **error)
{
  g_return_val_if_fail (bytes <= buffer->bytes && offset <= buffer->bytes - bytes, false);
  if (!buffer->mem) {
    if (!tsr_device_finish (buffer->device, error))
      return false;
    memcpy (data, (char *)buffer->host + offset, bytes);
    return true;
  }
  if (bytes > 0) {
    cl_int code = clEnqueueReadBuffer (buffer->device->queue, buffer->mem, CL_TRUE, offset, bytes,
                                       data, 0, NULL, NULL);
    if (!tsr_device_check (buffer->device, code, error, "read %zu bytes", bytes))
      return false;
  }
  return tsr_device_finish (buffer->device, error);
}

bool
tsr_buffer_copy (TsrBuffer *from, size_t from_offset, TsrBuffer *to, size_t to_offset, size_t bytes,
                 GError **error)
{
  g_return_val_if_fail (bytes <= from->bytes && from_offset <= from->bytes - bytes, false);
  g_return_val_if_fail (bytes <= to->bytes && to_offset <= to->bytes - bytes, false);
  if (bytes == 0)
    return true;
  TsrDevice *device = to->device;
  if (!from->mem || !to->mem) {
    if (!tsr_device_finish (device, error))
      return false;
    memcpy ((char *)to->host + to_offset, (char *)from->host + from_offset, bytes);
    return true;
  }
  cl_event event;
  cl_int code = clEnqueueCopyBuffer (device->queue, from->mem, to->mem, from_offset, to_offset,
                                     bytes, 0, NULL, tsr_profile_event (device, &event));
  if (!tsr_device_check (device, code, error, "copy %zu bytes", bytes))
    return false;
  tsr_profile_commit (device, "copy", &event);
  return true;
}

bool
tsr_buffer_fill (TsrBuffer *buffer, uint32_t pattern, GError **error)
{
  TsrDevice *device = buffer->device;
  size_t bytes = buffer->bytes & ~(size_t)3;
  if (bytes == 0)
    return true;
  if (!buffer->mem) {
    if (!tsr_device_finish (device, error))
      return false;
    for (size_t i = 0; i < bytes / 4; i++)
      ((uint32_t *)buffer->host)[i] = pattern;
    return true;
  }
  cl_event event;
  cl_int code = clEnqueueFillBuffer (device->queue, buffer->mem, &pattern, sizeof pattern, 0, bytes,
                                     0, NULL, tsr_profile_event (device, &event));
  if (!tsr_device_check (device, code, error, "fill %zu bytes", bytes))
    return false;
  tsr_profile_commit (device, "fill", &event);
  return true;
}
