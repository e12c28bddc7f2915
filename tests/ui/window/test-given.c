/* What is given to the window by another program: dragged across the screen and dropped, or put on
 * the clipboard and pasted. Real events, real transfers between two processes. */

#include "giver.h"
#include "tessera-lab-anchor.h"
#include "tessera-lab-page-private.h"

#include <gdk/x11/gdkx.h>
#include <string.h>

enum { GIVER_X = 1400, GIVER_Y = 60, GRIP = 40 };

static gboolean
is_page (WindowTest *test, gpointer name)
{
  GtkWidget *pages = GTK_WIDGET (
      gtk_widget_get_template_child (GTK_WIDGET (test->window), TESSERA_TYPE_WINDOW, "pages"));
  return g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (pages)), name) == 0;
}

static void
picture (WindowTest *test, const char *name)
{
  const char *folder = g_getenv ("TESSERA_PICTURES");
  if (folder == NULL)
    return;
  g_autofree char *line = g_strdup_printf ("import -window root %s/%s.png", folder, name);
  g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL);
}

/* A drag from the other program's window, and what it carries is dropped there. */
static void
drag_and_drop (WindowTest *test, const char *what, const char *const *paths, GtkWidget *to,
               const char *name)
{
  Giver *giver = giver_new ("drag", what, paths, GIVER_X, GIVER_Y);
  giver_drag (test, GIVER_X + GRIP, GIVER_Y + GRIP, to, gtk_widget_get_width (to) / 2.0,
              gtk_widget_get_height (to) / 2.0);
  picture (test, name);
  giver_drop (test);
  giver_free (giver);
  g_autofree char *after = g_strconcat (name, "-dropped", NULL);
  picture (test, after);
}

static void
paste (WindowTest *test, const char *what, const char *const *paths, const char *name)
{
  Giver *giver = giver_new ("clipboard", what, paths, GIVER_X, GIVER_Y);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (test->window));
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (surface);
  G_GNUC_END_IGNORE_DEPRECATIONS
  window_test_xdotool ("windowfocus %lu", id);
  window_test_pass (200);
  window_test_xdotool ("key ctrl+v");
  window_test_pass (800);
  giver_free (giver);
  picture (test, name);
}

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

static GtkWidget *
window_of (WindowTest *test)
{
  return GTK_WIDGET (test->window);
}

static GtkWidget *
lab_of (WindowTest *test)
{
  return window_test_find (window_of (test), TESSERA_TYPE_LAB_PAGE);
}

static void
show (WindowTest *test, const char *view)
{
  GtkWidget *views = window_test_find (window_of (test), ADW_TYPE_VIEW_STACK);
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (views), view);
  window_test_pass (300);
}

/* Some tile of the project, as a file. */
static char *
tile_of (WindowTest *test)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  return tsr_project_tile_path (project, 0);
}

/* ---- dropped ---- */

static void
test_start_page (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  test.path = window_fixture_project (test.folder, "source", 20, 2, WINDOW_FIXTURE_ALL);
  g_autofree char *tiles = g_build_filename (test.folder, "source-tiles", NULL);
  g_autofree char *tile = tile_of (&test);
  window_test_wait (&test, "the start page", is_page, (gpointer) "start");

  drag_and_drop (&test, "image", PATHS (tile), window_of (&test), "start-image");
  g_assert_true (is_page (&test, (gpointer) "start")); /* nothing to show it to */

  drag_and_drop (&test, "files", PATHS (tiles), window_of (&test), "start-folder");
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the tiles");
  window_test_click (&test, window_test_find_button (window_of (&test), "Cancel"));
  window_test_wait (&test, "the start page", is_page, (gpointer) "start");

  drag_and_drop (&test, "files", PATHS (test.path), window_of (&test), "start-project");
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  g_assert_cmpuint (tessera_session_get_n_tiles (window_test_session (&test)), ==, 20);
  window_test_close (&test);
}

/* What is no image for the lab goes where it would have gone from the start page, wherever it is
 * dropped. */
static void
test_into_a_project (void)
{
  WindowTest test;
  window_test_open (&test, 40, WINDOW_FIXTURE_ALL);
  g_autofree char *tiles = g_build_filename (test.folder, "more-tiles", NULL);
  g_autofree char *other = window_fixture_project (test.folder, "more", 12, 2, WINDOW_FIXTURE_ALL);
  static const char *const views[] = {"map", "gallery", "lab"};
  for (guint i = 0; i < G_N_ELEMENTS (views); i++) {
    show (&test, views[i]);
    drag_and_drop (&test, "files", PATHS (tiles), window_of (&test), views[i]);
    window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Cancel");
    g_assert_true (is_page (&test, (gpointer) "import"));
    g_assert_true (window_test_says (window_of (&test), "Tiles for the open project"));
    g_assert_null (window_test_find_button (window_of (&test), "Change…"));
    window_test_click (&test, window_test_find_button (window_of (&test), "Cancel"));
    window_test_wait (&test, "the project is back", window_test_is_open, NULL);
    window_test_settle (&test);
    g_assert_cmpuint (tessera_session_get_n_tiles (window_test_session (&test)), ==, 40);
  }

  drag_and_drop (&test, "files", PATHS (other), GTK_WIDGET (window_test_map (&test)),
                 "project-project");
  window_test_wait (&test, "the other project is open", window_test_is_open, NULL);
  window_test_settle (&test);
  g_assert_cmpuint (tessera_session_get_n_tiles (window_test_session (&test)), ==, 12);
  window_test_close (&test);
}

/* ---- images, for the lab ---- */

/* A project with a model, without which there is no lab. */
static void
open_with_model (WindowTest *test)
{
  g_autoptr (GError) error = NULL;
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_fixture_project (test->folder, "test", 40, 5, WINDOW_FIXTURE_ALL);
  g_autofree char *model =
      g_build_filename (g_getenv ("TESSERA_DATA_DIR"), "demo-model.safetensors", NULL);
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  tsr_project_set_model (project, model, &error);
  g_assert_no_error (error);
  tsr_project_close (project);
  window_test_reopen (test);
}

static void
back_to_map (WindowTest *test)
{
  show (test, "map");
  window_test_wait (test, "the map", is_page, (gpointer) "project");
  window_test_settle (test);
  g_assert_false (gtk_widget_get_mapped (lab_of (test)));
}

static gboolean
lab_says (WindowTest *test, gpointer name)
{
  return gtk_widget_get_mapped (lab_of (test)) && window_test_says (lab_of (test), name);
}

static void
test_image (void)
{
  WindowTest test;
  open_with_model (&test);
  g_autofree char *tile = tile_of (&test), *name = g_path_get_basename (tile);
  GtkWidget *map = GTK_WIDGET (window_test_map (&test));

  drag_and_drop (&test, "files", PATHS (tile), map, "map-file");
  window_test_wait (&test, "the lab has the file", lab_says, name);

  back_to_map (&test);
  drag_and_drop (&test, "image", PATHS (tile), map, "map-image");
  window_test_wait (&test, "the lab has the image", lab_says, (gpointer) "Dropped image");

  /* over a field of the lab, it is that field's */
  show (&test, "lab");
  tessera_lab_page_set_mode (TESSERA_LAB_PAGE (lab_of (&test)), TESSERA_LAB_MORPH);
  window_test_pass (300);
  GtkWidget *anchor = window_test_find (lab_of (&test), TESSERA_TYPE_LAB_ANCHOR);
  g_assert_true (gtk_widget_get_mapped (anchor));
  drag_and_drop (&test, "files", PATHS (tile), anchor, "anchor-file");
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (anchor), name));
  g_assert_cmpuint (tessera_lab_page_mode (TESSERA_LAB_PAGE (lab_of (&test))), ==,
                    TESSERA_LAB_MORPH);
  window_test_close (&test);
}

/* ---- pasted ---- */

static void
test_paste (void)
{
  WindowTest test;
  open_with_model (&test);
  g_autofree char *tile = tile_of (&test), *name = g_path_get_basename (tile);
  g_autofree char *tiles = g_build_filename (test.folder, "test-tiles", NULL);

  paste (&test, "image", PATHS (tile), "pasted-image");
  window_test_wait (&test, "the lab has the image", lab_says, (gpointer) "Pasted image");

  back_to_map (&test);
  paste (&test, "files", PATHS (tile), "pasted-file");
  window_test_wait (&test, "the lab has the file", lab_says, name);

  back_to_map (&test);
  paste (&test, "text", PATHS (tile), "pasted-text");
  window_test_wait (&test, "it says that there is none", window_test_is_said,
                    (gpointer) "There is no image on the clipboard.");
  g_assert_false (gtk_widget_get_mapped (lab_of (&test)));

  paste (&test, "files", PATHS (tiles), "pasted-folder");
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Cancel");
  g_assert_true (is_page (&test, (gpointer) "import"));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/given/start-page", test_start_page);
  g_test_add_func ("/given/into-a-project", test_into_a_project);
  g_test_add_func ("/given/image", test_image);
  g_test_add_func ("/given/paste", test_paste);
  return g_test_run ();
}
