/* How good is it: the page and a whole check with random tiles, by real clicks and keys: what is
 * hidden, what interrupting, a restart and undo do, and that what comes out is what the predictions
 * of before were worth. */

#include "hands.h"
#include "tessera-audit-bar.h"
#include "tessera-export-dialog.h"
#include "tessera-health-window.h"
#include "tessera-map-point.h"
#include "tessera-session-audit.h"
#include "tessera-thumb.h"
#include "tessera-tile-panel.h"
#include "truth-hands.h"
#include "window-test.h"

#include <gdk/x11/gdkx.h>

#define N       300
#define CLASSES 5

static GtkWidget *health; /* the page, weak */

/* --- the page --- */

static gboolean
is_measured (WindowTest *test, gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; health == NULL && i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
    if (TESSERA_IS_HEALTH_WINDOW (window))
      g_set_weak_pointer (&health, window);
  }
  return health != NULL && gtk_widget_get_mapped (health) &&
         !tessera_health_window_is_busy (TESSERA_HEALTH_WINDOW (health));
}

static gboolean
is_gone (WindowTest *test, gpointer data)
{
  return health == NULL;
}

/* Without a window manager the page lies anywhere and has no keys. */
static void
wait_for_page (WindowTest *test)
{
  window_test_wait (test, "the page is there", is_measured, NULL);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (health));
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (surface);
  G_GNUC_END_IGNORE_DEPRECATIONS
  hands_xdo ("windowmove --sync %lu 0 0", id);
  hands_xdo ("mousemove 300 20 windowfocus %lu", id);
}

static void
click (GtkWidget *widget)
{
  int x, y;
  g_assert_nonnull (widget);
  hands_to_screen (widget, gtk_widget_get_width (widget) / 2.0,
                   gtk_widget_get_height (widget) / 2.0, &x, &y);
  hands_xdo ("mousemove %d %d click 1", x, y);
}

/* Back to the project's window, which has the keys again. */
static void
close_page (WindowTest *test)
{
  if (health != NULL)
    hands_xdo ("key Escape");
  window_test_wait (test, "the page is gone", is_gone, NULL);
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (test->window));
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gulong id = gdk_x11_surface_get_xid (surface);
  G_GNUC_END_IGNORE_DEPRECATIONS
  hands_xdo ("mousemove 30 400 windowfocus %lu", id);
}

static void
open_page (WindowTest *test)
{
  GtkWidget *button = window_test_find_button (GTK_WIDGET (test->window), "How good is it?");
  click (button);
  wait_for_page (test);
}

static gboolean
bar_is_seen (WindowTest *test)
{
  GtkWidget *bar = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_AUDIT_BAR);
  return bar != NULL && gtk_widget_get_mapped (bar);
}

/* --- what is hidden --- */

/* Nothing that the window has tells what is predicted of the tile. */
static void
check_hidden (WindowTest *test, uint32_t tile, bool hidden)
{
  TesseraSession *session = window_test_session (test);
  const TsrPrediction *prediction = tessera_session_get_prediction (session, tile);
  g_autoptr (GBytes) colours = tessera_session_get_colours (session);
  const TesseraMapPoint *points = g_bytes_get_data (colours, NULL);
  g_assert_cmpint (prediction->class_id < 0, ==, hidden);
  g_assert_cmpint (prediction->follows == UINT32_MAX, ==, hidden);
  g_assert_cmpint (points[tile].class_index == TESSERA_MAP_NO_CLASS, ==, hidden);
}

static void
check_panel_is_blind (WindowTest *test)
{
  GtkWidget *panel = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_TILE_PANEL);
  g_assert_false (window_test_says (panel, "Predicted"));
  g_assert_false (window_test_says (panel, "Follows"));
  g_assert_false (window_test_says (panel, "Nearest labels"));
  g_assert_false (window_test_says (panel, "Most alike"));
  g_assert_true (window_test_says (panel, "Not labelled yet"));
}

static guint
count_left (WindowTest *test)
{
  g_autoptr (GArray) left = tsr_audit_left (tessera_session_get_audit (window_test_session (test)));
  return left->len;
}

/* --- a whole check --- */

static gboolean
is_done (WindowTest *test, gpointer data)
{
  const TsrAudit *audit = tessera_session_get_audit (window_test_session (test));
  return audit != NULL && audit->state == TSR_AUDIT_DONE;
}

static gboolean
runs (WindowTest *test, gpointer wanted)
{
  return tessera_session_is_auditing (window_test_session (test)) == GPOINTER_TO_INT (wanted) &&
         bar_is_seen (test) == GPOINTER_TO_INT (wanted) &&
         !tessera_session_is_busy (window_test_session (test));
}

/* Begins a check from the page; returns the predictions of before. */
static TsrPrediction *
begin (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  open_page (test);
  unsigned checked = 0;
  window_test_check_names (health, &checked);
  g_assert_cmpuint (checked, >=, 8);
  g_assert_true (window_test_says (health, "not checked yet"));
  TsrPrediction *before =
      g_memdup2 (tessera_session_get_predictions (session), N * sizeof (TsrPrediction));
  click (window_test_find_button (health, "Check with 30 random tiles"));
  window_test_wait (test, "the check has begun", runs, GINT_TO_POINTER (TRUE));
  close_page (test);
  g_assert_cmpuint (count_left (test), ==, 30);
  return before;
}

static void
interrupt_and_restart (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  uint32_t hidden = truth_hands_current (test);
  click (window_test_find_button (GTK_WIDGET (test->window), "Interrupt"));
  window_test_wait (test, "the check is interrupted", runs, GINT_TO_POINTER (FALSE));
  guint left = count_left (test), seen = 0;
  check_hidden (test, hidden, true);
  for (uint32_t i = 0; i < N; i++)
    if (tessera_session_get_label (session, i) == TSR_LABEL_NONE) {
      gboolean of_it = tessera_session_is_hidden (session, i);
      check_hidden (test, i, of_it);
      seen += !of_it;
    }
  g_assert_cmpuint (seen, >, 100);
  window_test_close_window (test);
  window_test_reopen (test);
  g_assert_cmpuint (count_left (test), ==, left);
  g_assert_false (tessera_session_is_auditing (window_test_session (test)));
  check_hidden (test, hidden, true);
  open_page (test);
  g_assert_true (window_test_says (health, "Interrupted"));
  click (window_test_find_button (health, "Go on"));
  window_test_wait (test, "the check goes on", runs, GINT_TO_POINTER (TRUE));
  close_page (test);
  window_test_close_window (test);
  window_test_reopen (test);
  window_test_wait (test, "it goes on after a restart", runs, GINT_TO_POINTER (TRUE));
  check_panel_is_blind (test);
}

static void
test_check (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  for (int i = 0; i < 9; i++)
    truth_hands_label (&test);
  g_autofree TsrPrediction *before = begin (&test);

  uint32_t first = truth_hands_current (&test);
  check_panel_is_blind (&test);
  for (uint32_t i = 0; i < N; i++)
    if (tessera_session_get_label (window_test_session (&test), i) == TSR_LABEL_NONE)
      check_hidden (&test, i, true);
  window_test_key (&test, "space"); /* put off, not lost */
  g_assert_cmpuint (truth_hands_current (&test), !=, first);
  g_assert_cmpuint (count_left (&test), ==, 30);
  window_test_key (&test, "u"); /* set aside */
  for (int i = 0; i < 7; i++)
    truth_hands_label (&test);
  check_panel_is_blind (&test);
  interrupt_and_restart (&test);
  g_assert_cmpuint (count_left (&test), ==, 22);

  while (count_left (&test) > 1)
    truth_hands_label (&test);
  g_assert_cmpuint (truth_hands_current (&test), ==,
                    first); /* the one that was put off comes last */
  truth_hands_label (&test);
  window_test_wait (&test, "the check is done", is_done, NULL);
  wait_for_page (&test);

  /* what was predicted before the check is what it is held against */
  const TsrAudit *audit = tessera_session_get_audit (window_test_session (&test));
  guint right = 0, aside = 0;
  for (guint i = 0; i < audit->tiles->len; i++) {
    const TsrAuditTile *one = &g_array_index (audit->tiles, TsrAuditTile, i);
    g_assert_cmpint (one->predicted, ==, before[one->tile].class_id);
    aside += one->answer == TSR_LABEL_UNSURE;
    right += before[one->tile].class_id == truth_hands_class (&test, one->tile) &&
             one->answer != TSR_LABEL_UNSURE;
  }
  g_assert_cmpuint (aside, ==, 1);
  g_autofree char *says = g_strdup_printf ("By random tiles: %u of 29 right", right);
  g_assert_true (window_test_says (health, says));
  g_assert_true (window_test_says (health, "Predicted from 9 labels"));
  close_page (&test);

  /* undo asks for the last tile again; its label ends the check again */
  window_test_key (&test, "ctrl+z");
  window_test_wait (&test, "the check is open again", runs, GINT_TO_POINTER (TRUE));
  g_assert_cmpuint (truth_hands_current (&test), ==, first);
  check_hidden (&test, first, true);
  truth_hands_label (&test);
  wait_for_page (&test);
  g_assert_true (window_test_says (health, says));
  /* from now on labels change nothing of it */
  close_page (&test);
  tessera_session_select_one (window_test_session (&test), first);
  window_test_key (&test, "0");
  g_assert_true (is_done (&test, NULL));
  window_test_close (&test);
}

/* --- what is no answer --- */

static TsrHow
how_on_disk (WindowTest *test, uint32_t tile)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_ONLY, &error);
  g_autofree char *annotator = NULL;
  gint64 when;
  TsrHow how = TSR_N_HOWS;
  g_assert_true (tsr_project_label_origin (project, tile, &annotator, &when, &how));
  return how;
}

static int32_t
answer_of (WindowTest *test, uint32_t tile)
{
  const TsrAudit *audit = tessera_session_get_audit (window_test_session (test));
  for (guint i = 0; i < audit->tiles->len; i++)
    if (g_array_index (audit->tiles, TsrAuditTile, i).tile == tile)
      return g_array_index (audit->tiles, TsrAuditTile, i).answer;
  g_assert_not_reached ();
}

/* Which column of a table's head this is. */
static guint
column_of (char **head, const char *name)
{
  for (guint i = 0; head[i] != NULL; i++)
    if (g_str_equal (head[i], name))
      return i;
  g_assert_not_reached ();
}

/* How many tiles of a table that is exported now have a prediction. */
static guint
count_exported (WindowTest *test)
{
  g_autofree char *file = g_build_filename (test->folder, "out.csv", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_assert_true (
      tessera_export_write (window_test_session (test), TESSERA_EXPORT_CSV, file, &error));
  g_assert_true (g_file_get_contents (file, &text, NULL, &error));
  g_auto (GStrv) lines = g_strsplit (g_strstrip (text), "\r\n", -1);
  g_auto (GStrv) head = g_strsplit (lines[0], ",", -1);
  guint predicted = column_of (head, "pred"), follows = column_of (head, "nn_id"), n = 0;
  for (guint i = 1; lines[i] != NULL; i++) {
    g_auto (GStrv) fields = g_strsplit (lines[i], ",", -1);
    g_assert_cmpint (*fields[predicted] == 0, ==, *fields[follows] == 0);
    n += *fields[predicted] != 0;
  }
  return n;
}

/* One tile by itself is an answer, several at once and one beside the check are none; and what
 * leaves the program is as blind as the window. */
static void
test_no_answer (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  for (int i = 0; i < 9; i++)
    truth_hands_label (&test);
  g_assert_cmpuint (count_exported (&test), ==, N);
  tessera_session_start_audit (session, 30);
  window_test_wait (&test, "the check has begun", runs, GINT_TO_POINTER (TRUE));
  uint32_t alone = truth_hands_current (&test);
  truth_hands_label (&test);
  g_assert_cmpint (how_on_disk (&test, alone), ==, TSR_HOW_CHECK);
  g_assert_cmpint (answer_of (&test, alone), ==, truth_hands_class (&test, alone));
  g_assert_cmpuint (count_exported (&test), ==, 10); /* what is labelled already */

  g_autoptr (GArray) left = tsr_audit_left (tessera_session_get_audit (session));
  const uint32_t *tiles = (const uint32_t *)left->data;
  tessera_session_select (session, tiles, 3, TESSERA_SELECT_REPLACE);
  window_test_key (&test, "1");
  g_assert_cmpuint (count_left (&test), ==, 26);
  for (int i = 0; i < 3; i++) {
    g_assert_cmpint (how_on_disk (&test, tiles[i]), ==, TSR_HOW_LASSO);
    g_assert_cmpint (answer_of (&test, tiles[i]), ==, TSR_LABEL_UNSURE);
  }
  GtkWidget *bar = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_AUDIT_BAR);
  g_assert_true (window_test_says (bar, "3 tiles got their classes outside the check"));
  window_test_key (&test, "ctrl+z"); /* they may be answered again */
  g_assert_cmpuint (count_left (&test), ==, 29);
  g_assert_false (window_test_says (bar, "outside the check"));

  tessera_session_pause_audit (session);
  window_test_wait (&test, "the check is interrupted", runs, GINT_TO_POINTER (FALSE));
  g_assert_cmpuint (count_exported (&test), ==, N - 29);
  tessera_session_select_one (session, tiles[0]);
  truth_hands_label (&test);
  g_assert_cmpint (how_on_disk (&test, tiles[0]), ==, TSR_HOW_PICKED);
  g_assert_cmpint (answer_of (&test, tiles[0]), ==, TSR_LABEL_UNSURE);
  window_test_wait (&test, "that is said", window_test_is_said,
                    (void *)"1 tile got its class outside the check");
  window_test_close (&test);
}

/* --- a check that somebody else draws --- */

static gboolean
has_check_of (WindowTest *test, gpointer drawn)
{
  const TsrAudit *audit = tessera_session_get_audit (window_test_session (test));
  return audit != NULL && audit->drawn_us == *(const gint64 *)drawn;
}

/* What "tessera health --check" does to the project. */
static TsrAudit *
draw_beside (WindowTest *test, gint64 drawn_us)
{
  TesseraSession *session = window_test_session (test);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_WRITE, &error);
  g_autofree int32_t *label = g_new (int32_t, N);
  g_autofree uint8_t *excluded = g_new (uint8_t, N);
  g_assert_true (tsr_project_labels (project, label, excluded, &error));
  g_autofree TsrPrediction *prediction = g_new0 (TsrPrediction, N);
  int32_t first = ((TsrClass *)tessera_session_get_classes (session)->pdata[0])->id;
  for (uint32_t i = 0; i < N; i++)
    prediction[i].class_id = first;
  TsrAudit *audit = tsr_audit_draw (label, excluded, prediction, N, 12, (uint64_t)drawn_us);
  audit->drawn_us = drawn_us;
  audit->rule = g_strdup ("map");
  g_assert_true (tsr_audit_store (project, audit, &error));
  return audit;
}

/* The window notices it by itself, also where a key comes before that, and never writes its own
 * former check over it. */
static void
test_drawn_beside (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  for (int i = 0; i < 9; i++)
    truth_hands_label (&test);
  gint64 drawn[] = {1001, 1002};
  g_autoptr (TsrAudit) first = draw_beside (&test, drawn[0]);
  window_test_wait (&test, "the window has the check", has_check_of, &drawn[0]);
  window_test_wait (&test, "it runs", runs, GINT_TO_POINTER (TRUE));
  window_test_wait (&test, "that is said", window_test_is_said,
                    (void *)"A check with random tiles was begun");
  g_autoptr (GArray) left = tsr_audit_left (first);
  for (guint i = 0; i < left->len; i++)
    check_hidden (&test, g_array_index (left, uint32_t, i), true);
  g_assert_cmpuint (g_array_index (tessera_session_get_queue (session), uint32_t, 0), ==,
                    g_array_index (left, uint32_t, 0));
  tessera_session_select_one (session, g_array_index (left, uint32_t, 0));
  truth_hands_label (&test);
  g_assert_cmpuint (count_left (&test), ==, 11);

  g_autoptr (TsrAudit) second = draw_beside (&test, drawn[1]);
  truth_hands_label (&test); /* before the window has looked */
  window_test_wait (&test, "the window has the other check", has_check_of, &drawn[1]);
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_ONLY, &error);
  g_autoptr (TsrAudit) stored = tsr_audit_load (project);
  g_assert_cmpint (stored->drawn_us, ==, drawn[1]);
  window_test_close (&test);
}

/* --- what contradicts the rest --- */

/* A slip of the hand is listed, and the arrow leads to it. */
static void
test_discordant (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  TesseraSession *session = window_test_session (&test);
  for (int i = 0; i < 14; i++)
    truth_hands_label (&test);
  uint32_t slip = TESSERA_NO_TILE;
  for (uint32_t i = 0; i < N && slip == TESSERA_NO_TILE; i++) {
    const TsrPrediction *p = tessera_session_get_prediction (session, i);
    if (p->distance > 0 && p->margin > 0.8f && p->class_id == truth_hands_class (&test, i))
      slip = i;
  }
  g_assert_cmpuint (slip, !=, TESSERA_NO_TILE);
  tessera_session_select_one (session, slip);
  char key[] = {(char)('1' + (truth_hands_group (&test, slip) + 1) % CLASSES), 0};
  window_test_key (&test, key);
  open_page (&test);
  g_autofree char *listed = g_strdup_printf ("#%u ", slip);
  g_assert_true (window_test_says (health, listed));
  GtkWidget *forth = hands_find_named (health, GTK_TYPE_BUTTON, "The next label");
  g_assert_nonnull (forth);
  gtk_widget_grab_focus (forth); /* which scrolls to it */
  for (int i = 0; truth_hands_current (&test) != slip && gtk_widget_get_sensitive (forth) && i < 20;
       i++)
    hands_xdo ("key space");
  g_assert_cmpuint (truth_hands_current (&test), ==, slip);
  close_page (&test);
  window_test_close (&test);
}

/* --- before there is anything --- */

/* Without a map nothing is suggested, and without predictions nothing can be checked: the page
 * offers neither, but the way to a map. */
static void
test_no_map (void)
{
  WindowTest test;
  window_test_open (&test, 20, WINDOW_FIXTURE_CLASSES);
  open_page (&test);
  GtkWidget *label = window_test_find_button (health, "Label suggested tiles"); /* of a sign */
  g_assert_true (label == NULL || !gtk_widget_is_sensitive (label));
  g_assert_null (window_test_find_button (health, "Check with 30 random tiles"));
  click (window_test_find_button (health, "Go to training"));
  window_test_wait (&test, "the page is gone", is_gone, NULL);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "Watch it learn"));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/health/check", test_check);
  g_test_add_func ("/health/no-answer", test_no_answer);
  g_test_add_func ("/health/drawn-beside", test_drawn_beside);
  g_test_add_func ("/health/discordant", test_discordant);
  g_test_add_func ("/health/no-map", test_no_map);
  return g_test_run ();
}
