/* TIFF slides of every layout, compression, depth and orientation against the pixels they were
 * written from. */

#include "slide-fixture.h"

#include "tsr-error.h"
#include "tsr-slide-cut.h"
#include "tsr-slide-tiff.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
  NONE = COMPRESSION_NONE,
  LZW = COMPRESSION_LZW,
  ZIP = COMPRESSION_ADOBE_DEFLATE,
  BITS = COMPRESSION_PACKBITS,
  ZSTD = COMPRESSION_ZSTD,
  JPG = COMPRESSION_JPEG,
  WEBP = COMPRESSION_WEBP,
  J2Y = 33003,
  J2R = 33005
};
enum {
  GREY = PHOTOMETRIC_MINISBLACK,
  WHITE = PHOTOMETRIC_MINISWHITE,
  RGB = PHOTOMETRIC_RGB,
  PALETTE = PHOTOMETRIC_PALETTE,
  CMYK = PHOTOMETRIC_SEPARATED,
  YCC = PHOTOMETRIC_YCBCR,
  SEP = PLANARCONFIG_SEPARATE
};

static const SlideKind kinds[] = {
    {"none", 8, 3, RGB, .n_levels = 3},
    {"lzw", 8, 3, RGB, .compression = LZW, .n_levels = 3},
    {"deflate", 8, 3, RGB, .compression = ZIP, .n_levels = 3, .where = SUBS},
    {"zstd", 8, 3, RGB, .compression = ZSTD, .n_levels = 2},
    {"packbits", 8, 3, RGB, .compression = BITS},
    {"bigtiff", 8, 3, RGB, .compression = LZW, .n_levels = 3, .mode = "8"},
    {"bigtiff-subs", 8, 3, RGB, .compression = LZW, .n_levels = 4, .mode = "8", .where = SUBS},
    {"big-endian", 8, 3, RGB, .compression = LZW, .n_levels = 3, .mode = "b"},
    {"big-endian-16", 16, 3, RGB, .compression = LZW, .n_levels = 2, .mode = "b8"},
    {"rgb-16", 16, 3, RGB, .compression = ZIP, .n_levels = 2},
    {"rgb-12", 12, 3, RGB},
    {"rgb-4", 4, 3, RGB},
    {"rgb-planar", 8, 3, RGB, SEP, LZW, .n_levels = 2},
    {"rgb-16-planar", 16, 3, RGB, SEP, ZIP},
    {"grey-1", 1, 1, GREY, .n_levels = 2},
    {"grey-1-white", 1, 1, WHITE, .compression = LZW},
    {"grey-2", 2, 1, GREY},
    {"grey-4", 4, 1, GREY, .compression = ZIP},
    {"grey-8", 8, 1, GREY, .n_levels = 3},
    {"grey-8-white", 8, 1, WHITE},
    {"grey-16", 16, 1, GREY, .compression = LZW},
    {"palette-4", 4, 1, PALETTE},
    {"palette-8", 8, 1, PALETTE, .compression = LZW, .n_levels = 2},
    {"palette-16", 16, 1, PALETTE},
    {"cmyk", 8, 4, CMYK, .compression = LZW},
    {"cmyk-planar-16", 16, 4, CMYK, SEP},
    {"rgba", 8, 4, RGB, .extra = 1 + EXTRASAMPLE_UNASSALPHA},
    {"rgba-premultiplied", 8, 4, RGB, .extra = 1 + EXTRASAMPLE_ASSOCALPHA, .compression = ZIP},
    {"grey-alpha", 8, 2, GREY, .extra = 1 + EXTRASAMPLE_UNASSALPHA},
    {"strips", 8, 3, RGB, .compression = LZW, .rows = 7},
    {"strips-levels", 8, 3, RGB, .compression = LZW, .rows = 16, .n_levels = 3},
    {"strips-one", 8, 3, RGB, .compression = ZIP, .rows = SLIDE_H},
    {"strips-planar", 16, 3, RGB, SEP, LZW, .rows = 9},
    {"strips-1", 1, 1, GREY, .rows = 1},
    {"tiles-wide", 8, 3, RGB, .compression = LZW, .tile_w = 112, .tile_h = 16},
    {"tiles-larger-than-slide", 8, 3, RGB, .compression = LZW, .tile_w = 256, .tile_h = 256},
    {"sparse", 8, 3, RGB, .compression = LZW, .n_levels = 2, .sparse = true},
    {"sparse-jpeg", 8, 3, RGB, .compression = JPG, .n_levels = 2, .sparse = true},
    {"jpeg-ycc", 8, 3, YCC, .compression = JPG, .n_levels = 3},
    {"jpeg-ycc-420", 8, 3, YCC, .compression = JPG, .n_levels = 2, .subsampling = 2},
    {"jpeg-rgb", 8, 3, RGB, .compression = JPG, .n_levels = 2, .where = SUBS},
    {"jpeg-grey", 8, 1, GREY, .compression = JPG},
    {"jpeg-strips", 8, 3, YCC, .compression = JPG, .rows = 16, .subsampling = 2},
    {"jpeg-planar", 8, 3, RGB, SEP, JPG},
    {"webp", 8, 3, RGB, .compression = WEBP, .n_levels = 2},
    {"jpeg2000-rgb", 8, 3, RGB, .compression = J2R, .n_levels = 2},
    {"jpeg2000-ycc", 8, 3, RGB, .compression = J2Y, .n_levels = 2},
    {"jpeg2000-grey", 8, 1, GREY, .compression = J2R},
};

/* What the codec may change: quality 98, its chroma subsampled where the kind says so. Rounding to
 * YCbCr and back costs two. */
static int
tolerance (const SlideKind *kind)
{
  return kind->compression == JPG    ? (kind->subsampling == 2 ? 7 : 4)
         : kind->compression == WEBP ? 10
         : kind->compression == J2Y  ? 2
                                     : 0;
}

static void
check_pixel (const SlideKind *kind, int level, int x, int y, const uint8_t *rgb)
{
  SlideKind full = *kind;
  full.tile_w = kind->tile_w ? kind->tile_w : 32;
  full.tile_h = kind->tile_h ? kind->tile_h : 32;
  uint8_t expected[3];
  slide_expected (&full, level, x, y, expected);
  for (int c = 0; c < 3; c++)
    if (abs (rgb[c] - expected[c]) > tolerance (kind))
      g_error ("%s: level %d, (%d, %d), channel %d: %d instead of %d", kind->name, level, x, y, c,
               rgb[c], expected[c]);
}

/* Whole levels, then small regions from everywhere, over the edges too. */
static void
test_kind (gconstpointer data)
{
  const SlideKind *kind = data;
  g_autoptr (TsrSlide) slide = slide_open_fixture (kind);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpstr (info->reader, ==, "libtiff");
  g_assert_cmpint (info->n_levels, ==, MAX (kind->n_levels, 1));
  for (int level = 0; level < info->n_levels; level++) {
    int width, height;
    slide_level_size (kind, level, &width, &height);
    g_assert_cmpint (info->levels[level].width, ==, width);
    g_assert_cmpint (info->levels[level].height, ==, height);
    g_assert_cmpfloat (info->levels[level].downsample, ==, 1 << level);
    g_autofree uint8_t *rgb = g_malloc (MAX ((size_t)width * height, 29 * 17) * 3);
    g_autoptr (GError) error = NULL;
    tsr_slide_read_region (slide, level, 0, 0, width, height, rgb, &error);
    g_assert_no_error (error);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        check_pixel (kind, level, x, y, rgb + ((size_t)y * width + x) * 3);
    for (int i = 0; i < 60; i++) {
      int x0 = (i * 37) % (width + 30) - 15, y0 = (i * 23) % (height + 30) - 15, w = 1 + i % 29,
          h = 1 + i % 17;
      tsr_slide_read_region (slide, level, (int64_t)x0 * (1 << level), (int64_t)y0 * (1 << level),
                             w, h, rgb, &error);
      g_assert_no_error (error);
      for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
          const uint8_t *pixel = rgb + ((size_t)y * w + x) * 3;
          if (x0 + x < 0 || y0 + y < 0 || x0 + x >= width || y0 + y >= height)
            g_assert_true (pixel[0] == 255 && pixel[1] == 255 && pixel[2] == 255);
          else
            check_pixel (kind, level, x0 + x, y0 + y, pixel);
        }
    }
  }
}

/* Where a stored pixel is shown, by TIFF 6.0's table of orientations: which side of the slide row 0
 * and column 0 stand at. */
static void
test_orientation (void)
{
  static const struct {
    bool row_is_side, right,
        bottom; /* row 0 at a side; column or row 0 at the right, at the bottom */
  } table[9] = {{0},
                {false, false, false},
                {false, true, false},
                {false, true, true},
                {false, false, true},
                {true, false, false},
                {true, true, false},
                {true, true, true},
                {true, false, true}};
  for (uint16_t orientation = 1; orientation <= 8; orientation++) {
    SlideKind kind = {.name = "turned",
                      .bits = 8,
                      .samples = 3,
                      .photometric = RGB,
                      .compression = LZW,
                      .orientation = orientation,
                      .n_levels = 2};
    g_autoptr (TsrSlide) slide = slide_open_fixture (&kind);
    for (int level = 0; level < 2; level++) {
      int stored_w, stored_h;
      slide_level_size (&kind, level, &stored_w, &stored_h);
      bool turned = table[orientation].row_is_side;
      int width = turned ? stored_h : stored_w, height = turned ? stored_w : stored_h;
      g_assert_cmpint (tsr_slide_info (slide)->levels[level].width, ==, width);
      g_assert_cmpint (tsr_slide_info (slide)->levels[level].height, ==, height);
      int x0 = -3, y0 = 5, w = width + 6, h = height - 9;
      g_autofree uint8_t *rgb = g_malloc ((size_t)w * h * 3);
      g_assert_true (tsr_slide_read_region (slide, level, x0 * (1 << level), y0 * (1 << level), w,
                                            h, rgb, NULL));
      for (int row = 0; row < stored_h; row++)
        for (int column = 0; column < stored_w; column++) {
          int x = turned ? row : column, y = turned ? column : row;
          x = table[orientation].right ? width - 1 - x : x;
          y = table[orientation].bottom ? height - 1 - y : y;
          if (y < y0 || y >= y0 + h)
            continue;
          const uint8_t *pixel = rgb + ((size_t)(y - y0) * w + (x - x0)) * 3;
          for (int c = 0; c < 3; c++)
            g_assert_cmpint (pixel[c], ==, slide_rough (level, column, row, c));
        }
    }
  }
}

static void
test_missing_tile_is_one (void)
{
  SlideKind kind = {.name = "damage",
                    .bits = 8,
                    .samples = 3,
                    .photometric = YCC,
                    .compression = JPG,
                    .n_levels = 1};
  g_autofree char *path = slide_write (&kind);
  TIFF *tiff = TIFFOpen (path, "r");
  uint64_t at = TIFFGetStrileOffset (tiff, 7), n = TIFFGetStrileByteCount (tiff, 7);
  TIFFClose (tiff);
  FILE *file = fopen (path, "r+b");
  fseek (file, (long)(at + n / 2), SEEK_SET);
  for (uint64_t i = 0; i < n / 2; i++)
    fputc (0xFF, file);
  fclose (file);
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, NULL);
  g_unlink (path);
  uint8_t rgb[32 * 32 * 3];
  int across = (SLIDE_W + 31) / 32, refused = 0;
  for (int tile = 0; tile < across * 4; tile++) {
    g_autoptr (GError) error = NULL;
    bool ok = tsr_slide_read_region (slide, 0, tile % across * 32, tile / across * 32, 32, 32, rgb,
                                     &error);
    g_assert_true (ok == (tile != 7));
    if (!ok) {
      refused++;
      g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
      g_assert_nonnull (strstr (error->message, "damaged"));
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
  }
  g_assert_cmpint (refused, ==, 1);
}

/* Where a coarse level is damaged, the overview is made from a finer one; from none if all are. */
static void
test_overview_of_damaged_levels (void)
{
  SlideKind kind = {.name = "levels",
                    .bits = 8,
                    .samples = 3,
                    .photometric = YCC,
                    .compression = JPG,
                    .n_levels = 3};
  g_autofree char *path = slide_write (&kind);
  for (int level = 2; level >= 0; level--) {
    TIFF *tiff = TIFFOpen (path, "r");
    TIFFSetDirectory (tiff, (tdir_t)level);
    uint64_t at = TIFFGetStrileOffset (tiff, 0), n = TIFFGetStrileByteCount (tiff, 0);
    TIFFClose (tiff);
    FILE *file = fopen (path, "r+b");
    fseek (file, (long)(at + n / 2), SEEK_SET);
    for (uint64_t i = 0; i < n / 2; i++)
      fputc (0xFF, file);
    fclose (file);
    g_autoptr (TsrSlide) slide = tsr_slide_open (path, NULL);
    g_autoptr (GError) error = NULL;
    TsrImage image;
    bool ok = tsr_slide_overview (slide, 37, &image, NULL, &error);
    g_assert_true (ok == (level > 0));
    if (ok)
      tsr_image_clear (&image);
    else
      g_assert_nonnull (strstr (error->message, "damaged"));
  }
  g_unlink (path);
}

/* One block that no level gives costs the overview's pixels that it has a part of, and no others;
 * they are white, noted, and tissue, so that its tiles are tried. */
static void
test_overview_around_damage (void)
{
  SlideKind kind = {
      .name = "around", .bits = 8, .samples = 3, .photometric = YCC, .compression = JPG};
  g_autofree char *path = slide_write (&kind);
  g_autoptr (TsrSlide) whole = tsr_slide_open (path, NULL);
  TIFF *tiff = TIFFOpen (path, "r");
  uint32_t width = 0, block = 0;
  TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &block);
  TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &width);
  uint32_t across = (width + block - 1) / block;
  uint64_t at = TIFFGetStrileOffset (tiff, across + 1),
           n = TIFFGetStrileByteCount (tiff, across + 1);
  TIFFClose (tiff);
  for (int side = 20; side <= SLIDE_W; side += 13) {
    g_autoptr (GError) error = NULL;
    g_auto (TsrSlideLook) before = {0}, after = {0};
    g_assert_true (tsr_slide_look (whole, side, &before, NULL, &error));
    g_assert_null (before.damaged);
    g_autofree char *torn = g_strconcat (path, ".torn", NULL), *bytes = NULL;
    gsize length;
    g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
    memset (bytes + at + n / 2, 0xFF, n / 2);
    g_assert_true (g_file_set_contents (torn, bytes, (gssize)length, NULL));
    g_autoptr (TsrSlide) slide = tsr_slide_open (torn, NULL);
    TsrImage strict;
    g_assert_false (tsr_slide_overview (slide, side, &strict, NULL, NULL));
    tsr_slide_look (slide, side, &after, NULL, &error);
    g_assert_no_error (error);
    g_assert_nonnull (after.damaged);
    TsrMaskOptions options = tsr_mask_options ();
    TsrTissueMask mask;
    g_assert_true (tsr_slide_look_mask (&after, &options, &mask, &error));
    double scale = (double)tsr_slide_info (slide)->levels[0].width / after.image.width,
           down = (double)tsr_slide_info (slide)->levels[0].height / after.image.height;
    for (int y = 0; y < after.image.height; y++)
      for (int x = 0; x < after.image.width; x++) {
        size_t i = (size_t)y * after.image.width + x;
        bool touched = x * scale < 2 * block - 1e-6 && (x + 1) * scale > block + 1e-6 &&
                       y * down < 2 * block - 1e-6 && (y + 1) * down > block + 1e-6;
        g_assert_cmpint (after.damaged[i], ==, touched);
        for (int c = 0; c < 3; c++)
          g_assert_cmpint (after.image.pixels[3 * i + c], ==,
                           after.damaged[i] ? 255 : before.image.pixels[3 * i + c]);
        if (after.damaged[i])
          g_assert_cmpint (mask.classes[i], ==, TSR_MASK_TISSUE);
      }
    tsr_tissue_mask_clear (&mask);
    g_unlink (torn);
  }
  g_unlink (path);
}

/* A JPEG 2000 tile may have a palette, which makes as many components as it has columns: one and
 * three are colours, two are refused. */
static void
test_palette_of_jpeg_2000 (void)
{
  const uint8_t plane[16 * 12] = {0, 1, 0, 1, 1, 1, 0, 0, 1};
  for (int columns = 1; columns <= 4; columns++) {
    uint8_t rgb[16 * 12 * 3] = {0};
    g_autoptr (GBytes) tile = slide_jp2_palette (plane, columns, 16, 12);
    g_autoptr (GError) error = NULL;
    bool ok = tsr_slide_jp2k_decode (g_bytes_get_data (tile, NULL), g_bytes_get_size (tile), false,
                                     16, 12, rgb, &error);
    g_test_message ("%d columns: %s", columns, ok ? "read" : error->message);
    g_assert_true (ok == (columns == 1 || columns == 3));
    for (int i = 0; ok && i < 16 * 12; i++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (rgb[3 * i + c], ==, 100 * plane[i] + (columns == 3 ? 10 * c : 0));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *path = g_strconcat ("/slide/tiff/", kinds[i].name, NULL);
    g_test_add_data_func (path, &kinds[i], test_kind);
  }
  g_test_add_func ("/slide/tiff/orientation", test_orientation);
  g_test_add_func ("/slide/tiff/palette-of-jpeg-2000", test_palette_of_jpeg_2000);
  g_test_add_func ("/slide/tiff/one-damaged-tile", test_missing_tile_is_one);
  g_test_add_func ("/slide/tiff/overview-of-damaged-levels", test_overview_of_damaged_levels);
  g_test_add_func ("/slide/tiff/overview-around-damage", test_overview_around_damage);
  return g_test_run ();
}
