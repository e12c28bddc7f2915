#pragma once
/* The parts of TesseraSlideView, each in a file of its own:
 *   tessera-slide-view.c            the object: what is shown, properties
 *   tessera-slide-view-blocks.c     which blocks are wanted, those kept, and their nodes
 *   tessera-slide-view-snapshot.c   drawing order, tiles and mask, rings
 *   tessera-slide-view-furniture.c  scale bar, overview inset, the glass's label
 *   tessera-slide-view-selection.c  the selection
 *   tessera-slide-view-motion.c     how far the camera may go
 *   tessera-slide-view-input.c      pointer and keys, beyond a canvas's */

#include "tessera-canvas-private.h"
#include "tessera-slide-loader.h"
#include "tessera-slide-picture.h"
#include "tessera-slide-view.h"

typedef struct TesseraSlideBlocks TesseraSlideBlocks;

struct _TesseraSlideView {
  TesseraCanvas parent_instance;
  TesseraCanvasPrivate *state; /* the canvas's; its places are those of the index */

  /* What is shown, owned */
  TsrSlide *slide;
  double mpp; /* NAN: the slide's own */
  TesseraSlideIndex *index;
  GBytes *points;
  GArray *classes; /* TesseraMapClass */
  TesseraSlideMask *mask;
  double opacity;
  gboolean show_tiles, show_grid, show_mask, heatmap, bare, show_scale_bar, show_overview;

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
};

/* ---- tessera-slide-view.c ---- */

/** Says once a slide what cannot be read. */
void tessera_slide_view_emit_damaged (TesseraSlideView *self, const char *sentence);

/** Whether neither the tile nor its class is hidden. */
bool tessera_slide_view_is_pickable (TesseraCanvas *canvas, guint place);

/** Tells assistive technology how many tiles there are and are selected. */
void tessera_slide_view_describe (TesseraCanvas *canvas);

/** The size of level 0; 0 without a slide. */
void tessera_slide_view_extent (TesseraSlideView *self, double *width, double *height);

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
void tessera_slide_view_go_in_inset (TesseraCanvas *canvas, double x, double y);

/* ---- tessera-slide-view-selection.c ---- */

/** Has the selection drawn anew. */
void tessera_slide_view_selection_changed (TesseraCanvas *canvas);

/** The selection by place changes with the tiles: keeps the ids of `before` (NULL: none) that are
 * still there. */
void tessera_slide_view_carry_selection (TesseraSlideView *self, TesseraSlideIndex *before);

/* ---- tessera-slide-view-motion.c ---- */

/** The camera that shows all of the slide; scale 0 if there is none or no room. */
TesseraMapCamera tessera_slide_view_fitted (TesseraCanvas *canvas, double width, double height);

/** Between which scales one may zoom. */
void tessera_slide_view_scales (TesseraCanvas *canvas, double *least, double *most);

/** Places the camera if it has not been, and asks for what the screen lacks; queues a redraw. */
void tessera_slide_view_refresh (TesseraCanvas *canvas);

/** Brings a camera within the limits of zooming and panning. */
TesseraMapCamera tessera_slide_view_limited (TesseraCanvas *canvas, TesseraMapCamera camera);

/* ---- tessera-slide-view-input.c ---- */

/** Fills in what the canvas asks of pointer and keys. */
void tessera_slide_view_class_input (TesseraCanvasClass *class);

/** Adds what listens to double clicks; once, on construction. */
void tessera_slide_view_add_controllers (TesseraSlideView *self);
