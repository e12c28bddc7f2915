/* The loop of labelling where keys, focus and selection meet: what has the keys after a field or a
 * button was used, what a click in the grid does, what is said of a prediction. */

#include "tessera-job-bar.h"
#include "tessera-map-view-private.h"
#include "tessera-queue-strip.h"
#include "tessera-sidebar.h"
#include "tessera-thumb.h"
#include "tessera-tile-grid.h"
#include "tessera-tile-panel.h"
#include "window-test.h"

#include <string.h>

#define N 150

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
  return g_array_index (tessera_session_get_queue (window_test_session (test)), uint32_t, i);
}

static gboolean
is_typing (WindowTest *test)
{
  return GTK_IS_EDITABLE (gtk_window_get_focus (GTK_WINDOW (test->window)));
}

static gboolean
is_visible (GtkWidget *widget, gpointer type)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, GPOINTER_TO_SIZE (type)) &&
         gtk_widget_get_mapped (widget);
}

static GtkWidget *
find_in (WindowTest *test, GType inside, GType type)
{
  GtkWidget *root = window_test_find (GTK_WIDGET (test->window), inside);
  return window_test_find_if (root, is_visible, GSIZE_TO_POINTER (type));
}

/* A class typed, a tile clicked that takes no focus, a number: the tile gets the label. */
static void
test_leave_field (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  GtkWidget *entry = find_in (test, TESSERA_TYPE_SIDEBAR, GTK_TYPE_ENTRY);
  window_test_click (test, entry);
  window_test_xdotool ("type --delay 20 Tumour");
  window_test_key (test, "Return");
  window_test_xdotool ("type --delay 20 Stroma"); /* the field waits for the next name */
  window_test_key (test, "Return");
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 2);
  g_assert_true (is_typing (test));
  uint32_t tile = queued (test, 0);
  window_test_click (test, find_in (test, TESSERA_TYPE_QUEUE_STRIP, TESSERA_TYPE_THUMB));
  g_assert_false (is_typing (test));
  window_test_key (test, "2");
  g_assert_cmpint (window_fixture_label_on_disk (test->path, tile), ==,
                   tessera_session_get_class_for_key (session, '2')->id);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");

  window_test_click (test, entry);
  window_test_xdotool ("type --delay 20 half");
  window_test_key (test, "Escape");
  g_assert_false (is_typing (test));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  window_test_click (test, entry);
  g_assert_true (is_typing (test));
  window_test_key (test, "Return");
  g_assert_false (is_typing (test));
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 2);
}

/* Space skips although a button has the focus, unless the button shows that. */
static void
test_space (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  window_test_key (test, "1");
  window_test_key (test, "ctrl+z");
  GtkWidget *bar = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_JOB_BAR);
  GtkWidget *redo = GTK_WIDGET (gtk_widget_get_template_child (bar, TESSERA_TYPE_JOB_BAR, "redo"));
  g_assert_true (gtk_widget_is_sensitive (redo));
  uint32_t tile = queued (test, 0);
  gtk_widget_grab_focus (redo);
  gtk_window_set_focus_visible (GTK_WINDOW (test->window), FALSE);
  window_test_key (test, "space");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 0);
  g_assert_cmpuint (queued (test, 0), !=, tile);
  gtk_widget_grab_focus (redo);
  gtk_window_set_focus_visible (GTK_WINDOW (test->window), TRUE);
  window_test_key (test, "space");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);
}

static void
click_thumb (WindowTest *test, GtkWidget *thumb, const char *with)
{
  int x, y;
  window_test_root_point (test, thumb, gtk_widget_get_width (thumb) / 2.0,
                          gtk_widget_get_height (thumb) / 2.0, &x, &y);
  window_test_xdotool ("mousemove %d %d", x, y);
  window_test_pass (60);
  if (with != NULL)
    window_test_xdotool ("keydown %s click 1 keyup %s", with, with);
  else
    window_test_xdotool ("click 1");
  window_test_settle (test);
}

static void
test_grid (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  uint32_t tiles[40];
  for (uint32_t i = 0; i < 40; i++)
    tiles[i] = 3 * i;
  tessera_session_select (session, tiles, 40, TESSERA_SELECT_REPLACE);
  window_test_settle (test);
  window_test_pass (200);
  GtkWidget *grid = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_GRID);
  GtkWidget *cell = gtk_widget_get_next_sibling (gtk_widget_get_parent (
      window_test_find_if (grid, is_visible, GSIZE_TO_POINTER (TESSERA_TYPE_THUMB))));
  GtkWidget *thumb = gtk_widget_get_first_child (cell);
  uint32_t tile = tessera_thumb_get_tile (TESSERA_THUMB (thumb));
  size_t n;
  click_thumb (test, thumb, NULL);
  tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, ==, 40);
  g_assert_cmpuint (tessera_session_get_current (session), ==, tile);
  g_assert_true (gtk_widget_has_css_class (thumb, "current"));

  click_thumb (test, thumb, "ctrl");
  tessera_session_get_selection (session, &n);
  g_assert_cmpuint (n, ==, 39);
  g_assert_false (tessera_session_is_selected (session, tile));
  window_test_key (test, "2");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 39);
  g_assert_cmpint (tessera_session_get_label (session, tile), ==, TSR_LABEL_NONE);
}

static const char *
panel_text (WindowTest *test, const char *child)
{
  GtkWidget *panel = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_PANEL);
  return gtk_label_get_text (
      GTK_LABEL (gtk_widget_get_template_child (panel, TESSERA_TYPE_TILE_PANEL, child)));
}

/* With labels of one class nothing is sure. */
static void
test_sure (WindowTest *test, gconstpointer data)
{
  window_test_key (test, "1");
  g_assert_null (strstr (panel_text (test, "state"), "sure"));
  g_assert_nonnull (strstr (panel_text (test, "state"), "only class"));
  g_assert_null (strstr (panel_text (test, "follows"), "margin"));
  window_test_key (test, "2");
  g_assert_nonnull (strstr (panel_text (test, "state"), "sure"));
  g_assert_nonnull (strstr (panel_text (test, "follows"), "margin"));

  /* A name however long leaves that word to be read. */
  TesseraSession *session = window_test_session (test);
  TsrClass class_ = *tessera_session_get_class (
      session,
      tessera_session_get_prediction (session, tessera_session_get_current (session))->class_id);
  class_.name = (char *)"Megakaryocyte-derived platelets of unknown origin";
  tessera_session_update_class (session, &class_);
  window_test_settle (test);
  GtkWidget *panel = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_PANEL);
  GtkLabel *state =
      GTK_LABEL (gtk_widget_get_template_child (panel, TESSERA_TYPE_TILE_PANEL, "state"));
  g_assert_nonnull (strstr (gtk_label_get_text (state), "sure"));
  window_test_pass (200);
  g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (state)));
}

/* The card goes with the key: the panel shows another tile then. */
static void
test_card (WindowTest *test, gconstpointer data)
{
  TesseraMapView *map = window_test_map (test);
  double x, y;
  int root_x, root_y;
  g_assert_true (tessera_map_view_locate (map, queued (test, 3), &x, &y));
  window_test_root_point (test, GTK_WIDGET (map), x, y, &root_x, &root_y);
  window_test_xdotool ("mousemove %d %d", root_x, root_y);
  window_test_pass (400);
  g_assert_true (map->card_shown);
  window_test_key (test, "1");
  window_test_pass (300);
  g_assert_false (map->card_shown);
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
      {"leave-field", test_leave_field, WINDOW_FIXTURE_VECTORS | WINDOW_FIXTURE_MAP},
      {"space", test_space, WINDOW_FIXTURE_ALL},
      {"grid", test_grid, WINDOW_FIXTURE_ALL},
      {"sure", test_sure, WINDOW_FIXTURE_ALL},
      {"card", test_card, WINDOW_FIXTURE_ALL},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/loop/", tests[i].name, NULL);
    g_test_add (path, WindowTest, GINT_TO_POINTER (tests[i].parts), set_up, tests[i].test,
                tear_down);
  }
  return g_test_run ();
}
