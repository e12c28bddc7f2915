/* Frame times of a real window: the map is panned and zoomed frame by frame, as a hand would, while
 * the frame clock says how long the main thread is busy. */

#include "tessera-map-bench-window.h"

#include "tessera-map-view-private.h"

#include "tsr-random.h"

#include <adwaita.h>
#include <math.h>
#include <time.h>

#define FRAMES   TESSERA_MAP_BENCH_FRAMES
#define LABELS   25
#define LASSOS   15
#define PICKS    1000
#define GLOWING  20       /* as many as the window suggests at once */
#define PATIENCE 20000000 /* microseconds */

typedef enum { STILL, PAN, ZOOM, GLOW } Motion;

typedef struct {
  TesseraMapView *view;
  GdkFrameClock *clock;
  Motion motion;
  guint frame, n, n_intervals;
  gint64 began, last;
  double processor_began;
  guint64 painted, rasters; /* frames ended and rasters seen so far */
  guint n_rasters;
  double busy[FRAMES], processor[FRAMES], interval[FRAMES], raster[FRAMES];
  TesseraMapFrameTime frames[FRAMES];
} Watch;

/* Milliseconds of processor time of this thread. */
static double
processor_ms (void)
{
  struct timespec t;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
before_paint_cb (GdkFrameClock *clock, Watch *watch)
{
  watch->began = g_get_monotonic_time ();
  watch->processor_began = processor_ms ();
  if (watch->motion != PAN && watch->motion != ZOOM)
    return;
  double x, y, scale, t = watch->frame++;
  if (!tessera_canvas_get_viewport (TESSERA_CANVAS (watch->view), &x, &y, &scale))
    return;
  if (watch->motion == PAN) /* a hand that goes round, up to 25 pixels a frame */
    tessera_canvas_set_viewport (TESSERA_CANVAS (watch->view),
                                 x + round (25 * cos (t / 19)) / scale,
                                 y + round (25 * sin (t / 19)) / scale, scale);
  else
    tessera_canvas_set_viewport (TESSERA_CANVAS (watch->view), x, y,
                                 scale * exp (0.03 * cos (t / 24)));
}

static void
after_paint_cb (GdkFrameClock *clock, Watch *watch)
{
  gint64 now = g_get_monotonic_time ();
  watch->painted++;
  if (watch->motion == STILL || watch->n >= FRAMES)
    return;
  TesseraMapFrameTime *frame = &watch->frames[watch->n];
  *frame = (TesseraMapFrameTime){.start = (double)watch->began, .busy = (now - watch->began) / 1e3};
  if (tessera_map_view_get_n_rasters (watch->view) != watch->rasters) {
    frame->raster = watch->raster[watch->n_rasters++] = watch->view->raster_time / 1e3;
    watch->rasters = tessera_map_view_get_n_rasters (watch->view);
  }
  watch->busy[watch->n] = frame->busy;
  watch->processor[watch->n++] = processor_ms () - watch->processor_began;
  if (watch->last && watch->n_intervals < FRAMES)
    watch->interval[watch->n_intervals++] = (now - watch->last) / 1e3;
  watch->last = now;
}

static void
settle (Watch *watch)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (!tessera_map_view_is_settled (watch->view) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
}

/* Until the next frame is on the screen; one is asked for, so that there is one. */
static void
await_frame (Watch *watch)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  gtk_widget_queue_draw (GTK_WIDGET (watch->view));
  for (guint64 frame = watch->painted; watch->painted == frame && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
}

/* Times FRAMES frames of a motion; the results stay in watch. */
static void
watch_motion (Watch *watch, Motion motion)
{
  watch->motion = motion;
  watch->frame = watch->n = watch->n_intervals = watch->n_rasters = 0;
  watch->rasters = tessera_map_view_get_n_rasters (watch->view);
  watch->last = 0;
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (watch->n < FRAMES && g_get_monotonic_time () < end) {
    if (motion != GLOW) /* the glow asks for its frames itself */
      gtk_widget_queue_draw (GTK_WIDGET (watch->view));
    g_main_context_iteration (NULL, TRUE);
  }
  watch->motion = STILL;
  settle (watch);
}

static void
watch_pan (Watch *watch, TesseraMapBench *bench)
{
  watch_motion (watch, PAN);
  for (guint i = 0; i < watch->n; i++) {
    bench->pan[i] = watch->frames[i];
    bench->pan[i].start = (watch->frames[i].start - watch->frames[0].start) / 1e3;
  }
  bench->pan_frame = tessera_map_timing (watch->busy, watch->n);
  bench->pan_processor = tessera_map_timing (watch->processor, watch->n);
  bench->pan_interval = tessera_map_timing (watch->interval, watch->n_intervals);
  bench->pan_raster = tessera_map_timing (watch->raster, watch->n_rasters);
}

static void
watch_zoom (Watch *watch, TesseraMapBench *bench)
{
  watch_motion (watch, ZOOM);
  bench->zoom_frame = tessera_map_timing (watch->busy, watch->n);
  bench->zoom_processor = tessera_map_timing (watch->processor, watch->n);
}

static void
watch_glow (Watch *watch, TesseraMapBench *bench)
{
  guint32 glowing[GLOWING];
  for (guint i = 0; i < GLOWING; i++)
    glowing[i] = (guint32)((guint64)i * bench->n / GLOWING);
  tessera_map_view_set_suggestions (watch->view, glowing, MIN (bench->n, GLOWING));
  await_frame (watch);
  watch_motion (watch, GLOW);
  bench->glow_frame = tessera_map_timing (watch->busy, watch->n);
  bench->glow_processor = tessera_map_timing (watch->processor, watch->n);
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
  bench->pick = tessera_map_timing (ms, PICKS);
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
  bench->select = tessera_map_timing (ms, LASSOS);
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
  bench->hide = tessera_map_timing (ms, LABELS);
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
    await_frame (watch);
    shown[i] = (g_get_monotonic_time () - start) / 1e3;
  }
  bench->set_points = tessera_map_timing (taken, LABELS);
  bench->label_to_frame = tessera_map_timing (shown, LABELS);
}

static void
watch_all (Watch *watch, GBytes *xy, const double *lasso, TesseraMapBench *bench)
{
  g_autoptr (GBytes) points = tessera_map_bench_points (bench->n, 0);
  gint64 start = g_get_monotonic_time ();
  tessera_map_view_set_layout (watch->view, xy);
  tessera_map_view_set_points (watch->view, points);
  settle (watch);
  await_frame (watch);
  bench->first_paint = (g_get_monotonic_time () - start) / 1e3;
  watch_picks (watch, bench);
  watch_lassos (watch, lasso, bench);
  watch_pan (watch, bench);
  watch_zoom (watch, bench);
  watch_labels (watch, bench);
  watch_legend (watch, bench);
  watch_glow (watch, bench);
}

/* Lets the waiting loops above look at their limit even when nothing happens. */
static gboolean
keep_awake_cb (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

void
tessera_map_bench_window (GBytes *xy, const double lasso[2 * TESSERA_MAP_BENCH_CORNERS],
                          TesseraMapBench *bench)
{
  if (!gtk_init_check ())
    return;
  adw_init ();
  GtkWidget *window = gtk_window_new (), *widget = tessera_map_view_new ();
  Watch *watch = g_new0 (Watch, 1);
  watch->view = TESSERA_MAP_VIEW (widget);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), (int)bench->width, (int)bench->height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  TesseraMapClass classes[8];
  tessera_map_bench_palette (classes);
  tessera_map_view_set_palette (watch->view, classes, 8);
  gtk_window_present (GTK_WINDOW (window));
  guint alarm = g_timeout_add (100, G_SOURCE_FUNC (keep_awake_cb), NULL);
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (gtk_widget_get_width (widget) < 1 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  watch->clock = gtk_widget_get_frame_clock (widget);
  if (watch->clock && gtk_widget_get_width (widget) > 0) {
    g_object_ref (watch->clock);
    gulong before =
        g_signal_connect (watch->clock, "before-paint", G_CALLBACK (before_paint_cb), watch);
    gulong after =
        g_signal_connect (watch->clock, "after-paint", G_CALLBACK (after_paint_cb), watch);
    bench->window = true;
    bench->renderer =
        g_intern_string (G_OBJECT_TYPE_NAME (gtk_native_get_renderer (GTK_NATIVE (window))));
    watch_all (watch, xy, lasso, bench);
    g_signal_handler_disconnect (watch->clock, before);
    g_signal_handler_disconnect (watch->clock, after);
    g_object_unref (watch->clock);
  }
  g_source_remove (alarm);
  gtk_window_destroy (GTK_WINDOW (window));
  g_free (watch);
}
