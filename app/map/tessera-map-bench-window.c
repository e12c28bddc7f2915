/* The map in a real window: how long frames, picks, lassos and labels take there. */

#include "tessera-map-bench-window.h"

#include "tessera-canvas-bench.h"
#include "tessera-map-view-private.h"

#include "tsr-random.h"

#include <adwaita.h>
#include <math.h>

#define LABELS  25
#define LASSOS  15
#define PICKS   1000
#define GLOWING 20 /* as many as the window suggests at once */

typedef struct {
  TesseraMapView *view;
  TesseraCanvasBench *bench;
  TesseraCanvasFrames frames;
  guint64 rasters; /* seen so far */
  guint n_rasters;
  double raster[TESSERA_TIMED_FRAMES];    /* how long they had taken */
  double raster_at[TESSERA_TIMED_FRAMES]; /* by frame, 0: none was new */
} Watch;

static bool
is_settled (TesseraCanvas *canvas)
{
  return tessera_map_view_is_settled (TESSERA_MAP_VIEW (canvas));
}

static const TesseraCanvasBenchKind kind = {is_settled, 20 * G_USEC_PER_SEC};

static void
settle (Watch *watch)
{
  tessera_canvas_bench_settle (watch->bench);
}

static void
zoom (TesseraCanvas *canvas, guint frame, gpointer unused)
{
  double x, y, scale;
  if (tessera_canvas_get_viewport (canvas, &x, &y, &scale))
    tessera_canvas_set_viewport (canvas, x, y, scale * exp (0.03 * cos (frame / 24.0)));
}

static void
note_raster (TesseraCanvas *canvas, guint frame, gpointer user)
{
  Watch *watch = user;
  guint64 rasters = tessera_map_view_get_n_rasters (watch->view);
  watch->raster_at[frame] = 0;
  if (rasters != watch->rasters)
    watch->raster[watch->n_rasters++] = watch->raster_at[frame] = watch->view->raster_time / 1e3;
  watch->rasters = rasters;
}

/* The results stay in watch. */
static void
watch_motion (Watch *watch, TesseraCanvasMove move)
{
  watch->n_rasters = 0;
  watch->rasters = tessera_map_view_get_n_rasters (watch->view);
  tessera_canvas_bench_move (watch->bench, move, note_raster, watch, &watch->frames);
}

static void
watch_pan (Watch *watch, TesseraMapBench *bench)
{
  TesseraCanvasFrames *frames = &watch->frames;
  watch_motion (watch, tessera_canvas_bench_pan);
  for (guint i = 0; i < frames->n; i++)
    bench->pan[i] = (TesseraMapFrameTime){frames->start[i], frames->busy[i], watch->raster_at[i]};
  bench->pan_frame = tessera_timing (frames->busy, frames->n);
  bench->pan_processor = tessera_timing (frames->processor, frames->n);
  bench->pan_interval = tessera_timing (frames->interval, frames->n_intervals);
  bench->pan_raster = tessera_timing (watch->raster, watch->n_rasters);
}

static void
watch_zoom (Watch *watch, TesseraMapBench *bench)
{
  watch_motion (watch, zoom);
  bench->zoom_frame = tessera_timing (watch->frames.busy, watch->frames.n);
  bench->zoom_processor = tessera_timing (watch->frames.processor, watch->frames.n);
}

static void
watch_glow (Watch *watch, TesseraMapBench *bench)
{
  guint32 glowing[GLOWING];
  for (guint i = 0; i < GLOWING; i++)
    glowing[i] = (guint32)((guint64)i * bench->n / GLOWING);
  tessera_map_view_set_suggestions (watch->view, glowing, MIN (bench->n, GLOWING));
  tessera_canvas_bench_await_frame (watch->bench);
  watch_motion (watch, NULL); /* the glow asks for its frames itself */
  bench->glow_frame = tessera_timing (watch->frames.busy, watch->frames.n);
  bench->glow_processor = tessera_timing (watch->frames.processor, watch->frames.n);
}

static void
watch_picks (Watch *watch, TesseraMapBench *bench)
{
  double ms[PICKS];
  TsrRandom r;
  tsr_random_init (&r, 2, 1);
  for (guint i = 0; i < PICKS; i++) {
    double x = tsr_random_uniform (&r) * bench->width, y = tsr_random_uniform (&r) * bench->height;
    gint64 start = g_get_monotonic_time ();
    tessera_map_view_pick (watch->view, x, y);
    ms[i] = (g_get_monotonic_time () - start) / 1e3;
  }
  bench->pick = tessera_timing (ms, PICKS);
}

/* From the last corner until the window knows which tiles are selected. */
static void
watch_lassos (Watch *watch, const double *lasso, TesseraMapBench *bench)
{
  double ms[LASSOS];
  const TesseraMapGrid *grid = tessera_map_index_grid (watch->view->index);
  for (guint i = 0; i < LASSOS; i++) {
    gint64 start = g_get_monotonic_time ();
    g_autofree guint8 *found = g_malloc0 (bench->n);
    tessera_map_grid_in_polygon (grid, lasso, TESSERA_MAP_BENCH_CORNERS, found);
    tessera_canvas_combine (TESSERA_CANVAS (watch->view), found, TESSERA_CANVAS_REPLACE);
    guint n;
    g_autofree guint32 *tiles = tessera_map_view_get_selection (watch->view, &n);
    ms[i] = (g_get_monotonic_time () - start) / 1e3;
    settle (watch);
    tessera_canvas_unselect_all (TESSERA_CANVAS (watch->view));
    settle (watch);
  }
  bench->select = tessera_timing (ms, LASSOS);
}

/* A class switched off and on again in the legend. */
static void
watch_legend (Watch *watch, TesseraMapBench *bench)
{
  double ms[LABELS];
  TesseraMapClass classes[8];
  tessera_map_bench_palette (classes);
  for (guint i = 0; i < LABELS; i++) {
    classes[i / 2 % 8].hidden = i % 2 == 0;
    gint64 start = g_get_monotonic_time ();
    tessera_map_view_set_palette (watch->view, classes, 8);
    ms[i] = (g_get_monotonic_time () - start) / 1e3;
    settle (watch);
  }
  bench->hide = tessera_timing (ms, LABELS);
}

/* New states for all points, as after a label: how long the main thread is held, and when the frame
 * is there. */
static void
watch_labels (Watch *watch, TesseraMapBench *bench)
{
  double taken[LABELS], shown[LABELS];
  for (guint i = 0; i < LABELS; i++) {
    g_autoptr (GBytes) points = tessera_map_bench_points (bench->n, i + 1);
    gint64 start = g_get_monotonic_time ();
    tessera_map_view_set_points (watch->view, points);
    taken[i] = (g_get_monotonic_time () - start) / 1e3;
    settle (watch);
    tessera_canvas_bench_await_frame (watch->bench);
    shown[i] = (g_get_monotonic_time () - start) / 1e3;
  }
  bench->set_points = tessera_timing (taken, LABELS);
  bench->label_to_frame = tessera_timing (shown, LABELS);
}

static void
watch_all (Watch *watch, GBytes *xy, const double *lasso, TesseraMapBench *bench)
{
  g_autoptr (GBytes) points = tessera_map_bench_points (bench->n, 0);
  gint64 start = g_get_monotonic_time ();
  tessera_map_view_set_layout (watch->view, xy);
  tessera_map_view_set_points (watch->view, points);
  settle (watch);
  tessera_canvas_bench_await_frame (watch->bench);
  bench->first_paint = (g_get_monotonic_time () - start) / 1e3;
  watch_picks (watch, bench);
  watch_lassos (watch, lasso, bench);
  watch_pan (watch, bench);
  watch_zoom (watch, bench);
  watch_labels (watch, bench);
  watch_legend (watch, bench);
  watch_glow (watch, bench);
}

void
tessera_map_bench_window (GBytes *xy, const double lasso[2 * TESSERA_MAP_BENCH_CORNERS],
                          TesseraMapBench *bench)
{
  if (!gtk_init_check ())
    return;
  adw_init ();
  g_autofree Watch *watch = g_new0 (Watch, 1);
  watch->view = TESSERA_MAP_VIEW (tessera_map_view_new ());
  TesseraMapClass classes[8];
  tessera_map_bench_palette (classes);
  tessera_map_view_set_palette (watch->view, classes, 8);
  watch->bench =
      tessera_canvas_bench_open (GTK_WIDGET (watch->view), bench->width, bench->height, &kind);
  if (!watch->bench)
    return;
  bench->window = true;
  bench->renderer = tessera_canvas_bench_renderer (watch->bench);
  watch_all (watch, xy, lasso, bench);
  tessera_canvas_bench_close (watch->bench);
}
