/* Image files without what was written beside the pixels: every format and kind shows the same
 * pixels, the way up stays, and a name that was put into EXIF, comments and descriptions is gone.
 */

#include "fixtures.h"
#include "tsr-image-bare.h"

#include <glib/gstdio.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>
#include <zlib.h>

#define NAME        "MEIER HANS 1957"
#define PLACEHOLDER 0x12345678

/* Little-endian: the way up 6, and the name as the artist. */
static const char exif[] = "II*"
                           "\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x3b\x01\x02\0\x10"
                           "\0\0\0\x26\0\0\0\0\0\0\0" NAME;

static TsrImage
decode (GBytes *bytes)
{
  gsize n;
  const uint8_t *data = g_bytes_get_data (bytes, &n);
  g_autoptr (GError) error = NULL;
  TsrImage image = {0};
  tsr_image_load_bytes (data, n, "x", 0, 0, &image, &error);
  g_assert_no_error (error);
  return image;
}

static bool
names (GBytes *bytes)
{
  gsize n;
  const char *data = g_bytes_get_data (bytes, &n);
  return memmem (data, n, NAME, strlen (NAME)) != NULL;
}

/* The same pixels as file has; the name, if it was in it, is gone; once more changes nothing. */
static void
check (GBytes *file)
{
  g_autoptr (GBytes) bare = tsr_image_bare (file), again = tsr_image_bare (bare);
  TsrImage before = decode (file), after = decode (bare);
  g_assert_cmpint (before.width, ==, after.width);
  g_assert_cmpint (before.height, ==, after.height);
  g_assert_cmpint (before.channels, ==, after.channels);
  size_t n = (size_t)before.width * (size_t)before.height * (size_t)before.channels;
  g_assert_cmpmem (before.pixels, n, after.pixels, n);
  g_assert_false (names (bare));
  g_assert_true (g_bytes_equal (bare, again));
  tsr_image_clear (&before);
  tsr_image_clear (&after);
}

static GBytes *
insert (GBytes *file, size_t at, const void *text, size_t length)
{
  gsize n;
  const uint8_t *data = g_bytes_get_data (file, &n);
  GByteArray *made = g_byte_array_new ();
  g_byte_array_append (made, data, (guint)at);
  g_byte_array_append (made, text, (guint)length);
  g_byte_array_append (made, data + at, (guint)(n - at));
  return g_byte_array_free_to_bytes (made);
}

/* An EXIF segment and a comment behind a JPEG's beginning, and something behind its end. */
static GBytes *
sign_jpeg (GBytes *file)
{
  static const char comment[] = "\xff\xfe\0\x11" NAME;
  GByteArray *segment = g_byte_array_new ();
  const uint8_t head[] = {0xff, 0xe1, 0, 2 + 6 + sizeof exif, 'E', 'x', 'i', 'f', 0, 0};
  g_byte_array_append (segment, head, sizeof head);
  g_byte_array_append (segment, (const uint8_t *)exif, sizeof exif);
  g_byte_array_append (segment, (const uint8_t *)comment, sizeof comment - 1);
  g_autoptr (GBytes) signed_ = insert (file, 2, segment->data, segment->len);
  g_byte_array_unref (segment);
  return insert (signed_, g_bytes_get_size (signed_), NAME, strlen (NAME));
}

static void
add_chunk (GByteArray *to, const char *type, const void *body, size_t n)
{
  const uint8_t size[4] = {0, 0, 0, (uint8_t)n};
  guint from = to->len + 4;
  g_byte_array_append (to, size, 4);
  g_byte_array_append (to, (const uint8_t *)type, 4);
  g_byte_array_append (to, body, (guint)n);
  uint32_t sum = (uint32_t)crc32 (0, to->data + from, (uInt)(n + 4));
  const uint8_t tail[4] = {(uint8_t)(sum >> 24), (uint8_t)(sum >> 16), (uint8_t)(sum >> 8),
                           (uint8_t)sum};
  g_byte_array_append (to, tail, 4);
}

static GBytes *
sign_png (GBytes *file)
{
  GByteArray *chunks = g_byte_array_new ();
  add_chunk (chunks, "tEXt", "Author\0" NAME, 7 + strlen (NAME));
  add_chunk (chunks, "eXIf", exif, sizeof exif);
  GBytes *made = insert (file, 33, chunks->data, chunks->len); /* behind the header */
  g_byte_array_unref (chunks);
  return made;
}

static GBytes *
sign_webp (GBytes *file)
{
  GByteArray *chunk = g_byte_array_new ();
  const uint8_t head[8] = {'E', 'X', 'I', 'F', sizeof exif}, zero = 0;
  g_byte_array_append (chunk, head, 8);
  g_byte_array_append (chunk, (const uint8_t *)exif, sizeof exif);
  if (sizeof exif & 1)
    g_byte_array_append (chunk, &zero, 1);
  g_autoptr (GBytes) made = insert (file, g_bytes_get_size (file), chunk->data, chunk->len);
  g_byte_array_unref (chunk);
  gsize n;
  uint8_t *data = g_bytes_unref_to_data (g_steal_pointer (&made), &n);
  for (int i = 0; i < 4; i++)
    data[4 + i] = (uint8_t)((n - 8) >> 8 * i);
  return g_bytes_new_take (data, n);
}

static void
test_fixtures (void)
{
  g_autoptr (GPtrArray) all = fixtures_new ();
  guint signed_ = 0;
  for (guint i = 0; i < all->len; i++) {
    const Fixture *fixture = all->pdata[i];
    g_test_message ("%s", fixture->name);
    check (fixture->bytes);
    GBytes *(*sign) (GBytes *) = strcmp (fixture->format, "JPEG") == 0   ? sign_jpeg
                                 : strcmp (fixture->format, "PNG") == 0  ? sign_png
                                 : strcmp (fixture->format, "WebP") == 0 ? sign_webp
                                                                         : NULL;
    if (!sign)
      continue;
    g_autoptr (GBytes) made = sign (fixture->bytes);
    g_assert_true (names (made));
    TsrImage turned = decode (made);
    if (sign == sign_jpeg) /* the reader obeys it, so that check () sees whether it is kept */
      g_assert_cmpint (turned.width, ==, FIXTURE_HEIGHT);
    tsr_image_clear (&turned);
    check (made);
    signed_++;
  }
  g_assert_cmpuint (signed_, >, 8);
}

/* Descriptions and a directory of EXIF, in either byte order. */
static void
test_tiff (void)
{
  for (int big = 0; big < 2; big++) {
    g_autofree char *path = NULL, *data = NULL;
    gsize n;
    close (g_file_open_tmp ("tessera-bare-XXXXXX.tif", &path, NULL));
    TIFF *tiff = TIFFOpen (path, big ? "wb" : "wl");
    uint8_t row[16] = {0};
    uint64_t directory = 0;
    for (int page = 0; page < 2; page++) {
      TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 16);
      TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
      TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
      TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
      TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
      TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, "Patient " NAME);
      TIFFSetField (tiff, TIFFTAG_ARTIST, NAME);
      TIFFSetField (tiff, TIFFTAG_EXIFIFD, (uint64_t)PLACEHOLDER);
      TIFFSetField (tiff, TIFFTAG_XMLPACKET, (uint32_t)strlen (NAME), NAME);
      for (int x = 0; x < 16; x++)
        row[x] = (uint8_t)(x * 11 + page);
      TIFFWriteScanline (tiff, row, 0, 0);
      TIFFWriteDirectory (tiff);
    }
    TIFFCreateEXIFDirectory (tiff);
    TIFFSetField (tiff, EXIFTAG_DATETIMEORIGINAL, "1957:01:01 00:00:00");
    TIFFSetField (tiff, EXIFTAG_SPECTRALSENSITIVITY, NAME);
    TIFFWriteCustomDirectory (tiff, &directory);
    TIFFClose (tiff);
    g_assert_true (g_file_get_contents (path, &data, &n, NULL));
    for (gsize at = 0; at + 4 <= n;
         at++) { /* libtiff would leave the old directory's texts behind */
      uint32_t value, now = (uint32_t)directory;
      memcpy (&value, data + at, 4);
      if ((big ? GUINT32_FROM_BE (value) : GUINT32_FROM_LE (value)) == PLACEHOLDER) {
        now = big ? GUINT32_TO_BE (now) : GUINT32_TO_LE (now);
        memcpy (data + at, &now, 4);
      }
    }
    g_autoptr (GBytes) file = g_bytes_new (data, n);
    g_assert_true (names (file));
    check (file);
    g_unlink (path);
  }
}

/* Cut anywhere, or with any byte another: no more than that happens. */
static void
test_damaged (void)
{
  g_autoptr (GPtrArray) all = fixtures_new ();
  for (guint i = 0; i < all->len; i += 3) {
    const Fixture *fixture = all->pdata[i];
    gsize n;
    const uint8_t *data = g_bytes_get_data (fixture->bytes, &n);
    for (gsize at = 0; at < MIN (n, 400); at++) {
      g_autoptr (GBytes) cut = g_bytes_new (data, at);
      g_autoptr (GBytes) bare = tsr_image_bare (cut);
      g_autofree uint8_t *other = g_memdup2 (data, n);
      other[at] ^= 0xff;
      g_autoptr (GBytes) flipped = g_bytes_new (other, n);
      g_autoptr (GBytes) also = tsr_image_bare (flipped);
      g_assert_cmpuint (g_bytes_get_size (bare), <=, at + 64);
      g_assert_nonnull (also);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bare/fixtures", test_fixtures);
  g_test_add_func ("/bare/tiff", test_tiff);
  g_test_add_func ("/bare/damaged", test_damaged);
  return g_test_run ();
}
