/* Blocks of a TIFF level: straight from the file's bytes where a codec of ours takes them, through
 * libtiff otherwise, and samples of 1 to 16 bits to RGB. */

#include "tsr-slide-tiff.h"

#include "tsr-i18n.h"

#include <string.h>
#include <webp/decode.h>

/* ---- opening a level */

static bool
layout_ok (const TsrTiffLayout *layout)
{
  bool whole = layout->format == SAMPLEFORMAT_UINT || layout->format == SAMPLEFORMAT_VOID;
  if (!whole || layout->bits < 1 || layout->bits > 16 || layout->samples < 1 ||
      layout->samples > 16)
    return false;
  bool jpeg_ycc = layout->compression == COMPRESSION_JPEG && layout->samples == 3 &&
                  layout->planar == PLANARCONFIG_CONTIG && layout->bits == 8;
  switch (layout->photometric) {
  case PHOTOMETRIC_MINISWHITE:
  case PHOTOMETRIC_MINISBLACK:
  case PHOTOMETRIC_PALETTE:
    return true;
  case PHOTOMETRIC_RGB:
    return layout->samples >= 3;
  case PHOTOMETRIC_SEPARATED:
    return layout->samples >= 4;
  case PHOTOMETRIC_YCBCR:
    return jpeg_ycc || layout->compression == TSR_TIFF_JP2K_YCC;
  default:
    return false;
  }
}

static TsrTiffWay
choose_way (const TsrTiffDirectory *directory)
{
  const TsrTiffLayout *layout = &directory->layout;
  bool colours = layout->photometric == PHOTOMETRIC_RGB ||
                 layout->photometric == PHOTOMETRIC_YCBCR ||
                 layout->photometric == PHOTOMETRIC_MINISBLACK;
  bool plain = directory->tiled && layout->bits == 8 && colours &&
               (layout->samples == 1 || layout->samples == 3) &&
               (layout->samples == 1 || layout->planar == PLANARCONFIG_CONTIG);
  switch (layout->compression) {
  case COMPRESSION_JPEG:
    return plain ? TSR_TIFF_BY_JPEG : TSR_TIFF_BY_LIBTIFF;
  case COMPRESSION_WEBP:
    return plain && layout->samples == 3 ? TSR_TIFF_BY_WEBP : TSR_TIFF_BY_LIBTIFF;
  case TSR_TIFF_JP2K:
  case TSR_TIFF_JP2K_YCC:
  case TSR_TIFF_JP2K_RGB:
    return TSR_TIFF_BY_JP2K;
  default:
    return TSR_TIFF_BY_LIBTIFF;
  }
}

/* Every value of a sample, or of a palette's index, as it comes out. */
static bool
make_lut (TsrTiffLevel *level, TIFF *tiff)
{
  size_t n = (size_t)1 << level->layout.bits;
  bool invert = level->layout.photometric == PHOTOMETRIC_MINISWHITE;
  if (level->layout.photometric != PHOTOMETRIC_PALETTE) {
    level->lut = g_malloc (n);
    for (size_t i = 0; i < n; i++) {
      uint8_t value = (uint8_t)((i * 255 + (n - 1) / 2) / (n - 1));
      level->lut[i] = invert ? 255 - value : value;
    }
    return true;
  }
  uint16_t *map[3];
  if (!TIFFGetField (tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
    return false;
  uint16_t highest = 0; /* old writers put 8-bit values into the 16-bit map */
  for (size_t i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      highest = MAX (highest, map[c][i]);
  level->lut = g_malloc (n * 3);
  for (size_t i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      level->lut[3 * i + c] = (uint8_t)(highest > 255 ? map[c][i] >> 8 : map[c][i]);
  return true;
}

/* Where each tile's bytes lie, so that threads read them without libtiff. */
static bool
note_places (TsrTiffLevel *level, TIFF *tiff, GError **error)
{
  uint64_t n = (uint64_t)level->across * level->down;
  if (n > TSR_TIFF_MAX_BLOCKS || n != TIFFNumberOfTiles (tiff)) {
    tsr_image_refuse (error, _ ("A level of the slide has an impossible number of tiles; copy the "
                                "file again from where it came"));
    return false;
  }
  level->places = g_try_new0 (uint64_t, n);
  level->counts = g_try_new0 (uint64_t, n);
  if (!level->places || !level->counts) {
    tsr_image_refuse (error, _ ("There is not enough memory for its list of tiles; close other "
                                "programs"));
    return false;
  }
  for (uint64_t i = 0; i < n; i++) {
    level->places[i] = TIFFGetStrileOffset (tiff, (uint32_t)i);
    level->counts[i] = TIFFGetStrileByteCount (tiff, (uint32_t)i);
  }
  uint32_t size = 0;
  void *tables = NULL;
  if (level->way == TSR_TIFF_BY_JPEG && TIFFGetField (tiff, TIFFTAG_JPEGTABLES, &size, &tables) &&
      size > 4 && size < 65536)
    level->tables = g_bytes_new (tables, size);
  return true;
}

bool
tsr_tiff_level_open (TsrTiffLevel *level, TIFF *tiff, const TsrTiffDirectory *directory,
                     GError **error)
{
  *level = (TsrTiffLevel){.offset = directory->offset,
                          .layout = directory->layout,
                          .way = choose_way (directory),
                          .tiled = directory->tiled,
                          .rows = directory->block_h,
                          .planes = 1};
  TsrTiffLayout *layout = &level->layout;
  if (directory->block_w < 1 || directory->block_h < 1) {
    tsr_image_refuse (error, _ ("The TIFF file's strips or tiles are empty; save it again with "
                                "another program"));
    return false;
  }
  if (!layout_ok (layout) || (level->way == TSR_TIFF_BY_JP2K && !directory->tiled)) {
    tsr_image_refuse (error,
                      _ ("This kind of TIFF (%u bits, photometric %u) is not read as a slide; "
                         "save it as RGB TIFF with 8 bits"),
                      layout->bits, layout->photometric);
    return false;
  }
  if (level->way == TSR_TIFF_BY_LIBTIFF && !TIFFIsCODECConfigured (layout->compression)) {
    tsr_image_refuse (error,
                      _ ("Its TIFF compression (number %u) is not supported; save it with JPEG, "
                         "deflate or LZW"),
                      layout->compression);
    return false;
  }
  if (layout->compression == COMPRESSION_JPEG && layout->photometric == PHOTOMETRIC_YCBCR &&
      level->way == TSR_TIFF_BY_LIBTIFF)
    layout->photometric = PHOTOMETRIC_RGB; /* see stand_at */
  if (layout->planar == PLANARCONFIG_SEPARATE && layout->samples > 1)
    level->planes = layout->samples;
  level->channels = layout->photometric == PHOTOMETRIC_SEPARATED ? 4
                    : layout->photometric == PHOTOMETRIC_RGB     ? 3
                                                                 : 1;
  level->across = (layout->width - 1) / directory->block_w + 1;
  level->down = (layout->height - 1) / directory->block_h + 1;
  if (!make_lut (level, tiff)) {
    tsr_image_refuse (error, _ ("The TIFF file has no colour map for its palette; save it as RGB "
                                "TIFF"));
    return false;
  }
  return level->way == TSR_TIFF_BY_LIBTIFF || note_places (level, tiff, error);
}

void
tsr_tiff_level_clear (TsrTiffLevel *level)
{
  g_free (level->lut);
  g_free (level->places);
  g_free (level->counts);
  g_clear_pointer (&level->tables, g_bytes_unref);
  *level = (TsrTiffLevel){0};
}

/* ---- straight from the bytes */

static bool
decode_webp (const uint8_t *bytes, size_t n, int width, int height, uint8_t *rgb, GError **error)
{
  WebPBitstreamFeatures features;
  bool ok = WebPGetFeatures (bytes, n, &features) == VP8_STATUS_OK && features.width == width &&
            features.height == height && !features.has_animation && !features.has_alpha &&
            WebPDecodeRGBInto (bytes, n, rgb, (size_t)width * height * 3, width * 3);
  if (!ok)
    tsr_image_refuse (error, _ ("A tile of the slide is damaged (WebP); copy the file again from "
                                "where it came"));
  return ok;
}

static bool
read_direct (const TsrTiffSlide *self, const TsrTiffLevel *level, const TsrSlideStored *stored,
             uint64_t index, uint8_t *rgb, GError **error)
{
  uint64_t at = level->places[index], n = level->counts[index];
  if (n == 0 || at == 0) { /* never scanned: sparse slides leave such tiles out */
    memset (rgb, 255, (size_t)stored->block_w * stored->block_h * 3);
    return true;
  }
  if (n > TSR_TIFF_MAX_RAW || at > self->source.n || n > self->source.n - at) {
    tsr_image_refuse_truncated (error, "TIFF");
    return false;
  }
  g_autofree uint8_t *bytes = g_try_malloc (n);
  if (!bytes) {
    tsr_image_refuse (error, _ ("There is not enough memory for its pixels; close other programs"));
    return false;
  }
  if (!tsr_image_read_at (self->source.fd, at, bytes, n, error))
    return false;
  switch (level->way) {
  case TSR_TIFF_BY_JPEG:
    return tsr_slide_jpeg_decode (bytes, n, level->tables, level->layout.photometric,
                                  stored->block_w, stored->block_h, rgb, error);
  case TSR_TIFF_BY_WEBP:
    return decode_webp (bytes, n, stored->block_w, stored->block_h, rgb, error);
  default:
    return tsr_slide_jp2k_decode (bytes, n,
                                  level->layout.compression == TSR_TIFF_JP2K_YCC ||
                                      level->layout.photometric == PHOTOMETRIC_YCBCR,
                                  stored->block_w, stored->block_h, rgb, error);
  }
}

/* ---- through libtiff */

/* Most significant bit first; whole 16-bit samples in the machine's order, as libtiff gives them.
 */
static unsigned
sample_at (const uint8_t *row, unsigned bits, size_t i)
{
  if (bits == 8)
    return row[i];
  if (bits == 16) {
    uint16_t value;
    memcpy (&value, row + 2 * i, 2);
    return value;
  }
  unsigned value = 0;
  for (size_t bit = i * bits, end = bit + bits; bit < end; bit++)
    value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
  return value;
}

/* One row of one plane, or of all samples, into the canvas: channels bytes a pixel, one more for
 * alpha. */
static void
put_row (const TsrTiffLevel *level, const uint8_t *row, unsigned plane, size_t n, unsigned kept,
         uint8_t *canvas)
{
  const TsrTiffLayout *layout = &level->layout;
  unsigned in_row = level->planes > 1 ? 1 : layout->samples;
  for (unsigned s = 0; s < in_row; s++) {
    unsigned sample = level->planes > 1 ? plane : s, to = sample;
    bool alpha = sample >= level->channels;
    if (alpha) {
      if (kept == level->channels || sample != layout->alpha)
        continue;
      to = level->channels;
    }
    for (size_t x = 0; x < n; x++) {
      unsigned value = sample_at (row, layout->bits, x * in_row + s);
      /* Opacity is never inverted. */
      canvas[x * kept + to] =
          alpha ? (uint8_t)(((uint64_t)value * 510 / ((1u << layout->bits) - 1) + 1) / 2)
                : level->lut[value];
    }
  }
}

static void
put_palette_row (const TsrTiffLevel *level, const uint8_t *row, size_t n, uint8_t *rgb)
{
  unsigned in_row = level->planes > 1 ? 1 : level->layout.samples;
  for (size_t x = 0; x < n; x++)
    memcpy (rgb + 3 * x, level->lut + 3 * sample_at (row, level->layout.bits, x * in_row), 3);
}

/* Grey, RGB or CMYK, maybe with alpha, to RGB over white; the same sums as engine/image. */
static void
resolve (const TsrTiffLevel *level, const uint8_t *from, unsigned kept, size_t n, uint8_t *rgb)
{
  bool alpha = kept > level->channels;
  for (size_t i = 0; i < n; i++, from += kept)
    for (unsigned c = 0; c < 3; c++) {
      unsigned value = level->channels == 1 ? from[0] : from[c];
      if (level->channels == 4)
        value = ((255 - value) * (255 - from[3]) + 127) / 255;
      *rgb++ = alpha ? tsr_over_white (value, from[level->channels], level->layout.premultiplied)
                     : (uint8_t)value;
    }
}

/* Decodes a strip or tile; false with libtiff's reason, or when it is shorter than its rows. */
static bool
read_strile (TsrTiffHandle *handle, bool tiled, uint32_t index, uint8_t *raw, tmsize_t needed)
{
  tmsize_t got = tiled ? TIFFReadEncodedTile (handle->tiff, index, raw, needed)
                       : TIFFReadEncodedStrip (handle->tiff, index, raw, needed);
  return got >= needed;
}

/* Rows [first, first + rows) of a block, stored in one strip or tile a plane. */
static bool
read_rows (TsrTiffHandle *handle, const TsrTiffLevel *level, const TsrSlideStored *stored,
           uint32_t x, uint32_t y, uint32_t rows, uint8_t *raw, size_t raw_size, unsigned kept,
           uint8_t *canvas, uint8_t *rgb)
{
  tmsize_t row_bytes =
      level->tiled ? TIFFTileRowSize (handle->tiff) : TIFFScanlineSize (handle->tiff);
  unsigned in_row = level->planes > 1 ? 1 : level->layout.samples;
  size_t least = ((size_t)stored->block_w * in_row * level->layout.bits + 7) / 8;
  if (row_bytes < 1 || (size_t)row_bytes < least || (size_t)row_bytes * rows > raw_size)
    return false;
  bool palette = level->layout.photometric == PHOTOMETRIC_PALETTE;
  for (unsigned plane = 0; plane < (palette ? 1 : level->planes); plane++) {
    uint32_t index = level->tiled ? TIFFComputeTile (handle->tiff, x, y, 0, (uint16_t)plane)
                                  : TIFFComputeStrip (handle->tiff, y, (uint16_t)plane);
    /* A tile that was left out is white, as where tiles are read without libtiff. */
    if (level->tiled && TIFFGetStrileByteCount (handle->tiff, index) == 0) {
      memset (rgb, 255, (size_t)stored->block_w * rows * 3);
      return true;
    }
    if (!read_strile (handle, level->tiled, index, raw, row_bytes * (tmsize_t)rows))
      return false;
    for (uint32_t row = 0; row < rows; row++) {
      const uint8_t *from = raw + (size_t)row * (size_t)row_bytes;
      size_t to = (size_t)row * stored->block_w;
      if (palette)
        put_palette_row (level, from, stored->block_w, rgb + to * 3);
      else
        put_row (level, from, plane, stored->block_w, kept, canvas + to * kept);
    }
  }
  if (!palette)
    resolve (level, canvas, kept, (size_t)stored->block_w * rows, rgb);
  return true;
}

static bool
read_through_libtiff (TsrTiffHandle *handle, const TsrTiffLevel *level,
                      const TsrSlideStored *stored, int64_t column, int64_t row, uint8_t *rgb)
{
  tmsize_t size = level->tiled ? TIFFTileSize (handle->tiff) : TIFFStripSize (handle->tiff);
  unsigned kept = level->channels + (level->layout.alpha >= level->channels ? 1 : 0);
  uint32_t rows = level->tiled ? (uint32_t)stored->block_h : level->rows;
  if (size < 1 || size > TSR_TIFF_MAX_ALLOCATION)
    return false;
  g_autofree uint8_t *raw = g_try_malloc ((size_t)size);
  g_autofree uint8_t *canvas = g_try_malloc ((size_t)stored->block_w * rows * kept);
  if (!raw || !canvas)
    return false;
  uint32_t x = (uint32_t)(column * stored->block_w), top = (uint32_t)(row * stored->block_h);
  uint32_t bottom = (uint32_t)MIN ((int64_t)top + stored->block_h, stored->height);
  if (level->tiled)
    return read_rows (handle, level, stored, x, top, rows, raw, (size_t)size, kept, canvas, rgb);
  for (uint32_t y = top; y < bottom; y += rows)
    if (!read_rows (handle, level, stored, 0, y, MIN (rows, bottom - y), raw, (size_t)size, kept,
                    canvas, rgb + (size_t)(y - top) * stored->block_w * 3))
      return false;
  return true;
}

bool
tsr_tiff_read_block (TsrSlide *slide, int index, int64_t column, int64_t row, uint8_t *rgb,
                     GError **error)
{
  TsrTiffSlide *self = slide->data;
  const TsrTiffLevel *level = &self->levels[index];
  const TsrSlideStored *stored = &slide->stored[index];
  if (level->way != TSR_TIFF_BY_LIBTIFF)
    return read_direct (self, level, stored, (uint64_t)row * level->across + (uint64_t)column, rgb,
                        error);
  TsrTiffHandle *handle = tsr_tiff_handle_take (self, level->offset, error);
  if (!handle)
    return false;
  handle->client.message[0] = '\0';
  bool ok = read_through_libtiff (handle, level, stored, column, row, rgb);
  if (!ok)
    tsr_image_refuse (error,
                      _ ("A part of the slide's pixels is damaged or missing (%s); copy the "
                         "file again from where it came"),
                      handle->client.message[0] ? handle->client.message : _ ("no details"));
  tsr_tiff_handle_release (self, handle);
  return ok;
}
