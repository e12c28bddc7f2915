#include "slide-desk.h"

#include "picture.h"
#include "tsr-marker.h"

#include <adwaita.h>
#include <gdk/x11/gdkx.h>
#include <math.h>
#include <string.h>

void
slide_desk_settle (SlideDesk *desk)
{
  hands_turn (30);
  for (int i = 0; i < 2000 && !tessera_slide_view_is_idle (desk->view); i++)
    hands_turn (10);
  g_assert_true (tessera_slide_view_is_idle (desk->view));
  hands_turn (60);
}

void
slide_desk_point_at (SlideDesk *desk, double x, double y)
{
  int sx, sy;
  hands_to_screen (GTK_WIDGET (desk->view), x, y, &sx, &sy);
  hands_xdo ("mousemove %d %d", sx, sy);
}

static void
activated_cb (TesseraSlideView *view, int id, SlideDesk *desk)
{
  desk->activated = id;
  desk->n_activated++;
}

static void
hovered_cb (TesseraSlideView *view, int id, SlideDesk *desk)
{
  desk->hovered = id;
}

static void
selection_cb (TesseraSlideView *view, SlideDesk *desk)
{
  desk->n_selection++;
}

static void
background_cb (TesseraSlideView *view, SlideDesk *desk)
{
  desk->n_background++;
}

static void
damaged_cb (TesseraSlideView *view, const char *sentence, SlideDesk *desk)
{
  g_free (desk->damage);
  desk->damage = g_strdup (sentence);
  desk->n_damaged++;
}

void
slide_desk_lay_tiles (SlideDesk *desk)
{
  static const TesseraMapClass classes[2] = {{0xc01c28, TSR_MARKER_CIRCLE, FALSE},
                                             {0x1a5fb4, TSR_MARKER_SQUARE, FALSE}};
  TesseraSlideTile tiles[N_TILES];
  TesseraMapPoint points[N_TILES];
  for (guint i = 0; i < N_TILES; i++) {
    tiles[i] = (TesseraSlideTile){i % COLUMNS * SIDE, i / COLUMNS * SIDE, SIDE, SIDE, i};
    points[i] = (TesseraMapPoint){
        i % 2, i % 7 ? TESSERA_MAP_POINT_PREDICTED : TESSERA_MAP_POINT_LABELLED, 128, 0};
  }
  g_autoptr (GBytes) bytes = g_bytes_new (points, sizeof points);
  tessera_slide_view_set_palette (desk->view, classes, 2);
  tessera_slide_view_set_tiles (desk->view, tiles, N_TILES);
  tessera_slide_view_set_points (desk->view, bytes);
}

void
slide_desk_open_window (SlideDesk *desk, const SlideViewKind *kind)
{
  *desk = (SlideDesk){.activated = -2, .hovered = -2};
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  desk->window = gtk_window_new ();
  desk->view = TESSERA_SLIDE_VIEW (tessera_slide_view_new ());
  gtk_window_set_decorated (GTK_WINDOW (desk->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (desk->window), W, H);
  gtk_window_set_child (GTK_WINDOW (desk->window), GTK_WIDGET (desk->view));
  g_signal_connect (desk->view, "tile-activated", G_CALLBACK (activated_cb), desk);
  g_signal_connect (desk->view, "hovered", G_CALLBACK (hovered_cb), desk);
  g_signal_connect (desk->view, "selection-changed", G_CALLBACK (selection_cb), desk);
  g_signal_connect (desk->view, "background-clicked", G_CALLBACK (background_cb), desk);
  g_signal_connect (desk->view, "damaged", G_CALLBACK (damaged_cb), desk);
  desk->slide = slide_view_fixture (kind);
  tessera_slide_view_set_slide (desk->view, desk->slide);
  hands_xdo ("mousemove 1500 1100");
  gtk_window_present (GTK_WINDOW (desk->window));
  slide_desk_settle (desk);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (desk->window));
  hands_xdo ("windowmove %lu 0 0 windowfocus %lu", gdk_x11_surface_get_xid (surface),
             gdk_x11_surface_get_xid (surface));
  slide_desk_settle (desk);
}

void
slide_desk_set_up (SlideDesk *desk, gconstpointer unused)
{
  const SlideViewKind kind = {SLIDE_W, SLIDE_H, 3, 0.5, -1, -1};
  slide_desk_open_window (desk, &kind);
}

void
slide_desk_tear_down (SlideDesk *desk, gconstpointer unused)
{
  g_object_add_weak_pointer (G_OBJECT (desk->view), (gpointer *)&desk->view);
  gtk_window_destroy (GTK_WINDOW (desk->window));
  hands_turn (50);
  g_assert_null (desk->view); /* nothing holds it */
  tsr_slide_unref (desk->slide);
  g_free (desk->damage);
}

SlideShot
slide_desk_grab (SlideDesk *desk)
{
  g_autoptr (GdkTexture) texture = picture_of (GTK_WIDGET (desk->view), W, H);
  SlideShot screen = {g_new (guint32, W * H)};
  gdk_texture_download (texture, (guchar *)screen.pixels, W * 4);
  return screen;
}

guint32
slide_desk_at (const SlideShot *screen, double x, double y)
{
  return screen->pixels[(gsize)floor (y) * W + (gsize)floor (x)] & 0xffffff;
}

/* Compares all pixels that are well within a patch with the slide's colours. Returns how many. */
guint
slide_desk_expect_slide (SlideDesk *desk)
{
  TesseraSlideState state;
  SlideShot screen = slide_desk_grab (desk);
  guint n = 0, wrong = 0;
  tessera_slide_view_get_state (desk->view, &state);
  double inside = 2.5 * exp2 (state.zoom); /* of a block's pixels, which lines are smeared over */
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      double u = (x + 0.5 - W / 2.0) / state.scale + state.x,
             v = (y + 0.5 - H / 2.0) / state.scale + state.y;
      double du = fmod (u, PATCH), dv = fmod (v, PATCH);
      if (u < inside || v < inside || u > SLIDE_W - inside || v > SLIDE_H - inside ||
          MIN (du, dv) < inside || MAX (du, dv) > PATCH - inside)
        continue;
      n++;
      wrong += slide_desk_at (&screen, x, y) != slide_view_color ((int)u, (int)v);
    }
  g_free (screen.pixels);
  g_assert_cmpuint (wrong, ==, 0);
  return n;
}

/* Nothing but the slide. */
void
slide_desk_strip (SlideDesk *desk)
{
  g_object_set (desk->view, "show-scale-bar", FALSE, "show-overview", FALSE, "show-tiles", FALSE,
                NULL);
  gtk_window_set_focus_visible (GTK_WINDOW (desk->window), FALSE);
  slide_desk_settle (desk);
}

void
slide_desk_place_of (SlideDesk *desk, double px, double py, double *x, double *y)
{
  double cx, cy, scale;
  g_assert_true (tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &cx, &cy, &scale));
  *x = cx + (px - W / 2.0) / scale;
  *y = cy + (py - H / 2.0) / scale;
}

double
slide_desk_scale_of (SlideDesk *desk)
{
  double x, y, scale;
  g_assert_true (tessera_canvas_get_viewport (TESSERA_CANVAS (desk->view), &x, &y, &scale));
  return scale;
}

void
slide_desk_middle (SlideDesk *desk, guint32 id, double *x, double *y)
{
  graphene_rect_t rect;
  g_assert_true (tessera_slide_view_locate (desk->view, id, &rect));
  *x = rect.origin.x + rect.size.width / 2;
  *y = rect.origin.y + rect.size.height / 2;
}

int
slide_desk_run (int argc, char **argv, void (*add) (void))
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  if (!g_getenv ("DISPLAY") || !xdotool) {
    g_print ("1..0 # SKIP no X display or no xdotool: the slide's window was not tested\n");
    return 0;
  }
  gdk_set_allowed_backends ("x11");
  adw_init ();
  add ();
  return g_test_run ();
}
