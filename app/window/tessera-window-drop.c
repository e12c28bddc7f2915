/* What may be given to the window, dropped anywhere on it or pasted: a project opens, a folder of
 * tiles or slides begins a project, or joins the one that is open, and an image is for the lab of
 * the open project. The lab's fields take what is dropped on them for themselves. */

#include "tessera-window-private.h"

#include "tsr-image.h"

#include <glib/gi18n.h>

/* A TIFF that is larger is a slide. */
#define LARGEST_IMAGE 4096

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

/* A file that the lab can look at; its header says. */
static gboolean
is_image (const char *path)
{
  TsrImageInfo info;
  return tsr_image_probe (path, &info, NULL) &&
         (g_strcmp0 (info.format, "TIFF") != 0 || MAX (info.width, info.height) <= LARGEST_IMAGE);
}

gboolean
tessera_window_drop (TesseraWindow *self, const char *const *paths)
{
  g_return_val_if_fail (TESSERA_IS_WINDOW (self), FALSE);
  guint n = g_strv_length ((char **)paths);
  if (n == 0)
    return FALSE;
  gboolean open = tessera_window_get_session (self) != NULL;
  if (n == 1 && g_str_has_suffix (paths[0], ".tessera"))
    tessera_window_open (self, paths[0]);
  else if (n == 1 && g_file_test (paths[0], G_FILE_TEST_IS_DIR))
    tessera_window_import (self, paths[0], open);
  else if (n == 1 && open && is_image (paths[0])) {
    g_autoptr (GFile) file = g_file_new_for_path (paths[0]);
    tessera_project_page_show_file (self->project, file);
  } else
    tessera_window_import_slides (self, paths, open);
  return TRUE;
}

/* Files, or pixels that are called `name`. */
static gboolean
take (TesseraWindow *self, const GValue *value, const char *name)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST)) {
    g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));
    g_auto (GStrv) paths = paths_of (files);
    if (files != NULL && paths[0] == NULL)
      tessera_window_toast (self,
                            _ ("Only images on this computer can be read; save it here first."));
    return tessera_window_drop (self, (const char *const *)paths);
  }
  if (tessera_window_get_session (self) == NULL)
    return FALSE;
  tessera_project_page_show_texture (self->project, g_value_get_object (value), name);
  return TRUE;
}

/* ---- dropped ---- */

/* Pixels without a file are something for a project only. */
static gboolean
accept_cb (TesseraWindow *self, GdkDrop *drop)
{
  g_autoptr (GdkContentFormats) formats = gdk_content_formats_union_deserialize_gtypes (
      gdk_content_formats_ref (gdk_drop_get_formats (drop)));
  return gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST) ||
         (tessera_window_get_session (self) != NULL &&
          gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE));
}

static gboolean
drop_cb (TesseraWindow *self, const GValue *value)
{
  return take (self, value, _ ("Dropped image"));
}

void
tessera_window_add_drop (TesseraWindow *self)
{
  GType types[] = {GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE};
  GtkDropTarget *drop = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  gtk_drop_target_set_gtypes (drop, types, G_N_ELEMENTS (types));
  g_signal_connect_swapped (drop, "accept", G_CALLBACK (accept_cb), self);
  g_signal_connect_swapped (drop, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

/* ---- pasted ---- */

static void
pasted_cb (GObject *clipboard, GAsyncResult *result, gpointer window)
{
  g_autoptr (TesseraWindow) self = window;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (clipboard), result, NULL);
  if (value == NULL || !take (self, value, _ ("Pasted image")))
    tessera_window_toast (self, _ ("There is no image on the clipboard."));
}

void
tessera_window_paste (TesseraWindow *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  bool files = gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST) ||
               gdk_content_formats_contain_mime_type (formats, "text/uri-list");
  gdk_clipboard_read_value_async (clipboard, files ? GDK_TYPE_FILE_LIST : GDK_TYPE_TEXTURE,
                                  G_PRIORITY_DEFAULT, NULL, pasted_cb, g_object_ref (self));
}
