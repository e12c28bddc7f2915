#include "tsr-report-areas.h"

#include "tsr-i18n.h"
#include "tsr-map-drawing.h"
#include "tsr-number.h"
#include "tsr-page-text.h"

#include <math.h>

/* In points. */
#define NAMES  115.0 /* width of the slides' column, at least */
#define COLUMN 50.0  /* and of each of the others, at least */
#define ROW    23.0
#define HEAD   34.0
#define LAST   25.0 /* the sum */
#define GAP    8.0  /* between columns */

#define MAX_COLUMNS 16u

static const TsrPageText
    detail = {.size = 7.5, .grey = 0.45},
    heading = {.size = 8.5, .grey = 0.1, .bold = true},
    class_heading = {.size = 7.5, .grey = 0.1, .bold = true, .name = true, .right = true},
    words_heading = {.size = 7.5, .grey = 0.1, .bold = true, .right = true, .lines = 2};

/* A cell's area and the part of it that is labelled; tiles where areas are not known. */
typedef struct {
  double all, labelled;
} Cell;

/* What stands in a column: a class, the classes without a column, what has no class, everything. */
typedef enum { COLUMN_CLASS, COLUMN_MORE, COLUMN_OTHER, COLUMN_ALL } ColumnKind;

typedef struct {
  cairo_t *cr;
  const TsrTable *table;
  const TsrSlideCounts *counts;
  const GPtrArray *slides;
  TsrReportBox box;
  uint32_t *class_order; /* [n_classes] those with the most area first */
  uint32_t n_shown;      /* classes with a column of their own */
  ColumnKind columns[MAX_COLUMNS];
  unsigned n_columns;
  double names, width; /* of the slides' column, and of each of the others */
} Areas;

static bool
is_known (const Areas *self, guint slide)
{
  return isfinite (((const TsrProjectSlide *)self->slides->pdata[slide])->mpp);
}

static double
amount (const TsrSlideCount *count, bool known)
{
  return known ? count->mm2 : count->tiles;
}

static Cell
class_cell (const Areas *self, guint slide, uint32_t class_, bool known)
{
  size_t at = (size_t)slide * self->counts->n_classes + class_;
  double labelled = amount (&self->counts->labelled[at], known);
  return (Cell){labelled + amount (&self->counts->predicted[at], known), labelled};
}

static Cell
cell_of (const Areas *self, guint slide, unsigned column, bool known)
{
  Cell cell = {0, 0};
  TsrSlideCount all = tsr_slide_counts_all (self->counts, slide);
  switch (self->columns[column]) {
  case COLUMN_CLASS:
    return class_cell (self, slide, self->class_order[column], known);
  case COLUMN_MORE:
    for (uint32_t c = self->n_shown; c < self->counts->n_classes; c++) {
      Cell each = class_cell (self, slide, self->class_order[c], known);
      cell.all += each.all;
      cell.labelled += each.labelled;
    }
    return cell;
  case COLUMN_OTHER:
    cell.all = amount (&self->counts->other[slide], known);
    return cell;
  default:
    cell.all = amount (&all, known);
    return cell;
  }
}

/* ---- what comes first ---- */

/* Whole square micrometres: sums of the same tiles in another order differ in their last digits. */
typedef struct {
  double area; /* below 0 where not known */
  uint32_t tiles;
  guint index;
} Rank;

static int
compare_ranks (const void *a, const void *b)
{
  const Rank *first = a, *second = b;
  if (first->area != second->area)
    return first->area > second->area ? -1 : 1;
  if (first->tiles != second->tiles)
    return first->tiles > second->tiles ? -1 : 1;
  return first->index < second->index ? -1 : first->index > second->index;
}

static Rank *
rank_slides (const Areas *self)
{
  Rank *ranks = g_new (Rank, (size_t)self->slides->len + 1);
  for (guint s = 0; s < self->slides->len; s++) {
    TsrSlideCount all = tsr_slide_counts_all (self->counts, s);
    ranks[s] = (Rank){is_known (self, s) ? round (all.mm2 * 1e6) : -1, all.tiles, s};
  }
  qsort (ranks, self->slides->len, sizeof *ranks, compare_ranks);
  return ranks;
}

/* The classes that get a column are the largest, but stand in the user's order. */
static void
order_classes (Areas *self, unsigned room)
{
  uint32_t n = self->counts->n_classes;
  g_autofree Rank *ranks = g_new0 (Rank, (size_t)n + 1);
  for (uint32_t c = 0; c < n; c++) {
    ranks[c].index = c;
    for (guint s = 0; s < self->slides->len; s++) {
      bool known = is_known (self, s);
      ranks[c].area += known ? class_cell (self, s, c, true).all : 0;
      ranks[c].tiles += (uint32_t)class_cell (self, s, c, false).all;
    }
    ranks[c].area = round (ranks[c].area * 1e6);
  }
  qsort (ranks, n, sizeof *ranks, compare_ranks);
  g_autofree uint8_t *shown = g_new0 (uint8_t, (size_t)n + 1);
  self->n_shown = n <= room ? n : room - 1;
  for (uint32_t i = 0; i < self->n_shown; i++)
    shown[ranks[i].index] = 1;
  self->class_order = g_new (uint32_t, (size_t)n + 1);
  uint32_t first = 0, rest = self->n_shown;
  for (uint32_t c = 0; c < n; c++)
    self->class_order[shown[c] ? first++ : rest++] = c;
}

/* Of a column that is no class's; transfer full. */
static char *
column_words (const Areas *self, ColumnKind kind)
{
  if (kind != COLUMN_MORE)
    return g_strdup (kind == COLUMN_OTHER ? _ ("no class") : C_ ("areas", "all"));
  uint32_t n = self->counts->n_classes - self->n_shown;
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u more", "%u more", n), n);
}

/* What stands beneath a slide's name, or (slide counts->n_slides) beneath that of all; transfer
 * full. */
static char *
detail_words (const Areas *self, guint slide)
{
  if (slide < self->slides->len) {
    uint32_t n = tsr_slide_counts_all (self->counts, slide).tiles;
    g_autofree char *count = tsr_number_count (n);
    return is_known (self, slide)
               ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s tile", "%s tiles", n), count)
               : g_strdup (_ ("tiles: no size of a pixel"));
  }
  guint n_known = 0;
  for (guint s = 0; s < self->slides->len; s++)
    n_known += is_known (self, s);
  if (n_known == 0)
    return g_strdup (_ ("tiles: no size of a pixel"));
  return n_known < self->slides->len
             ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "the %u whose area is known",
                                             "the %u whose area is known", n_known),
                                n_known)
             : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u slide", "%u slides", n_known),
                                n_known);
}

/* Names are shortened where they must, words of ours are not. */
static double
least_names (const Areas *self)
{
  double width = NAMES, most = self->box.width / 3;
  for (guint slide = 0; slide <= self->slides->len; slide++) {
    g_autofree char *text = detail_words (self, slide);
    width = MAX (width, tsr_page_text_width (self->cr, &detail, text) + GAP);
  }
  return MIN (width, most);
}

static double
least_column (const Areas *self, double names)
{
  double width = COLUMN, most = (self->box.width - names) / 4;
  for (ColumnKind kind = COLUMN_MORE; kind <= COLUMN_ALL; kind++) {
    g_autofree char *text = column_words (self, kind);
    while (width < most && !tsr_page_text_fits (self->cr, &words_heading, text, width - GAP))
      width++;
  }
  return width;
}

static void
lay_out (Areas *self)
{
  double names = least_names (self), least = least_column (self, names);
  unsigned all = (unsigned)((self->box.width - names) / least);
  all = CLAMP (all, 4, MAX_COLUMNS);
  order_classes (self, all - 2);
  for (uint32_t c = 0; c < self->n_shown; c++)
    self->columns[self->n_columns++] = COLUMN_CLASS;
  if (self->n_shown < self->counts->n_classes)
    self->columns[self->n_columns++] = COLUMN_MORE;
  self->columns[self->n_columns++] = COLUMN_OTHER;
  self->columns[self->n_columns++] = COLUMN_ALL;
  double wanted = CLAMP (self->box.width * 2 / 3 / self->n_columns, least, 1.6 * least);
  self->width = MIN ((self->box.width - names) / self->n_columns, wanted);
  self->names = self->box.width - self->width * self->n_columns;
}

/* ---- drawing ---- */

static double
right_of (const Areas *self, unsigned column)
{
  return self->box.x + self->names + self->width * (column + 1);
}

static void
draw_right (const Areas *self, const TsrPageText *style, const char *text, unsigned column,
            double y)
{
  double width = self->width - GAP;
  tsr_page_text (self->cr, style, text, right_of (self, column) - width, y, width);
}

static void
draw_line (const Areas *self, double y, double grey)
{
  cairo_move_to (self->cr, self->box.x, y);
  cairo_line_to (self->cr, right_of (self, self->n_columns - 1), y);
  cairo_set_source_rgb (self->cr, grey, grey, grey);
  cairo_set_line_width (self->cr, 0.5);
  cairo_stroke (self->cr);
}

static void
draw_marker (const Areas *self, const TsrClass *class_, double x, double y)
{
  tsr_map_trace_marker (self->cr, class_->shape, x, y, 3.5);
  cairo_set_source_rgb (self->cr, (class_->rgb >> 16 & 255) / 255.0,
                        (class_->rgb >> 8 & 255) / 255.0, (class_->rgb & 255) / 255.0);
  cairo_fill_preserve (self->cr);
  cairo_set_source_rgb (self->cr, 0.1, 0.1, 0.1);
  cairo_set_line_width (self->cr, 0.5);
  cairo_stroke (self->cr);
}

static void
draw_head (const Areas *self, double y)
{
  double names = y + 16;
  tsr_page_text (self->cr, &heading, _ ("Slide"), self->box.x, names, self->names);
  for (unsigned c = 0; c < self->n_columns; c++) {
    if (self->columns[c] == COLUMN_CLASS) {
      const TsrClass *class_ = tsr_table_nth_class (self->table, (int32_t)self->class_order[c]);
      draw_marker (self, class_, right_of (self, c) - 5, y + 8);
      draw_right (self, &class_heading, class_->name, c, names + 0.5);
    } else { /* the last line beside the classes, one above where they have their mark */
      g_autofree char *text = column_words (self, self->columns[c]);
      double above = tsr_page_text_height (self->cr, &words_heading, text, self->width - GAP) -
                     tsr_page_text_height (self->cr, &class_heading, text, self->width - GAP);
      draw_right (self, &words_heading, text, c, names + 0.5 - above);
    }
  }
  draw_line (self, y + HEAD - 4, 0.5);
}

static char *
number_text (double value, bool known)
{
  if (!known || value >= 1000)
    return tsr_number_count ((guint64)llround (value));
  return tsr_number_decimals (value, value >= 10 ? 2 : 3);
}

static void
draw_cells (const Areas *self, const Cell *cells, bool known, double y, bool bold)
{
  static const TsrPageText small = {.size = 7.5, .grey = 0.45, .right = true};
  for (unsigned c = 0; c < self->n_columns; c++) {
    g_autofree char *all = number_text (cells[c].all, known),
                    *labelled = number_text (cells[c].labelled, known);
    TsrPageText style = {
        .size = 8.5, .grey = cells[c].all > 0 ? 0.1 : 0.65, .bold = bold, .right = true};
    draw_right (self, &style, all, c, y);
    if (cells[c].labelled > 0)
      draw_right (self, &small, labelled, c, y + 11);
  }
}

static void
draw_names (const Areas *self, const char *name, guint slide, double y, bool bold)
{
  TsrPageText style = {.size = 8.5, .grey = 0.1, .bold = bold, .name = true};
  g_autofree char *text = detail_words (self, slide);
  tsr_page_text (self->cr, &style, name, self->box.x, y, self->names - 6);
  tsr_page_text (self->cr, &detail, text, self->box.x, y + 11, self->names - 6);
}

static void
draw_slide (const Areas *self, guint slide, double y)
{
  Cell cells[MAX_COLUMNS];
  bool known = is_known (self, slide);
  for (unsigned c = 0; c < self->n_columns; c++)
    cells[c] = cell_of (self, slide, c, known);
  draw_names (self, ((const TsrProjectSlide *)self->slides->pdata[slide])->name, slide, y, false);
  draw_cells (self, cells, known, y, false);
}

/* The sum of the slides whose areas are known; of all, in tiles, where none is. */
static void
draw_sum (const Areas *self, double y)
{
  Cell cells[MAX_COLUMNS] = {{0, 0}};
  guint n_known = 0;
  for (guint s = 0; s < self->slides->len; s++)
    n_known += is_known (self, s);
  for (guint s = 0; s < self->slides->len; s++)
    for (unsigned c = 0; c < self->n_columns && (n_known == 0 || is_known (self, s)); c++) {
      Cell each = cell_of (self, s, c, n_known > 0);
      cells[c].all += each.all;
      cells[c].labelled += each.labelled;
    }
  draw_line (self, y - 4, 0.5);
  draw_names (self, _ ("All slides"), self->slides->len, y, true);
  draw_cells (self, cells, n_known > 0, y, true);
}

static guint
rows_of (double height)
{
  return MAX ((guint)(MAX (height - HEAD - LAST, 0) / ROW), 1);
}

guint
tsr_report_areas_pages (guint n, double height)
{
  guint rows = rows_of (height);
  return MAX ((n + rows - 1) / rows, 1);
}

bool
tsr_report_areas_draw (cairo_t *cr, const TsrTable *table, const TsrSlideCounts *counts,
                       const GPtrArray *slides, TsrReportBox box, guint page,
                       const TsrProgress *progress, GError **error)
{
  Areas self = {.cr = cr, .table = table, .counts = counts, .slides = slides, .box = box};
  lay_out (&self);
  g_autofree Rank *ranks = rank_slides (&self);
  guint first = page * rows_of (box.height), end = MIN (first + rows_of (box.height), slides->len);
  double y = box.y + HEAD;
  bool ok = true;
  draw_head (&self, box.y);
  for (guint i = first; ok && i < end; i++, y += ROW) {
    ok = tsr_progress_step (progress, (double)i / slides->len, TSR_STAGE ("Drawing the report"),
                            error);
    if (ok)
      draw_slide (&self, ranks[i].index, y);
  }
  if (ok && end == slides->len)
    draw_sum (&self, y + 3);
  g_free (self.class_order);
  return ok;
}
