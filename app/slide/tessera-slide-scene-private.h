#pragma once
/* Between the two halves of painting a scene: tiles (tessera-slide-scene.c) and tissue
 * (tessera-slide-mask.c). */

#include "tessera-slide-scene.h"

/** A picture being painted; pixels are the surface's own, premultiplied. */
typedef struct {
  cairo_surface_t *surface;
  guint32 *pixels;
  gsize stride; /* pixels */
  int width, height;
} TesseraSlideSheet;

/** Pixels [x0,x1) x [y0,y1). */
typedef struct {
  int x0, y0, x1, y1;
} TesseraSlideBox;

/** The premultiplied pixel of a colour (0xRRGGBB). */
guint32 tessera_slide_premultiplied (guint32 rgb, double opacity);

/** Puts a pixel all over the part of the box that is in the sheet. */
void tessera_slide_fill (const TesseraSlideSheet *sheet, TesseraSlideBox box, guint32 pixel);

/** Dims what is no tissue. The scene has a mask. */
void tessera_slide_mask_dim (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
                             const TesseraSlideSheet *sheet);

/** Draws a line round the tissue. The scene has a mask. */
void tessera_slide_mask_outline (const TesseraSlideScene *scene, const TesseraSlideFrame *frame,
                                 const TesseraSlideSheet *sheet);
