/* Windows and OS/2 bitmaps: palettes, run lengths, bit fields. */

#include "tsr-image-reader.h"

#include "tsr-i18n.h"

#include <string.h>

enum { PLAIN = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3, ALPHABITFIELDS = 6 };

typedef struct {
  uint32_t width, height;
  bool top_down;
  unsigned bits, compression, n_colours, colour_size;
  uint64_t palette_at, pixels_at;
  uint32_t mask[4]; /* red, green, blue, alpha */
} Header;

static uint32_t
get16 (const uint8_t *p)
{
  return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
get32 (const uint8_t *p)
{
  return get16 (p) | get16 (p + 2) << 16;
}

static void
read_masks (const TsrImageSource *source, uint32_t header_size, Header *header)
{
  static const uint32_t mask16[3] = {0x7C00, 0x3E0, 0x1F}, mask32[3] = {0xFF0000, 0xFF00, 0xFF};
  bool stated = header->compression == BITFIELDS || header->compression == ALPHABITFIELDS;
  unsigned n = header_size >= 56 || header->compression == ALPHABITFIELDS ? 4 : 3;
  if (!stated) {
    memcpy (header->mask, header->bits == 16 ? mask16 : mask32, sizeof mask16);
    return;
  }
  for (unsigned i = 0; i < n && 54 + 4 * i + 4 <= source->n; i++)
    header->mask[i] = get32 (source->bytes + 54 + 4 * i);
  if (header_size == 40)
    header->palette_at += 4 * n;
}

static bool
read_header (const TsrImageSource *source, Header *header)
{
  const uint8_t *b = source->bytes;
  *header = (Header){0};
  if (source->n < 26)
    return false;
  uint32_t size = get32 (b + 14);
  header->pixels_at = get32 (b + 10);
  header->palette_at = 14 + (uint64_t)size;
  if (size == 12) {
    header->width = get16 (b + 18), header->height = get16 (b + 20), header->bits = get16 (b + 24);
    header->colour_size = 3;
  } else if (size >= 40 && source->n >= 54) {
    int32_t height = (int32_t)get32 (b + 22);
    header->width = get32 (b + 18);
    header->top_down = height < 0;
    header->height = height < 0 ? 0u - (uint32_t)height : (uint32_t)height;
    header->bits = get16 (b + 28), header->compression = get32 (b + 30),
    header->n_colours = get32 (b + 46);
    header->colour_size = 4;
  } else {
    return false;
  }
  if (header->bits <= 8 && (header->n_colours == 0 || header->n_colours > 1u << header->bits))
    header->n_colours = 1u << header->bits;
  read_masks (source, size, header);
  return true;
}

static bool
supported (const Header *header)
{
  switch (header->compression) {
  case PLAIN:
    return header->bits == 1 || header->bits == 4 || header->bits == 8 || header->bits == 16 ||
           header->bits == 24 || header->bits == 32;
  case RLE8:
    return header->bits == 8;
  case RLE4:
    return header->bits == 4;
  case BITFIELDS:
  case ALPHABITFIELDS:
    return header->bits == 16 || header->bits == 32;
  default:
    return false;
  }
}

/* A colour of the palette as blue, green, red; black where the file has none. */
static const uint8_t *
palette_colour (const TsrImageSource *source, const Header *header, unsigned index)
{
  static const uint8_t black[3];
  uint64_t at = header->palette_at + (uint64_t)index * header->colour_size;
  return index < header->n_colours && at + 3 <= source->n ? source->bytes + at : black;
}

static uint8_t *
pixel_at (const Header *header, TsrImage *image, uint32_t x, uint32_t y)
{
  return image->pixels +
         ((size_t)(header->top_down ? y : header->height - 1 - y) * header->width + x) * 3;
}

static void
put_index (const TsrImageSource *source, const Header *header, TsrImage *image, uint32_t x,
           uint32_t y, unsigned index)
{
  if (x >= header->width || y >= header->height)
    return;
  const uint8_t *bgr = palette_colour (source, header, index);
  uint8_t *out = pixel_at (header, image, x, y);
  out[0] = bgr[2], out[1] = bgr[1], out[2] = bgr[0];
}

static unsigned
field (uint32_t value, uint32_t mask)
{
  if (mask == 0)
    return 0;
  unsigned shift = (unsigned)__builtin_ctz (mask);
  uint32_t top = mask >> shift;
  return (unsigned)(((uint64_t)((value & mask) >> shift) * 255 + top / 2) / top);
}

/* Many writers leave a declared alpha at zero everywhere and mean opaque. */
static bool
alpha_is_used (const TsrImageSource *source, const Header *header, size_t stride)
{
  if (header->mask[3] == 0 || header->bits != 32)
    return false;
  for (uint32_t y = 0; y < header->height; y++)
    for (uint32_t x = 0; x < header->width; x++)
      if (get32 (source->bytes + header->pixels_at + y * stride + 4 * (size_t)x) & header->mask[3])
        return true;
  return false;
}

static void
plain_row (const TsrImageSource *source, const Header *header, const uint8_t *row, uint32_t y,
           bool alpha, TsrImage *image)
{
  uint8_t *out = pixel_at (header, image, 0, y);
  for (uint32_t x = 0; x < header->width; x++, out += 3) {
    if (header->bits <= 8) {
      unsigned in_byte = 8 / header->bits, shift = 8 - header->bits * (1 + x % in_byte);
      put_index (source, header, image, x, y,
                 row[x / in_byte] >> shift & ((1u << header->bits) - 1));
    } else if (header->bits == 24) {
      out[0] = row[3 * (size_t)x + 2], out[1] = row[3 * (size_t)x + 1], out[2] = row[3 * (size_t)x];
    } else {
      uint32_t value =
          header->bits == 16 ? get16 (row + 2 * (size_t)x) : get32 (row + 4 * (size_t)x);
      unsigned opacity = alpha ? field (value, header->mask[3]) : 255;
      for (int c = 0; c < 3; c++)
        out[c] = tsr_over_white (field (value, header->mask[c]), opacity, false);
    }
  }
}

static uint64_t
row_bytes (const Header *header)
{
  return ((uint64_t)header->width * header->bits + 31) / 32 * 4;
}

static bool
read_plain (const TsrImageSource *source, const Header *header, TsrImage *image)
{
  size_t stride = row_bytes (header);
  bool alpha = alpha_is_used (source, header, stride);
  for (uint32_t y = 0; y < header->height; y++)
    plain_row (source, header, source->bytes + header->pixels_at + y * stride, y, alpha, image);
  return true;
}

static bool
has_run_lengths (const Header *header)
{
  return header->compression == RLE8 || header->compression == RLE4;
}

/* How many bytes the pixels take; 0 if they are cut short. */
static uint64_t
count_bytes (const TsrImageSource *source, const Header *header)
{
  if (header->pixels_at > source->n)
    return 0;
  uint64_t left = source->n - header->pixels_at, bytes = row_bytes (header) * header->height;
  if (!has_run_lengths (header))
    return bytes <= left ? bytes : 0;
  const uint8_t *start = source->bytes + header->pixels_at, *at = start;
  uint32_t y = 0;
  while (left - (uint64_t)(at - start) >= 2 && y < header->height) {
    unsigned count = at[0], value = at[1];
    uint64_t more = count > 0 || value < 2        ? 0
                    : value == 2                  ? 2
                    : header->compression == RLE4 ? ((value + 1) / 2 + 1) & ~1u
                                                  : (value + 1) & ~1u;
    at += 2;
    if (more > left - (uint64_t)(at - start))
      return 0;
    if (count == 0 && value == 1)
      return (uint64_t)(at - start);
    y += count > 0 ? 0 : value == 0 ? 1 : value == 2 ? at[1] : 0;
    at += more;
  }
  return y >= header->height ? (uint64_t)(at - start) : 0;
}

static bool
read_run_lengths (const TsrImageSource *source, const Header *header, TsrImage *image)
{
  bool nibbles = header->compression == RLE4;
  const uint8_t *at = source->bytes + header->pixels_at, *end = source->bytes + source->n;
  uint32_t x = 0, y = 0;
  while (end - at >= 2 && y < header->height) {
    unsigned count = at[0], value = at[1];
    at += 2;
    if (count > 0) {
      for (unsigned i = 0; i < count; i++)
        put_index (source, header, image, x++, y,
                   !nibbles ? value
                   : i % 2  ? value & 15
                            : value >> 4);
    } else if (value == 0) { /* end of line */
      x = 0, y++;
    } else if (value == 1) { /* end of bitmap */
      return true;
    } else if (value == 2) { /* move */
      if (end - at < 2)
        return false;
      x += at[0], y += at[1];
      at += 2;
    } else { /* literal pixels, padded to 16 bits */
      size_t bytes = nibbles ? (value + 1) / 2 : value;
      if ((size_t)(end - at) < bytes)
        return false;
      for (unsigned i = 0; i < value; i++)
        put_index (source, header, image, x++, y,
                   !nibbles ? at[i]
                   : i % 2  ? at[i / 2] & 15
                            : at[i / 2] >> 4);
      at += MIN ((bytes + 1) & ~(size_t)1, (size_t)(end - at));
    }
  }
  return y >= header->height;
}

static bool
bmp_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  Header header;
  if (!read_header (source, &header)) {
    tsr_image_refuse_truncated (error, "BMP");
    return false;
  }
  if (!tsr_image_check_size (header.width, header.height, error))
    return false;
  if (!supported (&header)) {
    tsr_image_refuse (
        error, _ ("This kind of BMP (%u bits, compression %u) is not supported; save it as PNG"),
        header.bits, header.compression);
    return false;
  }
  picture->info =
      (TsrImageInfo){.width = (int)header.width, .height = (int)header.height, .channels = 3};
  if (header_only)
    return true;
  bool runs = has_run_lengths (&header);
  uint64_t stride = row_bytes (&header);
  bool ok = header.pixels_at <= source->n &&
            (runs || stride * header.height <= source->n - header.pixels_at);
  if (ok && !tsr_image_allocate (&picture->image, header.width, header.height, 3, error))
    return false;
  ok = ok && (runs ? read_run_lengths : read_plain) (source, &header, &picture->image);
  if (!ok)
    tsr_image_refuse_truncated (error, "BMP");
  return ok;
}

static bool
bmp_matches (const uint8_t *head, size_t n)
{
  if (n < 18 || head[0] != 'B' || head[1] != 'M')
    return false;
  uint32_t size = get32 (head + 14);
  return size == 12 || (size >= 40 && size <= 256);
}

static void
put32 (uint8_t *p, uint64_t value)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(value >> 8 * i);
}

/* Copies [from, from + n) of the file to where it was; zeros are between. */
static void
keep (const TsrImageSource *source, uint64_t from, uint64_t n, GByteArray *out)
{
  if (from >= source->n)
    return;
  n = MIN (n, source->n - from);
  guint had = out->len;
  if (from + n > had) {
    g_byte_array_set_size (out, (guint)(from + n));
    memset (out->data + had, 0, out->len - had);
  }
  memcpy (out->data + from, source->bytes + from, n);
}

/* Headers, palette and pixels, all where they were. */
static bool
bmp_bare (const uint8_t *bytes, size_t n, GByteArray *out)
{
  static const uint32_t sizes[] = {12, 40, 52, 56, 64, 108, 124};
  TsrImageSource source = {bytes, n, -1};
  Header header;
  bool known = false;
  uint32_t size = get32 (bytes + 14);
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    known |= size == sizes[i];
  if (!known || !read_header (&source, &header) || header.width > TSR_IMAGE_MAX_PIXELS ||
      header.height > TSR_IMAGE_MAX_PIXELS || !supported (&header))
    return false;
  uint64_t palette = header.bits <= 8 ? (uint64_t)header.n_colours * header.colour_size : 0;
  if (header.palette_at + palette > header.pixels_at) /* what is a colour, what a pixel? */
    return false;
  uint64_t pixels = count_bytes (&source, &header);
  if (pixels == 0)
    return false;
  keep (&source, 0, header.palette_at, out); /* masks are before the palette */
  keep (&source, header.palette_at, palette, out);
  keep (&source, header.pixels_at, pixels, out);
  put32 (out->data + 2, out->len);
  put32 (out->data + 6, 0);
  if (size >= 40)
    put32 (out->data + 34, pixels);
  if (size == 124) { /* a profile is a file's name, or behind the pixels */
    memcpy (out->data + 70, "BGRs", 4);
    memset (out->data + 126, 0, 12);
  }
  return true;
}

const TsrImageReader tsr_image_reader_bmp = {"BMP", bmp_matches, bmp_read, bmp_bare};
