#include "tsr-map-launch.h"

size_t
tsr_map_groups (size_t n)
{
  return (n + TSR_MAP_GROUP - 1) / TSR_MAP_GROUP;
}

cl_kernel
tsr_map_kernel (TsrDevice *device, const char *file, const char *defines, GError **error)
{
  g_autofree char *name = g_strconcat (file, ".cl", NULL);
  return tsr_device_kernel (device, name, file, defines, error);
}

bool
tsr_map_launch (TsrDevice *device, cl_kernel kernel, size_t x, size_t y, size_t local_x,
                size_t local_y, const TsrArg *args, unsigned n_args, GError **error)
{
  size_t local[2] = {local_x, local_y};
  size_t global[2] = {(x + local_x - 1) / local_x * local_x, (y + local_y - 1) / local_y * local_y};
  return tsr_device_launch (device, kernel, 2, global, local, args, n_args, error);
}

bool
tsr_map_launch_flat (TsrDevice *device, cl_kernel kernel, size_t n, const TsrArg *args,
                     unsigned n_args, GError **error)
{
  size_t local = TSR_MAP_GROUP, global = tsr_map_groups (n) * TSR_MAP_GROUP;
  return tsr_device_launch (device, kernel, 1, &global, &local, args, n_args, error);
}
