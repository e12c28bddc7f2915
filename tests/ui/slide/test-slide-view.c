/* The slide view in a real window, with a real pointer and keyboard (xdotool): what a user does,
 * and what must be seen then, by the pixels of a slide that the test made. */

#include "slide-view-fixture.h"

#include "tessera-slide-view-private.h"
#include "tsr-marker.h"

#include <adwaita.h>
#include <gdk/x11/gdkx.h>
#include <math.h>
#include <string.h>

#define W       800
#define H       600
#define SLIDE_W 2560
#define SLIDE_H 1920
#define SIDE    128 /* of a tile; its id is row * 20 + column */
#define COLUMNS (SLIDE_W / SIDE)
#define N_TILES (COLUMNS * (SLIDE_H / SIDE))

typedef struct {
  GtkWidget *window;
  TesseraSlideView *view;
  TsrSlide *slide;
  int activated, hovered, n_activated, n_selection, n_background, n_damaged;
  char *damage;
} Desk;

static void
turn (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
settle (Desk *desk)
{
  turn (30);
  for (int i = 0; i < 2000 && !tessera_slide_view_is_idle (desk->view); i++)
    turn (10);
  g_assert_true (tessera_slide_view_is_idle (desk->view));
  turn (60);
}

static void
done_cb (GObject *process, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;
  g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error);
  g_assert_no_error (error);
  *(bool *)done = true;
}

/* Runs xdotool with words separated by blanks, while the window lives on. */
static void G_GNUC_PRINTF (1, 2) xdo (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *words = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *line = g_strconcat ("xdotool ", words, NULL);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  bool done = false;
  g_subprocess_wait_check_async (process, NULL, done_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  turn (60);
}

/* The widget's coordinates on the screen: the window has neither frame nor manager and is at the
 * origin. */
static void
to_screen (Desk *desk, double x, double y, int *sx, int *sy)
{
  double tx, ty, wx, wy;
  gtk_native_get_surface_transform (GTK_NATIVE (desk->window), &tx, &ty);
  g_assert_true (
      gtk_widget_translate_coordinates (GTK_WIDGET (desk->view), desk->window, x, y, &wx, &wy));
  *sx = (int)lround (wx + tx), *sy = (int)lround (wy + ty);
}

static void
point_at (Desk *desk, double x, double y)
{
  int sx, sy;
  to_screen (desk, x, y, &sx, &sy);
  xdo ("mousemove %d %d", sx, sy);
}

static void
activated_cb (TesseraSlideView *view, int id, Desk *desk)
{
  desk->activated = id;
  desk->n_activated++;
}

static void
hovered_cb (TesseraSlideView *view, int id, Desk *desk)
{
  desk->hovered = id;
}

static void
selection_cb (TesseraSlideView *view, Desk *desk)
{
  desk->n_selection++;
}

static void
background_cb (TesseraSlideView *view, Desk *desk)
{
  desk->n_background++;
}

static void
damaged_cb (TesseraSlideView *view, const char *sentence, Desk *desk)
{
  g_free (desk->damage);
  desk->damage = g_strdup (sentence);
  desk->n_damaged++;
}

static void
lay_tiles (Desk *desk)
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

static void
open_window (Desk *desk, const SlideViewKind *kind)
{
  *desk = (Desk){.activated = -2, .hovered = -2};
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
  xdo ("mousemove 1500 1100");
  gtk_window_present (GTK_WINDOW (desk->window));
  settle (desk);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (desk->window));
  xdo ("windowmove %lu 0 0 windowfocus %lu", gdk_x11_surface_get_xid (surface),
       gdk_x11_surface_get_xid (surface));
  settle (desk);
}

static void
set_up (Desk *desk, gconstpointer unused)
{
  const SlideViewKind kind = {SLIDE_W, SLIDE_H, 3, 0.5, -1, -1};
  open_window (desk, &kind);
}

static void
tear_down (Desk *desk, gconstpointer unused)
{
  g_object_add_weak_pointer (G_OBJECT (desk->view), (gpointer *)&desk->view);
  gtk_window_destroy (GTK_WINDOW (desk->window));
  turn (50);
  g_assert_null (desk->view); /* nothing holds it */
  tsr_slide_unref (desk->slide);
  g_free (desk->damage);
}

/* ---- what is seen ---- */

typedef struct {
  guint32 *pixels;
} Shot;

static Shot
grab (Desk *desk)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (desk->view));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, W, H);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (desk->window));
  g_autoptr (GdkTexture) texture =
      gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, W, H));
  Shot screen = {g_new (guint32, W * H)};
  gdk_texture_download (texture, (guchar *)screen.pixels, W * 4);
  return screen;
}

static guint32
at (const Shot *screen, double x, double y)
{
  return screen->pixels[(gsize)floor (y) * W + (gsize)floor (x)] & 0xffffff;
}

/* Compares all pixels that are well within a patch with the slide's colours. Returns how many. */
static guint
expect_slide (Desk *desk)
{
  TesseraSlideState state;
  Shot screen = grab (desk);
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
      wrong += at (&screen, x, y) != slide_view_color ((int)u, (int)v);
    }
  g_free (screen.pixels);
  g_assert_cmpuint (wrong, ==, 0);
  return n;
}

/* Nothing but the slide. */
static void
strip (Desk *desk)
{
  g_object_set (desk->view, "show-scale-bar", FALSE, "show-overview", FALSE, "show-tiles", FALSE,
                NULL);
  gtk_window_set_focus_visible (GTK_WINDOW (desk->window), FALSE);
  settle (desk);
}

static void
test_pixels (Desk *desk, gconstpointer unused)
{
  static const double scales[5] = {0.26, 0.5, 0.77, 1, 3.3};
  strip (desk);
  TesseraSlideState state;
  g_assert_cmpuint (expect_slide (desk), >, 100000);
  for (int i = 0; i < 5; i++) {
    tessera_slide_view_set_viewport (desk->view, 1200 + 7.3 * i, 900 + 3.1 * i, scales[i]);
    settle (desk);
    g_assert_cmpuint (expect_slide (desk), >, 100000);
    tessera_slide_view_get_state (desk->view, &state);
    /* Pixels of 1 or 2, the coarsest that are no larger than the screen's. */
    g_assert_cmpint (state.zoom, ==, scales[i] * tessera_slide_view_ratio (desk->view) <= 0.5);
    g_assert_cmpuint (state.there, ==, state.wanted);
  }
  /* The last pixel of the slide, and what is beside it. */
  tessera_slide_view_set_viewport (desk->view, SLIDE_W, SLIDE_H, 1);
  settle (desk);
  Shot screen = grab (desk);
  tessera_slide_view_get_state (desk->view, &state);
  double x = W / 2.0 + SLIDE_W - state.x, y = H / 2.0 + SLIDE_H - state.y;
  g_assert_cmpfloat (MAX (x - W, y - H), <, -50);
  g_assert_cmphex (at (&screen, x - 2, y - 2), ==, slide_view_color (SLIDE_W - 2, SLIDE_H - 2));
  g_assert_cmphex (at (&screen, x + 3, y - 2), ==, at (&screen, W - 5, H - 5));
  g_free (screen.pixels);
}

/* ---- what hands do ---- */

static void
place_of (Desk *desk, double px, double py, double *x, double *y)
{
  double cx, cy, scale;
  g_assert_true (tessera_slide_view_get_viewport (desk->view, &cx, &cy, &scale));
  *x = cx + (px - W / 2.0) / scale;
  *y = cy + (py - H / 2.0) / scale;
}

static double
scale_of (Desk *desk)
{
  double x, y, scale;
  g_assert_true (tessera_slide_view_get_viewport (desk->view, &x, &y, &scale));
  return scale;
}

static void
test_zoom (Desk *desk, gconstpointer unused)
{
  double fit = scale_of (desk), x, y, u, v;
  g_assert_cmpfloat_with_epsilon (fit, (H - 32.0) / SLIDE_H, 1e-9);
  point_at (desk, 300, 350);
  place_of (desk, 300, 350, &x, &y);
  for (int i = 0; i < 6; i++)
    xdo ("click 4");
  settle (desk);
  place_of (desk, 300, 350, &u, &v);
  g_assert_cmpfloat (scale_of (desk) / fit, >, 3);
  g_assert_cmpfloat (hypot (u - x, v - y) * scale_of (desk), <,
                     1); /* under the pointer as before */
  for (int i = 0; i < 16; i++)
    xdo ("click 4");
  settle (desk);
  g_assert_cmpfloat_with_epsilon (scale_of (desk), 4, 1e-9); /* four pixels a pixel, no more */
  for (int i = 0; i < 22; i++)
    xdo ("click 5");
  settle (desk);
  tessera_slide_view_get_viewport (desk->view, &x, &y, &u);
  g_assert_cmpfloat_with_epsilon (u, fit, 1e-9); /* the whole slide, no less, and in the middle */
  g_assert_cmpfloat_with_epsilon (x, SLIDE_W / 2.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (y, SLIDE_H / 2.0, 1e-6);
}

static void
test_pan (Desk *desk, gconstpointer unused)
{
  double x, y, u, v;
  int sx, sy;
  tessera_slide_view_set_viewport (desk->view, 1280, 960, 1);
  settle (desk);
  place_of (desk, 0, 0, &x, &y);
  to_screen (desk, 400, 300, &sx, &sy);
  xdo ("mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d mousemove %d %d", sx, sy,
       sx + 10, sy + 5, sx + 60, sy + 20, sx + 130, sy - 40);
  place_of (desk, 130, -40, &u, &v);
  g_assert_cmpfloat (hypot (u - x, v - y), <, 1.5); /* before the button is up */
  xdo ("mouseup 1");
  strip (desk);
  g_assert_cmpuint (expect_slide (desk), >, 100000);
  g_assert_cmpint (desk->n_activated, ==, 0);
  tessera_slide_view_set_viewport (desk->view, -1e6, 1e6, 1); /* the middle stays on it */
  settle (desk);
  place_of (desk, W / 2.0, H / 2.0, &u, &v);
  g_assert_cmpfloat_with_epsilon (u, 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (v, SLIDE_H, 1e-6);
}

static void
test_keys (Desk *desk, gconstpointer unused)
{
  double x, y, u, v, fit = scale_of (desk), scale;
  lay_tiles (desk);
  gtk_widget_grab_focus (GTK_WIDGET (desk->view));
  xdo ("key plus plus");
  settle (desk);
  g_assert_cmpfloat_with_epsilon (scale_of (desk) / fit, 2.25, 1e-6);
  xdo ("key minus");
  settle (desk);
  g_assert_cmpfloat_with_epsilon (scale_of (desk) / fit, 1.5, 1e-6);
  tessera_slide_view_get_viewport (desk->view, &x, &y, &scale);
  xdo ("key Right Down");
  settle (desk);
  tessera_slide_view_get_viewport (desk->view, &u, &v, &scale);
  g_assert_cmpfloat (u, >, x);
  g_assert_cmpfloat (v, >, y);
  xdo ("key Left Up");
  settle (desk);
  tessera_slide_view_get_viewport (desk->view, &u, &v, &scale);
  g_assert_cmpfloat (hypot (u - x, v - y), <, 1e-6);
  xdo ("key Home");
  settle (desk);
  g_assert_cmpfloat_with_epsilon (scale_of (desk), fit, 1e-9);
  xdo ("key ctrl+Right"); /* the tile in the middle, then its neighbours */
  int first = desk->view->cursor;
  xdo ("key ctrl+Right ctrl+Down");
  g_assert_cmpint (desk->view->cursor, ==, first + 1 + COLUMNS);
  g_assert_cmpint (desk->n_activated, ==, 0);
  xdo ("key plus plus plus Return");
  settle (desk);
  g_assert_cmpint (desk->activated, ==, first + 1 + COLUMNS);
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 1);
  graphene_rect_t rect;
  g_assert_true (tessera_slide_view_locate (desk->view, (guint32)desk->activated, &rect));
  g_assert_cmpfloat (fabs (rect.origin.x + rect.size.width / 2 - W / 2.0), <, 0.6);
  g_assert_cmpfloat (fabs (rect.origin.y + rect.size.height / 2 - H / 2.0), <, 0.6);
  xdo ("key Escape");
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 0);
}

static void
middle (Desk *desk, guint32 id, double *x, double *y)
{
  graphene_rect_t rect;
  g_assert_true (tessera_slide_view_locate (desk->view, id, &rect));
  *x = rect.origin.x + rect.size.width / 2;
  *y = rect.origin.y + rect.size.height / 2;
}

static void
test_clicks (Desk *desk, gconstpointer unused)
{
  double x, y, u, v, scale;
  lay_tiles (desk);
  tessera_slide_view_set_viewport (desk->view, 1280, 960, 0.6);
  settle (desk);
  middle (desk, 149, &x, &y);
  point_at (desk, x, y);
  g_assert_cmpint (desk->hovered, ==, 149);
  xdo ("click 1");
  g_assert_cmpint (desk->activated, ==, 149);
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 1);
  turn (500); /* not a double click */
  middle (desk, 151, &x, &y);
  point_at (desk, x, y);
  xdo ("keydown ctrl click 1 keyup ctrl");
  g_assert_cmpint (desk->n_activated, ==, 1);
  guint n;
  g_autofree guint32 *ids = tessera_slide_view_get_selected (desk->view, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (ids[0], ==, 149);
  g_assert_cmpuint (ids[1], ==, 151);
  settle (desk);
  Shot screen = grab (desk); /* a ring round the chosen ones */
  graphene_rect_t rect;
  tessera_slide_view_locate (desk->view, 149, &rect);
  g_assert_cmphex (at (&screen, rect.origin.x - 1, rect.origin.y + 30), ==, 0xffffff);
  tessera_slide_view_locate (desk->view, 147, &rect);
  g_assert_cmphex (at (&screen, rect.origin.x - 1, rect.origin.y + 30), !=, 0xffffff);
  g_free (screen.pixels);
  turn (500);
  xdo ("keydown ctrl click 1 keyup ctrl"); /* and off again */
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 1);
  turn (500);
  middle (desk, 128, &x, &y); /* centres */
  point_at (desk, x, y);
  place_of (desk, x, y, &u, &v);
  xdo ("click --repeat 2 --delay 40 1");
  settle (desk);
  tessera_slide_view_get_viewport (desk->view, &x, &y, &scale);
  g_assert_cmpfloat (hypot (u - x, v - y), <, 3);
  g_assert_cmpfloat_with_epsilon (scale, 0.6, 1e-9);
  tessera_slide_view_set_viewport (desk->view, -1000, 960, 0.6);
  settle (desk);
  point_at (desk, 20, 300); /* beside the slide */
  g_assert_cmpint (desk->hovered, ==, -1);
  xdo ("click 1");
  g_assert_cmpint (desk->n_background, ==, 1);
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 0);
}

static void
test_box (Desk *desk, gconstpointer unused)
{
  double x0, y0, x1, y1;
  int sx, sy, tx, ty;
  lay_tiles (desk);
  settle (desk);
  middle (desk, 3 * COLUMNS + 4, &x0, &y0);
  middle (desk, 6 * COLUMNS + 9, &x1, &y1);
  to_screen (desk, x0, y0, &sx, &sy);
  to_screen (desk, x1, y1, &tx, &ty);
  xdo ("keydown shift mousemove %d %d mousedown 1 mousemove %d %d mousemove %d %d mouseup 1 keyup "
       "shift",
       sx, sy, (sx + tx) / 2, (sy + ty) / 2, tx, ty);
  guint n;
  g_autofree guint32 *ids = tessera_slide_view_get_selected (desk->view, &n);
  g_assert_cmpuint (n, ==, 4 * 6);
  for (guint k = 0; k < n; k++)
    g_assert_cmpuint (ids[k], ==, (3 + k / 6) * COLUMNS + 4 + k % 6);
  g_assert_cmpint (desk->n_activated, ==, 0);
}

/* ---- over the slide ---- */

static guint32
over (guint32 below, guint32 rgb, double opacity)
{
  double alpha = round (255 * opacity) / 255;
  guint32 mixed = 0;
  for (int shift = 0; shift <= 16; shift += 8)
    mixed |=
        (guint32)lround (((below >> shift) & 255) * (1 - alpha) + ((rgb >> shift) & 255) * alpha)
        << shift;
  return mixed;
}

static void
expect_near (guint32 got, guint32 wanted)
{
  for (int shift = 0; shift <= 16; shift += 8)
    if (abs ((int)((got >> shift) & 255) - (int)((wanted >> shift) & 255)) > 2)
      g_error ("#%06x is seen instead of #%06x", got, wanted);
}

static void
expect_tiles (Desk *desk, double opacity, bool heat)
{
  Shot screen = grab (desk);
  guint n = 0;
  for (guint32 id = 0; id < N_TILES; id++) {
    graphene_rect_t rect;
    double x, y, u, v;
    g_assert_true (tessera_slide_view_locate (desk->view, id, &rect));
    x = rect.origin.x + 0.75 * rect.size.width, y = rect.origin.y + 0.75 * rect.size.height;
    if (x < 2 || y < 2 || x > W - 2 || y > H - 2)
      continue;
    place_of (desk, x, y, &u, &v); /* the middle of a patch */
    guint32 rgb =
        heat ? tsr_marker_ramp (128) : tsr_marker_tone (id % 2 ? 0x1a5fb4 : 0xc01c28, false);
    expect_near (at (&screen, x, y), over (slide_view_color ((int)u, (int)v), rgb, opacity));
    n++;
  }
  g_assert_cmpuint (n, >, 15);
  g_free (screen.pixels);
}

static void
test_overlay (Desk *desk, gconstpointer unused)
{
  strip (desk);
  lay_tiles (desk);
  g_object_set (desk->view, "show-tiles", TRUE, NULL);
  static const double opacities[3] = {0.35, 0, 1}, scales[3] = {0.3, 0.5, 1};
  for (int s = 0; s < 3; s++)
    for (int o = 0; o < 3; o++) {
      tessera_slide_view_set_viewport (desk->view, 1280, 960, scales[s]);
      tessera_slide_view_set_opacity (desk->view, opacities[o]);
      settle (desk);
      expect_tiles (desk, opacities[o], false);
    }
  g_object_set (desk->view, "heatmap", TRUE, NULL);
  settle (desk);
  expect_tiles (desk, 1, true);
  g_object_set (desk->view, "show-tiles", FALSE, NULL);
  settle (desk);
  g_assert_cmpuint (expect_slide (desk), >, 100000);
}

static void
test_mask (Desk *desk, gconstpointer unused)
{
  strip (desk);
  guint8 classes[40 * 30];
  for (int i = 0; i < 1200; i++)
    classes[i] = i % 40 < 20 ? TSR_MASK_TISSUE : TSR_MASK_GLASS;
  const TsrTissueMask mask = {.width = 40, .height = 30, .classes = classes};
  tessera_slide_view_set_mask (desk->view, &mask);
  settle (desk);
  double scale = scale_of (desk);
  Shot screen = grab (desk);
  double left = W / 2.0 + (672 - 1280) * scale, right = W / 2.0 + (1952 - 1280) * scale,
         y = H / 2.0 + (992 - 960) * scale;
  g_assert_cmphex (at (&screen, left, y), ==, slide_view_color (672, 992));
  expect_near (at (&screen, right, y), over (slide_view_color (1952, 992), 0x14171c, 0.24));
  g_free (screen.pixels);
  g_object_set (desk->view, "show-mask", FALSE, NULL);
  settle (desk);
  g_assert_cmpuint (expect_slide (desk), >, 100000);
}

/* ---- furniture ---- */

static void
test_bar (void)
{
  double amount;
  const char *unit;
  g_assert_cmpfloat_with_epsilon (tessera_slide_bar (0.5, 1, 150, &amount, &unit), 100, 1e-9);
  g_assert_cmpfloat_with_epsilon (amount, 50, 1e-9);
  g_assert_cmpstr (unit, ==, "µm");
  g_assert_cmpfloat_with_epsilon (tessera_slide_bar (0.25, 0.01, 150, &amount, &unit), 80, 1e-9);
  g_assert_cmpfloat_with_epsilon (amount, 2, 1e-9);
  g_assert_cmpstr (unit, ==, "mm");
  g_assert_cmpfloat_with_epsilon (tessera_slide_bar (NAN, 0.3, 150, &amount, &unit), 150, 1e-9);
  g_assert_cmpfloat_with_epsilon (amount, 500, 1e-9);
  g_assert_cmpstr (unit, ==, "px");
  for (double scale = 1e-4; scale < 10; scale *= 1.07) { /* 1, 2 or 5, and as long as may be */
    double length = tessera_slide_bar (0.499, scale, 150, &amount, &unit);
    double lead = amount / pow (10, floor (log10 (amount) + 1e-9));
    g_assert_true (fabs (lead - 1) < 1e-6 || fabs (lead - 2) < 1e-6 || fabs (lead - 5) < 1e-6);
    g_assert_cmpfloat (length, <=, 150 * (1 + 1e-6));
    g_assert_cmpfloat (length, >, 150 / 2.5 * (1 - 1e-6));
    g_assert_cmpfloat_with_epsilon (amount * (*unit == 'm' ? 1000 : 1) / 0.499 * scale, length,
                                    1e-6);
  }
  g_assert_cmpfloat (tessera_slide_bar (0.5, 0, 150, &amount, &unit), ==, 0);
}

static void
test_inset (Desk *desk, gconstpointer unused)
{
  graphene_rect_t rect;
  g_assert_false (tessera_slide_view_get_inset (desk->view, &rect)); /* all of it is seen */
  tessera_slide_view_set_viewport (desk->view, 1280, 960, 2);
  settle (desk);
  g_assert_true (tessera_slide_view_get_inset (desk->view, &rect));
  g_assert_cmpfloat_with_epsilon (rect.size.width / rect.size.height, 4 / 3.0, 0.02);
  Shot screen = grab (desk); /* the slide, small: patches of 4.5 pixels */
  guint32 seen = at (&screen, rect.origin.x + 4.5 * 3 + 2, rect.origin.y + 4.5 * 5 + 2);
  for (int shift = 0; shift <= 16; shift += 8)
    g_assert_cmpint (abs ((int)((seen >> shift) & 255) -
                          (int)((slide_view_color (3 * PATCH, 5 * PATCH) >> shift) & 255)),
                     <, 40);
  g_free (screen.pixels);
  int sx, sy;
  double x, y, scale;
  to_screen (desk, rect.origin.x + rect.size.width / 4, rect.origin.y + rect.size.height / 4, &sx,
             &sy);
  xdo ("mousemove %d %d mousedown 1", sx, sy);
  tessera_slide_view_get_viewport (desk->view, &x, &y, &scale);
  g_assert_cmpfloat (hypot (x - 640, y - 480), <, 20);
  xdo ("mousemove %d %d mousemove %d %d mouseup 1", sx + 20, sy + 10,
       sx + (int)(rect.size.width / 2), sy + (int)(rect.size.height / 2));
  tessera_slide_view_get_viewport (desk->view, &x, &y, &scale);
  g_assert_cmpfloat (hypot (x - 1920, y - 1440), <, 30);
  g_assert_cmpfloat_with_epsilon (scale, 2, 1e-9);
  g_object_set (desk->view, "show-overview", FALSE, NULL);
  g_assert_false (tessera_slide_view_get_inset (desk->view, &rect));
}

/* ---- the rest ---- */

static void
test_show_tile (Desk *desk, gconstpointer unused)
{
  double x, y;
  lay_tiles (desk);
  tessera_slide_view_set_viewport (desk->view, 300, 300, 1);
  settle (desk);
  tessera_slide_view_show_tile (desk->view, 205);
  g_assert_false (tessera_slide_view_is_idle (desk->view)); /* on its way */
  settle (desk);
  middle (desk, 205, &x, &y);
  g_assert_cmpfloat (hypot (x - W / 2.0, y - H / 2.0), <, 0.01);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  tessera_slide_view_show_tile (desk->view, 101);
  middle (desk, 101, &x, &y); /* at once */
  g_assert_cmpfloat (hypot (x - W / 2.0, y - H / 2.0), <, 0.01);
  tessera_slide_view_show_tile (desk->view, 99999);
  middle (desk, 101, &x, &y);
  g_assert_cmpfloat (hypot (x - W / 2.0, y - H / 2.0), <, 0.01);
  const guint32 ids[4] = {7, 3, 7, 99999};
  tessera_slide_view_set_selected (desk->view, ids, 4);
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 2);
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
  settle (desk);
  g_assert_cmpuint (tessera_slide_view_get_n_selected (desk->view), ==, 0);
  g_assert_cmpint (tessera_slide_view_pick (desk->view, 100, 100), ==, -1);
  tessera_slide_view_set_slide (desk->view, desk->slide);
  strip (desk);
  g_assert_cmpuint (expect_slide (desk), >, 100000);
}

/* However little may be kept, what is in sight is complete and within it. */
static void
test_cache (Desk *desk, gconstpointer unused)
{
  TesseraSlideState state;
  guint coarser = 0; /* at scale 1 pixels of 2, instead of 20 blocks */
  gsize limit = 32 * TESSERA_SLIDE_BLOCK_BYTES;
  tessera_slide_view_set_cache_limit (desk->view, 1); /* the least there is */
  strip (desk);
  for (int i = 0; i < 12; i++) {
    tessera_slide_view_set_viewport (desk->view, 400 + 150 * i, 300 + 100 * i, i % 2 ? 1 : 0.5);
    settle (desk);
    tessera_slide_view_get_state (desk->view, &state);
    g_assert_cmpuint (state.there, ==, state.wanted);
    g_assert_cmpuint (state.wanted, <=, 16);
    g_assert_cmpuint (state.bytes, <=, limit);
    coarser += i % 2 && state.zoom == 1;
  }
  g_assert_cmpuint (coarser, >, 0);
}

static void
test_damage (void)
{
  Desk desk;
  const SlideViewKind kind = {1024, 768, 1, 0, 3, 2};
  open_window (&desk, &kind);
  strip (&desk);
  tessera_slide_view_set_viewport (desk.view, 512, 384, 1);
  settle (&desk);
  g_assert_cmpint (desk.n_damaged, ==, 1);
  g_assert_nonnull (desk.damage);
  g_assert_true (g_str_has_suffix (desk.damage, "."));
  Shot screen = grab (&desk);
  guint hatched = 0;
  for (int i = 0; i < PATCH; i++) {
    guint32 got = at (&screen, W / 2.0 - 512 + 3 * PATCH + i, H / 2.0 - 384 + 2 * PATCH + 20);
    g_assert_true (got == 0x8c8c8c || got == 0xe4e4e4);
    hatched += got == 0x8c8c8c;
  }
  g_assert_cmpuint (hatched, ==, PATCH / 4);
  g_assert_cmphex (at (&screen, W / 2.0 - 512 + 2 * PATCH + 9, H / 2.0 - 384 + 2 * PATCH + 20), ==,
                   slide_view_color (2 * PATCH, 2 * PATCH));
  g_free (screen.pixels);
  tear_down (&desk, NULL);
}

/* A window may be closed, and a slide changed, while blocks and pictures are on their way. */
static void
test_closing (void)
{
  const SlideViewKind kind = {SLIDE_W, SLIDE_H, 1, 0, 0, 0};
  g_autoptr (TsrSlide) slide = slide_view_fixture (&kind), other = slide_view_fixture (&kind);
  for (guint i = 0; i < 12; i++) {
    Desk desk = {.window = gtk_window_new (),
                 .view = TESSERA_SLIDE_VIEW (tessera_slide_view_new ())};
    gtk_window_set_default_size (GTK_WINDOW (desk.window), W, H);
    gtk_window_set_child (GTK_WINDOW (desk.window), GTK_WIDGET (desk.view));
    tessera_slide_view_set_slide (desk.view, slide);
    lay_tiles (&desk);
    gtk_window_present (GTK_WINDOW (desk.window));
    turn (40 + 7 * i);
    tessera_slide_view_set_viewport (desk.view, 1000, 1000, 1);
    if (i % 2)
      tessera_slide_view_set_slide (desk.view, i % 4 == 1 ? other : NULL);
    tessera_slide_view_show_label_image (desk.view, TRUE);
    turn (i % 5);
    TesseraSlideView *view = desk.view;
    g_object_add_weak_pointer (G_OBJECT (view), (gpointer *)&view);
    gtk_window_destroy (GTK_WINDOW (desk.window));
    for (int wait = 0; wait < 200 && view; wait++)
      turn (5); /* whoever reads the label holds it as long as that takes */
    g_assert_null (view);
  }
}

static void
test_many (Desk *desk, gconstpointer unused)
{
  const guint across = 400, down = 250, n = across * down;
  g_autofree TesseraSlideTile *tiles = g_new (TesseraSlideTile, n);
  g_autofree TesseraMapPoint *points = g_new0 (TesseraMapPoint, n);
  static const TesseraMapClass class_ = {0xc01c28, TSR_MARKER_CIRCLE, FALSE};
  strip (desk);
  for (guint i = 0; i < n; i++) {
    tiles[i] = (TesseraSlideTile){i % across * 6, i / across * 6, 6, 6, i};
    points[i] = (TesseraMapPoint){0, TESSERA_MAP_POINT_PREDICTED, 0, 0};
  }
  g_autoptr (GBytes) bytes = g_bytes_new (points, n * sizeof *points);
  tessera_slide_view_set_palette (desk->view, &class_, 1);
  tessera_slide_view_set_tiles (desk->view, tiles, n);
  tessera_slide_view_set_points (desk->view, bytes);
  tessera_slide_view_set_opacity (desk->view, 1);
  g_object_set (desk->view, "show-tiles", TRUE, NULL);
  settle (desk);
  Shot screen = grab (desk); /* 1.8 pixels a tile: one field without a gap */
  double scale = scale_of (desk), left = W / 2.0 - 1280 * scale, top = H / 2.0 - 960 * scale;
  guint32 red = tsr_marker_tone (0xc01c28, false);
  for (int y = (int)top + 3; y < top + 1500 * scale - 3; y++)
    for (int x = (int)left + 3; x < left + 2400 * scale - 3; x++)
      g_assert_cmphex (at (&screen, x, y), ==, red);
  g_free (screen.pixels);
  TesseraSlideState before, after;
  tessera_slide_view_get_state (desk->view, &before);
  GskRenderNode *node = desk->view->sheet_node;
  for (int i = 0; i < 10; i++) { /* a frame costs no tile: the same node, no new picture */
    gtk_widget_queue_draw (GTK_WIDGET (desk->view));
    turn (30);
  }
  tessera_slide_view_get_state (desk->view, &after);
  g_assert_cmpuint (before.pictures, ==, after.pictures);
  g_assert_true (node == desk->view->sheet_node);
  double x, y;
  middle (desk, 50123, &x, &y);
  g_assert_cmpint (tessera_slide_view_pick (desk->view, x, y), ==, 50123);
  tessera_slide_view_show_tile (desk->view, 50123); /* near enough to be seen */
  settle (desk);
  /* As far as four pixels of the screen a pixel go. */
  g_assert_cmpfloat (scale_of (desk) * 6, >=, 24 / tessera_slide_view_ratio (desk->view) - 1e-9);
}

static void
test_accessible (Desk *desk, gconstpointer unused)
{
  lay_tiles (desk);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (desk->view), GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (desk->view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Whole slide");
  gtk_test_accessible_assert_property (desk->view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "300 tiles, 0 selected");
  g_assert_true (gtk_widget_get_focusable (GTK_WIDGET (desk->view)));
  gtk_window_set_focus_visible (GTK_WINDOW (desk->window), FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (desk->view));
  settle (desk);
  Shot screen = grab (desk);
  guint32 plain = at (&screen, 2, H / 2);
  g_free (screen.pixels);
  gtk_window_set_focus_visible (GTK_WINDOW (desk->window), TRUE);
  settle (desk);
  screen = grab (desk);
  g_assert_cmphex (at (&screen, 2, H / 2), !=, plain);
  g_free (screen.pixels);
}

#define ADD(name, func) g_test_add ("/slide/view/" name, Desk, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  if (!g_getenv ("DISPLAY") || !xdotool) {
    g_print ("1..0 # SKIP no X display or no xdotool: the slide's window was not tested\n");
    return 0;
  }
  gdk_set_allowed_backends ("x11");
  adw_init ();
  ADD ("pixels", test_pixels);
  ADD ("overlay", test_overlay);
  ADD ("mask", test_mask);
  ADD ("many", test_many);
  g_test_add_func ("/slide/view/damage", test_damage);
  if (g_getenv ("GDK_SCALE")) /* xdotool's pixels are others than the window's there */
    return g_test_run ();
  g_test_add_func ("/slide/view/bar", test_bar);
  ADD ("zoom", test_zoom);
  ADD ("pan", test_pan);
  ADD ("keys", test_keys);
  ADD ("clicks", test_clicks);
  ADD ("box", test_box);
  ADD ("inset", test_inset);
  ADD ("show-tile", test_show_tile);
  ADD ("cache", test_cache);
  g_test_add_func ("/slide/view/closing", test_closing);
  ADD ("accessible", test_accessible);
  return g_test_run ();
}
