#include "tessera-slide-bench.h"

#include "tessera-slide-view-private.h"
#include "tsr-marker.h"

#include <adwaita.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define FRAMES     TESSERA_SLIDE_BENCH_FRAMES
#define RECOLOURS  15
#define CLASSES    8
#define MOST_TILES 1000000
#define PATIENCE   60000000 /* microseconds */

typedef enum { STILL, ZOOM, PAN } Motion;

typedef struct {
  TesseraSlideView *view;
  GdkFrameClock *clock;
  Motion motion;
  guint n, n_complete, n_moved;
  gint64 began;
  double processor_began, near, far; /* scales the course goes between */
  guint64 painted;
  gsize peak;
  double busy[FRAMES], processor[FRAMES];
} Watch;

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static TesseraSlideTiming
timing (double *ms, guint n)
{
  if (n == 0)
    return (TesseraSlideTiming){0};
  qsort (ms, n, sizeof *ms, compare);
  guint last = (guint)ceil (0.99 * n);
  return (TesseraSlideTiming){ms[n / 2], ms[MAX (last, 1) - 1], ms[n - 1], n};
}

/* Milliseconds of processor time of this thread. */
static double
processor_ms (void)
{
  struct timespec t;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
before_paint_cb (GdkFrameClock *clock, Watch *watch)
{
  watch->began = g_get_monotonic_time ();
  watch->processor_began = processor_ms ();
  double x, y, scale, t = watch->n;
  if (watch->motion == STILL ||
      !tessera_canvas_get_viewport (TESSERA_CANVAS (watch->view), &x, &y, &scale))
    return;
  if (watch->motion == PAN) { /* a hand that goes round, up to 25 pixels a frame */
    x += round (25 * cos (t / 19)) / scale;
    y += round (25 * sin (t / 19)) / scale;
  } else { /* in, and out again */
    double way = 0.5 - 0.5 * cos (2 * G_PI * t / FRAMES);
    scale = watch->far * pow (watch->near / watch->far, way);
  }
  tessera_canvas_set_viewport (TESSERA_CANVAS (watch->view), x, y, scale);
}

static void
after_paint_cb (GdkFrameClock *clock, Watch *watch)
{
  gint64 now = g_get_monotonic_time ();
  watch->painted++;
  if (watch->motion == STILL || watch->n >= FRAMES)
    return;
  TesseraSlideState state;
  tessera_slide_view_get_state (watch->view, &state);
  watch->n_complete += state.there == state.wanted;
  watch->n_moved++;
  watch->peak = MAX (watch->peak, state.bytes);
  watch->busy[watch->n] = (double)(now - watch->began) / 1e3;
  watch->processor[watch->n++] = processor_ms () - watch->processor_began;
}

static void
settle (Watch *watch)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (!tessera_slide_view_is_idle (watch->view) && g_get_monotonic_time () < end)
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

static void
watch_motion (Watch *watch, Motion motion, TesseraSlideTiming *frame, TesseraSlideTiming *processor)
{
  watch->motion = motion;
  watch->n = 0;
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (watch->n < FRAMES && g_get_monotonic_time () < end) {
    gtk_widget_queue_draw (GTK_WIDGET (watch->view));
    g_main_context_iteration (NULL, TRUE);
  }
  watch->motion = STILL;
  *frame = timing (watch->busy, watch->n);
  *processor = timing (watch->processor, watch->n);
  settle (watch);
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
    settle (watch);
    await_frame (watch);
    ms[i] = (double)(g_get_monotonic_time () - start) / 1e3;
  }
  bench->recolour = timing (ms, RECOLOURS).median;
}

/* ---- all of it ---- */

static void
watch_all (Watch *watch, TsrSlide *slide, guint side, TesseraSlideBench *bench)
{
  TesseraSlideState state;
  gint64 start = g_get_monotonic_time ();
  tessera_slide_view_set_slide (watch->view, slide);
  bench->tiles = lay_tiles (watch->view, slide, side);
  settle (watch);
  await_frame (watch);
  bench->first_picture = (double)(g_get_monotonic_time () - start) / 1e3;
  watch_recolouring (watch, bench);
  tessera_slide_view_get_state (watch->view, &state);
  watch->far = state.scale;
  watch->near = MAX (1 / tessera_canvas_ratio (TESSERA_CANVAS (watch->view)), state.scale);
  watch_motion (watch, ZOOM, &bench->zoom_frame, &bench->zoom_processor);
  tessera_canvas_set_viewport (TESSERA_CANVAS (watch->view), state.x, state.y, watch->near);
  settle (watch);
  watch_motion (watch, PAN, &bench->pan_frame, &bench->pan_processor);
  tessera_slide_view_get_state (watch->view, &state);
  bench->blocks = state.decoded;
  bench->peak_bytes = watch->peak;
  bench->complete = watch->n_moved > 0 ? (double)watch->n_complete / watch->n_moved : 0;
}

/* Lets the waiting loops above look at their limit even when nothing happens. */
static gboolean
keep_awake_cb (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

bool
tessera_slide_bench_run (TsrSlide *slide, guint width, guint height, guint side,
                         TesseraSlideBench *bench)
{
  *bench = (TesseraSlideBench){.width = width, .height = height};
  if (!gtk_init_check ())
    return false;
  adw_init ();
  GtkWidget *window = gtk_window_new (), *widget = tessera_slide_view_new ();
  Watch *watch = g_new0 (Watch, 1);
  watch->view = TESSERA_SLIDE_VIEW (widget);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), (int)width, (int)height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  guint alarm = g_timeout_add (100, G_SOURCE_FUNC (keep_awake_cb), NULL);
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (gtk_widget_get_width (widget) < 1 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  watch->clock = gtk_widget_get_frame_clock (widget);
  bool shown = watch->clock && gtk_widget_get_width (widget) > 0;
  if (shown) {
    g_object_ref (watch->clock);
    gulong before =
        g_signal_connect (watch->clock, "before-paint", G_CALLBACK (before_paint_cb), watch);
    gulong after =
        g_signal_connect (watch->clock, "after-paint", G_CALLBACK (after_paint_cb), watch);
    bench->renderer =
        g_intern_string (G_OBJECT_TYPE_NAME (gtk_native_get_renderer (GTK_NATIVE (window))));
    watch_all (watch, slide, side, bench);
    g_signal_handler_disconnect (watch->clock, before);
    g_signal_handler_disconnect (watch->clock, after);
    g_object_unref (watch->clock);
  }
  g_source_remove (alarm);
  gtk_window_destroy (GTK_WINDOW (window));
  g_free (watch);
  return shown;
}
