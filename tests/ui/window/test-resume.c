/* What was labelled lately and the way back to it, a project found as it was left, and the tour
 * for newcomers. */

#include "tessera-app-state.h"
#include "tessera-queue-strip.h"
#include "tessera-thumb.h"
#include "tessera-tour.h"
#include "window-test.h"

#define N 150

static void
set_up (WindowTest *test, gconstpointer data)
{
  tessera_app_state_set_int ("tour-seen", GPOINTER_TO_INT (data));
  window_test_open (test, N, WINDOW_FIXTURE_ALL);
}

static void
tear_down (WindowTest *test, gconstpointer data)
{
  window_test_close (test);
}

static uint32_t
queued (WindowTest *test, guint i)
{
  return g_array_index (tessera_session_get_queue (window_test_session (test)), uint32_t, i);
}

static GtkWidget *
recent_row (WindowTest *test)
{
  GtkWidget *strip = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_QUEUE_STRIP);
  return GTK_WIDGET (gtk_widget_get_template_child (strip, TESSERA_TYPE_QUEUE_STRIP, "recent"));
}

/* The tiles the strip shows as labelled lately, from left to right. */
static guint
shown (WindowTest *test, uint32_t *tiles, guint most)
{
  guint n = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (recent_row (test)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child) && n < most)
      tiles[n++] = tessera_thumb_get_tile (TESSERA_THUMB (child));
  return n;
}

static void
assert_shown_at (int line, WindowTest *test, const uint32_t *wanted, guint n)
{
  g_test_message ("line %d", line);
  uint32_t tiles[16];
  window_test_pass (50);
  guint k = shown (test, tiles, 16);
  g_assert_cmpuint (k, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (tiles[i], ==, wanted[i]);
}

#define assert_shown(...) assert_shown_at (__LINE__, __VA_ARGS__)

static void
test_recent (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  uint32_t done[4];
  assert_shown (test, NULL, 0);
  for (guint i = 0; i < 4; i++) {
    done[i] = queued (test, 0);
    window_test_key (test, i == 1 ? "u" : "1");
  }
  assert_shown (test, done + 1, 3);

  /* Back twice, corrected: on to the next suggestion, and the tile is the newest one now. */
  window_test_key (test, "BackSpace");
  g_assert_cmpuint (tessera_session_get_current (session), ==, done[3]);
  window_test_key (test, "BackSpace");
  g_assert_cmpuint (tessera_session_get_current (session), ==, done[2]);
  uint32_t next = queued (test, 0);
  window_test_key (test, "2");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, done[2]), ==,
                   tessera_session_get_class_for_key (session, '2')->id);
  g_assert_cmpuint (tessera_session_get_current (session), ==, next);
  assert_shown (test, (uint32_t[]){done[1], done[3], done[2]}, 3);

  /* As far back as there is anything, and no farther. */
  for (int i = 0; i < 9; i++)
    window_test_key (test, "BackSpace");
  g_assert_cmpuint (tessera_session_get_current (session), ==, done[0]);

  /* A click does the same; what is undone is gone from there. */
  window_test_click (test, gtk_widget_get_first_child (recent_row (test)));
  g_assert_cmpuint (tessera_session_get_current (session), ==, done[1]);
  window_test_key (test, "0");
  assert_shown (test, (uint32_t[]){done[0], done[3], done[2]}, 3);
  window_test_key (test, "ctrl+z");
  assert_shown (test, (uint32_t[]){done[3], done[2], done[1]}, 3);
}

static void
test_recent_after_restart (WindowTest *test, gconstpointer data)
{
  uint32_t done[3];
  for (guint i = 0; i < 3; i++) {
    done[i] = queued (test, 0);
    window_test_key (test, "1");
  }
  window_test_close_window (test);
  window_test_reopen (test);
  assert_shown (test, done, 3);
  window_test_key (test, "BackSpace");
  g_assert_cmpuint (tessera_session_get_current (window_test_session (test)), ==, done[2]);
}

static void
test_left (WindowTest *test, gconstpointer data)
{
  TesseraMapView *map = window_test_map (test);
  uint32_t tile = queued (test, 7);
  tessera_session_select_one (window_test_session (test), tile);
  window_test_key (test, "plus");
  window_test_key (test, "plus");
  window_test_settle (test);
  double x, y, scale, x2, y2, scale2;
  g_assert_true (tessera_canvas_get_viewport (TESSERA_CANVAS (map), &x, &y, &scale));
  window_test_close_window (test);
  window_test_reopen (test);
  window_test_settle (test);
  map = window_test_map (test);
  g_assert_true (tessera_canvas_get_viewport (TESSERA_CANVAS (map), &x2, &y2, &scale2));
  g_assert_cmpfloat (x2, ==, x);
  g_assert_cmpfloat (y2, ==, y);
  g_assert_cmpfloat (scale2, ==, scale);
  g_assert_cmpuint (tessera_session_get_current (window_test_session (test)), ==, tile);

  /* Fitted and at the next suggestion, it opens so. */
  window_test_key (test, "f");
  window_test_key (test, "1");
  window_test_close_window (test);
  window_test_reopen (test);
  window_test_settle (test);
  gboolean fitted;
  g_object_get (window_test_map (test), "auto-fit", &fitted, NULL);
  g_assert_true (fitted);
  g_assert_cmpuint (tessera_session_get_current (window_test_session (test)), ==, queued (test, 0));
}

static gboolean
says_not (WindowTest *test, gpointer text)
{
  return !window_test_is_said (test, text);
}

/* The first time, and with the keys alone. */
static void
test_tour (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  window_test_wait (test, "the first step", window_test_is_said,
                    (gpointer) "Every point is a tile");
  window_test_key (test, "Return");
  window_test_wait (test, "the second", window_test_is_said,
                    (gpointer) "Label the glowing ones first");
  window_test_key (test, "Return");
  window_test_wait (test, "the third", window_test_is_said, (gpointer) "Look at it");
  window_test_key (test, "Return");
  window_test_wait (test, "the fourth", window_test_is_said, (gpointer) "One key labels it");
  uint32_t tile = queued (test, 0);
  window_test_key (test, "1"); /* means what it window_test_is_said */
  g_assert_cmpint (tessera_session_get_label (session, tile), !=, TSR_LABEL_NONE);
  window_test_key (test, "Return");
  window_test_wait (test, "the last", window_test_is_said, (gpointer) "Stop when it is enough");
  g_assert_true (tessera_tour_is_due ());
  window_test_key (test, "Return");
  window_test_wait (test, "its end", says_not, (gpointer) "Stop when it is enough");
  g_assert_false (tessera_tour_is_due ());
  window_test_key (test, "1");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 2);

  /* Again, when asked for, and skipped. */
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.tour", NULL);
  window_test_wait (test, "the first step", window_test_is_said,
                    (gpointer) "Every point is a tile");
  window_test_key (test, "Escape");
  window_test_wait (test, "its end", says_not, (gpointer) "Every point is a tile");

  /* Esc skips it from the map, too, and takes no selection with it. */
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.tour", NULL);
  window_test_wait (test, "the first step", window_test_is_said,
                    (gpointer) "Every point is a tile");
  gtk_widget_grab_focus (GTK_WIDGET (window_test_map (test)));
  window_test_key (test, "Escape");
  window_test_wait (test, "its end", says_not, (gpointer) "Every point is a tile");
  g_assert_cmpuint (tessera_session_get_current (session), !=, TESSERA_NO_TILE);
  window_test_close_window (test);
  window_test_reopen (test);
  window_test_pass (900);
  g_assert_false (window_test_is_said (test, (gpointer) "Every point is a tile"));
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  static const struct {
    const char *name;
    void (*test) (WindowTest *, gconstpointer);
    int tour_seen;
  } tests[] = {
      {"recent", test_recent, 1},
      {"recent-after-restart", test_recent_after_restart, 1},
      {"left", test_left, 1},
      {"tour", test_tour, 0},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/resume/", tests[i].name, NULL);
    g_test_add (path, WindowTest, GINT_TO_POINTER (tests[i].tour_seen), set_up, tests[i].test,
                tear_down);
  }
  return g_test_run ();
}
