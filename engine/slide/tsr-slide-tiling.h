#pragma once
/* From a slide to a list of tiles: a grid over it, and the tissue that each tile shows. */

#include "tsr-slide.h"
#include "tsr-tissue-mask.h"

/** Exactly one of mpp and micrometres may be given, or neither: then tiles are pixels of level 0.
 */
typedef struct {
  int pixels;         /* side of a tile as the network sees it (default 64) */
  double mpp;         /* micrometres a pixel of the tile; NAN: level 0's own */
  double micrometres; /* side of a tile; NAN: pixels times mpp */
  double slide_mpp;   /* what level 0 has, for a slide that does not say; NAN: what the file says */
  int overlap;        /* of neighbours, in pixels of the tile, less than pixels (default 0) */
  double tissue;      /* smallest share of a tile that must be tissue, 0..1 (default 0.5) */
  double tolerance; /* a level whose pixels are within this share of the wanted size is taken as it
                       is, because resampling by next to nothing only blurs (default 0.02) */
  int64_t limit;    /* more tiles are an error (default 10,000,000) */
} TsrTilingOptions;

/** What a grid comes to. */
typedef struct {
  GArray *tiles; /* TsrSlideTile, row by row */
  int pixels;    /* side of a tile in memory */
  int32_t side;  /* side of a tile in pixels of level 0 */
  int32_t step;  /* from one tile to the next in pixels of level 0 */
  int level;     /* the level that all tiles are read from */
  double mpp;    /* micrometres a pixel of the tile; NAN where the slide's are not known */
  int64_t grid;  /* places of the grid, tissue or not */
} TsrTiling;

/** The defaults. */
TsrTilingOptions tsr_tiling_options (void);

/** How large an overview (tsr_slide_overview's max_side) the mask for such tiles is best made from:
 * eight of its pixels along a tile's side, within 512 and 4096. Errors as tsr_slide_tile. */
bool tsr_tiling_overview_side (const TsrSlideInfo *slide, const TsrTilingOptions *options,
                               int *max_side, GError **error);

/** Lays a grid of whole tiles over the slide from its top left corner and keeps those with enough
 * tissue. The mask covers the whole slide, whatever its size in pixels; NULL: everything is tissue.
 * Pure: the same slide, mask and options give the same list. False (TSR_ERROR_USAGE) with one
 * sentence for options that make no sense, and when sizes in micrometres are asked of a slide that
 * does not say how large its pixels are. Free with tsr_tiling_clear. */
bool tsr_slide_tile (const TsrSlideInfo *slide, const TsrTissueMask *mask,
                     const TsrTilingOptions *options, TsrTiling *tiling, GError **error);

/** As tsr_slide_tile, but the tiles are told: their upper left corners ([n][2], x and y) and side,
 * in pixels of level 0; each once, in the order given. step is that of the grid they overlap on,
 * else their side. Of the options only pixels, slide_mpp and limit count. TSR_ERROR_IMAGE with one
 * sentence for a tile that lies outside of the slide altogether; those that reach beyond its edge
 * are white there. */
bool tsr_slide_tile_at (const TsrSlideInfo *slide, const int64_t *corners, size_t n, double side,
                        const TsrTilingOptions *options, TsrTiling *tiling, GError **error);

/** Frees the list; may be called again. */
void tsr_tiling_clear (TsrTiling *tiling);

/** The share of tissue in the rectangle [x0,x1) x [y0,y1), given in parts of the slide's width and
 * height (0..1), pixels at the border counted by the part of them that lies inside. */
double tsr_tissue_share (const TsrTissueMask *mask, double x0, double y0, double x1, double y1);
