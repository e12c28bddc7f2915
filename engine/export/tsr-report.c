#include "tsr-report.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-map-drawing.h"
#include "tsr-report-areas.h"
#include "tsr-report-facts.h"

#include <cairo-pdf.h>
#include <string.h>

/* A4, in points. */
#define WIDTH  595.0
#define HEIGHT 842.0
#define MARGIN 40.0
#define INNER  (WIDTH - 2 * MARGIN)

#define MAP_SIDE    300.0
#define PICTURE     4.0   /* pixels a point of the map's picture: 288 dpi */
#define VECTORS     5000u /* more points become a picture */
#define MAX_TILES   44.0  /* side of an example */
#define GAP         4.0
#define MIN_ROW     16.0
#define FOOT        30.0
#define NOTES       26.0 /* beneath the areas */
#define FACT_NAMES  105.0
#define CLASS_NAMES 104.0 /* before the examples */
#define TEXT        9.0

typedef struct {
  const TsrTable *table;
  TsrProject *project;
  const TsrReportOptions *options;
  const TsrProgress *progress;
  GArray *facts;
  cairo_t *cr;
} Report;

/* ---- the map ---- */

static bool
draw_points (Report *report, const TsrMapColoring *coloring, const TsrMapFrame *frame,
             GError **error)
{
  cairo_t *cr = report->cr;
  if (tsr_map_drawing_count (report->table) <= VECTORS)
    return tsr_map_draw_points (cr, coloring, frame, report->progress, error);
  int width = (int)(frame->width * PICTURE), height = (int)(frame->height * PICTURE);
  cairo_surface_t *picture = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *inner = cairo_create (picture);
  cairo_scale (inner, PICTURE, PICTURE);
  cairo_translate (inner, -frame->x, -frame->y);
  bool ok = tsr_map_draw_points (inner, coloring, frame, report->progress, error);
  cairo_destroy (inner);
  cairo_save (cr);
  cairo_translate (cr, frame->x, frame->y);
  cairo_scale (cr, 1 / PICTURE, 1 / PICTURE);
  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (picture);
  return ok;
}

static bool
draw_map (Report *report, double y, GError **error)
{
  cairo_t *cr = report->cr;
  TsrMapBox box = {MARGIN, y, MAP_SIDE, MAP_SIDE};
  TsrFigureOptions figure = {.color = TSR_FIGURE_BY_PREDICTION};
  TsrMapFrame frame;
  bool there = tsr_map_frame_fit (&frame, report->table, box), ok = true;
  if (there) {
    TsrMapColoring coloring;
    tsr_map_coloring_init (&coloring, report->table, &figure);
    ok = draw_points (report, &coloring, &frame, error);
    tsr_map_coloring_clear (&coloring);
  } else
    tsr_map_draw_text (cr, "There is no map yet.", box.x + 12, box.y + 12, 0, TEXT, false, 0.4);
  cairo_rectangle (cr, box.x, box.y, box.width, box.height);
  cairo_set_source_rgb (cr, 0.8, 0.8, 0.8);
  cairo_set_line_width (cr, 0.75);
  cairo_stroke (cr);
  return ok;
}

/* ---- classes and facts ---- */

static void
draw_marker (cairo_t *cr, const TsrClass *class_, double x, double y)
{
  tsr_map_trace_marker (cr, class_->shape, x, y, 4.5);
  cairo_set_source_rgb (cr, (class_->rgb >> 16 & 255) / 255.0, (class_->rgb >> 8 & 255) / 255.0,
                        (class_->rgb & 255) / 255.0);
  cairo_fill_preserve (cr);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  cairo_set_line_width (cr, 0.6);
  cairo_stroke (cr);
}

static void
draw_number (cairo_t *cr, uint32_t number, double right, double y)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  tsr_map_draw_text (cr, text, right - 6.0 * (double)strlen (text), y, 0, TEXT, false, 0.1);
}

/* A column beside the map: what each class has. */
static void
draw_counts (Report *report, double y)
{
  cairo_t *cr = report->cr;
  const TsrTable *table = report->table;
  double x = MARGIN + MAP_SIDE + 18, end = WIDTH - MARGIN, bottom = y + MAP_SIDE - 30;
  tsr_map_draw_text (cr, "Class", x, y, 0, TEXT, true, 0.1);
  tsr_map_draw_text (cr, "labelled", end - 98, y, 0, TEXT, true, 0.1);
  tsr_map_draw_text (cr, "predicted", end - 46, y, 0, TEXT, true, 0.1);
  y += 18;
  for (uint32_t c = 0; c < table->n_classes; c++, y += 17) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    if (y > bottom && c + 1 < table->n_classes) {
      g_autofree char *more = g_strdup_printf ("and %u more classes", table->n_classes - c);
      tsr_map_draw_text (cr, more, x, y, 0, TEXT, false, 0.4);
      return;
    }
    draw_marker (cr, class_, x + 5, y + 6);
    tsr_map_draw_name (cr, class_->name, x + 17, y, end - 112 - x - 17, TEXT, false, 0.1, false);
    uint32_t labelled, predicted;
    tsr_table_count (table, (int32_t)c, &labelled, &predicted);
    draw_number (cr, labelled, end - 58, y);
    draw_number (cr, predicted, end, y);
  }
  if (table->n_classes == 0)
    tsr_map_draw_text (cr, "No class has been made yet.", x, y, end - x, TEXT, false, 0.4);
  tsr_map_draw_text (cr, "On the map: filled labelled, ring predicted,", x, bottom + 4, end - x, 8,
                     false, 0.45);
  tsr_map_draw_text (cr, "the paler the less certain", x, bottom + 15, end - x, 8, false, 0.45);
}

static double
draw_facts (Report *report, double y)
{
  for (guint i = 0; i < report->facts->len; i++, y += 14) {
    const TsrReportFact *fact = &g_array_index (report->facts, TsrReportFact, i);
    tsr_map_draw_text (report->cr, fact->name, MARGIN, y, FACT_NAMES, TEXT, true, 0.1);
    tsr_map_draw_text (report->cr, fact->value, MARGIN + FACT_NAMES, y, INNER - FACT_NAMES, TEXT,
                       false, 0.1);
  }
  return y;
}

/* ---- examples ---- */

static cairo_surface_t *
tile_surface (TsrProject *project, uint32_t tile)
{
  TsrImage image = {0};
  if (!tsr_project_thumbnail (project, tile, &image, NULL))
    return NULL;
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, image.width, image.height);
  unsigned char *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; data && y < image.height; y++)
    for (int x = 0; x < image.width; x++) {
      const uint8_t *from =
          image.pixels + ((size_t)y * (size_t)image.width + (size_t)x) * (size_t)image.channels;
      uint32_t r = from[0], g = image.channels >= 3 ? from[1] : r,
               b = image.channels >= 3 ? from[2] : r;
      ((uint32_t *)(void *)(data + (size_t)y * (size_t)stride))[x] = r << 16 | g << 8 | b;
    }
  cairo_surface_mark_dirty (surface);
  tsr_image_clear (&image);
  return surface;
}

static void
draw_tile (Report *report, uint32_t tile, double x, double y, double side, bool labelled)
{
  cairo_t *cr = report->cr;
  cairo_surface_t *surface = tile_surface (report->project, tile);
  if (surface) {
    double larger =
        MAX (cairo_image_surface_get_width (surface), cairo_image_surface_get_height (surface));
    cairo_save (cr);
    cairo_translate (cr, x, y);
    cairo_scale (cr, side / larger, side / larger);
    cairo_set_source_surface (cr, surface, 0, 0);
    cairo_paint (cr);
    cairo_restore (cr);
    cairo_surface_destroy (surface);
  }
  cairo_rectangle (cr, x, y, side, side);
  cairo_set_source_rgb (cr, labelled ? 0.1 : 0.75, labelled ? 0.1 : 0.75, labelled ? 0.1 : 0.75);
  cairo_set_line_width (cr, labelled ? 1.5 : 0.5);
  cairo_stroke (cr);
}

/* A row a class, as large as the page allows. */
static bool
draw_examples (Report *report, double y, GError **error)
{
  const TsrTable *table = report->table;
  double left = HEIGHT - MARGIN - FOOT - y - 16;
  uint32_t rows = table->n_classes;
  if (rows == 0)
    return true;
  double row = MIN (left / rows, MAX_TILES + GAP);
  if (row < MIN_ROW) {
    row = MIN_ROW;
    rows = (uint32_t)(left / row);
  }
  double side = row - GAP;
  g_autofree TsrReportClass *classes =
      tsr_report_classes (table, (unsigned)((INNER - CLASS_NAMES) / row));
  tsr_map_draw_text (report->cr, "Examples: black frame labelled, then the surest predictions",
                     MARGIN, y, INNER, TEXT, true, 0.1);
  y += 16;
  for (uint32_t c = 0; c < rows; c++, y += row) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    const TsrReportClass *each = &classes[c];
    if (!tsr_progress_step (report->progress, (double)c / rows, TSR_STAGE ("Drawing the report"),
                            error))
      return false;
    draw_marker (report->cr, class_, MARGIN + 5, y + side / 2);
    tsr_map_draw_name (report->cr, class_->name, MARGIN + 15, y + side / 2 - 6, CLASS_NAMES - 20,
                       8.5, false, 0.1, false);
    for (unsigned i = 0; i < each->n; i++)
      draw_tile (report, each->tile[i], MARGIN + CLASS_NAMES + i * row, y, side,
                 i < each->n_labelled);
  }
  return true;
}

/* ---- the pages ---- */

static char *
today (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  return g_date_time_format (now, "%Y-%m-%d");
}

/* Headline and foot; returns where the page's own part begins. */
static double
draw_frame (const Report *report)
{
  cairo_t *cr = report->cr;
  g_autofree char *date = report->options->date ? g_strdup (report->options->date) : today ();
  const char *title = report->options->title ? report->options->title : "Labelled tiles";
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  tsr_map_draw_text (cr, title, MARGIN, MARGIN - 4, INNER - 80, 18, true, 0.1);
  tsr_map_draw_text (cr, date, WIDTH - MARGIN - 56, MARGIN + 3, 60, TEXT, false, 0.4);
  tsr_map_draw_text (cr,
                     "Made with Tessera. Predictions follow from the labels; they are for research "
                     "and no diagnosis.",
                     MARGIN, HEIGHT - MARGIN - 10, INNER, 8, false, 0.45);
  return MARGIN + 30;
}

static bool
draw_page (Report *report, GError **error)
{
  double y = draw_frame (report);
  if (!draw_map (report, y, error))
    return false;
  draw_counts (report, y);
  y = draw_facts (report, y + MAP_SIDE + 14) + 12;
  if (!draw_examples (report, y, error))
    return false;
  cairo_show_page (report->cr);
  return true;
}

/* A page of the table of slides; heading and notes stand on each. */
static bool
draw_areas_page (Report *report, const TsrSlideCounts *counts, const GPtrArray *slides, guint page,
                 bool *last, GError **error)
{
  static const char *const notes[] = {
      "Areas are those of the tiles. Where those of a slide's newest cut overlap, each counts as "
      "the square of the step",
      "between them. “no class”: unsure, excluded, or not predicted."};
  cairo_t *cr = report->cr;
  double y = draw_frame (report);
  TsrReportBox box = {MARGIN, y + 14, INNER, HEIGHT - MARGIN - FOOT - NOTES - y - 14};
  guint pages = tsr_report_areas_pages (slides->len, box.height);
  *last = page + 1 >= pages;
  g_autofree char *of = pages > 1 ? g_strdup_printf ("%u of %u", page + 1, pages) : g_strdup ("");
  tsr_map_draw_text (cr,
                     "Areas by slide and class, in mm²: labels and predictions together, beneath "
                     "what is labelled",
                     MARGIN, y, INNER - 60, TEXT, true, 0.1);
  tsr_map_draw_text_right (cr, of, WIDTH - MARGIN - 56, y, 56, TEXT, false, 0.4);
  if (!tsr_report_areas_draw (cr, report->table, counts, slides, box, page, report->progress,
                              error))
    return false;
  y = box.y + box.height + 6;
  for (size_t i = 0; i < G_N_ELEMENTS (notes); i++)
    tsr_map_draw_text (cr, notes[i], MARGIN, y + 11 * (double)i, INNER, 8, false, 0.45);
  cairo_show_page (cr);
  return true;
}

static bool
draw_areas (Report *report, GError **error)
{
  g_autoptr (GPtrArray) slides = NULL;
  g_autoptr (TsrSlideCounts) counts =
      tsr_slide_counts_read (report->table, report->project, &slides, error);
  if (!counts)
    return false;
  bool last = slides->len == 0;
  for (guint page = 0; !last; page++)
    if (!draw_areas_page (report, counts, slides, page, &last, error))
      return false;
  return true;
}

static cairo_status_t
append (void *data, const unsigned char *bytes, unsigned n)
{
  g_byte_array_append (data, bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

static bool
fill (FILE *file, void *data, GError **error)
{
  const GByteArray *bytes = data;
  fwrite (bytes->data, 1, bytes->len, file);
  return true;
}

bool
tsr_report_write (const TsrTable *table, TsrProject *project, const TsrReportOptions *options,
                  const char *path, const TsrProgress *progress, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream (append, bytes, WIDTH, HEIGHT);
  cairo_pdf_surface_set_metadata (pdf, CAIRO_PDF_METADATA_TITLE,
                                  options->title ? options->title : "Labelled tiles");
  cairo_pdf_surface_set_metadata (pdf, CAIRO_PDF_METADATA_CREATOR, "Tessera");
  Report report = {.table = table,
                   .project = project,
                   .options = options,
                   .progress = progress,
                   .facts = tsr_report_facts (table, project),
                   .cr = cairo_create (pdf)};
  bool ok = draw_page (&report, error) && draw_areas (&report, error);
  cairo_status_t status = cairo_status (report.cr);
  cairo_destroy (report.cr);
  cairo_surface_finish (pdf);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (pdf);
  cairo_surface_destroy (pdf);
  g_array_unref (report.facts);
  if (ok && status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("Cannot draw the report: %s."),
                 cairo_status_to_string (status));
    ok = false;
  }
  return ok && tsr_file_replace (path, fill, bytes, error);
}
