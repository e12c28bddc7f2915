/* Resampling against a reference in double precision, tiles and overviews against plain reading,
 * the cache, and threads. */

#include "slide-fixture.h"

#include "tsr-error.h"
#include "tsr-slide-resample.h"

#include <math.h>
#include <string.h>

/* ---- the reference: one output pixel at a time, both axes at once */

static double
weight_of (double low, double high, int i, bool area)
{
  if (area) {
    double from = MAX (low, (double)i), to = MIN (high, i + 1.0);
    return to > from ? (to - from) / (high - low) : 0;
  }
  double t = fabs (i + 0.5 - (low + high) / 2);
  return t < 1   ? 1.5 * t * t * t - 2.5 * t * t + 1
         : t < 2 ? -0.5 * t * t * t + 2.5 * t * t - 4 * t + 2
                 : 0;
}

static double
reference (const uint8_t *from, int w, int h, TsrSlideAxis x, TsrSlideAxis y, int column, int row,
           int c)
{
  double x0 = x.start + column * x.scale, x1 = x.start + (column + 1) * x.scale;
  double y0 = y.start + row * y.scale, y1 = y.start + (row + 1) * y.scale;
  double sum = 0;
  for (int j = (int)floor (y0) - 3; j <= (int)ceil (y1) + 3; j++)
    for (int i = (int)floor (x0) - 3; i <= (int)ceil (x1) + 3; i++)
      sum += weight_of (x0, x1, i, x.scale > 1) * weight_of (y0, y1, j, y.scale > 1) *
             from[((size_t)CLAMP (j, 0, h - 1) * w + CLAMP (i, 0, w - 1)) * 3 + c];
  return CLAMP (sum, 0, 255);
}

static void
check_resample (int w, int h, TsrSlideAxis x, TsrSlideAxis y)
{
  g_autofree uint8_t *from = g_malloc ((size_t)w * h * 3);
  for (int j = 0; j < h; j++)
    for (int i = 0; i < w; i++)
      for (int c = 0; c < 3; c++)
        from[((size_t)j * w + i) * 3 + c] = (uint8_t)slide_rough (0, i, j, c);
  g_autofree uint8_t *to = g_malloc ((size_t)x.n * y.n * 3);
  tsr_slide_resample (from, w, h, x, y, to);
  for (int row = 0; row < y.n; row++)
    for (int column = 0; column < x.n; column++)
      for (int c = 0; c < 3; c++) {
        double exact = reference (from, w, h, x, y, column, row, c);
        /* Rounding to the nearest, and what sums in single precision may be off. */
        g_assert_cmpfloat (fabs (to[((size_t)row * x.n + column) * 3 + c] - exact), <=, 0.5 + 2e-3);
      }
}

static void
test_resample (void)
{
  static const int sizes[] = {1, 2, 3, 7, 16, 33};
  static const double scales[] = {0.23, 0.5, 0.999, 1, 1.002, 1.5, 2, 3.7, 11};
  static const double starts[] = {0, 0.25, 1, 2.6, -0.4};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (size_t k = 0; k < G_N_ELEMENTS (scales); k++)
      for (size_t o = 0; o < G_N_ELEMENTS (starts); o++) {
        int w = sizes[s], h = sizes[(s * 5 + k) % G_N_ELEMENTS (sizes)];
        double other = scales[(k * 2 + o) % G_N_ELEMENTS (scales)];
        TsrSlideAxis x = {starts[o], scales[k], MAX (1, (int)((w - starts[o]) / scales[k]))};
        TsrSlideAxis y = {starts[(o + 2) % 5], other,
                          MAX (1, (int)((h - starts[(o + 2) % 5]) / other))};
        check_resample (w, h, x, y);
      }
}

/* A constant image stays what it is, whatever is done to it. */
static void
test_constant (void)
{
  for (int value = 0; value <= 255; value += 51) {
    uint8_t from[9 * 9 * 3], to[40 * 40 * 3];
    memset (from, value, sizeof from);
    for (int n = 1; n <= 40; n++) {
      TsrSlideAxis axis = {0, 9.0 / n, n};
      tsr_slide_resample (from, 9, 9, axis, axis, to);
      for (int i = 0; i < n * n * 3; i++)
        g_assert_cmpint (to[i], ==, value);
    }
  }
}

/* ---- tiles */

static const SlideKind pyramid = {.name = "pyramid",
                                  .bits = 8,
                                  .samples = 3,
                                  .photometric = PHOTOMETRIC_RGB,
                                  .compression = COMPRESSION_LZW,
                                  .n_levels = 3};

/* What a tile must be: the level's stored pixels (the fixture's) put through the reference. */
static void
check_tile (TsrSlide *slide, int64_t x, int64_t y, int side, int pixels)
{
  g_autofree uint8_t *rgb = g_malloc ((size_t)pixels * pixels * 3);
  g_autoptr (GError) error = NULL;
  tsr_slide_read_tile (slide, x, y, side, pixels, rgb, &error);
  g_assert_no_error (error);
  int level = 0; /* the nearest finer */
  for (int i = 1; i < 3; i++)
    if ((1 << i) * pixels <= side + 0.5)
      level = i;
  int w, h;
  slide_level_size (&pyramid, level, &w, &h);
  double scale = 1 << level, length = side / scale;
  bool copied = fabs (length - pixels) <= 0.5;
  /* A white frame round the level stands for what lies outside of it. */
  int frame = 64;
  g_autofree uint8_t *framed = g_malloc ((size_t)(w + 2 * frame) * (h + 2 * frame) * 3);
  memset (framed, 255, (size_t)(w + 2 * frame) * (h + 2 * frame) * 3);
  bool inside = x >= 0 && y >= 0 && x + side <= SLIDE_W && y + side <= SLIDE_H;
  for (int j = -frame; j < h + frame; j++)
    for (int i = -frame; i < w + frame; i++)
      for (int c = 0; c < 3; c++)
        if (inside || (i >= 0 && j >= 0 && i < w && j < h))
          framed[((size_t)(j + frame) * (w + 2 * frame) + i + frame) * 3 + c] =
              (uint8_t)slide_rough (level, CLAMP (i, 0, w - 1), CLAMP (j, 0, h - 1), c);
  TsrSlideAxis ax = {x / scale + frame, length / pixels, pixels};
  TsrSlideAxis ay = {y / scale + frame, length / pixels, pixels};
  for (int row = 0; row < pixels; row++)
    for (int column = 0; column < pixels; column++)
      for (int c = 0; c < 3; c++) {
        int got = rgb[((size_t)row * pixels + column) * 3 + c];
        if (copied) {
          int i = (int)floor (x / scale + 0.5), j = (int)floor (y / scale + 0.5);
          if (inside) /* a tile of the slide lies within the level, rounded down or not */
            i = MIN (i, w - pixels), j = MIN (j, h - pixels);
          i += column + frame, j += row + frame;
          g_assert_cmpint (got, ==, framed[((size_t)j * (w + 2 * frame) + i) * 3 + c]);
        } else {
          double exact = reference (framed, w + 2 * frame, h + 2 * frame, ax, ay, column, row, c);
          g_assert_cmpfloat (fabs (got - exact), <=, 0.5 + 2e-3);
        }
      }
}

static void
test_tiles (void)
{
  g_autoptr (TsrSlide) slide = slide_open_fixture (&pyramid);
  static const int sides[] = {1, 2, 5, 16, 31, 48, 64, 90, 101};
  static const int pixels[] = {1, 2, 8, 15, 16, 30};
  for (size_t s = 0; s < G_N_ELEMENTS (sides); s++)
    for (size_t p = 0; p < G_N_ELEMENTS (pixels); p++) {
      check_tile (slide, 0, 0, sides[s], pixels[p]);
      check_tile (slide, 8, 4, sides[s], pixels[p]);
      check_tile (slide, 13, 9, MIN (sides[s], 90), pixels[p]);
      check_tile (slide, SLIDE_W - sides[s], SLIDE_H - sides[s], sides[s], pixels[p]);
      check_tile (slide, -7, SLIDE_H - sides[s] / 2 - 1, sides[s], pixels[p]);
    }
}

/* ---- many tiles at once */

static GArray *
some_tiles (int n, int side)
{
  GArray *tiles = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile));
  for (int i = 0; i < n; i++) {
    TsrSlideTile tile = {
        .x = (i * 53) % (SLIDE_W - 8), .y = (i * 29) % (SLIDE_H - 8), .side = side};
    g_array_append_val (tiles, tile);
  }
  return tiles;
}

static void
test_batch (void)
{
  static const int limits[] = {0, 5000, 128 << 20};
  for (size_t l = 0; l < G_N_ELEMENTS (limits); l++) {
    tsr_slide_set_cache_limit ((size_t)limits[l]);
    g_autoptr (TsrSlide) slide = slide_open_fixture (&pyramid);
    for (int side = 8; side <= 40; side += 16)
      for (int n = 0; n <= 97; n = n * 3 + 1) {
        g_autoptr (GArray) tiles = some_tiles (n, side);
        g_autofree uint8_t *all = g_malloc0 ((size_t)n * 16 * 16 * 3 + 1);
        uint8_t one[16 * 16 * 3];
        g_autoptr (GError) error = NULL;
        g_assert_true (tsr_slide_read_tiles (slide, (TsrSlideTile *)(void *)tiles->data, (size_t)n,
                                             16, all, NULL, &error));
        for (int i = 0; i < n; i++) {
          const TsrSlideTile *tile = &g_array_index (tiles, TsrSlideTile, i);
          g_assert_true (tsr_slide_read_tile (slide, tile->x, tile->y, tile->side, 16, one, NULL));
          g_assert_cmpmem (all + (size_t)i * sizeof one, sizeof one, one, sizeof one);
        }
      }
  }
}

/* With room for a row of blocks each is decoded once, however many tiles it serves. */
static void
test_decoded_once (void)
{
  tsr_slide_set_cache_limit ((size_t)128 << 20);
  g_autoptr (TsrSlide) slide = slide_open_fixture (&pyramid);
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile));
  for (int y = 0; y + 16 <= SLIDE_H; y += 5)
    for (int x = 0; x + 16 <= SLIDE_W; x += 5) {
      TsrSlideTile tile = {.x = x, .y = y, .side = 16};
      g_array_append_val (tiles, tile);
    }
  g_autofree uint8_t *rgb = g_malloc ((size_t)tiles->len * 16 * 16 * 3);
  uint64_t before = tsr_slide_blocks_decoded ();
  g_assert_true (tsr_slide_read_tiles (slide, (TsrSlideTile *)(void *)tiles->data, tiles->len, 16,
                                       rgb, NULL, NULL));
  uint64_t blocks = ((SLIDE_W + 31) / 32) * ((SLIDE_H + 31) / 32);
  g_assert_cmpuint (tsr_slide_blocks_decoded () - before, ==, blocks);
}

typedef struct {
  TsrSlide *slide;
  unsigned seed;
} Thread;

static gpointer
read_at_random (gpointer data)
{
  Thread *self = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (self->seed);
  uint8_t rgb[40 * 40 * 3];
  for (int i = 0; i < 300; i++) {
    int level = g_rand_int_range (random, 0, 3), w, h;
    slide_level_size (&pyramid, level, &w, &h);
    int x = g_rand_int_range (random, 0, w), y = g_rand_int_range (random, 0, h), side = 24;
    g_assert_true (tsr_slide_read_region (self->slide, level, (int64_t)x << level,
                                          (int64_t)y << level, side, side, rgb, NULL));
    for (int row = 0; row < side; row++)
      for (int column = 0; column < side; column++)
        for (int c = 0; c < 3; c++)
          g_assert_cmpint (
              rgb[(row * side + column) * 3 + c], ==,
              x + column < w && y + row < h ? slide_rough (level, x + column, y + row, c) : 255);
  }
  tsr_slide_unref (self->slide);
  return NULL;
}

static void
test_threads (void)
{
  tsr_slide_set_cache_limit (20000); /* about six blocks: they come and go all the time */
  TsrSlide *slide = slide_open_fixture (&pyramid);
  Thread data[6];
  GThread *threads[6];
  for (unsigned i = 0; i < 6; i++) {
    data[i] = (Thread){tsr_slide_ref (slide), i};
    threads[i] = g_thread_new ("reader", read_at_random, &data[i]);
  }
  tsr_slide_unref (slide);
  for (unsigned i = 0; i < 6; i++)
    g_thread_join (threads[i]);
  tsr_slide_set_cache_limit ((size_t)128 << 20);
}

/* ---- the overview */

static void
test_overview (void)
{
  g_autoptr (TsrSlide) slide = slide_open_fixture (&pyramid);
  static const int sides[] = {1, 2, 10, 37, 75, 149, 150, 400};
  for (size_t s = 0; s < G_N_ELEMENTS (sides); s++) {
    TsrImage image;
    g_autoptr (GError) error = NULL;
    tsr_slide_overview (slide, sides[s], &image, NULL, &error);
    g_assert_no_error (error);
    int longer = MIN (sides[s], SLIDE_W);
    g_assert_cmpint (image.width, ==, longer);
    g_assert_cmpint (image.height, ==, MAX (1, (int)lround (SLIDE_H * (double)longer / SLIDE_W)));
    int level = 0, w, h;
    for (int i = 1; i < 3; i++)
      if ((1 << i) <= (double)SLIDE_W / longer * 1.001)
        level = i;
    slide_level_size (&pyramid, level, &w, &h);
    g_autofree uint8_t *from = g_malloc ((size_t)w * h * 3);
    for (int j = 0; j < h; j++)
      for (int i = 0; i < w; i++)
        for (int c = 0; c < 3; c++)
          from[((size_t)j * w + i) * 3 + c] = (uint8_t)slide_rough (level, i, j, c);
    TsrSlideAxis x = {0, (double)w / image.width, image.width},
                 y = {0, (double)h / image.height, image.height};
    for (int row = 0; row < image.height; row++)
      for (int column = 0; column < image.width; column++)
        for (int c = 0; c < 3; c++)
          g_assert_cmpfloat (fabs (image.pixels[((size_t)row * image.width + column) * 3 + c] -
                                   reference (from, w, h, x, y, column, row, c)),
                             <=, 0.5 + 2e-3);
    tsr_image_clear (&image);
  }
}

static void
test_usage (void)
{
  g_autoptr (TsrSlide) slide = slide_open_fixture (&pyramid);
  uint8_t rgb[3];
  TsrImage image;
  TsrSlideTile tile = {.side = 0};
  for (int i = 0; i < 9; i++) {
    g_autoptr (GError) error = NULL;
    bool ok = i == 0   ? tsr_slide_read_region (slide, 3, 0, 0, 1, 1, rgb, &error)
              : i == 1 ? tsr_slide_read_region (slide, -1, 0, 0, 1, 1, rgb, &error)
              : i == 2 ? tsr_slide_read_region (slide, 0, 0, 0, 0, 1, rgb, &error)
              : i == 3 ? tsr_slide_read_region (slide, 0, INT64_MAX, 0, 1, 1, rgb, &error)
              : i == 4 ? tsr_slide_read_region (slide, 0, 0, 0, INT_MAX, INT_MAX, rgb, &error)
              : i == 5 ? tsr_slide_read_tile (slide, 0, 0, 0, 1, rgb, &error)
              : i == 6 ? tsr_slide_read_tiles (slide, &tile, 1, 1, rgb, NULL, &error)
              : i == 7 ? tsr_slide_overview (slide, 0, &image, NULL, &error)
                       : tsr_slide_read_image (slide, "label", &image, &error);
    g_assert_false (ok);
    g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_assert_true (g_str_has_suffix (error->message, "."));
  }
}

static void
test_cancelled (void)
{
  g_autoptr (TsrSlide) slide = slide_open_fixture (&pyramid);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (GArray) tiles = some_tiles (20, 16);
  g_autofree uint8_t *rgb = g_malloc (20 * 16 * 16 * 3);
  TsrImage image;
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_slide_read_tiles (slide, (TsrSlideTile *)(void *)tiles->data, 20, 16, rgb,
                                        &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (tsr_slide_overview (slide, 50, &image, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (image.pixels);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/read/resample", test_resample);
  g_test_add_func ("/slide/read/constant", test_constant);
  g_test_add_func ("/slide/read/tiles", test_tiles);
  g_test_add_func ("/slide/read/batch", test_batch);
  g_test_add_func ("/slide/read/decoded-once", test_decoded_once);
  g_test_add_func ("/slide/read/threads", test_threads);
  g_test_add_func ("/slide/read/overview", test_overview);
  g_test_add_func ("/slide/read/usage", test_usage);
  g_test_add_func ("/slide/read/cancelled", test_cancelled);
  return g_test_run ();
}
