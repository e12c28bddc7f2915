/* A slide of pictures at places: where each is seen at every level, and what lies between. */

#include "tsr-slide-mosaic.h"

#include "tsr-error.h"
#include "tsr-slide-cache.h"

#include <math.h>
#include <string.h>

#define SIDE 40 /* of a picture on the slide */

/* Each picture has one colour of its own, but for the last, which cannot be read. */
typedef struct {
  int pixels; /* of a picture's side */
  gint asked, freed;
  bool broken;
} Album;

static void
colour_of (size_t i, uint8_t rgb[3])
{
  rgb[0] = (uint8_t)(i * 37 % 200);
  rgb[1] = (uint8_t)(i * 91 % 200);
  rgb[2] = (uint8_t)(i * 53 % 200);
}

static bool
picture (size_t i, TsrImage *image, gpointer user, GError **error)
{
  Album *album = user;
  g_atomic_int_inc (&album->asked);
  if (album->broken) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE, "It is gone");
    return false;
  }
  int n = album->pixels;
  *image = (TsrImage){n, n, 3, g_malloc ((size_t)n * n * 3)};
  for (int k = 0; k < n * n; k++)
    colour_of (i, image->pixels + 3 * k);
  return true;
}

static void
album_freed (gpointer user)
{
  ((Album *)user)->freed++;
}

static TsrSlide *
make (Album *album, int64_t width, int64_t height, const TsrMosaicPlace *places, size_t n)
{
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = tsr_slide_mosaic_new (&(TsrMosaic){.path = "/nowhere/a.svs",
                                                       .width = width,
                                                       .height = height,
                                                       .mpp = 0.5,
                                                       .places = places,
                                                       .n = n,
                                                       .picture = picture,
                                                       .user = album,
                                                       .user_free = album_freed},
                                          &error);
  g_assert_no_error (error);
  return slide;
}

/* Every pixel of a level shows the last place that covers its corner; white where none does. */
static void
check_level (TsrSlide *slide, int level, const TsrMosaicPlace *places, size_t n)
{
  g_autoptr (GError) error = NULL;
  const TsrSlideLevel *l = &tsr_slide_info (slide)->levels[level];
  int64_t scale = (int64_t)1 << level;
  g_autofree uint8_t *rgb = g_malloc ((size_t)(l->width * l->height) * 3);
  g_assert_true (
      tsr_slide_read_region (slide, level, 0, 0, (int)l->width, (int)l->height, rgb, &error));
  for (int64_t y = 0; y < l->height; y++)
    for (int64_t x = 0; x < l->width; x++) {
      uint8_t expected[3] = {255, 255, 255};
      for (size_t i = 0; i < n; i++) {
        int64_t x0 = places[i].x / scale, x1 = (places[i].x + places[i].width) / scale,
                y0 = places[i].y / scale, y1 = (places[i].y + places[i].height) / scale;
        if (x >= x0 && x < MAX (x1, x0 + 1) && y >= y0 && y < MAX (y1, y0 + 1))
          colour_of (i, expected);
      }
      g_assert_cmpmem (rgb + (y * l->width + x) * 3, 3, expected, 3);
    }
}

/* Pictures larger and smaller than their places, in no order, some over others, one of them taller
 * than the rest and beyond the edge; blocks begin and end within them. */
static void
test_places (void)
{
  static const int pixels[] = {1, 17, 40, 96};
  GRand *random = g_rand_new_with_seed (5);
  for (size_t k = 0; k < G_N_ELEMENTS (pixels); k++) {
    TsrMosaicPlace places[60];
    for (size_t i = 0; i < 60; i++)
      places[i] = (TsrMosaicPlace){g_rand_int_range (random, 0, 880),
                                   g_rand_int_range (random, 0, 580), SIDE, SIDE};
    places[20] = (TsrMosaicPlace){250, 100, 30, 400};
    places[40] = (TsrMosaicPlace){890, 590, 64, 64};
    Album album = {.pixels = pixels[k]};
    TsrSlide *slide = make (&album, 901, 601, places, 60);
    const TsrSlideInfo *info = tsr_slide_info (slide);
    g_assert_cmpint (info->n_levels, ==, 3); /* 901, 451, 226 */
    g_assert_cmpint (info->levels[2].width, ==, 226);
    g_assert_cmpfloat (info->levels[1].downsample, ==, 2);
    g_assert_cmpfloat (info->mpp_x, ==, 0.5);
    g_assert_cmpstr (tsr_slide_path (slide), ==, "/nowhere/a.svs");
    for (int level = 0; level < info->n_levels; level++)
      check_level (slide, level, places, 60);
    tsr_slide_unref (slide);
    g_assert_cmpint (album.freed, ==, 1);
  }
  g_rand_free (random);
}

/* A block asks for what it shows of, and for nothing else. */
static void
test_asks_for_few (void)
{
  enum { ACROSS = 100 };
  g_autofree TsrMosaicPlace *places = g_new (TsrMosaicPlace, ACROSS * ACROSS);
  for (int i = 0; i < ACROSS * ACROSS; i++)
    places[i] = (TsrMosaicPlace){i % ACROSS * 64, i / ACROSS * 64, 64, 64};
  Album album = {.pixels = 8};
  g_autoptr (TsrSlide) slide = make (&album, ACROSS * 64, ACROSS * 64, places, ACROSS * ACROSS);
  uint8_t rgb[3];
  g_assert_true (tsr_slide_read_region (slide, 0, 5 * 256 + 7, 3 * 256 + 9, 1, 1, rgb, NULL));
  g_assert_cmpint (album.asked, >=, 16);
  g_assert_cmpint (album.asked, <=, 36);
  uint8_t expected[3];
  colour_of (12 * ACROSS + 20, expected);
  g_assert_cmpmem (rgb, 3, expected, 3);
}

/* The detail of a picture is seen where there is room for it, and its mean where there is none;
 * grey is a colour. */
static bool
chequered (size_t i, TsrImage *image, gpointer user, GError **error)
{
  *image = (TsrImage){64, 64, 1, g_malloc (64 * 64)};
  for (int k = 0; k < 64 * 64; k++)
    image->pixels[k] = (k / 64 / 32 + k % 64 / 32) % 2 ? 200 : 100;
  return true;
}

static void
test_detail (void)
{
  const TsrMosaicPlace place = {0, 0, 1024, 1024};
  g_autoptr (TsrSlide) slide = tsr_slide_mosaic_new (&(TsrMosaic){.path = "b",
                                                                  .width = 131072,
                                                                  .height = 1024,
                                                                  .mpp = NAN,
                                                                  .places = &place,
                                                                  .n = 1,
                                                                  .picture = chequered},
                                                     NULL);
  uint8_t rgb[2 * 2 * 3];
  g_assert_true (isnan (tsr_slide_info (slide)->mpp_x));
  g_assert_true (tsr_slide_read_region (slide, 9, 0, 0, 2, 2, rgb, NULL));
  g_assert_cmpint (rgb[0], ==, 100);
  g_assert_cmpint (rgb[3], ==, 200);
  g_assert_cmpint (rgb[6], ==, 200);
  g_assert_cmpint (rgb[9], ==, 100);
  g_assert_true (tsr_slide_read_region (slide, 0, 700, 200, 1, 1, rgb, NULL));
  g_assert_cmpint (rgb[0], ==, 200);
  g_assert_cmpint (tsr_slide_info (slide)->n_levels, ==, 10);
  g_assert_true (tsr_slide_read_tile (slide, 0, 0, 1024, 1, rgb, NULL));
  g_assert_cmpint (rgb[0], ==, 150);
}

/* However often the slide is seen from afar, each picture is asked for once. */
static void
test_asks_once (void)
{
  enum { ACROSS = 40 };
  g_autofree TsrMosaicPlace *places = g_new (TsrMosaicPlace, ACROSS * ACROSS);
  for (int i = 0; i < ACROSS * ACROSS; i++)
    places[i] = (TsrMosaicPlace){i % ACROSS * 64, i / ACROSS * 64, 64, 64};
  Album album = {.pixels = 8};
  g_autoptr (TsrSlide) slide = make (&album, ACROSS * 64, ACROSS * 64, places, ACROSS * ACROSS);
  g_assert_cmpint (tsr_slide_info (slide)->n_levels, ==, 5);
  check_level (slide, 4, places, ACROSS * ACROSS); /* four pixels of a place */
  g_assert_cmpint (album.asked, ==, ACROSS * ACROSS);
  tsr_slide_cache_forget (slide);
  check_level (slide, 4, places, ACROSS * ACROSS);
  g_assert_cmpint (album.asked, ==, ACROSS * ACROSS);
  check_level (slide, 3, places, ACROSS * ACROSS); /* eight are more than is kept */
  g_assert_cmpint (album.asked, >, ACROSS * ACROSS);
}

/* A picture that cannot be given costs its block, with the reason; a size that is none, the slide.
 */
static void
test_trouble (void)
{
  g_autoptr (GError) error = NULL;
  const TsrMosaicPlace place = {0, 0, 10, 10};
  Album album = {.pixels = 8, .broken = true};
  g_autoptr (TsrSlide) slide = make (&album, 600, 300, &place, 1);
  uint8_t rgb[3];
  g_assert_false (tsr_slide_read_region (slide, 0, 5, 5, 1, 1, rgb, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, "a.svs”: it is gone"));
  g_assert_true (tsr_slide_read_region (slide, 0, 400, 200, 1, 1, rgb, NULL));
  g_assert_cmpint (rgb[0], ==, 255);

  g_clear_error (&error);
  Album other = {.pixels = 8};
  TsrMosaic empty = {.path = "/nowhere/c.svs", .picture = picture, .user = &other};
  empty.user_free = album_freed;
  g_assert_null (tsr_slide_mosaic_new (&empty, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, "c.svs"));
  g_assert_cmpint (other.freed, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mosaic/places", test_places);
  g_test_add_func ("/mosaic/asks-for-few", test_asks_for_few);
  g_test_add_func ("/mosaic/asks-once", test_asks_once);
  g_test_add_func ("/mosaic/detail", test_detail);
  g_test_add_func ("/mosaic/trouble", test_trouble);
  return g_test_run ();
}
