/* Selecting on the map in a real window: boxes, the lasso, and the calls for it. */

#include "hands.h"
#include "map-desk.h"
#include "map-fixture.h"

#include <math.h>

/* Compares the selection with the tiles for which inside() holds. */
static guint
expect_selection (MapDesk *desk, bool (*inside) (double x, double y, gconstpointer user),
                  gconstpointer user)
{
  guint count = 0, wrong = 0;
  for (guint32 i = 0; i < MAP_DESK_N; i++) {
    double x, y;
    bool in = tessera_map_view_locate (desk->view, i, &x, &y) && inside (x, y, user);
    count += in;
    wrong += in != tessera_map_view_is_selected (desk->view, i);
  }
  g_assert_cmpuint (wrong, ==, 0);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, count);
  guint n;
  g_autofree guint32 *list = tessera_map_view_get_selection (desk->view, &n);
  g_assert_cmpuint (n, ==, count);
  return count;
}

static bool
in_box (double x, double y, gconstpointer user)
{
  const double *b = user;
  return x >= b[0] && x <= b[2] && y >= b[1] && y <= b[3];
}

static bool
in_union (double x, double y, gconstpointer user)
{
  const double *b = user;
  return in_box (x, y, b) || in_box (x, y, b + 4);
}

static bool
in_first_only (double x, double y, gconstpointer user)
{
  const double *b = user;
  return in_box (x, y, b) && !in_box (x, y, b + 4);
}

static void
drag_box (MapDesk *desk, const char *modifiers, const double b[4])
{
  int x0, y0, x1, y1;
  hands_to_screen (GTK_WIDGET (desk->view), b[0], b[1], &x0, &y0);
  hands_to_screen (GTK_WIDGET (desk->view), b[2], b[3], &x1, &y1);
  hands_xdo ("keydown shift%s", "");
  if (*modifiers)
    hands_xdo ("keydown %s", modifiers);
  hands_xdo ("mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d mouseup 1", x0, y0,
             (x0 + x1) / 2, (y0 + y1) / 2, x1, y1);
  if (*modifiers)
    hands_xdo ("keyup %s", modifiers);
  hands_xdo ("keyup shift%s", "");
  map_desk_settle (desk);
}

static void
test_box (MapDesk *desk, gconstpointer unused)
{
  const double b[8] = {200, 150, 460, 420, 380, 300, 620, 500};
  drag_box (desk, "", b);
  g_assert_cmpuint (expect_selection (desk, in_box, b), >, 100);
  drag_box (desk, "ctrl", b + 4);
  expect_selection (desk, in_union, b);
  drag_box (desk, "", b);
  drag_box (desk, "alt", b + 4);
  expect_selection (desk, in_first_only, b);
  g_assert_cmpint (desk->n_activated, ==, 0);
  hands_xdo ("key Escape");
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
  tessera_map_view_set_mode (desk->view, TESSERA_MAP_MODE_BOX); /* the toolbar's way */
  int x0, y0, x1, y1;
  hands_to_screen (GTK_WIDGET (desk->view), b[0], b[1], &x0, &y0);
  hands_to_screen (GTK_WIDGET (desk->view), b[2], b[3], &x1, &y1);
  hands_xdo ("mousemove %d %d mousedown 1 mousemove %d %d mouseup 1", x0, y0, x1, y1);
  map_desk_settle (desk);
  expect_selection (desk, in_box, b);
  hands_xdo ("key Escape"); /* leaves the mode before it touches the selection */
  g_assert_cmpint (tessera_map_view_get_mode (desk->view), ==, TESSERA_MAP_MODE_PAN);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), >, 0);
}

static bool
in_diamond (double x, double y, gconstpointer user)
{
  return fabs (x - 400) + fabs (y - 300) <= 180;
}

static void
test_lasso (MapDesk *desk, gconstpointer unused)
{
  static const int corners[5][2] = {{400, 120}, {580, 300}, {400, 480}, {220, 300}, {402, 120}};
  int x, y;
  gtk_widget_grab_focus (GTK_WIDGET (desk->view));
  hands_xdo ("key l");
  g_assert_cmpint (tessera_map_view_get_mode (desk->view), ==, TESSERA_MAP_MODE_LASSO);
  for (int i = 0; i < 5; i++) {
    hands_to_screen (GTK_WIDGET (desk->view), corners[i][0], corners[i][1], &x, &y);
    hands_xdo ("mousemove %d %d", x, y);
    if (i == 0)
      hands_xdo ("mousedown %d", 1);
  }
  g_assert_cmpint (desk->view->state->drag, ==, TESSERA_CANVAS_DRAG_OWN);
  hands_xdo ("mouseup %d", 1);
  map_desk_settle (desk);
  guint count = 0, wrong = 0;
  for (guint32 i = 0; i < MAP_DESK_N; i++) {
    double u, v;
    if (!tessera_map_view_locate (desk->view, i, &u, &v))
      continue;
    double edge = fabs (fabs (u - 400) + fabs (v - 300) - 180);
    bool in = in_diamond (u, v, NULL);
    count += in;
    wrong += edge > 4 && in != tessera_map_view_is_selected (desk->view, i);
  }
  g_assert_cmpuint (wrong, ==, 0);
  g_assert_cmpuint (count, >, 100);
  g_assert_cmpint (tessera_map_view_get_mode (desk->view), ==,
                   TESSERA_MAP_MODE_PAN); /* L is for one lasso */
  guint before = tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view));
  hands_xdo ("key l");
  hands_to_screen (GTK_WIDGET (desk->view), 300, 200, &x, &y);
  hands_xdo ("mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d", x, y, x + 50, y, x + 50,
             y + 50);
  hands_xdo ("key Escape mouseup 1");
  map_desk_settle (desk);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==,
                    before); /* given up: nothing changed */
}

static void
test_selection_calls (MapDesk *desk, gconstpointer unused)
{
  const guint32 tiles[4] = {7, 3, 7, MAP_DESK_N + 5};
  tessera_map_view_set_selection (desk->view, tiles, 4);
  guint n;
  g_autofree guint32 *list = tessera_map_view_get_selection (desk->view, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (list[0], ==, 3);
  g_assert_cmpuint (list[1], ==, 7);
  g_assert_cmpint (desk->n_selection, ==, 1);
  tessera_map_view_set_selection (desk->view, tiles, 4);
  g_assert_cmpint (desk->n_selection, ==, 1); /* the same again is no change */
  tessera_map_view_invert_selection (desk->view);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==,
                    MAP_DESK_N - MAP_DESK_N / 97 - 2);
  tessera_map_view_select_all (desk->view);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==,
                    MAP_DESK_N - MAP_DESK_N / 97);
  map_desk_settle (desk);
  g_assert_nonnull (desk->view->sheets[TESSERA_MAP_LAYER_SELECTED].image);
  g_autoptr (GBytes) fewer = map_fixture_layout (100, 3, FALSE);
  tessera_map_view_set_layout (
      desk->view, fewer); /* other tiles: the selection goes, late pictures are dropped */
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
  tessera_map_view_set_layout (desk->view, NULL);
  g_assert_cmpint (tessera_map_view_pick (desk->view, 100, 100), ==, -1);
  tessera_map_view_select_all (desk->view);
  g_assert_null (tessera_map_view_get_selection (desk->view, &n));
  hands_turn (100);
  tessera_map_view_set_layout (desk->view, fewer);
  map_desk_settle (desk);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!map_desk_ready ())
    return 0;
  MAP_DESK_ADD ("/map/view/box", test_box);
  MAP_DESK_ADD ("/map/view/lasso", test_lasso);
  MAP_DESK_ADD ("/map/view/selection-calls", test_selection_calls);
  return g_test_run ();
}
