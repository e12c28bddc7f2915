/* The window in the user's language: a build finds its own translations, and the widest of them
 * still fits a small screen. Runs with each LANGUAGE there is a row of words for. */

#include "tessera-import.h"
#include "tessera-label-pad.h"
#include "tessera-language.h"
#include "tessera-tile-panel.h"
#include "tessera-training-page.h"
#include "tsr-demo-project.h"
#include "tsr-demo.h"
#include "window-test.h"

#include <libintl.h>

#define SMALL_SCREEN 1280

static const struct {
  const char *language, *no_display, *map, *tumour, *glands;
} spoken[] =
    {
        {"de", "tessera: Es gibt", "Karte", "Tumor", "Drüsen"},
        {"es", "tessera: No hay", "Mapa", "tumor", "glándulas"},
        {"fr", "tessera: Il n’y a pas", "Carte", "tumeur", "glandes"},
},
  *words = NULL;

/* `tessera` run from the build speaks the language without having been installed. */
static void
test_built_program (void)
{
  const char *program = g_getenv ("TESSERA_PROGRAM");
  if (program == NULL) {
    g_test_skip ("TESSERA_PROGRAM names no program");
    return;
  }
  g_auto (GStrv) environment = g_get_environ ();
  static const char *const hidden[] = {"DISPLAY", "WAYLAND_DISPLAY", "TESSERA_LOCALE_DIR"};
  for (guint i = 0; i < G_N_ELEMENTS (hidden); i++)
    environment = g_environ_unsetenv (environment, hidden[i]);
  const char *command[] = {program, NULL};
  g_autofree char *says = NULL;
  g_autoptr (GError) error = NULL;
  g_spawn_sync (NULL, (char **)command, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                &says, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (says, words->no_display));
}

/* Nothing of the window lies beyond a small screen's edge: with a demonstration's extra buttons,
 * classes of long names, and a tile shown. */
static void
test_fits (void)
{
  WindowTest test;
  window_test_open (&test, 300, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpstr (dgettext ("tessera", "Map"), ==, words->map);
  tessera_session_set_setting (session, "demonstration", "1");
  tessera_session_set_setting (session, "view.truth", "1");
  tessera_session_add_class (session, "Megakaryozytäre Vorläuferzellen der Milz", -1);
  window_test_settle (&test);
  window_test_close_window (&test);
  window_test_reopen (&test);
  window_test_key (&test, "2");
  window_test_pass (300);

  GtkWidget *window = GTK_WIDGET (test.window);
  g_assert_cmpint (window_test_minimum_width (window), <, SMALL_SCREEN - 20);
  GtkWidget *pad = window_test_find (window, TESSERA_TYPE_LABEL_PAD);
  g_assert_cmpint (window_test_minimum_width (pad), <=, 336 - 24);
  int x, y;
  window_test_root_point (&test, pad, gtk_widget_get_width (pad), 0, &x, &y);
  g_assert_cmpint (x, <, SMALL_SCREEN);
  gtk_widget_activate_action (window, "win.show-training", NULL);
  window_test_pass (100);
  g_assert_cmpint (window_test_minimum_width (window), <, SMALL_SCREEN - 20);
  window_test_close (&test);
}

/* ---- the demonstration ---- */

/* A small demonstration as tsr_demo_project_prepare leaves it. */
static void
make_demonstration (const char *folder, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tiles = g_build_filename (folder, "tiles", NULL);
  g_assert_true (tsr_demo_write (tiles, 3, 16, 1, NULL, &error));
  TsrFolderScan *scan = tsr_folder_scan (tiles, NULL, &error);
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_add_tiles (project, tiles, scan, true, NULL, &error), ==, 24);
  tsr_folder_scan_free (scan);
  for (unsigned c = 0; c < tsr_demo_n_classes (); c++)
    g_assert_cmpint (tsr_project_add_class (project, tsr_demo_class_name (c), -1, &error), >, 0);
  g_assert_no_error (error);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  TesseraImportResult **out = user;
  *out = tessera_import_finish (result, &error);
  g_assert_no_error (error);
}

static gboolean
is_imported (WindowTest *test, gpointer data)
{
  return *(TesseraImportResult **)data != NULL;
}

static void
import_demonstration (WindowTest *test)
{
  TesseraImportResult *result = NULL;
  tessera_import_demonstration_async (NULL, NULL, imported_cb, &result);
  window_test_wait (test, "the demonstration is there", is_imported, &result);
  g_assert_cmpstr (result->path, ==, test->path);
  tessera_import_result_free (result);
}

/* Its classes have names in the user's language, once; what the ground truth means stays right. */
static void
test_demonstration (void)
{
  WindowTest test = {.folder = window_fixture_folder ()};
  g_setenv (TSR_DEMO_FOLDER_VARIABLE, test.folder, TRUE);
  test.path = g_build_filename (test.folder, "demo.tessera", NULL);
  make_demonstration (test.folder, test.path);
  import_demonstration (&test);
  window_test_reopen (&test);
  TesseraSession *session = window_test_session (&test);
  GPtrArray *classes = tessera_session_get_classes (session);
  g_assert_cmpuint (classes->len, ==, 8);
  const TsrClass *first = g_ptr_array_index (classes, 0);
  g_assert_cmpstr (first->name, ==, words->tumour);
  g_assert_cmpstr (((TsrClass *)g_ptr_array_index (classes, 5))->name, ==, words->glands);
  for (uint32_t i = 0; i < 24; i++) {
    const TsrClass *class_ =
        tessera_session_get_class (session, tessera_session_get_truth_class (session, i));
    g_assert_nonnull (class_);
    g_assert_cmpstr (class_->name, ==,
                     g_dpgettext2 ("tessera", "tissue", tessera_session_get_truth (session, i)));
  }
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL);
  tessera_session_select_one (session, 0);
  window_test_key (&test, "1");
  tessera_session_select_one (session, 0);
  window_test_settle (&test);
  g_assert_true (window_test_says (
      panel, g_dpgettext2 ("tessera", "tissue", tessera_session_get_truth (session, 0))));

  /* A name the user chose is not taken back by looking at the demonstration again. */
  TsrClass change = *first;
  change.name = (char *)"tumour";
  tessera_session_update_class (session, &change);
  window_test_settle (&test);
  window_test_close_window (&test);
  import_demonstration (&test);
  window_test_reopen (&test);
  session = window_test_session (&test);
  first = g_ptr_array_index (tessera_session_get_classes (session), 0);
  g_assert_cmpstr (first->name, ==, "tumour");
  g_unsetenv (TSR_DEMO_FOLDER_VARIABLE);
  window_test_close (&test);
}

static gboolean
is_shown_group (GtkWidget *widget, gpointer shown)
{
  return GTK_IS_SHORTCUTS_GROUP (widget) && gtk_widget_get_mapped (widget) &&
         gtk_widget_get_child_visible (widget);
}

/* The list of shortcuts measures well in every language: GTK's warnings are fatal here. It begins
 * with the keys of labelling, and they fit the screen. */
static void
test_shortcuts (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_action_group_activate_action (G_ACTION_GROUP (test.application), "shortcuts", NULL);
  window_test_pass (600);
  guint found = 0;
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = g_list_model_get_n_items (toplevels); i-- > 0;) {
    g_autoptr (GtkWindow) toplevel = g_list_model_get_item (toplevels, i);
    if (!GTK_IS_SHORTCUTS_WINDOW (toplevel))
      continue;
    found++;
    GtkWidget *group = window_test_find_if (GTK_WIDGET (toplevel), is_shown_group, NULL);
    g_assert_nonnull (group);
    g_autofree char *title = NULL;
    g_object_get (group, "title", &title, NULL);
    g_assert_cmpstr (title, ==, dgettext ("tessera", "Labelling"));
    g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (toplevel)), <=, 720);
    gtk_window_destroy (toplevel);
  }
  g_assert_cmpuint (found, ==, 1);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (g_getenv ("DISPLAY") == NULL) {
    g_print ("1..0 # SKIP no display to open a window on\n");
    return 0;
  }
  for (guint i = 0; i < G_N_ELEMENTS (spoken); i++)
    if (g_strcmp0 (g_getenv ("LANGUAGE"), spoken[i].language) == 0)
      words = &spoken[i];
  g_assert_nonnull (words);
  window_fixture_home ();
  tessera_language_init ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/language/built-program", test_built_program);
  g_test_add_func ("/language/fits-a-small-screen", test_fits);
  g_test_add_func ("/language/demonstration", test_demonstration);
  g_test_add_func ("/language/shortcuts", test_shortcuts);
  return g_test_run ();
}
