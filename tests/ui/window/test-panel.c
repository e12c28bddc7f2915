/* What the panel beside the map shows on a small screen: what is predicted, the tile, large, the
 * labels nearest to it, and every class within reach; the rest by scrolling. */

#include "tessera-label-pad.h"
#include "tessera-near-labels.h"
#include "tessera-session-audit.h"
#include "tessera-thumb.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"
#include "window-test.h"

#include <math.h>
#include <string.h>

#define N 300

static void
open_with_classes (WindowTest *test, guint n_classes)
{
  window_test_open (test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (test);
  for (guint i = tessera_session_get_classes (session)->len; i < n_classes; i++) {
    g_autofree char *name = g_strdup_printf ("Class %u", i + 1);
    tessera_session_add_class (session, name, -1);
    window_test_settle (test);
  }
  window_test_key (test, "1");
  window_test_key (test, "2");
  window_test_pass (400);
}

/* Whether all of widget is in sight: inside every ancestor's room. */
static gboolean
in_sight (GtkWidget *widget)
{
  graphene_rect_t own;
  for (GtkWidget *around = gtk_widget_get_parent (widget); around != NULL;
       around = gtk_widget_get_parent (around)) {
    if (!gtk_widget_compute_bounds (widget, around, &own))
      return FALSE;
    if (own.origin.x < -1 || own.origin.y < -1 ||
        own.origin.x + own.size.width > gtk_widget_get_width (around) + 1 ||
        own.origin.y + own.size.height > gtk_widget_get_height (around) + 1)
      return FALSE;
  }
  return gtk_widget_get_mapped (widget);
}

static void
count_thumbs (GtkWidget *root, guint *shown, guint *whole, GtkWidget **last)
{
  if (TESSERA_IS_THUMB (root) && gtk_widget_get_mapped (root)) {
    *shown += 1;
    *whole += in_sight (root) ? 1 : 0;
    *last = root;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count_thumbs (child, shown, whole, last);
}

static gboolean
is_in_sight (WindowTest *test, gpointer widget)
{
  return in_sight (widget);
}

static void
check_panel (WindowTest *test, int least)
{
  GtkWidget *panel = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_PANEL);
  GtkWidget *picture = window_test_find (panel, TESSERA_TYPE_TILE_PICTURE);
  GtkWidget *near = window_test_find (panel, TESSERA_TYPE_NEAR_LABELS), *last = NULL;
  guint shown = 0, whole = 0;
  g_assert_true (in_sight (picture));
  g_assert_cmpint (gtk_widget_get_height (picture), >=, least);
  g_assert_cmpint (gtk_widget_get_width (picture), >=, least);
  count_thumbs (near, &shown, &whole, &last);
  size_t labels = tessera_session_count_labelled (window_test_session (test));
  g_assert_cmpuint (shown, ==, labels); /* one or two, of three that it could show */
  g_assert_cmpuint (whole, ==, shown);
  /* what comes lower is reached by going there */
  shown = 0;
  count_thumbs (panel, &shown, &whole, &last);
  g_assert_cmpuint (shown, >=, labels + 5);
  gtk_widget_grab_focus (last);
  window_test_wait (test, "it is scrolled to", is_in_sight, last);
}

static void
test_eight_classes (void)
{
  WindowTest test;
  open_with_classes (&test, 8);
  check_panel (&test, 300);
  /* All eight class buttons and the four below them are in sight. */
  GtkWidget *pad = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_LABEL_PAD);
  GtkWidget *grid = window_test_find (pad, GTK_TYPE_GRID);
  guint buttons = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (grid); child != NULL;
       child = gtk_widget_get_next_sibling (child), buttons++)
    g_assert_true (in_sight (child));
  g_assert_cmpuint (buttons, ==, 8);
  window_test_close (&test);
}

static gboolean
caption_in_sight (GtkWidget *root)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root) && !in_sight (root))
    return FALSE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (!caption_in_sight (child))
      return FALSE;
  return TRUE;
}

/* What is said of the tile takes two lines: the picture gives them up, not the distances below it.
 */
static void
test_two_lines (void)
{
  WindowTest test;
  open_with_classes (&test, 8);
  TesseraSession *session = window_test_session (&test);
  GPtrArray *classes = tessera_session_get_classes (session);
  for (guint i = 0; i < 2; i++) {
    TsrClass longer = *(const TsrClass *)g_ptr_array_index (classes, i);
    g_autofree char *name = g_strdup (i == 0 ? "Lymphocyte rich" : "Lymphocyte poor");
    longer.name = name;
    tessera_session_update_class (session, &longer);
  }
  window_test_settle (&test);
  window_test_pass (400);
  GtkWidget *panel = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_TILE_PANEL);
  GtkWidget *picture = window_test_find (panel, TESSERA_TYPE_TILE_PICTURE);
  GtkWidget *near = window_test_find (panel, TESSERA_TYPE_NEAR_LABELS);
  g_assert_cmpint (gtk_widget_get_height (picture), >=, 260);
  g_assert_cmpint (gtk_widget_get_height (picture), <, 300);
  g_assert_true (caption_in_sight (near));
  window_test_close (&test);
}

/* More classes than fit scroll, and leave the tile's own lines and its nearest labels alone. */
static void
test_fourteen_classes (void)
{
  WindowTest test;
  open_with_classes (&test, 14);
  check_panel (&test, 260);
  GtkWidget *pad = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_LABEL_PAD);
  g_assert_cmpint (gtk_widget_get_height (pad), >, 200);
  window_test_close (&test);
}

static void
check_name (GtkWidget *button, const char *name, gboolean whole)
{
  GtkWidget *label = window_test_find (button, GTK_TYPE_LABEL);
  PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (label));
  const char *tip = gtk_widget_get_tooltip_text (button);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, name);
  g_assert_cmpint (pango_layout_is_ellipsized (layout) == 0, ==, whole);
  g_assert_cmpint (pango_layout_get_line_count (layout), <=, 2);
  g_assert_nonnull (strstr (tip, name));
}

/* Long names are read whole on the buttons; what two lines do not hold a tooltip says. */
static void
test_long_names (void)
{
  static const char *const names[] = {
      "Invasive ductal carcinoma, grade 3", "Tumour-infiltrating lymphocytes, dense",
      "Coagulative necrosis with nuclear debris",
      "A name of many words that nobody would want to read on a button, but that a project may "
      "have"};
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  GtkWidget *pad = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_LABEL_PAD);
  GtkWidget *grid = window_test_find (pad, GTK_TYPE_GRID);
  g_assert_nonnull (gtk_grid_get_child_at (GTK_GRID (grid), 1, 0)); /* short ones: two columns */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    tessera_session_add_class (window_test_session (&test), names[i], -1);
  window_test_settle (&test);
  window_test_key (&test, "1");
  window_test_pass (400);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    check_name (gtk_grid_get_child_at (GTK_GRID (grid), 0, 5 + (int)i), names[i], i < 3);
  check_panel (&test, 220); /* the picture gives way, the nearest labels stay */
  window_test_close (&test);
}

/* --- the nearest labels --- */

static gboolean
has_near_labels (WindowTest *test, gpointer n)
{
  const GArray *found = tessera_session_get_near_labels (window_test_session (test));
  return found != NULL && found->len == GPOINTER_TO_UINT (n);
}

/* The labelled tile that has `rank` labelled ones nearer on the map. */
static uint32_t
nth_label (TesseraSession *session, uint32_t tile, guint rank, double *distance)
{
  const float *map = tessera_session_get_map (session);
  g_autofree double *far = g_new (double, N);
  for (uint32_t i = 0; i < N; i++)
    far[i] = tessera_session_get_label (session, i) < 0 || i == tile
                 ? INFINITY
                 : hypot (map[2 * i] - map[2 * tile], map[2 * i + 1] - map[2 * tile + 1]);
  for (uint32_t i = 0; i < N; i++) {
    guint nearer = 0;
    for (uint32_t j = 0; j < N; j++)
      nearer += far[j] < far[i];
    if (isfinite (far[i]) && nearer == rank) {
      *distance = far[i];
      return i;
    }
  }
  g_assert_not_reached ();
}

static GtkWidget *
nth_thumb (GtkWidget *near, guint rank)
{
  GtkWidget *found = NULL;
  guint shown = 0, whole = 0;
  for (GtkWidget *cell = gtk_widget_get_parent (window_test_find (near, TESSERA_TYPE_THUMB));
       cell != NULL && shown <= rank; cell = gtk_widget_get_next_sibling (cell))
    count_thumbs (cell, &shown, &whole, &found);
  return found;
}

/* Three of them, nearest first, each with its class and how far it is in words; a click goes there.
 * None is shown of a tile whose prediction must not be seen. */
static void
test_near_labels (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  GtkWidget *near = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_NEAR_LABELS);
  g_assert_false (gtk_widget_get_mapped (near));
  static const char *const keys[] = {"1", "2", "3", "2", "1"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    window_test_key (&test, keys[i]);
  uint32_t tile = tessera_session_get_current (session);
  window_test_wait (&test, "the nearest labels are known", has_near_labels, GUINT_TO_POINTER (3));
  window_test_pass (200);
  for (guint rank = 0; rank < 3; rank++) {
    double distance;
    uint32_t label = nth_label (session, tile, rank, &distance);
    GtkWidget *thumb = nth_thumb (near, rank);
    g_assert_cmpuint (tessera_thumb_get_tile (TESSERA_THUMB (thumb)), ==, label);
    g_autofree char *far = g_strdup_printf ("%.2f", distance);
    g_assert_true (window_test_says (near, far));
    const TsrClass *class_ =
        tessera_session_get_class (session, tessera_session_get_label (session, label));
    g_autofree char *words = g_strdup_printf ("labelled %s, distance %s", class_->name, far);
    const char *tip = gtk_widget_get_tooltip_text (thumb);
    g_assert_nonnull (strstr (tip, words));
    gtk_test_accessible_assert_property (thumb, GTK_ACCESSIBLE_PROPERTY_LABEL, tip);
  }
  double distance;
  uint32_t second = nth_label (session, tile, 1, &distance);
  window_test_click (&test, nth_thumb (near, 1));
  window_test_settle (&test);
  g_assert_cmpuint (tessera_session_get_current (session), ==, second);
  tessera_session_start_audit (session, 10);
  window_test_settle (&test);
  window_test_pass (300);
  g_assert_false (gtk_widget_get_mapped (near));
  window_test_close (&test);
}

/* --- the window's menu --- */

static gboolean
is_primary (GtkWidget *widget, gpointer data)
{
  return GTK_IS_MENU_BUTTON (widget) && gtk_menu_button_get_primary (GTK_MENU_BUTTON (widget));
}

/* All of it is seen at once, on a small screen too, and F10 opens it. */
static void
test_menu_fits (void)
{
  WindowTest test;
  window_test_open (&test, 40, WINDOW_FIXTURE_ALL);
  GtkWidget *button = window_test_find_if (GTK_WIDGET (test.window), is_primary, NULL);
  window_test_key (&test, "F10");
  window_test_pass (400);
  GtkWidget *menu = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button)));
  g_assert_true (gtk_widget_get_mapped (menu));
  int natural, minimum;
  gtk_widget_measure (menu, GTK_ORIENTATION_VERTICAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (natural, <=, 720 - 60);
  GtkWidget *scroller = window_test_find (menu, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  g_assert_cmpfloat (gtk_adjustment_get_upper (place), <=,
                     gtk_adjustment_get_page_size (place) + 1);
  window_test_key (&test, "Escape");
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/panel/eight-classes", test_eight_classes);
  g_test_add_func ("/panel/two-lines", test_two_lines);
  g_test_add_func ("/panel/fourteen-classes", test_fourteen_classes);
  g_test_add_func ("/panel/long-names", test_long_names);
  g_test_add_func ("/panel/near-labels", test_near_labels);
  g_test_add_func ("/panel/menu-fits", test_menu_fits);
  return g_test_run ();
}
