/* Small things that are easily lost: the strip is one stop for Tab, exported maps get the ending
 * that was chosen, an unsure tile looks like one, a refused file leaves the new project among the
 * recent ones, distances have a unit. */

#include "tessera-app-state.h"
#include "tessera-export-dialog.h"
#include "tessera-gallery-view-private.h"
#include "tessera-gallery.h"
#include "tessera-queue-strip.h"
#include "tessera-sidebar.h"
#include "tessera-swatch.h"
#include "tessera-thumb.h"
#include "tessera-tile-panel.h"
#include "window-test.h"

#include <string.h>

#define N 120

/* The thumb the focus is on, as its tile; TESSERA_NO_TILE elsewhere. */
static uint32_t
focused_thumb (WindowTest *test)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (test->window));
  GtkWidget *strip = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_QUEUE_STRIP);
  return focus != NULL && TESSERA_IS_THUMB (focus) && gtk_widget_is_ancestor (focus, strip)
             ? tessera_thumb_get_tile (TESSERA_THUMB (focus))
             : TESSERA_NO_TILE;
}

static void
test_strip (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  const GArray *queue = tessera_session_get_queue (session);
  g_assert_cmpuint (queue->len, >, 10);
  uint32_t tiles[4];
  for (guint i = 0; i < 4; i++)
    tiles[i] = g_array_index (queue, uint32_t, i);

  guint stops = 0;
  for (guint i = 0; i < 60; i++) {
    window_test_xdotool ("key Tab");
    window_test_pass (5);
    stops += focused_thumb (&test) != TESSERA_NO_TILE;
    if (stops > 0 && focused_thumb (&test) == TESSERA_NO_TILE)
      break;
  }
  g_assert_cmpuint (stops, ==, 1);
  window_test_xdotool ("key shift+Tab");
  window_test_pass (30);
  g_assert_cmpuint (focused_thumb (&test), ==, tiles[0]);
  window_test_xdotool ("key Right");
  window_test_xdotool ("key Right");
  window_test_pass (60);
  g_assert_cmpuint (focused_thumb (&test), ==, tiles[2]);
  window_test_xdotool ("key Left");
  window_test_pass (60);
  g_assert_cmpuint (focused_thumb (&test), ==, tiles[1]);
  window_test_key (&test, "Return");
  g_assert_cmpuint (tessera_session_get_current (session), ==, tiles[1]);
  window_test_key (&test, "Home");
  g_assert_cmpuint (focused_thumb (&test), ==, tiles[0]);
  window_test_close (&test);
}

static gboolean
is_pressed_unsure (GtkWidget *widget, gpointer unused)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "current-label") &&
         window_test_says (widget, "Unsure");
}

static gboolean
shows_tile (GtkWidget *widget, gpointer tile)
{
  return TESSERA_IS_THUMB (widget) &&
         tessera_thumb_get_tile (TESSERA_THUMB (widget)) == GPOINTER_TO_UINT (tile);
}

static gboolean
thumb_is_unsure (WindowTest *test, uint32_t tile)
{
  GtkWidget *strip = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_QUEUE_STRIP);
  GtkWidget *thumb = window_test_find_if (strip, shows_tile, GUINT_TO_POINTER (tile));
  g_assert_nonnull (thumb);
  GtkWidget *swatch = window_test_find (thumb, TESSERA_TYPE_SWATCH);
  const char *tip = gtk_widget_get_tooltip_text (thumb);
  gboolean unsure =
      gtk_widget_get_visible (swatch) && tessera_swatch_is_unsure (TESSERA_SWATCH (swatch));
  g_assert_cmpint (tip != NULL && g_str_has_suffix (tip, "unsure"), ==, unsure);
  return unsure;
}

/* A tile that somebody was not sure of does not look like a prediction: in the strip, in the panel,
 * on the pad and in the gallery. */
static void
test_unsure (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  window_test_key (&test, "1");
  uint32_t tile = tessera_session_get_current (session);
  window_test_key (&test, "u");
  g_assert_true (thumb_is_unsure (&test, tile));
  window_test_key (&test, "BackSpace");
  g_assert_cmpuint (tessera_session_get_current (session), ==, tile);
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL);
  GtkWidget *swatch = window_test_find (panel, TESSERA_TYPE_SWATCH);
  g_assert_true (tessera_swatch_is_unsure (TESSERA_SWATCH (swatch)));
  GtkWidget *said = window_test_find_if (panel, is_pressed_unsure, NULL);
  g_assert_nonnull (said);

  window_test_xdotool ("key ctrl+4");
  window_test_pass (400);
  TesseraGallery *gallery =
      tessera_project_page_get_gallery (tessera_window_get_project_page (test.window));
  g_assert_true (g_hash_table_contains (tessera_gallery_get_view (gallery)->marks,
                                        GUINT_TO_POINTER (G_MAXUINT)));
  window_test_xdotool ("key ctrl+1");
  window_test_pass (200);
  window_test_key (&test, "2");
  g_assert_false (thumb_is_unsure (&test, tile));
  window_test_key (&test, "BackSpace");
  g_assert_false (tessera_swatch_is_unsure (TESSERA_SWATCH (swatch)));
  g_assert_null (window_test_find_if (panel, is_pressed_unsure, NULL));
  window_test_close (&test);
}

static void
test_map_path (void)
{
  static const struct {
    const char *typed;
    guint format;
    const char *written;
  } cases[] = {{"/a/Map.png", 0, "/a/Map.png"},  {"/a/Map.png", 1, "/a/Map.svg"},
               {"/a/Map.png", 2, "/a/Map.pdf"},  {"/a/Map.svg", 0, "/a/Map.svg"},
               {"/a/Map.PDF", 0, "/a/Map.PDF"},  {"/a/Map", 1, "/a/Map.svg"},
               {"/a/Map.v2", 0, "/a/Map.v2.png"}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = tessera_export_map_path (cases[i].typed, cases[i].format);
    g_assert_cmpstr (path, ==, cases[i].written);
  }
}

/* What the file chooser did not ask about is not replaced. */
static void
test_map_replaces_nothing (void)
{
  char *folder = window_fixture_folder ();
  g_autofree char *there = g_build_filename (folder, "Map.svg", NULL);
  g_autofree char *typed = g_build_filename (folder, "Map.png", NULL);
  g_assert_true (tessera_export_may_replace (NULL, typed, there));
  g_assert_true (g_file_set_contents (there, "mine", -1, NULL));
  g_assert_false (tessera_export_may_replace (NULL, typed, there));
  g_assert_true (tessera_export_may_replace (NULL, there, there));
  window_fixture_remove (folder);
}

static void
test_coverage (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  GtkWidget *sidebar = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_SIDEBAR);
  g_assert_true (window_test_says (sidebar, "% of the map's width"));
  window_test_key (&test, "1");
  window_test_pass (200);
  g_assert_true (window_test_says (sidebar, "% of the map's width"));
  g_assert_cmpfloat (tessera_session_get_map_width (window_test_session (&test)), >, 30);
  window_test_close (&test);
}

/* Quitting on the list of refused files: the project is there and can be found again. */
static void
test_recent (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  g_autofree char *made =
      window_fixture_project (test.folder, "source", 8, 1, WINDOW_FIXTURE_TILES);
  g_autofree char *tiles = g_build_filename (test.folder, "source-tiles", NULL);
  g_autofree char *broken = g_build_filename (tiles, "broken.png", NULL);
  g_assert_true (g_file_set_contents (broken, "\x89PNG\r\n\x1a\nand then nothing", -1, NULL));
  tessera_window_drop (test.window, (const char *[]){tiles, NULL});
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the tiles");
  window_test_pass (300);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the tiles"));
  window_test_wait (&test, "the list of refused files", window_test_has_button, (gpointer) "Go on");
  g_auto (GStrv) recent = tessera_app_state_get_recent ();
  g_autofree char *expected = g_strconcat (tiles, ".tessera", NULL);
  g_assert_true (g_strv_contains ((const char *const *)recent, expected));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/details/strip", test_strip);
  g_test_add_func ("/details/unsure", test_unsure);
  g_test_add_func ("/details/map-path", test_map_path);
  g_test_add_func ("/details/map-replaces-nothing", test_map_replaces_nothing);
  g_test_add_func ("/details/coverage", test_coverage);
  g_test_add_func ("/details/recent", test_recent);
  return g_test_run ();
}
