#include "tessera-wait.h"

#include "tessera-ui.h"
#include "tsr-mailbox.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define PATIENCE 500 /* milliseconds */

typedef struct {
  double fraction;
  char *stage;
} Report;

struct TesseraWait {
  TsrProgress progress;
  TsrMailbox *box;
  char *heading, *stage;
  double fraction;
  GtkWindow *parent; /* weak */
  GtkWindow *window; /* weak; NULL until it has taken long */
  GtkLabel *label;
  GtkProgressBar *bar;
  guint timer;
};

static void
report_free (gpointer data)
{
  g_free (((Report *)data)->stage);
  g_free (data);
}

/* On the working thread. */
static void
report_cb (double fraction, const char *stage, void *user)
{
  TesseraWait *self = user;
  Report *report = g_new (Report, 1);
  *report = (Report){fraction, g_strdup (stage)};
  tsr_mailbox_post (self->box, report);
}

static void
show (TesseraWait *self)
{
  if (self->window == NULL)
    return;
  gtk_label_set_text (self->label, self->stage);
  if (self->fraction >= 0)
    gtk_progress_bar_set_fraction (self->bar, MIN (self->fraction, 1));
  else
    gtk_progress_bar_pulse (self->bar);
}

static void
receive_cb (gpointer snapshot, gpointer user)
{
  TesseraWait *self = user;
  const Report *report = snapshot;
  self->fraction = report->fraction;
  if (report->stage != NULL) {
    g_free (self->stage);
    self->stage = g_strdup (report->stage);
  }
  show (self);
}

static void
response_cb (TesseraWait *self)
{
  g_cancellable_cancel (self->progress.cancellable);
}

static gboolean
timer_cb (gpointer user)
{
  TesseraWait *self = user;
  self->timer = 0;
  if (g_cancellable_is_cancelled (self->progress.cancellable))
    return G_SOURCE_REMOVE;
  GtkWidget *dialog = adw_message_dialog_new (self->parent, self->heading, NULL);
  g_set_weak_pointer (&self->window, GTK_WINDOW (dialog));
  /* Labelling goes on behind it. */
  gtk_window_set_modal (self->window, FALSE);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->label, PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (self->label, 32);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "dim-label");
  tessera_ui_set_name (self->bar, self->heading);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), box);
  g_signal_connect_swapped (dialog, "response", G_CALLBACK (response_cb), self);
  show (self);
  gtk_window_present (self->window);
  return G_SOURCE_REMOVE;
}

TesseraWait *
tessera_wait_new (GtkWindow *parent, const char *heading)
{
  TesseraWait *self = g_new0 (TesseraWait, 1);
  self->box = tsr_mailbox_new (receive_cb, self, report_free);
  self->progress = (TsrProgress){report_cb, self, g_cancellable_new ()};
  self->heading = g_strdup (heading);
  self->stage = g_strdup ("");
  self->fraction = -1;
  g_set_weak_pointer (&self->parent, parent);
  self->timer = g_timeout_add (PATIENCE, timer_cb, self);
  return self;
}

const TsrProgress *
tessera_wait_progress (TesseraWait *self)
{
  return &self->progress;
}

GtkWindow *
tessera_wait_get_window (TesseraWait *self)
{
  return self->window;
}

void
tessera_wait_free (TesseraWait *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  tsr_mailbox_close (self->box);
  tsr_mailbox_unref (self->box);
  if (self->window != NULL) {
    GtkWindow *window = self->window;
    g_signal_handlers_disconnect_by_data (window, self);
    g_clear_weak_pointer (&self->window);
    gtk_window_destroy (window);
  }
  g_clear_weak_pointer (&self->parent);
  g_object_unref (self->progress.cancellable);
  g_free (self->heading);
  g_free (self->stage);
  g_free (self);
}
