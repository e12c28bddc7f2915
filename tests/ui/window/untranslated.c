#include "untranslated.h"

#include <adwaita.h>
#include <string.h>

#define OPEN  0x27e6 /* ⟦ */
#define CLOSE 0x27e7 /* ⟧ */

gboolean
untranslated_speak (const char *folder)
{
  const char *sources = g_getenv ("TESSERA_SOURCE_DIR");
  g_autofree char *xgettext = g_find_program_in_path ("xgettext");
  if (sources == NULL || xgettext == NULL) {
    g_print ("1..0 # SKIP %s\n",
             sources == NULL ? "TESSERA_SOURCE_DIR names no sources" : "xgettext is not installed");
    return FALSE;
  }
  g_autofree char *maker = g_build_filename (sources, "tests/ui/pseudo_locale.py", NULL);
  const char *words[] = {"/usr/bin/python3", maker, sources, folder, NULL};
  g_autoptr (GError) error = NULL;
  int status;
  g_spawn_sync (NULL, (char **)words, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_setenv ("LANGUAGE", "qps", TRUE);
  g_setenv ("TESSERA_LOCALE_DIR", folder, TRUE);
  return TRUE;
}

void
untranslated_init (Untranslated *self)
{
  *self = (Untranslated){.names = g_ptr_array_new_with_free_func ((GDestroyNotify)g_regex_unref),
                         .found = g_ptr_array_new_with_free_func (g_free),
                         .seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
}

void
untranslated_allow (Untranslated *self, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_ptr_array_add (self->names, g_regex_new (names[i], G_REGEX_OPTIMIZE, 0, &error));
    g_assert_no_error (error);
  }
}

void
untranslated_clear (Untranslated *self)
{
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->found);
  g_hash_table_unref (self->seen);
}

/* What stands outside of all brackets. */
static char *
outside (const char *text)
{
  GString *rest = g_string_new (NULL);
  int depth = 0;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    depth += (c == OPEN) - (c == CLOSE);
    if (depth == 0 && c != CLOSE)
      g_string_append_unichar (rest, c);
  }
  return g_string_free (rest, FALSE);
}

gboolean
untranslated_text (Untranslated *self, const char *text)
{
  g_autofree char *rest = outside (text);
  for (guint i = 0; i < self->names->len; i++) {
    char *less = g_regex_replace_literal (self->names->pdata[i], rest, -1, 0, "", 0, NULL);
    g_free (rest);
    rest = less;
  }
  for (const char *p = rest; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_isalpha (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

static void
look_at_text (Untranslated *self, GtkWidget *widget, const char *where, const char *what,
              const char *text)
{
  if (text == NULL || g_utf8_strlen (text, -1) < 2) /* one letter is a key */
    return;
  self->looked_at++;
  if (!untranslated_text (self, text) || !g_hash_table_add (self->seen, g_strdup (text)))
    return;
  GtkWidget *parent = gtk_widget_get_parent (widget);
  g_ptr_array_add (self->found,
                   g_strdup_printf ("%s, %s of %s in %s: “%s”", where, what,
                                    G_OBJECT_TYPE_NAME (widget),
                                    parent ? G_OBJECT_TYPE_NAME (parent) : "nothing", text));
}

/* GTK tells what assistive technology hears only by saying what another expectation got instead. */
static void
look_at_property (Untranslated *self, GtkWidget *widget, const char *where,
                  GtkAccessibleProperty property, const char *what)
{
  if (!gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), property))
    return;
  g_autofree char *value =
      gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget), property, "\001");
  look_at_text (self, widget, where, what, value);
}

static void
look_at_menu (Untranslated *self, GtkWidget *widget, const char *where, GMenuModel *menu)
{
  for (int i = 0; i < g_menu_model_get_n_items (menu); i++) {
    g_autofree char *label = NULL;
    if (g_menu_model_get_item_attribute (menu, i, G_MENU_ATTRIBUTE_LABEL, "s", &label))
      look_at_text (self, widget, where, "entry", label);
    static const char *const links[] = {G_MENU_LINK_SECTION, G_MENU_LINK_SUBMENU};
    for (guint k = 0; k < G_N_ELEMENTS (links); k++) {
      g_autoptr (GMenuModel) below = g_menu_model_get_item_link (menu, i, links[k]);
      if (below != NULL)
        look_at_menu (self, widget, where, below);
    }
  }
}

static void
look_at_choices (Untranslated *self, GtkWidget *widget, const char *where, GListModel *choices)
{
  for (guint i = 0; choices != NULL && i < g_list_model_get_n_items (choices); i++) {
    g_autoptr (GObject) item = g_list_model_get_item (choices, i);
    if (GTK_IS_STRING_OBJECT (item))
      look_at_text (self, widget, where, "choice",
                    gtk_string_object_get_string (GTK_STRING_OBJECT (item)));
  }
}

/* Made and said by GTK and libadwaita, whose languages are their own affair; menus are read from
 * their models. */
static gboolean
is_of_the_toolkit (GtkWidget *widget)
{
  static const char *const types[] = {"GtkShortcutLabel", "GtkWindowControls", "GtkPopoverMenu",
                                      "GtkColorChooserWidget", NULL};
  return g_strv_contains (types, G_OBJECT_TYPE_NAME (widget));
}

/* Of windows that are the toolkit's, what it was told to say. TRUE: widget is one, and done. */
static gboolean
look_at_toolkit_window (Untranslated *self, GtkWidget *widget, const char *where)
{
  if (GTK_IS_FILE_CHOOSER (widget)) {
    g_autoptr (GListModel) filters = gtk_file_chooser_get_filters (GTK_FILE_CHOOSER (widget));
    for (guint i = 0; i < g_list_model_get_n_items (filters); i++) {
      g_autoptr (GtkFileFilter) filter = g_list_model_get_item (filters, i);
      look_at_text (self, widget, where, "filter", gtk_file_filter_get_name (filter));
    }
    look_at_text (self, widget, where, "title", gtk_window_get_title (GTK_WINDOW (widget)));
    if (gtk_file_chooser_get_action (GTK_FILE_CHOOSER (widget)) == GTK_FILE_CHOOSER_ACTION_SAVE) {
      g_autofree char *name = gtk_file_chooser_get_current_name (GTK_FILE_CHOOSER (widget));
      look_at_text (self, widget, where, "file", name);
    }
    return TRUE;
  }
  if (ADW_IS_ABOUT_WINDOW (widget)) {
    AdwAboutWindow *about = ADW_ABOUT_WINDOW (widget);
    look_at_text (self, widget, where, "program", adw_about_window_get_application_name (about));
    look_at_text (self, widget, where, "developer", adw_about_window_get_developer_name (about));
    look_at_text (self, widget, where, "comments", adw_about_window_get_comments (about));
    return TRUE;
  }
  return FALSE;
}

static void look (Untranslated *self, GtkWidget *widget, const char *where);

/* The shortcuts of a list, not what GTK puts around them. */
static void
look_for_groups (Untranslated *self, GtkWidget *widget, const char *where)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_SHORTCUTS_GROUP (child))
      look (self, child, where);
    else
      look_for_groups (self, child, where);
}

static void
look (Untranslated *self, GtkWidget *widget, const char *where)
{
  if (is_of_the_toolkit (widget) || look_at_toolkit_window (self, widget, where))
    return;
  if (GTK_IS_SHORTCUTS_WINDOW (widget)) {
    look_for_groups (self, widget, where);
    return;
  }
  if (GTK_IS_LABEL (widget))
    look_at_text (self, widget, where, "text", gtk_label_get_text (GTK_LABEL (widget)));
  if (GTK_IS_WINDOW (widget))
    look_at_text (self, widget, where, "title", gtk_window_get_title (GTK_WINDOW (widget)));
  if (GTK_IS_DROP_DOWN (widget))
    look_at_choices (self, widget, where, gtk_drop_down_get_model (GTK_DROP_DOWN (widget)));
  if (GTK_IS_MENU_BUTTON (widget) && gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (widget)))
    look_at_menu (self, widget, where, gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (widget)));
  const char *tip = gtk_widget_get_tooltip_text (widget);
  look_at_text (self, widget, where, "tooltip", tip);
  look_at_property (self, widget, where, GTK_ACCESSIBLE_PROPERTY_LABEL, "name");
  look_at_property (self, widget, where, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "description");
  look_at_property (self, widget, where, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "value");
  look_at_property (self, widget, where, GTK_ACCESSIBLE_PROPERTY_ROLE_DESCRIPTION, "role");
  if (GTK_IS_DROP_DOWN (widget)) /* its search and its list are GTK's */
    return;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look (self, child, where);
}

void
untranslated_look (Untranslated *self, GtkWidget *root, const char *where)
{
  look (self, root, where);
}

void
untranslated_look_everywhere (Untranslated *self, const char *where)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++) {
    g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
    look (self, toplevel, where);
  }
}
