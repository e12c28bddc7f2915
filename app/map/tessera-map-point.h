#pragma once
/* What the map knows of a tile besides its place: four bytes a tile, one array, replaced as a
 * whole. No GTK here. */

#include <glib.h>

#define TESSERA_MAP_NO_CLASS                                                                       \
  255 /* also the limit: classes are numbered 0..254 by their place in the palette */

typedef enum {
  TESSERA_MAP_POINT_LABELLED = 1 << 0,  /* class_index is what a person said */
  TESSERA_MAP_POINT_PREDICTED = 1 << 1, /* class_index is what the rule says, margin how surely */
  TESSERA_MAP_POINT_UNSURE = 1 << 2,    /* looked at and not assessable */
  TESSERA_MAP_POINT_EXCLUDED =
      1 << 3, /* out of the map's work: drawn faint, found by a click but by no box or lasso */
  TESSERA_MAP_POINT_HIDDEN =
      1 << 4, /* filtered out: drawn faint, found neither by click, hover nor lasso */
  TESSERA_MAP_POINT_VALUE = 1 << 5,    /* coloured by value on a ramp instead of by class */
  TESSERA_MAP_POINT_IN_AREAS = 1 << 6, /* excluded, and found by box and lasso all the same; nothing
                                          that is drawn depends on it */
} TesseraMapPointFlags;

typedef struct {
  guint8 class_index; /* into the palette, or TESSERA_MAP_NO_CLASS */
  guint8 flags;       /* TesseraMapPointFlags */
  guint8 margin;      /* 0 (could as well be another class) .. 255 (certain) */
  guint8 value;       /* 0..255, with TESSERA_MAP_POINT_VALUE */
} TesseraMapPoint;

/** One class of the palette. */
typedef struct {
  guint32 rgb;     /* 0xRRGGBB */
  gint32 shape;    /* TsrMarkerShape */
  gboolean hidden; /* switched off in the legend: its points are drawn faint and are not picked */
} TesseraMapClass;
