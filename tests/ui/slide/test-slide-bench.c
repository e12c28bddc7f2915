/* The bench measures what it says: every figure is there and in order. How fast it is depends on
 * the machine and is for `tessera bench slide` to print. */

#include "slide-view-fixture.h"

#include "tessera-slide-bench.h"

static void
check (TesseraTiming t)
{
  g_assert_cmpuint (t.runs, ==, TESSERA_TIMED_FRAMES);
  g_assert_cmpfloat (t.median, >=, 0);
  g_assert_cmpfloat (t.p99, >=, t.median);
  g_assert_cmpfloat (t.worst, >=, t.p99);
}

static void
test_bench (void)
{
  const SlideViewKind kind = {1280, 960, 3, 0.5, -1, -1};
  g_autoptr (TsrSlide) slide = slide_view_fixture (&kind);
  TesseraSlideBench bench;
  gboolean window = g_getenv ("DISPLAY") != NULL;
  g_assert_true (tessera_slide_bench_run (slide, 640, 480, 64, &bench) == window);
  if (!window) {
    g_test_skip ("no display: the slide view's frames were not timed");
    return;
  }
  g_assert_cmpuint (bench.tiles, ==, 20 * 15);
  g_assert_nonnull (bench.renderer);
  g_assert_cmpfloat (bench.first_picture, >, 0);
  g_assert_cmpfloat (bench.recolour, >, 0);
  check (bench.zoom_frame);
  check (bench.zoom_processor);
  check (bench.pan_frame);
  check (bench.pan_processor);
  g_assert_cmpfloat (bench.complete, >, 0);
  g_assert_cmpfloat (bench.complete, <=, 1);
  g_assert_cmpuint (bench.blocks, >=, 1 + 4 + 4); /* all zooms of the course */
  g_assert_cmpuint (bench.peak_bytes, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/bench", test_bench);
  return g_test_run ();
}
