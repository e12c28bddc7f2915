#include "tessera-map-paint.h"

#include <glib/gi18n.h>

GBytes *
tessera_map_paint_points (TesseraSession *session, TesseraSidebar *sidebar,
                          const TesseraColoring *coloring)
{
  uint32_t n = tessera_session_get_n_tiles (session);
  bool some = sidebar != NULL && tessera_sidebar_get_show (sidebar) != TESSERA_SHOW_ALL;
  if (coloring->by == TESSERA_COLOR_PREDICTION && !some) {
    GBytes *colours = tessera_session_get_colours (session);
    if (colours != NULL)
      return colours;
  }
  TesseraMapPoint *points = tessera_coloring_points (coloring, session);
  for (uint32_t i = 0; some && i < n; i++)
    if (!tessera_sidebar_passes (sidebar, i))
      points[i].flags |= TESSERA_MAP_POINT_HIDDEN;
    else if (points[i].flags & TESSERA_MAP_POINT_EXCLUDED) /* what was set aside is to be seen */
      points[i].flags |= TESSERA_MAP_POINT_IN_AREAS;
  return g_bytes_new_take (points, (gsize)MAX (1, n) * sizeof *points);
}

GArray *
tessera_map_paint_palette (TesseraSession *session, TesseraSidebar *sidebar,
                           const TesseraColoring *coloring)
{
  GArray *palette = tessera_coloring_palette (coloring, session);
  GPtrArray *classes = tessera_session_get_classes (session);
  bool of_classes = coloring->by != TESSERA_COLOR_RIGHT && coloring->by != TESSERA_COLOR_COLUMN;
  for (guint i = 0; of_classes && sidebar != NULL && i < classes->len && i < palette->len; i++)
    g_array_index (palette, TesseraMapClass, i).hidden = !tessera_sidebar_get_class_shown (
        sidebar, ((const TsrClass *)g_ptr_array_index (classes, i))->id);
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
  if (class_ != NULL && !tessera_session_has_rivals (session))
    return g_strdup_printf (_ ("%s\npredicted %s, the only class labelled so far"), name,
                            class_->name);
  if (class_ != NULL)
    return g_strdup_printf (_ ("%s\npredicted %s, margin %.2f"), name, class_->name,
                            prediction->margin);
  return g_strdup (name);
}
