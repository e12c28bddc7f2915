#pragma once
/* What a canvas shares with its subclasses:
 *   tessera-canvas.c            the object, the camera in movement, the selection
 *   tessera-canvas-input.c      pointer, touch, wheel and keys */

#include "tessera-canvas.h"
#include "tessera-map-motion.h"

typedef enum {
  TESSERA_CANVAS_REPLACE,
  TESSERA_CANVAS_ADD,
  TESSERA_CANVAS_REMOVE
} TesseraCanvasCombine;

typedef struct {
  /* Tiles, by place; -1: none */
  int hovered, cursor, current; /* cursor: the keyboard's; current: the one the window is about */
  guint8 *selected;             /* [n], 0 or 1 */
  GBytes *selected_snapshot;
  guint n_selected;

  /* Camera and movement */
  TesseraMapCamera camera; /* scale 0: not placed yet */
  gboolean auto_fit;
  TesseraMapMotion motion;
  guint tick;

  /* Pointer */
  double pointer_x, pointer_y;
  gboolean pointer_inside;
  gboolean takes_areas; /* dragging chooses without Shift, too: the pointer is a cross */
  TesseraCanvasDrag drag;
  TesseraCanvasCombine combine;
  double drag_x, drag_y;
  TesseraMapCamera drag_camera;
  double pinch_scale;
  GtkGesture *drag_gesture; /* the widget's */
} TesseraCanvasPrivate;

/** The canvas's state; lives as long as the canvas. */
TesseraCanvasPrivate *tessera_canvas_state (TesseraCanvas *canvas);

/** The widget's width in logical pixels. */
double tessera_canvas_width (TesseraCanvas *canvas);
/** Its height. */
double tessera_canvas_height (TesseraCanvas *canvas);
/** Device pixels a logical pixel. */
double tessera_canvas_ratio (TesseraCanvas *canvas);

/** The plane's point at a place of the widget. */
void tessera_canvas_unproject (TesseraCanvas *canvas, double px, double py, double *x, double *y);

/* ---- camera ---- */

/** Whether the user's settings allow animations. */
gboolean tessera_canvas_animates (TesseraCanvas *canvas);

/** Emits "viewport-changed". */
void tessera_canvas_emit_viewport (TesseraCanvas *canvas);

/** Puts the camera there at once, within its limits, and emits "viewport-changed"; one that shows
 * nothing (scale 0, not finite) is ignored. */
void tessera_canvas_move_camera (TesseraCanvas *canvas, TesseraMapCamera camera);

/** Moves the camera there smoothly, or at once where nothing is animated. */
void tessera_canvas_fly (TesseraCanvas *canvas, TesseraMapCamera camera);

/** Zooms by factor about the widget's pixel (x, y), smoothly where things are animated and within
 * limits; counts as the user's movement. Further calls add up. */
void tessera_canvas_zoom_by (TesseraCanvas *canvas, double factor, double x, double y);

/** Ends zooming and flying where they are. */
void tessera_canvas_stop (TesseraCanvas *canvas);

/** Turns "auto-fit" on or off, without moving. */
void tessera_canvas_set_auto_fit (TesseraCanvas *canvas, gboolean on);

/** Moves the view, without zooming, so that the tile is well in sight; does nothing if it is. */
void tessera_canvas_reveal (TesseraCanvas *canvas, int place);

/** Runs the tick while something moves. */
void tessera_canvas_wake (TesseraCanvas *canvas);

/* ---- tiles ---- */

/** The place the keys are at: the cursor's, else the current tile's; -1: none. */
int tessera_canvas_key_place (TesseraCanvas *canvas);

/** Makes a tile the keyboard's and the only one selected, and calls "activated". */
void tessera_canvas_activate (TesseraCanvas *canvas, int place);

/** Makes a tile (-1: none) the hovered one, if it is another; calls "hovered" and redraws. */
void tessera_canvas_set_hovered (TesseraCanvas *canvas, int place);

/** Finds the tile under the pointer anew. */
void tessera_canvas_update_hover (TesseraCanvas *canvas);

/** Combines found [n] (0 or 1), less what is hidden, with the selection. */
void tessera_canvas_combine (TesseraCanvas *canvas, const guint8 *found, TesseraCanvasCombine how);

/** Takes wanted [n] (0 or 1) as the selection; emits if it differs. */
void tessera_canvas_select (TesseraCanvas *canvas, const guint8 *wanted);

/** The selected places in ascending order (transfer full, g_free; NULL when empty). */
guint32 *tessera_canvas_get_selected (TesseraCanvas *canvas, guint *n);

/** There are other tiles now: takes selected [n] (transfer full; NULL: none) as the selection,
 * emits if it holds another number of them; nothing is hovered, current or at the keyboard any
 * more. */
void tessera_canvas_renumber (TesseraCanvas *canvas, guint8 *selected);

/** An immutable copy of the selection, borrowed until it changes; NULL when empty. */
GBytes *tessera_canvas_selection (TesseraCanvas *canvas);

/* ---- tessera-canvas-input.c ---- */

/** Adds what listens to pointer, touch and keys; once, on construction. */
void tessera_canvas_add_controllers (TesseraCanvas *canvas);

/** Shows the pointer that fits what dragging does. */
void tessera_canvas_show_pointer (TesseraCanvas *canvas);
