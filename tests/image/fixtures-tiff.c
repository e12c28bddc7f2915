/* TIFF in every layout the reader claims, written by libtiff. */

#include "fixtures.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

typedef struct {
  const char *name;
  uint16_t bits, format, photometric, samples, planar, compression;
  bool tiled;
  uint16_t extra; /* kind of the extra sample + 1, or 0 */
  bool big_endian;
  const char *mode; /* more letters for TIFFOpen */
} Kind;

enum { U = SAMPLEFORMAT_UINT, I = SAMPLEFORMAT_INT, F = SAMPLEFORMAT_IEEEFP };
enum {
  GREY = PHOTOMETRIC_MINISBLACK,
  WHITE = PHOTOMETRIC_MINISWHITE,
  RGB = PHOTOMETRIC_RGB,
  PALETTE = PHOTOMETRIC_PALETTE,
  CMYK = PHOTOMETRIC_SEPARATED,
  YCC = PHOTOMETRIC_YCBCR
};
enum { ONE = PLANARCONFIG_CONTIG, SEP = PLANARCONFIG_SEPARATE };
enum {
  NONE = COMPRESSION_NONE,
  LZW = COMPRESSION_LZW,
  ZIP = COMPRESSION_ADOBE_DEFLATE,
  BITS = COMPRESSION_PACKBITS,
  JPG = COMPRESSION_JPEG,
  G4 = COMPRESSION_CCITTFAX4
};

static const Kind kinds[] = {
    {"tiff-grey-1", 1, U, GREY, 1, ONE, NONE},
    {"tiff-grey-1-g4", 1, U, WHITE, 1, ONE, G4},
    {"tiff-grey-2", 2, U, GREY, 1, ONE, NONE},
    {"tiff-grey-4", 4, U, GREY, 1, ONE, LZW},
    {"tiff-grey-8", 8, U, GREY, 1, ONE, NONE},
    {"tiff-grey-8-white", 8, U, WHITE, 1, ONE, BITS},
    {"tiff-grey-12", 12, U, GREY, 1, ONE, NONE},
    {"tiff-grey-16", 16, U, GREY, 1, ONE, ZIP},
    {"tiff-grey-16-big-endian", 16, U, GREY, 1, ONE, NONE, .big_endian = true},
    {"tiff-grey-24", 24, U, GREY, 1, ONE, NONE},
    {"tiff-grey-24-big-endian", 24, U, GREY, 1, ONE, NONE, .big_endian = true},
    {"tiff-grey-32", 32, U, GREY, 1, ONE, NONE},
    {"tiff-grey-signed-8", 8, I, GREY, 1, ONE, NONE},
    {"tiff-grey-signed-16", 16, I, GREY, 1, ONE, NONE},
    {"tiff-grey-float-16", 16, F, GREY, 1, ONE, NONE},
    {"tiff-grey-float-32", 32, F, GREY, 1, ONE, ZIP},
    {"tiff-grey-float-64", 64, F, GREY, 1, ONE, NONE},
    {"tiff-grey-alpha", 8, U, GREY, 2, ONE, NONE, .extra = 1 + EXTRASAMPLE_UNASSALPHA},
    {"tiff-rgb-2", 2, U, RGB, 3, ONE, NONE},
    {"tiff-rgb-8", 8, U, RGB, 3, ONE, NONE},
    {"tiff-rgb-8-planar", 8, U, RGB, 3, SEP, LZW},
    {"tiff-rgb-8-tiled", 8, U, RGB, 3, ONE, ZIP, .tiled = true},
    {"tiff-rgb-8-tiled-planar", 8, U, RGB, 3, SEP, NONE, .tiled = true},
    {"tiff-rgb-8-big", 8, U, RGB, 3, ONE, LZW, .mode = "8"},
    {"tiff-rgb-10", 10, U, RGB, 3, ONE, NONE},
    {"tiff-rgb-16", 16, U, RGB, 3, ONE, LZW},
    {"tiff-rgb-16-planar-tiled", 16, U, RGB, 3, SEP, ZIP, .tiled = true},
    {"tiff-rgb-float-32", 32, F, RGB, 3, ONE, NONE},
    {"tiff-rgba", 8, U, RGB, 4, ONE, NONE, .extra = 1 + EXTRASAMPLE_UNASSALPHA},
    {"tiff-rgba-16-planar", 16, U, RGB, 4, SEP, NONE, .extra = 1 + EXTRASAMPLE_UNASSALPHA},
    {"tiff-rgb-unspecified", 8, U, RGB, 4, ONE, NONE, .extra = 1 + EXTRASAMPLE_UNSPECIFIED},
    {"tiff-palette-4", 4, U, PALETTE, 1, ONE, NONE},
    {"tiff-palette-8", 8, U, PALETTE, 1, ONE, LZW},
    {"tiff-cmyk", 8, U, CMYK, 4, ONE, NONE},
    {"tiff-cmyk-16-planar", 16, U, CMYK, 4, SEP, LZW},
    {"tiff-jpeg-ycc", 8, U, YCC, 3, ONE, JPG},
    {"tiff-jpeg-ycc-tiled", 8, U, YCC, 3, ONE, JPG, .tiled = true},
    {"tiff-jpeg-grey", 8, U, GREY, 1, ONE, JPG},
};

static int
value_8 (const Kind *kind, int x, int y, int c)
{
  if (kind->compression == JPG)
    return fixture_smooth (x, y, c);
  if (kind->photometric == CMYK)
    return c == 3 ? 0 : 255 - fixture_rough (x, y, c);
  if (kind->extra && c == kind->samples - 1)
    return (int[]){0, 128, 255}[(x + y) % 3];
  int value = fixture_rough (x, y, c);
  return kind->photometric == WHITE ? 255 - value : value;
}

/* The extremes must occur where the image itself sets the scale. */
static int
stretched_8 (const Kind *kind, int x, int y, int c)
{
  return x == 0 && y == 0 ? 0 : x == 1 && y == 0 ? 255 : value_8 (kind, x, y, c);
}

static bool
own_scale (const Kind *kind)
{
  return (kind->format == I && kind->bits > 8) || (kind->format == U && kind->bits > 24);
}

static void
put_bits (uint8_t *row, size_t at, unsigned bits, uint32_t value)
{
  for (unsigned b = 0; b < bits; b++)
    if (value >> (bits - 1 - b) & 1)
      row[(at + b) / 8] |= 0x80 >> (at + b) % 8;
}

static uint16_t
to_half (float value) /* for values in [0, 1] */
{
  if (value == 0)
    return 0;
  int exponent;
  float fraction = frexpf (value, &exponent);
  return (uint16_t)((exponent + 14) << 10 | ((int)(fraction * 2048) & 1023));
}

static void
put_sample (const Kind *kind, uint8_t *row, size_t index, int value)
{
  double full = ldexp (1, kind->bits) - 1;
  if (kind->format == F) {
    float f = value / 255.f;
    double d = value / 255.0;
    uint16_t h = to_half (f);
    memcpy (row + index * kind->bits / 8,
            kind->bits == 16   ? (void *)&h
            : kind->bits == 32 ? (void *)&f
                               : (void *)&d,
            kind->bits / 8);
  } else if (kind->format == I) {
    int16_t v = (int16_t)(kind->bits == 8 ? value - 128 : value * 100 - 12000);
    memcpy (row + index * kind->bits / 8, &v, kind->bits / 8);
  } else if (kind->bits == 16 || kind->bits == 24 || kind->bits == 32) {
    uint32_t v = (uint32_t)llround (value * full / 255);
    memcpy (row + index * kind->bits / 8, &v, kind->bits / 8);
  } else {
    put_bits (row, index * kind->bits, kind->bits, (uint32_t)lround (value * full / 255));
  }
}

static void
set_tags (TIFF *tiff, const Kind *kind)
{
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, FIXTURE_WIDTH);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, FIXTURE_HEIGHT);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, kind->format);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, kind->planar);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, kind->compression);
  if (kind->tiled) {
    TIFFSetField (tiff, TIFFTAG_TILEWIDTH, 16);
    TIFFSetField (tiff, TIFFTAG_TILELENGTH, 16);
  } else {
    TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, kind->compression == JPG ? 16 : 5);
  }
  uint16_t extra = (uint16_t)(kind->extra - 1);
  if (kind->extra)
    TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
  if (kind->compression == JPG) {
    TIFFSetField (tiff, TIFFTAG_JPEGQUALITY, 98);
    if (kind->photometric == YCC) {
      TIFFSetField (tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      TIFFSetField (tiff, TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
    }
  }
  if (kind->photometric == PALETTE) {
    uint16_t map[3][256];
    for (int i = 0; i < 256; i++)
      map[0][i] = (uint16_t)(i * 257), map[1][i] = (uint16_t)((255 - i) * 257),
      map[2][i] = (uint16_t)((i ^ 0x55) * 257);
    TIFFSetField (tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
  }
}

/* One strip (full width) or tile whose upper left pixel is (x0, y0), of one plane or all. */
static void
fill_block (const Kind *kind, uint8_t *block, int x0, int y0, int width, int height, int plane)
{
  int samples = kind->planar == SEP ? 1 : kind->samples;
  size_t row_bytes = ((size_t)width * samples * kind->bits + 7) / 8;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int s = 0; s < samples; s++) {
        int px = MIN (x0 + x, FIXTURE_WIDTH - 1), py = MIN (y0 + y, FIXTURE_HEIGHT - 1),
            c = kind->planar == SEP ? plane : s;
        put_sample (kind, block + y * row_bytes, (size_t)x * samples + s,
                    own_scale (kind) ? stretched_8 (kind, px, py, c) : value_8 (kind, px, py, c));
      }
}

static GBytes *
write_tiff (const Kind *kind)
{
  g_autofree char *path = NULL;
  close (g_file_open_tmp ("tessera-XXXXXX.tif", &path, NULL));
  g_autofree char *mode = g_strconcat ("w", kind->big_endian ? "b" : "l", kind->mode, NULL);
  TIFF *tiff = TIFFOpen (path, mode);
  set_tags (tiff, kind);
  for (int plane = 0; plane < (kind->planar == SEP ? kind->samples : 1); plane++) {
    int step = kind->tiled                ? 16
               : kind->compression == JPG ? 16
                                          : 5,
        width = kind->tiled ? 16 : FIXTURE_WIDTH;
    for (int y = 0; y < FIXTURE_HEIGHT; y += step)
      for (int x = 0; x < FIXTURE_WIDTH; x += width) {
        g_autofree uint8_t *block = g_malloc0 (64 * 64 * 8);
        int height = kind->tiled ? 16 : MIN (step, FIXTURE_HEIGHT - y);
        fill_block (kind, block, x, y, width, height, plane);
        if (kind->tiled)
          g_assert_cmpint (TIFFWriteEncodedTile (tiff, TIFFComputeTile (tiff, x, y, 0, plane),
                                                 block, TIFFTileSize (tiff)),
                           >=, 0);
        else
          g_assert_cmpint (TIFFWriteEncodedStrip (tiff, TIFFComputeStrip (tiff, y, plane), block,
                                                  TIFFVStripSize (tiff, height)),
                           >=, 0);
      }
  }
  TIFFClose (tiff);
  char *bytes = NULL;
  gsize n = 0;
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  g_unlink (path);
  return g_bytes_new_take (bytes, n);
}

static void
expect (const Kind *kind, TsrImage *expected)
{
  int levels = kind->format == U && kind->bits < 8 ? (1 << kind->bits) - 1 : 255;
  for (int y = 0; y < FIXTURE_HEIGHT; y++)
    for (int x = 0; x < FIXTURE_WIDTH; x++)
      for (int c = 0; c < expected->channels; c++) {
        int value = own_scale (kind) ? stretched_8 (kind, x, y, c) : fixture_rough (x, y, c);
        if (kind->photometric == PALETTE) {
          int i = (int)lround (fixture_rough (x, y, 0) * levels / 255.0);
          value = c == 0 ? i : c == 1 ? 255 - i : i ^ 0x55;
        } else {
          value = (int)lround (lround (value * levels / 255.0) * 255.0 / levels);
        }
        if (kind->extra == 1 + EXTRASAMPLE_UNASSALPHA) {
          int a = (int[]){0, 128, 255}[(x + y) % 3];
          value = (value * a + 255 * (255 - a) + 127) / 255;
        }
        expected->pixels[(y * FIXTURE_WIDTH + x) * expected->channels + c] = (uint8_t)value;
      }
}

void
fixtures_add_tiff (GPtrArray *all)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const Kind *kind = &kinds[i];
    bool lossy = kind->compression == JPG;
    int channels = kind->photometric == GREY || kind->photometric == WHITE ? 1 : 3;
    TsrImage *expected = fixture_add (all, kind->name, "TIFF", write_tiff (kind), channels,
                                      lossy ? 9 : 0, lossy ? fixture_smooth : fixture_rough);
    if (!lossy)
      expect (kind, expected);
  }
}
