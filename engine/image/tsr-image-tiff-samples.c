/* TIFF samples of any width, sign and layout become 8-bit grey or RGB. */

#include "tsr-image-tiff.h"

#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

typedef struct {
  TIFF *tiff;
  const TsrTiffLayout *layout;
  bool palette;
  unsigned channels; /* 1 grey or index, 3 RGB, 4 CMYK */
  unsigned kept;     /* channels, and one more for alpha */
  unsigned in_block; /* samples a pixel in one decoded block: all of them, or 1 when planar */
  uint8_t *block;    /* one decoded strip or tile */
  uint8_t *canvas;   /* width x height x kept */
  float *values;     /* one row of a block */
  double low, high;  /* sample values that become 0 and 255 */
} Reader;

/* A decoded strip or tile and where it lies. */
typedef struct {
  uint32_t x, y, width, height, plane;
  size_t row_bytes;
} Block;

/* Called with one row of raw sample values: n pixels of in_block samples. */
typedef void (*RowFunc) (Reader *self, const Block *block, uint32_t row, uint32_t n);

bool
tsr_tiff_samples_can (const TsrTiffLayout *layout)
{
  bool whole = layout->format == SAMPLEFORMAT_UINT || layout->format == SAMPLEFORMAT_VOID;
  bool width_ok = layout->format == SAMPLEFORMAT_IEEEFP
                      ? layout->bits == 16 || layout->bits == 32 || layout->bits == 64
                      : (layout->bits >= 1 && layout->bits <= 16) || layout->bits == 24 ||
                            layout->bits == 32 || layout->bits == 64;
  if (!width_ok || layout->samples == 0 || layout->samples > 64 ||
      !(whole || layout->format == SAMPLEFORMAT_INT || layout->format == SAMPLEFORMAT_IEEEFP))
    return false;
  if (layout->planar != PLANARCONFIG_CONTIG && layout->planar != PLANARCONFIG_SEPARATE)
    return false;
  switch (layout->photometric) {
  case PHOTOMETRIC_MINISWHITE:
  case PHOTOMETRIC_MINISBLACK:
  case PHOTOMETRIC_MASK:
    return true;
  case PHOTOMETRIC_PALETTE:
    return whole && layout->bits <= 16;
  case PHOTOMETRIC_RGB:
    return layout->samples >= 3;
  case PHOTOMETRIC_SEPARATED:
    return layout->samples >= 4;
  default:
    return false;
  }
}

static float
half_to_float (uint16_t half)
{
  int exponent = half >> 10 & 31, fraction = half & 1023;
  double value = exponent == 31  ? (fraction ? NAN : INFINITY)
                 : exponent == 0 ? ldexp (fraction, -24)
                                 : ldexp (1024 + fraction, exponent - 25);
  return (float)(half & 0x8000 ? -value : value);
}

/* Widths that are no whole bytes are packed, most significant bit first. */
static void
unpack_bits (const uint8_t *row, unsigned bits, bool is_signed, size_t n, float *out)
{
  uint32_t held = 0, mask = (1u << bits) - 1;
  unsigned have = 0;
  for (size_t i = 0; i < n; i++) {
    while (have < bits) {
      held = held << 8 | *row++;
      have += 8;
    }
    have -= bits;
    int32_t value = (int32_t)(held >> have & mask);
    out[i] = is_signed && value >> (bits - 1) ? value - (int32_t)mask - 1 : value;
  }
}

#define UNPACK(type)                                                                               \
  for (size_t i = 0; i < n; i++) {                                                                 \
    type value;                                                                                    \
    memcpy (&value, row + i * sizeof value, sizeof value);                                         \
    out[i] = (float)value;                                                                         \
  }                                                                                                \
  break

static void
unpack_float (const uint8_t *row, unsigned bits, size_t n, float *out)
{
  switch (bits) {
  case 16:
    for (size_t i = 0; i < n; i++) {
      uint16_t value;
      memcpy (&value, row + 2 * i, 2);
      out[i] = half_to_float (value);
    }
    break;
  case 32:
    UNPACK (float);
  default:
    UNPACK (double);
  }
}

static void
unpack (const Reader *self, const uint8_t *row, size_t n, float *out)
{
  bool is_signed = self->layout->format == SAMPLEFORMAT_INT;
  unsigned bits = self->layout->bits;
  if (self->layout->format == SAMPLEFORMAT_IEEEFP) {
    unpack_float (row, bits, n, out);
    return;
  }
  switch (is_signed ? -(int)bits : (int)bits) {
  case 8:
    UNPACK (uint8_t);
  case -8:
    UNPACK (int8_t);
  case 16:
    UNPACK (uint16_t);
  case -16:
    UNPACK (int16_t);
  case 32:
    UNPACK (uint32_t);
  case -32:
    UNPACK (int32_t);
  case 64:
    UNPACK (uint64_t);
  case -64:
    UNPACK (int64_t);
  case 24:
  case -24:
    for (size_t i = 0; i < n; i++) { /* libtiff has brought the bytes into the machine's order */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
      uint32_t value = row[3 * i] | (uint32_t)row[3 * i + 1] << 8 | (uint32_t)row[3 * i + 2] << 16;
#else
      uint32_t value = row[3 * i + 2] | (uint32_t)row[3 * i + 1] << 8 | (uint32_t)row[3 * i] << 16;
#endif
      out[i] = is_signed ? (float)((int32_t)(value << 8) >> 8) : (float)value;
    }
    break;
  default:
    unpack_bits (row, bits, is_signed, n, out);
  }
}

static void
find_range (Reader *self, const Block *block, uint32_t row, uint32_t n)
{
  for (size_t i = 0; i < (size_t)n * self->in_block; i++)
    if (isfinite (self->values[i])) {
      self->low = MIN (self->low, self->values[i]);
      self->high = MAX (self->high, self->values[i]);
    }
}

/* Which channel of the canvas a sample belongs to, or -1. */
static int
canvas_channel (const Reader *self, unsigned sample)
{
  if (sample < self->channels)
    return (int)sample;
  return self->layout->alpha && sample == self->layout->alpha ? (int)self->channels : -1;
}

static uint8_t
to_byte (const Reader *self, float value)
{
  double scaled = (value - self->low) * 255 / (self->high - self->low);
  return scaled >= 255 ? 255 : scaled > 0 ? (uint8_t)(scaled + 0.5) : 0; /* not a number: 0 */
}

static void
put_row (Reader *self, const Block *block, uint32_t row, uint32_t n)
{
  uint8_t *out =
      self->canvas + ((size_t)(block->y + row) * self->layout->width + block->x) * self->kept;
  for (unsigned s = 0; s < self->in_block; s++) {
    int channel = canvas_channel (self, self->in_block == 1 ? block->plane : s);
    if (channel < 0)
      continue;
    for (uint32_t x = 0; x < n; x++)
      out[(size_t)x * self->kept + channel] =
          to_byte (self, self->values[(size_t)x * self->in_block + s]);
  }
}

static void
put_palette_row (Reader *self, const Block *block, uint32_t row, uint32_t n)
{
  if (block->plane != 0)
    return;
  uint16_t *map[3];
  if (!TIFFGetField (self->tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
    return;
  uint8_t *out = self->canvas + ((size_t)(block->y + row) * self->layout->width + block->x) * 3;
  for (uint32_t x = 0; x < n; x++) {
    unsigned index = (unsigned)self->values[(size_t)x * self->in_block];
    for (int c = 0; c < 3; c++) /* old writers put 8-bit values into the 16-bit map */
      *out++ = (uint8_t)(self->high > 255 ? map[c][index] >> 8 : map[c][index]);
  }
}

static bool
for_rows (Reader *self, const Block *block, size_t got, RowFunc row_func, GError **error)
{
  uint32_t width = MIN (block->width, self->layout->width - block->x);
  uint32_t height = MIN (block->height, self->layout->height - block->y);
  size_t needed = ((size_t)width * self->in_block * self->layout->bits + 7) / 8;
  if (needed > block->row_bytes || got < block->row_bytes * (height - 1) + needed) {
    tsr_image_refuse_truncated (error, "TIFF");
    return false;
  }
  for (uint32_t row = 0; row < height; row++) {
    unpack (self, self->block + row * block->row_bytes, (size_t)width * self->in_block,
            self->values);
    row_func (self, block, row, width);
  }
  return true;
}

static bool
walk_tiles (Reader *self, unsigned planes, RowFunc row_func, GError **error)
{
  uint32_t width = 0, height = 0;
  TIFFGetField (self->tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField (self->tiff, TIFFTAG_TILELENGTH, &height);
  Block block = {
      .width = width, .height = height, .row_bytes = (size_t)TIFFTileRowSize (self->tiff)};
  for (block.plane = 0; block.plane < planes; block.plane++)
    for (block.y = 0; block.y < self->layout->height; block.y += height)
      for (block.x = 0; block.x < self->layout->width; block.x += width) {
        uint32_t tile = TIFFComputeTile (self->tiff, block.x, block.y, 0, (uint16_t)block.plane);
        tmsize_t got =
            TIFFReadEncodedTile (self->tiff, tile, self->block, TIFFTileSize (self->tiff));
        if (got < 0 || !for_rows (self, &block, (size_t)got, row_func, error))
          return false;
      }
  return true;
}

static bool
walk_strips (Reader *self, unsigned planes, RowFunc row_func, GError **error)
{
  uint32_t rows = 0;
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  Block block = {.width = self->layout->width,
                 .height = MIN (rows, self->layout->height),
                 .row_bytes = (size_t)TIFFScanlineSize (self->tiff)};
  for (block.plane = 0; block.plane < planes; block.plane++)
    for (block.y = 0; block.y < self->layout->height; block.y += block.height) {
      uint32_t strip = TIFFComputeStrip (self->tiff, block.y, (uint16_t)block.plane);
      tmsize_t got =
          TIFFReadEncodedStrip (self->tiff, strip, self->block, TIFFStripSize (self->tiff));
      if (got < 0 || !for_rows (self, &block, (size_t)got, row_func, error))
        return false;
    }
  return true;
}

static bool
walk (Reader *self, RowFunc row_func, GError **error)
{
  unsigned planes = self->in_block == 1 ? self->layout->samples : 1;
  return TIFFIsTiled (self->tiff) ? walk_tiles (self, planes, row_func, error)
                                  : walk_strips (self, planes, row_func, error);
}

/* Floating point has no full range of its own. Photographs are nominally in [0,1] and overshoot a
 * little; 8 and 16-bit data that went through a float format keep their scale, so that the tiles of
 * one set stay comparable. */
static bool
float_has_known_range (Reader *self)
{
  double nominal = self->channels == 1 ? 1.01 : 16, overshoot = self->channels == 1 ? 0 : -nominal;
  if (self->low < overshoot || self->high > 65535)
    return false;
  if (self->high > nominal && (self->low < 0 || self->high <= 16))
    return false;
  self->low = 0;
  self->high = self->high <= nominal ? 1 : self->high <= 255 ? 255 : 65535;
  return true;
}

/* Chooses low and high, decoding once more where only the image itself can tell. */
static bool
choose_range (Reader *self, GError **error)
{
  const TsrTiffLayout *layout = self->layout;
  bool real = layout->format == SAMPLEFORMAT_IEEEFP, is_signed = layout->format == SAMPLEFORMAT_INT;
  if (!real && layout->bits <= (is_signed ? 8 : 24)) {
    double span = ldexp (1, layout->bits);
    self->low = is_signed ? -span / 2 : 0;
    self->high = self->low + span - 1;
    return true;
  }
  self->low = INFINITY, self->high = -INFINITY;
  if (!walk (self, find_range, error))
    return false;
  if (!(self->low <= self->high)) {
    tsr_image_refuse (error, _ ("The TIFF image holds no finite number; leave it out"));
    return false;
  }
  if (real && float_has_known_range (self))
    return true;
  if (self->low == self->high)
    self->high = self->low + 1;
  return true;
}

static bool
choose_palette (Reader *self, GError **error)
{
  uint16_t *map[3];
  if (!TIFFGetField (self->tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2])) {
    tsr_image_refuse (
        error, _ ("The TIFF file has no colour map for its palette; save it as RGB TIFF or PNG"));
    return false;
  }
  self->high = 0;
  for (size_t i = 0; i < (size_t)1 << self->layout->bits; i++)
    for (int c = 0; c < 3; c++)
      self->high = MAX (self->high, map[c][i]);
  return true;
}

/* The canvas becomes grey or RGB in place: every pixel is written at or before where it is read. */
static void
resolve_colours (Reader *self)
{
  size_t n = (size_t)self->layout->width * self->layout->height;
  unsigned outputs = self->channels == 1 ? 1 : 3;
  bool invert = self->layout->photometric == PHOTOMETRIC_MINISWHITE;
  bool alpha = self->kept > self->channels;
  uint8_t *from = self->canvas, *to = self->canvas;
  for (size_t i = 0; i < n; i++, from += self->kept, to += outputs) {
    unsigned colour[3] = {from[0], outputs == 3 ? from[1] : 0, outputs == 3 ? from[2] : 0};
    unsigned opacity = alpha ? from[self->channels] : 255,
             paper = self->channels == 4 ? 255 - from[3] : 0;
    for (unsigned c = 0; c < outputs; c++) {
      unsigned value = self->channels == 4 ? ((255 - colour[c]) * paper + 127) / 255
                       : invert            ? 255 - colour[c]
                                           : colour[c];
      to[c] = alpha ? tsr_over_white (value, opacity, self->layout->premultiplied) : (uint8_t)value;
    }
  }
}

static bool
allocate (Reader *self, GError **error)
{
  tmsize_t size = TIFFIsTiled (self->tiff) ? TIFFTileSize (self->tiff) : TIFFStripSize (self->tiff);
  uint32_t tile_width = self->layout->width;
  if (TIFFIsTiled (self->tiff))
    TIFFGetField (self->tiff, TIFFTAG_TILEWIDTH, &tile_width);
  size_t pixels = (size_t)self->layout->width * self->layout->height;
  if (size <= 0 || size > TSR_TIFF_MAX_ALLOCATION || tile_width == 0) {
    tsr_image_refuse (error, _ ("The TIFF file's strips or tiles are too large or empty; save it "
                                "again with another program"));
    return false;
  }
  self->block = g_try_malloc0 ((size_t)size);
  self->canvas = g_try_malloc0 (pixels * self->kept);
  self->values = g_try_malloc_n ((size_t)self->layout->width * self->in_block, sizeof (float));
  if (self->block && self->canvas && self->values)
    return true;
  tsr_image_refuse (
      error,
      _ ("There is not enough memory for its pixels; close other programs or make it smaller"));
  return false;
}

bool
tsr_tiff_samples_read (TIFF *tiff, const TsrTiffLayout *layout, TsrImage *image, GError **error)
{
  Reader self = {
      .tiff = tiff, .layout = layout, .palette = layout->photometric == PHOTOMETRIC_PALETTE};
  self.channels = self.palette || layout->photometric == PHOTOMETRIC_RGB ? 3
                  : layout->photometric == PHOTOMETRIC_SEPARATED         ? 4
                                                                         : 1;
  self.in_block = layout->planar == PLANARCONFIG_SEPARATE ? 1 : layout->samples;
  bool alpha = layout->alpha >= self.channels && !self.palette;
  self.kept = self.channels + (alpha ? 1 : 0);
  bool ok = allocate (&self, error) &&
            (self.palette ? choose_palette (&self, error) : choose_range (&self, error)) &&
            walk (&self, self.palette ? put_palette_row : put_row, error);
  g_free (self.block);
  g_free (self.values);
  if (!ok) {
    g_free (self.canvas);
    return false;
  }
  if (!self.palette)
    resolve_colours (&self);
  unsigned outputs = self.channels == 1 ? 1 : 3;
  *image = (TsrImage){
      .width = (int)layout->width, .height = (int)layout->height, .channels = (int)outputs};
  image->pixels = g_realloc (self.canvas, (size_t)layout->width * layout->height * outputs);
  return true;
}
