#include "tessera-swatch.h"

#include "tsr-marker.h"

#include <adwaita.h>

struct _TesseraSwatch {
  GtkWidget parent_instance;
  uint32_t rgb;
  int32_t shape;
  gboolean known, filled, unsure;
};

G_DEFINE_FINAL_TYPE (TesseraSwatch, tessera_swatch, GTK_TYPE_WIDGET)

void
tessera_swatch_draw (cairo_t *cr, double width, double height, const TsrClass *class_,
                     gboolean filled)
{
  double radius = MIN (width, height) / 2.7;
  cairo_save (cr);
  cairo_translate (cr, width / 2, height / 2);
  cairo_scale (cr, radius, radius);
  size_t n = 0;
  const TsrMarkerVertex *polygon =
      class_ != NULL ? tsr_marker_polygon ((TsrMarkerShape)class_->shape, &n) : NULL;
  if (n == 0)
    cairo_arc (cr, 0, 0, class_ != NULL ? 1 : 0.6, 0, 2 * G_PI);
  for (size_t i = 0; i < n; i++)
    cairo_line_to (cr, polygon[i].x, polygon[i].y);
  cairo_close_path (cr);
  uint32_t tone = tsr_marker_tone (class_ != NULL ? class_->rgb : 0,
                                   adw_style_manager_get_dark (adw_style_manager_get_default ()));
  if (class_ != NULL)
    cairo_set_source_rgb (cr, (tone >> 16 & 255) / 255., (tone >> 8 & 255) / 255.,
                          (tone & 255) / 255.);
  else
    cairo_set_source_rgba (cr, 0.5, 0.5, 0.5, 0.7);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, filled ? 0.25 : 0.4);
  if (filled || class_ == NULL)
    cairo_fill_preserve (cr);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Neither a class's colour nor one of their shapes, and readable on light and dark ground. */
void
tessera_swatch_draw_unsure (cairo_t *cr, double width, double height)
{
  cairo_text_extents_t extents;
  cairo_save (cr);
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  cairo_set_font_size (cr, MIN (width, height) * 0.95);
  cairo_text_extents (cr, "?", &extents);
  cairo_move_to (cr, width / 2 - extents.width / 2 - extents.x_bearing,
                 height / 2 - extents.height / 2 - extents.y_bearing);
  double grey = adw_style_manager_get_dark (adw_style_manager_get_default ()) ? 0.85 : 0.25;
  cairo_set_source_rgb (cr, grey, grey, grey);
  cairo_show_text (cr, "?");
  cairo_restore (cr);
}

static void
tessera_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TesseraSwatch *self = TESSERA_SWATCH (widget);
  float w = (float)gtk_widget_get_width (widget), h = (float)gtk_widget_get_height (widget);
  TsrClass class_ = {.rgb = self->rgb, .shape = self->shape};
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, w, h));
  if (self->unsure)
    tessera_swatch_draw_unsure (cr, w, h);
  else
    tessera_swatch_draw (cr, w, h, self->known ? &class_ : NULL, self->filled);
  cairo_destroy (cr);
}

static void
tessera_swatch_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 18;
  *minimum_baseline = *natural_baseline = -1;
}

static void
tessera_swatch_class_init (TesseraSwatchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  widget_class->snapshot = tessera_swatch_snapshot;
  widget_class->measure = tessera_swatch_measure;
  gtk_widget_class_set_css_name (widget_class, "swatch");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
tessera_swatch_init (TesseraSwatch *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  self->filled = TRUE;
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
tessera_swatch_new (void)
{
  return g_object_new (TESSERA_TYPE_SWATCH, NULL);
}

void
tessera_swatch_set (TesseraSwatch *self, const TsrClass *class_, gboolean filled)
{
  g_return_if_fail (TESSERA_IS_SWATCH (self));
  self->known = class_ != NULL;
  self->rgb = class_ != NULL ? class_->rgb : 0;
  self->shape = class_ != NULL ? class_->shape : 0;
  self->filled = filled;
  self->unsure = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_swatch_set_unsure (TesseraSwatch *self)
{
  g_return_if_fail (TESSERA_IS_SWATCH (self));
  tessera_swatch_set (self, NULL, FALSE);
  self->unsure = TRUE;
}

gboolean
tessera_swatch_is_unsure (TesseraSwatch *self)
{
  g_return_val_if_fail (TESSERA_IS_SWATCH (self), FALSE);
  return self->unsure;
}
