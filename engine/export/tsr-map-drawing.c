#include "tsr-map-drawing.h"

#include "tsr-i18n.h"
#include "tsr-marker.h"
#include "tsr-number.h"
#include "tsr-page-text.h"

#include <math.h>

#define PICTURE_SCALE 4.0 /* pixels a point: 288 dpi */

static bool
has_place (const TsrTable *table, uint32_t tile)
{
  return !table->excluded[tile] && isfinite (table->map[2 * (size_t)tile]) &&
         isfinite (table->map[2 * (size_t)tile + 1]);
}

uint32_t
tsr_map_drawing_count (const TsrTable *table)
{
  uint32_t count = 0;
  for (uint32_t i = 0; table->map && i < table->n; i++)
    count += has_place (table, i);
  return count;
}

/* Small sets get markers to look at, large ones dots: the covered share of the page stays about the
 * same. */
static double
marker_radius (uint32_t n, double width, double height)
{
  double radius = sqrt (0.12 * width * height / (G_PI * MAX (n, 1u)));
  return CLAMP (radius, 0.8, 5.0);
}

bool
tsr_map_frame_fit (TsrMapFrame *frame, const TsrTable *table, TsrMapBox box)
{
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (uint32_t i = 0; table->map && i < table->n; i++)
    for (int axis = 0; axis < 2 && has_place (table, i); axis++) {
      low[axis] = MIN (low[axis], table->map[2 * (size_t)i + axis]);
      high[axis] = MAX (high[axis], table->map[2 * (size_t)i + axis]);
    }
  if (!isfinite (low[0]))
    return false;
  *frame = (TsrMapFrame){.x = box.x, .y = box.y, .width = box.width, .height = box.height};
  frame->radius = marker_radius (tsr_map_drawing_count (table), box.width, box.height);
  double margin = 4 * frame->radius + 12;
  double span[2] = {high[0] - low[0], high[1] - low[1]};
  double zoom_x = span[0] > 0 ? (box.width - 2 * margin) / span[0] : INFINITY;
  double zoom_y = span[1] > 0 ? (box.height - 2 * margin) / span[1] : INFINITY;
  frame->zoom = MIN (zoom_x, zoom_y);
  if (!isfinite (frame->zoom)) /* all in one place */
    frame->zoom = 1;
  frame->offset_x = box.x + box.width / 2 - frame->zoom * (low[0] + high[0]) / 2;
  frame->offset_y = box.y + box.height / 2 - frame->zoom * (low[1] + high[1]) / 2;
  return true;
}

void
tsr_map_trace_marker (cairo_t *cr, int shape, double x, double y, double radius)
{
  size_t n = 0;
  const TsrMarkerVertex *vertex = tsr_marker_polygon ((TsrMarkerShape)shape, &n);
  cairo_new_path (cr);
  if (n == 0)
    cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  for (size_t i = 0; i < n; i++)
    cairo_line_to (cr, x + radius * vertex[i].x, y + radius * vertex[i].y);
  cairo_close_path (cr);
}

static void
set_rgb (cairo_t *cr, uint32_t rgb, double alpha)
{
  cairo_set_source_rgba (cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                         (rgb & 255) / 255.0, alpha);
}

static void
draw_point (cairo_t *cr, TsrPaint paint, double x, double y, double r)
{
  TsrTableLook look = paint.look;
  switch (paint.kind) {
  case TSR_PAINT_PREDICTED:
    tsr_map_trace_marker (cr, look.shape, x, y, r);
    set_rgb (cr, look.rgb, 0.08 + 0.22 * paint.margin);
    cairo_fill_preserve (cr);
    set_rgb (cr, look.rgb, 0.25 + 0.7 * paint.margin);
    cairo_set_line_width (cr, MAX (0.3 * r, 0.4));
    cairo_stroke (cr);
    break;
  case TSR_PAINT_FILLED:
    tsr_map_trace_marker (cr, look.shape, x, y, r);
    set_rgb (cr, look.rgb, 0.8);
    cairo_fill (cr);
    break;
  case TSR_PAINT_LABELLED:
    tsr_map_trace_marker (cr, look.shape, x, y, MAX (1.5 * r, 2.5));
    set_rgb (cr, look.rgb, 1);
    cairo_fill_preserve (cr);
    cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
    cairo_set_line_width (cr, MAX (0.25 * r, 0.6));
    cairo_stroke (cr);
    break;
  default:
    tsr_map_trace_marker (cr, TSR_MARKER_CIRCLE, x, y, 0.7 * r);
    set_rgb (cr, TSR_PAINT_GREY, 1);
    cairo_fill (cr);
  }
}

static void
draw_halo (cairo_t *cr, double x, double y, double radius)
{
  cairo_pattern_t *halo = cairo_pattern_create_radial (x, y, 0.3 * radius, x, y, radius);
  cairo_pattern_add_color_stop_rgba (halo, 0, 1.0, 0.76, 0.03, 0.9);
  cairo_pattern_add_color_stop_rgba (halo, 1, 1.0, 0.76, 0.03, 0.0);
  cairo_set_source (cr, halo);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_pattern_destroy (halo);
}

static void
draw_ring (cairo_t *cr, double x, double y, double radius)
{
  cairo_new_path (cr);
  cairo_arc (cr, x, y, 0.5 * radius, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, 0.75, 0.5, 0.0);
  cairo_set_line_width (cr, MAX (0.1 * radius, 1));
  cairo_stroke (cr);
}

/* The suggestions' halos lie below the points, their rings above. */
static void
draw_suggestions (cairo_t *cr, const TsrTable *table, const TsrFigureOptions *options,
                  const TsrMapFrame *frame, bool above)
{
  for (size_t i = 0; i < options->n_suggestions; i++) {
    uint32_t tile = options->suggestions[i];
    if (tile >= table->n || !has_place (table, tile))
      continue;
    double x = table->map[2 * (size_t)tile] * frame->zoom + frame->offset_x;
    double y = table->map[2 * (size_t)tile + 1] * frame->zoom + frame->offset_y;
    double radius = MAX (4 * frame->radius, 10);
    if (above)
      draw_ring (cr, x, y, radius);
    else
      draw_halo (cr, x, y, radius);
  }
}

bool
tsr_map_draw_points (cairo_t *cr, const TsrMapColoring *coloring, const TsrMapFrame *frame,
                     const TsrProgress *progress, GError **error)
{
  const TsrTable *table = coloring->table;
  draw_suggestions (cr, table, coloring->options, frame, false);
  for (TsrPaintKind kind = 0; kind < TSR_N_PAINTS; kind++)
    for (uint32_t tile = 0; tile < table->n; tile++) {
      double done = (kind + (double)tile / table->n) / TSR_N_PAINTS;
      if (tile % 4096 == 0 &&
          !tsr_progress_step (progress, done, TSR_STAGE ("Drawing the map"), error))
        return false;
      if (!has_place (table, tile))
        continue;
      TsrPaint paint = tsr_map_coloring_paint (coloring, tile);
      if (paint.kind == kind)
        draw_point (cr, paint, table->map[2 * (size_t)tile] * frame->zoom + frame->offset_x,
                    table->map[2 * (size_t)tile + 1] * frame->zoom + frame->offset_y,
                    frame->radius);
    }
  draw_suggestions (cr, table, coloring->options, frame, true);
  return true;
}

bool
tsr_map_draw_points_as_picture (cairo_t *cr, const TsrMapColoring *coloring,
                                const TsrMapFrame *frame, const TsrProgress *progress,
                                GError **error)
{
  cairo_surface_t *picture =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int)(frame->width * PICTURE_SCALE),
                                  (int)(frame->height * PICTURE_SCALE));
  cairo_t *inner = cairo_create (picture);
  cairo_scale (inner, PICTURE_SCALE, PICTURE_SCALE);
  cairo_translate (inner, -frame->x, -frame->y);
  bool ok = tsr_map_draw_points (inner, coloring, frame, progress, error);
  cairo_destroy (inner);
  if (ok) {
    cairo_save (cr);
    cairo_translate (cr, frame->x, frame->y);
    cairo_scale (cr, 1 / PICTURE_SCALE, 1 / PICTURE_SCALE);
    cairo_set_source_surface (cr, picture, 0, 0);
    cairo_paint (cr);
    cairo_restore (cr);
  }
  cairo_surface_destroy (picture);
  return ok;
}

/* The largest of 1, 2, 5 x 10^k that is at most `most`. */
static double
round_length (double most)
{
  double power = pow (10, floor (log10 (most)));
  double lead = most / power;
  return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
}

void
tsr_map_draw_scale (cairo_t *cr, const TsrMapFrame *frame)
{
  double length = round_length (frame->width / 5 / frame->zoom);
  double x = frame->x + 14, y = frame->y + frame->height - 14, end = x + length * frame->zoom;
  cairo_new_path (cr);
  cairo_move_to (cr, x, y - 5);
  cairo_line_to (cr, x, y);
  cairo_line_to (cr, end, y);
  cairo_line_to (cr, end, y - 5);
  cairo_set_source_rgb (cr, 0.3, 0.3, 0.3);
  cairo_set_line_width (cr, 1.2);
  cairo_stroke (cr);
  static const TsrPageText style = {.size = 11, .grey = 0.3};
  g_autofree char *number = tsr_number_digits (length, 6);
  /* Parts of a unit take the plural. */
  unsigned long n = length >= 1 ? (unsigned long)length : 2;
  g_autofree char *text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s map unit", "%s map units", n), number);
  tsr_page_text (cr, &style, text, x, y - 23, 0);
}
