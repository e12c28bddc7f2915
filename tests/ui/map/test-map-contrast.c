/* Every kind of point stands out from the ground, in both styles: 3:1 at least somewhere on its
 * marker (WCAG 2.1, success criterion 1.4.11), but for what is faint on purpose because it is
 * switched off. */

#include "tessera-map-raster.h"
#include "tessera-map-scene.h"
#include "tsr-marker.h"

#include <math.h>

#define SIDE 60

static double
channel (guint value)
{
  double c = value / 255.0;
  return c <= 0.03928 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
}

/* Relative luminance as WCAG defines it. */
static double
luminance (guint32 rgb)
{
  return 0.2126 * channel (rgb >> 16 & 255) + 0.7152 * channel (rgb >> 8 & 255) +
         0.0722 * channel (rgb & 255);
}

static double
contrast (guint32 a, guint32 b)
{
  double p = luminance (a), q = luminance (b);
  return (MAX (p, q) + 0.05) / (MIN (p, q) + 0.05);
}

/* A premultiplied pixel over the ground. */
static guint32
over (guint32 pixel, guint32 ground)
{
  guint32 rest = 255 - (pixel >> 24), out = 0;
  for (int shift = 0; shift < 24; shift += 8)
    out |= MIN (255, (pixel >> shift & 255) + ((ground >> shift & 255) * rest + 127) / 255)
           << shift;
  return out;
}

/* The best contrast on the marker of one point, at this scale. */
static double
shown (TesseraMapPoint point, guint32 rgb, bool dark, guint32 ground, double ratio)
{
  const float xy[4] = {0, 0, 1000, 1000}; /* the other one is out of sight */
  TesseraMapPoint points[2] = {point, point};
  TesseraMapClass class_ = {.rgb = rgb};
  g_autoptr (GBytes) places = g_bytes_new (xy, sizeof xy);
  g_autoptr (GBytes) states = g_bytes_new (points, sizeof points);
  g_autoptr (TesseraMapIndex) index = tessera_map_index_new (places);
  g_autoptr (TesseraMapCloud) cloud = tessera_map_cloud_new (index, states);
  TesseraMapScene *scene = tessera_map_scene_new (cloud, &class_, 1, NULL);
  scene->dark = dark;
  scene->ground = ground;
  scene->pixel_ratio = ratio;
  scene->n_labelled = point.flags & TESSERA_MAP_POINT_LABELLED ? 2 : 0;
  TesseraMapFrame frame = {SIDE, SIDE, -SIDE / 40.0, -SIDE / 40.0, 20};
  guint32 pixels[SIDE * SIDE] = {0};
  tessera_map_raster_paint (scene, &frame, pixels, SIDE);
  double best = 1;
  for (int i = 0; i < SIDE * SIDE; i++)
    best = MAX (best, contrast (over (pixels[i], ground), ground));
  tessera_map_scene_free (scene);
  return best;
}

static void
check (const char *what, TesseraMapPoint point)
{
  static const guint32 grounds[2] = {0xffffff, 0x1e1e1e}; /* those that tones are made for */
  for (int dark = 0; dark < 2; dark++)
    for (guint c = 0; c < TSR_MARKER_N_COLORS; c++)

      for (int ratio = 1; ratio <= 2; ratio++) {
        double found = shown (point, tsr_marker_color (c), dark, grounds[dark], ratio);
        if (found < 3)
          g_test_message ("%s, colour %u, %s on %06x: %.2f", what, c, dark ? "dark" : "light",
                          grounds[dark], found);

        g_assert_cmpfloat (found, >=, 3);
      }
}

static void
test_predicted (void)
{
  for (int margin = 0; margin < 256; margin += 51)
    check ("predicted", (TesseraMapPoint){.flags = TESSERA_MAP_POINT_PREDICTED, .margin = margin});
}

static void
test_others (void)
{
  check ("labelled", (TesseraMapPoint){.flags = TESSERA_MAP_POINT_LABELLED, .margin = 255});
  check ("unsure",
         (TesseraMapPoint){.class_index = TESSERA_MAP_NO_CLASS, .flags = TESSERA_MAP_POINT_UNSURE});
  check ("plain", (TesseraMapPoint){.class_index = TESSERA_MAP_NO_CLASS});
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-contrast/predicted", test_predicted);
  g_test_add_func ("/map-contrast/others", test_others);
  return g_test_run ();
}
