#include "tessera-stale-bar.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraStaleBar {
  GtkBox parent_instance;

  GtkWidget *read;
  TesseraSession *session;
  TesseraJobs *jobs;
  GSignalGroup *session_signals, *job_signals;
};

G_DEFINE_FINAL_TYPE (TesseraStaleBar, tessera_stale_bar, GTK_TYPE_BOX)

static void
refresh (TesseraStaleBar *self)
{
  gboolean stale = self->session != NULL && tessera_session_vectors_are_stale (self->session);
  gboolean idle = self->jobs == NULL || tessera_jobs_get_kind (self->jobs) == TESSERA_JOB_NONE;
  gtk_widget_set_visible (GTK_WIDGET (self), stale && idle);
  gtk_widget_set_visible (self->read, stale && tessera_session_has_model (self->session));
}

void
tessera_stale_bar_set (TesseraStaleBar *self, TesseraSession *session, TesseraJobs *jobs)
{
  g_return_if_fail (TESSERA_IS_STALE_BAR (self));
  g_set_object (&self->session, session);
  g_set_object (&self->jobs, jobs);
  g_signal_group_set_target (self->session_signals, session);
  g_signal_group_set_target (self->job_signals, jobs);
  refresh (self);
}

static void
tessera_stale_bar_dispose (GObject *object)
{
  TesseraStaleBar *self = TESSERA_STALE_BAR (object);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (tessera_stale_bar_parent_class)->dispose (object);
}

static void
tessera_stale_bar_class_init (TesseraStaleBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_stale_bar_dispose;
}

static GtkWidget *
add_button (TesseraStaleBar *self, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (self), button);
  return button;
}

static void
tessera_stale_bar_init (TesseraStaleBar *self)
{
  gtk_box_set_spacing (GTK_BOX (self), 8);
  gtk_widget_add_css_class (GTK_WIDGET (self), "notice");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  GtkWidget *text =
      gtk_label_new (_ ("Vectors and map are of tiles that were normalised in another way: train "
                        "again, or have the tiles read again."));
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (self), text);
  self->read = add_button (self, _ ("Read the tiles again"), "win.make-map");
  add_button (self, _ ("Train again"), "win.train");
  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "map-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->session_signals, "settings-changed", G_CALLBACK (refresh),
                                  self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (refresh), self);
}
