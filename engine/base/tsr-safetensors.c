#include "tsr-safetensors.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_HEADER (100u * 1000 * 1000)

struct TsrSafetensors {
  char *path;
  GMappedFile *map;
  json_t *header; /* owns the strings that tensors and metadata borrow */
  TsrTensorInfo *tensors;
  size_t n;
  GHashTable *by_name;
  GPtrArray *metadata; /* key, value, ..., NULL */
};

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {
    [TSR_DTYPE_BOOL] = {"BOOL", 1}, [TSR_DTYPE_U8] = {"U8", 1},   [TSR_DTYPE_I8] = {"I8", 1},
    [TSR_DTYPE_U16] = {"U16", 2},   [TSR_DTYPE_I16] = {"I16", 2}, [TSR_DTYPE_F16] = {"F16", 2},
    [TSR_DTYPE_BF16] = {"BF16", 2}, [TSR_DTYPE_U32] = {"U32", 4}, [TSR_DTYPE_I32] = {"I32", 4},
    [TSR_DTYPE_F32] = {"F32", 4},   [TSR_DTYPE_U64] = {"U64", 8}, [TSR_DTYPE_I64] = {"I64", 8},
    [TSR_DTYPE_F64] = {"F64", 8},
};

size_t
tsr_dtype_size (TsrDtype dtype)
{
  g_return_val_if_fail ((unsigned)dtype < G_N_ELEMENTS (dtypes), 0);
  return dtypes[dtype].size;
}

const char *
tsr_dtype_name (TsrDtype dtype)
{
  g_return_val_if_fail ((unsigned)dtype < G_N_ELEMENTS (dtypes), NULL);
  return dtypes[dtype].name;
}

size_t
tsr_tensor_count (const TsrTensorInfo *tensor)
{
  size_t count = 1;
  for (unsigned i = 0; i < tensor->ndim; i++)
    count *= tensor->shape[i];
  return count;
}

G_GNUC_PRINTF (3, 4)
static bool
damaged (const char *path, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_CORRUPT,
      _ ("“%s” is not a usable safetensors file: %s. Choose another file, or fetch it again."),
      name, reason);
  return false;
}

/* A valid tensor entry takes some 50 bytes for its 3 brackets and at most 14 commas. Text that is
 * all structure is an attempt to make the parser allocate fifty times the file's size, so refuse it
 * before parsing. */
static bool
plausible_density (const char *text, size_t length)
{
  size_t brackets = 0, commas = 0;
  bool in_string = false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\')
        i++;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else {
      brackets += c == '{' || c == '[';
      commas += c == ',';
    }
  }
  return brackets <= length / 12 + 64 && commas <= length / 3 + 64;
}

static bool
parse_dtype (const char *text, TsrDtype *dtype)
{
  for (size_t i = 0; text && i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (text, dtypes[i].name) == 0) {
      *dtype = (TsrDtype)i;
      return true;
    }
  return false;
}

/* Reads a JSON integer that is not negative. */
static bool
parse_size (const json_t *value, size_t *out)
{
  if (!json_is_integer (value) || json_integer_value (value) < 0)
    return false;
  *out = (size_t)json_integer_value (value);
  return true;
}

static bool
parse_shape (TsrSafetensors *file, const json_t *shape, TsrTensorInfo *tensor, GError **error)
{
  if (!json_is_array (shape))
    return damaged (file->path, error, _ ("tensor “%s” has no shape"), tensor->name);
  if (json_array_size (shape) > TSR_TENSOR_MAX_DIMS)
    return damaged (file->path, error, _ ("tensor “%s” has more than %d dimensions"), tensor->name,
                    TSR_TENSOR_MAX_DIMS);
  tensor->ndim = (unsigned)json_array_size (shape);
  tensor->bytes = tsr_dtype_size (tensor->dtype);
  for (unsigned i = 0; i < tensor->ndim; i++)
    if (!parse_size (json_array_get (shape, i), &tensor->shape[i]) ||
        __builtin_mul_overflow (tensor->bytes, tensor->shape[i], &tensor->bytes))
      return damaged (file->path, error, _ ("the shape of tensor “%s” makes no sense"),
                      tensor->name);
  return true;
}

static bool
parse_tensor (TsrSafetensors *file, const char *name, const json_t *entry, const char *buffer,
              size_t buffer_bytes, TsrTensorInfo *tensor, GError **error)
{
  tensor->name = name;
  if (!json_is_object (entry) || json_object_size (entry) != 3)
    return damaged (file->path, error,
                    _ ("tensor “%s” is not described by dtype, shape and data_offsets"), name);
  const char *dtype = json_string_value (json_object_get (entry, "dtype"));
  if (!parse_dtype (dtype, &tensor->dtype))
    return damaged (file->path, error, _ ("tensor “%s” is of the unknown type “%s”"), name,
                    dtype ? dtype : "");
  if (!parse_shape (file, json_object_get (entry, "shape"), tensor, error))
    return false;
  const json_t *offsets = json_object_get (entry, "data_offsets");
  size_t begin, end;
  if (!json_is_array (offsets) || json_array_size (offsets) != 2 ||
      !parse_size (json_array_get (offsets, 0), &begin) ||
      !parse_size (json_array_get (offsets, 1), &end) || begin > end || end > buffer_bytes)
    return damaged (file->path, error, _ ("the data of tensor “%s” lie outside the file"), name);
  if (end - begin != tensor->bytes)
    return damaged (file->path, error, _ ("the data of tensor “%s” do not fit its shape"), name);
  tensor->data = buffer + begin;
  return true;
}

static bool
parse_metadata (TsrSafetensors *file, json_t *metadata, GError **error)
{
  if (!json_is_object (metadata))
    return damaged (file->path, error, _ ("__metadata__ is not a table of strings"));
  const char *key;
  json_t *value;
  json_object_foreach (metadata, key, value)
  {
    if (!json_is_string (value))
      return damaged (file->path, error, _ ("__metadata__ “%s” is not a string"), key);
    g_ptr_array_add (file->metadata, (gpointer)key);
    g_ptr_array_add (file->metadata, (gpointer)json_string_value (value));
  }
  return true;
}

static int
compare_data (const void *a, const void *b)
{
  const TsrTensorInfo *p = *(const TsrTensorInfo *const *)a, *q = *(const TsrTensorInfo *const *)b;
  if (p->data != q->data)
    return (const char *)p->data < (const char *)q->data ? -1 : 1;
  return (p->bytes > q->bytes) - (p->bytes < q->bytes); /* empty tensors first */
}

static bool
check_coverage (TsrSafetensors *file, const char *buffer, size_t buffer_bytes, GError **error)
{
  g_autofree const TsrTensorInfo **sorted = g_new (const TsrTensorInfo *, file->n + 1);
  for (size_t i = 0; i < file->n; i++)
    sorted[i] = &file->tensors[i];
  qsort (sorted, file->n, sizeof *sorted, compare_data);
  const char *position = buffer;
  for (size_t i = 0; i < file->n; i++) {
    if ((const char *)sorted[i]->data != position)
      return damaged (file->path, error, _ ("there is a gap or an overlap before tensor “%s”"),
                      sorted[i]->name);
    position += sorted[i]->bytes;
  }
  if (position != buffer + buffer_bytes)
    return damaged (file->path, error, _ ("it goes on after its last tensor"));
  return true;
}

static bool
parse_header (TsrSafetensors *file, const char *text, size_t length, const char *buffer,
              size_t buffer_bytes, GError **error)
{
  if (length == 0 || text[0] != '{' || !plausible_density (text, length))
    return damaged (file->path, error, _ ("it does not start with a table of tensors"));
  json_error_t json_error;
  file->header = json_loadb (text, length, JSON_REJECT_DUPLICATES, &json_error);
  if (!json_is_object (file->header)) {
    g_autofree char *reason = g_utf8_make_valid (json_error.text, -1);
    return damaged (file->path, error, _ ("its header is broken (%s)"), reason);
  }
  file->tensors = g_new0 (TsrTensorInfo, json_object_size (file->header) + 1);
  const char *key;
  json_t *value;
  json_object_foreach (file->header, key, value)
  {
    if (strcmp (key, "__metadata__") == 0) {
      if (!parse_metadata (file, value, error))
        return false;
      continue;
    }
    TsrTensorInfo *tensor = &file->tensors[file->n++];
    if (!parse_tensor (file, key, value, buffer, buffer_bytes, tensor, error))
      return false;
    g_hash_table_insert (file->by_name, (gpointer)tensor->name, tensor);
  }
  g_ptr_array_add (file->metadata, NULL);
  return check_coverage (file, buffer, buffer_bytes, error);
}

/* Maps a regular file; anything else (a folder, a pipe that would block) is refused. */
static GMappedFile *
map_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    tsr_file_set_errno (error, TSR_ERROR_MODEL, "open", path, errno);
    return NULL;
  }
  struct stat status;
  GMappedFile *map = NULL;
  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    damaged (path, error, _ ("it is not a regular file"));
  else if (!(map = g_mapped_file_new_from_fd (fd, FALSE, NULL)))
    tsr_file_set_errno (error, TSR_ERROR_MODEL, "read", path, errno ? errno : EIO);
  close (fd);
  return map;
}

TsrSafetensors *
tsr_safetensors_open (const char *path, GError **error)
{
  g_return_val_if_fail (path, NULL);
  GMappedFile *map = map_file (path, error);
  if (!map)
    return NULL;
  g_autoptr (TsrSafetensors) file = g_new0 (TsrSafetensors, 1);
  file->path = g_strdup (path);
  file->map = map;
  file->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  file->metadata = g_ptr_array_new ();
  const char *bytes = g_mapped_file_get_contents (map);
  size_t total = g_mapped_file_get_length (map);
  uint64_t length;
  if (total < sizeof length) {
    damaged (path, error, _ ("it is too short"));
    return NULL;
  }
  memcpy (&length, bytes, sizeof length);
  length = GUINT64_FROM_LE (length);
  if (length > MAX_HEADER || length > total - sizeof length) {
    damaged (path, error, _ ("its header is cut short or too long"));
    return NULL;
  }
  const char *text = bytes + sizeof length;
  if (!parse_header (file, text, length, text + length, total - sizeof length - length, error))
    return NULL;
  return g_steal_pointer (&file);
}

void
tsr_safetensors_free (TsrSafetensors *file)
{
  if (!file)
    return;
  g_hash_table_unref (file->by_name);
  g_ptr_array_unref (file->metadata);
  g_free (file->tensors);
  json_decref (file->header);
  g_mapped_file_unref (file->map);
  g_free (file->path);
  g_free (file);
}

const char *
tsr_safetensors_path (const TsrSafetensors *file)
{
  return file->path;
}

const char *
tsr_safetensors_metadata (const TsrSafetensors *file, const char *key)
{
  const char *const *pairs = tsr_safetensors_metadata_pairs (file);
  for (; *pairs; pairs += 2)
    if (strcmp (pairs[0], key) == 0)
      return pairs[1];
  return NULL;
}

const char *const *
tsr_safetensors_metadata_pairs (const TsrSafetensors *file)
{
  return (const char *const *)file->metadata->pdata;
}

size_t
tsr_safetensors_count (const TsrSafetensors *file)
{
  return file->n;
}

const TsrTensorInfo *
tsr_safetensors_at (const TsrSafetensors *file, size_t i)
{
  g_return_val_if_fail (i < file->n, NULL);
  return &file->tensors[i];
}

const TsrTensorInfo *
tsr_safetensors_find (const TsrSafetensors *file, const char *name)
{
  return g_hash_table_lookup (file->by_name, name);
}

static const TsrTensorInfo *
find_counted (const TsrSafetensors *file, const char *name, size_t count, GError **error)
{
  const TsrTensorInfo *tensor = tsr_safetensors_find (file, name);
  g_autofree char *path = g_filename_display_name (file->path);
  if (!tensor) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("“%s” has no tensor “%s”. Choose a file of the right kind."), path, name);
    return NULL;
  }
  if (tsr_tensor_count (tensor) != count) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("Tensor “%s” of “%s” has %zu values where %zu are needed. Choose a file that fits."),
        name, path, tsr_tensor_count (tensor), count);
    return NULL;
  }
  return tensor;
}

static bool
wrong_dtype (const TsrSafetensors *file, const TsrTensorInfo *tensor, const char *wanted,
             GError **error)
{
  g_autofree char *path = g_filename_display_name (file->path);
  g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
               _ ("Tensor “%s” of “%s” is of type %s where %s is needed. Choose a file that fits."),
               tensor->name, path, tsr_dtype_name (tensor->dtype), wanted);
  return false;
}

static float
half_to_float (uint16_t half)
{
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31,
           mantissa = half & 1023;
  float value;
  if (exponent == 0) { /* zero or subnormal: mantissa * 2^-24, exact in f32 */
    value = (float)mantissa * 0x1p-24f;
    return sign ? -value : value;
  }
  uint32_t bits =
      exponent == 31 ? 0x7f800000u | mantissa << 13 : (exponent + 112) << 23 | mantissa << 13;
  bits |= sign;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
bfloat_to_float (uint16_t half)
{
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Element i of a floating tensor; exact for every type. */
static double
element (const TsrTensorInfo *tensor, size_t i)
{
  const char *data = tensor->data;
  double d;
  float f;
  uint16_t h;
  switch (tensor->dtype) {
  case TSR_DTYPE_F64:
    memcpy (&d, data + i * sizeof d, sizeof d);
    return d;
  case TSR_DTYPE_F32:
    memcpy (&f, data + i * sizeof f, sizeof f);
    return f;
  default:
    memcpy (&h, data + i * sizeof h, sizeof h);
    return tensor->dtype == TSR_DTYPE_F16 ? half_to_float (h) : bfloat_to_float (h);
  }
}

static bool
is_floating (TsrDtype dtype)
{
  return dtype == TSR_DTYPE_F16 || dtype == TSR_DTYPE_BF16 || dtype == TSR_DTYPE_F32 ||
         dtype == TSR_DTYPE_F64;
}

bool
tsr_safetensors_read_f32 (const TsrSafetensors *file, const char *name, float *out, size_t count,
                          GError **error)
{
  const TsrTensorInfo *tensor = find_counted (file, name, count, error);
  if (!tensor)
    return false;
  if (!is_floating (tensor->dtype))
    return wrong_dtype (file, tensor, _ ("a floating-point type"), error);
  if (count == 0)
    return true;
  if (tensor->dtype == TSR_DTYPE_F32)
    memcpy (out, tensor->data, tensor->bytes);
  else
    for (size_t i = 0; i < count; i++)
      out[i] = (float)element (tensor, i);
  return true;
}

bool
tsr_safetensors_read_f64 (const TsrSafetensors *file, const char *name, double *out, size_t count,
                          GError **error)
{
  const TsrTensorInfo *tensor = find_counted (file, name, count, error);
  if (!tensor)
    return false;
  if (!is_floating (tensor->dtype))
    return wrong_dtype (file, tensor, _ ("a floating-point type"), error);
  for (size_t i = 0; i < count; i++)
    out[i] = element (tensor, i);
  return true;
}

bool
tsr_safetensors_read_raw (const TsrSafetensors *file, const char *name, TsrDtype dtype, void *out,
                          size_t count, GError **error)
{
  const TsrTensorInfo *tensor = find_counted (file, name, count, error);
  if (!tensor)
    return false;
  if (tensor->dtype != dtype)
    return wrong_dtype (file, tensor, tsr_dtype_name (dtype), error);
  if (count > 0)
    memcpy (out, tensor->data, tensor->bytes);
  return true;
}

/* --- writing --- */

typedef struct {
  const char *path;
  const TsrTensorInfo *tensors;
  size_t n;
  char *header; /* padded with spaces to a multiple of 8, so that the data are aligned */
  TsrSafetensorsFetch fetch;
  void *user;
} Writing;

static json_t *
describe_metadata (const char *const *metadata)
{
  json_t *table = json_object ();
  for (; metadata[0]; metadata += 2)
    if (json_object_set_new (table, metadata[0], json_string (metadata[1])) != 0) {
      json_decref (table);
      return NULL;
    }
  return table;
}

static json_t *
describe_tensor (const TsrTensorInfo *tensor, size_t *offset)
{
  json_t *shape = json_array ();
  for (unsigned i = 0; i < tensor->ndim; i++)
    json_array_append_new (shape, json_integer ((json_int_t)tensor->shape[i]));
  size_t end = *offset + tsr_tensor_count (tensor) * tsr_dtype_size (tensor->dtype);
  json_t *entry = json_pack ("{s:s, s:o, s:[I, I]}", "dtype", tsr_dtype_name (tensor->dtype),
                             "shape", shape, "data_offsets", (json_int_t)*offset, (json_int_t)end);
  *offset = end;
  return entry;
}

static char *
make_header (const char *path, const TsrTensorInfo *tensors, size_t n, const char *const *metadata,
             GError **error)
{
  json_t *header = json_object ();
  size_t offset = 0;
  bool ok =
      !metadata || json_object_set_new (header, "__metadata__", describe_metadata (metadata)) == 0;
  for (size_t i = 0; ok && i < n; i++)
    ok = tensors[i].ndim <= TSR_TENSOR_MAX_DIMS && strcmp (tensors[i].name, "__metadata__") != 0 &&
         !json_object_get (header, tensors[i].name) &&
         json_object_set_new (header, tensors[i].name, describe_tensor (&tensors[i], &offset)) == 0;
  char *text = ok ? json_dumps (header, JSON_COMPACT) : NULL;
  json_decref (header);
  if (!text || strlen (text) + 8 > MAX_HEADER) {
    free (text);
    g_autofree char *name = g_filename_display_name (path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("Cannot write “%s”: a tensor's or setting's name occurs twice or is not text. "
                    "Report this "
                    "as a fault of the program."),
                 name);
    return NULL;
  }
  size_t length = strlen (text), padded = (length + 7) / 8 * 8;
  char *result = g_malloc (padded + 1);
  memset (result, ' ', padded);
  memcpy (result, text, length);
  result[padded] = 0;
  free (text);
  return result;
}

static bool
write_bytes (FILE *file, const void *data, size_t bytes, const char *path, GError **error)
{
  if (bytes == 0 || fwrite (data, 1, bytes, file) == bytes)
    return true;
  tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", path, errno ? errno : EIO);
  return false;
}

static bool
fill (FILE *file, void *data, GError **error)
{
  const Writing *writing = data;
  uint64_t length = GUINT64_TO_LE ((uint64_t)strlen (writing->header));
  if (!write_bytes (file, &length, sizeof length, writing->path, error) ||
      !write_bytes (file, writing->header, strlen (writing->header), writing->path, error))
    return false;
  for (size_t i = 0; i < writing->n; i++) {
    const TsrTensorInfo *tensor = &writing->tensors[i];
    size_t bytes = tsr_tensor_count (tensor) * tsr_dtype_size (tensor->dtype);
    g_autofree void *buffer = NULL;
    const void *source = tensor->data;
    if (!source && bytes > 0) {
      buffer = g_malloc (bytes);
      if (!writing->fetch (i, tensor, buffer, writing->user, error))
        return false;
      source = buffer;
    }
    if (!write_bytes (file, source, bytes, writing->path, error))
      return false;
  }
  return true;
}

bool
tsr_safetensors_write_fetched (const char *path, const TsrTensorInfo *tensors, size_t n,
                               const char *const *metadata, TsrSafetensorsFetch fetch, void *user,
                               GError **error)
{
  g_return_val_if_fail (path && (tensors || n == 0), false);
  for (size_t i = 0; i < n; i++)
    g_return_val_if_fail (
        tensors[i].name && (tensors[i].data || fetch || !tsr_tensor_count (&tensors[i])), false);
  g_autofree char *header = make_header (path, tensors, n, metadata, error);
  if (!header)
    return false;
  Writing writing = {path, tensors, n, header, fetch, user};
  return tsr_file_replace (path, fill, &writing, error);
}

bool
tsr_safetensors_write (const char *path, const TsrTensorInfo *tensors, size_t n,
                       const char *const *metadata, GError **error)
{
  return tsr_safetensors_write_fetched (path, tensors, n, metadata, NULL, NULL, error);
}
