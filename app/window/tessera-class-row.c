#include "tessera-class-row.h"

#include "tessera-class-editor.h"
#include "tessera-swatch.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

#define NAME_CHARS 11 /* of large text */

struct _TesseraClassRow {
  GtkListBoxRow parent_instance;

  GtkToggleButton *shown;
  TesseraSwatch *swatch;
  GtkLabel *key;
  GtkLabel *name;
  GtkLabel *counts;
  GtkMenuButton *menu;

  TesseraSession *session;
  int32_t id;
};

G_DEFINE_FINAL_TYPE (TesseraClassRow, tessera_class_row, GTK_TYPE_LIST_BOX_ROW)

enum { SIGNAL_VISIBILITY, SIGNAL_ISOLATE, N_SIGNALS };
static guint signals[N_SIGNALS];

int32_t
tessera_class_row_get_id (TesseraClassRow *self)
{
  g_return_val_if_fail (TESSERA_IS_CLASS_ROW (self), TSR_LABEL_NONE);
  return self->id;
}

gboolean
tessera_class_row_get_shown (TesseraClassRow *self)
{
  g_return_val_if_fail (TESSERA_IS_CLASS_ROW (self), TRUE);
  return gtk_toggle_button_get_active (self->shown);
}

void
tessera_class_row_set_shown (TesseraClassRow *self, gboolean shown)
{
  g_return_if_fail (TESSERA_IS_CLASS_ROW (self));
  gtk_toggle_button_set_active (self->shown, shown);
}

/* The button's tip would lie over the open editor. */
static void
editor_shown_cb (TesseraClassRow *self, GParamSpec *property, GtkWidget *editor)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self->menu), !gtk_widget_get_visible (editor));
}

void
tessera_class_row_refresh (TesseraClassRow *self)
{
  g_return_if_fail (TESSERA_IS_CLASS_ROW (self));
  const TsrClass *class_ = tessera_session_get_class (self->session, self->id);
  if (class_ == NULL)
    return;
  TesseraClassCount count = tessera_session_count_class (self->session, self->id);
  g_autofree char *labelled = tessera_ui_count (count.labelled);
  g_autofree char *predicted = tessera_ui_count (count.predicted);
  g_autofree char *counts = g_strdup_printf ("%s | %s", labelled, predicted);
  g_autofree char *key = tessera_ui_key_text (class_);
  tessera_swatch_set (self->swatch, class_, TRUE);
  gtk_label_set_text (self->key, key);
  gtk_label_set_text (self->name, class_->name);
  gtk_label_set_text (self->counts, counts);

  g_autofree char *says =
      g_strdup_printf (_ ("%s: %s labelled, %s predicted"), class_->name, labelled, predicted);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), says);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->counts), says);
  tessera_ui_set_name (self, says);
  g_autofree char *hide = g_strdup_printf (_ ("Show or hide %s on the map (%s). Double click or "
                                              "Ctrl+Enter: show it alone, or all again."),
                                           class_->name, tessera_ui_shape_name (class_->shape));
  tessera_ui_set_tip (self->shown, hide, NULL);
  g_autofree char *edit = g_strdup_printf (_ ("Change class %s"), class_->name);
  tessera_ui_set_tip (self->menu, edit, NULL);
  GtkPopover *editor = gtk_menu_button_get_popover (self->menu);
  if (editor != NULL)
    editor_shown_cb (self, NULL, GTK_WIDGET (editor));
}

static void
shown_cb (TesseraClassRow *self)
{
  if (gtk_toggle_button_get_active (self->shown))
    gtk_widget_remove_css_class (GTK_WIDGET (self), "hidden-class");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), "hidden-class");
  g_signal_emit (self, signals[SIGNAL_VISIBILITY], 0);
}

static void
isolate_cb (TesseraClassRow *self)
{
  g_signal_emit (self, signals[SIGNAL_ISOLATE], 0);
}

/* The popover is made when first wanted: a row must be cheap to make. */
static void
create_popover (GtkMenuButton *button, gpointer user)
{
  TesseraClassRow *self = user;
  if (gtk_menu_button_get_popover (button) != NULL)
    return;
  GtkWidget *editor = tessera_class_editor_new (self->session, self->id);
  g_signal_connect_object (editor, "notify::visible", G_CALLBACK (editor_shown_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_menu_button_set_popover (button, editor);
}

void
tessera_class_row_close (TesseraClassRow *self)
{
  g_return_if_fail (TESSERA_IS_CLASS_ROW (self));
  if (gtk_menu_button_get_popover (self->menu) != NULL)
    gtk_menu_button_popdown (self->menu);
}

void
tessera_class_row_edit (TesseraClassRow *self)
{
  g_return_if_fail (TESSERA_IS_CLASS_ROW (self));
  gtk_menu_button_popup (self->menu);
}

static void
secondary_click_cb (TesseraClassRow *self)
{
  tessera_class_row_edit (self);
}

static void
tessera_class_row_dispose (GObject *object)
{
  TesseraClassRow *self = TESSERA_CLASS_ROW (object);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_class_row_parent_class)->dispose (object);
}

static void
tessera_class_row_class_init (TesseraClassRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_class_row_dispose;
  signals[SIGNAL_VISIBILITY] =
      g_signal_new ("visibility-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ISOLATE] = g_signal_new ("isolate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-class-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraClassRow, shown);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassRow, swatch);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassRow, key);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassRow, name);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassRow, counts);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassRow, menu);
  gtk_widget_class_bind_template_callback (widget_class, shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, isolate_cb);
  gtk_widget_class_bind_template_callback (widget_class, secondary_click_cb);
}

static void
tessera_class_row_init (TesseraClassRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  if (tessera_ui_text_is_large ()) /* then the counts take a line of their own */
    gtk_label_set_width_chars (self->name, NAME_CHARS);
  gtk_menu_button_set_create_popup_func (self->menu, create_popover, self, NULL);
}

GtkWidget *
tessera_class_row_new (TesseraSession *session, int32_t id)
{
  TesseraClassRow *self = g_object_new (TESSERA_TYPE_CLASS_ROW, NULL);
  self->session = g_object_ref (session);
  self->id = id;
  tessera_class_row_refresh (self);
  return GTK_WIDGET (self);
}
