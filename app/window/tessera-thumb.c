#include "tessera-thumb.h"

#include "tessera-swatch.h"
#include "tessera-tile-picture.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraThumb {
  GtkButton parent_instance;

  TesseraTilePicture *picture;
  TesseraSwatch *swatch;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *store_signals;
  uint32_t tile;
};

G_DEFINE_FINAL_TYPE (TesseraThumb, tessera_thumb, GTK_TYPE_BUTTON)

static void
thumbnail_ready_cb (TesseraThumb *self, guint tile)
{
  if (tile == self->tile)
    tessera_tile_picture_set_texture (self->picture, tessera_tile_store_peek (self->store, tile));
}

static void
tessera_thumb_clicked (GtkButton *button)
{
  TesseraThumb *self = TESSERA_THUMB (button);
  if (self->session != NULL && self->tile < tessera_session_get_n_tiles (self->session))
    tessera_session_select_one (self->session, self->tile);
}

static char *
describe (const char *name, int32_t label, const TsrClass *class_)
{
  if (label == TSR_LABEL_UNSURE)
    return g_strdup_printf (_ ("%s, unsure"), name);
  if (class_ == NULL)
    return g_strdup (name);
  return label >= 0 ? g_strdup_printf (_ ("%s, labelled %s"), name, class_->name)
                    : g_strdup_printf (_ ("%s, predicted %s"), name, class_->name);
}

static void
show_class (TesseraThumb *self, const char *note)
{
  int32_t label = tessera_session_get_label (self->session, self->tile);
  const TsrPrediction *prediction = tessera_session_get_prediction (self->session, self->tile);
  int32_t id = label >= 0 ? label : prediction != NULL ? prediction->class_id : TSR_LABEL_NONE;
  const TsrClass *class_ = tessera_session_get_class (self->session, id);
  gtk_widget_set_visible (GTK_WIDGET (self->swatch), class_ != NULL || label == TSR_LABEL_UNSURE);
  if (label == TSR_LABEL_UNSURE)
    tessera_swatch_set_unsure (self->swatch);
  else
    tessera_swatch_set (self->swatch, class_, label >= 0);

  const char *name = tessera_session_get_shown_name (self->session, self->tile);
  g_autofree char *tip = describe (name, label, class_);
  g_autofree char *both = note != NULL ? g_strdup_printf ("%s, %s", tip, note) : g_strdup (tip);
  tessera_ui_set_tip (self, both, NULL);
}

void
tessera_thumb_set (TesseraThumb *self, TesseraSession *session, TesseraTileStore *store,
                   uint32_t tile)
{
  g_return_if_fail (TESSERA_IS_THUMB (self));
  gboolean known = session != NULL && tile < tessera_session_get_n_tiles (session);
  self->session = session;
  self->store = store;
  self->tile = known ? tile : TESSERA_NO_TILE;
  g_signal_group_set_target (self->store_signals, store);
  if (!known) {
    tessera_tile_picture_set_texture (self->picture, NULL);
    gtk_widget_set_visible (GTK_WIDGET (self->swatch), FALSE);
    return;
  }
  tessera_tile_picture_set_texture (self->picture, tessera_tile_store_peek (store, tile));
  show_class (self, NULL);
}

void
tessera_thumb_set_note (TesseraThumb *self, const char *note)
{
  g_return_if_fail (TESSERA_IS_THUMB (self) && self->tile != TESSERA_NO_TILE);
  show_class (self, note);
}

uint32_t
tessera_thumb_get_tile (TesseraThumb *self)
{
  g_return_val_if_fail (TESSERA_IS_THUMB (self), TESSERA_NO_TILE);
  return self->tile;
}

static void
tessera_thumb_dispose (GObject *object)
{
  TesseraThumb *self = TESSERA_THUMB (object);
  g_clear_object (&self->store_signals);
  self->session = NULL;
  self->store = NULL;
  G_OBJECT_CLASS (tessera_thumb_parent_class)->dispose (object);
}

static void
tessera_thumb_class_init (TesseraThumbClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_thumb_dispose;
  GTK_BUTTON_CLASS (klass)->clicked = tessera_thumb_clicked;
}

static void
tessera_thumb_init (TesseraThumb *self)
{
  self->tile = TESSERA_NO_TILE;
  self->store_signals = g_signal_group_new (TESSERA_TYPE_TILE_STORE);
  g_signal_group_connect_swapped (self->store_signals, "thumbnail-ready",
                                  G_CALLBACK (thumbnail_ready_cb), self);

  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *picture = tessera_tile_picture_new (48);
  GtkWidget *swatch = tessera_swatch_new ();
  /* the picture's own corner has the badge, also where there is more room than the picture takes */
  gtk_widget_set_halign (overlay, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (overlay, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (swatch, GTK_ALIGN_END);
  gtk_widget_set_valign (swatch, GTK_ALIGN_END);
  gtk_widget_add_css_class (swatch, "badge");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), picture);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), swatch);
  gtk_button_set_child (GTK_BUTTON (self), overlay);
  gtk_widget_set_focus_on_click (GTK_WIDGET (self), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "thumb");
  self->picture = TESSERA_TILE_PICTURE (picture);
  self->swatch = TESSERA_SWATCH (swatch);
  tessera_tile_picture_set_smooth (self->picture, TRUE);
}

GtkWidget *
tessera_thumb_new (int size)
{
  TesseraThumb *self = g_object_new (TESSERA_TYPE_THUMB, NULL);
  tessera_tile_picture_set_size (self->picture, size);
  return GTK_WIDGET (self);
}
