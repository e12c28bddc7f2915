#include "tessera-loss-plot.h"

#include "tessera-ui.h"
#include "tsr-series.h"

#include <glib/gi18n.h>

#include <math.h>
#include <string.h>

#define N_LINES TESSERA_N_LOSSES
/* Of the qualities: precision and recall. */
#define FIRST_SHARE 2
/* When full, the points are thinned evenly: the whole run stays in view at half the grain. */
#define MAX_POINTS 2000

typedef TesseraLosses Point;

/* Four small plots side by side: the values live on scales of their own. */
static const struct {
  const char *name;
  double r, g, b;
} lines[2][N_LINES] = {{
                           {N_ ("Inventing tiles"), 0.00, 0.45, 0.70},
                           {N_ ("Telling them apart"), 0.84, 0.37, 0.00},
                           {N_ ("Placing tiles"), 0.00, 0.62, 0.45},
                           {N_ ("Redrawing tiles"), 0.80, 0.47, 0.65},
                       },
                       {
                           {N_ ("Fréchet distance"), 0.00, 0.45, 0.70},
                           {N_ ("Kernel distance"), 0.84, 0.37, 0.00},
                           {N_ ("Precision"), 0.00, 0.62, 0.45},
                           {N_ ("Recall"), 0.80, 0.47, 0.65},
                       }};

struct _TesseraLossPlot {
  GtkWidget parent_instance;
  GArray *points; /* Point */
  double kimg_total;
  gboolean quality; /* instead of losses */
};

enum { PROP_QUALITY = 1 };

G_DEFINE_FINAL_TYPE (TesseraLossPlot, tessera_loss_plot, GTK_TYPE_WIDGET)

/* Around a panel, at text of the usual size. */
#define LEFT   46.0
#define RIGHT  8.0
#define TOP    24.0
#define BOTTOM 36.0

typedef struct {
  double x, y, w, h;      /* where */
  double scale;           /* of text and of what is around */
  double low, high, kimg; /* what */
} Panel;

/* Large text takes two rows: names and numbers need their room. */
static int
n_columns (double scale)
{
  return scale < 1.4 ? N_LINES : N_LINES / 2;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Below this a difference says nothing: a tenth of what a share can be, a twentieth of what any
 * other value is. */
static double
least_range (TesseraLossPlot *self, int line, double low, double high)
{
  if (self->quality && line >= FIRST_SHARE)
    return 0.1;
  double size = MAX (fabs (low), fabs (high));
  return size > 0 ? size / 20 : 0.1;
}

/* Of all but the wildest two in a hundred: the first steps would flatten everything after them. */
void
tessera_loss_plot_get_range (TesseraLossPlot *self, int line, double *low, double *high)
{
  g_return_if_fail (TESSERA_IS_LOSS_PLOT (self));
  g_return_if_fail (line >= 0 && line < N_LINES);
  g_autofree double *values = g_new (double, MAX (1, self->points->len));
  size_t n = 0;
  for (guint i = 0; i < self->points->len; i++) {
    double v = g_array_index (self->points, Point, i).value[line];
    if (isfinite (v))
      values[n++] = v;
  }
  qsort (values, n, sizeof *values, compare_doubles);
  size_t cut = n / 50;
  *low = n > 0 ? values[cut] : 0;
  *high = n > 0 ? values[n - 1 - cut] : 1;
  bool positive = *low >= 0;
  double range = *high - *low, least = least_range (self, line, *low, *high);
  double room = MAX (range * 0.08, (least - range) / 2);
  *low -= room;
  *high += room;
  if (positive && *low < 0) { /* what is never negative has no axis there */
    *low = 0;
    *high = MAX (*high, least);
  }
}

/* 1, 2 or 5 times a power of ten. */
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

/* Digits that keep ticks of this step apart. */
static int
digits_for (double step)
{
  return (int)CLAMP (ceil (-log10 (step) - 1e-9), 0, 6);
}

static double
panel_y (const Panel *panel, double value)
{
  double at = (value - panel->low) / (panel->high - panel->low);
  return panel->y + (1 - CLAMP (at, 0, 1)) * panel->h;
}

static void
draw_axes (TesseraLossPlot *self, cairo_t *cr, const GdkRGBA *ink, const Panel *panel)
{
  GtkWidget *widget = GTK_WIDGET (self);
  /* As many lines as their numbers have room above each other. */
  double step =
      nice_step (panel->high - panel->low, (int)CLAMP (panel->h / (11 * panel->scale), 1, 4));
  cairo_set_line_width (cr, 1);
  for (double v = ceil (panel->low / step) * step; v <= panel->high; v += step) {
    double y = panel_y (panel, v);
    cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.12);
    cairo_move_to (cr, panel->x, floor (y) + 0.5);
    cairo_line_to (cr, panel->x + panel->w, floor (y) + 0.5);
    cairo_stroke (cr);
    g_autofree char *text =
        g_strdup_printf ("%.*f", digits_for (step), fabs (v) < step / 2 ? 0.0 : v);
    cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.7);
    draw_text (widget, cr, text, panel->x - 6, y, 1);
  }
  /* In single images while there are few, in thousands later. */
  double unit = panel->kimg < 3 ? 1 : 1000, shown = panel->kimg * 1000 / unit;
  double x_step = nice_step (shown, 3);
  for (double k = 0; k <= shown * 1.0001; k += x_step) {
    g_autofree char *text = g_strdup_printf ("%.*f", digits_for (x_step), k);
    draw_text (widget, cr, text, panel->x + k / shown * panel->w,
               panel->y + panel->h + 11 * panel->scale, 0.5);
  }
  draw_text (widget, cr, unit > 1 ? _ ("thousand images seen") : _ ("images seen"),
             panel->x + panel->w / 2, panel->y + panel->h + 27 * panel->scale, 0.5);
}

static void
draw_line (TesseraLossPlot *self, cairo_t *cr, int line, const Panel *panel)
{
  gboolean pen = FALSE;
  for (guint i = 0; i < self->points->len; i++) {
    const Point *p = &g_array_index (self->points, Point, i);
    if (!isfinite (p->value[line])) {
      pen = FALSE;
      continue;
    }
    double x = panel->x + p->kimg / panel->kimg * panel->w, y = panel_y (panel, p->value[line]);
    if (pen)
      cairo_line_to (cr, x, y);
    else
      cairo_move_to (cr, x, y);
    pen = TRUE;
  }
  cairo_set_source_rgb (cr, lines[self->quality][line].r, lines[self->quality][line].g,
                        lines[self->quality][line].b);
  cairo_set_line_width (cr, 1.6);
  cairo_stroke (cr);
  for (guint i = 0; self->quality && i < self->points->len; i++) { /* few, minutes apart */
    const Point *p = &g_array_index (self->points, Point, i);
    double x = panel->x + p->kimg / panel->kimg * panel->w;
    if (isfinite (p->value[line]))
      cairo_arc (cr, x, panel_y (panel, p->value[line]), 2.5, 0, 2 * G_PI);
    cairo_fill (cr);
  }
}

/* The name over the whole slot, from its left, and the last value at its right end. */
static void
draw_title (TesseraLossPlot *self, cairo_t *cr, const GdkRGBA *ink, int line, const Panel *panel)
{
  double last = g_array_index (self->points, Point, self->points->len - 1).value[line];
  double right = panel->x + panel->w, left = panel->x - (LEFT - RIGHT) * panel->scale,
         middle = panel->y - (TOP - 10) * panel->scale;
  cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.9);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  int width = 0, height;
  if (isfinite (last)) {
    g_autofree char *text =
        self->quality ? g_strdup_printf ("%.3g", last) : tessera_ui_decimal (last);
    pango_layout_set_text (layout, text, -1);
    pango_layout_get_pixel_size (layout, &width, &height);
    cairo_move_to (cr, right - width, middle - height / 2.0);
    pango_cairo_show_layout (cr, layout);
  }
  pango_layout_set_text (layout, _ (lines[self->quality][line].name), -1);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, (int)(MAX (0, right - width - 6 - left) * PANGO_SCALE));
  pango_layout_get_pixel_size (layout, NULL, &height);
  cairo_move_to (cr, left, middle - height / 2.0);
  pango_cairo_show_layout (cr, layout);
}

static void
tessera_loss_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TesseraLossPlot *self = TESSERA_LOSS_PLOT (widget);
  float width = (float)gtk_widget_get_width (widget),
        height = (float)gtk_widget_get_height (widget);
  double scale = tessera_ui_text_scale (), slot = width / n_columns (scale),
         tall = height / (N_LINES / n_columns (scale));
  double w = slot - (LEFT + RIGHT) * scale, h = tall - (TOP + BOTTOM) * scale;
  if (w < 20 || h < 20 || self->points->len == 0)
    return;
  GdkRGBA ink;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  double last = g_array_index (self->points, Point, self->points->len - 1).kimg;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (int l = 0; l < N_LINES; l++) {
    Panel panel = {.x = l % n_columns (scale) * slot + LEFT * scale,
                   .y = l / n_columns (scale) * tall + TOP * scale,
                   .w = w,
                   .h = h,
                   .scale = scale};
    /* Room to grow into, but never a long empty stretch. */
    panel.kimg = MAX (MAX (last, MIN (self->kimg_total, last * 1.25)), 1e-3);
    tessera_loss_plot_get_range (self, l, &panel.low, &panel.high);
    draw_axes (self, cr, &ink, &panel);
    draw_line (self, cr, l, &panel);
    draw_title (self, cr, &ink, l, &panel);
  }
  cairo_destroy (cr);
}

static void
tessera_loss_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                           int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  /* Two rows of them, pictures and their words fit a screen 720 high. */
  double scale = tessera_ui_text_scale ();
  int columns = n_columns (scale);
  double times = scale * (orientation == GTK_ORIENTATION_HORIZONTAL ? columns : N_LINES / columns);
  *minimum = (int)(times * (orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 104));
  *natural = (int)(times * (orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 180));
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
  guint n = self->points->len, kept = 0;
  g_autofree double *places = g_new (double, n);
  g_autofree bool *keep = g_new (bool, n);
  for (guint i = 0; i < n; i++)
    places[i] = g_array_index (self->points, Point, i).kimg;
  tsr_series_thin (places, n, MAX_POINTS, keep);
  for (guint i = 0; i < n; i++)
    if (keep[i])
      g_array_index (self->points, Point, kept++) = g_array_index (self->points, Point, i);
  g_array_set_size (self->points, kept);
}

static void
add (TesseraLossPlot *self, const Point *point)
{
  if (self->points->len > 0 &&
      g_array_index (self->points, Point, self->points->len - 1).kimg >= point->kimg)
    return;
  if (self->points->len >= MAX_POINTS)
    thin_out (self);
  g_array_append_vals (self->points, point, 1);
}

/* Says and draws what is there now. */
static void
refresh (TesseraLossPlot *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->points->len == 0)
    return;
  const double *last = g_array_index (self->points, Point, self->points->len - 1).value;
  g_autofree char *says =
      self->quality
          ? g_strdup_printf (_ ("Generated tiles: Fréchet distance %.3g, kernel distance %.2g, "
                                "precision %.2f, recall %.2f"),
                             last[0], last[1], last[2], last[3])
          : g_strdup_printf (
                _ ("Losses: generator %.2f, discriminator %.2f, encoder %.2f and %.2f"), last[0],
                last[1], last[2], last[3]);
  tessera_ui_set_name (self, says);
}

void
tessera_loss_plot_cut (TesseraLossPlot *self, double kimg)
{
  g_return_if_fail (TESSERA_IS_LOSS_PLOT (self));
  guint n = self->points->len;
  while (n > 0 && g_array_index (self->points, Point, n - 1).kimg > kimg)
    n--;
  g_array_set_size (self->points, n);
  refresh (self);
}

void
tessera_loss_plot_set (TesseraLossPlot *self, const GArray *losses, double kimg_total)
{
  g_return_if_fail (TESSERA_IS_LOSS_PLOT (self));
  tessera_loss_plot_clear (self);
  for (guint i = 0; losses != NULL && i < losses->len; i++)
    add (self, &g_array_index (losses, Point, i));
  self->kimg_total = kimg_total;
  refresh (self);
}

/* Snapshots repeat the newest measurement. */
static gboolean
is_last (TesseraLossPlot *self, const Point *point)
{
  guint n = self->points->len;
  return n > 0 && memcmp (g_array_index (self->points, Point, n - 1).value, point->value,
                          sizeof point->value) == 0;
}

void
tessera_loss_plot_add (TesseraLossPlot *self, const TsrTrainSnapshot *s)
{
  g_return_if_fail (TESSERA_IS_LOSS_PLOT (self));
  Point losses = {s->kimg, {s->loss_g, s->loss_d, s->loss_nll, s->loss_mse}},
        quality = {s->kimg,
                   {s->quality.frechet, s->quality.kid, s->quality.precision, s->quality.recall}};
  if (!self->quality)
    add (self, &losses);
  else if (s->features != NULL && isfinite (s->quality.frechet) && !is_last (self, &quality))
    add (self, &quality);
  self->kimg_total = s->kimg_total;
  refresh (self);
}

static void
tessera_loss_plot_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  TESSERA_LOSS_PLOT (object)->quality = g_value_get_boolean (value);
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
  G_OBJECT_CLASS (klass)->set_property = tessera_loss_plot_set_property;
  g_object_class_install_property (
      G_OBJECT_CLASS (klass), PROP_QUALITY,
      g_param_spec_boolean ("quality", NULL, NULL, FALSE,
                            G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
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
