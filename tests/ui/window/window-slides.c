#include "window-slides.h"

#include "tsr-project-slides.h"
#include "tsr-random.h"

#include <math.h>
#include <tiffio.h>

#define SIDE 64

bool
window_slide_tissue (int x, int y)
{
  double u = (x - 520) / 330.0, v = (y - 280) / 170.0, s = (x - 800) / 300.0, t = (y - 700) / 160.0;
  return u * u + v * v < 1 || s * s + t * t < 1;
}

/* Like haematoxylin above and eosin below, with some grain. */
static void
color (int x, int y, uint8_t rgb[3])
{
  static const uint8_t colors[3][3] = {{244, 243, 245}, {138, 82, 160}, {222, 128, 176}};
  int kind = !window_slide_tissue (x, y) ? 0 : y < 500 ? 1 : 2;
  int grain = kind == 0 ? 0 : (x * 7 + y * 13 + (x / 9) * (y / 7)) % 23 - 11;
  for (int c = 0; c < 3; c++)
    rgb[c] = (uint8_t)(colors[kind][c] + grain);
}

static void
write_level (TIFF *tiff, int level, double mpp)
{
  int width = WINDOW_SLIDE_W >> level, height = WINDOW_SLIDE_H >> level;
  if (level > 0)
    TIFFSetField (tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField (tiff, TIFFTAG_TILEWIDTH, SIDE);
  TIFFSetField (tiff, TIFFTAG_TILELENGTH, SIDE);
  if (mpp > 0) {
    TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField (tiff, TIFFTAG_XRESOLUTION, 10000 / mpp);
    TIFFSetField (tiff, TIFFTAG_YRESOLUTION, 10000 / mpp);
  }
  uint8_t tile[SIDE * SIDE * 3];
  for (int y = 0; y < height; y += SIDE)
    for (int x = 0; x < width; x += SIDE) {
      for (int i = 0; i < SIDE * SIDE; i++)
        color ((x + i % SIDE) << level, (y + i / SIDE) << level, tile + 3 * i);
      uint32_t index = TIFFComputeTile (tiff, (uint32_t)x, (uint32_t)y, 0, 0);
      g_assert_cmpint (TIFFWriteEncodedTile (tiff, index, tile, sizeof tile), >, 0);
    }
  g_assert_true (TIFFWriteDirectory (tiff));
}

char *
window_slide_write (const char *folder, const char *name, double mpp)
{
  char *path = g_build_filename (folder, name, NULL);
  g_mkdir_with_parents (folder, 0700);
  TIFF *tiff = TIFFOpen (path, "w");
  g_assert_nonnull (tiff);
  write_level (tiff, 0, mpp);
  write_level (tiff, 1, mpp);
  TIFFClose (tiff);
  return path;
}

static void
add_slide (TsrProject *project, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  TsrTilingOptions options = tsr_tiling_options ();
  TsrMaskOptions mask = tsr_mask_options ();
  g_auto (TsrSlideCut) cut = {0};
  g_auto (TsrSlideAdded) added = {0};
  options.mpp = 0.5;
  g_assert_true (tsr_slide_cut (slide, &options, &mask, &cut, NULL, &error));
  g_assert_true (
      tsr_project_add_slide (project, slide, &cut, &options, &mask, &added, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (added.tiles, >, 40);
}

/* Two clouds: the upper and the lower piece. */
static void
put_map (TsrProject *project)
{
  g_autoptr (GError) error = NULL;
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, n);
  g_autofree float *y = g_new (float, (size_t)n * 2), *w = g_new (float, (size_t)n * 4);
  g_assert_true (tsr_project_regions (project, regions, &error));
  TsrRandom random;
  tsr_random_init (&random, 3, 4);
  for (uint32_t i = 0; i < n; i++) {
    bool lower = regions[i].y >= 500;
    for (int j = 0; j < 4; j++)
      w[i * 4 + j] = (float)(tsr_random_normal (&random) + (lower == (j == 1) ? 6 : 0));
    y[2 * i] = (float)((lower ? 16 : -16) + 5 * tsr_random_normal (&random));
    y[2 * i + 1] = (float)(5 * tsr_random_normal (&random));
  }
  g_assert_true (tsr_project_put_vectors (project, "test", 0, n, 4, w, &error));
  g_assert_true (tsr_project_put_map (project, y, n, "{}", &error));
  g_assert_no_error (error);
}

char *
window_slides_project (const char *folder, const char *name, unsigned n)
{
  g_autoptr (GError) error = NULL;
  char *path = g_strconcat (folder, "/", name, ".tessera", NULL);
  g_autofree char *slides = g_strconcat (folder, "/", name, "-slides", NULL);
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  for (unsigned i = 1; i <= n; i++) {
    g_autofree char *file = g_strdup_printf ("slide-%u.tif", i);
    /* Files of one content are one slide: each is a little different in scale. */
    g_autofree char *slide = window_slide_write (slides, file, 0.5 + 0.0001 * (i - 1));
    add_slide (project, slide);
  }
  put_map (project);
  g_assert_cmpint (tsr_project_add_class (project, "Upper", -1, NULL), >=, 0);
  g_assert_cmpint (tsr_project_add_class (project, "Lower", -1, NULL), >=, 0);
  return path;
}
