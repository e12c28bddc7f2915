/* The journal and second readers in a real window, with real keys and clicks: who labels, the
 * history and back, a blind copy, two readers compared, their disagreements decided, labels taken
 * over. */

#include "window-test.h"

#include "hands.h"
#include "tessera-history-window.h"
#include "tessera-readers-window.h"
#include "tessera-second-reader.h"
#include "tessera-session-audit.h"
#include "tsr-project-blind.h"

#include <gdk/x11/gdkx.h>
#include <glib/gstdio.h>
#include <string.h>

#define N 40

/* ---- the other windows ---- */

static GtkWidget *
find_window (GType type)
{
  g_autoptr (GList) all = gtk_window_list_toplevels ();
  for (GList *at = all; at != NULL; at = at->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (at->data, type) && gtk_widget_get_mapped (at->data))
      return at->data;
  return NULL;
}

static gboolean
is_there (WindowTest *test, gpointer type)
{
  return find_window (*(GType *)type) != NULL;
}

static gboolean
is_not_there (WindowTest *test, gpointer type)
{
  return find_window (*(GType *)type) == NULL;
}

/* To the screen's corner, where the hands count from, and with the keys. */
static GtkWidget *
wait_for_window (WindowTest *test, GType type)
{
  window_test_wait (test, "the other window is there", is_there, &type);
  GtkWidget *window = find_window (type);
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (gtk_native_get_surface (GTK_NATIVE (window)));
  G_GNUC_END_IGNORE_DEPRECATIONS
  hands_xdo ("windowmove %lu 0 0", id);
  hands_xdo ("windowraise %lu", id);
  hands_xdo ("mousemove 300 30 windowfocus %lu", id);
  return window;
}

static void
focus_main (WindowTest *test)
{
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (gtk_native_get_surface (GTK_NATIVE (test->window)));
  G_GNUC_END_IGNORE_DEPRECATIONS
  hands_xdo ("windowraise %lu", id);
  hands_xdo ("mousemove 30 400 windowfocus %lu", id);
}

static void
click (GtkWidget *widget)
{
  int x, y;
  hands_to_screen (widget, gtk_widget_get_width (widget) / 2.0,
                   gtk_widget_get_height (widget) / 2.0, &x, &y);
  hands_xdo ("mousemove %d %d", x, y);
  hands_xdo ("click 1");
}

static guint
entries (GtkWidget *window)
{
  return g_list_model_get_n_items (
      G_LIST_MODEL (tessera_history_window_get_list (TESSERA_HISTORY_WINDOW (window))));
}

typedef struct {
  GtkWidget *window;
  guint n;
} Count;

static gboolean
has_entries (WindowTest *test, gpointer data)
{
  const Count *count = data;
  return entries (count->window) == count->n &&
         !tessera_history_list_is_busy (
             tessera_history_window_get_list (TESSERA_HISTORY_WINDOW (count->window)));
}

static void
wait_for_entries (WindowTest *test, GtkWidget *window, guint n)
{
  Count count = {window, n};
  window_test_wait (test, "the history lists as many entries", has_entries, &count);
}

typedef struct {
  GtkWidget *root;
  const char *text;
} Words;

static gboolean
says (WindowTest *test, gpointer data)
{
  const Words *words = data;
  return window_test_says (words->root, words->text);
}

static void
wait_for_words (WindowTest *test, GtkWidget *root, const char *text)
{
  Words words = {root, text};
  g_autofree char *what = g_strdup_printf ("it says “%s”", text);
  window_test_wait (test, what, says, &words);
}

/* The toast's button has come to where it stays. */
static gboolean
undo_stands (WindowTest *test, gpointer root)
{
  static double last = -1;
  GtkWidget *undo = window_test_find_button (root, "Undo");
  double x, y = -1, former = last;
  if (undo != NULL)
    gtk_widget_translate_coordinates (undo, root, 0, 0, &x, &y);
  last = y;
  if (y < 0 || y != former)
    window_test_pass (60); /* some frames of its way */
  return y >= 0 && y == former;
}

static void
click_undo (WindowTest *test, GtkWidget *root)
{
  window_test_wait (test, "the toast has come in", undo_stands, root);
  click (window_test_find_button (root, "Undo"));
}

static gboolean
is_current (WindowTest *test, gpointer tile)
{
  return tessera_session_get_current (window_test_session (test)) == GPOINTER_TO_UINT (tile);
}

/* The field for the name has the keys, and all that it says is selected. */
static gboolean
is_typing_name (WindowTest *test, gpointer name)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (test->window));
  int from, to;
  if (focus == NULL || !GTK_IS_EDITABLE (focus) || !gtk_widget_get_mapped (focus) ||
      g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (focus)), name) != 0)
    return FALSE;
  return *(const char *)name == '\0' ||
         (gtk_editable_get_selection_bounds (GTK_EDITABLE (focus), &from, &to) && to > from);
}

static gboolean
has_typed (WindowTest *test, gpointer name)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (test->window));
  return focus != NULL && GTK_IS_EDITABLE (focus) &&
         g_str_equal (gtk_editable_get_text (GTK_EDITABLE (focus)), name);
}

/* ---- who labels ---- */

static void
test_annotator (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  GtkWidget *root = GTK_WIDGET (test.window);
  g_assert_true (window_test_says (root, "Labelling as"));
  GtkWidget *button = NULL;
  g_autofree char *name =
      g_strdup_printf ("Labelling as %s", tessera_session_get_reader (window_test_session (&test)));
  button = hands_find_named (root, GTK_TYPE_MENU_BUTTON, name);
  g_assert_nonnull (button);
  click (button);
  window_test_wait (&test, "the name can be typed", is_typing_name, (gpointer) "");
  hands_xdo ("type Ada");
  window_test_wait (&test, "the name is typed", has_typed, (gpointer) "Ada");
  hands_xdo ("key Return");
  wait_for_words (&test, root, "Labelling as Ada");
  /* the next key labels again, and signs with that name */
  window_test_key (&test, "1");
  window_test_settle (&test);
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, NULL);
  g_autofree char *stored = tsr_project_get (project, "annotator");
  g_assert_cmpstr (stored, ==, "Ada");
  g_autoptr (GPtrArray) journal = tsr_project_journal (project, 1);
  g_assert_cmpuint (journal->len, ==, 1);
  g_assert_cmpstr (((TsrJournalEntry *)journal->pdata[0])->annotator, ==, "Ada");
  /* emptied, the user's own name stands for it again */
  button = hands_find_named (root, GTK_TYPE_MENU_BUTTON, "Labelling as Ada");
  click (button);
  window_test_wait (&test, "the name is selected", is_typing_name, (gpointer) "Ada");
  hands_xdo ("key BackSpace");
  hands_xdo ("key Return");
  wait_for_words (&test, root, name);
  window_test_close (&test);
}

/* ---- the history ---- */

static void
label_keys (WindowTest *test, const char *keys)
{
  for (const char *key = keys; *key; key++) {
    const char one[] = {*key, '\0'};
    window_test_key (test, one);
  }
}

static gboolean
is_search (GtkWidget *widget, gpointer unused)
{
  return GTK_IS_SEARCH_ENTRY (widget);
}

/* With the list in front a name of two words is typed whole: the blank presses no entry. */
static void
check_blank (WindowTest *test, GtkWidget *window)
{
  GtkWidget *search = window_test_find_if (window, is_search, NULL);
  hands_xdo ("key Down");
  uint32_t current = tessera_session_get_current (window_test_session (test));
  hands_xdo ("key x space y");
  wait_for_entries (test, window, 0);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (search)), ==, "x y");
  g_assert_cmpuint (tessera_session_get_current (window_test_session (test)), ==, current);
  hands_xdo ("key Escape");
  wait_for_entries (test, window, 7);
}

/* Of seven entries those that a word means, a class's or a tile's. */
static void
check_search (WindowTest *test, GtkWidget *window, uint32_t touched)
{
  hands_xdo ("key ctrl+f");
  g_autofree char *third =
      g_ascii_strdown (tessera_session_get_class (window_test_session (test), 3)->name, -1);
  hands_xdo ("key ctrl+a");
  hands_xdo ("type %s", third);
  wait_for_entries (test, window, 1);
  hands_xdo ("key ctrl+a");
  hands_xdo ("type #%u", touched);
  wait_for_entries (test, window, 1);
  hands_xdo ("key ctrl+a");
  hands_xdo ("type nothing-is-called-so");
  wait_for_entries (test, window, 0);
  wait_for_words (test, window, "No such entry");
  hands_xdo ("key ctrl+a");
  hands_xdo ("key BackSpace");
  wait_for_entries (test, window, 7);
}

/* From the gallery: it stays, and shows the tile as the map does; its panel speaks of itself. */
static void
check_from_gallery (WindowTest *test, uint32_t touched)
{
  focus_main (test);
  hands_xdo ("key ctrl+4");
  tessera_session_select_none (window_test_session (test));
  wait_for_words (test, GTK_WIDGET (test->window), "drag a box over several");
  g_assert_false (window_test_says (GTK_WIDGET (test->window), "Click a glowing point"));
  AdwViewStack *views =
      tessera_project_page_get_views (tessera_window_get_project_page (test->window));
  hands_xdo ("key ctrl+h");
  GtkWidget *window = wait_for_window (test, TESSERA_TYPE_HISTORY_WINDOW);
  wait_for_entries (test, window, 7);
  for (int i = 0; i < 4; i++)
    hands_xdo ("key Down");
  window_test_wait (test, "the entry's tile is shown", is_current, GUINT_TO_POINTER (touched));
  window_test_pass (200);
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (views), ==, "gallery");
  adw_view_stack_set_visible_child_name (views, "training");
  hands_xdo ("key Down");
  window_test_pass (400);
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (views), ==, "map");
}

static void
test_history (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  label_keys (&test, "12123");
  g_assert_cmpuint (window_fixture_journal_length (test.path), ==, 5);
  hands_xdo ("key ctrl+h");
  GtkWidget *window = wait_for_window (&test, TESSERA_TYPE_HISTORY_WINDOW);
  wait_for_entries (&test, window, 5);
  unsigned checked = 0;
  window_test_check_names (window, &checked);
  g_assert_cmpuint (checked, >, 4);
  g_assert_true (window_test_says (window, "5 entries"));

  /* the third from the top: its tile is shown in the main window */
  hands_xdo ("key Down");
  hands_xdo ("key Down");
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, NULL);
  g_autoptr (GArray) changes = tsr_project_journal_changes (project, 3);
  uint32_t touched = g_array_index (changes, TsrLabelChange, 0).tile;
  window_test_wait (&test, "the entry's tile is shown", is_current, GUINT_TO_POINTER (touched));

  /* back to there: one entry; and undone by the toast */
  click (window_test_find_button (window, "_Go back to here"));
  wait_for_entries (&test, window, 6);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 3);
  wait_for_words (&test, window, "Gone back to entry 3");
  click_undo (&test, window);
  wait_for_entries (&test, window, 7);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 5);

  check_blank (&test, window);
  check_search (&test, window, touched);
  GType type = TESSERA_TYPE_HISTORY_WINDOW;
  hands_xdo ("key Escape");
  window_test_wait (&test, "the history is closed", is_not_there, &type);

  check_from_gallery (&test, touched);
  window_test_close (&test);
}

/* A long journal opens, goes to its end at once, and says there what the first entry was. */
static void
test_long_history (void)
{
  enum { ENTRIES = 100000 };
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = window_fixture_project (test.folder, "test", N, 5, WINDOW_FIXTURE_ALL);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (test.path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_begin_act (project, &error)); /* one sync for all of them */
  for (uint32_t i = 0; i < ENTRIES; i++) {
    uint32_t tile = i % N;
    int32_t class_ = 1 + (int32_t)(i / N % 5);
    g_assert_true (tsr_project_label (project, &tile, &class_, 1, true, TSR_HOW_SUGGESTED,
                                      i == 0  ? "Zoe"
                                      : i % 2 ? "Ada"
                                              : "Ben",
                                      NULL, &error));
  }
  g_assert_true (tsr_project_end_act (project, true, &error));
  tsr_project_close (project);
  window_test_reopen (&test);
  hands_xdo ("key ctrl+h");
  GtkWidget *window = wait_for_window (&test, TESSERA_TYPE_HISTORY_WINDOW);
  wait_for_entries (&test, window, ENTRIES);
  wait_for_words (&test, window, "Ada");
  hands_xdo ("key End");
  wait_for_words (&test, window, "Zoe");
  window_test_wait (&test, "the first entry's tile is shown", is_current, GUINT_TO_POINTER (0));
  hands_xdo ("key ctrl+f");
  hands_xdo ("type zoe");
  wait_for_entries (&test, window, 1);
  window_test_close (&test);
}

/* ---- a second reader ---- */

static gboolean
exists (WindowTest *test, gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_blind (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  label_keys (&test, "12123");
  g_action_group_activate_action (G_ACTION_GROUP (test.window), "second-reader", NULL);
  GtkWidget *dialog = wait_for_window (&test, ADW_TYPE_MESSAGE_DIALOG);
  g_assert_true (window_test_says (dialog, "A copy for a second reader"));
  GType type = ADW_TYPE_MESSAGE_DIALOG;
  hands_xdo ("key Escape");
  window_test_wait (&test, "the question is gone", is_not_there, &type);
  g_autofree char *path = g_build_filename (test.folder, "second.tessera", NULL);
  tessera_second_reader_write (test.window, path, 3);
  window_test_wait (&test, "the copy is there", exists, path);
  wait_for_words (&test, GTK_WIDGET (test.window), "asked to read 3 tiles");
  window_test_close_window (&test);

  /* the second reader opens it: what is to be read is suggested, and stays so */
  g_free (test.path);
  test.path = g_strdup (path);
  window_test_reopen (&test);
  TesseraSession *session = window_test_session (&test);
  g_assert_true (tessera_session_queue_is_given (session));
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 3);
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 0);
  uint32_t last = g_array_index (tessera_session_get_queue (session), uint32_t, 2);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "0 of 3 to be read"));
  label_keys (&test, "2u");
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 1);
  g_assert_cmpuint (g_array_index (tessera_session_get_queue (session), uint32_t, 0), ==, last);
  window_test_key (&test, "ctrl+z");
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 2);
  window_test_close_window (&test);
  window_test_reopen (&test); /* a restart forgets nothing of it */
  session = window_test_session (&test);
  g_assert_true (tessera_session_queue_is_given (session));
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 2);

  /* its end is said: what is suggested then nobody has asked for */
  label_keys (&test, "12");
  wait_for_words (&test, GTK_WIDGET (test.window), "All tiles to be read are done");
  g_assert_false (tessera_session_queue_is_given (session));
  window_test_key (&test, "ctrl+z"); /* the last answer was wrong: it is to be read, still */
  g_assert_true (tessera_session_queue_is_given (session));
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 1);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "2 of 3 to be read"));
  window_test_close (&test);
}

/* A copy in which Ben says of the tiles 0 ... 5 what Ada says, but of 0 and 1, and something of 6.
 */
static char *
second_reading (WindowTest *test)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (test->folder, "ben.tessera", NULL);
  TsrProject *project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  for (uint32_t tile = 0; tile < 6; tile++) {
    int32_t class_ = 1 + (int32_t)tile % 2;
    g_assert_true (
        tsr_project_label (project, &tile, &class_, 1, true, TSR_HOW_PICKED, "Ada", NULL, &error));
  }
  /* Somebody else looks at what they said. */
  g_assert_true (tsr_project_set (project, "annotator", "Eve", &error));
  g_assert_cmpint (tsr_project_write_blind (project, path, &(TsrBlindOptions){0}, NULL, &error), ==,
                   6);
  tsr_project_close (project);
  project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  for (uint32_t tile = 0; tile < 7; tile++) {
    int32_t class_ = tile < 2 ? 3 : 1 + (int32_t)tile % 2;
    g_assert_true (tsr_project_label (project, &tile, &class_, 1, true, TSR_HOW_SUGGESTED, "Ben",
                                      NULL, &error));
  }
  tsr_project_close (project);
  g_assert_no_error (error);
  return path;
}

static GtkWidget *
compare (WindowTest *test, const char *path)
{
  tessera_readers_window_compare (test->window, path);
  return wait_for_window (test, TESSERA_TYPE_READERS_WINDOW);
}

static gboolean
has_labels (WindowTest *test, gpointer n)
{
  return tessera_session_count_labelled (window_test_session (test)) == GPOINTER_TO_UINT (n);
}

static gboolean
waits_for_decision (WindowTest *test, gpointer data)
{
  return tessera_session_get_dispute (window_test_session (test)) != NULL;
}

static gboolean
checks (WindowTest *test, gpointer wanted)
{
  TesseraSession *session = window_test_session (test);
  return tessera_session_is_auditing (session) == GPOINTER_TO_INT (wanted) &&
         !tessera_session_is_busy (session);
}

static void
note (gboolean *happened)
{
  *happened = TRUE;
}

static gboolean
is_true (WindowTest *test, gpointer flag)
{
  return *(gboolean *)flag;
}

static void
check_figures (GtkWidget *window)
{
  static const char *const figures[] = {
      "66.7 %", "0.50", "Ada", "Ben", "Disagreements (2)", "4 tiles given the same class"};
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    g_assert_true (window_test_says (window, figures[i]));
  g_assert_false (window_test_says (window, "Eve")); /* who only looks */
  unsigned checked = 0;
  window_test_check_names (window, &checked);
  g_assert_cmpuint (checked, >, 2);
}

/* A check that asks for a tile with two readings does not say what they were. */
static void
check_blind (WindowTest *test, uint32_t tile)
{
  TesseraSession *session = window_test_session (test);
  tessera_session_start_audit (session, N);
  window_test_wait (test, "a check runs", checks, GINT_TO_POINTER (TRUE));
  tessera_session_select_one (session, (tile + 1) % N);
  gboolean told = FALSE;
  gulong handler = g_signal_connect_swapped (session, "details-changed", G_CALLBACK (note), &told);
  tessera_session_select_one (session, tile);
  window_test_wait (test, "what is known of the tile has come", is_true, &told);
  g_signal_handler_disconnect (session, handler);
  g_assert_null (tessera_session_get_dispute (session));
  g_assert_false (window_test_says (GTK_WIDGET (test->window), "To be decided. Ada: "));
  tessera_session_drop_audit (session);
  window_test_wait (test, "no check runs", checks, GINT_TO_POINTER (FALSE));
  tessera_session_select_one (session, tile);
  window_test_wait (test, "both readings are known again", waits_for_decision, NULL);
}

/* Done again, the list of disputes is there again, also after a restart; and taken back once more.
 */
static void
check_redone (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  g_assert_false (tessera_session_queue_is_given (session));
  window_test_key (test, "ctrl+shift+z");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 4);
  for (int restarted = 0; restarted < 2; restarted++) {
    session = window_test_session (test);
    g_assert_true (tessera_session_queue_is_given (session));
    const GArray *queue = tessera_session_get_queue (session);
    g_assert_cmpuint (queue->len, ==, 2);
    for (guint i = 0; i < 2; i++)
      g_assert_cmpuint (g_array_index (queue, uint32_t, i), <, 2);
    window_test_close_window (test);
    window_test_reopen (test);
  }
  session = window_test_session (test);
  window_test_key (test, "ctrl+z");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 6);
}

static void
test_compare (void)
{
  WindowTest test = {.folder = window_fixture_folder ()};
  test.path = window_fixture_project (test.folder, "test", N, 5, WINDOW_FIXTURE_ALL);
  g_autofree char *other = second_reading (&test);
  window_test_reopen (&test);
  TesseraSession *session = window_test_session (&test);
  GType type = TESSERA_TYPE_READERS_WINDOW;

  /* the figures */
  GtkWidget *window = compare (&test, other);
  check_figures (window);

  /* the tiles they do not agree on: a key chooses one, the main window shows it */
  GtkWidget *switcher = window_test_find (window, GTK_TYPE_STACK_SWITCHER);
  click (gtk_widget_get_last_child (switcher));
  GtkWidget *list = window_test_find (window, GTK_TYPE_LIST_VIEW);
  g_assert_true (gtk_widget_get_mapped (list));
  gtk_widget_grab_focus (list);
  hands_xdo ("key End");
  window_test_wait (&test, "the tile is shown", is_current, GUINT_TO_POINTER (1));

  /* to be decided: without a label, glowing, and both readings are said */
  click (window_test_find_button (window, "Work through the disagreements"));
  window_test_wait (&test, "the comparison is closed", is_not_there, &type);
  focus_main (&test);
  window_test_wait (&test, "the disputed tiles have no label", has_labels, GUINT_TO_POINTER (4));
  window_test_settle (&test);
  g_assert_true (tessera_session_queue_is_given (session));
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 2);
  window_test_wait (&test, "both readings are known", waits_for_decision, NULL);
  wait_for_words (&test, GTK_WIDGET (test.window), "To be decided. Ada: ");
  wait_for_words (&test, GTK_WIDGET (test.window), "; Ben: ");

  uint32_t first = tessera_session_get_current (session);
  check_blind (&test, first);

  window_test_key (&test, "3");
  g_assert_cmpint (tessera_session_get_label (session, first), ==, 3);
  g_assert_cmpuint (tessera_session_get_queue (session)->len, ==, 1);
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, NULL);
  TsrHow how;
  g_assert_true (tsr_project_label_origin (project, first, NULL, NULL, &how));
  g_assert_cmpint (how, ==, TSR_HOW_CONSENSUS);

  window_test_key (&test, "3");
  wait_for_words (&test, GTK_WIDGET (test.window), "All disagreements are decided");

  /* the decisions, and all of the disputes, taken back: three steps */
  window_test_key (&test, "ctrl+z");
  window_test_key (&test, "ctrl+z");
  window_test_key (&test, "ctrl+z");
  g_assert_cmpuint (tessera_session_count_labelled (session), ==, 6);
  g_assert_cmpint (tessera_session_get_label (session, 0), ==, 1);

  check_redone (&test);
  session = window_test_session (&test);

  /* the other's labels where there are none: one, and undone by the toast */
  window = compare (&test, other);
  click (window_test_find_button (window, "Take over 1 label"));
  window_test_wait (&test, "the comparison is closed", is_not_there, &type);
  focus_main (&test);
  window_test_wait (&test, "the label is there", has_labels, GUINT_TO_POINTER (7));
  g_assert_cmpint (tessera_session_get_label (session, 0), ==, 1);
  g_assert_cmpint (window_fixture_label_on_disk (test.path, 6), ==, 1);
  click_undo (&test, GTK_WIDGET (test.window));
  window_test_wait (&test, "the label is gone", has_labels, GUINT_TO_POINTER (6));

  /* done again, and compared again: that label is no second reading, which is said */
  window_test_key (&test, "ctrl+shift+z");
  window_test_wait (&test, "the label is there again", has_labels, GUINT_TO_POINTER (7));
  window = compare (&test, other);
  wait_for_words (&test, window, "1 of these tiles has its label under the same name in both");
  g_assert_true (window_test_says (window, "No label to take over"));
  hands_xdo ("key Escape");
  window_test_wait (&test, "the comparison is closed again", is_not_there, &type);
  window_test_close (&test);
}

/* A file dialog outlives its window, where it is another process's: an answer that comes then finds
 * nobody, and does nothing. */
static void
test_window_gone (void)
{
  WindowTest test;
  if (!window_test_file_dialogs ())
    return;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  GType type = GTK_TYPE_FILE_CHOOSER_DIALOG;
  g_action_group_activate_action (G_ACTION_GROUP (test.window), "compare-readers", NULL);
  window_test_wait (&test, "the file dialog is there", is_there, &type);
  GtkWidget *dialog = g_object_ref (find_window (type));
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), FALSE);
  g_autoptr (GFile) file = g_file_new_for_path (test.path);
  gtk_file_chooser_set_file (GTK_FILE_CHOOSER (dialog), file, NULL);
  window_test_close_window (&test);
  window_test_pass (500);
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  window_test_pass (200);
  g_object_unref (dialog);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/readers/annotator", test_annotator);
  g_test_add_func ("/readers/history", test_history);
  g_test_add_func ("/readers/long-history", test_long_history);
  g_test_add_func ("/readers/blind", test_blind);
  g_test_add_func ("/readers/compare", test_compare);
  g_test_add_func ("/readers/window-gone", test_window_gone);
  return g_test_run ();
}
