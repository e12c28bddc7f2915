/* A tile of a slide is shown in its surroundings, so that it can be judged. */

#include "picture.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"
#include "window-slides.h"
#include "window-test.h"

#include <glib/gstdio.h>
#include <math.h>

typedef struct {
  int times, width; /* of the picture */
} Wanted;

static TesseraTilePicture *
tile_picture (WindowTest *test)
{
  GtkWidget *panel = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_PANEL);
  return TESSERA_TILE_PICTURE (window_test_find (panel, TESSERA_TYPE_TILE_PICTURE));
}

static gboolean
is_shown (WindowTest *test, gpointer data)
{
  const Wanted *wanted = data;
  g_autoptr (GdkTexture) texture = NULL;
  g_object_get (tile_picture (test), "texture", &texture, NULL);
  return texture != NULL && gdk_texture_get_width (texture) == wanted->width &&
         tessera_tile_picture_get_times (tile_picture (test)) == wanted->times;
}

static void
open_project (WindowTest *test)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_slides_project (test->folder, "test", 2);
}

/* The colour of the picture at a place of the widget. */
static guint32
color_at (WindowTest *test, double x, double y)
{
  window_test_pass (200);
  return picture_color (GTK_WIDGET (tile_picture (test)), x, y);
}

static void
test_shown (void)
{
  WindowTest test;
  Wanted around = {3, 192}, alone = {1, 64};
  open_project (&test);
  window_test_reopen (&test);
  tessera_session_select_one (window_test_session (&test), 5);
  window_test_wait (&test, "its surroundings", is_shown, &around);
  /* The frame lies a third from the edge, white; it says which square is meant. */
  GtkWidget *picture = GTK_WIDGET (tile_picture (&test));
  double w = gtk_widget_get_width (picture), h = gtk_widget_get_height (picture);
  double side = MIN (w, h), left = (w - side) / 2 + side / 3, y = h / 2;
  guint32 frame = color_at (&test, left, y);
  g_assert_cmphex (frame & 0xf0f0f0, ==, 0xf0f0f0);
  g_assert_cmphex (color_at (&test, left + side / 6, y) & 0xf0f0f0, !=, 0xf0f0f0);
  /* The tile alone, by the key, and by the key its surroundings again. */
  window_test_key (&test, "ctrl+r");
  window_test_wait (&test, "the tile alone", is_shown, &alone);
  g_assert_cmphex (color_at (&test, left, y) & 0xf0f0f0, !=, 0xf0f0f0);
  /* It stays so, for other tiles and when the project is opened again. */
  tessera_session_select_one (window_test_session (&test), 6);
  window_test_wait (&test, "another tile alone", is_shown, &alone);
  window_test_close_window (&test);
  window_test_reopen (&test);
  tessera_session_select_one (window_test_session (&test), 5);
  window_test_wait (&test, "the tile alone still", is_shown, &alone);
  window_test_key (&test, "ctrl+r");
  window_test_wait (&test, "its surroundings again", is_shown, &around);
  window_test_close (&test);
}

/* Where the slide has gone, thumbnails stand in for all of it; Ctrl+R shows the tile's alone. */
static void
test_gone (void)
{
  WindowTest test;
  Wanted around = {3, 192}, alone = {1, 64};
  open_project (&test);
  g_autofree char *from = g_build_filename (test.folder, "test-slides", NULL);
  g_autofree char *to = g_build_filename (test.folder, "elsewhere", NULL);
  g_assert_cmpint (g_rename (from, to), ==, 0);
  window_test_reopen (&test);
  tessera_session_select_one (window_test_session (&test), 5);
  window_test_wait (&test, "thumbnails round it", is_shown, &around);
  window_test_key (&test, "ctrl+r");
  window_test_wait (&test, "the thumbnail", is_shown, &alone);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/surroundings/shown", test_shown);
  g_test_add_func ("/surroundings/gone", test_gone);
  return g_test_run ();
}
