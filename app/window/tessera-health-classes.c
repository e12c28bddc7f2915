#include "tessera-health-parts.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraHealthClasses {
  AdwPreferencesGroup parent_instance;

  TesseraSession *session;
  GPtrArray *rows;
};

G_DEFINE_FINAL_TYPE (TesseraHealthClasses, tessera_health_classes, ADW_TYPE_PREFERENCES_GROUP)

/* How many tiles are what, and how many of those looked at were told rightly. */
static char *
describe (const TsrHealthClass *class_)
{
  g_autofree char *labelled = tessera_ui_count (class_->labelled),
                  *predicted = tessera_ui_count (class_->predicted);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, _ ("%s labelled, %s predicted"), labelled, predicted);
  if (class_->held.n > 0) {
    g_string_append (text, " · ");
    g_string_append_printf (text, _ ("%zu of %zu labels told by the others"), class_->held.right,
                            class_->held.n);
  }
  if (class_->checked.n > 0) {
    g_string_append (text, " · ");
    g_string_append_printf (text, _ ("%zu of %zu random tiles right"), class_->checked.right,
                            class_->checked.n);
  }
  return g_string_free (text, FALSE);
}

static void
add_class (TesseraHealthClasses *self, const TsrHealthClass *class_)
{
  GtkWidget *row = adw_action_row_new (), *swatch = g_object_new (TESSERA_TYPE_SWATCH, NULL);
  g_autofree char *text = describe (class_);
  tessera_swatch_set (TESSERA_SWATCH (swatch),
                      tessera_session_get_class (self->session, class_->id), TRUE);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), class_->name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), swatch);
  if (class_->lacking) {
    GtkWidget *few = gtk_label_new (_ ("few labels")), *mark = tessera_health_mark_new (16);
    tessera_health_mark_set (mark, TSR_SIGN_LOOK);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), mark);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), few);
  }
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

void
tessera_health_classes_set (TesseraHealthClasses *self, const TsrHealth *health)
{
  g_return_if_fail (TESSERA_IS_HEALTH_CLASSES (self));
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint c = 0; c < health->classes->len; c++)
    add_class (self, health->classes->pdata[c]);
  gtk_widget_set_visible (GTK_WIDGET (self), health->classes->len > 0);
}

static void
tessera_health_classes_dispose (GObject *object)
{
  TesseraHealthClasses *self = TESSERA_HEALTH_CLASSES (object);
  g_clear_object (&self->session);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tessera_health_classes_parent_class)->dispose (object);
}

static void
tessera_health_classes_class_init (TesseraHealthClassesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_health_classes_dispose;
}

static void
tessera_health_classes_init (TesseraHealthClasses *self)
{
  self->rows = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), _ ("Classes"));
}

GtkWidget *
tessera_health_classes_new (TesseraSession *session)
{
  TesseraHealthClasses *self = g_object_new (TESSERA_TYPE_HEALTH_CLASSES, NULL);
  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}
