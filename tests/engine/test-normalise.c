/* Stain normalisation of a project: what networks get is what estimating and applying give, tile by
 * tile; what people see stays; names of vectors and models tell one way from another. */

#include "slide-fixture.h"
#include "tsr-error.h"
#include "tsr-normalise.h"
#include "tsr-project-slides.h"
#include "tsr-slide-pool.h"
#include "tsr-stain-trial.h"
#include "tsr-tile-source.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { SIDE = 16, PIXELS = SIDE * SIDE, FILES = 9 };

static const SlideKind kind = {.bits = 8,
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
  char *folder, *path, *tiles;
  char *slides[2];
  TsrProject *project;
} Bench;

static void
add_slide (Bench *bench, int i)
{
  g_autoptr (GError) error = NULL;
  SlideKind own = kind;
  own.mpp = 0.5 + 0.25 * i;
  bench->slides[i] = slide_write (&own);
  g_autoptr (TsrSlide) slide = tsr_slide_open (bench->slides[i], &error);
  g_assert_no_error (error);
  TsrTilingOptions options = tsr_tiling_options ();
  options.pixels = SIDE;
  options.mpp = 1;
  options.overlap = i;
  g_auto (TsrSlideCut) cut = {0};
  g_auto (TsrSlideAdded) added = {0};
  tsr_slide_cut (slide, &options, NULL, &cut, NULL, &error);
  g_assert_no_error (error);
  tsr_project_add_slide (bench->project, slide, &cut, &options, NULL, &added, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (added.tiles, >, 5);
}

/* Beer's law with two stains of our own, more of them the further to the right and below. */
static void
draw_tile (uint8_t *rgb, int tile)
{
  static const double stain[2][3] = {{0.65, 0.70, 0.29}, {0.15, 0.95, 0.25}};
  for (int i = 0; i < PIXELS; i++) {
    double a = 0.2 + 0.1 * (i % SIDE) + 0.02 * tile, b = 0.3 + 0.08 * (i * 7 % SIDE);
    for (int c = 0; c < 3; c++)
      rgb[3 * i + c] = (uint8_t)(240 * exp (-a * stain[0][c] - b * stain[1][c]));
  }
}

static void
add_files (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (g_mkdir (bench->tiles, 0755), ==, 0);
  for (int i = 0; i < FILES; i++) {
    uint8_t rgb[3 * PIXELS];
    TsrImage image = {SIDE, SIDE, 3, rgb};
    g_autofree char *name = g_strdup_printf ("%s/%d.png", bench->tiles, i);
    draw_tile (rgb, i);
    g_assert_true (tsr_image_save_png (&image, name, &error));
  }
  TsrFolderScan *scan = tsr_folder_scan (bench->tiles, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_add_tiles (bench->project, bench->tiles, scan, false, NULL, &error),
                   ==, FILES);
  tsr_folder_scan_free (scan);
}

static void
bench_open (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bench->folder = g_dir_make_tmp ("tessera-test-XXXXXX", &error);
  bench->path = g_build_filename (bench->folder, "p.tessera", NULL);
  bench->tiles = g_build_filename (bench->folder, "tiles", NULL);
  bench->project = tsr_project_create (bench->path, &error);
  g_assert_no_error (error);
  add_slide (bench, 0);
  add_files (bench);
}

static void
bench_close (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  tsr_project_check (bench->project, &error);
  g_assert_no_error (error);
  tsr_project_close (bench->project);
  tsr_slide_pool_clear ();
  for (int i = 0; i < 2; i++) {
    if (bench->slides[i])
      g_unlink (bench->slides[i]);
    g_free (bench->slides[i]);
  }
  for (int i = 0; i < FILES; i++) {
    g_autofree char *name = g_strdup_printf ("%s/%d.png", bench->tiles, i);
    g_unlink (name);
  }
  g_rmdir (bench->tiles);
  g_unlink (bench->path);
  g_assert_cmpint (g_rmdir (bench->folder), ==, 0);
  g_free (bench->path);
  g_free (bench->tiles);
  g_free (bench->folder);
}

/* All tiles that are not excluded as networks get them, [n][size][size][channels]. */
static uint8_t *
load (const Bench *bench, int size, int channels, guint *n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrTileSource) source = tsr_tile_source_new (bench->project, &error);
  g_assert_no_error (error);
  *n = source->tiles->len;
  size_t bytes = (size_t)size * (size_t)size * (size_t)channels;
  uint8_t *pixels = g_malloc (*n * bytes);
  for (guint first = 0; first < *n; first += 7)
    tsr_tile_source_load (source, bench->project, first, MIN (7, *n - first), size, channels,
                          pixels + first * bytes, NULL);
  return pixels;
}

static void
assert_method (Bench *bench, TsrStainMethod method, const uint8_t *plain, guint n, guint of_slide)
{
  g_autoptr (GError) error = NULL;
  g_auto (TsrProjectStains) stains = {0};
  TsrStain reference = tsr_stain_reference (method);
  tsr_normalise (bench->project, method, &reference, &stains, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stains.n_slides, ==, 1);
  g_autofree uint8_t *expected = g_malloc (3 * PIXELS * n);
  const guint first[] = {0, of_slide, n};
  for (int g = 0; g < 2; g++) {
    size_t at = 3 * (size_t)PIXELS * first[g], pixels = (size_t)PIXELS * (first[g + 1] - first[g]);
    TsrStain stain = tsr_stain_estimate (method, plain + at, pixels);
    TsrStainMap map;
    g_assert_cmpint (stain.method, ==, stains.of[g].stain.method);
    tsr_stain_map_init (&map, &stain, &reference);
    tsr_stain_apply (&map, plain + at, pixels, expected + at);
  }
  g_assert_cmpint (stains.of[1].stain.method, ==, method);
  guint m;
  g_autofree uint8_t *got = load (bench, SIDE, 3, &m), *grey = load (bench, SIDE, 1, &m);
  g_assert_cmpuint (m, ==, n);
  g_assert_cmpmem (got, 3 * (size_t)PIXELS * n, expected, 3 * (size_t)PIXELS * n);
  g_assert_cmpint (memcmp (got, plain, 3 * (size_t)PIXELS * n), !=, 0);
  for (size_t i = 0; i < (size_t)PIXELS * n; i++) {
    const uint8_t *rgb = expected + 3 * i;
    g_assert_cmpint (grey[i], ==, (rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
  }
}

/* Each slide by its own stain, files by theirs; excluded tiles neither count nor come. */
static void
test_what_networks_get (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t all = tsr_project_n_tiles (bench->project), left_out[] = {1, all - 2};
  tsr_project_exclude (bench->project, left_out, 2, true, "Ada", NULL, &error);
  guint n, m;
  g_autofree uint8_t *plain = load (bench, SIDE, 3, &n);
  g_assert_cmpuint (n, ==, all - 2);
  TsrImage before = {0}, after = {0};
  g_assert_true (tsr_project_thumbnail (bench->project, 0, &before, &error));
  assert_method (bench, TSR_STAIN_REINHARD, plain, n, all - FILES - 1);
  assert_method (bench, TSR_STAIN_MACENKO, plain, n, all - FILES - 1);
  g_assert_true (tsr_project_thumbnail (bench->project, 0, &after, &error));
  g_assert_cmpmem (before.pixels, 3 * PIXELS, after.pixels, 3 * PIXELS);
  tsr_image_clear (&before);
  tsr_image_clear (&after);
  g_auto (TsrProjectStains) none = {0};
  g_assert_true (tsr_normalise (bench->project, TSR_STAIN_NONE, NULL, &none, NULL, &error));
  g_autofree uint8_t *again = load (bench, SIDE, 3, &m);
  g_assert_cmpmem (again, 3 * (size_t)PIXELS * m, plain, 3 * (size_t)PIXELS * n);
}

/* What is read back is what was written, to the bit; names tell method, reference and stains. */
static void
test_kept (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_auto (TsrProjectStains) first = {0}, read = {0}, same = {0}, other = {0};
  TsrStain macenko = tsr_stain_reference (TSR_STAIN_MACENKO), changed = macenko;
  changed.strongest[0] *= 1.5;
  g_assert_true (tsr_normalise (bench->project, TSR_STAIN_MACENKO, &macenko, &first, NULL, &error));
  g_assert_true (tsr_project_stains_read (bench->project, &read, &error));
  g_assert_cmpstr (read.id, ==, first.id);
  g_assert_true (g_str_has_prefix (read.id, "macenko-"));
  g_assert_cmpmem (&read.reference, sizeof macenko, &macenko, sizeof macenko);
  for (int i = 0; i < 2; i++)
    g_assert_cmpmem (&read.of[i].stain, sizeof macenko, &first.of[i].stain, sizeof macenko);
  g_assert_true (tsr_normalise (bench->project, TSR_STAIN_MACENKO, &macenko, &same, NULL, &error));
  g_assert_cmpstr (same.id, ==, first.id);
  g_assert_true (tsr_normalise (bench->project, TSR_STAIN_MACENKO, &changed, &other, NULL, &error));
  g_assert_cmpstr (other.id, !=, first.id);
  g_autofree char *one = tsr_project_stains_look (&first), *two = tsr_project_stains_look (&other),
                  *three = tsr_project_stains_look (&same);
  g_assert_cmpstr (one, ==, three);
  g_assert_cmpstr (one, !=, two);
}

/* Slides that join get their stain, and nothing else changes by it: vectors stay what they are. */
static void
test_joins (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_auto (TsrProjectStains) before = {0}, after = {0};
  TsrStain reinhard = tsr_stain_reference (TSR_STAIN_REINHARD);
  g_assert_true (tsr_normalise_complete (bench->project, NULL, &error)); /* nothing to do */
  tsr_normalise (bench->project, TSR_STAIN_REINHARD, &reinhard, &before, NULL, &error);
  g_assert_no_error (error);
  add_slide (bench, 1);
  g_assert_true (tsr_normalise_complete (bench->project, NULL, &error));
  g_assert_true (tsr_project_stains_read (bench->project, &after, &error));
  g_assert_cmpstr (after.id, ==, before.id);
  g_assert_cmpuint (after.n_slides, ==, 2);
  g_assert_true (after.of[1].known);
  TsrStain zero = {0};
  g_assert_cmpint (memcmp (&after.of[1].stain, &zero, sizeof zero), !=, 0);
  g_assert_cmpmem (&after.of[0].stain, sizeof zero, &before.of[0].stain, sizeof zero);
  g_assert_cmpmem (&after.of[2].stain, sizeof zero, &before.of[1].stain, sizeof zero);
}

/* Somebody chooses to have tiles as they were scanned, while a slide's stain is looked for. */
static void
choose_none (double fraction, const char *stage, void *path)
{
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, NULL);
  g_auto (TsrProjectStains) stains = {0};
  g_assert_true (tsr_normalise (project, TSR_STAIN_NONE, NULL, &stains, NULL, NULL));
}

static void
test_chosen_meanwhile (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_auto (TsrProjectStains) stains = {0}, after = {0};
  TsrStain reinhard = tsr_stain_reference (TSR_STAIN_REINHARD);
  tsr_normalise (bench->project, TSR_STAIN_REINHARD, &reinhard, &stains, NULL, &error);
  add_slide (bench, 1);
  TsrProgress progress = {choose_none, (void *)tsr_project_path (bench->project), NULL};
  g_assert_true (tsr_normalise_complete (bench->project, &progress, &error));
  g_assert_no_error (error);
  g_assert_true (tsr_project_stains_read (bench->project, &after, &error));
  g_assert_cmpint (after.method, ==, TSR_STAIN_NONE);
}

static bool
is_stale (const Bench *bench)
{
  g_autoptr (GError) error = NULL;
  bool stale;
  g_assert_true (tsr_project_stains_stale (bench->project, &stale, &error));
  return stale;
}

static void
put_vectors (const Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_auto (TsrProjectStains) stains = {0};
  float w[2] = {1, 2};
  g_assert_true (tsr_project_stains_read (bench->project, &stains, &error));
  g_autofree char *id = tsr_project_stains_vectors_id (&stains, "abc-bf16");
  g_assert_true (tsr_project_put_vectors (bench->project, id, 0, 1, 2, w, &error));
}

static void
test_stale (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  TsrStain reinhard = tsr_stain_reference (TSR_STAIN_REINHARD), other = reinhard;
  other.mean[0] += 0.5;
  g_assert_false (is_stale (bench)); /* there are none */
  put_vectors (bench);
  g_assert_false (is_stale (bench));
  g_auto (TsrProjectStains) one = {0}, two = {0}, none = {0};
  tsr_normalise (bench->project, TSR_STAIN_REINHARD, &reinhard, &one, NULL, &error);
  g_assert_true (is_stale (bench));
  put_vectors (bench);
  g_assert_false (is_stale (bench));
  tsr_normalise (bench->project, TSR_STAIN_REINHARD, &other, &two, NULL, &error);
  g_assert_true (is_stale (bench));
  put_vectors (bench);
  tsr_normalise (bench->project, TSR_STAIN_NONE, NULL, &none, NULL, &error);
  g_assert_true (is_stale (bench));
  put_vectors (bench);
  g_assert_false (is_stale (bench));
  g_assert_no_error (error);
}

static void
test_mismatch (Bench *bench, gconstpointer unused)
{
  TsrProjectStains none = {0}, macenko = {.method = TSR_STAIN_MACENKO,
                                          .reference = tsr_stain_reference (TSR_STAIN_MACENKO)};
  g_autofree char *look = tsr_project_stains_look (&macenko);
  g_assert_null (tsr_normalise_mismatch (NULL, &macenko));
  g_assert_null (tsr_normalise_mismatch (look, &macenko));
  g_assert_null (tsr_normalise_mismatch ("none", &none));
  g_autofree char *one = tsr_normalise_mismatch ("none", &macenko),
                  *two = tsr_normalise_mismatch (look, &none),
                  *three = tsr_normalise_mismatch ("macenko-00000000", &macenko);
  g_assert_nonnull (strstr (one, "tiles as they were scanned, and the project's are normalised "
                                 "(macenko):"));
  g_assert_nonnull (strstr (two, "tiles normalised (macenko), and the project's are as they were "
                                 "scanned:"));
  g_assert_nonnull (strstr (three, "another reference"));
}

/* What cannot be is one sentence, and the project stays as it was. */
static void
test_refused (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  static const struct {
    const char *key, *value;
  } lies[] = {{"normalise", "vahadane"},
              {"normalise.id", NULL},
              {"normalise.reference", NULL},
              {"normalise.reference", "{\"method\":\"macenko\"}"},
              {"normalise.files", "{\"method\":\"none\""},
              {"normalise.slide.0", "17"},
              {"normalise", "macenko"}};
  TsrStain reinhard = tsr_stain_reference (TSR_STAIN_REINHARD);
  for (size_t i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_auto (TsrProjectStains) stains = {0}, read = {0};
    tsr_normalise (bench->project, TSR_STAIN_REINHARD, &reinhard, &stains, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (tsr_project_set (bench->project, lies[i].key, lies[i].value, &error));
    g_assert_false (tsr_project_stains_read (bench->project, &read, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_CORRUPT);
    g_clear_error (&error);
    g_assert_null (tsr_tile_source_new (bench->project, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_CORRUPT);
    g_clear_error (&error);
    g_assert_true (tsr_project_set (bench->project, "normalise", NULL, &error));
  }
}

/* Neither slide nor tiles are there any more. */
static void
test_missing (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < FILES; i++) {
    g_autofree char *name = g_strdup_printf ("%s/%d.png", bench->tiles, i);
    g_unlink (name);
  }
  g_unlink (bench->slides[0]);
  g_auto (TsrProjectStains) stains = {0};
  TsrStain reinhard = tsr_stain_reference (TSR_STAIN_REINHARD);
  g_assert_false (
      tsr_normalise (bench->project, TSR_STAIN_REINHARD, &reinhard, &stains, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_clear_error (&error);
  g_autofree char *setting = tsr_project_get (bench->project, "normalise");
  g_assert_null (setting);
  uint32_t shown;
  g_autofree char *png = g_build_filename (bench->folder, "x.png", NULL);
  g_assert_false (tsr_normalise_preview (bench->project, 8, png, &shown, NULL, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
}

/* Pairs stand where they belong; both tiles of each are to the bit what was scanned and what a
 * network gets. */
static void
test_preview (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  guint n, m;
  uint32_t shown;
  g_auto (TsrProjectStains) stains = {0};
  TsrStain macenko = tsr_stain_reference (TSR_STAIN_MACENKO);
  g_autofree uint8_t *plain = load (bench, SIDE, 3, &n);
  tsr_normalise (bench->project, TSR_STAIN_MACENKO, &macenko, &stains, NULL, &error);
  g_autofree uint8_t *after = load (bench, SIDE, 3, &m);
  g_autofree char *png = g_build_filename (bench->folder, "x.png", NULL);
  static const uint32_t wanted[] = {1, 3, 4, 5, 1000};
  for (size_t w = 0; w < G_N_ELEMENTS (wanted); w++) {
    TsrImage sheet = {0};
    g_assert_true (tsr_normalise_preview (bench->project, wanted[w], png, &shown, NULL, &error));
    g_assert_cmpuint (shown, ==, MIN (wanted[w], n));
    g_assert_true (tsr_image_load (png, 0, 3, &sheet, &error));
    int columns = MIN ((int)shown, 4);
    g_assert_cmpint (sheet.width, ==, 12 + columns * (2 * SIDE + 4 + 12));
    for (uint32_t i = 0; i < shown; i++) {
      int x = 12 + (int)i % 4 * (2 * SIDE + 16), y = 12 + (int)i / 4 * (SIDE + 12);
      size_t tile = (size_t)((uint64_t)i * n / shown) * PIXELS * 3;
      for (int row = 0; row < SIDE; row++) {
        const uint8_t *line = sheet.pixels + 3 * ((size_t)(y + row) * sheet.width + x);
        g_assert_cmpmem (line, 3 * SIDE, plain + tile + 3 * row * SIDE, 3 * SIDE);
        g_assert_cmpmem (line + 3 * (SIDE + 4), 3 * SIDE, after + tile + 3 * row * SIDE, 3 * SIDE);
      }
    }
    tsr_image_clear (&sheet);
  }
  g_unlink (png);
}

/* What a trial shows is what networks get once that is chosen, whatever the method, the reference
 * and the order of the tries; nothing is stored by it. */
static void
check_trial (Bench *bench, TsrStainTrial *trial, TsrStainMethod method, TsrReference wish)
{
  g_autoptr (GError) error = NULL;
  g_auto (TsrProjectStains) stains = {0}, none = {0};
  TsrStain reference;
  uint32_t count = tsr_stain_trial_count (trial), unchanged = G_MAXUINT32;
  size_t tile = 3 * (size_t)PIXELS;
  g_autofree uint8_t *tried = g_malloc (count * tile);
  g_assert_true (tsr_stain_trial_reference (trial, method, wish, &reference, NULL, &error));
  g_assert_true (
      tsr_stain_trial_apply (trial, method, &reference, tried, &unchanged, NULL, &error));
  g_autofree char *setting = tsr_project_get (bench->project, "normalise.id");
  g_assert_null (setting);
  tsr_normalise (bench->project, method, &reference, &stains, NULL, &error);
  g_assert_no_error (error);
  guint n;
  g_autofree uint8_t *got = load (bench, SIDE, 3, &n);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number = tsr_stain_trial_tiles (trial)[i]; /* none is excluded */
    g_assert_cmpuint (number, ==, (uint64_t)i * n / count);
    g_assert_cmpmem (tried + i * tile, tile, got + number * tile, tile);
  }
  g_assert_cmpint (unchanged > 0, ==, method == TSR_STAIN_MACENKO && bench->slides[1] != NULL);
  g_assert_true (tsr_normalise (bench->project, TSR_STAIN_NONE, NULL, &none, NULL, &error));
}

static void
test_trial (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  uint32_t last = tsr_project_n_tiles (bench->project) - 1;
  guint n;
  g_autofree uint8_t *plain = load (bench, SIDE, 3, &n);
  for (uint32_t wanted = 1; wanted < 40; wanted += 11) {
    g_autoptr (TsrStainTrial) trial = tsr_stain_trial_new (bench->path, wanted, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (tsr_stain_trial_count (trial), ==, MIN (wanted, n));
    g_assert_cmpint (tsr_stain_trial_size (trial), ==, SIDE);
    g_assert_cmpmem (tsr_stain_trial_rgb (trial), 3 * PIXELS, plain, 3 * PIXELS);
    check_trial (bench, trial, TSR_STAIN_REINHARD, (TsrReference){TSR_REFERENCE_PUBLISHED, 0});
    check_trial (bench, trial, TSR_STAIN_NONE, (TsrReference){TSR_REFERENCE_TILE, last});
    check_trial (bench, trial, TSR_STAIN_MACENKO, (TsrReference){TSR_REFERENCE_TILE, last});
    check_trial (bench, trial, TSR_STAIN_REINHARD, (TsrReference){TSR_REFERENCE_SLIDE, 0});
    check_trial (bench, trial, TSR_STAIN_REINHARD, (TsrReference){TSR_REFERENCE_TILE, 2});
  }
}

/* References that tell nothing, projects without a tile that can be read, cancelling. */
static void
test_trial_refused (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  TsrStain stain;
  g_autofree char *white = g_build_filename (bench->tiles, "0.png", NULL);
  uint8_t rgb[3 * PIXELS];
  memset (rgb, 255, sizeof rgb);
  g_assert_true (tsr_image_save_png (&(TsrImage){SIDE, SIDE, 3, rgb}, white, &error));
  g_autoptr (TsrStainTrial) trial = tsr_stain_trial_new (bench->path, 4, NULL, &error);
  g_assert_no_error (error);
  TsrReference tile = {TSR_REFERENCE_TILE, tsr_project_n_tiles (bench->project) - FILES};
  for (int m = TSR_STAIN_MACENKO; m <= TSR_STAIN_REINHARD; m++) {
    g_assert_false (
        tsr_stain_trial_reference (trial, (TsrStainMethod)m, tile, &stain, NULL, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
    g_assert_nonnull (strstr (error->message, "0.png"));
    g_clear_error (&error);
  }
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  TsrProgress progress = {.cancellable = cancellable};
  g_assert_null (tsr_stain_trial_new (bench->path, 4, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_autofree char *nowhere = g_strconcat (bench->path, ".no", NULL);
  g_assert_null (tsr_stain_trial_new (nowhere, 4, NULL, &error));
  g_assert_nonnull (error);
}

static void
test_cancelled (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TsrProgress progress = {.cancellable = cancellable};
  g_auto (TsrProjectStains) stains = {0};
  TsrStain reinhard = tsr_stain_reference (TSR_STAIN_REINHARD);
  g_cancellable_cancel (cancellable);
  g_assert_false (
      tsr_normalise (bench->project, TSR_STAIN_REINHARD, &reinhard, &stains, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autofree char *setting = tsr_project_get (bench->project, "normalise");
  g_assert_null (setting);
}

#define ADD(path, function) g_test_add (path, Bench, NULL, bench_open, function, bench_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/normalise/chosen-meanwhile", test_chosen_meanwhile);
  ADD ("/normalise/what-networks-get", test_what_networks_get);
  ADD ("/normalise/kept", test_kept);
  ADD ("/normalise/joins", test_joins);
  ADD ("/normalise/stale", test_stale);
  ADD ("/normalise/mismatch", test_mismatch);
  ADD ("/normalise/refused", test_refused);
  ADD ("/normalise/missing", test_missing);
  ADD ("/normalise/preview", test_preview);
  ADD ("/normalise/trial", test_trial);
  ADD ("/normalise/trial-refused", test_trial_refused);
  ADD ("/normalise/cancelled", test_cancelled);
  return g_test_run ();
}
