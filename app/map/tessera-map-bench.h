#pragma once
/* How fast the map is: what `tessera bench draw` measures and prints. Points are synthetic,
 * deterministic lumps. */

#include "tessera-timing.h"

#include <glib.h>
#include <stdbool.h>

/** One frame of the panned window, in milliseconds. */
typedef struct {
  double start;  /* since the first frame's */
  double busy;   /* main thread, from the frame clock's update to the end of its paint */
  double raster; /* how long the raster had taken that is seen from this frame on; 0: the old one is
                    moved */
} TesseraMapFrameTime;

typedef struct {
  guint n, width, height, threads;
  /* Without a window */
  TesseraTiming index;       /* sorting all points into the grid: once a layout */
  TesseraTiming raster;      /* the whole map, off the main thread */
  TesseraTiming raster_near; /* the same, zoomed in eight times */
  TesseraTiming
      recolour;        /* new states of all points until the raster is done, off the main thread */
  TesseraTiming hover; /* the point under the pointer */
  TesseraTiming lasso; /* a lasso round lasso_points points */
  guint lasso_points;
  double bytes_per_point; /* of places, states and grid */
  /* In a real window; window is false and the rest zero where there is no display */
  bool window;
  double first_paint;      /* from setting the layout to the first frame with all points */
  TesseraTiming pan_frame; /* main thread, from the frame clock's update to the end of its paint */
  TesseraTiming zoom_frame;
  TesseraTiming pan_processor; /* the processor's time in that, without waiting for it */
  TesseraTiming zoom_processor;
  TesseraTiming pan_interval; /* between frames on the screen while panning */
  TesseraTiming pan_raster;   /* from the need of a new raster to its being there */
  TesseraMapFrameTime pan[TESSERA_TIMED_FRAMES]; /* the frames of pan_frame in their order */
  TesseraTiming pick;       /* the tile that a click takes, labels and hidden classes looked at */
  TesseraTiming select;     /* the lasso's tiles found, become the selection, listed */
  TesseraTiming hide;       /* main thread: a class switched off in the legend */
  TesseraTiming set_points; /* main thread: taking new states */
  TesseraTiming label_to_frame; /* from new states to the frame that shows them */
  TesseraTiming glow_frame;     /* main thread, a frame in which only 20 suggestions glow */
  TesseraTiming glow_processor;
  const char *renderer; /* GTK's, static string */
} TesseraMapBench;

/** Measures n points (at least 1) in a raster of width x height. Takes some seconds. Without a
 * display (or with window false) it stops after the first part. Call from the main thread;
 * initialises GTK. */
void tessera_map_bench_run (guint n, guint width, guint height, bool window,
                            TesseraMapBench *bench);
