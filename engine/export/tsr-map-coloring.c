#include "tsr-map-coloring.h"

#include "tsr-i18n.h"
#include "tsr-marker.h"
#include "tsr-number.h"

#include <math.h>

enum { RIGHT, WRONG };

/* ---- preparation ---- */

static void
add_look (GArray *looks, uint32_t rgb, int32_t shape)
{
  TsrTableLook look = {rgb, shape};
  g_array_append_val (looks, look);
}

static void
add_looks (TsrMapColoring *self)
{
  const TsrColumn *column = self->options->column;
  switch (self->options->color) {
  case TSR_FIGURE_BY_TRUTH:
    for (int32_t t = 0; self->table->truth_names && self->table->truth_names[t]; t++) {
      TsrTableLook look = tsr_table_truth_look (self->table, t);
      g_array_append_val (self->looks, look);
    }
    break;
  case TSR_FIGURE_BY_RIGHT:
    add_look (self->looks, tsr_marker_color (0), TSR_MARKER_CIRCLE);
    add_look (self->looks, tsr_marker_color (1), TSR_MARKER_X);
    break;
  case TSR_FIGURE_BY_COLUMN:
    for (unsigned k = 0; !column->number && k < MIN (column->n_texts, TSR_COLUMN_LOOKS); k++)
      add_look (self->looks, tsr_marker_color (k), (int32_t)tsr_marker_shape (k));
    break;
  default:
    break;
  }
}

/* A tile's prediction, or NULL. */
static const TsrPrediction *
prediction_of (const TsrTable *table, uint32_t tile)
{
  return table->prediction && table->prediction[tile].class_id >= 0 ? &table->prediction[tile]
                                                                    : NULL;
}

void
tsr_map_coloring_init (TsrMapColoring *self, const TsrTable *table, const TsrFigureOptions *options)
{
  *self = (TsrMapColoring){.table = table, .options = options};
  self->looks = g_array_new (FALSE, FALSE, sizeof (TsrTableLook));
  self->info = tsr_map_info_parse (table->map_info);
  add_looks (self);
  int32_t first = -1;
  for (uint32_t i = 0; i < table->n; i++) {
    const TsrPrediction *prediction = prediction_of (table, i);
    if (table->excluded[i])
      continue;
    if (prediction && isfinite (prediction->distance))
      self->farthest = MAX (self->farthest, prediction->distance);
    if (table->label[i] < 0)
      continue;
    self->rivals |= first >= 0 && table->label[i] != first;
    first = table->label[i];
  }
}

void
tsr_map_coloring_clear (TsrMapColoring *self)
{
  g_clear_pointer (&self->looks, g_array_unref);
  g_clear_pointer (&self->info, tsr_map_info_free);
}

/* ---- tiles ---- */

static int32_t
right_or_wrong (const TsrTable *table, uint32_t tile)
{
  const TsrPrediction *prediction = prediction_of (table, tile);
  int32_t said = table->label[tile] >= 0 ? table->label[tile]
                 : prediction            ? prediction->class_id
                                         : -1;
  if (said < 0 || !table->truth_names || table->truth[tile] < 0)
    return -1;
  return table->truth_classes[table->truth[tile]] == said ? RIGHT : WRONG;
}

/* Index into looks; beyond them, one of the values that share the grey; -1: none. */
static int32_t
category_of (const TsrMapColoring *self, uint32_t tile)
{
  const TsrColumn *column = self->options->column;
  switch (self->options->color) {
  case TSR_FIGURE_BY_TRUTH:
    return self->table->truth_names ? self->table->truth[tile] : -1;
  case TSR_FIGURE_BY_RIGHT:
    return right_or_wrong (self->table, tile);
  case TSR_FIGURE_BY_COLUMN:
    return tile < column->n ? column->code[tile] : -1;
  default:
    return -1;
  }
}

/* Where the tile lies on the ramp, 0 to 1; NAN: nowhere. */
static double
value_of (const TsrMapColoring *self, uint32_t tile)
{
  const TsrPrediction *prediction = prediction_of (self->table, tile);
  switch (self->options->color) {
  case TSR_FIGURE_BY_MARGIN:
    return prediction && self->rivals ? prediction->margin : NAN;
  case TSR_FIGURE_BY_DISTANCE:
    return prediction ? prediction->distance / MAX (self->farthest, 1e-30) : NAN;
  case TSR_FIGURE_BY_NEIGHBOURS:
    return tsr_map_info_kept (self->info, tile);
  case TSR_FIGURE_BY_COLUMN:
    return tsr_column_fraction (self->options->column, tile);
  default:
    return NAN;
  }
}

static TsrPaint
paint_class (const TsrMapColoring *self, uint32_t tile)
{
  const TsrTable *table = self->table;
  const TsrClass *class_ = tsr_table_class (table, tile);
  bool labelled = table->label[tile] >= 0;
  if (!class_ || (!labelled && self->options->color == TSR_FIGURE_BY_LABEL))
    return (TsrPaint){TSR_PAINT_PLAIN, {0}, 0};
  return (TsrPaint){labelled ? TSR_PAINT_LABELLED : TSR_PAINT_PREDICTED,
                    {class_->rgb, class_->shape},
                    labelled ? 1 : CLAMP (table->prediction[tile].margin, 0, 1)};
}

TsrPaint
tsr_map_coloring_paint (const TsrMapColoring *self, uint32_t tile)
{
  if (self->options->color == TSR_FIGURE_BY_PREDICTION ||
      self->options->color == TSR_FIGURE_BY_LABEL)
    return paint_class (self, tile);
  TsrPaint paint = {TSR_PAINT_PLAIN, {TSR_PAINT_GREY, TSR_MARKER_CIRCLE}, 0};
  double value = value_of (self, tile);
  int32_t category = category_of (self, tile);
  if (isfinite (value)) {
    paint.kind = TSR_PAINT_FILLED;
    paint.look.rgb = tsr_marker_ramp ((unsigned)(CLAMP (value, 0, 1) * 255));
  } else if (category >= 0 && (guint)category < self->looks->len) {
    paint.kind = TSR_PAINT_FILLED;
    paint.look = g_array_index (self->looks, TsrTableLook, category);
  }
  return paint;
}

/* ---- the legend ---- */

const char *
tsr_map_coloring_title (const TsrMapColoring *self)
{
  switch (self->options->color) {
  case TSR_FIGURE_BY_PREDICTION:
    return _ ("Classes");
  case TSR_FIGURE_BY_LABEL:
    return _ ("Labels");
  case TSR_FIGURE_BY_MARGIN:
    return _ ("Certainty");
  case TSR_FIGURE_BY_DISTANCE:
    return _ ("Distance to its label");
  case TSR_FIGURE_BY_TRUTH:
    return _ ("Ground truth");
  case TSR_FIGURE_BY_RIGHT:
    return _ ("Right or wrong");
  case TSR_FIGURE_BY_NEIGHBOURS:
    return _ ("Neighbours kept on the map");
  default:
    return self->options->column->name;
  }
}

bool
tsr_map_coloring_ramp (const TsrMapColoring *self, char **low, char **high)
{
  const TsrColumn *column = self->options->column;
  *low = *high = NULL;
  if (self->options->color == TSR_FIGURE_BY_MARGIN) {
    *low = g_strdup (_ ("could be either"));
    *high = g_strdup (_ ("certain"));
  } else if (self->options->color == TSR_FIGURE_BY_DISTANCE) {
    g_autofree char *number = tsr_number_digits (self->farthest, 3);
    *low = g_strdup (_ ("at a label"));
    /* Translators: %s is a distance on the map. */
    *high = g_strdup_printf (_ ("%s away"), number);
  } else if (self->options->color == TSR_FIGURE_BY_NEIGHBOURS) {
    *low = g_strdup (C_ ("neighbours", "none"));
    *high = g_strdup (C_ ("neighbours", "all"));
  } else if (self->options->color == TSR_FIGURE_BY_COLUMN && column->number) {
    *low = tsr_number_digits (column->low, 6);
    *high = tsr_number_digits (column->high, 6);
  }
  return *low != NULL;
}

static void
add_line (GArray *lines, char *text, TsrTableLook look, uint32_t count)
{
  TsrLegendLine line = {text, look, count};
  g_array_append_val (lines, line);
}

static const char *
category_name (const TsrMapColoring *self, guint category)
{
  if (self->options->color == TSR_FIGURE_BY_TRUTH)
    return self->table->truth_names[category];
  if (self->options->color == TSR_FIGURE_BY_RIGHT)
    return category == RIGHT ? _ ("right") : _ ("wrong");
  return self->options->column->texts[category];
}

/* Of tiles that are drawn plain. */
static const char *
plain_name (const TsrMapColoring *self)
{
  switch (self->options->color) {
  case TSR_FIGURE_BY_TRUTH:
    return _ ("no ground truth");
  case TSR_FIGURE_BY_RIGHT:
    return _ ("not known");
  case TSR_FIGURE_BY_NEIGHBOURS:
    return _ ("not measured");
  case TSR_FIGURE_BY_COLUMN:
    return _ ("not in the table");
  default:
    return _ ("not classified");
  }
}

static void
clear_line (gpointer line)
{
  g_free (((TsrLegendLine *)line)->text);
}

GArray *
tsr_map_coloring_lines (const TsrMapColoring *self)
{
  const TsrTableLook grey = {TSR_PAINT_GREY, TSR_MARKER_CIRCLE};
  GArray *lines = g_array_new (FALSE, TRUE, sizeof (TsrLegendLine));
  g_array_set_clear_func (lines, clear_line);
  if (self->options->color == TSR_FIGURE_BY_PREDICTION ||
      self->options->color == TSR_FIGURE_BY_LABEL)
    return lines;
  g_autofree uint32_t *count = g_new0 (uint32_t, self->looks->len + 1);
  uint32_t others = 0, plain = 0;
  for (uint32_t i = 0; i < self->table->n; i++) {
    int32_t category = category_of (self, i);
    if (self->table->excluded[i] || isfinite (value_of (self, i)))
      continue;
    if (category < 0)
      plain++;
    else if ((guint)category < self->looks->len)
      count[category]++;
    else
      others++;
  }
  for (guint k = 0; k < self->looks->len; k++)
    add_line (lines, g_strdup (category_name (self, k)),
              g_array_index (self->looks, TsrTableLook, k), count[k]);
  if (others > 0) {
    uint32_t n = self->options->column->n_texts - self->looks->len;
    add_line (
        lines,
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u other value", "%u other values", n), n),
        grey, others);
  }
  if (plain > 0)
    add_line (lines, g_strdup (plain_name (self)), grey, plain);
  return lines;
}
