/* The window as its user meets it: real keys and clicks through the X server, and a second
 * connection to the database. */

#include "tessera-app-state.h"
#include "tessera-class-editor.h"
#include "tessera-class-row.h"
#include "tessera-label-pad.h"
#include "tessera-loss-plot.h"
#include "tessera-map-view-private.h"
#include "tessera-presets.h"
#include "tessera-sidebar.h"
#include "tessera-start-page.h"
#include "tessera-tile-grid.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"
#include "tessera-training-page.h"
#include "tessera-window-private.h"
#include "tsr-train-width.h"
#include "window-test.h"

#include <string.h>

#define N 300

static void
set_up (WindowTest *test, gconstpointer parts)
{
  window_test_open (test, N, (WindowFixtureParts)GPOINTER_TO_INT (parts));
}

static void
tear_down (WindowTest *test, gconstpointer data)
{
  window_test_close (test);
}

static uint32_t
queued (WindowTest *test, guint i)
{
  const GArray *queue = tessera_session_get_queue (window_test_session (test));
  g_assert_cmpuint (i, <, queue->len);
  return g_array_index (queue, uint32_t, i);
}

static int32_t
class_id (WindowTest *test, guint i)
{
  return ((TsrClass *)g_ptr_array_index (tessera_session_get_classes (window_test_session (test)),
                                         i))
      ->id;
}

static void
click_tile (WindowTest *test, uint32_t tile)
{
  TesseraMapView *map = window_test_map (test);
  double x, y;
  int root_x, root_y;
  g_assert_true (tessera_map_view_locate (map, tile, &x, &y));
  window_test_root_point (test, GTK_WIDGET (map), x, y, &root_x, &root_y);
  window_test_xdotool ("mousemove %d %d", root_x, root_y);
  window_test_pass (60);
  window_test_xdotool ("click 1");
  window_test_settle (test);
}

/* The loop of the whole program: click a glowing point, press 1, and everything follows. */
static void
test_click_and_label (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  uint32_t glowing = queued (test, 4);
  click_tile (test, glowing);
  g_assert_cmpuint (tessera_session_get_current (session), ==, glowing);

  guint64 rasters = tessera_map_view_get_n_rasters (window_test_map (test));
  window_test_key (test, "1");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, glowing), ==, class_id (test, 0));
  g_assert_cmpuint (tessera_session_count_class (session, class_id (test, 0)).predicted, ==, N - 1);
  g_assert_cmpuint (tessera_map_view_get_n_rasters (window_test_map (test)), >, rasters);
  g_assert_cmpuint (tessera_session_get_current (session), ==, queued (test, 0));
  g_assert_cmpint (tessera_map_view_get_current (window_test_map (test)), ==,
                   (int)queued (test, 0));
}

static void
test_keys (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  uint32_t a = queued (test, 0), b = queued (test, 1), c = queued (test, 2), d = queued (test, 3);
  window_test_key (test, "2");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, a), ==, class_id (test, 1));
  window_test_key (test, "KP_3");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, b), ==, class_id (test, 2));
  window_test_key (test, "ctrl+z");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, b), ==, TSR_LABEL_NONE);
  window_test_key (test, "ctrl+shift+z");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, b), ==, class_id (test, 2));

  /* Redo shows what it did; 0 clears just that. */
  g_assert_cmpuint (tessera_session_get_current (session), ==, b);
  window_test_key (test, "0");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, b), ==, TSR_LABEL_NONE);
  window_test_key (test, "3");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, b), ==, class_id (test, 2));

  g_assert_cmpuint (tessera_session_get_current (session), ==, c);
  window_test_key (test, "space");
  g_assert_cmpuint (tessera_session_get_current (session), ==, d);
  g_assert_cmpint (window_fixture_label_on_disk (test->path, c), ==, TSR_LABEL_NONE);
  window_test_key (test, "u");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, d), ==, TSR_LABEL_UNSURE);
  uint32_t e = tessera_session_get_current (session);
  window_test_key (test, "x");
  g_assert_true (tessera_session_get_excluded (session, e));
  uint32_t f = tessera_session_get_current (session);
  window_test_key (test, "question");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, f), ==, TSR_LABEL_UNSURE);

  /* All but the excluded one: a key must not give that a label unseen. */
  window_test_key (test, "ctrl+a");
  size_t n;
  tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, ==, N - 1);
  g_assert_false (tessera_session_is_selected (session, e));
  window_test_key (test, "ctrl+i");
  tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, ==, 0);
  window_test_key (test, "ctrl+i");
  tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, ==, N - 1);
  window_test_key (test, "Escape");
  tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, ==, 0);
  /* With nothing selected a key labels nothing: it shows the next suggestion instead. */
  unsigned before = window_fixture_journal_length (test->path);
  window_test_key (test, "1");
  g_assert_cmpuint (window_fixture_journal_length (test->path), ==, before);
  g_assert_cmpuint (tessera_session_get_current (session), ==, queued (test, 0));
}

/* A burst of keys, none waited for, and a key held down. */
static void
test_burst (WindowTest *test, gconstpointer data)
{
  uint32_t expected[10];
  for (guint i = 0; i < 10; i++)
    expected[i] = queued (test, i);
  window_test_xdotool ("key --delay 1 1 2 3 4 5 5 4 3 2 1");
  window_test_pass (200);
  window_test_settle (test);
  static const guint pressed[10] = {0, 1, 2, 3, 4, 4, 3, 2, 1, 0};
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (window_fixture_label_on_disk (test->path, expected[i]), ==,
                     class_id (test, pressed[i]));

  unsigned before = window_fixture_journal_length (test->path);
  window_test_xdotool ("keydown 1");
  window_test_pass (1500);
  window_test_xdotool ("keyup 1");
  window_test_settle (test);
  g_assert_cmpuint (window_fixture_journal_length (test->path), ==, before + 1);
}

/* Typing a name into a field labels nothing. */
static void
test_typing_in_a_field (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.add-class", NULL);
  window_test_pass (50);
  window_test_xdotool ("type --delay 20 'Vessel 12 xu'");
  window_test_pass (100);
  window_test_key (test, "Return");
  g_assert_cmpuint (window_fixture_journal_length (test->path), ==, 0);
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 6);
  g_assert_cmpstr (tessera_session_get_class (session, class_id (test, 5))->name, ==,
                   "Vessel 12 xu");
}

/* Plus and minus zoom the map wherever the focus is, as F and L act. */
static void
test_zoom_keys (WindowTest *test, gconstpointer data)
{
  TesseraMapView *map = window_test_map (test);
  gtk_widget_grab_focus (window_test_find (GTK_WIDGET (test->window), GTK_TYPE_MENU_BUTTON));
  g_assert_false (gtk_widget_has_focus (GTK_WIDGET (map)));
  window_test_settle (test);
  double before = map->state->camera.scale;
  window_test_key (test, "plus");
  window_test_pass (500);
  double near = map->state->camera.scale;
  g_assert_cmpfloat (near, >, 1.1 * before);
  window_test_key (test, "KP_Subtract");
  window_test_pass (500);
  g_assert_cmpfloat (map->state->camera.scale, <, near / 1.1);
}

static void
drag (WindowTest *test, const double (*points)[2], guint n)
{
  for (guint i = 0; i < n; i++) {
    int x, y;
    GtkWidget *map = GTK_WIDGET (window_test_map (test));
    window_test_root_point (test, map, points[i][0] * gtk_widget_get_width (map),
                            points[i][1] * gtk_widget_get_height (map), &x, &y);
    window_test_xdotool ("mousemove %d %d", x, y);
    window_test_pass (30);
    if (i == 0) {
      window_test_xdotool ("mousedown 1");
      window_test_pass (30);
    }
  }
  window_test_xdotool ("mouseup 1");
  window_test_settle (test);
}

/* L, a lasso round the right half, one key: one entry in the journal. */
static void
test_lasso (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  window_test_key (test, "f");
  window_test_key (test, "l");
  g_assert_cmpint (tessera_map_view_get_mode (window_test_map (test)), ==, TESSERA_MAP_MODE_LASSO);
  static const double loop[][2] = {{0.5, 0.03},  {0.75, 0.03}, {0.97, 0.1}, {0.97, 0.5},
                                   {0.97, 0.82}, {0.75, 0.82}, {0.5, 0.82}, {0.5, 0.4}};
  drag (test, loop, G_N_ELEMENTS (loop));
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, >, 20);
  g_assert_cmpuint (n, <, N - 20);
  uint32_t first = tiles[0], last = tiles[n - 1];
  GtkWidget *grid = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_GRID);
  g_assert_true (gtk_widget_get_mapped (grid));

  window_test_key (test, "3");
  g_assert_cmpuint (window_fixture_journal_length (test->path), ==, 1);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, n);
  g_assert_cmpint (window_fixture_label_on_disk (test->path, first), ==, class_id (test, 2));
  g_assert_cmpint (window_fixture_label_on_disk (test->path, last), ==, class_id (test, 2));
  window_test_key (test, "ctrl+z");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 0);
}

static gboolean
is_tipped (GtkWidget *widget, gpointer tip)
{
  const char *text = gtk_widget_get_tooltip_text (widget);
  return GTK_IS_BUTTON (widget) && text != NULL && g_str_has_prefix (text, tip);
}

static GtkWidget *
find_button (GtkWidget *root, const char *tip)
{
  return window_test_find_if (root, is_tipped, (gpointer)tip);
}

/* The buttons do what the keys do, and leave the keys alone afterwards. */
static void
test_buttons (WindowTest *test, gconstpointer data)
{
  uint32_t a = queued (test, 0), b = queued (test, 1);
  GtkWidget *pad = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LABEL_PAD);
  g_autofree char *tip = g_strdup_printf (
      "Label as %s",
      tessera_session_get_class (window_test_session (test), class_id (test, 3))->name);
  GtkWidget *button = find_button (pad, tip);
  g_assert_nonnull (button);
  window_test_click (test, button);
  window_test_settle (test);
  g_assert_cmpint (window_fixture_label_on_disk (test->path, a), ==, class_id (test, 3));
  window_test_key (test, "space"); /* skips; does not press the button again */
  g_assert_cmpint (window_fixture_label_on_disk (test->path, b), ==, TSR_LABEL_NONE);
  g_assert_cmpuint (window_fixture_journal_length (test->path), ==, 1);
}

static TesseraClassRow *
first_row (WindowTest *test)
{
  return TESSERA_CLASS_ROW (window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_CLASS_ROW));
}

/* Rename by keyboard in the row's menu; the counts follow a merge. */
static void
test_class_menu (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  int32_t first = class_id (test, 0), second = class_id (test, 1);
  window_test_key (test, "1");
  tessera_class_row_edit (first_row (test));
  window_test_pass (400);
  GtkWidget *editor = window_test_find (GTK_WIDGET (first_row (test)), TESSERA_TYPE_CLASS_EDITOR);
  g_assert_nonnull (editor);
  GtkWidget *entry = window_test_find (editor, GTK_TYPE_ENTRY);
  gtk_widget_grab_focus (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), "Carcinoma");
  window_test_pass (50);
  g_signal_emit_by_name (entry, "activate");
  window_test_settle (test);
  g_assert_cmpstr (tessera_session_get_class (session, first)->name, ==, "Carcinoma");
  window_test_pass (300);

  tessera_session_merge_class (session, first, second);
  window_test_settle (test);
  g_assert_cmpint (tessera_class_row_get_id (first_row (test)), ==, second);
  g_assert_cmpuint (tessera_session_count_class (session, second).labelled, ==, 1);
}

static void
test_restart (WindowTest *test, gconstpointer data)
{
  window_test_key (test, "1");
  window_test_key (test, "2");
  window_test_key (test, "3");
  uint32_t next = queued (test, 0);
  window_test_close_window (test);
  window_test_reopen (test);
  g_assert_cmpuint (tessera_session_count_labelled (window_test_session (test)), ==, 3);
  g_assert_cmpuint (queued (test, 0), ==, next);
  g_assert_cmpuint (tessera_session_get_current (window_test_session (test)), ==, next);
  window_test_key (test, "ctrl+z"); /* undo survives too */
  g_assert_cmpuint (tessera_session_count_labelled (window_test_session (test)), ==, 2);
}

/* ---- what can be seen and named ---- */

static void
test_accessible_names (WindowTest *test, gconstpointer data)
{
  unsigned checked = 0;
  window_test_check_names (GTK_WIDGET (test->window), &checked);
  g_assert_cmpuint (checked, >, 60);
}

/* Tab reaches the map, the class field, the buttons: nothing traps the focus. */
static void
test_tab (WindowTest *test, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gboolean entry = FALSE, map = FALSE, button = FALSE;
  for (unsigned i = 0; i < 90; i++) {
    window_test_xdotool ("key Tab");
    window_test_pass (5);
    GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (test->window));
    if (focus == NULL)
      continue;
    g_hash_table_add (seen, focus);
    entry |= GTK_IS_TEXT (focus);
    map |= TESSERA_IS_MAP_VIEW (focus);
    button |= gtk_widget_get_ancestor (focus, TESSERA_TYPE_LABEL_PAD) != NULL;
  }
  g_assert_true (entry && map && button);
  g_assert_cmpuint (g_hash_table_size (seen), >, 25);
}

static void
test_no_model (WindowTest *test, gconstpointer data)
{
  /* The map's place says what to do, and its button does it. */
  g_assert_null (tessera_session_get_map (window_test_session (test)));
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-training", NULL);
  window_test_pass (300);
  AdwViewStack *views =
      tessera_project_page_get_views (tessera_window_get_project_page (test->window));
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (views), ==, "training");
  window_test_key (test, "1"); /* not while looking at the training */
  g_assert_cmpuint (window_fixture_journal_length (test->path), ==, 0);
}

static void
measured_cb (TesseraJobs *jobs, double flops, double *out)
{
  *out = flops;
}

/* Where nothing was trained yet the page has the device measured, and its estimates rest on that.
 */
static void
test_estimates (WindowTest *test, gconstpointer data)
{
  double flops = 0;
  TesseraEstimate estimate;
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the sanitizer and the OpenCL driver's threads do not get on");
  return;
#endif
  tessera_app_state_set_double ("training-flops-best-any", 0);
  g_signal_connect (tessera_project_page_get_jobs (tessera_window_get_project_page (test->window)),
                    "measured", G_CALLBACK (measured_cb), &flops);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-training", NULL);
  for (int i = 0; i < 600 && flops == 0; i++)
    window_test_pass (100);
  g_assert_cmpfloat (flops, >, 1e8);
  double seconds = tessera_preset_seconds ("quick", 300, 64, 3, &estimate);
  g_assert_cmpint (estimate, ==, TESSERA_ESTIMATE_MEASURED);
  TsrTrainOptions quick = tsr_train_options_default ();
  quick.preset = "quick";
  g_assert_true (tsr_train_options_resolve (&quick, 300, 64, 3, NULL));
  double each = tsr_train_flops (&quick), rate = 0.5 * flops / each;
  double expected = tsr_train_options_length (&quick, rate) * 1000 / rate;
  g_assert_cmpfloat_with_epsilon (seconds / expected, 1, 1e-6);
  tessera_preset_learn ("quick", 10 * each);
  seconds = tessera_preset_seconds ("quick", 300, 64, 3, &estimate);
  g_assert_cmpint (estimate, ==, TESSERA_ESTIMATE_LEARNT);
  g_assert_cmpfloat_with_epsilon (seconds, 1000, 1e-3); /* 10 kimg at least, 10 images a second */
  tessera_preset_learn ("quick", 100 * each);
  seconds = tessera_preset_seconds ("quick", 300, 64, 3, &estimate);
  g_assert_cmpfloat_with_epsilon (seconds, 300, 1e-3); /* five minutes */
  /* So fast a device trains wider networks: 60 kimg, at most, of those. */
  tessera_preset_learn ("quick", 1000 * each);
  seconds = tessera_preset_seconds ("quick", 300, 64, 3, &estimate);
  g_assert_true (tsr_train_options_widen (&quick, 1000 * each));
  g_assert_cmpint (quick.channel_base, ==, 4096);
  g_assert_cmpfloat_with_epsilon (seconds, 60 * tsr_train_flops (&quick) / each, 1e-3);
}

/* Snapshots of a training as the engine posts them. */
static void
test_training_snapshots (WindowTest *test, gconstpointer data)
{
  TesseraJobs *jobs =
      tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
  GtkWidget *page = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TRAINING_PAGE);
  GtkWidget *plot = window_test_find (page, TESSERA_TYPE_LOSS_PLOT);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-training", NULL);
  g_autofree uint8_t *pixels = g_malloc0 (64 * 64 * 3);
  for (int i = 0; i < 5000; i++) {
    TsrTrainSnapshot s = {.step = i,
                          .kimg = i * 0.1,
                          .kimg_total = 500,
                          .images_per_s = 12,
                          .eta_s = 100,
                          .loss_g = 1 + i % 7,
                          .loss_d = 2,
                          .loss_nll = i == 3 ? NAN : -1,
                          .loss_mse = 0.3};
    if (i % 1000 == 0)
      s.generated = s.reconstructed = (TsrImage){64, 64, 3, pixels};
    g_signal_emit_by_name (jobs, "train-snapshot", &s);
  }
  window_test_pass (200);
  guint points = tessera_loss_plot_get_n_points (TESSERA_LOSS_PLOT (plot));
  g_assert_cmpuint (points, >, 900);
  g_assert_cmpuint (points, <=, 2000);
}

static void
test_start_page (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  unsigned checked = 0;
  window_test_check_names (GTK_WIDGET (test.window), &checked);
  g_assert_cmpuint (checked, >, 10);
  /* A file that is none, and one that is not there, each end on a page that says so. */
  g_autofree char *path = g_build_filename (test.folder, "no.tessera", NULL);
  tessera_window_open (test.window, path);
  window_test_pass (100);
  g_assert_null (tessera_window_get_session (test.window));
  g_assert_true (g_file_set_contents (path, "no database", -1, NULL));
  tessera_window_open (test.window, path);
  window_test_pass (500);
  g_assert_null (tessera_window_get_session (test.window));
  window_test_close (&test);
}

static void
copy_tiles (const char *from, const char *to, unsigned n)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;
  g_mkdir_with_parents (to, 0700);
  for (unsigned i = 0; i < n && (name = g_dir_read_name (dir)) != NULL; i++) {
    g_autofree char *source = g_build_filename (from, name, NULL);
    g_autofree char *target = g_build_filename (to, name, NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true (g_file_get_contents (source, &bytes, &length, NULL));
    g_assert_true (g_file_set_contents (target, bytes, (gssize)length, NULL));
  }
}

/* A dropped folder with a broken file in it: asked, read, the refusal listed, the project open. */
static void
test_import (void)
{
  WindowTest test = {0};
  window_test_start (&test);
  test.path = window_fixture_project (test.folder, "source", 20, 1, WINDOW_FIXTURE_TILES);
  g_autofree char *from = g_build_filename (test.folder, "source-tiles", "Tumour", NULL);
  g_autofree char *folder = g_build_filename (test.folder, "dropped", NULL);
  g_autofree char *broken = g_build_filename (folder, "broken.png", NULL);
  copy_tiles (from, folder, 6);
  g_assert_true (g_file_set_contents (broken, "\x89PNG\r\n\x1a\nand then nothing", -1, NULL));

  tessera_window_drop (test.window, (const char *[]){folder, NULL});
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Read the tiles");
  window_test_pass (300);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Read the tiles"));
  window_test_wait (&test, "the list of refused files", window_test_has_button, (gpointer) "Go on");
  window_test_pass (300);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Go on"));
  window_test_wait (&test, "the project is open", window_test_is_open, NULL);
  TesseraSession *session = window_test_session (&test);
  g_assert_cmpuint (tessera_session_get_n_tiles (session), ==, 6);
  g_assert_cmpuint (tessera_session_get_n_skipped (session), ==, 1);
  g_assert_true (g_str_has_suffix (tessera_session_get_path (session), "/dropped.tessera"));

  /* Dropped on a project, it asks whether to add; who does not want to is back where he was. */
  tessera_window_drop (test.window, (const char *[]){from, NULL});
  window_test_wait (&test, "it asks", window_test_has_button, (gpointer) "Cancel");
  window_test_pass (300);
  window_test_click (&test, window_test_find_button (GTK_WIDGET (test.window), "Cancel"));
  window_test_wait (&test, "the project is back", window_test_is_open, NULL);
  g_assert_true (g_str_has_suffix (tessera_session_get_path (window_test_session (&test)),
                                   "/dropped.tessera"));
  g_assert_cmpuint (tessera_session_get_n_tiles (window_test_session (&test)), ==, 6);
  window_test_close (&test);
}

static gboolean
says_exactly (GtkWidget *widget, gpointer text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
         g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);
}

static gboolean
is_panel (GtkWidget *widget, gpointer unused)
{
  return TESSERA_IS_TILE_PANEL (widget);
}

static void
nothing_cb (gpointer unused)
{
}

/* A longer one covers no button that labels. */
static void
check_long_toast (WindowTest *test)
{
  const char *text = "40 labels of the other reader taken over; 30 tiles with two different "
                     "classes stay as they were";
  GtkWidget *root = GTK_WIDGET (test->window), *panel = window_test_find_if (root, is_panel, NULL);
  tessera_window_toast_undoable (test->window, text, nothing_cb, NULL, NULL);
  window_test_pass (1200);
  GtkWidget *toast = window_test_find_if (root, says_exactly, (gpointer)text);
  graphene_rect_t at, beside;
  g_assert_nonnull (toast);
  while (!g_str_equal (gtk_widget_get_css_name (toast), "toast"))
    toast = gtk_widget_get_parent (toast);
  g_assert_true (gtk_widget_compute_bounds (toast, root, &at) &&
                 gtk_widget_compute_bounds (panel, root, &beside));
  g_assert_cmpfloat (at.origin.x + at.size.width, <=, beside.origin.x);
}

/* What fits one line stands on one, beside the toast's button too. */
static void
test_toast (WindowTest *test, gconstpointer unused)
{
  const char *text = "tumour: 210 tiles";
  tessera_window_toast_undoable (test->window, text, nothing_cb, NULL, NULL);
  window_test_pass (1200);
  GtkWidget *root = GTK_WIDGET (test->window),
            *label = window_test_find_if (root, says_exactly, (gpointer)text);
  g_assert_nonnull (label);
  g_assert_nonnull (window_test_find_button (root, "Undo"));
  g_assert_cmpint (pango_layout_get_line_count (gtk_label_get_layout (GTK_LABEL (label))), ==, 1);
  check_long_toast (test);
}

/* What the engine had to fall back to is said, by whichever job. */
static void
test_notice (WindowTest *test, gconstpointer unused)
{
  TesseraJobs *jobs =
      tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
  g_signal_emit_by_name (jobs, "noticed", "The card failed. Using another.");
  window_test_wait (test, "the notice is said", window_test_is_said,
                    (gpointer) "The card failed. Using another.");
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  static const struct {
    const char *name;
    void (*test) (WindowTest *, gconstpointer);
    int parts;
  } tests[] = {
      {"click-and-label", test_click_and_label, WINDOW_FIXTURE_ALL},
      {"keys", test_keys, WINDOW_FIXTURE_ALL},
      {"burst", test_burst, WINDOW_FIXTURE_ALL},
      {"typing-in-a-field", test_typing_in_a_field, WINDOW_FIXTURE_ALL},
      {"lasso", test_lasso, WINDOW_FIXTURE_ALL},
      {"zoom-keys", test_zoom_keys, WINDOW_FIXTURE_ALL},
      {"buttons", test_buttons, WINDOW_FIXTURE_ALL},
      {"class-menu", test_class_menu, WINDOW_FIXTURE_ALL},
      {"restart", test_restart, WINDOW_FIXTURE_ALL},
      {"accessible-names", test_accessible_names, WINDOW_FIXTURE_ALL},
      {"tab", test_tab, WINDOW_FIXTURE_ALL},
      {"toast", test_toast, WINDOW_FIXTURE_TILES},
      {"notice", test_notice, WINDOW_FIXTURE_TILES},
      {"no-model", test_no_model, WINDOW_FIXTURE_TILES},
      {"training-snapshots", test_training_snapshots, WINDOW_FIXTURE_TILES},
      {"estimates", test_estimates, WINDOW_FIXTURE_TILES},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/window/", tests[i].name, NULL);
    g_test_add (path, WindowTest, GINT_TO_POINTER (tests[i].parts), set_up, tests[i].test,
                tear_down);
  }
  g_test_add_func ("/window/start-page", test_start_page);
  g_test_add_func ("/window/import", test_import);
  return g_test_run ();
}
