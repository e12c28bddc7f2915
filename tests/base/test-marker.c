/* Class marks stand out against both grounds, whatever colour a class was given. */

#include "tsr-marker.h"

#include <glib.h>
#include <math.h>

static double
luminance (uint32_t rgb)
{
  double c[3];
  for (int k = 0; k < 3; k++) {
    double v = (rgb >> (16 - 8 * k) & 255) / 255.0;
    c[k] = v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

static double
contrast (uint32_t a, uint32_t b)
{
  double x = luminance (a) + 0.05, y = luminance (b) + 0.05;
  return fmax (x, y) / fmin (x, y);
}

static void
check (uint32_t rgb)
{
  g_assert_cmpfloat (contrast (tsr_marker_tone (rgb, false), 0xffffff), >=, 3);
  g_assert_cmpfloat (contrast (tsr_marker_tone (rgb, true), 0x1e1e1e), >=, 3);
}

static void
test_tones (void)
{
  for (unsigned i = 0; i < TSR_MARKER_N_COLORS; i++)
    check (tsr_marker_color (i));
  for (uint32_t r = 0; r < 256; r += 51)
    for (uint32_t g = 0; g < 256; g += 51)
      for (uint32_t b = 0; b < 256; b += 51)
        check (r << 16 | g << 8 | b);
  g_assert_cmphex (tsr_marker_tone (0x0073a4, false), ==, 0x0073a4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/marker/tones", test_tones);
  return g_test_run ();
}
