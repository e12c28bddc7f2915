#pragma once
/* How fast the slide view is: what `tessera bench slide` measures and prints, in a real window. */

#include "tessera-timing.h"
#include "tsr-slide.h"

#include <glib.h>

typedef struct {
  guint width, height;  /* logical pixels of the view */
  guint tiles;          /* drawn over the slide */
  const char *renderer; /* GTK's, static string */
  double first_picture; /* milliseconds from setting the slide to the frame with all of it */
  /* The main thread's time for a frame, from the frame clock's update to the end of its paint, and
   * the processor's time in that, without waiting for it */
  TesseraTiming zoom_frame, zoom_processor; /* in to the finest pixels and out again */
  TesseraTiming pan_frame, pan_processor;   /* in circles at the finest pixels */
  double complete;  /* share of those frames in which all blocks in sight were there */
  double recolour;  /* milliseconds from new classes of all tiles to their frame, the median */
  guint64 blocks;   /* decoded in all */
  gsize peak_bytes; /* the most of blocks that was kept */
} TesseraSlideBench;

/** Measures a slide in a window of width x height with square tiles of `side` pixels of level 0 all
 * over it (0: none, at most a million). Takes some seconds. Call from the main thread; initialises
 * GTK. False without a display. */
bool tessera_slide_bench_run (TsrSlide *slide, guint width, guint height, guint side,
                              TesseraSlideBench *bench);
