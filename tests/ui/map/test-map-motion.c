/* A camera on its way, and pictures made in turn, without a window. */

#include "tessera-map-motion.h"
#include "tessera-painter.h"

#include <math.h>

#define FRAME 16667 /* microseconds */

/* What is under the pixel stays there, the scale only grows, and it ends exactly. */
static void
test_zoom (void)
{
  const double width = 640, height = 480, px = 500, py = 90;
  for (double target = 0.5; target < 20; target *= 3) {
    TesseraMapCamera camera = {3, -4, 2};
    TesseraMapMotion motion = {0};
    double x, y, seen_x, seen_y, before = camera.scale;
    tessera_map_camera_unproject (&camera, width, height, px, py, &x, &y);
    tessera_map_motion_zoom (&motion, target, px, py);
    g_assert_cmpfloat (tessera_map_motion_scale (&motion, &camera), ==, target);
    int steps = 0;
    for (gint64 now = 1000; tessera_map_motion_step (&motion, now, width, height, &camera);
         now += FRAME) {
      g_assert_cmpfloat ((camera.scale - before) * (target - before), >, 0);
      tessera_map_camera_unproject (&camera, width, height, px, py, &seen_x, &seen_y);
      g_assert_cmpfloat_with_epsilon (seen_x, x, 1e-9);
      g_assert_cmpfloat_with_epsilon (seen_y, y, 1e-9);
      before = camera.scale;
      g_assert_cmpint (++steps, <, 60);
    }
    g_assert_cmpfloat (camera.scale, ==, target);
    g_assert_cmpint (steps, >, 5);
    g_assert_false (tessera_map_motion_is_on (&motion));
  }
}

/* The first step of a zoom from rest takes a frame's part of the way: 1 - exp (-16 / 45). */
static void
test_pace (void)
{
  TesseraMapCamera camera = {0, 0, 1};
  TesseraMapMotion motion = {0};
  tessera_map_motion_zoom (&motion, exp (1), 10, 10);
  g_assert_true (tessera_map_motion_step (&motion, 5000000, 20, 20, &camera));
  g_assert_cmpfloat_with_epsilon (log (camera.scale), 1 - exp (-0.016 / 0.045), 1e-12);
  /* However long the screen stood still, no step is one of more than a tenth of a second. */
  double left = 1 - log (camera.scale);
  g_assert_true (tessera_map_motion_step (&motion, 9000000, 20, 20, &camera));
  g_assert_cmpfloat_with_epsilon (1 - log (camera.scale), left * exp (-0.1 / 0.045), 1e-12);
}

static void
test_flight (void)
{
  const TesseraMapCamera from = {0, 0, 1}, to = {10, 20, 4};
  TesseraMapCamera camera = from;
  TesseraMapMotion motion = {0};
  g_assert_false (tessera_map_motion_step (&motion, 1, 10, 10, &camera));
  tessera_map_motion_zoom (&motion, 9, 1, 1);
  tessera_map_motion_fly (&motion, from, to, 1000);
  g_assert_cmpfloat (tessera_map_motion_scale (&motion, &camera), ==, 1); /* the zoom is over */
  TesseraMapCamera goal = tessera_map_motion_goal (&motion, &camera);
  g_assert_cmpmem (&goal, sizeof goal, &to, sizeof to);
  g_assert_true (tessera_map_motion_step (&motion, 1000 + 130000, 10, 10, &camera));
  TesseraMapCamera half = tessera_map_camera_between (&from, &to, 1 - pow (0.5, 3));
  g_assert_cmpmem (&camera, sizeof camera, &half, sizeof half);
  g_assert_true (tessera_map_motion_step (&motion, 1000 + 260000, 10, 10, &camera));
  g_assert_cmpmem (&camera, sizeof camera, &to, sizeof to);
  g_assert_false (tessera_map_motion_is_on (&motion));

  tessera_map_motion_fly (&motion, from, to, 1000);
  tessera_map_motion_stop (&motion);
  g_assert_false (tessera_map_motion_step (&motion, 2000, 10, 10, &camera));
  tessera_map_motion_fly (&motion, from, to, 1000);
  tessera_map_motion_zoom (&motion, 9, 1, 1);
  goal = tessera_map_motion_goal (&motion, &from);
  g_assert_cmpmem (&goal, sizeof goal, &from, sizeof from); /* the flight is over */
}

/* ---- pictures in turn ---- */

typedef struct {
  int number, wanted, *freed;
  bool painted;
  GThread *thread;
} Order;

static void
order_paint (gpointer data)
{
  Order *order = data;
  g_usleep (20000);
  order->painted = true;
  order->thread = g_thread_self ();
}

static void
order_supersede (gpointer order, gpointer waiting)
{
  ((Order *)order)->wanted |= ((Order *)waiting)->wanted;
}

static void
order_free (gpointer data)
{
  ++*((Order *)data)->freed;
  g_free (data);
}

static const TesseraPainterKind kind = {order_paint, order_supersede, order_free};

static void
done_cb (gpointer picture, gpointer user)
{
  Order *order = picture;
  g_assert_true (order->painted && order->thread != g_thread_self ());
  int seen[2] = {order->number, order->wanted};
  g_array_append_vals (user, seen, 2);
  order_free (picture);
}

static void
ask (TesseraPainter *painter, int number, int *freed)
{
  Order *order = g_new0 (Order, 1);
  order->number = number;
  order->wanted = 1 << number;
  order->freed = freed;
  tessera_painter_order (painter, order);
}

/* Of many orders the first and the last are painted, and the last wants what all that it took the
 * place of did; none is handed over once the painter has gone, and none is lost. */
static void
test_painter (void)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (int));
  int freed = 0;
  TesseraPainter *painter = tessera_painter_new (&kind, done_cb, seen);
  for (int i = 0; i < 6; i++)
    ask (painter, i, &freed);
  while (tessera_painter_is_busy (painter))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (seen->len, ==, 4);
  g_assert_cmpint (g_array_index (seen, int, 0), ==, 0);
  g_assert_cmpint (g_array_index (seen, int, 1), ==, 1);
  g_assert_cmpint (g_array_index (seen, int, 2), ==, 5);
  g_assert_cmpint (g_array_index (seen, int, 3), ==, 62);
  g_assert_cmpint (freed, ==, 6);
  ask (painter, 7, &freed);
  ask (painter, 8, &freed);
  tessera_painter_free (painter);
  while (freed < 8)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (seen->len, ==, 4);
  tessera_painter_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map-motion/zoom", test_zoom);
  g_test_add_func ("/map-motion/pace", test_pace);
  g_test_add_func ("/map-motion/flight", test_flight);
  g_test_add_func ("/map-motion/painter", test_painter);
  return g_test_run ();
}
