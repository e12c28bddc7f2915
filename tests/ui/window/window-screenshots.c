/* Pictures of the real window for the documentation: window-screenshots OUT [PROJECT [SECONDS]].
 * Without a project it makes a synthetic one. The training is a real one, taken SECONDS after its
 * first step; 0 leaves it out. */

#include "tessera-loss-plot.h"
#include "window-test.h"

#include <math.h>

static const char *out;

static void
save (WindowTest *test, const char *name)
{
  window_test_pass (1200);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  window_test_save (test, path);
}

/* Labels the next suggestion rightly. */
static void
label_next (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  uint32_t tile = tessera_session_get_current (session);
  if (tile == TESSERA_NO_TILE)
    return;
  int32_t truth = tessera_session_get_truth_class (session, tile);
  tessera_session_label (session, truth >= 0 ? truth : TSR_LABEL_UNSURE);
  window_test_settle (test);
}

/* The tiles within reach of the last suggestion, as a lasso would take them. */
static void
select_cloud (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  const float *map = tessera_session_get_map (session);
  uint32_t center = tessera_session_get_current (session),
           n = tessera_session_get_n_tiles (session);
  g_autofree uint32_t *tiles = g_new (uint32_t, n);
  size_t count = 0;
  for (float reach = 1; count < n / 20 && reach < 1e4f; reach *= 1.3f) {
    count = 0;
    for (uint32_t i = 0; i < n; i++)
      if (hypotf (map[2 * i] - map[2 * center], map[2 * i + 1] - map[2 * center + 1]) < reach)
        tiles[count++] = i;
  }
  tessera_session_select (session, tiles, count, TESSERA_SELECT_REPLACE);
  window_test_settle (test);
}

/* Until the first losses are told: before that kernels are compiled, for seconds where the cache
 * has them and for minutes where it does not. */
static void
await_first_step (WindowTest *test)
{
  enum { MOST_MINUTES = 15 };
  GtkWidget *plot = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LOSS_PLOT);
  TesseraJobs *jobs =
      tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
  gint64 start = g_get_monotonic_time ();
  while (tessera_loss_plot_get_n_points (TESSERA_LOSS_PLOT (plot)) == 0) {
    if (tessera_jobs_get_kind (jobs) != TESSERA_JOB_TRAIN)
      g_error ("the training failed before its first step");
    if (g_get_monotonic_time () - start > MOST_MINUTES * G_TIME_SPAN_MINUTE)
      g_error ("no training step within %d minutes", MOST_MINUTES);
    window_test_pass (50);
  }
  g_print ("first training step after %.1f s\n",
           (double)(g_get_monotonic_time () - start) / G_TIME_SPAN_SECOND);
}

static void
set_dark (gboolean dark)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                           : ADW_COLOR_SCHEME_DEFAULT);
}

static void
train (WindowTest *test, unsigned seconds)
{
  if (seconds == 0)
    return;
  TesseraProjectPage *page = tessera_window_get_project_page (test->window);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.train", NULL);
  await_first_step (test);
  window_test_pass (seconds * 1000);
  for (int k = 0; k < 300 && window_test_says (GTK_WIDGET (test->window), "Slower than"); k++)
    window_test_pass (1000); /* what else the machine does is nobody's business */
  save (test, "training");
  set_dark (TRUE);
  save (test, "training-dark");
  set_dark (FALSE);
  tessera_jobs_stop (tessera_project_page_get_jobs (page), FALSE);
  window_test_pass (3000);
  adw_view_stack_set_visible_child_name (tessera_project_page_get_views (page), "map");
}

/* The least sure first, some of them selected. */
static void
show_gallery (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  TesseraGallery *gallery =
      tessera_project_page_get_gallery (tessera_window_get_project_page (test->window));
  tessera_session_set_setting (session, "gallery.sort", "margin");
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-gallery", NULL);
  window_test_pass (500);
  const uint32_t *tiles =
      tessera_gallery_view_get_order (tessera_gallery_get_view (gallery))->tiles;
  tessera_session_select (session, tiles + 8, 5, TESSERA_SELECT_REPLACE);
  save (test, "gallery");
  adw_view_stack_set_visible_child_name (
      tessera_project_page_get_views (tessera_window_get_project_page (test->window)), "map");
  tessera_session_select_next (session);
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    g_error ("usage: %s OUT [PROJECT [SECONDS]]", argv[0]);
  out = argv[1];
  window_fixture_home_with_kernels ();
  gtk_init ();
  adw_init ();
  WindowTest test = {0};
  window_test_start (&test);
  save (&test, "start");
  window_test_close_window (&test);

  test.path = argc > 2 && *argv[2] != '\0' ? g_strdup (argv[2])
                                           : window_fixture_project (test.folder, "Demonstration",
                                                                     2000, 5, WINDOW_FIXTURE_ALL);
  window_test_reopen (&test);
  TesseraSession *session = window_test_session (&test);
  tessera_session_reset (session);
  window_test_settle (&test);
  window_test_pass (7000); /* the toast goes */
  save (&test, "map");
  for (int i = 0; i < 10; i++)
    label_next (&test);
  save (&test, "half-labelled");
  select_cloud (&test);
  save (&test, "selection");
  tessera_session_select_next (session);
  show_gallery (&test);
  train (&test, argc > 3 ? (unsigned)atoi (argv[3]) : 0);
  set_dark (TRUE);
  save (&test, "dark");
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.more-like", NULL);
  save (&test, "gallery-dark");
  window_test_close (&test);
  return 0;
}
