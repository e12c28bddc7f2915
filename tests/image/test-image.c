/* Every format and kind gives the right pixels; turning, cropping and resampling against plain
 * references; plain sentences. */

#include "fixtures.h"

#include "tsr-error.h"
#include "tsr-image-reader.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>

static char *
temporary_path (const char *name)
{
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("tessera-image-XXXXXX", NULL);
  return g_build_filename (folder, name, NULL);
}

static int
worst_difference (const TsrImage *a, const TsrImage *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpint (a->channels, ==, b->channels);
  int worst = 0;
  for (size_t i = 0; i < (size_t)a->width * a->height * a->channels; i++)
    worst = MAX (worst, abs (a->pixels[i] - b->pixels[i]));
  return worst;
}

static void
test_fixture (gconstpointer data)
{
  const Fixture *fixture = data;
  gsize n;
  const uint8_t *bytes = g_bytes_get_data (fixture->bytes, &n);
  g_autoptr (GError) error = NULL;
  TsrImage image;
  g_assert_true (tsr_image_load_bytes (bytes, n, fixture->name, 0, 0, &image, &error));
  g_assert_no_error (error);
  g_assert_cmpint (worst_difference (&image, &fixture->expected), <=, fixture->tolerance);
  tsr_image_clear (&image);

  /* The same from a file whose extension lies, and its header alone. */
  g_autofree char *path = temporary_path ("mislabelled.jpg");
  g_assert_true (g_file_set_contents (path, (const char *)bytes, (gssize)n, NULL));
  TsrImageInfo info;
  g_assert_true (tsr_image_probe (path, &info, &error));
  g_assert_cmpstr (info.format, ==, fixture->format);
  g_assert_cmpint (info.width, ==, FIXTURE_WIDTH);
  g_assert_cmpint (info.height, ==, FIXTURE_HEIGHT);
  g_assert_cmpint (info.channels, >=, 1);
  g_assert_true (tsr_image_load (path, 0, 0, &image, &error));
  g_assert_cmpint (worst_difference (&image, &fixture->expected), <=, fixture->tolerance);
  tsr_image_clear (&image);
  g_assert_true (tsr_image_load (path, 16, 3, &image, &error));
  g_assert_cmpint (image.width, ==, 16);
  g_assert_cmpint (image.height, ==, 16);
  g_assert_cmpint (image.channels, ==, 3);
  tsr_image_clear (&image);
}

static TsrImage
make_image (int width, int height, int channels)
{
  TsrImage image = {.width = width, .height = height, .channels = channels};
  image.pixels = g_malloc ((size_t)width * height * channels);
  for (int i = 0; i < width * height * channels; i++)
    image.pixels[i] = fixture_rough (i / channels % width, i / channels / width, i % channels);
  return image;
}

static double
cubic (double x)
{
  x = fabs (x);
  return x < 1   ? 1 - 2.5 * x * x + 1.5 * x * x * x
         : x < 2 ? 2 - 4 * x + 2.5 * x * x - 0.5 * x * x * x
                 : 0;
}

/* Two-dimensional, in double precision, straight from the definition. */
static double
reference_sample (const TsrImage *from, int side, int size, int x, int y, int c)
{
  double scale = (double)side / size, sum = 0, weights = 0;
  int x0 = (from->width - side) / 2, y0 = (from->height - side) / 2;
  for (int j = 0; j < side; j++)
    for (int i = 0; i < side; i++) {
      double w;
      if (scale > 1)
        w = MAX (0, MIN (i + 1, (x + 1) * scale) - MAX (i, x * scale)) *
            MAX (0, MIN (j + 1, (y + 1) * scale) - MAX (j, y * scale));
      else
        w = cubic (i + 0.5 - (x + 0.5) * scale) * cubic (j + 0.5 - (y + 0.5) * scale);
      sum += w * from->pixels[((y0 + j) * from->width + x0 + i) * from->channels + c];
      weights += w;
    }
  return sum / weights;
}

static void
test_resize (void)
{
  static const int shapes[][3] = {{8, 8, 4},    {9, 9, 4},    {23, 17, 5},  {17, 23, 16},
                                  {17, 40, 17}, {5, 5, 13},   {2, 2, 7},    {1, 1, 4},
                                  {1, 9, 3},    {64, 50, 49}, {33, 33, 32}, {100, 100, 1}};
  for (size_t s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int channels = 1; channels <= 3; channels += 2) {
      TsrImage from = make_image (shapes[s][0], shapes[s][1], channels), to;
      int size = shapes[s][2], side = MIN (from.width, from.height);
      tsr_image_resize (&from, size, &to);
      g_assert_cmpint (to.width, ==, size);
      g_assert_cmpint (to.height, ==, size);
      g_assert_cmpint (to.channels, ==, channels);
      for (int i = 0; i < size * size * channels; i++) {
        double expected = reference_sample (&from, side, size, i / channels % size,
                                            i / channels / size, i % channels);
        g_assert_cmpfloat (fabs (to.pixels[i] - CLAMP (expected, 0, 255)), <=, 0.51);
      }
      tsr_image_clear (&from);
      tsr_image_clear (&to);
    }
}

static void
test_convert (void)
{
  TsrImage image = make_image (7, 5, 3), original = make_image (7, 5, 3);
  g_assert_true (tsr_image_convert (&image, 1, NULL));
  for (int i = 0; i < 35; i++) {
    const uint8_t *p = original.pixels + 3 * i;
    g_assert_cmpfloat (fabs (image.pixels[i] - (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2])), <=,
                       0.51);
  }
  g_assert_true (tsr_image_convert (&image, 3, NULL));
  g_assert_cmpint (image.channels, ==, 3);
  g_assert_cmpint (image.pixels[7], ==, image.pixels[6]);
  tsr_image_clear (&image);
  tsr_image_clear (&original);
}

/* Where the pixel stored at (x, y) is shown, by the words of the EXIF standard: which sides its 0th
 * row and column are. */
static void
shown_at (unsigned orientation, int w, int h, int x, int y, int *sx, int *sy)
{
  static const char *const sides[] = {NULL, "TL", "TR", "BR", "BL",
                                      "LT", "RT", "RB", "LB"}; /* row, column */
  const char *side = sides[orientation];
  bool transposed = side[0] == 'L' || side[0] == 'R';
  char vertical = transposed ? side[1] : side[0], horizontal = transposed ? side[0] : side[1];
  int along_x = transposed ? y : x, along_y = transposed ? x : y, shown_w = transposed ? h : w,
      shown_h = transposed ? w : h;
  *sx = horizontal == 'L' ? along_x : shown_w - 1 - along_x;
  *sy = vertical == 'T' ? along_y : shown_h - 1 - along_y;
}

static void
test_orientation (void)
{
  for (unsigned orientation = 1; orientation <= 8; orientation++) {
    TsrImage stored = make_image (7, 4, 3), turned = make_image (7, 4, 3);
    g_assert_true (tsr_image_orient (&turned, orientation, NULL));
    for (int y = 0; y < 4; y++)
      for (int x = 0; x < 7; x++) {
        int sx, sy;
        shown_at (orientation, 7, 4, x, y, &sx, &sy);
        g_assert_cmpmem (stored.pixels + (y * 7 + x) * 3, 3,
                         turned.pixels + (sy * turned.width + sx) * 3, 3);
      }
    tsr_image_clear (&stored);
    tsr_image_clear (&turned);
  }
}

/* An EXIF block put into a JPEG turns the picture; damaged ones are ignored. */
static void
test_exif (void)
{
  static const uint8_t little[] =
      "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
  static const uint8_t big[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0";
  g_assert_cmpuint (tsr_exif_orientation (little, sizeof little - 1), ==, 6);
  g_assert_cmpuint (tsr_exif_orientation (big, sizeof big - 1), ==, 3);
  for (size_t n = 0; n < 20; n++) {
    g_assert_cmpuint (tsr_exif_orientation (little, n), ==, 1);
    g_assert_cmpuint (tsr_exif_orientation (big, n), ==, 1);
  }
  TsrImage image = make_image (24, 16, 3), shown;
  g_autoptr (GBytes) jpeg = tsr_image_to_jpeg (&image, 90);
  gsize n;
  const uint8_t *bytes = g_bytes_get_data (jpeg, &n);
  GByteArray *with = g_byte_array_new ();
  g_byte_array_append (with, bytes, 2);
  g_byte_array_append (with, (const uint8_t[]){0xFF, 0xE1, 0, sizeof little - 1 + 2}, 4);
  g_byte_array_append (with, little, sizeof little - 1);
  g_byte_array_append (with, bytes + 2, (guint)n - 2);
  g_assert_true (tsr_image_load_bytes (with->data, with->len, "turned", 0, 0, &shown, NULL));
  g_assert_cmpint (shown.width, ==, 16);
  g_assert_cmpint (shown.height, ==, 24);
  tsr_image_clear (&image);
  tsr_image_clear (&shown);
  g_byte_array_unref (with);
}

/* TIFF's own orientation tag, in strips and through libtiff's RGBA converter (CIE Lab). */
static void
test_tiff_orientation (void)
{
  g_autofree char *path = temporary_path ("turned.tif");
  static const uint16_t photometrics[] = {PHOTOMETRIC_RGB, PHOTOMETRIC_CIELAB};
  for (unsigned i = 0; i < 16; i++) {
    unsigned orientation = 1 + i / 2;
    TsrImage stored = make_image (7, 4, 3), upright, turned;
    for (int pass = 0; pass < 2; pass++) {
      TIFF *tiff = TIFFOpen (path, "w");
      TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 7);
      TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 4);
      TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
      TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
      TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, photometrics[i % 2]);
      TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
      TIFFSetField (tiff, TIFFTAG_ORIENTATION, pass == 0 ? 1 : orientation);
      g_assert_cmpint (TIFFWriteEncodedStrip (tiff, 0, stored.pixels, 7 * 4 * 3), ==, 7 * 4 * 3);
      TIFFClose (tiff);
      g_assert_true (tsr_image_load (path, 0, 3, pass == 0 ? &upright : &turned, NULL));
    }
    for (int y = 0; y < 4; y++)
      for (int x = 0; x < 7; x++) {
        int sx, sy;
        shown_at (orientation, 7, 4, x, y, &sx, &sy);
        g_assert_cmpmem (upright.pixels + (y * 7 + x) * 3, 3,
                         turned.pixels + (sy * turned.width + sx) * 3, 3);
      }
    tsr_image_clear (&stored);
    tsr_image_clear (&upright);
    tsr_image_clear (&turned);
  }
}

/* A refusal is one sentence that names the file and ends the call with no pixels. */
static void
assert_refused (const char *path, const char *part)
{
  g_autoptr (GError) error = NULL;
  TsrImage image;
  g_assert_false (tsr_image_load (path, 0, 0, &image, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_null (image.pixels);
  g_autofree char *shown = g_filename_display_name (path);
  if (!strstr (error->message, shown) || !strstr (error->message, part) ||
      !g_str_has_suffix (error->message, "."))
    g_error ("expected “%s” with the name in: %s", part, error->message);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
refuse_contents (const char *name, const char *bytes, gssize n, const char *part)
{
  g_autofree char *path = temporary_path (name);
  g_assert_true (g_file_set_contents (path, bytes, n, NULL));
  assert_refused (path, part);
}

static void
test_refusals (void)
{
  refuse_contents ("empty.png", "", 0, "empty");
  refuse_contents ("notes.txt", "hello", 5, "not an image");
  refuse_contents ("paper.png", "%PDF-1.7 ...", 12, "PDF");
  refuse_contents ("scan.jpg", "\0\0\0\x0CjP  \r\n\x87\n....", 16, "JPEG 2000");
  refuse_contents ("head.png", "\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16, "cut short");
  refuse_contents ("huge.ppm", "P6 100000 100000 255 ", 21, "too large");
  refuse_contents ("none.pgm", "P5 0 5 255 ", 11, "no pixels");
  refuse_contents ("name \xFF\n.bmp", "BM", 2, "not an image");
  g_autofree char *missing = temporary_path ("missing.png"), *folder = g_path_get_dirname (missing),
                  *fifo = temporary_path ("fifo");
  assert_refused (missing, "does not exist");
  assert_refused (folder, "not a regular file");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, "not a regular file"); /* and does not wait for a writer */
  assert_refused ("/dev/zero", "not a regular file");
  if (geteuid () != 0) {
    g_autofree char *secret = temporary_path ("secret.png");
    g_assert_true (g_file_set_contents (secret, "x", 1, NULL));
    g_chmod (secret, 0);
    assert_refused (secret, "permissions");
  }
}

/* A small PNG that claims 16 times the limit is refused before anything is allocated for it. */
static void
test_bomb (void)
{
  TsrImage image = make_image (4, 4, 1);
  g_autofree char *path = temporary_path ("bomb.png"), *bytes = NULL;
  gsize n;
  g_assert_true (tsr_image_save_png (&image, path, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  tsr_image_clear (&image);
  memcpy (bytes + 16, "\0\1\0\0\0\1\0\0", 8);
  static const uint8_t crc_of_65536_grey[] = {0x49, 0xEF, 0x6F, 0x3F};
  memcpy (bytes + 29, crc_of_65536_grey, 4);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)n, NULL));
  assert_refused (path, "too large");
}

static void
test_write (void)
{
  for (int channels = 1; channels <= 3; channels += 2) {
    TsrImage image = make_image (19, 31, channels), read;
    g_autofree char *path = temporary_path ("written.png");
    g_assert_true (tsr_image_save_png (&image, path, NULL));
    g_assert_true (tsr_image_load (path, 0, 0, &read, NULL));
    g_assert_cmpint (worst_difference (&image, &read), ==, 0);
    tsr_image_clear (&read);
    for (int quality = -5; quality <= 200; quality += 50) {
      g_autoptr (GBytes) jpeg = tsr_image_to_jpeg (&image, quality);
      gsize n;
      const uint8_t *bytes = g_bytes_get_data (jpeg, &n);
      g_assert_true (tsr_image_load_bytes (bytes, n, "thumbnail", 0, 0, &read, NULL));
      g_assert_cmpint (read.channels, ==, channels);
      g_assert_cmpint (read.width, ==, 19);
      tsr_image_clear (&read);
    }
    tsr_image_clear (&image);
  }
  TsrImage image = make_image (4, 4, 1);
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_image_save_png (&image, "/proc/tessera.png", &error));
  g_assert_nonnull (error);
  tsr_image_clear (&image);
}

static void
test_usage (void)
{
  TsrImage image;
  g_autoptr (GError) error = NULL;
  g_assert_false (tsr_image_load ("/nowhere", -1, 0, &image, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_false (tsr_image_load ("/nowhere", 64, 2, &image, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_USAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GPtrArray) fixtures = fixtures_new ();
  for (guint i = 0; i < fixtures->len; i++) {
    g_autofree char *name =
        g_strconcat ("/image/format/", ((Fixture *)fixtures->pdata[i])->name, NULL);
    g_test_add_data_func (name, fixtures->pdata[i], test_fixture);
  }
  g_test_add_func ("/image/resize", test_resize);
  g_test_add_func ("/image/convert", test_convert);
  g_test_add_func ("/image/orientation", test_orientation);
  g_test_add_func ("/image/exif", test_exif);
  g_test_add_func ("/image/tiff-orientation", test_tiff_orientation);
  g_test_add_func ("/image/refusals", test_refusals);
  g_test_add_func ("/image/bomb", test_bomb);
  g_test_add_func ("/image/write", test_write);
  g_test_add_func ("/image/usage", test_usage);
  return g_test_run ();
}
