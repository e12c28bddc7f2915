/* Netpbm's PBM, PGM and PPM, plain and raw. */

#include "tsr-image-reader.h"

#include "tsr-i18n.h"

#include <string.h>

typedef struct {
  const uint8_t *at, *end;
} Cursor;

/* Reads a decimal number after white space and comments; false at the end or at anything else. */
static bool
read_number (Cursor *cursor, bool single_digit, unsigned *value)
{
  for (; cursor->at < cursor->end; cursor->at++) {
    if (*cursor->at == '#')
      while (cursor->at < cursor->end && *cursor->at != '\n' && *cursor->at != '\r')
        cursor->at++;
    if (cursor->at < cursor->end && !g_ascii_isspace (*cursor->at))
      break;
  }
  const uint8_t *start = cursor->at;
  *value = 0;
  while (cursor->at < cursor->end && g_ascii_isdigit (*cursor->at) && *value < 100000000) {
    *value = *value * 10 + (*cursor->at++ - '0');
    if (single_digit)
      break;
  }
  /* A number at the very end may have lost its last digits. */
  return cursor->at > start && (single_digit || cursor->at < cursor->end);
}

static bool
read_plain (Cursor *cursor, bool bitmap, unsigned maximum, TsrImage *image)
{
  size_t n = (size_t)image->width * image->height * image->channels;
  for (size_t i = 0; i < n; i++) {
    unsigned value;
    if (!read_number (cursor, bitmap, &value))
      return false;
    value = MIN (value, maximum);
    image->pixels[i] = (uint8_t)(bitmap ? 255 * !value : (value * 255 + maximum / 2) / maximum);
  }
  return true;
}

static bool
read_raw (Cursor *cursor, bool bitmap, unsigned maximum, TsrImage *image)
{
  size_t samples = (size_t)image->width * image->channels;
  size_t stride = bitmap ? (samples + 7) / 8 : maximum > 255 ? 2 * samples : samples;
  if ((size_t)(cursor->end - cursor->at) < stride * image->height)
    return false;
  uint8_t *out = image->pixels;
  for (int y = 0; y < image->height; y++, cursor->at += stride)
    for (size_t i = 0; i < samples; i++) {
      const uint8_t *row = cursor->at;
      unsigned value = bitmap          ? 255u * !(row[i / 8] >> (7 - i % 8) & 1)
                       : maximum > 255 ? (unsigned)row[2 * i] << 8 | row[2 * i + 1]
                                       : row[i];
      *out++ = (uint8_t)(bitmap ? value : (MIN (value, maximum) * 255 + maximum / 2) / maximum);
    }
  return true;
}

static bool
pnm_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  Cursor cursor = {source->bytes + 2, source->bytes + source->n};
  int kind = source->bytes[1] - '0';
  bool bitmap = kind == 1 || kind == 4;
  int channels = kind == 3 || kind == 6 ? 3 : 1;
  unsigned width, height, maximum = 1;
  if (!read_number (&cursor, false, &width) || !read_number (&cursor, false, &height) ||
      (!bitmap && !read_number (&cursor, false, &maximum)) || cursor.at >= cursor.end ||
      maximum == 0 || maximum > 65535) {
    tsr_image_refuse (error, _ ("The Netpbm header is damaged; copy it again from where it came"));
    return false;
  }
  cursor.at++; /* one white space ends the header */
  if (!tsr_image_check_size (width, height, error))
    return false;
  picture->info = (TsrImageInfo){.width = (int)width, .height = (int)height, .channels = channels};
  if (header_only)
    return true;
  /* No form needs less than a bit a sample, so a small file cannot ask for much memory. */
  if ((uint64_t)width * height * channels > 8 * source->n ||
      (kind < 4 && (uint64_t)width * height * channels > source->n)) {
    tsr_image_refuse_truncated (error, "Netpbm");
    return false;
  }
  if (!tsr_image_allocate (&picture->image, width, height, channels, error))
    return false;
  if (kind >= 4 ? read_raw (&cursor, bitmap, maximum, &picture->image)
                : read_plain (&cursor, bitmap, maximum, &picture->image))
    return true;
  tsr_image_refuse_truncated (error, "Netpbm");
  return false;
}

static bool
pnm_matches (const uint8_t *head, size_t n)
{
  return n >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '6' &&
         (g_ascii_isspace (head[2]) || head[2] == '#');
}

/* Numbers are written anew, so that no comment can be between them; raw pixels are copied. */
static bool
pnm_bare (const uint8_t *bytes, size_t n, GByteArray *out)
{
  Cursor cursor = {bytes + 2, bytes + n};
  int kind = bytes[1] - '0';
  bool bitmap = kind == 1 || kind == 4;
  unsigned width, height, maximum = 1, value;
  if (!read_number (&cursor, false, &width) || !read_number (&cursor, false, &height) ||
      (!bitmap && !read_number (&cursor, false, &maximum)) || cursor.at >= cursor.end)
    return false;
  cursor.at++;
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text, "P%d\n%u %u\n", kind, width, height);
  if (!bitmap)
    g_string_append_printf (text, "%u\n", maximum);
  uint64_t samples = (uint64_t)width * (kind % 3 == 0 ? 3 : 1);
  if (kind < 4)
    for (uint64_t i = 0; i < samples * height; i++) {
      if (!read_number (&cursor, bitmap, &value))
        return false;
      g_string_append_printf (text, i % samples + 1 == samples ? "%u\n" : "%u ", value);
    }
  g_byte_array_append (out, (const uint8_t *)text->str, (guint)text->len);
  uint64_t stride = kind < 4        ? 0
                    : bitmap        ? (samples + 7) / 8
                    : maximum > 255 ? 2 * samples
                                    : samples;
  if (stride * height > (uint64_t)(cursor.end - cursor.at))
    return false;
  g_byte_array_append (out, cursor.at, (guint)(stride * height));
  return true;
}

const TsrImageReader tsr_image_reader_pnm = {"PNM", pnm_matches, pnm_read, pnm_bare};
