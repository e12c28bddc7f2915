/* Files of single formats without what is beside the pixels: JPEG, PNG and WebP. TIFF has a file of
 * its own, what is simpler stands beside its reader. */

#include "tsr-image-bare.h"

#include "tsr-image-reader.h"

#include <string.h>
#include <zlib.h>

#define EXIF 26 /* bytes of the smallest EXIF that says the way up */

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

/* The bytes of the segment at `at` with its marker, and without more before it: 1 for a byte that
 * fills, 2 for a marker alone. 0: there is no whole segment. */
static size_t
segment_length (const uint8_t *data, size_t n, size_t at)
{
  if (n - at < 2 || data[at] != 0xff)
    return 0;
  uint8_t marker = data[at + 1];
  if (marker == 0xff)
    return 1;
  if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd9))
    return 2;
  size_t length = n - at < 4 ? 0 : 2 + ((size_t)data[at + 2] << 8 | data[at + 3]);
  return length >= 4 && length <= n - at ? length : 0;
}

/* Behind the coded pixels that begin at `at`: at the next marker that is none of theirs. */
static size_t
end_of_scan (const uint8_t *data, size_t n, size_t at)
{
  for (; at + 1 < n; at++) {
    uint8_t next = data[at + 1];
    if (data[at] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7))
      return at;
  }
  return n;
}

/* What a decoder reads, tables, sizes and scans: nobody can write in it, because a decoder holds
 * their lengths against what is in them. */
static bool
is_coding (uint8_t marker, size_t length)
{
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8) ||
         (marker >= 0xda && marker <= 0xdd && (marker != 0xdc || length == 6));
}

static bool
is_application (uint8_t marker)
{
  return marker == 0xfe || (marker >= 0xe0 && marker <= 0xef);
}

/* How much of an application's segment says how pixels are meant; 0 drops it. */
static size_t
keeps_segment (uint8_t marker, const uint8_t *body, size_t n)
{
  if (marker == 0xe0 && n >= 14 && memcmp (body, "JFIF", 5) == 0)
    return 14; /* what follows is a small picture */
  if (marker == 0xee && n >= 12 && memcmp (body, "Adobe", 5) == 0)
    return 12;
  return marker == 0xe2 && n >= 12 && memcmp (body, "ICC_PROFILE", 12) == 0 ? n : 0;
}

static void
add_segment (GByteArray *out, uint8_t marker, const uint8_t *body, size_t n)
{
  const uint8_t head[4] = {0xff, marker, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2)};
  g_byte_array_append (out, head, sizeof head);
  guint from = out->len;
  g_byte_array_append (out, body, (guint)n);
  if (marker == 0xe0) /* no small picture: none wide, none high */
    out->data[from + 12] = out->data[from + 13] = 0;
}

static void
add_way_up (GByteArray *out, unsigned orientation)
{
  uint8_t body[6 + EXIF] = "Exif\0";
  if (orientation == 1)
    return;
  make_exif (orientation, body + 6);
  add_segment (out, 0xe1, body, sizeof body);
}

bool
tsr_bare_jpeg (const uint8_t *data, size_t n, GByteArray *out)
{
  size_t at = 2, length;
  bool up = false; /* the reader goes by the first EXIF before the pixels */
  g_byte_array_append (out, data, 2);
  for (; (length = segment_length (data, n, at)) > 0; at += length) {
    uint8_t marker = data[at + 1];
    const uint8_t *body = data + at + 4;
    if (marker == 0xd9) {
      g_byte_array_append (out, data + at, 2);
      return true;
    }
    if (length == 1)
      continue;
    if (marker == 0xe1 && !up && length > 10 && body[0] == 'E') {
      add_way_up (out, tsr_exif_orientation (body, length - 4));
      up = true;
    }
    size_t kept = is_application (marker) ? keeps_segment (marker, body, length - 4) : 0;
    if (kept > 0)
      add_segment (out, marker, body, kept);
    else if (is_coding (marker, length))
      g_byte_array_append (out, data + at, (guint)length);
    else if (!is_application (marker))
      return false;
    if (marker == 0xda) {
      size_t from = at + length, end = end_of_scan (data, n, from);
      g_byte_array_append (out, data + from, (guint)(end - from));
      at = end - length;
      up = true;
    }
  }
  return false;
}

bool
tsr_bare_blank_jpeg (uint8_t *data, size_t n)
{
  if (n < 4 || data[0] != 0xff || data[1] != 0xd8)
    return false;
  size_t at = 2, length;
  for (; (length = segment_length (data, n, at)) > 0; at += length) {
    uint8_t marker = data[at + 1];
    if (marker == 0xd9) {
      memset (data + at + 2, 0, n - at - 2);
      return true;
    }
    if (is_application (marker)) {
      size_t kept = keeps_segment (marker, data + at + 4, length - 4);
      memset (data + at + 4 + kept, 0, length - 4 - kept);
    } else if (length > 1 && !is_coding (marker, length)) {
      return false;
    }
    if (marker == 0xda)
      at = end_of_scan (data, n, at + length) - length;
  }
  return false;
}

/* ---- PNG ---- */

/* What may stay, with the most bytes in it: one that holds more says nothing to libpng, but could
 * say much to a reader of bytes. */
static bool
keeps_chunk (const uint8_t *type, size_t size)
{
  static const struct {
    char type[5];
    size_t most;
  } known[] = {{"IHDR", 13},       {"PLTE", 768}, {"IDAT", SIZE_MAX}, {"IEND", 0},
               {"tRNS", 256},      {"gAMA", 4},   {"cHRM", 32},       {"sRGB", 1},
               {"sBIT", 4},        {"bKGD", 6},   {"pHYs", 9},        {"cICP", 4},
               {"iCCP", SIZE_MAX}, {"acTL", 8},   {"fcTL", 26},       {"fdAT", SIZE_MAX}};
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (memcmp (type, known[i].type, 4) == 0)
      return size <= known[i].most;
  return false;
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

/* libpng goes by the first whole one before the pixels that begins as EXIF does. */
static bool
is_exif_chunk (const uint8_t *chunk, size_t length)
{
  return memcmp (chunk + 4, "eXIf", 4) == 0 && length >= 12 + 2 &&
         (chunk[8] == 'M' || chunk[8] == 'I' || chunk[8] == chunk[9]) &&
         crc32 (0, chunk + 4, (uInt)(length - 8)) == big32 (chunk + length - 4);
}

bool
tsr_bare_png (const uint8_t *data, size_t n, GByteArray *out)
{
  bool up = false;
  if (n < 8 + 25 || big32 (data + 8) != 13 || memcmp (data + 12, "IHDR", 4) != 0)
    return false;
  g_byte_array_append (out, data, 8);
  for (size_t at = 8, length; n - at >= 12; at += length) {
    const uint8_t *chunk = data + at, *type = chunk + 4;
    length = 12 + (size_t)big32 (chunk);
    if (length > n - at)
      return false;
    if (keeps_chunk (type, length - 12))
      g_byte_array_append (out, chunk, (guint)length);
    else if (!(type[0] & 32)) /* a large letter: one may not do without it */
      return false;
    up = up || memcmp (type, "IDAT", 4) == 0;
    if (!up && is_exif_chunk (chunk, length)) {
      unsigned orientation = tsr_exif_orientation (chunk + 8, length - 12);
      if (orientation != 1)
        add_exif_chunk (out, orientation);
      up = true;
    }
    if (memcmp (type, "IEND", 4) == 0)
      return true;
  }
  return false;
}

/* ---- WebP ---- */

/* The chunk at `at` of those that end at `end`: the bytes in it; false where it is cut. */
static bool
webp_chunk (const uint8_t *data, size_t at, size_t end, size_t *size)
{
  if (end - at < 8)
    return false;
  *size = little32 (data + at + 4);
  return *size <= end - at - 8;
}

static size_t
next_webp_chunk (size_t at, size_t end, size_t size)
{
  return MIN (at + 8 + size + (size & 1), end);
}

static bool
is_webp_chunk (const uint8_t *chunk, const char (*names)[5], size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (memcmp (chunk, names[i], 4) == 0)
      return true;
  return false;
}

static void
put_little32 (uint8_t *at, size_t value)
{
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> 8 * i);
}

/* With the byte that makes its length even, which a decoder of damaged pixels reads, if it is there
 * before `left` bytes end. */
static void
add_webp_chunk (GByteArray *out, const uint8_t *chunk, size_t size, size_t left)
{
  static const uint8_t pad;
  size_t length = MIN (8 + size + (size & 1), left);
  g_byte_array_append (out, chunk, (guint)length);
  if (length < 8 + size + (size & 1))
    g_byte_array_append (out, &pad, 1);
}

/* A picture of an animation: its head and chunks of its own. */
static bool
add_webp_frame (GByteArray *out, const uint8_t *chunk, size_t size)
{
  static const char kept[][5] = {"ALPH", "VP8 ", "VP8L"};
  guint from = out->len;
  size_t end = 8 + size, inner;
  if (size < 16)
    return false;
  g_byte_array_append (out, chunk, 8 + 16);
  for (size_t at = 8 + 16; at < end; at = next_webp_chunk (at, end, inner)) {
    if (!webp_chunk (chunk, at, end, &inner))
      return false;
    if (is_webp_chunk (chunk + at, kept, G_N_ELEMENTS (kept)))
      add_webp_chunk (out, chunk + at, inner, end - at);
  }
  put_little32 (out->data + from + 4, out->len - from - 8);
  return out->len > from + 8 + 16; /* a picture without pixels would make the others unreadable */
}

typedef struct {
  guint flags;     /* where they are in what was made; 0: there are none */
  bool announced;  /* EXIF; where it is not announced, nobody reads it */
  bool seen, exif; /* there was some; it is in what was made */
} WebpState;

/* What stays of a chunk. */
static bool
keep_webp_chunk (GByteArray *out, const uint8_t *chunk, size_t size, size_t left, WebpState *state)
{
  static const char kept[][5] = {"VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ICCP"};
  if (memcmp (chunk, "VP8X", 4) == 0 && state->flags == 0 && size >= 10) {
    state->flags = out->len + 8;
    state->announced = chunk[8] & 8;
  }
  if (memcmp (chunk, "ANMF", 4) == 0)
    return add_webp_frame (out, chunk, size);
  if (is_webp_chunk (chunk, kept, G_N_ELEMENTS (kept)))
    add_webp_chunk (out, chunk, size, left);
  if (memcmp (chunk, "EXIF", 4) != 0 || !state->announced || state->seen)
    return true;
  state->seen = true;
  unsigned orientation = tsr_exif_orientation (chunk + 8, size);
  if (orientation == 1)
    return true;
  uint8_t exif[8 + EXIF] = {'E', 'X', 'I', 'F', EXIF};
  make_exif (orientation, exif + 8);
  g_byte_array_append (out, exif, sizeof exif);
  state->exif = true;
  return true;
}

bool
tsr_bare_webp (const uint8_t *data, size_t n, GByteArray *out)
{
  size_t end = 8 + (size_t)little32 (data + 4), size;
  WebpState state = {0};
  if (end > n || end < 12)
    return false;
  g_byte_array_append (out, data, 12);
  for (size_t at = 12; at < end; at = next_webp_chunk (at, end, size))
    if (!webp_chunk (data, at, end, &size) ||
        !keep_webp_chunk (out, data + at, size, end - at, &state))
      return false;
  if (state.flags != 0) /* which of EXIF and XMP there are */
    out->data[state.flags] = (uint8_t)((out->data[state.flags] & ~0x0c) | (state.exif ? 8 : 0));
  put_little32 (out->data + 4, out->len - 8);
  return true;
}

bool
tsr_bare_blank_webp (uint8_t *data, size_t n)
{
  static const char kept[][5] = {"VP8X", "VP8 ", "VP8L", "ALPH"};
  size_t end = n >= 12 ? 8 + (size_t)little32 (data + 4) : 0, size;
  if (end < 12 || end > n || memcmp (data, "RIFF", 4) != 0 || memcmp (data + 8, "WEBP", 4) != 0)
    return false;
  for (size_t at = 12; at < end; at = next_webp_chunk (at, end, size)) {
    if (!webp_chunk (data, at, end, &size))
      return false;
    if (!is_webp_chunk (data + at, kept, G_N_ELEMENTS (kept)))
      memset (data + at + 8, 0, size);
  }
  memset (data + end, 0, n - end);
  return true;
}

GBytes *
tsr_image_bare (GBytes *file)
{
  gsize n;
  const uint8_t *data = g_bytes_get_data (file, &n);
  const TsrImageReader *reader = n <= TSR_IMAGE_BARE_MAX ? tsr_image_reader_of (data, n) : NULL;
  if (!reader)
    return NULL;
  g_autoptr (GByteArray) out = g_byte_array_sized_new ((guint)n);
  return reader->bare (data, n, out) ? g_byte_array_free_to_bytes (g_steal_pointer (&out)) : NULL;
}
