/* Labels fifty suggested tiles in a real window with real keys alone, as the ground truth says:
 * window-fifty PROJECT [N]. Prints, for each, the time from the key press that the window received
 * to the frame in which all points have their new colours, then median and worst. The project's
 * labels are cleared first: give it a copy. Figures for docs/performance.md; no test. */

#include "tessera-map-view-private.h"
#include "window-test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  WindowTest *test;
  gint64 pressed; /* monotonic microseconds; 0: not yet */
  gint64 drawn;   /* end of the frame that showed the colours */
  guint64 rasters;
  gboolean labelled; /* the session has them */
} Press;

static gboolean
pressed_cb (GtkEventController *controller, guint keyval, guint keycode, GdkModifierType state,
            Press *press)
{
  if (press->pressed == 0)
    press->pressed = g_get_monotonic_time ();
  return GDK_EVENT_PROPAGATE;
}

static void
labelled_cb (Press *press)
{
  if (press->pressed != 0 && !press->labelled) {
    press->labelled = TRUE;
    press->rasters = tessera_map_view_get_n_rasters (window_test_map (press->test));
  }
}

/* The first frame that ends with a picture made after the colours were known. */
static void
painted_cb (Press *press)
{
  TesseraMapView *map = window_test_map (press->test);
  if (press->labelled && press->drawn == 0 &&
      tessera_map_view_get_n_rasters (map) > press->rasters && tessera_map_view_is_settled (map))
    press->drawn = g_get_monotonic_time ();
}

static gboolean
is_answered (WindowTest *test, gpointer press)
{
  return ((Press *)press)->drawn != 0 && !tessera_session_is_busy (window_test_session (test));
}

/* The key of the tile's true class; "u" where that has none. */
static const char *
key_for (TesseraSession *session, uint32_t tile, char *key)
{
  const TsrClass *class_ =
      tessera_session_get_class (session, tessera_session_get_truth_class (session, tile));
  key[0] = class_ != NULL && class_->key != 0 ? class_->key : 'u';
  key[1] = '\0';
  return key;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static guint
label (WindowTest *test, guint n, double *ms)
{
  TesseraSession *session = window_test_session (test);
  Press press = {.test = test};
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (pressed_cb), &press);
  gtk_widget_add_controller (GTK_WIDGET (test->window), keys);
  g_signal_connect_swapped (session, "labels-changed", G_CALLBACK (labelled_cb), &press);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (test->window));
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (painted_cb), &press);
  guint done = 0;
  for (; done < n; done++) {
    uint32_t tile = tessera_session_get_current (session);
    if (tile == TESSERA_NO_TILE)
      break;
    char key[2];
    press = (Press){.test = test};
    window_test_xdotool ("key %s", key_for (session, tile, key));
    window_test_wait (test, "its colours", is_answered, &press);
    ms[done] = (double)(press.drawn - press.pressed) / 1e3;
    printf ("%3u  key %s  tile %6u  %6.1f ms\n", done + 1, key, tile, ms[done]);
    window_test_pass (300);
  }
  g_signal_handlers_disconnect_by_data (clock, &press);
  g_signal_handlers_disconnect_by_data (session, &press);
  gtk_widget_remove_controller (GTK_WIDGET (test->window), keys);
  return done;
}

int
main (int argc, char **argv)
{
  if (argc < 2 || !window_test_can_run ())
    g_error ("usage: %s PROJECT [N], with xdotool and a display", argv[0]);
  guint n = argc > 2 ? (guint)CLAMP (atoi (argv[2]), 1, 1000) : 50;
  window_fixture_home ();
  gtk_init ();
  adw_init ();
  WindowTest test = {.path = g_strdup (argv[1]), .folder = window_fixture_folder ()};
  window_test_reopen (&test);
  tessera_session_reset (window_test_session (&test));
  window_test_settle (&test);
  tessera_session_select_next (window_test_session (&test));
  window_test_pass (2000);
  g_autofree double *ms = g_new (double, n);
  gint64 start = g_get_monotonic_time ();
  guint done = label (&test, n, ms);
  double seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  qsort (ms, done, sizeof *ms, compare);
  if (done > 0)
    printf ("%u labels of %u tiles in %.0f s by keys alone: from key press to recoloured frame "
            "%.1f ms in the median, %.1f ms at worst\n",
            done, tessera_session_get_n_tiles (window_test_session (&test)), seconds, ms[done / 2],
            ms[done - 1]);
  window_test_close (&test);
  return 0;
}
