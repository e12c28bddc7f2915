#include "tessera-placing.h"

#include "tessera-outlive.h"
#include "tessera-export-dialog.h"
#include "tessera-ui.h"
#include "tessera-wait.h"
#include "tsr-placing.h"

#include <glib/gi18n.h>

/* One placing, and what it takes to undo it. */
typedef struct {
  gatomicrefcount refs;
  GWeakRef window;
  TesseraWait *wait;
  char *project, **tables, **slides, *option;
  double side, mpp;
  TsrPlacingReport report;
} Placing;

static Placing *
placing_ref (Placing *placing)
{
  g_atomic_ref_count_inc (&placing->refs);
  return placing;
}

static void
placing_unref (gpointer data)
{
  Placing *placing = data;
  if (!g_atomic_ref_count_dec (&placing->refs))
    return;
  g_weak_ref_clear (&placing->window);
  g_free (placing->project);
  g_strfreev (placing->tables);
  g_strfreev (placing->slides);
  g_free (placing->option);
  tsr_placing_report_clear (&placing->report);
  g_free (placing);
}

/* ---- on threads ---- */

static void
place_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Placing *placing = data;
  GError *error = NULL;
  TsrPlacingOptions options = {.tables = placing->tables,
                               .slides = placing->slides,
                               .side = placing->side,
                               .mpp = placing->mpp,
                               .side_option = placing->option};
  g_autoptr (TsrProject) project =
      tsr_project_open (placing->project, TSR_PROJECT_READ_WRITE, &error);
  if (project != NULL && tsr_place_tiles (project, &options, &placing->report,
                                          tessera_wait_progress (placing->wait), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
undo_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Placing *placing = data;
  GError *error = NULL;
  g_autoptr (TsrProject) project =
      tsr_project_open (placing->project, TSR_PROJECT_READ_WRITE, &error);
  if (project != NULL && tsr_placing_undo (project, &placing->report, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- what is said ---- */

static void
reload (TesseraWindow *window, const Placing *placing)
{
  TesseraSession *session = tessera_window_get_session (window);
  if (session != NULL && g_strcmp0 (tessera_session_get_path (session), placing->project) == 0)
    tessera_session_reload (session);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  Placing *placing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&placing->window);
  if (window == NULL)
    return;
  reload (window, placing);
  tessera_window_toast (window, ok ? _ ("The tiles lie where they lay before") : error->message);
}

static void
undo_cb (gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, undone_cb, NULL);
  g_task_set_task_data (task, placing_ref (data), placing_unref);
  g_task_run_in_thread (task, undo_thread);
}

static char *
describe (const TsrPlacingReport *report)
{
  guint slides = report->slides->len, missing = report->missing->len,
        none = report->unknown + report->ambiguous;
  g_autofree char *placed = tessera_ui_count (report->placed);
  g_autofree char *tiles =
      g_strdup_printf (ngettext ("%s tile placed", "%s tiles placed", report->placed), placed);
  GString *text = g_string_new (NULL);
  g_string_printf (text, ngettext ("%s on %u slide", "%s on %u slides", slides), tiles, slides);
  if (missing > 0)
    g_string_append_printf (text,
                            ngettext ("; the file of %u slide was not found: %s",
                                      "; the files of %u slides were not found, the first is %s",
                                      missing),
                            missing, (const char *)report->missing->pdata[0]);
  if (none > 0)
    g_string_append_printf (text,
                            ngettext ("; %u row is about no tile, or about several",
                                      "; %u rows are about no tile, or about several", none),
                            none);
  return g_string_free (text, FALSE);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  Placing *placing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  g_clear_pointer (&placing->wait, tessera_wait_free);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&placing->window);
  if (window == NULL)
    return;
  const TsrPlacingReport *report = &placing->report;
  gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED),
           any = report->placed > 0;
  g_autofree char *done = any ? describe (report) : NULL;
  g_autofree char *text =
      ok          ? g_strdup (done)
      : !any      ? g_strdup (cancelled ? _ ("Cancelled: nothing was changed") : error->message)
      : cancelled ? g_strdup_printf (_ ("Cancelled: %s"), done)
                  : g_strdup_printf ("%s; %s", done, error->message);
  if (any) {
    reload (window, placing);
    tessera_window_toast_undoable (window, text, undo_cb, placing_ref (placing), placing_unref);
  } else
    tessera_window_toast (window, text);
  if (report->refused->len > (any ? 0 : 1))
    tessera_skipped_dialog_show (GTK_WINDOW (window), report->refused);
}

void
tessera_placing_begin (TesseraWindow *window, const TesseraPlacingChoice *choice)
{
  TesseraSession *session = tessera_window_get_session (window);
  g_return_if_fail (session != NULL);
  Placing *placing = g_new0 (Placing, 1);
  g_atomic_ref_count_init (&placing->refs);
  g_weak_ref_init (&placing->window, window);
  placing->project = g_strdup (tessera_session_get_path (session));
  placing->tables = g_strdupv ((char **)choice->tables);
  placing->slides = g_strdupv ((char **)choice->slides);
  placing->side = choice->side;
  placing->mpp = choice->mpp;
  placing->option = g_strdup (_ ("“A tile's side on the slide”"));
  tsr_placing_report_init (&placing->report);
  placing->wait = tessera_wait_new (GTK_WINDOW (window), _ ("Placing tiles on their slides"));
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done_cb, NULL);
  g_task_set_task_data (task, placing, placing_unref);
  tessera_outlive (task);
  g_task_run_in_thread (task, place_thread);
}
