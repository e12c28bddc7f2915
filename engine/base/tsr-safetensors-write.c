#include "tsr-safetensors.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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
  if (!text || strlen (text) + 8 > TSR_SAFETENSORS_MAX_HEADER) {
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
