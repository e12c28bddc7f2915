#include "tessera-shortcuts.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <string.h>

/* Where the classes come in the description, from which alone GTK 4.8 takes shortcuts: few beside
 * the keys of labelling, many in a section of their own, as GTK would put them on several pages in
 * an order of its own. */
#define FEW_PLACE  "<child><object class=\"GtkShortcutsGroup\" id=\"classes\"/></child>"
#define MANY_PLACE "<child><object class=\"GtkShortcutsSection\" id=\"many-classes\"/></child>"
#define FEW        12
#define A_COLUMN   15 /* two of them hold all of TSR_CLASS_KEYS */

static void
add_class (GString *xml, const TsrClass *class_)
{
  g_autofree char *title = g_markup_escape_text (class_->name, -1);
  g_string_append_printf (xml,
                          "<child><object class=\"GtkShortcutsShortcut\">"
                          "<property name=\"title\">%s</property>"
                          "<property name=\"accelerator\">%c</property></object></child>",
                          title, class_->key);
}

/* Those that have a key, in the sidebar's order; borrowed. */
static GPtrArray *
with_keys (TesseraSession *session)
{
  GPtrArray *found = g_ptr_array_new ();
  if (session == NULL || !tessera_session_is_open (session))
    return found;
  GPtrArray *classes = tessera_session_get_classes (session);
  for (guint i = 0; i < classes->len; i++)
    if (((const TsrClass *)classes->pdata[i])->key != 0)
      g_ptr_array_add (found, classes->pdata[i]);
  return found;
}

static void
add_groups (GString *xml, const GPtrArray *classes)
{
  g_autofree char *title = g_markup_escape_text (_ ("Classes"), -1);
  for (guint i = 0; i < classes->len; i++) {
    if (i % A_COLUMN == 0)
      g_string_append_printf (xml,
                              "%s<child><object class=\"GtkShortcutsGroup\">"
                              "<property name=\"title\">%s</property>",
                              i > 0 ? "</object></child>" : "", title);
    add_class (xml, classes->pdata[i]);
  }
  g_string_append (xml, classes->len > 0 ? "</object></child>" : "");
}

static char *
describe_section (const char *groups)
{
  g_autofree char *title = g_markup_escape_text (_ ("Classes"), -1);
  return g_strdup_printf ("<child><object class=\"GtkShortcutsSection\">"
                          "<property name=\"section-name\">classes</property>"
                          "<property name=\"title\">%s</property>"
                          "<property name=\"max-height\">%d</property>%s</object></child>",
                          title, A_COLUMN + 2, groups);
}

GtkWindow *
tessera_shortcuts_new (TesseraSession *session)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (TESSERA_RESOURCE_PATH "/tessera-shortcuts.ui",
                                                      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_autoptr (GPtrArray) classes = with_keys (session);
  g_autoptr (GString) groups = g_string_new (NULL);
  add_groups (groups, classes);
  gboolean many = classes->len > FEW;
  g_autofree char *section = many ? describe_section (groups->str) : g_strdup ("");
  GString *xml =
      g_string_new_len (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes));
  guint found = g_string_replace (xml, FEW_PLACE, many ? "" : groups->str, 1);
  found += g_string_replace (xml, MANY_PLACE, section, 1); /* names are escaped: none is a place */
  g_warn_if_fail (found == 2);
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_string (xml->str, (gssize)xml->len);
  g_string_free (xml, TRUE);
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));
  g_object_set (window, "section-name", "labelling", NULL);
  return window;
}
