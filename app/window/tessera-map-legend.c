#include "tessera-map-legend.h"

#include "tessera-legend-toggle.h"
#include "tessera-swatch.h"
#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <glib/gi18n.h>
#include <pango/pango.h>
#include <string.h>

typedef struct {
  int32_t class_index;
  TesseraLegendToggle *toggle; /* NULL: of no category of its own, cannot be switched off */
  TesseraSwatch *swatch;
  GtkLabel *text, *number;
} Line;

struct _TesseraMapLegend {
  GtkBox parent_instance;

  char *coloring;                        /* what is explained, as an id; NULL: nothing yet */
  GArray *lines;                         /* Line */
  gboolean hidden[TESSERA_MAP_NO_CLASS]; /* by place in the palette */
  gboolean isolating;
};

G_DEFINE_FINAL_TYPE (TesseraMapLegend, tessera_map_legend, GTK_TYPE_BOX)

enum { SIGNAL_VISIBILITY, N_SIGNALS };
static guint signals[N_SIGNALS];

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
  GtkWidget *box = tessera_wrap_new (6), *ends[] = {caption (low), caption (high)};
  GtkWidget *ramp = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_size_request (ramp, 72, -1);
  gtk_widget_set_valign (ramp, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (ramp, "ramp");
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) /* words of ours, which are not cut */
    gtk_label_set_ellipsize (GTK_LABEL (ends[i]), PANGO_ELLIPSIZE_NONE);
  tessera_wrap_append (TESSERA_WRAP (box), ends[0]);
  tessera_wrap_append (TESSERA_WRAP (box), ramp);
  tessera_wrap_append (TESSERA_WRAP (box), ends[1]);
  gtk_box_append (GTK_BOX (self), box);
}

/* ---- switching categories ---- */

static void
toggled_cb (TesseraMapLegend *self, GtkToggleButton *toggle)
{
  for (guint i = 0; i < self->lines->len; i++) {
    const Line *line = &g_array_index (self->lines, Line, i);
    if (line->toggle == (gpointer)toggle)
      self->hidden[line->class_index] = !gtk_toggle_button_get_active (toggle);
  }
  if (!self->isolating)
    g_signal_emit (self, signals[SIGNAL_VISIBILITY], 0);
}

static void
isolate_cb (TesseraMapLegend *self, GtkToggleButton *only)
{
  gboolean others = FALSE;
  for (guint i = 0; i < self->lines->len; i++) {
    GtkToggleButton *toggle = (gpointer)g_array_index (self->lines, Line, i).toggle;
    others |= toggle != NULL && toggle != only && gtk_toggle_button_get_active (toggle);
  }
  self->isolating = TRUE;
  for (guint i = 0; i < self->lines->len; i++) {
    GtkToggleButton *toggle = (gpointer)g_array_index (self->lines, Line, i).toggle;
    if (toggle != NULL)
      gtk_toggle_button_set_active (toggle, toggle == only || !others);
  }
  self->isolating = FALSE;
  g_signal_emit (self, signals[SIGNAL_VISIBILITY], 0);
}

/* ---- lines ---- */

static void
add_line (TesseraMapLegend *self, int32_t class_index)
{
  Line line = {.class_index = class_index};
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *row = box;
  GtkWidget *swatch = tessera_swatch_new (), *text = caption (""), *number = caption ("");
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), number);
  if (class_index < TESSERA_MAP_NO_CLASS) {
    row = tessera_legend_toggle_new ();
    line.toggle = TESSERA_LEGEND_TOGGLE (row);
    gtk_button_set_child (GTK_BUTTON (row), box);
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row), !self->hidden[class_index]);
    g_signal_connect_swapped (row, "toggled", G_CALLBACK (toggled_cb), self);
    g_signal_connect_swapped (row, "isolate", G_CALLBACK (isolate_cb), self);
  }
  gtk_widget_add_css_class (row, "legend-line");
  gtk_box_append (GTK_BOX (self), row);
  line.swatch = TESSERA_SWATCH (swatch);
  line.text = GTK_LABEL (text), line.number = GTK_LABEL (number);
  g_array_append_val (self->lines, line);
}

static void
fill_line (const Line *line, const TesseraLegendEntry *entry, const GArray *palette)
{
  TsrClass look = {0};
  gboolean known = entry->class_index < (int32_t)palette->len;
  if (known) {
    const TesseraMapClass *class_ = &g_array_index (palette, TesseraMapClass, entry->class_index);
    look.rgb = class_->rgb;
    look.shape = class_->shape;
  }
  tessera_swatch_set (line->swatch, known ? &look : NULL, TRUE);
  g_autofree char *count = tessera_ui_count (entry->count);
  gtk_label_set_text (line->text, entry->text);
  gtk_label_set_text (line->number, count);
  gtk_widget_set_tooltip_text (GTK_WIDGET (line->number), count);
  g_autofree char *tip =
      line->toggle == NULL
          ? g_strdup (entry->text)
          : g_strdup_printf (_ ("Show or hide “%s” on the map. Double click or Ctrl+Enter: show it "
                                "alone, or all again."),
                             entry->text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (line->text), tip);
  if (line->toggle != NULL)
    tessera_ui_set_name (line->toggle, tip);
}

/* Whether the lines there are of the same categories: then they only get new texts, so that one
 * that is being clicked or has the focus stays. */
static gboolean
has_lines (const TesseraMapLegend *self, const GArray *legend)
{
  gboolean same = self->lines->len == legend->len;
  for (guint i = 0; same && i < legend->len; i++)
    same = g_array_index (self->lines, Line, i).class_index ==
           g_array_index (legend, TesseraLegendEntry, i).class_index;
  return same;
}

/* Another colouring: its categories have nothing to do with those switched off. */
static gboolean
take_coloring (TesseraMapLegend *self, const TesseraColoring *coloring)
{
  if (g_strcmp0 (self->coloring, coloring->id) == 0)
    return FALSE;
  g_free (self->coloring);
  self->coloring = g_strdup (coloring->id);
  memset (self->hidden, 0, sizeof self->hidden);
  g_array_set_size (self->lines, 0);
  return TRUE;
}

void
tessera_map_legend_mark_hidden (TesseraMapLegend *self, const TesseraColoring *coloring,
                                GArray *palette)
{
  g_return_if_fail (TESSERA_IS_MAP_LEGEND (self));
  if (g_strcmp0 (self->coloring, coloring->id) != 0)
    return;
  for (guint i = 0; i < palette->len; i++)
    g_array_index (palette, TesseraMapClass, i).hidden |= self->hidden[i];
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
  gtk_widget_set_visible (GTK_WIDGET (self), ramp || legend->len > 0);
  if (take_coloring (self, coloring) || ramp || !has_lines (self, legend)) {
    tessera_ui_clear (GTK_WIDGET (self));
    g_array_set_size (self->lines, 0);
    if (ramp)
      add_ramp (self, low, high);
    for (guint i = 0; i < legend->len; i++)
      add_line (self, g_array_index (legend, TesseraLegendEntry, i).class_index);
  }
  for (guint i = 0; i < legend->len; i++)
    fill_line (&g_array_index (self->lines, Line, i),
               &g_array_index (legend, TesseraLegendEntry, i), palette);
}

static void
tessera_map_legend_finalize (GObject *object)
{
  TesseraMapLegend *self = TESSERA_MAP_LEGEND (object);
  g_free (self->coloring);
  g_array_unref (self->lines);
  G_OBJECT_CLASS (tessera_map_legend_parent_class)->finalize (object);
}

static void
tessera_map_legend_class_init (TesseraMapLegendClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_map_legend_finalize;
  signals[SIGNAL_VISIBILITY] =
      g_signal_new ("visibility-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "legend");
}

static void
tessera_map_legend_init (TesseraMapLegend *self)
{
  self->lines = g_array_new (FALSE, FALSE, sizeof (Line));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 2);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self), "on-map");
  gtk_widget_add_css_class (GTK_WIDGET (self), "map-legend");
}
