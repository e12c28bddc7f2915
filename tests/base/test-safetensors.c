/* safetensors: what is written comes back; whatever a stranger may have put in a header ends in a
 * sentence, not a crash. */

#include "tsr-safetensors.h"
#include "tsr-error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static char *
file_name (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* Writes length, header and `tail` zero bytes; length UINT64_MAX: the header's own. */
static char *
write_raw (const char *name, const char *header, size_t header_bytes, uint64_t length, size_t tail)
{
  char *path = file_name (name);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  if (length == UINT64_MAX)
    length = header_bytes;
  g_byte_array_append (bytes, (const guint8 *)&length, sizeof length);
  g_byte_array_append (bytes, (const guint8 *)header, (guint)header_bytes);
  g_autofree guint8 *zeros = g_malloc0 (tail + 1);
  g_byte_array_append (bytes, zeros, (guint)tail);
  g_assert_true (g_file_set_contents (path, (const char *)bytes->data, bytes->len, NULL));
  return path;
}

static void
assert_refused (const char *path, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  g_assert_null (file);
  g_assert_nonnull (error);
  g_assert_true (error->domain == TSR_ERROR);
  g_autofree char *base = g_path_get_basename (path);
  g_assert_nonnull (strstr (error->message, base));
  if (!strstr (error->message, reason))
    g_error ("“%s” does not say “%s”", error->message, reason);
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
refuse (const char *header, size_t tail, const char *reason)
{
  g_autofree char *path =
      write_raw ("hostile.safetensors", header, strlen (header), UINT64_MAX, tail);
  assert_refused (path, reason);
}

static void
test_round_trip (void)
{
  g_autofree char *path = file_name ("round.safetensors");
  float weights[6] = {1, -2, 3.5f, 0, INFINITY, 1e-40f};
  double scalar = M_PI;
  int64_t step = INT64_MIN + 3;
  uint8_t flags[3] = {0, 255, 7};
  TsrTensorInfo tensors[] = {
      {.name = "G.weight \"ü\"",
       .dtype = TSR_DTYPE_F32,
       .ndim = 2,
       .shape = {2, 3},
       .data = weights},
      {.name = "flags", .dtype = TSR_DTYPE_U8, .ndim = 1, .shape = {3}, .data = flags},
      {.name = "scalar", .dtype = TSR_DTYPE_F64, .data = &scalar},
      {.name = "step", .dtype = TSR_DTYPE_I64, .ndim = 1, .shape = {1}, .data = &step},
      {.name = "empty", .dtype = TSR_DTYPE_F32, .ndim = 2, .shape = {0, 5}, .data = weights},
  };
  const char *metadata[] = {"kind", "test", "config", "{\"a\":[[[1,2]]]}\n", NULL};
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_safetensors_write (path, tensors, G_N_ELEMENTS (tensors), metadata, &error));
  g_assert_no_error (error);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_safetensors_count (file), ==, 5);
  g_assert_cmpstr (tsr_safetensors_path (file), ==, path);
  g_assert_cmpstr (tsr_safetensors_metadata (file, "kind"), ==, "test");
  g_assert_cmpstr (tsr_safetensors_metadata (file, "config"), ==, metadata[3]);
  g_assert_null (tsr_safetensors_metadata (file, "absent"));
  for (size_t i = 0; i < 5; i++) {
    const TsrTensorInfo *tensor = tsr_safetensors_at (file, i);
    g_assert_cmpstr (tensor->name, ==, tensors[i].name);
    g_assert_true (tensor == tsr_safetensors_find (file, tensors[i].name));
    g_assert_cmpuint (tensor->ndim, ==, tensors[i].ndim);
    g_assert_cmpmem (tensor->shape, tensor->ndim * sizeof (size_t), tensors[i].shape,
                     tensor->ndim * sizeof (size_t));
    g_assert_cmpint (memcmp (tensor->data, tensors[i].data, tensor->bytes), ==, 0);
  }
  float read[6];
  g_assert_true (tsr_safetensors_read_f32 (file, tensors[0].name, read, 6, &error));
  g_assert_cmpmem (read, sizeof read, weights, sizeof weights);
  g_assert_true (tsr_safetensors_read_f32 (file, "scalar", read, 1, &error));
  g_assert_cmpfloat (read[0], ==, (float)M_PI);
  double wide[6];
  g_assert_true (tsr_safetensors_read_f64 (file, "scalar", wide, 1, &error));
  g_assert_cmpfloat (wide[0], ==, M_PI);
  int64_t step_read;
  g_assert_true (tsr_safetensors_read_raw (file, "step", TSR_DTYPE_I64, &step_read, 1, &error));
  g_assert_cmpint (step_read, ==, step);
  g_assert_true (tsr_safetensors_read_f32 (file, "empty", read, 0, &error));
  g_assert_false (tsr_safetensors_read_f32 (file, "absent", read, 1, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);
  g_assert_false (tsr_safetensors_read_f32 (file, "scalar", read, 2, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
  g_clear_error (&error);
  g_assert_false (tsr_safetensors_read_f32 (file, "step", read, 1, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_MODEL);
}

static void
test_halves (void)
{
  /* 1, -2, 65504, smallest subnormal, -0, inf, nan */
  const uint16_t half[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x7e00};
  const float expected[] = {1, -2, 65504, 0x1p-24f, -0.0f, INFINITY, NAN};
  const uint16_t bfloat[] = {0x3f80, 0xc000, 0x4049};
  const float expected_bfloat[] = {1, -2, 3.140625f};
  TsrTensorInfo tensors[] = {
      {.name = "pad",
       .dtype = TSR_DTYPE_U8,
       .ndim = 1,
       .shape = {1},
       .data = half}, /* misaligns the rest */
      {.name = "half", .dtype = TSR_DTYPE_F16, .ndim = 1, .shape = {7}, .data = half},
      {.name = "bfloat", .dtype = TSR_DTYPE_BF16, .ndim = 1, .shape = {3}, .data = bfloat},
  };
  g_autofree char *path = file_name ("halves.safetensors");
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_safetensors_write (path, tensors, 3, NULL, &error));
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  g_assert_no_error (error);
  float read[7];
  g_assert_true (tsr_safetensors_read_f32 (file, "half", read, 7, &error));
  for (int i = 0; i < 7; i++)
    g_assert_true (isnan (expected[i])
                       ? isnan (read[i])
                       : read[i] == expected[i] && signbit (read[i]) == signbit (expected[i]));
  g_assert_true (tsr_safetensors_read_f32 (file, "bfloat", read, 3, &error));
  g_assert_cmpmem (read, sizeof expected_bfloat, expected_bfloat, sizeof expected_bfloat);
}

static bool
fetch_ramp (size_t index, const TsrTensorInfo *tensor, void *buffer, void *user, GError **error)
{
  if (index == *(size_t *)user) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_DEVICE, "The device is gone.");
    return false;
  }
  for (size_t i = 0; i < tsr_tensor_count (tensor); i++)
    ((float *)buffer)[i] = (float)(index * 100 + i);
  return true;
}

static void
test_fetched_and_failed (void)
{
  TsrTensorInfo tensors[] = {{.name = "a", .dtype = TSR_DTYPE_F32, .ndim = 1, .shape = {4}},
                             {.name = "b", .dtype = TSR_DTYPE_F32, .ndim = 2, .shape = {3, 2}}};
  g_autofree char *path = file_name ("fetched.safetensors");
  g_autoptr (GError) error = NULL;
  size_t fail_at = 99;
  g_assert_true (
      tsr_safetensors_write_fetched (path, tensors, 2, NULL, fetch_ramp, &fail_at, &error));
  g_autofree char *before = NULL, *after = NULL;
  gsize before_bytes, after_bytes;
  g_assert_true (g_file_get_contents (path, &before, &before_bytes, NULL));
  fail_at = 1; /* the former file must survive a fetch that fails half way */
  g_assert_false (
      tsr_safetensors_write_fetched (path, tensors, 2, NULL, fetch_ramp, &fail_at, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_DEVICE);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (path, &after, &after_bytes, NULL));
  g_assert_cmpmem (before, before_bytes, after, after_bytes);
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  float read[6];
  g_assert_true (tsr_safetensors_read_f32 (file, "b", read, 6, &error));
  g_assert_cmpfloat (read[5], ==, 105);

  tensors[1].name = "a";
  g_assert_false (
      tsr_safetensors_write_fetched (path, tensors, 2, NULL, fetch_ramp, &fail_at, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  tensors[1].name = "bad \xff utf-8";
  g_assert_false (
      tsr_safetensors_write_fetched (path, tensors, 2, NULL, fetch_ramp, &fail_at, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_clear_error (&error);
  tensors[1].name = "b";
  g_assert_false (tsr_safetensors_write_fetched ("/nonexistent/folder/x.safetensors", tensors, 2,
                                                 NULL, fetch_ramp, &fail_at, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "/nonexistent/folder/x.safetensors"));
}

static void
test_hostile_headers (void)
{
#define T(offsets) "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" offsets "}"
  refuse ("", 0, "does not start");
  refuse ("[]", 0, "does not start");
  refuse (" {}", 0, "does not start");
  refuse ("{\"a\":", 0, "broken");
  refuse ("{}x", 0, "broken");
  refuse ("{\"a\":" T ("[0,8]") ",\"a\":" T ("[0,8]") "}", 8, "broken");
  refuse ("{\"a\":" T ("[0,8]") ",\"\\u0061\":" T ("[8,16]") "}", 16, "broken");
  refuse ("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
          "broken");
  refuse ("{/*c*/\"a\":" T ("[0,8]") "}", 8, "broken");
  refuse ("{\"a\\u0000b\":" T ("[0,8]") "}", 8, "broken");
  refuse ("{\"a\xff\":" T ("[0,8]") "}", 8, "broken");
  refuse ("{\"a\":" T ("[0,8]") "}", 4, "outside");
  refuse ("{\"a\":" T ("[0,8]") "}", 12, "goes on");
  refuse ("{\"a\":" T ("[4,12]") "}", 12, "gap");
  refuse ("{\"a\":" T ("[0,8]") ",\"b\":" T ("[0,8]") "}", 8, "gap");
  refuse ("{\"a\":" T ("[0,8]") ",\"b\":" T ("[4,12]") "}", 12, "gap");
  refuse ("{\"a\":" T ("[8,0]") "}", 8, "outside");
  refuse ("{\"a\":" T ("[-8,0]") "}", 8, "outside");
  refuse ("{\"a\":" T ("[0,8.0]") "}", 8, "outside");
  refuse ("{\"a\":" T ("[0,\"8\"]") "}", 8, "outside");
  refuse ("{\"a\":" T ("[0,8,9]") "}", 8, "outside");
  refuse ("{\"a\":" T ("[0,99999999999999999999999999]") "}", 8, "broken");
  refuse ("{\"a\":" T ("[0,9223372036854775807]") "}", 8, "outside");
  refuse ("{\"a\":" T ("[0,4]") "}", 4, "do not fit");
  refuse ("{\"a\":7}", 0, "not described");
  refuse ("{\"a\":null}", 0, "not described");
  refuse ("{\"a\":{}}", 0, "not described");
  refuse ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}", 8,
          "not described");
  refuse ("{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown type");
  refuse ("{\"a\":{\"dtype\":5,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown type");
  refuse ("{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", 8, "no shape");
  refuse ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "makes no sense");
  refuse ("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0,
          "makes no sense");
  refuse ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4,
          "dimensions");
  refuse ("{\"__metadata__\":[]}", 0, "__metadata__");
  refuse ("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__");
#undef T
}

static void
test_hostile_sizes (void)
{
  g_autofree char *a = write_raw ("a.safetensors", "{}", 2, 3, 0);
  assert_refused (a, "cut short");
  g_autofree char *b = write_raw ("b.safetensors", "{}", 2, UINT64_MAX - 1, 0);
  assert_refused (b, "cut short");
  g_autofree char *c = file_name ("c.safetensors");
  g_assert_true (g_file_set_contents (c, "\1\0\0", 3, NULL));
  assert_refused (c, "too short");
  g_assert_true (g_file_set_contents (c, "", 0, NULL));
  assert_refused (c, "too short");
  g_autofree char *absent = file_name ("absent.safetensors");
  assert_refused (absent, "open");
  g_autofree char *fifo = file_name ("fifo");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, "regular");
  assert_refused (folder, "regular");

  size_t deep =
      4000000; /* a tower of brackets must neither overflow the stack nor eat the memory */
  g_autofree char *tower = g_malloc (deep);
  memset (tower, '[', deep);
  memcpy (tower, "{\"a\":", 5);
  g_autofree char *d = write_raw ("d.safetensors", tower, deep, UINT64_MAX, 0);
  assert_refused (d, "does not start");
  for (size_t i = 5; i < deep; i++)
    tower[i] = i % 2 ? '1' : ',';
  g_autofree char *e = write_raw ("e.safetensors", tower, deep, UINT64_MAX, 0);
  assert_refused (e, "does not start");
}

/* Every single-byte change and every truncation of a good file is either refused or opens; nothing
 * else may happen. */
static void
test_mutations (void)
{
  float values[4] = {1, 2, 3, 4};
  TsrTensorInfo tensors[] = {
      {.name = "a", .dtype = TSR_DTYPE_F32, .ndim = 1, .shape = {2}, .data = values},
      {.name = "b", .dtype = TSR_DTYPE_F32, .ndim = 1, .shape = {2}, .data = values + 2}};
  const char *metadata[] = {"k", "v", NULL};
  g_autofree char *path = file_name ("mutant.safetensors");
  g_assert_true (tsr_safetensors_write (path, tensors, 2, metadata, NULL));
  g_autofree char *good = NULL;
  gsize bytes;
  g_assert_true (g_file_get_contents (path, &good, &bytes, NULL));
  unsigned refused = 0;
  for (gsize i = 0; i < bytes; i++) {
    g_autoptr (GError) error = NULL;
    FILE *file = fopen (path, "wb");
    g_assert_cmpuint (fwrite (good, 1, i, file), ==, i);
    fclose (file);
    assert_refused (path, "safetensors"); /* every truncation is noticed */
    for (int k = 0; k < 3; k++) {
      char changed = k == 0 ? '[' : k == 1 ? good[i] ^ 1 : '\xff';
      file = fopen (path, "wb");
      fwrite (good, 1, bytes, file);
      fseek (file, (long)i, SEEK_SET);
      fputc (changed, file);
      fclose (file);
      g_autoptr (TsrSafetensors) opened = tsr_safetensors_open (path, NULL);
      refused += !opened;
      for (size_t t = 0; opened && t < tsr_safetensors_count (opened); t++) {
        const TsrTensorInfo *tensor = tsr_safetensors_at (opened, t);
        g_assert_cmpuint (tensor->bytes, ==,
                          tsr_tensor_count (tensor) * tsr_dtype_size (tensor->dtype));
        g_autofree void *copy = g_memdup2 (tensor->data, tensor->bytes);
      }
    }
  }
  g_assert_cmpuint (refused, >, bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("tsr-safetensors-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/safetensors/halves", test_halves);
  g_test_add_func ("/safetensors/fetched-and-failed", test_fetched_and_failed);
  g_test_add_func ("/safetensors/hostile-headers", test_hostile_headers);
  g_test_add_func ("/safetensors/hostile-sizes", test_hostile_sizes);
  g_test_add_func ("/safetensors/mutations", test_mutations);
  int result = g_test_run ();
  GDir *dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = file_name (name);
    g_unlink (path);
  }
  g_dir_close (dir);
  g_rmdir (folder);
  g_free (folder);
  return result;
}
