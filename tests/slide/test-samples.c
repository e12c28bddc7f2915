/* Real slides, where there are some (TESSERA_SLIDES): pixels against OpenSlide's, both readers
 * against each other. Hostile files: truncations and flipped bits of real and written slides, and
 * the collection of broken images (TESSERA_BAD_IMAGES); each must end in pixels or in one sentence.
 * Meaningful mostly under the sanitizers. TESSERA_HOSTILE_FLIPS sets the flips a file. */

#include "slide-fixture.h"
#include "tsr-slide-cut.h"
#include "tsr-slide-reader.h"

#include "tsr-error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <openslide.h>
#include <stdlib.h>
#include <string.h>

static GPtrArray *
list (const char *variable)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const char *folder = g_getenv (variable);
  g_autoptr (GDir) dir = folder ? g_dir_open (folder, 0, NULL) : NULL;
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  return paths;
}

/* ---- against OpenSlide */

static void
compare_region (openslide_t *theirs, TsrSlide *slide, int level, int64_t x, int64_t y, int w, int h)
{
  g_autofree uint32_t *argb = g_new (uint32_t, (size_t)w * h);
  g_autofree uint8_t *rgb = g_malloc ((size_t)w * h * 3);
  g_autoptr (GError) error = NULL;
  openslide_read_region (theirs, argb, x, y, level, w, h);
  g_assert_null (openslide_get_error (theirs));
  tsr_slide_read_region (slide, level, x, y, w, h, rgb, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < (size_t)w * h; i++)
    for (int c = 0; c < 3; c++) {
      int white = 255 - (int)(argb[i] >> 24);
      g_assert_cmpint (rgb[3 * i + c], ==, (int)(argb[i] >> (16 - 8 * c) & 255) + white);
    }
}

/* OpenSlide 3.4.1 leaves parts of a WebP level transparent that is smaller than a tile. */
static bool
is_trusted (const char *path, const TsrSlideLevel *level)
{
  return !strstr (path, "webp") ||
         (level->width >= level->block_w && level->height >= level->block_h);
}

static void
compare (const char *path, openslide_t *theirs, TsrSlide *slide)
{
  const TsrSlideInfo *info = tsr_slide_info (slide);
  int shared = MIN (info->n_levels, openslide_get_level_count (theirs));
  for (int level = 0; level < shared; level++) {
    int64_t width, height;
    openslide_get_level_dimensions (theirs, level, &width, &height);
    g_assert_cmpint (width, ==, info->levels[level].width);
    g_assert_cmpint (height, ==, info->levels[level].height);
    /* Where levels are rounded OpenSlide's scale is no whole number, and it reads between pixels
     * everywhere but at the corner. */
    if (is_trusted (path, &info->levels[level]))
      compare_region (theirs, slide, level, 0, 0, (int)width, (int)height);
  }
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (int i = 0; i < 100; i++)
    compare_region (theirs, slide, 0,
                    g_rand_int_range (random, -100, (gint32)info->levels[0].width + 50),
                    g_rand_int_range (random, -100, (gint32)info->levels[0].height + 50),
                    g_rand_int_range (random, 1, 300), g_rand_int_range (random, 1, 300));
  const char *mpp = openslide_get_property_value (theirs, OPENSLIDE_PROPERTY_NAME_MPP_X);
  if (mpp)
    g_assert_cmpfloat (fabs (g_ascii_strtod (mpp, NULL) - info->mpp_x), <, 1e-6);
  const char *power =
      openslide_get_property_value (theirs, OPENSLIDE_PROPERTY_NAME_OBJECTIVE_POWER);
  if (power)
    g_assert_cmpfloat (g_ascii_strtod (power, NULL), ==, info->objective);
}

/* Associated images too: the same names, the same pixels. */
static void
compare_images (openslide_t *theirs, TsrSlide *slide)
{
  const char *const *names = openslide_get_associated_image_names (theirs);
  for (unsigned i = 0; names[i]; i++) {
    int64_t w, h;
    openslide_get_associated_image_dimensions (theirs, names[i], &w, &h);
    g_autofree uint32_t *argb = g_new (uint32_t, (size_t)w * h);
    openslide_read_associated_image (theirs, names[i], argb);
    TsrImage image;
    g_autoptr (GError) error = NULL;
    tsr_slide_read_image (slide, names[i], &image, &error);
    g_assert_no_error (error);
    g_assert_cmpint (image.width, ==, w);
    g_assert_cmpint (image.height, ==, h);
    for (size_t k = 0; k < (size_t)w * h; k++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (image.pixels[3 * k + c], ==, argb[k] >> (16 - 8 * c) & 255);
    tsr_image_clear (&image);
  }
}

static void
test_openslide (void)
{
  g_autoptr (GPtrArray) paths = list ("TESSERA_SLIDES");
  if (paths->len == 0) {
    g_test_skip ("no slides: set TESSERA_SLIDES to a folder of some");
    return;
  }
  for (guint i = 0; i < paths->len; i++) {
    const char *path = paths->pdata[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
    g_assert_no_error (error);
    openslide_t *theirs = openslide_open (path);
    if (!theirs || openslide_get_error (theirs)) {
      g_test_message ("%s: OpenSlide does not open it", path);
      g_clear_pointer (&theirs, openslide_close);
      continue;
    }
    compare (path, theirs, slide);
    compare_images (theirs, slide);
    openslide_close (theirs);
    /* Our reader by OpenSlide against our reader by libtiff, through the cache and its blocks. */
    g_autoptr (TsrSlide) other = tsr_slide_open_as (path, &tsr_slide_reader_openslide, &error);
    g_assert_no_error (error);
    const TsrSlideLevel *level = tsr_slide_info (slide)->levels;
    g_autofree uint8_t *one = g_malloc ((size_t)level->width * (size_t)level->height * 3),
                       *two = g_malloc ((size_t)level->width * (size_t)level->height * 3);
    int w = (int)level->width, h = (int)level->height;
    g_assert_true (tsr_slide_read_region (slide, 0, 0, 0, w, h, one, NULL));
    g_assert_true (tsr_slide_read_region (other, 0, 0, 0, w, h, two, NULL));
    g_assert_cmpmem (one, (size_t)w * h * 3, two, (size_t)w * h * 3);
    g_assert_cmpstr (tsr_slide_info (other)->reader, ==, "OpenSlide");
  }
}

/* ---- hostile files */

static void
check_sentence (const GError *error, const char *name)
{
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_nonnull (strstr (error->message, name));
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_null (strchr (error->message, '\n'));
}

static unsigned n_read, n_refused;

/* Corners and middles of all levels, an overview of the coarsest, every image. */
static void
survive (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  if (!slide) {
    check_sentence (error, name);
    n_refused++;
    return;
  }
  n_read++;
  g_assert_no_error (error);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  static uint8_t rgb[64 * 64 * 3];
  g_assert_cmpint (info->n_levels, >=, 1);
  for (int level = 0; level < info->n_levels; level++)
    for (int i = 0; i < 4; i++) {
      int64_t x = info->levels[0].width * (i & 1) - 32, y = info->levels[0].height * (i >> 1) - 32;
      if (!tsr_slide_read_region (slide, level, i == 2 ? x / 2 : x, i == 2 ? y / 2 : y, 64, 64, rgb,
                                  &error))
        check_sentence (error, name);
      g_clear_error (&error);
    }
  TsrImage image;
  bool small = info->levels[info->n_levels - 1].width < 1200;
  g_auto (TsrSlideLook) look = {0};
  if (small && !tsr_slide_look (slide, 32, &look, NULL, &error))
    check_sentence (error, name);
  g_clear_error (&error);
  for (guint i = 0; i < info->images->len; i++) {
    if (!tsr_slide_read_image (slide, ((TsrSlideImage *)info->images->pdata[i])->name, &image,
                               &error))
      check_sentence (error, name);
    tsr_image_clear (&image);
    g_clear_error (&error);
  }
}

static void
survive_bytes (const uint8_t *bytes, gsize n)
{
  g_autofree char *path = NULL;
  g_close (g_file_open_tmp ("tessera-hostile-XXXXXX.svs", &path, NULL), NULL);
  g_assert_true (g_file_set_contents_full (path, (const char *)bytes, (gssize)n,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  survive (path);
  g_unlink (path);
}

static void
torture (const char *path, unsigned cuts, unsigned flips)
{
  g_autofree char *bytes = NULL;
  gsize n;
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)n);
  for (unsigned i = 0; i < cuts; i++) {
    gsize length = i < 6 ? i * 4 : (gsize)((double)n * (i - 5) / (cuts - 5));
    survive_bytes ((const uint8_t *)bytes, MIN (length, n - 1));
  }
  /* Directories stand at the end or at the beginning; they decide more than pixels do. */
  for (unsigned i = 0; i < flips; i++) {
    g_autofree uint8_t *copy = g_memdup2 (bytes, n);
    for (int k = 0; k < 1 + (int)(i % 4); k++) {
      gsize span = i % 3 == 0 ? n : MIN (n, 6000);
      gsize at = (gsize)g_rand_int_range (random, 0, (gint32)span);
      if (i % 3 == 1)
        at = n - 1 - at;
      copy[at] = g_rand_boolean (random)
                     ? copy[at] ^ (uint8_t)(1u << g_rand_int_range (random, 0, 8))
                     : (uint8_t)g_rand_int (random);
    }
    survive_bytes (copy, n);
  }
}

static unsigned
n_flips (unsigned fallback)
{
  const char *text = g_getenv ("TESSERA_HOSTILE_FLIPS");
  return text ? (unsigned)strtoul (text, NULL, 10) : fallback;
}

static void
test_hostile_samples (void)
{
  g_autoptr (GPtrArray) paths = list ("TESSERA_SLIDES");
  if (paths->len == 0) {
    g_test_skip ("no slides: set TESSERA_SLIDES to a folder of some");
    return;
  }
  n_read = n_refused = 0;
  for (guint i = 0; i < paths->len; i++)
    torture (paths->pdata[i], 20, n_flips (40));
  g_test_message ("%u opened, %u refused", n_read, n_refused);
  g_assert_cmpuint (n_read, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

static void
test_hostile_written (void)
{
  static const SlideKind kinds[] = {
      {.name = "jpeg",
       .photometric = PHOTOMETRIC_YCBCR,
       .compression = COMPRESSION_JPEG,
       .n_levels = 2},
      {.name = "jp2k", .compression = 33003, .n_levels = 2},
      {.name = "webp", .compression = COMPRESSION_WEBP, .n_levels = 2, .where = SUBS},
      {.name = "lzw", .compression = COMPRESSION_LZW, .n_levels = 3, .mode = "8", .where = SUBS},
      {.name = "deflate", .bits = 16, .compression = COMPRESSION_ADOBE_DEFLATE, .rows = 5},
      {.name = "zstd",
       .bits = 4,
       .samples = 1,
       .photometric = PHOTOMETRIC_MINISBLACK,
       .compression = COMPRESSION_ZSTD,
       .orientation = 6},
      {.name = "palette", .samples = 1, .photometric = PHOTOMETRIC_PALETTE, .mode = "b"},
      {.name = "aperio",
       .compression = COMPRESSION_LZW,
       .n_levels = 2,
       .description = "Aperio Image Library v1\r\n10x10|AppMag = 20|MPP = 0.5"},
      {.name = "ome",
       .compression = COMPRESSION_LZW,
       .n_levels = 2,
       .where = SUBS,
       .description = "<?xml version=\"1.0\"?><OME xmlns=\"x\"><Image><Pixels SizeC=\"3\" "
                      "PhysicalSizeX=\"0.5\" PhysicalSizeY=\"0.5\"/></Image></OME>"},
  };
  n_read = n_refused = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *path = slide_write (&kinds[i]);
    torture (path, 60, n_flips (120));
    g_unlink (path);
  }
  g_test_message ("%u opened, %u refused", n_read, n_refused);
  g_assert_cmpuint (n_read, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

static void
test_bad_images (void)
{
  g_autoptr (GPtrArray) paths = list ("TESSERA_BAD_IMAGES");
  if (paths->len == 0) {
    g_test_skip ("no collection of broken images: set TESSERA_BAD_IMAGES to a folder");
    return;
  }
  n_read = n_refused = 0;
  for (guint i = 0; i < paths->len; i++)
    survive (paths->pdata[i]);
  g_test_message ("%u opened, %u refused", n_read, n_refused);
  g_assert_cmpuint (n_read, >, n_refused);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/samples/openslide", test_openslide);
  g_test_add_func ("/slide/hostile/samples", test_hostile_samples);
  g_test_add_func ("/slide/hostile/written", test_hostile_written);
  g_test_add_func ("/slide/hostile/bad-images", test_bad_images);
  return g_test_run ();
}
