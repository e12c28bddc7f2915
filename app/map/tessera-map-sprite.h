#pragma once
/* Coverage masks of a marker at one size, for several places of its centre within a pixel, so that
 * small points move smoothly and regular patterns do not shimmer. No GTK here.
 *
 * A mask holds each pixel's coverage four times over (one byte a channel), ready to be multiplied
 * with four-byte pixels. Two masks a marker: the inside and the outline round it; together they are
 * the whole shape. */

#include "tsr-marker.h"

#include <glib.h>

typedef struct {
  int half;                /* the mask reaches `half` pixels to each side of the centre's pixel */
  int rows;                /* 2 * half + 1 */
  int stride;              /* pixels a row, rows rounded up to a multiple of 4 */
  int phases;              /* along each axis */
  guint8 *inner, *outline; /* [phases, phases, rows, stride, 4] */
} TesseraMapSprite;

/** Draws the masks for a shape whose unit is `radius` pixels; outline is the outline's width in
 * pixels, grown inwards from the shape's edge by (1 - outside) of its width and outwards by the
 * rest. */
TesseraMapSprite *tessera_map_sprite_new (TsrMarkerShape shape, double radius, double outline,
                                          double outside);

/** Frees the masks; NULL is allowed. */
void tessera_map_sprite_free (TesseraMapSprite *sprite);

/** Where one phase's masks begin, for a centre at fractions (fx, fy) in [0,1) of its pixel. */
static inline gsize
tessera_map_sprite_offset (const TesseraMapSprite *sprite, double fx, double fy)
{
  int px = (int)(fx * sprite->phases), py = (int)(fy * sprite->phases);
  return ((gsize)py * sprite->phases + px) * sprite->rows * sprite->stride * 4;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMapSprite, tessera_map_sprite_free)
