/* Layouts of a map that forms, in a real window: points glide from one to the next, end where the
 * last one has them, and are found where they are seen on the way. */

#include "hands.h"
#include "tessera-map-view-private.h"

#include <adwaita.h>
#include <gdk/x11/gdkx.h>
#include <math.h>
#include <string.h>

#define SIDE  12
#define N     (SIDE * SIDE)
#define DENSE 1600   /* so near each other that every click takes one */
#define MANY  200000 /* more than glide to a layout that is to stay */

typedef struct {
  GtkWidget *window;
  TesseraMapView *view;
  int n_activated;
} Desk;

static void
settle (Desk *desk)
{
  hands_turn (30);
  for (int i = 0; i < 1000 && !tessera_map_view_is_settled (desk->view); i++)
    hands_turn (10);
  g_assert_true (tessera_map_view_is_settled (desk->view));
}

/* A square of points, turned by a number of right angles: the bounds stay, every point moves. One
 * is absent. */
static GBytes *
square (guint n, int quarter)
{
  guint side = (guint)ceil (sqrt (n));
  float *xy = g_new (float, 2 * (gsize)n);
  for (guint i = 0; i < n; i++) {
    float x = 2.0f * (float)(i % side) / (float)(side - 1) - 1,
          y = 2.0f * (float)(i / side) / (float)(side - 1) - 1;
    for (int k = 0; k < quarter; k++) {
      float other = x;
      x = -y;
      y = other;
    }
    xy[2 * (gsize)i] = i == 5 ? NAN : x;
    xy[2 * (gsize)i + 1] = i == 5 ? NAN : y;
  }
  return g_bytes_new_take (xy, 2 * (gsize)n * sizeof (float));
}

static void
stream (Desk *desk, guint n, int quarter)
{
  g_autoptr (GBytes) xy = square (n, quarter);
  tessera_map_view_stream_layout (desk->view, xy);
}

static void
activated_cb (TesseraMapView *view, int tile, Desk *desk)
{
  /* taken where it is seen, wherever it was before and will be */
  g_assert_cmpint (tile, ==,
                   tessera_map_view_pick (view, view->state->pointer_x, view->state->pointer_y));
  desk->n_activated++;
}

static void
set_up (Desk *desk, gconstpointer unused)
{
  *desk = (Desk){0};
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  desk->window = gtk_window_new ();
  desk->view = TESSERA_MAP_VIEW (tessera_map_view_new ());
  gtk_window_set_decorated (GTK_WINDOW (desk->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (desk->window), 800, 600);
  gtk_window_set_child (GTK_WINDOW (desk->window), GTK_WIDGET (desk->view));
  g_signal_connect (desk->view, "point-activated", G_CALLBACK (activated_cb), desk);
  hands_xdo ("mousemove 1500 1100");
  gtk_window_present (GTK_WINDOW (desk->window));
  hands_turn (100);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (desk->window));
  hands_xdo ("windowmove %lu 0 0", gdk_x11_surface_get_xid (surface));
  hands_turn (100);
}

static void
tear_down (Desk *desk, gconstpointer unused)
{
  g_object_add_weak_pointer (G_OBJECT (desk->view), (gpointer *)&desk->view);
  gtk_window_destroy (GTK_WINDOW (desk->window));
  hands_turn (50);
  g_assert_null (desk->view); /* nothing holds it */
}

/* ---- what is seen ---- */

/* The places on screen [n,2], NAN where there is none. */
static double *
seen (Desk *desk, guint n)
{
  double *xy = g_new (double, 2 * (gsize)n);
  for (guint i = 0; i < n; i++)
    if (!tessera_map_view_place (desk->view, i, xy + 2 * (gsize)i, xy + 2 * (gsize)i + 1))
      xy[2 * (gsize)i] = xy[2 * (gsize)i + 1] = NAN;
  return xy;
}

static double *
doubles (GBytes *bytes, guint n)
{
  const float *from = g_bytes_get_data (bytes, NULL);
  double *to = g_new (double, 2 * (gsize)n);
  for (gsize i = 0; i < 2 * (gsize)n; i++)
    to[i] = from[i];
  return to;
}

/* How far from `from` to `to` the places are, all of them alike; NAN if they are not on that way.
 */
static double
way (const double *xy, const double *from, const double *to, guint n)
{
  double along = 0, length = 0;
  for (gsize i = 0; i < 2 * (gsize)n; i++)
    if (i / 2 != 5) {
      along += (xy[i] - from[i]) * (to[i] - from[i]);
      length += (to[i] - from[i]) * (to[i] - from[i]);
    }
  double t = along / length;
  for (gsize i = 0; i < 2 * (gsize)n; i++)
    if (i / 2 == 5 ? !isnan (xy[i]) : fabs (from[i] + (to[i] - from[i]) * t - xy[i]) > 1e-5)
      return NAN;
  return t;
}

static gboolean
exactly (const double *xy, const double *to, guint n)
{
  for (gsize i = 0; i < 2 * (gsize)n; i++)
    if (xy[i] != to[i] && !(isnan (xy[i]) && isnan (to[i])))
      return FALSE;
  return TRUE;
}

static char *
pixels (Desk *desk)
{
  cairo_surface_t *image = desk->view->sheets[TESSERA_MAP_LAYER_BASE].image;
  return g_compute_checksum_for_data (G_CHECKSUM_SHA1, cairo_image_surface_get_data (image),
                                      (gsize)cairo_image_surface_get_stride (image) *
                                          cairo_image_surface_get_height (image));
}

/* Whether the picture has a point, not ground, in the middle of where a tile is said to be. */
static gboolean
is_painted (Desk *desk, guint tile)
{
  const TesseraMapSheet *sheet = &desk->view->sheets[TESSERA_MAP_LAYER_BASE];
  double x, y;
  g_assert_true (tessera_map_view_place (desk->view, tile, &x, &y));
  int px = (int)floor ((x - sheet->frame.x) * sheet->frame.scale),
      py = (int)floor ((y - sheet->frame.y) * sheet->frame.scale);
  const guint32 *rows = (const guint32 *)cairo_image_surface_get_data (sheet->image);
  int stride = cairo_image_surface_get_stride (sheet->image) / 4;
  return ((rows[py * stride + px] ^ rows[0]) & 0xffffff) != 0;
}

/* Runs the main loop until another picture is on screen; FALSE once all is at rest. */
static gboolean
next_picture (Desk *desk)
{
  guint64 rasters = tessera_map_view_get_n_rasters (desk->view);
  gint64 end = g_get_monotonic_time () + 20000000;
  while (tessera_map_view_get_n_rasters (desk->view) == rasters) {
    if (tessera_map_view_is_settled (desk->view))
      return FALSE;
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (200);
  }
  return TRUE;
}

/* A map at rest in its first layout, of which the next one is known to come a second later. */
static void
begin (Desk *desk, guint n)
{
  stream (desk, n, 0);
  settle (desk);
  stream (desk, n, 0);
  settle (desk);
  stream (desk, n, 0);
  gint64 end = g_get_monotonic_time () + 1000000;
  settle (desk);
  hands_turn ((guint)MAX (end - g_get_monotonic_time (), 0) / 1000);
  desk->view->stream_time = 0; /* nothing to smooth */
}

/* ---- the tests ---- */

static void
test_way (Desk *desk, gconstpointer unused)
{
  begin (desk, N);
  g_autoptr (GBytes) a = square (N, 0), b = square (N, 1);
  g_autofree double *from = doubles (a, N), *to = doubles (b, N);
  g_autofree char *before = pixels (desk);
  double last = 0;
  guint between = 0;
  stream (desk, N, 1);
  while (next_picture (desk)) {
    g_autofree double *xy = seen (desk, N);
    g_autofree char *now = pixels (desk);
    double t = way (xy, from, to, N), x, y;
    g_assert_cmpfloat (t, >, last - 1e-6);
    g_assert_cmpfloat (t, <=, 1 + 1e-6);
    between += t > 0.001 && t < 0.999;
    if (t > last + 0.001)
      g_assert_cmpstr (now, !=, before);
    for (guint tile = 0; tile < N; tile += 17) { /* found where it is seen */
      g_assert_true (tessera_map_view_locate (desk->view, tile, &x, &y));
      g_assert_true (is_painted (desk, tile));
      g_assert_cmpint (tessera_map_view_pick (desk->view, x, y), ==, tile);
    }
    last = t;
    g_free (before);
    before = g_steal_pointer (&now);
  }
  g_assert_cmpuint (between, >=, 3);
  g_autofree double *end = seen (desk, N);
  g_assert_true (exactly (end, to, N));
}

/* The goal changes half-way: on from there, by the straight way. */
static void
test_new_goal (Desk *desk, gconstpointer unused)
{
  begin (desk, N);
  g_autoptr (GBytes) a = square (N, 0), b = square (N, 1), c = square (N, 2);
  g_autofree double *from = doubles (a, N), *first = doubles (b, N), *to = doubles (c, N),
                    *before = seen (desk, N), *bend = NULL;
  gboolean changed = FALSE;
  double last = 0;
  guint after = 0;
  stream (desk, N, 1);
  while (next_picture (desk)) {
    g_autofree double *xy = seen (desk, N);
    double t = bend == NULL ? way (xy, from, first, N) : NAN;
    if (isnan (t)) {
      g_assert_true (changed);
      if (bend == NULL) {
        bend = g_steal_pointer (&before);
        last = 0;
      }
      t = way (xy, bend, to, N);
      after++;
    }
    g_assert_cmpfloat (t, >, last - 1e-6); /* never back, and on no other way */
    last = t;
    if (!changed && t > 0.3)
      stream (desk, N, 2);
    changed |= t > 0.3;
    g_free (before);
    before = g_steal_pointer (&xy);
  }
  g_assert_cmpuint (after, >=, 2);
  g_assert_true (exactly (before, to, N));
}

/* Settings that say so: layouts as they come. */
static void
test_still (Desk *desk, gconstpointer unused)
{
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  begin (desk, N);
  g_autoptr (GBytes) b = square (N, 1);
  g_autofree double *to = doubles (b, N);
  guint pictures = 0;
  stream (desk, N, 1);
  while (next_picture (desk)) {
    g_autofree double *xy = seen (desk, N);
    g_assert_true (exactly (xy, to, N));
    pictures++;
  }
  g_assert_cmpuint (pictures, ==, 1);
}

/* The last layout of many points waits for no movement. */
static void
test_many (Desk *desk, gconstpointer unused)
{
  begin (desk, MANY);
  g_autoptr (GBytes) a = square (MANY, 0), b = square (MANY, 1), c = square (MANY, 2);
  g_autofree double *from = doubles (a, MANY), *to = doubles (b, MANY), *last = doubles (c, MANY);
  stream (desk, MANY, 1);
  g_assert_true (next_picture (desk) && next_picture (desk));
  g_autofree double *on_the_way = seen (desk, MANY);
  double t = way (on_the_way, from, to, MANY);
  g_assert_cmpfloat (t, >, 0);
  g_assert_cmpfloat (t, <, 1);
  tessera_map_view_set_layout (desk->view, c);
  g_assert_null (desk->view->glide_from);
  guint pictures = 0;
  while (next_picture (desk))
    g_assert_true (++pictures < 2 || desk->view->shown == desk->view->index);
  g_assert_cmpuint (pictures, >, 0);
  g_autofree double *end = seen (desk, MANY);
  g_assert_true (exactly (end, last, MANY));
}

/* A real pointer: it stands still, and what passes below it is hovered and taken. */
static void
test_pointer (Desk *desk, gconstpointer unused)
{
  guint on_the_way = 0;
  for (int round = 0; round < 5 && on_the_way == 0; round++) {
    begin (desk, DENSE);
    hands_xdo ("mousemove 330 250");
    stream (desk, DENSE, 1);
    g_assert_true (next_picture (desk) && next_picture (desk));
    int clicks = desk->n_activated;
    hands_xdo ("click 1");
    on_the_way += desk->view->glide_from != NULL;
    g_assert_cmpint (desk->n_activated, ==, clicks + 1);
    do
      g_assert_cmpint (desk->view->state->hovered, ==,
                       tessera_map_view_pick (desk->view, desk->view->state->pointer_x,
                                              desk->view->state->pointer_y));
    while (next_picture (desk));
  }
  g_assert_cmpuint (on_the_way, ==, 1);
}

#define ADD(name, func) g_test_add ("/map/glide/" name, Desk, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  if (!g_getenv ("DISPLAY") || !xdotool) {
    g_print ("1..0 # SKIP no X display or no xdotool: the map's movement was not tested\n");
    return 0;
  }
  gdk_set_allowed_backends ("x11");
  adw_init ();
  ADD ("way", test_way);
  ADD ("new-goal", test_new_goal);
  ADD ("still", test_still);
  ADD ("many", test_many);
  ADD ("pointer", test_pointer);
  return g_test_run ();
}
