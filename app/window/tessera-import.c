#include "tessera-import.h"

#include "tessera-outlive.h"
#include "tessera-import-slides.h"
#include "tsr-demo-project.h"
#include "tsr-error.h"
#include "tsr-mailbox.h"
#include "tsr-project.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *folder, *path;
  gboolean labels_from_folders, demonstration;
  TesseraSlidesChoice *slides; /* or NULL */
  GPtrArray *refused;          /* by an import that failed, or NULL */
  TsrMailbox *box;
  TesseraImportProgress progress;
  GCancellable *cancellable;
  gpointer user;
} Import;

typedef struct {
  double fraction;
  char *stage;
} Progress;

static void
progress_free (gpointer data)
{
  g_free (((Progress *)data)->stage);
  g_free (data);
}

static void
import_free (gpointer data)
{
  Import *import = data;
  tsr_mailbox_unref (import->box);
  tessera_slides_choice_free (import->slides);
  g_clear_pointer (&import->refused, g_ptr_array_unref);
  g_clear_object (&import->cancellable);
  g_free (import->folder);
  g_free (import->path);
  g_free (import);
}

void
tessera_import_result_free (TesseraImportResult *result)
{
  g_free (result->path);
  g_clear_pointer (&result->skipped, g_ptr_array_unref);
  g_free (result);
}

/* On the working thread. */
static void
report_cb (double fraction, const char *stage, void *user)
{
  Import *import = user;
  Progress *progress = g_new (Progress, 1);
  progress->fraction = fraction;
  progress->stage = g_strdup (stage);
  tsr_mailbox_post (import->box, progress);
}

static void
deliver_cb (gpointer data, gpointer user)
{
  const Progress *progress = data;
  Import *import = user;
  if (import->progress != NULL && !g_cancellable_is_cancelled (import->cancellable))
    import->progress (progress->fraction, progress->stage, import->user);
}

static void
remove_project (const char *path)
{
  static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *file = g_strconcat (path, suffixes[i], NULL);
    g_unlink (file);
  }
}

/* A class for each folder, so that the number keys work at once. One whose name cannot be a class's
 * is ground truth all the same. */
static bool
add_truth_classes (TsrProject *project, GError **error)
{
  g_autofree int32_t *truth = g_new (int32_t, MAX (1, tsr_project_n_tiles (project)));
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  for (guint i = 0; names != NULL && names[i] != NULL && i < 35; i++) {
    bool known = false;
    for (guint c = 0; c < classes->len && !known; c++)
      known = g_str_equal (((TsrClass *)g_ptr_array_index (classes, c))->name, names[i]);
    g_autoptr (GError) cause = NULL;
    if (known || tsr_project_add_class (project, names[i], -1, &cause) >= 0)
      continue;
    if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_USAGE)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return false;
    }
    g_info ("%s", cause->message);
  }
  return true;
}

static bool
fill_project (TsrProject *project, Import *import, const TsrProgress *progress,
              TesseraImportResult *result, GError **error)
{
  TsrFolderScan *scan =
      tsr_folder_scan_explained (import->folder, &import->refused, progress, error);
  if (scan == NULL)
    return false;
  result->skipped = g_ptr_array_ref (scan->skipped);
  result->added = tsr_project_add_tiles (project, import->folder, scan, import->labels_from_folders,
                                         progress, error);
  tsr_folder_scan_free (scan);
  if (result->added < 0)
    return false;
  return !import->labels_from_folders || add_truth_classes (project, error);
}

/* The demonstration's classes in the user's language. The ground truth keeps its folders' names, so
 * each is bound to its class before that takes another. Names that were changed already stay. */
static bool
translate_classes (TsrProject *project, GError **error)
{
  g_autofree int32_t *truth = g_new (int32_t, MAX (1, tsr_project_n_tiles (project)));
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  if (names == NULL)
    return true;
  g_free (tsr_project_truth_classes (project, names, classes, true));
  for (guint i = 0; i < classes->len; i++) {
    TsrClass *class_ = g_ptr_array_index (classes, i);
    const char *translated = g_dpgettext2 (NULL, "tissue", class_->name);
    if (g_str_equal (translated, class_->name) ||
        !g_strv_contains ((const char *const *)names, class_->name))
      continue;
    g_free (class_->name);
    class_->name = g_strdup (translated);
    if (!tsr_project_update_class (project, class_, error))
      return false;
  }
  return true;
}

/* Marks a demonstration as such, once: its names, and that its truth may be shown. The mark itself
 * comes last, so that what is interrupted is done again. */
static bool
mark_demonstration (TsrProject *project, GError **error)
{
  g_autofree char *mark = tsr_project_get (project, "demonstration");
  return mark != NULL || (translate_classes (project, error) &&
                          tsr_project_set (project, "view.truth", "1", error) &&
                          tsr_project_set (project, "title", _ ("Demonstration"), error) &&
                          tsr_project_set (project, "demonstration", "1", error));
}

/* The demonstration with its shipped model; where that is missing, without one, to be trained. */
static bool
prepare_demonstration (const TsrProgress *progress, GError **error)
{
  g_autoptr (GError) missing = NULL;
  g_autofree char *model = tsr_demo_model_find (TESSERA_PKGDATADIR, &missing);
  g_autofree char *root = tsr_demo_project_folder ();
  if (model == NULL)
    g_info ("%s", missing->message);
  g_autofree char *path = tsr_demo_project_prepare (root, model, false, NULL, progress, error);
  return path != NULL;
}

static TesseraImportResult *
work (Import *import, const TsrProgress *progress, GError **error)
{
  g_autoptr (TesseraImportResult) result = g_new0 (TesseraImportResult, 1);
  result->path = g_strdup (import->path);
  if (import->demonstration && !prepare_demonstration (progress, error))
    return NULL;

  bool existed = g_file_test (import->path, G_FILE_TEST_EXISTS);
  g_autoptr (TsrProject) project =
      existed ? tsr_project_open (import->path, TSR_PROJECT_READ_WRITE, error)
              : tsr_project_create (import->path, error);
  if (project == NULL)
    return NULL;
  bool ok = import->demonstration ? mark_demonstration (project, error)
            : import->slides != NULL
                ? tessera_import_slides_fill (project, import->slides, progress, result, error) &&
                      (!import->slides->truth || add_truth_classes (project, error))
                : fill_project (project, import, progress, result, error);
  if (!ok && result->skipped != NULL && import->refused == NULL)
    import->refused = g_ptr_array_ref (result->skipped);
  if (!ok && !existed) {
    g_clear_pointer (&project, tsr_project_close);
    remove_project (import->path);
  }
  return ok ? g_steal_pointer (&result) : NULL;
}

static void
import_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Import *import = data;
  TsrProgress progress = {report_cb, import, cancellable};
  GError *error = NULL;
  TesseraImportResult *result = work (import, &progress, &error);
  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify)tessera_import_result_free);
  else
    g_task_return_error (task, error);
}

static void
start (Import *import, GCancellable *cancellable, GAsyncReadyCallback callback)
{
  import->box = tsr_mailbox_new (deliver_cb, import, progress_free);
  g_set_object (&import->cancellable, cancellable);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, import->user);
  g_task_set_task_data (task, import, import_free);
  g_task_set_return_on_cancel (task, FALSE);
  tessera_outlive (task);
  g_task_run_in_thread (task, import_thread);
}

void
tessera_import_async (const char *folder, const char *path, gboolean labels_from_folders,
                      TesseraImportProgress progress, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user)
{
  Import *import = g_new0 (Import, 1);
  import->folder = g_strdup (folder);
  import->path = g_strdup (path);
  import->labels_from_folders = labels_from_folders;
  import->progress = progress;
  import->user = user;
  start (import, cancellable, callback);
}

void
tessera_import_slides_async (TesseraSlidesChoice *choice, const char *path,
                             TesseraImportProgress progress, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user)
{
  Import *import = g_new0 (Import, 1);
  import->slides = choice;
  import->path = g_strdup (path);
  import->progress = progress;
  import->user = user;
  start (import, cancellable, callback);
}

void
tessera_import_demonstration_async (TesseraImportProgress progress, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user)
{
  Import *import = g_new0 (Import, 1);
  g_autofree char *root = tsr_demo_project_folder ();
  import->path = g_build_filename (root, "demo.tessera", NULL);
  import->demonstration = TRUE;
  import->progress = progress;
  import->user = user;
  start (import, cancellable, callback);
}

TesseraImportResult *
tessera_import_finish (GAsyncResult *result, GError **error)
{
  Import *import = g_task_get_task_data (G_TASK (result));
  tsr_mailbox_close (import->box);
  return g_task_propagate_pointer (G_TASK (result), error);
}

const GPtrArray *
tessera_import_get_refused (GAsyncResult *result)
{
  const Import *import = g_task_get_task_data (G_TASK (result));
  return import->refused;
}

char *
tessera_import_propose_path (const char *folder)
{
  g_autofree char *base = g_path_get_basename (folder);
  char *dot = g_file_test (folder, G_FILE_TEST_IS_DIR) ? NULL : strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  g_autofree char *parent = g_path_get_dirname (folder);
  if (access (parent, W_OK) != 0) {
    const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
    g_free (parent);
    parent = g_strdup (documents != NULL ? documents : g_get_home_dir ());
  }
  for (int i = 1;; i++) {
    g_autofree char *name =
        i == 1 ? g_strdup_printf ("%s.tessera", base) : g_strdup_printf ("%s %d.tessera", base, i);
    char *path = g_build_filename (parent, name, NULL);
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      return path;
    g_free (path);
  }
}
