#include "tessera-label-pad.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

/* What a class's button has beside its name, in pixels: edges, mark and gaps; and the edges of the
 * key's cap. As in style.css, for few classes and for many. */
#define BARE_BUTTON  42
#define BARE_CAP     11
#define DENSE_BUTTON 36
#define DENSE_CAP    8
#define GAP          6
/* Names side by side have room for so many characters at least. */
#define CHARACTERS 10
/* So many classes are one below the other where a name needs the whole width. */
#define ONE_COLUMN 9
/* How large the name of one of many may be to stay on one line. */
#define SMALLER 0.9
/* Height that is left for classes beside a large picture on a screen of 720 pixels. */
#define BESIDE_PICTURE 196

struct _TesseraLabelPad {
  GtkBox parent_instance;

  GtkWidget *classes; /* GtkGrid */
  GtkWidget *no_classes, *unsure, *skip;
  GtkScrolledWindow *scroller;

  TesseraSession *session;
  GSignalGroup *signals;
  int width;     /* of all columns; what the classes are laid out for */
  guint rebuild; /* source: the width has become another one */
  gboolean tall;
};

enum { PROP_TALL = 1 };

G_DEFINE_FINAL_TYPE (TesseraLabelPad, tessera_label_pad, GTK_TYPE_BOX)

static void
class_clicked_cb (GtkButton *button, TesseraLabelPad *self)
{
  tessera_session_label (self->session,
                         GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "class")));
}

/* Lines a name of whole words takes in so many pixels; many where a word is wider. */
static int
count_lines (TesseraLabelPad *self, const char *name, int most, double scale)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), name);
  int width;
  pango_layout_set_width (layout, (int)(most / scale * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width * scale <= most ? pango_layout_get_line_count (layout) : G_MAXINT;
}

/* The label of a name. What could wrap is given the height of two lines, so it wraps only where it
 * must; among many a name that misses one line by a letter is a little smaller instead. */
static GtkWidget *
make_name (TesseraLabelPad *self, const char *text, int room, gboolean dense)
{
  GtkWidget *name = gtk_label_new (text);
  gboolean wraps = count_lines (self, text, room, 1) > 1,
           smaller = wraps && dense && count_lines (self, text, room, SMALLER) == 1;
  if (smaller) {
    g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
    pango_attr_list_insert (attributes, pango_attr_scale_new (SMALLER));
    gtk_label_set_attributes (GTK_LABEL (name), attributes);
  }
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_wrap (GTK_LABEL (name), wraps && !smaller);
  gtk_label_set_wrap_mode (GTK_LABEL (name), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (name), 2);
  gtk_label_set_width_chars (GTK_LABEL (name), 3);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  return name;
}

static GtkWidget *
make_button (TesseraLabelPad *self, const TsrClass *class_, int room, gboolean dense)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, dense ? 4 : 5);
  GtkWidget *swatch = tessera_swatch_new ();
  tessera_swatch_set (TESSERA_SWATCH (swatch), class_, TRUE);
  GtkWidget *name = make_name (self, class_->name, room, dense);
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
set_class (GtkWidget *widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
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
    set_class (child, "current-label", id == label);
  }
  set_class (self->unsure, "current-label", label == TSR_LABEL_UNSURE);
  gtk_widget_set_sensitive (GTK_WIDGET (self), n > 0);
}

/* What is left for a name where so many columns are side by side. */
static int
room_for_name (TesseraLabelPad *self, int columns, gboolean dense)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "W");
  int cap;
  pango_layout_get_pixel_size (layout, &cap, NULL);
  return (self->width - (columns - 1) * GAP) / columns -
         (dense ? DENSE_BUTTON + DENSE_CAP : BARE_BUTTON + BARE_CAP) - cap;
}

/* Two columns where that hides no name; where one needs the whole width few classes are one below
 * the other. Many are in two columns, unless the text is so large that nothing could be read
 * there. */
static int
count_columns (TesseraLabelPad *self, const GPtrArray *classes)
{
  gboolean many = classes->len > ONE_COLUMN;
  int room = room_for_name (self, 2, many);
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int character = PANGO_PIXELS (pango_font_metrics_get_approximate_char_width (metrics));
  pango_font_metrics_unref (metrics);
  if (classes->len <= 3 || room < CHARACTERS * character)
    return 1;
  for (guint i = 0; i < classes->len && !many; i++)
    if (count_lines (self, ((const TsrClass *)classes->pdata[i])->name, room, 1) > 2)
      return 1;
  return 2;
}

static void
find_tall (TesseraLabelPad *self)
{
  int height;
  gtk_widget_measure (self->classes, GTK_ORIENTATION_VERTICAL, self->width, &height, NULL, NULL,
                      NULL);
  gboolean tall =
      tessera_session_get_classes (self->session)->len > ONE_COLUMN && height > BESIDE_PICTURE;
  if (self->tall == tall)
    return;
  self->tall = tall;
  g_object_notify (G_OBJECT (self), "tall");
}

static void
rebuild (TesseraLabelPad *self)
{
  tessera_ui_clear (self->classes);
  GPtrArray *classes = tessera_session_get_classes (self->session);
  int columns = count_columns (self, classes);
  gboolean dense = (columns == 1 && classes->len > 3) || classes->len > ONE_COLUMN;
  int room = room_for_name (self, columns, dense);
  gtk_grid_set_row_spacing (GTK_GRID (self->classes), dense ? 3 : 4);
  set_class (self->classes, "dense", dense);
  set_class (GTK_WIDGET (self), "many", classes->len > ONE_COLUMN);
  for (guint i = 0; i < classes->len; i++)
    gtk_grid_attach (GTK_GRID (self->classes),
                     make_button (self, g_ptr_array_index (classes, i), room, dense),
                     (int)i % columns, (int)i / columns, 1, 1);
  gtk_widget_set_visible (self->no_classes, classes->len == 0);
  mark_current (self);
  find_tall (self);
}

static gboolean
rebuild_cb (gpointer pad)
{
  TesseraLabelPad *self = pad;
  self->rebuild = 0;
  if (self->session != NULL)
    rebuild (self);
  return G_SOURCE_REMOVE;
}

/* Not now: sizes are being given out. */
static void
width_cb (TesseraLabelPad *self)
{
  GtkAdjustment *across = gtk_scrolled_window_get_hadjustment (self->scroller);
  int width = (int)gtk_adjustment_get_page_size (across);
  if (width <= 0 || width == self->width)
    return;
  self->width = width;
  if (self->rebuild == 0)
    self->rebuild = g_idle_add_full (G_PRIORITY_HIGH_IDLE, rebuild_cb, self, NULL);
}

gboolean
tessera_label_pad_is_tall (TesseraLabelPad *self)
{
  g_return_val_if_fail (TESSERA_IS_LABEL_PAD (self), FALSE);
  return self->tall;
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
tessera_label_pad_set_skips (TesseraLabelPad *self, gboolean skips)
{
  g_return_if_fail (TESSERA_IS_LABEL_PAD (self));
  gtk_widget_set_visible (self->skip, skips);
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
  g_clear_handle_id (&self->rebuild, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_label_pad_parent_class)->dispose (object);
}

static void
tessera_label_pad_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_value_set_boolean (value, TESSERA_LABEL_PAD (object)->tall);
}

static void
tessera_label_pad_class_init (TesseraLabelPadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_label_pad_dispose;
  G_OBJECT_CLASS (klass)->get_property = tessera_label_pad_get_property;
  g_object_class_install_property (
      G_OBJECT_CLASS (klass), PROP_TALL,
      g_param_spec_boolean ("tall", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-label-pad.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, classes);
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, no_classes);
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, unsure);
  gtk_widget_class_bind_template_child (widget_class, TesseraLabelPad, skip);
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
  self->width = 312;
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->scroller),
                           "notify::page-size", G_CALLBACK (width_cb), self, G_CONNECT_SWAPPED);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (rebuild), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (mark_current), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (mark_current),
                                  self);
}
