#include "tessera-history-row.h"

#include "tessera-journal-words.h"
#include "tessera-swatch.h"
#include "tessera-thumb.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <string.h>

#define THUMB_SIZE 44

struct _TesseraHistoryRow {
  GtkWidget parent_instance;

  GtkWidget *content;
  TesseraThumb *thumb;
  TesseraSwatch *swatch;
  GtkLabel *title, *manner, *who, *when;

  TesseraSession *session;
  TesseraTileStore *store;
  TesseraHistoryItem *item;
};

G_DEFINE_FINAL_TYPE (TesseraHistoryRow, tessera_history_row, GTK_TYPE_WIDGET)

static void
show_tile (TesseraHistoryRow *self, const TsrJournalLine *line)
{
  uint32_t n = tessera_session_get_n_tiles (self->session);
  gboolean known = line != NULL && line->tile < n;
  tessera_thumb_set (self->thumb, self->session, self->store, known ? line->tile : TESSERA_NO_TILE);
  gtk_widget_set_opacity (GTK_WIDGET (self->thumb), known ? 1 : 0); /* its place stays */
}

static void
refresh (TesseraHistoryRow *self)
{
  const TsrJournalLine *line =
      self->item != NULL ? tessera_history_item_get_line (self->item) : NULL;
  show_tile (self, line);
  if (line == NULL) {
    gtk_label_set_text (self->title, "");
    gtk_label_set_text (self->manner, "");
    gtk_label_set_text (self->who, "");
    gtk_label_set_text (self->when, "");
    gtk_widget_set_visible (GTK_WIDGET (self->swatch), FALSE);
    return;
  }
  const TsrClass *class_ = tessera_session_get_class (self->session, line->class_id);
  g_autofree char *title = tessera_journal_title (line), *manner = tessera_journal_manner (line),
                  *when = tessera_journal_when (line->unix_us);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->manner, manner);
  gtk_label_set_text (self->who, line->annotator);
  gtk_label_set_text (self->when, when);
  gtk_widget_set_visible (GTK_WIDGET (self->swatch), class_ != NULL);
  tessera_swatch_set (self->swatch, class_, strcmp (line->action, "undo") != 0);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), title);
  g_autofree char *says = g_strdup_printf ("%s, %s, %s, %s", title, manner, line->annotator, when);
  tessera_ui_set_name (self, says);
  /* which has the focus, and says nothing by itself */
  tessera_ui_set_name (gtk_widget_get_parent (GTK_WIDGET (self)), says);
}

void
tessera_history_row_set (TesseraHistoryRow *self, TesseraHistoryItem *item)
{
  g_return_if_fail (TESSERA_IS_HISTORY_ROW (self));
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_swapped (item, "loaded", G_CALLBACK (refresh), self);
  if (item != NULL)
    refresh (self);
  else
    tessera_thumb_set (self->thumb, NULL, NULL, TESSERA_NO_TILE);
}

static void
tessera_history_row_dispose (GObject *object)
{
  TesseraHistoryRow *self = TESSERA_HISTORY_ROW (object);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_history_row_parent_class)->dispose (object);
}

static void
tessera_history_row_class_init (TesseraHistoryRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_history_row_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkLabel *
make_label (float xalign, const char *css_class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (label, xalign);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (label), css_class);
  return label;
}

static void
tessera_history_row_init (TesseraHistoryRow *self)
{
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2),
            *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2),
            *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->thumb = TESSERA_THUMB (tessera_thumb_new (THUMB_SIZE));
  gtk_widget_set_can_focus (GTK_WIDGET (self->thumb), FALSE);  /* the row has the focus ... */
  gtk_widget_set_can_target (GTK_WIDGET (self->thumb), FALSE); /* ... and is clicked */
  gtk_widget_set_valign (GTK_WIDGET (self->thumb), GTK_ALIGN_CENTER);
  self->swatch = TESSERA_SWATCH (tessera_swatch_new ());
  self->title = make_label (0, "heading");
  self->manner = make_label (0, "dim-label");
  self->who = make_label (1, NULL);
  self->when = make_label (1, "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->when), "numeric");
  gtk_label_set_max_width_chars (self->who, 24);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->swatch));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (left), head);
  gtk_box_append (GTK_BOX (left), GTK_WIDGET (self->manner));
  gtk_box_append (GTK_BOX (right), GTK_WIDGET (self->who));
  gtk_box_append (GTK_BOX (right), GTK_WIDGET (self->when));
  gtk_widget_set_hexpand (left, TRUE);
  gtk_widget_set_valign (left, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (right, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->content), GTK_WIDGET (self->thumb));
  gtk_box_append (GTK_BOX (self->content), left);
  gtk_box_append (GTK_BOX (self->content), right);
  gtk_widget_set_margin_start (self->content, 12);
  gtk_widget_set_margin_end (self->content, 12);
  gtk_widget_set_margin_top (self->content, 6);
  gtk_widget_set_margin_bottom (self->content, 6);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}

GtkWidget *
tessera_history_row_new (TesseraSession *session, TesseraTileStore *store)
{
  TesseraHistoryRow *self = g_object_new (TESSERA_TYPE_HISTORY_ROW, NULL);
  self->session = session;
  self->store = store;
  return GTK_WIDGET (self);
}
