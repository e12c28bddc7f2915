/* Animated WebP as it is written: read back by libwebp's own decoder. */

#include "tsr-error.h"
#include "tsr-image.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <webp/demux.h>

/* Smooth pictures, each of another colour. */
static uint8_t *
draw (int n, int size, int channels)
{
  uint8_t *pictures = g_malloc ((size_t)n * (size_t)(size * size * channels)), *to = pictures;
  for (int k = 0; k < n; k++)
    for (int y = 0; y < size; y++)
      for (int x = 0; x < size; x++)
        for (int c = 0; c < channels; c++)
          *to++ = (uint8_t)(20 + 30 * k + 3 * ((c == 1 ? x : y) * 16 / size) + 20 * c);
  return pictures;
}

static void
check (int n, int size, int channels, int milliseconds)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tessera-test-XXXXXX", &error),
                  *path = g_build_filename (folder, "a.webp", NULL), *data = NULL;
  g_autofree uint8_t *pictures = draw (n, size, channels);
  gsize bytes;
  g_assert_true (
      tsr_image_save_animation (pictures, n, size, channels, milliseconds, path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &data, &bytes, &error));
  WebPData webp = {(const uint8_t *)data, bytes};
  WebPAnimDecoder *decoder = WebPAnimDecoderNew (&webp, NULL);
  WebPAnimInfo info;
  g_assert_nonnull (decoder);
  g_assert_true (WebPAnimDecoderGetInfo (decoder, &info));
  g_assert_cmpuint (info.frame_count, ==, (unsigned)n);
  g_assert_cmpuint (info.canvas_width, ==, (unsigned)size);
  g_assert_cmpuint (info.loop_count, ==, n > 1 ? 0 : 1); /* one picture is a still one */
  for (int k = 0; k < n; k++) {
    uint8_t *rgba;
    int until;
    double off = 0;
    g_assert_true (WebPAnimDecoderGetNext (decoder, &rgba, &until));
    if (n > 1) /* a single picture has no time */
      g_assert_cmpint (until, ==, (k + 1) * milliseconds);
    for (int p = 0; p < size * size; p++)
      for (int c = 0; c < 3; c++)
        off += abs (rgba[4 * p + c] -
                    pictures[(k * size * size + p) * channels + (channels == 3 ? c : 0)]);
    g_assert_cmpfloat (off / (size * size * 3), <, 3); /* of 255: the coder loses something */
  }
  WebPAnimDecoderDelete (decoder);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_frames (void)
{
  check (1, 16, 3, 40);
  check (2, 64, 3, 40);
  check (7, 32, 1, 25);
  check (5, 256, 3, 100);
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree uint8_t *pictures = draw (1, 16, 3);
  g_assert_false (
      tsr_image_save_animation (pictures, 1, 16, 3, 40, "/nowhere at all/a.webp", &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "a.webp"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/animation/frames", test_frames);
  g_test_add_func ("/animation/refused", test_refused);
  return g_test_run ();
}
