#pragma once
/* Shared by the files that paint: what is worked out once for a raster and read by its strips. */

#include "tessera-map-raster.h"
#include "tessera-map-sprite.h"

#define TESSERA_MAP_STRIP_ROWS 32

typedef struct {
  const TesseraMapScene *scene;
  const TesseraMapFrame *frame;
  const TesseraMapGrid *grid;
  const TesseraMapPoint *points; /* in grid order */
  const guint8 *selected;        /* paint only these; NULL: all */
  gsize n_selected;              /* bytes of selected */
  TesseraMapSizes sizes;
  guint32 *pixels;
  gsize stride;

  guint8 class_state[256];             /* 0 no class, 1 shown, 2 hidden */
  guint8 look[3][TESSERA_MAP_N_FLAGS]; /* by class state and flags */
  bool looks[TESSERA_MAP_N_LOOKS];     /* which occur at all */
  guint32 color[256];                  /* by class index */
  guint16 least_alpha[256]; /* of a class's colour that stands out from the ground, of 256 */
  guint32 plain, faint, unsure, line, paper, ramp[256];
  guint32 light_line, dark_line; /* line is one of them, by the ground */

  TesseraMapSprite *dot, *faint_dot, *unsure_ring, *value_dot, *halo;
  TesseraMapSprite *predicted[TSR_MARKER_N_SHAPES], *labelled[TSR_MARKER_N_SHAPES];
  TesseraMapSprite *moat[TSR_MARKER_N_SHAPES]; /* clears the ground round a label, so that it shows
                                                  on its own colour */
  guint8 shape[256];
  guint16 fill_alpha[256], ring_alpha[256]; /* of predictions by margin, 0..256 */
} TesseraMapRaster;

/** How a point of this state is drawn, looked up. */
static inline TesseraMapLook
tessera_map_raster_look (const TesseraMapRaster *raster, TesseraMapPoint p)
{
  return raster->look[raster->class_state[p.class_index]][p.flags % TESSERA_MAP_N_FLAGS];
}

/** Whether the k-th point in grid order is to be painted. */
static inline bool
tessera_map_raster_wants (const TesseraMapRaster *raster, gsize k)
{
  if (!raster->selected)
    return true;
  guint32 tile = raster->grid->order[k];
  return tile < raster->n_selected && raster->selected[tile];
}

/** Paints the points too small for shapes into rows [y0, y1). */
void tessera_map_density_strip (const TesseraMapRaster *raster, guint y0, guint y1);

/** Paints lines of equal density over the whole frame. */
void tessera_map_contours_paint (const TesseraMapRaster *raster);
