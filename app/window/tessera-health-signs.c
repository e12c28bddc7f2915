#include "tessera-health-parts.h"

#include "tessera-cluster-row.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

typedef struct {
  AdwExpanderRow *row;
  GtkWidget *mark, *button;
  GtkLabel *threshold, *remedy;
} Sign;

struct _TesseraHealthSigns {
  AdwPreferencesGroup parent_instance;

  TesseraSession *session;
  Sign sign[TSR_N_SIGNS];
  GPtrArray *clusters; /* rows below the last sign */
};

G_DEFINE_FINAL_TYPE (TesseraHealthSigns, tessera_health_signs, ADW_TYPE_PREFERENCES_GROUP)

/* --- clusters of one origin --- */

static void
fill_clusters (TesseraHealthSigns *self, const TsrHealth *health)
{
  for (guint i = 0; i < self->clusters->len; i++)
    adw_expander_row_remove (self->sign[TSR_SIGN_CLUSTERS].row, self->clusters->pdata[i]);
  g_ptr_array_set_size (self->clusters, 0);
  for (guint c = 0; c < health->clusters->len; c++) {
    GtkWidget *row = tessera_cluster_row_new (self->session, health->clusters->pdata[c]);
    adw_expander_row_add_row (self->sign[TSR_SIGN_CLUSTERS].row, row);
    g_ptr_array_add (self->clusters, row);
  }
}

/* --- signs --- */

/* What stands behind a colon elsewhere is a line of its own here. */
static char *
begin_sentence (const char *text)
{
  char first[7] = {0};
  g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (text)), first);
  return g_strconcat (first, *text != '\0' ? g_utf8_next_char (text) : "", NULL);
}

void
tessera_health_signs_set (TesseraHealthSigns *self, const TsrHealth *health, guint tiles)
{
  g_return_if_fail (TESSERA_IS_HEALTH_SIGNS (self));
  for (int s = 0; s < TSR_N_SIGNS; s++) {
    const TsrSign *sign = &health->sign[s];
    Sign *shown = &self->sign[s];
    gboolean wrong = sign->state > TSR_SIGN_GOOD;
    tessera_health_mark_set (shown->mark, sign->state);
    g_autofree char *found = begin_sentence (sign->found);
    adw_expander_row_set_subtitle (shown->row, found);
    tessera_health_button_set (shown->button, wrong ? sign->remedy : TSR_REMEDY_NONE, tiles);
    gtk_label_set_text (shown->threshold, tsr_sign_threshold ((TsrSignKind)s));
    gtk_label_set_text (shown->remedy, tsr_sign_remedy ((TsrSignKind)s));
  }
  fill_clusters (self, health);
}

static GtkLabel *
add_text (GtkBox *box)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

/* An expander row is made of lists, which take the focus and have no name of their own. */
static void
name_lists (GtkWidget *widget, const char *name)
{
  if (GTK_IS_LIST_BOX (widget))
    tessera_ui_set_name (widget, name);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_lists (child, name);
}

static void
add_sign (TesseraHealthSigns *self, TsrSignKind kind)
{
  Sign *sign = &self->sign[kind];
  GtkWidget *row = adw_expander_row_new (), *inner = gtk_list_box_row_new (),
            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  sign->row = ADW_EXPANDER_ROW (row);
  sign->mark = tessera_health_mark_new (16);
  sign->button = tessera_health_button_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), tsr_sign_name (kind));
  adw_expander_row_add_prefix (sign->row, sign->mark);
  adw_expander_row_add_action (sign->row, sign->button);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 10);
  gtk_widget_set_margin_start (box, 14);
  gtk_widget_set_margin_end (box, 14);
  sign->threshold = add_text (GTK_BOX (box));
  sign->remedy = add_text (GTK_BOX (box));
  gtk_widget_add_css_class (GTK_WIDGET (sign->threshold), "dim-label");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (inner), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (inner), FALSE);
  gtk_widget_set_focusable (inner, FALSE);
  adw_expander_row_add_row (sign->row, inner);
  name_lists (row, tsr_sign_name (kind));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
}

static void
tessera_health_signs_dispose (GObject *object)
{
  TesseraHealthSigns *self = TESSERA_HEALTH_SIGNS (object);
  g_clear_object (&self->session);
  g_clear_pointer (&self->clusters, g_ptr_array_unref);
  G_OBJECT_CLASS (tessera_health_signs_parent_class)->dispose (object);
}

static void
tessera_health_signs_class_init (TesseraHealthSignsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_health_signs_dispose;
}

static void
tessera_health_signs_init (TesseraHealthSigns *self)
{
  self->clusters = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), _ ("Signs of health"));
  for (int s = 0; s < TSR_N_SIGNS; s++)
    add_sign (self, (TsrSignKind)s);
}

GtkWidget *
tessera_health_signs_new (TesseraSession *session)
{
  TesseraHealthSigns *self = g_object_new (TESSERA_TYPE_HEALTH_SIGNS, NULL);
  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}
