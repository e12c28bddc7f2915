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

#define NAME       "MEIER HANS 1957"
#define EXIF_PLACE 0x12345678
#define GPS_PLACE  0x12345679

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
  g_autoptr (GBytes) bare = tsr_image_bare (file);
  g_assert_nonnull (bare);
  g_autoptr (GBytes) again = tsr_image_bare (bare);
  TsrImage before = decode (file), after = decode (bare);
  g_assert_cmpint (before.width, ==, after.width);
  g_assert_cmpint (before.height, ==, after.height);
  g_assert_cmpint (before.channels, ==, after.channels);
  size_t n = (size_t)before.width * (size_t)before.height * (size_t)before.channels;
  g_assert_cmpmem (before.pixels, n, after.pixels, n);
  g_assert_false (names (bare));
  g_assert_nonnull (again);
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

/* A comment, another program's block and a text to be shown before the first picture, and
 * something behind the end. */
static GBytes *
sign_gif (GBytes *file)
{
  static const char blocks[] =
      "!\xfe\x0f" NAME "\0!\xff\x0bXMP DataXMP\x0f" NAME "\0!\x01\x0c............\x0f" NAME;
  g_autoptr (GBytes) made = insert (file, 13 + 3 * 256, blocks, sizeof blocks);
  return insert (made, g_bytes_get_size (made), NAME, strlen (NAME));
}

static GBytes *
sign_end (GBytes *file)
{
  return insert (file, g_bytes_get_size (file), NAME, strlen (NAME));
}

/* Behind the number of its kind. */
static GBytes *
sign_pnm (GBytes *file)
{
  g_autoptr (GBytes) made = insert (file, 2, "\n#" NAME "\n", strlen (NAME) + 3);
  gsize n;
  const uint8_t *data = g_bytes_get_data (made, &n);
  return data[1] < '4' ? insert (made, n - 9, " #" NAME "\n", strlen (NAME) + 3) : sign_end (made);
}

static const struct {
  const char *format;
  GBytes *(*sign) (GBytes *file);
} signers[] = {{"JPEG", sign_jpeg}, {"PNG", sign_png}, {"WebP", sign_webp}, {"GIF", sign_gif},
               {"BMP", sign_end},   {"PNM", sign_pnm}, {"TIFF", sign_end}};

static void
test_fixtures (void)
{
  g_autoptr (GPtrArray) all = fixtures_new ();
  guint signed_[G_N_ELEMENTS (signers)] = {0};
  for (guint i = 0; i < all->len; i++) {
    const Fixture *fixture = all->pdata[i];
    g_test_message ("%s", fixture->name);
    check (fixture->bytes);
    for (gsize k = 0; k < G_N_ELEMENTS (signers); k++) {
      if (strcmp (fixture->format, signers[k].format) != 0)
        continue;
      g_autoptr (GBytes) made = signers[k].sign (fixture->bytes);
      g_assert_true (names (made));
      TsrImage turned = decode (made);
      if (signers[k].sign == sign_jpeg) /* the reader obeys it, so check () sees whether it stays */
        g_assert_cmpint (turned.width, ==, FIXTURE_HEIGHT);
      tsr_image_clear (&turned);
      check (made);
      signed_[k]++;
    }
  }
  for (gsize k = 0; k < G_N_ELEMENTS (signers); k++)
    g_assert_cmpuint (signed_[k], >, 1);
}

/* A PNG's last chunk has nothing in it, its first one is the header. */
static void
test_png_ends (void)
{
  g_autoptr (GPtrArray) all = fixtures_new ();
  guint n = 0;
  for (guint i = 0; i < all->len; i++) {
    const Fixture *fixture = all->pdata[i];
    if (strcmp (fixture->format, "PNG") != 0)
      continue;
    GByteArray *chunk = g_byte_array_new ();
    add_chunk (chunk, "IEND", NAME, strlen (NAME));
    g_autoptr (GBytes) first = insert (fixture->bytes, 8, chunk->data, chunk->len),
                       last = insert (fixture->bytes, g_bytes_get_size (fixture->bytes) - 12,
                                      chunk->data, chunk->len);
    g_byte_array_unref (chunk);
    g_assert_null (tsr_image_bare (first));
    g_assert_null (tsr_image_bare (last));
    n++;
  }
  g_assert_cmpuint (n, >, 1);
}

/* Adds what libtiff says of the page at hand. */
static void
add_page (TIFF *tiff, GByteArray *pixels, guint *texts)
{
  static const uint32_t tags[] = {TIFFTAG_IMAGEDESCRIPTION, TIFFTAG_ARTIST};
  uint32_t row[16];
  char *text;
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    *texts += TIFFGetField (tiff, tags[i], &text) != 0;
  g_assert_true (TIFFReadRGBAImage (tiff, 16, 1, row, 0));
  g_byte_array_append (pixels, (const uint8_t *)row, sizeof row);
}

/* The pixels of all pages, and of those inside of others, and how many texts they have. */
static GByteArray *
all_pages (GBytes *file, guint *texts)
{
  g_autofree char *path = NULL;
  gsize n;
  const char *data = g_bytes_get_data (file, &n);
  close (g_file_open_tmp ("tessera-bare-XXXXXX.tif", &path, NULL));
  g_assert_true (g_file_set_contents (path, data, (gssize)n, NULL));
  TIFF *tiff = TIFFOpen (path, "r");
  GByteArray *all = g_byte_array_new ();
  *texts = 0;
  do {
    uint16_t n_inner = 0;
    uint64_t *inner = NULL;
    tdir_t page = TIFFCurrentDirectory (tiff);
    add_page (tiff, all, texts);
    if (TIFFGetField (tiff, TIFFTAG_SUBIFD, &n_inner, &inner) && n_inner > 0) {
      g_assert_true (TIFFSetSubDirectory (tiff, inner[0]));
      add_page (tiff, all, texts);
      g_assert_true (TIFFSetDirectory (tiff, page));
    }
  } while (TIFFReadDirectory (tiff));
  TIFFClose (tiff);
  g_unlink (path);
  return all;
}

/* A page of its own values that says whose it is in every way. */
static void
write_page (TIFF *tiff, int page)
{
  uint8_t row[16];
  uint64_t inner[1] = {0};
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 16);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, page == 1 ? COMPRESSION_LZW : COMPRESSION_NONE);
  TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, "Patient " NAME);
  TIFFSetField (tiff, TIFFTAG_ARTIST, NAME);
  TIFFSetField (tiff, TIFFTAG_CAMERASERIALNUMBER, NAME); /* one of hundreds that are nobody's */
  TIFFSetField (tiff, TIFFTAG_EXIFIFD, (uint64_t)EXIF_PLACE);
  TIFFSetField (tiff, TIFFTAG_GPSIFD, (uint64_t)GPS_PLACE);
  TIFFSetField (tiff, TIFFTAG_XMLPACKET, (uint32_t)strlen (NAME), NAME);
  TIFFSetField (tiff, TIFFTAG_RICHTIFFIPTC, (uint32_t)strlen (NAME), NAME);
  if (page == 0)
    TIFFSetField (tiff, TIFFTAG_SUBIFD, 1, inner); /* page 1 */
  for (int x = 0; x < 16; x++)
    row[x] = (uint8_t)(x * 11 + page);
  TIFFWriteScanline (tiff, row, 0, 0);
  TIFFWriteDirectory (tiff);
}

/* libtiff would leave the texts of a directory that it writes again behind. */
static void
replace_place (char *data, gsize n, bool big, uint32_t place, uint64_t with)
{
  guint found = 0;
  for (gsize at = 0; at + 4 <= n; at++) {
    uint32_t value, now = (uint32_t)with;
    memcpy (&value, data + at, 4);
    if ((big ? GUINT32_FROM_BE (value) : GUINT32_FROM_LE (value)) == place) {
      now = big ? GUINT32_TO_BE (now) : GUINT32_TO_LE (now);
      memcpy (data + at, &now, 4);
      found++;
    }
  }
  g_assert_cmpuint (found, ==, 3);
}

/* Three pages, the second inside of the first, with descriptions and directories of EXIF and GPS.
 */
static GBytes *
make_tiff (const char *mode)
{
  g_autofree char *path = NULL, *data = NULL;
  gsize n;
  close (g_file_open_tmp ("tessera-bare-XXXXXX.tif", &path, NULL));
  TIFF *tiff = TIFFOpen (path, mode);
  uint64_t exif_at = 0, gps_at = 0;
  for (int page = 0; page < 3; page++)
    write_page (tiff, page);
  TIFFFreeDirectory (tiff);
  TIFFCreateEXIFDirectory (tiff);
  TIFFSetField (tiff, EXIFTAG_DATETIMEORIGINAL, "1957:01:01 00:00:00");
  TIFFSetField (tiff, EXIFTAG_SPECTRALSENSITIVITY, NAME);
  TIFFWriteCustomDirectory (tiff, &exif_at);
  TIFFFreeDirectory (tiff);
  TIFFCreateGPSDirectory (tiff);
  TIFFSetField (tiff, GPSTAG_MAPDATUM, NAME);
  TIFFWriteCustomDirectory (tiff, &gps_at);
  TIFFFreeDirectory (tiff);
  TIFFCreateDirectory (tiff); /* nothing is left to be written */
  TIFFClose (tiff);
  g_assert_true (g_file_get_contents (path, &data, &n, NULL));
  g_unlink (path);
  replace_place (data, n, mode[1] == 'b', EXIF_PLACE, exif_at);
  replace_place (data, n, mode[1] == 'b', GPS_PLACE, gps_at);
  return g_bytes_new_take (g_steal_pointer (&data), n);
}

static guint
count_names (GBytes *file)
{
  gsize n;
  const char *data = g_bytes_get_data (file, &n), *end = data + n;
  guint found = 0;
  for (const char *at = data; (at = memmem (at, (gsize)(end - at), NAME, strlen (NAME))); at++)
    found++;
  return found;
}

/* TIFF and BigTIFF, in either byte order. */
static void
test_tiff (void)
{
  for (int kind = 0; kind < 4; kind++) {
    const char *mode = (const char *[]){"wl", "wb", "wl8", "wb8"}[kind];
    g_autoptr (GBytes) file = make_tiff (mode);
    const uint8_t *head = g_bytes_get_data (file, NULL);
    g_assert_cmpint (head[mode[1] == 'b' ? 3 : 2], ==, mode[2] == '8' ? '+' : '*');
    g_assert_cmpuint (count_names (file), ==, 3 * 5 + 2);
    check (file);
    g_autoptr (GBytes) bare = tsr_image_bare (file);
    guint texts, left;
    g_autoptr (GByteArray) before = all_pages (file, &texts), after = all_pages (bare, &left);
    g_assert_cmpuint (texts, ==, 2 * 3);
    g_assert_cmpuint (left, ==, 0);
    g_assert_cmpuint (before->len, ==, 3 * 64);
    g_assert_cmpmem (before->data, before->len, after->data, after->len);
  }
}

/* One strip of more bytes than libtiff likes, which it makes many of. */
static void
test_tiff_strip (void)
{
  g_autofree char *path = NULL, *data = NULL;
  g_autofree uint8_t *pixels = g_malloc (128 * 128);
  gsize n;
  for (int i = 0; i < 128 * 128; i++)
    pixels[i] = (uint8_t)(i * 7 / 3);
  close (g_file_open_tmp ("tessera-bare-XXXXXX.tif", &path, NULL));
  TIFF *tiff = TIFFOpen (path, "w");
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 128);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 128);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, 128);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_ARTIST, NAME);
  g_assert_cmpint (TIFFWriteEncodedStrip (tiff, 0, pixels, 128 * 128), ==, 128 * 128);
  TIFFClose (tiff);
  g_assert_true (g_file_get_contents (path, &data, &n, NULL));
  g_unlink (path);
  g_autoptr (GBytes) file = g_bytes_new (data, n);
  g_assert_true (names (file));
  check (file);
}

/* JPEG inside of TIFF, which has comments of its own. */
static void
test_tiff_jpeg (void)
{
  TsrImage image = {16, 16, 3, g_malloc0 (16 * 16 * 3)};
  for (int i = 0; i < 16 * 16 * 3; i++)
    image.pixels[i] = (uint8_t)(i / 4);
  g_autoptr (GBytes) plain = tsr_image_to_jpeg (&image, 90);
  g_autoptr (GBytes) jpeg = sign_jpeg (plain);
  tsr_image_clear (&image);
  g_autofree char *path = NULL, *data = NULL;
  gsize n;
  close (g_file_open_tmp ("tessera-bare-XXXXXX.tif", &path, NULL));
  TIFF *tiff = TIFFOpen (path, "w8");
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 16);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 16);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, 16);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_JPEG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR);
  TIFFSetField (tiff, TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
  gsize length;
  void *strip = (void *)g_bytes_get_data (jpeg, &length);
  g_assert_cmpint (TIFFWriteRawStrip (tiff, 0, strip, (tmsize_t)length), ==, (tmsize_t)length);
  TIFFClose (tiff);
  g_assert_true (g_file_get_contents (path, &data, &n, NULL));
  g_unlink (path);
  g_autoptr (GBytes) file = g_bytes_new (data, n);
  g_assert_cmpuint (count_names (file), ==, 3);
  check (file);
}

/* What cannot be told apart is not copied at all. */
static void
test_refused (void)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("no image, no tiles", 18);
  g_assert_null (tsr_image_bare (none));
  for (int kind = 0; kind < 2; kind++) {
    g_autoptr (GBytes) file = make_tiff (kind == 0 ? "wl" : "wl8");
    gsize n, word = kind == 0 ? 4 : 8, head = kind == 0 ? 2 : 8;
    uint8_t *data = g_bytes_unref_to_data (g_steal_pointer (&file), &n);
    gsize at = GUINT32_FROM_LE (*(uint32_t *)(void *)(data + (kind == 0 ? 4 : 8)));
    gsize entries = data[at], bytes = 4 + 2 * word;
    for (gsize i = 0; i < entries; i++) {
      uint8_t *entry = data + at + head + i * bytes;
      uint16_t tag = (uint16_t)(entry[0] | entry[1] << 8);
      if (tag != TIFFTAG_COMPRESSION && tag != TIFFTAG_STRIPOFFSETS &&
          tag != TIFFTAG_STRIPBYTECOUNTS && tag != TIFFTAG_SUBIFD)
        continue;
      /* an unknown compression, pixels over the directory, too few, a directory that leads back */
      g_autofree uint8_t *other = g_memdup2 (data, n);
      uint8_t *value = other + (entry - data) + 4 + word;
      memset (value, 0, word);
      value[0] = tag == TIFFTAG_STRIPBYTECOUNTS ? 3 : (uint8_t)at;
      value[1] = tag == TIFFTAG_STRIPBYTECOUNTS ? 0 : (uint8_t)(at >> 8);
      if (tag == TIFFTAG_COMPRESSION)
        value[0] = 6, value[1] = 0;
      g_autoptr (GBytes) odd = g_bytes_new (other, n);
      g_assert_null (tsr_image_bare (odd));
    }
    g_free (data);
  }
}

/* If it is an image and can be told apart, it shows what it showed. */
static void
check_damaged (GBytes *file)
{
  g_autoptr (GBytes) bare = tsr_image_bare (file);
  TsrImage before = {0}, after = {0};
  gsize n;
  const uint8_t *data = g_bytes_get_data (file, &n);
  if (!bare || !tsr_image_load_bytes (data, n, "x", 0, 0, &before, NULL))
    return;
  data = g_bytes_get_data (bare, &n);
  g_autoptr (GError) error = NULL;
  tsr_image_load_bytes (data, n, "x", 0, 0, &after, &error);
  g_assert_no_error (error);
  g_assert_cmpint (before.width, ==, after.width);
  g_assert_cmpint (before.channels, ==, after.channels);
  gsize size = (gsize)before.width * (gsize)before.height * (gsize)before.channels;
  g_assert_cmpmem (before.pixels, size, after.pixels,
                   (gsize)after.width * (gsize)after.height * (gsize)after.channels);
  tsr_image_clear (&before);
  tsr_image_clear (&after);
}

/* Cut anywhere, or with any byte another. */
static void
test_damaged (void)
{
  g_autoptr (GPtrArray) all = fixtures_new ();
  for (guint i = 0; i < all->len; i += 3) {
    const Fixture *fixture = all->pdata[i];
    g_test_message ("%s", fixture->name);
    gsize n;
    const uint8_t *data = g_bytes_get_data (fixture->bytes, &n);
    for (gsize at = 0; at < MIN (n, 400); at++) {
      g_autoptr (GBytes) cut = g_bytes_new (data, at);
      check_damaged (cut);
      g_autofree uint8_t *other = g_memdup2 (data, n);
      other[at] ^= 0xff;
      g_autoptr (GBytes) flipped = g_bytes_new (other, n);
      check_damaged (flipped);
    }
  }
}

/* Strange and broken images of others' making: copied as they show, or not at all. */
static void
test_collection (void)
{
  const char *folder = g_getenv ("TESSERA_BAD_IMAGES");
  g_autoptr (GDir) dir = folder ? g_dir_open (folder, 0, NULL) : NULL;
  unsigned read = 0, copied = 0;
  if (!dir) {
    g_test_skip ("no collection of broken images: set TESSERA_BAD_IMAGES to a folder");
    return;
  }
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
    gsize n;
    TsrImage image = {0};
    if (!g_file_get_contents (path, &data, &n, NULL) || n > 8 << 20)
      continue;
    g_autoptr (GBytes) file = g_bytes_new_take (g_steal_pointer (&data), n);
    if (!tsr_image_load_bytes (g_bytes_get_data (file, NULL), n, name, 0, 0, &image, NULL))
      continue;
    tsr_image_clear (&image);
    check_damaged (file);
    g_autoptr (GBytes) bare = tsr_image_bare (file);
    if (!bare)
      g_test_message ("%s is not copied", name);
    read++;
    copied += bare != NULL;
  }
  g_test_message ("%u of %u that can be read are copied", copied, read);
  g_assert_cmpuint (copied * 5, >, read * 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bare/fixtures", test_fixtures);
  g_test_add_func ("/bare/png-ends", test_png_ends);
  g_test_add_func ("/bare/tiff", test_tiff);
  g_test_add_func ("/bare/tiff-strip", test_tiff_strip);
  g_test_add_func ("/bare/tiff-jpeg", test_tiff_jpeg);
  g_test_add_func ("/bare/refused", test_refused);
  g_test_add_func ("/bare/damaged", test_damaged);
  g_test_add_func ("/bare/collection", test_collection);
  return g_test_run ();
}
