/* In the place of a device's memory, so that the fuzz targets link without OpenCL: no target gets
 * as far. */

#include "tsr-exec.h"

#include <stdlib.h>

TsrBuffer *
tsr_buffer_new (TsrDevice *device, size_t bytes, GError **error)
{
  abort ();
}

TsrBuffer *
tsr_buffer_view (TsrBuffer *parent, size_t offset, size_t bytes, GError **error)
{
  abort ();
}

void
tsr_buffer_free (TsrBuffer *buffer)
{
  abort ();
}

bool
tsr_buffer_write (TsrBuffer *buffer, size_t offset, const void *data, size_t bytes, GError **error)
{
  abort ();
}

bool
tsr_buffer_read (TsrBuffer *buffer, size_t offset, void *data, size_t bytes, GError **error)
{
  abort ();
}

void
tsr_exec_bind (TsrExec *exec, const char *leaf, TsrBuffer *buffer)
{
  abort ();
}
