/* What leaves the window about slides, areas and GeoJSON, is what the engine writes; work that
 * takes long is seen, and can be cancelled. */

#include "tessera-export-dialog.h"
#include "tessera-map-and-slide.h"
#include "tessera-wait.h"
#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-export.h"
#include "tsr-project-id.h"
#include "tsr-project-places.h"
#include "window-slides.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <string.h>

static void
open_project (WindowTest *test, unsigned n)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_slides_project (test->folder, "test", n);
  window_test_reopen (test);
  TesseraSession *session = window_test_session (test);
  tessera_session_select_one (session, 3);
  window_test_key (test, "1");
  tessera_session_select_one (session, tessera_session_get_n_tiles (session) - 1);
  window_test_key (test, "2");
  tessera_session_select_one (session, 5);
  tessera_session_exclude (session, TRUE);
  window_test_settle (test);
}

static char *
contents (const char *path)
{
  char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* Exports and waits until the window says so. */
static void
export_to (WindowTest *test, TesseraExportKind kind, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *text = g_strconcat ("Written: ", name, NULL);
  tessera_export_begin (test->window, kind, path);
  window_test_wait (test, "it is written", window_test_is_said, text);
}

static void
test_areas (void)
{
  WindowTest test;
  open_project (&test, 2);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (test.folder, "a.csv", NULL),
                  *other = g_build_filename (test.folder, "b.csv", NULL);
  export_to (&test, TESSERA_EXPORT_AREAS, path);
  TsrProgress none = {NULL};
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, &error);
  g_autoptr (TsrTable) table = tsr_table_new (project, TSR_RULE_MAP, false, &none, &error);
  uint32_t records = 0;
  g_assert_true (tsr_export_areas (table, project, other, &records, &none, &error));
  g_assert_cmpuint (records, ==, 4); /* two slides, two classes */
  g_autofree char *got = contents (path), *expected = contents (other);
  g_assert_cmpstr (got, ==, expected);
  g_assert_nonnull (strstr (got, "\nslide-1,Upper,1,"));
  window_test_close (&test);
}

/* The engine's GeoJSON of the project into folder. */
static void
write_expected (const char *path, const char *folder)
{
  g_autoptr (GError) error = NULL;
  TsrProgress none = {NULL};
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  g_autoptr (TsrTable) table = tsr_table_new (project, TSR_RULE_MAP, false, &none, &error);
  g_autofree char *id = tsr_project_id (project);
  TsrGeojsonOptions options = {.origins = project, .project = id};
  g_auto (TsrGeojsonReport) report = {0};
  TsrTilePlace *places = tsr_project_places (project, table->names, table->n, &error);
  g_assert_true (tsr_export_geojson (table, places, folder, &options, &report, &none, &error));
  g_assert_no_error (error);
  tsr_tile_places_free (places, table->n);
}

static void
test_geojson (void)
{
  WindowTest test;
  open_project (&test, 2);
  g_autofree char *folder = g_build_filename (test.folder, "all", NULL),
                  *other = g_build_filename (test.folder, "expected", NULL),
                  *alone = g_build_filename (test.folder, "mine.geojson", NULL);
  export_to (&test, TESSERA_EXPORT_GEOJSON, folder);
  write_expected (test.path, other);
  for (int i = 1; i <= 2; i++) {
    g_autofree char *name = g_strdup_printf ("slide-%d.geojson", i);
    g_autofree char *a = g_build_filename (folder, name, NULL),
                    *b = g_build_filename (other, name, NULL);
    g_autofree char *got = contents (a), *expected = contents (b);
    g_assert_cmpstr (got, ==, expected);
    g_assert_cmpint (strstr (got, "\"excluded\"") != NULL, ==, i == 1);
  }
  /* The slide that is shown, and no other. */
  TesseraSlidePane *pane =
      tessera_project_page_get_slide_pane (tessera_window_get_project_page (test.window));
  window_test_key (&test, "ctrl+2");
  tessera_slide_pane_choose (pane, 1);
  window_test_settle (&test);
  export_to (&test, TESSERA_EXPORT_SLIDE_GEOJSON, alone);
  g_autofree char *b = g_build_filename (other, "slide-2.geojson", NULL);
  g_autofree char *got = contents (alone), *expected = contents (b);
  g_assert_cmpstr (got, ==, expected);
  window_test_close (&test);
}

/* What needs slides can be chosen only where there are any. */
static void
test_enabled (void)
{
  static const char *const names[] = {"export-areas", "export-geojson", "export-slide-geojson"};
  for (unsigned slides = 0; slides < 2; slides++) {
    WindowTest test = {0};
    if (slides)
      open_project (&test, 1);
    else
      window_test_open (&test, 40, WINDOW_FIXTURE_MAP);
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      g_assert_cmpint (g_action_group_get_action_enabled (G_ACTION_GROUP (test.window), names[i]),
                       ==, slides);
    window_test_close (&test);
  }
}

/* ---- waiting ---- */

/* Work that goes on until it is cancelled. */
typedef struct {
  TesseraWait *wait;
  gboolean done, cancelled;
} Work;

static void
work_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;
  while (tsr_progress_step (tessera_wait_progress (work->wait), 0.25, "Writing the table", &error))
    g_usleep (10 * 1000);
  g_task_return_error (task, error);
}

static void
work_done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (GError) error = NULL;
  g_task_propagate_boolean (G_TASK (result), &error);
  work->cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  work->done = TRUE;
}

static gboolean
is_seen (WindowTest *test, gpointer data)
{
  GtkWindow *window = tessera_wait_get_window (((Work *)data)->wait);
  return window != NULL && gtk_widget_get_mapped (GTK_WIDGET (window)) &&
         window_test_says (GTK_WIDGET (window), "Writing the table");
}

static gboolean
is_done (WindowTest *test, gpointer data)
{
  return ((Work *)data)->done;
}

static void
begin (WindowTest *test, Work *work)
{
  work->wait = tessera_wait_new (GTK_WINDOW (test->window), "A long export");
  g_autoptr (GTask) task = g_task_new (NULL, NULL, work_done_cb, work);
  g_task_set_task_data (task, work, NULL);
  g_task_run_in_thread (task, work_thread);
}

static void
test_wait (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  Work endless = {NULL};
  tessera_wait_free (tessera_wait_new (GTK_WINDOW (test.window), "A short export"));
  window_test_pass (700);
  g_assert_cmpuint (g_list_model_get_n_items (gtk_window_get_toplevels ()), ==, 1);

  begin (&test, &endless);
  window_test_wait (&test, "it is seen", is_seen, &endless);
  GtkWidget *window = GTK_WIDGET (tessera_wait_get_window (endless.wait));
  g_assert_true (window_test_says (window, "A long export"));
  GtkWidget *bar = window_test_find (window, GTK_TYPE_PROGRESS_BAR);
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (bar)), ==, 0.25);
  g_signal_emit_by_name (window, "response", "cancel");
  window_test_wait (&test, "it ends", is_done, &endless);
  g_assert_true (endless.cancelled);
  tessera_wait_free (endless.wait);
  window_test_close (&test);
}

static guint
count_records (WindowTest *test, TesseraExportChoices choices)
{
  g_autofree char *path = g_build_filename (test->folder, "some.csv", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_assert_true (tessera_export_write_some (window_test_session (test), TESSERA_EXPORT_CSV, choices,
                                            path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_assert_cmpint (strstr (lines[0], "prob_") == NULL, ==,
                   (choices & TESSERA_EXPORT_LABELS_ONLY) != 0);
  return g_strv_length (lines) - 2; /* the names of the columns, and nothing behind the last line */
}

/* What the project is made of stays, whatever is chosen in the dialog. */
static void
test_over_sources (void)
{
  WindowTest test;
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (
      tessera_session_get_path (window_test_session (&test)), TSR_PROJECT_READ_ONLY, &error);
  g_autofree char *tile = tsr_project_tile_path (project, 3), *before = NULL, *after = NULL;
  gsize n = 0, still = 0;
  g_assert_true (g_file_get_contents (tile, &before, &n, NULL));
  g_assert_false (
      tessera_export_write (window_test_session (&test), TESSERA_EXPORT_MAP, tile, &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_FAILED);
  g_assert_true (g_file_get_contents (tile, &after, &still, NULL));
  g_assert_cmpmem (before, n, after, still);
  g_clear_pointer (&project, tsr_project_close);
  window_test_close (&test);
}

/* A table of the selected tiles, of what was labelled, and of both; one tile that is only looked at
 * is no selection. */
static void
test_some (void)
{
  WindowTest test;
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  window_test_key (&test, "1");
  window_test_key (&test, "2");
  window_test_key (&test, "u");
  uint32_t labelled = g_array_index (tessera_session_get_recent (session), uint32_t, 0);
  g_assert_cmpuint (count_records (&test, 0), ==, 60);
  g_assert_cmpuint (count_records (&test, TESSERA_EXPORT_LABELS_ONLY), ==, 3);
  g_assert_cmpuint (count_records (&test, TESSERA_EXPORT_SELECTED_ONLY), ==, 60);
  uint32_t tiles[4] = {labelled};
  for (uint32_t i = 1, tile = 0; i < 4; tile++)
    if (tile != labelled && tessera_session_get_label (session, tile) == TSR_LABEL_NONE)
      tiles[i++] = tile;
  tessera_session_select (session, tiles, 4, TESSERA_SELECT_REPLACE);
  g_assert_cmpuint (count_records (&test, TESSERA_EXPORT_SELECTED_ONLY), ==, 4);
  g_assert_cmpuint (
      count_records (&test, TESSERA_EXPORT_SELECTED_ONLY | TESSERA_EXPORT_LABELS_ONLY), ==, 1);
  window_test_close (&test);
}

static GtkFileChooser *
chooser (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);
    if (GTK_IS_FILE_CHOOSER (window) && gtk_widget_get_mapped (window))
      return GTK_FILE_CHOOSER (window);
  }
  return NULL;
}

static gboolean
is_asked (WindowTest *test, gpointer asked)
{
  return (chooser () != NULL) == (GPOINTER_TO_INT (asked) != 0);
}

/* Every dialog begins where the project lies, says which kind of file it is about (GTK has a choice
 * “(None)” where it does not), and can be cancelled. */
static void
test_dialogs (void)
{
  static const char *const acts[] = {"export-csv",     "export-map",     "export-slide",
                                     "export-folders", "export-geojson", "export-slide-geojson",
                                     "export-areas",   "export-report"};
  WindowTest test;
  if (!window_test_file_dialogs ())
    return;
  open_project (&test, 1);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.select-all", NULL);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.middle", "s", "slide");
  window_test_settle (&test);
  window_test_pass (500);
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++) {
    g_autofree char *act = g_strconcat ("win.", acts[i], NULL);
    gtk_widget_activate_action (GTK_WIDGET (test.window), act, NULL);
    window_test_wait (&test, acts[i], is_asked, GINT_TO_POINTER (TRUE));
    window_test_pass (300);
    g_autoptr (GFile) folder = gtk_file_chooser_get_current_folder (chooser ());
    g_autofree char *path = folder != NULL ? g_file_get_path (folder) : NULL;
    g_test_message ("%s", acts[i]);
    g_assert_cmpstr (path, ==, test.folder);
    if (!g_str_equal (acts[i], "export-slide")) /* no choices */
      g_assert_nonnull (gtk_file_chooser_get_filter (chooser ()));
    gtk_dialog_response (GTK_DIALOG (chooser ()), GTK_RESPONSE_CANCEL);
    window_test_wait (&test, "it has closed", is_asked, GINT_TO_POINTER (FALSE));
  }
  g_autoptr (GDir) dir = g_dir_open (test.folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    g_assert_false (g_str_has_suffix (name, ".csv") || g_str_has_suffix (name, ".pdf") ||
                    g_str_has_suffix (name, "json"));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/slide-exports/areas", test_areas);
  g_test_add_func ("/slide-exports/geojson", test_geojson);
  g_test_add_func ("/slide-exports/enabled", test_enabled);
  g_test_add_func ("/slide-exports/wait", test_wait);
  g_test_add_func ("/slide-exports/some", test_some);
  g_test_add_func ("/slide-exports/over-sources", test_over_sources);
  g_test_add_func ("/slide-exports/dialogs", test_dialogs);
  return g_test_run ();
}
