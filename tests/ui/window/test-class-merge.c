/* Merging two classes as a user does it, with the pointer and keys: the menu, the list, the button;
 * then undo, redo, and both again after the window was closed. */

#include "tessera-class-editor.h"
#include "tessera-class-row.h"
#include "tessera-label-pad.h"
#include "tessera-map-view-private.h"
#include "window-test.h"

#include <string.h>

enum { N = 120, LABELS = 6 };

static void
picture (const char *name)
{
  const char *folder = g_getenv ("TESSERA_PICTURES");
  g_autofree char *line = g_strdup_printf ("import -window root %s/%s.png", folder, name);
  if (folder != NULL)
    g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL);
}

/* Clicks the middle of a widget that may be in a popover, or in one of a popover. */
static void
click (WindowTest *test, GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);
  double x, y, sx, sy;
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (native),
                                                   gtk_widget_get_width (widget) / 2.0,
                                                   gtk_widget_get_height (widget) / 2.0, &x, &y));
  gtk_native_get_surface_transform (native, &sx, &sy);
  x += sx;
  y += sy;
  for (GdkSurface *s = gtk_native_get_surface (native); GDK_IS_POPUP (s);
       s = gdk_popup_get_parent (GDK_POPUP (s))) {
    x += gdk_popup_get_position_x (GDK_POPUP (s));
    y += gdk_popup_get_position_y (GDK_POPUP (s));
  }
  window_test_xdotool ("mousemove %d %d", (int)(x + 0.5), (int)(y + 0.5));
  window_test_pass (150);
  window_test_xdotool ("click 1");
  window_test_pass (400);
}

static gboolean
is_row_of (GtkWidget *widget, gpointer id)
{
  return TESSERA_IS_CLASS_ROW (widget) &&
         tessera_class_row_get_id (TESSERA_CLASS_ROW (widget)) == GPOINTER_TO_INT (id);
}

static GtkWidget *
row_of (GtkWidget *root, int32_t id)
{
  return window_test_find_if (root, is_row_of, GINT_TO_POINTER (id));
}

static gboolean
is_label_of (GtkWidget *widget, gpointer text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
         g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);
}

/* The label of this text below root that is mapped; NULL. */
static GtkWidget *
label_of (GtkWidget *root, const char *text)
{
  return window_test_find_if (root, is_label_of, (gpointer)text);
}

/* Merges a class into another, all by clicks. */
static void
merge (WindowTest *test, int32_t from, const char *into)
{
  GtkWidget *row = row_of (GTK_WIDGET (test->window), from);
  click (test, GTK_WIDGET (gtk_widget_get_template_child (row, TESSERA_TYPE_CLASS_ROW, "menu")));
  GtkWidget *editor = window_test_find (row, TESSERA_TYPE_CLASS_EDITOR);
  g_assert_true (editor != NULL && gtk_widget_get_mapped (editor));
  GtkWidget *list =
      GTK_WIDGET (gtk_widget_get_template_child (editor, TESSERA_TYPE_CLASS_EDITOR, "merge"));
  picture ("merge-menu");
  click (test, list);
  GtkWidget *popover = window_test_find (list, GTK_TYPE_POPOVER);
  g_assert_true (popover != NULL && gtk_widget_get_mapped (popover));
  click (test, label_of (popover, into));
  picture ("merge-chosen");
  click (test, window_test_find_button (editor, "Merge into"));
  window_test_settle (test);
  window_test_pass (300);
  g_assert_null (row_of (GTK_WIDGET (test->window), from));
}

/* ---- what is to be there ---- */

typedef struct {
  int32_t label[N], predicted[N];
  guint8 place[N]; /* in the palette, as the map draws it */
  GPtrArray *classes;
} State;

static TsrClass *
copy_class (const TsrClass *class_)
{
  TsrClass *copy = g_memdup2 (class_, sizeof *class_);
  copy->name = g_strdup (class_->name);
  return copy;
}

static State *
state_of (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  State *state = g_new0 (State, 1);
  state->classes = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_class_free);
  GPtrArray *classes = tessera_session_get_classes (session);
  for (guint i = 0; i < classes->len; i++)
    g_ptr_array_add (state->classes, copy_class (g_ptr_array_index (classes, i)));
  g_autoptr (GBytes) points = g_bytes_ref (window_test_map (test)->points);
  const TesseraMapPoint *point = g_bytes_get_data (points, NULL);
  for (uint32_t i = 0; i < N; i++) {
    state->label[i] = tessera_session_get_label (session, i);
    state->predicted[i] = tessera_session_get_prediction (session, i)->class_id;
    state->place[i] = point[i].class_index;
  }
  return state;
}

static void
state_free (State *state)
{
  g_ptr_array_unref (state->classes);
  g_free (state);
}

static void
assert_state (WindowTest *test, const State *wanted)
{
  State *now = state_of (test);
  g_assert_cmpuint (now->classes->len, ==, wanted->classes->len);
  for (guint i = 0; i < now->classes->len; i++) {
    const TsrClass *a = now->classes->pdata[i], *b = wanted->classes->pdata[i];
    g_assert_cmpint (a->id, ==, b->id);
    g_assert_cmpstr (a->name, ==, b->name);
    g_assert_cmpuint (a->rgb, ==, b->rgb);
    g_assert_cmpint (a->shape, ==, b->shape);
    g_assert_cmpint (a->key, ==, b->key);
    GtkWidget *row = row_of (GTK_WIDGET (test->window), a->id);
    g_assert_nonnull (row);
    g_assert_true (window_test_says (row, a->name));
    GtkWidget *pad = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LABEL_PAD);
    g_assert_nonnull (label_of (pad, a->name));
  }
  g_assert_cmpmem (now->label, sizeof now->label, wanted->label, sizeof wanted->label);
  g_assert_cmpmem (now->predicted, sizeof now->predicted, wanted->predicted,
                   sizeof wanted->predicted);
  g_assert_cmpmem (now->place, sizeof now->place, wanted->place, sizeof wanted->place);
  state_free (now);
  for (uint32_t i = 0; i < N; i += 7)
    g_assert_cmpint (window_fixture_label_on_disk (test->path, i), ==, wanted->label[i]);
}

/* No tile is left with the class that has gone, and those that had it have the other. */
static void
assert_merged (WindowTest *test, const State *before, int32_t from, int32_t into)
{
  State *now = state_of (test);
  g_assert_cmpuint (now->classes->len, ==, before->classes->len - 1);
  guint moved = 0, place = 0;
  for (guint i = 0; i < now->classes->len; i++)
    if (((TsrClass *)now->classes->pdata[i])->id == into)
      place = i;
  for (uint32_t i = 0; i < N; i++) {
    g_assert_cmpint (now->label[i], ==, before->label[i] == from ? into : before->label[i]);
    g_assert_cmpint (now->predicted[i], !=, from);
    if (before->label[i] == from || before->label[i] == into)
      g_assert_cmpuint (now->place[i], ==, place);
    moved += before->label[i] == from;
  }
  g_assert_cmpuint (moved, >=, 2);
  GtkWidget *pad = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LABEL_PAD);
  for (guint i = 0; i < before->classes->len; i++) {
    const TsrClass *class_ = before->classes->pdata[i];
    g_assert_cmpint (label_of (pad, class_->name) == NULL, ==, class_->id == from);
  }
  state_free (now);
}

static void
restart (WindowTest *test)
{
  window_test_close_window (test);
  window_test_reopen (test);
}

static void
test_merge (void)
{
  WindowTest test;
  window_test_open (&test, N, WINDOW_FIXTURE_ALL);
  for (int i = 0; i < LABELS; i++)
    window_test_key (&test, (const char *[]){"1", "2", "3"}[i % 3]);
  State *before = state_of (&test);
  const TsrClass *from = before->classes->pdata[1], *into = before->classes->pdata[0];
  picture ("merge-before");

  merge (&test, from->id, into->name);
  picture ("merge-merged");
  assert_merged (&test, before, from->id, into->id);
  g_autofree char *said = g_strdup_printf ("“%s” merged into “%s”", from->name, into->name);
  g_assert_true (window_test_says (GTK_WIDGET (test.window), said));
  State *merged = state_of (&test);

  window_test_key (&test, "ctrl+z");
  window_test_pass (300);
  picture ("merge-undone");
  assert_state (&test, before);
  window_test_key (&test, "ctrl+shift+z");
  window_test_pass (300);
  assert_state (&test, merged);

  restart (&test);
  assert_state (&test, merged);
  window_test_key (&test, "ctrl+z");
  window_test_pass (300);
  picture ("merge-undone-restarted");
  assert_state (&test, before);

  restart (&test);
  assert_state (&test, before);
  window_test_key (&test, "ctrl+shift+z");
  window_test_pass (300);
  assert_state (&test, merged);

  /* the message offers it, too */
  window_test_key (&test, "ctrl+z");
  window_test_pass (300);
  GtkWidget *undo = window_test_find_button (GTK_WIDGET (test.window), "Undo");
  g_assert_null (undo); /* nothing offers what was undone */
  merge (&test, from->id, into->name);
  undo = window_test_find_button (GTK_WIDGET (test.window), "Undo");
  g_assert_nonnull (undo);
  click (&test, undo); /* the message's own button */
  window_test_settle (&test);
  window_test_pass (300);
  assert_state (&test, before);
  window_test_key (&test, "space"); /* off the tiles that are selected now */
  window_test_key (&test, "2");     /* and the key labels with it again */
  g_assert_cmpuint (tessera_session_count_class (window_test_session (&test), from->id).labelled,
                    ==, LABELS / 3 + 1);
  state_free (before);
  state_free (merged);
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/class-merge/undo-redo-restart", test_merge);
  return g_test_run ();
}
