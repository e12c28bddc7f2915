/* What joins slides to projects: fingerprints, slides kept open, cutting in one step. */

#include "slide-fixture.h"
#include "tsr-error.h"
#include "tsr-slide-cut.h"
#include "tsr-slide-fingerprint.h"
#include "tsr-slide-pool.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const SlideKind plain = {.bits = 8,
                                .samples = 3,
                                .photometric = PHOTOMETRIC_RGB,
                                .planar = PLANARCONFIG_CONTIG,
                                .compression = COMPRESSION_NONE,
                                .orientation = ORIENTATION_TOPLEFT,
                                .tile_w = 32,
                                .tile_h = 32,
                                .n_levels = 1,
                                .mpp = 0.5};

/* ---- fingerprints ---- */

static char *
write_file (const uint8_t *bytes, size_t n)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("tessera-XXXXXX", &path, NULL);
  g_assert_cmpint (write (fd, bytes, n), ==, (gssize)n);
  close (fd);
  return path;
}

/* The definition, on all bytes at once. */
static char *
reference (const uint8_t *bytes, uint64_t n)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (int i = 0; i < 8; i++) {
    uint8_t byte = (uint8_t)(n >> 8 * i);
    g_checksum_update (sum, &byte, 1);
  }
  if (n <= 1048576)
    g_checksum_update (sum, bytes, (gssize)n);
  for (uint64_t i = 0; n > 1048576 && i < 16; i++) {
    uint64_t at = i == 15 ? n - 65536 : (n - 65536) / 15 * i;
    g_checksum_update (sum, bytes + at, 65536);
  }
  return g_strdup (g_checksum_get_string (sum));
}

static char *
fingerprint (const char *path, int64_t *size)
{
  uint8_t bytes[TSR_SLIDE_FINGERPRINT];
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_slide_fingerprint (path, size, bytes, &error));
  GString *text = g_string_new (NULL);
  for (int i = 0; i < TSR_SLIDE_FINGERPRINT; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

static void
test_fingerprint (void)
{
  static const size_t sizes[] = {0,       1,       65535,   65536,   65537,
                                 1048575, 1048576, 1048577, 1100000, 3000001};
  size_t most = sizes[G_N_ELEMENTS (sizes) - 1];
  g_autofree uint8_t *bytes = g_malloc (most);
  for (size_t i = 0; i < most; i++)
    bytes[i] = (uint8_t)(i * 2654435761u >> 13);
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *path = write_file (bytes, sizes[i]);
    int64_t size = -1;
    g_autofree char *found = fingerprint (path, &size), *expected = reference (bytes, sizes[i]);
    g_assert_cmpstr (found, ==, expected);
    g_assert_cmpint (size, ==, (int64_t)sizes[i]);
    g_unlink (path);
  }
  /* the last byte and the size count */
  int64_t size;
  bytes[most - 1] ^= 1;
  g_autofree char *path = write_file (bytes, most), *shorter = write_file (bytes, most - 1);
  g_autofree char *changed = fingerprint (path, &size), *cut = fingerprint (shorter, &size);
  bytes[most - 1] ^= 1;
  g_autofree char *was = reference (bytes, most);
  g_assert_cmpstr (changed, !=, was);
  g_assert_cmpstr (changed, !=, cut);
  g_unlink (path);
  g_unlink (shorter);
}

static void
test_no_fingerprint (void)
{
  uint8_t bytes[TSR_SLIDE_FINGERPRINT];
  int64_t size;
  g_autoptr (GError) error = NULL;
  static const char *const paths[] = {"/nowhere/slide.svs", "/", "/dev/null"};
  for (unsigned i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_assert_false (tsr_slide_fingerprint (paths[i], &size, bytes, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
    g_assert_true (g_str_has_suffix (error->message, "."));
    g_clear_error (&error);
  }
}

/* ---- slides kept open ---- */

static TsrSlide *
open_pooled (const char *path)
{
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = tsr_slide_pool_open (path, &error);
  g_assert_no_error (error);
  return slide;
}

static void
test_kept (void)
{
  g_autofree char *path = slide_write (&plain);
  g_autoptr (TsrSlide) first = open_pooled (path);
  g_autoptr (TsrSlide) second = open_pooled (path);
  g_assert_true (first == second);
  tsr_slide_pool_clear (); /* what is in use stays usable */
  uint8_t rgb[3], expected[3];
  g_assert_true (tsr_slide_read_region (first, 0, 7, 5, 1, 1, rgb, NULL));
  slide_expected (&plain, 0, 7, 5, expected);
  g_assert_cmpmem (rgb, 3, expected, 3);
  g_autoptr (TsrSlide) third = open_pooled (path);
  g_assert_true (third != first);

  SlideKind other = plain; /* replaced by another file */
  other.mpp = 0.25;
  g_autofree char *new = slide_write (&other);
  g_assert_cmpint (g_rename (new, path), ==, 0);
  g_autoptr (TsrSlide) fourth = open_pooled (path);
  g_assert_true (fourth != third);
  g_assert_cmpfloat (fabs (tsr_slide_info (fourth)->mpp_x - 0.25), <, 1e-6);
  g_unlink (path); /* gone: not served from memory */
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_slide_pool_open (path, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  tsr_slide_pool_clear ();
}

/* No more than the limit stay open, the last used ones. */
static void
test_bounded (void)
{
  enum { N = TSR_SLIDE_POOL + 3 };
  char *paths[N];
  TsrSlide *slides[N];
  for (int i = 0; i < N; i++) {
    paths[i] = slide_write (&plain);
    slides[i] = open_pooled (paths[i]); /* held, so that addresses are not used again */
    tsr_slide_unref (open_pooled (paths[0]));
  }
  for (int i = N - 1; i >= 0; i--) {
    bool kept = i == 0 || i > N - TSR_SLIDE_POOL;
    if (kept) { /* asking for one that left would push another out */
      g_autoptr (TsrSlide) again = open_pooled (paths[i]);
      g_assert_true (again == slides[i]);
    }
  }
  for (int i = 1; i <= N - TSR_SLIDE_POOL; i++) {
    g_autoptr (TsrSlide) again = open_pooled (paths[i]);
    g_assert_true (again != slides[i]);
  }
  for (int i = 0; i < N; i++) {
    tsr_slide_unref (slides[i]);
    g_unlink (paths[i]);
    g_free (paths[i]);
  }
  tsr_slide_pool_clear ();
}

typedef struct {
  char *paths[12];
  char *broken;
  gint failures;
} Shared;

static gpointer
open_often (gpointer data)
{
  Shared *shared = data;
  for (int i = 0; i < 200; i++) {
    g_autoptr (TsrSlide) slide = tsr_slide_pool_open (shared->paths[i * 7 % 12], NULL);
    uint8_t rgb[3], expected[3];
    slide_expected (&plain, 0, i % SLIDE_W, i % SLIDE_H, expected);
    if (!slide || !tsr_slide_read_region (slide, 0, i % SLIDE_W, i % SLIDE_H, 1, 1, rgb, NULL) ||
        memcmp (rgb, expected, 3) != 0)
      g_atomic_int_inc (&shared->failures);
    g_autoptr (TsrSlide) none = tsr_slide_pool_open (shared->broken, NULL);
    if (none)
      g_atomic_int_inc (&shared->failures);
  }
  return NULL;
}

static void
test_threads (void)
{
  Shared shared = {.broken = write_file ((const uint8_t *)"II*\0nothing", 11)};
  for (int i = 0; i < 12; i++)
    shared.paths[i] = slide_write (&plain);
  GThread *threads[4];
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("opener", open_often, &shared);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (shared.failures, ==, 0);
  tsr_slide_pool_clear ();
  for (int i = 0; i < 12; i++) {
    g_unlink (shared.paths[i]);
    g_free (shared.paths[i]);
  }
  g_unlink (shared.broken);
  g_free (shared.broken);
}

/* ---- cutting ---- */

/* The same as its three steps by hand; the user's size counts only where the file has none. */
static void
test_cut (void)
{
  g_autoptr (GError) error = NULL;
  TsrTilingOptions options = tsr_tiling_options ();
  TsrMaskOptions mask_options = tsr_mask_options ();
  mask_options.brightness = 150;
  mask_options.pen = false;
  options.pixels = 16;
  options.mpp = 1;
  options.slide_mpp = 0.25;
  for (int silent = 0; silent < 2; silent++) {
    SlideKind kind = plain;
    kind.mpp = silent ? 0 : 0.5;
    g_autoptr (TsrSlide) slide = slide_open_fixture (&kind);
    g_auto (TsrSlideCut) cut = {0}, whole = {0};
    g_assert_true (tsr_slide_cut (slide, &options, &mask_options, &cut, NULL, &error));
    g_assert_true (tsr_slide_cut (slide, &options, NULL, &whole, NULL, &error));
    g_assert_cmpint (cut.tiling.side, ==, silent ? 64 : 32);
    g_assert_cmpfloat (fabs (cut.tiling.mpp - 1), <, 1e-6);
    g_assert_null (whole.mask.classes);
    g_assert_cmpuint (whole.tiling.tiles->len, ==, (guint)whole.tiling.grid);
    TsrTilingOptions own = options;
    own.slide_mpp = silent ? 0.25 : NAN;
    int side;
    TsrImage overview;
    TsrTissueMask mask;
    TsrTiling tiling;
    g_assert_true (tsr_tiling_overview_side (tsr_slide_info (slide), &own, &side, &error) &&
                   tsr_slide_overview (slide, side, &overview, NULL, &error) &&
                   tsr_tissue_mask_find (&overview, &mask_options, &mask, &error) &&
                   tsr_slide_tile (tsr_slide_info (slide), &mask, &own, &tiling, &error));
    g_assert_cmpuint (tiling.tiles->len, ==, cut.tiling.tiles->len);
    for (guint i = 0; i < tiling.tiles->len; i++) {
      const TsrSlideTile *one = &g_array_index (tiling.tiles, TsrSlideTile, i),
                         *other = &g_array_index (cut.tiling.tiles, TsrSlideTile, i);
      g_assert_true (one->x == other->x && one->y == other->y && one->side == other->side &&
                     one->level == other->level);
      g_assert_cmpfloat (one->tissue, ==, other->tissue);
    }
    g_assert_cmpmem (mask.classes, (gsize)(mask.width * mask.height), cut.mask.classes,
                     (gsize)(cut.mask.width * cut.mask.height));
    tsr_image_clear (&overview);
    tsr_tissue_mask_clear (&mask);
    tsr_tiling_clear (&tiling);
    options.slide_mpp = NAN;
    g_auto (TsrSlideCut) none = {0};
    g_assert_true (tsr_slide_cut (slide, &options, NULL, &none, NULL, &error) == !silent);
    if (silent)
      g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_clear_error (&error);
    options.slide_mpp = 0.25;
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/fingerprint", test_fingerprint);
  g_test_add_func ("/pool/no-fingerprint", test_no_fingerprint);
  g_test_add_func ("/pool/kept", test_kept);
  g_test_add_func ("/pool/bounded", test_bounded);
  g_test_add_func ("/pool/threads", test_threads);
  g_test_add_func ("/pool/cut", test_cut);
  return g_test_run ();
}
