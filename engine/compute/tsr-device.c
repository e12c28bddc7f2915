/* Opening and closing a device. */
#include "tsr-device-private.h"

#include "tsr-device-list.h"
#include "tsr-error.h"
#include "tsr-i18n.h"

static bool
set_up (TsrDevice *device, GError **error)
{
  cl_int code;
  cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                        (cl_context_properties)device->platform, 0};
  device->context = clCreateContext (properties, 1, &device->id, NULL, NULL, &code);
  if (!tsr_device_check (device, code, error, "make an OpenCL context"))
    return false;
  if (!tsr_device_make_queues (device, error))
    return false;

  cl_uint bits = 0;
  cl_device_exec_capabilities execution = 0;
  clGetDeviceInfo (device->id, CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof bits, &bits, NULL);
  clGetDeviceInfo (device->id, CL_DEVICE_EXECUTION_CAPABILITIES, sizeof execution, &execution,
                   NULL);
  device->alignment = MAX (64, bits / 8);
  device->runs_native = device->info->is_cpu && (execution & CL_EXEC_NATIVE_KERNEL);
  return true;
}

static TsrDevice *
open_found (TsrDeviceFound *found, GError **error)
{
  TsrDevice *device = g_new0 (TsrDevice, 1);
  device->info = g_steal_pointer (&found->info);
  device->platform = found->platform;
  device->id = found->id;
  device->c_numbers = newlocale (LC_NUMERIC_MASK, "C", duplocale (LC_GLOBAL_LOCALE));
  tsr_device_init_kernels (device);
  if (set_up (device, error))
    return device;
  tsr_device_close (device);
  return NULL;
}

static void
set_not_found (GPtrArray *all, const char *spec, GError **error)
{
  if (all->len == 0) {
    g_set_error_literal (
        error, TSR_ERROR, TSR_ERROR_DEVICE,
        _ ("No OpenCL device was found. Install a driver, for example the package "
           "pocl-opencl-icd, which needs no graphics card; if it is installed, make "
           "sure that the folder for caches (XDG_CACHE_HOME) can be written."));
    return;
  }
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < all->len; i++) {
    const TsrDeviceInfo *info = ((TsrDeviceFound *)all->pdata[i])->info;
    g_string_append_printf (names, "%s%s (%s)", i ? ", " : "", info->id, info->name);
  }
  g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE, _ ("No device is called “%s”. Available: %s."),
               spec ? spec : "", names->str);
}

static TsrDevice *
open_first (GPtrArray *all, const char *spec, GError **error)
{
  g_autoptr (GError) first = NULL;
  for (guint i = 0; i < all->len; i++) {
    TsrDeviceFound *found = all->pdata[i];
    if (!found->info || !tsr_device_matches (found->info, spec))
      continue;
    TsrDevice *device = open_found (found, first ? NULL : &first);
    if (device && first)
      device->notice = g_strdup_printf (
          /* Translators: a sentence that says why a device failed, and the other device's name. */
          _ ("%s Using “%s” instead."), first->message, device->info->name);
    if (device)
      return device;
    if (spec)
      break; /* who asks for one device does not want another */
  }
  if (first)
    g_propagate_error (error, g_steal_pointer (&first));
  else
    set_not_found (all, spec, error);
  return NULL;
}

TsrDevice *
tsr_device_open (const char *spec, GError **error)
{
  if (!spec)
    spec = g_getenv ("TESSERA_DEVICE");
  if (spec && !*spec)
    spec = NULL;
  g_autoptr (GPtrArray) all = tsr_device_find_all ();
  return open_first (all, spec, error);
}

void
tsr_device_close (TsrDevice *device)
{
  if (!device)
    return;
  tsr_device_drain (device);
  tsr_device_free_native (device);
  tsr_profile_free (device);
  tsr_device_free_kernels (device);
  tsr_device_release_queues (device);
  if (device->context)
    clReleaseContext (device->context);
  if (device->c_numbers)
    freelocale (device->c_numbers);
  tsr_device_info_free (device->info);
  g_free (device->notice);
  g_free (device);
}

const TsrDeviceInfo *
tsr_device_info (const TsrDevice *device)
{
  return device->info;
}

bool
tsr_device_has_extension (const TsrDevice *device, const char *name)
{
  size_t size = 0;
  if (clGetDeviceInfo (device->id, CL_DEVICE_EXTENSIONS, 0, NULL, &size) != CL_SUCCESS || size == 0)
    return false;
  g_autofree char *text = g_malloc0 (size + 1);
  if (clGetDeviceInfo (device->id, CL_DEVICE_EXTENSIONS, size, text, NULL) != CL_SUCCESS)
    return false;
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  return *name && g_strv_contains ((const char *const *)words, name);
}

const char *
tsr_device_notice (const TsrDevice *device)
{
  return device->notice;
}

unsigned
tsr_device_vector_width (const TsrDevice *device)
{
  return device->info->is_cpu ? 16 : 4;
}

void
tsr_device_count_flops (TsrDevice *device, double flops)
{
  device->flops += flops;
}

double
tsr_device_flops (const TsrDevice *device)
{
  return device->flops;
}
