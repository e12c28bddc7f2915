#include "tessera-lab-anchor.h"

#include "tessera-tile-picture.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraLabAnchor {
  GtkButton parent_instance;

  TesseraTilePicture *picture;
  GtkLabel *letter, *hint;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *store_signals;
  TsrLabPoint point;
};

G_DEFINE_FINAL_TYPE (TesseraLabAnchor, tessera_lab_anchor, GTK_TYPE_BUTTON)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
show (TesseraLabAnchor *self, const char *name, const char *problem)
{
  const char *letter = gtk_label_get_text (self->letter);
  gboolean empty = self->point.kind == TSR_LAB_NOTHING;
  g_autofree char *text =
      problem != NULL ? g_strdup (problem)
      : empty         ? g_strdup_printf (
                            _ ("%s is empty. A click takes the tile that is selected; you can also drop a "
                                       "tile or an image here."),
                            letter)
              : g_strdup_printf (_ ("%s: %s. A click takes the tile that is selected instead; the "
                                    "Delete key empties it."),
                                 letter, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  tessera_ui_set_name (self, text);
  gtk_widget_set_visible (GTK_WIDGET (self->hint), empty);
  if (empty)
    tessera_tile_picture_set_texture (self->picture, NULL);
}

static void
thumbnail_ready_cb (TesseraLabAnchor *self, guint tile)
{
  if (self->point.kind == TSR_LAB_TILE && self->point.tile == tile)
    tessera_tile_picture_set_texture (self->picture, tessera_tile_store_peek (self->store, tile));
}

void
tessera_lab_anchor_set_tile (TesseraLabAnchor *self, uint32_t tile)
{
  g_return_if_fail (TESSERA_IS_LAB_ANCHOR (self));
  gboolean known = self->session != NULL && tile < tessera_session_get_n_tiles (self->session);
  tsr_lab_point_clear (&self->point);
  if (known) {
    self->point = (TsrLabPoint){.kind = TSR_LAB_TILE, .tile = tile};
    tessera_tile_picture_set_texture (self->picture, tessera_tile_store_peek (self->store, tile));
  }
  show (self, known ? tessera_session_get_shown_name (self->session, tile) : NULL, NULL);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Holds an image (transfer full); what cannot be read is said in a tooltip. */
static void
set_image (TesseraLabAnchor *self, TesseraLabImage *image)
{
  g_return_if_fail (TESSERA_IS_LAB_ANCHOR (self));
  if (image->problem != NULL) {
    show (self, NULL, image->problem);
  } else {
    tsr_lab_point_set (&self->point, &image->point);
    tessera_tile_picture_set_texture (self->picture, image->texture);
    show (self, image->name, NULL);
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  }
  tessera_lab_image_free (image);
}

static void
taken_cb (TesseraLabImage *image, uint32_t tile, gpointer anchor)
{
  if (image != NULL)
    set_image (anchor, image);
  else
    tessera_lab_anchor_set_tile (anchor, tile);
}

static gboolean
key_cb (TesseraLabAnchor *self, guint keyval, guint keycode, GdkModifierType state)
{
  if (keyval != GDK_KEY_Delete && keyval != GDK_KEY_BackSpace)
    return GDK_EVENT_PROPAGATE;
  tessera_lab_anchor_set_tile (self, TESSERA_NO_TILE);
  return GDK_EVENT_STOP;
}

static void
tessera_lab_anchor_clicked (GtkButton *button)
{
  TesseraLabAnchor *self = TESSERA_LAB_ANCHOR (button);
  uint32_t tile =
      self->session != NULL ? tessera_session_get_current (self->session) : TESSERA_NO_TILE;
  if (tile != TESSERA_NO_TILE)
    tessera_lab_anchor_set_tile (self, tile);
}

const TsrLabPoint *
tessera_lab_anchor_get_point (TesseraLabAnchor *self)
{
  g_return_val_if_fail (TESSERA_IS_LAB_ANCHOR (self), NULL);
  return &self->point;
}

void
tessera_lab_anchor_set_letter (TesseraLabAnchor *self, const char *letter)
{
  g_return_if_fail (TESSERA_IS_LAB_ANCHOR (self));
  gtk_label_set_text (self->letter, letter);
  show (self, NULL, NULL);
}

void
tessera_lab_anchor_set_session (TesseraLabAnchor *self, TesseraSession *session,
                                TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_LAB_ANCHOR (self));
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  g_signal_group_set_target (self->store_signals, store);
  tessera_lab_anchor_set_tile (self, TESSERA_NO_TILE);
}

static void
tessera_lab_anchor_dispose (GObject *object)
{
  TesseraLabAnchor *self = TESSERA_LAB_ANCHOR (object);
  tsr_lab_point_clear (&self->point);
  g_clear_object (&self->store_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (tessera_lab_anchor_parent_class)->dispose (object);
}

static void
tessera_lab_anchor_class_init (TesseraLabAnchorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_lab_anchor_dispose;
  GTK_BUTTON_CLASS (klass)->clicked = tessera_lab_anchor_clicked;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tessera_lab_anchor_init (TesseraLabAnchor *self)
{
  GtkWidget *overlay = gtk_overlay_new (), *picture = tessera_tile_picture_new (112);
  self->picture = TESSERA_TILE_PICTURE (picture);
  self->store_signals = g_signal_group_new (TESSERA_TYPE_TILE_STORE);
  g_signal_group_connect_swapped (self->store_signals, "thumbnail-ready",
                                  G_CALLBACK (thumbnail_ready_cb), self);
  self->letter = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->letter), "lab-letter");
  gtk_widget_set_halign (GTK_WIDGET (self->letter), GTK_ALIGN_START);
  gtk_widget_set_valign (GTK_WIDGET (self->letter), GTK_ALIGN_START);
  self->hint = GTK_LABEL (gtk_label_new (_ ("Click: the\nselected tile")));
  gtk_label_set_justify (self->hint, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "dim-label");
  gtk_overlay_set_child (GTK_OVERLAY (overlay), picture);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->hint));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->letter));
  gtk_button_set_child (GTK_BUTTON (self), overlay);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focus_on_click (GTK_WIDGET (self), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "lab-anchor");
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  tessera_lab_image_accept (GTK_WIDGET (self), taken_cb, self);
}
