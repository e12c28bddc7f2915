#include "hands.h"

#include <math.h>
#include <stdbool.h>

void
hands_turn (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

static void
done_cb (GObject *process, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;
  g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error);
  g_assert_no_error (error);
  *(bool *)done = true;
}

void
hands_xdo (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *words = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *line = g_strconcat ("xdotool ", words, NULL);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  bool done = false;
  g_subprocess_wait_check_async (process, NULL, done_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  gdk_display_sync (gdk_display_get_default ()); /* what it did has been sent to the window */
  hands_turn (60);
}

void
hands_to_screen (GtkWidget *widget, double x, double y, int *screen_x, int *screen_y)
{
  GtkNative *window = gtk_widget_get_native (widget);
  double tx, ty, wx, wy;
  gtk_native_get_surface_transform (window, &tx, &ty);
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (window), x, y, &wx, &wy));
  *screen_x = (int)lround (wx + tx);
  *screen_y = (int)lround (wy + ty);
}

GtkWidget *
hands_find_named (GtkWidget *root, GType type, const char *name)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type)) {
    g_autofree char *wrong = gtk_test_accessible_check_property (
        GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL, name);
    if (wrong == NULL)
      return root;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = hands_find_named (child, type, name);
    if (found != NULL)
      return found;
  }
  return NULL;
}
