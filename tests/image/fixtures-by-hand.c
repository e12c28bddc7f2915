/* BMP, GIF and Netpbm, written byte by byte: nothing else on the machine needs to know them. */

#include "fixtures.h"

#include <string.h>

static void
put (GByteArray *out, const char *format, ...)
{
  va_list values;
  va_start (values, format);
  for (; *format; format++) { /* b: byte, w: 16 bits, d: 32 bits, little-endian */
    uint32_t value = va_arg (values, uint32_t);
    for (int i = 0; i < (*format == 'b' ? 1 : *format == 'w' ? 2 : 4); i++, value >>= 8) {
      uint8_t byte = (uint8_t)value;
      g_byte_array_append (out, &byte, 1);
    }
  }
  va_end (values);
}

static void
bmp_header (GByteArray *out, int bits, int compression, int colours, int masks, bool top_down)
{
  int offset = 54 + 4 * colours + 4 * masks;
  put (out, "bbdwwd", 'B', 'M', 0, 0, 0, offset);
  put (out, "dddwwdddddd", 40, FIXTURE_WIDTH, top_down ? (uint32_t)-FIXTURE_HEIGHT : FIXTURE_HEIGHT,
       1, bits, compression, 0, 2835, 2835, colours, 0);
}

static int
bmp_row (int i, bool top_down)
{
  return top_down ? i : FIXTURE_HEIGHT - 1 - i;
}

static GBytes *
bmp_true_colour (int bits, int compression, bool top_down)
{
  GByteArray *out = g_byte_array_new ();
  bmp_header (out, bits, compression, 0, compression == 3 ? 3 : 0, top_down);
  if (compression == 3)
    put (out, "ddd", 0xFF, 0xFF00, 0xFF0000); /* the other way round than usual */
  for (int i = 0; i < FIXTURE_HEIGHT; i++) {
    int y = bmp_row (i, top_down);
    for (int x = 0; x < FIXTURE_WIDTH; x++) {
      uint32_t r = fixture_rough (x, y, 0), g = fixture_rough (x, y, 1),
               b = fixture_rough (x, y, 2);
      if (bits == 24)
        put (out, "bbb", b, g, r);
      else
        put (out, "d", compression == 3 ? r | g << 8 | b << 16 : b | g << 8 | r << 16);
    }
    while (bits == 24 && (out->len - 54) % 4)
      put (out, "b", 0);
  }
  return g_byte_array_free_to_bytes (out);
}

static uint32_t
index_at (int x, int y, int bits)
{
  return fixture_rough (x, y, 0) >> (8 - bits);
}

static GBytes *
bmp_palette (int bits, bool run_lengths)
{
  GByteArray *out = g_byte_array_new ();
  bmp_header (out, bits, run_lengths ? 1 : 0, 1 << bits, 0, false);
  for (uint32_t i = 0; i < 1u << bits; i++)
    put (out, "bbbb", i ^ 0x55, 255 - i, i, 0);
  guint start = out->len;
  for (int i = 0; i < FIXTURE_HEIGHT; i++) {
    int y = bmp_row (i, false);
    if (run_lengths) { /* runs of one, then a literal run of the rest */
      put (out, "bb", 1, index_at (0, y, 8));
      put (out, "bb", 0, FIXTURE_WIDTH - 1);
      for (int x = 1; x < FIXTURE_WIDTH; x++)
        put (out, "b", index_at (x, y, 8));
      if ((FIXTURE_WIDTH - 1) % 2)
        put (out, "b", 0);
      put (out, "bb", 0, i == FIXTURE_HEIGHT - 1 ? 1 : 0);
      continue;
    }
    for (int x = 0; x < FIXTURE_WIDTH; x += 8 / bits) {
      uint32_t byte = 0;
      for (int k = 0; k < 8 / bits; k++)
        byte = byte << bits | (x + k < FIXTURE_WIDTH ? index_at (x + k, y, bits) : 0);
      put (out, "b", byte);
    }
    while ((out->len - start) % 4)
      put (out, "b", 0);
  }
  return g_byte_array_free_to_bytes (out);
}

static void
expect_palette (TsrImage *expected, int bits)
{
  for (int i = 0; i < FIXTURE_WIDTH * FIXTURE_HEIGHT; i++) {
    uint32_t index = index_at (i % FIXTURE_WIDTH, i / FIXTURE_WIDTH, bits);
    uint8_t *out = expected->pixels + 3 * i;
    out[0] = (uint8_t)index, out[1] = (uint8_t)(255 - index), out[2] = (uint8_t)(index ^ 0x55);
  }
}

/* GIF's LZW without compression: 8-bit literals in 9-bit codes, the table cleared before it can
 * grow. */
static void
gif_codes (GByteArray *out, bool interlaced)
{
  static const int start[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
  GByteArray *data = g_byte_array_new ();
  uint32_t held = 0, have = 0, count = 0;
  uint16_t codes[FIXTURE_WIDTH * FIXTURE_HEIGHT * 2];
  size_t n = 0;
  for (int pass = 0; pass < (interlaced ? 4 : 1); pass++)
    for (int y = interlaced ? start[pass] : 0; y < FIXTURE_HEIGHT; y += interlaced ? step[pass] : 1)
      for (int x = 0; x < FIXTURE_WIDTH; x++) {
        if (count++ % 200 == 0)
          codes[n++] = 256;
        codes[n++] = fixture_rough (x, y, 0);
      }
  codes[n++] = 257;
  for (size_t i = 0; i < n; i++)
    for (held |= (uint32_t)codes[i] << have, have += 9; have >= 8 || (i == n - 1 && have > 0);
         held >>= 8, have = have > 8 ? have - 8 : 0)
      put (data, "b", held & 255);
  put (out, "b", 8);
  for (guint at = 0; at < data->len; at += 255) {
    guint length = MIN (255, data->len - at);
    put (out, "b", length);
    g_byte_array_append (out, data->data + at, length);
  }
  put (out, "b", 0);
  g_byte_array_unref (data);
}

static GBytes *
gif (bool interlaced, bool animated, int transparent)
{
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, (const uint8_t *)"GIF89a", 6);
  put (out, "wwbbb", FIXTURE_WIDTH, FIXTURE_HEIGHT, 0xF7, 0, 0);
  for (uint32_t i = 0; i < 256; i++)
    put (out, "bbb", i, 255 - i, i ^ 0x55);
  for (int frame = 0; frame < (animated ? 2 : 1); frame++) {
    put (out, "bbbbwbb", '!', 0xF9, 4, transparent >= 0 ? 1 : 0, 10, MAX (transparent, 0), 0);
    put (out, "bwwwwb", ',', 0, 0, FIXTURE_WIDTH, FIXTURE_HEIGHT, interlaced ? 0x40 : 0);
    gif_codes (out, interlaced);
  }
  put (out, "b", ';');
  return g_byte_array_free_to_bytes (out);
}

static GBytes *
netpbm (int kind, unsigned maximum)
{
  GString *out = g_string_new (NULL);
  int channels = kind % 3 == 0 ? 3 : 1;
  g_string_append_printf (out, "P%d # a comment\n%d %d\n", kind, FIXTURE_WIDTH, FIXTURE_HEIGHT);
  if (kind % 3 != 1)
    g_string_append_printf (out, "%u\n", maximum);
  for (int y = 0; y < FIXTURE_HEIGHT; y++) {
    unsigned byte = 0;
    for (int x = 0; x < FIXTURE_WIDTH; x++)
      for (int c = 0; c < channels; c++) {
        unsigned value = fixture_rough (x, y, c);
        if (kind % 3 == 1) {
          bool black = value < 128;
          byte = byte << 1 | black;
          if (kind == 1)
            g_string_append_printf (out, "%d%s", black, x % 7 ? "" : " ");
          else if (x % 8 == 7 || x == FIXTURE_WIDTH - 1)
            g_string_append_c (out, (char)(byte << (7 - x % 8)));
        } else if (kind < 4) {
          g_string_append_printf (out, "%u ", value * maximum / 255);
        } else {
          if (maximum > 255)
            g_string_append_c (out, (char)(value * maximum / 255 >> 8));
          g_string_append_c (out, (char)(value * maximum / 255));
        }
      }
  }
  return g_string_free_to_bytes (out);
}

static uint8_t
rough_bit (int x, int y, int c)
{
  return fixture_rough (x, y, c) < 128 ? 0 : 255;
}

void
fixtures_add_by_hand (GPtrArray *all)
{
  fixture_add (all, "bmp-24", "BMP", bmp_true_colour (24, 0, false), 3, 0, fixture_rough);
  fixture_add (all, "bmp-24-top-down", "BMP", bmp_true_colour (24, 0, true), 3, 0, fixture_rough);
  fixture_add (all, "bmp-32", "BMP", bmp_true_colour (32, 0, false), 3, 0, fixture_rough);
  fixture_add (all, "bmp-32-fields", "BMP", bmp_true_colour (32, 3, false), 3, 0, fixture_rough);
  expect_palette (fixture_add (all, "bmp-8", "BMP", bmp_palette (8, false), 3, 0, fixture_rough),
                  8);
  expect_palette (fixture_add (all, "bmp-4", "BMP", bmp_palette (4, false), 3, 0, fixture_rough),
                  4);
  expect_palette (fixture_add (all, "bmp-1", "BMP", bmp_palette (1, false), 3, 0, fixture_rough),
                  1);
  expect_palette (fixture_add (all, "bmp-rle", "BMP", bmp_palette (8, true), 3, 0, fixture_rough),
                  8);
  expect_palette (fixture_add (all, "gif", "GIF", gif (false, false, -1), 3, 0, fixture_rough), 8);
  expect_palette (
      fixture_add (all, "gif-interlaced", "GIF", gif (true, false, -1), 3, 0, fixture_rough), 8);
  expect_palette (
      fixture_add (all, "gif-animated", "GIF", gif (false, true, -1), 3, 0, fixture_rough), 8);
  TsrImage *expected =
      fixture_add (all, "gif-transparent", "GIF", gif (false, false, 37), 3, 0, fixture_rough);
  expect_palette (expected, 8);
  for (int i = 0; i < FIXTURE_WIDTH * FIXTURE_HEIGHT; i++)
    if (expected->pixels[3 * i] == 37)
      memset (expected->pixels + 3 * i, 255, 3);
  fixture_add (all, "pbm-plain", "PNM", netpbm (1, 1), 1, 0, rough_bit);
  fixture_add (all, "pbm-raw", "PNM", netpbm (4, 1), 1, 0, rough_bit);
  fixture_add (all, "pgm-plain", "PNM", netpbm (2, 255), 1, 0, fixture_rough);
  fixture_add (all, "pgm-raw", "PNM", netpbm (5, 255), 1, 0, fixture_rough);
  fixture_add (all, "pgm-raw-16", "PNM", netpbm (5, 65535), 1, 0, fixture_rough);
  fixture_add (all, "ppm-plain", "PNM", netpbm (3, 255), 3, 0, fixture_rough);
  fixture_add (all, "ppm-raw", "PNM", netpbm (6, 255), 3, 0, fixture_rough);
}
