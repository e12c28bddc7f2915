#pragma once
/* TesseraCanvas: a widget in which tiles lie on a plane that is seen through a camera. It moves the
 * camera, listens to pointer, wheel, fingers and keys, and keeps what is hovered, at the keyboard
 * and selected. What lies on the plane, and how it is drawn, its subclasses say: TesseraMapView and
 * TesseraSlideView.
 *
 * Gestures: wheel and pinch zoom where they are, two fingers on a touchpad and dragging pan,
 * Shift+drag draws a box, Ctrl adds to the selection (and a click toggles), Alt removes from it;
 * Esc gives up the gesture or the selection. Keys while focused: + - zoom, Home fits, arrows pan,
 * Ctrl+arrows step to the next tile in that direction. Other keys are the subclass's, or not taken.
 *
 * Tiles have places here, 0 to n - 1; by which numbers the window knows them is the subclass's
 * business. All functions are for the main thread and return at once. */

#include "tessera-map-camera.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_CANVAS (tessera_canvas_get_type ())
G_DECLARE_DERIVABLE_TYPE (TesseraCanvas, tessera_canvas, TESSERA, CANVAS, GtkWidget)

typedef enum {
  TESSERA_CANVAS_DRAG_NONE,
  TESSERA_CANVAS_DRAG_PAN,
  TESSERA_CANVAS_DRAG_BOX,
  TESSERA_CANVAS_DRAG_OWN /* the subclass's */
} TesseraCanvasDrag;

/* What a subclass is asked for. Places are tiles', (x, y) the widget's coordinates. */
struct _TesseraCanvasClass {
  GtkWidgetClass parent_class;

  /* Whether there is something to see; gestures and keys are left alone while there is not. */
  bool (*has_content) (TesseraCanvas *canvas);
  guint (*n_tiles) (TesseraCanvas *canvas);
  /* Whether neither the tile nor its class is hidden. */
  bool (*is_pickable) (TesseraCanvas *canvas, guint place);
  /* The middle of a tile on the plane; false where it has none. */
  bool (*place_of) (TesseraCanvas *canvas, int place, double *x, double *y);
  /* The tile that a click takes, -1: none. wait: what it takes to find it may be made first. */
  int (*pick) (TesseraCanvas *canvas, double x, double y, bool wait);
  /* The next tile in a direction of the one at the keyboard, or of the middle; -1: none. */
  int (*toward) (TesseraCanvas *canvas, int dx, int dy);

  /* The camera that shows all of the plane in a widget of this size; scale 0: nothing to see. */
  TesseraMapCamera (*fitted) (TesseraCanvas *canvas, double width, double height);
  /* Between which scales one may zoom; both 0: any. */
  void (*scales) (TesseraCanvas *canvas, double *least, double *most);
  /* Brings a camera to where it may be; NULL: anywhere. */
  TesseraMapCamera (*limited) (TesseraCanvas *canvas, TesseraMapCamera camera);
  /* Camera or size are others: asks for what the screen lacks and queues a redraw. */
  void (*refresh) (TesseraCanvas *canvas);
  /* A frame while the canvas is awake; whether more are wanted. NULL: only the camera moves. */
  bool (*tick) (TesseraCanvas *canvas, gint64 now);

  /* What dragging does that begins there, but for the middle button, which pans. */
  TesseraCanvasDrag (*choose_drag) (TesseraCanvas *canvas, GdkModifierType modifiers, double x,
                                    double y);
  /* The subclass's own drag, as it begins and at each movement. NULL where it has none. */
  void (*dragged) (TesseraCanvas *canvas, double x, double y);
  /* Any drag has ended; whether an own one was more than a click. NULL: nothing to do. */
  bool (*drag_ended) (TesseraCanvas *canvas, TesseraCanvasDrag drag, bool moved, bool given_up);
  /* Marks (1) what lies in a box of the plane. */
  void (*find_in_box) (TesseraCanvas *canvas, double x0, double y0, double x1, double y1,
                       guint8 *found);
  /* A tile was clicked without modifiers, or taken by the keyboard. */
  void (*activated) (TesseraCanvas *canvas, int place);
  /* Another tile is hovered, -1: none. */
  void (*hovered) (TesseraCanvas *canvas, int place);
  /* Another selection is to be drawn. */
  void (*selection_changed) (TesseraCanvas *canvas);
  /* Selection or the tile at the keyboard is another: tells assistive technology. */
  void (*describe) (TesseraCanvas *canvas);
  /* A key that the canvas itself has no use for; whether it was taken. */
  bool (*key) (TesseraCanvas *canvas, guint key, GdkModifierType modifiers);
  /* Esc, where no gesture is under way; whether it was taken. NULL: never. */
  bool (*escape) (TesseraCanvas *canvas);
};

/* Properties, both notifying
 *   "auto-fit"     boolean, read-write: all of the plane is kept in view while it changes; turned
 *                  off by panning or zooming, on by tessera_canvas_fit
 *   "n-selected"   uint, read-only
 *
 * Signals
 *   "selection-changed"  ()  by the user or by the program
 *   "viewport-changed"   ()  the visible part changed
 *   "background-clicked" ()  clicked where no tile is (the selection is cleared first) */

/** Shows all of the plane and keeps it fitted until the user moves. */
void tessera_canvas_fit (TesseraCanvas *canvas);

/** Zooms in by one step, about the tile the keys are at if it is seen, else about the middle. */
void tessera_canvas_zoom_in (TesseraCanvas *canvas);
/** Zooms out likewise. */
void tessera_canvas_zoom_out (TesseraCanvas *canvas);

/** The view: the plane's point at the widget's centre and logical pixels per unit of the plane; for
 * restoring a session. Returns FALSE while nothing is shown. */
gboolean tessera_canvas_get_viewport (TesseraCanvas *canvas, double *center_x, double *center_y,
                                      double *scale);
/** Puts the view there and turns "auto-fit" off; a scale that is not above 0 leaves it where it is.
 */
void tessera_canvas_set_viewport (TesseraCanvas *canvas, double center_x, double center_y,
                                  double scale);

/** How many tiles are selected. */
guint tessera_canvas_get_n_selected (TesseraCanvas *canvas);
/** Selects nothing. */
void tessera_canvas_unselect_all (TesseraCanvas *canvas);
