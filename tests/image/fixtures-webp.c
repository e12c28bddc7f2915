/* WebP: lossy, lossless, with alpha, and an animation whose first frame counts. */

#include "fixtures.h"

#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>
#include <webp/mux.h>

static uint8_t
alpha_at (int x, int y)
{
  return (uint8_t[]){0, 128, 255}[(x + y) % 3];
}

static void
fill (uint8_t *rgba, int samples, uint8_t (*value) (int, int, int), int shift)
{
  for (int y = 0; y < FIXTURE_HEIGHT; y++)
    for (int x = 0; x < FIXTURE_WIDTH; x++, rgba += samples)
      for (int c = 0; c < samples; c++)
        rgba[c] = c == 3 ? alpha_at (x, y) : value (x + shift, y, c);
}

static GBytes *
animation (void)
{
  uint8_t rgba[FIXTURE_WIDTH * FIXTURE_HEIGHT * 4];
  WebPMux *mux = WebPMuxNew ();
  for (int i = 0; i < 2; i++) {
    uint8_t *bytes = NULL;
    fill (rgba, 4, fixture_rough, 5 * i);
    for (size_t k = 3; k < sizeof rgba; k += 4)
      rgba[k] = 255;
    size_t n =
        WebPEncodeLosslessRGBA (rgba, FIXTURE_WIDTH, FIXTURE_HEIGHT, FIXTURE_WIDTH * 4, &bytes);
    WebPMuxFrameInfo frame = {.bitstream = {bytes, n},
                              .duration = 100,
                              .id = WEBP_CHUNK_ANMF,
                              .dispose_method = WEBP_MUX_DISPOSE_NONE,
                              .blend_method = WEBP_MUX_NO_BLEND};
    g_assert_cmpint (WebPMuxPushFrame (mux, &frame, 1), ==, WEBP_MUX_OK);
    WebPFree (bytes);
  }
  WebPMuxAnimParams parameters = {.bgcolor = 0xFFFFFFFF};
  WebPMuxSetAnimationParams (mux, &parameters);
  WebPData all = {0};
  g_assert_cmpint (WebPMuxAssemble (mux, &all), ==, WEBP_MUX_OK);
  GBytes *copy = g_bytes_new (all.bytes, all.size);
  WebPDataClear (&all);
  WebPMuxDelete (mux);
  return copy;
}

static GBytes *
take (uint8_t *bytes, size_t n)
{
  g_assert_cmpuint (n, >, 0);
  GBytes *copy = g_bytes_new (bytes, n);
  WebPFree (bytes);
  return copy;
}

void
fixtures_add_webp (GPtrArray *all)
{
  uint8_t rgba[FIXTURE_WIDTH * FIXTURE_HEIGHT * 4], *bytes = NULL;
  const int w = FIXTURE_WIDTH, h = FIXTURE_HEIGHT;
  fill (rgba, 3, fixture_smooth, 0);
  size_t n = WebPEncodeRGB (rgba, w, h, w * 3, 97, &bytes);
  fixture_add (all, "webp-lossy", "WebP", take (bytes, n), 3, 10, fixture_smooth);
  fill (rgba, 3, fixture_rough, 0);
  n = WebPEncodeLosslessRGB (rgba, w, h, w * 3, &bytes);
  fixture_add (all, "webp-lossless", "WebP", take (bytes, n), 3, 0, fixture_rough);
  fill (rgba, 4, fixture_rough, 0);
  n = WebPEncodeLosslessRGBA (rgba, w, h, w * 4, &bytes);
  TsrImage *expected =
      fixture_add (all, "webp-alpha", "WebP", take (bytes, n), 3, 0, fixture_rough);
  for (int i = 0; i < w * h * 3; i++) {
    int a = alpha_at (i / 3 % w, i / 3 / w);
    expected->pixels[i] = (uint8_t)((expected->pixels[i] * a + 255 * (255 - a) + 127) / 255);
  }
  fixture_add (all, "webp-animated", "WebP", animation (), 3, 0, fixture_rough);
}
