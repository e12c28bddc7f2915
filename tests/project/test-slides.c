/* Slides in a project: regions as tiles, names, places that change, pictures, and a project of the
 * version before there were slides. */

#include "fixture.h"
#include "slide-fixture.h"
#include "tsr-parallel.h"
#include "tsr-project-private.h"
#include "tsr-slide-pool.h"
#include "tsr-tile-pictures.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIDE 32

static const SlideKind rough = {.name = "rough",
                                .bits = 8,
                                .samples = 3,
                                .photometric = PHOTOMETRIC_RGB,
                                .planar = PLANARCONFIG_CONTIG,
                                .compression = COMPRESSION_ADOBE_DEFLATE,
                                .orientation = ORIENTATION_TOPLEFT,
                                .tile_w = 32,
                                .tile_h = 32,
                                .n_levels = 2,
                                .mpp = 0.5};

typedef struct {
  char *folder, *path;
  TsrProject *project;
} Bench;

static void
bench_open (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bench->folder = fixture_folder (false);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  bench->project = tsr_project_create (bench->path, &error);
  g_assert_no_error (error);
}

static void
reopen (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  tsr_project_close (bench->project);
  bench->project = tsr_project_open (bench->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  if (bench->project)
    tsr_project_check (bench->project, &error);
  g_assert_no_error (error);
  tsr_project_close (bench->project);
  tsr_slide_pool_clear ();
  g_free (bench->path);
  fixture_remove (bench->folder);
}

static void
move (const char *from, const char *to)
{
  g_autofree char *parent = g_path_get_dirname (to);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_autoptr (GByteArray) bytes = fixture_read (from);
  fixture_write (to, bytes->data, bytes->len); /* temporary files may lie on another disk */
  g_assert_cmpint (g_unlink (from), ==, 0);
}

/* A slide at folder/below; transfer full. */
static char *
write_slide (const Bench *bench, const SlideKind *kind, const char *below)
{
  g_autofree char *made = slide_write (kind);
  char *path = g_build_filename (bench->folder, below, NULL);
  move (made, path);
  return path;
}

static TsrTilingOptions
tiling_options (int pixels)
{
  TsrTilingOptions options = tsr_tiling_options ();
  options.pixels = pixels;
  return options;
}

/* Adds the slide at path without a mask. */
static TsrSlideAdded
add_with (const Bench *bench, const char *path, const TsrTilingOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  g_auto (TsrSlideCut) cut = {0};
  tsr_slide_cut (slide, options, NULL, &cut, NULL, &error);
  g_assert_no_error (error);
  TsrSlideAdded added;
  tsr_project_add_slide (bench->project, slide, &cut, options, NULL, &added, NULL, &error);
  g_assert_no_error (error);
  return added;
}

static TsrSlideAdded
add (const Bench *bench, const char *path)
{
  TsrTilingOptions options = tiling_options (SIDE);
  return add_with (bench, path, &options);
}

static const TsrProjectSlide *
nth (GPtrArray *slides, guint i)
{
  g_assert_cmpuint (i, <, slides->len);
  return slides->pdata[i];
}

static GPtrArray *
list (const Bench *bench)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *slides = tsr_project_slides (bench->project, &error);
  g_assert_no_error (error);
  return slides;
}

static TsrTileRegion *
regions_of (const Bench *bench)
{
  g_autoptr (GError) error = NULL;
  TsrTileRegion *regions = g_new (TsrTileRegion, tsr_project_n_tiles (bench->project) + 1);
  tsr_project_regions (bench->project, regions, &error);
  g_assert_no_error (error);
  return regions;
}

/* ---- adding ---- */

#define ACROSS (SLIDE_W / SIDE)
#define DOWN   (SLIDE_H / SIDE)

static void
test_add (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = write_slide (bench, &rough, "s/one.two.tiff");
  TsrSlideAdded added = add (bench, path);
  g_assert_cmpint (added.slide, ==, 0);
  g_assert_cmpuint (added.tiles, ==, ACROSS * DOWN);
  g_assert_cmpuint (added.known + added.damaged, ==, 0);
  reopen (bench);
  g_assert_cmpuint (tsr_project_n_tiles (bench->project), ==, ACROSS * DOWN);
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpuint (slides->len, ==, 1);
  const TsrProjectSlide *slide = nth (slides, 0);
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
  g_autofree TsrTileRegion *regions = regions_of (bench);
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
test_thumbnails (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = write_slide (bench, &rough, "s.tiff");
  static const int sides[] = {1, 31, 95, 96, 97, 101};
  uint32_t first = 0;
  for (unsigned i = 0; i < G_N_ELEMENTS (sides); i++) {
    TsrTilingOptions options = tiling_options (sides[i]);
    options.overlap = sides[i] == 1 ? 0 : sides[i] / 2;
    TsrSlideAdded added = add_with (bench, path, &options);
    g_assert_cmpuint (added.tiles, >, 0);
    g_autoptr (GError) error = NULL;
    g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
    g_autofree TsrTileRegion *regions = regions_of (bench);
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
test_again (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = write_slide (bench, &rough, "s.tiff"),
                  *link = g_build_filename (bench->folder, "link.tiff", NULL),
                  *copy = g_build_filename (bench->folder, "copy.tiff", NULL);
  add (bench, path);
  g_assert_cmpint (symlink (path, link), ==, 0);
  fixture_copy (path, copy);
  const char *const paths[] = {path, link, copy};
  for (unsigned i = 0; i < G_N_ELEMENTS (paths); i++) {
    TsrSlideAdded added = add (bench, paths[i]);
    g_assert_cmpint (added.slide, ==, 0);
    g_assert_cmpuint (added.tiles, ==, 0);
    g_assert_cmpuint (added.known, ==, ACROSS * DOWN);
  }
  /* another grid: only what is new joins, and names tell the pixels' size */
  TsrTilingOptions options = tiling_options (16);
  options.overlap = 4;
  TsrSlideAdded added = add_with (bench, path, &options);
  uint32_t n = tsr_project_n_tiles (bench->project);
  g_assert_cmpuint (added.tiles, ==, n - ACROSS * DOWN);
  options = tiling_options (16);
  options.mpp = 1;
  added = add_with (bench, path, &options);
  g_assert_cmpuint (added.tiles, ==, 0); /* 32 pixels of level 0: they are all there */
  g_assert_cmpuint (added.known, ==, ACROSS * DOWN);
  options.mpp = 0.75;
  added = add_with (bench, path, &options);
  g_assert_cmpuint (tsr_project_n_tiles (bench->project), ==, n + added.tiles);
  g_auto (GStrv) names = tsr_project_tile_names (bench->project);
  g_assert_cmpstr (names[n + 1], ==, "s [d=1.5,x=24,y=0,w=24,h=24]");
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpuint (slides->len, ==, 1);
  g_assert_cmpstr (nth (slides, 0)->path, ==, path);
  g_assert_cmpint (nth (slides, 0)->side, ==, 24);
}

/* What a slide was cut with, and its mask, come back as they were. */
static void
test_mask (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  TsrTilingOptions options = tiling_options (SIDE), stored;
  TsrMaskOptions mask_options = tsr_mask_options (), stored_mask;
  bool use_mask;
  g_assert_false (
      tsr_project_slide_options (bench->project, &stored, &stored_mask, &use_mask, &error));
  g_assert_no_error (error);
  g_autofree char *path = write_slide (bench, &rough, "s.tiff");
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
  reopen (bench);
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
  g_autofree TsrTileRegion *regions = regions_of (bench);
  for (guint i = 0; i < added.tiles; i++)
    g_assert_cmpfloat (regions[i].tissue, ==,
                       g_array_index (cut.tiling.tiles, TsrSlideTile, i).tissue);
  add (bench, path); /* without a mask now */
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
test_cancel (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = write_slide (bench, &rough, "s.tiff");
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  TsrTilingOptions options = tiling_options (2); /* many tiles: several batches */
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
    g_autoptr (GPtrArray) slides = list (bench);
    g_assert_cmpuint (slides->len, ==, 0);
    g_assert_cmpint (tsr_db_int (bench->project, "SELECT count (*) FROM root", -1), ==, 0);
    g_object_unref (stop.cancellable);
  }
  g_assert_cmpuint (add_with (bench, path, &options).tiles, ==, cut.tiling.tiles->len);
}

/* Bytes of one stored tile are overwritten: what lies on it stays out, the rest joins. */
static void
test_damaged_tile (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = write_slide (bench, &rough, "s.tiff");
  TIFF *tiff = TIFFOpen (path, "r");
  uint64_t *offsets;
  g_assert_true (TIFFGetField (tiff, TIFFTAG_TILEOFFSETS, &offsets));
  uint64_t at = offsets[1];
  TIFFClose (tiff);
  g_autoptr (GByteArray) bytes = fixture_read (path);
  memset (bytes->data + at, 0xff, 64);
  fixture_write (path, bytes->data, bytes->len);
  g_auto (TsrSlideAdded) added = add (bench, path);
  g_assert_cmpuint (added.damaged, ==, 1);
  g_assert_cmpuint (added.tiles, ==, ACROSS * DOWN - 1);
  g_assert_true (g_str_has_suffix (added.reason, "."));
  g_autofree TsrTileRegion *regions = regions_of (bench);
  for (uint32_t i = 0; i < added.tiles; i++)
    g_assert_false (regions[i].x == SIDE && regions[i].y == 0);
}

/* ---- names ---- */

static void
assert_names (const Bench *bench, const char *first, const char *second)
{
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpstr (nth (slides, 0)->name, ==, first);
  g_assert_cmpstr (nth (slides, 1)->name, ==, second);
  g_auto (GStrv) names = tsr_project_tile_names (bench->project);
  g_autofree char *one = g_strdup_printf ("%s [x=0,y=0,w=32,h=32]", first),
                  *other = g_strdup_printf ("%s [x=0,y=0,w=32,h=32]", second);
  g_assert_cmpstr (names[0], ==, one);
  g_assert_cmpstr (names[ACROSS * DOWN], ==, other);
}

static void
test_names (Bench *bench, gconstpointer unused)
{
  SlideKind other = rough;
  other.mpp = 0.25;
  g_autofree char *one = write_slide (bench, &rough, "a/J. Doe.ome.tiff"),
                  *two = write_slide (bench, &other, "b/J. Doe.svs");
  g_autoptr (GError) error = NULL;
  add (bench, one);
  add (bench, two);
  assert_names (bench, "J. Doe", "J. Doe (2)");
  g_assert_false (tsr_project_hides_slide_names (bench->project));
  g_assert_true (tsr_project_hide_slide_names (bench->project, &error));
  g_assert_true (tsr_project_hides_slide_names (bench->project));
  assert_names (bench, "slide 1", "slide 2");
  g_assert_true (tsr_project_hide_slide_names (bench->project, &error)); /* again: no matter */
  assert_names (bench, "slide 1", "slide 2");
  other.mpp = 1;
  g_autofree char *three = write_slide (bench, &other, "b/J. Doe 3.svs");
  g_assert_cmpint (add (bench, three).slide, ==, 2);
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpstr (nth (slides, 2)->name, ==, "slide 3");
}

/* ---- sizes of pixels ---- */

static void
test_mpp (Bench *bench, gconstpointer unused)
{
  SlideKind silent = rough;
  silent.mpp = 0;
  g_autofree char *one = write_slide (bench, &rough, "a.tiff"),
                  *two = write_slide (bench, &silent, "b.tiff");
  g_autoptr (GError) error = NULL;
  TsrTilingOptions options = tiling_options (SIDE);
  options.slide_mpp = 0.3; /* only for the slide that does not say */
  add_with (bench, one, &options);
  add (bench, two);
  {
    g_autoptr (GPtrArray) slides = list (bench);
    g_assert_cmpfloat (fabs (nth (slides, 0)->mpp - 0.5), <, 1e-6);
    g_assert_true (isnan (nth (slides, 1)->mpp) && !nth (slides, 1)->mpp_given);
  }
  static const double senseless[] = {0, -1, NAN, INFINITY, 21};
  for (unsigned i = 0; i < G_N_ELEMENTS (senseless); i++) {
    g_assert_false (tsr_project_set_slide_mpp (bench->project, 1, senseless[i], &error));
    g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  }
  g_assert_false (tsr_project_set_slide_mpp (bench->project, 0, 0.25, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_false (tsr_project_set_slide_mpp (bench->project, 7, 0.25, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  for (int i = 1; i < 3; i++) {
    g_assert_true (tsr_project_set_slide_mpp (bench->project, 1, 0.25 * i, &error));
    g_autoptr (GPtrArray) slides = list (bench);
    g_assert_true (nth (slides, 1)->mpp == 0.25 * i && nth (slides, 1)->mpp_given);
  }
  add_with (bench, two, &options); /* said again with its tiles */
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpfloat (nth (slides, 1)->mpp, ==, 0.3);
}

/* ---- slides that move ---- */

static void
test_moved (Bench *bench, gconstpointer unused)
{
  SlideKind other = rough;
  other.mpp = 0.25;
  g_autofree char *one = write_slide (bench, &rough, "a/one.tiff"),
                  *two = write_slide (bench, &other, "a/two.tiff"),
                  *away = g_build_filename (bench->folder, "far/away/renamed.tiff", NULL),
                  *far = g_build_filename (bench->folder, "far", NULL);
  g_autoptr (GError) error = NULL;
  add (bench, one);
  add (bench, two);
  move (one, away);
  reopen (bench);
  {
    g_autoptr (GPtrArray) slides = list (bench);
    g_assert_false (nth (slides, 0)->present);
    g_assert_true (nth (slides, 1)->present);
  }
  g_assert_false (tsr_project_relink_slide (bench->project, 0, two, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_IMAGE);
  g_assert_false (tsr_project_relink_slide (bench->project, 0, one, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_IMAGE);
  g_assert_false (tsr_project_relink_slide (bench->project, 2, away, &error));
  g_assert_cmpint (fixture_assert_sentence (&error), ==, TSR_ERROR_USAGE);
  g_assert_true (tsr_project_relink_slide (bench->project, 0, away, &error));
  reopen (bench);
  {
    g_autoptr (GPtrArray) slides = list (bench);
    g_assert_true (nth (slides, 0)->present);
    g_assert_cmpstr (nth (slides, 0)->path, ==, away);
  }
  move (away, one); /* found by looking for it, among files of the same size */
  g_autofree char *decoy = g_build_filename (bench->folder, "far/decoy.tiff", NULL);
  g_autoptr (GByteArray) bytes = fixture_read (one);
  bytes->data[bytes->len - 1] ^= 1;
  fixture_write (decoy, bytes->data, bytes->len);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, far, NULL, &error), ==, 0);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, bench->folder, NULL, &error), ==, 1);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, bench->folder, NULL, &error), ==, 0);
  g_assert_cmpint (tsr_project_relink_folder (bench->project, decoy, NULL, &error), ==, -1);
  g_clear_error (&error);
  {
    g_autoptr (GPtrArray) slides = list (bench);
    g_assert_cmpstr (nth (slides, 0)->path, ==, one);
  }
  move (one, away); /* and by adding it from where it is now */
  g_assert_cmpuint (add (bench, away).tiles, ==, 0);
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpstr (nth (slides, 0)->path, ==, away);
}

/* A study moved whole: slides are found from where the project is now. */
static void
test_moved_together (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = write_slide (bench, &rough, "slides/s.tiff"),
                  *other = g_strconcat (bench->folder, "-moved", NULL),
                  *project = g_build_filename (other, "p.tessera", NULL),
                  *slide = g_build_filename (other, "slides/s.tiff", NULL);
  add (bench, path);
  g_clear_pointer (&bench->project, tsr_project_close);
  g_assert_cmpint (g_rename (bench->folder, other), ==, 0);
  g_free (bench->folder);
  g_free (bench->path);
  bench->folder = g_steal_pointer (&other);
  bench->path = g_steal_pointer (&project);
  reopen (bench);
  g_autoptr (GPtrArray) slides = list (bench);
  g_assert_cmpstr (nth (slides, 0)->path, ==, slide);
  g_assert_true (nth (slides, 0)->present);
}

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
fill_mixed (Bench *bench, char **one, char **two)
{
  SlideKind other = rough;
  other.mpp = 0.25;
  *one = write_slide (bench, &rough, "a.tiff");
  *two = write_slide (bench, &other, "b.tiff");
  g_autofree char *files = g_build_filename (bench->folder, "files", NULL),
                  *later = g_build_filename (bench->folder, "later", NULL);
  for (unsigned i = 0; i < 3; i++) {
    g_autofree char *file = g_strdup_printf ("%s/%u.png", files, i),
                    *other_file = g_strdup_printf ("%s/%u.png", later, i);
    fixture_write_tile (file, 20, i);
    fixture_write_tile (other_file, 40, i + 3);
  }
  fixture_add (bench->project, files, false);
  add (bench, *one);
  TsrTilingOptions options = tiling_options (16);
  options.mpp = 0.5; /* two pixels of level 0 to one of the tile */
  add_with (bench, *two, &options);
  fixture_add (bench->project, later, false);
}

static uint32_t *
all_tiles (const Bench *bench, uint32_t *n)
{
  *n = tsr_project_n_tiles (bench->project);
  uint32_t *tiles = g_new (uint32_t, *n + 1);
  for (uint32_t i = 0; i < *n; i++)
    tiles[i] = *n - 1 - i; /* in another order than they joined */
  return tiles;
}

static void
test_pictures (Bench *bench, gconstpointer unused)
{
  g_autofree char *one = NULL, *two = NULL;
  g_autoptr (GError) error = NULL;
  fill_mixed (bench, &one, &two);
  uint32_t n;
  g_autofree uint32_t *tiles = all_tiles (bench, &n);
  g_autofree TsrTileRegion *regions = regions_of (bench);
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
    tsr_image_clear (&whole);
  }
}

static void
test_missing (Bench *bench, gconstpointer replaced)
{
  g_autofree char *one = NULL, *two = NULL;
  g_autoptr (GError) error = NULL;
  fill_mixed (bench, &one, &two);
  uint32_t n;
  g_autofree uint32_t *tiles = all_tiles (bench, &n);
  g_autofree TsrTileRegion *regions = regions_of (bench);
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

/* ---- the table itself ---- */

static void
assert_refused_by_table (const Bench *bench, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_db_exec (bench->project, sql, &error));
}

#define INSERT "INSERT INTO tile (id, name, width, height, channels, "

static void
test_constraints (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_slide (bench, &rough, "s.tiff");
  add (bench, path);
  assert_refused_by_table (bench, INSERT "truth) VALUES (12, '', 1, 1, 3, NULL)");
  assert_refused_by_table (bench, INSERT "root) VALUES (12, '', 1, 1, 3, 1)");
  assert_refused_by_table (bench, INSERT "slide) VALUES (12, '', 1, 1, 3, 0)");
  assert_refused_by_table (bench, INSERT "slide, x, y) VALUES (12, '', 1, 1, 3, 0, 1, 1)");
  assert_refused_by_table (
      bench, INSERT "slide, x, y, side_x, side_y) VALUES (12, '', 1, 1, 3, 0, 0, 0, 32, 32)");
  assert_refused_by_table (bench, INSERT
                           "slide, x, y, side_x, side_y) VALUES (12, '', 1, 1, 3, 5, 0, 0, 3, 3)");
  /* a file may lie where a region lies */
  tsr_db_exec (bench->project,
               INSERT "root, path, slide, x, y, side_x, side_y) VALUES (12, '', 1, 1, 3, 1, "
                      "x'61', 0, 0, 0, 32, 32)",
               &error);
  g_assert_no_error (error);
}

/* ---- from the version before ---- */

static void
fill_version_3 (const char *path, const char *tiles)
{
  g_autoptr (GError) error = NULL;
  TsrSchema old = {tsr_project_schema.steps, 3};
  g_assert_true (tsr_project_create_with (path, &old, &error));
  TsrProject *project = tsr_project_open_with (path, TSR_PROJECT_READ_WRITE, &old, &error);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO root VALUES (1, CAST ('%s' AS BLOB), NULL);"
      "INSERT INTO truth VALUES (1, 'fat');"
      "WITH RECURSIVE i (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x < 99)"
      " INSERT INTO tile SELECT x, 1, CAST (x || '.png' AS BLOB), x || '.png', 64, 64, 3, "
      "iif (x %% 3, NULL, 1) FROM i;"
      "INSERT INTO thumbnail SELECT id, CAST ('t' || id AS BLOB) FROM tile",
      tiles);
  tsr_db_exec (project, sql, &error);
  g_assert_no_error (error);
  int32_t class_ = tsr_project_add_class (project, "kept", -1, &error);
  uint32_t some[] = {3, 5, 99}, order[] = {7, 2};
  tsr_project_label (project, some, &class_, 3, true, TSR_HOW_PICKED, "Ada", NULL, &error);
  tsr_project_put_suggestions (project, order, 2, "fps", &error);
  g_assert_no_error (error);
  tsr_project_close (project);
}

static void
test_from_version_3 (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (bench->folder, "old.tessera", NULL);
  g_autoptr (GError) error = NULL;
  fill_version_3 (path, bench->folder);
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_db_int (project, "PRAGMA user_version", 0), ==, 4);
  tsr_project_check (project, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, 100);
  int32_t label[100], truth[100];
  g_assert_true (tsr_project_labels (project, label, NULL, &error));
  g_auto (GStrv) classes = tsr_project_truth (project, truth),
                 names = tsr_project_tile_names (project);
  TsrTileRegion regions[100];
  g_assert_true (tsr_project_regions (project, regions, &error));
  for (uint32_t i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("%u.png", i),
                    *file = g_build_filename (bench->folder, name, NULL),
                    *stored = tsr_project_tile_path (project, i);
    g_assert_cmpstr (names[i], ==, name);
    g_assert_cmpstr (stored, ==, file);
    g_assert_cmpint (label[i], ==, i == 3 || i == 5 || i == 99 ? 1 : TSR_LABEL_NONE);
    g_assert_cmpint (truth[i], ==, i % 3 ? -1 : 0);
    g_assert_cmpint (regions[i].slide, ==, -1);
  }
  g_assert_cmpint (tsr_db_int (project,
                               "SELECT count (*) FROM thumbnail WHERE jpeg = CAST ('t' || "
                               "tile AS BLOB)",
                               0),
                   ==, 100);
  g_assert_false (tsr_db_exec (project, "INSERT INTO thumbnail VALUES (100, x'00')", &error));
  g_clear_error (&error); /* references are enforced again */
  g_autofree char *slide = write_slide (bench, &rough, "s.tiff");
  TsrProject *own = bench->project;
  bench->project = project;
  g_assert_cmpuint (add (bench, slide).tiles, ==, ACROSS * DOWN);
  bench->project = own;
  tsr_project_check (project, &error);
  g_assert_no_error (error);
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

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
  ADD ("/slides/names", test_names);
  ADD ("/slides/mpp", test_mpp);
  ADD ("/slides/moved", test_moved);
  ADD ("/slides/moved-together", test_moved_together);
  ADD ("/slides/pictures", test_pictures);
  ADD ("/slides/missing", test_missing);
  g_test_add ("/slides/replaced", Bench, "another", bench_open, test_missing, bench_close);
  ADD ("/slides/constraints", test_constraints);
  ADD ("/slides/from-version-3", test_from_version_3);
  return g_test_run ();
}
