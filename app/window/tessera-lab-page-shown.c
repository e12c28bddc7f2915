/* What the lab shows of the answers it gets. */

#include "tessera-lab-page-private.h"

#include "tessera-lab-save.h"
#include "tessera-texture.h"
#include "tessera-ui.h"
#include "tessera-window.h"

#include <glib/gi18n.h>
#include <math.h>

void
tessera_lab_page_mark_step (TesseraLabPage *self)
{
  gboolean way = tessera_lab_page_mode (self) == TESSERA_LAB_MORPH && self->n_near > 0;
  guint step = (guint)lround (gtk_range_get_value (self->t) * (TESSERA_LAB_STEPS - 1));
  for (guint k = 0; k < TESSERA_LAB_STEPS; k++) {
    GtkWidget *thumb = GTK_WIDGET (self->thumb[k]);
    if (way && k == self->step_thumb[MIN (step, TESSERA_LAB_STEPS - 1)])
      gtk_widget_add_css_class (thumb, "here");
    else
      gtk_widget_remove_css_class (thumb, "here");
  }
}

/* A tile that is the nearest at several places in turn is there once. */
static void
keep_nearest (TesseraLabPage *self, const uint32_t *tiles, guint n)
{
  self->n_near = 0;
  for (guint k = 0; k < n && k < TESSERA_LAB_STEPS && tiles[k] != UINT32_MAX; k++) {
    if (self->n_near == 0 || self->near_tiles[self->n_near - 1] != tiles[k])
      self->near_tiles[self->n_near++] = tiles[k];
    self->step_thumb[k] = self->n_near - 1;
  }
}

void
tessera_lab_page_show_nearest (TesseraLabPage *self, const uint32_t *tiles, guint n)
{
  keep_nearest (self, tiles, n);
  for (guint k = 0; k < TESSERA_LAB_STEPS; k++) {
    gboolean there = k < self->n_near;
    tessera_thumb_set (self->thumb[k], self->session, self->store,
                       there ? self->near_tiles[k] : TESSERA_NO_TILE);
    gtk_widget_set_visible (GTK_WIDGET (self->thumb[k]), there);
  }
  tessera_lab_page_show_tile (self);
  tessera_lab_page_mark_step (self);
  gboolean image = tessera_lab_page_mode (self) == TESSERA_LAB_IMAGE;
  gtk_widget_set_sensitive (self->like, image && self->vector != NULL);
  tessera_lab_pad_set_marks (self->pad, self->near_tiles, self->n_near);
  if (image) { /* where it belongs */
    const float *map = tessera_session_get_map (self->session);
    uint32_t tile = self->n_near > 0 ? self->near_tiles[0] : TESSERA_NO_TILE;
    gboolean known = map != NULL && tile < tessera_session_get_n_tiles (self->session);
    tessera_lab_pad_set_place (self->pad, known ? (double)map[2 * tile] : NAN,
                               known ? (double)map[2 * tile + 1] : NAN);
  }
}

static void
show_picture (TesseraLabPage *self, const TsrLabAnswer *answer)
{
  if (!gtk_widget_get_visible (GTK_WIDGET (self->made)))
    return; /* of a question that is no more: something is to be set first */
  if (answer->problem != NULL) {
    gtk_label_set_text (self->made_label, answer->problem);
    tessera_tile_picture_set_texture (self->made, NULL);
    return;
  }
  TsrImage made = {answer->size, answer->size, answer->channels, answer->pictures},
           real = {answer->size, answer->size, answer->channels, answer->real};
  g_autoptr (GdkTexture) texture = tessera_texture_new (&made);
  self->drawn = TRUE;
  gtk_label_set_text (self->made_label, _ ("What the model draws"));
  tessera_tile_picture_set_texture (self->made, texture);
  guint64 mask = tessera_lab_layers_get (self->layers);
  tessera_lab_layers_set_count (self->layers, MIN (answer->layers, 64));
  if (tessera_lab_page_mode (self) == TESSERA_LAB_MIX &&
      tessera_lab_layers_get (self->layers) != mask)
    tessera_lab_page_ask (self);
  if (tessera_lab_page_mode (self) == TESSERA_LAB_IMAGE && answer->real != NULL) {
    g_autoptr (GdkTexture) seen = tessera_texture_new (&real);
    tessera_tile_picture_set_texture (self->real, seen);
  }
}

void
tessera_lab_page_toast (TesseraLabPage *self, const char *text)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (TESSERA_IS_WINDOW (root))
    tessera_window_toast (TESSERA_WINDOW (root), text);
}

static void
take_nearest (TesseraLabPage *self, const TsrLabAnswer *answer)
{
  g_clear_pointer (&self->vector, g_free);
  self->d = answer->d;
  if (answer->vector != NULL)
    self->vector = g_memdup2 (answer->vector, answer->d * sizeof *answer->vector);
  tessera_lab_page_show_nearest (self, answer->nearest,
                                 answer->problem == NULL ? answer->n * answer->per : 0);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraLabPage) self = user;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = tessera_lab_save_finish (result, &error);
  if (path == NULL) {
    tessera_lab_page_toast (self, error->message);
    return;
  }
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = g_strdup_printf (_ ("Written: %s"), name);
  tessera_lab_page_toast (self, text);
}

void
tessera_lab_page_answer (TesseraLabPage *self, int slot, const TsrLabAnswer *answer)
{
  if (self->session == NULL)
    return;
  if (slot == TSR_LAB_SLOT_PICTURE)
    show_picture (self, answer);
  else if (slot == TSR_LAB_SLOT_ROAD)
    take_nearest (self, answer);
  else if (slot == TSR_LAB_SLOT_FRAMES && self->save_path != NULL) {
    g_autofree char *path = g_steal_pointer (&self->save_path);
    if (answer->problem != NULL)
      tessera_lab_page_toast (self, answer->problem);
    else
      tessera_lab_save_async (answer, self->save_animated, tessera_session_get_path (self->session),
                              path, saved_cb, g_object_ref (self));
  }
}
