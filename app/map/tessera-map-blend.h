#pragma once
/* Blending of one colour through a coverage mask into premultiplied pixels, four pixels at a time
 * in plain vector code. */

#include "tessera-map-sprite.h"

#include <string.h>

typedef guint8 TesseraU8x16 __attribute__ ((vector_size (16)));
typedef guint16 TesseraU16x16 __attribute__ ((vector_size (32)));

/** n pixels, a multiple of 4: dst = colour * a + dst * (1 - a), a = (inner * fill + outline * ring)
 * / 256; fill and ring are 0..256 and inner + outline at most 255. The colour's alpha is 255. */
static inline void
tessera_map_blend_row (guint32 *dst, const guint8 *inner, const guint8 *outline, int n,
                       guint32 color, guint16 fill, guint16 ring)
{
  guint32 four[4] = {color, color, color, color};
  TesseraU8x16 c8;
  memcpy (&c8, four, sizeof c8);
  const TesseraU16x16 c = __builtin_convertvector(c8, TesseraU16x16);
  for (int i = 0; i < n; i += 4) {
    TesseraU8x16 m8, o8, d8;
    memcpy (&m8, inner + 4 * i, sizeof m8);
    memcpy (&o8, outline + 4 * i, sizeof o8);
    memcpy (&d8, dst + i, sizeof d8);
    TesseraU16x16 m = __builtin_convertvector(m8, TesseraU16x16),
                  o = __builtin_convertvector(o8, TesseraU16x16);
    TesseraU16x16 d = __builtin_convertvector(d8, TesseraU16x16);
    TesseraU16x16 a = (m * fill + o * ring) >> 8;
    TesseraU16x16 t = c * a + d * (255 - a) + 128;
    t = (t + (t >> 8)) >> 8; /* / 255, exact */
    d8 = __builtin_convertvector(t, TesseraU8x16);
    memcpy (dst + i, &d8, sizeof d8);
  }
}

/** The same for pixels that cannot be done in fours: at the raster's left and right edges. */
static inline void
tessera_map_blend_row_clipped (guint32 *row, int x, int width, const guint8 *inner,
                               const guint8 *outline, int n, guint32 color, guint16 fill,
                               guint16 ring)
{
  for (int i = 0; i < n; i++) {
    if (x + i < 0 || x + i >= width)
      continue;
    guint32 a = (inner[4 * i] * fill + outline[4 * i] * ring) >> 8, d = row[x + i], out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      guint32 t = ((color >> shift) & 255) * a + ((d >> shift) & 255) * (255 - a) + 128;
      out |= ((t + (t >> 8)) >> 8) << shift;
    }
    row[x + i] = out;
  }
}

typedef struct {
  guint32 *pixels;
  gsize stride;
  int width, y0, y1; /* rows that may be written */
} TesseraMapStrip;

/** Puts a sprite with its centre at (x, y) in pixels. */
static inline void
tessera_map_blend_sprite (const TesseraMapStrip *strip, const TesseraMapSprite *sprite, double x,
                          double y, guint32 color, guint16 fill, guint16 ring)
{
  double cx = __builtin_floor (x), cy = __builtin_floor (y);
  if (!(cx >= -sprite->half && cx < strip->width + sprite->half && cy >= strip->y0 - sprite->half &&
        cy < strip->y1 + sprite->half))
    return;
  gsize offset = tessera_map_sprite_offset (sprite, x - cx, y - cy);
  int left = (int)cx - sprite->half, top = (int)cy - sprite->half;
  int from = MAX (top, strip->y0), to = MIN (top + sprite->rows, strip->y1);
  bool inside = left >= 0 && left + sprite->stride <= strip->width;
  for (int row = from; row < to; row++) {
    gsize at = offset + (gsize)(row - top) * sprite->stride * 4;
    guint32 *dst = strip->pixels + row * strip->stride;
    if (inside)
      tessera_map_blend_row (dst + left, sprite->inner + at, sprite->outline + at, sprite->stride,
                             color, fill, ring);
    else
      tessera_map_blend_row_clipped (dst, left, strip->width, sprite->inner + at,
                                     sprite->outline + at, sprite->rows, color, fill, ring);
  }
}
