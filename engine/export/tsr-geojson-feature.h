#pragma once
/* One feature's text as a region. */

#include "tsr-region.h"

typedef enum {
  TSR_FEATURE_AREA,
  TSR_FEATURE_NO_AREA,   /* a point, a line, or nothing */
  TSR_FEATURE_BROKEN,    /* its geometry makes no sense */
  TSR_FEATURE_NO_OBJECT, /* not the text of a JSON object */
} TsrFeatureKind;

/** Parses text, a JSON object as tsr_json_stream_value gives it, which is used up. *region
 * (transfer full) is set if the result is TSR_FEATURE_AREA, else NULL. */
TsrFeatureKind tsr_geojson_feature (GString *text, TsrRegion **region);
