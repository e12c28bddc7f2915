/* What may be dropped on the window: a project opens, a folder of tiles or slides begins a project,
 * or joins the one that is open. */

#include "tessera-window-private.h"

static char **
paths_of (const GSList *files)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (const GSList *l = files; l != NULL; l = l->next) {
    g_autofree char *path = g_file_get_path (l->data);
    if (path != NULL)
      g_strv_builder_add (builder, path);
  }
  return g_strv_builder_end (builder);
}

gboolean
tessera_window_drop (TesseraWindow *self, const char *const *paths)
{
  g_return_val_if_fail (TESSERA_IS_WINDOW (self), FALSE);
  guint n = g_strv_length ((char **)paths);
  if (n == 0)
    return FALSE;
  gboolean add = tessera_window_get_session (self) != NULL;
  if (n == 1 && g_str_has_suffix (paths[0], ".tessera"))
    tessera_window_open (self, paths[0]);
  else if (n == 1 && g_file_test (paths[0], G_FILE_TEST_IS_DIR))
    tessera_window_import (self, paths[0], add);
  else
    tessera_window_import_slides (self, paths, add);
  return TRUE;
}

static gboolean
drop_cb (TesseraWindow *self, const GValue *value)
{
  g_auto (GStrv) paths = paths_of (g_value_get_boxed (value));
  return tessera_window_drop (self, (const char *const *)paths);
}

void
tessera_window_add_drop (TesseraWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect_swapped (drop, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}
