/* Pictures of the journal's and the readers' windows: reader-screenshots OUT [PROJECT]. Without a
 * project it makes a synthetic one. */

#include "window-test.h"

#include "tessera-history-window.h"
#include "tessera-readers-window.h"
#include "tessera-second-reader.h"
#include "tsr-project-blind.h"
#include "tsr-random.h"

#define N 400

static const char *out;

static GtkWidget *
find_window (GType type)
{
  g_autoptr (GList) all = gtk_window_list_toplevels ();
  for (GList *at = all; at != NULL; at = at->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (at->data, type) && gtk_widget_get_mapped (at->data))
      return at->data;
  return NULL;
}

static gboolean
is_there (WindowTest *test, gpointer type)
{
  return find_window (*(GType *)type) != NULL;
}

/* The journal is read, however busy the computer is. */
static gboolean
is_read (WindowTest *test, gpointer window)
{
  return window_test_says (window, "Ada Moreau");
}

static void
save (WindowTest *test, GType type, const char *name)
{
  window_test_wait (test, "the window is there", is_there, &type);
  if (type == TESSERA_TYPE_HISTORY_WINDOW)
    window_test_wait (test, "the journal is read", is_read, find_window (type));
  window_test_pass (1500);
  WindowTest other = *test;
  other.window = (TesseraWindow *)find_window (type);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  window_test_save (&other, path);
}

/* Ada's labels, and Ben's, who does not always agree. */
static char *
read_twice (const char *path, const char *folder)
{
  g_autoptr (GError) error = NULL;
  TsrRandom random;
  tsr_random_init (&random, 3, 1);
  char *other = g_build_filename (folder, "second reading.tessera", NULL);
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_true (tsr_project_set (project, "annotator", "Ada Moreau", &error));
  g_auto (GStrv) names = tsr_project_tile_names (project);
  g_autofree int32_t *truth = g_new (int32_t, N);
  g_auto (GStrv) classes = tsr_project_truth (project, truth);
  for (uint32_t i = 0; i < 120; i++) {
    uint32_t tile = i * 3;
    int32_t class_ = 1 + truth[tile] % 5;
    g_assert_true (tsr_project_label (project, &tile, &class_, 1, true,
                                      i % 7 ? TSR_HOW_SUGGESTED : TSR_HOW_PICKED, "Ada Moreau",
                                      NULL, &error));
  }
  g_assert_cmpint (tsr_project_write_blind (project, other, &(TsrBlindOptions){0}, NULL, &error), >,
                   0);
  uint32_t some[] = {1, 2, 4, 5, 7, 8};
  int32_t second = 2, third = 3;
  tsr_project_exclude (project, &some[0], 1, true, "Ada Moreau", NULL, &error);
  tsr_project_label (project, some, &second, 6, true, TSR_HOW_LASSO, "Ada Moreau", NULL, &error);
  tsr_project_undo (project, "Ada Moreau", NULL, NULL, &error);
  tsr_project_close (project);
  project = tsr_project_open (other, TSR_PROJECT_READ_WRITE, &error);
  for (uint32_t i = 0; i < 126; i++) {
    uint32_t tile = i * 3;
    int32_t class_ = tsr_random_uniform (&random) < 0.15 ? third : 1 + truth[tile] % 5;
    g_assert_true (tsr_project_label (project, &tile, &class_, 1, true, TSR_HOW_SUGGESTED,
                                      "Ben Okafor", NULL, &error));
  }
  tsr_project_close (project);
  return other;
}

int
main (int argc, char **argv)
{
  if (argc < 2) {
    g_printerr ("usage: %s OUT [PROJECT]\n", argv[0]);
    return 2;
  }
  out = argv[1];
  window_fixture_home ();
  gtk_init ();
  adw_init ();
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = argc > 2 ? g_strdup (argv[2])
                       : window_fixture_project (test.folder, "study", N, 5, WINDOW_FIXTURE_ALL);
  g_autofree char *other = read_twice (test.path, test.folder);
  window_test_reopen (&test);
  if (g_getenv ("TESSERA_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);

  g_action_group_activate_action (G_ACTION_GROUP (test.window), "history", NULL);
  save (&test, TESSERA_TYPE_HISTORY_WINDOW, "history");
  gtk_window_close (GTK_WINDOW (find_window (TESSERA_TYPE_HISTORY_WINDOW)));

  g_action_group_activate_action (G_ACTION_GROUP (test.window), "second-reader", NULL);
  save (&test, ADW_TYPE_MESSAGE_DIALOG, "second-reader");
  gtk_window_close (GTK_WINDOW (find_window (ADW_TYPE_MESSAGE_DIALOG)));

  tessera_readers_window_compare (test.window, other);
  save (&test, TESSERA_TYPE_READERS_WINDOW, "two-readers");
  GtkWidget *window = find_window (TESSERA_TYPE_READERS_WINDOW);
  GtkWidget *switcher = window_test_find (window, GTK_TYPE_STACK_SWITCHER);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gtk_widget_get_last_child (switcher)), TRUE);
  save (&test, TESSERA_TYPE_READERS_WINDOW, "disagreements");
  g_signal_emit_by_name (window_test_find_button (window, "Work through the disagreements"),
                         "clicked");
  window_test_settle (&test);
  save (&test, TESSERA_TYPE_WINDOW, "consensus");
  window_test_close (&test);
  return 0;
}
