/* Folders of tiles on their way into a project: the window is closed meanwhile, or turns to
 * something else, and a project that is there is never taken for the new one. */

#include "tessera-import-page.h"
#include "tessera-window-private.h"
#include "window-test.h"

/* Folders in the empty window, each of so many tiles, of which the first is asked about. */
static void
ask_for_tiles (WindowTest *test, char **first, char **second)
{
  *test = (WindowTest){0};
  window_test_start (test);
  test->path = window_fixture_project (test->folder, "source", 60, 1, WINDOW_FIXTURE_TILES);
  *first = g_build_filename (test->folder, "source-tiles", NULL);
  *second = g_build_filename (test->folder, "source-tiles", "Tumour", NULL);
  tessera_window_import (test->window, *first, FALSE);
  window_test_wait (test, "it asks", window_test_has_button, (gpointer) "Read the tiles");
}

static void
read_tiles (WindowTest *test)
{
  g_signal_emit_by_name (window_test_find_button (GTK_WIDGET (test->window), "Read the tiles"),
                         "clicked");
}

/* Whoever closes the window while tiles are read finds no half of a project. */
static void
test_close_while_reading (void)
{
  WindowTest test;
  g_autofree char *first = NULL, *second = NULL;
  ask_for_tiles (&test, &first, &second);
  g_autofree char *made = g_strconcat (first, ".tessera", NULL);
  read_tiles (&test);
  window_test_close_window (&test);
  window_test_pass (1500);
  g_assert_false (g_file_test (made, G_FILE_TEST_EXISTS));
  window_test_close (&test);
}

/* The end of an import that was left takes nobody away from what came after it. */
static void
test_turn_to_another_import (void)
{
  WindowTest test;
  g_autofree char *first = NULL, *second = NULL;
  ask_for_tiles (&test, &first, &second);
  g_autofree char *made = g_strconcat (first, ".tessera", NULL);
  read_tiles (&test);
  tessera_window_import (test.window, second, FALSE);
  window_test_pass (1500);
  g_assert_true (window_test_has_button (&test, (gpointer) "Read the tiles"));
  g_assert_false (g_file_test (made, G_FILE_TEST_EXISTS));
  read_tiles (&test);
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  g_assert_true (
      g_str_has_suffix (tessera_session_get_path (window_test_session (&test)), "/Tumour.tessera"));
  window_test_close (&test);
}

/* A new project never goes into one that is there, whatever a file chooser has asked. */
static void
test_save_as (void)
{
  WindowTest test;
  g_autofree char *first = NULL, *second = NULL;
  ask_for_tiles (&test, &first, &second);
  GtkWidget *page = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_IMPORT_PAGE);
  g_autofree char *free_name = g_build_filename (test.folder, "free.tessera", NULL);
  g_assert_false (tessera_import_page_save_as (TESSERA_IMPORT_PAGE (page), test.path));
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "a new project replaces none"));
  g_assert_false (window_test_says (GTK_WIDGET (test.window), test.path));
  g_assert_true (tessera_import_page_save_as (TESSERA_IMPORT_PAGE (page), free_name));
  g_assert_true (window_test_says (GTK_WIDGET (test.window), free_name));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/tiles-import/close-while-reading", test_close_while_reading);
  g_test_add_func ("/tiles-import/turn-to-another", test_turn_to_another_import);
  g_test_add_func ("/tiles-import/save-as", test_save_as);
  return g_test_run ();
}
