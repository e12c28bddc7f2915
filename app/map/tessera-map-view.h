#pragma once
/* TesseraMapView: the map of all tiles. Draws every point, finds the one under the pointer, selects
 * by box and lasso, lets suggestions glow. It knows tiles only by their number; labels, classes and
 * the project are the window's business.
 *
 * Gestures and keys beside a canvas's: L then drag (or lasso mode) draws a lasso; Esc gives up the
 * gesture, the mode or the selection, in this order; Enter activates the keyboard's point. Digits,
 * letters other than L, and Space are not taken.
 *
 * Everything passed in is an immutable snapshot: GBytes are referenced, never copied, and must not
 * change afterwards. Rasters are made off the main thread; all functions are for the main thread
 * and return at once. */

#include "tessera-canvas.h"
#include "tessera-map-point.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_MAP_VIEW (tessera_map_view_get_type ())
G_DECLARE_FINAL_TYPE (TesseraMapView, tessera_map_view, TESSERA, MAP_VIEW, TesseraCanvas)

typedef enum { TESSERA_MAP_MODE_PAN, TESSERA_MAP_MODE_BOX, TESSERA_MAP_MODE_LASSO } TesseraMapMode;

/* Properties
 *   "mode"         int, TesseraMapMode, read-write, notifies (bind the toolbar's toggles to it)
 *   "show-thumbnails"  boolean, read-write: draw tiles instead of points where there is room
 * (default TRUE)
 *   "show-contours"    boolean, read-write: faint lines of equal density behind the points (default
 * TRUE)
 *
 * Signals
 *   "point-hovered"     (int tile)  the tile under the pointer changed; -1: none
 *   "point-activated"   (int tile)  clicked, or Enter on the keyboard's point */

/** A new view without a layout; floating reference. */
GtkWidget *tessera_map_view_new (void);

/* ---- what is shown ---- */

/** The layout: floats [n,2], NAN for tiles not on the map; x to the right, y downwards, any scale.
 * NULL: no map. A layout of the same length as the last glides there when it is small enough to be
 * drawn that fast; of another length it clears the selection, suggestions and hover. */
void tessera_map_view_set_layout (TesseraMapView *self, GBytes *xy);

/** A layout of a map that forms, as tessera_map_view_set_layout's, not NULL; more of them or the
 * final one (by set_layout) will follow. The points glide from where they are to this one over the
 * time that passed since the layout before, so that the map moves evenly however rarely layouts
 * come: 12 pictures a second or more, as long as one is made in 80 ms. Hover, clicks and lasso find
 * points where they are seen. Where nothing is animated, layouts are shown as they come. */
void tessera_map_view_stream_layout (TesseraMapView *self, GBytes *xy);

/** The points' states: TesseraMapPoint [n]. A length other than the layout's is taken as "nothing
 * known" beyond its end. NULL: all unclassified. Call it after every label: it costs one reference
 * here and one raster off the main thread. */
void tessera_map_view_set_points (TesseraMapView *self, GBytes *points);

/** The classes by index, copied; at most 255. */
void tessera_map_view_set_palette (TesseraMapView *self, const TesseraMapClass *classes, guint n);

/** The glowing tiles, copied, in the order of the queue. */
void tessera_map_view_set_suggestions (TesseraMapView *self, const guint32 *tiles, guint n);

/** The tile the window is about (shown large in its panel): it glows stronger if suggested and
 * wears a ring if not. -1: none. */
void tessera_map_view_set_current (TesseraMapView *self, int tile);
/** What tessera_map_view_set_current set; -1: none. */
int tessera_map_view_get_current (TesseraMapView *self);

/** Moves the view, without zooming, so that the tile is well in sight; does nothing if it already
 * is. */
void tessera_map_view_reveal (TesseraMapView *self, int tile);

/** Returns a texture of a tile (transfer full), or NULL if it is not there yet: then start loading
 * it, and call tessera_map_view_thumbnail_ready once it is. Must return within a fraction of a
 * millisecond. The widget keeps a bounded number of them. */
typedef GdkTexture *(*TesseraMapThumbnailFunc) (TesseraMapView *view, guint tile, gpointer user);
/** Sets where pictures come from (NULL: points only) and forgets those kept. destroy is called with
 * user when it is replaced or the widget goes. */
void tessera_map_view_set_thumbnail_func (TesseraMapView *self, TesseraMapThumbnailFunc func,
                                          gpointer user, GDestroyNotify destroy);
/** A thumbnail that the function could not return has arrived. */
void tessera_map_view_thumbnail_ready (TesseraMapView *self, guint tile);
/** Forgets all thumbnails kept (the project changed). */
void tessera_map_view_clear_thumbnails (TesseraMapView *self);

/** Returns the text under the hovered tile's picture (transfer full), or NULL for none. Also what
 * assistive technology reads for the current tile. */
typedef char *(*TesseraMapCaptionFunc) (TesseraMapView *view, guint tile, gpointer user);
/** Sets where captions come from (NULL: none). destroy is called with user when it is replaced or
 * the widget goes. */
void tessera_map_view_set_caption_func (TesseraMapView *self, TesseraMapCaptionFunc func,
                                        gpointer user, GDestroyNotify destroy);

/* ---- selection ---- */

/** The selected tiles in ascending order (transfer full, g_free; NULL when empty). */
guint32 *tessera_map_view_get_selection (TesseraMapView *self, guint *n);
/** Whether the tile is selected; FALSE beyond the layout. */
gboolean tessera_map_view_is_selected (TesseraMapView *self, guint tile);
/** Replaces the selection; tiles beyond the layout are ignored. Emits selection-changed if it
 * differs. */
void tessera_map_view_set_selection (TesseraMapView *self, const guint32 *tiles, guint n);
/** Selects every tile on the map that is not hidden. */
void tessera_map_view_select_all (TesseraMapView *self);
/** Selects the tiles on the map that are neither selected nor hidden instead of the selected ones.
 */
void tessera_map_view_invert_selection (TesseraMapView *self);

/* ---- modes and view ---- */

/** Sets what dragging does; property "mode". */
void tessera_map_view_set_mode (TesseraMapView *self, TesseraMapMode mode);
/** What dragging does now. */
TesseraMapMode tessera_map_view_get_mode (TesseraMapView *self);

#define TESSERA_MAP_MAX_INSETS 2

/** Says what the window shows over the map's edges: a fitted map has no point there. Of up to
 * TESSERA_MAP_MAX_INSETS ways to stay clear of it (a legend: below it or beside it) the one is
 * taken that lets the map be largest. Copied; a map that is kept fitted moves. n 0: nothing. */
void tessera_map_view_set_insets (TesseraMapView *self, const TesseraMapInsets *choices, guint n);

/* ---- where things are: for the window's own overlays and for tests ---- */

/** Where a tile is in the widget's coordinates; FALSE if it is not on the map. */
gboolean tessera_map_view_locate (TesseraMapView *self, guint tile, double *x, double *y);
/** The tile a click at (x, y) would take, or -1. */
int tessera_map_view_pick (TesseraMapView *self, double x, double y);
/** TRUE when what is on screen is final: no raster under way, no movement (the glow does not
 * count). */
gboolean tessera_map_view_is_settled (TesseraMapView *self);
/** How many rasters have been made so far. */
guint64 tessera_map_view_get_n_rasters (TesseraMapView *self);
