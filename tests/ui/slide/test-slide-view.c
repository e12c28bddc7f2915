/* The slide view in a real window: what must be seen, by the pixels of a slide that the test made.
 */

#include "slide-desk.h"
#include "tsr-marker.h"

#include <math.h>
#include <string.h>

static void
test_pixels (SlideDesk *desk, gconstpointer unused)
{
  static const double scales[5] = {0.26, 0.5, 0.77, 1, 3.3};
  slide_desk_strip (desk);
  TesseraSlideState state;
  g_assert_cmpuint (slide_desk_expect_slide (desk), >, 100000);
  for (int i = 0; i < 5; i++) {
    tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 1200 + 7.3 * i, 900 + 3.1 * i,
                                 scales[i]);
    slide_desk_settle (desk);
    g_assert_cmpuint (slide_desk_expect_slide (desk), >, 100000);
    tessera_slide_view_get_state (desk->view, &state);
    /* Pixels of 1 or 2, the coarsest that are no larger than the screen's. */
    g_assert_cmpint (state.zoom, ==,
                     scales[i] * tessera_canvas_ratio (TESSERA_CANVAS (desk->view)) <= 0.5);
    g_assert_cmpuint (state.there, ==, state.wanted);
  }
  /* The last pixel of the slide, and what is beside it. */
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), SLIDE_W, SLIDE_H, 1);
  slide_desk_settle (desk);
  SlideShot screen = slide_desk_grab (desk);
  tessera_slide_view_get_state (desk->view, &state);
  double x = W / 2.0 + SLIDE_W - state.x, y = H / 2.0 + SLIDE_H - state.y;
  g_assert_cmpfloat (MAX (x - W, y - H), <, -50);
  g_assert_cmphex (slide_desk_at (&screen, x - 2, y - 2), ==,
                   slide_view_color (SLIDE_W - 2, SLIDE_H - 2));
  g_assert_cmphex (slide_desk_at (&screen, x + 3, y - 2), ==,
                   slide_desk_at (&screen, W - 5, H - 5));
  g_free (screen.pixels);
}

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
expect_tiles (SlideDesk *desk, double opacity, bool heat)
{
  SlideShot screen = slide_desk_grab (desk);
  guint n = 0;
  for (guint32 id = 0; id < N_TILES; id++) {
    graphene_rect_t rect;
    double x, y, u, v;
    g_assert_true (tessera_slide_view_locate (desk->view, id, &rect));
    x = rect.origin.x + 0.75 * rect.size.width, y = rect.origin.y + 0.75 * rect.size.height;
    if (x < 2 || y < 2 || x > W - 2 || y > H - 2)
      continue;
    slide_desk_place_of (desk, x, y, &u, &v); /* the middle of a patch */
    guint32 rgb =
        heat ? tsr_marker_ramp (128) : tsr_marker_tone (id % 2 ? 0x1a5fb4 : 0xc01c28, false);
    expect_near (slide_desk_at (&screen, x, y),
                 over (slide_view_color ((int)u, (int)v), rgb, opacity));
    n++;
  }
  g_assert_cmpuint (n, >, 15);
  g_free (screen.pixels);
}

static void
test_overlay (SlideDesk *desk, gconstpointer unused)
{
  slide_desk_strip (desk);
  slide_desk_lay_tiles (desk);
  g_object_set (desk->view, "show-tiles", TRUE, NULL);
  static const double opacities[3] = {0.35, 0, 1}, scales[3] = {0.3, 0.5, 1};
  for (int s = 0; s < 3; s++)
    for (int o = 0; o < 3; o++) {
      tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 1280, 960, scales[s]);
      tessera_slide_view_set_opacity (desk->view, opacities[o]);
      slide_desk_settle (desk);
      expect_tiles (desk, opacities[o], false);
    }
  g_object_set (desk->view, "heatmap", TRUE, NULL);
  slide_desk_settle (desk);
  expect_tiles (desk, 1, true);
  g_object_set (desk->view, "show-tiles", FALSE, NULL);
  slide_desk_settle (desk);
  g_assert_cmpuint (slide_desk_expect_slide (desk), >, 100000);
}

static void
test_mask (SlideDesk *desk, gconstpointer unused)
{
  slide_desk_strip (desk);
  guint8 classes[40 * 30];
  for (int i = 0; i < 1200; i++)
    classes[i] = i % 40 < 20 ? TSR_MASK_TISSUE : TSR_MASK_GLASS;
  const TsrTissueMask mask = {.width = 40, .height = 30, .classes = classes};
  tessera_slide_view_set_mask (desk->view, &mask);
  slide_desk_settle (desk);
  double scale = slide_desk_scale_of (desk);
  SlideShot screen = slide_desk_grab (desk);
  double left = W / 2.0 + (672 - 1280) * scale, right = W / 2.0 + (1952 - 1280) * scale,
         y = H / 2.0 + (992 - 960) * scale;
  g_assert_cmphex (slide_desk_at (&screen, left, y), ==, slide_view_color (672, 992));
  expect_near (slide_desk_at (&screen, right, y),
               over (slide_view_color (1952, 992), 0x14171c, 0.24));
  g_free (screen.pixels);
  g_object_set (desk->view, "show-mask", FALSE, NULL);
  slide_desk_settle (desk);
  g_assert_cmpuint (slide_desk_expect_slide (desk), >, 100000);
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

/* However little may be kept, what is in sight is complete and within it. */
static void
test_cache (SlideDesk *desk, gconstpointer unused)
{
  TesseraSlideState state;
  guint coarser = 0; /* at scale 1 pixels of 2, instead of 20 blocks */
  gsize limit = 32 * TESSERA_SLIDE_BLOCK_BYTES;
  tessera_slide_view_set_cache_limit (desk->view, 1); /* the least there is */
  slide_desk_strip (desk);
  for (int i = 0; i < 12; i++) {
    tessera_canvas_set_viewport (TESSERA_CANVAS (desk->view), 400 + 150 * i, 300 + 100 * i,
                                 i % 2 ? 1 : 0.5);
    slide_desk_settle (desk);
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
  SlideDesk desk;
  const SlideViewKind kind = {1024, 768, 1, 0, 3, 2};
  slide_desk_open_window (&desk, &kind);
  slide_desk_strip (&desk);
  tessera_canvas_set_viewport (TESSERA_CANVAS (desk.view), 512, 384, 1);
  slide_desk_settle (&desk);
  g_assert_cmpint (desk.n_damaged, ==, 1);
  g_assert_nonnull (desk.damage);
  g_assert_true (g_str_has_suffix (desk.damage, "."));
  SlideShot screen = slide_desk_grab (&desk);
  guint hatched = 0;
  for (int i = 0; i < PATCH; i++) {
    guint32 got =
        slide_desk_at (&screen, W / 2.0 - 512 + 3 * PATCH + i, H / 2.0 - 384 + 2 * PATCH + 20);
    g_assert_true (got == 0x8c8c8c || got == 0xe4e4e4);
    hatched += got == 0x8c8c8c;
  }
  g_assert_cmpuint (hatched, ==, PATCH / 4);
  g_assert_cmphex (
      slide_desk_at (&screen, W / 2.0 - 512 + 2 * PATCH + 9, H / 2.0 - 384 + 2 * PATCH + 20), ==,
      slide_view_color (2 * PATCH, 2 * PATCH));
  g_free (screen.pixels);
  slide_desk_tear_down (&desk, NULL);
}

/* A window may be closed, and a slide changed, while blocks and pictures are on their way. */
static void
test_closing (void)
{
  const SlideViewKind kind = {SLIDE_W, SLIDE_H, 1, 0, 0, 0};
  g_autoptr (TsrSlide) slide = slide_view_fixture (&kind), other = slide_view_fixture (&kind);
  for (guint i = 0; i < 12; i++) {
    SlideDesk desk = {.window = gtk_window_new (),
                      .view = TESSERA_SLIDE_VIEW (tessera_slide_view_new ())};
    gtk_window_set_default_size (GTK_WINDOW (desk.window), W, H);
    gtk_window_set_child (GTK_WINDOW (desk.window), GTK_WIDGET (desk.view));
    tessera_slide_view_set_slide (desk.view, slide);
    slide_desk_lay_tiles (&desk);
    gtk_window_present (GTK_WINDOW (desk.window));
    hands_turn (40 + 7 * i);
    tessera_canvas_set_viewport (TESSERA_CANVAS (desk.view), 1000, 1000, 1);
    if (i % 2)
      tessera_slide_view_set_slide (desk.view, i % 4 == 1 ? other : NULL);
    tessera_slide_view_show_label_image (desk.view, TRUE);
    hands_turn (i % 5);
    TesseraSlideView *view = desk.view;
    g_object_add_weak_pointer (G_OBJECT (view), (gpointer *)&view);
    gtk_window_destroy (GTK_WINDOW (desk.window));
    for (int wait = 0; wait < 200 && view; wait++)
      hands_turn (5); /* whoever reads the label holds it as long as that takes */
    g_assert_null (view);
  }
}

static void
test_many (SlideDesk *desk, gconstpointer unused)
{
  const guint across = 400, down = 250, n = across * down;
  g_autofree TesseraSlideTile *tiles = g_new (TesseraSlideTile, n);
  g_autofree TesseraMapPoint *points = g_new0 (TesseraMapPoint, n);
  static const TesseraMapClass class_ = {0xc01c28, TSR_MARKER_CIRCLE, FALSE};
  slide_desk_strip (desk);
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
  slide_desk_settle (desk);
  SlideShot screen = slide_desk_grab (desk); /* 1.8 pixels a tile: one field without a gap */
  double scale = slide_desk_scale_of (desk), left = W / 2.0 - 1280 * scale,
         top = H / 2.0 - 960 * scale;
  guint32 red = tsr_marker_tone (0xc01c28, false);
  for (int y = (int)top + 3; y < top + 1500 * scale - 3; y++)
    for (int x = (int)left + 3; x < left + 2400 * scale - 3; x++)
      g_assert_cmphex (slide_desk_at (&screen, x, y), ==, red);
  g_free (screen.pixels);
  TesseraSlideState before, after;
  tessera_slide_view_get_state (desk->view, &before);
  GskRenderNode *node = desk->view->sheet_node;
  for (int i = 0; i < 10; i++) { /* a frame costs no tile: the same node, no new picture */
    gtk_widget_queue_draw (GTK_WIDGET (desk->view));
    hands_turn (30);
  }
  tessera_slide_view_get_state (desk->view, &after);
  g_assert_cmpuint (before.pictures, ==, after.pictures);
  g_assert_true (node == desk->view->sheet_node);
  double x, y;
  slide_desk_middle (desk, 50123, &x, &y);
  g_assert_cmpint (tessera_slide_view_pick (desk->view, x, y), ==, 50123);
  tessera_slide_view_show_tile (desk->view, 50123); /* near enough to be seen */
  slide_desk_settle (desk);
  /* As far as four pixels of the screen a pixel go. */
  g_assert_cmpfloat (slide_desk_scale_of (desk) * 6, >=,
                     24 / tessera_canvas_ratio (TESSERA_CANVAS (desk->view)) - 1e-9);
}

static void
test_accessible (SlideDesk *desk, gconstpointer unused)
{
  slide_desk_lay_tiles (desk);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (desk->view), GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_property (desk->view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Whole slide");
  gtk_test_accessible_assert_property (desk->view, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "300 tiles, 0 selected");
  g_assert_true (gtk_widget_get_focusable (GTK_WIDGET (desk->view)));
  gtk_window_set_focus_visible (GTK_WINDOW (desk->window), FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (desk->view));
  slide_desk_settle (desk);
  SlideShot screen = slide_desk_grab (desk);
  guint32 plain = slide_desk_at (&screen, 2, H / 2);
  g_free (screen.pixels);
  gtk_window_set_focus_visible (GTK_WINDOW (desk->window), TRUE);
  slide_desk_settle (desk);
  screen = slide_desk_grab (desk);
  g_assert_cmphex (slide_desk_at (&screen, 2, H / 2), !=, plain);
  g_free (screen.pixels);
}

static void
add (void)
{
  SLIDE_DESK_ADD ("/slide/view/pixels", test_pixels);
  SLIDE_DESK_ADD ("/slide/view/overlay", test_overlay);
  SLIDE_DESK_ADD ("/slide/view/mask", test_mask);
  SLIDE_DESK_ADD ("/slide/view/many", test_many);
  g_test_add_func ("/slide/view/damage", test_damage);
  if (g_getenv ("GDK_SCALE")) /* xdotool's pixels are others than the window's there */
    return;
  g_test_add_func ("/slide/view/bar", test_bar);
  SLIDE_DESK_ADD ("/slide/view/cache", test_cache);
  g_test_add_func ("/slide/view/closing", test_closing);
  SLIDE_DESK_ADD ("/slide/view/accessible", test_accessible);
}

int
main (int argc, char **argv)
{
  return slide_desk_run (argc, argv, add);
}
