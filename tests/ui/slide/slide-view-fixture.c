#include "slide-view-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

guint32
slide_view_color (int x, int y)
{
  guint i = (guint)(x / PATCH), j = (guint)(y / PATCH);
  return (60 + i * 53 % 180) << 16 | (60 + j * 71 % 180) << 8 | (60 + (i * 31 + j * 97) % 180);
}

static void
write_level (TIFF *tiff, const SlideViewKind *kind, int level)
{
  int width = kind->width >> level, height = kind->height >> level;
  if (level > 0)
    TIFFSetField (tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField (tiff, TIFFTAG_TILEWIDTH, PATCH);
  TIFFSetField (tiff, TIFFTAG_TILELENGTH, PATCH);
  if (kind->mpp > 0) {
    TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField (tiff, TIFFTAG_XRESOLUTION, 10000 / kind->mpp);
    TIFFSetField (tiff, TIFFTAG_YRESOLUTION, 10000 / kind->mpp);
  }
  g_autofree guint8 *tile = g_malloc (PATCH * PATCH * 3);
  for (int y = 0; y < height; y += PATCH)
    for (int x = 0; x < width; x += PATCH) {
      for (int i = 0; i < PATCH * PATCH; i++) {
        guint32 rgb = slide_view_color ((x + i % PATCH) << level, (y + i / PATCH) << level);
        tile[3 * i] = rgb >> 16, tile[3 * i + 1] = (rgb >> 8) & 255, tile[3 * i + 2] = rgb & 255;
      }
      uint32_t index = TIFFComputeTile (tiff, (uint32_t)x, (uint32_t)y, 0, 0);
      if (level == 0 && x == kind->bad_column * PATCH && y == kind->bad_row * PATCH) {
        char rubbish[40] = "this is not what deflate makes";
        g_assert_cmpint (TIFFWriteRawTile (tiff, index, rubbish, sizeof rubbish), >, 0);
      } else {
        g_assert_cmpint (TIFFWriteEncodedTile (tiff, index, tile, PATCH * PATCH * 3), >, 0);
      }
    }
  g_assert_true (TIFFWriteDirectory (tiff));
}

TsrSlide *
slide_view_fixture (const SlideViewKind *kind)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("tessera-slide-view-XXXXXX.tif", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  TIFF *tiff = TIFFOpen (path, "w");
  for (int level = 0; level < kind->n_levels; level++)
    write_level (tiff, kind, level);
  TIFFClose (tiff);
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path); /* the reader keeps a descriptor of its own */
  return slide;
}
