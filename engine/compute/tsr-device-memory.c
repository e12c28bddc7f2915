/* How much memory a device has left. */
#include "tsr-device-private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The number that follows a key in a file of the kernel's; SIZE_MAX where there is none. */
static size_t
number_in (const char *path, const char *key, size_t unit)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return SIZE_MAX;
  const char *at = strstr (text, key);
  if (!at || !g_ascii_isdigit (at[strlen (key) + strspn (at + strlen (key), " ")]))
    return SIZE_MAX;
  return (size_t)g_ascii_strtoull (at + strlen (key), NULL, 10) * unit;
}

/* What this process may still take of the machine: a tenth is left to others, and a container has
 * less than the machine. */
static size_t
host_left (const TsrDevice *device)
{
  size_t physical = (size_t)sysconf (_SC_PHYS_PAGES) * (size_t)sysconf (_SC_PAGESIZE);
  size_t usable = physical / 10 * 9;
  size_t left = usable > device->memory_now ? usable - device->memory_now : 0;
  size_t available = number_in ("/proc/meminfo", "MemAvailable:", 1024);
  size_t limit = number_in ("/sys/fs/cgroup/memory.max", "", 1),
         used = number_in ("/sys/fs/cgroup/memory.current", "", 1),
         cache = number_in ("/sys/fs/cgroup/memory.stat", "\ninactive_file ", 1);
  if (limit != SIZE_MAX && used != SIZE_MAX) {
    used -= cache != SIZE_MAX ? MIN (cache, used) : 0;
    left = MIN (left, limit > used ? limit - used : 0);
  }
  return MIN (left, available);
}

size_t
tsr_device_memory_left (const TsrDevice *device)
{
  if (device->memory_limit > 0)
    return device->memory_limit > device->memory_now ? device->memory_limit - device->memory_now
                                                     : 0;
  if (device->info->is_cpu)
    return host_left (device);
  return device->info->memory > device->memory_now ? device->info->memory - device->memory_now : 0;
}

size_t
tsr_device_largest_buffer (const TsrDevice *device)
{
  size_t left = tsr_device_memory_left (device);
  return device->info->is_cpu ? left : MIN (left, device->info->max_allocation);
}

void
tsr_device_limit_memory (TsrDevice *device, size_t bytes)
{
  device->memory_limit = bytes;
}

void
tsr_device_memory (const TsrDevice *device, size_t *now, size_t *peak)
{
  if (now)
    *now = device->memory_now;
  if (peak)
    *peak = device->memory_peak;
}
