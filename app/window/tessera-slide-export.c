#include "tessera-slide-export.h"

#include "tessera-outlive.h"
#include "tessera-slide-figure.h"
#include "tessera-ui.h"
#include "tessera-wait.h"
#include "tsr-project-sources.h"

#include <glib/gi18n.h>

#define SIDE 4096 /* pixels of the longer side, or the slide's where it has fewer */

typedef struct {
  TsrSlide *slide;
  TesseraSlideScene *scene;
  char *project, *path;
  TesseraWait *wait; /* while it is written */
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;
  tsr_slide_unref (export->slide);
  tessera_slide_scene_free (export->scene);
  g_free (export->project);
  g_free (export->path);
  g_free (export);
}

/* Not over what it is drawn from: a slide is a file of the project. */
static bool
write_export (const Export *export, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (export->project, TSR_PROJECT_READ_ONLY, error);
  return project != NULL && tsr_project_check_output (project, export->path, error) &&
         tessera_slide_figure_write (export->slide, export->scene, SIDE, export->path,
                                     tessera_wait_progress (export->wait), error);
}

static void
export_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Export *export = data;
  GError *error = NULL;
  if (write_export (export, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
tessera_slide_export_async (TesseraSlidePane *pane, const char *path, GAsyncReadyCallback callback,
                            gpointer user)
{
  TesseraSlideView *view = tessera_slide_pane_get_view (pane);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user);
  if (tessera_slide_view_get_slide (view) == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                             _ ("The slide is not there; find its file first."));
    return;
  }
  Export *export = g_new (Export, 1);
  *export = (Export){
      tsr_slide_ref (tessera_slide_view_get_slide (view)), tessera_slide_view_dup_scene (view),
      g_strdup (tessera_session_get_path (tessera_slide_pane_get_session (pane))), g_strdup (path),
      tessera_wait_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (pane))),
                        _ ("Drawing the slide"))};
  g_task_set_task_data (task, export, export_free);
  tessera_outlive (task);
  g_task_run_in_thread (task, export_thread);
}

gboolean
tessera_slide_export_finish (GAsyncResult *result, GError **error)
{
  Export *export = g_task_get_task_data (G_TASK (result));
  if (export != NULL)
    g_clear_pointer (&export->wait, tessera_wait_free);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraWindow) window = user;
  g_autoptr (GError) error = NULL;
  gboolean ok = tessera_slide_export_finish (result, &error);
  tessera_window_toast (window, ok ? _ ("The slide's picture is written")
                                : g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                    ? _ ("Cancelled: nothing was written")
                                    : error->message);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *window)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  TesseraProjectPage *page = tessera_window_get_project_page (window);
  if (path != NULL)
    tessera_slide_export_async (tessera_project_page_get_slide_pane (page), path, done_cb,
                                g_object_ref (window));
}

void
tessera_slide_export_run (TesseraWindow *window)
{
  TesseraProjectPage *page = tessera_window_get_project_page (window);
  TesseraSession *session = tessera_window_get_session (window);
  TesseraSlidePane *pane = tessera_project_page_get_slide_pane (page);
  const TsrProjectSlide *slide =
      tessera_session_get_slide (session, tessera_slide_pane_get_slide (pane));
  if (slide == NULL || tessera_slide_view_get_slide (tessera_slide_pane_get_view (pane)) == NULL) {
    tessera_window_toast (window, _ ("Show the slide first"));
    return;
  }
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Save the slide with its overlay as PNG"),
                                   GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_autofree char *name = g_strdelimit (g_strconcat (slide->name, ".png", NULL), "/", '_');
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  tessera_ui_begin_beside (dialog, tessera_session_get_path (session));
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), window, 0);
  tessera_ui_show_dialog (dialog);
}
