/* Pictures of slides in the real window: slide-screenshots OUT SLIDE... ; TESSERA_WINDOW_SIZE and
 * TESSERA_DARK=1 as the documentation's pictures need them. */

#include "tessera-start-page.h"
#include "window-test.h"

static const char *out;

static void
save (WindowTest *test, const char *name)
{
  window_test_pass (1500);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  window_test_save (test, path);
}

static gboolean
button_is_there (WindowTest *test, gpointer label)
{
  return window_test_find_button (GTK_WIDGET (test->window), label) != NULL;
}

static gboolean
project_is_there (WindowTest *test, gpointer data)
{
  return tessera_window_get_session (test->window) != NULL;
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    g_error ("usage: %s OUT SLIDE...", argv[0]);
  out = argv[1];
  window_fixture_home ();
  gtk_init ();
  adw_init ();
  if (g_getenv ("TESSERA_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  WindowTest test = {0};
  window_test_start (&test);
  GtkWidget *start = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_START_PAGE);
  save (&test, "start");
  g_signal_emit_by_name (start, "import-slides", argv + 2);
  window_test_wait (&test, "it asks", button_is_there, (gpointer) "Read the slides");
  window_test_pass (1500);
  save (&test, "import-slides");
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the slides"));
  window_test_wait (&test, "the project is open", project_is_there, NULL);
  save (&test, "slide-new");
  window_test_close (&test);
  return 0;
}
