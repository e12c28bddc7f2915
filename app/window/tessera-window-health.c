/* The window's part in how good it is: the page, and checks with random tiles. */

#include "tessera-window-private.h"

#include "tessera-health-window.h"
#include "tessera-session-audit.h"

static void
show_map (TesseraWindow *self)
{
  adw_view_stack_set_visible_child_name (tessera_project_page_get_views (self->project), "map");
  gtk_widget_grab_focus (GTK_WIDGET (tessera_project_page_get_map_view (self->project)));
  gtk_window_present (GTK_WINDOW (self));
}

static void
close_health (TesseraWindow *self)
{
  if (self->health != NULL)
    gtk_window_destroy (GTK_WINDOW (self->health));
}

static void
show_health (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  TesseraSession *session = tessera_window_get_session (self);
  if (self->health == NULL && session != NULL)
    g_set_weak_pointer (&self->health, tessera_health_window_new (GTK_WINDOW (self), session));
  if (self->health != NULL)
    gtk_window_present (GTK_WINDOW (self->health));
}

static void
label_next (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  close_health (window); /* which would lie over the map */
  show_map (window);
  tessera_session_select_next (tessera_window_get_session (window));
}

/* Instead of the page, where there is no map yet. */
static void
train_first (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  close_health (window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-training", NULL);
  gtk_window_present (GTK_WINDOW (window));
}

static void
start_check (GSimpleAction *action, GVariant *tiles, gpointer window)
{
  close_health (window);
  show_map (window);
  tessera_session_start_audit (tessera_window_get_session (window), g_variant_get_uint32 (tiles));
}

static void
resume_check (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  close_health (window);
  show_map (window);
  tessera_session_resume_audit (tessera_window_get_session (window));
}

static void
pause_check (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_pause_audit (tessera_window_get_session (window));
}

static void
drop_check (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_drop_audit (tessera_window_get_session (window));
}

void
tessera_window_update_health (TesseraWindow *self, gboolean open)
{
  static const char *const names[] = {"health",      "start-check", "resume-check",
                                      "pause-check", "drop-check",  "label-next"};
  gboolean suggests = open && tessera_session_get_map (tessera_window_get_session (self)) != NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), names[i])),
        g_str_equal (names[i], "label-next") ? suggests : open);
}

void
tessera_window_close_health (TesseraWindow *self)
{
  close_health (self);
  self->auditing = FALSE;
}

/* The last tile of a check is labelled: what came of it is what somebody waits for. */
void
tessera_window_audit_cb (TesseraWindow *self)
{
  const TsrAudit *audit = tessera_session_get_audit (self->session);
  gboolean done = audit != NULL && audit->state == TSR_AUDIT_DONE;
  if (self->auditing && done)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.health", NULL);
  self->auditing = audit != NULL && audit->state == TSR_AUDIT_RUNNING;
}

void
tessera_window_add_health_actions (TesseraWindow *self)
{
  static const GActionEntry entries[] = {
      {"health", show_health},        {"label-next", label_next},
      {"train-first", train_first},   {"start-check", start_check, "u"},
      {"resume-check", resume_check}, {"pause-check", pause_check},
      {"drop-check", drop_check},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
