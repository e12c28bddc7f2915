#pragma once
/* The parts of TesseraMapView, each in a file of its own:
 *   tessera-map-view.c            the object: what is shown, properties
 *   tessera-map-view-snapshot.c   the rasters on screen, the ground behind them, drawing order
 *   tessera-map-view-buffers.c    buffers that stay, where there is no GPU
 *   tessera-map-view-selection.c  the selection
 *   tessera-map-view-motion.c     what moves by itself, and when to ask for a raster
 *   tessera-map-view-glide.c      the layout in movement
 *   tessera-map-view-input.c      pointer and keys, beyond a canvas's
 *   tessera-map-view-overlay.c    glow, rings, lasso, hover card
 *   tessera-map-view-tiles.c      tiles instead of points where there is room, and the textures
 * kept for them */

#include "tessera-canvas-private.h"
#include "tessera-map-picture.h"
#include "tessera-map-stamps.h"
#include "tessera-map-view.h"

/* A raster on screen. */
typedef struct {
  cairo_surface_t *image;
  GdkTexture *texture; /* of image, made when first needed */
  TesseraMapFrame frame;
  guint version;        /* of what it shows */
  graphene_rect_t rect; /* where node was put */
  GskRenderNode
      *node; /* kept while neither picture nor camera change, so that GTK sees nothing to redraw */
} TesseraMapSheet;

typedef struct TesseraMapTiles TesseraMapTiles;

struct _TesseraMapView {
  TesseraCanvas parent_instance;
  TesseraCanvasPrivate *state; /* the canvas's */

  /* What is shown, owned */
  TesseraMapIndex *index; /* the layout, NULL if none */
  TesseraMapIndex *shown; /* the one in the picture: index, or one on the way to it */
  TesseraMapCloud *cloud; /* of index and points; NULL: to be made */
  GBytes *points;
  GdkRGBA painted_ground; /* the style's background the sheets were painted for */
  GArray *classes;        /* TesseraMapClass */
  GArray *suggestions;    /* guint32 */
  GArray *lights;         /* float, each suggestion's phase of the glow as drawn */
  GHashTable *suggested;
  guint n_labelled;

  /* Movement */
  TesseraMapInsets insets[TESSERA_MAP_MAX_INSETS]; /* what lies over the edges, in n_insets ways */
  guint n_insets;
  TesseraMapPlaces *glide_from; /* a moving layout starts there; NULL: at rest */
  TesseraMapCamera glide_camera;
  gint64 glide_start, glide_end;
  bool glide_paced;
  TesseraMapPlaces *headed; /* what the last picture ordered shows */
  TesseraMapCamera headed_camera;
  gint64 headed_at;
  gint64 streamed_at,
      stream_time; /* the last layout of a stream, and how long it takes to the next */
  double glow;     /* phase, 0..1 */
  guint glow_turn;

  /* Pictures */
  TesseraPainter *painter;
  TesseraMapSheet sheets[TESSERA_MAP_N_LAYERS];
  guint version[TESSERA_MAP_N_LAYERS]; /* of what should be shown */
  TesseraMapFrame ordered;             /* the last order, so that it is not repeated */
  guint ordered_version[TESSERA_MAP_N_LAYERS];
  guint64 n_rasters;
  gint64 raster_time; /* microseconds from the order of the last one until it was here */
  gboolean contours;
  TesseraMapStamps *stamps;
  cairo_surface_t *pin; /* of memory shared with the X server; NULL where there is none */

  /* Pointer */
  TesseraMapMode mode;
  gboolean mode_once; /* L: for one drag */
  GArray *lasso;      /* pairs of double, layout units */
  guint card_timer;
  gboolean card_shown;
  gint64 card_hidden_at;

  /* Tiles */
  TesseraMapTiles *tiles;
  gboolean show_thumbnails;
  TesseraMapThumbnailFunc thumbnail;
  gpointer thumbnail_user;
  GDestroyNotify thumbnail_destroy;
  TesseraMapCaptionFunc caption;
  gpointer caption_user;
  GDestroyNotify caption_destroy;
};

/* ---- tessera-map-view.c ---- */

/** Whether neither the point nor its class is hidden. */
bool tessera_map_view_is_pickable (TesseraCanvas *canvas, guint tile);

/** tessera_map_sizes of what is on screen; fixed radii while there is nothing. */
TesseraMapSizes tessera_map_view_sizes (TesseraMapView *self);

/** Tells assistive technology the current tile's caption and how many tiles there are, labelled and
 * selected. */
void tessera_map_view_describe (TesseraCanvas *canvas);

/* ---- tessera-map-view-snapshot.c ---- */

/** Draws all of the map; to be called by the widget's snapshot only. */
void tessera_map_view_snapshot (TesseraMapView *self, GtkSnapshot *snapshot);

/** The style's background, behind the points. */
void tessera_map_view_ground (TesseraMapView *self, GdkRGBA *color);

/** Whether the application is dark now. */
gboolean tessera_map_view_is_dark (TesseraMapView *self);

/** Forgets the rasters on screen. */
void tessera_map_view_clear_sheets (TesseraMapView *self);

/* ---- tessera-map-view-buffers.c ---- */

/** Whether GTK draws without a GPU. The widget is in a window. */
bool tessera_map_view_draws_with_cairo (TesseraMapView *self);

/** To be called once the widget is realized. Without a GPU, GTK and cairo take and give back
 * window-sized buffers for every frame: kept on the heap and in memory shared with the X server,
 * their pages need not be fetched from the kernel and cleared each time, which would cost more than
 * the drawing. */
void tessera_map_view_keep_buffers (TesseraMapView *self);

/** Gives the buffers back; to be called before the widget is unrealized. */
void tessera_map_view_drop_buffers (TesseraMapView *self);

/* ---- tessera-map-view-selection.c ---- */

/** Has the selection drawn anew. */
void tessera_map_view_selection_changed (TesseraCanvas *canvas);

/* ---- tessera-map-view-motion.c ---- */

/** A TesseraPainterFunc, data a TesseraMapPicture, user the view: shows the picture unless it is of
 * a layout of another length, and asks for what is still missing. */
void tessera_map_view_picture_done (gpointer data, gpointer user);

/** The camera that shows all of the layout in a widget of this size, clear of the insets; scale 0
 * if there is nothing to show. */
TesseraMapCamera tessera_map_view_fitted (TesseraCanvas *canvas, double width, double height);

/** Between which scales one may zoom. */
void tessera_map_view_scales (TesseraCanvas *canvas, double *least, double *most);

/** Moves and lights what moves by itself; whether anything does. */
bool tessera_map_view_tick (TesseraCanvas *canvas, gint64 now);

/** Where the camera belongs when nothing is on its way. */
TesseraMapCamera tessera_map_view_resting_camera (TesseraMapView *self);

/** Orders a picture of these layers (bits) as the camera sees them; layouts glide on from there. */
void tessera_map_view_order (TesseraMapView *self, TesseraMapCloud *cloud, TesseraMapCamera camera,
                             guint layers);

/** Asks for what the pictures on screen lack; queues a redraw. */
void tessera_map_view_refresh (TesseraCanvas *canvas);

/** What is to be shown in these layers (bits) has changed. */
void tessera_map_view_outdate (TesseraMapView *self, guint layers);

/** A tile's place in the layout as it is on screen. */
gboolean tessera_map_view_place (TesseraMapView *self, guint32 tile, double *x, double *y);

/* ---- tessera-map-view-glide.c ---- */

/** Lets the points glide from where they are to the layout, which has just been set. more: it is
 * one of a stream, and they take about as long as until the next one; else they are there soon, or
 * at once if there are many. At once too where nothing is animated or nothing is shown yet. */
void tessera_map_view_start_glide (TesseraMapView *self, bool more);

/** Orders the next picture of a layout in movement (glide_from is set) if the last one is done and
 * it is time; `now` is g_get_monotonic_time's. */
void tessera_map_view_glide (TesseraMapView *self, gint64 now);

/* ---- tessera-map-view-input.c ---- */

/** Fills in what the canvas asks of pointer and keys. */
void tessera_map_view_class_input (TesseraCanvasClass *class);

/** Another tile (-1: none) is under the pointer: its card follows after a moment, or at once if one
 * has just been shown. */
void tessera_map_view_card_follow (TesseraMapView *self, int tile);
/** Hides the card of the tile under the pointer until the pointer moves. */
void tessera_map_view_hide_card (TesseraMapView *self);

/* ---- tessera-map-view-overlay.c ---- */

/** The light round the suggestions, below the tiles' pictures. */
void tessera_map_view_snapshot_glow (TesseraMapView *self, GtkSnapshot *snapshot);

/** Everything else above the tiles' pictures: suggestions, rings, box and lasso, hover card, focus.
 */
void tessera_map_view_snapshot_overlay (TesseraMapView *self, GtkSnapshot *snapshot);

/* ---- tessera-map-view-tiles.c ---- */

/** The state of this file, empty. Owned by the view. */
TesseraMapTiles *tessera_map_tiles_new (void);

/** Frees it with the textures kept; not NULL. */
void tessera_map_tiles_free (TesseraMapTiles *tiles);

/** The tile's picture, borrowed; NULL while it loads. */
GdkTexture *tessera_map_view_texture (TesseraMapView *self, guint32 tile);

/** Draws pictures of tiles where there is room, placed anew only when the camera or a picture has
 * changed. */
void tessera_map_view_snapshot_tiles (TesseraMapView *self, GtkSnapshot *snapshot);

/** Which tile's picture is at a pixel, -1: none. */
int tessera_map_view_tile_at (TesseraMapView *self, double x, double y);

/** Half the edge of the tile's picture if it is shown as one, else 0. */
double tessera_map_view_tile_half (TesseraMapView *self, guint32 tile);

/** How far pictures reach from their places at this scale, in logical pixels; 0 where points are
 * drawn instead. Builds the index's grid where the tiles are few enough for pictures. */
double tessera_map_view_picture_reach (TesseraMapView *self, TesseraMapIndex *index, double scale);

/** Has the pictures placed anew when next drawn. */
void tessera_map_view_tiles_changed (TesseraMapView *self);
