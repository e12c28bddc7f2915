/* What tiles look like, files and regions alike, also when their slide has gone. */

#include "fixture.h"
#include "slide-bench.h"
#include "tsr-error.h"
#include "tsr-parallel.h"
#include "tsr-project-private.h"
#include "tsr-tile-pictures.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- pictures ---- */

/* What the slide itself gives, by one call a tile. */
static void
expect (TsrSlide *slide, const TsrTileRegion *region, int size, int channels, uint8_t *pixels)
{
  g_autoptr (GError) error = NULL;
  size_t n = (size_t)size * (size_t)size;
  g_autofree uint8_t *rgb = g_malloc (3 * n);
  tsr_slide_read_tile (slide, region->x, region->y, region->width, size, rgb, &error);
  g_assert_no_error (error);
  for (size_t k = 0; k < n; k++)
    if (channels == 3)
      memcpy (pixels + 3 * k, rgb + 3 * k, 3);
    else /* Rec. 601, to the nearest */
      pixels[k] = (uint8_t)floor (0.299 * rgb[3 * k] + 0.587 * rgb[3 * k + 1] +
                                  0.114 * rgb[3 * k + 2] + 0.5);
}

static void
assert_close (const uint8_t *a, const uint8_t *b, size_t n, int most)
{
  for (size_t i = 0; i < n; i++)
    g_assert_cmpint (abs (a[i] - b[i]), <=, most);
}

/* Files, regions of two slides, files again: of every size and channels, each as it must be. */
static void
fill_mixed (SlideBench *bench, char **one, char **two)
{
  SlideKind other = slide_bench_kind;
  other.mpp = 0.25;
  *one = slide_bench_write (bench, &slide_bench_kind, "a.tiff");
  *two = slide_bench_write (bench, &other, "b.tiff");
  g_autofree char *files = g_build_filename (bench->folder, "files", NULL),
                  *later = g_build_filename (bench->folder, "later", NULL);
  for (unsigned i = 0; i < 3; i++) {
    g_autofree char *file = g_strdup_printf ("%s/%u.png", files, i),
                    *other_file = g_strdup_printf ("%s/%u.png", later, i);
    fixture_write_tile (file, 20, i);
    fixture_write_tile (other_file, 40, i + 3);
  }
  fixture_add (bench->project, files, false);
  slide_bench_add (bench, *one);
  TsrTilingOptions options = slide_bench_tiling (16);
  options.mpp = 0.5; /* two pixels of level 0 to one of the tile */
  slide_bench_add_with (bench, *two, &options);
  fixture_add (bench->project, later, false);
}

static uint32_t *
all_tiles (const SlideBench *bench, uint32_t *n)
{
  *n = tsr_project_n_tiles (bench->project);
  uint32_t *tiles = g_new (uint32_t, *n + 1);
  for (uint32_t i = 0; i < *n; i++)
    tiles[i] = *n - 1 - i; /* in another order than they joined */
  return tiles;
}

static void
check_middle (const TsrImage *around, const TsrImage *alone)
{
  int side = alone->width;
  for (int y = 0; y < side; y++)
    g_assert_cmpmem (around->pixels + ((side + y) * around->width + side) * 3, (size_t)side * 3,
                     alone->pixels + y * side * 3, (size_t)side * 3);
}

/* The tile is in the middle of its surroundings, pixel for pixel; a file (alone NULL) has none. */
static void
check_surroundings (SlideBench *bench, uint32_t tile, const TsrImage *alone)
{
  GError *error = NULL;
  TsrImage around;
  bool there = tsr_project_tile_surroundings (bench->project, tile, 3, &around, &error);
  g_assert_no_error (error);
  g_assert_cmpint (there, ==, alone != NULL);
  if (!there)
    return;
  int side = alone->width;
  g_assert_true (around.width == 3 * side && around.height == 3 * side && around.channels == 3);
  check_middle (&around, alone);
  tsr_image_clear (&around);
}

static void
test_pictures (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *one = NULL, *two = NULL;
  g_autoptr (GError) error = NULL;
  fill_mixed (bench, &one, &two);
  uint32_t n;
  g_autofree uint32_t *tiles = all_tiles (bench, &n);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  g_autoptr (TsrSlide) first = tsr_slide_open (one, &error);
  g_autoptr (TsrSlide) second = tsr_slide_open (two, &error);
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (bench->project, tiles, n, &error);
  g_assert_no_error (error);
  static const int sizes[] = {1, 8, 16, 32, 50};
  g_autofree uint8_t *missing = g_malloc (n);
  for (unsigned s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int channels = 1; channels <= 3; channels += 2) {
      size_t bytes = (size_t)(sizes[s] * sizes[s] * channels);
      g_autofree uint8_t *pixels = g_malloc0 (n * bytes), *wanted = g_malloc (bytes);
      tsr_tile_pictures_load_many (pictures, 0, n, sizes[s], channels, pixels, missing, NULL);
      for (uint32_t i = 0; i < n; i++) {
        const TsrTileRegion *region = &regions[tiles[i]];
        TsrImage alone = {0};
        g_assert_cmpint (missing[i], ==, 0);
        g_assert_true (tsr_tile_pictures_load (pictures, i, sizes[s], channels, &alone, &error));
        g_assert_cmpmem (alone.pixels, bytes, pixels + i * bytes, bytes);
        if (region->slide >= 0) {
          expect (region->slide ? second : first, region, sizes[s], channels, wanted);
          assert_close (wanted, alone.pixels, bytes, channels == 3 ? 0 : 1);
        }
        tsr_image_clear (&alone);
      }
      /* a part from the middle is the same part */
      g_autofree uint8_t *part = g_malloc0 (9 * bytes);
      tsr_tile_pictures_load_many (pictures, 5, 9, sizes[s], channels, part, missing, NULL);
      g_assert_cmpmem (part, 9 * bytes, pixels + 5 * bytes, 9 * bytes);
    }
  for (uint32_t i = 0; i < n; i++) { /* as it is */
    int width, height, channels, size = tiles[i] < 3 ? 20 : tiles[i] >= n - 3 ? 40 : 0;
    TsrImage whole = {0};
    g_assert_true (tsr_tile_pictures_info (pictures, i, &width, &height, &channels, &error));
    g_assert_true (tsr_project_tile_picture (bench->project, tiles[i], 0, 0, &whole, &error));
    g_assert_cmpint (width, ==, size ? size : regions[tiles[i]].pixels);
    g_assert_true (whole.width == width && whole.height == height && whole.channels == channels);
    tsr_image_clear (&whole);
    g_assert_true (
        tsr_project_tile_picture (bench->project, tiles[i], TSR_TILE_FINEST, 0, &whole, &error));
    g_assert_cmpint (whole.width, ==, size ? size : regions[tiles[i]].width);
    check_surroundings (bench, tiles[i], size == 0 ? &whole : NULL);
    tsr_image_clear (&whole);
  }
}

static void
test_missing (SlideBench *bench, gconstpointer replaced)
{
  g_autofree char *one = NULL, *two = NULL;
  g_autoptr (GError) error = NULL;
  fill_mixed (bench, &one, &two);
  uint32_t n;
  g_autofree uint32_t *tiles = all_tiles (bench, &n);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  TsrImage image = {0};
  g_assert_true (tsr_project_tile_picture (bench->project, 4, 0, 0, &image, &error)); /* open */
  tsr_image_clear (&image);
  g_unlink (one);
  if (replaced) /* something else is in its place */
    fixture_copy (two, one);
  g_autoptr (GByteArray) longer = fixture_read (two);
  g_byte_array_append (longer, (const guint8 *)"x", 1);
  if (replaced)
    fixture_write (one, longer->data, longer->len);
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (bench->project, tiles, n, &error);
  g_autofree uint8_t *missing = g_malloc (n), *pixels = g_malloc (n * 64 * 3);
  g_autofree GError **errors = g_new0 (GError *, n);
  tsr_tile_pictures_load_many (pictures, 0, n, 8, 3, pixels, missing, errors);
  for (uint32_t i = 0; i < n; i++) {
    bool gone = regions[tiles[i]].slide == 0;
    g_assert_cmpint (missing[i], ==, gone);
    g_assert_true (gone == (errors[i] != NULL));
    int width, height, channels;
    g_assert_true (tsr_tile_pictures_info (pictures, i, &width, &height, &channels, &error));
    if (gone) {
      g_assert_cmpint (fixture_assert_sentence (&errors[i]), ==, TSR_ERROR_IMAGE);
      g_assert_false (tsr_tile_pictures_load (pictures, i, 8, 3, &image, &error));
      fixture_assert_sentence (&error);
      g_assert_true (tsr_project_thumbnail (bench->project, tiles[i], &image, &error));
      tsr_image_clear (&image);
    }
  }
}

/* Without the slide its tiles' thumbnails are a tile's surroundings, the tile itself in the middle
 * whatever else was cut there; a tile that has no neighbour is all there is. */
static void
test_surroundings_without (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  slide_bench_add (bench, path);
  uint32_t n = tsr_project_n_tiles (bench->project);
  TsrTilingOptions large = slide_bench_tiling (3 * SIDE);
  slide_bench_add_with (bench, path, &large);
  g_assert_cmpuint (tsr_project_n_tiles (bench->project), >, n);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  g_assert_cmpint (g_unlink (path), ==, 0);
  for (uint32_t i = 0; i < n; i++) {
    TsrImage around, alone;
    bool there = tsr_project_tile_surroundings (bench->project, i, 3, &around, &error);
    g_assert_no_error (error);
    g_assert_true (there && around.width == 3 * SIDE && around.height == 3 * SIDE);
    g_assert_true (tsr_project_thumbnail (bench->project, i, &alone, &error));
    check_middle (&around, &alone);
    for (int k = 0; k < 3 && regions[i].x == 0; k++) /* beyond the slide */
      g_assert_cmpint (around.pixels[(SIDE * around.width + 5) * 3 + k], ==, 255);
    tsr_image_clear (&alone);
    tsr_image_clear (&around);
  }
}

static void
test_alone_without (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  TsrTilingOptions large = slide_bench_tiling (SLIDE_H - 1);
  slide_bench_add_with (bench, path, &large);
  g_assert_cmpuint (tsr_project_n_tiles (bench->project), ==, 1);
  TsrImage around;
  g_assert_true (tsr_project_tile_surroundings (bench->project, 0, 3, &around, &error));
  tsr_image_clear (&around);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (tsr_project_tile_surroundings (bench->project, 0, 3, &around, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_IMAGE);
}

/* ---- another slide of the same size in the place of one ---- */

/* Inverts the pixels of every `nth` of the first level's tiles, which are not compressed. */
static void
invert_pixels (const char *path, unsigned nth)
{
  TIFF *tiff = TIFFOpen (path, "r");
  uint64_t *offsets, *sizes;
  g_assert_true (TIFFGetField (tiff, TIFFTAG_TILEOFFSETS, &offsets));
  g_assert_true (TIFFGetField (tiff, TIFFTAG_TILEBYTECOUNTS, &sizes));
  g_autoptr (GByteArray) bytes = fixture_read (path);
  for (uint32_t i = 0; i < TIFFNumberOfTiles (tiff); i += nth)
    for (uint64_t k = 0; k < sizes[i]; k++)
      bytes->data[offsets[i] + k] ^= 0xff;
  TIFFClose (tiff);
  fixture_write (path, bytes->data, bytes->len);
}

/* It is told by its looks; a slide that was changed somewhere else than its tissue is the same. */
static void
test_other_pixels (SlideBench *bench, gconstpointer all)
{
  g_autoptr (GError) error = NULL;
  SlideKind kind = slide_bench_kind;
  kind.compression = COMPRESSION_NONE;
  g_autofree char *path = slide_bench_write (bench, &kind, "s.tiff");
  slide_bench_add (bench, path);
  invert_pixels (path, all ? 1 : 12);
  uint32_t n = tsr_project_n_tiles (bench->project);
  g_autofree uint32_t *tiles = all_tiles (bench, &n);
  g_autofree uint8_t *missing = g_malloc (n), *pixels = g_malloc (n * 64 * 3);
  g_autofree GError **errors = g_new0 (GError *, n);
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (bench->project, tiles, n, &error);
  tsr_tile_pictures_load_many (pictures, 0, n, 8, 3, pixels, missing, errors);
  for (uint32_t i = 0; i < n; i++) {
    g_assert_cmpint (missing[i], ==, all != NULL);
    if (errors[i]) {
      g_assert_nonnull (strstr (errors[i]->message, "another file"));
      fixture_assert_sentence (&errors[i]);
    }
  }
  TsrImage image = {0};
  g_assert_cmpint (tsr_tile_pictures_load (pictures, n / 2, 8, 3, &image, NULL), ==, !all);
  tsr_image_clear (&image);
}

/* A place that no slide has, in a project that something else has written. */
static void
test_nowhere (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  slide_bench_add (bench, path);
  TsrImage image;
  g_assert_true (tsr_db_exec (bench->project,
                              "UPDATE tile SET x = -9223372036854775807 - 1 WHERE id = 1", &error));
  g_assert_false (tsr_project_tile_surroundings (bench->project, 1, 3, &image, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_CORRUPT);
  g_clear_error (&error);
  g_assert_true (tsr_db_exec (bench->project, "UPDATE tile SET x = 7 WHERE id = 1", &error));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, SlideBench, NULL, slide_bench_open, function, slide_bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/slides/pictures", test_pictures);
  ADD ("/slides/missing", test_missing);
  ADD ("/slides/surroundings-without", test_surroundings_without);
  ADD ("/slides/nowhere", test_nowhere);
  ADD ("/slides/alone-without", test_alone_without);
  ADD ("/slides/changed-a-little", test_other_pixels);
  g_test_add ("/slides/other-pixels", SlideBench, "all", slide_bench_open, test_other_pixels,
              slide_bench_close);
  g_test_add ("/slides/replaced", SlideBench, "another", slide_bench_open, test_missing,
              slide_bench_close);
  return g_test_run ();
}
