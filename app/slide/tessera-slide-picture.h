#pragma once
/* What lies over a slide as pixels, for a TesseraPainter to make. */

#include "tessera-painter.h"
#include "tessera-slide-scene.h"

/** An order, and the picture it becomes. */
typedef struct {
  TesseraSlideScene *scene; /* owned */
  TesseraSlideFrame frame;
  guint version;          /* handed through */
  cairo_surface_t *image; /* ARGB32; NULL in an order */
} TesseraSlidePicture;

/** Paints the frame's part of the scene. */
extern const TesseraPainterKind tessera_slide_picture_kind;

/** An order for the frame's part of the scene, which it takes. */
TesseraSlidePicture *tessera_slide_picture_new (TesseraSlideScene *scene,
                                                const TesseraSlideFrame *frame, guint version);

/** Frees a picture with its image; NULL is allowed. */
void tessera_slide_picture_free (TesseraSlidePicture *picture);
