/* What the panel beside the map shows on a small screen: the tile, what is predicted, what that
 * follows, a row of neighbours, and every class within reach. */

#include "tessera-label-pad.h"
#include "tessera-thumb.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"
#include "window-test.h"

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
count_thumbs (GtkWidget *root, guint *shown, guint *whole)
{
  if (TESSERA_IS_THUMB (root)) {
    *shown += gtk_widget_get_mapped (root) ? 1 : 0;
    *whole += in_sight (root) ? 1 : 0;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count_thumbs (child, shown, whole);
}

static void
check_panel (WindowTest *test)
{
  GtkWidget *panel = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_PANEL);
  GtkWidget *picture = window_test_find (panel, TESSERA_TYPE_TILE_PICTURE);
  guint shown = 0, whole = 0;
  count_thumbs (panel, &shown, &whole);
  g_assert_true (in_sight (picture));
  g_assert_cmpint (gtk_widget_get_height (picture), >=, 130);
  g_assert_cmpuint (shown, >=, 1 + 5); /* what it follows, and neighbours */
  g_assert_cmpuint (whole, ==, shown);
}

static void
test_eight_classes (void)
{
  WindowTest test;
  open_with_classes (&test, 8);
  check_panel (&test);
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

/* More classes than fit scroll, and leave the tile's own lines alone. */
static void
test_fourteen_classes (void)
{
  WindowTest test;
  open_with_classes (&test, 14);
  check_panel (&test);
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
  check_panel (&test);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (g_getenv ("DISPLAY") == NULL) {
    g_print ("1..0 # SKIP no display to open a window on\n");
    return 0;
  }
  window_fixture_home ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/panel/eight-classes", test_eight_classes);
  g_test_add_func ("/panel/fourteen-classes", test_fourteen_classes);
  g_test_add_func ("/panel/long-names", test_long_names);
  return g_test_run ();
}
