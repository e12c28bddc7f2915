/* Pictures of the page that says how good it is: health-screenshots OUT; health.png is for docs. Of
 * a synthetic project with two scanners, one of which alone saw a class. */

#include "picture.h"
#include "tessera-health-window.h"
#include "tessera-session-audit.h"
#include "window-test.h"

#define N 600

static const char *out;

static void
save (GtkWidget *window, const char *name)
{
  window_test_pass (1500);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  picture_save (window, path);
}

static void
label_next (WindowTest *test, bool slip)
{
  TesseraSession *session = window_test_session (test);
  uint32_t tile = tessera_session_get_current (session);
  GPtrArray *classes = tessera_session_get_classes (session);
  int32_t truth = tessera_session_get_truth_class (session, tile);
  tessera_session_label (session, slip ? ((TsrClass *)classes->pdata[0])->id : truth);
  window_test_settle (test);
}

static void
join_scanners (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_autofree int32_t *truth = g_new (int32_t, N);
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  const char *values[N];
  for (uint32_t i = 0; i < N; i++)
    values[i] = truth[i] == 1 || i % 4 == 0 ? "Leica GT450" : "Hamamatsu S360";
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  g_ptr_array_add (columns, tsr_column_new ("Scanner", values, N));
  g_assert_true (tsr_project_put_columns (project, columns, &error));
}

static gboolean
is_measured (WindowTest *test, gpointer page)
{
  return !tessera_health_window_is_busy (page);
}

static void
expand_rows (GtkWidget *root)
{
  if (ADW_IS_EXPANDER_ROW (root))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (root), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    expand_rows (child);
}

static void
take (WindowTest *test, const char *name, bool expand)
{
  GtkWidget *page =
      tessera_health_window_new (GTK_WINDOW (test->window), window_test_session (test));
  gtk_window_set_default_size (GTK_WINDOW (page), 720, expand ? 2060 : 660);
  gtk_window_present (GTK_WINDOW (page));
  window_test_wait (test, "it is measured", is_measured, page);
  if (expand)
    expand_rows (page);
  save (page, name);
  gtk_window_destroy (GTK_WINDOW (page));
}

int
main (int argc, char **argv)
{
  if (argc < 2 || !window_test_can_run ())
    return argc < 2;
  out = argv[1];
  window_fixture_home ();
  adw_init ();
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = window_fixture_project (test.folder, "study", N, 5, WINDOW_FIXTURE_ALL);
  join_scanners (test.path);
  window_test_reopen (&test);
  if (g_getenv ("TESSERA_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  take (&test, "health-empty", false);
  for (int i = 0; i < 24; i++)
    label_next (&test, i == 7 || i == 15);
  take (&test, "health", false);
  take (&test, "health-whole", true);
  save (GTK_WIDGET (test.window), "health-panel");
  tessera_session_start_audit (window_test_session (&test), 30);
  window_test_settle (&test);
  for (int i = 0; i < 8; i++)
    label_next (&test, false);
  save (GTK_WIDGET (test.window), "health-check");
  tessera_session_pause_audit (window_test_session (&test));
  window_test_settle (&test);
  take (&test, "health-interrupted", false);
  tessera_session_resume_audit (window_test_session (&test));
  window_test_settle (&test);
  while (tessera_session_is_auditing (window_test_session (&test)))
    label_next (&test, false);
  window_test_pass (300);
  take (&test, "health-done", false);
  return 0;
}
