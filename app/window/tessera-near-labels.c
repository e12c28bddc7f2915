#include "tessera-near-labels.h"

#include "tessera-session-audit.h"
#include "tessera-thumb.h"
#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <glib/gi18n.h>
#include <math.h>

#define THUMB 48

typedef struct {
  GtkWidget *box;
  TesseraThumb *thumb;
  GtkLabel *distance;
} Cell;

struct _TesseraNearLabels {
  GtkBox parent_instance;

  Cell cells[TESSERA_N_NEAR_LABELS];
  GtkWidget *title;
  GtkButton *review;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraNearLabels, tessera_near_labels, GTK_TYPE_BOX)

static void
show_cell (TesseraNearLabels *self, Cell *cell, const TesseraNearLabel *label)
{
  gtk_widget_set_visible (cell->box, label != NULL);
  tessera_thumb_set (cell->thumb, self->session, self->store,
                     label != NULL ? label->tile : TESSERA_NO_TILE);
  if (label == NULL)
    return;
  g_autofree char *text = g_strdup_printf ("%.2f", label->distance);
  gtk_label_set_text (cell->distance, text);
  g_autofree char *note = g_strdup_printf (_ ("distance %.2f"), label->distance);
  tessera_thumb_set_note (cell->thumb, note);
}

/* How many tiles stand by the label that this one stands by. */
static gboolean
show_review (TesseraNearLabels *self)
{
  guint32 followers;
  uint32_t label = tessera_session_get_followed (self->session, &followers);
  gboolean any = label != TESSERA_NO_TILE && followers > 0;
  gtk_widget_set_visible (GTK_WIDGET (self->review), any);
  if (!any)
    return FALSE;
  g_autofree char *count = tessera_ui_count (followers);
  g_autofree char *text = g_strdup_printf (_ ("Review %s"), count);
  g_autofree char *tip =
      label == tessera_session_get_current (self->session)
          ? g_strdup_printf (ngettext ("Select the %s tile that follows this label",
                                       "Select the %s tiles that follow this label", followers),
                             count)
          : g_strdup_printf (ngettext ("Select the %s tile that follows the same label",
                                       "Select the %s tiles that follow the same label", followers),
                             count);
  gtk_button_set_label (self->review, text);
  tessera_ui_set_tip (self->review, tip, NULL);
  return TRUE;
}

static void
refresh (TesseraNearLabels *self)
{
  if (self->session == NULL) {
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
    return;
  }
  const GArray *labels = tessera_session_get_near_labels (self->session);
  guint n = labels != NULL ? labels->len : 0;
  for (guint i = 0; i < TESSERA_N_NEAR_LABELS; i++)
    show_cell (self, &self->cells[i], i < n ? &g_array_index (labels, TesseraNearLabel, i) : NULL);
  gtk_widget_set_visible (self->title, n > 0);
  gboolean reviews = show_review (self);
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0 || reviews);
}

static void
review_cb (TesseraNearLabels *self)
{
  guint32 followers;
  size_t n;
  uint32_t label = tessera_session_get_followed (self->session, &followers);
  if (label == TESSERA_NO_TILE)
    return;
  g_autofree uint32_t *tiles = tessera_session_find_followers (self->session, label, &n);
  tessera_session_select (self->session, tiles, n, TESSERA_SELECT_REPLACE);
}

void
tessera_near_labels_set (TesseraNearLabels *self, TesseraSession *session, TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_NEAR_LABELS (self));
  for (guint i = 0; i < TESSERA_N_NEAR_LABELS; i++)
    tessera_thumb_set (self->cells[i].thumb, NULL, NULL, TESSERA_NO_TILE);
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  g_signal_group_set_target (self->signals, session);
  refresh (self);
}

static void
tessera_near_labels_dispose (GObject *object)
{
  TesseraNearLabels *self = TESSERA_NEAR_LABELS (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (tessera_near_labels_parent_class)->dispose (object);
}

static void
tessera_near_labels_class_init (TesseraNearLabelsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_near_labels_dispose;
}

static void
make_cell (Cell *cell)
{
  GtkWidget *distance = gtk_label_new (NULL);
  cell->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  cell->thumb = TESSERA_THUMB (tessera_thumb_new (THUMB));
  cell->distance = GTK_LABEL (distance);
  gtk_widget_add_css_class (distance, "caption");
  gtk_widget_add_css_class (distance, "numeric");
  gtk_widget_add_css_class (distance, "dim-label");
  gtk_box_append (GTK_BOX (cell->box), GTK_WIDGET (cell->thumb));
  gtk_box_append (GTK_BOX (cell->box), distance);
}

/* What they are, and what can be done about it. */
static GtkWidget *
make_side (TesseraNearLabels *self)
{
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *review = gtk_button_new ();
  self->title = gtk_label_new (_ ("Nearest labels"));
  self->review = GTK_BUTTON (review);
  gtk_label_set_wrap (GTK_LABEL (self->title), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_add_css_class (self->title, "caption-heading");
  gtk_widget_set_tooltip_text (
      self->title, _ ("The labelled tiles nearest to it where predictions are made, and "
                      "how far each is"));
  gtk_widget_add_css_class (review, "word-button");
  gtk_widget_set_halign (review, GTK_ALIGN_START);
  gtk_widget_set_focus_on_click (review, FALSE);
  g_signal_connect_swapped (review, "clicked", G_CALLBACK (review_cb), self);
  gtk_widget_set_valign (side, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (side, TRUE);
  gtk_box_append (GTK_BOX (side), self->title);
  gtk_box_append (GTK_BOX (side), review);
  return side;
}

static void
tessera_near_labels_init (TesseraNearLabels *self)
{
  GtkWidget *wrap = tessera_wrap_new (8), *thumbs = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_hexpand (wrap, TRUE);
  for (guint i = 0; i < TESSERA_N_NEAR_LABELS; i++) {
    make_cell (&self->cells[i]);
    gtk_box_append (GTK_BOX (thumbs), self->cells[i].box);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (thumbs), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The nearest labelled tiles"), -1);
  tessera_wrap_append (TESSERA_WRAP (wrap), thumbs);
  tessera_wrap_append (TESSERA_WRAP (wrap), make_side (self));
  gtk_box_append (GTK_BOX (self), wrap);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);

  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const char *const signals[] = {"selection-changed", "labels-changed", "classes-changed",
                                        "details-changed", "audit-changed"};
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_group_connect_swapped (self->signals, signals[i], G_CALLBACK (refresh), self);
}
