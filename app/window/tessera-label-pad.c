#include "tessera-label-pad.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

/* What mark and key leave a name of the panel's width in two columns and in one, in pixels. */
#define NARROW_NAME 87
#define WIDE_NAME   245

struct _TesseraLabelPad {
  GtkBox parent_instance;

  GtkWidget *classes; /* GtkGrid */
  GtkWidget *no_classes;
  GtkWidget *scroller;

  TesseraSession *session;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraLabelPad, tessera_label_pad, GTK_TYPE_BOX)

static void
class_clicked_cb (GtkButton *button, TesseraLabelPad *self)
{
  tessera_session_label (self->session,
                         GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "class")));
}

/* Lines a name of whole words takes in so many pixels; many where a word is wider. */
static int
count_lines (TesseraLabelPad *self, const char *name, int most)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), name);
  int width;
  pango_layout_set_width (layout, most * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width <= most ? pango_layout_get_line_count (layout) : G_MAXINT;
}

static GtkWidget *
make_button (TesseraLabelPad *self, const TsrClass *class_, int room)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  GtkWidget *swatch = tessera_swatch_new ();
  tessera_swatch_set (TESSERA_SWATCH (swatch), class_, TRUE);
  GtkWidget *name = gtk_label_new (class_->name);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  /* Only where it must: what could wrap is given the height of two lines. */
  gtk_label_set_wrap (GTK_LABEL (name), count_lines (self, class_->name, room) > 1);
  gtk_label_set_wrap_mode (GTK_LABEL (name), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (name), 2);
  gtk_label_set_width_chars (GTK_LABEL (name), 3);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), name);
  g_autofree char *key = tessera_ui_key_text (class_);
  if (*key != '\0') {
    GtkWidget *cap = gtk_label_new (key);
    gtk_widget_add_css_class (cap, "keycap");
    gtk_widget_set_valign (cap, GTK_ALIGN_CENTER);
    gtk_box_append (GTK_BOX (box), cap);
  }

  GtkWidget *button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_widget_set_hexpand (button, TRUE);
  g_object_set_data (G_OBJECT (button), "class", GINT_TO_POINTER (class_->id));
  g_autofree char *tip = g_strdup_printf (_ ("Label as %s"), class_->name);
  tessera_ui_set_tip (button, tip, *key != '\0' ? key : NULL);
  g_signal_connect (button, "clicked", G_CALLBACK (class_clicked_cb), self);
  return button;
}

static void
mark_current (TesseraLabelPad *self)
{
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  int32_t label = n == 1 ? tessera_session_get_label (self->session, tiles[0]) : TSR_LABEL_NONE;
  for (GtkWidget *child = gtk_widget_get_first_child (self->classes); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int32_t id = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (child), "class"));
    if (id == label)
      gtk_widget_add_css_class (child, "current-label");
    else
      gtk_widget_remove_css_class (child, "current-label");
  }
  gtk_widget_set_sensitive (GTK_WIDGET (self), n > 0);
}

/* Two columns where that hides no name, one below the other where one needs the whole width. */
static int
count_columns (TesseraLabelPad *self, const GPtrArray *classes)
{
  if (classes->len <= 3)
    return 1;
  for (guint i = 0; i < classes->len; i++)
    if (count_lines (self, ((const TsrClass *)classes->pdata[i])->name, NARROW_NAME) > 2)
      return 1;
  return 2;
}

static void
rebuild (TesseraLabelPad *self)
{
  tessera_ui_clear (self->classes);
  GPtrArray *classes = tessera_session_get_classes (self->session);
  int columns = count_columns (self, classes);
  gboolean many = columns == 1 && classes->len > 3;
  gtk_grid_set_row_spacing (GTK_GRID (self->classes), many ? 3 : 4);
  if (many)
    gtk_widget_add_css_class (self->classes, "dense");
  else
    gtk_widget_remove_css_class (self->classes, "dense");
  for (guint i = 0; i < classes->len; i++)
    gtk_grid_attach (
        GTK_GRID (self->classes),
        make_button (self, g_ptr_array_index (classes, i), columns > 1 ? NARROW_NAME : WIDE_NAME),
        (int)i % columns, (int)i / columns, 1, 1);
  gtk_widget_set_visible (self->no_classes, classes->len == 0);
  mark_current (self);
}

static void
unsure_cb (TesseraLabelPad *self)
{
  tessera_session_label (self->session, TSR_LABEL_UNSURE);
}

static void
skip_cb (TesseraLabelPad *self)
{
  tessera_session_skip (self->session);
}

static void
exclude_cb (TesseraLabelPad *self)
{
  tessera_session_exclude (self->session, TRUE);
}

static void
clear_cb (TesseraLabelPad *self)
{
  tessera_session_label (self->session, TSR_LABEL_NONE);
}

void
tessera_label_pad_set_session (TesseraLabelPad *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_LABEL_PAD (self));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  if (session != NULL)
    rebuild (self);
}

static void
tessera_label_pad_dispose (GObject *object)
{
  TesseraLabelPad *self = TESSERA_LABEL_PAD (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_label_pad_parent_class)->dispose (object);
}

static void
tessera_label_pad_class_init (TesseraLabelPadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_label_pad_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-label-pad.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, classes);
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, no_classes);
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, scroller);
  gtk_widget_class_bind_template_callback (widget_class, unsure_cb);
  gtk_widget_class_bind_template_callback (widget_class, skip_cb);
  gtk_widget_class_bind_template_callback (widget_class, exclude_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
}

static void
tessera_label_pad_init (TesseraLabelPad *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (rebuild), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (mark_current), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (mark_current),
                                  self);
}
