/* The gallery as a user meets it: one selection with the map, by pointer and by keys, and labelling
 * many tiles with one key. */

#include "gallery-hands.h"
#include "hands.h"

/* ---- one selection ---- */

static void
test_pointer (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (gallery_order (&test)->n, ==, GALLERY_N);
  gallery_at_place (&test, 2, "click 1");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 1);
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[2]);
  gallery_at_place (&test, 7, "keydown ctrl click 1 keyup ctrl");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 2);
  g_assert_true (gallery_is_selected (&test, 2) && gallery_is_selected (&test, 7));
  gallery_at_place (&test, 7, "keydown ctrl click 1 keyup ctrl");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 1);
  gallery_at_place (&test, 3, "click 1");
  gallery_at_place (&test, 11, "keydown shift click 1 keyup shift");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 9);
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[11]);
  gallery_at_place (&test, 1, "keydown shift click 1 keyup shift"); /* from where the range began */
  g_assert_cmpuint (gallery_n_selected (&test), ==, 3);

  /* a box from the gap beside the second tile to the middle of a tile two rows below */
  int x, y, to_x, to_y;
  graphene_rect_t first, second;
  uint32_t columns = 1;
  g_assert_true (
      tessera_gallery_view_locate (gallery_view (&test), gallery_order (&test)->tiles[0], &first));
  do
    g_assert_true (tessera_gallery_view_locate (gallery_view (&test),
                                                gallery_order (&test)->tiles[columns++], &second));
  while (second.origin.y == first.origin.y);
  columns--;
  gallery_point_at (&test, 1, &x, &y);
  gallery_point_at (&test, columns + 2, &to_x, &to_y);
  window_test_xdotool ("mousemove %d %d mousedown 1", x, y);
  window_test_pass (50);
  window_test_xdotool ("mousemove %d %d", (x + to_x) / 2, (y + to_y) / 2);
  window_test_pass (50);
  window_test_xdotool ("mousemove %d %d", to_x, to_y);
  window_test_pass (50);
  g_assert_cmpuint (gallery_n_selected (&test), ==, 3); /* not before it ends */
  window_test_xdotool ("mouseup 1");
  gallery_settle (&test);
  g_assert_cmpuint (gallery_n_selected (&test), ==, 4);
  g_assert_true (gallery_is_selected (&test, 1) && gallery_is_selected (&test, 2));
  g_assert_true (gallery_is_selected (&test, columns + 1) &&
                 gallery_is_selected (&test, columns + 2));

  /* the map has the same selection, and a double click leads there */
  gallery_at_place (&test, 9, "click --repeat 2 --delay 60 1");
  g_assert_cmpstr (gallery_front (&test), ==, "map");
  g_assert_cmpuint (gallery_current (&test), ==, 9);
  guint n;
  tessera_session_select (session, (const uint32_t[]){5, 6, 250}, 3, TESSERA_SELECT_REPLACE);
  g_autofree guint32 *on_map = tessera_map_view_get_selection (window_test_map (&test), &n);
  g_assert_cmpuint (n, ==, 3);
  gallery_key (&test, "ctrl+4");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 3);
  unsigned checked = 0;
  window_test_check_names (GTK_WIDGET (test.window), &checked);
  g_assert_cmpuint (checked, >, 10);
  window_test_close (&test);
}

static void
assert_in_sight (WindowTest *test, uint32_t tile)
{
  graphene_rect_t area;
  g_assert_true (tessera_gallery_view_locate (gallery_view (test), tile, &area));
  g_assert_cmpfloat (area.origin.y, >=, 0);
  g_assert_cmpfloat (area.origin.y + area.size.height, <=,
                     gtk_widget_get_height (GTK_WIDGET (gallery_view (test))));
}

/* What was selected on the map is in sight when the gallery comes to the front, also the first
 * time; and so is what is selected meanwhile on the map. */
static void
test_brought_to_front (void)
{
  WindowTest test;
  window_test_open (&test, GALLERY_N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  tessera_session_select (session, (const uint32_t[]){GALLERY_N - 40}, 1, TESSERA_SELECT_REPLACE);
  gallery_key (&test, "ctrl+4");
  g_assert_cmpuint (gallery_current (&test), ==, GALLERY_N - 40);
  assert_in_sight (&test, GALLERY_N - 40);
  gallery_key (&test, "ctrl+1");
  tessera_session_select (session, (const uint32_t[]){1}, 1, TESSERA_SELECT_REPLACE);
  gallery_key (&test, "ctrl+4");
  assert_in_sight (&test, 1);
  window_test_close (&test);
}

static void
test_keys (void)
{
  WindowTest test;
  graphene_rect_t area;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  gallery_at_place (&test, 0, "click 1");
  gallery_key (&test, "Right");
  gallery_key (&test, "Right");
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[2]);
  gallery_key (&test, "shift+Right");
  gallery_key (&test, "shift+Right");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 3);
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[4]);
  gallery_key (&test, "shift+Left");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 2);
  gallery_key (&test, "Left");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 1);
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[2]);
  gallery_key (&test, "Down");
  gallery_key (&test, "Up");
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[2]);
  gallery_key (&test, "End");
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[GALLERY_N - 1]);
  g_assert_true (
      tessera_gallery_view_locate (gallery_view (&test), gallery_current (&test), &area));
  g_assert_cmpfloat (area.origin.y, >=, 0);
  g_assert_cmpfloat (area.origin.y + area.size.height, <=,
                     gtk_widget_get_height (GTK_WIDGET (gallery_view (&test))));
  gallery_key (&test, "Page_Up");
  g_assert_cmpuint (gallery_current (&test), <, GALLERY_N - 1);
  gallery_key (&test, "shift+Home");
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[0]);
  g_assert_cmpuint (gallery_n_selected (&test), >, 100);
  g_assert_true (gallery_is_selected (&test, 0));
  gallery_key (&test, "ctrl+a");
  g_assert_cmpuint (gallery_n_selected (&test), ==, GALLERY_N);
  gallery_key (&test, "ctrl+i");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 0);
  gallery_at_place (&test, 3, "click 1");
  gallery_key (&test, "ctrl+i");
  g_assert_cmpuint (gallery_n_selected (&test), ==, GALLERY_N - 1);
  gallery_key (&test, "Escape");
  g_assert_cmpuint (gallery_n_selected (&test), ==, 0);

  gallery_at_place (&test, 5, "click 1");
  graphene_rect_t before;
  g_assert_true (
      tessera_gallery_view_locate (gallery_view (&test), gallery_current (&test), &before));
  gallery_key (&test, "ctrl+plus");
  g_assert_true (
      tessera_gallery_view_locate (gallery_view (&test), gallery_current (&test), &area));
  g_assert_cmpfloat (area.size.width, >, before.size.width);
  gallery_key (&test, "ctrl+minus");
  gallery_key (&test, "minus");
  g_assert_true (
      tessera_gallery_view_locate (gallery_view (&test), gallery_current (&test), &area));
  g_assert_cmpfloat (area.size.width, <, before.size.width);
  gallery_key (&test, "Return");
  g_assert_cmpstr (gallery_front (&test), ==, "map");
  window_test_close (&test);
}

/* ---- labelling ---- */

/* Labels go on at the next unlabelled tile of the order, which stays until it is refreshed. */
static void
test_labelling (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  gallery_at_place (&test, 0, "click 1");
  gallery_key (&test, "1");
  g_assert_cmpint (gallery_label_at (&test, 0), >=, 0);
  g_assert_cmpuint (gallery_current (&test), ==, gallery_order (&test)->tiles[1]);
  gallery_at_place (&test, 4, "click 1");
  gallery_key (&test, "2");
  gallery_choose_sort (&test, "margin");
  TesseraGalleryOrder *before = gallery_order (&test);
  g_autofree uint32_t *tiles = g_memdup2 (before->tiles, before->n * sizeof *before->tiles);
  gallery_at_place (&test, 3, "click 1");
  gallery_at_place (&test, 8, "keydown shift click 1 keyup shift");
  gallery_key (&test, "3");
  for (uint32_t i = 3; i <= 8; i++)
    g_assert_cmpint (gallery_label_at (&test, i), >=, 0);
  g_assert_true (gallery_order (&test) == before);
  g_assert_cmpuint (gallery_n_selected (&test), ==, 1);
  g_assert_cmpuint (gallery_current (&test), ==, tiles[9]);
  GtkWidget *refresh =
      hands_find_named (GTK_WIDGET (gallery_of (&test)), GTK_TYPE_BUTTON, "Sort and filter anew");
  g_assert_true (gtk_widget_get_mapped (refresh));
  gallery_key (&test, "ctrl+z"); /* back to what was labelled */
  g_assert_cmpuint (gallery_n_selected (&test), ==, 6);
  g_assert_cmpint (gallery_label_at (&test, 5), ==, TSR_LABEL_NONE);
  gallery_key (&test, "3");
  gallery_key (&test, "space"); /* passes one by */
  g_assert_cmpuint (gallery_current (&test), ==, tiles[10]);
  gallery_key (&test, "x");
  g_assert_true (tessera_session_get_excluded (window_test_session (&test), tiles[10]));
  g_assert_cmpuint (gallery_current (&test), ==, tiles[11]);
  gallery_key (&test, "F5");
  g_assert_false (gtk_widget_get_mapped (refresh));
  g_assert_cmpuint (gallery_order (&test)->at[tiles[3]], >,
                    GALLERY_N - 20); /* labelled ones come last */
  g_assert_cmpuint (gallery_current (&test), ==, tiles[11]);

  /* on the map the next suggestion is next again */
  gallery_key (&test, "ctrl+1");
  g_assert_cmpstr (gallery_front (&test), ==, "map");
  tessera_session_select_one (window_test_session (&test), tiles[20]);
  gallery_key (&test, "1");
  const GArray *queue = tessera_session_get_queue (window_test_session (&test));
  g_assert_cmpuint (gallery_current (&test), ==, g_array_index (queue, uint32_t, 0));
  window_test_close (&test);
}

/* ---- what is open ---- */

static gboolean
has_tooltip (WindowTest *test, gpointer button)
{
  return gtk_widget_get_has_tooltip (button);
}

static gboolean
has_no_tooltip (WindowTest *test, gpointer button)
{
  return !gtk_widget_get_has_tooltip (button);
}

/* A button's tooltip does not lie over what the button has opened. */
static void
test_tooltips (void)
{
  WindowTest test;
  gallery_open (&test, WINDOW_FIXTURE_ALL);
  GtkWidget *gallery = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_GALLERY);
  GType types[] = {GTK_TYPE_DROP_DOWN, GTK_TYPE_MENU_BUTTON};
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    GtkWidget *button = window_test_find (gallery, types[i]);
    g_assert_true (gtk_widget_get_has_tooltip (button));
    window_test_click (&test, button);
    window_test_wait (&test, "it is open and says nothing", has_no_tooltip, button);
    window_test_xdotool ("key Escape");
    window_test_wait (&test, "it is closed", has_tooltip, button);
  }
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/gallery/pointer", test_pointer);
  g_test_add_func ("/gallery/front", test_brought_to_front);
  g_test_add_func ("/gallery/keys", test_keys);
  g_test_add_func ("/gallery/labelling", test_labelling);
  g_test_add_func ("/gallery/tooltips", test_tooltips);
  return g_test_run ();
}
