#include "tessera-second-reader.h"

#include "tessera-outlive.h"
#include "tessera-ui.h"
#include "tessera-wait.h"
#include "tsr-project-blind.h"

#include <glib/gi18n.h>

/* ---- writing ---- */

typedef struct {
  GWeakRef window;
  TesseraWait *wait;
  char *project, *path;
  TsrBlindOptions options;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;
  g_weak_ref_clear (&copy->window);
  g_free (copy->project);
  g_free (copy->path);
  g_free (copy);
}

static void
copy_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copy *copy = data;
  GError *error = NULL;
  gint64 n = -1;
  g_autoptr (TsrProject) project = tsr_project_open (copy->project, TSR_PROJECT_READ_ONLY, &error);
  if (project != NULL)
    n = tsr_project_write_blind (project, copy->path, &copy->options,
                                 tessera_wait_progress (copy->wait), &error);
  if (n >= 0)
    g_task_return_int (task, (gssize)n);
  else
    g_task_return_error (task, error);
}

static char *
describe (const Copy *copy, gint64 n, const GError *error)
{
  g_autofree char *name = g_filename_display_basename (copy->path);
  if (n >= 0)
    return g_strdup_printf (ngettext ("Written: %s. Who opens it is asked to read %u tile.",
                                      "Written: %s. Who opens it is asked to read %u tiles.", n),
                            name, (guint)n);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup (_ ("Cancelled: nothing was written"));
  return g_strdup (error->message);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  Copy *copy = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gint64 n = g_task_propagate_int (G_TASK (result), &error);
  g_clear_pointer (&copy->wait, tessera_wait_free);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&copy->window);
  g_autofree char *text = describe (copy, n, error);
  if (window != NULL)
    tessera_window_toast (window, text);
}

void
tessera_second_reader_write (TesseraWindow *window, const char *path, guint tiles)
{
  g_return_if_fail (TESSERA_IS_WINDOW (window) && path != NULL);
  Copy *copy = g_new0 (Copy, 1);
  g_weak_ref_init (&copy->window, window);
  copy->project = g_strdup (tessera_window_get_path (window));
  copy->path = g_strdup (path);
  /* another draw each time: the same tiles in the same order would tell what was read before */
  copy->options = (TsrBlindOptions){tiles, (uint64_t)g_get_real_time ()};
  copy->wait = tessera_wait_new (GTK_WINDOW (window), _ ("Writing a copy for a second reader"));
  g_autoptr (GTask) task = g_task_new (NULL, NULL, written_cb, NULL);
  g_task_set_task_data (task, copy, copy_free);
  tessera_outlive (task);
  g_task_run_in_thread (task, copy_thread);
}

/* ---- asking where ---- */

static void
path_cb (GtkNativeDialog *dialog, int response, TesseraWindow *window)
{
  guint tiles = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (dialog), "tiles"));
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL && tessera_window_get_session (window) != NULL) {
    g_autofree char *named = g_str_has_suffix (path, ".tessera")
                                 ? g_strdup (path)
                                 : g_strconcat (path, ".tessera", NULL);
    tessera_second_reader_write (window, named, tiles);
  }
}

static void
ask_where (TesseraWindow *window, guint tiles)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("A new file for the second reader's copy"),
                                   GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_autofree char *title = tessera_session_dup_title (tessera_window_get_session (window));
  g_autofree char *shown = g_strdup_printf (_ ("%s, second reading.tessera"), title);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), g_strdelimit (shown, "/", '_'));
  tessera_ui_begin_beside (dialog, tessera_session_get_path (tessera_window_get_session (window)));
  g_object_set_data (G_OBJECT (dialog), "tiles", GUINT_TO_POINTER (tiles));
  g_signal_connect_object (dialog, "response", G_CALLBACK (path_cb), window, 0);
  tessera_ui_show_dialog (dialog);
}

/* ---- asking which ---- */

static void
which_cb (AdwMessageDialog *dialog, const char *response, TesseraWindow *window)
{
  GtkCheckButton *some = g_object_get_data (G_OBJECT (dialog), "some");
  GtkSpinButton *number = g_object_get_data (G_OBJECT (dialog), "number");
  if (!g_str_equal (response, "write") || tessera_window_get_session (window) == NULL)
    return;
  ask_where (window, gtk_check_button_get_active (some)
                         ? (guint)gtk_spin_button_get_value_as_int (number)
                         : 0);
}

static GtkWidget *
make_choice (GtkWidget *dialog, guint labelled)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8),
            *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *count = tessera_ui_count (labelled);
  g_autofree char *text = g_strdup_printf (
      ngettext ("The %s tile looked at here", "All %s tiles looked at here", labelled), count);
  GtkWidget *all = gtk_check_button_new_with_label (text),
            *some = gtk_check_button_new_with_label (_ ("Some of them, drawn at random:")),
            *number = gtk_spin_button_new_with_range (1, MAX (1, labelled), 1);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (some), GTK_CHECK_BUTTON (all));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (all), TRUE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (number), MIN (50, labelled));
  tessera_ui_set_name (number, _ ("How many tiles to read"));
  g_object_bind_property (some, "active", number, "sensitive", G_BINDING_SYNC_CREATE);
  gtk_box_append (GTK_BOX (row), some);
  gtk_box_append (GTK_BOX (row), number);
  gtk_box_append (GTK_BOX (box), all);
  gtk_box_append (GTK_BOX (box), row);
  g_object_set_data (G_OBJECT (dialog), "some", some);
  g_object_set_data (G_OBJECT (dialog), "number", number);
  return box;
}

void
tessera_second_reader_run (TesseraWindow *window)
{
  g_return_if_fail (TESSERA_IS_WINDOW (window));
  TesseraSession *session = tessera_window_get_session (window);
  guint labelled =
      tessera_session_count_labelled (session) + tessera_session_count_unsure (session);
  if (labelled == 0) {
    tessera_window_toast (window, _ ("Label some tiles first: they are what is read again"));
    return;
  }
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (window), _ ("A copy for a second reader"),
      _ ("Whoever opens the copy labels without knowing what was labelled here: it has the tiles, "
         "the map and the classes, but no label and no history. The tiles to read are its "
         "suggestions, in an order drawn at random."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "write",
                                    _ ("Choose a _file…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "write",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "write");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), make_choice (dialog, labelled));
  g_signal_connect_object (dialog, "response", G_CALLBACK (which_cb), window, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
