#include "tessera-slide-coords.h"

#include "tsr-folder-walk.h"

#include <glib/gi18n.h>

/* One reading. */
typedef struct {
  TesseraSlideCoords *owner; /* NULL once it does not wait any more; main thread only */
  char **files, **paths, *option;
  double side;
  GPtrArray *refused; /* TsrSkippedFile */
} Reading;

struct TesseraSlideCoords {
  TesseraSlideCoordsFunc done;
  gpointer user;
  char *wanted;     /* what is wanted, for comparing; NULL: nothing */
  Reading *reading; /* under way, or NULL; its task's */
  GCancellable *cancellable;
  TsrSlideCoords *coords;
  GPtrArray *refused;
};

static void
reading_free (gpointer data)
{
  Reading *reading = data;
  g_strfreev (reading->files);
  g_strfreev (reading->paths);
  g_free (reading->option);
  g_ptr_array_unref (reading->refused);
  g_free (reading);
}

static void
free_coords (gpointer coords)
{
  tsr_slide_coords_unref (coords);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  TsrSlideCoordsOptions options = {.side = reading->side, .side_option = reading->option};
  TsrSlideCoords *coords =
      tsr_slide_coords_new (reading->files, g_strv_length (reading->files), reading->paths,
                            &options, reading->refused, &progress, &error);
  if (coords != NULL)
    g_task_return_pointer (task, coords, free_coords);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  Reading *reading = g_task_get_task_data (G_TASK (result));
  TesseraSlideCoords *self = reading->owner;
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlideCoords) coords = g_task_propagate_pointer (G_TASK (result), &error);
  if (self == NULL)
    return;
  self->reading = NULL;
  g_clear_object (&self->cancellable);
  self->coords = g_steal_pointer (&coords);
  self->refused = g_ptr_array_ref (reading->refused);
  self->done (error != NULL ? error->message : NULL, self->user);
}

static void
forget (TesseraSlideCoords *self)
{
  if (self->reading != NULL) {
    self->reading->owner = NULL;
    g_cancellable_cancel (self->cancellable);
  }
  self->reading = NULL;
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->coords, tsr_slide_coords_unref);
  g_clear_pointer (&self->refused, g_ptr_array_unref);
  g_clear_pointer (&self->wanted, g_free);
}

TesseraSlideCoords *
tessera_slide_coords_new (TesseraSlideCoordsFunc done, gpointer user)
{
  TesseraSlideCoords *self = g_new0 (TesseraSlideCoords, 1);
  self->done = done;
  self->user = user;
  return self;
}

void
tessera_slide_coords_free (TesseraSlideCoords *self)
{
  if (self == NULL)
    return;
  forget (self);
  g_free (self);
}

gboolean
tessera_slide_coords_want (TesseraSlideCoords *self, char *const *files, char *const *paths,
                           double side)
{
  g_autofree char *listed = g_strjoinv ("\n", (char **)paths),
                  *about = g_strjoinv ("\n", (char **)files),
                  *wanted = paths[0] != NULL
                                ? g_strdup_printf ("%.0f\n%s\n\n%s", side, listed, about)
                                : NULL;
  if (g_strcmp0 (wanted, self->wanted) == 0)
    return FALSE;
  forget (self);
  self->wanted = g_steal_pointer (&wanted);
  if (self->wanted == NULL)
    return FALSE;
  self->cancellable = g_cancellable_new ();
  self->reading = g_new (Reading, 1);
  *self->reading = (Reading){self,
                             g_strdupv ((char **)files),
                             g_strdupv ((char **)paths),
                             g_strdup (_ ("“A tile's side on the slide”")),
                             side,
                             tsr_skipped_files_new ()};
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, read_cb, NULL);
  g_task_set_task_data (task, self->reading, reading_free);
  g_task_run_in_thread (task, read_thread);
  return TRUE;
}

gboolean
tessera_slide_coords_are_wanted (const TesseraSlideCoords *self)
{
  return self->wanted != NULL;
}

TsrSlideCoords *
tessera_slide_coords_get (const TesseraSlideCoords *self)
{
  return self->coords;
}

const GPtrArray *
tessera_slide_coords_get_refused (const TesseraSlideCoords *self)
{
  return self->coords != NULL ? self->refused : NULL;
}

char *
tessera_slide_coords_describe (const TesseraSlideCoords *self)
{
  guint n = self->coords != NULL ? self->refused->len : 0;
  const TsrSkippedFile *first = n > 0 ? self->refused->pdata[0] : NULL;
  guint32 unknown = self->coords != NULL ? tsr_slide_coords_unknown (self->coords) : 0;
  g_autofree char *rows =
      unknown > 0 ? g_strdup_printf (ngettext ("%u row is about none of the slides.",
                                               "%u rows are about none of the slides.", unknown),
                                     unknown)
                  : NULL;
  g_autofree char *more =
      n > 1 ? g_strdup_printf (ngettext ("There is something to say of %u more file: see “Files "
                                         "that were refused” afterwards.",
                                         "There is something to say of %u more files: see “Files "
                                         "that were refused” afterwards.",
                                         n - 1),
                               n - 1)
            : NULL;
  g_autoptr (GString) text = g_string_new (first != NULL ? first->reason : NULL);
  if (more != NULL)
    g_string_append_printf (text, " %s", more);
  if (rows != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", rows);
  return text->len > 0 ? g_strdup (text->str) : NULL;
}
