#include "tessera-files-row.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <string.h>

struct _TesseraFilesRow {
  AdwActionRow parent_instance;

  char *hint, *folder_hint, *none;
  gboolean (*wanted) (const char *name);
  GPtrArray *paths; /* char * */
  GtkWidget *clear;
  char *problem;
  gboolean usable; /* all the same */
};

G_DEFINE_FINAL_TYPE (TesseraFilesRow, tessera_files_row, ADW_TYPE_ACTION_ROW)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
show (TesseraFilesRow *self)
{
  guint n = self->paths->len;
  g_autofree char *name = n > 0 ? g_filename_display_basename (self->paths->pdata[0]) : NULL;
  gboolean wrong = self->problem != NULL && !self->usable;
  g_autofree char *files = n == 0   ? g_strdup (self->hint)
                           : n == 1 ? g_strdup (name)
                                    : g_strdup_printf (ngettext ("%u file", "%u files", n), n);
  g_autofree char *said = wrong                   ? g_strdup (self->problem)
                          : self->problem != NULL ? g_strdup_printf ("%s\n%s", files, self->problem)
                                                  : g_strdup (files);
  g_autofree char *text = g_markup_escape_text (said, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  gtk_widget_set_visible (self->clear, n > 0);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
add_folder (TesseraFilesRow *self, const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  guint first = self->paths->len;
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *folded = g_ascii_strdown (name, -1);
    if (self->wanted (folded))
      g_ptr_array_add (self->paths, g_build_filename (path, name, NULL));
  }
  if (self->paths->len > first)
    qsort (self->paths->pdata + first, self->paths->len - first, sizeof *self->paths->pdata,
           compare_names);
}

void
tessera_files_row_choose (TesseraFilesRow *self, const char *const *paths)
{
  g_return_if_fail (TESSERA_IS_FILES_ROW (self));
  g_ptr_array_set_size (self->paths, 0);
  for (guint i = 0; paths[i] != NULL; i++)
    if (self->wanted != NULL && g_file_test (paths[i], G_FILE_TEST_IS_DIR))
      add_folder (self, paths[i]);
    else
      g_ptr_array_add (self->paths, g_strdup (paths[i]));
  g_clear_pointer (&self->problem, g_free);
  show (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (paths[0] != NULL && self->paths->len == 0)
    tessera_files_row_show_problem (self, self->none, FALSE);
}

void
tessera_files_row_show_problem (TesseraFilesRow *self, const char *sentence, gboolean usable)
{
  g_return_if_fail (TESSERA_IS_FILES_ROW (self));
  g_autofree char *copy = g_strdup (sentence);
  g_free (self->problem);
  self->problem = g_steal_pointer (&copy);
  self->usable = usable;
  show (self);
}

const GPtrArray *
tessera_files_row_get (TesseraFilesRow *self)
{
  g_return_val_if_fail (TESSERA_IS_FILES_ROW (self), NULL);
  return self->paths;
}

/* ---- asking ---- */

static void
chosen_cb (TesseraFilesRow *self, int response, GtkNativeDialog *dialog)
{
  g_auto (GStrv) paths = tessera_ui_chosen_paths (dialog, response);
  if (paths[0] != NULL)
    tessera_files_row_choose (self, (const char *const *)paths);
}

static void
ask (TesseraFilesRow *self, const char *title, GtkFileChooserAction action)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog),
                                        action == GTK_FILE_CHOOSER_ACTION_OPEN);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  tessera_ui_show_dialog (dialog);
}

static void
files_cb (TesseraFilesRow *self)
{
  ask (self, self->hint, GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
folder_cb (TesseraFilesRow *self)
{
  ask (self, self->folder_hint, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
}

static void
clear_cb (TesseraFilesRow *self)
{
  const char *const none[] = {NULL};
  tessera_files_row_choose (self, none);
}

/* ---- how it is made ---- */

static GtkWidget *
add_button (TesseraFilesRow *self, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  tessera_ui_set_tip (button, name, NULL);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), button);
  return button;
}

GtkWidget *
tessera_files_row_new (const TesseraFilesRowTexts *texts)
{
  TesseraFilesRow *self = g_object_new (TESSERA_TYPE_FILES_ROW, NULL);
  self->hint = g_strdup (texts->hint);
  self->folder_hint = g_strdup (texts->folder_hint);
  self->none = g_strdup (texts->none);
  self->wanted = texts->wanted;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), texts->title);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  add_button (self, "text-x-generic-symbolic", texts->files, G_CALLBACK (files_cb));
  add_button (self, "folder-symbolic", texts->folder, G_CALLBACK (folder_cb));
  self->clear = add_button (self, "edit-clear-symbolic", texts->clear, G_CALLBACK (clear_cb));
  show (self);
  return GTK_WIDGET (self);
}

static void
tessera_files_row_finalize (GObject *object)
{
  TesseraFilesRow *self = TESSERA_FILES_ROW (object);
  g_ptr_array_unref (self->paths);
  g_free (self->hint);
  g_free (self->folder_hint);
  g_free (self->none);
  g_free (self->problem);
  G_OBJECT_CLASS (tessera_files_row_parent_class)->finalize (object);
}

static void
tessera_files_row_class_init (TesseraFilesRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_files_row_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tessera_files_row_init (TesseraFilesRow *self)
{
  self->paths = g_ptr_array_new_with_free_func (g_free);
}
