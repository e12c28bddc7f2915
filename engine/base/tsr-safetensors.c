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
  if (length > TSR_SAFETENSORS_MAX_HEADER || length > total - sizeof length) {
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
