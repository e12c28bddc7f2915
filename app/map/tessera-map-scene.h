#pragma once
/* Everything a raster is made from, as immutable snapshots that threads share by reference. No GTK
 * here.
 *
 * A cloud joins places and states: the states in the order of the grid, so that painting reads
 * memory forwards only. A scene adds what changes how they look. */

#include "tessera-map-index.h"
#include "tessera-map-point.h"

/** How a point is drawn; also the order of painting, the last on top. */
typedef enum {
  TESSERA_MAP_LOOK_FAINT,     /* hidden or excluded */
  TESSERA_MAP_LOOK_PLAIN,     /* not yet classified */
  TESSERA_MAP_LOOK_UNSURE,    /* looked at and not assessable */
  TESSERA_MAP_LOOK_PREDICTED, /* ring and light fill in the class colour */
  TESSERA_MAP_LOOK_VALUE,     /* on the ramp */
  TESSERA_MAP_LOOK_LABELLED,  /* filled class shape with outline */
  TESSERA_MAP_N_LOOKS
} TesseraMapLook;

typedef struct TesseraMapCloud TesseraMapCloud;

/** References both; points (TesseraMapPoint [n]) may be NULL or shorter than the layout: the rest
 * is unclassified. */
TesseraMapCloud *tessera_map_cloud_new (TesseraMapIndex *index, GBytes *points);

/** Takes one more reference, on any thread; returns cloud. */
TesseraMapCloud *tessera_map_cloud_ref (TesseraMapCloud *cloud);

/** Drops a reference, on any thread. */
void tessera_map_cloud_unref (TesseraMapCloud *cloud);

/** The states in grid order [n_present], worked out on first use; any thread. */
const TesseraMapPoint *tessera_map_cloud_points (TesseraMapCloud *cloud);

/** The places, borrowed. */
TesseraMapIndex *tessera_map_cloud_index (TesseraMapCloud *cloud);

#define TESSERA_MAP_N_FLAGS 64

/** How many present points have each class index and flags: [256 * TESSERA_MAP_N_FLAGS], class
 * first; like tessera_map_cloud_points, worked out on first use. */
const guint32 *tessera_map_cloud_counts (TesseraMapCloud *cloud);

/** The state of one tile, by its number. */
TesseraMapPoint tessera_map_point_of (GBytes *points, guint32 tile);

/** Whether a point that is found is one of those that box, lasso and selecting all mean. */
bool tessera_map_point_in_areas (TesseraMapPoint point);

/** Which flags win: hidden, excluded, value, labelled, unsure, predicted. */
TesseraMapLook tessera_map_look (TesseraMapPoint point, const TesseraMapClass *classes,
                                 guint n_classes);

typedef struct {
  TesseraMapCloud *cloud;
  TesseraMapClass *classes; /* [n_classes], owned */
  guint n_classes;
  GBytes *selected; /* NULL or guint8 [n]: non-zero for selected tiles */
  guint n_labelled; /* sizes the markers: few labels may be large */
  guint n_selected;
  gboolean dark;
  gboolean contours;
  guint32 ground;     /* 0xRRGGBB behind everything, for painters that fill it in */
  double pixel_ratio; /* device pixels per logical pixel */
} TesseraMapScene;

/** A new scene with references to cloud and selected and a copy of the classes. */
TesseraMapScene *tessera_map_scene_new (TesseraMapCloud *cloud, const TesseraMapClass *classes,
                                        guint n_classes, GBytes *selected);

/** Frees the scene and drops its references, on any thread. */
void tessera_map_scene_free (TesseraMapScene *scene);

/** A piece of the map in device pixels: where its top left corner is in the layout, and how large a
 * layout unit is. */
typedef struct {
  guint width, height;
  double x, y;
  double scale; /* device pixels per layout unit */
} TesseraMapFrame;

/** Radii in device pixels for a scene at a scale, shared by painting, picking and glow. */
typedef struct {
  double point;    /* of predicted and plain points */
  double labelled; /* of labelled ones */
  bool density;    /* points are too small for shapes: shading instead */
} TesseraMapSizes;

/** Radii for n_labelled labels at `scale` device pixels per layout unit: points grow with the space
 * between them, and labels shrink as they become many. */
TesseraMapSizes tessera_map_sizes (const TesseraMapGrid *grid, guint n_labelled, double scale,
                                   double pixel_ratio);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMapCloud, tessera_map_cloud_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TesseraMapScene, tessera_map_scene_free)
