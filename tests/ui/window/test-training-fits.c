/* The training page while a model trains, in the language of LANGUAGE: curves, measurements,
 * pictures and every word of theirs on a screen of 1280x720; and the sidebar's words. */

#include "tessera-language.h"
#include "tessera-loss-plot.h"
#include "tessera-sidebar.h"
#include "tessera-tile-picture.h"
#include "tessera-training-page.h"
#include "window-test.h"

#include <libintl.h>
#include <math.h>

#define WIDTH  1280
#define HEIGHT 720

/* That this and what it holds lies within the page, and the page within the screen: nothing is cut
 * or has to be scrolled to. */
static void
assert_inside (GtkWidget *page, GtkWidget *widget)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  graphene_rect_t at;
  g_assert_true (gtk_widget_compute_bounds (widget, page, &at));
  if (at.size.width > 0 && at.size.height > 0) {
    g_assert_cmpfloat (at.origin.x, >=, 0);
    g_assert_cmpfloat (at.origin.x + at.size.width, <=, gtk_widget_get_width (page));
    g_assert_cmpfloat (at.origin.y + at.size.height, <=, gtk_widget_get_height (page));
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    assert_inside (page, child);
}

static void
news_of (TsrTrainSnapshot *news, int i)
{
  *news = (TsrTrainSnapshot){.kimg = 0.3 * i,
                             .kimg_total = 24,
                             .images_per_s = 123.4,
                             .elapsed_s = 3725 + i,
                             .eta_s = 7000 - i,
                             .loss_g = 2,
                             .loss_d = 1 + 0.1 * sin (i),
                             .loss_nll = -12.0 / i,
                             .loss_mse = 1.0 / i,
                             .features = "a network",
                             .quality = {90.0 / i, 0.4 / i, 0.01, 0.05 * i, 0.02 * i}};
}

/* What one picture of a training is: eight tiles a row. */
static TsrImage
picture (void)
{
  TsrImage image = {.width = 8 * 64, .height = 2 * 64, .channels = 3};
  size_t n = (size_t)image.width * image.height * 3;
  image.pixels = g_malloc (n);
  for (size_t i = 0; i < n; i++)
    image.pixels[i] = (uint8_t)(i / 3 % 64 * 3);
  return image;
}

static gboolean
is_idle (WindowTest *test, gpointer data)
{
  return tessera_jobs_get_kind (data) == TESSERA_JOB_NONE;
}

/* The project is away, so that nothing is trained for real; what a real one would tell is told
 * before that is noticed. */
static void
tell_of_a_training (WindowTest *test, TesseraJobs *jobs, GtkWidget *page)
{
  tessera_training_page_start (TESSERA_TRAINING_PAGE (page), FALSE);
  g_assert_cmpint (tessera_jobs_get_kind (jobs), ==, TESSERA_JOB_TRAIN);
  for (int i = 1; i <= 12; i++) {
    TsrTrainSnapshot news;
    news_of (&news, i);
    news.generated = picture ();
    news.reconstructed = picture ();
    g_signal_emit_by_name (jobs, "train-snapshot", &news);
    tsr_image_clear (&news.generated);
    tsr_image_clear (&news.reconstructed);
  }
}

/* Every plot's name has room beside its newest value. */
static void
assert_titles (GtkWidget *plot)
{
  static const char *const titles[] = {
      "Inventing tiles",  "Telling them apart", "Placing tiles", "Redrawing tiles",
      "Fréchet distance", "Kernel distance",    "Precision",     "Recall"};
  int value, title;
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (plot, "-123.45");
  pango_layout_get_pixel_size (layout, &value, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++) {
    pango_layout_set_text (layout, dgettext ("tessera", titles[i]), -1);
    pango_layout_get_pixel_size (layout, &title, NULL);
    g_assert_cmpint (title + 6 + value + 16, <=, gtk_widget_get_width (plot) / 4);
  }
}

/* No label in there is cut; the classes' names are short here. */
static void
assert_uncut (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)) {
    const char *says = gtk_label_get_text (GTK_LABEL (widget));
    if (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))))
      g_error ("“%s” is cut", says);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    assert_uncut (child);
}

static void
test_page (void)
{
  WindowTest test;
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  TesseraJobs *jobs = tessera_project_page_get_jobs (tessera_window_get_project_page (test.window));
  GtkWidget *window = GTK_WIDGET (test.window),
            *page = window_test_find (window, TESSERA_TYPE_TRAINING_PAGE);
  assert_uncut (window_test_find (window, TESSERA_TYPE_SIDEBAR));
  gtk_widget_activate_action (window, "win.show-training", NULL);
  window_test_pass (300);
  g_autoptr (GError) error = NULL;
  g_autofree char *away = g_strconcat (test.path, ".away", NULL);
  g_assert_cmpint (rename (test.path, away), ==, 0);
  tell_of_a_training (&test, jobs, page);
  window_test_wait (&test, "the training fails", is_idle, jobs);
  g_assert_cmpint (rename (away, test.path), ==, 0);
  window_test_pass (500);
  const char *shot = g_getenv ("TESSERA_TEST_SHOT"); /* to look at what is measured here */
  if (shot != NULL) {
    g_autofree char *line = g_strdup_printf ("import -window root %s", shot);
    g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL);
  }
  g_assert_true (gtk_widget_get_mapped (window_test_find (page, TESSERA_TYPE_TILE_PICTURE)));
  int minimum;
  gtk_widget_measure (window, GTK_ORIENTATION_HORIZONTAL, HEIGHT, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <, WIDTH - 20);
  g_assert_cmpint (gtk_widget_get_width (window), <=, WIDTH);
  g_assert_cmpint (gtk_widget_get_height (window), <=, HEIGHT);
  assert_inside (page, page);
  assert_titles (window_test_find (page, TESSERA_TYPE_LOSS_PLOT));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_can_run ())
    return 0;
  window_fixture_home ();
  tessera_language_init ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/training-fits/page", test_page);
  return g_test_run ();
}
