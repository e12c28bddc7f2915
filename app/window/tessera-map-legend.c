#include "tessera-map-legend.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"

#include <pango/pango.h>

struct _TesseraMapLegend {
  GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE (TesseraMapLegend, tessera_map_legend, GTK_TYPE_BOX)

static GtkWidget *
caption (const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

static void
add_ramp (TesseraMapLegend *self, const char *low, const char *high)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *ramp = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_size_request (ramp, 72, -1);
  gtk_widget_set_valign (ramp, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (ramp, "ramp");
  gtk_box_append (GTK_BOX (box), caption (low));
  gtk_box_append (GTK_BOX (box), ramp);
  gtk_box_append (GTK_BOX (box), caption (high));
  gtk_box_append (GTK_BOX (self), box);
}

static void
add_entry (TesseraMapLegend *self, const TesseraLegendEntry *entry, const GArray *palette)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *swatch = tessera_swatch_new ();
  TsrClass look = {0};
  gboolean known = entry->class_index < (int32_t)palette->len;
  if (known) {
    const TesseraMapClass *class_ = &g_array_index (palette, TesseraMapClass, entry->class_index);
    look.rgb = class_->rgb;
    look.shape = class_->shape;
  }
  tessera_swatch_set (TESSERA_SWATCH (swatch), known ? &look : NULL, TRUE);
  g_autofree char *count = tessera_ui_count (entry->count);
  GtkWidget *text = caption (entry->text), *number = caption (count);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), number);
  gtk_box_append (GTK_BOX (self), box);
}

void
tessera_map_legend_show (TesseraMapLegend *self, TesseraSession *session,
                         const TesseraColoring *coloring, const TesseraMapPoint *points)
{
  g_return_if_fail (TESSERA_IS_MAP_LEGEND (self));
  g_autofree char *low = NULL, *high = NULL;
  gboolean ramp = tessera_coloring_ramp (coloring, session, &low, &high);
  g_autoptr (GArray) legend = tessera_coloring_legend (coloring, session, points);
  g_autoptr (GArray) palette = tessera_coloring_palette (coloring, session);
  tessera_ui_clear (GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), ramp || legend->len > 0);
  if (ramp)
    add_ramp (self, low, high);
  for (guint i = 0; i < legend->len; i++)
    add_entry (self, &g_array_index (legend, TesseraLegendEntry, i), palette);
}

static void
tessera_map_legend_class_init (TesseraMapLegendClass *klass)
{
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "legend");
}

static void
tessera_map_legend_init (TesseraMapLegend *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 2);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self), "on-map");
  gtk_widget_add_css_class (GTK_WIDGET (self), "map-legend");
}
