/* The real tile that is selected in the lab, and which come after it. */

#include "tessera-lab-page-private.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraLabPage) self = user;
  g_autoptr (GdkTexture) texture =
      tessera_tile_store_load_finish (TESSERA_TILE_STORE (source), result, NULL);
  if (texture != NULL)
    tessera_tile_picture_set_texture (self->selected, texture);
}

/* What it is labelled or predicted as. */
static void
show_class (TesseraLabPage *self, uint32_t tile)
{
  int32_t label = tessera_session_get_label (self->session, tile);
  const TsrPrediction *prediction = tessera_session_get_prediction (self->session, tile);
  int32_t id = label >= 0 ? label : prediction != NULL ? prediction->class_id : TSR_LABEL_NONE;
  gboolean excluded = tessera_session_get_excluded (self->session, tile);
  const TsrClass *class_ = excluded ? NULL : tessera_session_get_class (self->session, id);
  g_autofree char *name = class_ != NULL ? tessera_ui_shorten (class_->name, 64) : NULL;
  g_autofree char *text = excluded                    ? g_strdup (_ ("Excluded"))
                          : label == TSR_LABEL_UNSURE ? g_strdup (_ ("Looked at, unsure"))
                          : class_ == NULL            ? g_strdup (_ ("Not labelled yet"))
                          : label >= 0                ? g_strdup_printf (_ ("Labelled %s"), name)
                                                      : g_strdup_printf (_ ("Predicted %s"), name);
  gtk_label_set_text (self->selected_state, text);
  tessera_swatch_set (self->selected_swatch, class_, label >= 0);
}

static void
mark_nearest (TesseraLabPage *self, uint32_t tile)
{
  for (guint k = 0; k < TESSERA_LAB_STEPS; k++) {
    GtkWidget *thumb = GTK_WIDGET (self->thumb[k]);
    if (tile != TESSERA_NO_TILE && tessera_thumb_get_tile (self->thumb[k]) == tile)
      gtk_widget_add_css_class (thumb, "current");
    else
      gtk_widget_remove_css_class (thumb, "current");
  }
}

void
tessera_lab_page_show_tile (TesseraLabPage *self)
{
  uint32_t tile = tessera_session_get_current (self->session);
  gboolean there = tile != TESSERA_NO_TILE;
  gtk_widget_set_visible (self->selected_head, there);
  mark_nearest (self, tile);
  if (there)
    show_class (self, tile);
  if (there && tile == self->selected_tile)
    return;
  self->selected_tile = tile;
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  gtk_label_set_text (self->selected_label,
                      there ? tessera_session_get_shown_name (self->session, tile)
                            : _ ("No tile is selected. Click one of the real tiles below the "
                                 "picture to look at it and to label it."));
  tessera_tile_picture_set_texture (self->selected,
                                    there ? tessera_tile_store_peek (self->store, tile) : NULL);
  if (!there)
    return;
  self->loading = g_cancellable_new ();
  tessera_tile_store_load_async (self->store, tile, self->loading, loaded_cb, g_object_ref (self));
}

/* ---- what comes next ---- */

static gboolean
is_open_question (TesseraLabPage *self, uint32_t tile, const uint32_t *done, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (done[i] == tile)
      return FALSE;
  return tessera_session_get_label (self->session, tile) == TSR_LABEL_NONE &&
         !tessera_session_get_excluded (self->session, tile);
}

/* The nearest tile that nobody has looked at, after what was done and then from the beginning:
 * somebody who labels from a walk means what lies round it. The selection stays where all have been
 * looked at. */
static uint32_t
next_cb (const uint32_t *done, size_t n, gpointer page)
{
  TesseraLabPage *self = page;
  guint from = 0;
  for (guint k = 0; n > 0 && k < self->n_near; k++)
    if (self->near_tiles[k] == done[0])
      from = k + 1;
  for (guint k = 0; k < self->n_near; k++) {
    uint32_t tile = self->near_tiles[(from + k) % self->n_near];
    if (is_open_question (self, tile, done, n))
      return tile;
  }
  return TESSERA_NO_TILE;
}

void
tessera_lab_page_lead (TesseraLabPage *self, gboolean lead)
{
  if (self->session != NULL)
    tessera_session_set_next_func (self->session, lead ? next_cb : NULL, self);
}

/* ---- to begin with ---- */

static int32_t
class_of (TesseraLabPage *self, uint32_t tile)
{
  const TsrPrediction *prediction = tessera_session_get_prediction (self->session, tile);
  int32_t label = tessera_session_get_label (self->session, tile);
  return label >= 0 ? label : prediction != NULL ? prediction->class_id : TSR_LABEL_NONE;
}

void
tessera_lab_page_offer_tiles (TesseraLabPage *self)
{
  const GArray *queue = tessera_session_get_queue (self->session);
  uint32_t a = tessera_session_get_current (self->session), b = TESSERA_NO_TILE;
  if (self->offered || queue == NULL ||
      tessera_lab_anchor_get_point (self->anchor_a)->kind != TSR_LAB_NOTHING ||
      tessera_lab_anchor_get_point (self->anchor_b)->kind != TSR_LAB_NOTHING)
    return;
  for (guint k = 0; k < queue->len; k++) {
    uint32_t tile = g_array_index (queue, uint32_t, k);
    if (a == TESSERA_NO_TILE)
      a = tile;
    else if (tile != a && (b == TESSERA_NO_TILE || class_of (self, b) == class_of (self, a)))
      b = tile;
  }
  if (a == TESSERA_NO_TILE || b == TESSERA_NO_TILE)
    return;
  self->offered = TRUE;
  tessera_lab_anchor_set_tile (self->anchor_a, a);
  tessera_lab_anchor_set_tile (self->anchor_b, b);
}
