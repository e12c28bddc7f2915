/* The device layer: choosing, buffers and views, kernels, order in the queue, errors, profiles. */
#include "tsr-device.h"
#include "tsr-error.h"
#include "tsr-provider.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <utime.h>

static TsrDevice *
open_or_skip (void)
{
  g_autoptr (GError) error = NULL;
  TsrDevice *device = tsr_device_open (NULL, &error);
  if (!device)
    g_test_skip (error->message);
  return device;
}

static void
test_choice (void)
{
  g_autoptr (GPtrArray) list = tsr_device_list ();
  for (guint i = 0; i < list->len; i++) {
    const TsrDeviceInfo *info = list->pdata[i];
    if (i > 0)
      g_assert_cmpfloat (info->score, <=, ((TsrDeviceInfo *)list->pdata[i - 1])->score);
    g_assert_cmpuint (info->max_allocation, <=, info->memory);
    g_autoptr (GError) error = NULL;
    TsrDevice *device = tsr_device_open (info->id, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (tsr_device_info (device)->id, ==, info->id);
    g_assert_null (tsr_device_notice (device));
    g_assert_cmpuint (tsr_buffer_alignment (device), >=, 64);
    g_assert_cmpuint (tsr_buffer_alignment (device) % 64, ==, 0);
    /* of every device since OpenCL 1.1; a part of a name is none */
    g_assert_true (tsr_device_has_extension (device, "cl_khr_global_int32_base_atomics"));
    g_assert_false (tsr_device_has_extension (device, "cl_khr_global_int32"));
    g_assert_false (tsr_device_has_extension (device, ""));
    tsr_device_close (device);
  }
  const char *const wrong[] = {"99.0", "0.99", "no such device", "1.0.0"};
  for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (tsr_device_open (wrong[i], &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
  }
}

static void
test_choice_by_environment (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autofree char *id = g_strdup (tsr_device_info (device)->id);
  tsr_device_close (device);
  g_setenv ("TESSERA_DEVICE", "no such device", TRUE);
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_device_open (NULL, &error));
  g_assert_nonnull (strstr (error->message, "no such device"));
  g_clear_error (&error);
  device = tsr_device_open (id, &error); /* what the caller asks for comes first */
  g_assert_no_error (error);
  tsr_device_close (device);
  g_unsetenv ("TESSERA_DEVICE");
}

static void
test_buffers (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autoptr (GError) error = NULL;
  size_t now, peak, step = tsr_buffer_alignment (device);
  uint8_t data[5000], got[5000];
  for (unsigned i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)(i * 7 + 1);

  TsrBuffer *buffer = tsr_buffer_new (device, sizeof data, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_buffer_read (buffer, 0, got, sizeof got, &error));
  for (unsigned i = 0; i < sizeof got; i++)
    g_assert_cmpuint (got[i], ==, 0);
  if (tsr_device_info (device)->is_cpu)
    g_assert_cmpuint ((size_t)buffer->host % 64, ==, 0);

  g_assert_true (tsr_buffer_write (buffer, 3, data, 1000, &error));
  g_assert_true (tsr_buffer_copy (buffer, 3, buffer, 2000, 1000, &error));
  g_assert_true (tsr_buffer_read (buffer, 2000, got, 1000, &error));
  g_assert_cmpmem (got, 1000, data, 1000);

  TsrBuffer *view = tsr_buffer_view (buffer, 2 * step, 4 * step, &error);
  TsrBuffer *inner = tsr_buffer_view (view, step, step, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_buffer_fill (inner, 0x01020304, &error));
  g_assert_true (tsr_buffer_read (buffer, 0, got, sizeof got, &error));
  for (unsigned i = 0; i < sizeof got; i++) {
    bool inside = i >= 3 * step && i < 4 * step;
    uint8_t before = i >= 3 && i < 1003 ? data[i - 3] : i >= 2000 && i < 3000 ? data[i - 2000] : 0;
    g_assert_cmpuint (got[i], ==, inside ? (uint8_t)(4 - i % 4) : before);
  }
  g_assert_true (tsr_buffer_write (view, 5, data, 20, &error));
  g_assert_true (tsr_buffer_read (buffer, 2 * step + 5, got, 20, &error));
  g_assert_cmpmem (got, 20, data, 20);

  tsr_device_memory (device, &now, &peak);
  g_assert_cmpuint (now, ==, sizeof data); /* views are free */
  tsr_buffer_free (inner);
  tsr_buffer_free (view);
  tsr_buffer_free (buffer);
  tsr_buffer_free (NULL);
  tsr_device_memory (device, &now, &peak);
  g_assert_cmpuint (now, ==, 0);
  g_assert_cmpuint (peak, ==, sizeof data);
  tsr_device_close (device);
}

static void
test_too_large (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  const size_t sizes[] = {(size_t)1 << 50, SIZE_MAX / 2, SIZE_MAX};
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (tsr_buffer_new (device, sizes[i], &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_MEMORY);
    g_assert_nonnull (strstr (error->message, "smaller batch"));
  }
  tsr_device_close (device);
}

/* More than the driver takes as one piece: only the views exist for OpenCL. */
static void
test_beyond_one_piece (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autoptr (GError) error = NULL;
  size_t piece = (size_t)tsr_device_info (device)->max_allocation,
         step = tsr_buffer_alignment (device);
  if (!tsr_device_info (device)->is_cpu || piece > (size_t)300 << 20) {
    g_test_skip (
        "The driver's limit is too large to go beyond it in a test (see POCL_MEMORY_LIMIT).");
    tsr_device_close (device);
    return;
  }
  size_t bytes = piece + 64 * step;
  TsrBuffer *arena = tsr_buffer_new (device, bytes, &error);
  g_assert_no_error (error);
  g_assert_null (arena->mem);
  TsrBuffer *low = tsr_buffer_view (arena, step, 8 * step, &error);
  TsrBuffer *high = tsr_buffer_view (arena, bytes - 8 * step, 8 * step, &error);
  TsrBuffer *inner = tsr_buffer_view (high, step, 2 * step, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_buffer_fill (arena, 0x11111111, &error));
  g_assert_true (tsr_buffer_fill (high, 0x22222222, &error));
  g_assert_true (tsr_buffer_fill (inner, 0x33333333, &error));
  g_assert_true (tsr_buffer_copy (inner, 0, low, step, step, &error));
  g_assert_true (tsr_buffer_copy (arena, bytes - 4, arena, 0, 4, &error));
  g_autofree uint8_t *got = g_malloc (bytes);
  g_assert_true (tsr_buffer_read (arena, 0, got, bytes, &error));
  g_assert_no_error (error);
  for (size_t i = 0; i < bytes; i++) {
    size_t from_end = bytes - i;
    uint8_t want = i < 4                                         ? 0x22
                   : i >= 2 * step && i < 3 * step               ? 0x33
                   : from_end <= 7 * step && from_end > 5 * step ? 0x33
                   : from_end <= 8 * step                        ? 0x22
                                                                 : 0x11;
    if (got[i] != want)
      g_error ("byte %zu is %x, not %x", i, got[i], want);
  }
  uint32_t word = 0x44444444;
  g_assert_true (tsr_buffer_write (arena, bytes - 4, &word, 4, &error));
  word = 0;
  g_assert_true (tsr_buffer_read (high, 8 * step - 4, &word, 4, &error));
  g_assert_cmphex (word, ==, 0x44444444);
  tsr_buffer_free (inner);
  tsr_buffer_free (high);
  tsr_buffer_free (low);
  tsr_buffer_free (arena);
  tsr_device_close (device);
}

static const char add_source[] =
    "__kernel void add (__global float *x, float a, __local float *unused)\n"
    "{ size_t i = get_global_id (0); x[i] = x[i] * 2 + a; }\n";

typedef struct {
  float *values;
  size_t count;
} AddOne;

static bool
add_one (void *data)
{
  const AddOne *self = data;
  for (size_t i = 0; i < self->count; i++)
    self->values[i] += 1;
  return true;
}

static bool
fail (void *data)
{
  return false;
}

/* Kernels and host functions take turns on the same bytes of a view, in the order in which they are
 * enqueued. */
static void
test_order (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autoptr (GError) error = NULL;
  enum { COUNT = 4096, ROUNDS = 300 };
  TsrBuffer *arena = tsr_buffer_new (device, COUNT * 12, &error);
  TsrBuffer *buffer = tsr_buffer_view (arena, COUNT * 4, COUNT * 4, &error);
  cl_kernel kernel = tsr_device_kernel_from_source (device, "add", "add", add_source, &error);
  g_assert_no_error (error);
  float expected = 0;
  size_t global = COUNT;
  bool native = buffer->host != NULL;
  for (int i = 0; i < ROUNDS; i++) {
    float a = (float)(i % 5) - expected; /* keeps the numbers small and exact */
    TsrArg args[] = {TSR_ARG_BUFFER (buffer), TSR_ARG (a), {NULL, 64}};
    g_assert_true (tsr_device_launch (device, kernel, 1, &global, NULL, args, 3, &error));
    expected = expected * 2 + a;
    AddOne job = {buffer->host, COUNT};
    if (native) {
      g_assert_true (
          tsr_device_native (device, "add one", add_one, &job, sizeof job, false, &error));
      expected += 1;
    }
  }
  g_assert_no_error (error);
  g_autofree float *got = g_new (float, 3 * COUNT);
  g_assert_true (tsr_buffer_read (arena, 0, got, COUNT * 12, &error));
  for (int i = 0; i < 3 * COUNT; i++)
    g_assert_cmpfloat (got[i], ==, i >= COUNT && i < 2 * COUNT ? expected : 0);
  tsr_buffer_free (buffer);
  tsr_buffer_free (arena);
  tsr_device_close (device);
}

static void
test_native_failure (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autoptr (GError) error = NULL;
  int nothing = 0;
  if (!tsr_device_native (device, "a broken function", fail, &nothing, sizeof nothing, false,
                          &error)) {
    g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
    g_test_skip ("This device runs no host functions.");
  } else {
    g_assert_false (tsr_device_finish (device, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
    g_assert_nonnull (strstr (error->message, "a broken function"));
    g_clear_error (&error);
    g_assert_true (tsr_device_finish (device, &error)); /* told once */
    g_assert_no_error (error);
    /* A read must not hand out what a failed function left behind. */
    TsrBuffer *buffer = tsr_buffer_new (device, 64, &error);
    tsr_device_native (device, "another", fail, &nothing, sizeof nothing, false, &error);
    g_assert_no_error (error);
    g_assert_false (tsr_buffer_read (buffer, 0, &nothing, sizeof nothing, &error));
    g_assert_nonnull (strstr (error->message, "another"));
    tsr_buffer_free (buffer);
  }
  tsr_device_close (device);
}

static void
test_kernel_errors (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_device_kernel_from_source (
      device, "wrong name", "f", "__kernel void f (__global float *x) { x[0] = nowhere; }\n",
      &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "wrong name"));
  g_assert_nonnull (strstr (error->message, "nowhere")); /* from the build log */
  g_clear_error (&error);
  g_assert_null (tsr_device_kernel (device, "no_such_file.cl", "f", NULL, &error));
  g_assert_nonnull (strstr (error->message, "no_such_file.cl"));
  g_clear_error (&error);
  g_assert_null (tsr_device_kernel (device, "matmul.cl", "no_such_entry", "V 4", &error));
  g_assert_nonnull (strstr (error->message, "no_such_entry"));
  g_clear_error (&error);

  cl_kernel kernel = tsr_device_kernel (device, "matmul.cl", "matmul", "V 4\nTRANSPOSE_B", &error);
  g_assert_no_error (error);
  g_assert_true (kernel ==
                 tsr_device_kernel (device, "matmul.cl", "matmul", "V 4\nTRANSPOSE_B", &error));
  g_assert_true (kernel !=
                 tsr_device_kernel (device, "matmul.cl", "matmul", "V 8\nTRANSPOSE_B", &error));
  size_t global = 1;
  float wrong = 0;
  g_assert_false (
      tsr_device_launch (device, kernel, 1, &global, NULL, &TSR_ARG (wrong), 1, &error));
  g_assert_nonnull (strstr (error->message, "matmul"));
  g_assert_cmpstr (tsr_device_error_name (CL_OUT_OF_RESOURCES), ==, "CL_OUT_OF_RESOURCES");
  g_assert_cmpstr (tsr_device_error_name (CL_INVALID_KERNEL_ARGS), ==, "CL_INVALID_KERNEL_ARGS");
  g_assert_cmpstr (tsr_device_error_name (CL_INVALID_DEVICE_PARTITION_COUNT), ==,
                   "CL_INVALID_DEVICE_PARTITION_COUNT");
  g_assert_cmpstr (tsr_device_error_name (-999999), ==, "unknown OpenCL error");
  tsr_device_close (device);
}

static unsigned
count_cached (char **last)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "tessera", "kernels", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  unsigned n = 0;
  for (const char *name; dir && (name = g_dir_read_name (dir)); n++) {
    g_free (*last);
    *last = g_build_filename (folder, name, NULL);
  }
  return n;
}

/* Builds and runs a kernel on a fresh device; returns what it computes. */
static float
run_cached (const char *source)
{
  g_autoptr (GError) error = NULL;
  TsrDevice *device = tsr_device_open (NULL, &error);
  TsrBuffer *buffer = tsr_buffer_new (device, 64, &error);
  cl_kernel kernel = tsr_device_kernel_from_source (device, "cached", "cached", source, &error);
  g_assert_no_error (error);
  size_t one = 1;
  float result = 0;
  g_assert_true (
      tsr_device_launch (device, kernel, 1, &one, &one, &TSR_ARG_BUFFER (buffer), 1, &error));
  g_assert_true (tsr_buffer_read (buffer, 0, &result, sizeof result, &error));
  tsr_buffer_free (buffer);
  tsr_device_close (device);
  return result;
}

/* A binary on disk is used; one that is damaged in any way only costs a compilation. */
static void
test_disk_cache (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  tsr_device_close (device);
  static const char source[] = "__kernel void cached (__global float *x) { x[0] = 42; }\n";
  static const char other[] = "__kernel void cached (__global float *x) { x[0] = 43; }\n";
  g_autofree char *path = NULL;
  while (count_cached (&path) > 0)
    g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpfloat (run_cached (source), ==, 42);
  g_assert_cmpuint (count_cached (&path), ==, 1);
  g_autofree char *content = NULL;
  gsize length = 0;
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));

  struct utimbuf long_ago = {1000000000, 1000000000};
  GStatBuf status;
  g_assert_cmpint (g_utime (path, &long_ago), ==, 0);
  g_assert_cmpfloat (run_cached (source), ==, 42);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mtime, >, long_ago.modtime); /* it was used */
  g_assert_cmpuint (count_cached (&path), ==, 1);

  for (gsize damaged = 0; damaged < length; damaged += length / 7 + 1) {
    content[damaged] ^= 0x20;
    g_assert_true (g_file_set_contents (path, content, (gssize)length, NULL));
    g_assert_cmpfloat (run_cached (source), ==, 42);
    content[damaged] ^= 0x20;
    g_assert_true (g_file_set_contents (path, content, (gssize)damaged, NULL)); /* cut short */
    g_assert_cmpfloat (run_cached (source), ==, 42);
  }
  g_assert_cmpfloat (run_cached (other), ==, 43);
  g_assert_cmpuint (count_cached (&path), ==, 2);
}

static void
test_profile (void)
{
  TsrDevice *device = open_or_skip ();
  if (!device)
    return;
  g_autoptr (GError) error = NULL;
  TsrBuffer *buffer = tsr_buffer_new (device, 4096, &error);
  cl_kernel kernel = tsr_device_kernel_from_source (device, "add", "add", add_source, &error);
  g_assert_no_error (error);
  size_t global = 1024;
  float a = 1;
  TsrArg args[] = {TSR_ARG_BUFFER (buffer), TSR_ARG (a), {NULL, 64}};
  for (int on = 0; on < 2; on++) {
    tsr_device_profile (device, on);
    for (int i = 0; i < 5; i++)
      g_assert_true (tsr_device_launch (device, kernel, 1, &global, NULL, args, 3, &error));
    g_assert_true (tsr_buffer_fill (buffer, 0, &error));
    g_autoptr (GArray) rows = tsr_device_profile_take (device);
    g_assert_cmpuint (rows->len, ==, on ? 2 : 0);
    for (guint i = 0; i < rows->len; i++) {
      const TsrProfileRow *row = &g_array_index (rows, TsrProfileRow, i);
      bool is_add = g_str_equal (row->name, "add");
      g_assert_true (is_add || g_str_equal (row->name, "fill"));
      g_assert_cmpuint (row->calls, ==, is_add ? 5 : 1);
      g_assert_cmpuint (row->ns, >, 0);
    }
  }
  g_autoptr (GArray) empty = tsr_device_profile_take (device);
  g_assert_cmpuint (empty->len, ==, 0);
  tsr_device_count_flops (device, 5);
  g_assert_cmpfloat (tsr_device_flops (device), ==, 5);
  tsr_device_profile (device, false);
  tsr_buffer_free (buffer);
  tsr_device_close (device);
}

/* While kernels are made ready, a cancelled job ends at the next one; afterwards nothing is cut. */
static void
test_interrupt (void)
{
  GError *error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrDevice *device = tsr_device_open (NULL, &error);
  g_assert_no_error (error);
  cl_kernel kernel = tsr_device_kernel_from_source (device, "still", "still",
                                                    "__kernel void still (int n) {}", &error);
  g_assert_no_error (error);
  int n = 1;
  size_t one = 1;
  TsrArg arg = TSR_ARG (n);
  tsr_device_interrupt (device, cancellable);
  g_assert_true (tsr_device_launch (device, kernel, 1, &one, &one, &arg, 1, &error));
  g_cancellable_cancel (cancellable);
  g_assert_false (tsr_device_launch (device, kernel, 1, &one, &one, &arg, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (tsr_device_kernel_from_source (device, "new", "other",
                                                "__kernel void other (int n) {}", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  tsr_device_interrupt (device, NULL);
  g_assert_true (tsr_device_launch (device, kernel, 1, &one, &one, &arg, 1, &error));
  g_assert_true (tsr_device_finish (device, &error));
  tsr_device_close (device);
}

/* In a process that cannot load oneDNN: the device says so, and says it once however many providers
 * find out. */
static void
try_providers (void)
{
  TsrDevice *device = tsr_device_open ("cpu", NULL);
  if (!device)
    return;
  for (int i = 0; i < 2; i++) {
    TsrProvider *provider = tsr_provider_new (device, TSR_PROVIDER_AUTO, NULL);
    g_assert_nonnull (provider);
    tsr_provider_free (provider);
  }
  const char *notice = tsr_device_notice (device);
  g_assert_nonnull (notice);
  const char *first = strstr (notice, "Plain kernels");
  g_assert_nonnull (first);
  g_assert_null (strstr (first + 1, "Plain kernels"));
  tsr_device_close (device);
}

static void
test_fallback (void)
{
  if (g_test_subprocess ()) {
    try_providers ();
    return;
  }
  g_autofree char *folder = g_dir_make_tmp ("tessera-test-XXXXXX", NULL),
                  *library = g_build_filename (folder, "libdnnl.so.2", NULL),
                  *former = g_strdup (g_getenv ("LD_LIBRARY_PATH"));
  g_assert_true (g_file_set_contents (library, "", 0, NULL));
  g_setenv ("LD_LIBRARY_PATH", folder, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  if (former)
    g_setenv ("LD_LIBRARY_PATH", former, TRUE);
  else
    g_unsetenv ("LD_LIBRARY_PATH");
  g_unlink (library);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  /* A cache of our own, that must exist: PoCL shows no device where it cannot make its own cache in
   * it. */
  g_autofree char *cache = g_dir_make_tmp ("tessera-test-XXXXXX", NULL);
  g_assert_nonnull (cache);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device/choice", test_choice);
  g_test_add_func ("/device/choice-by-environment", test_choice_by_environment);
  g_test_add_func ("/device/fallback", test_fallback);
  g_test_add_func ("/device/buffers", test_buffers);
  g_test_add_func ("/device/too-large", test_too_large);
  g_test_add_func ("/device/beyond-one-piece", test_beyond_one_piece);
  g_test_add_func ("/device/order", test_order);
  g_test_add_func ("/device/native-failure", test_native_failure);
  g_test_add_func ("/device/kernel-errors", test_kernel_errors);
  g_test_add_func ("/device/disk-cache", test_disk_cache);
  g_test_add_func ("/device/profile", test_profile);
  g_test_add_func ("/device/interrupt", test_interrupt);
  int failed = g_test_run ();
  g_autofree char *clean = g_strdup_printf ("rm -rf '%s'", cache);
  return system (clean) == 0 ? failed : 1;
}
