/* PNG of every colour type and depth, interlaced or not, written by libpng. */

#include "fixtures.h"

#include <png.h>
#include <string.h>

typedef struct {
  const char *name;
  int colour_type, depth, interlace;
} Kind;

static void
append (png_structp png, png_bytep bytes, size_t n)
{
  g_byte_array_append (png_get_io_ptr (png), bytes, (guint)n);
}

static void
flush (png_structp png)
{
}

/* The 8-bit value stored for channel c, with alpha (the last channel of types 4 and 6) in three
 * steps. */
static uint8_t
stored (const Kind *kind, int x, int y, int c)
{
  bool alpha = (kind->colour_type & PNG_COLOR_MASK_ALPHA) &&
               c == (kind->colour_type & PNG_COLOR_MASK_COLOR ? 3 : 1);
  return alpha ? (uint8_t[]){0, 128, 255}[(x + y) % 3] : fixture_rough (x, y, c);
}

static void
fill_row (const Kind *kind, int channels, int y, uint8_t *row)
{
  memset (row, 0, (size_t)FIXTURE_WIDTH * channels * 2);
  for (int x = 0; x < FIXTURE_WIDTH; x++)
    for (int c = 0; c < channels; c++) {
      int i = x * channels + c;
      if (kind->depth == 16)
        row[2 * i] = row[2 * i + 1] = stored (kind, x, y, c); /* 257 times the 8-bit value */
      else if (kind->depth == 8)
        row[i] = stored (kind, x, y, c);
      else
        row[i * kind->depth / 8] |= (uint8_t)(stored (kind, x, y, c) >> (8 - kind->depth))
                                    << (8 - kind->depth - i * kind->depth % 8);
    }
}

static GBytes *
write_png (const Kind *kind)
{
  GByteArray *out = g_byte_array_new ();
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  png_set_write_fn (png, out, append, flush);
  png_set_IHDR (png, info, FIXTURE_WIDTH, FIXTURE_HEIGHT, kind->depth, kind->colour_type,
                kind->interlace, 0, 0);
  if (kind->colour_type == PNG_COLOR_TYPE_PALETTE) {
    png_color palette[256];
    for (int i = 0; i < 256; i++)
      palette[i] = (png_color){(uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i ^ 0x55)};
    png_set_PLTE (png, info, palette, 1 << kind->depth);
  }
  png_write_info (png, info);
  int channels = png_get_channels (png, info), passes = png_set_interlace_handling (png);
  uint8_t row[FIXTURE_WIDTH * 8];
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < FIXTURE_HEIGHT; y++) {
      fill_row (kind, channels, y, row);
      png_write_row (png, row);
    }
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  return g_byte_array_free_to_bytes (out);
}

/* What a reader must make of it: palettes looked up, few bits spread to 8, alpha on white. */
static void
expect (const Kind *kind, TsrImage *expected)
{
  bool alpha = kind->colour_type & PNG_COLOR_MASK_ALPHA;
  for (int y = 0; y < FIXTURE_HEIGHT; y++)
    for (int x = 0; x < FIXTURE_WIDTH; x++)
      for (int c = 0; c < expected->channels; c++) {
        uint8_t *out = &expected->pixels[(y * FIXTURE_WIDTH + x) * expected->channels + c];
        if (kind->depth < 8)
          *out = (uint8_t)((stored (kind, x, y, 0) >> (8 - kind->depth)) * 255 /
                           ((1 << kind->depth) - 1));
        if (kind->colour_type == PNG_COLOR_TYPE_PALETTE) {
          int i = stored (kind, x, y, 0) >> (8 - kind->depth);
          *out = (uint8_t)(c == 0 ? i : c == 1 ? 255 - i : i ^ 0x55);
        }
        if (alpha) {
          int a = stored (kind, x, y, expected->channels);
          *out = (uint8_t)((*out * a + 255 * (255 - a) + 127) / 255);
        }
      }
}

void
fixtures_add_png (GPtrArray *all)
{
  static const Kind kinds[] = {
      {"png-grey-1", PNG_COLOR_TYPE_GRAY, 1, 0},
      {"png-grey-2", PNG_COLOR_TYPE_GRAY, 2, 0},
      {"png-grey-4", PNG_COLOR_TYPE_GRAY, 4, 0},
      {"png-grey-8", PNG_COLOR_TYPE_GRAY, 8, 0},
      {"png-grey-16", PNG_COLOR_TYPE_GRAY, 16, 0},
      {"png-grey-alpha", PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0},
      {"png-grey-alpha-16", PNG_COLOR_TYPE_GRAY_ALPHA, 16, 1},
      {"png-rgb", PNG_COLOR_TYPE_RGB, 8, 0},
      {"png-rgb-16", PNG_COLOR_TYPE_RGB, 16, 0},
      {"png-rgb-interlaced", PNG_COLOR_TYPE_RGB, 8, 1},
      {"png-rgba", PNG_COLOR_TYPE_RGB_ALPHA, 8, 0},
      {"png-rgba-16-interlaced", PNG_COLOR_TYPE_RGB_ALPHA, 16, 1},
      {"png-palette-1", PNG_COLOR_TYPE_PALETTE, 1, 0},
      {"png-palette-4", PNG_COLOR_TYPE_PALETTE, 4, 0},
      {"png-palette-8", PNG_COLOR_TYPE_PALETTE, 8, 1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    int channels = kinds[i].colour_type & PNG_COLOR_MASK_COLOR ? 3 : 1;
    expect (&kinds[i], fixture_add (all, kinds[i].name, "PNG", write_png (&kinds[i]), channels, 0,
                                    fixture_rough));
  }
}
