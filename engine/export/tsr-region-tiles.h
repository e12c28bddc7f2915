#pragma once
/* What regions say about tiles: how much of a tile lies inside, and of which class it is. */

#include "tsr-progress.h"
#include "tsr-region.h"
#include "tsr-slide-tiling.h"

typedef struct {
  double x, y, width, height; /* pixels of level 0 */
} TsrBox;

/** The box of a tile of a grid. */
TsrBox tsr_slide_tile_box (const TsrSlideTile *tile);

/** Whether the region is what tsr_export_geojson writes for a tile that is unsure or excluded: an
 * upright rectangle without class that is called so. It tells of a tile, and outlines nothing. */
bool tsr_region_tells_of_tile (const TsrRegion *region);

/** share[n]: the part of each box, in [0,1], that lies inside of any of the regions (TsrRegion,
 * whatever their classes; where several lie over each other it counts once). 0 for a box without
 * area. False only if cancelled. */
bool tsr_regions_share (const GPtrArray *regions, const TsrBox *boxes, size_t n, double *share,
                        const TsrProgress *progress, GError **error);

/** Limits tiling to the regions: takes the tiles (GArray of TsrSlideTile) out of the list that have
 * less than `least` of their area inside; what is left keeps its order. False, and the list stays
 * as it was, only if cancelled. */
bool tsr_regions_limit (const GPtrArray *regions, GArray *tiles, double least,
                        const TsrProgress *progress, GError **error);

/** A class that regions name. */
typedef struct {
  char *name;
  int64_t rgb; /* of the first region that says one; -1: none does */
} TsrRegionClass;

/** What tiles are by regions. */
typedef struct {
  GPtrArray *classes; /* TsrRegionClass, in the order of their first regions */
  int32_t *of_box;    /* [n]: index into classes, TSR_REGION_NONE or TSR_REGION_UNSURE */
  uint8_t *excluded;  /* [n]: whether the tile is excluded; its label is in of_box all the same */
  const char **by; /* [n]: whose label it is, where a rectangle says it (borrowed from regions) */
} TsrRegionLabels;

#define TSR_REGION_NONE   (-1)
#define TSR_REGION_UNSURE (-2) /* what tsr_export_geojson writes for a tile not assessable */

/** Gives each box the class that covers most of it, if that is at least the share `least` (above
 * 0); of equal ones the first in classes. A region that is exactly a box's rectangle speaks for
 * that box alone (each one, if several lie there) and before all others; of several the last
 * counts. So what was exported tile by tile comes back as it was, also where tiles overlap. A class
 * whose name ends in “*” (“Region*”, “Ignore*”), which QuPath takes for a frame or for what is to
 * be left out, speaks for such rectangles only. Regions without class only count if they are such
 * rectangles and called “unsure” or, as excluded tiles are (TSR_GEOJSON_EXCLUDED), “excluded”,
 * “excluded, unsure” or “excluded: <Class>”. False only if cancelled; clear labels in any case. */
bool tsr_regions_label (const GPtrArray *regions, const TsrBox *boxes, size_t n, double least,
                        TsrRegionLabels *labels, const TsrProgress *progress, GError **error);

/** Frees what the labels hold; may be called again. */
void tsr_region_labels_clear (TsrRegionLabels *labels);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrRegionLabels, tsr_region_labels_clear)
