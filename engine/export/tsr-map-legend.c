#include "tsr-map-drawing.h"

#include "tsr-marker.h"

#include <pango/pangocairo.h>

#define LINE 20.0 /* points from one entry to the next */

static double
draw_aligned (cairo_t *cr, const char *text, double x, double y, double width, double size,
              bool bold, double grey, PangoAlignment alignment, PangoEllipsizeMode shorten)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string (bold ? "Sans Bold" : "Sans");
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_alignment (layout, alignment);
  pango_layout_set_text (layout, text, -1);
  if (width > 0) {
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
    pango_layout_set_ellipsize (layout, shorten);
  }
  int w, height;
  pango_layout_get_pixel_size (layout, &w, &height);
  cairo_set_source_rgb (cr, grey, grey, grey);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  pango_font_description_free (font);
  g_object_unref (layout);
  return height;
}

double
tsr_map_draw_text (cairo_t *cr, const char *text, double x, double y, double width, double size,
                   bool bold, double grey)
{
  return draw_aligned (cr, text, x, y, width, size, bold, grey, PANGO_ALIGN_LEFT,
                       PANGO_ELLIPSIZE_END);
}

double
tsr_map_draw_name (cairo_t *cr, const char *text, double x, double y, double width, double size,
                   bool bold, double grey, bool right)
{
  return draw_aligned (cr, text, x, y, width, size, bold, grey,
                       right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT, PANGO_ELLIPSIZE_MIDDLE);
}

double
tsr_map_draw_text_right (cairo_t *cr, const char *text, double x, double y, double width,
                         double size, bool bold, double grey)
{
  return draw_aligned (cr, text, x, y, width, size, bold, grey, PANGO_ALIGN_RIGHT,
                       PANGO_ELLIPSIZE_END);
}

/* One entry: a marker and up to two lines of text. Returns where the next one begins. */
static double
entry (cairo_t *cr, TsrMapBox box, double y, int shape, uint32_t rgb, bool outline,
       const char *text, const char *detail)
{
  tsr_map_trace_marker (cr, shape, box.x + 9, y + 9, 5.5);
  cairo_set_source_rgb (cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                        (rgb & 255) / 255.0);
  cairo_fill_preserve (cr);
  if (outline) {
    cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
    cairo_set_line_width (cr, 0.8);
    cairo_stroke (cr);
  }
  cairo_new_path (cr);
  tsr_map_draw_text (cr, text, box.x + 24, y, box.width - 24, 13, false, 0.1);
  if (detail)
    tsr_map_draw_text (cr, detail, box.x + 24, y + 17, box.width - 24, 10.5, false, 0.4);
  return y + (detail ? LINE + 15 : LINE + 2);
}

/* Whether so many entries are left at y that not all can be drawn; says how many then. */
static bool
breaks_off (cairo_t *cr, TsrMapBox box, double *y, uint32_t left, const char *what)
{
  if (*y <= box.y + box.height - 5 * LINE || left <= 1)
    return false;
  g_autofree char *more = g_strdup_printf ("and %u more %s", left, what);
  tsr_map_draw_text (cr, more, box.x + 24, *y, box.width - 24, 11, false, 0.4);
  *y += LINE;
  return true;
}

static double
class_entries (cairo_t *cr, const TsrTable *table, bool predictions, TsrMapBox box, double y)
{
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    uint32_t labelled, predicted;
    if (breaks_off (cr, box, &y, table->n_classes - c, "classes"))
      return y;
    tsr_table_count (table, (int32_t)c, &labelled, &predicted);
    g_autofree char *detail =
        predictions ? g_strdup_printf ("%u labelled, %u predicted", labelled, predicted)
                    : g_strdup_printf ("%u labelled", labelled);
    y = entry (cr, box, y, class_->shape, class_->rgb, true, class_->name, detail);
  }
  return y;
}

static double
line_entries (cairo_t *cr, const GArray *lines, TsrMapBox box, double y)
{
  for (guint k = 0; k < lines->len; k++) {
    const TsrLegendLine *line = &g_array_index (lines, TsrLegendLine, k);
    if (breaks_off (cr, box, &y, lines->len - k, "values"))
      return y;
    g_autofree char *detail =
        g_strdup_printf ("%u tile%s", line->count, line->count == 1 ? "" : "s");
    y = entry (cr, box, y, line->look.shape, line->look.rgb, false, line->text, detail);
  }
  return y;
}

/* The scale of a number, with what its ends mean. */
static double
draw_ramp (cairo_t *cr, const char *low, const char *high, TsrMapBox box, double y)
{
  cairo_pattern_t *ramp = cairo_pattern_create_linear (box.x, 0, box.x + box.width, 0);
  for (unsigned k = 0; k <= 255; k += 15) {
    uint32_t rgb = tsr_marker_ramp (k);
    cairo_pattern_add_color_stop_rgb (ramp, k / 255.0, (rgb >> 16 & 255) / 255.0,
                                      (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
  }
  cairo_rectangle (cr, box.x, y, box.width, 12);
  cairo_set_source (cr, ramp);
  cairo_fill (cr);
  cairo_pattern_destroy (ramp);
  double half = box.width / 2 - 4;
  draw_aligned (cr, low, box.x, y + 16, half, 11, false, 0.1, PANGO_ALIGN_LEFT,
                PANGO_ELLIPSIZE_END);
  draw_aligned (cr, high, box.x + box.width - half, y + 16, half, 11, false, 0.1, PANGO_ALIGN_RIGHT,
                PANGO_ELLIPSIZE_END);
  return y + 16 + LINE;
}

/* What the signs mean that are no class. */
static double
draw_signs (cairo_t *cr, const TsrFigureOptions *options, TsrMapBox box, double y)
{
  if (options->color == TSR_FIGURE_BY_PREDICTION || options->color == TSR_FIGURE_BY_LABEL)
    y = entry (cr, box, y, TSR_MARKER_CIRCLE, TSR_PAINT_GREY, false,
               options->color == TSR_FIGURE_BY_LABEL ? "not labelled" : "not classified", NULL);
  if (options->n_suggestions > 0)
    y = entry (cr, box, y, TSR_MARKER_CIRCLE, 0xffc207, false, "suggested", NULL);
  if (options->color != TSR_FIGURE_BY_PREDICTION)
    return y;
  tsr_map_draw_text (cr, "filled: labelled · ring: predicted,", box.x, y, box.width, 10.5, false,
                     0.4);
  tsr_map_draw_text (cr, "the paler the less certain", box.x, y + 15, box.width, 10.5, false, 0.4);
  return y + 15 + LINE;
}

/* The figures a reader of the picture needs. */
static void
draw_notes (cairo_t *cr, const TsrMapColoring *coloring, TsrMapBox box, double y)
{
  const TsrTable *table = coloring->table;
  TsrFigureColor by = coloring->options->color;
  uint32_t labelled = 0, unsure = 0, excluded = 0;
  for (uint32_t i = 0; i < table->n; i++) {
    excluded += table->excluded[i] != 0;
    labelled += !table->excluded[i] && table->label[i] >= 0;
    unsure += !table->excluded[i] && table->label[i] == TSR_LABEL_UNSURE;
  }
  uint32_t n = tsr_map_drawing_count (table);
  g_autofree char *tiles =
      g_strdup_printf (n == 1 ? "%u tile on the map" : "%u tiles on the map", n);
  tsr_map_draw_text (cr, tiles, box.x, y, box.width, 10.5, false, 0.4);
  g_autofree char *labels =
      g_strdup_printf ("%u labelled, %u unsure, %u excluded", labelled, unsure, excluded);
  tsr_map_draw_text (cr, labels, box.x, y + 15, box.width, 10.5, false, 0.4);
  if (by == TSR_FIGURE_BY_PREDICTION || by == TSR_FIGURE_BY_MARGIN ||
      by == TSR_FIGURE_BY_DISTANCE || by == TSR_FIGURE_BY_RIGHT)
    tsr_map_draw_text (cr, tsr_rule_description (table->rule), box.x, y + 30, box.width, 10.5,
                       false, 0.4);
}

void
tsr_map_draw_legend (cairo_t *cr, const TsrMapColoring *coloring, TsrMapBox box)
{
  TsrFigureColor by = coloring->options->color;
  g_autofree char *low = NULL, *high = NULL;
  g_autoptr (GArray) lines = tsr_map_coloring_lines (coloring);
  double y = box.y;
  y += tsr_map_draw_text (cr, tsr_map_coloring_title (coloring), box.x, y, box.width, 13, true,
                          0.1) +
       8;
  if (by == TSR_FIGURE_BY_PREDICTION || by == TSR_FIGURE_BY_LABEL)
    y = class_entries (cr, coloring->table, by == TSR_FIGURE_BY_PREDICTION, box, y);
  else if (tsr_map_coloring_ramp (coloring, &low, &high))
    y = draw_ramp (cr, low, high, box, y);
  y = line_entries (cr, lines, box, y);
  y = draw_signs (cr, coloring->options, box, y + 4);
  draw_notes (cr, coloring, box, y);
}
