/* What a screen reader is told: on a tour of the window, everything that takes the focus has a name
 * and a role that says what it is. */

#include "tessera-language.h"
#include "window-tour.h"

#include <string.h>

typedef struct {
  GHashTable *wrong; /* char *: each told once */
  unsigned checked;
} Findings;

static gboolean
has_role (GtkWidget *widget)
{
  switch ((int)gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (widget))) {
  case GTK_ACCESSIBLE_ROLE_GENERIC:
  case GTK_ACCESSIBLE_ROLE_NONE:
  case GTK_ACCESSIBLE_ROLE_PRESENTATION:
  case GTK_ACCESSIBLE_ROLE_WIDGET:
    return FALSE;
  default:
    return TRUE;
  }
}

/* What an AdwComboRow shows its choice in; the row has the name. */
static gboolean
is_in_combo_row (GtkWidget *widget)
{
  return (GTK_IS_LIST_VIEW (widget) ||
          g_str_equal (G_OBJECT_TYPE_NAME (widget), "GtkListItemWidget")) &&
         gtk_widget_get_ancestor (widget, ADW_TYPE_COMBO_ROW) != NULL;
}

/* Put together and named, or not, by GTK and libadwaita: whole windows, the list in a choice, what
 * closes a toast, a number's two buttons, which are hidden from assistive technology on purpose as
 * the number itself goes up and down. */
static gboolean
is_of_the_toolkit (GtkWidget *widget)
{
  static const char *const types[] = {"GtkWindowControls",    "GtkPopoverMenu",
                                      "GtkFileChooserDialog", "AdwAboutWindow",
                                      "GtkShortcutsWindow",   NULL};
  GtkWidget *parent = gtk_widget_get_parent (widget);
  return g_strv_contains (types, G_OBJECT_TYPE_NAME (widget)) || is_in_combo_row (widget) ||
         (GTK_IS_BUTTON (widget) && GTK_IS_SPIN_BUTTON (parent)) ||
         (GTK_IS_BUTTON (widget) && g_str_equal (G_OBJECT_TYPE_NAME (parent), "AdwToastWidget") &&
          gtk_button_get_icon_name (GTK_BUTTON (widget)) != NULL) ||
         (parent != NULL && GTK_IS_DROP_DOWN (gtk_widget_get_parent (parent)));
}

static gboolean
takes_focus (GtkWidget *widget)
{
  return gtk_widget_get_focusable (widget) && gtk_widget_is_sensitive (widget);
}

static gboolean
holds_focusable (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child) && (takes_focus (child) || holds_focusable (child)))
      return TRUE;
  return FALSE;
}

/* What only scrolls passes the focus on to what is in it, if anything there takes it; a status page
 * of libadwaita's scrolls too, and its words are read as they are. */
static gboolean
passes_focus_on (GtkWidget *widget)
{
  return GTK_IS_SCROLLED_WINDOW (widget) &&
         (holds_focusable (widget) || ADW_IS_STATUS_PAGE (gtk_widget_get_parent (widget)));
}

/* The widget that answers for one inside of it which has the focus: an entry for its text. */
static GtkWidget *
answering (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);
  return GTK_IS_TEXT (widget) || GTK_IS_MENU_BUTTON (parent) || GTK_IS_DROP_DOWN (parent) ? parent
                                                                                          : widget;
}

static void
look (Findings *findings, GtkWidget *widget, const char *where)
{
  if (!gtk_widget_get_mapped (widget) || is_of_the_toolkit (widget))
    return;
  if (takes_focus (widget) && !passes_focus_on (widget)) {
    GtkWidget *heard = answering (widget);
    findings->checked++;
    gboolean name = window_test_has_name (heard), role = has_role (heard);
    if (!name || !role)
      g_hash_table_add (findings->wrong,
                        g_strdup_printf ("%s: %s “%s” in %s has no %s", where,
                                         G_OBJECT_TYPE_NAME (heard),
                                         gtk_buildable_get_buildable_id (GTK_BUILDABLE (heard)),
                                         G_OBJECT_TYPE_NAME (gtk_widget_get_parent (heard)),
                                         name   ? "role"
                                         : role ? "name"
                                                : "name and no role"));
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look (findings, child, where);
}

static void
stop_cb (WindowTest *test, const char *where, gpointer findings)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
    look (findings, toplevel, where);
  }
}

static void
test_tour (gconstpointer tour)
{
  Findings findings = {.wrong = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
  ((void (*) (WindowTourStop, gpointer))tour) (stop_cb, &findings);
  g_test_message ("%u widgets checked", findings.checked);
  GHashTableIter iter;
  gpointer sentence;
  g_hash_table_iter_init (&iter, findings.wrong);
  while (g_hash_table_iter_next (&iter, &sentence, NULL))
    g_printerr ("%s\n", (char *)sentence);
  g_assert_cmpuint (findings.checked, >, 20);
  if (g_hash_table_size (findings.wrong) > 0)
    g_test_fail_printf ("%u widgets say too little", g_hash_table_size (findings.wrong));
  g_hash_table_unref (findings.wrong);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_data_func ("/accessible/beginnings", window_tour_beginnings, test_tour);
  g_test_add_data_func ("/accessible/project", window_tour_project, test_tour);
  g_test_add_data_func ("/accessible/beside", window_tour_beside, test_tour);
  g_test_add_data_func ("/accessible/training", window_tour_training, test_tour);
#ifndef __SANITIZE_ADDRESS__ /* GTK's file dialogs leak (meson.build) */
  g_test_add_data_func ("/accessible/dialogs", window_tour_dialogs, test_tour);
#endif
  return g_test_run ();
}
