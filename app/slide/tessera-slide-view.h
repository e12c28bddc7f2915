#pragma once
/* TesseraSlideView: a whole slide, and what is known of its tiles over it. It knows tiles only by
 * their number; labels, classes and the project are the window's business.
 *
 * Gestures and keys beside a canvas's: a double click centres, dragging in the overview moves
 * there; Enter takes the keyboard's tile, or the one in the middle, and centres it.
 *
 * Pixels are decoded and pictures painted off the main thread; all functions are for the main
 * thread and return at once. */

#include "tessera-canvas.h"
#include "tessera-map-point.h"
#include "tessera-slide-scene.h"
#include "tsr-slide.h"
#include "tsr-tissue-mask.h"

#include <gtk/gtk.h>

#define TESSERA_TYPE_SLIDE_VIEW (tessera_slide_view_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSlideView, tessera_slide_view, TESSERA, SLIDE_VIEW, TesseraCanvas)

/* Properties, all read-write and notifying unless it says otherwise
 *   "opacity-of-tiles" double, 0..1: of the tiles' fill (default 0.35); at 0 nothing of their
 *                      colours is seen
 *   "show-tiles"       boolean: tiles and rings (default TRUE)
 *   "show-grid"        boolean: outlines of tiles without a border (default TRUE)
 *   "show-mask"        boolean: the tissue mask, if there is one (default TRUE)
 *   "heatmap"          boolean: labels and predictions coloured by their margin (default FALSE)
 *   "bare"             boolean: neither colours, outlines nor mask, whatever the others say;
 *                      what is selected keeps its frame (default FALSE)
 *   "show-scale-bar"   boolean (default TRUE)
 *   "show-overview"    boolean: the inset, while not all of the slide is seen (default TRUE)
 *
 * Signals
 *   "tile-activated"     (int id)  clicked, or Enter on the keyboard's tile
 *   "hovered"            (int id)  the tile under the pointer changed; -1: none
 *   "damaged"            (char *sentence)  a part of the slide cannot be read and is hatched; once
 * a slide */

/** A new view without a slide; floating reference. */
GtkWidget *tessera_slide_view_new (void);

/* ---- what is shown ---- */

/** The slide, referenced, or NULL. Another one than before takes tiles, selection and mask away and
 * is shown whole. */
void tessera_slide_view_set_slide (TesseraSlideView *self, TsrSlide *slide);

/** The slide shown, borrowed, or NULL. */
TsrSlide *tessera_slide_view_get_slide (TesseraSlideView *self);

/** Micrometres a pixel of level 0 for a slide that does not say, or that is known better; NAN: what
 * the slide says. */
void tessera_slide_view_set_mpp (TesseraSlideView *self, double mpp);

/** The tiles, copied, on any grid or none. Selected ids that are among them stay selected. */
void tessera_slide_view_set_tiles (TesseraSlideView *self, const TesseraSlideTile *tiles, guint n);

/** What is known of the tiles: TesseraMapPoint by id, as for the map, an immutable snapshot. A tile
 * beyond its end is taken as not known. NULL: nothing is known. Call it after every label: it costs
 * one reference here and one picture off the main thread. A point with a value is coloured by the
 * map's ramp. */
void tessera_slide_view_set_points (TesseraSlideView *self, GBytes *points);

/** The classes by index, copied; at most 255. */
void tessera_slide_view_set_palette (TesseraSlideView *self, const TesseraMapClass *classes,
                                     guint n);

/** The tissue mask, copied; it covers the whole slide, whatever its size. NULL: none. */
void tessera_slide_view_set_mask (TesseraSlideView *self, const TsrTissueMask *mask);

/** Property "opacity-of-tiles". */
void tessera_slide_view_set_opacity (TesseraSlideView *self, double opacity);

/** Shows the image of the glass's label, which may name the patient, in a corner; it is neither
 * read nor shown unless it is asked for here. Another slide takes the wish away. */
void tessera_slide_view_show_label_image (TesseraSlideView *self, gboolean show);

/** How many bytes of blocks are kept (default 256 MiB, at least 8). No more than half of it is ever
 * in sight, at the price of coarser pixels. */
void tessera_slide_view_set_cache_limit (TesseraSlideView *self, gsize bytes);

/* ---- selection ---- */

/** Replaces the selection; ids that are not among the tiles are ignored. Emits selection-changed if
 * it differs. */
void tessera_slide_view_set_selected (TesseraSlideView *self, const guint32 *ids, guint n);

/** The selected ids in ascending order (transfer full, g_free; NULL when empty). */
guint32 *tessera_slide_view_get_selected (TesseraSlideView *self, guint *n);

/** Moves the view so that the tile is in the middle, nearer if it would be too small to be seen;
 * smoothly where things are animated. Unknown ids do nothing. */
void tessera_slide_view_show_tile (TesseraSlideView *self, guint32 id);

/* ---- for the window's own overlays and for tests ---- */

/** Where a tile is in the widget's coordinates; FALSE for unknown ids and without a slide. */
gboolean tessera_slide_view_locate (TesseraSlideView *self, guint32 id, graphene_rect_t *rect);

/** The id of the tile a click at (x, y) would take, or -1. */
int tessera_slide_view_pick (TesseraSlideView *self, double x, double y);

/** Where the overview inset is drawn; FALSE if it is not. */
gboolean tessera_slide_view_get_inset (TesseraSlideView *self, graphene_rect_t *rect);

/** The length a scale bar has, at most `most` logical pixels: 1, 2 or 5 times a power of ten of
 * *unit ("µm", from a thousand on "mm", "px" where mpp is not above 0). *amount is in that unit;
 * returns logical pixels. */
double tessera_slide_bar (double mpp, double scale, double most, double *amount, const char **unit);

/** What lies over the slide now, for a picture of it: without the selection, lines as on a screen
 * of two pixels a logical pixel. Transfer full; may be painted in any thread. */
TesseraSlideScene *tessera_slide_view_dup_scene (TesseraSlideView *self);

/** What the view is at. */
typedef struct {
  guint wanted;       /* blocks in sight that belong there */
  guint there;        /* of which so many are drawn */
  int zoom;           /* of those blocks: a pixel of theirs is 2^zoom pixels of level 0 */
  gsize bytes;        /* of all blocks kept */
  guint64 decoded;    /* blocks of this slide so far */
  guint damaged;      /* of which so many have a hatched part */
  guint64 pictures;   /* painted of tiles and mask so far */
  double x, y, scale; /* the camera, as tessera_slide_view_get_viewport */
} TesseraSlideState;

/** Fills in the state. */
void tessera_slide_view_get_state (TesseraSlideView *self, TesseraSlideState *state);

/** TRUE when what is on screen is final: all blocks there, nothing being painted, no movement. */
gboolean tessera_slide_view_is_idle (TesseraSlideView *self);
