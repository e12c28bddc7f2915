/* By keys alone: on a tour of the window Tab comes to everything that takes the focus, and one sees
 * where it is. Widgets of which one stands for all (rows of a list, tiles of a row, a group of
 * choices) are gone through with the arrows. */

#include "tessera-window-private.h"
#include "window-tour.h"

#include <string.h>

enum { MOST_STEPS = 400 };

typedef struct {
  GHashTable *seen;  /* char *: stops that were looked at */
  GHashTable *wrong; /* char *: each told once */
  unsigned reached;
} Findings;

/* ---- what is to be reached ---- */

/* The toolkit's own: what its windows and its buttons to move a window are made of, what is in a
 * choice, what closes a toast. */
static gboolean
is_of_the_toolkit (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);
  return GTK_IS_WINDOW_CONTROLS (widget) || GTK_IS_POPOVER (widget) ||
         g_str_equal (G_OBJECT_TYPE_NAME (widget), "AdwToastWidget") ||
         (GTK_IS_BUTTON (widget) && GTK_IS_SPIN_BUTTON (parent)) ||
         (GTK_IS_LIST_VIEW (widget) && gtk_widget_get_ancestor (widget, GTK_TYPE_DROP_DOWN)) ||
         gtk_widget_get_ancestor (widget, ADW_TYPE_COMBO_ROW) != NULL;
}

/* One of several between which arrows go. */
static gboolean
is_one_of_several (GtkWidget *widget)
{
  return GTK_IS_LIST_BOX_ROW (widget) || GTK_IS_FLOW_BOX_CHILD (widget) ||
         g_str_equal (G_OBJECT_TYPE_NAME (widget), "GtkListItemWidget") ||
         (GTK_IS_TOGGLE_BUTTON (widget) &&
          gtk_widget_has_css_class (gtk_widget_get_parent (widget), "linked")) ||
         GTK_IS_CHECK_BUTTON (widget);
}

static gboolean
takes_focus (GtkWidget *widget)
{
  for (GtkWidget *at = widget; at != NULL; at = gtk_widget_get_parent (at))
    if (!gtk_widget_get_can_focus (at))
      return FALSE;
  return gtk_widget_get_focusable (widget) && gtk_widget_is_sensitive (widget) &&
         !GTK_IS_SCROLLED_WINDOW (widget);
}

static gboolean
holds (GtkWidget *widget, GHashTable *visited)
{
  GHashTableIter iter;
  gpointer one;
  g_hash_table_iter_init (&iter, visited);
  while (g_hash_table_iter_next (&iter, &one, NULL))
    if (one == widget || gtk_widget_is_ancestor (one, widget))
      return TRUE;
  return FALSE;
}

static void
tell (Findings *findings, const char *where, GtkWidget *widget, const char *what)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);
  g_hash_table_add (findings->wrong,
                    g_strdup_printf ("%s: %s “%s” in %s %s", where, G_OBJECT_TYPE_NAME (widget),
                                     gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)),
                                     parent != NULL ? G_OBJECT_TYPE_NAME (parent) : "nothing",
                                     what));
}

static void
look (Findings *findings, GtkWidget *widget, GHashTable *visited, const char *where)
{
  if (!gtk_widget_get_mapped (widget) || is_of_the_toolkit (widget))
    return;
  GtkWidget *counted = is_one_of_several (widget) ? gtk_widget_get_parent (widget) : widget,
            *list = gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_BOX);
  if (GTK_IS_CHECK_BUTTON (widget) && list != NULL) /* its row answers for it */
    counted = list;
  if (takes_focus (widget) && !holds (counted, visited))
    tell (findings, where, widget, "is not reached");
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look (findings, child, visited, where);
}

/* ---- where the focus is ---- */

/* What a window shows; it has been drawn when it has been asked for a while. */
static GskRenderNode *
draw (GdkPaintable *paintable, int width, int height)
{
  GskRenderNode *node = NULL;
  for (int i = 0; i < 100 && node == NULL; i++) {
    window_test_pass (30);
    GtkSnapshot *snapshot = gtk_snapshot_new ();
    gdk_paintable_snapshot (paintable, snapshot, width, height);
    node = gtk_snapshot_free_to_node (snapshot);
  }
  g_assert_nonnull (node);
  return node;
}

static GBytes *
pixels_of (GtkWidget *window)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  int width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);
  GskRenderNode *node = draw (paintable, width, height);
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);
  g_autoptr (GdkTexture) texture =
      gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, &area);
  gsk_render_node_unref (node);
  gsize stride = (gsize)width * 4, n = stride * (gsize)height;
  guchar *data = g_malloc (n);
  gdk_texture_download (texture, data, stride);
  return g_bytes_new_take (data, n);
}

/* The same window with and without a sign of the focus: something must be another. Nothing moves
 * meanwhile. A field shows it always. */
static gboolean
shows_focus (GtkWindow *window, GtkWidget *focus)
{
  gboolean field = GTK_IS_EDITABLE (focus);
  window_test_pass (60); /* what scrolled to it has come to rest */
  gtk_window_set_focus_visible (window, TRUE);
  g_autoptr (GBytes) with = pixels_of (GTK_WIDGET (window));
  if (field)
    gtk_window_set_focus (window, NULL);
  else
    gtk_window_set_focus_visible (window, FALSE);
  g_autoptr (GBytes) without = pixels_of (GTK_WIDGET (window));
  if (field)
    gtk_widget_grab_focus (focus);
  gtk_window_set_focus_visible (window, TRUE);
  return !g_bytes_equal (with, without);
}

/* Tab from the beginning to the end. */
static void
walk (Findings *findings, GtkWindow *window, const char *where)
{
  g_autoptr (GHashTable) visited = g_hash_table_new (NULL, NULL);
  gtk_window_set_focus (window, NULL);
  for (int i = 0; i < MOST_STEPS; i++) {
    if (!gtk_widget_child_focus (GTK_WIDGET (window), GTK_DIR_TAB_FORWARD))
      break;
    GtkWidget *focus = gtk_window_get_focus (window);
    if (focus == NULL || !g_hash_table_add (visited, focus))
      break;
    if (!is_of_the_toolkit (focus) && !gtk_widget_get_ancestor (focus, GTK_TYPE_WINDOW_CONTROLS) &&
        !shows_focus (window, focus))
      tell (findings, where, focus, "does not show that it has the focus");
  }
  findings->reached += g_hash_table_size (visited);
  look (findings, GTK_WIDGET (window), visited, where);
}

/* ---- the tour ---- */

static void
stop_cb (WindowTest *test, const char *where, gpointer data)
{
  static const char *const stops[] = {"start",
                                      "import",
                                      "import of slides",
                                      "a project that is not there",
                                      "several tiles",
                                      "one tile",
                                      "map and slide",
                                      "training, not begun",
                                      "how good it is",
                                      "a check with random tiles",
                                      "the history",
                                      "two readers",
                                      "the gallery, nothing selected",
                                      "the lab",
                                      "the lab, walking",
                                      "the lab, mixing",
                                      "the lab, by classes",
                                      "normalise",
                                      "place-tiles",
                                      NULL};
  Findings *findings = data;
  if (!g_strv_contains (stops, where) || !g_hash_table_add (findings->seen, g_strdup (where)))
    return;
  GListModel *toplevels = gtk_window_get_toplevels ();
  g_autoptr (GtkWindow) window = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) { /* the one in front */
    g_autoptr (GtkWindow) toplevel = g_list_model_get_item (toplevels, i);
    if (gtk_widget_get_mapped (GTK_WIDGET (toplevel)) &&
        (window == NULL || toplevel != GTK_WINDOW (test->window)))
      g_set_object (&window, toplevel);
  }
  window_test_pass (300);
  walk (findings, window, where);
}

static void
test_tour (gconstpointer tour)
{
  Findings findings = {.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                       .wrong = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-cursor-blink",
                FALSE, NULL);
  ((void (*) (WindowTourStop, gpointer))tour) (stop_cb, &findings);
  g_test_message ("%u widgets reached at %u stops", findings.reached,
                  g_hash_table_size (findings.seen));
  GHashTableIter iter;
  gpointer sentence;
  g_hash_table_iter_init (&iter, findings.wrong);
  while (g_hash_table_iter_next (&iter, &sentence, NULL))
    g_printerr ("%s\n", (char *)sentence);
  g_assert_cmpuint (findings.reached, >, 10);
  if (g_hash_table_size (findings.wrong) > 0)
    g_test_fail_printf ("%u widgets are out of the keyboard's reach or sight",
                        g_hash_table_size (findings.wrong));
  g_hash_table_unref (findings.seen);
  g_hash_table_unref (findings.wrong);
}

/* ---- after a menu ---- */

static gboolean
menu_is (WindowTest *test, gpointer shown)
{
  GtkPopover *menu = gtk_menu_button_get_popover (test->window->menu);
  return gtk_widget_get_mapped (GTK_WIDGET (menu)) == (GPOINTER_TO_INT (shown) != 0);
}

/* An act of a submenu (here the rule that there is) leaves the keys with the tiles. */
static void
test_after_submenu (void)
{
  enum { TO_LABELLING = 6 };
  WindowTest test;
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  window_test_key (&test, "space");
  window_test_key (&test, "F10");
  window_test_wait (&test, "the menu", menu_is, GINT_TO_POINTER (TRUE));
  for (int i = 0; i < TO_LABELLING; i++)
    window_test_key (&test, "Down");
  window_test_key (&test, "Return");
  window_test_pass (300);
  g_assert_true (menu_is (&test, GINT_TO_POINTER (TRUE)));
  window_test_key (&test, "Down");
  window_test_key (&test, "Return");
  window_test_wait (&test, "the menu has closed", menu_is, GINT_TO_POINTER (FALSE));
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (test.window));
  g_assert_true (focus == NULL || gtk_widget_get_mapped (focus));
  guint before = window_fixture_journal_length (test.path);
  window_test_key (&test, "1");
  g_assert_cmpuint (window_fixture_journal_length (test.path), ==, before + 1);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_can_run ())
    return 0;
  g_unsetenv ("GTK_THEME"); /* libadwaita's own, as users have it */
  window_fixture_home ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_data_func ("/keyboard/beginnings", window_tour_beginnings, test_tour);
  g_test_add_data_func ("/keyboard/project", window_tour_project, test_tour);
  g_test_add_data_func ("/keyboard/beside", window_tour_beside, test_tour);
  g_test_add_data_func ("/keyboard/dialogs", window_tour_dialogs, test_tour);
  g_test_add_func ("/keyboard/after-submenu", test_after_submenu);
  return g_test_run ();
}
