#include "tessera-coloring.h"

#include "tessera-colours.h"
#include "tessera-map-scene.h"
#include "tsr-marker.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum { RIGHT, WRONG };

/* ---- the choices ---- */

static void
coloring_free (gpointer data)
{
  TesseraColoring *coloring = data;
  g_free (coloring->id);
  g_free (coloring->title);
  g_free (coloring);
}

static void
offer (GPtrArray *choices, TesseraColorBy by, const char *id, const char *title)
{
  TesseraColoring *coloring = g_new (TesseraColoring, 1);
  *coloring = (TesseraColoring){by, g_strdup (id), g_strdup (title)};
  g_ptr_array_add (choices, coloring);
}

GPtrArray *
tessera_colorings (TesseraSession *session)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func (coloring_free);
  offer (choices, TESSERA_COLOR_PREDICTION, "prediction", _ ("Prediction"));
  offer (choices, TESSERA_COLOR_LABEL, "label", _ ("Labels only"));
  offer (choices, TESSERA_COLOR_MARGIN, "margin", _ ("Certainty"));
  offer (choices, TESSERA_COLOR_DISTANCE, "distance", _ ("Distance to its label"));
  if (tessera_session_has_truth (session) &&
      g_str_equal (tessera_session_get_setting (session, "view.truth", "0"), "1")) {
    offer (choices, TESSERA_COLOR_TRUTH, "truth", _ ("Ground truth"));
    offer (choices, TESSERA_COLOR_RIGHT, "right", _ ("Right or wrong"));
  }
  const TsrMapInfo *info = tessera_session_get_map_info (session);
  if (info != NULL && info->kept != NULL)
    offer (choices, TESSERA_COLOR_NEIGHBOURS, "neighbours", _ ("Neighbours kept"));
  const GPtrArray *columns = tessera_session_get_columns (session);
  for (guint i = 0; columns != NULL && i < columns->len; i++) {
    const TsrColumn *column = g_ptr_array_index (columns, i);
    g_autofree char *id = g_strconcat ("column:", column->name, NULL);
    offer (choices, TESSERA_COLOR_COLUMN, id, column->name);
  }
  return choices;
}

/* The column meant, or NULL. */
static const TsrColumn *
column_of (const TesseraColoring *coloring, TesseraSession *session)
{
  const GPtrArray *columns = tessera_session_get_columns (session);
  for (guint i = 0; coloring->by == TESSERA_COLOR_COLUMN && columns != NULL && i < columns->len;
       i++) {
    const TsrColumn *column = g_ptr_array_index (columns, i);
    if (g_str_equal (column->name, coloring->title))
      return column;
  }
  return NULL;
}

/* ---- points ---- */

#define DIRECT 1024 /* class ids below it are looked up in a table */

typedef struct {
  const TesseraColoring *coloring;
  TesseraSession *session;
  const TsrColumn *column; /* or NULL */
  guint8 direct[DIRECT];   /* places in the palette of the classes with small ids */
  GHashTable *places;      /* class id -> place in the palette + 1 */
  float farthest;          /* of all distances */
  gboolean has_rivals;
  /* as the session has them, since a million questions take longer than a frame */
  const int32_t *label;
  const uint8_t *excluded;
  const TsrPrediction *prediction; /* or NULL */
} Painter;

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
place_of (const Painter *painter, int32_t id)
{
  if (id < 0)
    return TESSERA_MAP_NO_CLASS;
  if (id < DIRECT)
    return painter->direct[id];
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (painter->places, GINT_TO_POINTER (id)));
  return place == 0 ? TESSERA_MAP_NO_CLASS : (guint8)(place - 1);
}

/* Places of truth names without a class of their own come behind the classes, in their order. */
static guint8
place_of_truth (const Painter *painter, uint32_t tile)
{
  TesseraSession *session = painter->session;
  int32_t id = tessera_session_get_truth_class (session, tile);
  if (id >= 0)
    return place_of (painter, id);
  const char *name = tessera_session_get_truth (session, tile);
  const char *const *names = tessera_session_get_truth_names (session);
  for (guint i = 0; name != NULL && names[i] != NULL; i++)
    if (names[i] == name)
      return (guint8)MIN (tessera_session_get_classes (session)->len + i, TESSERA_MAP_NO_CLASS);
  return TESSERA_MAP_NO_CLASS;
}

static void
put_value (TesseraMapPoint *point, double value)
{
  if (!isfinite (value))
    return;
  point->flags |= TESSERA_MAP_POINT_VALUE;
  point->value = (guint8)(CLAMP (value, 0, 1) * 255);
}

/* A category is drawn like a label where the tile has one, like a prediction elsewhere. */
static void
put_category (const Painter *painter, uint32_t tile, guint8 category, TesseraMapPoint *point)
{
  point->class_index = category;
  point->margin = 255;
  if (category != TESSERA_MAP_NO_CLASS)
    point->flags |=
        painter->label[tile] >= 0 ? TESSERA_MAP_POINT_LABELLED : TESSERA_MAP_POINT_PREDICTED;
}

static void
paint_right (const Painter *painter, uint32_t tile, const TsrPrediction *prediction,
             TesseraMapPoint *point)
{
  int32_t label = painter->label[tile], said = label >= 0           ? label
                                               : prediction != NULL ? prediction->class_id
                                                                    : -1;
  if (said < 0 || tessera_session_get_truth (painter->session, tile) == NULL)
    return;
  bool right = said == tessera_session_get_truth_class (painter->session, tile);
  put_category (painter, tile, right ? RIGHT : WRONG, point);
}

static void
paint_column (const Painter *painter, uint32_t tile, TesseraMapPoint *point)
{
  const TsrColumn *column = painter->column;
  if (column == NULL)
    return;
  if (column->number != NULL) {
    put_value (point, tsr_column_fraction (column, tile));
    return;
  }
  int32_t code = tile < column->n ? column->code[tile] : -1;
  if (code >= 0 && code < TSR_COLUMN_LOOKS)
    put_category (painter, tile, (guint8)code, point);
}

static void
paint (const Painter *painter, uint32_t tile, TesseraMapPoint *point)
{
  const TsrPrediction *prediction = painter->prediction != NULL ? &painter->prediction[tile] : NULL;
  if (prediction != NULL && prediction->class_id < 0)
    prediction = NULL;
  switch (painter->coloring->by) {
  case TESSERA_COLOR_PREDICTION: /* tessera_colours_paint's */
  case TESSERA_COLOR_LABEL:
    break;
  case TESSERA_COLOR_MARGIN:
    put_value (point, prediction != NULL && painter->has_rivals ? prediction->margin : NAN);
    break;
  case TESSERA_COLOR_DISTANCE:
    put_value (point, prediction != NULL ? prediction->distance / painter->farthest : NAN);
    break;
  case TESSERA_COLOR_TRUTH:
    put_category (painter, tile, place_of_truth (painter, tile), point);
    break;
  case TESSERA_COLOR_RIGHT:
    paint_right (painter, tile, prediction, point);
    break;
  case TESSERA_COLOR_NEIGHBOURS:
    put_value (point, tessera_session_get_kept (painter->session, tile));
    break;
  case TESSERA_COLOR_COLUMN:
    paint_column (painter, tile, point);
    break;
  }
}

static float
farthest (TesseraSession *session)
{
  float most = 0;
  uint32_t n = tessera_session_get_n_tiles (session);
  const TsrPrediction *prediction = tessera_session_get_predictions (session);
  const uint8_t *excluded = tessera_session_get_all_excluded (session);
  for (uint32_t i = 0; prediction != NULL && i < n; i++)
    if (prediction[i].class_id >= 0 && isfinite (prediction[i].distance) && !excluded[i])
      most = MAX (most, prediction[i].distance);
  return most;
}

static void
begin_painting (Painter *painter, const TesseraColoring *coloring, TesseraSession *session)
{
  *painter = (Painter){.coloring = coloring, .session = session, .farthest = 1};
  painter->column = column_of (coloring, session);
  painter->places = class_places (session);
  painter->has_rivals = tessera_session_has_rivals (session);
  painter->label = tessera_session_get_labels (session);
  painter->excluded = tessera_session_get_all_excluded (session);
  painter->prediction = tessera_session_get_predictions (session);
  GPtrArray *classes = tessera_session_get_classes (session);
  memset (painter->direct, TESSERA_MAP_NO_CLASS, sizeof painter->direct);
  for (guint i = 0; i < classes->len && i < TESSERA_MAP_NO_CLASS; i++) {
    int32_t id = ((const TsrClass *)g_ptr_array_index (classes, i))->id;
    if (id >= 0 && id < DIRECT)
      painter->direct[id] = (guint8)i;
  }
  if (coloring->by == TESSERA_COLOR_DISTANCE)
    painter->farthest = MAX (farthest (session), 1e-30f);
}

static TesseraMapPoint *
paint_classes (TesseraSession *session, bool predictions)
{
  GPtrArray *classes = tessera_session_get_classes (session);
  g_autofree int32_t *ids = g_new (int32_t, classes->len + 1);
  for (guint i = 0; i < classes->len; i++)
    ids[i] = ((const TsrClass *)g_ptr_array_index (classes, i))->id;
  return tessera_colours_paint (ids, classes->len, tessera_session_get_n_tiles (session),
                                tessera_session_get_labels (session),
                                tessera_session_get_all_excluded (session),
                                predictions ? tessera_session_get_predictions (session) : NULL);
}

TesseraMapPoint *
tessera_coloring_points (const TesseraColoring *coloring, TesseraSession *session)
{
  uint32_t n = tessera_session_get_n_tiles (session);
  if (coloring->by == TESSERA_COLOR_PREDICTION || coloring->by == TESSERA_COLOR_LABEL)
    return paint_classes (session, coloring->by == TESSERA_COLOR_PREDICTION);
  Painter painter;
  begin_painting (&painter, coloring, session);
  TesseraMapPoint *points = g_new0 (TesseraMapPoint, MAX (1, n));
  for (uint32_t i = 0; i < n; i++) {
    TesseraMapPoint point = {.class_index = TESSERA_MAP_NO_CLASS};
    if (painter.excluded[i])
      point.flags |= TESSERA_MAP_POINT_EXCLUDED;
    else
      paint (&painter, i, &point);
    points[i] = point;
  }
  g_hash_table_unref (painter.places);
  return points;
}

/* ---- palette and legend ---- */

static void
add_look (GArray *palette, uint32_t rgb, int32_t shape)
{
  TesseraMapClass entry = {.rgb = rgb, .shape = shape};
  if (palette->len < TESSERA_MAP_NO_CLASS)
    g_array_append_val (palette, entry);
}

/* For every name of the ground truth, so that places go by its number: a look that neither a class
 * nor another name has, so that what is no class never looks like one. Names that mean a class are
 * drawn as that class; theirs is not used. */
static void
add_truth_looks (GArray *palette, TesseraSession *session)
{
  const char *const *names = tessera_session_get_truth_names (session);
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (TsrMarkerLook));
  for (guint i = 0; i < palette->len; i++) {
    const TesseraMapClass *class_ = &g_array_index (palette, TesseraMapClass, i);
    TsrMarkerLook look = {class_->rgb, class_->shape};
    g_array_append_val (taken, look);
  }
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    unsigned free_look = tsr_marker_free ((TsrMarkerLook *)taken->data, taken->len);
    TsrMarkerLook look = {tsr_marker_color (free_look), (int32_t)tsr_marker_shape (free_look)};
    add_look (palette, look.rgb, look.shape);
    if (!tessera_session_truth_means_class (session, i))
      g_array_append_val (taken, look);
  }
}

GArray *
tessera_coloring_palette (const TesseraColoring *coloring, TesseraSession *session)
{
  GArray *palette = g_array_new (FALSE, TRUE, sizeof (TesseraMapClass));
  if (coloring->by == TESSERA_COLOR_RIGHT) {
    add_look (palette, tsr_marker_color (0), TSR_MARKER_CIRCLE);
    add_look (palette, tsr_marker_color (1), TSR_MARKER_X);
    return palette;
  }
  if (coloring->by == TESSERA_COLOR_COLUMN) {
    for (unsigned i = 0; i < TSR_COLUMN_LOOKS; i++)
      add_look (palette, tsr_marker_color (i), (int32_t)tsr_marker_shape (i));
    return palette;
  }
  GPtrArray *classes = tessera_session_get_classes (session);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (classes, i);
    add_look (palette, class_->rgb, class_->shape);
  }
  if (coloring->by == TESSERA_COLOR_TRUTH)
    add_truth_looks (palette, session);
  return palette;
}

static void
legend_entry_clear (gpointer data)
{
  g_free (((TesseraLegendEntry *)data)->text);
}

static void
add_entry (GArray *legend, char *text, int32_t class_index, uint32_t count)
{
  TesseraLegendEntry entry = {text, class_index, count};
  g_array_append_val (legend, entry);
}

static void
describe_right (GArray *legend, const TesseraMapPoint *points, uint32_t n)
{
  uint32_t count[2] = {0, 0};
  for (uint32_t i = 0; i < n; i++)
    if (points[i].class_index <= WRONG)
      count[points[i].class_index]++;
  add_entry (legend, g_strdup (_ ("right")), RIGHT, count[RIGHT]);
  add_entry (legend, g_strdup (_ ("wrong")), WRONG, count[WRONG]);
}

static void
describe_categories (GArray *legend, const TsrColumn *column)
{
  uint32_t others = 0, n_others = 0, known = 0;
  for (uint32_t k = 0; k < column->n_texts; k++) {
    known += column->count[k];
    if (k < TSR_COLUMN_LOOKS) {
      add_entry (legend, g_strdup (column->texts[k]), (int32_t)k, column->count[k]);
    } else {
      n_others++;
      others += column->count[k];
    }
  }
  if (n_others > 0)
    add_entry (legend,
               g_strdup_printf (ngettext ("%u other value", "%u other values", n_others), n_others),
               TESSERA_MAP_NO_CLASS, others);
  if (known < column->n)
    add_entry (legend, g_strdup (_ ("not in the table")), TESSERA_MAP_NO_CLASS, column->n - known);
}

GArray *
tessera_coloring_legend (const TesseraColoring *coloring, TesseraSession *session,
                         const TesseraMapPoint *points)
{
  GArray *legend = g_array_new (FALSE, TRUE, sizeof (TesseraLegendEntry));
  g_array_set_clear_func (legend, legend_entry_clear);
  const TsrColumn *column = column_of (coloring, session);
  if (coloring->by == TESSERA_COLOR_RIGHT)
    describe_right (legend, points, tessera_session_get_n_tiles (session));
  else if (column != NULL && column->number == NULL)
    describe_categories (legend, column);
  return legend;
}

gboolean
tessera_coloring_ramp (const TesseraColoring *coloring, TesseraSession *session, char **low,
                       char **high)
{
  const TsrColumn *column = column_of (coloring, session);
  *low = *high = NULL;
  if (coloring->by == TESSERA_COLOR_MARGIN) {
    *low = g_strdup (_ ("could be either"));
    *high = g_strdup (_ ("certain"));
  } else if (coloring->by == TESSERA_COLOR_DISTANCE) {
    *low = g_strdup (_ ("at a label"));
    *high = g_strdup_printf (_ ("%.3g away"), farthest (session));
  } else if (coloring->by == TESSERA_COLOR_NEIGHBOURS) {
    *low = g_strdup (C_ ("neighbours", "none"));
    *high = g_strdup (C_ ("neighbours", "all"));
  } else if (column != NULL && column->number != NULL) {
    *low = g_strdup_printf ("%.6g", column->low);
    *high = g_strdup_printf ("%.6g", column->high);
  }
  return *low != NULL;
}
