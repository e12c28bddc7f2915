#pragma once
/* The map as a picture for papers and talks: PNG, SVG or PDF, with legend and scale, in the
 * user's language (tsr-language.h). */

#include "tsr-table.h"

typedef enum {
  TSR_FIGURE_BY_PREDICTION, /* labels filled, predictions as rings whose opacity is the margin */
  TSR_FIGURE_BY_LABEL,      /* labels only */
  TSR_FIGURE_BY_MARGIN,     /* how sure each prediction is, on a scale */
  TSR_FIGURE_BY_DISTANCE,   /* how far the label is that a tile follows, on a scale */
  TSR_FIGURE_BY_TRUTH,
  TSR_FIGURE_BY_RIGHT,      /* whether label or prediction agrees with the truth */
  TSR_FIGURE_BY_NEIGHBOURS, /* how many of a tile's nearest in W are near on the map, on a scale */
  TSR_FIGURE_BY_COLUMN,     /* a joined column: its categories, or its numbers on a scale */
} TsrFigureColor;

typedef struct {
  TsrFigureColor color;
  const TsrColumn *column;     /* of TSR_FIGURE_BY_COLUMN */
  int width, height;           /* points (PNG: pixels at scale 1); 0: 1200 x 900 */
  double scale;                /* PNG: pixels per point; 0: 2 */
  const char *title;           /* or NULL */
  bool english;                /* whatever the user's language */
  const uint32_t *suggestions; /* tiles that glow; or NULL */
  size_t n_suggestions;
} TsrFigureOptions;

/** Whether path ends in what tsr_map_figure_write can write: .png, .svg or .pdf. */
bool tsr_map_figure_knows (const char *path);

/** What a word of the window's menu and of --color-by means: prediction, label, margin, distance,
 * truth, right, neighbours; any other names a column. */
TsrFigureColor tsr_figure_color (const char *word);

/** The column a word of that kind means, by itself or behind "column:", which tells it from the
 * other words; NULL if columns (of TsrColumn) have none. Borrowed. */
const TsrColumn *tsr_figure_column (const GPtrArray *columns, const char *word);

/** Draws table's map into path, its format by its ending. Axes keep one scale for both directions;
 * the first coordinate goes to the right, the second down, as in the window. A class is told by
 * shape as well as colour. Above 20,000 points SVG and PDF hold the points as one picture of 4
 * pixels a point (text and legend stay vectors). Fails with TSR_ERROR_PROJECT if there is no map.
 */
bool tsr_map_figure_write (const TsrTable *table, const TsrFigureOptions *options, const char *path,
                           const TsrProgress *progress, GError **error);
