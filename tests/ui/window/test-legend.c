/* What the legend switches, with real clicks and keys: a click shows or hides, a double click shows
 * alone, and what is hidden stays on the map in grey. */

#include "tessera-class-row.h"
#include "tessera-legend-toggle.h"
#include "tessera-map-legend.h"
#include "tessera-map-pane.h"
#include "tessera-map-view-private.h"
#include "tessera-sidebar.h"
#include "window-test.h"

#include <adwaita.h>
#include <math.h>

#define N         150
#define N_CLASSES 5 /* the fixture's */

static void
set_up (WindowTest *test, gconstpointer data)
{
  window_test_open (test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (test);
  for (uint32_t i = 0; i < N_CLASSES; i++) { /* a label each, so that every class is predicted */
    uint32_t tile = 0;
    const TsrClass *class_ = g_ptr_array_index (tessera_session_get_classes (session), i);
    while (tessera_session_get_truth_class (session, tile) != class_->id)
      tile++;
    tessera_session_select_one (session, tile);
    tessera_session_label (session, class_->id);
    window_test_settle (test);
  }
  tessera_session_select_none (session);
  window_test_settle (test);
}

static void
tear_down (WindowTest *test, gconstpointer data)
{
  window_test_close (test);
}

/* The i-th toggle that is asked about. */
static gboolean
is_nth_toggle (GtkWidget *widget, gpointer i)
{
  return TESSERA_IS_LEGEND_TOGGLE (widget) && (*(int *)i)-- == 0;
}

static GtkWidget *
toggle_of (WindowTest *test, GType within, int i)
{
  GtkWidget *root = window_test_find (GTK_WIDGET (test->window), within);
  GtkWidget *found = window_test_find_if (root, is_nth_toggle, &i);
  g_assert_true (found != NULL && gtk_widget_get_mapped (found));
  return found;
}

/* Which categories the map shows, a bit each. */
static guint
shown (WindowTest *test)
{
  const GArray *classes = window_test_map (test)->classes;
  guint bits = 0;
  for (guint i = 0; i < classes->len; i++)
    bits |= (guint)!g_array_index (classes, TesseraMapClass, i).hidden << i;
  return bits;
}

/* A tip that is shown lies over what is clicked next. */
static void
leave (void)
{
  window_test_xdotool ("mousemove 640 710");
  window_test_pass (100);
}

static void
double_click (WindowTest *test, GtkWidget *widget)
{
  int x, y;
  leave ();
  window_test_root_point (test, widget, gtk_widget_get_width (widget) / 2.0,
                          gtk_widget_get_height (widget) / 2.0, &x, &y);
  window_test_xdotool ("mousemove %d %d click --repeat 2 --delay 60 1", x, y);
  window_test_settle (test);
  window_test_pass (600); /* the next click is another one */
}

static void
click (WindowTest *test, GtkWidget *widget)
{
  leave ();
  window_test_click (test, widget);
  window_test_settle (test);
  window_test_pass (600);
}

/* The drawn map's pixel at a tile, 0xAARRGGBB. */
static guint32
pixel_of (WindowTest *test, uint32_t tile)
{
  TesseraMapView *view = window_test_map (test);
  double x, y;
  g_assert_true (tessera_map_view_locate (view, tile, &x, &y));
  const TesseraMapSheet *sheet = &view->sheets[TESSERA_MAP_LAYER_BASE];
  double left = (view->state->camera.x - sheet->frame.x) * sheet->frame.scale,
         top = (view->state->camera.y - sheet->frame.y) * sheet->frame.scale;
  int px = (int)floor (x - gtk_widget_get_width (GTK_WIDGET (view)) / 2.0 + left),
      py = (int)floor (y - gtk_widget_get_height (GTK_WIDGET (view)) / 2.0 + top);
  const guint8 *row = cairo_image_surface_get_data (sheet->image) +
                      (gsize)py * cairo_image_surface_get_stride (sheet->image);
  return ((const guint32 *)row)[px];
}

static int
colourfulness (guint32 pixel)
{
  int r = (pixel >> 16) & 255, g = (pixel >> 8) & 255, b = pixel & 255;
  return MAX (MAX (r, g), b) - MIN (MIN (r, g), b);
}

/* A predicted tile of a place in the palette that no other tile's marker touches. */
static uint32_t
lonely_tile (WindowTest *test, guint8 class_index)
{
  TesseraMapView *view = window_test_map (test);
  double most = 0;
  uint32_t best = 0;
  for (uint32_t i = 0; i < N; i++) {
    TesseraMapPoint p = tessera_map_point_of (view->points, i);
    double x, y, least = INFINITY;
    if (p.class_index != class_index || !tessera_map_view_locate (view, i, &x, &y) ||
        (p.flags & TESSERA_MAP_POINT_LABELLED))
      continue;
    for (uint32_t j = 0; j < N; j++) {
      double u, v;
      if (j != i && tessera_map_view_locate (view, j, &u, &v))
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

/* The list of classes: hidden ones are grey, not gone, and not found by a click. */
static void
test_classes (WindowTest *test, gconstpointer data)
{
  GtkWidget *first = toggle_of (test, TESSERA_TYPE_SIDEBAR, 0),
            *second = toggle_of (test, TESSERA_TYPE_SIDEBAR, 1);
  uint32_t tile = lonely_tile (test, 0), other = lonely_tile (test, 1);
  guint32 ground = 0xff000000u | 0xffffff, coloured = pixel_of (test, tile),
          beside = pixel_of (test, other);
  g_assert_cmphex (shown (test), ==, 0x1f);
  g_assert_cmpint (colourfulness (coloured), >, 10);

  click (test, first);
  g_assert_cmphex (shown (test), ==, 0x1e);
  g_assert_cmpint (colourfulness (pixel_of (test, tile)), <, 6); /* grey */
  g_assert_cmphex (pixel_of (test, tile), !=, ground);           /* but there */
  g_assert_cmphex (pixel_of (test, other), ==, beside);
  double x, y;
  tessera_map_view_locate (window_test_map (test), tile, &x, &y);
  g_assert_cmpint (tessera_map_view_pick (window_test_map (test), x, y), !=, (int)tile);
  click (test, first);
  g_assert_cmphex (shown (test), ==, 0x1f);
  g_assert_cmphex (pixel_of (test, tile), ==, coloured);

  double_click (test, second);
  g_assert_cmphex (shown (test), ==, 0x02);
  g_assert_cmpint (colourfulness (pixel_of (test, tile)), <, 6);
  g_assert_cmphex (pixel_of (test, other), ==, beside);
  double_click (test, first); /* one that is hidden */
  g_assert_cmphex (shown (test), ==, 0x01);
  double_click (test, first); /* the one that is alone: all again */
  g_assert_cmphex (shown (test), ==, 0x1f);
  g_assert_cmphex (pixel_of (test, tile), ==, coloured);
}

static void
test_keys (WindowTest *test, gconstpointer data)
{
  GtkWidget *third = toggle_of (test, TESSERA_TYPE_SIDEBAR, 2);
  gtk_widget_grab_focus (third);
  gtk_window_set_focus_visible (GTK_WINDOW (test->window), TRUE);
  window_test_key (test, "ctrl+Return");
  window_test_settle (test);
  g_assert_cmphex (shown (test), ==, 0x04);
  window_test_key (test, "ctrl+Return");
  window_test_settle (test);
  g_assert_cmphex (shown (test), ==, 0x1f);
  window_test_key (test, "Return");
  window_test_settle (test);
  g_assert_cmphex (shown (test), ==, 0x1b);
}

/* Chooses in the menu over the map. */
static void
color_by (WindowTest *test, const char *id)
{
  GtkWidget *pane = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_PANE);
  g_autoptr (GPtrArray) choices = tessera_colorings (window_test_session (test));
  guint at = 0;
  while (!g_str_equal (((TesseraColoring *)g_ptr_array_index (choices, at))->id, id))
    at++;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (window_test_find (pane, GTK_TYPE_DROP_DOWN)), at);
  window_test_settle (test);
  window_test_pass (400);
}

/* The legend over the map: right and wrong. */
static void
test_over_map (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  tessera_session_set_setting (session, "view.truth", "1");
  color_by (test, "right");
  g_assert_cmphex (shown (test), ==, 0x3);
  GtkWidget *right = toggle_of (test, TESSERA_TYPE_MAP_LEGEND, 0),
            *wrong = toggle_of (test, TESSERA_TYPE_MAP_LEGEND, 1);
  click (test, right);
  g_assert_cmphex (shown (test), ==, 0x2);
  g_assert_true (gtk_widget_get_mapped (right)); /* not another one in its place */
  click (test, right);
  g_assert_cmphex (shown (test), ==, 0x3);
  double_click (test, wrong);
  g_assert_cmphex (shown (test), ==, 0x2);
  double_click (test, wrong);
  g_assert_cmphex (shown (test), ==, 0x3);

  click (test, right);
  tessera_session_select_one (session, lonely_tile (test, 0));
  tessera_session_label (session, 0); /* numbers change, what is off stays off */
  window_test_settle (test);
  g_assert_cmphex (shown (test), ==, 0x2);
  color_by (test, "prediction");
  g_assert_cmphex (shown (test), ==, 0x1f); /* other colours, other switches */
  color_by (test, "right");
  g_assert_cmphex (shown (test), ==, 0x3);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_LIGHT);
  g_test_add ("/legend/classes", WindowTest, NULL, set_up, test_classes, tear_down);
  g_test_add ("/legend/keys", WindowTest, NULL, set_up, test_keys, tear_down);
  g_test_add ("/legend/over-map", WindowTest, NULL, set_up, test_over_map, tear_down);
  return g_test_run ();
}
