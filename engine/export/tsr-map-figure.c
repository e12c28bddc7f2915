#include "tsr-map-figure.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-language.h"
#include "tsr-map-drawing.h"
#include "tsr-page-text.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>

#define MAX_VECTOR_POINTS 20000 /* beyond, viewers of SVG and PDF become unusable */
#define PADDING           24.0
#define LEGEND_WIDTH      230.0

typedef struct {
  const TsrTable *table;
  TsrFigureOptions options; /* filled in */
  TsrMapColoring coloring;
  bool vectors; /* SVG or PDF */
  const TsrProgress *progress;
} Figure;

bool
tsr_map_figure_knows (const char *path)
{
  const char *dot = strrchr (path, '.');
  return dot && (g_ascii_strcasecmp (dot, ".png") == 0 || g_ascii_strcasecmp (dot, ".svg") == 0 ||
                 g_ascii_strcasecmp (dot, ".pdf") == 0);
}

TsrFigureColor
tsr_figure_color (const char *word)
{
  static const char *const words[] = {"prediction", "label", "margin",    "distance",
                                      "truth",      "right", "neighbours"};
  TsrFigureColor color = TSR_FIGURE_BY_PREDICTION;
  while (color < G_N_ELEMENTS (words) && strcmp (words[color], word) != 0)
    color++;
  return color;
}

const TsrColumn *
tsr_figure_column (const GPtrArray *columns, const char *word)
{
  const char *name = g_str_has_prefix (word, "column:") ? word + strlen ("column:") : word;
  for (guint i = 0; i < columns->len; i++) {
    const TsrColumn *column = columns->pdata[i];
    if (strcmp (column->name, name) == 0 || strcmp (column->name, word) == 0)
      return column;
  }
  return NULL;
}

static bool
draw_page (cairo_t *cr, const Figure *figure, GError **error)
{
  static const TsrPageText headline = {.size = 18, .grey = 0.1, .bold = true, .lines = 2};
  const TsrFigureOptions *options = &figure->options;
  g_autoptr (TsrLanguage) language = tsr_language_enter (options->english);
  double top = PADDING, width = options->width, height = options->height;
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  if (options->title)
    top +=
        tsr_page_text (cr, &headline, options->title, PADDING, PADDING - 6, width - 2 * PADDING) +
        6;
  TsrMapBox area = {PADDING, top, width - 3 * PADDING - LEGEND_WIDTH, height - top - PADDING};
  TsrMapBox legend = {width - PADDING - LEGEND_WIDTH, top, LEGEND_WIDTH, area.height};
  TsrMapFrame frame;
  tsr_map_frame_fit (&frame, figure->table, area); /* it has been asked for whether there is one */
  cairo_rectangle (cr, area.x, area.y, area.width, area.height);
  cairo_set_source_rgb (cr, 0.85, 0.85, 0.85);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  bool picture = figure->vectors && tsr_map_drawing_count (figure->table) > MAX_VECTOR_POINTS;
  bool ok = (picture ? tsr_map_draw_points_as_picture : tsr_map_draw_points) (
      cr, &figure->coloring, &frame, figure->progress, error);
  if (ok) {
    tsr_map_draw_scale (cr, &frame);
    tsr_map_draw_legend (cr, &figure->coloring, legend);
  }
  return ok;
}

static cairo_status_t
append (void *data, const unsigned char *bytes, unsigned n)
{
  g_byte_array_append (data, bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
new_surface (const Figure *figure, const char *ending, GByteArray *bytes)
{
  double width = figure->options.width, height = figure->options.height,
         scale = figure->options.scale;
  if (g_ascii_strcasecmp (ending, ".svg") == 0) {
    cairo_surface_t *svg = cairo_svg_surface_create_for_stream (append, bytes, width, height);
    cairo_svg_surface_set_document_unit (svg, CAIRO_SVG_UNIT_PX);
    return svg;
  }
  if (g_ascii_strcasecmp (ending, ".pdf") == 0) {
    cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream (append, bytes, width, height);
    g_autoptr (TsrLanguage) language = tsr_language_enter (figure->options.english);
    cairo_pdf_surface_set_metadata (pdf, CAIRO_PDF_METADATA_TITLE,
                                    figure->options.title ? figure->options.title : _ ("Map"));
    cairo_pdf_surface_set_metadata (pdf, CAIRO_PDF_METADATA_CREATOR, "Tessera");
    return pdf;
  }
  cairo_surface_t *png =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)(width * scale), (int)(height * scale));
  cairo_surface_set_device_scale (png, scale, scale);
  return png;
}

static bool
fill (FILE *file, void *data, GError **error)
{
  GByteArray *bytes = data;
  fwrite (bytes->data, 1, bytes->len, file);
  return true;
}

static bool
render (const Figure *figure, const char *ending, GByteArray *bytes, GError **error)
{
  cairo_surface_t *surface = new_surface (figure, ending, bytes);
  cairo_t *cr = cairo_create (surface);
  bool ok = draw_page (cr, figure, error);
  cairo_status_t status = cairo_status (cr);
  cairo_destroy (cr);
  if (ok && status == CAIRO_STATUS_SUCCESS && !figure->vectors)
    status = cairo_surface_write_to_png_stream (surface, append, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (ok && status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("Cannot draw the map: %s."),
                 cairo_status_to_string (status));
    ok = false;
  }
  return ok;
}

bool
tsr_map_figure_write (const TsrTable *table, const TsrFigureOptions *options, const char *path,
                      const TsrProgress *progress, GError **error)
{
  if (!tsr_map_figure_knows (path)) {
    g_autofree char *shown = g_filename_display_name (path);
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("The map cannot be written as “%s”; the name must end in .png, .svg or .pdf."),
                 shown);
    return false;
  }
  if (tsr_map_drawing_count (table) == 0) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_PROJECT,
                 _ ("The project has no map yet: run “tessera embed” and “tessera map” first."));
    return false;
  }
  const char *ending = strrchr (path, '.');
  Figure figure = {.table = table, .options = *options, .progress = progress};
  figure.vectors = g_ascii_strcasecmp (ending, ".png") != 0;
  if (figure.options.width <= 0 || figure.options.height <= 0) {
    figure.options.width = 1200;
    figure.options.height = 900;
  }
  if (figure.options.scale <= 0)
    figure.options.scale = 2;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  tsr_map_coloring_init (&figure.coloring, table, &figure.options);
  bool ok = render (&figure, ending, bytes, error);
  tsr_map_coloring_clear (&figure.coloring);
  return ok && tsr_file_replace (path, fill, bytes, error);
}
