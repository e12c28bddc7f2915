/* A picture of every stop of the tour: window-tour-pictures OUT [PART]. LANGUAGE, TESSERA_DARK=1
 * and TESSERA_TEXT=200 (per cent) as they are to be looked at. */

#include "picture.h"
#include "tessera-app-state.h"
#include "tessera-language.h"
#include "window-tour.h"

#include <stdlib.h>

static void
stop_cb (WindowTest *test, const char *where, gpointer out)
{
  static int n = 0;
  window_test_pass (700); /* what moves has come to rest */
  g_autofree char *name = g_strdup_printf ("%02d %s.png", n++, where),
                  *path = g_build_filename (out, name, NULL);
  /* the screen has no shadows, and black in their place */
  if (picture_find_popover (GTK_WIDGET (test->window)) != NULL) {
    picture_save (GTK_WIDGET (test->window), path);
    return;
  }
  const char *words[] = {"import", "-window", "root", path, NULL};
  g_autoptr (GError) error = NULL;
  g_spawn_sync (NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                &error);
  g_assert_no_error (error);
  g_print ("%s: at least %d px wide\n", path,
           window_test_minimum_width (GTK_WIDGET (test->window)));
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    g_error ("usage: %s OUT [PART]", argv[0]);
  window_fixture_home ();
  tessera_language_init ();
  gtk_init ();
  adw_init ();
  const char *text = g_getenv ("TESSERA_TEXT");
  if (text != NULL)
    g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * atoi (text) / 100, NULL);
  if (g_getenv ("TESSERA_DARK") != NULL)
    tessera_app_state_set_string ("color-scheme", "dark"); /* every window's application asks */
  static const struct {
    const char *name;
    void (*go) (WindowTourStop stop, gpointer data);
  } parts[] = {{"beginnings", window_tour_beginnings},
               {"project", window_tour_project},
               {"beside", window_tour_beside},
               {"training", window_tour_training},
               {"dialogs", window_tour_dialogs}};
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (argc < 3 || g_str_equal (argv[2], parts[i].name))
      parts[i].go (stop_cb, argv[1]);
  return 0;
}
