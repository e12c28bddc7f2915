/* Changes of classes in a real window: their menu, undo, toasts, looks, and what the ground truth's
 * names mean afterwards. */

#include "tessera-class-editor.h"
#include "tessera-class-row.h"
#include "tessera-coloring.h"
#include "tessera-sidebar.h"
#include "window-test.h"

#include <string.h>

#define N 150

static void
set_up (WindowTest *test, gconstpointer data)
{
  window_test_open (test, N, WINDOW_FIXTURE_ALL);
}

static void
tear_down (WindowTest *test, gconstpointer data)
{
  window_test_close (test);
}

static const TsrClass *
nth (WindowTest *test, guint i)
{
  return g_ptr_array_index (tessera_session_get_classes (window_test_session (test)), i);
}

static GtkWidget *
row_at (WindowTest *test, int i)
{
  GtkWidget *list =
      gtk_widget_get_parent (window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_CLASS_ROW));
  return GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), i));
}

static GtkWidget *
open_menu (WindowTest *test, int i)
{
  GtkWidget *row = row_at (test, i);
  tessera_class_row_edit (TESSERA_CLASS_ROW (row));
  window_test_pass (400);
  GtkWidget *editor = window_test_find (row, TESSERA_TYPE_CLASS_EDITOR);
  g_assert_true (editor != NULL && gtk_widget_get_mapped (editor));
  return editor;
}

static const char *
status (WindowTest *test)
{
  GtkWidget *bar = window_test_find (GTK_WIDGET (test->window), g_type_from_name ("TesseraJobBar"));
  return gtk_label_get_text (
      GTK_LABEL (gtk_widget_get_template_child (bar, G_OBJECT_TYPE (bar), "act")));
}

/* The menu's button does its work, the menu moves along with its class, and the window lives on. */
static void
test_move (WindowTest *test, gconstpointer data)
{
  int32_t first = nth (test, 0)->id, second = nth (test, 1)->id;
  GtkWidget *editor = open_menu (test, 0), *up = window_test_find_button (editor, "Move up"),
            *down = window_test_find_button (editor, "Move down");
  g_assert_false (gtk_widget_get_sensitive (up));
  g_assert_true (gtk_widget_get_sensitive (down));
  g_signal_emit_by_name (down, "clicked");
  window_test_settle (test);
  window_test_pass (200);
  g_assert_cmpint (nth (test, 0)->id, ==, second);
  g_assert_cmpint (nth (test, 1)->id, ==, first);
  g_assert_cmpint (nth (test, 0)->key, ==, '1'); /* keys go on by the order */
  g_assert_cmpint (nth (test, 1)->key, ==, '2');
  g_assert_true (gtk_widget_get_mapped (editor));
  g_assert_cmpint (tessera_class_row_get_id (TESSERA_CLASS_ROW (row_at (test, 1))), ==, first);
  g_assert_true (gtk_widget_get_sensitive (up));

  window_test_key (test, "Escape");
  window_test_pass (300);
  g_assert_false (gtk_widget_get_mapped (editor));
  window_test_key (test, "1"); /* the keyboard is the window's again */
  g_assert_cmpuint (tessera_session_count_class (window_test_session (test), second).labelled, ==,
                    1);
  window_test_key (test, "ctrl+z");
  window_test_key (test, "ctrl+z");
  g_assert_cmpint (nth (test, 0)->id, ==, first);
  g_assert_cmpint (nth (test, 0)->key, ==, '1');
}

/* A class that is taken back while its menu is open takes the menu along. */
static void
test_gone_with_menu (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  tessera_session_add_class (session, "Brief", -1);
  window_test_settle (test);
  open_menu (test, 5);
  tessera_session_undo (session);
  window_test_settle (test);
  window_test_pass (300);
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 5);
  window_test_key (test, "2");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);
}

/* Everything a class can be is undone and done again, in turn with labels, and the status line says
 * what came last. */
static void
test_undo (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  TsrClass class_ = *nth (test, 0);
  g_autofree char *former = g_strdup (class_.name);
  int32_t id = class_.id;
  window_test_key (test, "1");
  class_.name = (char *)"Carcinoma";
  tessera_session_update_class (session, &class_);
  window_test_settle (test);
  g_assert_nonnull (strstr (status (test), "Carcinoma"));
  window_test_key (test, "2");
  tessera_session_add_class (session, "Vessel", -1);
  window_test_settle (test);
  g_assert_nonnull (strstr (status (test), "Vessel"));

  window_test_key (test, "ctrl+z");
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 5);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 2);
  window_test_key (test, "ctrl+z");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);
  g_assert_cmpstr (tessera_session_get_class (session, id)->name, ==, "Carcinoma");
  window_test_key (test, "ctrl+z");
  g_assert_cmpstr (tessera_session_get_class (session, id)->name, ==, former);
  window_test_key (test, "ctrl+z");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 0);

  for (int i = 0; i < 4; i++)
    window_test_key (test, "ctrl+shift+z");
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 6);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 2);
  g_assert_cmpstr (tessera_session_get_class (session, id)->name, ==, "Carcinoma");

  /* Keys change hands in one step. */
  char key = nth (test, 1)->key;
  tessera_session_set_class_key (session, id, key);
  window_test_settle (test);
  g_assert_cmpint (nth (test, 0)->key, ==, key);
  g_assert_cmpint (nth (test, 1)->key, ==, '1');
  window_test_key (test, "ctrl+z");
  g_assert_cmpint (nth (test, 0)->key, ==, '1');
}

static void
keep_toast_cb (TesseraSession *session, const char *text, guint act, gpointer user)
{
  g_free (*(char **)user);
  *(char **)user = g_strdup (text);
}

/* A toast's Undo takes back what the toast tells of, or nothing. */
static void
test_toast (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  g_autofree char *said = NULL;
  g_signal_connect (session, "toast", G_CALLBACK (keep_toast_cb), &said);
  window_test_key (test, "1");
  static const uint32_t tiles[] = {100, 101, 102, 103};
  tessera_session_select (session, tiles, 4, TESSERA_SELECT_REPLACE);
  window_test_key (test, "2");
  window_test_pass (400);
  GtkWidget *undo = window_test_find_button (GTK_WIDGET (test->window), "Undo");
  g_assert_nonnull (undo);
  window_test_click (test, undo);
  window_test_settle (test);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);

  tessera_session_select (session, tiles, 4, TESSERA_SELECT_REPLACE);
  window_test_key (test, "2");
  window_test_pass (400);
  g_assert_nonnull (window_test_find_button (GTK_WIDGET (test->window), "Undo"));
  window_test_key (test, "ctrl+z");
  window_test_pass (600);
  g_assert_null (window_test_find_button (GTK_WIDGET (test->window), "Undo"));
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);

  /* Also where the button was pressed too late. */
  tessera_session_undo_act (session, 1);
  window_test_settle (test);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);

  tessera_session_remove_class (session, nth (test, 0)->id);
  window_test_settle (test);
  g_assert_nonnull (strstr (said, "1 label"));
}

/* Any number of classes: no two look alike. */
static void
test_looks (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  for (int i = 0; i < 30; i++) {
    g_autofree char *name = g_strdup_printf ("Class %d", i);
    tessera_session_add_class (session, name, -1);
    if (i == 20)
      tessera_session_remove_class (session, nth (test, 2)->id);
  }
  window_test_settle (test);
  GPtrArray *classes = tessera_session_get_classes (session);
  g_assert_cmpuint (classes->len, ==, 34);
  for (guint i = 0; i < classes->len; i++)
    for (guint k = 0; k < i; k++)
      g_assert_true (nth (test, i)->rgb != nth (test, k)->rgb ||
                     nth (test, i)->shape != nth (test, k)->shape);
}

/* ---- the ground truth ---- */

static uint32_t
tile_of_truth (WindowTest *test, const char *name)
{
  uint32_t tile = 0;
  while (strcmp (tessera_session_get_truth (window_test_session (test), tile), name) != 0)
    tile++;
  return tile;
}

/* Every truth is drawn as its class, or as nothing a class looks like. */
static void
check_truth_looks (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  g_autoptr (GPtrArray) choices = tessera_colorings (session);
  const TesseraColoring *truth = NULL;
  for (guint i = 0; i < choices->len; i++)
    if (((TesseraColoring *)choices->pdata[i])->by == TESSERA_COLOR_TRUTH)
      truth = choices->pdata[i];
  g_assert_nonnull (truth);
  g_autoptr (GArray) palette = tessera_coloring_palette (truth, session);
  g_autofree TesseraMapPoint *points = tessera_coloring_points (truth, session);
  for (uint32_t t = 0; t < N; t++) {
    const TesseraMapClass *look = &g_array_index (palette, TesseraMapClass, points[t].class_index);
    int32_t id = tessera_session_get_truth_class (session, t);
    GPtrArray *classes = tessera_session_get_classes (session);
    for (guint c = 0; c < classes->len; c++) {
      gboolean same = look->rgb == nth (test, c)->rgb && look->shape == nth (test, c)->shape;
      g_assert_cmpint (same, ==, nth (test, c)->id == id);
    }
  }
}

static void
test_truth (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  tessera_session_set_setting (session, "view.truth", "1");
  g_autofree char *a = g_strdup (nth (test, 0)->name), *b = g_strdup (nth (test, 1)->name);
  int32_t a_id = nth (test, 0)->id, b_id = nth (test, 1)->id, c_id = nth (test, 2)->id;
  uint32_t tile_a = tile_of_truth (test, a), tile_b = tile_of_truth (test, b);
  window_test_key (test, "1");
  window_test_key (test, "2");
  double accuracy = tessera_session_accuracy (session, NULL);

  TsrClass class_ = *nth (test, 0);
  class_.name = (char *)"Thrombocytes";
  tessera_session_update_class (session, &class_);
  window_test_settle (test);
  g_assert_cmpint (tessera_session_get_truth_class (session, tile_a), ==, a_id);
  g_assert_cmpfloat (tessera_session_accuracy (session, NULL), ==, accuracy);
  check_truth_looks (test);

  tessera_session_merge_class (session, b_id, c_id);
  window_test_settle (test);
  g_assert_cmpint (tessera_session_get_truth_class (session, tile_b), ==, c_id);
  check_truth_looks (test);

  /* Neither is forgotten with the window. */
  window_test_close_window (test);
  window_test_reopen (test);
  session = window_test_session (test);
  g_assert_cmpint (tessera_session_get_truth_class (session, tile_a), ==, a_id);
  g_assert_cmpint (tessera_session_get_truth_class (session, tile_b), ==, c_id);

  tessera_session_undo (session);
  window_test_settle (test);
  g_assert_cmpint (tessera_session_get_truth_class (session, tile_b), ==, b_id);
  tessera_session_remove_class (session, a_id);
  window_test_settle (test);
  g_assert_cmpint (tessera_session_get_truth_class (session, tile_a), ==, TSR_LABEL_NONE);
  check_truth_looks (test);
}

/* ---- the menu ---- */

static GtkWidget *
color_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  for (GList *l = windows; l != NULL; l = l->next)
    if (GTK_IS_COLOR_CHOOSER (l->data))
      return l->data;
  return NULL;
}

static void
test_editor (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  GtkWidget *editor = open_menu (test, 1);
  int narrow = gtk_widget_get_width (editor);
  window_test_key (test, "Escape");
  window_test_pass (300);
  tessera_session_add_class (session, "Megakaryocyte-derived platelets of unknown origin", -1);
  window_test_settle (test);
  static const char *const letters[] = {"d", "e", "f", "g", "h", "i", "j", "k"};
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++) /* shorter than an ellipsis: GTK may warn */
    tessera_session_add_class (session, letters[i], -1);
  window_test_settle (test);
  window_test_pass (200);
  editor = open_menu (test, 1);
  g_assert_cmpint (gtk_widget_get_width (editor), <, narrow + 120);

  g_signal_emit_by_name (window_test_find_button (editor, "Another colour…"), "clicked");
  window_test_pass (400);
  GtkWidget *dialog = color_dialog ();
  g_assert_nonnull (dialog);
  GdkRGBA olive = {0x55 / 255.f, 0x66 / 255.f, 0x22 / 255.f, 1};
  gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (dialog), &olive);
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  window_test_settle (test);
  g_assert_cmphex (nth (test, 1)->rgb, ==, 0x556622);

  /* A long name takes a second line in the list rather than being cut. */
  GtkWidget *name =
      GTK_WIDGET (gtk_widget_get_template_child (row_at (test, 5), TESSERA_TYPE_CLASS_ROW, "name"));
  g_assert_cmpint (pango_layout_get_line_count (gtk_label_get_layout (GTK_LABEL (name))), ==, 2);
}

/* However many classes there are, the window's own letters go on doing what they say. */
static void
test_own_letters (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  for (guint i = 0; i < 30; i++) {
    g_autofree char *name = g_strdup_printf ("class %u", i);
    tessera_session_add_class (session, name, -1);
  }
  window_test_settle (test);
  g_assert_cmpuint (tessera_session_get_classes (session)->len, ==, 35);
  for (const char *key = TSR_CLASS_KEYS; *key; key++)
    g_assert_nonnull (tessera_session_get_class_for_key (session, *key));
  window_test_key (test, "u");
  g_assert_cmpuint (tessera_session_count_unsure (session), ==, 1);
  window_test_key (test, "x");
  g_assert_cmpuint (tessera_session_count_excluded (session), ==, 1);
  window_test_key (test, "l");
  g_assert_cmpint (tessera_map_view_get_mode (window_test_map (test)), ==, TESSERA_MAP_MODE_LASSO);
  tessera_canvas_zoom_in (TESSERA_CANVAS (window_test_map (test)));
  window_test_key (test, "f");
  gboolean fitted = FALSE;
  g_object_get (window_test_map (test), "auto-fit", &fitted, NULL);
  g_assert_true (fitted);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 0);
  window_test_key (test, "w"); /* the others label */
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 1);
}

static gboolean
is_key_of (GtkWidget *widget, gpointer data)
{
  const TsrClass *class_ = data;
  g_autofree char *title = NULL, *accelerator = NULL;
  if (!GTK_IS_SHORTCUTS_SHORTCUT (widget) || !gtk_widget_get_mapped (widget))
    return FALSE;
  g_object_get (widget, "title", &title, "accelerator", &accelerator, NULL);
  return g_str_equal (title, class_->name) && accelerator[0] == class_->key;
}

static GtkWidget *
open_list (WindowTest *test)
{
  GtkWidget *list = NULL;
  g_action_group_activate_action (G_ACTION_GROUP (test->application), "shortcuts", NULL);
  window_test_pass (600);
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
    list = GTK_IS_SHORTCUTS_WINDOW (toplevel) ? toplevel : list;
  }
  g_assert_nonnull (list);
  return list;
}

/* The list of keys begins with those of the classes, whatever they are called. */
static void
test_listed (WindowTest *test, gconstpointer data)
{
  TesseraSession *session = window_test_session (test);
  for (guint i = 0; i < 6; i++) {
    g_autofree char *name = g_strdup_printf ("<class> & %u", i);
    tessera_session_add_class (session, name, -1);
  }
  window_test_settle (test);
  GtkWidget *list = open_list (test);
  for (guint i = 0; i < 11; i++)
    g_assert_nonnull (window_test_find_if (list, is_key_of, (gpointer)nth (test, i)));
  g_assert_true (window_test_says (list, "Clear the label"));
  gtk_window_destroy (GTK_WINDOW (list));

  /* many of them are on one page of their own, behind that of labelling */
  for (guint i = 6; i < 25; i++) {
    g_autofree char *name = g_strdup_printf ("class %u", i);
    tessera_session_add_class (session, name, -1);
  }
  window_test_settle (test);
  list = open_list (test);
  g_assert_true (window_test_says (list, "Clear the label"));
  g_assert_null (window_test_find_if (list, is_key_of, (gpointer)nth (test, 0)));
  g_object_set (list, "section-name", "classes", NULL);
  window_test_pass (600);
  for (guint i = 0; i < 30; i++)
    g_assert_nonnull (window_test_find_if (list, is_key_of, (gpointer)nth (test, i)));
  gtk_window_destroy (GTK_WINDOW (list));
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  static const struct {
    const char *name;
    void (*test) (WindowTest *, gconstpointer);
  } tests[] = {
      {"move", test_move},     {"gone-with-menu", test_gone_with_menu},
      {"undo", test_undo},     {"toast", test_toast},
      {"looks", test_looks},   {"truth", test_truth},
      {"editor", test_editor}, {"own-letters", test_own_letters},
      {"listed", test_listed},
  };
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strconcat ("/classes/", tests[i].name, NULL);
    g_test_add (path, WindowTest, NULL, set_up, tests[i].test, tear_down);
  }
  return g_test_run ();
}
