#include "map-desk.h"

#include "hands.h"
#include "map-fixture.h"

#include <adwaita.h>
#include <gdk/x11/gdkx.h>

bool
map_desk_ready (void)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  if (!g_getenv ("DISPLAY") || !xdotool) {
    g_print ("1..0 # SKIP no X display or no xdotool: the map's window was not tested\n");
    return false;
  }
  gdk_set_allowed_backends ("x11");
  adw_init ();
  return true;
}

void
map_desk_settle (MapDesk *desk)
{
  hands_turn (30);
  for (int i = 0; i < 300 && !tessera_map_view_is_settled (desk->view); i++)
    hands_turn (10);
  g_assert_true (tessera_map_view_is_settled (desk->view));
  hands_turn (30);
}

void
map_desk_point_at (MapDesk *desk, double x, double y)
{
  int sx, sy;
  hands_to_screen (GTK_WIDGET (desk->view), x, y, &sx, &sy);
  hands_xdo ("mousemove %d %d", sx, sy);
}

static void
activated_cb (TesseraMapView *view, int tile, MapDesk *desk)
{
  desk->activated = tile;
  desk->n_activated++;
}

static void
hovered_cb (TesseraMapView *view, int tile, MapDesk *desk)
{
  desk->hovered = tile;
}

static void
selection_cb (TesseraMapView *view, MapDesk *desk)
{
  desk->n_selection++;
}

static void
background_cb (TesseraMapView *view, MapDesk *desk)
{
  desk->n_background++;
}

void
map_desk_set_up (MapDesk *desk, gconstpointer unused)
{
  *desk = (MapDesk){.activated = -2, .hovered = -2};
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  desk->window = gtk_window_new ();
  desk->view = TESSERA_MAP_VIEW (tessera_map_view_new ());
  gtk_window_set_decorated (GTK_WINDOW (desk->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (desk->window), 800, 600);
  gtk_window_set_child (GTK_WINDOW (desk->window), GTK_WIDGET (desk->view));
  TesseraMapClass palette[MAP_FIXTURE_CLASSES];
  map_fixture_palette (palette);
  tessera_map_view_set_palette (desk->view, palette, MAP_FIXTURE_CLASSES);
  g_autoptr (GBytes) xy = map_fixture_layout (MAP_DESK_N, MAP_DESK_CLUSTERS, TRUE),
                     points = map_fixture_points (MAP_DESK_N, MAP_DESK_CLUSTERS, 12, FALSE);
  tessera_map_view_set_layout (desk->view, xy);
  tessera_map_view_set_points (desk->view, points);
  g_signal_connect (desk->view, "point-activated", G_CALLBACK (activated_cb), desk);
  g_signal_connect (desk->view, "point-hovered", G_CALLBACK (hovered_cb), desk);
  g_signal_connect (desk->view, "selection-changed", G_CALLBACK (selection_cb), desk);
  g_signal_connect (desk->view, "background-clicked", G_CALLBACK (background_cb), desk);
  hands_xdo ("mousemove 1500 1100");
  gtk_window_present (GTK_WINDOW (desk->window));
  map_desk_settle (desk);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (desk->window));
  hands_xdo ("windowmove %lu 0 0 windowfocus %lu", gdk_x11_surface_get_xid (surface),
             gdk_x11_surface_get_xid (surface));
  map_desk_settle (desk);
}

void
map_desk_tear_down (MapDesk *desk, gconstpointer unused)
{
  g_assert_nonnull (desk->view);
  g_object_add_weak_pointer (G_OBJECT (desk->view), (gpointer *)&desk->view);
  gtk_window_destroy (GTK_WINDOW (desk->window));
  hands_turn (50);
  g_assert_null (desk->view); /* nothing holds it */
}
