/* Nothing that the window says was left untranslated: every page, menu and dialog in a language
 * made of brackets, in which a text that forgot its _() stands out. */

#include "tessera-export-dialog.h"
#include "tessera-language.h"
#include "untranslated.h"
#include "window-tour.h"

#include <string.h>

/* Tells everything at once: who mends one wants to know of all. */
static void
assert_nothing (Untranslated *all)
{
  for (guint i = 0; i < all->found->len; i++)
    g_printerr ("untranslated: %s\n", (char *)all->found->pdata[i]);
  if (all->found->len > 0)
    g_test_fail_printf ("%u texts are not translated", all->found->len);
}

/* ---- that it can fail ---- */

static void
test_finds (void)
{
  Untranslated all;
  untranslated_init (&all);
  untranslated_allow (&all, (const char *const[]){"Ki-67", NULL});
  static const char *const good[] = {"⟦Ópéñ⟧", "12 ⟦tílés⟧, 3.5", "⟦%s: ⟦íññér⟧ name⟧", "Ki-67",
                                     "→ 5"};
  static const char *const bad[] = {"Open", "⟦Ópéñ⟧ now", "Ki-67 cells", "5 µm"};
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_false (untranslated_text (&all, good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_true (untranslated_text (&all, bad[i]));

  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0));
  gtk_box_append (GTK_BOX (box), gtk_button_new_with_label ("Cut"));
  GtkWidget *icon = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_set_tooltip_text (icon, "Undo");
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, "Take back",
                                  -1);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box),
                  gtk_drop_down_new_from_strings ((const char *const[]){"⟦Áll⟧", "Some", NULL}));
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new (), section = g_menu_new ();
  g_menu_append (section, "Paste", NULL);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_box_append (GTK_BOX (box), button);
  untranslated_look (&all, box, "here");
  g_ptr_array_add (all.found, NULL);
  g_autofree char *told = g_strjoinv ("\n", (char **)all.found->pdata);
  static const char *const wanted[] = {"“Cut”", "“Undo”", "Take back", "“Some”", "“Paste”"};
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_nonnull (strstr (told, wanted[i]));
  g_object_unref (box);
  untranslated_clear (&all);
}

/* ---- the tour ---- */

static void
stop_cb (WindowTest *test, const char *where, gpointer all)
{
  untranslated_look_everywhere (all, where);
}

typedef void (*Part) (WindowTourStop stop, gpointer data);

static const struct {
  const char *path;
  Part tour;
  unsigned least; /* texts looked at */
} parts[] = {
    {"/untranslated/beginnings", window_tour_beginnings, 500},
    {"/untranslated/project", window_tour_project, 5000},
    {"/untranslated/beside", window_tour_beside, 1500},
    {"/untranslated/training", window_tour_training, 500},
    {"/untranslated/dialogs", window_tour_dialogs, 5000},
};

static void
test_part (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  Untranslated all;
  untranslated_init (&all);
  untranslated_allow (&all, window_tour_names ());
  untranslated_allow (&all, (const char *const[]){"^Clear entry$", NULL}); /* GTK's own */
  g_autofree char *user = g_regex_escape_string (g_get_user_name (), -1);
  untranslated_allow (&all, (const char *const[]){"\\b(Macenko|Reinhard)\\b", /* methods */
                                                  user,                       /* who labelled */
                                                  NULL});
  parts[i].tour (stop_cb, &all);
  g_test_message ("%u texts looked at", all.looked_at);
  g_assert_cmpuint (all.looked_at, >, parts[i].least);
  assert_nothing (&all);
  untranslated_clear (&all);
}

/* ---- documents ---- */

static gboolean
exists_cb (WindowTest *test, gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static GtkWidget *
chooser (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
    if (GTK_IS_FILE_CHOOSER (toplevel) && gtk_widget_get_visible (toplevel))
      return toplevel;
  }
  return NULL;
}

static gboolean
asks_cb (WindowTest *test, gpointer data)
{
  return chooser () != NULL;
}

/* Writes through the dialog, and reads back what stands in the PDF; NULL without pdftotext. */
static char *
written (WindowTest *test, TesseraExportKind kind, gboolean english)
{
  g_autofree char *name = g_strdup_printf ("%d-%d.pdf", (int)kind, english),
                  *path = g_build_filename (test->folder, name, NULL), *text = NULL;
  tessera_export_dialog_run (test->window, kind);
  window_test_wait (test, "the dialog", asks_cb, NULL);
  GtkWidget *dialog = chooser ();
  GtkWidget *box = window_test_find (dialog, GTK_TYPE_CHECK_BUTTON);
  g_assert_nonnull (box);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), path);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (box), english);
  window_test_pass (500);
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  window_test_wait (test, "the file", exists_cb, path);
  const char *words[] = {"pdftotext", path, "-", NULL};
  g_spawn_sync (NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text, NULL, NULL,
                NULL);
  return g_steal_pointer (&text);
}

static void
test_exported (void)
{
  WindowTest test = {0};
  window_test_open (&test, 60, WINDOW_FIXTURE_ALL);
  static const TesseraExportKind kinds[] = {TESSERA_EXPORT_REPORT, TESSERA_EXPORT_MAP};
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *own = written (&test, kinds[i], FALSE),
                    *english = written (&test, kinds[i], TRUE);
    if (own == NULL) {
      g_test_skip ("poppler-utils is not installed");
      break;
    }
    g_assert_nonnull (strstr (own, "⟦"));
    g_assert_null (strstr (own, "predicted"));
    g_assert_null (strstr (english, "⟦"));
    g_assert_nonnull (strstr (english, "predicted"));
  }
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_can_run ())
    return 0;
  window_fixture_home ();
  char *folder = window_fixture_folder ();
  if (!untranslated_speak (folder))
    return 0;
  tessera_language_init ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/untranslated/finds", test_finds);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_test_add_data_func (parts[i].path, GUINT_TO_POINTER (i), test_part);
  g_test_add_func ("/untranslated/exported", test_exported);
  int status = g_test_run ();
  window_fixture_remove (folder);
  return status;
}
