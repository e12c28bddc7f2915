/* The bench measures what it says: every figure is there, in order, and about the points asked for.
 * How fast it is depends on the machine and is for `tessera bench draw` to print; only what is off
 * by orders of magnitude fails here. */

#include "tessera-map-bench.h"

static void
check (TesseraTiming t, double most)
{
  g_assert_cmpuint (t.runs, >, 0);
  g_assert_cmpfloat (t.median, >=, 0);
  g_assert_cmpfloat (t.p99, >=, t.median);
  g_assert_cmpfloat (t.worst, >=, t.p99);
  g_assert_cmpfloat (t.median, <, most);
}

static void
test_bench (void)
{
  TesseraMapBench b;
  gboolean window = g_getenv ("DISPLAY") != NULL;
  tessera_map_bench_run (60000, 640, 480, window, &b);
  g_assert_cmpuint (b.n, ==, 60000);
  check (b.index, 2000);
  check (b.raster, 2000);
  check (b.raster_near, 2000);
  check (b.recolour, 2000);
  check (b.hover, 10);
  check (b.lasso, 1000);
  g_assert_cmpuint (b.lasso_points, >=, 30000);
  g_assert_cmpuint (b.lasso_points, <, 60000);
  g_assert_cmpfloat (b.bytes_per_point, <, 200);
  g_assert_cmpfloat (b.raster.median, >, 0.01); /* something was drawn */
  g_assert_true (b.window == window);
  if (!window) {
    g_test_message ("no display: the window's frames were not timed");
    return;
  }
  g_assert_cmpfloat (b.first_paint, >, 0);
  check (b.pan_frame, 2000);
  check (b.zoom_frame, 2000);
  check (b.pan_interval, 4000);
  check (b.set_points, 1000);
  check (b.label_to_frame, 4000);
  check (b.glow_frame, 1000);
  check (b.pan_processor, 2000);
  check (b.zoom_processor, 2000);
  check (b.glow_processor, 1000);
  check (b.pan_raster, 4000);
  check (b.pick, 1000);
  check (b.select, 1000);
  check (b.hide, 1000);
  g_assert_cmpuint (b.pan_frame.runs, ==, TESSERA_TIMED_FRAMES);
  guint rasters = 0;
  for (guint i = 0; i < b.pan_frame.runs; i++) { /* in their order, none over another */
    if (i > 0)
      g_assert_cmpfloat (b.pan[i].start, >=, b.pan[i - 1].start + b.pan[i - 1].busy - 0.01);
    rasters += b.pan[i].raster > 0;
  }
  g_assert_cmpuint (rasters, ==, b.pan_raster.runs);
  g_assert_cmpuint (b.pan_frame.runs, >=, 100);
}

static void
test_tiny (void)
{
  TesseraMapBench b;
  tessera_map_bench_run (0, 16, 16, false, &b);
  g_assert_cmpuint (b.n, ==, 1);
  check (b.raster, 2000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map/bench/all", test_bench);
  g_test_add_func ("/map/bench/tiny", test_tiny);
  return g_test_run ();
}
