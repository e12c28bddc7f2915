#pragma once
/* The parts of TesseraSlideView, each in a file of its own:
 *   tessera-slide-view.c            the object: what is shown, properties
 *   tessera-slide-view-blocks.c     which blocks are wanted, those kept, and their nodes
 *   tessera-slide-view-snapshot.c   drawing order, tiles and mask, rings
 *   tessera-slide-view-furniture.c  scale bar, overview inset, the glass's label
 *   tessera-slide-view-selection.c  the selection
 *   tessera-slide-view-motion.c     the camera in movement and its limits
 *   tessera-slide-view-input.c      pointer, touch and keys */

#include "tessera-map-motion.h"
#include "tessera-slide-loader.h"
#include "tessera-slide-picture.h"
#include "tessera-slide-view.h"

typedef enum {
  TESSERA_SLIDE_DRAG_NONE,
  TESSERA_SLIDE_DRAG_PAN,
  TESSERA_SLIDE_DRAG_BOX,
  TESSERA_SLIDE_DRAG_INSET
} TesseraSlideDrag;

typedef enum { TESSERA_SLIDE_REPLACE, TESSERA_SLIDE_ADD, TESSERA_SLIDE_REMOVE } TesseraSlideCombine;

typedef struct TesseraSlideBlocks TesseraSlideBlocks;

struct _TesseraSlideView {
  GtkWidget parent_instance;

  /* What is shown, owned */
  TsrSlide *slide;
  double mpp; /* NAN: the slide's own */
  TesseraSlideIndex *index;
  GBytes *points;
  GArray *classes; /* TesseraMapClass */
  TesseraSlideMask *mask;
  double opacity;
  gboolean show_tiles, show_grid, show_mask, heatmap, show_scale_bar, show_overview;
  guint8 *selected; /* by place in the index */
  GBytes *selected_snapshot;
  guint n_selected;
  int hovered, cursor; /* places; -1: none */

  /* Camera and movement */
  TesseraMapCamera camera; /* scale 0: not yet placed */
  gboolean auto_fit;
  TesseraMapMotion motion;
  guint tick;

  /* Blocks */
  TesseraSlideBlocks *blocks;

  /* The picture of tiles and mask */
  TesseraPainter *painter;
  cairo_surface_t *sheet;
  GdkTexture *sheet_texture;
  TesseraSlideFrame sheet_frame, ordered_frame;
  guint version, sheet_version, ordered_version;
  GskRenderNode *sheet_node;
  graphene_rect_t sheet_rect;
  guint64 n_pictures;

  /* The glass's label */
  GCancellable *label_reading;
  GdkTexture *label_image;

  /* Pointer */
  double pointer_x, pointer_y;
  gboolean pointer_inside;
  TesseraSlideDrag drag;
  TesseraSlideCombine combine;
  double drag_x, drag_y;
  TesseraMapCamera drag_camera;
  double pinch_scale;
};

/* ---- tessera-slide-view.c ---- */

/** Emits "viewport-changed". */
void tessera_slide_view_emit_viewport (TesseraSlideView *self);

/** Says once a slide what cannot be read. */
void tessera_slide_view_emit_damaged (TesseraSlideView *self, const char *sentence);

/** Makes the tile at a place the keyboard's and the only one selected, and emits "tile-activated".
 */
void tessera_slide_view_activate (TesseraSlideView *self, int place);

/** Makes the tile at a place (-1: none) the hovered one, if it is another; emits "hovered". */
void tessera_slide_view_set_hovered (TesseraSlideView *self, int place);

/** Whether neither the tile nor its class is hidden. */
gboolean tessera_slide_view_is_pickable (TesseraSlideView *self, guint place);

/** Tells assistive technology how many tiles there are and are selected. */
void tessera_slide_view_describe (TesseraSlideView *self);

/** The size of level 0; 0 without a slide. */
void tessera_slide_view_extent (TesseraSlideView *self, double *width, double *height);

/** Device pixels a logical pixel. */
double tessera_slide_view_ratio (TesseraSlideView *self);

/** A colour of the style by name, `fallback` (0xRRGGBB) where it has none of that name. */
GdkRGBA tessera_slide_view_style_color (TesseraSlideView *self, const char *name, guint32 fallback);

/* ---- tessera-slide-view-blocks.c ---- */

/** Blocks of no slide. Owned by the view. */
TesseraSlideBlocks *tessera_slide_blocks_new (TesseraSlideView *view);

/** Frees them; threads that decode end on their own. */
void tessera_slide_blocks_free (TesseraSlideBlocks *blocks);

/** Drops all blocks and begins with the view's slide. */
void tessera_slide_blocks_restart (TesseraSlideBlocks *blocks);

/** Sets the most bytes of blocks kept. */
void tessera_slide_blocks_set_limit (TesseraSlideBlocks *blocks, gsize bytes);

/** Asks for what is in sight, and gives up what is not. To be called when camera, size or scale
 * factor have changed. */
void tessera_slide_blocks_want (TesseraSlideBlocks *blocks);

/** Draws the blocks in sight, coarser ones where the right ones are missing. */
void tessera_slide_blocks_snapshot (TesseraSlideBlocks *blocks, GtkSnapshot *snapshot);

/** Draws the whole slide small into a rectangle. */
void tessera_slide_blocks_snapshot_overview (TesseraSlideBlocks *blocks, GtkSnapshot *snapshot,
                                             const graphene_rect_t *rect);

/** Fills in what the state says of blocks. */
void tessera_slide_blocks_state (TesseraSlideBlocks *blocks, TesseraSlideState *state);

/** Whether all that is wanted, the overview's included, is there. */
gboolean tessera_slide_blocks_are_complete (TesseraSlideBlocks *blocks);

/* ---- tessera-slide-view-snapshot.c ---- */

/** Draws everything; to be called by the widget's snapshot only. */
void tessera_slide_view_snapshot (TesseraSlideView *self, GtkSnapshot *snapshot);

/** Whether GTK draws without a GPU. */
bool tessera_slide_view_draws_with_cairo (TesseraSlideView *self);

/** Draws an image to a rectangle, the part of it within clip. *texture is the image's, made here if
 * it is needed; sharp: pixels are neither grown nor shrunk. */
void tessera_slide_view_append_image (TesseraSlideView *self, GtkSnapshot *snapshot,
                                      cairo_surface_t *image, GdkTexture **texture,
                                      const graphene_rect_t *rect, const graphene_rect_t *clip,
                                      bool sharp);

/** Forgets the picture of tiles and mask. */
void tessera_slide_view_clear_sheet (TesseraSlideView *self);

/** A TesseraPainterFunc, data a TesseraSlidePicture, user the view. */
void tessera_slide_view_picture_done (gpointer data, gpointer user);

/** Asks for the picture of tiles and mask if it does not serve the camera. */
void tessera_slide_view_order_sheet (TesseraSlideView *self);

/** What lies over the slide has changed: a new picture. */
void tessera_slide_view_outdate (TesseraSlideView *self);

/** Whether the picture is what should be seen. */
gboolean tessera_slide_view_sheet_is_current (TesseraSlideView *self);

/** Draws a line of `width` logical pixels along the inside of a rectangle. */
void tessera_slide_view_line (GtkSnapshot *snapshot, const graphene_rect_t *rect, double width,
                              double radius, GdkRGBA color);

/* ---- tessera-slide-view-furniture.c ---- */

/** Draws scale bar, overview and the glass's label. */
void tessera_slide_view_snapshot_furniture (TesseraSlideView *self, GtkSnapshot *snapshot);

/** Puts the camera where the overview's (x, y) in the widget's coordinates is. */
void tessera_slide_view_go_in_inset (TesseraSlideView *self, double x, double y);

/* ---- tessera-slide-view-selection.c ---- */

/** Combines found (bytes by place), less what is hidden, with the selection. */
void tessera_slide_view_combine (TesseraSlideView *self, const guint8 *found,
                                 TesseraSlideCombine how);

/** The selection by place changes with the tiles: keeps the ids of `before` (NULL: none) that are
 * still there. */
void tessera_slide_view_carry_selection (TesseraSlideView *self, TesseraSlideIndex *before);

/* ---- tessera-slide-view-motion.c ---- */

/** The camera that shows all of the slide; scale 0 if there is none or no room. */
TesseraMapCamera tessera_slide_view_fitted (TesseraSlideView *self, double width, double height);

/** Places the camera if it has not been, and asks for what the screen lacks; queues a redraw. */
void tessera_slide_view_refresh (TesseraSlideView *self);

/** Puts the camera there at once, within its limits, and emits "viewport-changed". */
void tessera_slide_view_move_camera (TesseraSlideView *self, TesseraMapCamera camera);

/** Moves the camera there smoothly, or at once where nothing is animated. */
void tessera_slide_view_fly (TesseraSlideView *self, TesseraMapCamera camera);

/** Zooms by factor about the widget's pixel (x, y), smoothly where things are animated and within
 * limits. Further calls add up. */
void tessera_slide_view_zoom_by (TesseraSlideView *self, double factor, double x, double y);

/** Brings a camera within the limits of zooming and panning. */
TesseraMapCamera tessera_slide_view_limited (TesseraSlideView *self, TesseraMapCamera camera);

/** Ends zooming and flying where they are. */
void tessera_slide_view_stop (TesseraSlideView *self);

/** Turns "auto-fit" off: the user has moved. */
void tessera_slide_view_leave_auto_fit (TesseraSlideView *self);

/* ---- tessera-slide-view-input.c ---- */

/** Adds what listens to pointer, touch and keys; once, on construction. */
void tessera_slide_view_add_controllers (TesseraSlideView *self);

/** Finds the tile under the pointer anew. */
void tessera_slide_view_update_hover (TesseraSlideView *self);
