#include "tsr-report.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-language.h"
#include "tsr-map-drawing.h"
#include "tsr-number.h"
#include "tsr-page-text.h"
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
#define VECTORS     5000u /* more points become a picture */
#define MAX_TILES   44.0  /* side of an example */
#define GAP         4.0
#define MIN_ROW     16.0
#define FOOT        30.0
#define COUNTS      (INNER - MAP_SIDE - 18) /* width of the column beside the map */
#define COUNT_NAMES 84.0 /* of the classes' names in it, where they need so much */
#define MARK        17.0 /* a class's mark before its name */

static const TsrPageText headline = {.size = 18, .grey = 0.1, .bold = true},
                         heading = {.size = 9, .grey = 0.1, .bold = true, .lines = 2},
                         words = {.size = 9, .grey = 0.1, .lines = 2},
                         number = {.size = 9, .grey = 0.1, .right = true},
                         number_heading = {.size = 9, .grey = 0.1, .bold = true, .right = true},
                         name = {.size = 9, .grey = 0.1, .name = true, .lines = 2},
                         small_name = {.size = 8.5, .grey = 0.1, .name = true},
                         quiet = {.size = 9, .grey = 0.4, .lines = 3},
                         page_number = {.size = 9, .grey = 0.4, .right = true},
                         note = {.size = 8, .grey = 0.45, .lines = 4};

typedef struct {
  const TsrTable *table;
  TsrProject *project;
  const TsrReportOptions *options;
  const TsrProgress *progress;
  const TsrSlideCounts *counts;
  const GPtrArray *slides;
  GArray *facts;
  cairo_t *cr;
} Report;

/* ---- the map ---- */

static bool
draw_points (Report *report, const TsrMapColoring *coloring, const TsrMapFrame *frame,
             GError **error)
{
  bool few = tsr_map_drawing_count (report->table) <= VECTORS;
  return (few ? tsr_map_draw_points : tsr_map_draw_points_as_picture) (report->cr, coloring, frame,
                                                                       report->progress, error);
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
    tsr_page_text (cr, &quiet, _ ("There is no map yet."), box.x + 12, box.y + 12, box.width - 24);
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

/* The columns of numbers beside the map end here; they are as wide as what stands in them. */
typedef struct {
  double labelled, predicted; /* right ends */
  double names;               /* width of the classes' names */
  bool staggered;             /* headings that find no place beside each other stand in two lines */
} Counts;

static char *
more_classes (uint32_t n)
{
  g_autofree char *count = tsr_number_count (n);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "and %s more class", "and %s more classes", n), count);
}

static Counts
lay_out_counts (const Report *report)
{
  const TsrTable *table = report->table;
  double heads[2] = {tsr_page_text_width (report->cr, &number_heading, _ ("labelled")),
                     tsr_page_text_width (report->cr, &number_heading, _ ("predicted"))};
  double widths[2] = {0, 0}, names = 0;
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    uint32_t n[2];
    names = MAX (names, tsr_page_text_width (report->cr, &name, class_->name));
    tsr_table_count (table, (int32_t)c, &n[0], &n[1]);
    for (int i = 0; i < 2; i++) {
      g_autofree char *text = tsr_number_count (n[i]);
      widths[i] = MAX (widths[i], tsr_page_text_width (report->cr, &number, text));
    }
  }
  Counts counts = {.predicted = MARGIN + INNER};
  double wide[2] = {MAX (widths[0], heads[0]), MAX (widths[1], heads[1])};
  counts.staggered = MARK + MIN (names, COUNT_NAMES) + wide[0] + wide[1] + 18 > COUNTS;
  for (int i = 0; i < 2; i++)
    widths[i] = counts.staggered ? MAX (widths[i], 24) : wide[i];
  counts.labelled = counts.predicted - widths[1] - 10;
  counts.names = COUNTS - MARK - widths[0] - widths[1] - 18;
  return counts;
}

/* Returns where the classes begin. */
static double
draw_count_heads (const Report *report, const Counts *counts, double y)
{
  cairo_t *cr = report->cr;
  double x = MARGIN + INNER - COUNTS;
  double height = tsr_page_text (cr, &number_heading, _ ("labelled"), x, y, counts->labelled - x);
  if (counts->staggered)
    y += height;
  tsr_page_text (cr, &heading, _ ("Class"), x, y, counts->names + MARK);
  double left = counts->staggered ? x + COUNTS / 3 : counts->labelled + 4;
  tsr_page_text (cr, &number_heading, _ ("predicted"), left, y, counts->predicted - left);
  return y + height + 4;
}

/* A column beside the map: what each class has. */
static void
draw_counts (Report *report, double y)
{
  cairo_t *cr = report->cr;
  const TsrTable *table = report->table;
  const char *signs = _ ("filled: labelled · ring: predicted, the paler the less certain");
  double x = MARGIN + INNER - COUNTS, end = y + MAP_SIDE,
         bottom = end - tsr_page_text_height (cr, &note, signs, COUNTS);
  Counts counts = lay_out_counts (report);
  tsr_page_text (cr, &note, signs, x, bottom, COUNTS);
  if (table->n_classes == 0) {
    tsr_page_text (cr, &quiet, _ ("No class has been made yet."), x, y, COUNTS);
    return;
  }
  y = draw_count_heads (report, &counts, y);
  for (uint32_t c = 0; c < table->n_classes; c++) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    double height = tsr_page_text_height (cr, &name, class_->name, counts.names);
    bool last = c + 1 == table->n_classes;
    if (y + height + (last ? 0 : 17) > bottom) {
      g_autofree char *more = more_classes (table->n_classes - c);
      tsr_page_text (cr, &quiet, more, x, y, COUNTS);
      return;
    }
    draw_marker (cr, class_, x + 5, y + 6);
    tsr_page_text (cr, &name, class_->name, x + MARK, y, counts.names);
    uint32_t labelled, predicted;
    tsr_table_count (table, (int32_t)c, &labelled, &predicted);
    g_autofree char *first = tsr_number_count (labelled), *second = tsr_number_count (predicted);
    tsr_page_text (cr, &number, first, x, y, counts.labelled - x);
    tsr_page_text (cr, &number, second, counts.labelled, y, counts.predicted - counts.labelled);
    y += MAX (height + 3, 17);
  }
}

/* Names in a column as wide as they are, what they say beside them in as many lines as it takes. */
static double
draw_facts (Report *report, double y)
{
  double names = 0;
  for (guint i = 0; i < report->facts->len; i++) {
    const TsrReportFact *fact = &g_array_index (report->facts, TsrReportFact, i);
    names = MAX (names, tsr_page_text_width (report->cr, &heading, fact->name) + 12);
  }
  names = CLAMP (names, 105, INNER / 3);
  for (guint i = 0; i < report->facts->len; i++) {
    const TsrReportFact *fact = &g_array_index (report->facts, TsrReportFact, i);
    double left = tsr_page_text (report->cr, &heading, fact->name, MARGIN, y, names - 8),
           right =
               tsr_page_text (report->cr, &words, fact->value, MARGIN + names, y, INNER - names);
    y += MAX (MAX (left, right) + 2, 14);
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

/* Width of the classes' names before the examples: what they need, within reason. */
static double
class_names_width (const Report *report)
{
  double width = 60;
  for (uint32_t c = 0; c < report->table->n_classes; c++)
    width =
        MAX (width, tsr_page_text_width (report->cr, &small_name,
                                         tsr_table_nth_class (report->table, (int32_t)c)->name));
  return MIN (width, 130) + 15 + 8;
}

/* A row a class, as large as the page allows. */
static bool
draw_examples (Report *report, double y, GError **error)
{
  const TsrTable *table = report->table;
  uint32_t rows = table->n_classes, labelled = 0;
  for (uint32_t i = 0; i < table->n; i++)
    labelled += table->label[i] >= 0;
  if (rows == 0 || labelled == 0) /* and so nothing is predicted */
    return true;
  y += tsr_page_text (report->cr, &heading,
                      _ ("Examples: black frame labelled, then the surest predictions"), MARGIN, y,
                      INNER) +
       4;
  double left = HEIGHT - MARGIN - FOOT - y, names = class_names_width (report);
  double row = MIN (left / rows, MAX_TILES + GAP);
  if (row < MIN_ROW) {
    row = MIN_ROW;
    rows = left > 2 * row ? (uint32_t)(left / row) - 1 : 0;
    g_autofree char *more = more_classes (table->n_classes - rows);
    tsr_page_text (report->cr, &quiet, more, MARGIN + 15, y + rows * row, INNER);
  }
  double side = row - GAP;
  g_autofree TsrReportClass *classes =
      tsr_report_classes (table, (unsigned)((INNER - names) / row));
  for (uint32_t c = 0; c < rows; c++, y += row) {
    const TsrClass *class_ = tsr_table_nth_class (table, (int32_t)c);
    const TsrReportClass *each = &classes[c];
    if (!tsr_progress_step (report->progress, (double)c / rows, TSR_STAGE ("Drawing the report"),
                            error))
      return false;
    draw_marker (report->cr, class_, MARGIN + 5, y + side / 2);
    TsrPageText style = small_name;
    style.lines = side >= 24 ? 2 : 1;
    double height = tsr_page_text_height (report->cr, &style, class_->name, names - 15 - 8);
    tsr_page_text (report->cr, &style, class_->name, MARGIN + 15, y + (side - height) / 2,
                   names - 15 - 8);
    for (unsigned i = 0; i < each->n; i++)
      draw_tile (report, each->tile[i], MARGIN + names + i * row, y, side, i < each->n_labelled);
  }
  return true;
}

/* ---- the pages ---- */

static char *
today (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  return tsr_number_date (now);
}

static const char *
title_of (const Report *report)
{
  return report->options->title ? report->options->title : _ ("Labelled tiles");
}

/* Headline and foot; returns where the page's own part begins. */
static double
draw_frame (const Report *report)
{
  cairo_t *cr = report->cr;
  g_autofree char *date = report->options->date ? g_strdup (report->options->date) : today ();
  const char *foot = _ ("Made with Tessera. Predictions follow from the labels; they are for "
                        "research and no diagnosis.");
  double right = tsr_page_text_width (cr, &page_number, date);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  tsr_page_text (cr, &headline, title_of (report), MARGIN, MARGIN - 4, INNER - right - 16);
  tsr_page_text (cr, &page_number, date, MARGIN, MARGIN + 3, INNER);
  tsr_page_text (cr, &note, foot, MARGIN,
                 HEIGHT - MARGIN - tsr_page_text_height (cr, &note, foot, INNER), INNER);
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
draw_areas_page (Report *report, guint page, bool *last, GError **error)
{
  const char *title = _ ("Areas by slide and class, in mm²: labels and predictions together, "
                         "beneath what is labelled"),
             *notes = _ ("Areas are those of the tiles. Where those of a slide's newest cut "
                         "overlap, each counts as the square of the step between them. “no "
                         "class”: unsure, excluded, or not predicted.");
  cairo_t *cr = report->cr;
  double y = draw_frame (report), foot = FOOT + tsr_page_text_height (cr, &note, notes, INNER) + 6;
  double top = y + tsr_page_text_height (cr, &heading, title, INNER) + 2;
  TsrReportBox box = {MARGIN, top, INNER, HEIGHT - MARGIN - foot - top};
  guint pages = tsr_report_areas_pages (report->slides->len, box.height);
  *last = page + 1 >= pages;
  tsr_page_text (cr, &heading, title, MARGIN, y, INNER);
  if (pages > 1) {
    /* Translators: which page of how many. */
    g_autofree char *of = g_strdup_printf (_ ("%u of %u"), page + 1, pages);
    tsr_page_text (cr, &page_number, of, MARGIN, MARGIN + 15, INNER); /* beneath the date */
  }
  if (!tsr_report_areas_draw (cr, report->table, report->counts, report->slides, box, page,
                              report->progress, error))
    return false;
  tsr_page_text (cr, &note, notes, MARGIN, box.y + box.height + 6, INNER);
  cairo_show_page (cr);
  return true;
}

static bool
draw_areas (Report *report, GError **error)
{
  bool last = report->slides->len == 0;
  for (guint page = 0; !last; page++)
    if (!draw_areas_page (report, page, &last, error))
      return false;
  return true;
}

/* All of the document, in its language. */
static bool
draw_pages (Report *report, cairo_surface_t *pdf, GError **error)
{
  g_autoptr (TsrLanguage) language = tsr_language_enter (report->options->english);
  cairo_pdf_surface_set_metadata (pdf, CAIRO_PDF_METADATA_TITLE, title_of (report));
  cairo_pdf_surface_set_metadata (pdf, CAIRO_PDF_METADATA_CREATOR, "Tessera");
  report->facts = tsr_report_facts (report->table, report->project);
  bool ok = draw_page (report, error) && draw_areas (report, error);
  g_array_unref (report->facts);
  return ok;
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
  g_autoptr (GPtrArray) slides = NULL;
  g_autoptr (TsrSlideCounts) counts = tsr_slide_counts_read (table, project, &slides, error);
  if (!counts)
    return false;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream (append, bytes, WIDTH, HEIGHT);
  Report report = {.table = table,
                   .project = project,
                   .options = options,
                   .progress = progress,
                   .counts = counts,
                   .slides = slides,
                   .cr = cairo_create (pdf)};
  bool ok = draw_pages (&report, pdf, error);
  cairo_status_t status = cairo_status (report.cr);
  cairo_destroy (report.cr);
  cairo_surface_finish (pdf);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (pdf);
  cairo_surface_destroy (pdf);
  if (ok && status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("Cannot draw the report: %s."),
                 cairo_status_to_string (status));
    ok = false;
  }
  return ok && tsr_file_replace (path, fill, bytes, error);
}
