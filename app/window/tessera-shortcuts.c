#include "tessera-shortcuts.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <string.h>

/* Where the classes come in the description. GTK 4.8 takes shortcuts from there only. */
#define PLACE    "<child><object class=\"GtkShortcutsGroup\" id=\"classes\"/></child>"
#define A_COLUMN 12 /* classes: what is in sight on a screen of 720 pixels */

static void
add_class (GString *xml, const TsrClass *class_)
{
  g_autofree char *title = g_markup_escape_text (class_->name, -1);
  if (class_->key == 0)
    return;
  g_string_append_printf (xml,
                          "<child><object class=\"GtkShortcutsShortcut\">"
                          "<property name=\"title\">%s</property>"
                          "<property name=\"accelerator\">%c</property></object></child>",
                          title, class_->key);
}

static void
begin_group (GString *xml)
{
  g_autofree char *title = g_markup_escape_text (_ ("Classes"), -1);
  g_string_append_printf (xml,
                          "<object class=\"GtkShortcutsGroup\"><property name=\"title\">%s"
                          "</property>",
                          title);
}

/* The classes in the sidebar's order, as many groups as there are columns to fill. */
static char *
describe_classes (TesseraSession *session)
{
  GPtrArray *classes = session != NULL && tessera_session_is_open (session)
                           ? tessera_session_get_classes (session)
                           : NULL;
  GString *xml = g_string_new (NULL);
  for (guint i = 0; classes != NULL && i < classes->len; i++) {
    if (i % A_COLUMN == 0) {
      g_string_append (xml, i > 0 ? "</object></child>" : "");
      g_string_append (xml, "<child>");
      begin_group (xml);
    }
    add_class (xml, classes->pdata[i]);
  }
  g_string_append (xml, xml->len > 0 ? "</object></child>" : "");
  return g_string_free (xml, FALSE);
}

GtkWindow *
tessera_shortcuts_new (TesseraSession *session)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (TESSERA_RESOURCE_PATH "/tessera-shortcuts.ui",
                                                      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  GString *xml =
      g_string_new_len (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes));
  g_autofree char *classes = describe_classes (session);
  guint found = g_string_replace (xml, PLACE, classes, 1);
  g_warn_if_fail (found == 1);
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_string (xml->str, (gssize)xml->len);
  g_string_free (xml, TRUE);
  return GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));
}
