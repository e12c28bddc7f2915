#pragma once
/* Which part of the map is seen: the layout's point in the middle of the widget and logical pixels
 * per layout unit. Plain arithmetic, no GTK. */

#include "tessera-map-index.h"

typedef struct {
  double x, y;  /* layout point at the middle of the widget */
  double scale; /* logical pixels per layout unit; 0: nothing to see */
} TesseraMapCamera;

/** Where a layout point (x, y) is in a widget of this size, in logical pixels. */
void tessera_map_camera_project (const TesseraMapCamera *camera, double width, double height,
                                 double x, double y, double *px, double *py);

/** The layout point at a place (px, py) of the widget; a scale of 0 counts as 1. */
void tessera_map_camera_unproject (const TesseraMapCamera *camera, double width, double height,
                                   double px, double py, double *x, double *y);

/** The camera that shows all of an index's points with a margin; scale 0 if there are none. */
TesseraMapCamera tessera_map_camera_fit (const TesseraMapIndex *index, double width, double height);

/** Changes the scale so that the layout point under the pixel (px, py) stays there. */
void tessera_map_camera_zoom_at (TesseraMapCamera *camera, double width, double height, double px,
                                 double py, double scale);

/** t of the way from one camera to another, the seen rectangle growing evenly: what fits a map that
 * is itself on its way. */
TesseraMapCamera tessera_map_camera_between (const TesseraMapCamera *from,
                                             const TesseraMapCamera *to, double t);
