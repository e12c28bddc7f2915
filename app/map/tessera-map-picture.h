#pragma once
/* The map as layers of pixels, for a TesseraPainter to make. */

#include "tessera-map-camera.h"
#include "tessera-map-raster.h"
#include "tessera-painter.h"

#include <gdk/gdk.h>

typedef enum {
  TESSERA_MAP_LAYER_BASE,
  TESSERA_MAP_LAYER_SELECTED,
  TESSERA_MAP_N_LAYERS
} TesseraMapLayer;

/** An order, with its own reference to the scene, and the picture it becomes. Allocated with
 * g_new0. */
typedef struct {
  TesseraMapFrame frame;
  double pixel_ratio;
  cairo_surface_t *layers[TESSERA_MAP_N_LAYERS]; /* images: the base opaque (RGB24) on the ground,
                                                   the others ARGB32; NULL if not wanted */
  guint wanted;                                  /* layers as bits, 1 << TesseraMapLayer */
  /* Handed through from the request: */
  guint version[TESSERA_MAP_N_LAYERS];
  TesseraMapScene *scene;
  TesseraMapCamera camera;
  gint64 ordered_at; /* g_get_monotonic_time () */
  bool moves_camera; /* the picture belongs to this camera, which the view takes on with it */
} TesseraMapPicture;

/** Paints the layers that are wanted; an order takes over what the one before it wanted. */
extern const TesseraPainterKind tessera_map_picture_kind;

/** Frees a picture with its images and its reference to the scene; NULL is allowed. */
void tessera_map_picture_free (TesseraMapPicture *picture);
