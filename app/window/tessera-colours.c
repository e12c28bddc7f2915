#include "tessera-colours.h"

#include "tsr-project.h"

#include <string.h>

#define DIRECT 1024 /* class ids below it are looked up in a table */

typedef struct {
  const int32_t *ids;
  size_t n;
  guint8 direct[DIRECT]; /* places of the classes with small ids */
} Places;

static guint8
place_of (const Places *places, int32_t id)
{
  if (id >= 0 && id < DIRECT)
    return places->direct[id];
  for (size_t i = 0; id >= 0 && i < places->n; i++)
    if (places->ids[i] == id)
      return (guint8)i;
  return TESSERA_MAP_NO_CLASS;
}

static inline TesseraMapPoint
paint (const Places *places, int32_t label, const TsrPrediction *prediction)
{
  TesseraMapPoint point = {.class_index = TESSERA_MAP_NO_CLASS};
  if (label >= 0) {
    point.class_index = place_of (places, label);
    point.margin = 255;
    point.flags = point.class_index != TESSERA_MAP_NO_CLASS ? TESSERA_MAP_POINT_LABELLED : 0;
    return point;
  }
  if (label == TSR_LABEL_UNSURE)
    point.flags = TESSERA_MAP_POINT_UNSURE;
  if (prediction != NULL && prediction->class_id >= 0) {
    point.class_index = place_of (places, prediction->class_id);
    point.flags |= TESSERA_MAP_POINT_PREDICTED;
    point.margin = (guint8)(CLAMP (prediction->margin, 0, 1) * 255);
  }
  return point;
}

TesseraMapPoint *
tessera_colours_paint (const int32_t *class_ids, size_t n_classes, uint32_t n, const int32_t *label,
                       const uint8_t *excluded, const TsrPrediction *prediction)
{
  Places places = {.ids = class_ids, .n = MIN (n_classes, TESSERA_MAP_NO_CLASS)};
  memset (places.direct, TESSERA_MAP_NO_CLASS, sizeof places.direct);
  for (size_t i = 0; i < places.n; i++)
    if (class_ids[i] >= 0 && class_ids[i] < DIRECT)
      places.direct[class_ids[i]] = (guint8)i;
  TesseraMapPoint *points = g_new (TesseraMapPoint, MAX (1, n));
  points[0] = (TesseraMapPoint){.class_index = TESSERA_MAP_NO_CLASS};
  for (uint32_t i = 0; i < n; i++) {
    points[i] = (TesseraMapPoint){.class_index = TESSERA_MAP_NO_CLASS};
    if (excluded[i])
      points[i].flags = TESSERA_MAP_POINT_EXCLUDED;
    else
      points[i] = paint (&places, label[i], prediction != NULL ? &prediction[i] : NULL);
  }
  return points;
}
