#include "tessera-label-import.h"

#include "tessera-outlive.h"
#include "tessera-desk.h"
#include "tessera-export-dialog.h"
#include "tessera-ui.h"
#include "tessera-wait.h"
#include "tsr-class-list.h"
#include "tsr-error.h"
#include "tsr-label-import.h"

#include <glib/gi18n.h>

#define SHARE 0.5 /* of a tile that annotations of a class must cover; as the command line's */

/* One import, and what it takes to undo it. */
typedef struct {
  gatomicrefcount refs;
  GWeakRef window;
  TesseraWait *wait;
  TesseraLabelSource source;
  char **paths;
  char *project, *annotator;
  TsrLabelReport report;
  GPtrArray *classes;    /* TsrClass, as they were */
  GPtrArray *list;       /* TESSERA_CLASSES: TsrRegionClass, for the session to add */
  int64_t before, after; /* the journal's newest entry */
} Import;

static Import *
import_ref (Import *import)
{
  g_atomic_ref_count_inc (&import->refs);
  return import;
}

static void
import_unref (gpointer data)
{
  Import *import = data;
  if (!g_atomic_ref_count_dec (&import->refs))
    return;
  g_weak_ref_clear (&import->window);
  g_strfreev (import->paths);
  g_free (import->project);
  g_free (import->annotator);
  tsr_label_report_clear (&import->report);
  g_clear_pointer (&import->classes, g_ptr_array_unref);
  g_clear_pointer (&import->list, g_ptr_array_unref);
  g_free (import);
}

/* ---- on the thread ---- */

static bool
work (Import *import, const TsrProgress *progress, GError **error)
{
  if (import->source == TESSERA_CLASSES) {
    import->list = tsr_class_list_read (import->paths[0], progress, error);
    return import->list != NULL;
  }
  g_autoptr (TsrProject) project =
      tsr_project_open (import->project, TSR_PROJECT_READ_WRITE, error);
  if (project == NULL)
    return false;
  import->classes = tsr_project_classes (project);
  import->before = tsr_project_journal_seq (project);
  TsrLabelOptions options = {
      .annotator = import->annotator, .annotator_column = true, .share = SHARE};
  bool ok =
      import->source == TESSERA_LABELS_TABLE
          ? tsr_labels_from_table (project, import->paths[0], &options, &import->report, error)
          : tsr_labels_from_geojson (project, (const char *const *)import->paths,
                                     g_strv_length (import->paths), &options, &import->report,
                                     progress, error);
  import->after = tsr_project_journal_seq (project);
  return ok;
}

static void
import_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  Import *import = data;
  if (work (import, tessera_wait_progress (import->wait), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Labels first: a class that has some cannot leave. */
static bool
take_back (Import *import, GError **error)
{
  g_autoptr (TsrProject) project =
      tsr_project_open (import->project, TSR_PROJECT_READ_WRITE, error);
  if (project == NULL)
    return false;
  if (tsr_project_journal_seq (project) != import->after) {
    g_set_error_literal (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("Something else was done meanwhile; Ctrl+Z takes back the last change."));
    return false;
  }
  return (import->after == import->before ||
          tsr_project_revert (project, import->before, import->annotator, NULL, NULL, error)) &&
         (import->report.new_classes->len == 0 ||
          tsr_project_put_classes (project, import->classes, error));
}

static void
undo_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  if (take_back (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- what is said ---- */

/* What could not be matched: rows of a table, or classes. */
static void
say_refused (GString *text, const TsrLabelReport *report)
{
  guint n = report->refused->len;
  if (n == 0)
    return;
  const TsrLabelRefusal *first = report->refused->pdata[0];
  g_string_append (text, "; ");
  if (first->name != NULL)
    g_string_append_printf (text, ngettext ("%u class left out", "%u classes left out", n), n);
  else
    g_string_append_printf (text, ngettext ("%u row left out", "%u rows left out", n), n);
  g_string_append_printf (text, ": %s", first->reason);
}

/* What has to be known about the files: the first sentence, of those that have one. */
static char *
remark_of (const TsrLabelReport *report)
{
  char *remark = NULL;
  for (guint i = 0; i < report->files->len && remark == NULL; i++)
    remark = tsr_label_file_remark (report->files->pdata[i]);
  return remark;
}

static char *
describe (const Import *import)
{
  const TsrLabelReport *report = &import->report;
  g_autofree char *remark = remark_of (report);
  if (remark != NULL && report->labelled == 0 && report->excluded == 0)
    return g_steal_pointer (&remark);
  GString *text = g_string_new (NULL);
  guint fresh = report->new_classes->len;
  if (report->changed > 0)
    g_string_append_printf (
        text, ngettext ("%u tile labelled", "%u tiles labelled", report->changed), report->changed);
  else
    g_string_append (text, _ ("No label that is not there already"));
  if (report->excluded > 0)
    g_string_append_printf (text, ngettext ("; %u excluded", "; %u excluded", report->excluded),
                            report->excluded);
  if (fresh > 0) {
    g_string_append (text, "; ");
    g_string_append_printf (text, ngettext ("%u new class", "%u new classes", fresh), fresh);
  }
  say_refused (text, report);
  if (remark != NULL)
    g_string_append_printf (text, "; %s", remark);
  return g_string_free (text, FALSE);
}

/* The project's session, or NULL: another project is open by now. */
static TesseraSession *
session_of (TesseraWindow *window, const Import *import)
{
  TesseraSession *session = tessera_window_get_session (window);
  return session != NULL && g_strcmp0 (tessera_session_get_path (session), import->project) == 0
             ? session
             : NULL;
}

static void
reload (TesseraWindow *window, const Import *import)
{
  TesseraSession *session = session_of (window, import);
  if (session != NULL)
    tessera_session_reload (session);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Import *import = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&import->window);
  if (window == NULL)
    return;
  reload (window, import);
  tessera_window_toast (window, ok ? _ ("The import is taken back") : error->message);
}

static void
undo_cb (gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, undone_cb, NULL);
  g_task_set_task_data (task, import_ref (data), import_unref);
  g_task_run_in_thread (task, undo_thread);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Import *import = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  g_clear_pointer (&import->wait, tessera_wait_free);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&import->window);
  if (window == NULL)
    return;
  if (!ok) {
    gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    tessera_window_toast (window,
                          cancelled ? _ ("Cancelled: nothing was changed") : error->message);
    if (import->report.skipped->len > 1)
      tessera_skipped_dialog_show (GTK_WINDOW (window), import->report.skipped);
    return;
  }
  if (import->list != NULL) { /* of this session's steps one */
    if (session_of (window, import) != NULL)
      tessera_session_add_classes (session_of (window, import), import->list);
    return;
  }
  reload (window, import);
  g_autofree char *text = describe (import);
  if (import->after != import->before || import->report.new_classes->len > 0)
    tessera_window_toast_undoable (window, text, undo_cb, import_ref (import), import_unref);
  else
    tessera_window_toast (window, text);
}

/* ---- asking ---- */

static const struct {
  const char *title, *work, *filter, *endings[4];
} sources[] = {
    {N_ ("A table with the columns “file” and “label”"),
     N_ ("Reading labels"),
     N_ ("Tables (CSV, TSV)"),
     {"csv", "tsv", "txt", NULL}},
    {N_ ("Annotations as GeoJSON, named like their slides"),
     N_ ("Comparing with annotations"),
     N_ ("Annotations (GeoJSON)"),
     {"geojson", "geojson.gz", "json", NULL}},
    {N_ ("QuPath's classes.json, or annotations as GeoJSON"),
     N_ ("Reading classes"),
     N_ ("Classes (JSON, GeoJSON)"),
     {"json", "geojson", "geojson.gz", NULL}},
};

void
tessera_label_import_begin (TesseraWindow *window, TesseraLabelSource source,
                            const char *const *paths)
{
  TesseraSession *session = tessera_window_get_session (window);
  g_return_if_fail (session != NULL && paths[0] != NULL);
  const char *annotator = tessera_session_get_setting (session, "annotator", "");
  Import *import = g_new0 (Import, 1);
  g_atomic_ref_count_init (&import->refs);
  g_weak_ref_init (&import->window, window);
  import->source = source;
  import->paths = g_strdupv ((char **)paths);
  import->project = g_strdup (tessera_session_get_path (session));
  import->annotator = g_strdup (*annotator != '\0' ? annotator : tessera_desk_default_annotator ());
  tsr_label_report_init (&import->report);
  import->wait = tessera_wait_new (GTK_WINDOW (window), _ (sources[source].work));
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done_cb, NULL);
  g_task_set_task_data (task, import, import_unref);
  tessera_outlive (task);
  g_task_run_in_thread (task, import_thread);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  GtkWindow *over = gtk_native_dialog_get_transient_for (dialog);
  TesseraWindow *window = over != NULL ? TESSERA_WINDOW (over) : NULL; /* gone by now */
  g_auto (GStrv) paths = tessera_ui_chosen_paths (dialog, response);
  if (window != NULL && paths[0] != NULL && tessera_window_get_session (window) != NULL)
    tessera_label_import_begin (window, GPOINTER_TO_INT (data), (const char *const *)paths);
}

void
tessera_label_import_run (TesseraWindow *window, TesseraLabelSource source)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ (sources[source].title), GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog),
                                        source == TESSERA_LABELS_GEOJSON);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ (sources[source].filter));
  for (guint i = 0; sources[source].endings[i] != NULL; i++)
    gtk_file_filter_add_suffix (filter, sources[source].endings[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_signal_connect (dialog, "response", G_CALLBACK (chosen_cb), GINT_TO_POINTER (source));
  tessera_ui_show_dialog (dialog);
}
