#include "tessera-canvas-bench.h"

#include <math.h>
#include <time.h>

struct TesseraCanvasBench {
  GtkWidget *window, *canvas;
  const TesseraCanvasBenchKind *kind;
  GdkFrameClock *clock;
  guint alarm;
  guint64 painted; /* frames ended so far */
  gint64 began;
  double processor_began;

  /* The movement under way */
  TesseraCanvasFrames *frames;
  TesseraCanvasMove move;
  TesseraCanvasPainted after;
  gpointer user;
  gint64 first, last;
};

/* Milliseconds of processor time of this thread. */
static double
processor_ms (void)
{
  struct timespec t;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
before_paint_cb (GdkFrameClock *clock, TesseraCanvasBench *bench)
{
  bench->began = g_get_monotonic_time ();
  bench->processor_began = processor_ms ();
  if (bench->frames && bench->move)
    bench->move (TESSERA_CANVAS (bench->canvas), bench->frames->n, bench->user);
}

static void
after_paint_cb (GdkFrameClock *clock, TesseraCanvasBench *bench)
{
  gint64 now = g_get_monotonic_time ();
  TesseraCanvasFrames *frames = bench->frames;
  bench->painted++;
  if (!frames || frames->n >= TESSERA_TIMED_FRAMES)
    return;
  if (frames->n == 0)
    bench->first = bench->began;
  if (bench->after)
    bench->after (TESSERA_CANVAS (bench->canvas), frames->n, bench->user);
  frames->start[frames->n] = (double)(bench->began - bench->first) / 1e3;
  frames->busy[frames->n] = (double)(now - bench->began) / 1e3;
  frames->processor[frames->n++] = processor_ms () - bench->processor_began;
  if (bench->last)
    frames->interval[frames->n_intervals++] = (double)(now - bench->last) / 1e3;
  bench->last = now;
}

/* Lets the waiting loops look at their limit even when nothing happens. */
static gboolean
keep_awake_cb (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

TesseraCanvasBench *
tessera_canvas_bench_open (GtkWidget *canvas, guint width, guint height,
                           const TesseraCanvasBenchKind *kind)
{
  TesseraCanvasBench *bench = g_new0 (TesseraCanvasBench, 1);
  bench->window = gtk_window_new ();
  bench->canvas = canvas;
  bench->kind = kind;
  gtk_window_set_decorated (GTK_WINDOW (bench->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (bench->window), (int)width, (int)height);
  gtk_window_set_child (GTK_WINDOW (bench->window), canvas);
  gtk_window_present (GTK_WINDOW (bench->window));
  bench->alarm = g_timeout_add (100, G_SOURCE_FUNC (keep_awake_cb), NULL);
  gint64 end = g_get_monotonic_time () + kind->patience;
  while (gtk_widget_get_width (canvas) < 1 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (canvas);
  if (!clock || gtk_widget_get_width (canvas) < 1) {
    tessera_canvas_bench_close (bench);
    return NULL;
  }
  bench->clock = g_object_ref (clock);
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), bench);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), bench);
  return bench;
}

void
tessera_canvas_bench_close (TesseraCanvasBench *bench)
{
  if (bench->clock)
    g_signal_handlers_disconnect_by_data (bench->clock, bench);
  g_clear_object (&bench->clock);
  g_source_remove (bench->alarm);
  gtk_window_destroy (GTK_WINDOW (bench->window));
  g_free (bench);
}

const char *
tessera_canvas_bench_renderer (TesseraCanvasBench *bench)
{
  return g_intern_string (
      G_OBJECT_TYPE_NAME (gtk_native_get_renderer (GTK_NATIVE (bench->window))));
}

void
tessera_canvas_bench_settle (TesseraCanvasBench *bench)
{
  gint64 end = g_get_monotonic_time () + bench->kind->patience;
  while (!bench->kind->is_settled (TESSERA_CANVAS (bench->canvas)) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
}

void
tessera_canvas_bench_await_frame (TesseraCanvasBench *bench)
{
  gint64 end = g_get_monotonic_time () + bench->kind->patience;
  gtk_widget_queue_draw (bench->canvas);
  for (guint64 frame = bench->painted; bench->painted == frame && g_get_monotonic_time () < end;)
    g_main_context_iteration (NULL, TRUE);
}

void
tessera_canvas_bench_move (TesseraCanvasBench *bench, TesseraCanvasMove move,
                           TesseraCanvasPainted painted, gpointer user, TesseraCanvasFrames *frames)
{
  frames->n = frames->n_intervals = 0;
  bench->move = move;
  bench->after = painted;
  bench->user = user;
  bench->last = 0;
  bench->frames = frames;
  gint64 end = g_get_monotonic_time () + bench->kind->patience;
  while (frames->n < TESSERA_TIMED_FRAMES && g_get_monotonic_time () < end) {
    if (move)
      gtk_widget_queue_draw (bench->canvas);
    g_main_context_iteration (NULL, TRUE);
  }
  bench->frames = NULL;
  tessera_canvas_bench_settle (bench);
}

void
tessera_canvas_bench_pan (TesseraCanvas *canvas, guint frame, gpointer unused)
{
  double x, y, scale, t = frame;
  if (tessera_canvas_get_viewport (canvas, &x, &y, &scale))
    tessera_canvas_set_viewport (canvas, x + round (25 * cos (t / 19)) / scale,
                                 y + round (25 * sin (t / 19)) / scale, scale);
}
