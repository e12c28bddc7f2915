#include "tsr-i18n.h"
#include "tsr-map-drawing.h"
#include "tsr-marker.h"
#include "tsr-number.h"
#include "tsr-page-text.h"

#define INDENT 24.0 /* of words beside a mark */

static const TsrPageText headline = {.size = 13, .grey = 0.1, .bold = true, .lines = 2},
                         words = {.size = 13, .grey = 0.1, .name = true, .lines = 2},
                         details = {.size = 10.5, .grey = 0.4, .lines = 2},
                         note = {.size = 10.5, .grey = 0.4, .lines = 3},
                         rest = {.size = 11, .grey = 0.4, .lines = 2},
                         end = {.size = 11, .grey = 0.1, .lines = 2};

/* A line of the legend: a mark with words and details, or a note without a mark. */
typedef struct {
  bool marked, outline;
  TsrTableLook look;
  char *text, *detail; /* detail may be NULL */
} Row;

static void
row_clear (gpointer data)
{
  g_free (((Row *)data)->text);
  g_free (((Row *)data)->detail);
}

static GArray *
rows_new (void)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (Row));
  g_array_set_clear_func (rows, row_clear);
  return rows;
}

/* Takes text and detail. */
static void
add_mark (GArray *rows, TsrTableLook look, bool outline, char *text, char *detail)
{
  Row row = {.marked = true, .outline = outline, .look = look, .text = text, .detail = detail};
  g_array_append_val (rows, row);
}

static void
add_note (GArray *rows, char *text)
{
  Row row = {.text = text};
  g_array_append_val (rows, row);
}

static double
row_height (cairo_t *cr, const Row *row, double width)
{
  if (!row->marked)
    return tsr_page_text_height (cr, &note, row->text, width) + 2;
  double height = MAX (tsr_page_text_height (cr, &words, row->text, width - INDENT), 18);
  if (row->detail)
    height += tsr_page_text_height (cr, &details, row->detail, width - INDENT) + 3;
  return height + 4;
}

static double
rows_height (cairo_t *cr, const GArray *rows, double width)
{
  double height = 0;
  for (guint i = 0; i < rows->len; i++)
    height += row_height (cr, &g_array_index (rows, Row, i), width);
  return height;
}

/* Returns where the next one begins. */
static double
draw_row (cairo_t *cr, const Row *row, TsrMapBox box, double y)
{
  double next = y + row_height (cr, row, box.width);
  if (!row->marked) {
    tsr_page_text (cr, &note, row->text, box.x, y, box.width);
    return next;
  }
  uint32_t rgb = row->look.rgb;
  tsr_map_trace_marker (cr, row->look.shape, box.x + 9, y + 9, 5.5);
  cairo_set_source_rgb (cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                        (rgb & 255) / 255.0);
  cairo_fill_preserve (cr);
  if (row->outline) {
    cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
    cairo_set_line_width (cr, 0.8);
    cairo_stroke (cr);
  }
  cairo_new_path (cr);
  double width = box.width - INDENT;
  y += tsr_page_text (cr, &words, row->text, box.x + INDENT, y, width);
  if (row->detail)
    tsr_page_text (cr, &details, row->detail, box.x + INDENT, y, width);
  return next;
}

/* "and 3 more classes" */
static char *
more_text (guint left, bool classes)
{
  g_autofree char *count = tsr_number_count (left);
  return g_strdup_printf (
      classes ? g_dngettext (GETTEXT_PACKAGE, "and %s more class", "and %s more classes", left)
              : g_dngettext (GETTEXT_PACKAGE, "and %s more value", "and %s more values", left),
      count);
}

/* As many rows as end above bottom; says how many are left out. */
static double
draw_rows (cairo_t *cr, const GArray *rows, bool classes, TsrMapBox box, double y, double bottom)
{
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);
    g_autofree char *more = more_text (rows->len - i, classes);
    double height = tsr_page_text_height (cr, &rest, more, box.width - INDENT) + 4;
    bool last = i + 1 == rows->len;
    if (y + row_height (cr, row, box.width) + (last ? 0 : height) > bottom) {
      tsr_page_text (cr, &rest, more, box.x + INDENT, y, box.width - INDENT);
      return y + height;
    }
    y = draw_row (cr, row, box, y);
  }
  return y;
}

/* ---- what is said ---- */

static void
add_classes (GArray *rows, const TsrTable *table, bool predictions)
{
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    uint32_t n_labelled, n_predicted;
    tsr_table_count (table, (int32_t)c, &n_labelled, &n_predicted);
    g_autofree char *labelled = tsr_number_count (n_labelled),
                    *predicted = tsr_number_count (n_predicted);
    char *detail = predictions
                       ? g_strdup_printf (_ ("%s labelled, %s predicted"), labelled, predicted)
                       : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s labelled",
                                                       "%s labelled", n_labelled),
                                          labelled);
    add_mark (rows, (TsrTableLook){class_->rgb, class_->shape}, true, g_strdup (class_->name),
              detail);
  }
}

static void
add_lines (GArray *rows, const TsrMapColoring *coloring)
{
  g_autoptr (GArray) lines = tsr_map_coloring_lines (coloring);
  for (guint k = 0; k < lines->len; k++) {
    const TsrLegendLine *line = &g_array_index (lines, TsrLegendLine, k);
    g_autofree char *count = tsr_number_count (line->count);
    add_mark (
        rows, line->look, false, g_strdup (line->text),
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s tile", "%s tiles", line->count), count));
  }
}

/* What the signs mean that are no class. */
static void
add_signs (GArray *rows, const TsrFigureOptions *options)
{
  if (options->color == TSR_FIGURE_BY_PREDICTION || options->color == TSR_FIGURE_BY_LABEL)
    add_mark (rows, (TsrTableLook){TSR_PAINT_GREY, TSR_MARKER_CIRCLE}, false,
              g_strdup (options->color == TSR_FIGURE_BY_LABEL ? _ ("not labelled")
                                                              : _ ("not classified")),
              NULL);
  if (options->n_suggestions > 0)
    add_mark (rows, (TsrTableLook){0xffc207, TSR_MARKER_CIRCLE}, false, g_strdup (_ ("suggested")),
              NULL);
  if (options->color == TSR_FIGURE_BY_PREDICTION)
    add_note (rows,
              g_strdup (_ ("filled: labelled · ring: predicted, the paler the less certain")));
}

/* The figures a reader of the picture needs. */
static void
add_figures (GArray *rows, const TsrMapColoring *coloring)
{
  const TsrTable *table = coloring->table;
  TsrFigureColor by = coloring->options->color;
  uint32_t n[3] = {0, 0, 0}, on_map = tsr_map_drawing_count (table);
  for (uint32_t i = 0; i < table->n; i++) {
    n[0] += !table->excluded[i] && table->label[i] >= 0;
    n[1] += !table->excluded[i] && table->label[i] == TSR_LABEL_UNSURE;
    n[2] += table->excluded[i] != 0;
  }
  g_autofree char *tiles = tsr_number_count (on_map), *labelled = tsr_number_count (n[0]),
                  *unsure = tsr_number_count (n[1]), *excluded = tsr_number_count (n[2]);
  add_note (rows, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s tile on the map",
                                                "%s tiles on the map", on_map),
                                   tiles));
  add_note (rows, g_strdup_printf (_ ("%s labelled, %s unsure, %s excluded"), labelled, unsure,
                                   excluded));
  if (by == TSR_FIGURE_BY_PREDICTION || by == TSR_FIGURE_BY_MARGIN ||
      by == TSR_FIGURE_BY_DISTANCE || by == TSR_FIGURE_BY_RIGHT)
    add_note (rows, g_strdup (_ (tsr_rule_description (table->rule))));
}

/* ---- drawing ---- */

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
  TsrPageText right = end;
  right.right = true;
  double left_height = tsr_page_text (cr, &end, low, box.x, y + 16, half),
         right_height = tsr_page_text (cr, &right, high, box.x + box.width - half, y + 16, half);
  return y + 16 + MAX (left_height, right_height) + 5;
}

void
tsr_map_draw_legend (cairo_t *cr, const TsrMapColoring *coloring, TsrMapBox box)
{
  TsrFigureColor by = coloring->options->color;
  bool classes = by == TSR_FIGURE_BY_PREDICTION || by == TSR_FIGURE_BY_LABEL;
  g_autofree char *low = NULL, *high = NULL;
  g_autoptr (GArray) rows = rows_new (), below = rows_new ();
  if (classes)
    add_classes (rows, coloring->table, by == TSR_FIGURE_BY_PREDICTION);
  add_lines (rows, coloring);
  add_signs (below, coloring->options);
  add_figures (below, coloring);
  double y = box.y, bottom = box.y + box.height - rows_height (cr, below, box.width) - 4;
  y += tsr_page_text (cr, &headline, tsr_map_coloring_title (coloring), box.x, y, box.width) + 8;
  if (!classes && tsr_map_coloring_ramp (coloring, &low, &high))
    y = draw_ramp (cr, low, high, box, y);
  y = draw_rows (cr, rows, classes, box, y, bottom) + 4;
  for (guint i = 0; i < below->len; i++)
    y = draw_row (cr, &g_array_index (below, Row, i), box, y);
}
