#include "tessera-map-alarm.h"

#include "tessera-cluster-row.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Until the window has drawn the map; maps that follow each other, as new tiles join, count once.
 */
#define WAIT 1500 /* ms */

#define MOST 3 /* clusters listed here, the largest; the page of the project's health has all */

struct _TesseraMapAlarm {
  GtkBox parent_instance;

  GtkMenuButton *button;
  GtkListBox *list;
  GtkLabel *more;
  TesseraSession *session;
  GSignalGroup *signals;
  GCancellable *looking;
  guint wait; /* source */
};

G_DEFINE_FINAL_TYPE (TesseraMapAlarm, tessera_map_alarm, GTK_TYPE_BOX)

/* ---- looking ---- */

static void
give_up (TesseraMapAlarm *self)
{
  g_clear_handle_id (&self->wait, g_source_remove);
  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
}

static void
look_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  GPtrArray *clusters = project != NULL ? tsr_health_clusters (project, &progress, &error) : NULL;
  if (clusters != NULL)
    g_task_return_pointer (task, clusters, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
show (TesseraMapAlarm *self, const GPtrArray *clusters)
{
  GtkWidget *row;
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint c = 0; c < MIN (clusters->len, MOST); c++)
    gtk_list_box_append (self->list, tessera_cluster_row_new (self->session, clusters->pdata[c]));
  guint left = clusters->len - MIN (clusters->len, MOST);
  g_autofree char *text =
      g_strdup_printf (ngettext ("and %u more cluster", "and %u more clusters", left), left);
  gtk_label_set_text (self->more, text);
  gtk_widget_set_visible (GTK_WIDGET (self->more), left > 0);
  gtk_widget_set_visible (GTK_WIDGET (self), clusters->len > 0);
}

/* What cannot be read is said where it is needed, not by an alarm. */
static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) clusters = g_task_propagate_pointer (G_TASK (result), &error);
  TesseraMapAlarm *self = TESSERA_MAP_ALARM (source);
  if (g_task_get_cancellable (G_TASK (result)) != self->looking)
    return;
  g_clear_object (&self->looking);
  if (clusters != NULL && self->session != NULL)
    show (self, clusters);
}

static gboolean
look_cb (gpointer alarm)
{
  TesseraMapAlarm *self = alarm;
  self->wait = 0;
  self->looking = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, self->looking, looked_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_strdup (tessera_session_get_path (self->session)), g_free);
  g_task_run_in_thread (task, look_thread);
  return G_SOURCE_REMOVE;
}

static void
map_changed_cb (TesseraMapAlarm *self)
{
  give_up (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (self->session != NULL && tessera_session_get_map (self->session) != NULL &&
      tessera_session_get_n_tiles (self->session) <= TESSERA_MAP_ALARM_TILES)
    self->wait = g_timeout_add (WAIT, look_cb, self);
}

void
tessera_map_alarm_set_session (TesseraMapAlarm *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_MAP_ALARM (self));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  map_changed_cb (self);
}

/* ---- the widget ---- */

static GtkWidget *
make_text (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  g_object_set (label, "xalign", 0.0f, "wrap", TRUE, "max-width-chars", 44, NULL);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
make_popover (TesseraMapAlarm *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *popover = gtk_popover_new (),
            *list = gtk_list_box_new (), *more = make_text (NULL, "caption"),
            *page = gtk_button_new_with_label (_ ("How good is it?"));
  self->list = GTK_LIST_BOX (list);
  self->more = GTK_LABEL (more);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  tessera_ui_set_name (list, _ ("Clusters of one origin"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (page), "win.health");
  g_signal_connect_swapped (page, "clicked", G_CALLBACK (gtk_popover_popdown), popover);
  gtk_box_append (GTK_BOX (box), make_text (_ ("Batch effect?"), "heading"));
  gtk_box_append (
      GTK_BOX (box),
      make_text (_ ("These clusters are nearly all of one origin: the model may tell "
                    "slides, scanners or stains apart there, not tissue. Label tiles of "
                    "each origin, or normalise the stain and train again."),
                 "caption"));
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), more);
  gtk_box_append (GTK_BOX (box), page);
  g_object_set (box, "margin-start", 6, "margin-end", 6, "margin-top", 4, "margin-bottom", 4, NULL);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

static void
tessera_map_alarm_dispose (GObject *object)
{
  TesseraMapAlarm *self = TESSERA_MAP_ALARM (object);
  give_up (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_map_alarm_parent_class)->dispose (object);
}

static void
tessera_map_alarm_class_init (TesseraMapAlarmClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_map_alarm_dispose;
}

static void
tessera_map_alarm_init (TesseraMapAlarm *self)
{
  GtkWidget *inside = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *label = gtk_label_new (_ ("Batch effect?")), *button = gtk_menu_button_new ();
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (inside), gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_box_append (GTK_BOX (inside), label);
  self->button = GTK_MENU_BUTTON (button);
  gtk_menu_button_set_child (self->button, inside);
  gtk_menu_button_set_direction (self->button, GTK_ARROW_UP);
  gtk_menu_button_set_popover (self->button, make_popover (self));
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_widget_set_tooltip_text (
      button, _ ("Clusters of tiles that are nearly all one slide, scanner or stain"));
  tessera_ui_set_name (button, _ ("Batch effect?"));
  gtk_box_append (GTK_BOX (self), button);
  gtk_widget_add_css_class (GTK_WIDGET (self), "linked");
  gtk_widget_add_css_class (GTK_WIDGET (self), "on-map");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (map_changed_cb), self);
}
