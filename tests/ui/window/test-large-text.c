/* Text of twice the size on a small screen, in the language of LANGUAGE: on a tour of the window it
 * is nowhere wider or higher than the screen, and no word of its own is cut. */

#include "tessera-language.h"
#include "window-tour.h"

#define WIDTH  1280
#define HEIGHT 720
#define FRAME  10 /* the window's own, where no manager is */

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

/* Made by GTK and libadwaita: a choice shows what is chosen as it can, a toast is one line. */
static gboolean
is_of_the_toolkit (GtkWidget *widget)
{
  return GTK_IS_DROP_DOWN (widget) ||
         gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY) == NULL ||
         g_str_equal (G_OBJECT_TYPE_NAME (widget), "AdwToastWidget");
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
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look (child, where);
}

static void
stop_cb (WindowTest *test, const char *where, gpointer data)
{
  if (g_str_equal (where, "training, begun")) /* not drawn yet */
    return;
  GtkWidget *window = GTK_WIDGET (test->window);
  int width = window_test_minimum_width (window), height;
  gtk_widget_measure (window, GTK_ORIENTATION_VERTICAL, WIDTH, &height, NULL, NULL, NULL);
  if (width > WIDTH - FRAME || height > HEIGHT - FRAME)
    wrong ("%s needs %d x %d", where, width, height);
  look (window_test_find (window, ADW_TYPE_TOAST_OVERLAY), where);
}

static void
test_tour (gconstpointer tour)
{
  ((void (*) (WindowTourStop, gpointer))tour) (stop_cb, NULL);
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
  g_test_add_data_func ("/large-text/beginnings", window_tour_beginnings, test_tour);
  g_test_add_data_func ("/large-text/project", window_tour_project, test_tour);
  g_test_add_data_func ("/large-text/beside", window_tour_beside, test_tour);
  g_test_add_data_func ("/large-text/training", window_tour_training, test_tour);
  return g_test_run ();
}
