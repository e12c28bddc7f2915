/* The widget in a real window, with a real pointer and keyboard (xdotool): what a user does, and
 * what must come of it. */

#include "hands.h"
#include "map-desk.h"
#include "map-fixture.h"
#include "picture.h"

#include <math.h>
#include <string.h>

/* A tile whose point is well inside the window and apart from others, unlabelled. */
static guint32
lonely_tile (MapDesk *desk)
{
  guint32 best = 0;
  double most = 0;
  for (guint i = 0; i < MAP_DESK_N; i++) {
    double x, y, least = INFINITY;
    if (!tessera_map_view_locate (desk->view, i, &x, &y) || x < 100 || y < 100 || x > 700 ||
        y > 500)
      continue;
    for (guint j = 0; j < MAP_DESK_N; j++) {
      double u, v;
      if (j != i && tessera_map_view_locate (desk->view, j, &u, &v))
        least = fmin (least, hypot (u - x, v - y));
    }
    if (least > most) {
      most = least;
      best = i;
    }
  }
  g_assert_cmpfloat (most, >, 8);
  return best;
}

static void
test_click (MapDesk *desk, gconstpointer unused)
{
  guint32 tile = lonely_tile (desk);
  double x, y;
  tessera_map_view_locate (desk->view, tile, &x, &y);
  map_desk_point_at (desk, x + 2, y - 2);
  g_assert_cmpint (desk->hovered, ==, tile);
  guint64 rasters = tessera_map_view_get_n_rasters (desk->view);
  hands_turn (200);
  g_assert_true (desk->view->card_shown);
  g_assert_cmpuint (tessera_map_view_get_n_rasters (desk->view), ==,
                    rasters); /* hovering paints no map */
  hands_xdo ("click 1");
  map_desk_settle (desk);
  g_assert_cmpint (desk->activated, ==, tile);
  g_assert_cmpint (desk->n_activated, ==, 1);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 1);
  g_assert_true (tessera_map_view_is_selected (desk->view, tile));
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (desk->view)));
  map_desk_point_at (desk, 4, 4);
  g_assert_cmpint (desk->hovered, ==, -1);
  hands_xdo ("click 1");
  g_assert_cmpint (desk->n_background, ==, 1);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
}

/* Two unlabelled tiles a few pixels apart, with no third one near. */
static void
close_pair (MapDesk *desk, guint32 *one, guint32 *other)
{
  for (guint32 i = 0; i < MAP_DESK_N; i++) {
    double x, y, u, v;
    guint32 near = 0, crowd = 0;
    if (!tessera_map_view_locate (desk->view, i, &x, &y))
      continue;
    for (guint32 j = 0; j < MAP_DESK_N; j++)
      if (j != i && tessera_map_view_locate (desk->view, j, &u, &v) && hypot (u - x, v - y) < 22) {
        near = hypot (u - x, v - y) > 8 && hypot (u - x, v - y) < 16 ? j : near;
        crowd++;
      }
    if (crowd != 1 || !near ||
        ((tessera_map_point_of (desk->view->points, i).flags |
          tessera_map_point_of (desk->view->points, near).flags) &
         TESSERA_MAP_POINT_LABELLED))
      continue;
    *one = i, *other = near;
    return;
  }
  g_assert_not_reached ();
}

/* Suggestions and labels win over their neighbours; a class switched off is not found. */
static void
test_click_priority (MapDesk *desk, gconstpointer unused)
{
  guint32 tile, near;
  double x, y, u, v;
  close_pair (desk, &tile, &near);
  tessera_map_view_locate (desk->view, tile, &x, &y);
  tessera_map_view_locate (desk->view, near, &u, &v);
  double far = 5 / hypot (u - x, v - y), px = u + (x - u) * 0.2, py = v + (y - v) * 0.2;
  g_assert_cmpint (tessera_map_view_pick (desk->view, px, py), ==, near);
  tessera_map_view_set_suggestions (desk->view, &tile, 1);
  g_assert_cmpint (tessera_map_view_pick (desk->view, px, py), ==, tile);
  tessera_map_view_set_suggestions (desk->view, NULL, 0);
  g_assert_cmpint (tessera_map_view_pick (desk->view, px, py), ==, near);

  gsize size;
  TesseraMapPoint *points =
      g_memdup2 (g_bytes_get_data (desk->view->points, &size), MAP_DESK_N * sizeof *points);
  points[tile].flags |= TESSERA_MAP_POINT_LABELLED;
  g_autoptr (GBytes) labelled = g_bytes_new_take (points, MAP_DESK_N * sizeof *points);
  tessera_map_view_set_points (desk->view, labelled);
  g_assert_cmpint (tessera_map_view_pick (desk->view, x + (u - x) * far, y + (v - y) * far), ==,
                   tile);
  TesseraMapClass palette[MAP_FIXTURE_CLASSES];
  map_fixture_palette (palette);
  palette[points[tile].class_index].hidden = TRUE;
  tessera_map_view_set_palette (desk->view, palette, MAP_FIXTURE_CLASSES);
  g_assert_cmpint (tessera_map_view_pick (desk->view, x, y), !=, tile);
}

static void
test_wheel (MapDesk *desk, gconstpointer unused)
{
  guint32 tile = lonely_tile (desk);
  double x, y, u, v, cx, cy, before, after;
  tessera_map_view_locate (desk->view, tile, &x, &y);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &before);
  map_desk_point_at (desk, round (x), round (y));
  for (int step = 0; step < 6; step++)
    hands_xdo ("click 4");
  map_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &after);
  g_assert_cmpfloat (after / before, >, 3);
  tessera_map_view_locate (desk->view, tile, &u, &v);
  /* What was under the pointer is still there; the half pixel it was off has grown with the map. */
  double off = hypot (round (x) - x, round (y) - y) * after / before;
  g_assert_cmpfloat (hypot (u - round (x), v - round (y)), <, off + 1.5);
  gboolean fitted = TRUE;
  g_object_get (desk->view, "auto-fit", &fitted, NULL);
  g_assert_false (fitted);
  for (int step = 0; step < 30; step++)
    hands_xdo ("click 5");
  map_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &after);
  g_assert_cmpfloat_with_epsilon (after / before, 0.5, 0.02); /* there is an end to it */
  hands_xdo ("key Home");
  map_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &after);
  g_assert_cmpfloat_with_epsilon (after / before, 1, 1e-9);
}

static void
test_pan (MapDesk *desk, gconstpointer unused)
{
  guint32 tile = lonely_tile (desk);
  double x, y, u, v;
  tessera_map_view_locate (desk->view, tile, &x, &y);
  int sx, sy;
  hands_to_screen (GTK_WIDGET (desk->view), 400, 300, &sx, &sy);
  hands_xdo ("mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d mousemove %d %d", sx, sy,
             sx + 10, sy + 5, sx + 60, sy + 20, sx + 130, sy - 40);
  tessera_map_view_locate (desk->view, tile, &u, &v);
  g_assert_cmpfloat (hypot (u - x - 130, v - y + 40), <, 0.5); /* before the button is up */
  hands_xdo ("mouseup 1");
  map_desk_settle (desk);
  tessera_map_view_locate (desk->view, tile, &u, &v);
  g_assert_cmpfloat (hypot (u - x - 130, v - y + 40), <, 0.5);
  g_assert_cmpint (desk->n_activated, ==, 0);
  g_assert_cmpuint (tessera_canvas_get_n_selected (TESSERA_CANVAS (desk->view)), ==, 0);
}

static void
test_keys (MapDesk *desk, gconstpointer unused)
{
  double cx, cy, s0, s1, x;
  gtk_widget_grab_focus (GTK_WIDGET (desk->view));
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &s0);
  hands_xdo ("key plus");
  map_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &cy, &s1);
  g_assert_cmpfloat_with_epsilon (s1 / s0, 1.5, 0.01);
  hands_xdo ("key Right");
  map_desk_settle (desk);
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &cy, &s1);
  g_assert_cmpfloat (x, >, cx);
  g_assert_cmpfloat_with_epsilon ((x - cx) * s1, 96, 1);
  guint32 tile = lonely_tile (desk);
  tessera_map_view_set_current (desk->view, (int)tile);
  double u, v, before, beside;
  tessera_map_view_locate (desk->view, tile, &before, &v);
  hands_xdo ("key ctrl+Right");
  map_desk_settle (desk);
  int cursor = desk->view->state->cursor;
  g_assert_cmpint (cursor, >=, 0);
  g_assert_cmpint (cursor, !=, tile);
  tessera_map_view_locate (desk->view, tile, &u, &v);
  tessera_map_view_locate (desk->view, cursor, &beside, &v);
  g_assert_cmpfloat (beside, >, u);
  double there, w;
  tessera_map_view_locate (desk->view, cursor, &beside, &v);
  hands_xdo ("key plus"); /* at the tile the keys are at, which stays where it is */
  map_desk_settle (desk);
  tessera_map_view_locate (desk->view, cursor, &there, &w);
  g_assert_cmpfloat_with_epsilon (there, beside, 1);
  g_assert_cmpfloat_with_epsilon (w, v, 1);
  hands_xdo ("key Return");
  g_assert_cmpint (desk->activated, ==, cursor);
  g_assert_true (tessera_map_view_is_selected (desk->view, cursor));
  int activated = desk->n_activated;
  hands_xdo ("key 1 space"); /* the window's keys are left to it */
  g_assert_cmpint (desk->n_activated, ==, activated);
}

typedef struct {
  TesseraMapView *view;
  float before[50];
  guint most, changed[50];
} Lights;

static void
frame_cb (GdkFrameClock *clock, Lights *lights)
{
  guint changed = 0;
  for (guint i = 0; i < 50; i++) {
    float now = g_array_index (lights->view->lights, float, i);
    bool differs = now != lights->before[i];
    changed += differs;
    lights->changed[i] += differs;
    lights->before[i] = now;
  }
  lights->most = MAX (lights->most, changed);
}

/* More would be the whole map for GTK; yet each light has its turn. */
static void
few_lights_a_frame (MapDesk *desk)
{
  guint32 many[50];
  for (guint i = 0; i < 50; i++)
    many[i] = 1 + 3 * i;
  tessera_map_view_set_suggestions (desk->view, many, 50);
  Lights lights = {.view = desk->view};
  for (guint i = 0; i < 50; i++)
    lights.before[i] = g_array_index (desk->view->lights, float, i);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (desk->view));
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (frame_cb), &lights);
  guint least = 0;
  for (int i = 0; i < 100 && least < 3; i++) {
    hands_turn (50);
    least = G_MAXUINT;
    for (guint k = 0; k < 50; k++)
      least = MIN (least, lights.changed[k]);
  }
  g_signal_handler_disconnect (clock, handler);
  g_assert_cmpuint (least, >=, 3);
  g_assert_cmpuint (lights.most, <=, 8);
  tessera_map_view_set_suggestions (desk->view, many, 3);
}

/* The glow moves without a single raster, and stands still where animations are off. */
static void
test_glow (MapDesk *desk, gconstpointer unused)
{
  guint32 tiles[3] = {5, 50, 500};
  tessera_map_view_set_suggestions (desk->view, tiles, 3);
  tessera_map_view_set_current (desk->view, 50);
  map_desk_settle (desk);
  guint64 rasters = tessera_map_view_get_n_rasters (desk->view);
  GskRenderNode *node = desk->view->sheets[TESSERA_MAP_LAYER_BASE].node;
  double low = 1, high = 0;
  for (int i = 0; i < 22; i++) {
    hands_turn (100);
    low = MIN (low, desk->view->glow), high = MAX (high, desk->view->glow);
  }
  g_assert_cmpfloat (high - low, >, 0.7);
  g_assert_cmpuint (tessera_map_view_get_n_rasters (desk->view), ==, rasters);
  g_assert_true (desk->view->sheets[TESSERA_MAP_LAYER_BASE].node == node);
  few_lights_a_frame (desk);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  hands_turn (100);
  double still = desk->view->glow;
  hands_turn (500);
  g_assert_cmpfloat (desk->view->glow, ==, still);
  g_assert_cmpuint (desk->view->state->tick, ==, 0); /* and costs nothing */
}

/* A forming map: ten snapshots a second, each fitted, none dropped at the end. */
static void
test_stream (MapDesk *desk, gconstpointer unused)
{
  g_autoptr (GBytes) bytes = map_fixture_layout (MAP_DESK_N, MAP_DESK_CLUSTERS, TRUE);
  const float *final = g_bytes_get_data (bytes, NULL);
  guint64 rasters = tessera_map_view_get_n_rasters (desk->view);
  guint between = 0;
  for (int step = 1; step <= 10; step++) {
    float *xy = g_new (float, 2 * MAP_DESK_N);
    double grow = pow (10, step / 2.5 - 4);
    for (int i = 0; i < 2 * MAP_DESK_N; i++)
      xy[i] = (float)(final[i] * grow + (10 - step) * 1e-3 * (i % 7 - 3) * grow);
    g_autoptr (GBytes) snapshot = g_bytes_new_take (xy, 2 * MAP_DESK_N * sizeof (float));
    tessera_map_view_set_layout (desk->view, snapshot);
    const TesseraMapIndex *before = desk->view->shown;
    for (int slice = 0; slice < 10; slice++) {
      hands_turn (10);
      between += desk->view->shown != desk->view->index && desk->view->shown != before;
    }
  }
  map_desk_settle (desk);
  g_assert_cmpuint (tessera_map_view_get_n_rasters (desk->view) - rasters, >, 10);
  g_assert_cmpuint (between, >, 5); /* it glides, not jumps */
  g_assert_true (desk->view->shown == desk->view->index);
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
  for (guint32 i = 0; i < MAP_DESK_N; i++) {
    double x, y;
    if (!tessera_map_view_locate (desk->view, i, &x, &y))
      continue;
    x0 = fmin (x0, x), x1 = fmax (x1, x), y0 = fmin (y0, y), y1 = fmax (y1, y);
  }
  g_assert_cmpfloat (MIN (x0, y0), >, 20); /* all in view, and filling it one way */
  g_assert_cmpfloat (MAX (x1 - 780, y1 - 580), <, 0);
  g_assert_cmpfloat (MAX ((x1 - x0) / 800, (y1 - y0) / 600), >, 0.85);
}

static int thumbnails;

static GdkTexture *
thumbnail (TesseraMapView *view, guint tile, gpointer later)
{
  thumbnails++;
  if (later && thumbnails % 2)
    return NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (8 * 8 * 3), 8 * 8 * 3);
  return gdk_memory_texture_new (8, 8, GDK_MEMORY_R8G8B8, bytes, 24);
}

static void
test_thumbnails (MapDesk *desk, gconstpointer unused)
{
  thumbnails = 0;
  tessera_map_view_set_thumbnail_func (desk->view, thumbnail, desk, NULL);
  guint32 tile = lonely_tile (desk);
  double x, y, cx, cy, scale;
  hands_turn (100);
  g_assert_cmpint (thumbnails, ==, 0); /* far out: no pictures */
  tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &scale);
  tessera_map_index_place (desk->view->index, tile, &x, &y);
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), x, y, scale * 8);
  map_desk_settle (desk);
  g_assert_cmpint (thumbnails, >, 3);
  g_assert_cmpint (thumbnails, <=, 400);
  g_assert_cmpfloat (tessera_map_view_tile_half (desk->view, tile), >=, 18);
  double half = tessera_map_view_tile_half (desk->view, tile);
  /* Seen: black as the fixture's pictures, up to its frame and not beyond. */
  g_assert_cmphex (picture_color (GTK_WIDGET (desk->view), 400, 300), ==, 0);
  g_assert_cmphex (picture_color (GTK_WIDGET (desk->view), 400 - 0.7 * half, 300 + 0.7 * half), ==,
                   0);
  g_assert_cmphex (picture_color (GTK_WIDGET (desk->view), 400 - half - 2.5, 300), !=, 0);
  g_object_set (desk->view, "show-thumbnails", FALSE, NULL);
  map_desk_settle (desk);
  g_assert_cmphex (picture_color (GTK_WIDGET (desk->view), 400 - 0.7 * half, 300 + 0.7 * half), !=,
                   0); /* points again */
  g_object_set (desk->view, "show-thumbnails", TRUE, NULL);
  map_desk_settle (desk);
  g_assert_cmpint (tessera_map_view_pick (desk->view, 400 + 0.8 * half, 300 + 0.8 * half), ==,
                   tile); /* the whole picture */
  int asked = thumbnails;
  gtk_widget_queue_draw (GTK_WIDGET (desk->view));
  hands_turn (100);
  g_assert_cmpint (thumbnails, ==, asked); /* kept, missing ones not asked for again */
  for (guint32 i = 0; i < MAP_DESK_N; i++)
    tessera_map_view_thumbnail_ready (desk->view, i);
  hands_turn (100);
  g_assert_cmpint (thumbnails, >, asked);
}

/* A few tiles as a whole map: none is cut off at the edges. */
static void
test_few (MapDesk *desk, gconstpointer unused)
{
  const float xy[] = {-1, 0, 1, 0.1f};
  g_autoptr (GBytes) bytes = g_bytes_new (xy, sizeof xy);
  tessera_map_view_set_thumbnail_func (desk->view, thumbnail, desk, NULL);
  tessera_map_view_set_layout (desk->view, bytes);
  tessera_canvas_fit (TESSERA_CANVAS (desk->view));
  map_desk_settle (desk);
  for (guint32 tile = 0; tile < 2; tile++) {
    double x, y, half = tessera_map_view_tile_half (desk->view, tile);
    g_assert_cmpfloat (half, >, 28);
    g_assert_true (tessera_map_view_locate (desk->view, tile, &x, &y));
    g_assert_cmpfloat (x - half, >=, 8);
    g_assert_cmpfloat (x + half, <=, 800 - 8);
  }
}

static void
test_accessible (MapDesk *desk, gconstpointer unused)
{
  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (desk->view)), ==,
                   GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (desk->view), GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (desk->view, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Map of all tiles");
  g_assert_true (gtk_widget_get_focusable (GTK_WIDGET (desk->view)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!map_desk_ready ())
    return 0;
  MAP_DESK_ADD ("/map/view/click", test_click);
  MAP_DESK_ADD ("/map/view/click-priority", test_click_priority);
  MAP_DESK_ADD ("/map/view/wheel", test_wheel);
  MAP_DESK_ADD ("/map/view/pan", test_pan);
  MAP_DESK_ADD ("/map/view/keys", test_keys);
  MAP_DESK_ADD ("/map/view/glow", test_glow);
  MAP_DESK_ADD ("/map/view/stream", test_stream);
  MAP_DESK_ADD ("/map/view/thumbnails", test_thumbnails);
  MAP_DESK_ADD ("/map/view/few", test_few);
  MAP_DESK_ADD ("/map/view/accessible", test_accessible);
  return g_test_run ();
}
