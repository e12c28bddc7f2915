#include "tsr-image-bare.h"

#include "tsr-image-reader.h"

#include <string.h>
#include <zlib.h>

#define EXIF 26 /* bytes of the smallest EXIF that says the way up */

typedef struct {
  const uint8_t *data;
  size_t n;
} File;

static uint32_t
big32 (const uint8_t *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
little32 (const uint8_t *p)
{
  return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* One directory with one entry, the orientation. */
static void
make_exif (unsigned orientation, uint8_t exif[EXIF])
{
  static const uint8_t start[EXIF] = {'M', 'M', 0,    '*', 0, 0, 0, 8, 0,
                                      1,   1,   0x12, 0,   3, 0, 0, 0, 1};
  memcpy (exif, start, EXIF);
  exif[19] = (uint8_t)orientation;
}

/* ---- JPEG ---- */

static bool
keeps_segment (uint8_t marker, const uint8_t *body, size_t n)
{
  if (marker == 0xfe) /* a comment */
    return false;
  if (marker < 0xe0 || marker > 0xef)
    return true;
  return (marker == 0xe0 && n >= 5 && memcmp (body, "JFIF", 5) == 0) ||
         (marker == 0xe2 && n >= 12 && memcmp (body, "ICC_PROFILE", 12) == 0) || marker == 0xee;
}

static void
add_way_up (GByteArray *out, const uint8_t *body, size_t n)
{
  static const uint8_t head[10] = {0xff, 0xe1, 0, 2 + 6 + EXIF, 'E', 'x', 'i', 'f', 0, 0};
  uint8_t exif[EXIF];
  unsigned orientation =
      n >= 6 && memcmp (body, "Exif", 5) == 0 ? tsr_exif_orientation (body, n) : 1;
  if (orientation == 1)
    return;
  make_exif (orientation, exif);
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, exif, sizeof exif);
}

/* Behind the coded pixels that begin at `at`: at the next marker that is none of theirs. */
static size_t
end_of_scan (const File *file, size_t at)
{
  for (; at + 1 < file->n; at++) {
    uint8_t next = file->data[at + 1];
    if (file->data[at] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7))
      return at;
  }
  return file->n;
}

static void
copy_jpeg (const File *file, GByteArray *out)
{
  size_t at = 2;
  g_byte_array_append (out, file->data, 2);
  while (at + 4 <= file->n && file->data[at] == 0xff) {
    uint8_t marker = file->data[at + 1];
    size_t length = marker == 0xff ? 1
                    : marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)
                        ? 2
                        : 2 + ((size_t)file->data[at + 2] << 8 | file->data[at + 3]);
    if (marker == 0xd9 || length > file->n - at || (length < 4 && length > 2))
      break;
    const uint8_t *body = file->data + at + MIN (length, 4);
    if (marker == 0xe1)
      add_way_up (out, body, length - 4);
    if (length <= 2 || keeps_segment (marker, body, length - 4))
      g_byte_array_append (out, file->data + at, (guint)length);
    at += length;
    if (marker == 0xda) {
      size_t end = end_of_scan (file, at);
      g_byte_array_append (out, file->data + at, (guint)(end - at));
      at = end;
    }
  }
  bool ended = at + 2 <= file->n && file->data[at] == 0xff && file->data[at + 1] == 0xd9;
  g_byte_array_append (out, file->data + at, (guint)(ended ? 2 : file->n - at));
}

/* ---- PNG ---- */

static bool
keeps_chunk (const uint8_t *type)
{
  static const char known[][5] = {"tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT",
                                  "bKGD", "pHYs", "cICP", "acTL", "fcTL", "fdAT"};
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (memcmp (type, known[i], 4) == 0)
      return true;
  return !(type[0] & 32); /* a small letter: one may do without it */
}

/* In place of a chunk that says more than the way up. */
static void
add_exif_chunk (GByteArray *out, unsigned orientation)
{
  uint8_t chunk[12 + EXIF] = {0, 0, 0, EXIF, 'e', 'X', 'I', 'f'};
  make_exif (orientation, chunk + 8);
  uint32_t sum = (uint32_t)crc32 (0, chunk + 4, 4 + EXIF);
  for (int i = 0; i < 4; i++)
    chunk[8 + EXIF + i] = (uint8_t)(sum >> (24 - 8 * i));
  g_byte_array_append (out, chunk, sizeof chunk);
}

static void
copy_png (const File *file, GByteArray *out)
{
  size_t at = 8;
  bool ended = false;
  g_byte_array_append (out, file->data, 8);
  while (!ended && file->n - at >= 12) {
    const uint8_t *chunk = file->data + at, *type = chunk + 4;
    size_t length = 12 + (size_t)big32 (chunk);
    if (length > file->n - at)
      break;
    unsigned orientation =
        memcmp (type, "eXIf", 4) == 0 ? tsr_exif_orientation (chunk + 8, length - 12) : 1;
    if (orientation != 1)
      add_exif_chunk (out, orientation);
    if (keeps_chunk (type))
      g_byte_array_append (out, chunk, (guint)length);
    at += length;
    ended = memcmp (type, "IEND", 4) == 0;
  }
  if (!ended)
    g_byte_array_append (out, file->data + at, (guint)(file->n - at));
}

/* ---- WebP ---- */

/* The chunk of `size` bytes, or what stays of it; whether there is EXIF now. Where the file does
 * not announce EXIF, nobody reads it. */
static bool
add_webp_chunk (GByteArray *out, const uint8_t *chunk, size_t size, size_t length, bool announced)
{
  uint8_t exif[8 + EXIF] = {'E', 'X', 'I', 'F', EXIF};
  if (memcmp (chunk, "XMP ", 4) == 0)
    return false;
  if (memcmp (chunk, "EXIF", 4) != 0) {
    g_byte_array_append (out, chunk, (guint)length);
    return false;
  }
  unsigned orientation = announced ? tsr_exif_orientation (chunk + 8, MIN (size, length - 8)) : 1;
  if (orientation == 1)
    return false;
  make_exif (orientation, exif + 8);
  g_byte_array_append (out, exif, sizeof exif);
  return true;
}

static void
copy_webp (const File *file, GByteArray *out)
{
  size_t at = 12, flags = 0;
  bool exif = false;
  g_byte_array_append (out, file->data, 12);
  while (file->n - at >= 8) {
    const uint8_t *chunk = file->data + at;
    size_t size = little32 (chunk + 4), length = MIN (8 + size + (size & 1), file->n - at);
    if (memcmp (chunk, "VP8X", 4) == 0 && length > 8)
      flags = out->len + 8;
    exif |= add_webp_chunk (out, chunk, size, length, flags != 0 && (out->data[flags] & 8));
    at += length;
  }
  g_byte_array_append (out, file->data + at, (guint)(file->n - at));
  if (flags != 0) /* which of both there are */
    out->data[flags] = (uint8_t)((out->data[flags] & ~0x0c) | (exif ? 8 : 0));
  for (int i = 0; i < 4; i++)
    out->data[4 + i] = (uint8_t)((out->len - 8) >> 8 * i);
}

/* ---- TIFF ---- */

static uint32_t
tiff16 (const GByteArray *file, size_t at)
{
  const uint8_t *p = file->data + at;
  return file->data[0] == 'M' ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t
tiff32 (const GByteArray *file, size_t at)
{
  return file->data[0] == 'M' ? big32 (file->data + at) : little32 (file->data + at);
}

/* Tags that tell of people, times and places, or hold EXIF, XMP, IPTC and the like. */
static bool
tells (uint32_t tag)
{
  static const uint16_t tags[] = {269,   270,   285,   306,   315,   316,   700,
                                  33432, 33723, 34377, 40092, 40093, 40094, 40095};
  for (size_t i = 0; i < G_N_ELEMENTS (tags); i++)
    if (tag == tags[i])
      return true;
  return false;
}

/* Zeroes what the entry at `at` holds. */
static void
blank_entry (GByteArray *file, size_t at)
{
  static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  uint32_t type = tiff16 (file, at + 2), from = tiff32 (file, at + 8);
  uint64_t size = (uint64_t)tiff32 (file, at + 4) * (type < G_N_ELEMENTS (sizes) ? sizes[type] : 0);
  if (size <= 4)
    memset (file->data + at + 8, 0, 4);
  else if (from < file->len)
    memset (file->data + from, 0, MIN (size, file->len - from));
}

/* Blanks a directory's telling entries, or all of them; the next one's place, 0 at the end. */
static uint32_t
blank_directory (GByteArray *file, uint32_t at, bool all)
{
  if (at < 8 || (uint64_t)at + 2 > file->len)
    return 0;
  uint32_t entries = tiff16 (file, at);
  if ((uint64_t)at + 6 + 12 * (uint64_t)entries > file->len)
    return 0;
  for (uint32_t i = 0; i < entries; i++) {
    size_t entry = at + 2 + 12 * (size_t)i;
    uint32_t tag = tiff16 (file, entry), inner = tiff32 (file, entry + 8);
    if (!all && (tag == 34665 || tag == 34853)) { /* EXIF and GPS, each a directory */
      blank_directory (file, inner, true);
      continue;
    }
    if (all || tells (tag))
      blank_entry (file, entry);
  }
  return tiff32 (file, at + 2 + 12 * (size_t)entries);
}

static void
copy_tiff (const File *file, GByteArray *out)
{
  g_byte_array_append (out, file->data, (guint)file->n);
  uint32_t at = tiff32 (out, 4);
  for (int i = 0; i < 256 && at != 0; i++)
    at = blank_directory (out, at, false);
}

GBytes *
tsr_image_bare (GBytes *bytes)
{
  File file;
  file.data = g_bytes_get_data (bytes, &file.n);
  static const struct {
    const char *begin;
    size_t n, at;
    void (*copy) (const File *file, GByteArray *out);
  } formats[] = {{"\xff\xd8\xff", 3, 0, copy_jpeg},
                 {"\x89PNG\r\n\x1a\n", 8, 0, copy_png},
                 {"WEBP", 4, 8, copy_webp},
                 {"II*\0", 4, 0, copy_tiff},
                 {"MM\0*", 4, 0, copy_tiff}};
  for (size_t i = 0; file.n >= 16 && file.n < G_MAXUINT && i < G_N_ELEMENTS (formats); i++)
    if (memcmp (file.data + formats[i].at, formats[i].begin, formats[i].n) == 0) {
      GByteArray *out = g_byte_array_sized_new ((guint)file.n);
      formats[i].copy (&file, out);
      return g_byte_array_free_to_bytes (out);
    }
  return g_bytes_ref (bytes);
}
