#include "tessera-map-paint.h"

#include "tsr-marker.h"

#include <glib/gi18n.h>
#include <string.h>

/* Class id -> place in the palette, for quick lookup while a million points are written. */
static GHashTable *
class_places (TesseraSession *session)
{
  GPtrArray *classes = tessera_session_get_classes (session);
  GHashTable *places = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < classes->len && i < TESSERA_MAP_NO_CLASS; i++) {
    const TsrClass *class_ = g_ptr_array_index (classes, i);
    g_hash_table_insert (places, GINT_TO_POINTER (class_->id), GUINT_TO_POINTER (i + 1));
  }
  return places;
}

static guint8
place_of (GHashTable *places, int32_t id)
{
  if (id < 0)
    return TESSERA_MAP_NO_CLASS;
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, GINT_TO_POINTER (id)));
  return place == 0 ? TESSERA_MAP_NO_CLASS : (guint8)(place - 1);
}

/* Places of truth names without a class of their own come behind the classes, in their order. */
static guint8
place_of_truth (TesseraSession *session, GHashTable *places, uint32_t tile)
{
  int32_t id = tessera_session_get_truth_class (session, tile);
  if (id >= 0)
    return place_of (places, id);
  const char *name = tessera_session_get_truth (session, tile);
  if (name == NULL)
    return TESSERA_MAP_NO_CLASS;
  const char *const *names = tessera_session_get_truth_names (session);
  for (guint i = 0; names[i] != NULL; i++)
    if (names[i] == name)
      return (guint8)MIN (tessera_session_get_classes (session)->len + i, TESSERA_MAP_NO_CLASS);
  return TESSERA_MAP_NO_CLASS;
}

static void
paint_margin (TesseraSession *session, uint32_t tile, TesseraMapPoint *point)
{
  const TsrPrediction *prediction = tessera_session_get_prediction (session, tile);
  if (prediction == NULL || prediction->class_id < 0)
    return;
  point->flags |= TESSERA_MAP_POINT_VALUE;
  point->value = (guint8)(CLAMP (prediction->margin, 0, 1) * 255);
}

static void
paint_class (TesseraSession *session, GHashTable *places, uint32_t tile, gboolean predictions,
             TesseraMapPoint *point)
{
  int32_t label = tessera_session_get_label (session, tile);
  const TsrPrediction *prediction = tessera_session_get_prediction (session, tile);
  if (label >= 0) {
    point->class_index = place_of (places, label);
    point->flags |= TESSERA_MAP_POINT_LABELLED;
    point->margin = 255;
    return;
  }
  if (label == TSR_LABEL_UNSURE)
    point->flags |= TESSERA_MAP_POINT_UNSURE;
  if (predictions && prediction != NULL && prediction->class_id >= 0) {
    point->class_index = place_of (places, prediction->class_id);
    point->flags |= TESSERA_MAP_POINT_PREDICTED;
    point->margin = (guint8)(CLAMP (prediction->margin, 0, 1) * 255);
  }
}

GBytes *
tessera_map_paint_points (TesseraSession *session, TesseraSidebar *sidebar, TesseraColorBy by)
{
  uint32_t n = tessera_session_get_n_tiles (session);
  g_autoptr (GHashTable) places = class_places (session);
  gboolean filtered = sidebar != NULL && tessera_sidebar_get_show (sidebar) != TESSERA_SHOW_ALL;
  TesseraMapPoint *points = g_new0 (TesseraMapPoint, MAX (1, n));
  for (uint32_t i = 0; i < n; i++) {
    TesseraMapPoint *point = &points[i];
    point->class_index = TESSERA_MAP_NO_CLASS;
    if (tessera_session_get_excluded (session, i))
      point->flags |= TESSERA_MAP_POINT_EXCLUDED;
    else if (by == TESSERA_COLOR_MARGIN)
      paint_margin (session, i, point);
    else if (by == TESSERA_COLOR_TRUTH) {
      point->class_index = place_of_truth (session, places, i);
      if (point->class_index != TESSERA_MAP_NO_CLASS)
        point->flags |= tessera_session_get_label (session, i) >= 0 ? TESSERA_MAP_POINT_LABELLED
                                                                    : TESSERA_MAP_POINT_PREDICTED;
      point->margin = 255;
    } else {
      paint_class (session, places, i, by == TESSERA_COLOR_PREDICTION, point);
    }
    if (filtered && !tessera_sidebar_passes (sidebar, i))
      point->flags |= TESSERA_MAP_POINT_HIDDEN;
  }
  return g_bytes_new_take (points, (gsize)MAX (1, n) * sizeof *points);
}

GArray *
tessera_map_paint_palette (TesseraSession *session, TesseraSidebar *sidebar, TesseraColorBy by)
{
  GArray *palette = g_array_new (FALSE, TRUE, sizeof (TesseraMapClass));
  GPtrArray *classes = tessera_session_get_classes (session);
  for (guint i = 0; i < classes->len && i < TESSERA_MAP_NO_CLASS; i++) {
    const TsrClass *class_ = g_ptr_array_index (classes, i);
    TesseraMapClass entry = {.rgb = class_->rgb, .shape = class_->shape};
    entry.hidden = sidebar != NULL && !tessera_sidebar_get_class_shown (sidebar, class_->id);
    g_array_append_val (palette, entry);
  }
  const char *const *names = tessera_session_get_truth_names (session);
  for (guint i = 0; by == TESSERA_COLOR_TRUTH && names != NULL && names[i] != NULL; i++) {
    if (palette->len >= TESSERA_MAP_NO_CLASS)
      break;
    guint at = classes->len + i;
    TesseraMapClass entry = {.rgb = tsr_marker_color (at), .shape = (gint32)tsr_marker_shape (at)};
    g_array_append_val (palette, entry);
  }
  return palette;
}

char *
tessera_map_paint_caption (TesseraSession *session, uint32_t tile)
{
  const char *name = tessera_session_get_shown_name (session, tile);
  int32_t label = tessera_session_get_label (session, tile);
  const TsrPrediction *prediction = tessera_session_get_prediction (session, tile);
  const TsrClass *class_ =
      tessera_session_get_class (session, label >= 0           ? label
                                          : prediction != NULL ? prediction->class_id
                                                               : -1);
  if (tessera_session_get_excluded (session, tile))
    return g_strdup_printf (_ ("%s\nexcluded"), name);
  if (label >= 0 && class_ != NULL)
    return g_strdup_printf (_ ("%s\nlabelled %s"), name, class_->name);
  if (label == TSR_LABEL_UNSURE)
    return g_strdup_printf (_ ("%s\nunsure"), name);
  if (class_ != NULL)
    return g_strdup_printf (_ ("%s\npredicted %s, margin %.2f"), name, class_->name,
                            prediction->margin);
  return g_strdup (name);
}
