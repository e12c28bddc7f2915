#pragma once
/* What colours the map's points: the choices a project offers, what each point then looks like, and
 * what a legend says of it. */

#include "tessera-map-point.h"
#include "tessera-session.h"

typedef enum {
  TESSERA_COLOR_PREDICTION, /* labels filled, predictions as rings */
  TESSERA_COLOR_LABEL,      /* labels only */
  TESSERA_COLOR_MARGIN,     /* how sure each prediction is */
  TESSERA_COLOR_DISTANCE,   /* how far the label is that a tile follows */
  TESSERA_COLOR_TRUTH,
  TESSERA_COLOR_RIGHT,      /* whether prediction and truth agree */
  TESSERA_COLOR_NEIGHBOURS, /* how many of a tile's nearest in W are near on the map */
  TESSERA_COLOR_COLUMN,     /* one the user joined */
} TesseraColorBy;

typedef struct {
  TesseraColorBy by;
  char *id;    /* for the project's settings: "prediction", "column:slide" */
  char *title; /* as shown; a column's name */
} TesseraColoring;

/** The choices in their order, the first always the prediction: GPtrArray of TesseraColoring, to be
 * made anew when columns, truth or settings change; one whose column has gone colours nothing.
 * Transfer full. */
GPtrArray *tessera_colorings (TesseraSession *session);

/** TesseraMapPoint for every tile, as if nothing were filtered. Transfer full. */
TesseraMapPoint *tessera_coloring_points (const TesseraColoring *coloring, TesseraSession *session);

/** TesseraMapClass: what class_index of the points means; hidden is never set. Transfer full. */
GArray *tessera_coloring_palette (const TesseraColoring *coloring, TesseraSession *session);

/** One line of a legend. */
typedef struct {
  char *text;
  int32_t class_index; /* into the palette, or TESSERA_MAP_NO_CLASS: other values */
  uint32_t count;      /* tiles */
} TesseraLegendEntry;

/** The legend's lines for categories that are not the project's classes: GArray of
 * TesseraLegendEntry, empty where the sidebar's classes say it all or a ramp does. points are the
 * colouring's own, as tessera_coloring_points made them: to paint them is most of the work, so it
 * is done once. Transfer full. */
GArray *tessera_coloring_legend (const TesseraColoring *coloring, TesseraSession *session,
                                 const TesseraMapPoint *points);

/** What the ends of the ramp mean, transfer full; FALSE if the points are not on a ramp. */
gboolean tessera_coloring_ramp (const TesseraColoring *coloring, TesseraSession *session,
                                char **low, char **high);
