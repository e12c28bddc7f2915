/* The gallery as a user meets it: one selection with the map, sorting and filtering, labelling many
 * with one key, and searching by example. */

#include "hands.h"
#include "tessera-gallery.h"
#include "window-test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 300

static TesseraGallery *
gallery (WindowTest *test)
{
  return tessera_project_page_get_gallery (tessera_window_get_project_page (test->window));
}

static TesseraGalleryView *
view (WindowTest *test)
{
  return tessera_gallery_get_view (gallery (test));
}

static TesseraGalleryOrder *
order (WindowTest *test)
{
  return tessera_gallery_view_get_order (view (test));
}

static const char *
front (WindowTest *test)
{
  return adw_view_stack_get_visible_child_name (
      tessera_project_page_get_views (tessera_window_get_project_page (test->window)));
}

static gboolean
is_settled (WindowTest *test, gpointer data)
{
  return tessera_gallery_is_settled (gallery (test)) &&
         !tessera_session_is_busy (window_test_session (test));
}

static void
settle (WindowTest *test)
{
  window_test_pass (40);
  window_test_wait (test, "tiles are sorted", is_settled, NULL);
  window_test_pass (40);
}

static void
key (WindowTest *test, const char *keys)
{
  window_test_xdotool ("key %s", keys);
  settle (test);
}

static uint32_t
current (WindowTest *test)
{
  return tessera_session_get_current (window_test_session (test));
}

static size_t
n_selected (WindowTest *test)
{
  size_t n;
  tessera_session_get_selection (window_test_session (test), &n);
  return n;
}

static gboolean
is_selected (WindowTest *test, uint32_t place)
{
  return tessera_session_is_selected (window_test_session (test), order (test)->tiles[place]);
}

static void
point_at (WindowTest *test, uint32_t place, int *x, int *y)
{
  graphene_rect_t area;
  g_assert_true (tessera_gallery_view_locate (view (test), order (test)->tiles[place], &area));
  window_test_root_point (test, GTK_WIDGET (view (test)), area.origin.x + area.size.width / 2,
                          area.origin.y + area.size.height / 2, x, y);
}

/* words: what xdotool does there, say "click 1". */
static void
at_place (WindowTest *test, uint32_t place, const char *words)
{
  int x, y;
  point_at (test, place, &x, &y);
  window_test_xdotool ("mousemove %d %d %s", x, y, words);
  settle (test);
}

static void
open_gallery (WindowTest *test, WindowFixtureParts parts)
{
  window_test_open (test, N, parts);
  key (test, "ctrl+4");
  g_assert_cmpstr (front (test), ==, "gallery");
  g_assert_nonnull (order (test));
}

/* ---- one selection ---- */

static void
test_pointer (void)
{
  WindowTest test;
  open_gallery (&test, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (order (&test)->n, ==, N);
  at_place (&test, 2, "click 1");
  g_assert_cmpuint (n_selected (&test), ==, 1);
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[2]);
  at_place (&test, 7, "keydown ctrl click 1 keyup ctrl");
  g_assert_cmpuint (n_selected (&test), ==, 2);
  g_assert_true (is_selected (&test, 2) && is_selected (&test, 7));
  at_place (&test, 7, "keydown ctrl click 1 keyup ctrl");
  g_assert_cmpuint (n_selected (&test), ==, 1);
  at_place (&test, 3, "click 1");
  at_place (&test, 11, "keydown shift click 1 keyup shift");
  g_assert_cmpuint (n_selected (&test), ==, 9);
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[11]);
  at_place (&test, 1, "keydown shift click 1 keyup shift"); /* from where the range began */
  g_assert_cmpuint (n_selected (&test), ==, 3);

  /* a box from the gap beside the second tile to the middle of a tile two rows below */
  int x, y, to_x, to_y;
  graphene_rect_t first, second;
  uint32_t columns = 1;
  g_assert_true (tessera_gallery_view_locate (view (&test), order (&test)->tiles[0], &first));
  do
    g_assert_true (
        tessera_gallery_view_locate (view (&test), order (&test)->tiles[columns++], &second));
  while (second.origin.y == first.origin.y);
  columns--;
  point_at (&test, 1, &x, &y);
  point_at (&test, columns + 2, &to_x, &to_y);
  window_test_xdotool ("mousemove %d %d mousedown 1", x, y);
  window_test_pass (50);
  window_test_xdotool ("mousemove %d %d", (x + to_x) / 2, (y + to_y) / 2);
  window_test_pass (50);
  window_test_xdotool ("mousemove %d %d", to_x, to_y);
  window_test_pass (50);
  g_assert_cmpuint (n_selected (&test), ==, 3); /* not before it ends */
  window_test_xdotool ("mouseup 1");
  settle (&test);
  g_assert_cmpuint (n_selected (&test), ==, 4);
  g_assert_true (is_selected (&test, 1) && is_selected (&test, 2));
  g_assert_true (is_selected (&test, columns + 1) && is_selected (&test, columns + 2));

  /* the map has the same selection, and a double click leads there */
  at_place (&test, 9, "click --repeat 2 --delay 60 1");
  g_assert_cmpstr (front (&test), ==, "map");
  g_assert_cmpuint (current (&test), ==, 9);
  guint n;
  tessera_session_select (session, (const uint32_t[]){5, 6, 250}, 3, TESSERA_SELECT_REPLACE);
  g_autofree guint32 *on_map = tessera_map_view_get_selection (window_test_map (&test), &n);
  g_assert_cmpuint (n, ==, 3);
  key (&test, "ctrl+4");
  g_assert_cmpuint (n_selected (&test), ==, 3);
  unsigned checked = 0;
  window_test_check_names (GTK_WIDGET (test.window), &checked);
  g_assert_cmpuint (checked, >, 10);
  window_test_close (&test);
}

static void
test_keys (void)
{
  WindowTest test;
  graphene_rect_t area;
  open_gallery (&test, WINDOW_FIXTURE_ALL);
  at_place (&test, 0, "click 1");
  key (&test, "Right");
  key (&test, "Right");
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[2]);
  key (&test, "shift+Right");
  key (&test, "shift+Right");
  g_assert_cmpuint (n_selected (&test), ==, 3);
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[4]);
  key (&test, "shift+Left");
  g_assert_cmpuint (n_selected (&test), ==, 2);
  key (&test, "Left");
  g_assert_cmpuint (n_selected (&test), ==, 1);
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[2]);
  key (&test, "Down");
  key (&test, "Up");
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[2]);
  key (&test, "End");
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[N - 1]);
  g_assert_true (tessera_gallery_view_locate (view (&test), current (&test), &area));
  g_assert_cmpfloat (area.origin.y, >=, 0);
  g_assert_cmpfloat (area.origin.y + area.size.height, <=,
                     gtk_widget_get_height (GTK_WIDGET (view (&test))));
  key (&test, "Page_Up");
  g_assert_cmpuint (current (&test), <, N - 1);
  key (&test, "shift+Home");
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[0]);
  g_assert_cmpuint (n_selected (&test), >, 100);
  g_assert_true (is_selected (&test, 0));
  key (&test, "ctrl+a");
  g_assert_cmpuint (n_selected (&test), ==, N);
  key (&test, "ctrl+i");
  g_assert_cmpuint (n_selected (&test), ==, 0);
  at_place (&test, 3, "click 1");
  key (&test, "ctrl+i");
  g_assert_cmpuint (n_selected (&test), ==, N - 1);
  key (&test, "Escape");
  g_assert_cmpuint (n_selected (&test), ==, 0);

  at_place (&test, 5, "click 1");
  graphene_rect_t before;
  g_assert_true (tessera_gallery_view_locate (view (&test), current (&test), &before));
  key (&test, "ctrl+plus");
  g_assert_true (tessera_gallery_view_locate (view (&test), current (&test), &area));
  g_assert_cmpfloat (area.size.width, >, before.size.width);
  key (&test, "ctrl+minus");
  key (&test, "minus");
  g_assert_true (tessera_gallery_view_locate (view (&test), current (&test), &area));
  g_assert_cmpfloat (area.size.width, <, before.size.width);
  key (&test, "Return");
  g_assert_cmpstr (front (&test), ==, "map");
  window_test_close (&test);
}

/* ---- labelling ---- */

static int32_t
label_at (WindowTest *test, uint32_t place)
{
  return tessera_session_get_label (window_test_session (test), order (test)->tiles[place]);
}

static void
choose_sort (WindowTest *test, const char *name)
{
  tessera_session_set_setting (window_test_session (test), "gallery.sort", name);
  settle (test);
}

/* Labels go on at the next unlabelled tile of the order, which stays until it is refreshed. */
static void
test_labelling (void)
{
  WindowTest test;
  open_gallery (&test, WINDOW_FIXTURE_ALL);
  at_place (&test, 0, "click 1");
  key (&test, "1");
  g_assert_cmpint (label_at (&test, 0), >=, 0);
  g_assert_cmpuint (current (&test), ==, order (&test)->tiles[1]);
  at_place (&test, 4, "click 1");
  key (&test, "2");
  choose_sort (&test, "margin");
  TesseraGalleryOrder *before = order (&test);
  g_autofree uint32_t *tiles = g_memdup2 (before->tiles, before->n * sizeof *before->tiles);
  at_place (&test, 3, "click 1");
  at_place (&test, 8, "keydown shift click 1 keyup shift");
  key (&test, "3");
  for (uint32_t i = 3; i <= 8; i++)
    g_assert_cmpint (label_at (&test, i), >=, 0);
  g_assert_true (order (&test) == before);
  g_assert_cmpuint (n_selected (&test), ==, 1);
  g_assert_cmpuint (current (&test), ==, tiles[9]);
  GtkWidget *refresh =
      hands_find_named (GTK_WIDGET (gallery (&test)), GTK_TYPE_BUTTON, "Sort and filter anew");
  g_assert_true (gtk_widget_get_mapped (refresh));
  key (&test, "ctrl+z"); /* back to what was labelled */
  g_assert_cmpuint (n_selected (&test), ==, 6);
  g_assert_cmpint (label_at (&test, 5), ==, TSR_LABEL_NONE);
  key (&test, "3");
  key (&test, "space"); /* passes one by */
  g_assert_cmpuint (current (&test), ==, tiles[10]);
  key (&test, "x");
  g_assert_true (tessera_session_get_excluded (window_test_session (&test), tiles[10]));
  g_assert_cmpuint (current (&test), ==, tiles[11]);
  key (&test, "F5");
  g_assert_false (gtk_widget_get_mapped (refresh));
  g_assert_cmpuint (order (&test)->at[tiles[3]], >, N - 20); /* labelled ones come last */
  g_assert_cmpuint (current (&test), ==, tiles[11]);

  /* on the map the next suggestion is next again */
  key (&test, "ctrl+1");
  g_assert_cmpstr (front (&test), ==, "map");
  tessera_session_select_one (window_test_session (&test), tiles[20]);
  key (&test, "1");
  const GArray *queue = tessera_session_get_queue (window_test_session (&test));
  g_assert_cmpuint (current (&test), ==, g_array_index (queue, uint32_t, 0));
  window_test_close (&test);
}

/* ---- order and filter ---- */

static void
pick_line (WindowTest *test, GtkWidget *drop, unsigned downs)
{
  window_test_click (test, drop);
  window_test_pass (150);
  window_test_xdotool ("key Home");
  for (unsigned i = 0; i < downs; i++)
    window_test_xdotool ("key Down");
  window_test_xdotool ("key Return");
  window_test_pass (100);
  settle (test);
}

static void
check_margins (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  float last = 0;
  for (uint32_t i = 0; i < N && label_at (test, i) < 0; i++) {
    float margin = tessera_session_get_prediction (session, order (test)->tiles[i])->margin;
    g_assert_cmpfloat (margin, >=, last);
    last = margin;
  }
}

static void
test_sort_and_filter (void)
{
  WindowTest test;
  open_gallery (&test, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  GtkWidget *root = GTK_WIDGET (test.window);
  for (uint32_t i = 0; i < 5; i++) {
    tessera_session_select_one (session, i * 60 + 3);
    key (&test, (const char *const[]){"1", "2", "3", "4", "5"}[i]);
  }
  pick_line (&test, hands_find_named (root, GTK_TYPE_DROP_DOWN, "Order of the tiles"), 1);
  g_assert_cmpstr (tessera_session_get_setting (session, "gallery.sort", ""), ==, "margin");
  check_margins (&test);

  /* predicted as the first class, by hand */
  GtkWidget *button = window_test_find (GTK_WIDGET (gallery (&test)), GTK_TYPE_MENU_BUTTON);
  window_test_click (&test, button);
  window_test_pass (200);
  GtkWidget *of_class = hands_find_named (root, GTK_TYPE_DROP_DOWN, "Class");
  pick_line (&test, of_class, 1);
  window_test_xdotool ("key Escape");
  settle (&test);
  const TsrClass *first = tessera_session_get_classes (session)->pdata[0];
  g_assert_cmpuint (order (&test)->n, ==,
                    tessera_session_count_class (session, first->id).predicted);
  g_assert_cmpuint (order (&test)->n, >, 10);
  for (uint32_t i = 0; i < order (&test)->n; i++)
    g_assert_cmpint (tessera_session_get_prediction (session, order (&test)->tiles[i])->class_id,
                     ==, first->id);

  /* the sidebar narrows it further, to nothing */
  pick_line (&test, hands_find_named (root, GTK_TYPE_DROP_DOWN, "Tiles to show"), 2);
  g_assert_cmpuint (order (&test)->n, ==, 0);
  g_assert_true (window_test_says (root, "No tile matches"));
  window_test_click (&test, window_test_find_button (root, "Show all tiles"));
  settle (&test);
  g_assert_cmpuint (order (&test)->n, ==, N);
  g_assert_false (window_test_says (root, "No tile matches"));

  /* everything is as it was when the project is opened again */
  tessera_session_set_setting (session, "gallery.class", "labelled 1");
  tessera_session_set_setting (session, "gallery.size", "64");
  settle (&test);
  uint32_t n = order (&test)->n;
  window_test_close_window (&test);
  window_test_reopen (&test);
  key (&test, "ctrl+4");
  g_assert_cmpuint (order (&test)->n, ==, n);
  session = window_test_session (&test);
  g_assert_cmpstr (tessera_session_get_setting (session, "gallery.sort", ""), ==, "margin");
  graphene_rect_t area;
  if (n > 0 && tessera_gallery_view_locate (view (&test), order (&test)->tiles[0], &area))
    g_assert_cmpfloat (area.size.width, ==, 64);
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
  g_array_append_vals (all, w, N * *d);
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
  g_assert_cmpuint (order (test)->n, ==, N);
  for (uint32_t i = 0; i < N; i++) {
    double sum = 0;
    for (uint32_t c = 0; c < d; c++) {
      double x = g_array_index (w, float, order (test)->tiles[i] * d + c) - mean[c];
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
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  GtkWidget *root = GTK_WIDGET (test.window);
  uint32_t one = 123;
  tessera_session_select_one (session, one);
  settle (&test);
  key (&test, "m");
  g_assert_cmpstr (front (&test), ==, "gallery");
  g_assert_cmpuint (order (&test)->tiles[0], ==, one);
  check_likeness (&test, &one, 1);
  g_assert_true (window_test_says (root, "Like "));

  /* a right click on another */
  uint32_t other = order (&test)->tiles[7];
  at_place (&test, 7, "click 3");
  window_test_pass (200);
  g_assert_cmpuint (current (&test), ==, other);
  window_test_xdotool ("key Down");
  window_test_xdotool ("key Return");
  window_test_pass (100);
  settle (&test);
  g_assert_cmpuint (order (&test)->tiles[0], ==, other);

  /* several: their mean; a vector of somebody else; and the end of it */
  const uint32_t several[] = {10, 100, 200};
  tessera_session_select (session, several, 3, TESSERA_SELECT_REPLACE);
  key (&test, "m");
  check_likeness (&test, several, 3);
  uint32_t d;
  g_autoptr (GArray) w = vectors (&test, &d);
  tessera_session_set_example (session, &g_array_index (w, float, 77 * d), d, "a picture");
  settle (&test);
  g_assert_cmpuint (order (&test)->tiles[0], ==, 77);
  g_assert_true (window_test_says (root, "Like a picture"));
  GtkWidget *chip = NULL;
  chip = hands_find_named (GTK_WIDGET (gallery (&test)), GTK_TYPE_BUTTON,
                           "Sorted by likeness to a picture. Click to end that");
  window_test_click (&test, chip);
  settle (&test);
  g_assert_cmpuint (order (&test)->tiles[0], ==, 0);
  window_test_close (&test);
}

/* Without vectors, and without a selection, it says what is missing. */
static void
test_nothing_to_compare (void)
{
  WindowTest test;
  open_gallery (&test, WINDOW_FIXTURE_TILES);
  GtkWidget *root = GTK_WIDGET (test.window);
  g_assert_cmpuint (order (&test)->n, ==, N);
  key (&test, "m");
  g_assert_true (window_test_says (root, "Select a tile first"));
  at_place (&test, 3, "click 1");
  key (&test, "m");
  g_assert_true (window_test_says (root, "Nothing to compare tiles by yet"));
  window_test_click (&test, window_test_find_button (root, "Sort by import instead"));
  settle (&test);
  g_assert_false (window_test_says (root, "Nothing to compare"));
  key (&test, "ctrl+a");
  g_assert_cmpuint (n_selected (&test), ==, N);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  window_fixture_home ();
  if (!window_test_can_run ())
    return 0;
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/gallery/pointer", test_pointer);
  g_test_add_func ("/gallery/keys", test_keys);
  g_test_add_func ("/gallery/labelling", test_labelling);
  g_test_add_func ("/gallery/sort-and-filter", test_sort_and_filter);
  g_test_add_func ("/gallery/example", test_example);
  g_test_add_func ("/gallery/nothing-to-compare", test_nothing_to_compare);
  return g_test_run ();
}
