#include "tessera-lab-image.h"

#include "tessera-session.h"
#include "tessera-texture.h"

#include <glib/gi18n.h>

enum { LARGEST = 512 };

void
tessera_lab_image_free (TesseraLabImage *self)
{
  if (self == NULL)
    return;
  tsr_lab_point_clear (&self->point);
  g_clear_object (&self->texture);
  g_free (self->name);
  g_free (self->problem);
  g_free (self);
}

/* ---- reading, on a thread ---- */

typedef struct {
  char *path; /* or */
  GdkTexture *texture;
  char *name; /* of the texture */
  TesseraLabImageFunc func;
} Read;

static void
read_free (gpointer data)
{
  Read *read = data;
  g_free (read->path);
  g_clear_object (&read->texture);
  g_free (read->name);
  g_free (read);
}

/* GDK's native order of bytes, premultiplied, on white. */
static void
download (GdkTexture *texture, TsrImage *image)
{
  int w = gdk_texture_get_width (texture), h = gdk_texture_get_height (texture);
  g_autofree guint32 *argb = g_new (guint32, (gsize)w * (gsize)h);
  gdk_texture_download (texture, (guchar *)argb, (gsize)w * 4);
  TsrImage all = {w, h, 3, g_malloc ((gsize)w * (gsize)h * 3)};
  for (gsize k = 0; k < (gsize)w * (gsize)h; k++) {
    guint32 white = 255 - (argb[k] >> 24);
    for (int c = 0; c < 3; c++)
      all.pixels[3 * k + (gsize)c] = (uint8_t)MIN (255, (argb[k] >> (16 - 8 * c) & 255) + white);
  }
  tsr_image_resize (&all, MIN (LARGEST, MIN (w, h)), image);
  tsr_image_clear (&all);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Read *read = data;
  TesseraLabImage *result = g_new0 (TesseraLabImage, 1);
  TsrImage image = {0}, small = {0};
  g_autoptr (GError) error = NULL;
  if (read->texture != NULL)
    download (read->texture, &small);
  else if (tsr_image_load (read->path, 0, 3, &image, &error))
    tsr_image_resize (&image, MIN (LARGEST, MIN (image.width, image.height)), &small);
  tsr_image_clear (&image);
  result->problem = error != NULL ? g_strdup (error->message) : NULL;
  result->name =
      read->path != NULL ? g_filename_display_basename (read->path) : g_strdup (read->name);
  if (error == NULL) {
    result->texture = tessera_texture_new (&small);
    gsize bytes = (gsize)small.width * (gsize)small.height * (gsize)small.channels;
    result->point = (TsrLabPoint){.kind = TSR_LAB_IMAGE,
                                  .data = g_bytes_new (small.pixels, bytes),
                                  .width = small.width,
                                  .height = small.height,
                                  .channels = small.channels};
  }
  tsr_image_clear (&small);
  g_task_return_pointer (task, result, (GDestroyNotify)tessera_lab_image_free);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  const Read *read = g_task_get_task_data (G_TASK (result));
  TesseraLabImage *image = g_task_propagate_pointer (G_TASK (result), NULL);
  if (image != NULL)
    read->func (image, TESSERA_NO_TILE, source);
}

static void
start (char *path, GdkTexture *texture, const char *name, TesseraLabImageFunc func, gpointer user)
{
  Read *read = g_new0 (Read, 1);
  *read = (Read){path, texture != NULL ? g_object_ref (texture) : NULL, g_strdup (name), func};
  g_autoptr (GTask) task = g_task_new (user, NULL, read_cb, NULL);
  g_task_set_task_data (task, read, read_free);
  g_task_run_in_thread (task, read_thread);
}

void
tessera_lab_image_read_file (GFile *file, TesseraLabImageFunc func, gpointer user)
{
  char *path = g_file_get_path (file);
  if (path != NULL) {
    start (path, NULL, NULL, func, user);
    return;
  }
  TesseraLabImage *image = g_new0 (TesseraLabImage, 1);
  image->problem = g_strdup (_ ("Only images on this computer can be read; save it here first."));
  func (image, TESSERA_NO_TILE, user);
}

void
tessera_lab_image_read_texture (GdkTexture *texture, const char *name, TesseraLabImageFunc func,
                                gpointer user)
{
  start (NULL, texture, name, func, user);
}

/* ---- dragging ---- */

typedef struct {
  TesseraLabImageFunc func;
  gpointer user; /* outlives the widget or is it */
} Taker;

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  const Taker *taker = data;
  if (G_VALUE_HOLDS (value, G_TYPE_UINT))
    taker->func (NULL, g_value_get_uint (value), taker->user);
  else if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE))
    tessera_lab_image_read_texture (g_value_get_object (value), _ ("Dropped image"), taker->func,
                                    taker->user);
  else {
    g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));
    if (files == NULL)
      return FALSE;
    tessera_lab_image_read_file (files->data, taker->func, taker->user);
  }
  return TRUE;
}

static void
taker_free (gpointer taker, GClosure *closure)
{
  g_free (taker);
}

void
tessera_lab_image_accept (GtkWidget *widget, TesseraLabImageFunc func, gpointer user)
{
  GType types[] = {GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE, G_TYPE_UINT};
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  Taker *taker = g_new (Taker, 1);
  *taker = (Taker){func, user};
  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect_data (target, "drop", G_CALLBACK (drop_cb), taker, taker_free, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, gpointer tile_of)
{
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  uint32_t tile = ((TesseraLabTileFunc)tile_of) (widget);
  return tile != TESSERA_NO_TILE ? gdk_content_provider_new_typed (G_TYPE_UINT, tile) : NULL;
}

void
tessera_lab_image_offer_tile (GtkWidget *widget, TesseraLabTileFunc tile_of)
{
  GtkDragSource *source = gtk_drag_source_new ();
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), (gpointer)tile_of);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (source));
}
