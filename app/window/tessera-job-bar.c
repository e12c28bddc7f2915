#include "tessera-job-bar.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraJobBar {
  GtkBox parent_instance;

  GtkWidget *job;
  GtkLabel *stage;
  GtkProgressBar *progress;
  GtkWidget *keep, *stop;
  GtkLabel *act;
  GtkWidget *undo, *redo;

  TesseraSession *session;
  TesseraJobs *jobs;
  GSignalGroup *session_signals, *job_signals;
  guint pulse_source;
};

G_DEFINE_FINAL_TYPE (TesseraJobBar, tessera_job_bar, GTK_TYPE_BOX)

static gboolean
pulse_cb (gpointer data)
{
  TesseraJobBar *self = data;
  gtk_progress_bar_pulse (self->progress);
  return G_SOURCE_CONTINUE;
}

static void
set_pulsing (TesseraJobBar *self, gboolean on)
{
  if (on && self->pulse_source == 0)
    self->pulse_source = g_timeout_add (120, pulse_cb, self);
  else if (!on)
    g_clear_handle_id (&self->pulse_source, g_source_remove);
}

static void
show_job (TesseraJobBar *self)
{
  TesseraJobKind kind = self->jobs != NULL ? tessera_jobs_get_kind (self->jobs) : TESSERA_JOB_NONE;
  gtk_widget_set_visible (self->job, kind != TESSERA_JOB_NONE);
  gboolean map = kind == TESSERA_JOB_MAP;
  gtk_widget_set_visible (self->keep, map && tessera_jobs_can_keep_map (self->jobs));
  tessera_ui_set_tip (self->stop,
                      map ? _ ("Stop, and leave the map as it was") : _ ("Stop this work"), NULL);
  if (kind == TESSERA_JOB_NONE) {
    set_pulsing (self, FALSE);
    return;
  }
  double fraction = tessera_jobs_get_fraction (self->jobs), eta = tessera_jobs_get_eta (self->jobs);
  gboolean paused = tessera_jobs_get_paused (self->jobs);
  set_pulsing (self, fraction < 0 && !paused);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));

  g_autofree char *clock = eta >= 0 ? tessera_ui_clock (eta) : NULL;
  g_autofree char *text = NULL;
  if (paused)
    text = g_strdup_printf (_ ("%s, paused"), tessera_jobs_get_stage (self->jobs));
  else if (clock != NULL)
    text = g_strdup_printf (_ ("%s, %s left"), tessera_jobs_get_stage (self->jobs), clock);
  else
    text = g_strdup (tessera_jobs_get_stage (self->jobs));
  gtk_label_set_text (self->stage, text);
  tessera_ui_set_name (self->progress, text);
}

static void
show_history (TesseraJobBar *self)
{
  gtk_widget_set_sensitive (self->undo, tessera_session_can_undo (self->session));
  gtk_widget_set_sensitive (self->redo, tessera_session_can_redo (self->session));
}

static void
act_done_cb (TesseraJobBar *self, const char *text)
{
  gtk_label_set_text (self->act, text);
  show_history (self);
}

static void
stop_cb (TesseraJobBar *self)
{
  if (self->jobs != NULL)
    tessera_jobs_stop (self->jobs, FALSE);
}

void
tessera_job_bar_set (TesseraJobBar *self, TesseraSession *session, TesseraJobs *jobs)
{
  g_return_if_fail (TESSERA_IS_JOB_BAR (self));
  g_set_object (&self->session, session);
  g_set_object (&self->jobs, jobs);
  g_signal_group_set_target (self->session_signals, session);
  g_signal_group_set_target (self->job_signals, jobs);
  gtk_label_set_text (self->act, "");
  show_job (self);
  if (session != NULL)
    show_history (self);
}

static void
tessera_job_bar_dispose (GObject *object)
{
  TesseraJobBar *self = TESSERA_JOB_BAR (object);
  set_pulsing (self, FALSE);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (tessera_job_bar_parent_class)->dispose (object);
}

static void
tessera_job_bar_class_init (TesseraJobBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_job_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-job-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, job);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, stage);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, progress);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, stop);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, keep);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, act);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, undo);
  gtk_widget_class_bind_template_child (widget_class, TesseraJobBar, redo);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
}

static void
tessera_job_bar_init (TesseraJobBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "labels-changed",
                                  G_CALLBACK (show_history), self);
  g_signal_group_connect_swapped (self->session_signals, "act-done", G_CALLBACK (act_done_cb),
                                  self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (show_job), self);
}
