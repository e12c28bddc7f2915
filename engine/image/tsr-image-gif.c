/* GIF: the first frame, on its logical screen, transparent pixels white. */

#include "tsr-image-reader.h"

#include "tsr-i18n.h"

#include <string.h>

typedef struct {
  const uint8_t *bytes;
  uint64_t n, at;
} Cursor;

typedef struct {
  int screen_width, screen_height;
  int x, y, width, height;
  bool interlaced;
  int transparent; /* palette index, or -1 */
  const uint8_t *palette;
  unsigned n_colours;
} Frame;

static bool
take (Cursor *cursor, size_t n, const uint8_t **bytes)
{
  if (n > cursor->n - cursor->at)
    return false;
  *bytes = cursor->bytes + cursor->at;
  cursor->at += n;
  return true;
}

static bool
take_palette (Cursor *cursor, unsigned flags, Frame *frame)
{
  if (!(flags & 0x80))
    return true;
  frame->n_colours = 2u << (flags & 7);
  return take (cursor, 3 * frame->n_colours, &frame->palette);
}

/* Skips data sub-blocks up to and with their terminator; the first one is handed out. */
static bool
skip_blocks (Cursor *cursor, const uint8_t **first, unsigned *n_first)
{
  const uint8_t *length, *data;
  *n_first = 0;
  for (bool start = true; take (cursor, 1, &length); start = false) {
    if (*length == 0)
      return true;
    if (!take (cursor, *length, &data))
      return false;
    if (start)
      *first = data, *n_first = *length;
  }
  return false;
}

/* Walks to the first image descriptor. */
static bool
find_frame (Cursor *cursor, Frame *frame)
{
  const uint8_t *head, *b;
  *frame = (Frame){.transparent = -1};
  if (!take (cursor, 13, &head))
    return false;
  frame->screen_width = head[6] | head[7] << 8;
  frame->screen_height = head[8] | head[9] << 8;
  if (!take_palette (cursor, head[10], frame))
    return false;
  while (take (cursor, 1, &b) && *b != ';') {
    if (*b == ',') {
      if (!take (cursor, 9, &b))
        return false;
      frame->x = b[0] | b[1] << 8, frame->y = b[2] | b[3] << 8;
      frame->width = b[4] | b[5] << 8, frame->height = b[6] | b[7] << 8;
      frame->interlaced = b[8] & 0x40;
      return take_palette (cursor, b[8], frame);
    }
    const uint8_t *label, *data = NULL;
    unsigned n = 0;
    if (*b == 0) /* stray terminators are common */
      continue;
    if (*b != '!' || !take (cursor, 1, &label) || !skip_blocks (cursor, &data, &n))
      return false;
    if (*label == 0xF9 && n >= 4)
      frame->transparent = data[0] & 1 ? data[3] : -1;
  }
  return false;
}

typedef struct {
  Cursor *cursor;
  unsigned block_left; /* bytes left in the sub-block */
  uint32_t held;
  unsigned have;
} Bits;

static int
next_code (Bits *bits, unsigned width)
{
  const uint8_t *b;
  while (bits->have < width) {
    if (bits->block_left == 0) {
      if (!take (bits->cursor, 1, &b) || *b == 0)
        return -1;
      bits->block_left = *b;
    }
    if (!take (bits->cursor, 1, &b))
      return -1;
    bits->block_left--;
    bits->held |= (uint32_t)*b << bits->have;
    bits->have += 8;
  }
  int code = (int)(bits->held & ((1u << width) - 1));
  bits->held >>= width;
  bits->have -= width;
  return code;
}

/* LZW: entry c is its prefix's pixels and one more. */
typedef struct {
  uint16_t prefix[4096];
  uint8_t last[4096], stack[4096];
} Table;

/* Decodes n palette indices. False when the data ends early or is impossible. */
static bool
decode_lzw (Cursor *cursor, Table *table, uint8_t *out, size_t n)
{
  const uint8_t *size;
  if (!take (cursor, 1, &size) || *size < 1 || *size > 11)
    return false;
  Bits bits = {.cursor = cursor};
  int clear = 1 << *size, next = clear + 2, previous = -1;
  unsigned width = *size + 1u;
  uint8_t first = 0;
  for (size_t done = 0; done < n;) {
    int code = next_code (&bits, width);
    if (code < 0 || code == clear + 1)
      return false;
    if (code == clear) {
      next = clear + 2, previous = -1, width = *size + 1u;
      continue;
    }
    if (code > next || (code == next && previous < 0) || (previous < 0 && code > clear))
      return false;
    unsigned depth = 0;
    int at = code;
    if (code == next) { /* the entry being made: the previous one and its own first pixel */
      table->stack[depth++] = first;
      at = previous;
    }
    for (; at >= clear + 2 && depth < sizeof table->stack - 1; at = table->prefix[at])
      table->stack[depth++] = table->last[at];
    first = (uint8_t)at;
    table->stack[depth++] = first;
    while (depth > 0 && done < n)
      out[done++] = table->stack[--depth];
    if (previous >= 0 && next < 4096) {
      table->prefix[next] = (uint16_t)previous;
      table->last[next++] = first;
      if (next == 1 << width && width < 12)
        width++;
    }
    previous = code;
  }
  return true;
}

/* The row of the picture that the i-th stored row of an interlaced frame is. */
static int
interlaced_row (int i, int height)
{
  static const int start[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
  for (int pass = 0; pass < 4; pass++) {
    int rows = height > start[pass] ? (height - start[pass] + step[pass] - 1) / step[pass] : 0;
    if (i < rows)
      return start[pass] + i * step[pass];
    i -= rows;
  }
  return 0;
}

static void
paint (const Frame *frame, const uint8_t *indices, TsrImage *image)
{
  for (int i = 0; i < frame->height; i++) {
    int y = frame->y + (frame->interlaced ? interlaced_row (i, frame->height) : i);
    uint8_t *out = image->pixels + ((size_t)y * image->width + frame->x) * 3;
    for (int x = 0; x < frame->width; x++, out += 3) {
      unsigned index = indices[(size_t)i * frame->width + x];
      if ((int)index != frame->transparent && index < frame->n_colours)
        memcpy (out, frame->palette + 3 * index, 3);
    }
  }
}

static bool
decode_frame (Cursor *cursor, const Frame *frame, TsrImage *image, GError **error)
{
  size_t n = (size_t)frame->width * frame->height;
  if (n / 4096 >
      cursor->n - cursor->at) { /* a code makes at most 4096 pixels and takes more than a byte */
    tsr_image_refuse_truncated (error, "GIF");
    return false;
  }
  g_autofree uint8_t *indices = g_try_malloc0 (n);
  g_autofree Table *table = g_try_malloc0 (sizeof *table);
  if (!indices || !table) {
    tsr_image_refuse (
        error,
        _ ("There is not enough memory for its pixels; close other programs or make it smaller"));
    return false;
  }
  if (!decode_lzw (cursor, table, indices, n)) {
    tsr_image_refuse (error,
                      _ ("The GIF data is damaged or cut short; copy it again from where it came"));
    return false;
  }
  memset (image->pixels, 255, (size_t)image->width * image->height * 3);
  paint (frame, indices, image);
  return true;
}

static bool
gif_read (const TsrImageSource *source, bool header_only, TsrPicture *picture, GError **error)
{
  Cursor cursor = {source->bytes, source->n, 0};
  Frame frame;
  if (!find_frame (&cursor, &frame) || !frame.palette) {
    tsr_image_refuse (error,
                      _ ("The GIF file holds no complete image; copy it again from where it came"));
    return false;
  }
  int width = MAX (frame.screen_width, frame.x + frame.width),
      height = MAX (frame.screen_height, frame.y + frame.height);
  picture->info = (TsrImageInfo){.width = width, .height = height, .channels = 3};
  if (!tsr_image_check_size (frame.width, frame.height, error) ||
      !tsr_image_check_size (width, height, error))
    return false;
  return header_only || (tsr_image_allocate (&picture->image, width, height, 3, error) &&
                         decode_frame (&cursor, &frame, &picture->image, error));
}

static bool
gif_matches (const uint8_t *head, size_t n)
{
  return n >= 6 && (memcmp (head, "GIF87a", 6) == 0 || memcmp (head, "GIF89a", 6) == 0);
}

/* Copies what the cursor has passed since `from`. */
static void
keep (const Cursor *cursor, uint64_t from, GByteArray *out)
{
  g_byte_array_append (out, cursor->bytes + from, (guint)(cursor->at - from));
}

/* An extension, without its first two bytes: what comes before a picture, how often pictures are
 * shown, and colour profiles stay; comments, texts and other programs' go. */
static bool
keep_extension (Cursor *cursor, uint64_t from, GByteArray *out)
{
  const uint8_t *label, *data = NULL;
  unsigned n = 0;
  if (!take (cursor, 1, &label) || !skip_blocks (cursor, &data, &n))
    return false;
  uint64_t length = cursor->at - from;
  bool kept = *label == 0xF9 ? n == 4 && length == 8
                             : *label == 0xFF && n == 11 &&
                                   ((length == 19 && memcmp (data, "NETSCAPE2.0", 11) == 0) ||
                                    (length == 19 && memcmp (data, "ANIMEXTS1.0", 11) == 0) ||
                                    memcmp (data, "ICCRGBG1012", 11) == 0);
  if (kept)
    keep (cursor, from, out);
  return kept || *label != 0xF9; /* other programs may read a strange one another way */
}

static bool
keep_frame (Cursor *cursor, uint64_t from, GByteArray *out)
{
  const uint8_t *head, *data;
  Frame frame = {0};
  unsigned n;
  bool ok = take (cursor, 9, &head) && take_palette (cursor, head[8], &frame) &&
            take (cursor, 1, &data) && skip_blocks (cursor, &data, &n);
  if (ok)
    keep (cursor, from, out);
  return ok;
}

static bool
gif_bare (const uint8_t *bytes, size_t n, GByteArray *out)
{
  Cursor cursor = {bytes, n, 0};
  const uint8_t *b;
  Frame frame = {0};
  if (!take (&cursor, 13, &b) || !take_palette (&cursor, b[10], &frame))
    return false;
  keep (&cursor, 0, out);
  while (take (&cursor, 1, &b)) {
    uint64_t from = cursor.at - 1;
    if (*b == ';') {
      keep (&cursor, from, out);
      return true;
    }
    if (*b == ',' ? !keep_frame (&cursor, from, out)
                  : *b != 0 && (*b != '!' || !keep_extension (&cursor, from, out)))
      return false;
  }
  return false;
}

const TsrImageReader tsr_image_reader_gif = {"GIF", gif_matches, gif_read, gif_bare};
