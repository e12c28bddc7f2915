/* The window in the user's language: a build finds its own translations, and the widest of them
 * still fits a small screen. Runs with LANGUAGE=de. */

#include "tessera-label-pad.h"
#include "tessera-language.h"
#include "tessera-tile-panel.h"
#include "tessera-training-page.h"
#include "window-test.h"

#include <libintl.h>

#define SMALL_SCREEN 1280

/* `tessera` run from the build speaks German without having been installed. */
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
  const char *words[] = {program, NULL};
  g_autofree char *says = NULL;
  g_autoptr (GError) error = NULL;
  g_spawn_sync (NULL, (char **)words, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                &says, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (says, "tessera: Es gibt"));
}

static int
minimum_width (GtkWidget *widget)
{
  int minimum;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* Nothing of the window lies beyond a small screen's edge: with a demonstration's extra buttons,
 * classes of long names, and a tile shown. */
static void
test_fits (void)
{
  WindowTest test;
  window_test_open (&test, 300, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpstr (dgettext ("tessera", "Map"), ==, "Karte");
  tessera_session_set_setting (session, "demonstration", "1");
  tessera_session_set_setting (session, "view.truth", "1");
  tessera_session_add_class (session, "Megakaryozytäre Vorläuferzellen der Milz", -1);
  window_test_settle (&test);
  window_test_close_window (&test);
  window_test_reopen (&test);
  window_test_key (&test, "2");
  window_test_pass (300);

  GtkWidget *window = GTK_WIDGET (test.window);
  g_assert_cmpint (minimum_width (window), <, SMALL_SCREEN - 20);
  GtkWidget *pad = window_test_find (window, TESSERA_TYPE_LABEL_PAD);
  g_assert_cmpint (minimum_width (pad), <=, 336 - 24);
  int x, y;
  window_test_root_point (&test, pad, gtk_widget_get_width (pad), 0, &x, &y);
  g_assert_cmpint (x, <, SMALL_SCREEN);
  gtk_widget_activate_action (window, "win.show-training", NULL);
  window_test_pass (100);
  g_assert_cmpint (minimum_width (window), <, SMALL_SCREEN - 20);
  window_test_close (&test);
}

/* The list of shortcuts measures well in every language: GTK's warnings are fatal here. */
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
  window_fixture_home ();
  tessera_language_init ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/language/built-program", test_built_program);
  g_test_add_func ("/language/fits-a-small-screen", test_fits);
  g_test_add_func ("/language/shortcuts", test_shortcuts);
  return g_test_run ();
}
