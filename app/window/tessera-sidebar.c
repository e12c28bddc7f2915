#include "tessera-sidebar.h"

#include "tessera-class-row.h"
#include "tessera-reader-button.h"
#include "tessera-ui.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>
#include <math.h>

struct _TesseraSidebar {
  GtkBox parent_instance;

  GtkListBox *classes;
  GtkEditable *new_class;
  GtkDropDown *show;
  GtkLabel *coverage;
  GtkLabel *more;
  GtkLabel *aside;
  GtkLabel *accuracy;
  TesseraReaderButton *reader;

  TesseraSession *session;
  GSignalGroup *signals;
  gboolean isolating; /* many rows change, and that is one change */
};

G_DEFINE_FINAL_TYPE (TesseraSidebar, tessera_sidebar, GTK_TYPE_BOX)

enum { SIGNAL_FILTER, N_SIGNALS };
static guint signals[N_SIGNALS];

static TesseraClassRow *
row_at (TesseraSidebar *self, int index)
{
  return (TesseraClassRow *)gtk_list_box_get_row_at_index (self->classes, index);
}

static void
filter_changed (TesseraSidebar *self)
{
  if (!self->isolating)
    g_signal_emit (self, signals[SIGNAL_FILTER], 0);
}

static void
isolate_cb (TesseraSidebar *self, TesseraClassRow *only)
{
  TesseraClassRow *row;
  gboolean others = FALSE;
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    others |= row != only && tessera_class_row_get_shown (row);
  self->isolating = TRUE;
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    tessera_class_row_set_shown (row, row == only || !others);
  self->isolating = FALSE;
  filter_changed (self);
}

static void
show_cb (TesseraSidebar *self)
{
  filter_changed (self);
}

TesseraShow
tessera_sidebar_get_show (TesseraSidebar *self)
{
  g_return_val_if_fail (TESSERA_IS_SIDEBAR (self), TESSERA_SHOW_ALL);
  guint selected = gtk_drop_down_get_selected (self->show);
  return selected == GTK_INVALID_LIST_POSITION ? TESSERA_SHOW_ALL : (TesseraShow)selected;
}

gboolean
tessera_sidebar_get_class_shown (TesseraSidebar *self, int32_t id)
{
  g_return_val_if_fail (TESSERA_IS_SIDEBAR (self), TRUE);
  TesseraClassRow *row;
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    if (tessera_class_row_get_id (row) == id)
      return tessera_class_row_get_shown (row);
  return TRUE;
}

gboolean
tessera_sidebar_passes (TesseraSidebar *self, uint32_t tile)
{
  gboolean has_truth = tessera_session_get_truth (self->session, tile) != NULL;
  TesseraShowTile facts = {
      .label = tessera_session_get_label (self->session, tile),
      .excluded = tessera_session_get_excluded (self->session, tile),
      .prediction = tessera_session_get_prediction (self->session, tile),
      .has_truth = has_truth,
      .truth_class = has_truth ? tessera_session_get_truth_class (self->session, tile) : -1,
  };
  return tessera_show_passes (tessera_sidebar_get_show (self), &facts);
}

void
tessera_sidebar_show_all (TesseraSidebar *self)
{
  g_return_if_fail (TESSERA_IS_SIDEBAR (self));
  TesseraClassRow *row;
  self->isolating = TRUE;
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    tessera_class_row_set_shown (row, TRUE);
  gtk_drop_down_set_selected (self->show, TESSERA_SHOW_ALL);
  self->isolating = FALSE;
  filter_changed (self);
}

static void
refresh_rows (TesseraSidebar *self)
{
  TesseraClassRow *row;
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    tessera_class_row_refresh (row);
}

static void
say_accuracy (TesseraSidebar *self)
{
  uint32_t counted;
  double accuracy = tessera_session_accuracy (self->session, &counted);
  gboolean on = g_str_equal (tessera_session_get_setting (self->session, "view.truth", "0"), "1");
  gtk_widget_set_visible (GTK_WIDGET (self->accuracy), on && counted > 0);
  if (!on || counted == 0)
    return;
  g_autofree char *count = tessera_ui_count (counted);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%.1f %% right of %s unlabelled tile whose truth is known",
                "%.1f %% right of %s unlabelled tiles whose truth is known", counted),
      accuracy * 100, count);
  gtk_label_set_text (self->accuracy, text);
}

/* A class's place in the list; those that have gone come last. */
static int
place_of (TesseraSidebar *self, gpointer row)
{
  GPtrArray *classes = tessera_session_get_classes (self->session);
  int32_t id = tessera_class_row_get_id (row);
  for (guint i = 0; i < classes->len; i++)
    if (((TsrClass *)g_ptr_array_index (classes, i))->id == id)
      return (int)i;
  return G_MAXINT;
}

static int
compare_rows (GtkListBoxRow *a, GtkListBoxRow *b, gpointer user)
{
  TesseraSidebar *self = user;
  int x = place_of (self, a), y = place_of (self, b);
  return (x > y) - (x < y);
}

static TesseraClassRow *
row_of (TesseraSidebar *self, int32_t id)
{
  TesseraClassRow *row;
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    if (tessera_class_row_get_id (row) == id)
      return row;
  return NULL;
}

/* Rows live as long as their class: one whose menu is open keeps it when it is moved, and must
 * close it before it goes, since a popover that loses its row keeps every click and key. */
static void
classes_changed_cb (TesseraSidebar *self)
{
  GPtrArray *classes = tessera_session_get_classes (self->session);
  TesseraClassRow *row;
  for (int i = 0; (row = row_at (self, i)) != NULL;) {
    if (place_of (self, row) < G_MAXINT) {
      i++;
      continue;
    }
    tessera_class_row_close (row);
    gtk_list_box_remove (self->classes, GTK_WIDGET (row));
  }
  for (guint i = 0; i < classes->len; i++) {
    int32_t id = ((TsrClass *)g_ptr_array_index (classes, i))->id;
    if (row_of (self, id) != NULL)
      continue;
    GtkWidget *added = tessera_class_row_new (self->session, id);
    g_signal_connect_swapped (added, "visibility-changed", G_CALLBACK (filter_changed), self);
    g_signal_connect_swapped (added, "isolate", G_CALLBACK (isolate_cb), self);
    gtk_list_box_append (self->classes, added);
  }
  gtk_list_box_invalidate_sort (self->classes);
  refresh_rows (self);
  say_accuracy (self);
}

static void
say_aside (TesseraSidebar *self)
{
  uint32_t unsure = tessera_session_count_unsure (self->session);
  uint32_t excluded = tessera_session_count_excluded (self->session);
  g_autofree char *text =
      g_strdup_printf (_ ("Set aside: %u unsure, %u excluded"), unsure, excluded);
  gtk_label_set_text (self->aside, text);
  gtk_widget_set_visible (GTK_WIDGET (self->aside), unsure + excluded > 0);
}

static void
labels_changed_cb (TesseraSidebar *self)
{
  refresh_rows (self);
  say_accuracy (self);
  say_aside (self);
}

/* Map units mean nothing to anybody: a distance is said as a share of the map's width. Two digits
 * do. */
static char *
format_radius (float radius, float width)
{
  double percent = 100.0 * radius / MAX (width, 1e-12);
  return percent >= 10 ? g_strdup_printf ("%.0f", percent) : g_strdup_printf ("%.1f", percent);
}

static void
coverage_cb (TesseraSidebar *self)
{
  float now, then;
  uint32_t more;
  if (tessera_session_is_map_forming (self->session)) /* it will be said of the map that results */
    return;
  gboolean known = tessera_session_get_coverage (self->session, &now, &then, &more);
  gtk_widget_set_visible (GTK_WIDGET (self->more), known && isfinite (then));
  if (!known) {
    gtk_label_set_text (self->coverage, _ ("The map will say how far your labels reach."));
    return;
  }
  float width = tessera_session_get_map_width (self->session);
  g_autofree char *next = format_radius (then, width);
  if (!isfinite (now)) {
    g_autofree char *text = g_strdup_printf (_ ("No labels yet. With %u, no tile is farther from a "
                                                "label than %s %% of the map's width."),
                                             more, next);
    gtk_label_set_text (self->coverage, text);
    gtk_widget_set_visible (GTK_WIDGET (self->more), FALSE);
    return;
  }
  g_autofree char *radius = format_radius (now, width);
  g_autofree char *text = g_strdup_printf (
      _ ("No tile is farther from a label than %s %% of the map's width."), radius);
  g_autofree char *brings = g_strdup_printf (_ ("%u more labels bring that to %s %%."), more, next);
  gtk_label_set_text (self->coverage, text);
  gtk_label_set_text (self->more, brings);
}

/* Enter adds and stays for the next name; with nothing typed it leaves the field. */
static void
add_class_cb (TesseraSidebar *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->new_class)));
  gtk_editable_set_text (self->new_class, "");
  if (*name != '\0')
    tessera_session_add_class (self->session, name, -1);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-map", NULL);
}

/* Escape gives up what was typed and goes back to the tiles. */
static gboolean
new_class_key_cb (TesseraSidebar *self, guint keyval)
{
  if (keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_editable_set_text (self->new_class, "");
  gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-map", NULL);
  return GDK_EVENT_STOP;
}

void
tessera_sidebar_focus_new_class (TesseraSidebar *self)
{
  g_return_if_fail (TESSERA_IS_SIDEBAR (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->new_class));
}

static void
fill_show (TesseraSidebar *self)
{
  const char *names[] = {_ ("All tiles"),
                         _ ("Unlabelled"),
                         _ ("Labelled"),
                         _ ("Least certain"),
                         _ ("Set aside"),
                         NULL,
                         NULL};
  if (tessera_session_has_truth (self->session) &&
      g_str_equal (tessera_session_get_setting (self->session, "view.truth", "0"), "1"))
    names[TESSERA_SHOW_WRONG] = _ ("Predicted wrongly");
  GListModel *model = gtk_drop_down_get_model (self->show);
  guint n = names[TESSERA_SHOW_WRONG] != NULL ? TESSERA_SHOW_WRONG + 1 : TESSERA_SHOW_WRONG;
  if (model != NULL && g_list_model_get_n_items (model) == n)
    return;
  g_autoptr (GtkStringList) list = gtk_string_list_new (names);
  gtk_drop_down_set_model (self->show, G_LIST_MODEL (list));
}

static void
settings_cb (TesseraSidebar *self)
{
  fill_show (self);
  say_accuracy (self);
}

static void
clear_rows (TesseraSidebar *self)
{
  TesseraClassRow *row;
  while ((row = row_at (self, 0)) != NULL) {
    tessera_class_row_close (row);
    gtk_list_box_remove (self->classes, GTK_WIDGET (row));
  }
}

void
tessera_sidebar_set_session (TesseraSidebar *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_SIDEBAR (self));
  clear_rows (self);
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  tessera_reader_button_set_session (self->reader, session);
  if (session == NULL)
    return;
  classes_changed_cb (self);
  labels_changed_cb (self);
  settings_cb (self);
  coverage_cb (self);
}

static void
tessera_sidebar_dispose (GObject *object)
{
  TesseraSidebar *self = TESSERA_SIDEBAR (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_sidebar_parent_class)->dispose (object);
}

static void
tessera_sidebar_class_init (TesseraSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_sidebar_dispose;
  signals[SIGNAL_FILTER] = g_signal_new ("filter-changed", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, classes);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, new_class);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, show);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, coverage);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, more);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, aside);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, accuracy);
  gtk_widget_class_bind_template_child (widget_class, TesseraSidebar, reader);
  gtk_widget_class_bind_template_callback (widget_class, add_class_cb);
  gtk_widget_class_bind_template_callback (widget_class, new_class_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
}

static void
tessera_sidebar_init (TesseraSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_sort_func (self->classes, compare_rows, self, NULL);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const struct {
    const char *signal;
    void (*handler) (TesseraSidebar *);
  } connections[] = {
      {"classes-changed", classes_changed_cb},
      {"labels-changed", labels_changed_cb},
      {"coverage-changed", coverage_cb},
      {"settings-changed", settings_cb},
      {"map-changed", coverage_cb},
  };
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_group_connect_swapped (self->signals, connections[i].signal,
                                    G_CALLBACK (connections[i].handler), self);
}
