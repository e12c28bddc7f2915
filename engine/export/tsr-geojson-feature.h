#pragma once
/* One feature's text as a region. */

#include "tsr-region.h"

#include <jansson.h>

typedef enum {
  TSR_FEATURE_AREA,
  TSR_FEATURE_NO_AREA,   /* a point, a line, or nothing */
  TSR_FEATURE_BROKEN,    /* its geometry makes no sense */
  TSR_FEATURE_NO_OBJECT, /* not the text of a JSON object */
} TsrFeatureKind;

/** Parses text, a JSON object as tsr_json_stream_value gives it, which is used up. *region
 * (transfer full) is set if the result is TSR_FEATURE_AREA, else NULL. */
TsrFeatureKind tsr_geojson_feature (GString *text, TsrRegion **region);

/** The name of a classification (plain text, or an object with a name or, of a derived one, names;
 * transfer full), or NULL; *rgb receives its colour, 0xRRGGBB, or -1. */
char *tsr_geojson_class (const json_t *value, int64_t *rgb);
