#pragma once
/* Makes rasters on a thread of its own. One at a time: of the requests that arrive meanwhile only
 * the newest is kept, so a hand that moves faster than pixels can be made is followed as closely as
 * they can. */

#include "tessera-map-camera.h"
#include "tessera-map-raster.h"

#include <gdk/gdk.h>

typedef enum {
  TESSERA_MAP_LAYER_BASE,
  TESSERA_MAP_LAYER_SELECTED,
  TESSERA_MAP_N_LAYERS
} TesseraMapLayer;

/** A finished raster, owned by the receiver of the callback. */
typedef struct {
  TesseraMapFrame frame;
  double pixel_ratio;
  cairo_surface_t *layers[TESSERA_MAP_N_LAYERS]; /* images: the base opaque (RGB24) on the ground,
                                                   the others ARGB32; NULL if not asked for */
  /* Handed through from the request: */
  guint version[TESSERA_MAP_N_LAYERS];
  TesseraMapScene *scene;
  TesseraMapCamera camera;
  gint64 ordered_at; /* g_get_monotonic_time () */
  bool moves_camera; /* the picture belongs to this camera, which the view takes on with it */
} TesseraMapPicture;

/** Called on the main context; takes the picture. */
typedef void (*TesseraMapPainterFunc) (TesseraMapPicture *picture, gpointer user);

typedef struct TesseraMapPainter TesseraMapPainter;

/** Makes a painter that paints nothing until it is asked; done is called with user. Owned by the
 * caller. */
TesseraMapPainter *tessera_map_painter_new (TesseraMapPainterFunc done, gpointer user);
/** No callback comes afterwards; a raster under way finishes on its own and is thrown away. */
void tessera_map_painter_free (TesseraMapPainter *painter);

/** Asks for layers (bits, 1 << TesseraMapLayer) of order->scene within order->frame. Takes order,
 * allocated with g_new0 and with its own reference to the scene; its images are NULL. */
void tessera_map_painter_order (TesseraMapPainter *painter, TesseraMapPicture *order, guint layers);

/** TRUE from an order until its picture has been handed over. */
bool tessera_map_painter_is_busy (TesseraMapPainter *painter);

/** Frees a picture with its images and its reference to the scene; NULL is allowed. */
void tessera_map_picture_free (TesseraMapPicture *picture);
