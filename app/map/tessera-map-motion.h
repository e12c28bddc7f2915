#pragma once
/* A camera on its way: the smooth zoom about a pixel, and flights. One at a time. Plain arithmetic,
 * no GTK; the map and the slide view move by it alike. */

#include "tessera-map-camera.h"

#include <glib.h>

/** Zeroed: at rest. Times are g_get_monotonic_time's. */
typedef struct {
  double zoom_target, zoom_x, zoom_y; /* about a pixel of the widget; target 0: none */
  TesseraMapCamera fly_from, fly_to;
  gint64 fly_start; /* 0: no flight */
  gint64 last_step; /* 0: none yet since it woke */
} TesseraMapMotion;

/** Ends zoom and flight where they are. */
void tessera_map_motion_stop (TesseraMapMotion *motion);

/** Whether anything moves. */
bool tessera_map_motion_is_on (const TesseraMapMotion *motion);

/** Begins a flight, which ends whatever moves. */
void tessera_map_motion_fly (TesseraMapMotion *motion, TesseraMapCamera from, TesseraMapCamera to,
                             gint64 now);

/** Begins a zoom to a scale about the pixel (x, y), which ends a flight; a zoom under way goes on
 * to the new scale. */
void tessera_map_motion_zoom (TesseraMapMotion *motion, double scale, double x, double y);

/** The scale the camera will have once it rests, as far as a zoom decides it. */
double tessera_map_motion_scale (const TesseraMapMotion *motion, const TesseraMapCamera *camera);

/** Where a flight leads, else the camera itself. */
TesseraMapCamera tessera_map_motion_goal (const TesseraMapMotion *motion,
                                          const TesseraMapCamera *camera);

/** Moves the camera on to `now` in a widget of this size; false, and nothing moved, at rest. A zoom
 * covers 63 % of the (logarithmic) way in 45 ms, a flight takes 260 ms and slows down. */
bool tessera_map_motion_step (TesseraMapMotion *motion, gint64 now, double width, double height,
                              TesseraMapCamera *camera);
