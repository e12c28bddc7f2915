/* What colours the map: each choice's points against the session, and a table joined and chosen in
 * a real window. */

#include "tessera-coloring.h"
#include "tessera-export-dialog.h"
#include "tessera-join.h"
#include "tessera-map-legend.h"
#include "tessera-map-pane.h"
#include "tsr-map-figure.h"
#include "window-test.h"

#include <string.h>

#define N 120

static void
set_up (WindowTest *test, gconstpointer data)
{
  window_test_open (test, N, WINDOW_FIXTURE_ALL);
}

static void
tear_down (WindowTest *test, gconstpointer data)
{
  window_test_close (test);
}

static const TesseraColoring *
find (GPtrArray *choices, const char *id)
{
  for (guint i = 0; i < choices->len; i++) {
    const TesseraColoring *choice = g_ptr_array_index (choices, i);
    if (g_str_equal (choice->id, id))
      return choice;
  }
  return NULL;
}

/* Labels two tiles, the first by its truth, the second against it. */
static void
label_two (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  tessera_session_select_one (session, 0);
  int32_t truth = tessera_session_get_truth_class (session, 0);
  tessera_session_label (session, truth);
  window_test_settle (test);
  uint32_t other = 1;
  while (tessera_session_get_truth_class (session, other) == truth)
    other++;
  tessera_session_select_one (session, other);
  tessera_session_label (session, truth);
  window_test_settle (test);
}

static void
test_right_or_wrong (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  g_autoptr (GPtrArray) hidden = tessera_colorings (session);
  g_assert_null (find (hidden, "truth")); /* not before the user wants to see the truth */
  g_assert_null (find (hidden, "right"));
  tessera_session_set_setting (session, "view.truth", "1");
  label_two (test);
  g_autoptr (GPtrArray) choices = tessera_colorings (session);
  const TesseraColoring *right = find (choices, "right");
  g_autofree TesseraMapPoint *points = tessera_coloring_points (right, session);
  uint32_t count[2] = {0, 0};
  for (uint32_t i = 0; i < N; i++) {
    int32_t label = tessera_session_get_label (session, i),
            said = label >= 0 ? label : tessera_session_get_prediction (session, i)->class_id;
    g_assert_cmpuint (points[i].class_index, ==,
                      said == tessera_session_get_truth_class (session, i) ? 0 : 1);
    count[points[i].class_index]++;
  }
  g_assert_cmpuint (count[0], >, 0);
  g_assert_cmpuint (count[1], >, 0);
  g_autoptr (GArray) legend = tessera_coloring_legend (right, session, points);
  g_assert_cmpuint (legend->len, ==, 2);
  for (guint k = 0; k < 2; k++)
    g_assert_cmpuint (g_array_index (legend, TesseraLegendEntry, k).count, ==, count[k]);

  /* It counts the points it is given, and paints none anew. */
  for (uint32_t i = 0; i < N; i++)
    points[i].class_index = i < 7 ? 1 : TESSERA_MAP_NO_CLASS;
  g_autoptr (GArray) recounted = tessera_coloring_legend (right, session, points);
  g_assert_cmpuint (g_array_index (recounted, TesseraLegendEntry, 0).count, ==, 0);
  g_assert_cmpuint (g_array_index (recounted, TesseraLegendEntry, 1).count, ==, 7);
}

static void
test_distance (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  label_two (test);
  g_autoptr (GPtrArray) choices = tessera_colorings (session);
  const TesseraColoring *distance = find (choices, "distance");
  g_autofree TesseraMapPoint *points = tessera_coloring_points (distance, session);
  guint8 most = 0;
  float farthest = 0;
  uint32_t at = 0;
  for (uint32_t i = 0; i < N; i++) {
    g_assert_true (points[i].flags & TESSERA_MAP_POINT_VALUE);
    most = MAX (most, points[i].value);
    const TsrPrediction *prediction = tessera_session_get_prediction (session, i);
    if (prediction->distance > farthest) {
      farthest = prediction->distance;
      at = i;
    }
  }
  g_assert_cmpuint (most, ==, 255);
  g_assert_cmpuint (points[at].value, ==, 255);
  g_assert_cmpuint (points[0].value, ==, 0); /* a label is no distance from itself */
  g_autofree char *low = NULL, *high = NULL, *expected = g_strdup_printf ("%.3g", farthest);
  g_assert_true (tessera_coloring_ramp (distance, session, &low, &high));
  g_assert_true (g_str_has_prefix (high, expected));
  g_autofree char *no_low = NULL, *no_high = NULL;
  g_assert_false (tessera_coloring_ramp (find (choices, "label"), session, &no_low, &no_high));
}

/* ---- a table ---- */

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (GError) error = NULL;
  TesseraJoinResult **out = user;
  *out = tessera_join_finish (result, &error);
  g_assert_no_error (error);
}

static gboolean
is_joined (WindowTest *test, gpointer data)
{
  return *(TesseraJoinResult **)data != NULL;
}

static gboolean
has_columns (WindowTest *test, gpointer data)
{
  return tessera_session_get_columns (window_test_session (test))->len == GPOINTER_TO_UINT (data);
}

/* slide: 15 values, the first of them the most frequent; depth: a scale; the last tile in no row.
 */
static void
join_table (WindowTest *test)
{
  g_autofree char *table = g_build_filename (test->folder, "table.csv", NULL);
  g_autoptr (GString) text = g_string_new ("tile_id,slide,depth\n");
  for (int i = 0; i < N - 1; i++)
    g_string_append_printf (text, "%d,S%02d,%d\n", i, i < 30 ? 0 : i % 15, 2 * i);
  g_string_append (text, "999,S00,1\n");
  g_assert_true (g_file_set_contents (table, text->str, -1, NULL));
  TesseraJoinResult *joined = NULL;
  tessera_join_async (test->path, table, joined_cb, &joined);
  window_test_wait (test, "the table is joined", is_joined, &joined);
  g_assert_cmpuint (joined->columns, ==, 2);
  g_assert_cmpuint (joined->used, ==, N - 1);
  g_assert_cmpuint (joined->rows, ==, N);
  g_assert_nonnull (strstr (joined->reason, "999"));
  tessera_join_result_free (joined);
  tessera_session_reload (window_test_session (test));
  window_test_wait (test, "the session has its columns", has_columns, GUINT_TO_POINTER (2));
  window_test_settle (test);
}

static void
test_columns (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  join_table (test);
  g_autoptr (GPtrArray) choices = tessera_colorings (session);
  const TesseraColoring *slide = find (choices, "column:slide"),
                        *depth = find (choices, "column:depth");
  g_autofree TesseraMapPoint *points = tessera_coloring_points (slide, session);
  g_autoptr (GArray) palette = tessera_coloring_palette (slide, session);
  g_assert_cmpuint (points[5].class_index, ==, 0);
  g_assert_cmpuint (points[N - 1].class_index, ==, TESSERA_MAP_NO_CLASS);
  unsigned grey = 0;
  for (uint32_t i = 0; i < N - 1; i++) {
    g_assert_true (points[i].class_index < palette->len ||
                   points[i].class_index == TESSERA_MAP_NO_CLASS);
    grey += points[i].class_index == TESSERA_MAP_NO_CLASS;
  }
  g_autoptr (GArray) legend = tessera_coloring_legend (slide, session, points);
  g_assert_cmpuint (legend->len, ==, 14); /* twelve, the others, and what the table lacks */
  g_assert_cmpuint (g_array_index (legend, TesseraLegendEntry, 12).count, ==, grey);
  g_assert_cmpuint (g_array_index (legend, TesseraLegendEntry, 13).count, ==, 1);

  g_autofree TesseraMapPoint *values = tessera_coloring_points (depth, session);
  g_assert_cmpuint (values[0].value, ==, 0);
  g_assert_cmpuint (values[N - 2].value, ==, 255);
  g_assert_true (values[0].flags & TESSERA_MAP_POINT_VALUE);
  g_assert_false (values[N - 1].flags & TESSERA_MAP_POINT_VALUE);
  g_autofree char *low = NULL, *high = NULL;
  g_assert_true (tessera_coloring_ramp (depth, session, &low, &high));
  g_assert_cmpstr (low, ==, "0");
  g_assert_cmpstr (high, ==, "236");
}

/* The map's picture as the window exports it with a setting of "Colour by", and as it should be. */
static void
check_exported (WindowTest *test, const char *setting, TsrFigureOptions figure)
{
  GError *error = NULL;
  TsrProgress progress = {NULL};
  TesseraSession *session = window_test_session (test);
  g_autofree char *path = g_build_filename (test->folder, "exported.png", NULL),
                  *other = g_build_filename (test->folder, "expected.png", NULL), *got = NULL,
                  *expected = NULL;
  gsize n, m;
  tessera_session_set_setting (session, "view.color-by", setting);
  window_test_settle (test);
  g_assert_true (tessera_export_write (session, TESSERA_EXPORT_MAP, path, &error));
  g_assert_no_error (error);
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_ONLY, &error);
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, &error);
  g_autoptr (TsrTable) table = tsr_table_new (project, TSR_RULE_MAP, false, &progress, &error);
  g_assert_no_error (error);
  figure.column = tsr_figure_column (columns, setting);
  g_assert_true (tsr_map_figure_write (table, &figure, other, &progress, &error));
  g_assert_true (g_file_get_contents (path, &got, &n, NULL));
  g_assert_true (g_file_get_contents (other, &expected, &m, NULL));
  if (n != m || memcmp (got, expected, n) != 0)
    g_error ("coloured by %s, the exported map differs", setting);
}

/* What is exported looks as what is shown; the truth only once it may be seen. */
static void
test_exported (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  g_autofree char *report = g_build_filename (test->folder, "report.pdf", NULL), *pdf = NULL;
  gsize length;
  g_assert_true (tessera_export_write (session, TESSERA_EXPORT_REPORT, report, NULL));
  g_assert_true (g_file_get_contents (report, &pdf, &length, NULL));
  g_assert_true (length > 2000 && memcmp (pdf, "%PDF-", 5) == 0);
  label_two (test);
  join_table (test);
  check_exported (test, "prediction", (TsrFigureOptions){.color = TSR_FIGURE_BY_PREDICTION});
  check_exported (test, "margin", (TsrFigureOptions){.color = TSR_FIGURE_BY_MARGIN});
  check_exported (test, "column:slide", (TsrFigureOptions){.color = TSR_FIGURE_BY_COLUMN});
  check_exported (test, "column:none", (TsrFigureOptions){.color = TSR_FIGURE_BY_PREDICTION});
  check_exported (test, "truth", (TsrFigureOptions){.color = TSR_FIGURE_BY_PREDICTION});
  tessera_session_set_setting (session, "view.truth", "1");
  check_exported (test, "truth", (TsrFigureOptions){.color = TSR_FIGURE_BY_TRUTH});
}

/* With the keyboard alone: the last choice of the menu is taken, drawn, explained, and still chosen
 * after a restart; a choice whose column has gone gives way to the prediction. */
static void
test_menu (WindowTest *test, gconstpointer data)
{
  join_table (test);
  GtkWidget *pane = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_PANE),
            *menu = window_test_find (pane, GTK_TYPE_DROP_DOWN),
            *legend = window_test_find (pane, TESSERA_TYPE_MAP_LEGEND);
  g_assert_false (gtk_widget_get_visible (legend));
  guint64 rasters = tessera_map_view_get_n_rasters (window_test_map (test));
  gtk_widget_grab_focus (menu);
  gtk_window_set_focus_visible (GTK_WINDOW (test->window),
                                TRUE); /* as after Tab: else Space skips */
  window_test_key (test, "space");
  window_test_pass (400);
  window_test_key (test, "End");
  window_test_key (test, "Return");
  window_test_pass (400);
  g_assert_cmpstr (tessera_session_get_setting (window_test_session (test), "view.color-by", ""),
                   ==, "column:depth");
  g_assert_true (gtk_widget_get_mapped (legend));
  g_assert_cmpuint (tessera_map_view_get_n_rasters (window_test_map (test)), >, rasters);

  window_test_close_window (test);
  window_test_reopen (test);
  pane = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_PANE);
  legend = window_test_find (pane, TESSERA_TYPE_MAP_LEGEND);
  g_assert_true (gtk_widget_get_mapped (legend));
  window_test_close_window (test);

  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_remove_column (project, "depth", NULL, &error));
  tsr_project_close (project);
  window_test_reopen (test);
  pane = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_PANE);
  menu = window_test_find (pane, GTK_TYPE_DROP_DOWN);
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (menu)), ==, 0);
}

/* ---- nothing over the map hides a point ---- */

static gboolean
is_under (WindowTest *test, GtkWidget *over, double x, double y)
{
  graphene_rect_t rect;
  g_assert_true (gtk_widget_compute_bounds (over, GTK_WIDGET (window_test_map (test)), &rect));
  graphene_rect_inset (&rect, -4, -4); /* no marker reaches below either */
  return gtk_widget_get_mapped (over) &&
         graphene_rect_contains_point (&rect, &GRAPHENE_POINT_INIT ((float)x, (float)y));
}

/* How many of the fitted map's points lie under the controls. */
static guint
count_covered (WindowTest *test)
{
  GtkWidget *pane = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_MAP_PANE),
            *menu = gtk_widget_get_parent (window_test_find (pane, GTK_TYPE_DROP_DOWN)),
            *legend = window_test_find (pane, TESSERA_TYPE_MAP_LEGEND),
            *tools = gtk_widget_get_parent (window_test_find (pane, GTK_TYPE_TOGGLE_BUTTON));
  guint covered = 0;
  for (uint32_t i = 0; i < N; i++) {
    double x, y;
    g_assert_true (tessera_map_view_locate (window_test_map (test), i, &x, &y));
    covered += is_under (test, menu, x, y) || is_under (test, legend, x, y) ||
               is_under (test, tools, x, y);
    g_assert_cmpfloat (y, >, gtk_widget_get_height (menu)); /* nor beside them */
  }
  return covered;
}

/* A map that fills its corners, in windows broad and high, without a legend and with each kind. */
static void
test_free_corners (WindowTest *test, gconstpointer data)
{
  float y[2 * N];
  for (int i = 0; i < N; i++) {
    y[2 * i] = (float)(i % 12);
    y[2 * i + 1] = (float)(i / 12);
  }
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_put_map (project, y, N, "{}", &error));
  tsr_project_close (project);
  join_table (test);
  tessera_session_set_setting (window_test_session (test), "view.truth", "1");
  window_test_settle (test);
  static const char *const colorings[] = {"prediction", "right", "distance", "column:slide"};
  for (guint k = 0; k < G_N_ELEMENTS (colorings); k++) {
    tessera_session_set_setting (window_test_session (test), "view.color-by", colorings[k]);
    window_test_settle (test);
    window_test_close_window (test);
    window_test_reopen (test);
    g_assert_cmpuint (count_covered (test), ==, 0);
    label_two (test); /* numbers in a legend have changed */
    window_test_pass (400);
    window_test_settle (test);
    g_assert_cmpuint (count_covered (test), ==, 0);
  }
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add ("/coloring/right-or-wrong", WindowTest, NULL, set_up, test_right_or_wrong, tear_down);
  g_test_add ("/coloring/distance", WindowTest, NULL, set_up, test_distance, tear_down);
  g_test_add ("/coloring/columns", WindowTest, NULL, set_up, test_columns, tear_down);
  g_test_add ("/coloring/exported", WindowTest, NULL, set_up, test_exported, tear_down);
  g_test_add ("/coloring/free-corners", WindowTest, NULL, set_up, test_free_corners, tear_down);
  g_test_add ("/coloring/menu", WindowTest, NULL, set_up, test_menu, tear_down);
  return g_test_run ();
}
