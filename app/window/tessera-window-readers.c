/* "win.*" of the journal and of second readers, and the windows that belong to an open project. */

#include "tessera-ui.h"
#include "tessera-window-private.h"

#include "tessera-history-window.h"
#include "tessera-readers-window.h"
#include "tessera-second-reader.h"

#include <glib/gi18n.h>

static GtkWindow *
find_window (TesseraWindow *self, GType type)
{
  g_autoptr (GList) toplevels = gtk_window_list_toplevels ();
  for (GList *at = toplevels; at != NULL; at = at->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (at->data, type) &&
        gtk_window_get_transient_for (at->data) == GTK_WINDOW (self))
      return at->data;
  return NULL;
}

void
tessera_window_close_companions (TesseraWindow *self)
{
  const GType types[] = {TESSERA_TYPE_HISTORY_WINDOW, TESSERA_TYPE_READERS_WINDOW};
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    GtkWindow *companion;
    while ((companion = find_window (self, types[i])) != NULL)
      gtk_window_destroy (companion);
  }
}

static void
history (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GtkWindow *there = find_window (window, TESSERA_TYPE_HISTORY_WINDOW);
  gtk_window_present (there != NULL ? there : GTK_WINDOW (tessera_history_window_new (window)));
}

static void
second_reader (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_second_reader_run (window);
}

static void
reading_chosen_cb (GtkNativeDialog *dialog, int response, TesseraWindow *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL && tessera_window_get_session (self) != NULL)
    tessera_readers_window_compare (self, path);
}

static void
compare_readers (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("The other reader's project, or a table of labels (CSV)"),
                                   window, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ ("Tessera projects and tables (CSV)"));
  gtk_file_filter_add_suffix (filter, "tessera");
  gtk_file_filter_add_suffix (filter, "csv");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_signal_connect_object (dialog, "response", G_CALLBACK (reading_chosen_cb), window, 0);
  tessera_ui_show_dialog (dialog);
}

void
tessera_window_update_reader_actions (TesseraWindow *self, gboolean open)
{
  static const char *const names[] = {"history", "second-reader", "compare-readers"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), names[i])), open);
}

void
tessera_window_add_reader_actions (TesseraWindow *self)
{
  static const GActionEntry entries[] = {
      {"history", history},
      {"second-reader", second_reader},
      {"compare-readers", compare_readers},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
