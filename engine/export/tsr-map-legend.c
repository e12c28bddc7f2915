#include "tsr-map-drawing.h"

#include "tsr-marker.h"

#include <pango/pangocairo.h>

#define LINE 20.0 /* points from one entry to the next */

double
tsr_map_draw_text (cairo_t *cr, const char *text, double x, double y, double width, double size,
                   bool bold, double grey)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string (bold ? "Sans Bold" : "Sans");
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_text (layout, text, -1);
  if (width > 0) {
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
    pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
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

static double
class_entries (cairo_t *cr, const TsrTable *table, TsrMapBox box, double y)
{
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    uint32_t labelled, predicted;
    if (y > box.y + box.height - 5 * LINE && c + 1 < table->n_classes) {
      g_autofree char *more = g_strdup_printf ("and %u more classes", table->n_classes - c);
      tsr_map_draw_text (cr, more, box.x + 24, y, box.width - 24, 11, false, 0.4);
      return y + LINE;
    }
    tsr_table_count (table, (int32_t)c, &labelled, &predicted);
    g_autofree char *detail = g_strdup_printf ("%u labelled, %u predicted", labelled, predicted);
    y = entry (cr, box, y, class_->shape, class_->rgb, true, class_->name, detail);
  }
  return y;
}

static double
truth_entries (cairo_t *cr, const TsrTable *table, TsrMapBox box, double y)
{
  for (unsigned c = 0;
       table->truth_names && table->truth_names[c] && y < box.y + box.height - 4 * LINE; c++) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->n; i++)
      count += !table->excluded[i] && table->truth[i] == (int32_t)c;
    g_autofree char *detail = g_strdup_printf ("%u tiles", count);
    TsrTableLook look = tsr_table_truth_look (table, (int32_t)c);
    y = entry (cr, box, y, look.shape, look.rgb, false, table->truth_names[c], detail);
  }
  return y;
}

/* What the signs mean that are no class, and the figures a reader of the picture needs. */
static void
draw_notes (cairo_t *cr, const TsrTable *table, const TsrFigureOptions *options, TsrMapBox box,
            double y)
{
  uint32_t labelled = 0, unsure = 0, excluded = 0;
  for (uint32_t i = 0; i < table->n; i++) {
    excluded += table->excluded[i] != 0;
    labelled += !table->excluded[i] && table->label[i] >= 0;
    unsure += !table->excluded[i] && table->label[i] == TSR_LABEL_UNSURE;
  }
  y += 4;
  if (options->color == TSR_FIGURE_BY_PREDICTION)
    y = entry (cr, box, y, TSR_MARKER_CIRCLE, 0xb8b8b8, false, "not classified", NULL);
  if (options->n_suggestions > 0)
    y = entry (cr, box, y, TSR_MARKER_CIRCLE, 0xffc207, false, "suggested", NULL);
  if (options->color == TSR_FIGURE_BY_PREDICTION) {
    tsr_map_draw_text (cr, "filled: labelled · ring: predicted,", box.x, y, box.width, 10.5, false,
                       0.4);
    y += 15;
    tsr_map_draw_text (cr, "the paler the less certain", box.x, y, box.width, 10.5, false, 0.4);
    y += LINE;
  }
  g_autofree char *tiles = g_strdup_printf ("%u tiles on the map", tsr_map_drawing_count (table));
  tsr_map_draw_text (cr, tiles, box.x, y, box.width, 10.5, false, 0.4);
  g_autofree char *labels =
      g_strdup_printf ("%u labelled, %u unsure, %u excluded", labelled, unsure, excluded);
  tsr_map_draw_text (cr, labels, box.x, y + 15, box.width, 10.5, false, 0.4);
  if (options->color == TSR_FIGURE_BY_PREDICTION)
    tsr_map_draw_text (
        cr, table->rule == TSR_RULE_MAP ? "nearest label in the map" : "nearest label in W", box.x,
        y + 30, box.width, 10.5, false, 0.4);
}

void
tsr_map_draw_legend (cairo_t *cr, const TsrTable *table, const TsrFigureOptions *options,
                     TsrMapBox box)
{
  bool truth = options->color == TSR_FIGURE_BY_TRUTH;
  double y = box.y;
  y += tsr_map_draw_text (cr, truth ? "Ground truth" : "Classes", box.x, y, box.width, 13, true,
                          0.1) +
       8;
  y = truth ? truth_entries (cr, table, box, y) : class_entries (cr, table, box, y);
  draw_notes (cr, table, options, box, y);
}
