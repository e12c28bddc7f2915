#include "tessera-reader-button.h"

#include "tessera-desk.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

#define MAX_NAME 80 /* characters */

struct _TesseraReaderButton {
  GtkWidget parent_instance;

  GtkWidget *button; /* a GtkMenuButton */
  GtkLabel *label;
  GtkEditable *entry;
  TesseraSession *session;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraReaderButton, tessera_reader_button, GTK_TYPE_WIDGET)

static void
refresh (TesseraReaderButton *self)
{
  g_autofree char *name = tessera_ui_shorten (tessera_session_get_reader (self->session), 40);
  g_autofree char *text = g_strdup_printf (_ ("Labelling as %s"), name);
  gtk_label_set_text (self->label, text);
  tessera_ui_set_name (self->button, text);
}

/* All of it, so that typing replaces it: after the popover has given the field the focus. */
static gboolean
select_cb (gpointer button)
{
  TesseraReaderButton *self = button;
  if (self->button != NULL)
    gtk_editable_select_region (self->entry, 0, -1);
  return G_SOURCE_REMOVE;
}

static void
shown_cb (TesseraReaderButton *self)
{
  if (self->session == NULL)
    return;
  gtk_editable_set_text (self->entry, tessera_session_get_setting (self->session, "annotator", ""));
  g_object_set (self->entry, "placeholder-text", tessera_desk_default_annotator (), NULL);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, select_cb, g_object_ref (self), g_object_unref);
}

/* However the field is left, what it says counts. */
static void
closed_cb (TesseraReaderButton *self)
{
  if (self->session == NULL || !tessera_session_is_open (self->session))
    return;
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->entry)));
  tessera_session_set_setting (self->session, "annotator", *name != '\0' ? name : NULL);
}

static void
activate_cb (TesseraReaderButton *self)
{
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
}

void
tessera_reader_button_set_session (TesseraReaderButton *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_READER_BUTTON (self));
  if (session == NULL)
    gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  if (session != NULL)
    refresh (self);
}

static void
tessera_reader_button_dispose (GObject *object)
{
  TesseraReaderButton *self = TESSERA_READER_BUTTON (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_reader_button_parent_class)->dispose (object);
}

static GtkSizeRequestMode
tessera_reader_button_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* A menu button (GTK 4.8) does not know that its label takes two lines where the text is large:
 * what is in it is asked. */
static void
tessera_reader_button_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                               int *minimum, int *natural, int *minimum_baseline,
                               int *natural_baseline)
{
  GtkWidget *inside = gtk_widget_get_first_child (TESSERA_READER_BUTTON (widget)->button);
  *minimum_baseline = *natural_baseline = -1;
  gtk_widget_measure (inside, orientation, for_size, minimum, natural, NULL, NULL);
}

static void
tessera_reader_button_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *button = TESSERA_READER_BUTTON (widget)->button;
  gtk_widget_size_allocate (button, &(GtkAllocation){0, 0, width, height}, -1);
}

static void
tessera_reader_button_class_init (TesseraReaderButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_reader_button_dispose;
  widget_class->get_request_mode = tessera_reader_button_get_request_mode;
  widget_class->measure = tessera_reader_button_measure;
  widget_class->size_allocate = tessera_reader_button_size_allocate;
}

static GtkWidget *
make_popover (TesseraReaderButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6),
            *heading = gtk_label_new (_ ("Who labels")), *entry = gtk_entry_new (),
            *hint = gtk_label_new (_ ("Stands beside every label from now on. Empty: the name of "
                                      "this computer's user."));
  self->entry = GTK_EDITABLE (entry);
  gtk_entry_set_max_length (GTK_ENTRY (entry), MAX_NAME);
  tessera_ui_set_name (entry, _ ("Name of who labels"));
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (activate_cb), self);
  gtk_widget_add_css_class (heading, "heading");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_label_set_xalign (GTK_LABEL (hint), 0);
  gtk_label_set_wrap (GTK_LABEL (hint), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (hint), 30);
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_widget_add_css_class (hint, "caption");
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), hint);
  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (shown_cb), self);
  g_signal_connect_swapped (popover, "closed", G_CALLBACK (closed_cb), self);
  return popover;
}

static void
tessera_reader_button_init (TesseraReaderButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("avatar-default-symbolic"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  self->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), box);
  gtk_widget_set_halign (gtk_widget_get_parent (box), GTK_ALIGN_FILL); /* not as narrow as can be */
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->button), GTK_ARROW_UP);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), make_popover (self));
  gtk_widget_set_focus_on_click (self->button, FALSE);
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_tooltip_text (self->button, _ ("Whose name stands beside every label"));
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (refresh), self);
}
