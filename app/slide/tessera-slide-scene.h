#pragma once
/* What lies over a slide: tissue mask and tiles, painted as one picture of a part of it, so that a
 * frame costs the same for any number of tiles. A scene is immutable and is painted in any thread.
 * No GTK here. */

#include "tessera-map-point.h"
#include "tessera-slide-index.h"
#include "tsr-tissue-mask.h"

#include <cairo.h>

/** A part of the slide in pixels of a picture. */
typedef struct {
  guint width, height; /* pixels */
  double x, y;         /* the picture's corner, in pixels of level 0 */
  double scale;        /* picture's pixels a pixel of level 0 */
} TesseraSlideFrame;

typedef struct TesseraSlideMask TesseraSlideMask;

/** A copy of a mask, of which only tissue or not counts; NULL for one without pixels. */
TesseraSlideMask *tessera_slide_mask_new (const TsrTissueMask *mask);

/** Adds a reference, which may belong to another thread. */
TesseraSlideMask *tessera_slide_mask_ref (TesseraSlideMask *mask);

/** Drops a reference; NULL is allowed. */
void tessera_slide_mask_unref (TesseraSlideMask *mask);

typedef struct {
  double width, height;     /* of the slide, pixels of level 0 */
  TesseraSlideIndex *index; /* or NULL */
  GBytes *points;           /* TesseraMapPoint by the tiles' ids, or NULL */
  TesseraMapClass *classes;
  guint n_classes;
  GBytes *selected; /* bytes by place in the index, or NULL */
  guint n_selected;
  TesseraSlideMask *mask; /* or NULL */
  double opacity;         /* of the tiles' fill, 0..1 */
  bool tiles, grid;       /* whether tiles are shown, and those without colour outlined */
  bool bare;              /* of tiles only the frames of what is selected */
  bool heatmap;           /* colours by margin instead of class */
  guint32 outline;        /* of the tissue, 0xRRGGBB */
  double pixel_ratio;     /* picture's pixels a logical pixel */
} TesseraSlideScene;

/** An empty scene, to be filled in: what it refers to is given to it, with the reference. */
TesseraSlideScene *tessera_slide_scene_new (void);

/** Frees the scene with what was given to it, on any thread; NULL is allowed. */
void tessera_slide_scene_free (TesseraSlideScene *scene);

/** Paints the frame's part: a new ARGB32 image, transparent where nothing lies over the slide. */
cairo_surface_t *tessera_slide_scene_paint (const TesseraSlideScene *scene,
                                            const TesseraSlideFrame *frame);
