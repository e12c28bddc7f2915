/* Slides join a project: regions as tiles, thumbnails, what is known already, damage. */

#include "fixture.h"
#include "slide-bench.h"
#include "tsr-parallel.h"
#include "tsr-project-private.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- adding ---- */

static void
test_add (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s/one.two.tiff");
  TsrSlideAdded added = slide_bench_add (bench, path);
  g_assert_cmpint (added.slide, ==, 0);
  g_assert_cmpuint (added.tiles, ==, ACROSS * DOWN);
  g_assert_cmpuint (added.known + added.damaged, ==, 0);
  slide_bench_reopen (bench);
  g_assert_cmpuint (tsr_project_n_tiles (bench->project), ==, ACROSS * DOWN);
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpuint (slides->len, ==, 1);
  const TsrProjectSlide *slide = slide_bench_nth (slides, 0);
  g_autoptr (GByteArray) bytes = fixture_read (path);
  g_assert_cmpstr (slide->name, ==, "one.two");
  g_assert_cmpstr (slide->path, ==, path);
  g_assert_cmpstr (slide->format, ==, "TIFF");
  g_assert_cmpint (slide->size, ==, bytes->len);
  g_assert_cmpint (slide->width, ==, SLIDE_W);
  g_assert_cmpint (slide->height, ==, SLIDE_H);
  g_assert_cmpfloat (fabs (slide->mpp - 0.5), <, 1e-6);
  g_assert_true (!slide->mpp_given && slide->present && isnan (slide->objective));
  g_assert_cmpuint (slide->tiles, ==, ACROSS * DOWN);
  g_assert_cmpint (slide->pixels, ==, SIDE);
  g_assert_cmpint (slide->side, ==, SIDE);
  g_assert_cmpint (slide->step, ==, SIDE);

  g_auto (GStrv) names = tsr_project_tile_names (bench->project);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  for (uint32_t i = 0; i < ACROSS * DOWN; i++) {
    int x = (int)i % ACROSS * SIDE, y = (int)i / ACROSS * SIDE;
    g_autofree char *name = g_strdup_printf ("one.two [x=%d,y=%d,w=32,h=32]", x, y);
    g_assert_cmpstr (names[i], ==, name);
    g_assert_true (regions[i].slide == 0 && regions[i].x == x && regions[i].y == y &&
                   regions[i].width == SIDE && regions[i].height == SIDE &&
                   regions[i].pixels == SIDE && regions[i].tissue == 1);
    g_assert_null (tsr_project_tile_path (bench->project, i));
    uint32_t found;
    g_assert_true (tsr_project_find_tile (bench->project, name, &found, NULL) && found == i);
  }
}

/* A thumbnail is the JPEG of what the slide has there, at most 96 pixels of it. */
static void
test_thumbnails (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  static const int sides[] = {1, 31, 95, 96, 97, 101};
  uint32_t first = 0;
  for (unsigned i = 0; i < G_N_ELEMENTS (sides); i++) {
    TsrTilingOptions options = slide_bench_tiling (sides[i]);
    options.overlap = sides[i] == 1 ? 0 : sides[i] / 2;
    TsrSlideAdded added = slide_bench_add_with (bench, path, &options);
    g_assert_cmpuint (added.tiles, >, 0);
    g_autoptr (GError) error = NULL;
    g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
    g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
    uint32_t n = tsr_project_n_tiles (bench->project);
    for (uint32_t tile = first; tile < n; tile += 1 + (n - first) / 7) {
      int size = MIN (sides[i], 96);
      TsrImage shown = {0}, expected = {0},
               plain = {size, size, 3, g_malloc ((size_t)size * size * 3)};
      tsr_slide_read_tile (slide, regions[tile].x, regions[tile].y, sides[i], size, plain.pixels,
                           &error);
      g_assert_no_error (error);
      g_autoptr (GBytes) jpeg = tsr_image_to_jpeg (&plain, TSR_THUMBNAIL_QUALITY);
      gsize length;
      const void *bytes = g_bytes_get_data (jpeg, &length);
      g_assert_true (tsr_image_load_bytes (bytes, length, "", 0, 0, &expected, &error));
      g_assert_true (tsr_project_thumbnail (bench->project, tile, &shown, &error));
      g_assert_cmpint (shown.width, ==, size);
      g_assert_cmpmem (shown.pixels, (gsize)size * size * 3, expected.pixels,
                       (gsize)size * size * 3);
      tsr_image_clear (&plain);
      tsr_image_clear (&shown);
      tsr_image_clear (&expected);
    }
    first = n;
  }
}

static void
test_again (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff"),
                  *link = g_build_filename (bench->folder, "link.tiff", NULL),
                  *copy = g_build_filename (bench->folder, "copy.tiff", NULL);
  slide_bench_add (bench, path);
  g_assert_cmpint (symlink (path, link), ==, 0);
  fixture_copy (path, copy);
  const char *const paths[] = {path, link, copy};
  for (unsigned i = 0; i < G_N_ELEMENTS (paths); i++) {
    TsrSlideAdded added = slide_bench_add (bench, paths[i]);
    g_assert_cmpint (added.slide, ==, 0);
    g_assert_cmpuint (added.tiles, ==, 0);
    g_assert_cmpuint (added.known, ==, ACROSS * DOWN);
  }
  /* another grid: only what is new joins, and names tell the pixels' size */
  TsrTilingOptions options = slide_bench_tiling (16);
  options.overlap = 4;
  TsrSlideAdded added = slide_bench_add_with (bench, path, &options);
  uint32_t n = tsr_project_n_tiles (bench->project);
  g_assert_cmpuint (added.tiles, ==, n - ACROSS * DOWN);
  options = slide_bench_tiling (16);
  options.mpp = 1;
  added = slide_bench_add_with (bench, path, &options);
  g_assert_cmpuint (added.tiles, ==, 0); /* 32 pixels of level 0: they are all there */
  g_assert_cmpuint (added.known, ==, ACROSS * DOWN);
  options.mpp = 0.75;
  added = slide_bench_add_with (bench, path, &options);
  g_assert_cmpuint (tsr_project_n_tiles (bench->project), ==, n + added.tiles);
  g_auto (GStrv) names = tsr_project_tile_names (bench->project);
  g_assert_cmpstr (names[n + 1], ==, "s [d=1.5,x=24,y=0,w=24,h=24]");
  g_autoptr (GPtrArray) slides = slide_bench_list (bench);
  g_assert_cmpuint (slides->len, ==, 1);
  g_assert_cmpstr (slide_bench_nth (slides, 0)->path, ==, path);
  g_assert_cmpint (slide_bench_nth (slides, 0)->side, ==, 24);
}

/* What a slide was cut with, and its mask, come back as they were. */
static void
test_mask (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  TsrTilingOptions options = slide_bench_tiling (SIDE), stored;
  TsrMaskOptions mask_options = tsr_mask_options (), stored_mask;
  bool use_mask;
  g_assert_false (
      tsr_project_slide_options (bench->project, &stored, &stored_mask, &use_mask, &error));
  g_assert_no_error (error);
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  uint8_t classes[50 * 30];
  for (int i = 0; i < 50 * 30; i++)
    classes[i] = (uint8_t)(i % 50 < 20 ? TSR_MASK_TISSUE : i % 4);
  g_auto (TsrSlideCut) cut = {0};
  options.tissue = 0.75;
  options.overlap = 3;
  mask_options.saturation = 33.5;
  mask_options.pen = false;
  cut.mask =
      (TsrTissueMask){.width = 50, .height = 30, .classes = g_memdup2 (classes, sizeof classes)};
  g_assert_true (tsr_slide_tile (tsr_slide_info (slide), &cut.mask, &options, &cut.tiling, &error));
  TsrSlideAdded added;
  g_assert_true (tsr_project_add_slide (bench->project, slide, &cut, &options, &mask_options,
                                        &added, NULL, &error));
  g_assert_cmpuint (added.tiles, ==, cut.tiling.tiles->len);
  g_assert_cmpuint (added.tiles, <, cut.tiling.grid);
  slide_bench_reopen (bench);
  TsrTissueMask mask;
  g_assert_true (tsr_project_slide_mask (bench->project, 0, &mask, &error));
  g_assert_cmpint (mask.width, ==, 50);
  g_assert_cmpmem (mask.classes, 50 * mask.height, classes, sizeof classes);
  tsr_tissue_mask_clear (&mask);
  g_assert_false (tsr_project_slide_mask (bench->project, 1, &mask, &error));
  g_assert_no_error (error);
  g_assert_true (
      tsr_project_slide_options (bench->project, &stored, &stored_mask, &use_mask, &error));
  g_assert_true (use_mask && stored.tissue == 0.75 && stored.overlap == 3 &&
                 stored.pixels == SIDE && isnan (stored.mpp) && isnan (stored.slide_mpp));
  g_assert_true (stored_mask.saturation == 33.5 && isnan (stored_mask.brightness) &&
                 !stored_mask.pen && stored_mask.speck == mask_options.speck);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  for (guint i = 0; i < added.tiles; i++)
    g_assert_cmpfloat (regions[i].tissue, ==,
                       g_array_index (cut.tiling.tiles, TsrSlideTile, i).tissue);
  slide_bench_add (bench, path); /* without a mask now */
  g_assert_false (tsr_project_slide_mask (bench->project, 0, &mask, &error));
  g_assert_true (
      tsr_project_slide_options (bench->project, &stored, &stored_mask, &use_mask, &error));
  g_assert_false (use_mask);
}

typedef struct {
  GCancellable *cancellable;
  double at;
} Stop;

static void
stop_at (double fraction, const char *stage, void *user)
{
  Stop *stop = user;
  if (fraction >= stop->at)
    g_cancellable_cancel (stop->cancellable);
}

/* Cancelled anywhere, also while it is written: nothing has changed. */
static void
test_cancel (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  TsrTilingOptions options = slide_bench_tiling (2); /* many tiles: several batches */
  g_auto (TsrSlideCut) cut = {0};
  g_assert_true (tsr_slide_cut (slide, &options, NULL, &cut, NULL, &error));
  static const double places[] = {0, 0.3, 0.6, 0.9, 0.95};
  for (unsigned i = 0; i < G_N_ELEMENTS (places); i++) {
    Stop stop = {g_cancellable_new (), places[i]};
    TsrProgress progress = {stop_at, &stop, stop.cancellable};
    TsrSlideAdded added;
    g_assert_false (tsr_project_add_slide (bench->project, slide, &cut, &options, NULL, &added,
                                           &progress, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&error);
    g_assert_cmpuint (tsr_project_n_tiles (bench->project), ==, 0);
    g_autoptr (GPtrArray) slides = slide_bench_list (bench);
    g_assert_cmpuint (slides->len, ==, 0);
    g_assert_cmpint (tsr_db_int (bench->project, "SELECT count (*) FROM root", -1), ==, 0);
    g_object_unref (stop.cancellable);
  }
  g_assert_cmpuint (slide_bench_add_with (bench, path, &options).tiles, ==, cut.tiling.tiles->len);
}

/* Bytes of one stored tile are overwritten: what lies on it stays out, the rest joins. */
static void
test_damaged_tile (SlideBench *bench, gconstpointer unused)
{
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  TIFF *tiff = TIFFOpen (path, "r");
  uint64_t *offsets;
  g_assert_true (TIFFGetField (tiff, TIFFTAG_TILEOFFSETS, &offsets));
  uint64_t at = offsets[1];
  TIFFClose (tiff);
  g_autoptr (GByteArray) bytes = fixture_read (path);
  memset (bytes->data + at, 0xff, 64);
  fixture_write (path, bytes->data, bytes->len);
  g_auto (TsrSlideAdded) added = slide_bench_add (bench, path);
  g_assert_cmpuint (added.damaged, ==, 1);
  g_assert_cmpuint (added.tiles, ==, ACROSS * DOWN - 1);
  g_assert_true (g_str_has_suffix (added.reason, "."));
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  for (uint32_t i = 0; i < added.tiles; i++)
    g_assert_false (regions[i].x == SIDE && regions[i].y == 0);
}

/* Without its file a slide is still seen by its tiles: where each lies, and white beside them. */
static void
test_remembered (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  slide_bench_add (bench, path);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_autoptr (TsrSlide) slide = tsr_project_slide_remembered (bench->project, 0, &error);
  g_assert_no_error (error);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpint (info->levels[0].width, ==, SLIDE_W);
  g_assert_cmpint (info->levels[0].height, ==, SLIDE_H);
  g_assert_cmpfloat (info->mpp_x, ==, 0.5);
  g_assert_cmpstr (tsr_slide_path (slide), ==, path);
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  /* It needs the handle no more, only the project's file. */
  slide_bench_reopen (bench);
  for (uint32_t i = 0; i < tsr_project_n_tiles (bench->project); i++) {
    uint8_t rgb[SIDE * SIDE * 3];
    TsrImage shown;
    g_assert_true (
        tsr_slide_read_region (slide, 0, regions[i].x, regions[i].y, SIDE, SIDE, rgb, &error));
    g_assert_true (tsr_project_thumbnail (bench->project, i, &shown, &error));
    g_assert_cmpmem (rgb, sizeof rgb, shown.pixels, (gsize)shown.width * shown.height * 3);
    tsr_image_clear (&shown);
  }
  uint8_t beside[3];
  g_assert_true (tsr_slide_read_region (slide, 0, ACROSS * SIDE + 3, 5, 1, 1, beside, &error));
  g_assert_cmpint (beside[0] & beside[1] & beside[2], ==, 255);
}

/* A thumbnail that is damaged or not there is hatched, and costs its neighbours nothing. */
static void
test_remembered_damaged (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  slide_bench_add (bench, path);
  g_assert_true (tsr_db_exec (bench->project,
                              "UPDATE thumbnail SET jpeg = x'ffd8ff00' WHERE tile = 0", &error));
  g_assert_true (tsr_db_exec (bench->project, "DELETE FROM thumbnail WHERE tile = 1", &error));
  g_autofree TsrTileRegion *regions = slide_bench_regions (bench);
  g_autoptr (TsrSlide) slide = tsr_project_slide_remembered (bench->project, 0, &error);
  g_assert_no_error (error);
  for (uint32_t i = 0; i < 3; i++) {
    uint8_t rgb[SIDE * SIDE * 3];
    TsrImage shown = {0};
    bool there = tsr_project_thumbnail (bench->project, i, &shown, NULL);
    g_assert_cmpint (there, ==, i == 2);
    g_assert_true (
        tsr_slide_read_region (slide, 0, regions[i].x, regions[i].y, SIDE, SIDE, rgb, &error));
    g_assert_true (there || (rgb[0] != 255 && rgb[0] == rgb[1] && rgb[1] == rgb[2]));
    if (there)
      g_assert_cmpmem (rgb, sizeof rgb, shown.pixels, (gsize)shown.width * shown.height * 3);
    tsr_image_clear (&shown);
  }
}

/* A slide that gave no tile leaves nothing. */
static void
test_nothing_remembered (SlideBench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = slide_bench_write (bench, &slide_bench_kind, "s.tiff");
  TsrTilingOptions large = slide_bench_tiling (1000);
  TsrSlideAdded added = slide_bench_add_with (bench, path, &large);
  g_assert_cmpuint (added.tiles, ==, 0);
  g_assert_null (tsr_project_slide_remembered (bench->project, 0, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, "No tile of “s”"));
  g_clear_error (&error);
  g_assert_null (tsr_project_slide_remembered (bench->project, 1, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
}

#define ADD(path, function)                                                                        \
  g_test_add (path, SlideBench, NULL, slide_bench_open, function, slide_bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/slides/add", test_add);
  ADD ("/slides/thumbnails", test_thumbnails);
  ADD ("/slides/again", test_again);
  ADD ("/slides/mask", test_mask);
  ADD ("/slides/cancel", test_cancel);
  ADD ("/slides/damaged-tile", test_damaged_tile);
  ADD ("/slides/remembered", test_remembered);
  ADD ("/slides/remembered-damaged", test_remembered_damaged);
  ADD ("/slides/nothing-remembered", test_nothing_remembered);
  return g_test_run ();
}
