#include "tessera-loss-plot.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

#define N_LINES 4
/* When full, every other point goes: the whole run stays in view at half the grain. */
#define MAX_POINTS 2000

typedef struct {
  double kimg, value[N_LINES];
} Point;

static const struct {
  const char *name;
  double r, g, b;
  const double dash[2];
} lines[N_LINES] = {
    {N_ ("Generator"), 0.00, 0.45, 0.70, {0, 0}},
    {N_ ("Discriminator"), 0.84, 0.37, 0.00, {7, 3}},
    {N_ ("Encoder, likelihood"), 0.00, 0.62, 0.45, {2, 2}},
    {N_ ("Encoder, distance"), 0.80, 0.47, 0.65, {9, 2}},
};

struct _TesseraLossPlot {
  GtkWidget parent_instance;
  GArray *points; /* Point */
  double kimg_total;
};

G_DEFINE_FINAL_TYPE (TesseraLossPlot, tessera_loss_plot, GTK_TYPE_WIDGET)

#define LEFT   44.0
#define RIGHT  12.0
#define TOP    26.0
#define BOTTOM 24.0

static void
value_range (TesseraLossPlot *self, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < self->points->len; i++)
    for (int l = 0; l < N_LINES; l++) {
      double v = g_array_index (self->points, Point, i).value[l];
      if (isfinite (v)) {
        *low = MIN (*low, v);
        *high = MAX (*high, v);
      }
    }
  if (!(*low < *high)) {
    *low = isfinite (*low) ? *low - 1 : 0;
    *high = *low + 2;
  }
}

/* 1, 2 or 5 times a power of ten: at most about six steps over the range. */
static double
nice_step (double range, int steps)
{
  double raw = range / steps, power = pow (10, floor (log10 (raw))), lead = raw / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

static void
draw_text (GtkWidget *widget, cairo_t *cr, const char *text, double x, double y, double align)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int w, h;
  pango_layout_get_pixel_size (layout, &w, &h);
  cairo_move_to (cr, x - align * w, y - h / 2.0);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_axes (TesseraLossPlot *self, cairo_t *cr, const GdkRGBA *ink, double w, double h, double low,
           double high, double kimg)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double step = nice_step (high - low, 5);
  cairo_set_line_width (cr, 1);
  for (double v = ceil (low / step) * step; v <= high; v += step) {
    double y = TOP + (1 - (v - low) / (high - low)) * h;
    cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.12);
    cairo_move_to (cr, LEFT, floor (y) + 0.5);
    cairo_line_to (cr, LEFT + w, floor (y) + 0.5);
    cairo_stroke (cr);
    g_autofree char *text = g_strdup_printf ("%.*f", step < 0.1 ? 2 : step < 1 ? 1 : 0, v);
    cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.7);
    draw_text (widget, cr, text, LEFT - 6, y, 1);
  }
  double x_step = nice_step (kimg, 6);
  for (double k = 0; k <= kimg * 1.0001; k += x_step) {
    g_autofree char *text = g_strdup_printf ("%.*f", x_step < 1 ? 1 : 0, k);
    draw_text (widget, cr, text, LEFT + k / kimg * w, TOP + h + 12, 0.5);
  }
}

static void
draw_legend (TesseraLossPlot *self, cairo_t *cr, const GdkRGBA *ink)
{
  double x = LEFT;
  for (int l = 0; l < N_LINES; l++) {
    cairo_set_source_rgb (cr, lines[l].r, lines[l].g, lines[l].b);
    cairo_set_line_width (cr, 2);
    cairo_set_dash (cr, lines[l].dash, lines[l].dash[0] > 0 ? 2 : 0, 0);
    cairo_move_to (cr, x, 11);
    cairo_line_to (cr, x + 22, 11);
    cairo_stroke (cr);
    cairo_set_dash (cr, NULL, 0, 0);
    g_autoptr (PangoLayout) layout =
        gtk_widget_create_pango_layout (GTK_WIDGET (self), _ (lines[l].name));
    int w, h;
    pango_layout_get_pixel_size (layout, &w, &h);
    cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.8);
    cairo_move_to (cr, x + 27, 11 - h / 2.0);
    pango_cairo_show_layout (cr, layout);
    x += 27 + w + 16;
  }
}

static void
draw_line (TesseraLossPlot *self, cairo_t *cr, int l, double w, double h, double low, double high,
           double kimg)
{
  gboolean pen = FALSE;
  for (guint i = 0; i < self->points->len; i++) {
    const Point *p = &g_array_index (self->points, Point, i);
    if (!isfinite (p->value[l])) {
      pen = FALSE;
      continue;
    }
    double x = LEFT + p->kimg / kimg * w, y = TOP + (1 - (p->value[l] - low) / (high - low)) * h;
    if (pen)
      cairo_line_to (cr, x, y);
    else
      cairo_move_to (cr, x, y);
    pen = TRUE;
  }
  cairo_set_source_rgb (cr, lines[l].r, lines[l].g, lines[l].b);
  cairo_set_line_width (cr, 1.6);
  cairo_set_dash (cr, lines[l].dash, lines[l].dash[0] > 0 ? 2 : 0, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
tessera_loss_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TesseraLossPlot *self = TESSERA_LOSS_PLOT (widget);
  float width = (float)gtk_widget_get_width (widget),
        height = (float)gtk_widget_get_height (widget);
  double w = width - LEFT - RIGHT, h = height - TOP - BOTTOM;
  if (w < 20 || h < 20)
    return;
  GdkRGBA ink;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  double low, high;
  value_range (self, &low, &high);
  double last =
      self->points->len > 0 ? g_array_index (self->points, Point, self->points->len - 1).kimg : 0;
  double kimg = MAX (MAX (last, self->kimg_total), 1e-3);

  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  draw_legend (self, cr, &ink);
  draw_axes (self, cr, &ink, w, h, low, high, kimg);
  for (int l = 0; l < N_LINES; l++)
    draw_line (self, cr, l, w, h, low, high, kimg);
  cairo_destroy (cr);
}

static void
tessera_loss_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                           int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 140;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 200;
  *minimum_baseline = *natural_baseline = -1;
}

void
tessera_loss_plot_clear (TesseraLossPlot *self)
{
  g_return_if_fail (TESSERA_IS_LOSS_PLOT (self));
  g_array_set_size (self->points, 0);
  self->kimg_total = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
tessera_loss_plot_get_n_points (TesseraLossPlot *self)
{
  g_return_val_if_fail (TESSERA_IS_LOSS_PLOT (self), 0);
  return self->points->len;
}

static void
thin_out (TesseraLossPlot *self)
{
  guint kept = 0;
  for (guint i = 0; i < self->points->len; i += 2)
    g_array_index (self->points, Point, kept++) = g_array_index (self->points, Point, i);
  g_array_set_size (self->points, kept);
}

void
tessera_loss_plot_add (TesseraLossPlot *self, const TsrTrainSnapshot *s)
{
  g_return_if_fail (TESSERA_IS_LOSS_PLOT (self));
  Point point = {s->kimg, {s->loss_g, s->loss_d, s->loss_nll, s->loss_mse}};
  if (self->points->len > 0 &&
      g_array_index (self->points, Point, self->points->len - 1).kimg >= s->kimg)
    return;
  if (self->points->len >= MAX_POINTS)
    thin_out (self);
  g_array_append_val (self->points, point);
  self->kimg_total = s->kimg_total;
  g_autofree char *says =
      g_strdup_printf (_ ("Losses: generator %.2f, discriminator %.2f, encoder %.2f and %.2f"),
                       s->loss_g, s->loss_d, s->loss_nll, s->loss_mse);
  tessera_ui_set_name (self, says);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
tessera_loss_plot_finalize (GObject *object)
{
  g_array_unref (TESSERA_LOSS_PLOT (object)->points);
  G_OBJECT_CLASS (tessera_loss_plot_parent_class)->finalize (object);
}

static void
tessera_loss_plot_class_init (TesseraLossPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = tessera_loss_plot_finalize;
  widget_class->snapshot = tessera_loss_plot_snapshot;
  widget_class->measure = tessera_loss_plot_measure;
  gtk_widget_class_set_css_name (widget_class, "lossplot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tessera_loss_plot_init (TesseraLossPlot *self)
{
  self->points = g_array_new (FALSE, FALSE, sizeof (Point));
}
