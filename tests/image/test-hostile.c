/* Hostile files: every truncation and many bit flips of every fixture, and the collection of broken
 * images where there is one. Nothing is asked of the pixels; each try must end in an image within
 * the limits or in one sentence. Meaningful mostly under the sanitizers. TESSERA_HOSTILE_FLIPS sets
 * the flips a fixture. */

#include "fixtures.h"

#include "tsr-error.h"

#include <stdlib.h>
#include <string.h>

static unsigned
n_flips (void)
{
  const char *text = g_getenv ("TESSERA_HOSTILE_FLIPS");
  return text ? (unsigned)strtoul (text, NULL, 10) : 150;
}

/* What the whole file gives, to hold against what a part of it gives. */
static bool
same_pixels (const uint8_t *bytes, gsize n, const TsrImage *whole)
{
  TsrImage image;
  bool same =
      tsr_image_load_bytes (bytes, n, "part", 0, 0, &image, NULL) && image.width == whole->width &&
      image.height == whole->height && image.channels == whole->channels &&
      memcmp (image.pixels, whole->pixels, (gsize)image.width * image.height * image.channels) == 0;
  tsr_image_clear (&image);
  return same;
}

/* True if it became an image. */
static bool
survive (const uint8_t *bytes, gsize n, const char *name)
{
  TsrImage image;
  g_autoptr (GError) error = NULL;
  bool ok = tsr_image_load_bytes (bytes, n, name, 32, 3, &image, &error);
  if (ok) {
    g_assert_no_error (error);
    g_assert_cmpint (image.width, ==, 32);
    g_assert_cmpint (image.height, ==, 32);
    unsigned sum = 0; /* touch every byte: memory checkers see reads of what was never written */
    for (int i = 0; i < 32 * 32 * 3; i++)
      sum += image.pixels[i];
    g_assert_cmpuint (sum, <=, 255 * 32 * 32 * 3);
  } else {
    g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
    g_assert_null (image.pixels);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_nonnull (strstr (error->message, name));
    g_assert_true (g_str_has_suffix (error->message, "."));
    g_assert_null (strchr (error->message, '\n'));
  }
  tsr_image_clear (&image);
  return ok;
}

static void
test_truncated (gconstpointer data)
{
  const Fixture *fixture = data;
  gsize n;
  const uint8_t *bytes = g_bytes_get_data (fixture->bytes, &n);
  TsrImage whole;
  g_assert_true (tsr_image_load_bytes (bytes, n, fixture->name, 0, 0, &whole, NULL));
  for (gsize length = 0; length<n; length += n> 1500 && length > 300 && length + 200 < n ? 7 : 1) {
    g_autofree uint8_t *copy = g_memdup2 (bytes, length); /* its own allocation: overruns show */
    /* Nothing but what lies behind the last pixel may be missing. */
    if (survive (copy, length, fixture->name) && !same_pixels (copy, length, &whole))
      g_error ("%s: the first %zu of %zu bytes gave other pixels", fixture->name, length, n);
  }
  tsr_image_clear (&whole);
}

static void
test_flipped (gconstpointer data)
{
  const Fixture *fixture = data;
  gsize n;
  const uint8_t *bytes = g_bytes_get_data (fixture->bytes, &n);
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (fixture->name));
  unsigned flips = n_flips ();
  for (unsigned i = 0; i < flips; i++) {
    g_autofree uint8_t *copy = g_memdup2 (bytes, n);
    int times = g_rand_int_range (random, 1, 4);
    for (int k = 0; k < times; k++) { /* headers more often than pixels */
      gsize at = (gsize)g_rand_int_range (
          random, 0, g_rand_boolean (random) ? (gint32)MIN (n, 200) : (gint32)n);
      copy[at] = g_rand_boolean (random)
                     ? copy[at] ^ (uint8_t)(1 << g_rand_int_range (random, 0, 8))
                     : (uint8_t)g_rand_int (random);
    }
    survive (copy, n, fixture->name);
  }
}

/* Every file of a collection ends in an image or a sentence, from the file and from memory alike.
 */
static void
test_collection (void)
{
  const char *folder = g_getenv ("TESSERA_BAD_IMAGES");
  g_autoptr (GDir) dir = folder ? g_dir_open (folder, 0, NULL) : NULL;
  if (!dir) {
    g_test_skip ("no collection of broken images: set TESSERA_BAD_IMAGES to a folder");
    return;
  }
  unsigned read = 0, refused = 0;
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (folder, name, NULL), *bytes = NULL;
    gsize n;
    if (!g_file_get_contents (path, &bytes, &n, NULL))
      continue;
    TsrImage image;
    g_autoptr (GError) error = NULL;
    bool ok = tsr_image_load (path, 32, 3, &image, &error);
    tsr_image_clear (&image);
    g_assert_true (ok == survive ((const uint8_t *)bytes, n, name));
    if (!ok)
      g_test_message ("%s", error->message);
    ok ? read++ : refused++;
  }
  g_test_message ("%u read, %u refused", read, refused);
  g_assert_cmpuint (read, >=, refused * 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GPtrArray) fixtures = fixtures_new ();
  for (guint i = 0; i < fixtures->len; i++) {
    const char *name = ((Fixture *)fixtures->pdata[i])->name;
    g_autofree char *truncated = g_strconcat ("/hostile/truncated/", name, NULL);
    g_autofree char *flipped = g_strconcat ("/hostile/flipped/", name, NULL);
    g_test_add_data_func (truncated, fixtures->pdata[i], test_truncated);
    g_test_add_data_func (flipped, fixtures->pdata[i], test_flipped);
  }
  g_test_add_func ("/hostile/collection", test_collection);
  return g_test_run ();
}
