#include "tessera-health-parts.h"

#include "tessera-thumb.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_ROWS 50

struct _TesseraHealthLabels {
  AdwPreferencesGroup parent_instance;

  TesseraSession *session;
  TesseraTileStore *store;
  GArray *found; /* TsrDiscordant, as last shown ... */
  char *shown;   /* ... and their classes' names then */
  GPtrArray *rows;
  GtkWidget *walk, *back, *forth, *all;
  GtkLabel *place;
  guint at; /* 1 is the first that was walked to; 0: none yet */
};

G_DEFINE_FINAL_TYPE (TesseraHealthLabels, tessera_health_labels, ADW_TYPE_PREFERENCES_GROUP)

static const TsrDiscordant *
nth (TesseraHealthLabels *self, guint i)
{
  return &g_array_index (self->found, TsrDiscordant, i);
}

static void
show_place (TesseraHealthLabels *self)
{
  g_autofree char *text = g_strdup_printf (_ ("%u of %u"), self->at, self->found->len);
  gtk_label_set_text (self->place, text);
  gtk_widget_set_sensitive (self->back, self->at > 1);
  gtk_widget_set_sensitive (self->forth, self->at < self->found->len);
}

static void
go_to (TesseraHealthLabels *self, guint at)
{
  self->at = at;
  show_place (self);
  tessera_session_select_one (self->session, nth (self, at - 1)->tile);
}

static void
back_cb (TesseraHealthLabels *self)
{
  if (self->at > 1)
    go_to (self, self->at - 1);
}

static void
forth_cb (TesseraHealthLabels *self)
{
  if (self->at < self->found->len)
    go_to (self, self->at + 1);
}

static void
all_cb (TesseraHealthLabels *self)
{
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (guint i = 0; i < self->found->len; i++)
    g_array_append_val (tiles, nth (self, i)->tile);
  tessera_session_select (self->session, (const uint32_t *)tiles->data, tiles->len,
                          TESSERA_SELECT_REPLACE);
}

static void
activated_cb (TesseraHealthLabels *self, AdwActionRow *row)
{
  go_to (self, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "at")));
}

static const char *
class_name (TesseraHealthLabels *self, int32_t id)
{
  const TsrClass *class_ = tessera_session_get_class (self->session, id);
  return class_ != NULL ? class_->name : "?";
}

static void
add_row (TesseraHealthLabels *self, guint i)
{
  const TsrDiscordant *one = nth (self, i);
  GtkWidget *row = adw_action_row_new (), *thumb = tessera_thumb_new (38);
  g_autofree char *label = tessera_ui_shorten (class_name (self, one->label), 40),
                  *told = tessera_ui_shorten (class_name (self, one->told), 40);
  g_autofree char *title = g_strdup_printf (_ ("Labelled %s, the others say %s"), label, told);
  const char *name = tessera_session_get_shown_name (self->session, one->tile);
  g_autofree char *text =
      one->stale ? g_strdup_printf (_ ("#%u %s, labelled before the model read the tiles anew"),
                                    one->tile, name)
                 : g_strdup_printf ("#%u %s", one->tile, name);
  tessera_thumb_set (TESSERA_THUMB (thumb), self->session, self->store, one->tile);
  gtk_widget_set_valign (thumb, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), thumb);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "at", GUINT_TO_POINTER (i + 1));
  g_signal_connect_swapped (row, "activated", G_CALLBACK (activated_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

/* What the rows say: they stay, and the focus with them, while it is the same. */
static char *
summarise (TesseraHealthLabels *self, const GArray *found)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < found->len; i++) {
    const TsrDiscordant *one = &g_array_index (found, TsrDiscordant, i);
    g_string_append_printf (text, "%u %s %s %d\n", one->tile, class_name (self, one->label),
                            class_name (self, one->told), one->stale);
  }
  return g_string_free (text, FALSE);
}

static void
describe (TesseraHealthLabels *self)
{
  guint n = self->found->len;
  g_autofree char *text =
      n == 0 ? g_strdup (_ ("None. A label is listed here when the others would have given its "
                            "tile another class."))
      : n > MOST_ROWS
          ? g_strdup_printf (_ ("Slips of the hand are among them, and what is rare. The first %d "
                                "of %u are listed; the arrows go through all."),
                             MOST_ROWS, n)
          : g_strdup (_ ("Slips of the hand are among them, and what is rare. Choose one to see "
                         "it; its key gives it another class."));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), text);
  gtk_widget_set_visible (self->walk, n > 0);
}

void
tessera_health_labels_set (TesseraHealthLabels *self, const TsrHealth *health)
{
  g_return_if_fail (TESSERA_IS_HEALTH_LABELS (self));
  g_autofree char *says = summarise (self, health->discordant);
  if (g_strcmp0 (says, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&says);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  g_array_unref (self->found);
  self->found = g_array_copy (health->discordant);
  self->at = 0;
  for (guint i = 0; i < MIN (self->found->len, MOST_ROWS); i++)
    add_row (self, i);
  describe (self);
  show_place (self);
}

static GtkWidget *
add_button (TesseraHealthLabels *self, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_add_css_class (button, "flat");
  tessera_ui_set_tip (button, name, NULL);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  gtk_box_append (GTK_BOX (self->walk), button);
  return button;
}

static void
tessera_health_labels_dispose (GObject *object)
{
  TesseraHealthLabels *self = TESSERA_HEALTH_LABELS (object);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  g_clear_pointer (&self->found, g_array_unref);
  g_clear_pointer (&self->shown, g_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (tessera_health_labels_parent_class)->dispose (object);
}

static void
tessera_health_labels_class_init (TesseraHealthLabelsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_health_labels_dispose;
}

static void
tessera_health_labels_init (TesseraHealthLabels *self)
{
  self->found = g_array_new (FALSE, FALSE, sizeof (TsrDiscordant));
  self->rows = g_ptr_array_new ();
  self->walk = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_widget_set_valign (self->walk, GTK_ALIGN_CENTER);
  self->back =
      add_button (self, "go-previous-symbolic", _ ("The label before"), G_CALLBACK (back_cb));
  GtkWidget *place = gtk_label_new (NULL);
  self->place = GTK_LABEL (place);
  gtk_widget_add_css_class (place, "numeric");
  gtk_box_append (GTK_BOX (self->walk), place);
  self->forth = add_button (self, "go-next-symbolic", _ ("The next label"), G_CALLBACK (forth_cb));
  self->all = gtk_button_new_with_label (_ ("Select all"));
  g_signal_connect_swapped (self->all, "clicked", G_CALLBACK (all_cb), self);
  gtk_box_append (GTK_BOX (self->walk), self->all);
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (self), self->walk);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self),
                                   _ ("Labels that the others disagree with"));
  tessera_ui_wrap_group_title (ADW_PREFERENCES_GROUP (self));
  gtk_widget_set_visible (self->walk, FALSE);
}

GtkWidget *
tessera_health_labels_new (TesseraSession *session, TesseraTileStore *store)
{
  TesseraHealthLabels *self = g_object_new (TESSERA_TYPE_HEALTH_LABELS, NULL);
  self->session = g_object_ref (session);
  self->store = g_object_ref (store);
  describe (self);
  return GTK_WIDGET (self);
}
