/* A map's course in the window: how far it can be trusted, which tiles lie among strangers, kept
 * half-way, continued, and a stop that leaves it as it was. */

#include "tessera-map-legend.h"
#include "tessera-map-trust.h"
#include "tessera-map-view-private.h"
#include "tsr-jobs.h"
#include "window-test.h"

#include <math.h>
#include <string.h>

#define N 1500 /* enough for a map to take a second */

static TesseraJobs *
jobs_of (WindowTest *test)
{
  return tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
}

static GtkWidget *
trust_of (WindowTest *test)
{
  return window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_TRUST);
}

static gboolean
has_info (WindowTest *test, gpointer data)
{
  return tessera_session_get_map_info (window_test_session (test)) != NULL;
}

static gboolean
is_idle (WindowTest *test, gpointer data)
{
  return tessera_jobs_get_kind (jobs_of (test)) == TESSERA_JOB_NONE && has_info (test, data);
}

/* A project with a map that was stopped as early as can be. */
static void
set_up (WindowTest *test, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint stop = 1;
  window_test_open (test, N, WINDOW_FIXTURE_VECTORS | WINDOW_FIXTURE_CLASSES);
  g_assert_false (gtk_widget_get_visible (trust_of (test))); /* nothing to say of no map */
  TsrMapJob job = {.project = test->path, .method = "tsne", .stop = &stop};
  tsr_job_map (NULL, NULL, &job, &error);
  g_assert_no_error (error);
  g_assert_true (job.stopped);
  tessera_session_reload (window_test_session (test));
  window_test_wait (test, "the map", has_info, NULL);
  window_test_settle (test);
}

static void
tear_down (WindowTest *test, gconstpointer data)
{
  window_test_close (test);
}

static void
test_trust (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  const TsrMapInfo *info = tessera_session_get_map_info (session);
  GtkWidget *trust = trust_of (test);
  g_autofree char *says = g_strdup_printf ("Neighbours kept: %.0f %%", 100 * info->trust.kept);
  g_assert_true (gtk_widget_get_mapped (trust));
  g_assert_true (window_test_says (trust, says));

  /* A tile's own, in its panel. */
  uint32_t tile = 0;
  while (info->kept[tile] < 2)
    tile++;
  tessera_session_select_one (session, tile);
  window_test_settle (test);
  g_autofree char *own =
      g_strdup_printf ("%u of the 10 tiles most like it are near on the map", info->kept[tile]);
  g_assert_true (window_test_says (GTK_WIDGET (test->window), own));

  /* Those among strangers, selected. */
  size_t n, count = 0, selected;
  g_autofree uint32_t *strangers = tessera_session_find_strangers (session, &n);
  for (uint32_t i = 0; i < N; i++)
    count += info->kept[i] == 0;
  g_assert_cmpuint (n, ==, count);
  g_assert_cmpuint (n, >, 0); /* so early in the map's course */
  for (size_t k = 0; k < n; k++) {
    g_assert_cmpuint (info->kept[strangers[k]], ==, 0);
    g_assert_cmpfloat (tessera_session_get_kept (session, strangers[k]), ==, 0);
  }
  tessera_session_select_one (session, strangers[0]);
  window_test_settle (test);
  g_assert_true (window_test_says (GTK_WIDGET (test->window), "its place says little"));
  GtkWidget *open = gtk_widget_get_first_child (trust);
  gtk_menu_button_popup (GTK_MENU_BUTTON (open));
  window_test_pass (400);
  GtkWidget *popover = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (open)));
  g_assert_true (gtk_widget_get_mapped (popover));
  GtkWidget *check = window_test_find (popover, GTK_TYPE_CHECK_BUTTON);
  GtkWidget *button = gtk_widget_get_next_sibling (check);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  g_assert_cmpstr (tessera_session_get_setting (session, "view.color-by", ""), ==, "neighbours");
  g_signal_emit_by_name (button, "clicked");
  window_test_settle (test);
  const uint32_t *now = tessera_session_get_selection (session, &selected);
  g_assert_cmpmem (now, selected * sizeof *now, strangers, n * sizeof *strangers);
  g_assert_false (gtk_widget_get_mapped (popover));

  /* Coloured by it, with a ramp; another choice takes the tick away. */
  GtkWidget *legend = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_LEGEND);
  g_assert_true (window_test_says (legend, "none") && window_test_says (legend, "all"));
  tessera_session_set_setting (session, "view.color-by", "prediction");
  g_assert_false (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)));
  g_assert_false (gtk_widget_get_visible (legend));
}

typedef enum { KEEP, STOP } What;

typedef struct {
  WindowTest *test;
  What what;
  unsigned snapshots;
} Watch;

/* At the first news of the map that forms. */
static void
snapshot_cb (TesseraJobs *jobs, gpointer snapshot, Watch *watch)
{
  if (watch->snapshots++ > 0)
    return;
  g_assert_true (tessera_jobs_can_keep_map (jobs));
  g_assert_false (window_test_says (trust_of (watch->test), "Continue"));
  if (watch->what == STOP)
    tessera_jobs_stop (jobs, FALSE);
  else
    gtk_widget_activate_action (GTK_WIDGET (watch->test->window), "win.keep-map", NULL);
  g_assert_false (tessera_jobs_can_keep_map (jobs));
}

/* Continues, and does that at the first news; returns the map there is then. */
static float *
go_on (WindowTest *test, What what)
{
  TesseraJobs *jobs = jobs_of (test);
  Watch watch = {test, what, 0};
  g_assert_true (window_test_says (trust_of (test), "Continue"));
  gulong handler = g_signal_connect (jobs, "map-snapshot", G_CALLBACK (snapshot_cb), &watch);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.continue-map", NULL);
  g_assert_cmpint (tessera_jobs_get_kind (jobs), ==, TESSERA_JOB_MAP);
  g_assert_false (tessera_jobs_can_keep_map (jobs)); /* not before it is seen */
  window_test_wait (test, "the map", is_idle, NULL);
  window_test_settle (test);
  g_signal_handler_disconnect (jobs, handler);
  g_assert_cmpuint (watch.snapshots, >, 0);
  return g_memdup2 (tessera_session_get_map (window_test_session (test)), 2 * N * sizeof (float));
}

static void
test_course (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  const TsrMapInfo *info = tessera_session_get_map_info (session);
  int made = info->iterations;
  double kl = info->kl;
  g_assert_true (info->stopped && tessera_session_can_continue_map (session));
  g_autofree float *before = g_memdup2 (tessera_session_get_map (session), 2 * N * sizeof (float)),
                   *stopped = go_on (test, STOP);
  g_assert_cmpmem (before, 2 * N * sizeof *before, stopped, 2 * N * sizeof *stopped);
  g_assert_cmpint (tessera_session_get_map_info (session)->iterations, ==, made);

  g_autofree float *kept = go_on (test, KEEP);
  info = tessera_session_get_map_info (session);
  g_assert_cmpint (memcmp (before, kept, 2 * N * sizeof *kept), !=, 0);
  g_assert_true (info->stopped);
  g_assert_cmpint (info->iterations, >, made);
  g_assert_cmpint (info->iterations, <, made + TSR_TSNE_ITERATIONS);
  g_assert_cmpfloat (info->kl, <, kl);
  made = info->iterations;
  kl = info->kl;

  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.continue-map", NULL);
  window_test_wait (test, "the map", is_idle, NULL);
  window_test_settle (test);
  info = tessera_session_get_map_info (session);
  g_assert_false (info->stopped);
  g_assert_cmpint (info->iterations, ==, made + TSR_TSNE_ITERATIONS);
  g_assert_cmpfloat (info->kl, <, kl);
  g_assert_false (window_test_says (trust_of (test), "Continue"));
  g_assert_true (window_test_says (trust_of (test), "Neighbours kept"));
}

static float
place_in_view (WindowTest *test, uint32_t tile)
{
  double x, y;
  g_assert_true (tessera_map_index_place (window_test_map (test)->index, tile, &x, &y));
  return (float)x;
}

/* Every layout that forms reaches the view, and the map is there again when it ends. */
static void
test_forming (void)
{
  WindowTest test;
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  g_autofree float *map = g_memdup2 (tessera_session_get_map (session), 60 * 2 * sizeof (float));
  for (int k = 1; k < 6; k++) {
    float *y = g_new (float, 60 * 2);
    for (int i = 0; i < 60 * 2; i++)
      y[i] = map[i] + (float)k;
    g_autoptr (GBytes) bytes = g_bytes_new_take (y, 60 * 2 * sizeof *y);
    tessera_session_set_map_preview (session, bytes);
    g_assert_true (tessera_session_is_map_forming (session));
    for (uint32_t i = 0; i < 60; i++)
      g_assert_cmpfloat (place_in_view (&test, i), ==, map[2 * i] + (float)k);
    window_test_pass (20);
  }
  tessera_session_set_map_preview (session, NULL);
  g_assert_false (tessera_session_is_map_forming (session));
  window_test_settle (&test);
  for (uint32_t i = 0; i < 60; i++)
    g_assert_cmpfloat (place_in_view (&test, i), ==, map[2 * i]);
  window_test_close (&test);
}

/* A map of nobody knows what is neither trusted nor continued. */
static void
test_unknown (void)
{
  WindowTest test;
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  g_assert_nonnull (tessera_session_get_map (window_test_session (&test)));
  g_assert_false (tessera_session_can_continue_map (window_test_session (&test)));
  g_assert_false (gtk_widget_get_visible (trust_of (&test)));
  g_assert_true (isnan (tessera_session_get_kept (window_test_session (&test), 0)));
  window_test_close (&test);
}

static gboolean
is_made_by (WindowTest *test, gpointer method)
{
  const TsrMapInfo *info = tessera_session_get_map_info (window_test_session (test));
  return is_idle (test, NULL) && g_strcmp0 (info->method, method) == 0;
}

/* Another kind of map is made as soon as it is chosen, and stays chosen. */
static void
test_method (WindowTest *test, gconstpointer data)
{
  GActionGroup *actions = G_ACTION_GROUP (test->window);
  g_autoptr (GVariant) first = g_action_group_get_action_state (actions, "map-method");
  g_assert_cmpstr (g_variant_get_string (first, NULL), ==, "tsne");
  g_action_group_activate_action (actions, "map-method", g_variant_new_string ("pca"));
  window_test_wait (test, "principal components", is_made_by, (gpointer) "pca");
  g_assert_false (g_action_group_get_action_enabled (actions, "continue-map"));
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.make-map", NULL);
  window_test_pass (200);
  window_test_wait (test, "the same again", is_made_by, (gpointer) "pca");
  window_test_close_window (test);
  window_test_reopen (test);
  window_test_wait (test, "it is still chosen", is_made_by, (gpointer) "pca");
  actions = G_ACTION_GROUP (test->window);
  g_autoptr (GVariant) then = g_action_group_get_action_state (actions, "map-method");
  g_assert_cmpstr (g_variant_get_string (then, NULL), ==, "pca");
  g_action_group_activate_action (actions, "map-method", g_variant_new_string ("umap"));
  window_test_wait (test, "UMAP", is_made_by, (gpointer) "umap");
  g_assert_false (g_action_group_get_action_enabled (actions, "continue-map"));
  g_action_group_activate_action (actions, "map-method", g_variant_new_string ("tsne"));
  window_test_wait (test, "t-SNE", is_made_by, (gpointer) "tsne");
}

static void
finished_cb (TesseraJobs *jobs, const char *text, char **said)
{
  g_free (*said);
  *said = g_strdup (text);
}

static void
count_cb (TesseraJobs *jobs, gpointer snapshot, unsigned *count)
{
  ++*count;
}

static void
set_up_device (WindowTest *test, gconstpointer data)
{
  g_setenv ("TESSERA_CPU_AS_GPU", "1", TRUE);
  g_setenv ("TESSERA_PROVIDER", "none", TRUE); /* who finds neighbours by products fails */
  set_up (test, data);
}

static void
tear_down_device (WindowTest *test, gconstpointer data)
{
  tear_down (test, data);
  g_unsetenv ("TESSERA_PROVIDER");
  g_unsetenv ("TESSERA_CPU_AS_GPU");
}

/* On a graphics card the map is seen forming as ever, and a line says where that failed at a part.
 */
static void
test_device (WindowTest *test, gconstpointer data)
{
  TesseraJobs *jobs = jobs_of (test);
  g_autofree char *said = NULL;
  unsigned snapshots = 0;
  g_signal_connect (jobs, "finished", G_CALLBACK (finished_cb), &said);
  g_signal_connect (jobs, "map-snapshot", G_CALLBACK (count_cb), &snapshots);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.make-map", NULL);
  for (int k = 0; said == NULL && k < 900; k++) /* a processor is a slow graphics card */
    window_test_pass (100);
  g_assert_cmpstr (said, ==,
                   "The map is ready. The graphics card failed, the processors took over.");
  g_assert_cmpuint (snapshots, >, 1);
  window_test_wait (test, "the map", is_idle, NULL);
  g_assert_false (tessera_session_get_map_info (window_test_session (test))->stopped);
  g_signal_handlers_disconnect_by_data (jobs, &said);
  g_signal_handlers_disconnect_by_data (jobs, &snapshots);
}

int
main (int argc, char **argv)
{
  window_fixture_home ();
  g_test_init (&argc, &argv, NULL);
  if (!window_test_can_run ())
    return 0;
  g_test_add ("/map-course/trust", WindowTest, NULL, set_up, test_trust, tear_down);
  g_test_add ("/map-course/course", WindowTest, NULL, set_up, test_course, tear_down);
  g_test_add ("/map-course/method", WindowTest, NULL, set_up, test_method, tear_down);
  g_test_add ("/map-course/device", WindowTest, NULL, set_up_device, test_device, tear_down_device);
  g_test_add_func ("/map-course/forming", test_forming);
  g_test_add_func ("/map-course/unknown", test_unknown);
  return g_test_run ();
}
