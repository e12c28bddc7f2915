/* The tissue mask on overviews drawn for it, and Otsu's threshold against trying all of them. */

#include "tsr-tissue-mask.h"

#include "tsr-error.h"

#include <math.h>
#include <string.h>

typedef struct {
  uint8_t r, g, b;
} Colour;

static const Colour glass = {243, 242, 244}, eosin = {222, 150, 190}, haematoxylin = {120, 80, 150},
                    pale = {230, 205, 222}, black = {8, 8, 10}, green = {20, 150, 80},
                    blue = {35, 60, 190}, red = {215, 30, 45}, ink = {38, 36, 40};

/* A sheet of glass with a little noise, as a scanner sees it. */
static TsrImage
sheet (int width, int height)
{
  TsrImage image = {.width = width, .height = height, .channels = 3};
  image.pixels = g_malloc ((size_t)width * height * 3);
  for (int i = 0; i < width * height; i++) {
    int noise = (int)((uint32_t)i * 2654435761u >> 30) - 1;
    image.pixels[3 * i] = (uint8_t)(glass.r + noise);
    image.pixels[3 * i + 1] = (uint8_t)(glass.g + noise);
    image.pixels[3 * i + 2] = (uint8_t)(glass.b - noise);
  }
  return image;
}

static void
box (TsrImage *image, int x0, int y0, int x1, int y1, Colour colour)
{
  for (int y = MAX (y0, 0); y < MIN (y1, image->height); y++)
    for (int x = MAX (x0, 0); x < MIN (x1, image->width); x++)
      memcpy (image->pixels + ((size_t)y * image->width + x) * 3, &colour, 3);
}

static TsrTissueMask
find (const TsrImage *image, const TsrMaskOptions *options)
{
  TsrTissueMask mask;
  g_autoptr (GError) error = NULL;
  TsrMaskOptions defaults = tsr_mask_options ();
  g_assert_true (tsr_tissue_mask_find (image, options ? options : &defaults, &mask, &error));
  g_assert_no_error (error);
  g_assert_cmpint (mask.width, ==, image->width);
  g_assert_cmpint (mask.height, ==, image->height);
  return mask;
}

/* Every pixel of a box, `border` pixels of it left out on all sides. */
static void
expect (const TsrTissueMask *mask, int x0, int y0, int x1, int y1, int border, TsrMaskClass class)
{
  for (int y = y0 + border; y < y1 - border; y++)
    for (int x = x0 + border; x < x1 - border; x++)
      if (mask->classes[(size_t)y * mask->width + x] != class)
        g_error ("(%d, %d) is of class %d, not %d", x, y,
                 mask->classes[(size_t)y * mask->width + x], class);
}

static size_t
count (const TsrTissueMask *mask, TsrMaskClass class)
{
  size_t n = 0;
  for (int i = 0; i < mask->width * mask->height; i++)
    n += mask->classes[i] == class;
  return n;
}

static void
test_otsu (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  for (int round = 0; round < 300; round++) {
    uint64_t histogram[256] = {0};
    int bins = round < 4 ? round : g_rand_int_range (random, 1, 257);
    for (int i = 0; i < bins; i++)
      histogram[g_rand_int_range (random, 0, 256)] +=
          (uint64_t)g_rand_int_range (random, 1, 100000);
    double best = -1;
    bool defined = false;
    double variance[256] = {0};
    for (int t = 0; t < 255; t++) {
      double n[2] = {0}, sum[2] = {0};
      for (int i = 0; i < 256; i++) {
        n[i > t] += (double)histogram[i];
        sum[i > t] += i * (double)histogram[i];
      }
      if (n[0] == 0 || n[1] == 0)
        continue;
      double gap = sum[0] / n[0] - sum[1] / n[1];
      variance[t] = n[0] * n[1] * gap * gap;
      best = MAX (best, variance[t]);
      defined = true;
    }
    int t = tsr_otsu (histogram);
    g_assert_true (defined == (t >= 0));
    if (defined)
      g_assert_cmpfloat (variance[t], >=, best * (1 - 1e-9));
  }
  uint64_t two[256] = {0};
  two[10] = two[200] = 7; /* all between are equally good: the middle */
  g_assert_cmpint (tsr_otsu (two), ==, (10 + 199) / 2);
}

static void
test_tissue (void)
{
  TsrImage image = sheet (300, 200);
  box (&image, 40, 30, 140, 150, eosin);
  box (&image, 60, 60, 90, 90, haematoxylin);
  box (&image, 200, 100, 280, 180, pale);
  TsrTissueMask mask = find (&image, NULL);
  expect (&mask, 40, 30, 140, 150, 1, TSR_MASK_TISSUE);
  expect (&mask, 200, 100, 280, 180, 1, TSR_MASK_TISSUE);
  expect (&mask, 150, 0, 190, 200, 0, TSR_MASK_GLASS);
  g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), >=, 100 * 120 + 80 * 80 - 800);
  g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), <=, 102 * 122 + 82 * 82);
  g_assert_cmpfloat (mask.saturation, >=, 15);
  g_assert_cmpfloat (mask.saturation, <=, 45);
  g_assert_false (mask.by_brightness);
  tsr_tissue_mask_clear (&mask);
  tsr_image_clear (&image);
}

/* Glass alone is no tissue, tissue alone is all tissue. */
static void
test_extremes (void)
{
  static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 50}, {3, 3}, {120, 80}};
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++) {
    TsrMaskOptions options = tsr_mask_options ();
    options.speck = 1;
    TsrImage image = sheet (sizes[s][0], sizes[s][1]);
    TsrTissueMask mask = find (&image, &options);
    g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), ==, 0);
    tsr_tissue_mask_clear (&mask);
    box (&image, 0, 0, 1000, 1000, eosin);
    mask = find (&image, &options);
    g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), ==, (size_t)(sizes[s][0] * sizes[s][1]));
    tsr_tissue_mask_clear (&mask);
    tsr_image_clear (&image);
  }
}

static void
test_specks_and_holes (void)
{
  TsrImage image = sheet (300, 200);
  box (&image, 40, 40, 160, 160, eosin);
  box (&image, 60, 60, 68, 68, glass);     /* 64 pixels: filled */
  box (&image, 100, 100, 130, 130, glass); /* 900: a real hole */
  box (&image, 220, 50, 224, 54, eosin);   /* 16: a speck */
  box (&image, 220, 100, 232, 112, eosin); /* 144: tissue */
  TsrMaskOptions options = tsr_mask_options ();
  options.smooth = 0;
  TsrTissueMask mask = find (&image, &options);
  expect (&mask, 60, 60, 68, 68, 0, TSR_MASK_TISSUE);
  expect (&mask, 100, 100, 130, 130, 0, TSR_MASK_GLASS);
  expect (&mask, 220, 50, 224, 54, 0, TSR_MASK_GLASS);
  expect (&mask, 220, 100, 232, 112, 0, TSR_MASK_TISSUE);
  g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), ==, 120 * 120 - 900 + 144);
  tsr_tissue_mask_clear (&mask);
  /* The sizes are the options': just above and just below. */
  options.hole = 65, options.speck = 16;
  mask = find (&image, &options);
  g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), ==, 120 * 120 - 900 + 144 + 16);
  tsr_tissue_mask_clear (&mask);
  options.hole = 64, options.speck = 17;
  mask = find (&image, &options);
  g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), ==, 120 * 120 - 900 - 64 + 144);
  tsr_tissue_mask_clear (&mask);
  tsr_image_clear (&image);
}

static void
test_pen (void)
{
  static const Colour pens[] = {green, blue, red, ink};
  for (size_t p = 0; p < G_N_ELEMENTS (pens); p++) {
    TsrImage image = sheet (400, 300);
    box (&image, 100, 100, 300, 200, eosin);
    box (&image, 150, 120, 200, 180, haematoxylin);
    box (&image, 90, 92, 310, 104, pens[p]); /* a line along and over the tissue's border */
    box (&image, 20, 20, 30, 280, pens[p]);
    TsrTissueMask mask = find (&image, NULL);
    expect (&mask, 90, 92, 310, 104, 1, TSR_MASK_PEN);
    expect (&mask, 20, 20, 30, 280, 1, TSR_MASK_PEN);
    expect (&mask, 100, 108, 300, 200, 1, TSR_MASK_TISSUE);
    g_assert_cmpuint (count (&mask, TSR_MASK_TISSUE), <=, 202 * 96);
    tsr_tissue_mask_clear (&mask);
    TsrMaskOptions options = tsr_mask_options ();
    options.pen = false;
    mask = find (&image, &options);
    g_assert_cmpuint (count (&mask, TSR_MASK_PEN), ==, 0);
    tsr_tissue_mask_clear (&mask);
    tsr_image_clear (&image);
  }
}

/* A stain of a pen's colour is no pen. */
static void
test_green_stain (void)
{
  TsrImage image = sheet (300, 200);
  box (&image, 50, 50, 250, 150, (Colour){120, 190, 150});
  TsrTissueMask mask = find (&image, NULL);
  expect (&mask, 50, 50, 250, 150, 1, TSR_MASK_TISSUE);
  g_assert_cmpuint (count (&mask, TSR_MASK_PEN), ==, 0);
  tsr_tissue_mask_clear (&mask);
  tsr_image_clear (&image);
}

/* Yellowed glass is more saturated than pale tissue on clear glass. */
static void
test_tinted_glass (void)
{
  TsrImage image = sheet (300, 200);
  box (&image, 0, 0, 300, 200, (Colour){238, 230, 205});
  box (&image, 60, 60, 160, 160, eosin);
  TsrTissueMask mask = find (&image, NULL);
  expect (&mask, 60, 60, 160, 160, 1, TSR_MASK_TISSUE);
  expect (&mask, 170, 0, 300, 200, 0, TSR_MASK_GLASS);
  tsr_tissue_mask_clear (&mask);
  tsr_image_clear (&image);
}

static void
test_margin (void)
{
  TsrImage image = sheet (300, 200);
  box (&image, 0, 0, 300, 25, black);
  box (&image, 260, 0, 300, 200, black);
  box (&image, 60, 60, 160, 160, eosin);
  box (&image, 100, 100, 104, 104, black); /* pigment, not margin */
  TsrTissueMask mask = find (&image, NULL);
  expect (&mask, 0, 0, 300, 25, 1, TSR_MASK_MARGIN);
  expect (&mask, 260, 0, 300, 200, 1, TSR_MASK_MARGIN);
  expect (&mask, 60, 60, 160, 160, 1, TSR_MASK_TISSUE);
  expect (&mask, 0, 30, 55, 200, 0, TSR_MASK_GLASS);
  tsr_tissue_mask_clear (&mask);
  tsr_image_clear (&image);
}

static void
test_grey (void)
{
  TsrImage image = sheet (300, 200);
  box (&image, 60, 60, 160, 160, (Colour){150, 150, 150});
  TsrTissueMask mask = find (&image, NULL);
  g_assert_true (mask.by_brightness && !mask.dark_ground);
  expect (&mask, 60, 60, 160, 160, 1, TSR_MASK_TISSUE);
  expect (&mask, 170, 0, 300, 200, 0, TSR_MASK_GLASS);
  tsr_tissue_mask_clear (&mask);
  box (&image, 0, 0, 300, 200, (Colour){12, 12, 12});
  box (&image, 60, 60, 160, 160, (Colour){150, 150, 150});
  mask = find (&image, NULL);
  g_assert_true (mask.by_brightness && mask.dark_ground);
  expect (&mask, 60, 60, 160, 160, 1, TSR_MASK_TISSUE);
  expect (&mask, 170, 0, 300, 200, 0, TSR_MASK_GLASS);
  g_assert_cmpuint (count (&mask, TSR_MASK_MARGIN) + count (&mask, TSR_MASK_PEN), ==, 0);
  tsr_tissue_mask_clear (&mask);
  tsr_image_clear (&image);
}

static void
test_options (void)
{
  TsrImage image = sheet (100, 100);
  box (&image, 20, 20, 80, 80, pale); /* saturation 27, brightness 214 */
  TsrMaskOptions options = tsr_mask_options ();
  options.smooth = 0;
  for (int i = 0; i < 4; i++) {
    options.saturation = i == 0 ? 26 : i == 1 ? 27 : 0;
    options.brightness = i == 2 ? 214 : i == 3 ? 215 : 255;
    TsrTissueMask mask = find (&image, &options);
    g_assert_true ((mask.classes[50 * 100 + 50] == TSR_MASK_TISSUE) == (i == 0 || i == 3));
    tsr_tissue_mask_clear (&mask);
  }
  for (int i = 0; i < 10; i++) {
    options = tsr_mask_options ();
    double *numbers[] = {&options.saturation, &options.brightness, &options.dark};
    int *sizes[] = {&options.smooth, &options.speck, &options.hole};
    if (i < 3)
      *numbers[i] = -1;
    else if (i < 6)
      *numbers[i - 3] = 256;
    else if (i < 9)
      *sizes[i - 6] = -1;
    else
      options.dark = NAN;
    TsrTissueMask mask;
    g_autoptr (GError) error = NULL;
    g_assert_false (tsr_tissue_mask_find (&image, &options, &mask, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
    g_assert_null (mask.classes);
  }
  tsr_image_clear (&image);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/mask/otsu", test_otsu);
  g_test_add_func ("/slide/mask/tissue", test_tissue);
  g_test_add_func ("/slide/mask/extremes", test_extremes);
  g_test_add_func ("/slide/mask/specks-and-holes", test_specks_and_holes);
  g_test_add_func ("/slide/mask/pen", test_pen);
  g_test_add_func ("/slide/mask/green-stain", test_green_stain);
  g_test_add_func ("/slide/mask/tinted-glass", test_tinted_glass);
  g_test_add_func ("/slide/mask/margin", test_margin);
  g_test_add_func ("/slide/mask/grey", test_grey);
  g_test_add_func ("/slide/mask/options", test_options);
  return g_test_run ();
}
