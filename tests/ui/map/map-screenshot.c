/* Shows the map widget in a real window and writes what it draws as PNG: a tool for looking, and
 * for the documentation. Usage: map-screenshot OUT.png N [dark] [plain] [glow] [lasso] [hover]
 * [zoom=F] [at=TILE] [size=WxH]; zoomed it is about that tile */

#include "map-fixture.h"
#include "picture.h"
#include "tessera-map-view-private.h"
#include "tsr-demo.h"

#include <adwaita.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static GdkTexture *
thumbnail (TesseraMapView *view, guint tile, gpointer unused)
{
  TsrImage image = {0};
  guint kind = tessera_map_point_of (view->points, tile).class_index % tsr_demo_n_classes ();
  tsr_demo_tile (kind, 64, 7, tile, &image);
  g_autoptr (GBytes) bytes = g_bytes_new (image.pixels, 64 * 64 * 3);
  tsr_image_clear (&image);
  return gdk_memory_texture_new (64, 64, GDK_MEMORY_R8G8B8, bytes, 64 * 3);
}

static char *
caption (TesseraMapView *view, guint tile, gpointer unused)
{
  return g_strdup_printf ("#%04u · Tumour 82 %%\nslide 7, 12.4 mm", tile);
}

static void
run_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (1000);
}

static bool
has (int argc, char **argv, const char *word)
{
  for (int i = 3; i < argc; i++)
    if (g_str_equal (argv[i], word))
      return true;
  return false;
}

static void
show_lasso (TesseraMapView *view)
{
  view->state->drag = TESSERA_CANVAS_DRAG_OWN;
  double w = gtk_widget_get_width (GTK_WIDGET (view)),
         h = gtk_widget_get_height (GTK_WIDGET (view));
  for (int i = 0; i < 60; i++) {
    double at[2], a = i * 2 * G_PI / 60, r = 190 + 30 * sin (3 * a);
    tessera_map_camera_unproject (&view->state->camera, w, h, w / 2 + r * cos (a),
                                  h / 2 + 0.8 * r * sin (a), at, at + 1);
    g_array_append_vals (view->lasso, at, 2);
  }
  g_autofree guint8 *found = g_malloc0 (tessera_map_index_n (view->index));
  tessera_map_grid_in_polygon (tessera_map_index_grid (view->index),
                               (const double *)view->lasso->data, view->lasso->len / 2, found);
  tessera_canvas_combine (TESSERA_CANVAS (view), found, TESSERA_CANVAS_REPLACE);
}

/* A window with a map of n tiles, 40 of them labelled; plain: nothing known. */
static TesseraMapView *
show_map (guint n, int width, int height, bool plain)
{
  guint clusters = n > 2000 ? 23 : 9;
  GtkWidget *window = gtk_window_new (), *widget = tessera_map_view_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  TesseraMapView *view = TESSERA_MAP_VIEW (widget);
  TesseraMapClass palette[MAP_FIXTURE_CLASSES];
  map_fixture_palette (palette);
  tessera_map_view_set_palette (view, palette, MAP_FIXTURE_CLASSES);
  g_autoptr (GBytes) xy = map_fixture_layout (n, clusters, TRUE);
  g_autoptr (GBytes) points = map_fixture_points (n, clusters, 40, plain);
  tessera_map_view_set_layout (view, xy);
  tessera_map_view_set_points (view, points);
  tessera_map_view_set_thumbnail_func (view, thumbnail, NULL, NULL);
  tessera_map_view_set_caption_func (view, caption, NULL, NULL);
  gtk_window_present (GTK_WINDOW (window));
  run_for (400);
  return view;
}

static void
zoom_at (TesseraMapView *view, guint32 tile, double zoom)
{
  double x, y, center_x, center_y, scale;
  tessera_canvas_get_viewport (TESSERA_CANVAS (view), &center_x, &center_y, &scale);
  tessera_map_index_place (view->index, tile, &x, &y);
  tessera_canvas_set_viewport (TESSERA_CANVAS (view), x, y, scale * zoom);
}

static void
show_card (TesseraMapView *view, guint32 tile)
{
  view->state->hovered = (int)tile;
  view->card_shown = TRUE;
}

int
main (int argc, char **argv)
{
  if (argc < 3) {
    g_printerr ("usage: %s OUT.png N [dark] [plain] [glow] [lasso] [hover] [zoom=F] "
                "[at=TILE] [size=WxH]\n",
                argv[0]);
    return 2;
  }
  adw_init ();
  guint n = (guint)atoi (argv[2]);
  int w = 1280, h = 860;
  double zoom = 1;
  guint at = (3 * 7919u + 13) % n;
  for (int i = 3; i < argc; i++) {
    sscanf (argv[i], "at=%u", &at);
    sscanf (argv[i], "zoom=%lf", &zoom);
    sscanf (argv[i], "size=%dx%d", &w, &h);
  }
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      has (argc, argv, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                               : ADW_COLOR_SCHEME_FORCE_LIGHT);
  TesseraMapView *view = show_map (n, w, h, has (argc, argv, "plain"));
  guint32 glowing[12];
  for (guint i = 0; i < 12; i++)
    glowing[i] = (i * 7919u + 13) % n;
  if (has (argc, argv, "glow")) {
    tessera_map_view_set_suggestions (view, glowing, 12);
    tessera_map_view_set_current (view, (int)glowing[3]);
  }
  if (zoom != 1)
    zoom_at (view, MIN (at, n - 1), zoom);
  if (has (argc, argv, "lasso"))
    show_lasso (view);
  if (has (argc, argv, "hover"))
    show_card (view, glowing[5]);
  for (int i = 0; i < 100 && !(run_for (20), tessera_map_view_is_settled (view)); i++)
    ;
  run_for (300);
  for (guint i = 0; i < view->lights->len; i++)
    g_array_index (view->lights, float, i) = 0.5f;
  if (has (argc, argv, "hover")) /* the wait may have taken it away */
    show_card (view, glowing[5]);
  picture_save (GTK_WIDGET (view), argv[1]);
  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (view))));
  return 0;
}
