/* Finding tiles in the gallery: its order, its filter, and search by example. */

#include "gallery-hands.h"
#include "hands.h"
#include "tessera-class-row.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"

#include <math.h>

/* ---- order and filter ---- */

static gboolean
is_open (WindowTest *test, gpointer popover)
{
  return gtk_widget_get_mapped (popover);
}

static gboolean
is_closed (WindowTest *test, gpointer popover)
{
  return !gtk_widget_get_mapped (popover);
}

/* Opens what has a popover by a click; returns that, which then has the keys. */
static GtkWidget *
open_by_click (WindowTest *test, GtkWidget *button)
{
  GtkWidget *popover = window_test_find (button, GTK_TYPE_POPOVER);
  window_test_click (test, button);
  window_test_wait (test, "a list is open", is_open, popover);
  window_test_pass (100);
  return popover;
}

/* The same by keys alone. */
static GtkWidget *
open_by_keys (WindowTest *test, GtkWidget *button)
{
  GtkWidget *popover = window_test_find (button, GTK_TYPE_POPOVER), *focus;
  for (int tabs = 0; tabs < 10; tabs++) {
    focus = gtk_window_get_focus (GTK_WINDOW (test->window));
    if (focus != NULL && (focus == button || gtk_widget_is_ancestor (focus, button)))
      break;
    window_test_xdotool ("key Tab");
    window_test_pass (30);
  }
  window_test_xdotool ("key Return");
  window_test_wait (test, "a list is open", is_open, popover);
  window_test_pass (100);
  return popover;
}

static void
pick_line (WindowTest *test, GtkWidget *popover, unsigned downs)
{
  window_test_xdotool ("key Home");
  for (unsigned i = 0; i < downs; i++)
    window_test_xdotool ("key Down");
  window_test_pass (30);
  window_test_xdotool ("key Return");
  window_test_wait (test, "the list is closed", is_closed, popover);
  gallery_settle (test);
}

static void
check_margins (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  float last = 0;
  for (uint32_t i = 0; i < GALLERY_N && gallery_label_at (test, i) < 0; i++) {
    float margin = tessera_session_get_prediction (session, gallery_order (test)->tiles[i])->margin;
    g_assert_cmpfloat (margin, >=, last);
    last = margin;
  }
}

static void
test_sort_and_filter (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  GtkWidget *root = GTK_WIDGET (test.window);
  for (uint32_t i = 0; i < 5; i++) {
    tessera_session_select_one (session, i * 60 + 3);
    gallery_key (&test, (const char *const[]){"1", "2", "3", "4", "5"}[i]);
  }
  pick_line (
      &test,
      open_by_click (&test, hands_find_named (root, GTK_TYPE_DROP_DOWN, "Order of the tiles")), 1);
  g_assert_cmpstr (tessera_session_get_setting (session, "gallery.sort", ""), ==, "margin");
  check_margins (&test);

  /* predicted as the first class, by hand */
  GtkWidget *button = window_test_find (GTK_WIDGET (gallery_of (&test)), GTK_TYPE_MENU_BUTTON);
  GtkWidget *filter = open_by_click (&test, button);
  GtkWidget *of_class = hands_find_named (root, GTK_TYPE_DROP_DOWN, "Class");
  pick_line (&test, open_by_keys (&test, of_class), 1);
  window_test_xdotool ("key Escape");
  window_test_wait (&test, "the filter is closed", is_closed, filter);
  gallery_settle (&test);
  const TsrClass *first = tessera_session_get_classes (session)->pdata[0];
  g_assert_cmpuint (gallery_order (&test)->n, ==,
                    tessera_session_count_class (session, first->id).predicted);
  g_assert_cmpuint (gallery_order (&test)->n, >, 10);
  for (uint32_t i = 0; i < gallery_order (&test)->n; i++)
    g_assert_cmpint (
        tessera_session_get_prediction (session, gallery_order (&test)->tiles[i])->class_id, ==,
        first->id);

  /* the sidebar narrows it further, to nothing */
  pick_line (&test,
             open_by_click (&test, hands_find_named (root, GTK_TYPE_DROP_DOWN, "Tiles to show")),
             2);
  g_assert_cmpuint (gallery_order (&test)->n, ==, 0);
  g_assert_true (window_test_says (root, "No tile matches"));
  window_test_click (&test, window_test_find_button (root, "Show all tiles"));
  gallery_settle (&test);
  g_assert_cmpuint (gallery_order (&test)->n, ==, GALLERY_N);
  g_assert_false (window_test_says (root, "No tile matches"));

  /* everything is as it was when the project is opened again */
  tessera_session_set_setting (session, "gallery.class", "labelled 1");
  tessera_session_set_setting (session, "gallery.size", "64");
  gallery_settle (&test);
  uint32_t n = gallery_order (&test)->n;
  window_test_close_window (&test);
  window_test_reopen (&test);
  gallery_settle (&test);
  g_assert_cmpstr (gallery_front (&test), ==, "gallery");
  g_assert_cmpuint (gallery_order (&test)->n, ==, n);
  session = window_test_session (&test);
  g_assert_cmpstr (tessera_session_get_setting (session, "gallery.sort", ""), ==, "margin");
  graphene_rect_t area;
  if (n > 0 &&
      tessera_gallery_view_locate (gallery_view (&test), gallery_order (&test)->tiles[0], &area))
    g_assert_cmpfloat (area.size.width, ==, 64);
  window_test_close (&test);
}

/* A class that is switched off in the sidebar is not in the gallery either. */
static void
test_hidden_class (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  for (uint32_t i = 0; i < 2; i++) {
    tessera_session_select_one (session, i * 150 + 3);
    gallery_key (&test, i == 0 ? "1" : "2");
  }
  const TsrClass *first = tessera_session_get_classes (session)->pdata[0];
  TesseraClassCount count = tessera_session_count_class (session, first->id);
  g_assert_cmpuint (count.predicted, >, 10);
  GtkWidget *row = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_CLASS_ROW);
  window_test_click (&test, window_test_find (row, GTK_TYPE_TOGGLE_BUTTON));
  gallery_settle (&test);
  g_assert_cmpuint (gallery_order (&test)->n, ==, GALLERY_N - count.predicted - count.labelled);
  window_test_close (&test);
}

/* A class that goes takes its filter with it: all tiles are there again, without being asked for.
 */
static void
test_removed_class (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  for (uint32_t i = 0; i < 2; i++) {
    tessera_session_select_one (session, i * 150 + 3);
    gallery_key (&test, i == 0 ? "1" : "2");
  }
  const TsrClass *first = tessera_session_get_classes (session)->pdata[0];
  g_autofree char *filter = g_strdup_printf ("predicted %d", first->id);
  uint32_t predicted = tessera_session_count_class (session, first->id).predicted;
  tessera_session_set_setting (session, "gallery.class", filter);
  gallery_settle (&test);
  g_assert_cmpuint (gallery_order (&test)->n, ==, predicted);
  tessera_session_remove_class (session, first->id);
  gallery_settle (&test);
  g_assert_cmpuint (gallery_order (&test)->n, ==, GALLERY_N);
  gallery_key (&test, "ctrl+z");
  g_assert_cmpuint (gallery_order (&test)->n, ==, predicted);
  window_test_close (&test);
}

/* ---- more like this ---- */

static GArray *
vectors (WindowTest *test, uint32_t *d)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_ONLY, &error);
  float *w = NULL;
  g_assert_true (tsr_project_get_vectors (project, &w, d, NULL, &error));
  GArray *all = g_array_new (FALSE, FALSE, sizeof (float));
  g_array_append_vals (all, w, GALLERY_N * *d);
  g_free (w);
  return all;
}

/* Whether tiles come by their distance to the mean of some of them, as far as rounding allows. */
static void
check_likeness (WindowTest *test, const uint32_t *tiles, size_t n)
{
  uint32_t d;
  g_autoptr (GArray) w = vectors (test, &d);
  g_autofree double *mean = g_new0 (double, d);
  for (size_t i = 0; i < n; i++)
    for (uint32_t c = 0; c < d; c++)
      mean[c] += g_array_index (w, float, tiles[i] * d + c) / (double)n;
  double last = 0;
  g_assert_cmpuint (gallery_order (test)->n, ==, GALLERY_N);
  for (uint32_t i = 0; i < GALLERY_N; i++) {
    double sum = 0;
    for (uint32_t c = 0; c < d; c++) {
      double x = g_array_index (w, float, gallery_order (test)->tiles[i] * d + c) - mean[c];
      sum += x * x;
    }
    g_assert_cmpfloat (sum, >=, last * (1 - 1e-5) - 1e-9);
    last = sum;
  }
}

static void
test_example (void)
{
  WindowTest test;
  window_test_open (&test, GALLERY_N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  GtkWidget *root = GTK_WIDGET (test.window);
  uint32_t one = 123;
  tessera_session_select_one (session, one);
  gallery_settle (&test);
  gallery_key (&test, "m");
  g_assert_cmpstr (gallery_front (&test), ==, "gallery");
  g_assert_cmpuint (gallery_order (&test)->tiles[0], ==, one);
  check_likeness (&test, &one, 1);
  g_assert_true (window_test_says (root, "Like "));

  /* a right click on another */
  uint32_t other = gallery_order (&test)->tiles[7];
  gallery_at_place (&test, 7, "click 3");
  window_test_pass (200);
  g_assert_cmpuint (gallery_current (&test), ==, other);
  window_test_xdotool ("key Return"); /* the first line has the focus */
  window_test_pass (100);
  gallery_settle (&test);
  g_assert_cmpstr (gallery_front (&test), ==, "gallery");
  g_assert_cmpuint (gallery_order (&test)->tiles[0], ==, other);

  /* several: their mean; a vector of somebody else; and the end of it */
  const uint32_t several[] = {10, 100, 200};
  tessera_session_select (session, several, 3, TESSERA_SELECT_REPLACE);
  gallery_key (&test, "m");
  check_likeness (&test, several, 3);
  uint32_t d;
  g_autoptr (GArray) w = vectors (&test, &d);
  tessera_session_set_example (session, &g_array_index (w, float, 77 * d), d, "a picture");
  gallery_settle (&test);
  g_assert_cmpuint (gallery_order (&test)->tiles[0], ==, 77);
  g_assert_true (window_test_says (root, "Like a picture"));
  GtkWidget *chip = NULL;
  chip = hands_find_named (GTK_WIDGET (gallery_of (&test)), GTK_TYPE_BUTTON,
                           "Sorted by likeness to a picture. Click to end that");
  window_test_click (&test, chip);
  gallery_settle (&test);
  g_assert_cmpuint (gallery_order (&test)->tiles[0], ==, 0);
  window_test_close (&test);
}

/* Right click and Enter; the first line of the menu has the focus. */
static void
choose_more_like (WindowTest *test, GtkWidget *widget, double x, double y)
{
  int root_x, root_y;
  window_test_root_point (test, widget, x, y, &root_x, &root_y);
  window_test_xdotool ("mousemove %d %d", root_x, root_y);
  window_test_pass (60);
  window_test_xdotool ("click 3");
  window_test_pass (250);
  window_test_xdotool ("key Return");
  window_test_pass (100);
  gallery_settle (test);
}

/* The menu of a tile is on the map and in the panel, too. */
static void
test_menus (void)
{
  WindowTest test;
  window_test_open (&test, GALLERY_N, WINDOW_FIXTURE_ALL);
  TesseraMapView *map = window_test_map (&test);
  double x, y;
  uint32_t tile = 42;
  g_assert_true (tessera_map_view_locate (map, tile, &x, &y));
  tile = (uint32_t)tessera_map_view_pick (map, x, y); /* another may lie on top of it */
  choose_more_like (&test, GTK_WIDGET (map), x, y);
  g_assert_cmpstr (gallery_front (&test), ==, "gallery");
  g_assert_cmpuint (gallery_current (&test), ==, tile);
  g_assert_cmpuint (gallery_order (&test)->tiles[0], ==, tile);

  tessera_session_select_one (window_test_session (&test), 7);
  gallery_settle (&test);
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL);
  choose_more_like (&test, window_test_find (panel, TESSERA_TYPE_TILE_PICTURE), 40, 40);
  g_assert_cmpuint (gallery_order (&test)->tiles[0], ==, 7);
  window_test_close (&test);
}

/* Without vectors, and without a selection, it says what is missing. */
static void
test_nothing_to_compare (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_TILES);
  GtkWidget *root = GTK_WIDGET (test.window);
  g_assert_cmpuint (gallery_order (&test)->n, ==, GALLERY_N);
  gallery_key (&test, "m");
  g_assert_true (window_test_says (root, "Select a tile first"));
  gallery_at_place (&test, 3, "click 1");
  gallery_key (&test, "m");
  g_assert_true (window_test_says (root, "Nothing to compare tiles by yet"));
  window_test_click (&test, window_test_find_button (root, "Sort by import instead"));
  gallery_settle (&test);
  g_assert_false (window_test_says (root, "Nothing to compare"));
  gallery_key (&test, "ctrl+a");
  g_assert_cmpuint (gallery_n_selected (&test), ==, GALLERY_N);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/gallery-find/sort-and-filter", test_sort_and_filter);
  g_test_add_func ("/gallery-find/hidden-class", test_hidden_class);
  g_test_add_func ("/gallery-find/removed-class", test_removed_class);
  g_test_add_func ("/gallery-find/menus", test_menus);
  g_test_add_func ("/gallery-find/example", test_example);
  g_test_add_func ("/gallery-find/nothing-to-compare", test_nothing_to_compare);
  return g_test_run ();
}
