/* "win.*": what menus, buttons and shortcuts do. */

#include "tessera-window-private.h"

#include "tessera-export-dialog.h"
#include "tessera-join.h"
#include "tessera-label-import.h"
#include "tessera-slide-export.h"
#include "tessera-stain-window.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

/* ---- projects ---- */

static GtkFileChooserNative *
file_dialog (TesseraWindow *self, const char *title, GtkFileChooserAction action, GCallback chosen)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", chosen, self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
  return dialog;
}

static char *
take_path (GtkNativeDialog *dialog, int response)
{
  char *path = NULL;
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    path = file != NULL ? g_file_get_path (file) : NULL;
  }
  g_object_unref (dialog);
  return path;
}

static void
folder_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  g_autofree char *path = take_path (dialog, response);
  if (path != NULL)
    tessera_window_import (self, path, FALSE);
}

static void
tiles_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  g_autofree char *path = take_path (dialog, response);
  if (path != NULL)
    tessera_window_import (self, path, TRUE);
}

static char **
take_paths (GtkNativeDialog *dialog, int response)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GListModel) files = response == GTK_RESPONSE_ACCEPT
                                     ? gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog))
                                     : NULL;
  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++) {
    g_autoptr (GFile) file = g_list_model_get_item (files, i);
    g_autofree char *path = g_file_get_path (file);
    if (path != NULL)
      g_strv_builder_add (builder, path);
  }
  g_object_unref (dialog);
  return g_strv_builder_end (builder);
}

static void
slides_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  gboolean add = g_object_get_data (G_OBJECT (dialog), "add") != NULL;
  g_auto (GStrv) paths = take_paths (dialog, response);
  if (paths[0] != NULL)
    tessera_window_import_slides (self, (const char *const *)paths, add);
}

static void
project_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  g_autofree char *path = take_path (dialog, response);
  if (path != NULL)
    tessera_window_open (self, path);
}

static void
new_project (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  file_dialog (window, _ ("A folder of tile images"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
               G_CALLBACK (folder_chosen_cb));
}

static void
add_tiles (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  file_dialog (window, _ ("A folder of tile images to add"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
               G_CALLBACK (tiles_chosen_cb));
}

static void
ask_for_slides (TesseraWindow *self, gboolean add)
{
  GtkFileChooserNative *dialog =
      file_dialog (self, _ ("Whole slides, one or several"), GTK_FILE_CHOOSER_ACTION_OPEN,
                   G_CALLBACK (slides_chosen_cb));
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  if (add)
    g_object_set_data (G_OBJECT (dialog), "add", self);
}

static void
new_slides (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  ask_for_slides (window, FALSE);
}

static void
add_slides (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  ask_for_slides (window, TRUE);
}

static void
open_project (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GtkFileChooserNative *dialog = file_dialog (
      window, _ ("Open a project"), GTK_FILE_CHOOSER_ACTION_OPEN, G_CALLBACK (project_chosen_cb));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ ("Tessera projects"));
  gtk_file_filter_add_pattern (filter, "*.tessera");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraWindow) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraJoinResult) joined = tessera_join_finish (result, &error);
  if (joined == NULL) {
    tessera_window_toast (self, error->message);
    return;
  }
  TesseraSession *session = tessera_window_get_session (self);
  if (session != NULL)
    tessera_session_reload (session);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u column joined to the tiles: choose it above the map",
                "%u columns joined to the tiles: choose one above the map", joined->columns),
      joined->columns);
  g_autofree char *all = NULL;
  if (joined->used < joined->rows)
    all = g_strdup_printf (_ ("%s. %u of %u rows were left out: %s"), text,
                           joined->rows - joined->used, joined->rows, joined->reason);
  tessera_window_toast (self, all != NULL ? all : text);
}

static void
table_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  g_autofree char *path = take_path (dialog, response);
  if (path != NULL && tessera_window_get_path (self) != NULL)
    tessera_join_async (tessera_window_get_path (self), path, joined_cb, g_object_ref (self));
}

static void
join_table (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GtkFileChooserNative *dialog =
      file_dialog (window, _ ("A table with a column “file” and others to colour the map by"),
                   GTK_FILE_CHOOSER_ACTION_OPEN, G_CALLBACK (table_chosen_cb));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ ("Tables (CSV, TSV)"));
  gtk_file_filter_add_suffix (filter, "csv");
  gtk_file_filter_add_suffix (filter, "tsv");
  gtk_file_filter_add_suffix (filter, "txt");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
}

static void
demonstration (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_window_demonstrate (window);
}

static void
show_skipped (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraWindow *self = window;
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project =
      tsr_project_open (tessera_window_get_path (self), TSR_PROJECT_READ_ONLY, &error);
  if (project == NULL) {
    tessera_window_toast (self, error->message);
    return;
  }
  g_autoptr (GPtrArray) skipped = tsr_project_skipped (project);
  tessera_skipped_dialog_show (GTK_WINDOW (self), skipped);
}

static void
import_labels (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_label_import_run (window, TESSERA_LABELS_TABLE);
}

static void
import_geojson (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_label_import_run (window, TESSERA_LABELS_GEOJSON);
}

static void
import_classes (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_label_import_run (window, TESSERA_CLASSES);
}

static void
export_csv (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_CSV);
}

static void
export_map (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_MAP);
}

static void
export_folders (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_FOLDERS);
}

static void
export_report (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_REPORT);
}

static void
export_areas (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_AREAS);
}

static void
export_geojson (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_GEOJSON);
}

static void
export_slide_geojson (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_export_dialog_run (window, TESSERA_EXPORT_SLIDE_GEOJSON);
}

static void
export_slide (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_slide_export_run (window);
}

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
  adw_view_stack_set_visible_child_name (tessera_project_page_get_views (self->project),
                                         "training");
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
      adw_view_stack_set_visible_child_name (
          tessera_project_page_get_views (((TesseraWindow *)window)->project), "map");
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
      "add-tiles",      "add-slides",    "add-class",     "select-none", "show-training",
      "rule",           "strategy",      "batch",         "smooth",      "export-csv",
      "export-folders", "join-table",    "export-report", "map-method",  "import-labels",
      "import-geojson", "import-classes"};
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
      "show-on-slide", "surroundings"};
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
      {"new-project", new_project},
      {"new-slides", new_slides},
      {"add-slides", add_slides},
      {"open", open_project},
      {"demonstration", demonstration},
      {"add-tiles", add_tiles},
      {"join-table", join_table},
      {"show-skipped", show_skipped},
      {"import-labels", import_labels},
      {"import-geojson", import_geojson},
      {"import-classes", import_classes},
      {"export-csv", export_csv},
      {"export-map", export_map},
      {"export-folders", export_folders},
      {"export-report", export_report},
      {"export-areas", export_areas},
      {"export-geojson", export_geojson},
      {"export-slide-geojson", export_slide_geojson},
      {"export-slide", export_slide},
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
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  tessera_window_add_gallery_actions (self);
  tessera_window_add_health_actions (self);
  tessera_window_add_reader_actions (self);
}
