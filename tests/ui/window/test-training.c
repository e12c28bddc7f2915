/* The training page and the map's empty page: what a training that stopped left, what is offered
 * first, and what the page says when a training ends. */

#include "tessera-app-state.h"
#include "tessera-jobs.h"
#include "tessera-loss-plot.h"
#include "tessera-map-empty.h"
#include "tessera-queue-strip.h"
#include "tessera-tile-grid.h"
#include "tessera-tile-panel.h"
#include "tessera-training-page.h"
#include "tsr-safetensors.h"
#include "window-test.h"

#include <math.h>

#define N 60

/* A project whose model says how far its training came. */
static void
open_trained (WindowTest *test, const char *images, const char *kimg, WindowFixtureParts parts)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_fixture_project (test->folder, "test", N, 3, parts);
  g_autofree char *model = g_build_filename (test->folder, "test.model.safetensors", NULL);
  const char *metadata[] = {"trained_images", images, "train.kimg", kimg, NULL};
  float value = 1;
  TsrTensorInfo tensor = {
      .name = "x", .dtype = TSR_DTYPE_F32, .ndim = 1, .shape = {1}, .data = &value};
  g_autoptr (GError) error = NULL;
  g_assert_true (tsr_safetensors_write (model, &tensor, 1, metadata, &error));
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_project_set_model (project, model, &error));
  g_clear_pointer (&project, tsr_project_close);
  window_test_reopen (test);
}

static gboolean
is_suggested (GtkWidget *button)
{
  g_assert_nonnull (button);
  return gtk_widget_has_css_class (button, "suggested-action");
}

/* Closed in the middle: both pages say so after opening, and offer to go on. */
static void
test_stopped (void)
{
  WindowTest test;
  open_trained (&test, "960", "24", WINDOW_FIXTURE_TILES);
  GtkWidget *window = GTK_WIDGET (test.window);
  GtkWidget *empty = window_test_find (window, TESSERA_TYPE_MAP_EMPTY);
  g_assert_true (window_test_says (empty, "The training stopped at 4 %"));
  g_assert_true (is_suggested (window_test_find_button (empty, "Go on training")));
  g_assert_nonnull (window_test_find_button (empty, "Make the map"));

  gtk_widget_activate_action (window, "win.show-training", NULL);
  window_test_pass (300);
  GtkWidget *page = window_test_find (window, TESSERA_TYPE_TRAINING_PAGE);
  g_assert_true (window_test_says (page, "960 of 24000 images") ||
                 window_test_says (page, "960 of 24,000 images"));
  g_assert_true (is_suggested (window_test_find_button (page, "Go on training")));
  g_assert_false (is_suggested (window_test_find_button (page, "Train from scratch")));
  window_test_close (&test);
}

/* With a finished model going on is offered first too; without one there is only the beginning. */
static void
test_suggested (void)
{
  WindowTest test;
  open_trained (&test, "24000", "24", WINDOW_FIXTURE_ALL);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-training", NULL);
  window_test_pass (300);
  GtkWidget *page = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TRAINING_PAGE);
  g_assert_true (is_suggested (window_test_find_button (page, "Train on")));
  g_assert_false (is_suggested (window_test_find_button (page, "Train from scratch")));
  g_assert_true (window_test_says (page, "The model is trained"));
  window_test_close (&test);

  window_test_open (&test, N, WINDOW_FIXTURE_TILES);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-training", NULL);
  window_test_pass (300);
  page = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TRAINING_PAGE);
  g_assert_null (window_test_find_button (page, "Train on"));
  g_assert_true (is_suggested (window_test_find_button (page, "Train from scratch")));
  window_test_close (&test);
}

static gboolean
is_training (WindowTest *test, gpointer data)
{
  return tessera_jobs_get_kind (data) == TESSERA_JOB_TRAIN;
}

static gboolean
is_idle (WindowTest *test, gpointer data)
{
  return tessera_jobs_get_kind (data) == TESSERA_JOB_NONE;
}

/* A training that cannot begin: its files are gone. The page stops saying that it gets ready, and
 * says why. */
static void
test_failed_start (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_TILES);
  TesseraJobs *jobs = tessera_project_page_get_jobs (tessera_window_get_project_page (test.window));
  GtkWidget *page = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TRAINING_PAGE);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-training", NULL);
  window_test_pass (100);
  g_autoptr (GError) error = NULL;
  g_autofree char *away = g_strconcat (test.path, ".away", NULL);
  g_assert_cmpint (rename (test.path, away), ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.train", NULL);
  window_test_wait (&test, "the training begins", is_training, jobs);
  g_assert_true (window_test_says (page, "Getting ready"));
  window_test_wait (&test, "the training fails", is_idle, jobs);
  window_test_pass (100);
  g_assert_false (window_test_says (page, "Getting ready"));
  g_assert_true (window_test_says (page, "test.tessera"));
  g_assert_cmpint (rename (away, test.path), ==, 0);
  window_test_close (&test);
}

/* The last news of a training that was stopped does not bring its clock back. */
static void
test_late_news (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_TILES);
  TesseraJobs *jobs = tessera_project_page_get_jobs (tessera_window_get_project_page (test.window));
  GtkWidget *page = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TRAINING_PAGE);
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-training", NULL);
  TsrTrainSnapshot news = {
      .kimg = 1, .kimg_total = 24, .images_per_s = 20, .elapsed_s = 61, .eta_s = -1};
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  window_test_pass (100);
  g_assert_false (window_test_says (page, " gone, "));
  g_assert_true (gtk_widget_get_mapped (window_test_find (page, TESSERA_TYPE_LOSS_PLOT)));
  window_test_close (&test);
}

/* ---- the curves of an earlier run ---- */

/* A run that was stopped at 960 images and left 12 values of each loss; the last two are of one
 * that was killed after that checkpoint. */
static void
open_with_curves (WindowTest *test)
{
  open_trained (test, "960", "24", WINDOW_FIXTURE_TILES);
  window_test_close_window (test);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  for (int i = 1; i <= 14; i++) {
    double kimg = i * 0.08;
    const TsrMeasure measures[] = {{TSR_SERIES_LOSS_G, kimg, 2 + 0.1 * i},
                                   {TSR_SERIES_LOSS_D, kimg, 1},
                                   {TSR_SERIES_LOSS_NLL, kimg, i == 3 ? NAN : -0.2 * i},
                                   {TSR_SERIES_LOSS_MSE, kimg, 1.0 / i}};
    const TsrMeasure quality[] = {{TSR_SERIES_FRECHET, kimg, 9.0 / i},
                                  {TSR_SERIES_KID, kimg, 0.4 / i},
                                  {TSR_SERIES_PRECISION, kimg, 0.05 * i},
                                  {TSR_SERIES_RECALL, kimg, 0.02 * i}};
    g_assert_true (tsr_project_put_measures (project, INFINITY, measures, 4, &error));
    if (i % 4 == 0) /* minutes apart */
      g_assert_true (tsr_project_put_measures (project, INFINITY, quality, 4, &error));
  }
  tsr_project_close (project);
  window_test_reopen (test);
}

static TesseraLossPlot *
shown_plot (WindowTest *test)
{
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-training", NULL);
  window_test_pass (300);
  GtkWidget *plot = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LOSS_PLOT);
  g_assert_true (gtk_widget_get_mapped (plot));
  return TESSERA_LOSS_PLOT (plot);
}

/* They are there after a restart, up to where the model is; a run that goes on adds to them, a new
 * one begins without them. */
static void
test_curves (void)
{
  WindowTest test;
  open_with_curves (&test);
  g_assert_cmpuint (tessera_loss_plot_get_n_points (shown_plot (&test)), ==, 12);
  window_test_close_window (&test);
  window_test_reopen (&test);
  TesseraLossPlot *plot = shown_plot (&test);
  g_assert_cmpuint (tessera_loss_plot_get_n_points (plot), ==, 12);

  GtkWidget *note = gtk_widget_get_last_child (gtk_widget_get_parent (GTK_WIDGET (plot))),
            *below = gtk_widget_get_prev_sibling (note);
  g_assert_true (window_test_says (note, "recall the share of your tiles"));
  g_assert_true (TESSERA_IS_LOSS_PLOT (below) && gtk_widget_get_mapped (below));
  TesseraLossPlot *quality = TESSERA_LOSS_PLOT (below);
  g_assert_cmpuint (tessera_loss_plot_get_n_points (quality), ==, 3);

  TesseraJobs *jobs = tessera_project_page_get_jobs (tessera_window_get_project_page (test.window));
  GtkWidget *page = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TRAINING_PAGE);
  g_autoptr (GError) error = NULL;
  g_autofree char *away = g_strconcat (test.path, ".away", NULL);
  for (int resume = 1; resume >= 0; resume--) {
    TsrTrainSnapshot news = {.kimg = 1.1, .kimg_total = 24, .loss_g = 1};
    g_signal_emit_by_name (jobs, "train-snapshot", &news); /* of a run that fails now */
    g_assert_cmpuint (tessera_loss_plot_get_n_points (plot), ==, resume ? 13 : 17);
    g_assert_cmpint (rename (test.path, away), ==, 0); /* so that nothing is trained for real */
    tessera_training_page_start (TESSERA_TRAINING_PAGE (page), resume);
    g_assert_true (is_training (&test, jobs));
    g_assert_cmpuint (tessera_loss_plot_get_n_points (plot), ==, resume ? 12 : 0);
    news.kimg = 0.97;
    g_signal_emit_by_name (jobs, "train-snapshot", &news);
    g_assert_cmpuint (tessera_loss_plot_get_n_points (plot), ==, resume ? 13 : 1);
    g_assert_cmpuint (tessera_loss_plot_get_n_points (quality), ==, resume ? 3 : 0);
    g_assert_cmpint (gtk_widget_get_visible (below), ==, resume);
    g_assert_cmpint (gtk_widget_get_visible (note), ==, resume);
    news.features = "a network";
    news.quality = (TsrQuality){5, 0.1, 0.01, 0.5, 0.25};
    for (int k = 0; k < 3; k++) { /* measured once, told three times */
      news.kimg += 0.001;
      g_signal_emit_by_name (jobs, "train-snapshot", &news);
    }
    g_assert_cmpuint (tessera_loss_plot_get_n_points (quality), ==, resume ? 4 : 1);
    g_assert_true (gtk_widget_get_visible (below));
    window_test_wait (&test, "the training fails", is_idle, jobs);
    g_assert_cmpint (rename (away, test.path), ==, 0);
    window_test_pass (200);
  }
  window_test_close (&test);
}

/* One value, or many that are nearly the same, make no axis of thousandths; what differs keeps its
 * axis. */
static void
test_axes (void)
{
  TesseraLossPlot *plot =
      g_object_ref_sink (g_object_new (TESSERA_TYPE_LOSS_PLOT, "quality", TRUE, NULL));
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (TesseraLosses));
  double low, high;
  tessera_loss_plot_get_range (plot, 0, &low, &high);
  g_assert_cmpfloat (low, <, high);
  const double values[] = {80, 0.002, 0.2552, 0};
  for (int n = 1; n <= 2; n++) {
    TesseraLosses point = {.kimg = n};
    for (int l = 0; l < 4; l++)
      point.value[l] = values[l] * (1 + 1e-5 * n);
    g_array_append_val (points, point);
    tessera_loss_plot_set (plot, points, 24);
    for (int l = 0; l < 4; l++) {
      tessera_loss_plot_get_range (plot, l, &low, &high);
      g_assert_cmpfloat (low, >=, 0);
      g_assert_cmpfloat (low, <=, values[l]);
      g_assert_cmpfloat (high, >, point.value[l]);
      g_assert_cmpfloat (high - low, >=, l < 2 ? 0.049 * values[l] : 0.099);
      g_assert_cmpfloat (high - low, <, l < 2 ? 0.1 * values[l] : 0.2);
    }
  }
  TesseraLosses last = {.kimg = 3, .value = {20, -0.001, 0.9, 1}};
  g_array_append_val (points, last);
  tessera_loss_plot_set (plot, points, 24);
  for (int l = 0; l < 4; l++) {
    double least = MIN (values[l], last.value[l]), most = MAX (values[l], last.value[l]);
    tessera_loss_plot_get_range (plot, l, &low, &high);
    g_assert_cmpfloat (low, <=, least);
    g_assert_cmpfloat (high, >=, most);
    g_assert_cmpfloat (high - low, <, 1.2 * (most - least));
  }
  g_object_unref (plot);
}

/* ---- what is learnt of a training ---- */

/* A training under way of a project that is away, so that nothing is trained for real. */
static GtkWidget *
begin_unreal (WindowTest *test, TesseraJobs *jobs, gboolean resume)
{
  GtkWidget *page = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TRAINING_PAGE);
  g_autofree char *away = g_strconcat (test->path, ".away", NULL);
  g_assert_cmpint (rename (test->path, away), ==, 0);
  tessera_training_page_start (TESSERA_TRAINING_PAGE (page), resume);
  g_assert_true (is_training (test, jobs));
  return page;
}

static void
end_unreal (WindowTest *test, TesseraJobs *jobs)
{
  window_test_wait (test, "the training fails", is_idle, jobs);
  g_autofree char *away = g_strconcat (test->path, ".away", NULL);
  g_assert_cmpint (rename (away, test->path), ==, 0);
  window_test_pass (200);
}

/* A model that is trained on may have another shape than the preset gives: its speed is not
 * remembered as the preset's. What the first steps say is corrected by what the later ones do. */
static void
test_learns (void)
{
  WindowTest test;
  open_trained (&test, "960", "24", WINDOW_FIXTURE_TILES);
  TesseraJobs *jobs = tessera_project_page_get_jobs (tessera_window_get_project_page (test.window));
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-training", NULL);
  window_test_pass (100);
  double before = tessera_app_state_get_double ("training-flops-best-any", 0);
  TsrTrainSnapshot news = {
      .kimg = 1, .kimg_total = 24, .images_per_s = 5, .elapsed_s = 61, .eta_s = 60, .flops = 3e9};
  begin_unreal (&test, jobs, TRUE);
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  g_assert_cmpfloat (tessera_app_state_get_double ("training-flops-best-any", 0), ==, before);
  end_unreal (&test, jobs);
  begin_unreal (&test, jobs, FALSE);
  TsrTrainSnapshot early = news, later = news;
  early.kimg_total = 0; /* so few steps that the length is not known yet */
  g_signal_emit_by_name (jobs, "train-snapshot", &early);
  g_assert_cmpfloat (tessera_app_state_get_double ("training-flops-best-any", 0), ==, before);
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  g_assert_cmpfloat (tessera_app_state_get_double ("training-flops-best-any", 0), ==, 1.5e10);
  later.images_per_s = 10;
  later.elapsed_s = 121;
  g_signal_emit_by_name (jobs, "train-snapshot", &later);
  g_assert_cmpfloat (tessera_app_state_get_double ("training-flops-best-any", 0), ==, 1.5e10);
  later.elapsed_s = 123;
  g_signal_emit_by_name (jobs, "train-snapshot", &later);
  g_assert_cmpfloat (tessera_app_state_get_double ("training-flops-best-any", 0), ==, 3e10);
  end_unreal (&test, jobs);
  window_test_close (&test);
}

/* Before the first steps have said how long it takes, nothing is said of that. */
static void
test_unknown_length (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_TILES);
  TesseraJobs *jobs = tessera_project_page_get_jobs (tessera_window_get_project_page (test.window));
  gtk_widget_activate_action (GTK_WIDGET (test.window), "win.show-training", NULL);
  window_test_pass (100);
  GtkWidget *page = begin_unreal (&test, jobs, FALSE);
  TsrTrainSnapshot news = {.kimg = 0.064, .images_per_s = 3.25, .elapsed_s = 61, .eta_s = -1};
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  g_assert_true (window_test_says (page, "64 images · 3.2 images a second · 01:01 gone"));
  g_assert_false (window_test_says (page, "–") || window_test_says (page, "gone,"));
  news.kimg = 0.128;
  news.kimg_total = 0.9;
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  g_assert_true (window_test_says (page, "128 of 900 images · 3.2 images a second · 01:01 gone"));
  g_assert_false (window_test_says (page, "Slower than before"));
  news.slowed = true;
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  g_assert_true (window_test_says (page, "gone. Slower than before: other programs"));
  news.slowed = false;
  g_assert_false (window_test_says (page, "–") || window_test_says (page, "gone,"));
  news.kimg = 0.192;
  news.eta_s = 62;
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  g_assert_true (window_test_says (page, "192 of 900 images"));
  g_assert_true (window_test_says (page, "01:01 gone, 01:02 left"));
  end_unreal (&test, jobs);
  window_test_close (&test);
}

/* Before there is a map: the tiles can be looked through, and the strip says what is to come. */
static void
test_before_the_map (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_TILES);
  GtkWidget *window = GTK_WIDGET (test.window);
  GtkWidget *strip = window_test_find (window, TESSERA_TYPE_QUEUE_STRIP);
  g_assert_true (window_test_says (strip, "Once there is a map"));
  GtkWidget *panel = window_test_find (window, TESSERA_TYPE_TILE_PANEL);
  GtkWidget *browse = window_test_find_button (panel, "Look through the tiles");
  g_assert_nonnull (browse);
  window_test_click (&test, browse);
  window_test_pass (300);
  g_assert_true (gtk_widget_get_mapped (window_test_find (panel, TESSERA_TYPE_TILE_GRID)));
  size_t n;
  tessera_session_get_selection (window_test_session (&test), &n);
  g_assert_cmpuint (n, ==, N);
  window_test_close (&test);
}

/* Ground truth is not shown beside a tile that is still to be labelled, nor told by its name. */
static void
test_truth_waits (void)
{
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = window_fixture_project (test.folder, "test", N, 3, WINDOW_FIXTURE_ALL);
  window_test_reopen (&test);
  TesseraSession *session = window_test_session (&test);
  tessera_session_set_setting (session, "view.truth", "1");
  window_test_settle (&test);
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL);
  uint32_t tile = tessera_session_get_current (session);
  g_assert_false (window_test_says (panel, "Ground truth"));
  g_assert_null (strchr (tessera_session_get_shown_name (session, tile), '/'));
  window_test_key (&test, "1");
  tessera_session_select_one (session, tile);
  window_test_settle (&test);
  g_assert_true (window_test_says (panel, "Ground truth"));
  uint32_t other = g_array_index (tessera_session_get_queue (session), uint32_t, 0);
  tessera_session_set_setting (session, "view.color-by", "truth");
  tessera_session_select_one (session, other);
  window_test_settle (&test);
  g_assert_true (window_test_says (panel, "Ground truth"));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/training/stopped", test_stopped);
  g_test_add_func ("/training/suggested", test_suggested);
  g_test_add_func ("/training/failed-start", test_failed_start);
  g_test_add_func ("/training/late-news", test_late_news);
  g_test_add_func ("/training/curves", test_curves);
  g_test_add_func ("/training/axes", test_axes);
  g_test_add_func ("/training/learns", test_learns);
  g_test_add_func ("/training/unknown-length", test_unknown_length);
  g_test_add_func ("/training/before-the-map", test_before_the_map);
  g_test_add_func ("/training/truth-waits", test_truth_waits);
  return g_test_run ();
}
