/* Batch effects are pointed out on the map by themselves: where a joined table says that clusters
 * are nearly all of one scanner, a button lists them and selects their tiles; where scanners are
 * mixed, nothing is said. The engine's clusters are those of the whole report. */

#include "tessera-map-alarm.h"
#include "tsr-health.h"
#include "window-test.h"

#define N        400
#define SCANNERS 2

static GtkWidget *
alarm_of (WindowTest *test)
{
  return window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_ALARM);
}

/* A table that tells each tile's scanner: by what is on the tile, or whatever is on it. */
static void
join (WindowTest *test, gboolean one_sided)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_column_unref);
  static const char *const scanners[SCANNERS] = {"Leica GT450", "Hamamatsu S360"};
  const char *values[N];
  int32_t truth[N];
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  for (guint i = 0; i < N; i++)
    values[i] = scanners[one_sided ? truth[i] == 1 : i % 2];
  g_ptr_array_add (columns, tsr_column_new ("Scanner", values, N));
  g_assert_true (tsr_project_put_columns (project, columns, &error));
  g_assert_no_error (error);
  tessera_session_reload (window_test_session (test));
}

static gboolean
is_raised (WindowTest *test, gpointer unused)
{
  return gtk_widget_get_mapped (alarm_of (test));
}

static void
test_one_sided (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  window_test_pass (2500);
  g_assert_false (is_raised (&test, NULL)); /* nobody says where tiles come from */
  join (&test, TRUE);
  window_test_wait (&test, "the alarm", is_raised, NULL);
  GtkMenuButton *button =
      GTK_MENU_BUTTON (window_test_find (alarm_of (&test), GTK_TYPE_MENU_BUTTON));
  gtk_menu_button_popup (button);
  window_test_pass (500);
  GtkWidget *popover = GTK_WIDGET (gtk_menu_button_get_popover (button));
  g_assert_true (gtk_widget_get_mapped (popover));
  gboolean second = window_test_says (window_test_find (popover, ADW_TYPE_ACTION_ROW), "Hamamatsu");
  g_assert_true (gtk_widget_grab_focus (window_test_find_button (popover, "Select them")));
  window_test_key (&test, "Return");
  window_test_settle (&test);
  window_test_pass (300);
  g_assert_false (gtk_widget_get_mapped (popover));
  GPtrArray *classes = tessera_session_get_classes (session);
  int32_t class_ = ((const TsrClass *)classes->pdata[1])->id;
  size_t n, right = 0;
  const uint32_t *tiles = tessera_session_get_selection (session, &n);
  for (size_t i = 0; i < n; i++)
    right += (tessera_session_get_truth_class (session, tiles[i]) == class_) == second;
  g_assert_cmpuint (n, >=, 20);
  g_assert_cmpuint (right, >=, n * 9 / 10);

  /* The table is joined anew, and the alarm goes. */
  join (&test, FALSE);
  window_test_pass (3000);
  g_assert_false (is_raised (&test, NULL));
  window_test_close (&test);
}

static void
test_same_as_report (void)
{
  g_autoptr (GError) error = NULL;
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  join (&test, TRUE);
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, &error);
  g_autoptr (TsrHealth) health = tsr_health_new (project, TSR_RULE_MAP, 0, NULL, &error);
  g_autoptr (GPtrArray) clusters = tsr_health_clusters (project, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (clusters->len, >, 0);
  g_assert_cmpuint (clusters->len, ==, health->clusters->len);
  for (guint c = 0; c < clusters->len; c++) {
    const TsrHealthCluster *a = clusters->pdata[c], *b = health->clusters->pdata[c];
    g_assert_cmpstr (a->source, ==, b->source);
    g_assert_cmpstr (a->group, ==, b->group);
    g_assert_cmpuint (a->most, ==, b->most);
    g_assert_cmpmem (a->tiles->data, a->tiles->len * sizeof (uint32_t), b->tiles->data,
                     b->tiles->len * sizeof (uint32_t));
  }
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/map-alarm/one-sided", test_one_sided);
  g_test_add_func ("/map-alarm/same-as-report", test_same_as_report);
  return g_test_run ();
}
