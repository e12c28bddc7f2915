/* The slide view in a real window, under a real pointer and keyboard: what a user does. */

#include "slide-desk.h"

#include <math.h>
#include <string.h>

static void
test_zoom (SlideDesk *desk, gconstpointer unused)
{
  double fit = slide_desk_scale_of (desk), x, y, u, v;
  g_assert_cmpfloat_with_epsilon (fit, (H - 32.0) / SLIDE_H, 1e-9);
  slide_desk_point_at (desk, 300, 350);
  slide_desk_place_of (desk, 300, 350, &x, &y);
  for (int i = 0; i < 6; i++)
    hands_xdo ("click 4");
  slide_desk_settle (desk);
  slide_desk_place_of (desk, 300, 350, &u, &v);
  g_assert_cmpfloat (slide_desk_scale_of (desk) / fit, >, 3);
  g_assert_cmpfloat (hypot (u - x, v - y) * slide_desk_scale_of (desk), <,
                     1); /* under the pointer as before */
  for (int i = 0; i < 16; i++)
    hands_xdo ("click 4");
  slide_desk_settle (desk);
  g_assert_cmpfloat_with_epsilon (slide_desk_scale_of (desk), 4,
                                  1e-9); /* four pixels a pixel, no more */
  for (int i = 0; i < 22; i++)
    hands_xdo ("click 5");
  slide_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &y, &u);
  g_assert_cmpfloat_with_epsilon (u, fit, 1e-9); /* the whole slide, no less, and in the middle */
  g_assert_cmpfloat_with_epsilon (x, SLIDE_W / 2.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (y, SLIDE_H / 2.0, 1e-6);
}

static void
test_pan (SlideDesk *desk, gconstpointer unused)
{
  double x, y, u, v;
  int sx, sy;
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 1280, 960, 1);
  slide_desk_settle (desk);
  slide_desk_place_of (desk, 0, 0, &x, &y);
  hands_to_screen (GTK_WIDGET (desk->view), 400, 300, &sx, &sy);
  hands_xdo ("mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d mousemove %d %d", sx, sy,
             sx + 10, sy + 5, sx + 60, sy + 20, sx + 130, sy - 40);
  slide_desk_place_of (desk, 130, -40, &u, &v);
  g_assert_cmpfloat (hypot (u - x, v - y), <, 1.5); /* before the button is up */
  hands_xdo ("mouseup 1");
  slide_desk_strip (desk);
  g_assert_cmpuint (slide_desk_expect_slide (desk), >, 100000);
  g_assert_cmpint (desk->n_activated, ==, 0);
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), -1e6, 1e6,
                               1); /* the middle stays on it */
  slide_desk_settle (desk);
  slide_desk_place_of (desk, W / 2.0, H / 2.0, &u, &v);
  g_assert_cmpfloat_with_epsilon (u, 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (v, SLIDE_H, 1e-6);
}

static void
test_keys (SlideDesk *desk, gconstpointer unused)
{
  double x, y, u, v, fit = slide_desk_scale_of (desk), scale;
  slide_desk_lay_tiles (desk);
  gtk_widget_grab_focus (GTK_WIDGET (desk->view));
  hands_xdo ("key plus plus");
  slide_desk_settle (desk);
  g_assert_cmpfloat_with_epsilon (slide_desk_scale_of (desk) / fit, 2.25, 1e-6);
  hands_xdo ("key minus");
  slide_desk_settle (desk);
  g_assert_cmpfloat_with_epsilon (slide_desk_scale_of (desk) / fit, 1.5, 1e-6);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &y, &scale);
  hands_xdo ("key Right Down");
  slide_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &u, &v, &scale);
  g_assert_cmpfloat (u, >, x);
  g_assert_cmpfloat (v, >, y);
  hands_xdo ("key Left Up");
  slide_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &u, &v, &scale);
  g_assert_cmpfloat (hypot (u - x, v - y), <, 1e-6);
  hands_xdo ("key Home");
  slide_desk_settle (desk);
  g_assert_cmpfloat_with_epsilon (slide_desk_scale_of (desk), fit, 1e-9);
  hands_xdo ("key ctrl+Right"); /* the tile in the middle, then its neighbours */
  int first = desk->view->state->cursor;
  hands_xdo ("key ctrl+Right ctrl+Down");
  g_assert_cmpint (desk->view->state->cursor, ==, first + 1 + COLUMNS);
  g_assert_cmpint (desk->n_activated, ==, 0);
  /* Zooming keeps the keyboard's tile where it is. */
  graphene_rect_t before, after;
  slide_desk_settle (desk);
  g_assert_true (
      tessera_slide_view_locate (desk->view, (guint32)desk->view->state->cursor, &before));
  hands_xdo ("key plus plus plus");
  slide_desk_settle (desk);
  g_assert_true (
      tessera_slide_view_locate (desk->view, (guint32)desk->view->state->cursor, &after));
  g_assert_cmpfloat (after.size.width, >, 3 * before.size.width);
  graphene_point_t was = {before.origin.x + before.size.width / 2,
                          before.origin.y + before.size.height / 2},
                   is = {after.origin.x + after.size.width / 2,
                         after.origin.y + after.size.height / 2};
  g_assert_cmpfloat (graphene_point_distance (&was, &is, NULL, NULL), <, 1);
  hands_xdo ("key Return");
  slide_desk_settle (desk);
  g_assert_cmpint (desk->activated, ==, first + 1 + COLUMNS);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 1);
  graphene_rect_t rect;
  g_assert_true (tessera_slide_view_locate (desk->view, (guint32)desk->activated, &rect));
  g_assert_cmpfloat (fabs (rect.origin.x + rect.size.width / 2 - W / 2.0), <, 0.6);
  g_assert_cmpfloat (fabs (rect.origin.y + rect.size.height / 2 - H / 2.0), <, 0.6);
  hands_xdo ("key Escape");
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
}

static void
test_clicks (SlideDesk *desk, gconstpointer unused)
{
  double x, y, u, v, scale;
  slide_desk_lay_tiles (desk);
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 1280, 960, 0.6);
  slide_desk_settle (desk);
  slide_desk_middle (desk, 149, &x, &y);
  slide_desk_point_at (desk, x, y);
  g_assert_cmpint (desk->hovered, ==, 149);
  hands_xdo ("click 1");
  g_assert_cmpint (desk->activated, ==, 149);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 1);
  hands_turn (500); /* not a double click */
  slide_desk_middle (desk, 151, &x, &y);
  slide_desk_point_at (desk, x, y);
  hands_xdo ("keydown ctrl click 1 keyup ctrl");
  g_assert_cmpint (desk->n_activated, ==, 1);
  guint n;
  g_autofree guint32 *ids = tessera_slide_view_get_selected (desk->view, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (ids[0], ==, 149);
  g_assert_cmpuint (ids[1], ==, 151);
  slide_desk_settle (desk);
  SlideShot screen = slide_desk_grab (desk); /* a ring round the chosen ones */
  graphene_rect_t rect;
  tessera_slide_view_locate (desk->view, 149, &rect);
  g_assert_cmphex (slide_desk_at (&screen, rect.origin.x - 1, rect.origin.y + 30), ==, 0xffffff);
  tessera_slide_view_locate (desk->view, 147, &rect);
  g_assert_cmphex (slide_desk_at (&screen, rect.origin.x - 1, rect.origin.y + 30), !=, 0xffffff);
  g_free (screen.pixels);
  hands_turn (500);
  hands_xdo ("keydown ctrl click 1 keyup ctrl"); /* and off again */
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 1);
  hands_turn (500);
  slide_desk_middle (desk, 128, &x, &y); /* centres */
  slide_desk_point_at (desk, x, y);
  slide_desk_place_of (desk, x, y, &u, &v);
  hands_xdo ("click --repeat 2 --delay 40 1");
  slide_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &y, &scale);
  g_assert_cmpfloat (hypot (u - x, v - y), <, 3);
  g_assert_cmpfloat_with_epsilon (scale, 0.6, 1e-9);
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), -1000, 960, 0.6);
  slide_desk_settle (desk);
  slide_desk_point_at (desk, 20, 300); /* beside the slide */
  g_assert_cmpint (desk->hovered, ==, -1);
  hands_xdo ("click 1");
  g_assert_cmpint (desk->n_background, ==, 1);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
}

static void
test_box (SlideDesk *desk, gconstpointer unused)
{
  double x0, y0, x1, y1;
  int sx, sy, tx, ty;
  slide_desk_lay_tiles (desk);
  slide_desk_settle (desk);
  slide_desk_middle (desk, 3 * COLUMNS + 4, &x0, &y0);
  slide_desk_middle (desk, 6 * COLUMNS + 9, &x1, &y1);
  hands_to_screen (GTK_WIDGET (desk->view), x0, y0, &sx, &sy);
  hands_to_screen (GTK_WIDGET (desk->view), x1, y1, &tx, &ty);
  static const char drag[] = "keydown shift mousemove %d %d mousedown 1 mousemove %d %d mousemove "
                             "%d %d mouseup 1 keyup shift";
  hands_xdo (drag, sx, sy, (sx + tx) / 2, (sy + ty) / 2, tx, ty);
  guint n;
  g_autofree guint32 *ids = tessera_slide_view_get_selected (desk->view, &n);
  g_assert_cmpuint (n, ==, 4 * 6);
  for (guint k = 0; k < n; k++)
    g_assert_cmpuint (ids[k], ==, (3 + k / 6) * COLUMNS + 4 + k % 6);
  g_assert_cmpint (desk->n_activated, ==, 0);

  /* excluded tiles are not meant, unless they are what is shown */
  for (int shown = 0; shown <= 1; shown++) {
    TesseraMapPoint *points = g_new0 (TesseraMapPoint, N_TILES);
    for (guint i = 0; i < N_TILES; i++) {
      points[i].class_index = TESSERA_MAP_NO_CLASS;
      points[i].flags = i == 4 * COLUMNS + 5
                            ? TESSERA_MAP_POINT_EXCLUDED | (shown ? TESSERA_MAP_POINT_IN_AREAS : 0)
                            : 0;
    }
    g_autoptr (GBytes) bytes = g_bytes_new_take (points, N_TILES * sizeof *points);
    tessera_slide_view_set_points (desk->view, bytes);
    slide_desk_settle (desk);
    hands_xdo (drag, sx, sy, (sx + tx) / 2, (sy + ty) / 2, tx, ty);
    g_autofree guint32 *found = tessera_slide_view_get_selected (desk->view, &n);
    g_assert_cmpuint (n, ==, shown ? 4 * 6 : 4 * 6 - 1);
    for (guint k = 0; k < n && !shown; k++)
      g_assert_cmpuint (found[k], !=, 4 * COLUMNS + 5);
  }
}

/* ---- over the slide ---- */

static void
test_inset (SlideDesk *desk, gconstpointer unused)
{
  graphene_rect_t rect;
  g_assert_false (tessera_slide_view_get_inset (desk->view, &rect)); /* all of it is seen */
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 1280, 960, 2);
  slide_desk_settle (desk);
  g_assert_true (tessera_slide_view_get_inset (desk->view, &rect));
  g_assert_cmpfloat_with_epsilon (rect.size.width / rect.size.height, 4 / 3.0, 0.02);
  SlideShot screen = slide_desk_grab (desk); /* the slide, small: patches of 4.5 pixels */
  guint32 seen = slide_desk_at (&screen, rect.origin.x + 4.5 * 3 + 2, rect.origin.y + 4.5 * 5 + 2);
  for (int shift = 0; shift <= 16; shift += 8)
    g_assert_cmpint (abs ((int)((seen >> shift) & 255) -
                          (int)((slide_view_color (3 * PATCH, 5 * PATCH) >> shift) & 255)),
                     <, 40);
  g_free (screen.pixels);
  int sx, sy;
  double x, y, scale;
  hands_to_screen (GTK_WIDGET (desk->view), rect.origin.x + rect.size.width / 4,
                   rect.origin.y + rect.size.height / 4, &sx, &sy);
  hands_xdo ("mousemove %d %d mousedown 1", sx, sy);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &y, &scale);
  g_assert_cmpfloat (hypot (x - 640, y - 480), <, 20);
  hands_xdo ("mousemove %d %d mousemove %d %d mouseup 1", sx + 20, sy + 10,
             sx + (int)(rect.size.width / 2), sy + (int)(rect.size.height / 2));
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &y, &scale);
  g_assert_cmpfloat (hypot (x - 1920, y - 1440), <, 30);
  g_assert_cmpfloat_with_epsilon (scale, 2, 1e-9);
  g_object_set (desk->view, "show-overview", FALSE, NULL);
  g_assert_false (tessera_slide_view_get_inset (desk->view, &rect));

  /* Beside the map it gives way. */
  g_object_set (desk->view, "show-overview", TRUE, NULL);
  gtk_window_set_default_size (GTK_WINDOW (desk->window), 360, 400);
  hands_turn (300);
  int width = gtk_widget_get_width (GTK_WIDGET (desk->view));
  g_assert_cmpint (width, <=, 360);
  g_assert_true (tessera_slide_view_get_inset (desk->view, &rect));
  g_assert_cmpfloat (rect.size.width, >, 90);
  g_assert_cmpfloat (rect.size.width, <=, 0.35 * width + 1);
}

/* ---- the rest ---- */

static void
test_show_tile (SlideDesk *desk, gconstpointer unused)
{
  double x, y;
  slide_desk_lay_tiles (desk);
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 300, 300, 1);
  slide_desk_settle (desk);
  tessera_slide_view_show_tile (desk->view, 205);
  g_assert_false (tessera_slide_view_is_idle (desk->view)); /* on its way */
  slide_desk_settle (desk);
  slide_desk_middle (desk, 205, &x, &y);
  g_assert_cmpfloat (hypot (x - W / 2.0, y - H / 2.0), <, 0.01);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  tessera_slide_view_show_tile (desk->view, 101);
  slide_desk_middle (desk, 101, &x, &y); /* at once */
  g_assert_cmpfloat (hypot (x - W / 2.0, y - H / 2.0), <, 0.01);
  tessera_slide_view_show_tile (desk->view, 99999);
  slide_desk_middle (desk, 101, &x, &y);
  g_assert_cmpfloat (hypot (x - W / 2.0, y - H / 2.0), <, 0.01);
  const guint32 ids[4] = {7, 3, 7, 99999};
  tessera_slide_view_set_selected (desk->view, ids, 4);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 2);
  g_assert_cmpint (desk->n_selection, ==, 1);
  tessera_slide_view_set_selected (desk->view, ids, 4);
  g_assert_cmpint (desk->n_selection, ==, 1);
  const TesseraSlideTile fewer[2] = {{0, 0, 50, 50, 7}, {60, 0, 50, 50, 8}};
  tessera_slide_view_set_tiles (desk->view, fewer, 2);
  guint n;
  g_autofree guint32 *left = tessera_slide_view_get_selected (desk->view, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (left[0], ==, 7);
  tessera_slide_view_set_slide (desk->view, NULL);
  slide_desk_settle (desk);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
  g_assert_cmpint (tessera_slide_view_pick (desk->view, 100, 100), ==, -1);
  tessera_slide_view_set_slide (desk->view, desk->slide);
  slide_desk_strip (desk);
  g_assert_cmpuint (slide_desk_expect_slide (desk), >, 100000);
}

static void
add (void)
{
  SLIDE_DESK_ADD ("/slide/hands/zoom", test_zoom);
  SLIDE_DESK_ADD ("/slide/hands/pan", test_pan);
  SLIDE_DESK_ADD ("/slide/hands/keys", test_keys);
  SLIDE_DESK_ADD ("/slide/hands/clicks", test_clicks);
  SLIDE_DESK_ADD ("/slide/hands/box", test_box);
  SLIDE_DESK_ADD ("/slide/hands/inset", test_inset);
  SLIDE_DESK_ADD ("/slide/hands/show-tile", test_show_tile);
}

int
main (int argc, char **argv)
{
  return slide_desk_run (argc, argv, add);
}
