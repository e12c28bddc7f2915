/* Actions about files: projects that open and begin, what joins one, what is taken in and what
 * leaves it. */

#include "tessera-window-private.h"

#include "tessera-export-dialog.h"
#include "tessera-join.h"
#include "tessera-label-import.h"
#include "tessera-place-window.h"
#include "tessera-slide-export.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

static GtkFileChooserNative *
file_dialog (TesseraWindow *self, const char *title, GtkFileChooserAction action, GCallback chosen)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", chosen, self, 0);
  tessera_ui_show_dialog (dialog);
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

static void
slides_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  gboolean add = g_object_get_data (G_OBJECT (dialog), "add") != NULL;
  g_auto (GStrv) paths = tessera_ui_chosen_paths (dialog, response);
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
place_tiles (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gtk_window_present (GTK_WINDOW (tessera_place_window_new (window)));
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

void
tessera_window_add_file_actions (TesseraWindow *self)
{
  static const GActionEntry entries[] = {
      {"new-project", new_project},       {"new-slides", new_slides},
      {"add-slides", add_slides},         {"open", open_project},
      {"demonstration", demonstration},   {"add-tiles", add_tiles},
      {"join-table", join_table},         {"show-skipped", show_skipped},
      {"import-labels", import_labels},   {"import-geojson", import_geojson},
      {"import-classes", import_classes}, {"export-csv", export_csv},
      {"export-map", export_map},         {"export-folders", export_folders},
      {"export-report", export_report},   {"export-areas", export_areas},
      {"export-geojson", export_geojson}, {"export-slide-geojson", export_slide_geojson},
      {"export-slide", export_slide},     {"place-tiles", place_tiles},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
