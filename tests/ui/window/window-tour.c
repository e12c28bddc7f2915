#include "window-tour.h"

#include "tessera-class-row.h"
#include "tessera-gallery-filter.h"
#include "tessera-health-window.h"
#include "tessera-lab-page-private.h"
#include "tessera-map-pane.h"
#include "tessera-readers-window.h"
#include "tessera-session-audit.h"
#include "tessera-stain-window.h"
#include "tessera-tour.h"
#include "tessera-training-page.h"
#include "tessera-wait.h"
#include "tessera-window-private.h"
#include "tsr-project-blind.h"
#include "window-slides.h"

#include <glib/gstdio.h>
#include <libintl.h>
#include <math.h>

typedef struct {
  WindowTest test;
  WindowTourStop stop;
  gpointer data;
} Tour;

const char *const *
window_tour_names (void)
{
  static const char *const names[] = {
      "/(dev/shm|tmp|var/tmp)/[^ ”⟧]*", /* a folder for tests, and what is in it */
      "slide-[12](\\.\\w+)?( \\[x=\\d+,y=\\d+,w=\\d+,h=\\d+\\])?",
      "\\b(Upper|Lower)\\b", /* classes */
      "^tour(\\.\\w+)?$",    /* the project */
      "broken\\.\\w+",
      "\\bTIFF\\b",
      NULL};
  return names;
}

static void
settle (Tour *tour)
{
  if (tessera_window_get_session (tour->test.window) != NULL)
    window_test_settle (&tour->test);
  window_test_pass (60);
}

static void
stop (Tour *tour, const char *where)
{
  settle (tour);
  tour->stop (&tour->test, where, tour->data);
}

static void
act (Tour *tour, const char *name)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (tour->test.window), name);
  g_assert_nonnull (action);
  g_assert_true (g_action_get_enabled (action));
  g_action_activate (action, NULL);
  window_test_pass (60);
}

/* Closes what stands beside the window itself. */
static void
close_others (Tour *tour)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = g_list_model_get_n_items (toplevels); i-- > 0;) {
    g_autoptr (GtkWindow) toplevel = g_list_model_get_item (toplevels, i);
    if (GTK_IS_DIALOG (toplevel))
      gtk_dialog_response (GTK_DIALOG (toplevel), GTK_RESPONSE_CANCEL);
    else if (toplevel != GTK_WINDOW (tour->test.window))
      gtk_window_destroy (toplevel);
  }
  window_test_pass (60);
}

/* ---- before a project is open ---- */

static gboolean
can_read_slides (WindowTest *test, gpointer data)
{
  GtkWidget *button =
      window_test_find_button (GTK_WIDGET (test->window), dgettext ("tessera", "Read the slides"));
  return button != NULL && gtk_widget_get_sensitive (button);
}

static gboolean
shows (WindowTest *test, gpointer page)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (test->window->pages), page) == 0;
}

static void
import_tiles (Tour *tour)
{
  g_autofree char *path = window_fixture_project (tour->test.folder, "tour", 12, 3, 0),
                  *tiles = g_build_filename (tour->test.folder, "tour-tiles", NULL),
                  *broken = g_build_filename (tiles, "broken.png", NULL);
  tessera_window_import (tour->test.window, tiles, FALSE);
  stop (tour, "import");
  tessera_import_page_cancel (tour->test.window->import);
  g_assert_true (g_file_set_contents (broken, "no picture", -1, NULL));
}

static void
import_slides (Tour *tour)
{
  g_autofree char *glass = g_build_filename (tour->test.folder, "glass", NULL),
                  *first = window_slide_write (glass, "slide-1.tif", 0.5),
                  *second = window_slide_write (glass, "slide-2.tif", 0);
  const char *paths[] = {glass, NULL};
  tessera_window_import_slides (tour->test.window, paths, FALSE);
  window_test_wait (&tour->test, "the slides are counted", can_read_slides, NULL);
  stop (tour, "import of slides");
}

static void
open_broken (Tour *tour)
{
  g_autofree char *path = g_build_filename (tour->test.folder, "broken.tessera", NULL);
  tessera_window_open (tour->test.window, path);
  window_test_wait (&tour->test, "it cannot be opened", shows, (gpointer) "failed");
  stop (tour, "a project that is not there");
}

void
window_tour_beginnings (WindowTourStop stop_, gpointer data)
{
  Tour tour = {.stop = stop_, .data = data};
  window_test_start (&tour.test);
  stop (&tour, "start");
  import_tiles (&tour);
  import_slides (&tour);
  open_broken (&tour);
  window_test_close (&tour.test);
}

/* ---- an open project ---- */

static void
open_project (Tour *tour)
{
  tour->test.folder = window_fixture_folder ();
  tour->test.path = window_slides_project (tour->test.folder, "tour", 2);
  window_test_reopen (&tour->test);
}

/* Every way to colour the map, with its legend. */
static void
colour (Tour *tour)
{
  GtkWidget *pane = window_test_find (GTK_WIDGET (tour->test.window), TESSERA_TYPE_MAP_PANE),
            *choice = window_test_find (pane, GTK_TYPE_DROP_DOWN);
  guint n = g_list_model_get_n_items (gtk_drop_down_get_model (GTK_DROP_DOWN (choice)));
  g_assert_cmpuint (n, >, 3);
  for (guint i = n; i-- > 0;) {
    gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), i);
    stop (tour, "another colouring");
  }
}

static void
label (Tour *tour)
{
  static const char *const keys[] = {"1", "u", "x", "2", "0", "ctrl+z", "ctrl+shift+z"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    window_test_key (&tour->test, keys[i]);
    g_autofree char *where = g_strdup_printf ("after %s", keys[i]);
    stop (tour, where);
  }
}

static void
select_tiles (Tour *tour)
{
  TesseraSession *session = window_test_session (&tour->test);
  tessera_session_select_one (session, 0);
  stop (tour, "one tile");
  tessera_session_select (session, (uint32_t[]){0, 1, 2, 3}, 4, TESSERA_SELECT_REPLACE);
  stop (tour, "several tiles");
  tessera_session_select_none (session);
  stop (tour, "no tile");
  tessera_session_select_one (session, 1);
}

static void
edit_class (Tour *tour)
{
  GtkWidget *row = window_test_find (GTK_WIDGET (tour->test.window), TESSERA_TYPE_CLASS_ROW);
  tessera_class_row_edit (TESSERA_CLASS_ROW (row));
  window_test_pass (200);
  stop (tour, "a class");
  tessera_class_row_close (TESSERA_CLASS_ROW (row));
}

static gboolean
is_menu (GtkWidget *widget, gpointer unused)
{
  return GTK_IS_MENU_BUTTON (widget) && gtk_menu_button_get_primary (GTK_MENU_BUTTON (widget));
}

/* What hangs on a button. */
static void
drop_down (Tour *tour, GtkWidget *button, const char *where)
{
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  window_test_pass (200);
  stop (tour, where);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (button));
}

static void
look_round (Tour *tour)
{
  drop_down (tour, window_test_find_if (GTK_WIDGET (tour->test.window), is_menu, NULL), "the menu");
  tessera_project_page_show_round (tessera_window_get_project_page (tour->test.window));
  window_test_pass (200);
  stop (tour, "the way round");
  tessera_tour_skip ();
}

static gboolean
stains_are_tried (WindowTest *test, gpointer data)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
    if (TESSERA_IS_STAIN_WINDOW (toplevel))
      return !tessera_stain_window_is_busy (TESSERA_STAIN_WINDOW (toplevel));
  }
  return FALSE;
}

void
window_tour_project (WindowTourStop stop_, gpointer data)
{
  Tour tour = {.stop = stop_, .data = data};
  open_project (&tour);
  stop (&tour, "map");
  label (&tour);
  select_tiles (&tour);
  edit_class (&tour);
  look_round (&tour);
  colour (&tour);
  static const char *const keys[] = {"ctrl+3", "ctrl+2", "ctrl+1"};
  static const char *const where[] = {"map and slide", "slide", "map alone"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    window_test_key (&tour.test, keys[i]);
    stop (&tour, where[i]);
  }
  act (&tour, "show-training");
  stop (&tour, "training, not begun");
  window_test_close (&tour.test);
}

/* ---- what opens over it ---- */

void
window_tour_dialogs (WindowTourStop stop_, gpointer data)
{
  Tour tour = {.stop = stop_, .data = data};
  open_project (&tour);
  static const char *const of_application[] = {"shortcuts", "about"};
  for (guint i = 0; i < G_N_ELEMENTS (of_application); i++) {
    g_action_group_activate_action (G_ACTION_GROUP (tour.test.application), of_application[i],
                                    NULL);
    window_test_pass (200);
    stop (&tour, of_application[i]);
    close_others (&tour);
  }
  act (&tour, "normalise");
  window_test_wait (&tour.test, "the stains are tried", stains_are_tried, NULL);
  stop (&tour, "normalise");
  close_others (&tour);
  static const char *const of_window[] = {
      "new-project",   "new-slides",   "open",           "add-tiles",    "add-slides",
      "join-table",    "place-tiles",  "export-csv",     "export-map",   "export-folders",
      "export-report", "export-areas", "export-geojson", "export-slide", "export-slide-geojson"};
  for (guint i = 0; i < G_N_ELEMENTS (of_window); i++) {
    act (&tour, of_window[i]);
    stop (&tour, of_window[i]);
    close_others (&tour);
  }
  TesseraWait *wait =
      tessera_wait_new (GTK_WINDOW (tour.test.window), dgettext ("tessera", "Drawing the map"));
  while (tessera_wait_get_window (wait) == NULL)
    window_test_pass (20);
  stop (&tour, "waiting");
  tessera_wait_free (wait);
  window_test_close (&tour.test);
}

/* ---- the windows beside it, and the lab ---- */

static GtkWidget *
find_toplevel (GType type)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
    if (G_TYPE_CHECK_INSTANCE_TYPE (toplevel, type))
      return toplevel;
  }
  return NULL;
}

static gboolean
health_is_measured (WindowTest *test, gpointer data)
{
  GtkWidget *window = find_toplevel (TESSERA_TYPE_HEALTH_WINDOW);
  return window != NULL && !tessera_health_window_is_busy (TESSERA_HEALTH_WINDOW (window));
}

static void
measure_health (Tour *tour)
{
  act (tour, "health");
  window_test_wait (&tour->test, "it is measured how good it is", health_is_measured, NULL);
  stop (tour, "how good it is");
  close_others (tour);
}

/* What a check shows while it runs, and its page while it is interrupted. */
static void
check_tiles (Tour *tour)
{
  TesseraSession *session = window_test_session (&tour->test);
  tessera_session_start_audit (session, 3);
  stop (tour, "a check with random tiles");
  tessera_session_pause_audit (session);
  measure_health (tour);
  tessera_session_drop_audit (session);
  settle (tour);
}

static void
look_back (Tour *tour)
{
  act (tour, "history");
  window_test_pass (400);
  stop (tour, "the history");
  close_others (tour);
}

static gboolean
readers_are_there (WindowTest *test, gpointer data)
{
  GtkWidget *window = find_toplevel (TESSERA_TYPE_READERS_WINDOW);
  return window != NULL && window_test_find (window, GTK_TYPE_STACK_SWITCHER) != NULL;
}

/* A copy of the project in which somebody says other things of two tiles. */
static void
compare_readers (Tour *tour)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_build_filename (tour->test.folder, "other.tessera", NULL);
  TsrProject *project = tsr_project_open (tour->test.path, TSR_PROJECT_READ_ONLY, &error);
  tsr_project_write_blind (project, other, &(TsrBlindOptions){0}, NULL, &error);
  g_assert_no_error (error);
  tsr_project_close (project);
  project = tsr_project_open (other, TSR_PROJECT_READ_WRITE, &error);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  for (uint32_t tile = 0; tile < tsr_project_n_tiles (project); tile++) {
    int32_t value = ((TsrClass *)classes->pdata[(tile + 1) % classes->len])->id;
    tsr_project_label (project, &tile, &value, 1, true, TSR_HOW_PICKED, "Upper", NULL, &error);
    g_assert_no_error (error);
  }
  g_ptr_array_set_free_func (classes, (GDestroyNotify)tsr_class_free);
  tsr_project_close (project);
  tessera_readers_window_compare (tour->test.window, other);
  window_test_wait (&tour->test, "the readers are compared", readers_are_there, NULL);
  stop (tour, "two readers");
  GtkWidget *window = find_toplevel (TESSERA_TYPE_READERS_WINDOW);
  GtkWidget *stack = window_test_find (window, GTK_TYPE_STACK_SWITCHER);
  GtkSelectionModel *pages =
      gtk_stack_get_pages (gtk_stack_switcher_get_stack (GTK_STACK_SWITCHER (stack)));
  gtk_selection_model_select_item (pages, g_list_model_get_n_items (G_LIST_MODEL (pages)) - 1,
                                   TRUE);
  stop (tour, "what two readers do not agree on");
  close_others (tour);
}

/* Without a model it says what it needs; all that it would have is looked at all the same, with
 * tiles in it. */
static void
visit_lab (Tour *tour)
{
  static const char *const where[] = {"the lab, walking", "the lab, from A to B", "the lab, mixing",
                                      "the lab, by classes", "the lab, an image"};
  adw_view_stack_set_visible_child_name (
      tessera_project_page_get_views (tessera_window_get_project_page (tour->test.window)), "lab");
  stop (tour, "the lab");
  GtkWidget *lab = window_test_find (GTK_WIDGET (tour->test.window), TESSERA_TYPE_LAB_PAGE);
  tessera_session_select_one (window_test_session (&tour->test), 1);
  for (TesseraLabMode mode = TESSERA_LAB_WALK; mode <= TESSERA_LAB_IMAGE; mode++) {
    GObject *content = gtk_widget_get_template_child (lab, TESSERA_TYPE_LAB_PAGE, "content");
    gtk_stack_set_visible_child_name (GTK_STACK (content), "lab");
    tessera_lab_page_set_mode (TESSERA_LAB_PAGE (lab), mode);
    tessera_lab_page_show_nearest (TESSERA_LAB_PAGE (lab), (uint32_t[]){1, 2, 3, 4, 5, 6}, 6);
    stop (tour, where[mode]);
  }
}

void
window_tour_beside (WindowTourStop stop_, gpointer data)
{
  Tour tour = {.stop = stop_, .data = data};
  open_project (&tour);
  static const char *const keys[] = {"1", "2", "1", "2", "1"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    window_test_key (&tour.test, keys[i]);
  measure_health (&tour);
  check_tiles (&tour);
  look_back (&tour);
  compare_readers (&tour);
  window_test_key (&tour.test, "ctrl+4");
  tessera_session_select_none (window_test_session (&tour.test));
  stop (&tour, "the gallery, nothing selected");
  GtkWidget *filter = window_test_find (GTK_WIDGET (tour.test.window), TESSERA_TYPE_GALLERY_FILTER);
  drop_down (&tour, window_test_find (filter, GTK_TYPE_MENU_BUTTON), "the gallery's filter");
  visit_lab (&tour);
  window_test_close (&tour.test);
}

/* ---- a training ---- */

static TsrImage
picture (void)
{
  TsrImage image = {.width = 8 * 64, .height = 2 * 64, .channels = 3};
  image.pixels = g_malloc0 ((size_t)image.width * image.height * 3);
  return image;
}

static void
tell (TesseraJobs *jobs, int i)
{
  TsrTrainSnapshot news = {.kimg = 0.3 * i,
                           .kimg_total = 24,
                           .images_per_s = 123.4,
                           .elapsed_s = 3725 + i,
                           .eta_s = 7000 - i,
                           .loss_g = 2,
                           .loss_d = 1 + 0.1 * sin (i),
                           .loss_nll = -12.0 / i,
                           .loss_mse = 1.0 / i,
                           .features = "a network",
                           .quality = {90.0 / i, 0.4 / i, 0.01, 0.05 * i, 0.02 * i},
                           .generated = picture (),
                           .reconstructed = picture ()};
  g_signal_emit_by_name (jobs, "train-snapshot", &news);
  tsr_image_clear (&news.generated);
  tsr_image_clear (&news.reconstructed);
}

static gboolean
is_idle (WindowTest *test, gpointer jobs)
{
  return tessera_jobs_get_kind (jobs) == TESSERA_JOB_NONE;
}

/* The project is away, so that nothing is trained for real; what a real one would tell is told
 * before that is noticed. */
void
window_tour_training (WindowTourStop stop_, gpointer data)
{
  Tour tour = {.stop = stop_, .data = data};
  open_project (&tour);
  TesseraJobs *jobs =
      tessera_project_page_get_jobs (tessera_window_get_project_page (tour.test.window));
  act (&tour, "show-training");
  g_autofree char *away = g_strconcat (tour.test.path, ".away", NULL);
  g_assert_cmpint (g_rename (tour.test.path, away), ==, 0);
  GtkWidget *page = window_test_find (GTK_WIDGET (tour.test.window), TESSERA_TYPE_TRAINING_PAGE);
  tessera_training_page_start (TESSERA_TRAINING_PAGE (page), FALSE);
  for (int i = 1; i <= 12; i++)
    tell (jobs, i);
  tour.stop (&tour.test, "training, begun", tour.data);
  window_test_wait (&tour.test, "the training fails", is_idle, jobs);
  g_assert_cmpint (g_rename (away, tour.test.path), ==, 0);
  stop (&tour, "training, failed");
  window_test_close (&tour.test);
}
