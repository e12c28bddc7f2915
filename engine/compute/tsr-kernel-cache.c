/* Kernels by file, entry and defines: compiled once in the life of a device, and once in the life
 * of a driver on disk. */
#include "tsr-device-private.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-opencl-sources.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#define SOURCE_PREFIX  "/io/github/tessera_annotator/Tessera/opencl/"
#define BUILD_OPTIONS  "-cl-std=CL1.2 -cl-mad-enable"
#define INCLUDE        "#include \""
#define CACHE_MAGIC    "TSRK1"
#define UNUSED_SECONDS ((gint64)90 * 24 * 3600)

/* ---- source ---- */

/* Appends a file, with the files it includes in their places: drivers know no folder of ours. */
static bool
append_file (GString *source, const char *file, GError **error)
{
  g_autofree char *path = g_strconcat (SOURCE_PREFIX, file, NULL);
  g_autoptr (GError) why = NULL;
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (tsr_opencl_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &why);
  if (!bytes) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
                 "The kernel file “%s” is not part of this program: %s", file, why->message);
    return false;
  }
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_string_append_printf (source, "#line 1 \"%s\"\n", file);
  for (int k = 0; lines[k]; k++) {
    const char *name = g_str_has_prefix (lines[k], INCLUDE) ? lines[k] + strlen (INCLUDE) : NULL;
    if (!name) {
      g_string_append (source, lines[k]);
      g_string_append_c (source, '\n');
      continue;
    }
    g_autofree char *included = g_strndup (name, strcspn (name, "\""));
    if (!append_file (source, included, error))
      return false;
    g_string_append_printf (source, "#line %d \"%s\"\n", k + 2, file);
  }
  return true;
}

static void
append_defines (GString *source, const char *defines)
{
  if (!defines)
    return;
  g_auto (GStrv) lines = g_strsplit (defines, "\n", -1);
  for (char **line = lines; *line; line++)
    if (**line)
      g_string_append_printf (source, "#define %s\n", *line);
}

/* ---- on disk ---- */

static char *
hash_source (const TsrDevice *device, const char *source)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *parts[] = {source, BUILD_OPTIONS, device->info->name, device->info->platform,
                         device->info->driver};
  for (unsigned i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (sum, (const guchar *)parts[i], (gssize)strlen (parts[i]) + 1);
  return g_strdup (g_checksum_get_string (sum));
}

static char *
cache_path (const char *hash)
{
  return g_build_filename (g_get_user_cache_dir (), "tessera", "kernels", hash, NULL);
}

/* Once in a process: forgets what no run has used for a while, such as the kernels of a driver that
 * is gone. Loading a file renews its time. */
static void
forget_unused (const char *folder)
{
  static gsize done;
  if (!g_once_init_enter (&done))
    return;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 oldest = g_get_real_time () / G_USEC_PER_SEC - UNUSED_SECONDS;
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    GStatBuf status;
    if (g_stat (path, &status) == 0 && status.st_mtime < oldest)
      g_unlink (path);
  }
  g_once_init_leave (&done, 1);
}

/* The file is magic, the SHA-256 of the binary in hexadecimal, the binary. */
static cl_program
load_binary (TsrDevice *device, const char *hash)
{
  g_autofree char *path = cache_path (hash);
  g_autofree char *content = NULL;
  gsize size = 0;
  size_t head = strlen (CACHE_MAGIC) + 64;
  if (!g_file_get_contents (path, &content, &size, NULL) || size <= head ||
      memcmp (content, CACHE_MAGIC, strlen (CACHE_MAGIC)) != 0)
    return NULL;
  const unsigned char *binary = (unsigned char *)content + head;
  size_t length = size - head;
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, binary, length);
  if (memcmp (sum, content + strlen (CACHE_MAGIC), 64) != 0)
    return NULL;
  cl_int code, status;
  cl_program program =
      clCreateProgramWithBinary (device->context, 1, &device->id, &length, &binary, &status, &code);
  if (code != CL_SUCCESS)
    return NULL;
  if (clBuildProgram (program, 1, &device->id, BUILD_OPTIONS, NULL, NULL) == CL_SUCCESS) {
    g_utime (path, NULL);
    return program;
  }
  clReleaseProgram (program);
  return NULL;
}

/* Whatever goes wrong here only costs a compilation later. */
static void
save_binary (cl_program program, const char *hash)
{
  size_t length = 0;
  if (clGetProgramInfo (program, CL_PROGRAM_BINARY_SIZES, sizeof length, &length, NULL) !=
          CL_SUCCESS ||
      length == 0)
    return;
  size_t magic = strlen (CACHE_MAGIC), head = magic + 64;
  g_autofree char *content = g_malloc (head + length);
  unsigned char *binary = (unsigned char *)content + head;
  if (clGetProgramInfo (program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) != CL_SUCCESS)
    return;
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, binary, length);
  memcpy (content, CACHE_MAGIC, magic);
  memcpy (content + magic, sum, 64);
  g_autofree char *path = cache_path (hash);
  g_autofree char *folder = g_path_get_dirname (path);
  forget_unused (folder);
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents_full (path, content, (gssize)(head + length),
                              G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

/* ---- building ---- */

static void
set_build_error (TsrDevice *device, cl_program program, cl_int code, const char *name,
                 GError **error)
{
  size_t size = 0;
  clGetProgramBuildInfo (program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
  g_autofree char *log = g_malloc0 (size + 1);
  if (size)
    clGetProgramBuildInfo (program, device->id, CL_PROGRAM_BUILD_LOG, size, log, NULL);
  g_autofree char *clean = g_utf8_make_valid (g_strstrip (log), -1);
  g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
               _ ("The kernel “%s” does not compile on “%s” (%s):\n%s"), name, device->info->name,
               tsr_device_error_name (code), clean);
}

static cl_program
build_source (TsrDevice *device, const char *name, const char *source, GError **error)
{
  cl_int code;
  cl_program program = clCreateProgramWithSource (device->context, 1, &source, NULL, &code);
  if (!tsr_device_check (device, code, error, "make the program of kernel “%s”", name))
    return NULL;
  code = clBuildProgram (program, 1, &device->id, BUILD_OPTIONS, NULL, NULL);
  if (code == CL_SUCCESS)
    return program;
  set_build_error (device, program, code, name, error);
  clReleaseProgram (program);
  return NULL;
}

static cl_program
program_of (TsrDevice *device, const char *name, const char *source, GError **error)
{
  g_autofree char *hash = hash_source (device, source);
  cl_program program = g_hash_table_lookup (device->programs, hash);
  if (program)
    return program;
  locale_t former = uselocale (device->c_numbers);
  program = load_binary (device, hash);
  if (!program) {
    program = build_source (device, name, source, error);
    if (program)
      save_binary (program, hash);
  }
  uselocale (former);
  if (program)
    g_hash_table_insert (device->programs, g_steal_pointer (&hash), program);
  return program;
}

static cl_kernel
kernel_of (TsrDevice *device, const char *name, const char *entry, const char *source,
           GError **error)
{
  if (device->interrupt && g_cancellable_set_error_if_cancelled (device->interrupt, error))
    return NULL;
  cl_program program = program_of (device, name, source, error);
  if (!program)
    return NULL;
  cl_int code;
  cl_kernel kernel = clCreateKernel (program, entry, &code);
  if (!tsr_device_check (device, code, error, "make kernel “%s” (no such function in its file?)",
                         entry))
    return NULL;
  g_hash_table_insert (device->names, kernel, (gpointer)g_intern_string (name));
  return kernel;
}

/* ---- public ---- */

cl_kernel
tsr_device_kernel (TsrDevice *device, const char *file, const char *entry, const char *defines,
                   GError **error)
{
  g_autofree char *key = g_strdup_printf ("%s\n%s\n%s", file, entry, defines ? defines : "");
  cl_kernel kernel = g_hash_table_lookup (device->kernels, key);
  if (kernel)
    return kernel;
  g_autoptr (GString) source = g_string_new (NULL);
  append_defines (source, defines);
  if (!append_file (source, "common.cl", error) || !append_file (source, file, error))
    return NULL;
  kernel = kernel_of (device, entry, entry, source->str, error);
  if (kernel)
    g_hash_table_insert (device->kernels, g_steal_pointer (&key), kernel);
  return kernel;
}

cl_kernel
tsr_device_kernel_from_source (TsrDevice *device, const char *name, const char *entry,
                               const char *source, GError **error)
{
  g_autofree char *key = g_strdup_printf ("\n%s\n%s", entry, source);
  cl_kernel kernel = g_hash_table_lookup (device->kernels, key);
  if (kernel)
    return kernel;
  kernel = kernel_of (device, name, entry, source, error);
  if (kernel)
    g_hash_table_insert (device->kernels, g_steal_pointer (&key), kernel);
  return kernel;
}

cl_kernel
tsr_device_copy_kernel (TsrDevice *device, cl_kernel kernel, GError **error)
{
  const char *name = tsr_device_kernel_name (device, kernel);
  char entry[128];
  cl_program program;
  cl_int code = clGetKernelInfo (kernel, CL_KERNEL_FUNCTION_NAME, sizeof entry, entry, NULL);
  if (code == CL_SUCCESS)
    code = clGetKernelInfo (kernel, CL_KERNEL_PROGRAM, sizeof program, &program, NULL);
  cl_kernel copy = code == CL_SUCCESS ? clCreateKernel (program, entry, &code) : NULL;
  if (!tsr_device_check (device, code, error, "copy kernel “%s”", name))
    return NULL;
  g_hash_table_insert (device->names, copy, (gpointer)name);
  return copy;
}

void
tsr_device_release_kernel (TsrDevice *device, cl_kernel kernel)
{
  if (!kernel)
    return;
  g_hash_table_remove (device->names, kernel);
  clReleaseKernel (kernel);
}

const char *
tsr_device_kernel_name (const TsrDevice *device, cl_kernel kernel)
{
  const char *name = g_hash_table_lookup (device->names, kernel);
  return name ? name : "?";
}

static void
release_program (gpointer program)
{
  clReleaseProgram (program);
}

static void
release_kernel (gpointer kernel)
{
  clReleaseKernel (kernel);
}

void
tsr_device_init_kernels (TsrDevice *device)
{
  device->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, release_program);
  device->kernels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, release_kernel);
  device->names = g_hash_table_new (NULL, NULL);
}

void
tsr_device_free_kernels (TsrDevice *device)
{
  g_clear_pointer (&device->names, g_hash_table_unref);
  g_clear_pointer (&device->kernels, g_hash_table_unref);
  g_clear_pointer (&device->programs, g_hash_table_unref);
}
