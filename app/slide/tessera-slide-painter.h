#pragma once
/* Paints scenes on a thread of its own: one at a time, and of the requests that arrive meanwhile
 * only the newest is kept. */

#include "tessera-slide-scene.h"

/** A finished picture. */
typedef struct {
  TesseraSlideScene *scene; /* owned */
  TesseraSlideFrame frame;
  guint version;          /* handed through */
  cairo_surface_t *image; /* ARGB32 */
} TesseraSlidePicture;

/** Called on the main context; takes the picture. */
typedef void (*TesseraSlidePictureFunc) (TesseraSlidePicture *picture, gpointer user);

typedef struct TesseraSlidePainter TesseraSlidePainter;

/** Makes a painter that paints nothing until it is asked. Owned by the caller. */
TesseraSlidePainter *tessera_slide_painter_new (TesseraSlidePictureFunc done, gpointer user);

/** No callback comes afterwards; a picture under way is finished and thrown away. */
void tessera_slide_painter_free (TesseraSlidePainter *painter);

/** Asks for the frame's part of the scene, which it takes. */
void tessera_slide_painter_order (TesseraSlidePainter *painter, TesseraSlideScene *scene,
                                  const TesseraSlideFrame *frame, guint version);

/** TRUE from an order until its picture has been handed over. */
bool tessera_slide_painter_is_busy (TesseraSlidePainter *painter);

/** Has func called with data on the main context, like input ahead of redrawing, so that the frame
 * that follows shows what came. Never in the calling thread, which g_main_context_invoke would
 * allow itself while nobody iterates. */
void tessera_slide_call_main (GSourceFunc func, gpointer data);

/** Frees a picture with its image; NULL is allowed. */
void tessera_slide_picture_free (TesseraSlidePicture *picture);
