#include "tessera-slide-bench.h"

#include "tessera-canvas-bench.h"
#include "tessera-slide-view-private.h"
#include "tsr-marker.h"

#include <adwaita.h>
#include <math.h>

#define RECOLOURS  15
#define CLASSES    8
#define MOST_TILES 1000000

typedef struct {
  TesseraSlideView *view;
  TesseraCanvasBench *bench;
  TesseraCanvasFrames frames;
  guint n_complete, n_moved;
  double near, far; /* scales the course goes between */
  gsize peak;
} Watch;

static bool
is_settled (TesseraCanvas *canvas)
{
  return tessera_slide_view_is_idle (TESSERA_SLIDE_VIEW (canvas));
}

static const TesseraCanvasBenchKind kind = {is_settled, 60 * G_USEC_PER_SEC};

/* In, and out again. */
static void
zoom (TesseraCanvas *canvas, guint frame, gpointer user)
{
  const Watch *watch = user;
  double x, y, scale, way = 0.5 - 0.5 * cos (2 * G_PI * frame / TESSERA_TIMED_FRAMES);
  if (tessera_canvas_get_viewport (canvas, &x, &y, &scale))
    tessera_canvas_set_viewport (canvas, x, y, watch->far * pow (watch->near / watch->far, way));
}

static void
note_blocks (TesseraCanvas *canvas, guint frame, gpointer user)
{
  Watch *watch = user;
  TesseraSlideState state;
  tessera_slide_view_get_state (watch->view, &state);
  watch->n_complete += state.there == state.wanted;
  watch->n_moved++;
  watch->peak = MAX (watch->peak, state.bytes);
}

static void
watch_motion (Watch *watch, TesseraCanvasMove move, TesseraTiming *frame, TesseraTiming *processor)
{
  TesseraCanvasFrames *frames = &watch->frames;
  tessera_canvas_bench_move (watch->bench, move, note_blocks, watch, frames);
  *frame = tessera_timing (frames->busy, frames->n);
  *processor = tessera_timing (frames->processor, frames->n);
}

/* ---- tiles ---- */

static GBytes *
points_of (guint n, guint turn)
{
  TesseraMapPoint *points = g_new0 (TesseraMapPoint, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    points[i] = (TesseraMapPoint){.class_index = (guint8)((i / 37 + turn) % CLASSES),
                                  .flags = i % 97 == 0 ? TESSERA_MAP_POINT_LABELLED
                                                       : TESSERA_MAP_POINT_PREDICTED,
                                  .margin = (guint8)(i * 31)};
  return g_bytes_new_take (points, MAX (n, 1) * sizeof *points);
}

static guint
lay_tiles (TesseraSlideView *view, TsrSlide *slide, guint side)
{
  const TsrSlideLevel *level = tsr_slide_info (slide)->levels;
  if (side == 0)
    return 0;
  gint64 columns = level->width / side, rows = level->height / side;
  guint n = (guint)MIN (columns * rows, MOST_TILES);
  g_autofree TesseraSlideTile *tiles = g_new (TesseraSlideTile, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    tiles[i] =
        (TesseraSlideTile){i % columns * side, i / columns * side, (gint32)side, (gint32)side, i};
  TesseraMapClass classes[CLASSES];
  for (guint i = 0; i < CLASSES; i++)
    classes[i] =
        (TesseraMapClass){.rgb = tsr_marker_color (i), .shape = (gint32)tsr_marker_shape (i)};
  tessera_slide_view_set_palette (view, classes, CLASSES);
  tessera_slide_view_set_tiles (view, tiles, n);
  g_autoptr (GBytes) points = points_of (n, 0);
  tessera_slide_view_set_points (view, points);
  return n;
}

static void
watch_recolouring (Watch *watch, TesseraSlideBench *bench)
{
  double ms[RECOLOURS];
  if (bench->tiles == 0)
    return;
  for (guint i = 0; i < RECOLOURS; i++) {
    g_autoptr (GBytes) points = points_of (bench->tiles, i + 1);
    gint64 start = g_get_monotonic_time ();
    tessera_slide_view_set_points (watch->view, points);
    tessera_canvas_bench_settle (watch->bench);
    tessera_canvas_bench_await_frame (watch->bench);
    ms[i] = (double)(g_get_monotonic_time () - start) / 1e3;
  }
  bench->recolour = tessera_timing (ms, RECOLOURS).median;
}

/* ---- all of it ---- */

static void
watch_all (Watch *watch, TsrSlide *slide, guint side, TesseraSlideBench *bench)
{
  TesseraSlideState state;
  gint64 start = g_get_monotonic_time ();
  tessera_slide_view_set_slide (watch->view, slide);
  bench->tiles = lay_tiles (watch->view, slide, side);
  tessera_canvas_bench_settle (watch->bench);
  tessera_canvas_bench_await_frame (watch->bench);
  bench->first_picture = (double)(g_get_monotonic_time () - start) / 1e3;
  watch_recolouring (watch, bench);
  tessera_slide_view_get_state (watch->view, &state);
  watch->far = state.scale;
  watch->near = MAX (1 / tessera_canvas_ratio (TESSERA_CANVAS (watch->view)), state.scale);
  watch_motion (watch, zoom, &bench->zoom_frame, &bench->zoom_processor);
  tessera_canvas_set_viewport (TESSERA_CANVAS (watch->view), state.x, state.y, watch->near);
  tessera_canvas_bench_settle (watch->bench);
  watch_motion (watch, tessera_canvas_bench_pan, &bench->pan_frame, &bench->pan_processor);
  tessera_slide_view_get_state (watch->view, &state);
  bench->blocks = state.decoded;
  bench->peak_bytes = watch->peak;
  bench->complete = watch->n_moved > 0 ? (double)watch->n_complete / watch->n_moved : 0;
}

bool
tessera_slide_bench_run (TsrSlide *slide, guint width, guint height, guint side,
                         TesseraSlideBench *bench)
{
  *bench = (TesseraSlideBench){.width = width, .height = height};
  if (!gtk_init_check ())
    return false;
  adw_init ();
  g_autofree Watch *watch = g_new0 (Watch, 1);
  watch->view = TESSERA_SLIDE_VIEW (tessera_slide_view_new ());
  watch->bench = tessera_canvas_bench_open (GTK_WIDGET (watch->view), width, height, &kind);
  if (!watch->bench)
    return false;
  bench->renderer = tessera_canvas_bench_renderer (watch->bench);
  watch_all (watch, slide, side, bench);
  tessera_canvas_bench_close (watch->bench);
  return true;
}
