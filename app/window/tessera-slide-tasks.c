#include "tessera-slide-tasks.h"

#include "tsr-error.h"
#include "tsr-project-slides.h"
#include "tsr-slide-pool.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

typedef struct {
  char *project, *path;
  gint32 slide;
  gint64 bytes;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;
  g_free (work->project);
  g_free (work->path);
  g_free (work);
}

static void
start (const char *project, gint32 slide, const char *path, gint64 bytes, GTaskThreadFunc func,
       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user)
{
  Work *work = g_new (Work, 1);
  *work = (Work){g_strdup (project), g_strdup (path), slide, bytes};
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, func);
}

/* ---- opening ---- */

void
tessera_opened_slide_free (TesseraOpenedSlide *opened)
{
  tsr_slide_unref (opened->slide);
  tsr_tissue_mask_clear (&opened->mask);
  g_free (opened->reason);
  g_free (opened);
}

static bool
refuse_other (GError **error)
{
  g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE,
                       _ ("Another file is where its file was."));
  return false;
}

static bool
is_there (const Work *work, GError **error)
{
  GStatBuf status;
  if (g_stat (work->path, &status) != 0) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE,
                         _ ("Its file is not where it was, or its drive is not connected."));
    return false;
  }
  return status.st_size == work->bytes || refuse_other (error);
}

/* Whether it has as many pixels as the slide that joined. */
static bool
is_as_large (TsrProject *project, gint32 number, TsrSlide *slide, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  if (slides == NULL)
    return false;
  const TsrProjectSlide *joined = (guint)number < slides->len ? slides->pdata[number] : NULL;
  const TsrSlideLevel *whole = &tsr_slide_info (slide)->levels[0];
  return (joined != NULL && whole->width == joined->width && whole->height == joined->height) ||
         refuse_other (error);
}

/* A file of the same length may have been changed in place, as those are that lose their label's
 * picture, or be another slide: whose pixels are as many is shown, with a word about it. */
static bool
open_file (const Work *work, TsrProject *project, TesseraOpenedSlide *opened, GError **error)
{
  g_autoptr (TsrSlide) slide = NULL;
  if (!is_there (work, error) || (slide = tsr_slide_pool_open (work->path, error)) == NULL)
    return false;
  opened->changed = tsr_project_slide_is (project, work->slide, work->path, NULL) == 0;
  if (opened->changed && !is_as_large (project, work->slide, slide, error))
    return false;
  opened->slide = g_steal_pointer (&slide);
  return true;
}

/* The slide itself, or what its thumbnails show of it; the first reason stands where neither can
 * be. */
static bool
open_slide (const Work *work, TsrProject *project, TesseraOpenedSlide *opened, GError **error)
{
  GError *reason = NULL;
  if (open_file (work, project, opened, &reason))
    return true;
  opened->slide = tsr_project_slide_remembered (project, work->slide, NULL);
  if (opened->slide == NULL) {
    g_propagate_error (error, reason);
    return false;
  }
  opened->reason = g_strdup (reason->message);
  g_error_free (reason);
  return true;
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  GError *error = NULL;
  g_autoptr (TesseraOpenedSlide) opened = g_new0 (TesseraOpenedSlide, 1);
  g_autoptr (TsrProject) project = tsr_project_open (work->project, TSR_PROJECT_READ_ONLY, &error);
  if (project == NULL || !open_slide (work, project, opened, &error) ||
      (!tsr_project_slide_mask (project, work->slide, &opened->mask, &error) && error != NULL))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&opened),
                           (GDestroyNotify)tessera_opened_slide_free);
}

void
tessera_slide_open_async (const char *project, gint32 slide, const char *file, gint64 bytes,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user)
{
  start (project, slide, file, bytes, open_thread, cancellable, callback, user);
}

TesseraOpenedSlide *
tessera_slide_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- finding again ---- */

static void
relink_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  int found = -1;
  g_autoptr (TsrProject) project = tsr_project_open (work->project, TSR_PROJECT_READ_WRITE, &error);
  if (project != NULL && g_file_test (work->path, G_FILE_TEST_IS_DIR))
    found = tsr_project_relink_folder (project, work->path, &progress, &error);
  else if (project != NULL && tsr_project_relink_slide (project, work->slide, work->path, &error))
    found = 1;
  if (found >= 0)
    g_task_return_int (task, found);
  else
    g_task_return_error (task, error);
}

void
tessera_slide_relink_async (const char *project, gint32 slide, const char *path,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user)
{
  start (project, slide, path, 0, relink_thread, cancellable, callback, user);
}

int
tessera_slide_relink_finish (GAsyncResult *result, GError **error)
{
  return (int)g_task_propagate_int (G_TASK (result), error);
}
