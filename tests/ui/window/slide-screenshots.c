/* Pictures of slides in the real window: slide-screenshots OUT SLIDE..., or
 * OUT PROJECT, which has a map; TESSERA_WINDOW_SIZE and
 * TESSERA_DARK=1 as the documentation's pictures need them; TESSERA_TEXT=200 for text of twice the
 * size; TESSERA_AREA=FILE.geojson limits what
 * is cut. */

#include "tessera-slide-settings.h"
#include "tessera-stain-window.h"
#include "tessera-window-private.h"
#include "window-test.h"

static const char *out;

static void
save (WindowTest *test, const char *name)
{
  window_test_pass (1500);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  window_test_save (test, path);
}

/* The whole screen, with what stands over the window. */
static void
save_screen (const char *name)
{
  window_test_pass (1500);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  g_autofree char *command = g_strdup_printf ("import -window root %s", path);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
}

static gboolean
is_tried (WindowTest *test, gpointer stains)
{
  return !tessera_stain_window_is_busy (stains);
}

/* Stain normalisation: the window, another method in it, and what is said once it is chosen. */
static void
show_stains (WindowTest *test)
{
  g_action_group_activate_action (G_ACTION_GROUP (test->window), "normalise", NULL);
  g_autoptr (GtkWidget) stains = g_list_model_get_item (gtk_window_get_toplevels (), 0);
  for (guint i = 1; !TESSERA_IS_STAIN_WINDOW (stains); i++) {
    g_object_unref (stains);
    stains = g_list_model_get_item (gtk_window_get_toplevels (), i);
  }
  static const char *const names[] = {"As scanned", "Macenko", "Reinhard"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GtkWidget *button = window_test_find_button (stains, names[i]);
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
    window_test_wait (test, "it is tried", is_tried, stains);
    g_autofree char *name = g_strdup_printf ("stains-%u", i);
    save_screen (name);
  }
  g_signal_emit_by_name (window_test_find_button (stains, "_Apply"), "clicked");
  window_test_pass (3000);
  window_test_key (test, "ctrl+1");
  save (test, "stains-stale");
}

/* A look at a project that has a map: some tiles labelled by their place in the colours' order. */
static void
show_project (WindowTest *test, const char *project)
{
  tessera_window_open (test->window, project);
  window_test_wait (test, "the project is open", window_test_is_open, NULL);
  TesseraSession *session = window_test_session (test);
  static const char *const names[] = {"Epidermis", "Dermis", "Keratin"};
  for (guint i = tessera_session_get_classes (session)->len; i < G_N_ELEMENTS (names); i++)
    tessera_session_add_class (session, names[i], -1);
  window_test_settle (test);
  window_test_pass (500);
  save (test, "slide-map");
  window_test_key (test, "ctrl+3");
  save (test, "slide-both");
  const GArray *queue = tessera_session_get_queue (session);
  if (queue->len > 0)
    tessera_session_select_one (session, g_array_index (queue, uint32_t, 0));
  window_test_settle (test);
  for (int i = 0; i < 3; i++)
    window_test_key (test, i == 0 ? "1" : i == 1 ? "2" : "3");
  save (test, "slide-labelled");
  window_test_key (test, "ctrl+2");
  TesseraSlidePane *pane =
      tessera_project_page_get_slide_pane (tessera_window_get_project_page (test->window));
  tessera_canvas_fit (TESSERA_CANVAS (tessera_slide_pane_get_view (pane)));
  save (test, "slide-whole");
  g_object_set (tessera_slide_pane_get_view (pane), "show-mask", FALSE, NULL);
  save (test, "slide-plain");
  show_stains (test);
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
  const char *text = g_getenv ("TESSERA_TEXT");
  if (text != NULL)
    g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * atoi (text) / 100, NULL);
  WindowTest test = {0};
  window_test_start (&test);
  if (g_getenv ("TESSERA_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  save (&test, "start");
  if (g_str_has_suffix (argv[2], ".tessera")) {
    show_project (&test, argv[2]);
    window_test_close (&test);
    return 0;
  }
  tessera_window_import_slides (test.window, (const char *const *)argv + 2, FALSE);
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the slides");
  window_test_pass (1500);
  save (&test, "import-slides");
  const char *area = g_getenv ("TESSERA_AREA");
  if (area != NULL) {
    GtkWidget *settings = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_SLIDE_SETTINGS);
    tessera_files_row_choose (tessera_slide_settings_get_area (TESSERA_SLIDE_SETTINGS (settings)),
                              (const char *const[]){area, NULL});
    window_test_pass (1500);
    GtkWidget *scroller = gtk_widget_get_ancestor (settings, GTK_TYPE_SCROLLED_WINDOW);
    GtkAdjustment *down = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
    gtk_adjustment_set_value (down, gtk_adjustment_get_upper (down));
    save (&test, "import-area");
  }
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the slides"));
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  save (&test, "slide-new");
  window_test_close (&test);
  return 0;
}
