#pragma once
/* What somebody drew on a slide. */

#include "tsr-outline.h"

typedef enum {
  TSR_REGION_ANNOTATION, /* also what does not say */
  TSR_REGION_TILE,
  TSR_REGION_DETECTION, /* cells too */
  TSR_REGION_OTHER,     /* cores of a tissue array, ... */
} TsrRegionType;

typedef struct {
  char *name;
  double value;
} TsrMeasurement;

typedef struct {
  TsrRegionType type;
  TsrOutline *outline; /* at least one polygon */
  char *class_name;    /* “Tumour”, derived ones “Tumour: Positive”; NULL: not classified */
  int64_t rgb;         /* of the class, 0xRRGGBB; -1: not said */
  char *id;            /* as text; NULL: none */
  char *name;          /* the object's own; NULL: none */
  char *annotator;     /* who said so, as tsr_export_geojson writes it; NULL: not known */
  bool locked;         /* QuPath's isLocked */
  GArray *measurements; /* TsrMeasurement, those that are finite */
} TsrRegion;

/** A region with an outline that is empty yet, an annotation without class. */
TsrRegion *tsr_region_new (void);

/** Frees it with all it holds; NULL is allowed. */
void tsr_region_free (TsrRegion *region);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrRegion, tsr_region_free)
