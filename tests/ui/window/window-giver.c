/* Another program on the same screen, for tests of what is given to the window: its window can be
 * dragged, or it has put something on the clipboard.
 *
 *   window-giver drag|clipboard files|image|text [PATH]...
 *
 * It prints its window's number when it is ready, and goes when its input ends. */

#include <gdk/x11/gdkx.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 120 };

static GdkContentProvider *
files_of (char **paths)
{
  GSList *files = NULL;
  for (guint i = 0; paths[i] != NULL; i++)
    files = g_slist_append (files, g_file_new_for_commandline_arg (paths[i]));
  GdkFileList *list = gdk_file_list_new_from_list (files);
  GdkContentProvider *provider = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list);
  g_boxed_free (GDK_TYPE_FILE_LIST, list);
  g_slist_free_full (files, g_object_unref);
  return provider;
}

static GdkContentProvider *
provide (const char *what, char **paths)
{
  if (strcmp (what, "files") == 0)
    return files_of (paths);
  if (strcmp (what, "text") == 0)
    return gdk_content_provider_new_typed (G_TYPE_STRING, "some words");
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (paths[0], &error);
  g_assert_no_error (error);
  return gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture);
}

static gboolean
ended_cb (GIOChannel *input, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static gboolean
say_cb (gpointer window)
{
  GdkSurface *surface = gtk_native_get_surface (window);
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  printf ("%lu\n", gdk_x11_surface_get_xid (surface));
  G_GNUC_END_IGNORE_DEPRECATIONS
  fflush (stdout);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    return 2;
  gtk_init ();
  GtkWidget *window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), SIZE, SIZE);
  gtk_window_set_child (GTK_WINDOW (window), gtk_label_new ("drag me"));
  g_autoptr (GdkContentProvider) content = provide (argv[2], argv + 3);
  if (strcmp (argv[1], "drag") == 0) {
    GtkDragSource *source = gtk_drag_source_new ();
    gtk_drag_source_set_content (source, content);
    gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
    gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  } else
    gdk_clipboard_set_content (gtk_widget_get_clipboard (window), content);
  gtk_window_present (GTK_WINDOW (window));
  g_timeout_add (300, say_cb, window);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GIOChannel *input = g_io_channel_unix_new (0);
  g_io_add_watch (input, G_IO_HUP | G_IO_IN, ended_cb, loop);
  g_main_loop_run (loop);
  g_io_channel_unref (input);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
