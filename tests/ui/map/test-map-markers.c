/* What lies in the light of a suggestion: a label is filled, a prediction is an outline in its
 * class's shape, at every size of the points. */

#include "map-fixture.h"
#include "picture.h"
#include "tessera-map-view.h"
#include "tsr-marker.h"

#include <adwaita.h>
#include <math.h>

#define N 4000 /* so many that points are small */

typedef struct {
  GtkWidget *window;
  TesseraMapView *view;
  guint32 tile; /* suggested */
} Desk;

static void
turn (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end || g_main_context_pending (NULL))
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
set_points (Desk *desk, guint8 flags, guint8 class_index)
{
  TesseraMapPoint *points = g_new0 (TesseraMapPoint, N);
  for (guint i = 0; i < N; i++)
    points[i].class_index = TESSERA_MAP_NO_CLASS;
  points[desk->tile] = (TesseraMapPoint){class_index, flags, 255, 0};
  g_autoptr (GBytes) bytes = g_bytes_new_take (points, N * sizeof *points);
  tessera_map_view_set_points (desk->view, bytes);
  for (int i = 0; i < 300 && !tessera_map_view_is_settled (desk->view); i++)
    turn (10);
  turn (60);
}

static void
set_up (Desk *desk, gconstpointer unused)
{
  static const TesseraMapClass palette[] = {{0xd54f00, TSR_MARKER_SQUARE, FALSE},
                                            {0x0073a4, TSR_MARKER_CIRCLE, FALSE}};
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_LIGHT);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  desk->window = gtk_window_new ();
  desk->view = TESSERA_MAP_VIEW (tessera_map_view_new ());
  desk->tile = 17;
  gtk_window_set_default_size (GTK_WINDOW (desk->window), 800, 600);
  gtk_window_set_child (GTK_WINDOW (desk->window), GTK_WIDGET (desk->view));
  tessera_map_view_set_palette (desk->view, palette, G_N_ELEMENTS (palette));
  g_autoptr (GBytes) xy = map_fixture_layout (N, 5, TRUE);
  tessera_map_view_set_layout (desk->view, xy);
  tessera_map_view_set_suggestions (desk->view, &desk->tile, 1);
  gtk_window_present (GTK_WINDOW (desk->window));
  turn (300);
}

static void
tear_down (Desk *desk, gconstpointer unused)
{
  gtk_window_destroy (GTK_WINDOW (desk->window));
  turn (30);
}

/* The drawn window's colour, 0xRRGGBB, at an offset from the suggested tile. */
static guint32
color_at (Desk *desk, double dx, double dy)
{
  double x, y;
  g_assert_true (tessera_map_view_locate (desk->view, desk->tile, &x, &y));
  return picture_color (GTK_WIDGET (desk->view), x + dx, y + dy);
}

static bool
is_near (guint32 a, guint32 b)
{
  int most = 0;
  for (int shift = 0; shift < 24; shift += 8)
    most = MAX (most, abs ((int)(a >> shift & 255) - (int)(b >> shift & 255)));
  return most < 60;
}

static void
test_markers (Desk *desk, gconstpointer unused)
{
  /* A square reaches 0.886 of the radius in each direction, its corners stand out of the circle. */
  set_points (desk, TESSERA_MAP_POINT_PREDICTED, 0);
  g_assert_true (is_near (color_at (desk, 0, 0), 0xffffff));
  g_assert_true (is_near (color_at (desk, 3, 3), 0xd54f00));
  g_assert_true (is_near (color_at (desk, -3, 3), 0xd54f00));
  set_points (desk, TESSERA_MAP_POINT_LABELLED, 0);
  g_assert_true (is_near (color_at (desk, 0, 0), 0xd54f00));

  set_points (desk, TESSERA_MAP_POINT_PREDICTED, 1);
  g_assert_true (is_near (color_at (desk, 0, 0), 0xffffff));
  g_assert_true (is_near (color_at (desk, 4, 0), 0x0073a4));
  g_assert_false (is_near (color_at (desk, 3.3, 3.3), 0x0073a4));
  set_points (desk, TESSERA_MAP_POINT_LABELLED, 1);
  g_assert_true (is_near (color_at (desk, 0, 0), 0x0073a4));
}

int
main (int argc, char **argv)
{
  if (g_getenv ("DISPLAY") == NULL) {
    g_print ("1..0 # SKIP no display to open a window on\n");
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/map/markers/suggested", Desk, NULL, set_up, test_markers, tear_down);
  return g_test_run ();
}
