#pragma once
/* Which part of the map is seen: the layout's point in the middle of the widget and logical pixels
 * per layout unit. Plain arithmetic, no GTK. */

#include "tessera-map-index.h"

typedef struct {
  double x, y;  /* layout point at the middle of the widget */
  double scale; /* logical pixels per layout unit; 0: nothing to see */
} TesseraMapCamera;

/** Parts of a widget along its edges that something lies over, in logical pixels. */
typedef struct {
  double left, top, right, bottom;
} TesseraMapInsets;

/** Where a layout point (x, y) is in a widget of this size, in logical pixels. */
void tessera_map_camera_project (const TesseraMapCamera *camera, double width, double height,
                                 double x, double y, double *px, double *py);

/** The layout point at a place (px, py) of the widget; a scale of 0 counts as 1. */
void tessera_map_camera_unproject (const TesseraMapCamera *camera, double width, double height,
                                   double px, double py, double *x, double *y);

/** The camera that shows all of an index's points with a margin, of `reach` logical pixels where
 * that is more, for what is drawn about a point; scale 0 if there are none. Of n insets (NULL, 0:
 * none) those are kept free that let the map be largest; one that leaves less than a third of the
 * width or height does not count. */
TesseraMapCamera tessera_map_camera_fit (const TesseraMapIndex *index, double width, double height,
                                         double reach, const TesseraMapInsets *insets, unsigned n);

/** Changes the scale so that the layout point under the pixel (px, py) stays there. */
void tessera_map_camera_zoom_at (TesseraMapCamera *camera, double width, double height, double px,
                                 double py, double scale);

/** t of the way from one camera to another, the seen rectangle growing evenly: what fits a map that
 * is itself on its way. */
TesseraMapCamera tessera_map_camera_between (const TesseraMapCamera *from,
                                             const TesseraMapCamera *to, double t);
