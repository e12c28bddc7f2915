#include "tessera-window-private.h"

#include "tessera-app-state.h"
#include "tessera-slide-survey.h"
#include "tessera-toast.h"
#include "tessera-tour.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (TesseraWindow, tessera_window, ADW_TYPE_APPLICATION_WINDOW)

static void
toast_gone_cb (gpointer data, GObject *where_it_was)
{
  ((TesseraWindow *)data)->toast = NULL;
}

static void
drop_toast (TesseraWindow *self)
{
  if (self->toast == NULL)
    return;
  AdwToast *toast = self->toast;
  g_object_weak_unref (G_OBJECT (toast), toast_gone_cb, self);
  self->toast = NULL;
  adw_toast_dismiss (toast);
}

/* libadwaita 1.2 crashes where a toast goes that is still coming in: such a one is changed instead.
 * Counted in the time of frames, as the movement is: a busy computer may draw none for long. */
#define COMING_IN (500 * 1000) /* microseconds */

static gboolean
toast_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  TesseraWindow *self = TESSERA_WINDOW (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  if (self->toast_since == 0)
    self->toast_since = now;
  if (now - self->toast_since < COMING_IN)
    return G_SOURCE_CONTINUE;
  self->toast_tick = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
is_coming_in (TesseraWindow *self)
{
  return self->toast != NULL && self->toast_tick != 0;
}

static void
set_undo (TesseraWindow *self, guint act)
{
  self->toast_act = act;
  adw_toast_set_button_label (self->toast, act > 0 ? _ ("Undo") : NULL);
}

static void
forget_undo (TesseraWindow *self)
{
  self->toast_undo = NULL;
  if (self->toast_free != NULL)
    self->toast_free (self->toast_data);
  self->toast_free = NULL;
  self->toast_data = NULL;
}

/* Takes the toast away, or at least what it offers. */
static void
withdraw_toast (TesseraWindow *self)
{
  forget_undo (self);
  if (is_coming_in (self))
    set_undo (self, 0);
  else
    drop_toast (self);
}

static void
toast_clicked_cb (TesseraWindow *self)
{
  if (self->toast_undo != NULL) {
    self->toast_undo (self->toast_data);
    forget_undo (self);
  } else if (self->session != NULL && self->toast_act > 0)
    tessera_session_undo_act (self->session, self->toast_act);
}

/* Where tiles are labelled it stays between the sidebar and the panel: their buttons are pressed
 * meanwhile. */
static int
beside_toast (TesseraWindow *self)
{
  GtkWidget *over = GTK_WIDGET (self->toasts);
  graphene_rect_t room;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->project)) ||
      !tessera_project_page_shows_tiles (self->project))
    return TESSERA_TOAST_BESIDE;
  GtkWidget *tiles = tessera_project_page_shows_gallery (self->project)
                         ? GTK_WIDGET (tessera_project_page_get_gallery (self->project))
                         : GTK_WIDGET (tessera_project_page_get_middle (self->project));
  if (!gtk_widget_compute_bounds (tiles, over, &room))
    return TESSERA_TOAST_BESIDE;
  float left = room.origin.x, right = (float)gtk_widget_get_width (over) - left - room.size.width;
  return 2 * (int)ceilf (fmaxf (left, right));
}

/* The newest word counts: a queue of old ones would lag behind the hands. */
static void
show_toast (TesseraWindow *self, const char *text, guint act)
{
  forget_undo (self);
  if (is_coming_in (self)) {
    tessera_toast_set_text (self->toast, text);
    set_undo (self, act);
    return;
  }
  drop_toast (self);
  self->toast = tessera_toast_show (self->toasts, text, beside_toast (self));
  self->toast_since = 0;
  if (self->toast_tick == 0)
    self->toast_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), toast_tick_cb, NULL, NULL);
  set_undo (self, act);
  g_signal_connect_object (self->toast, "button-clicked", G_CALLBACK (toast_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  g_object_weak_ref (G_OBJECT (self->toast), toast_gone_cb, self);
}

void
tessera_window_toast (TesseraWindow *self, const char *text)
{
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  show_toast (self, text, 0);
}

void
tessera_window_toast_undoable (TesseraWindow *self, const char *text, void (*undo) (gpointer data),
                               gpointer data, GDestroyNotify free_data)
{
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  show_toast (self, text, 0);
  self->toast_undo = undo;
  self->toast_data = data;
  self->toast_free = free_data;
  adw_toast_set_button_label (self->toast, _ ("Undo"));
}

static void
show_page (TesseraWindow *self, const char *name)
{
  gboolean project = g_str_equal (name, "project");
  gtk_stack_set_visible_child_name (self->pages, name);
  gtk_widget_set_visible (self->back, !g_str_equal (name, "start"));
  gtk_widget_set_visible (GTK_WIDGET (self->labelled), project);
  gtk_widget_set_visible (GTK_WIDGET (self->project_title), project);
  gboolean demonstration =
      project &&
      g_str_equal (tessera_session_get_setting (self->session, "demonstration", "0"), "1");
  gtk_widget_set_visible (self->reset, demonstration);
  gtk_widget_set_visible (self->fullscreen, demonstration);
  gtk_stack_set_visible_child_name (self->title_stack, project ? "views" : "title");
  if (g_str_equal (name, "start"))
    tessera_start_page_refresh (self->start);
  tessera_window_update_actions (self);
}

/* ---- the session ---- */

/* A moment to see where one is, before anybody explains it. */
#define TOUR_AFTER 600 /* milliseconds */

static void
say_labelled (TesseraWindow *self)
{
  g_autofree char *labelled = tessera_ui_count (tessera_session_count_labelled (self->session));
  g_autofree char *all = tessera_ui_count (tessera_session_get_n_tiles (self->session));
  g_autofree char *text = g_strdup_printf (_ ("%s of %s labelled"), labelled, all);
  gtk_label_set_text (self->labelled, text);
}

static void
labels_changed_cb (TesseraWindow *self)
{
  say_labelled (self);
  tessera_window_update_actions (self);
}

static gboolean
tour_cb (gpointer data)
{
  TesseraWindow *self = data;
  self->tour = 0;
  if (tessera_tour_is_due ())
    tessera_project_page_show_round (self->project);
  return G_SOURCE_REMOVE;
}

/* Once there is something to see, and it has its place. */
static void
offer_tour (TesseraWindow *self)
{
  if (self->tour == 0 && tessera_session_get_map (self->session) != NULL &&
      !tessera_session_is_map_forming (self->session) && tessera_tour_is_due ())
    self->tour = g_timeout_add (TOUR_AFTER, tour_cb, self);
}

static void
opened_cb (TesseraWindow *self)
{
  g_autofree char *title = tessera_session_dup_title (self->session);
  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_label_set_text (self->project_title, title);
  tessera_app_state_add_recent (tessera_session_get_path (self->session));
  tessera_project_page_set_session (self->project, self->session);
  g_signal_group_set_target (self->job_signals, tessera_project_page_get_jobs (self->project));
  say_labelled (self);
  show_page (self, "project");
  gtk_widget_grab_focus (GTK_WIDGET (tessera_project_page_get_map_view (self->project)));
  offer_tour (self);
  gboolean added = self->added;
  self->added = FALSE;
  if (added && tessera_session_get_map (self->session) != NULL &&
      tessera_session_has_model (self->session) && tessera_session_has_vectors (self->session)) {
    tessera_jobs_join (tessera_project_page_get_jobs (self->project));
    return;
  }
  /* A demonstration with its model needs nothing but the map. */
  if (g_str_equal (tessera_session_get_setting (self->session, "demonstration", "0"), "1") &&
      tessera_session_has_model (self->session) && tessera_session_get_map (self->session) == NULL)
    tessera_jobs_map (tessera_project_page_get_jobs (self->project), NULL, FALSE, FALSE);
}

static void
failed_cb (TesseraWindow *self, const char *message)
{
  g_autofree char *text = g_markup_escape_text (message, -1);
  adw_status_page_set_description (self->failure, text);
  show_page (self, "failed");
}

static void
session_toast_cb (TesseraWindow *self, const char *text, guint act)
{
  show_toast (self, text, act);
}

static void
job_finished_cb (TesseraWindow *self, const char *text)
{
  tessera_window_toast (self, text);
}

static void
job_changed_cb (TesseraWindow *self)
{
  tessera_window_update_actions (self);
}

static void
busy_tick_cb (TesseraWindow *self)
{
  if (self->closing && !tessera_session_is_busy (self->session))
    gtk_window_close (GTK_WINDOW (self));
}

/* Something was done: what a toast offers to undo is no longer the last thing. */
static void
act_done_cb (TesseraWindow *self)
{
  if (self->toast != NULL && (self->toast_act > 0 || self->toast_undo != NULL))
    withdraw_toast (self);
  tessera_window_update_actions (self);
  busy_tick_cb (self);
}

/* Closes the project and shows the start page. */
static void
close_project (TesseraWindow *self)
{
  tessera_window_close_health (self);
  withdraw_toast (self);
  g_clear_handle_id (&self->tour, g_source_remove);
  tessera_window_close_companions (self);
  g_signal_group_set_target (self->session_signals, NULL);
  g_signal_group_set_target (self->job_signals, NULL);
  tessera_project_page_set_session (self->project, NULL);
  if (self->session != NULL)
    tessera_session_close (self->session);
  g_clear_object (&self->session);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Tessera"));
}

void
tessera_window_open (TesseraWindow *self, const char *path)
{
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  close_project (self);
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_autofree char *shown = g_filename_display_name (path);
    g_autofree char *text = g_strdup_printf (
        _ ("“%s” is not there. It may have been moved, or its drive is not connected."), shown);
    failed_cb (self, text);
    return;
  }
  self->session = tessera_session_new (path);
  g_signal_group_set_target (self->session_signals, self->session);
  show_page (self, "loading");
}

void
tessera_window_demonstrate (TesseraWindow *self)
{
  g_return_if_fail (TESSERA_IS_WINDOW (self));
  close_project (self);
  show_page (self, "import");
  tessera_import_page_demonstrate (self->import);
}

void
tessera_window_import_slides (TesseraWindow *self, const char *const *paths, gboolean add)
{
  g_autofree char *into =
      add && self->session != NULL ? g_strdup (tessera_session_get_path (self->session)) : NULL;
  close_project (self);
  self->added = into != NULL;
  g_free (self->adding_to);
  self->adding_to = g_strdup (into);
  tessera_import_page_ask_slides (self->import, paths, into);
  show_page (self, "import");
}

void
tessera_window_import (TesseraWindow *self, const char *folder, gboolean add)
{
  const char *paths[] = {folder, NULL};
  if (tessera_slide_survey_guess (folder)) {
    tessera_window_import_slides (self, paths, add);
    return;
  }
  g_autofree char *into =
      add && self->session != NULL ? g_strdup (tessera_session_get_path (self->session)) : NULL;
  close_project (self);
  self->added = into != NULL;
  g_free (self->adding_to);
  self->adding_to = g_strdup (into);
  tessera_import_page_ask (self->import, folder, into);
  show_page (self, "import");
}

TesseraSession *
tessera_window_get_session (TesseraWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_WINDOW (self), NULL);
  return tessera_project_page_get_session (self->project);
}

TesseraProjectPage *
tessera_window_get_project_page (TesseraWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_WINDOW (self), NULL);
  return self->project;
}

const char *
tessera_window_get_path (TesseraWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_WINDOW (self), NULL);
  return self->session != NULL ? tessera_session_get_path (self->session) : NULL;
}

/* ---- the other pages ---- */

static void
open_path_cb (TesseraWindow *self, const char *path)
{
  tessera_window_open (self, path);
}

static void
import_cancelled_cb (TesseraWindow *self)
{
  g_autofree char *path = g_steal_pointer (&self->adding_to);
  self->added = FALSE;
  if (path != NULL)
    tessera_window_open (self, path);
  else
    show_page (self, "start");
}

static void
back_cb (TesseraWindow *self)
{
  self->added = FALSE;
  g_clear_pointer (&self->adding_to, g_free);
  tessera_import_page_abandon (self->import);
  close_project (self);
  show_page (self, "start");
}

/* ---- the window ---- */

static gboolean
tessera_window_close_request (GtkWindow *window)
{
  TesseraWindow *self = TESSERA_WINDOW (window);
  int width, height;
  gtk_window_get_default_size (window, &width, &height);
  tessera_app_state_set_int ("width", width);
  tessera_app_state_set_int ("height", height);
  tessera_app_state_set_int ("maximized", gtk_window_is_maximized (window));
  if (self->session != NULL && tessera_session_is_open (self->session) &&
      tessera_session_is_busy (self->session)) {
    /* Keys already typed still count: the window goes when they are on disk. */
    self->closing = TRUE;
    return TRUE;
  }
  tessera_import_page_cancel (self->import);
  close_project (self);
  return GTK_WINDOW_CLASS (tessera_window_parent_class)->close_request (window);
}

static void
tessera_window_dispose (GObject *object)
{
  TesseraWindow *self = TESSERA_WINDOW (object);
  if (self->session_signals != NULL)
    close_project (self);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_pointer (&self->adding_to, g_free);
  G_OBJECT_CLASS (tessera_window_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, header);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, title_stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, title);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, back);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, reset);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, fullscreen);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, menu);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, labelled);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, project_title);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, start);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, import);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, project);
  gtk_widget_class_bind_template_child (widget_class, TesseraWindow, failure);
  gtk_widget_class_bind_template_callback (widget_class, open_path_cb);
  gtk_widget_class_bind_template_callback (widget_class, import_cancelled_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
}

static void
tessera_window_class_init (TesseraWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = tessera_window_close_request;
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
connect_signals (TesseraWindow *self)
{
  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const struct {
    const char *signal;
    GCallback handler;
  } session[] = {
      {"opened", G_CALLBACK (opened_cb)},
      {"failed", G_CALLBACK (failed_cb)},
      {"toast", G_CALLBACK (session_toast_cb)},
      {"labels-changed", G_CALLBACK (labels_changed_cb)},
      {"map-changed", G_CALLBACK (tessera_window_update_actions)},
      {"map-changed", G_CALLBACK (offer_tour)},
      {"settings-changed", G_CALLBACK (tessera_window_update_actions)},
      {"suggestions-changed", G_CALLBACK (busy_tick_cb)},
      {"act-done", G_CALLBACK (act_done_cb)},
      {"audit-changed", G_CALLBACK (tessera_window_audit_cb)},
  };
  for (guint i = 0; i < G_N_ELEMENTS (session); i++)
    g_signal_group_connect_swapped (self->session_signals, session[i].signal, session[i].handler,
                                    self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (job_changed_cb), self);
  g_signal_group_connect_swapped (self->job_signals, "finished", G_CALLBACK (job_finished_cb),
                                  self);
  g_signal_group_connect_swapped (self->job_signals, "failed", G_CALLBACK (job_finished_cb), self);
  g_signal_group_connect_swapped (self->job_signals, "noticed", G_CALLBACK (job_finished_cb), self);
}

/* The keys of the views, in their order. */
static void
tell_keys (TesseraWindow *self)
{
  static const char *const keys[] = {N_ ("Ctrl+1"), N_ ("Ctrl+4"), N_ ("Ctrl+5"), N_ ("Ctrl+6")};
  guint i = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->switcher));
       child != NULL && i < G_N_ELEMENTS (keys); child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child))
      gtk_widget_set_tooltip_text (child, _ (keys[i++]));
}

/* Icons above the words where large text leaves no room for them beside. */
static void
fit_switcher (TesseraWindow *self)
{
  enum { WIDEST = 620 };
  int width;
  adw_view_switcher_set_policy (self->switcher, ADW_VIEW_SWITCHER_POLICY_WIDE);
  gtk_widget_measure (GTK_WIDGET (self->switcher), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL,
                      NULL, NULL);
  if (width > WIDEST)
    adw_view_switcher_set_policy (self->switcher, ADW_VIEW_SWITCHER_POLICY_NARROW);
}

static void
tessera_window_init (TesseraWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  connect_signals (self);
  tessera_window_add_actions (self);
  tessera_window_add_keys (self);
  tessera_window_add_drop (self);
  gtk_window_set_default_size (GTK_WINDOW (self), tessera_app_state_get_int ("width", 1280),
                               tessera_app_state_get_int ("height", 760));
  if (tessera_app_state_get_int ("maximized", 0))
    gtk_window_maximize (GTK_WINDOW (self));
  adw_view_switcher_set_stack (self->switcher, tessera_project_page_get_views (self->project));
  tell_keys (self);
  fit_switcher (self);
  tessera_ui_hush_open (GTK_WIDGET (self));
  g_signal_connect_object (gtk_settings_get_default (), "notify::gtk-xft-dpi",
                           G_CALLBACK (fit_switcher), self, G_CONNECT_SWAPPED);
  show_page (self, "start");
}

GtkWidget *
tessera_window_new (GtkApplication *application)
{
  return g_object_new (TESSERA_TYPE_WINDOW, "application", application, NULL);
}
