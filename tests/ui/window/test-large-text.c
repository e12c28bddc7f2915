/* Text of twice the size on a small screen, in the language of LANGUAGE: on a tour of the window it
 * is nowhere wider or higher than the screen, and no word of its own is cut. */

#include "tessera-class-row.h"
#include "tessera-language.h"
#include "tessera-map-trust.h"
#include "window-tour.h"

#define WIDTH  1280
#define HEIGHT 720
#define FRAME  10 /* the window's own, where no manager is */

static guint looked_at; /* windows */

/* Tells all there is, not the first only. */
static void G_GNUC_PRINTF (1, 2) wrong (const char *format, ...)
{
  va_list values;
  va_start (values, format);
  g_autofree char *text = g_strdup_vprintf (format, values);
  va_end (values);
  g_printerr ("%s\n", text);
  g_test_fail ();
}

static gboolean
is_name (const char *text)
{
  for (const char *const *name = window_tour_names (); *name != NULL; name++)
    if (g_regex_match_simple (*name, text, 0, 0))
      return TRUE;
  return FALSE;
}

/* Made by GTK and libadwaita: a choice shows what is chosen as it can, a title gives way to the
 * buttons beside it. */
static gboolean
is_of_the_toolkit (GtkWidget *widget)
{
  return GTK_IS_DROP_DOWN (widget) || ADW_IS_HEADER_BAR (widget);
}

/* Whole windows of theirs. */
static gboolean
is_window_of_the_toolkit (GtkWidget *window)
{
  return GTK_IS_FILE_CHOOSER (window) || GTK_IS_SHORTCUTS_WINDOW (window) ||
         ADW_IS_ABOUT_WINDOW (window) || ADW_IS_MESSAGE_DIALOG (window);
}

/* Whether it reaches beyond the side of something that it is in. */
static gboolean
is_clipped (GtkWidget *widget)
{
  graphene_rect_t own;
  for (GtkWidget *around = widget; !GTK_IS_NATIVE (around);) {
    around = gtk_widget_get_parent (around);
    if (!gtk_widget_compute_bounds (widget, around, &own))
      return FALSE;
    if (own.origin.x < -1 || own.origin.x + own.size.width > gtk_widget_get_width (around) + 1)
      return !GTK_IS_VIEWPORT (around);
  }
  return FALSE;
}

static void
look (GtkWidget *widget, const char *where)
{
  if (!gtk_widget_get_mapped (widget) || is_of_the_toolkit (widget))
    return;
  if (GTK_IS_LABEL (widget)) {
    const char *text = gtk_label_get_text (GTK_LABEL (widget));
    if (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))) && !is_name (text))
      wrong ("%s: “%s” is cut", where, text);
    if (is_clipped (widget))
      wrong ("%s: “%s” reaches beyond what it is in", where, text);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look (child, where);
}

/* The window itself has the screen's width; one beside it the width it chose. */
static void
look_at_window (GtkWidget *window, const char *where, gboolean itself)
{
  int width = window_test_minimum_width (window), height;
  gtk_widget_measure (window, GTK_ORIENTATION_VERTICAL,
                      itself ? WIDTH : gtk_widget_get_width (window), &height, NULL, NULL, NULL);
  if (width > WIDTH - FRAME || height > HEIGHT - FRAME)
    wrong ("%s needs %d x %d", where, width, height);
  looked_at++;
  look (window, where);
}

static void
stop_cb (WindowTest *test, const char *where, gpointer data)
{
  if (g_str_equal (where, "training, begun")) /* not drawn yet */
    return;
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);
    if (gtk_widget_get_mapped (window) && !is_window_of_the_toolkit (window))
      look_at_window (window, where, window == GTK_WIDGET (test->window));
  }
}

static void
test_tour (gconstpointer tour)
{
  looked_at = 0;
  ((void (*) (WindowTourStop, gpointer))tour) (stop_cb, NULL);
  g_test_message ("%u windows looked at", looked_at);
  g_assert_cmpuint (looked_at, >, 0);
}

static gboolean
says (GtkWidget *widget, gpointer text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
         g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);
}

static gboolean
is_row_of (GtkWidget *widget, gpointer class_)
{
  return TESSERA_IS_CLASS_ROW (widget) &&
         window_test_find_if (widget, says, ((TsrClass *)class_)->name) != NULL;
}

/* A sentence that names a file, a reason and what to do is read whole; so is the next that takes
 * its place while it still comes in. */
static void
test_toast (void)
{
  static const char *const sentences[] = {
      "Cannot read “a_slide_of_the_archive_with_a_long_name_2023_11_07_block_B3_level_2.svs”: the "
      "file ends in the middle of a tile; copy it again from the scanner's computer.",
      "Cannot write “/home/somebody/Documents/Projects/labels_of_the_second_reader.geojson”: no "
      "space left on the disk; free some and export again."};
  WindowTest test;
  window_test_open (&test, 100, WINDOW_FIXTURE_ALL);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (sentences); i++) {
    tessera_window_toast (test.window, sentences[i / 2]);
    tessera_window_toast (test.window, sentences[1 - i / 2]);
    window_test_pass (i % 2 == 0 ? 100 : 1200);
    GtkWidget *label =
        window_test_find_if (GTK_WIDGET (test.window), says, (gpointer)sentences[1 - i / 2]);
    g_assert_nonnull (label);
    g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (label))));
    if (i % 2 == 0)
      continue;
    graphene_rect_t own; /* where it comes to rest */
    g_assert_true (gtk_widget_compute_bounds (label, GTK_WIDGET (test.window), &own));
    g_assert_cmpfloat (own.origin.x, >=, 0);
    g_assert_cmpfloat (own.origin.x + own.size.width, <=, WIDTH);
    int least, height = gtk_widget_get_height (label);
    gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width (label), &least, NULL,
                        NULL, NULL);
    g_assert_cmpint (height, >=, least);
  }
  window_test_close (&test);
}

/* The names of classes are read whole beside the map, with their counts below. */
static void
test_class_names (void)
{
  WindowTest test;
  window_test_open (&test, 100, WINDOW_FIXTURE_ALL);
  GPtrArray *classes = tessera_session_get_classes (window_test_session (&test));
  g_assert_cmpuint (classes->len, ==, 5);
  for (guint i = 0; i < classes->len; i++) {
    TsrClass *class_ = classes->pdata[i];
    GtkWidget *row = window_test_find_if (GTK_WIDGET (test.window), is_row_of, class_);
    GtkWidget *name = window_test_find_if (row, says, class_->name);
    g_assert_nonnull (name);
    g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (name))));
    g_assert_false (is_clipped (name));
  }
  window_test_close (&test);
}

static gboolean
has_info (WindowTest *test, gpointer unused)
{
  return tessera_session_get_map_info (window_test_session (test)) != NULL;
}

/* Beside the map's tools, how far to trust it, and that it can go on. */
static void
test_trust (void)
{
  g_autoptr (GError) error = NULL;
  gint stop = 1;
  WindowTest test;
  window_test_open (&test, 300, WINDOW_FIXTURE_VECTORS);
  TsrMapJob job = {.project = test.path, .method = "tsne", .stop = &stop};
  tsr_job_map (NULL, NULL, &job, &error);
  g_assert_no_error (error);
  tessera_session_reload (window_test_session (&test));
  window_test_wait (&test, "the map", has_info, NULL);
  window_test_settle (&test);
  window_test_pass (300);
  GtkWidget *trust = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_MAP_TRUST);
  g_assert_true (gtk_widget_get_mapped (trust));
  look_at_window (GTK_WIDGET (test.window), "a map that can go on", TRUE);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_can_run ())
    return 0;
  g_unsetenv ("GTK_THEME"); /* libadwaita's own, as users have it */
  window_fixture_home ();
  tessera_language_init ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 96 * PANGO_SCALE, NULL);
  g_test_add_func ("/large-text/toast", test_toast);
  g_test_add_func ("/large-text/trust", test_trust);
  g_test_add_func ("/large-text/class-names", test_class_names);
  g_test_add_data_func ("/large-text/beginnings", window_tour_beginnings, test_tour);
  g_test_add_data_func ("/large-text/project", window_tour_project, test_tour);
  g_test_add_data_func ("/large-text/beside", window_tour_beside, test_tour);
  g_test_add_data_func ("/large-text/training", window_tour_training, test_tour);
#ifndef __SANITIZE_ADDRESS__ /* GTK's file dialogs leak (meson.build) */
  g_test_add_data_func ("/large-text/dialogs", window_tour_dialogs, test_tour);
#endif
  return g_test_run ();
}
