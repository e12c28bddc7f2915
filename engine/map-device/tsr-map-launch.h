#pragma once
/* What all kernels of the map are launched by. */

#include "tsr-device.h"

/** Work-items of a group, GROUP in the kernels. */
#define TSR_MAP_GROUP 256

/** Groups of one dimension that hold n work-items. */
size_t tsr_map_groups (size_t n);

/** The kernel `file`.cl, whose function is called the same, with defines (or NULL). Borrowed. */
cl_kernel tsr_map_kernel (TsrDevice *device, const char *file, const char *defines, GError **error);

/** Launches a kernel over x times y work-items in groups of local_x times local_y, which are
 * TSR_MAP_GROUP; the kernel does nothing beyond its range. */
bool tsr_map_launch (TsrDevice *device, cl_kernel kernel, size_t x, size_t y, size_t local_x,
                     size_t local_y, const TsrArg *args, unsigned n_args, GError **error);

/** The same over n work-items of one dimension. */
bool tsr_map_launch_flat (TsrDevice *device, cl_kernel kernel, size_t n, const TsrArg *args,
                          unsigned n_args, GError **error);
