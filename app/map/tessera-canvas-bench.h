#pragma once
/* Frame times of a canvas in a real window of its own: it is moved frame by frame, as a hand would,
 * while the frame clock says how long the main thread is busy. */

#include "tessera-canvas.h"
#include "tessera-timing.h"

typedef struct TesseraCanvasBench TesseraCanvasBench;

/** What a bench asks of what it measures. */
typedef struct {
  bool (*is_settled) (TesseraCanvas *canvas); /* what is on screen is final */
  gint64 patience;                            /* microseconds; what takes longer is given up */
} TesseraCanvasBenchKind;

/** A movement, called before each frame with its number: moves the canvas. NULL: it moves by
 * itself, and asks for its frames. */
typedef void (*TesseraCanvasMove) (TesseraCanvas *canvas, guint frame, gpointer user);
/** Called after a frame of a movement was painted. */
typedef void (*TesseraCanvasPainted) (TesseraCanvas *canvas, guint frame, gpointer user);

/** The frames of a movement. */
typedef struct {
  guint n, n_intervals;
  double start[TESSERA_TIMED_FRAMES];     /* since the first one's, milliseconds */
  double busy[TESSERA_TIMED_FRAMES];      /* main thread, from the clock's update to the end of
                                                    its paint */
  double processor[TESSERA_TIMED_FRAMES]; /* the processor's time in that */
  double interval[TESSERA_TIMED_FRAMES];  /* between frames on the screen */
} TesseraCanvasFrames;

/** A window of width x height logical pixels with the canvas (floating, taken) in it, on the
 * screen. NULL without a display. GTK has been initialised, kind outlives it.
 * tessera_canvas_bench_close. */
TesseraCanvasBench *tessera_canvas_bench_open (GtkWidget *canvas, guint width, guint height,
                                               const TesseraCanvasBenchKind *kind);

/** Closes the window. */
void tessera_canvas_bench_close (TesseraCanvasBench *bench);

/** The class of GTK's renderer; a static string. */
const char *tessera_canvas_bench_renderer (TesseraCanvasBench *bench);

/** Waits until what is on screen is final. */
void tessera_canvas_bench_settle (TesseraCanvasBench *bench);

/** Waits until the next frame is on the screen; one is asked for, so that there is one. */
void tessera_canvas_bench_await_frame (TesseraCanvasBench *bench);

/** Times TESSERA_TIMED_FRAMES frames of a movement, and settles. painted may be NULL. */
void tessera_canvas_bench_move (TesseraCanvasBench *bench, TesseraCanvasMove move,
                                TesseraCanvasPainted painted, gpointer user,
                                TesseraCanvasFrames *frames);

/** A movement: a hand that pans in circles, up to 25 pixels a frame. */
void tessera_canvas_bench_pan (TesseraCanvas *canvas, guint frame, gpointer unused);
