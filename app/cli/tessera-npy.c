#include "tessera-npy.h"

#include "tsr-error.h"
#include "tsr-file.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define MAX_HEADER 65536

static bool
refuse (const char *path, const char *reason, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      "Cannot read “%s”: %s. Give a .npy file of a float32 array of two dimensions in C order.",
      shown, reason);
  return false;
}

/* The header is a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (10, 512), }
 */
static const char *
value_of (const char *header, const char *key)
{
  const char *at = strstr (header, key);
  at = at ? at + strlen (key) : NULL;
  while (at && (*at == ' ' || *at == ':'))
    at++;
  return at;
}

static bool
read_shape (const char *text, guint64 shape[2])
{
  if (!text || *text++ != '(')
    return false;
  for (int i = 0; i < 2; i++) {
    char *end;
    if (!g_ascii_isdigit (*text))
      return false;
    shape[i] = g_ascii_strtoull (text, &end, 10);
    text = end;
    if (i == 0 && *text++ != ',')
      return false;
    while (*text == ' ')
      text++;
  }
  return *text == ')' || (text[0] == ',' && strchr (text, ')') == text + 1);
}

/* Checks everything before the numbers; *offset is where they begin. */
static bool
check_header (const char *path, const uint8_t *bytes, gsize length, gsize *offset, guint64 shape[2],
              GError **error)
{
  if (length < 12 || memcmp (bytes, "\x93NUMPY", 6) != 0)
    return refuse (path, "it is not a .npy file", error);
  if (bytes[6] < 1 || bytes[6] > 3)
    return refuse (path, "its format version is unknown", error);
  gsize start = bytes[6] == 1 ? 10 : 12;
  gsize size = bytes[8] | (gsize)bytes[9] << 8;
  if (start == 12)
    size |= (gsize)bytes[10] << 16 | (gsize)bytes[11] << 24;
  if (size > MAX_HEADER || start + size > length)
    return refuse (path, "its header is cut off", error);
  g_autofree char *header = g_strndup ((const char *)bytes + start, size);
  const char *type = value_of (header, "'descr'"), *fortran = value_of (header, "'fortran_order'");
  if (!type || !(g_str_has_prefix (type, "'<f4'")))
    return refuse (path, "its numbers are not little-endian float32", error);
  if (!fortran || !g_str_has_prefix (fortran, "False"))
    return refuse (path, "it is not in C order", error);
  if (!read_shape (value_of (header, "'shape'"), shape))
    return refuse (path, "it does not have two dimensions", error);
  *offset = start + size;
  return true;
}

bool
tessera_npy_read (const char *path, float **data, size_t *rows, size_t *columns, GError **error)
{
  g_autoptr (GError) cause = NULL;
  int fd = tsr_file_open_regular (path, TSR_ERROR_FAILED, error);
  if (fd < 0)
    return false;
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, &cause);
  close (fd);
  if (!file) {
    tsr_file_set_cause (error, TSR_ERROR_FAILED, "read", path, cause);
    return false;
  }
  const uint8_t *bytes = (const uint8_t *)g_mapped_file_get_contents (file);
  gsize length = g_mapped_file_get_length (file), offset = 0;
  guint64 shape[2] = {0};
  if (!check_header (path, bytes, bytes ? length : 0, &offset, shape, error))
    return false;
  gsize count = (length - offset) / sizeof (float);
  if (shape[0] == 0 || shape[1] == 0)
    return refuse (path, "there are no numbers in it", error);
  if (shape[0] > count / shape[1] || shape[0] * shape[1] != count ||
      (length - offset) % sizeof (float))
    return refuse (path, "its size does not match its shape", error);
  *data = g_malloc (count * sizeof (float));
  memcpy (*data, bytes + offset, count * sizeof (float));
  *rows = shape[0];
  *columns = shape[1];
  return true;
}
