/* What the gallery costs in a real window: window-gallery [N [W [PICTURE]]]. Makes a project of N
 * tiles with thumbnails and W vectors of that many numbers, opens its gallery, and prints how long
 * sorting takes, how long frames are while it scrolls, and how soon thumbnails are there when it
 * stops. PICTURE: a PNG of the window at the end. Figures for docs/performance.md; no test. */

#include "tessera-gallery-view-private.h"
#include "tessera-gallery.h"
#include "tsr-project-private.h"
#include "tsr-random.h"
#include "window-test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SEED = 60, FRAMES = 300 };

static double
clock_ms (clockid_t id)
{
  struct timespec t;
  clock_gettime (id, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* ---- the project: a small one, each of its tiles many times ---- */

static void
multiply (TsrProject *project, unsigned n)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = g_strdup_printf (
      "BEGIN;"
      "CREATE TEMP TABLE more AS WITH RECURSIVE i (t) AS (SELECT %d UNION ALL SELECT t + 1 FROM i "
      "WHERE t + 1 < %u) SELECT t AS new_, t %% %d AS from_ FROM i;"
      "INSERT INTO tile (id, root, path, name, truth, width, height, channels) SELECT new_, root, "
      "CAST (name || new_ AS BLOB), name || new_, truth, width, height, channels FROM more JOIN "
      "tile ON tile.id = from_;"
      "INSERT INTO thumbnail (tile, jpeg) SELECT new_, jpeg FROM more JOIN thumbnail ON tile = "
      "from_;"
      "COMMIT",
      SEED, n, SEED);
  tsr_db_exec (project, sql, &error);
  g_assert_no_error (error);
}

static void
put_places (TsrProject *project, unsigned n, unsigned d)
{
  enum { BATCH = 10000 };
  g_autoptr (GError) error = NULL;
  g_autofree float *y = g_new (float, 2 * (size_t)n), *w = g_new (float, BATCH *(size_t)d + 1);
  TsrRandom random;
  tsr_random_init (&random, 6, 2);
  for (unsigned first = 0; first < n; first += BATCH) {
    unsigned count = MIN (BATCH, n - first);
    for (size_t i = 0; i < (size_t)count * d; i++)
      w[i] = (float)tsr_random_normal (&random);
    tsr_project_put_vectors (project, "m", first, count, d, w, &error);
    g_assert_no_error (error);
  }
  for (size_t i = 0; i < 2 * (size_t)n; i++)
    y[i] = (float)(tsr_random_normal (&random) + 12 * (double)(i / 2 % 5) * (i % 2 == 0));
  tsr_project_put_map (project, y, n, "{}", &error);
  g_assert_no_error (error);
}

static char *
make_project (const char *folder, unsigned n, unsigned d)
{
  char *path = window_fixture_project (folder, "gallery", SEED, 5, WINDOW_FIXTURE_CLASSES);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  multiply (project, n);
  tsr_project_close (project);
  project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error); /* which counts its tiles */
  g_assert_no_error (error);
  g_assert_cmpuint (tsr_project_n_tiles (project), ==, n);
  put_places (project, n, d);
  tsr_project_close (project);
  return path;
}

/* ---- sorting ---- */

static TesseraGallery *
gallery (WindowTest *test)
{
  return tessera_project_page_get_gallery (tessera_window_get_project_page (test->window));
}

static void
time_sorting (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  const uint32_t tile = 7;
  for (int sort = TESSERA_SORT_IMPORT; sort < TESSERA_N_SORTS; sort++) {
    double start = clock_ms (CLOCK_MONOTONIC), own = clock_ms (CLOCK_THREAD_CPUTIME_ID);
    if (sort == TESSERA_SORT_LIKE)
      tessera_session_set_example_tiles (session, &tile, 1);
    else
      tessera_session_set_setting (session, "gallery.sort", tessera_sort_name ((TesseraSort)sort));
    own = clock_ms (CLOCK_THREAD_CPUTIME_ID) - own;
    while (!tessera_gallery_is_settled (gallery (test)))
      g_main_context_iteration (NULL, TRUE);
    g_print ("by %-9s sorted after %6.1f ms; main thread until it is under way %.1f ms\n",
             tessera_sort_name ((TesseraSort)sort), clock_ms (CLOCK_MONOTONIC) - start, own);
    if (sort == TESSERA_SORT_LIKE)
      tessera_session_set_example (session, NULL, 0, NULL);
  }
}

/* ---- scrolling ---- */

typedef struct {
  GtkAdjustment *adjustment;
  double step, cpu, last; /* px a frame; thread's ms at the frame's begin; ms of the last */
  double spent[FRAMES], gap[FRAMES];
  int frames;
} Scroll;

static void
begin_cb (GdkFrameClock *clock, Scroll *scroll)
{
  scroll->cpu = clock_ms (CLOCK_THREAD_CPUTIME_ID);
}

static void
painted_cb (GdkFrameClock *clock, Scroll *scroll)
{
  double now = clock_ms (CLOCK_MONOTONIC);
  if (scroll->frames < FRAMES) {
    scroll->spent[scroll->frames] = clock_ms (CLOCK_THREAD_CPUTIME_ID) - scroll->cpu;
    scroll->gap[scroll->frames++] = now - scroll->last;
  }
  scroll->last = now;
}

static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Scroll *scroll = data;
  gtk_adjustment_set_value (scroll->adjustment,
                            gtk_adjustment_get_value (scroll->adjustment) + scroll->step);
  return G_SOURCE_CONTINUE;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* How many of the tiles in sight have no picture yet. */
static unsigned
missing (WindowTest *test)
{
  TesseraGalleryView *view = tessera_gallery_get_view (gallery (test));
  uint32_t first, end;
  unsigned count = 0;
  tessera_gallery_view_in_sight (view, &first, &end);
  for (uint32_t i = first; i < end; i++)
    count += tessera_tile_store_peek (view->store, view->order->tiles[i]) == NULL;
  return count;
}

static void
time_scrolling (WindowTest *test, double step)
{
  GtkWidget *view = GTK_WIDGET (tessera_gallery_get_view (gallery (test)));
  GdkFrameClock *clock = gtk_widget_get_frame_clock (view);
  Scroll scroll = {.step = step};
  g_object_get (view, "vadjustment", &scroll.adjustment, NULL);
  gulong begin = g_signal_connect (clock, "before-paint", G_CALLBACK (begin_cb), &scroll),
         end = g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), &scroll);
  scroll.last = clock_ms (CLOCK_MONOTONIC);
  guint tick = gtk_widget_add_tick_callback (view, scroll_cb, &scroll, NULL);
  while (scroll.frames < FRAMES)
    g_main_context_iteration (NULL, TRUE);
  gtk_widget_remove_tick_callback (view, tick);
  g_signal_handler_disconnect (clock, begin);
  g_signal_handler_disconnect (clock, end);
  qsort (scroll.spent, FRAMES, sizeof (double), compare);
  qsort (scroll.gap, FRAMES, sizeof (double), compare);
  g_print ("%5.0f px a frame: main thread %.1f ms a frame in the middle, %.1f in 99 of 100, %.1f "
           "at most; from frame to frame %.1f, %.1f, %.1f ms\n",
           step, scroll.spent[FRAMES / 2], scroll.spent[FRAMES * 99 / 100],
           scroll.spent[FRAMES - 1], scroll.gap[FRAMES / 2], scroll.gap[FRAMES * 99 / 100],
           scroll.gap[FRAMES - 1]);
  g_object_unref (scroll.adjustment);
}

static void
time_arrival (WindowTest *test)
{
  double start = clock_ms (CLOCK_MONOTONIC);
  unsigned first = missing (test), left = first;
  while (left > 0) {
    window_test_pass (5);
    left = missing (test);
  }
  g_print ("when it stops %u thumbnails in sight are missing, for %.0f ms\n", first,
           clock_ms (CLOCK_MONOTONIC) - start);
}

int
main (int argc, char **argv)
{
  unsigned n = argc > 1 ? (unsigned)atoi (argv[1]) : 100000,
           d = argc > 2 ? (unsigned)atoi (argv[2]) : 64;
  window_fixture_home ();
  gtk_init ();
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = make_project (test.folder, MAX (n, SEED + 1), MAX (1, d));
  window_test_reopen (&test);
  for (int i = 0; i < 5; i++) {
    tessera_session_select_one (window_test_session (&test), (uint32_t)(i * 11));
    tessera_session_label (
        window_test_session (&test),
        ((TsrClass *)tessera_session_get_classes (window_test_session (&test))->pdata[i])->id);
    window_test_settle (&test);
  }
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-gallery", NULL);
  window_test_pass (300);
  time_sorting (&test);
  static const double steps[] = {10, 60, 300, 3000};
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    time_scrolling (&test, steps[i]);
    time_arrival (&test);
  }
  if (argc > 3)
    window_test_pass (500), window_test_save (&test, argv[3]);
  window_test_close (&test);
  return 0;
}
