#include "tessera-map-sprite.h"

#include <math.h>
#include <string.h>

/* A pixel's coverage from the signed distance of its centre to the edge. */
static double
coverage (double distance)
{
  return CLAMP (0.5 - distance, 0, 1);
}

static void
draw_phase (TesseraMapSprite *sprite, gsize offset, TsrMarkerShape shape, double radius,
            double width, double outside, double fx, double fy)
{
  for (int y = 0; y < sprite->rows; y++)
    for (int x = 0; x < sprite->rows; x++) {
      double dx = x - sprite->half + 0.5 - fx, dy = y - sprite->half + 0.5 - fy;
      double d = radius * tsr_marker_distance (shape, (float)(dx / radius), (float)(dy / radius));
      double whole = coverage (d - width * outside);
      double inner = width > 0 ? coverage (d + width * (1 - outside)) : whole;
      guint8 i = (guint8)lrint (255 * inner), o = (guint8)lrint (255 * whole) - i;
      gsize at = offset + ((gsize)y * sprite->stride + x) * 4;
      memset (sprite->inner + at, i, 4);
      memset (sprite->outline + at, o, 4);
    }
}

TesseraMapSprite *
tessera_map_sprite_new (TsrMarkerShape shape, double radius, double outline, double outside)
{
  TesseraMapSprite *sprite = g_new0 (TesseraMapSprite, 1);
  sprite->half = (int)ceil (1.5 * radius + outline * outside +
                            0.5); /* 1.5: the star's points reach that far */
  if (shape == TSR_MARKER_CIRCLE)
    sprite->half = (int)ceil (radius + outline * outside + 0.5);
  sprite->rows = 2 * sprite->half + 1;
  sprite->stride = (sprite->rows + 3) & ~3;
  sprite->phases = radius < 4 ? 4 : radius < 12 ? 2 : 1;
  gsize size = (gsize)sprite->rows * sprite->stride * 4;
  sprite->inner = g_malloc0 (size * sprite->phases * sprite->phases);
  sprite->outline = g_malloc0 (size * sprite->phases * sprite->phases);
  for (int py = 0; py < sprite->phases; py++)
    for (int px = 0; px < sprite->phases; px++)
      draw_phase (sprite, (py * sprite->phases + px) * size, shape, radius, outline, outside,
                  (px + 0.5) / sprite->phases, (py + 0.5) / sprite->phases);
  return sprite;
}

void
tessera_map_sprite_free (TesseraMapSprite *sprite)
{
  if (!sprite)
    return;
  g_free (sprite->inner);
  g_free (sprite->outline);
  g_free (sprite);
}
