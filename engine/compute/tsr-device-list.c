/* Which devices there are, and which is best. */
#include "tsr-device-list.h"

#include <stdlib.h>
#include <string.h>

/* PoCL compiles a kernel for any size of work-group when it is kept on disk (tsr-kernel-cache.c),
 * and by itself once more for the size, offset and grid of its first launch. Our launches on CPUs
 * have one work-item a group and loop inside: the second compilation gains nothing
 * (docs/performance.md) and is a quarter of what a first training waits for. Who sets the variable
 * is obeyed. A constructor for the same reason as in tsr-onednn-library.c. */
__attribute__ ((constructor)) static void
compile_kernels_once (void)
{
  setenv ("POCL_WORK_GROUP_SPECIALIZATION", "0", 0);
}

static void
info_free (gpointer data)
{
  TsrDeviceInfo *info = data;
  g_free (info->id);
  g_free (info->name);
  g_free (info->platform);
  g_free (info->driver);
  g_free (info);
}

static char *
device_string (cl_device_id id, cl_device_info what)
{
  size_t size = 0;
  if (clGetDeviceInfo (id, what, 0, NULL, &size) != CL_SUCCESS || size == 0)
    return g_strdup ("?");
  char *text = g_malloc0 (size + 1);
  clGetDeviceInfo (id, what, size, text, NULL);
  char *clean = g_utf8_make_valid (g_strstrip (text), -1);
  g_free (text);
  return clean;
}

static char *
platform_string (cl_platform_id id, cl_platform_info what)
{
  size_t size = 0;
  if (clGetPlatformInfo (id, what, 0, NULL, &size) != CL_SUCCESS || size == 0)
    return g_strdup ("?");
  char *text = g_malloc0 (size + 1);
  clGetPlatformInfo (id, what, size, text, NULL);
  char *clean = g_utf8_make_valid (g_strstrip (text), -1);
  g_free (text);
  return clean;
}

static TsrDeviceInfo *
describe (cl_platform_id platform, cl_device_id id, unsigned p, unsigned d)
{
  TsrDeviceInfo *info = g_new0 (TsrDeviceInfo, 1);
  g_autofree char *platform_name = platform_string (platform, CL_PLATFORM_NAME);
  g_autofree char *version = platform_string (platform, CL_PLATFORM_VERSION);
  info->id = g_strdup_printf ("%u.%u", p, d);
  info->name = device_string (id, CL_DEVICE_NAME);
  info->platform = g_strdup_printf ("%s, %s", platform_name, version);
  info->driver = device_string (id, CL_DRIVER_VERSION);

  cl_device_type type = 0;
  cl_ulong memory = 0, largest = 0;
  cl_uint units = 0, clock = 0;
  cl_bool available = CL_FALSE, compiler = CL_FALSE;
  clGetDeviceInfo (id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
  clGetDeviceInfo (id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof memory, &memory, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof largest, &largest, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_CLOCK_FREQUENCY, sizeof clock, &clock, NULL);
  clGetDeviceInfo (id, CL_DEVICE_AVAILABLE, sizeof available, &available, NULL);
  clGetDeviceInfo (id, CL_DEVICE_COMPILER_AVAILABLE, sizeof compiler, &compiler, NULL);
  info->is_cpu = (type & CL_DEVICE_TYPE_CPU) != 0;
  info->is_gpu = (type & CL_DEVICE_TYPE_GPU) != 0;
  const char *as_gpu = g_getenv ("TESSERA_CPU_AS_GPU");
  if (info->is_cpu && as_gpu && strcmp (as_gpu, "1") == 0) { /* tests go a GPU's ways without one */
    info->is_cpu = false;
    info->is_gpu = true;
  }
  info->memory = memory;
  info->max_allocation = largest;
  info->compute_units = units;
  /* Units times clock never reaches 1e9, so the kind of device decides first. */
  info->score = (double)units * MAX (clock, 1) + (info->is_gpu ? 2e9 : info->is_cpu ? 0 : 1e9);
  if (!available || !compiler)
    info->score = -1;
  return info;
}

static gint
by_score (gconstpointer a, gconstpointer b)
{
  double x = (*(TsrDeviceFound **)a)->info->score, y = (*(TsrDeviceFound **)b)->info->score;
  return (x < y) - (x > y);
}

static void
found_free (gpointer data)
{
  TsrDeviceFound *found = data;
  if (found->info)
    info_free (found->info);
  g_free (found);
}

GPtrArray *
tsr_device_find_all (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (found_free);
  cl_uint n_platforms = 0;
  if (clGetPlatformIDs (0, NULL, &n_platforms) != CL_SUCCESS || n_platforms == 0)
    return all;
  g_autofree cl_platform_id *platforms = g_new0 (cl_platform_id, n_platforms);
  clGetPlatformIDs (n_platforms, platforms, NULL);
  for (cl_uint p = 0; p < n_platforms; p++) {
    cl_uint n = 0;
    if (clGetDeviceIDs (platforms[p], CL_DEVICE_TYPE_ALL, 0, NULL, &n) != CL_SUCCESS || n == 0)
      continue;
    g_autofree cl_device_id *ids = g_new0 (cl_device_id, n);
    clGetDeviceIDs (platforms[p], CL_DEVICE_TYPE_ALL, n, ids, NULL);
    for (cl_uint d = 0; d < n; d++) {
      TsrDeviceFound *found = g_new0 (TsrDeviceFound, 1);
      found->platform = platforms[p];
      found->id = ids[d];
      found->info = describe (platforms[p], ids[d], p, d);
      g_ptr_array_add (all, found);
    }
  }
  g_ptr_array_sort (all, by_score);
  return all;
}

GPtrArray *
tsr_device_list (void)
{
  g_autoptr (GPtrArray) all = tsr_device_find_all ();
  GPtrArray *list = g_ptr_array_new_with_free_func (info_free);
  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (list, g_steal_pointer (&((TsrDeviceFound *)all->pdata[i])->info));
  return list;
}

void
tsr_device_info_free (TsrDeviceInfo *info)
{
  if (info)
    info_free (info);
}

static bool
name_contains (const char *name, const char *part)
{
  g_autofree char *a = g_utf8_casefold (name, -1);
  g_autofree char *b = g_utf8_casefold (part, -1);
  return strstr (a, b) != NULL;
}

bool
tsr_device_matches (const TsrDeviceInfo *info, const char *spec)
{
  if (!spec)
    return info->score >= 0;
  if (g_ascii_strcasecmp (spec, "cpu") == 0)
    return info->is_cpu;
  if (g_ascii_strcasecmp (spec, "gpu") == 0)
    return info->is_gpu;
  if (g_str_equal (spec, info->id))
    return true;
  if (g_regex_match_simple ("^[0-9]+\\.[0-9]+$", spec, 0, 0))
    return false; /* an id never means part of a name */
  return name_contains (info->name, spec) || name_contains (info->platform, spec);
}
