#pragma once
/* What a map's picture says of each tile, and of its colours in the legend: the choices of the
 * window's "Colour by", worked out from a table. */

#include "tsr-map-figure.h"
#include "tsr-map-info.h"

/** How a tile is drawn; also the order of painting, the last on top. */
typedef enum {
  TSR_PAINT_PLAIN,     /* a small grey dot: nothing to say */
  TSR_PAINT_PREDICTED, /* ring and light fill that pale with the margin */
  TSR_PAINT_FILLED,    /* a category's mark, or a circle on the ramp */
  TSR_PAINT_LABELLED,  /* a larger mark with an outline */
  TSR_N_PAINTS
} TsrPaintKind;

typedef struct {
  TsrPaintKind kind;
  TsrTableLook look;
  double margin; /* 0 .. 1, of TSR_PAINT_PREDICTED */
} TsrPaint;

typedef struct {
  char *text;
  TsrTableLook look; /* of tiles that are drawn plain: a grey circle */
  uint32_t count;    /* tiles, without the excluded */
} TsrLegendLine;

typedef struct {
  const TsrTable *table;
  const TsrFigureOptions *options;
  GArray *looks;    /* TsrTableLook of each category */
  double farthest;  /* of all distances to a label */
  bool rivals;      /* labels of at least two classes: margins say something */
  TsrMapInfo *info; /* of the map */
} TsrMapColoring;

#define TSR_PAINT_GREY 0xb8b8b8

/** Prepares the colours of options (which must outlive it, as must table and column). */
void tsr_map_coloring_init (TsrMapColoring *coloring, const TsrTable *table,
                            const TsrFigureOptions *options);

/** Frees what init made, not what it borrowed. */
void tsr_map_coloring_clear (TsrMapColoring *coloring);

/** How a tile is drawn that is not excluded. */
TsrPaint tsr_map_coloring_paint (const TsrMapColoring *coloring, uint32_t tile);

/** The legend's headline in the thread's language, as are all its words; borrowed. */
const char *tsr_map_coloring_title (const TsrMapColoring *coloring);

/** What the ends of the ramp mean, transfer full; false if the colours are no ramp. */
bool tsr_map_coloring_ramp (const TsrMapColoring *coloring, char **low, char **high);

/** The legend's lines for what is no class: categories in their order, then the tiles without any,
 * where there are some. GArray of TsrLegendLine, transfer full; empty where classes say it all. */
GArray *tsr_map_coloring_lines (const TsrMapColoring *coloring);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrMapColoring, tsr_map_coloring_clear)
