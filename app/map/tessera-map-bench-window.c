/* Frame times of a real window: the map is panned and zoomed frame by frame, as a hand would, while
 * the frame clock says how long the main thread is busy. */

#include "tessera-map-bench-window.h"

#include "tessera-map-view-private.h"

#include <adwaita.h>
#include <math.h>

#define FRAMES   150
#define LABELS   25
#define PATIENCE 20000000 /* microseconds */

typedef enum { STILL, PANNING, ZOOMING, GLOWING } Motion;

typedef struct {
  TesseraMapView *view;
  GdkFrameClock *clock;
  Motion motion;
  guint frame, n, n_intervals;
  gint64 began, last;
  guint64 painted; /* frames ended so far */
  double busy[FRAMES], interval[FRAMES];
} Watch;

static void
before_paint_cb (GdkFrameClock *clock, Watch *watch)
{
  watch->began = g_get_monotonic_time ();
  if (watch->motion != PANNING && watch->motion != ZOOMING)
    return;
  double x, y, scale, t = watch->frame++;
  if (!tessera_map_view_get_viewport (watch->view, &x, &y, &scale))
    return;
  if (watch->motion == PANNING) /* a hand that goes round, up to 25 pixels a frame */
    tessera_map_view_set_viewport (watch->view, x + round (25 * cos (t / 19)) / scale,
                                   y + round (25 * sin (t / 19)) / scale, scale);
  else
    tessera_map_view_set_viewport (watch->view, x, y, scale * exp (0.03 * cos (t / 24)));
}

static void
after_paint_cb (GdkFrameClock *clock, Watch *watch)
{
  gint64 now = g_get_monotonic_time ();
  watch->painted++;
  if (watch->motion == STILL || watch->n >= FRAMES)
    return;
  watch->busy[watch->n++] = (now - watch->began) / 1e3;
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

static TesseraMapTiming
watch_motion (Watch *watch, Motion motion, TesseraMapTiming *interval)
{
  watch->motion = motion;
  watch->frame = watch->n = watch->n_intervals = 0;
  watch->last = 0;
  gint64 end = g_get_monotonic_time () + PATIENCE;
  while (watch->n < FRAMES && g_get_monotonic_time () < end) {
    if (motion != GLOWING) /* the glow asks for its frames itself */
      gtk_widget_queue_draw (GTK_WIDGET (watch->view));
    g_main_context_iteration (NULL, TRUE);
  }
  watch->motion = STILL;
  if (interval)
    *interval = tessera_map_timing (watch->interval, watch->n_intervals);
  TesseraMapTiming busy = tessera_map_timing (watch->busy, watch->n);
  settle (watch);
  return busy;
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
watch_all (Watch *watch, GBytes *xy, TesseraMapBench *bench)
{
  g_autoptr (GBytes) points = tessera_map_bench_points (bench->n, 0);
  gint64 start = g_get_monotonic_time ();
  tessera_map_view_set_layout (watch->view, xy);
  tessera_map_view_set_points (watch->view, points);
  settle (watch);
  await_frame (watch);
  bench->first_paint = (g_get_monotonic_time () - start) / 1e3;
  bench->pan_frame = watch_motion (watch, PANNING, &bench->pan_interval);
  bench->zoom_frame = watch_motion (watch, ZOOMING, NULL);
  watch_labels (watch, bench);
  guint32 glowing[50];
  for (guint i = 0; i < G_N_ELEMENTS (glowing); i++)
    glowing[i] = (guint32)((guint64)i * bench->n / G_N_ELEMENTS (glowing));
  tessera_map_view_set_suggestions (watch->view, glowing, MIN (bench->n, G_N_ELEMENTS (glowing)));
  bench->glow_frame = watch_motion (watch, GLOWING, NULL);
}

/* Lets the waiting loops above look at their limit even when nothing happens. */
static gboolean
keep_awake_cb (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

void
tessera_map_bench_window (GBytes *xy, TesseraMapBench *bench)
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
    watch_all (watch, xy, bench);
    g_signal_handler_disconnect (watch->clock, before);
    g_signal_handler_disconnect (watch->clock, after);
    g_object_unref (watch->clock);
  }
  g_source_remove (alarm);
  gtk_window_destroy (GTK_WINDOW (window));
  g_free (watch);
}
