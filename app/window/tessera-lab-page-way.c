/* What the lab's controls ask for, and the ways that are saved. */

#include "tessera-lab-page-private.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

/* Pictures of a way: side by side, and animated. */
enum { STRIP = TESSERA_LAB_STEPS, FRAMES = 48 };

TesseraLabMode
tessera_lab_page_mode (TesseraLabPage *self)
{
  return (TesseraLabMode)gtk_drop_down_get_selected (self->mode);
}

/* ---- what is drawn ---- */

static gboolean
is_set (TesseraLabAnchor *anchor)
{
  return tessera_lab_anchor_get_point (anchor)->kind != TSR_LAB_NOTHING;
}

static void
set_class (TsrLabPoint *point, GBytes *tiles)
{
  tsr_lab_point_set (point, &(TsrLabPoint){.kind = TSR_LAB_MEAN, .data = tiles});
}

/* What the controls ask for now; FALSE and *missing (static) where something is not set yet. */
static gboolean
fill_recipe (TesseraLabPage *self, TsrLabRecipe *r, const char **missing)
{
  const TsrLabPoint *a = tessera_lab_anchor_get_point (self->anchor_a),
                    *b = tessera_lab_anchor_get_point (self->anchor_b);
  guint last = self->trail->len;
  *missing = NULL;
  r->psi = gtk_range_get_value (self->psi);
  switch (tessera_lab_page_mode (self)) {
  case TESSERA_LAB_WALK:
    if (last < 2)
      *missing = _ ("Click any place of the small map");
    else
      r->a = (TsrLabPoint){.kind = TSR_LAB_PLACE,
                           .place = {(float)g_array_index (self->trail, double, last - 2),
                                     (float)g_array_index (self->trail, double, last - 1)}};
    break;
  case TESSERA_LAB_MORPH:
  case TESSERA_LAB_MIX:
    if (!is_set (self->anchor_a) || !is_set (self->anchor_b)) {
      *missing = _ ("Choose A and B: select a tile and click the field, or drop tiles or images");
      break;
    }
    tsr_lab_point_set (&r->a, a);
    tsr_lab_point_set (&r->b, b);
    if (tessera_lab_page_mode (self) == TESSERA_LAB_MORPH)
      r->t = gtk_range_get_value (self->t);
    else
      r->from_b = tessera_lab_layers_get (self->layers);
    break;
  case TESSERA_LAB_DIRECTION:
    if (self->class_tiles[0] == NULL || self->class_tiles[1] == NULL) {
      *missing = _ ("Label tiles of two classes first, then choose both");
      break;
    }
    if (gtk_drop_down_get_selected (self->class_from) ==
        gtk_drop_down_get_selected (self->class_to)) {
      *missing = _ ("From a class to itself there is no way: choose two different classes");
      break;
    }
    if (is_set (self->anchor_a))
      tsr_lab_point_set (&r->a, a);
    else
      set_class (&r->a, self->class_tiles[0]);
    set_class (&r->from, self->class_tiles[0]);
    set_class (&r->to, self->class_tiles[1]);
    r->along = gtk_range_get_value (self->along);
    break;
  case TESSERA_LAB_IMAGE:
    if (self->image == NULL)
      *missing = _ ("Drop an image on the window, paste one (Ctrl+V), or open one");
    else
      tsr_lab_point_set (&r->a, &self->image->point);
    break;
  }
  return *missing == NULL;
}

/* ---- asking ---- */

/* The way that belongs to what is shown: n pictures of it. */
static void
fill_way (TesseraLabPage *self, TsrLabRequest *request)
{
  const char *missing;
  guint points = self->trail->len / 2;
  for (uint32_t k = 0; k < request->n; k++) {
    TsrLabRecipe *r = &request->recipes[k];
    double t = request->n > 1 ? (double)k / (request->n - 1) : 0;
    fill_recipe (self, r, &missing);
    if (tessera_lab_page_mode (self) == TESSERA_LAB_MORPH)
      r->t = t;
    else if (tessera_lab_page_mode (self) == TESSERA_LAB_DIRECTION)
      r->along = -1 + 2 * t;
    else if (tessera_lab_page_mode (self) == TESSERA_LAB_WALK && points > 0) {
      guint at = 2 * (guint)lround (t * (points - 1));
      r->a.place[0] = (float)g_array_index (self->trail, double, at);
      r->a.place[1] = (float)g_array_index (self->trail, double, at + 1);
    } else if (tessera_lab_page_mode (self) == TESSERA_LAB_MIX && k != 1) { /* A, the mixture, B */
      r->from_b = 0;
      r->t = k == 0 ? 0 : 1;
    }
  }
}

/* Pictures of the way that is saved. */
static uint32_t
way_length (TesseraLabPage *self, gboolean animated)
{
  switch (tessera_lab_page_mode (self)) {
  case TESSERA_LAB_IMAGE:
    return 1;
  case TESSERA_LAB_MIX:
    return 3;
  case TESSERA_LAB_WALK:
    return MIN (self->trail->len / 2, animated ? FRAMES : STRIP);
  default:
    return animated ? FRAMES : STRIP;
  }
}

/* What is to be done first (missing) stands where the picture will be. */
static void
show_missing (TesseraLabPage *self, const char *missing)
{
  gboolean whole = missing == NULL;
  /* Its kernels may have to be compiled. */
  gtk_label_set_text (self->made_label, !whole        ? missing
                                        : self->drawn ? _ ("What the model draws")
                                                      : _ ("The model is getting ready; the "
                                                           "first time this takes a while"));
  gtk_widget_set_visible (GTK_WIDGET (self->made), whole);
  gtk_widget_set_vexpand (GTK_WIDGET (self->made_label), !whole);
  gtk_widget_set_sensitive (self->morph_box, whole);
  gtk_widget_set_sensitive (GTK_WIDGET (self->layers), whole);
  gtk_widget_set_sensitive (GTK_WIDGET (self->along), whole);
  gtk_widget_set_sensitive (self->save_strip, whole);
  gtk_widget_set_sensitive (self->save_animation,
                            whole && way_length (self, TRUE) > 1); /* one does not move */
}

/* FALSE where something is missing, and then nothing is drawn. */
static gboolean
ask_picture (TesseraLabPage *self)
{
  const char *missing;
  g_autoptr (TsrLabRequest) picture = tsr_lab_request_new (1);
  gboolean whole = fill_recipe (self, &picture->recipes[0], &missing);
  show_missing (self, missing);
  picture->real = whole && tessera_lab_page_mode (self) == TESSERA_LAB_IMAGE;
  if (!whole)
    tessera_tile_picture_set_texture (self->made, NULL);
  tessera_jobs_ask_lab (self->jobs, TSR_LAB_SLOT_PICTURE,
                        whole ? g_steal_pointer (&picture) : NULL);
  return whole;
}

static void
ask_nearest (TesseraLabPage *self)
{
  TesseraLabMode mode = tessera_lab_page_mode (self);
  gboolean way = mode == TESSERA_LAB_MORPH;
  TsrLabRequest *road = tsr_lab_request_new (way ? TESSERA_LAB_STEPS : 1);
  const char *missing;
  road->nearest = way ? 1 : TESSERA_LAB_NEAREST;
  if (way)
    fill_way (self, road);
  else
    fill_recipe (self, &road->recipes[0], &missing);
  if (mode == TESSERA_LAB_MIX) /* of a mixture: near as much of each as is in it */
    road->recipes[0].t = tessera_lab_layers_get_share (self->layers);
  tessera_jobs_ask_lab (self->jobs, TSR_LAB_SLOT_ROAD, road);
}

static gboolean
can_ask (TesseraLabPage *self)
{
  self->stale |= !gtk_widget_get_mapped (GTK_WIDGET (self));
  return self->session != NULL && !self->stale;
}

/* The picture goes first and at once; the nearest tiles, which may take a look at every vector,
 * follow when there is time. */
void
tessera_lab_page_ask (TesseraLabPage *self)
{
  self->stale = FALSE;
  if (!can_ask (self))
    return;
  g_clear_pointer (&self->vector, g_free); /* of what was asked before */
  if (ask_picture (self))
    ask_nearest (self);
  else {
    tessera_lab_page_show_nearest (self, NULL, 0);
    tessera_jobs_ask_lab (self->jobs, TSR_LAB_SLOT_ROAD, NULL);
  }
}

void
tessera_lab_page_ask_picture (TesseraLabPage *self)
{
  if (!can_ask (self))
    return;
  ask_picture (self);
  tessera_lab_page_mark_step (self);
}

/* ---- saving ---- */

void
tessera_lab_page_save (TesseraLabPage *self, gboolean animated, const char *path)
{
  g_return_if_fail (TESSERA_IS_LAB_PAGE (self));
  TsrLabRecipe probe = {0};
  const char *missing;
  gboolean whole = self->session != NULL && fill_recipe (self, &probe, &missing);
  tsr_lab_point_clear (&probe.a);
  tsr_lab_point_clear (&probe.b);
  tsr_lab_point_clear (&probe.from);
  tsr_lab_point_clear (&probe.to);
  if (!whole)
    return;
  g_free (self->save_path);
  self->save_path = g_strdup (path);
  self->save_animated = animated;
  TsrLabRequest *request = tsr_lab_request_new (way_length (self, animated));
  fill_way (self, request);
  tessera_jobs_ask_lab (self->jobs, TSR_LAB_SLOT_FRAMES, request);
}

static void
save_chosen_cb (GtkNativeDialog *dialog, int response, TesseraLabPage *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    tessera_lab_page_save (self, g_object_get_data (G_OBJECT (dialog), "animated") != NULL, path);
}

void
tessera_lab_page_save_as (TesseraLabPage *self, gboolean animated)
{
  GtkFileChooserNative *dialog = tessera_lab_page_dialog (
      self, animated ? _ ("Save an animation as WebP") : _ ("Save a strip as PNG"),
      GTK_FILE_CHOOSER_ACTION_SAVE);
  g_object_set_data (G_OBJECT (dialog), "animated", animated ? self : NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), animated ? "lab.webp" : "lab.png");
  tessera_ui_begin_beside (dialog, tessera_session_get_path (self->session));
  g_signal_connect_object (dialog, "response", G_CALLBACK (save_chosen_cb), self, 0);
  tessera_ui_show_dialog (dialog);
}

GtkFileChooserNative *
tessera_lab_page_dialog (TesseraLabPage *self, const char *title, GtkFileChooserAction action)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return dialog;
}
