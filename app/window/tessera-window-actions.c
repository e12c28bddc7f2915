/* "win.*": what menus, buttons and shortcuts do. */

#include "tessera-window-private.h"

#include "tessera-stain-window.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

/* ---- labelling ---- */

static void
undo (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_undo (tessera_window_get_session (window));
}

static void
redo (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_redo (tessera_window_get_session (window));
}

static void
next (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_select_next (tessera_window_get_session (window));
}

static void
select_all (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraProjectPage *project = ((TesseraWindow *)window)->project;
  if (tessera_project_page_shows_gallery (project))
    tessera_gallery_select_all (tessera_project_page_get_gallery (project));
  else
    tessera_map_view_select_all (tessera_project_page_get_map_view (project));
}

static void
select_none (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_select_none (tessera_window_get_session (window));
}

static void
show_round (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  adw_view_stack_set_visible_child_name (tessera_project_page_get_views (self->project), "map");
  tessera_project_page_show_round (self->project);
}

static void
invert (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraProjectPage *project = ((TesseraWindow *)window)->project;
  if (tessera_project_page_shows_gallery (project))
    tessera_gallery_invert (tessera_project_page_get_gallery (project));
  else
    tessera_map_view_invert_selection (tessera_project_page_get_map_view (project));
}

static void
add_class (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  if (!tessera_project_page_shows_tiles (self->project))
    adw_view_stack_set_visible_child_name (tessera_project_page_get_views (self->project), "map");
  tessera_project_page_focus_new_class (self->project);
}

static void
focus_map (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraProjectPage *project = ((TesseraWindow *)window)->project;
  if (tessera_project_page_shows_gallery (project))
    gtk_widget_grab_focus (
        GTK_WIDGET (tessera_gallery_get_view (tessera_project_page_get_gallery (project))));
  else
    gtk_widget_grab_focus (GTK_WIDGET (tessera_project_page_get_map_view (project)));
}

static void
show_on_slide (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_project_page_show_on_slide (((TesseraWindow *)window)->project);
}

static void
slide_alone (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraProjectPage *project = ((TesseraWindow *)window)->project;
  tessera_slide_pane_toggle_bare (tessera_project_page_get_slide_pane (project));
}

static void
suggest_more (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_suggest (tessera_window_get_session (window), 0);
}

static void
reset (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_session_reset (tessera_window_get_session (window));
}

/* ---- work ---- */

static void
show_training (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  AdwViewStack *views = tessera_project_page_get_views (self->project);
  adw_view_stack_set_visible_child_name (views, "training");
  gtk_widget_child_focus (adw_view_stack_get_visible_child (views), GTK_DIR_TAB_FORWARD);
}

static void
train (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_project_page_train (((TesseraWindow *)window)->project, FALSE);
}

static void
train_on (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_project_page_train (((TesseraWindow *)window)->project, TRUE);
}

static void
make_map (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  if (jobs != NULL)
    tessera_jobs_map (jobs, NULL, FALSE, FALSE);
}

static void
make_map_afresh (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  if (jobs != NULL)
    tessera_jobs_map (jobs, NULL, FALSE, TRUE);
}

static void
continue_map (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  if (jobs != NULL)
    tessera_jobs_continue_map (jobs);
}

static void
keep_map (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  if (jobs != NULL)
    tessera_jobs_keep_map (jobs);
}

static void
applied_cb (TesseraWindow *self, const char *text)
{
  TesseraSession *session = tessera_window_get_session (self);
  if (session == NULL)
    return;
  tessera_session_reload (session);
  tessera_window_toast (self, text);
}

static void
normalise (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GtkWidget *stains = tessera_stain_window_new (window, tessera_window_get_session (window));
  g_signal_connect_object (stains, "applied", G_CALLBACK (applied_cb), window, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (stains));
}

static void
fullscreen (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_fullscreen (window);
}

/* ---- settings of the project, as actions with a state ---- */

static const struct {
  const char *action, *key, *fallback;
  gboolean boolean;
} settings[] = {
    {"rule", "rule", "map", FALSE},
    {"strategy", "strategy", "kmeans", FALSE},
    {"batch", "batch", "20", FALSE},
    {"smooth", "view.smooth", "0", TRUE},
    {"truth", "view.truth", "0", TRUE},
    {"middle", "view.middle", "auto", FALSE},
    {"surroundings", "view.surroundings", "1", TRUE},
    {"map-method", "map.method", "tsne", FALSE},
};

/* Another kind of map is made at once, where one can be made; else by the next work that makes one.
 */
static void
map_by (TesseraWindow *self, const char *method)
{
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  if (jobs == NULL)
    return;
  tessera_jobs_set_map_method (jobs, method);
  if (g_action_get_enabled (g_action_map_lookup_action (G_ACTION_MAP (self), "make-map")))
    tessera_jobs_map (jobs, NULL, FALSE, FALSE);
}

/* Keys go on from the map where it is in sight already, not from the button that closes the
 * project. */
static void
show_middle (TesseraWindow *self, const char *what)
{
  GtkWidget *map = GTK_WIDGET (tessera_project_page_get_map_view (self->project));
  adw_view_stack_set_visible_child_name (tessera_project_page_get_views (self->project), "map");
  if (!g_str_equal (what, "slide") && gtk_widget_get_mapped (map))
    gtk_widget_grab_focus (map);
}

static void
change_setting (GSimpleAction *action, GVariant *value, gpointer window)
{
  TesseraSession *session = tessera_window_get_session (window);
  if (session == NULL)
    return;
  const char *name = g_action_get_name (G_ACTION (action));
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    if (!g_str_equal (settings[i].action, name))
      continue;
    g_simple_action_set_state (action, value);
    tessera_session_set_setting (session, settings[i].key,
                                 settings[i].boolean ? (g_variant_get_boolean (value) ? "1" : "0")
                                                     : g_variant_get_string (value, NULL));
    if (g_str_equal (name, "batch") || g_str_equal (name, "strategy"))
      tessera_session_suggest (session, 0);
    if (g_str_equal (name, "middle"))
      show_middle (window, g_variant_get_string (value, NULL));
    if (g_str_equal (name, "map-method"))
      map_by (window, g_variant_get_string (value, NULL));
  }
}

static void
update_settings (TesseraWindow *self, TesseraSession *session)
{
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), settings[i].action);
    const char *value = session != NULL ? tessera_session_get_setting (session, settings[i].key,
                                                                       settings[i].fallback)
                                        : settings[i].fallback;
    g_simple_action_set_state (G_SIMPLE_ACTION (action),
                               settings[i].boolean
                                   ? g_variant_new_boolean (g_str_equal (value, "1"))
                                   : g_variant_new_string (value));
    if (jobs != NULL && g_str_equal (settings[i].action, "map-method"))
      tessera_jobs_set_map_method (jobs, value);
  }
}

static void
enable (TesseraWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
tessera_window_update_actions (TesseraWindow *self)
{
  TesseraSession *session = tessera_window_get_session (self);
  TesseraJobs *jobs = tessera_project_page_get_jobs (self->project);
  gboolean open = session != NULL && tessera_session_is_open (session);
  gboolean idle = open && jobs != NULL && tessera_jobs_get_kind (jobs) == TESSERA_JOB_NONE;
  gboolean map = open && tessera_session_get_map (session) != NULL;
  static const char *const needing_project[] = {
      "add-tiles",      "add-slides",     "add-class",     "select-none", "show-training",
      "rule",           "strategy",       "batch",         "smooth",      "export-csv",
      "export-folders", "join-table",     "export-report", "map-method",  "import-labels",
      "import-geojson", "import-classes", "place-tiles"};
  for (guint i = 0; i < G_N_ELEMENTS (needing_project); i++)
    enable (self, needing_project[i], open);
  static const char *const needing_map[] = {"next", "select-all",   "invert",
                                            "tour", "suggest-more", "export-map"};
  for (guint i = 0; i < G_N_ELEMENTS (needing_map); i++)
    enable (self, needing_map[i], map);
  enable (self, "undo", open && tessera_session_can_undo (session));
  enable (self, "redo", open && tessera_session_can_redo (session));
  enable (self, "train", idle);
  enable (self, "normalise", idle && tessera_session_get_n_tiles (session) > 0);
  enable (self, "train-on", idle && tessera_session_has_model (session));
  gboolean mappable =
      idle && (tessera_session_has_model (session) || tessera_session_has_vectors (session));
  enable (self, "make-map", mappable);
  enable (self, "make-map-afresh", mappable && map);
  enable (self, "continue-map", idle && tessera_session_can_continue_map (session));
  enable (self, "keep-map", jobs != NULL && tessera_jobs_can_keep_map (jobs));
  enable (self, "truth", open && tessera_session_has_truth (session));
  enable (self, "show-skipped", open && tessera_session_get_n_skipped (session) > 0);
  enable (self, "reset", open);
  tessera_window_update_reader_actions (self, open);
  const GPtrArray *slides = open ? tessera_session_get_slides (session) : NULL;
  static const char *const needing_slides[] = {
      "middle",        "export-slide", "export-areas", "export-geojson", "export-slide-geojson",
      "show-on-slide", "slide-alone",  "surroundings"};
  for (guint i = 0; i < G_N_ELEMENTS (needing_slides); i++)
    enable (self, needing_slides[i], slides != NULL && slides->len > 0);
  tessera_window_update_gallery_actions (self);
  update_settings (self, session);
  tessera_window_update_health (self, open);
}

void
tessera_window_add_actions (TesseraWindow *self)
{
  static const GActionEntry entries[] = {
      {"undo", undo},
      {"redo", redo},
      {"next", next},
      {"select-all", select_all},
      {"select-none", select_none},
      {"invert", invert},
      {"tour", show_round},
      {"add-class", add_class},
      {"focus-map", focus_map},
      {"suggest-more", suggest_more},
      {"reset", reset},
      {"show-training", show_training},
      {"train", train},
      {"train-on", train_on},
      {"make-map", make_map},
      {"make-map-afresh", make_map_afresh},
      {"continue-map", continue_map},
      {"keep-map", keep_map},
      {"normalise", normalise},
      {"fullscreen", fullscreen},
      {"rule", NULL, "s", "'map'", change_setting},
      {"strategy", NULL, "s", "'kmeans'", change_setting},
      {"batch", NULL, "s", "'20'", change_setting},
      {"smooth", NULL, NULL, "false", change_setting},
      {"surroundings", NULL, NULL, "true", change_setting},
      {"truth", NULL, NULL, "false", change_setting},
      {"middle", NULL, "s", "'auto'", change_setting},
      {"map-method", NULL, "s", "'tsne'", change_setting},
      {"show-on-slide", show_on_slide},
      {"slide-alone", slide_alone},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  tessera_window_add_file_actions (self);
  tessera_window_add_gallery_actions (self);
  tessera_window_add_health_actions (self);
  tessera_window_add_reader_actions (self);
}
