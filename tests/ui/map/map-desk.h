#pragma once
/* The map's widget in a real window, with a real pointer and keyboard (xdotool), for its tests. */

#include "tessera-map-view-private.h"

#include <stdbool.h>

#define MAP_DESK_N        2000
#define MAP_DESK_CLUSTERS 9

typedef struct {
  GtkWidget *window;
  TesseraMapView *view;
  int activated, hovered, n_activated, n_selection, n_background;
} MapDesk;

/** Begins X and libadwaita; false, and said as TAP, where there is no display or no xdotool. */
bool map_desk_ready (void);

/** A window of 800 x 600 in the screen's corner with a map of MAP_DESK_N tiles, settled: a
 * GTestFixtureFunc, as the next. */
void map_desk_set_up (MapDesk *desk, gconstpointer unused);

/** Closes the window; nothing may hold the view any more. */
void map_desk_tear_down (MapDesk *desk, gconstpointer unused);

/** Runs the main loop until the view shows what it is to show. */
void map_desk_settle (MapDesk *desk);

/** Moves the pointer to a place of the view, in its pixels. */
void map_desk_point_at (MapDesk *desk, double x, double y);

/** Adds a test of such a window to `path`. */
#define MAP_DESK_ADD(path, func)                                                                   \
  g_test_add (path, MapDesk, NULL, map_desk_set_up, func, map_desk_tear_down)
