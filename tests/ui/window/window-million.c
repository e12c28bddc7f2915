/* What a large project costs in a real window: window-million [N [W [RULE]]]. Makes a project of N
 * bare tiles with a map, and W vectors of that many numbers if asked, opens it and prints how long
 * that takes, what the window keeps of a tile, and how long labels, undo and redo take until they
 * are drawn. Figures for docs/performance.md; no test. */

#include "heap-meter.h"
#include "tessera-map-view-private.h"
#include "tsr-jobs.h"
#include "tsr-project-private.h"
#include "tsr-random.h"
#include "window-test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLASSES = 5, LABELS = 12 };

static double
clock_ms (clockid_t id)
{
  struct timespec t;
  clock_gettime (id, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* Of this process, since it was started. */
static double
age_ms (void)
{
  g_autofree char *text = NULL;
  unsigned long long ticks = 0;
  if (!g_file_get_contents ("/proc/self/stat", &text, NULL, NULL) ||
      sscanf (strrchr (text, ')') + 1,
              " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
              &ticks) != 1)
    return NAN;
  return clock_ms (CLOCK_BOOTTIME) - 1e3 * (double)ticks / (double)sysconf (_SC_CLK_TCK);
}

/* ---- the project ---- */

static void
put_tiles (TsrProject *project, unsigned n)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = g_strdup_printf (
      "BEGIN; INSERT INTO root VALUES (1, CAST ('/nowhere/tiles' AS BLOB), NULL);"
      "WITH RECURSIVE i (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM i WHERE x + 1 < %u)"
      " INSERT INTO tile (id, root, path, name, width, height, channels)"
      " SELECT x, 1, CAST (name AS BLOB), name, 64, 64, 3 FROM"
      " (SELECT x, printf ('slide_%%03d/tile_%%07d.png', x * 977 / %u, x) AS name FROM i); COMMIT",
      n, n);
  tsr_db_exec (project, sql, &error);
  g_assert_no_error (error);
}

static void
put_places (TsrProject *project, unsigned n, unsigned d, uint64_t seed)
{
  enum { CLOUDS = 40, BATCH = 10000 };
  g_autoptr (GError) error = NULL;
  g_autofree float *y = g_new (float, 2 * (size_t)n), *w = g_new (float, BATCH *(size_t)d + 1);
  TsrRandom random;
  tsr_random_init (&random, seed, 2);
  for (unsigned first = 0; first < n; first += BATCH) {
    unsigned count = MIN (BATCH, n - first);
    for (unsigned i = first; i < first + count; i++) {
      unsigned cloud = tsr_random_below (&random, CLOUDS);
      double angle = cloud * 2.399963, far = 50 * sqrt ((cloud + 0.5) / CLOUDS),
             size = 2 + cloud % 5;
      y[2 * (size_t)i] = (float)(far * cos (angle) + size * tsr_random_normal (&random));
      y[2 * (size_t)i + 1] = (float)(far * sin (angle) + size * tsr_random_normal (&random));
      for (unsigned a = 0; a < d; a++)
        w[(size_t)(i - first) * d + a] =
            (float)(tsr_random_normal (&random) + (cloud % CLASSES == a % CLASSES ? 2 : 0));
    }
    if (d > 0)
      tsr_project_put_vectors (project, "m", first, count, d, w, &error);
    g_assert_no_error (error);
  }
  /* as if t-SNE had been stopped there, so that it can go on */
  g_autoptr (TsrMapInfo) info = tsr_map_info_parse (NULL);
  info->method = g_strdup ("tsne");
  info->model = g_strdup ("m");
  info->perplexity = 30;
  g_autofree char *text = tsr_map_info_format (info);
  tsr_project_put_map (project, y, n, text, &error);
  g_assert_no_error (error);
}

static char *
make_project (const char *folder, unsigned n, unsigned d, const char *rule)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, "million.tessera", NULL);
  g_autoptr (TsrProject) project = tsr_project_create (path, &error);
  g_assert_no_error (error);
  put_tiles (project, n);
  put_places (project, n, d, 6);
  for (int c = 0; c < CLASSES; c++) {
    g_autofree char *name = g_strdup_printf ("Class %c", 'A' + c);
    tsr_project_add_class (project, name, -1, &error);
    g_assert_no_error (error);
  }
  if (rule != NULL)
    tsr_project_set (project, "rule", rule, &error);
  g_assert_no_error (error);
  return path;
}

/* ---- the window ---- */

/* The longest that the main thread was busy without a pause, and all in all. */
typedef struct {
  double longest, total;
} Busy;

/* One turn of the main loop. */
static void
turn (Busy *busy)
{
  static GPollFD fds[64];
  int priority, timeout;
  GMainContext *context = g_main_context_default ();
  g_main_context_acquire (context);
  g_main_context_prepare (context, &priority);
  int n = g_main_context_query (context, priority, &timeout, fds, G_N_ELEMENTS (fds));
  g_poll (fds, (guint)n, timeout);
  double start = clock_ms (CLOCK_THREAD_CPUTIME_ID);
  if (g_main_context_check (context, priority, fds, n))
    g_main_context_dispatch (context);
  g_main_context_release (context);
  double spent = clock_ms (CLOCK_THREAD_CPUTIME_ID) - start;
  busy->longest = MAX (busy->longest, spent);
  busy->total += spent;
}

static gboolean
is_drawn (WindowTest *test)
{
  TesseraMapView *map = window_test_map (test);
  return map->sheets[TESSERA_MAP_LAYER_BASE].image != NULL && tessera_map_view_is_settled (map);
}

/* Returns what was in use of the heap without a project. */
static double
open_project (WindowTest *test)
{
  Busy busy = {0};
  window_test_pass (300);
  double before = heap_meter_now (), start = clock_ms (CLOCK_MONOTONIC);
  tessera_window_open (test->window, test->path);
  while (window_test_session (test) == NULL)
    turn (&busy);
  double open = clock_ms (CLOCK_MONOTONIC) - start;
  while (!is_drawn (test))
    turn (&busy);
  double drawn = clock_ms (CLOCK_MONOTONIC) - start;
  g_print ("open after %.0f ms, drawn after %.0f ms; main thread %.0f ms, longest %.0f ms\n", open,
           drawn, busy.total, busy.longest);
  window_test_pass (2000);
  uint32_t n = tessera_session_get_n_tiles (window_test_session (test));
  g_print ("heap: %.1f bytes a tile\n", (heap_meter_now () - before) / n);
  return before;
}

static void
labelled_cb (gpointer at)
{
  *(double *)at = clock_ms (CLOCK_MONOTONIC);
}

/* Carries out one act and prints how long it took until its colours are drawn. */
static void
time_act (WindowTest *test, const char *what, void (*act) (TesseraSession *session))
{
  TesseraSession *session = window_test_session (test);
  double told = NAN, start;
  Busy busy = {0};
  window_test_pass (600);
  gulong handler =
      g_signal_connect_swapped (session, "labels-changed", G_CALLBACK (labelled_cb), &told);
  start = clock_ms (CLOCK_MONOTONIC);
  act (session);
  while (tessera_session_is_busy (session) || isnan (told) || !is_drawn (test))
    turn (&busy);
  double drawn = clock_ms (CLOCK_MONOTONIC) - start;
  g_signal_handler_disconnect (session, handler);
  g_print ("%-22s drawn after %6.1f ms, colours known after %6.1f; main thread %5.1f ms, longest "
           "%5.1f\n",
           what, drawn, told - start, busy.total, busy.longest);
}

static void
label_next (TesseraSession *session)
{
  static int turn_of;
  GPtrArray *classes = tessera_session_get_classes (session);
  TsrClass *class_ = g_ptr_array_index (classes, (guint)turn_of++ % classes->len);
  tessera_session_label (session, class_->id);
}

static void
pick (WindowTest *test, uint32_t tile)
{
  tessera_session_select_one (window_test_session (test), tile);
  window_test_settle (test);
}

static void
time_acts (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  uint32_t n = tessera_session_get_n_tiles (session);
  for (int i = 0; i < LABELS; i++)
    time_act (test, "a suggested tile", label_next);
  for (int i = 0; i < LABELS / 2; i++) {
    pick (test, (uint32_t)((uint64_t)(i + 1) * 99991 * 7 % n));
    time_act (test, "another tile", label_next);
  }
  for (int i = 0; i < LABELS / 2; i++)
    time_act (test, "undo", tessera_session_undo);
  for (int i = 0; i < LABELS / 2; i++)
    time_act (test, "redo", tessera_session_redo);
}

/* ---- a map that forms ---- */

/* When the window showed a new picture. */
typedef struct {
  guint64 rasters;
  unsigned pictures;
  double last, gap; /* ms; the longest between two */
} Pictures;

static void
look (Pictures *pictures, TesseraMapView *map)
{
  guint64 rasters = tessera_map_view_get_n_rasters (map);
  if (rasters == pictures->rasters)
    return;
  double now = clock_ms (CLOCK_MONOTONIC);
  if (pictures->last > 0) {
    pictures->pictures++;
    pictures->gap = MAX (pictures->gap, now - pictures->last);
  }
  pictures->rasters = rasters;
  pictures->last = now;
}

typedef struct {
  unsigned snapshots;
  double first, last; /* ms */
  int first_iteration, last_iteration;
} Forming;

static void
snapshot_cb (TesseraJobs *jobs, const TsrMapSnapshot *snapshot, Forming *forming)
{
  forming->last = clock_ms (CLOCK_MONOTONIC);
  forming->last_iteration = snapshot->iteration;
  if (forming->snapshots++ > 0)
    return;
  forming->first = forming->last;
  forming->first_iteration = snapshot->iteration;
}

/* Goes on with the map for so many seconds and prints how often the window shows it anew meanwhile.
 */
static void
time_forming (WindowTest *test, double seconds)
{
  TesseraJobs *jobs =
      tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
  TesseraMapView *map = window_test_map (test);
  Forming forming = {0};
  Pictures pictures = {0};
  Busy busy = {0};
  gulong handler = g_signal_connect (jobs, "map-snapshot", G_CALLBACK (snapshot_cb), &forming);
  tessera_jobs_continue_map (jobs);
  double spent = 0;
  while (tessera_jobs_get_kind (jobs) == TESSERA_JOB_MAP &&
         (forming.snapshots == 0 || clock_ms (CLOCK_MONOTONIC) - forming.first < 1e3 * seconds)) {
    if (forming.snapshots == 0)
      busy = (Busy){0};
    turn (&busy);
    if (forming.snapshots > 0)
      look (&pictures, map);
  }
  g_signal_handler_disconnect (jobs, handler);
  spent = (forming.last - forming.first) / 1e3;
  g_print (
      "a map that forms: %.1f layouts a second of %.1f iterations, %.1f pictures, %.0f ms from "
      "one to the next at most; main thread %.1f ms a layout, longest %.1f ms\n",
      (forming.snapshots - 1) / spent, (forming.last_iteration - forming.first_iteration) / spent,
      pictures.pictures / spent, pictures.gap, busy.total / forming.snapshots, busy.longest);
  tessera_jobs_stop (jobs, FALSE);
  while (tessera_jobs_get_kind (jobs) != TESSERA_JOB_NONE)
    turn (&busy);
}

/* Where a turning map is at an angle. */
static GBytes *
turned (const float *xy, uint32_t n, double angle)
{
  float *to = g_new (float, 2 * (size_t)n), c = (float)cos (angle), s = (float)sin (angle);
  for (size_t i = 0; i < 2 * (size_t)n; i += 2) {
    to[i] = c * xy[i] - s * xy[i + 1];
    to[i + 1] = s * xy[i] + c * xy[i + 1];
  }
  return g_bytes_new_take (to, 2 * (size_t)n * sizeof *to);
}

static void
changed_cb (gboolean *changed)
{
  *changed = TRUE;
}

/* The window's part of a map that forms, without the engine's: layouts that come so often. */
static void
time_stream (WindowTest *test, double heap, double interval)
{
  enum { LAYOUTS = 30 };
  TesseraSession *session = window_test_session (test);
  uint32_t n = tessera_session_get_n_tiles (session);
  g_autofree float *xy = g_memdup2 (tessera_session_get_map (session), 8 * (size_t)n);
  Pictures pictures = {0};
  Busy busy = {0};
  double begin = clock_ms (CLOCK_MONOTONIC), others = 0;
  struct timespec pause = {0, 1000000};
  heap_meter_begin ();
  for (int i = 1; i <= LAYOUTS; i++) {
    g_autoptr (GBytes) y = turned (xy, n, 0.02 * i);
    if (i == 4) { /* by then it is under way */
      pictures = (Pictures){0};
      busy = (Busy){0};
      begin = clock_ms (CLOCK_MONOTONIC);
      others = clock_ms (CLOCK_PROCESS_CPUTIME_ID) - clock_ms (CLOCK_THREAD_CPUTIME_ID);
    }
    double due = clock_ms (CLOCK_MONOTONIC) + interval;
    tessera_session_set_map_preview (session, y);
    g_clear_pointer (&y, g_bytes_unref);
    while (clock_ms (CLOCK_MONOTONIC) < due) {
      if (g_main_context_pending (NULL))
        turn (&busy);
      else
        nanosleep (&pause, NULL);
      look (&pictures, window_test_map (test));
    }
  }
  others = clock_ms (CLOCK_PROCESS_CPUTIME_ID) - clock_ms (CLOCK_THREAD_CPUTIME_ID) - others;
  double spent = (clock_ms (CLOCK_MONOTONIC) - begin) / 1e3;
  g_print (
      "layouts every %.0f ms: %.1f pictures a second, %.0f ms from one to the next at most; main "
      "thread %.0f ms a second, longest %.1f; painting %.0f ms a second; heap %.1f bytes a tile "
      "at most\n",
      interval, pictures.pictures / spent, pictures.gap, busy.total / spent, busy.longest,
      others / spent, (heap_meter_most () - heap) / n - 8);
}

/* What it takes to load the project anew: after the layouts before (the map is what it was), and
 * after a map, vectors and tiles that are new. The project's labels stay. */
static void
weigh_reload (WindowTest *test, double heap, const char *what)
{
  TesseraSession *session = window_test_session (test);
  uint32_t n = tessera_session_get_n_tiles (session);
  gboolean changed = FALSE;
  gulong handler =
      g_signal_connect_swapped (session, "map-changed", G_CALLBACK (changed_cb), &changed);
  heap_meter_begin ();
  tessera_session_reload (session);
  Busy busy = {0};
  while (!changed || tessera_session_is_busy (session) || !is_drawn (test))
    turn (&busy);
  g_signal_handler_disconnect (session, handler);
  window_test_pass (3000);
  g_print ("loaded anew, %s: heap %.1f bytes a tile at most, %.1f afterwards\n", what,
           (heap_meter_most () - heap) / n, (heap_meter_now () - heap) / n);
}

static TsrProject *
open_beside (WindowTest *test)
{
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  return project;
}

/* As another process, which is not part of what is weighed. */
static void
weigh_reloads (WindowTest *test, double heap, unsigned d)
{
  weigh_reload (test, heap, "nothing new");
  uint32_t n = tessera_session_get_n_tiles (window_test_session (test));
  g_autoptr (GBytes) y = turned (tessera_session_get_map (window_test_session (test)), n, 1);
  TsrProject *project = open_beside (test);
  tsr_project_put_map (project, g_bytes_get_data (y, NULL), n, "{}", NULL);
  tsr_project_close (project);
  g_clear_pointer (&y, g_bytes_unref);
  weigh_reload (test, heap, "another map");
  if (d == 0)
    return;
  project = open_beside (test);
  put_places (project, n, d, 7);
  tsr_project_close (project);
  weigh_reload (test, heap, "another map and other vectors");
}

/* As `tessera PROJECT`: how old the process is when the map is on screen for the first time. */
static int
open_at_once (const char *path)
{
  Busy busy = {0};
  WindowTest test = {.application = tessera_application_new (FALSE)};
  g_application_set_flags (G_APPLICATION (test.application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (test.application), NULL, NULL);
  g_application_activate (G_APPLICATION (test.application));
  test.window =
      TESSERA_WINDOW (gtk_application_get_active_window (GTK_APPLICATION (test.application)));
  tessera_window_open (test.window, path);
  double window = NAN;
  while (window_test_session (&test) == NULL || !is_drawn (&test)) {
    turn (&busy);
    if (isnan (window) && gtk_widget_get_mapped (GTK_WIDGET (test.window)))
      window = age_ms ();
  }
  g_print ("as tessera PROJECT: window after %.0f ms, map drawn after %.0f ms of the process\n",
           window, age_ms ());
  gtk_window_close (GTK_WINDOW (test.window));
  window_test_pass (300);
  return 0;
}

static void
open_in_another_process (const char *self, const char *path)
{
  const char *argv[] = {self, path, NULL};
  g_autoptr (GError) error = NULL;
  int status = 0;
  g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_has_suffix (argv[1], ".tessera"))
    return open_at_once (argv[1]);
  unsigned n = argc > 1 ? (unsigned)atoi (argv[1]) : 1000000,
           d = argc > 2 ? (unsigned)atoi (argv[2]) : 0;
  window_fixture_home ();
  gtk_init ();
  adw_init ();
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = make_project (test.folder, n, d, argc > 3 ? argv[3] : NULL);
  g_print ("%u tiles\n", n);
  for (int i = 0; i < 2; i++)
    open_in_another_process (argv[0], test.path);
  window_test_start (&test);
  double before = open_project (&test);
  if (d == 0)
    time_acts (&test);
  window_test_pass (2000);
  g_print ("heap, labelled: %.1f bytes a tile\n", (heap_meter_now () - before) / n);
  time_stream (&test, before, 240);
  time_stream (&test, before, 1000);
  weigh_reloads (&test, before, d);
  if (d > 0)
    time_forming (&test, 10);
  window_test_close (&test);
  return 0;
}
