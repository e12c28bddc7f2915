#include "slide-fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <openjpeg.h>
#include <string.h>
#include <unistd.h>

int
slide_smooth (int level, int x, int y, int c)
{
  double scale = 1 << level;
  return (int)lround (128 +
                      90 * sin ((x * scale + 30 * c) / 60.0) * cos ((y * scale - 20 * c) / 45.0));
}

int
slide_rough (int level, int x, int y, int c)
{
  uint32_t h = (uint32_t)x * 73856093u ^ (uint32_t)y * 19349663u ^ (uint32_t)(c + 1) * 83492791u ^
               (uint32_t)level * 2654435761u;
  h = (h ^ h >> 13) * 0x5bd1e995u;
  return (int)(h >> 8 & 255);
}

static bool
lossy (const SlideKind *kind)
{
  return kind->compression == COMPRESSION_JPEG || kind->compression == COMPRESSION_WEBP ||
         kind->compression == 33003;
}

static int
value (const SlideKind *kind, int level, int x, int y, int c)
{
  return lossy (kind) ? slide_smooth (level, x, y, c) : slide_rough (level, x, y, c);
}

void
slide_level_size (const SlideKind *kind, int level, int *width, int *height)
{
  *width = SLIDE_W >> level;
  *height = SLIDE_H >> level;
}

static unsigned
stored_sample (const SlideKind *kind, int level, int x, int y, int c)
{
  unsigned full = (1u << kind->bits) - 1;
  return (unsigned)(value (kind, level, x, y, c) * (int)full + 127) / 255;
}

void
slide_expected (const SlideKind *kind, int level, int x, int y, uint8_t rgb[3])
{
  double full = (1u << kind->bits) - 1;
  if (kind->sparse && level == 0 && x < kind->tile_w && y < kind->tile_h) {
    rgb[0] = rgb[1] = rgb[2] = 255;
    return;
  }
  for (int c = 0; c < 3; c++) {
    int sample = kind->photometric == PHOTOMETRIC_RGB || kind->photometric == PHOTOMETRIC_YCBCR ||
                         kind->photometric == PHOTOMETRIC_SEPARATED
                     ? c
                     : 0;
    unsigned stored = stored_sample (kind, level, x, y, sample);
    double shown = round (stored * 255.0 / full);
    if (kind->photometric == PHOTOMETRIC_MINISWHITE)
      shown = 255 - shown;
    else if (kind->photometric == PHOTOMETRIC_PALETTE)
      shown = (stored * 37 + 11 * (unsigned)c) & 255;
    else if (kind->photometric == PHOTOMETRIC_SEPARATED)
      shown =
          floor ((255 - shown) *
                     (255 - round (stored_sample (kind, level, x, y, 3) * 255.0 / full)) / 255.0 +
                 0.5);
    if (kind->extra) {
      double opacity = round (stored_sample (kind, level, x, y, kind->samples - 1) * 255.0 / full);
      shown = kind->extra == 1 + EXTRASAMPLE_ASSOCALPHA
                  ? MIN (shown + 255 - opacity, 255)
                  : floor ((shown * opacity + 255 * (255 - opacity)) / 255 + 0.5);
    }
    rgb[c] = (uint8_t)shown;
  }
}

/* ---- JPEG 2000 */

static OPJ_SIZE_T
append (void *from, OPJ_SIZE_T n, void *data)
{
  g_byte_array_append (data, from, (guint)n);
  return n;
}

GBytes *
slide_jp2k (const uint8_t *planes, int n, int w, int h)
{
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters (&parameters);
  parameters.tcp_numlayers = 1;
  parameters.cp_disto_alloc = 1;
  parameters.numresolution = 3;
  parameters.irreversible = 0;
  opj_image_cmptparm_t parts[3] = {{0}};
  for (int c = 0; c < n; c++)
    parts[c] = (opj_image_cmptparm_t){
        .dx = 1, .dy = 1, .w = (OPJ_UINT32)w, .h = (OPJ_UINT32)h, .prec = 8, .bpp = 8};
  opj_image_t *image = opj_image_create ((OPJ_UINT32)n, parts, OPJ_CLRSPC_UNSPECIFIED);
  image->x1 = (OPJ_UINT32)w;
  image->y1 = (OPJ_UINT32)h;
  for (int c = 0; c < n; c++)
    for (int i = 0; i < w * h; i++)
      image->comps[c].data[i] = planes[c * w * h + i];
  GByteArray *out = g_byte_array_new ();
  opj_stream_t *stream = opj_stream_create (1 << 16, OPJ_FALSE);
  opj_stream_set_user_data (stream, out, NULL);
  opj_stream_set_write_function (stream, append);
  opj_codec_t *codec = opj_create_compress (OPJ_CODEC_J2K);
  g_assert_true (opj_setup_encoder (codec, &parameters, image));
  g_assert_true (opj_start_compress (codec, image, stream));
  g_assert_true (opj_encode (codec, stream));
  g_assert_true (opj_end_compress (codec, stream));
  opj_destroy_codec (codec);
  opj_stream_destroy (stream);
  opj_image_destroy (image);
  return g_byte_array_free_to_bytes (out);
}

static void
put_box (GByteArray *out, const char *type, const void *body, size_t n)
{
  uint32_t size = GUINT32_TO_BE ((uint32_t)(8 + n));
  g_byte_array_append (out, (const uint8_t *)&size, 4);
  g_byte_array_append (out, (const uint8_t *)type, 4);
  g_byte_array_append (out, body, (guint)n);
}

GBytes *
slide_jp2_palette (const uint8_t *plane, int columns, int w, int h)
{
  g_autoptr (GBytes) stream = slide_jp2k (plane, 1, w, h);
  g_autoptr (GByteArray) head = g_byte_array_new (), palette = g_byte_array_new (),
                         map = g_byte_array_new ();
  const uint8_t size[14] = {0, 0, 0, (uint8_t)h, 0, 0, 0, (uint8_t)w, 0, 1, 7, 7, 0, 0},
                start[3] = {0, 2, (uint8_t)columns}, colours[7] = {1, 0, 0, 0, 0, 0, 16};
  put_box (head, "ihdr", size, sizeof size);
  g_byte_array_append (palette, start, sizeof start);
  for (int c = 0; c < columns; c++) {
    const uint8_t bits = 7, channel[4] = {0, 0, 1, (uint8_t)c};
    g_byte_array_append (palette, &bits, 1);
    g_byte_array_append (map, channel, sizeof channel);
  }
  for (int i = 0; i < 2; i++)
    for (int c = 0; c < columns; c++) {
      uint8_t value = (uint8_t)(100 * i + 10 * c);
      g_byte_array_append (palette, &value, 1);
    }
  put_box (head, "pclr", palette->data, palette->len);
  put_box (head, "cmap", map->data, map->len);
  put_box (head, "colr", colours, sizeof colours);
  GByteArray *out = g_byte_array_new ();
  put_box (out, "jP  ", "\r\n\x87\n", 4);
  put_box (out, "ftyp", "jp2 \0\0\0\0jp2 ", 12);
  put_box (out, "jp2h", head->data, head->len);
  put_box (out, "jp2c", g_bytes_get_data (stream, NULL), g_bytes_get_size (stream));
  return g_byte_array_free_to_bytes (out);
}

static uint8_t
clamped (double v)
{
  return (uint8_t)CLAMP (lround (v), 0, 255);
}

static void
write_jp2k_tile (const SlideKind *kind, TIFF *tiff, uint32_t index, int level, int x0, int y0)
{
  int w = kind->tile_w, h = kind->tile_h;
  g_autofree uint8_t *planes = g_malloc ((size_t)w * h * 3);
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      double v[3];
      for (int c = 0; c < 3; c++)
        v[c] = value (kind, level, x0 + x, y0 + y, kind->samples == 3 ? c : 0);
      if (kind->compression == 33003) {
        double luma = 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2];
        double cb = (v[2] - luma) / 1.772 + 128, cr = (v[0] - luma) / 1.402 + 128;
        v[0] = luma, v[1] = cb, v[2] = cr;
      }
      for (int c = 0; c < 3; c++)
        planes[(c * h + y) * w + x] = clamped (v[c]);
    }
  g_autoptr (GBytes) bytes = slide_jp2k (planes, kind->samples, w, h);
  gsize n;
  const void *data = g_bytes_get_data (bytes, &n);
  g_assert_cmpint (TIFFWriteRawTile (tiff, index, (void *)data, (tmsize_t)n), ==, (tmsize_t)n);
}

/* ---- TIFF */

static void
put_sample (const SlideKind *kind, uint8_t *row, size_t i, unsigned sample)
{
  if (kind->bits == 8) {
    row[i] = (uint8_t)sample;
  } else if (kind->bits == 16) {
    uint16_t wide = (uint16_t)sample;
    memcpy (row + 2 * i, &wide, 2);
  } else {
    for (unsigned b = 0; b < kind->bits; b++)
      if (sample >> (kind->bits - 1 - b) & 1)
        row[(i * kind->bits + b) / 8] |= (uint8_t)(0x80 >> (i * kind->bits + b) % 8);
  }
}

static uint8_t *
make_block (const SlideKind *kind, int level, int plane, int x0, int y0, int w, int h)
{
  int in_row = kind->planar == PLANARCONFIG_SEPARATE ? 1 : kind->samples;
  size_t row_bytes = ((size_t)w * in_row * kind->bits + 7) / 8;
  uint8_t *block = g_malloc0 (row_bytes * h);
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++)
      for (int s = 0; s < in_row; s++) {
        int c = kind->planar == PLANARCONFIG_SEPARATE ? plane : s;
        put_sample (kind, block + y * row_bytes, (size_t)x * in_row + s,
                    stored_sample (kind, level, x0 + x, y0 + y, c));
      }
  return block;
}

static void
write_blocks (const SlideKind *kind, TIFF *tiff, int level)
{
  int width, height;
  slide_level_size (kind, level, &width, &height);
  int w = kind->rows ? width : kind->tile_w, h = kind->rows ? kind->rows : kind->tile_h;
  int planes = kind->planar == PLANARCONFIG_SEPARATE ? kind->samples : 1;
  for (int plane = 0; plane < planes; plane++)
    for (int y = 0; y < height; y += h)
      for (int x = 0; x < width; x += w) {
        if (kind->sparse && level == 0 && x == 0 && y == 0)
          continue;
        uint32_t index = kind->rows
                             ? TIFFComputeStrip (tiff, (uint32_t)y, (uint16_t)plane)
                             : TIFFComputeTile (tiff, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane);
        if (kind->compression == 33003 || kind->compression == 33005) {
          write_jp2k_tile (kind, tiff, index, level, x, y);
          continue;
        }
        int rows = kind->rows ? MIN (h, height - y) : h;
        g_autofree uint8_t *block = make_block (kind, level, plane, x, y, w, rows);
        tmsize_t size = kind->rows ? TIFFVStripSize (tiff, (uint32_t)rows) : TIFFTileSize (tiff);
        tmsize_t wrote = kind->rows ? TIFFWriteEncodedStrip (tiff, index, block, size)
                                    : TIFFWriteEncodedTile (tiff, index, block, size);
        g_assert_cmpint (wrote, ==, size);
      }
}

static void
set_palette (TIFF *tiff, unsigned bits)
{
  static uint16_t map[3][65536];
  for (unsigned i = 0; i < 1u << bits; i++)
    for (unsigned c = 0; c < 3; c++)
      map[c][i] = (uint16_t)(((i * 37 + 11 * c) & 255) * 257);
  TIFFSetField (tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
}

static void
set_tags (const SlideKind *kind, TIFF *tiff, int level)
{
  int width, height;
  slide_level_size (kind, level, &width, &height);
  if (level > 0)
    TIFFSetField (tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, kind->planar);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, kind->compression);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
  TIFFSetField (tiff, TIFFTAG_ORIENTATION, kind->orientation);
  if (kind->rows) {
    TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, kind->rows);
  } else {
    TIFFSetField (tiff, TIFFTAG_TILEWIDTH, kind->tile_w);
    TIFFSetField (tiff, TIFFTAG_TILELENGTH, kind->tile_h);
  }
  uint16_t extra = (uint16_t)(kind->extra - 1);
  if (kind->extra)
    TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
  if (kind->compression == COMPRESSION_JPEG) {
    TIFFSetField (tiff, TIFFTAG_JPEGQUALITY, 98);
    if (kind->photometric == PHOTOMETRIC_YCBCR) {
      TIFFSetField (tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      TIFFSetField (tiff, TIFFTAG_YCBCRSUBSAMPLING, kind->subsampling, kind->subsampling);
    }
  }
  if (kind->compression == COMPRESSION_WEBP)
    TIFFSetField (tiff, TIFFTAG_WEBP_LEVEL, 95);
  if (kind->photometric == PHOTOMETRIC_PALETTE)
    set_palette (tiff, kind->bits);
  if (kind->description && level == 0)
    TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, kind->description);
  if (kind->mpp > 0) {
    TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField (tiff, TIFFTAG_XRESOLUTION, 10000 / kind->mpp);
    TIFFSetField (tiff, TIFFTAG_YRESOLUTION, 10000 / kind->mpp);
  }
}

static SlideKind
filled (const SlideKind *kind)
{
  SlideKind full = *kind;
  full.bits = full.bits ? full.bits : 8;
  full.samples = full.samples ? full.samples : 3;
  full.photometric = full.photometric || full.samples < 3 ? full.photometric : PHOTOMETRIC_RGB;
  full.planar = full.planar ? full.planar : PLANARCONFIG_CONTIG;
  full.compression = full.compression ? full.compression : COMPRESSION_NONE;
  full.orientation = full.orientation ? full.orientation : 1;
  full.tile_w = full.tile_w ? full.tile_w : 32;
  full.tile_h = full.tile_h ? full.tile_h : 32;
  full.n_levels = full.n_levels ? full.n_levels : 1;
  full.subsampling = full.subsampling ? full.subsampling : 1;
  return full;
}

char *
slide_write (const SlideKind *given)
{
  SlideKind kind = filled (given);
  char *path = NULL;
  int fd = g_file_open_tmp ("tessera-slide-XXXXXX.tif", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_autofree char *mode = g_strconcat ("w", kind.mode, NULL);
  TIFF *tiff = TIFFOpen (path, mode);
  for (int level = 0; level < kind.n_levels; level++) {
    set_tags (&kind, tiff, level);
    uint64_t subs[32] = {0};
    if (level == 0 && kind.where == SUBS && kind.n_levels > 1)
      TIFFSetField (tiff, TIFFTAG_SUBIFD, (uint16_t)(kind.n_levels - 1), subs);
    write_blocks (&kind, tiff, level);
    g_assert_true (TIFFWriteDirectory (tiff));
  }
  TIFFClose (tiff);
  return path;
}

TsrSlide *
slide_open_fixture (const SlideKind *kind)
{
  g_autofree char *path = slide_write (kind);
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path); /* the reader keeps its own descriptor; libtiff's handles read through it, too */
  return slide;
}
