#include "tessera-start-page.h"

#include "tessera-app-state.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraStartPage {
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkWidget *recent_box;
  GtkListBox *recent;
};

G_DEFINE_FINAL_TYPE (TesseraStartPage, tessera_start_page, GTK_TYPE_WIDGET)

enum { SIGNAL_OPEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
row_cb (TesseraStartPage *self, GtkListBoxRow *row)
{
  const char *path = g_object_get_data (G_OBJECT (row), "path");
  g_signal_emit (self, signals[SIGNAL_OPEN], 0, path);
}

static void
forget_cb (GtkButton *button, TesseraStartPage *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW);
  tessera_app_state_remove_recent (g_object_get_data (G_OBJECT (row), "path"));
  tessera_start_page_refresh (self);
}

static GtkWidget *
make_row (TesseraStartPage *self, const char *path)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *base = g_filename_display_basename (path);
  if (g_str_has_suffix (base, ".tessera"))
    base[strlen (base) - strlen (".tessera")] = '\0';
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *shown = g_filename_display_name (folder);
  g_autofree char *title = g_markup_escape_text (base, -1);
  g_autofree char *subtitle = g_markup_escape_text (shown, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "path", g_strdup (path), g_free);

  GtkWidget *forget = gtk_button_new_from_icon_name ("list-remove-symbolic");
  gtk_widget_set_valign (forget, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (forget, "flat");
  g_autofree char *tip = g_strdup_printf (_ ("Take %s off this list; the file stays"), base);
  tessera_ui_set_tip (forget, tip, NULL);
  g_signal_connect (forget, "clicked", G_CALLBACK (forget_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), forget);
  return row;
}

void
tessera_start_page_refresh (TesseraStartPage *self)
{
  g_return_if_fail (TESSERA_IS_START_PAGE (self));
  GtkListBoxRow *row;
  while ((row = gtk_list_box_get_row_at_index (self->recent, 0)) != NULL)
    gtk_list_box_remove (self->recent, GTK_WIDGET (row));
  g_auto (GStrv) paths = tessera_app_state_get_recent ();
  for (char **path = paths; *path != NULL; path++)
    gtk_list_box_append (self->recent, make_row (self, *path));
  gtk_widget_set_visible (self->recent_box, paths[0] != NULL);
}

static void
tessera_start_page_dispose (GObject *object)
{
  TesseraStartPage *self = TESSERA_START_PAGE (object);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_start_page_parent_class)->dispose (object);
}

static void
tessera_start_page_class_init (TesseraStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_start_page_dispose;
  GType type = G_TYPE_FROM_CLASS (klass);
  signals[SIGNAL_OPEN] = g_signal_new ("open-path", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraStartPage, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraStartPage, recent_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraStartPage, recent);
  gtk_widget_class_bind_template_callback (widget_class, row_cb);
}

static void
tessera_start_page_init (TesseraStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
