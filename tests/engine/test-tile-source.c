/* What networks are given for regions of slides: the slide's own pixels, bit for bit; and what they
 * are given when it has gone. */

#include "slide-fixture.h"
#include "tsr-project-slides.h"
#include "tsr-slide-pool.h"
#include "tsr-tile-source.h"

#include <glib/gstdio.h>
#include <string.h>

static const SlideKind kind = {.bits = 8,
                               .samples = 3,
                               .photometric = PHOTOMETRIC_RGB,
                               .planar = PLANARCONFIG_CONTIG,
                               .compression = COMPRESSION_ADOBE_DEFLATE,
                               .orientation = ORIENTATION_TOPLEFT,
                               .tile_w = 32,
                               .tile_h = 32,
                               .n_levels = 3,
                               .mpp = 0.5};

typedef struct {
  char *folder, *path;
  char *slides[3];
  TsrProject *project;
} Bench;

static void
add (Bench *bench, const char *path, double mpp)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  TsrTilingOptions options = tsr_tiling_options ();
  options.pixels = 16;
  options.mpp = mpp;
  options.overlap = 5;
  g_auto (TsrSlideCut) cut = {0};
  g_auto (TsrSlideAdded) added = {0};
  tsr_slide_cut (slide, &options, NULL, &cut, NULL, &error);
  g_assert_no_error (error);
  tsr_project_add_slide (bench->project, slide, &cut, &options, NULL, &added, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (added.tiles, >, 10);
}

static void
bench_open (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bench->folder = g_dir_make_tmp ("tessera-test-XXXXXX", &error);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  bench->project = tsr_project_create (bench->path, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++) {
    SlideKind own = kind;
    own.mpp = 0.5 + 0.25 * i;
    bench->slides[i] = slide_write (&own);
    add (bench, bench->slides[i], i == 1 ? 1.25 : 1);
  }
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  tsr_project_close (bench->project);
  tsr_slide_pool_clear ();
  for (int i = 0; i < 3; i++) {
    g_unlink (bench->slides[i]);
    g_free (bench->slides[i]);
  }
  g_unlink (bench->path);
  g_assert_cmpint (g_rmdir (bench->folder), ==, 0);
  g_free (bench->path);
  g_free (bench->folder);
}

static TsrTileRegion *
regions_of (const Bench *bench, uint32_t *n)
{
  g_autoptr (GError) error = NULL;
  *n = tsr_project_n_tiles (bench->project);
  TsrTileRegion *regions = g_new (TsrTileRegion, *n + 1);
  tsr_project_regions (bench->project, regions, &error);
  g_assert_no_error (error);
  return regions;
}

/* In batches that begin and end within slides and go across them; excluded tiles are left out. */
static void
test_same (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t n, left_out[] = {0, 7, 30};
  g_autofree TsrTileRegion *regions = regions_of (bench, &n);
  tsr_project_exclude (bench->project, left_out, 3, true, "Ada", NULL, &error);
  g_autoptr (TsrTileSource) source = tsr_tile_source_new (bench->project, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (source->tiles->len, ==, n - 3);
  int size, channels;
  g_assert_true (tsr_tile_source_probe (source, &size, &channels, &error));
  g_assert_cmpint (size, ==, 16);
  g_assert_cmpint (channels, ==, 3);
  TsrSlide *slides[3];
  for (int i = 0; i < 3; i++)
    slides[i] = tsr_slide_open (bench->slides[i], &error);
  static const int sizes[] = {8, 16, 32};
  static const size_t batches[] = {1, 13, 64};
  for (unsigned s = 0; s < 3; s++) {
    size_t bytes = (size_t)(sizes[s] * sizes[s] * 3), batch = batches[s];
    g_autofree uint8_t *pixels = g_malloc (batch * bytes), *expected = g_malloc (bytes);
    for (size_t first = 0; first < source->tiles->len; first += batch) {
      size_t count = MIN (batch, source->tiles->len - first);
      TsrLostTiles lost = {0};
      tsr_tile_source_load (source, bench->project, first, count, sizes[s], 3, pixels, &lost);
      g_assert_cmpuint (lost.thumbnails + lost.failed, ==, 0);
      for (size_t k = 0; k < count; k++) {
        const TsrTileRegion *region = &regions[g_array_index (source->tiles, uint32_t, first + k)];
        g_assert_true (tsr_slide_read_tile (slides[region->slide], region->x, region->y,
                                            region->width, sizes[s], expected, &error));
        g_assert_cmpmem (pixels + k * bytes, bytes, expected, bytes);
      }
    }
  }
  for (int i = 0; i < 3; i++)
    tsr_slide_unref (slides[i]);
}

/* The thumbnail in its place, and counted; the other slides are as ever. */
static void
test_gone (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t n, gone = 0;
  g_autofree TsrTileRegion *regions = regions_of (bench, &n);
  g_autofree uint8_t *before = g_malloc (n * 16 * 16 * 3), *after = g_malloc (n * 16 * 16 * 3);
  g_autoptr (TsrTileSource) source = tsr_tile_source_new (bench->project, &error);
  tsr_tile_source_load (source, bench->project, 0, n, 16, 3, before, NULL);
  g_unlink (bench->slides[1]);
  for (uint32_t i = 0; i < n; i++)
    gone += regions[i].slide == 1;
  TsrLostTiles lost = {0};
  int size, channels;
  g_assert_true (tsr_tile_source_probe (source, &size, &channels, &error));
  g_assert_cmpint (size, ==, 16);
  tsr_tile_source_load (source, bench->project, 0, n, 16, 3, after, &lost);
  g_assert_cmpuint (lost.thumbnails, ==, gone);
  g_assert_cmpuint (lost.failed, ==, 0);
  for (uint32_t i = 0; i < n; i++) {
    if (regions[i].slide != 1) {
      g_assert_cmpmem (after + i * 768, 768, before + i * 768, 768);
      continue;
    }
    TsrImage thumbnail = {0}, small = {0};
    g_assert_true (tsr_project_thumbnail (bench->project, i, &thumbnail, &error));
    tsr_image_resize (&thumbnail, 16, &small);
    g_assert_cmpmem (after + i * 768, 768, small.pixels, 768);
    tsr_image_clear (&thumbnail);
    tsr_image_clear (&small);
  }
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/tile-source/same", test_same);
  ADD ("/tile-source/gone", test_gone);
  return g_test_run ();
}
