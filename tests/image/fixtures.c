#include "fixtures.h"

uint8_t
fixture_rough (int x, int y, int c)
{
  return (uint8_t)(37 * x + 61 * y + 83 * c + x * y);
}

uint8_t
fixture_smooth (int x, int y, int c)
{
  return (uint8_t)(30 + 6 * x + 4 * y + 9 * c);
}

static void
fixture_free (gpointer data)
{
  Fixture *fixture = data;
  g_free (fixture->name);
  g_free (fixture->format);
  g_bytes_unref (fixture->bytes);
  tsr_image_clear (&fixture->expected);
  g_free (fixture);
}

TsrImage *
fixture_add (GPtrArray *all, const char *name, const char *format, GBytes *bytes, int channels,
             int tolerance, uint8_t (*value) (int x, int y, int c))
{
  Fixture *fixture = g_new0 (Fixture, 1);
  *fixture = (Fixture){
      .name = g_strdup (name), .format = g_strdup (format), .bytes = bytes, .tolerance = tolerance};
  fixture->expected =
      (TsrImage){.width = FIXTURE_WIDTH, .height = FIXTURE_HEIGHT, .channels = channels};
  uint8_t *out = fixture->expected.pixels = g_malloc (FIXTURE_WIDTH * FIXTURE_HEIGHT * channels);
  for (int y = 0; y < FIXTURE_HEIGHT; y++)
    for (int x = 0; x < FIXTURE_WIDTH; x++)
      for (int c = 0; c < channels; c++)
        *out++ = value (x, y, c);
  g_ptr_array_add (all, fixture);
  return &fixture->expected;
}

GPtrArray *
fixtures_new (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (fixture_free);
  fixtures_add_png (all);
  fixtures_add_jpeg (all);
  fixtures_add_webp (all);
  fixtures_add_tiff (all);
  fixtures_add_by_hand (all);
  return all;
}
