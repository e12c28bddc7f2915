#include "tessera-audit-bar.h"

#include "tessera-session-audit.h"

#include <glib/gi18n.h>

struct _TesseraAuditBar {
  GtkBox parent_instance;

  GtkLabel *text;
  TesseraSession *session;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraAuditBar, tessera_audit_bar, GTK_TYPE_BOX)

static void
refresh (TesseraAuditBar *self)
{
  gboolean runs = self->session != NULL && tessera_session_is_auditing (self->session);
  gtk_widget_set_visible (GTK_WIDGET (self), runs);
  if (!runs)
    return;
  const TsrAudit *audit = tessera_session_get_audit (self->session);
  g_autoptr (GArray) left = tsr_audit_left (audit);
  g_autofree char *text = g_strdup_printf (
      _ ("Checking with random tiles: %u of %u labelled. Predictions are hidden until all are; "
         "mark with U what nobody could tell."),
      audit->tiles->len - left->len, audit->tiles->len);
  guint unasked = tessera_session_count_unasked (self->session);
  g_autofree char *aside = g_strdup_printf (
      ngettext ("%u tile got its class outside the check and does not count.",
                "%u tiles got their classes outside the check and do not count.", unasked),
      unasked);
  g_autofree char *both = g_strconcat (text, " ", unasked > 0 ? aside : "", NULL);
  gtk_label_set_text (self->text, g_strchomp (both));
}

void
tessera_audit_bar_set (TesseraAuditBar *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_AUDIT_BAR (self));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  refresh (self);
}

static void
tessera_audit_bar_dispose (GObject *object)
{
  TesseraAuditBar *self = TESSERA_AUDIT_BAR (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_audit_bar_parent_class)->dispose (object);
}

static void
tessera_audit_bar_class_init (TesseraAuditBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_audit_bar_dispose;
}

static void
tessera_audit_bar_init (TesseraAuditBar *self)
{
  GtkWidget *text = gtk_label_new (NULL), *pause = gtk_button_new_with_label (_ ("Interrupt"));
  self->text = GTK_LABEL (text);
  gtk_box_set_spacing (GTK_BOX (self), 8);
  gtk_widget_add_css_class (GTK_WIDGET (self), "notice");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_xalign (self->text, 0);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_valign (pause, GTK_ALIGN_CENTER);
  gtk_widget_set_focus_on_click (pause, FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (pause), "win.pause-check");
  gtk_box_append (GTK_BOX (self), text);
  gtk_box_append (GTK_BOX (self), pause);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "audit-changed", G_CALLBACK (refresh), self);
}
