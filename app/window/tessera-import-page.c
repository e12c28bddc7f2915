#include "tessera-import-page.h"

#include "tessera-app-state.h"
#include "tessera-import.h"
#include "tessera-slides-page.h"
#include "tessera-toast.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

/* Longer lists would only be scrolled past. */
#define MAX_LISTED 500

struct _TesseraImportPage {
  GtkWidget parent_instance;

  GtkStack *stack;
  AdwPreferencesGroup *question;
  GtkWidget *choose_path;
  AdwActionRow *folder_row, *path_row;
  GtkSwitch *truth;
  AdwActionRow *truth_row;
  TesseraSlidesPage *slides;
  GtkLabel *stage, *left;
  GtkProgressBar *progress;
  AdwStatusPage *failure;
  GtkLabel *done;
  GtkListBox *skipped;
  GtkButton *go_on;

  char *folder, *path;
  gboolean adding, failed;
  gint64 began; /* what runs, microseconds */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (TesseraImportPage, tessera_import_page, GTK_TYPE_WIDGET)

enum { SIGNAL_IMPORTED, SIGNAL_CANCELLED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A guess from what is done, once that is enough to guess from. */
static void
say_left (TesseraImportPage *self, double fraction)
{
  double seconds = (double)(g_get_monotonic_time () - self->began) / G_USEC_PER_SEC;
  gboolean known = seconds > 4 && fraction > 0.02 && fraction < 1;
  g_autofree char *time =
      known ? tessera_ui_duration (seconds * (1 - fraction) / fraction) : g_strdup ("");
  g_autofree char *text = known ? g_strdup_printf (_ ("%s left"), time) : g_strdup ("");
  gtk_label_set_text (self->left, text);
}

static void
progress_cb (double fraction, const char *stage, gpointer user)
{
  TesseraImportPage *self = user;
  if (stage != NULL)
    gtk_label_set_text (self->stage, stage);
  say_left (self, fraction);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
  else
    gtk_progress_bar_pulse (self->progress);
}

static GtkWidget *
make_skipped_row (const TsrSkippedFile *file)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *name = g_markup_escape_text (file->file, -1);
  g_autofree char *reason = g_markup_escape_text (file->reason, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), reason);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  return row;
}

static void
list_refused (TesseraImportPage *self, const GPtrArray *skipped, gboolean failed)
{
  GtkListBoxRow *row;
  while ((row = gtk_list_box_get_row_at_index (self->skipped, 0)) != NULL)
    gtk_list_box_remove (self->skipped, GTK_WIDGET (row));
  for (guint i = 0; i < skipped->len && i < MAX_LISTED; i++)
    gtk_list_box_append (self->skipped, make_skipped_row (skipped->pdata[i]));
  self->failed = failed;
  gtk_button_set_label (self->go_on, failed ? _ ("Back") : _ ("Go on"));
  gtk_stack_set_visible_child_name (self->stack, "done");
  gtk_widget_grab_focus (GTK_WIDGET (self->go_on));
}

/* Lists refused files (GPtrArray of TsrSkippedFile) with a button back; n_added < 0 hides the
 * sentence on them. */
static void
show_skipped (TesseraImportPage *self, GPtrArray *skipped, gint64 n_added)
{
  g_return_if_fail (TESSERA_IS_IMPORT_PAGE (self));
  g_autofree char *added = tessera_ui_count (n_added < 0 ? 0 : (guint64)n_added);
  g_autofree char *refused = g_strdup_printf (
      ngettext ("%u file was refused:", "%u files were refused:", skipped->len), skipped->len);
  g_autofree char *joined = g_strdup_printf (
      ngettext ("%s tile joined the project.", "%s tiles joined the project.", (gulong)n_added),
      added);
  g_autofree char *text =
      n_added < 0 ? g_strdup (refused) : g_strdup_printf ("%s %s", joined, refused);
  gtk_label_set_text (self->done, text);
  list_refused (self, skipped, FALSE);
}

/* One file's reason stands in the sentence; of several, all are listed beneath it. */
static void
show_failure (TesseraImportPage *self, const GError *error, const GPtrArray *refused)
{
  if (refused != NULL && refused->len > 1) {
    gtk_label_set_text (self->done, error->message);
    list_refused (self, refused, TRUE);
    return;
  }
  g_autofree char *text = g_markup_escape_text (error->message, -1);
  adw_status_page_set_description (self->failure, text);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraImportPage) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraImportResult) imported = tessera_import_finish (result, &error);
  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return; /* nobody waits for it any more */
  g_clear_object (&self->cancellable);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
    return;
  }
  if (imported == NULL) {
    show_failure (self, error, tessera_import_get_refused (result));
    return;
  }
  g_free (self->path);
  self->path = g_strdup (imported->path);
  /* It is there to be found again, also if the list of refused files is the last thing read. */
  tessera_app_state_add_recent (self->path);
  if (imported->skipped != NULL && imported->skipped->len > 0)
    show_skipped (self, imported->skipped, imported->added);
  else
    g_signal_emit (self, signals[SIGNAL_IMPORTED], 0, self->path);
}

void
tessera_import_page_cancel (TesseraImportPage *self)
{
  g_return_if_fail (TESSERA_IS_IMPORT_PAGE (self));
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

void
tessera_import_page_abandon (TesseraImportPage *self)
{
  g_return_if_fail (TESSERA_IS_IMPORT_PAGE (self));
  tessera_import_page_cancel (self);
  g_clear_object (&self->cancellable);
}

static void
begin (TesseraImportPage *self, const char *stage)
{
  tessera_import_page_abandon (self);
  self->cancellable = g_cancellable_new ();
  self->began = g_get_monotonic_time ();
  gtk_label_set_text (self->left, "");
  gtk_label_set_text (self->stage, stage);
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_stack_set_visible_child_name (self->stack, "running");
}

static void
start_cb (TesseraImportPage *self)
{
  begin (self, _ ("Looking through the folder"));
  tessera_import_async (self->folder, self->path, gtk_switch_get_active (self->truth), progress_cb,
                        self->cancellable, imported_cb, g_object_ref (self));
}

static void
start_slides_cb (TesseraImportPage *self)
{
  tessera_slides_page_leave (self->slides);
  begin (self, _ ("Opening the slides"));
  tessera_import_slides_async (tessera_slides_page_dup_choice (self->slides), self->path,
                               progress_cb, self->cancellable, imported_cb, g_object_ref (self));
}

void
tessera_import_page_demonstrate (TesseraImportPage *self)
{
  g_return_if_fail (TESSERA_IS_IMPORT_PAGE (self));
  begin (self, _ ("Drawing the demonstration's tiles"));
  tessera_import_demonstration_async (progress_cb, self->cancellable, imported_cb,
                                      g_object_ref (self));
}

static gboolean
has_subfolders (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      return TRUE;
  }
  return FALSE;
}

static void
set_path (TesseraImportPage *self, const char *path)
{
  g_autofree char *copy = g_strdup (path);
  g_free (self->path);
  self->path = g_steal_pointer (&copy);
  g_autofree char *shown = g_filename_display_name (self->path);
  g_autofree char *text = g_markup_escape_text (shown, -1);
  adw_action_row_set_subtitle (self->path_row, text);
  tessera_slides_page_set_path (self->slides, self->path, self->adding);
}

void
tessera_import_page_ask (TesseraImportPage *self, const char *folder, const char *into)
{
  g_return_if_fail (TESSERA_IS_IMPORT_PAGE (self));
  tessera_import_page_abandon (self);
  g_free (self->folder);
  self->folder = g_strdup (folder);
  self->adding = into != NULL;
  g_autofree char *shown = g_filename_display_name (folder);
  g_autofree char *text = g_markup_escape_text (shown, -1);
  adw_action_row_set_subtitle (self->folder_row, text);
  g_autofree char *path = into != NULL ? g_strdup (into) : tessera_import_propose_path (folder);
  set_path (self, path);
  adw_preferences_group_set_title (self->question, self->adding ? _ ("Tiles for the open project")
                                                                : _ ("A project from this folder"));
  gtk_widget_set_visible (self->choose_path, !self->adding);
  gboolean subfolders = has_subfolders (folder);
  gtk_switch_set_active (self->truth, FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->truth_row), subfolders);
  gtk_stack_set_visible_child_name (self->stack, "ask");
}

void
tessera_import_page_ask_slides (TesseraImportPage *self, const char *const *paths, const char *into)
{
  g_return_if_fail (TESSERA_IS_IMPORT_PAGE (self) && paths[0] != NULL);
  tessera_import_page_abandon (self);
  self->adding = into != NULL;
  g_autofree char *path = into != NULL ? g_strdup (into) : tessera_import_propose_path (paths[0]);
  set_path (self, path);
  tessera_slides_page_ask (self->slides, paths, into);
  gtk_stack_set_visible_child_name (self->stack, "slides");
}

/* The folder holds slides, not tiles. */
static void
slides_cb (TesseraImportPage *self)
{
  g_autofree char *folder = g_strdup (self->folder), *path = g_strdup (self->path);
  const char *paths[] = {folder, NULL};
  tessera_import_page_ask_slides (self, paths, self->adding ? path : NULL);
}

gboolean
tessera_import_page_save_as (TesseraImportPage *self, const char *path)
{
  g_return_val_if_fail (TESSERA_IS_IMPORT_PAGE (self) && path != NULL, FALSE);
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    set_path (self, path);
    return TRUE;
  }
  g_autofree char *shown = g_filename_display_basename (path);
  g_autofree char *text = g_strdup_printf (
      _ ("“%s” is there already, and a new project replaces none: choose another name, or open it "
         "and add to it."),
      shown);
  GtkWidget *toasts = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  if (toasts != NULL)
    tessera_toast_show (ADW_TOAST_OVERLAY (toasts), text, TESSERA_TOAST_BESIDE);
  return FALSE;
}

static void
chosen_cb (TesseraImportPage *self, int response, GtkNativeDialog *dialog)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);
    if (path != NULL) {
      g_autofree char *named = g_str_has_suffix (path, ".tessera")
                                   ? g_strdup (path)
                                   : g_strconcat (path, ".tessera", NULL);
      tessera_import_page_save_as (self, named);
    }
  }
}

static void
choose_path_cb (TesseraImportPage *self)
{
  if (self->adding)
    return;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Save the project as"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
      GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *name = g_filename_display_basename (self->path);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  tessera_ui_show_dialog (dialog);
}

static void
cancel_cb (TesseraImportPage *self)
{
  if (self->cancellable != NULL)
    tessera_import_page_cancel (self);
  else {
    tessera_slides_page_leave (self->slides);
    g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
  }
}

static void
go_on_cb (TesseraImportPage *self)
{
  if (self->path != NULL && !self->failed)
    g_signal_emit (self, signals[SIGNAL_IMPORTED], 0, self->path);
  else
    g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
}

static void
tessera_import_page_dispose (GObject *object)
{
  TesseraImportPage *self = TESSERA_IMPORT_PAGE (object);
  tessera_import_page_cancel (self);
  g_clear_object (&self->cancellable);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (tessera_import_page_parent_class)->dispose (object);
}

static void
tessera_import_page_class_init (TesseraImportPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_import_page_dispose;
  GType type = G_TYPE_FROM_CLASS (klass);
  signals[SIGNAL_IMPORTED] = g_signal_new ("imported", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_CANCELLED] =
      g_signal_new ("cancelled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-import-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, question);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, choose_path);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, folder_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, path_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, truth);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, truth_row);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, slides);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, stage);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, left);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, progress);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, failure);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, done);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, skipped);
  gtk_widget_class_bind_template_child (widget_class, TesseraImportPage, go_on);
  gtk_widget_class_bind_template_callback (widget_class, start_cb);
  gtk_widget_class_bind_template_callback (widget_class, start_slides_cb);
  gtk_widget_class_bind_template_callback (widget_class, slides_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, go_on_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_path_cb);
}

static void
tessera_import_page_init (TesseraImportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  AdwClamp *clamp =
      ADW_CLAMP (gtk_widget_get_ancestor (GTK_WIDGET (self->folder_row), ADW_TYPE_CLAMP));
  adw_clamp_set_maximum_size (clamp,
                              (int)(adw_clamp_get_maximum_size (clamp) * tessera_ui_text_scale ()));
}
