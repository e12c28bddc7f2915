#include "tessera-lab-page-private.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

/* There and back. */
#define PLAY_S 6.0

G_DEFINE_FINAL_TYPE (TesseraLabPage, tessera_lab_page, GTK_TYPE_WIDGET)

static void
ask_cb (TesseraLabPage *self)
{
  tessera_lab_page_ask (self);
}

/* From A to B, or back: the tiles on the way are the same. */
static void
step_cb (TesseraLabPage *self)
{
  tessera_lab_page_ask_picture (self);
}

static void
answer_cb (TesseraLabPage *self, int slot, gpointer answer)
{
  tessera_lab_page_answer (self, slot, answer);
}

/* ---- the ways ---- */

static void
moved_cb (TesseraLabPage *self, double x, double y, gboolean began)
{
  if (tessera_lab_page_mode (self) != TESSERA_LAB_WALK)
    tessera_lab_page_set_mode (self, TESSERA_LAB_WALK);
  if (began)
    g_array_set_size (self->trail, 0);
  if (self->trail->len >= 2 * TESSERA_LAB_TRAIL)
    g_array_remove_range (self->trail, 0, 2);
  g_array_append_val (self->trail, x);
  g_array_append_val (self->trail, y);
  tessera_lab_page_ask (self);
}

/* Back and forth, slowest at the ends. Somebody asked for it: it moves also where animations are
 * off. */
static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  TesseraLabPage *self = TESSERA_LAB_PAGE (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  if (self->played_from == 0) /* goes on from where the slider is */
    self->played_from = now - (gint64)(acos (1 - 2 * gtk_range_get_value (self->t)) / (2 * G_PI) *
                                       PLAY_S * G_USEC_PER_SEC);
  double phase = (double)(now - self->played_from) / (PLAY_S * G_USEC_PER_SEC) * 2 * G_PI;
  gtk_range_set_value (self->t, (1 - cos (phase)) / 2);
  return G_SOURCE_CONTINUE;
}

static void
stop_playing (TesseraLabPage *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

static void
play_cb (TesseraLabPage *self)
{
  gboolean on = gtk_toggle_button_get_active (self->play);
  gtk_button_set_icon_name (GTK_BUTTON (self->play),
                            on ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
  stop_playing (self);
  self->played_from = 0;
  if (on)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

/* Two pictures side by side are not as high as the page: their captions stay with them. */
static void
arrange_pictures (TesseraLabPage *self, gboolean two)
{
  TesseraTilePicture *const pictures[] = {self->real, self->made};
  for (guint k = 0; k < G_N_ELEMENTS (pictures); k++) {
    GtkWidget *column = gtk_widget_get_parent (GTK_WIDGET (pictures[k]));
    g_object_set (pictures[k], "square", two, "vexpand", !two, NULL);
    gtk_widget_set_valign (column, two ? GTK_ALIGN_CENTER : GTK_ALIGN_FILL);
  }
  gtk_widget_set_visible (self->real_box, two);
}

static void
mode_cb (TesseraLabPage *self)
{
  static const char *const words[] = {
      N_ ("Every place is drawn as a mixture of the tiles round it. Drag over the small map, or "
          "use the arrow keys."),
      N_ ("The model draws the way from one tile to the other. The tiles below are real: select "
          "and label them."),
      N_ ("Takes some of what makes a picture from B and the rest from A."),
      N_ ("Goes from the mean of one class's labelled tiles towards the other's, beginning at A "
          "or, while that is empty, at the first class."),
      N_ ("What the model sees of it, the tiles most like it, and where on the map it belongs.")};
  TesseraLabMode mode = tessera_lab_page_mode (self);
  gboolean image = mode == TESSERA_LAB_IMAGE;
  gtk_label_set_text (self->words, _ (words[mode]));
  gtk_label_set_text (self->near_words, mode == TESSERA_LAB_MORPH ? _ ("Real tiles\non the way")
                                                                  : _ ("Nearest\nreal tiles"));
  gtk_widget_set_visible (GTK_WIDGET (self->pad), mode == TESSERA_LAB_WALK || image);
  gtk_widget_set_visible (self->classes_box, mode == TESSERA_LAB_DIRECTION);
  gtk_widget_set_visible (self->anchors, mode == TESSERA_LAB_MORPH || mode == TESSERA_LAB_MIX ||
                                             mode == TESSERA_LAB_DIRECTION);
  gtk_widget_set_visible (GTK_WIDGET (self->anchor_b), mode != TESSERA_LAB_DIRECTION);
  gtk_widget_set_visible (self->morph_box, mode == TESSERA_LAB_MORPH);
  gtk_widget_set_visible (GTK_WIDGET (self->layers), mode == TESSERA_LAB_MIX);
  gtk_widget_set_visible (self->image_box, image);
  arrange_pictures (self, image && self->image != NULL);
  if (mode != TESSERA_LAB_MORPH)
    gtk_toggle_button_set_active (self->play, FALSE);
  if ((mode == TESSERA_LAB_MORPH || mode == TESSERA_LAB_MIX) && self->session != NULL)
    tessera_lab_page_offer_tiles (self);
  if (self->trail != NULL)
    tessera_lab_page_ask (self);
}

void
tessera_lab_page_set_mode (TesseraLabPage *self, TesseraLabMode mode)
{
  g_return_if_fail (TESSERA_IS_LAB_PAGE (self));
  gtk_drop_down_set_selected (self->mode, mode);
}

/* ---- classes ---- */

static void
load_class_tiles (TesseraLabPage *self)
{
  GtkDropDown *const menu[2] = {self->class_from, self->class_to};
  for (int k = 0; k < 2; k++) {
    guint at = gtk_drop_down_get_selected (menu[k]);
    g_clear_pointer (&self->class_tiles[k], g_bytes_unref);
    if (self->session != NULL && at < self->class_ids->len)
      self->class_tiles[k] = tessera_session_get_class_tiles (
          self->session, g_array_index (self->class_ids, int32_t, at));
  }
}

static void
classes_chosen_cb (TesseraLabPage *self)
{
  if (self->class_ids == NULL || tessera_lab_page_mode (self) != TESSERA_LAB_DIRECTION)
    return;
  load_class_tiles (self);
  tessera_lab_page_ask (self);
}

static void
classes_changed_cb (TesseraLabPage *self)
{
  const GPtrArray *classes = tessera_session_get_classes (self->session);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint from = gtk_drop_down_get_selected (self->class_from),
        to = gtk_drop_down_get_selected (self->class_to);
  g_array_set_size (self->class_ids, 0);
  for (guint k = 0; k < classes->len; k++) {
    const TsrClass *class_ = classes->pdata[k];
    gtk_string_list_append (names, class_->name);
    g_array_append_val (self->class_ids, class_->id);
  }
  gtk_drop_down_set_model (self->class_from, G_LIST_MODEL (names));
  gtk_drop_down_set_model (self->class_to, G_LIST_MODEL (names));
  if (classes->len > 1) {
    gtk_drop_down_set_selected (self->class_from, from < classes->len ? from : 0);
    gtk_drop_down_set_selected (self->class_to, to < classes->len && to != from ? to : 1);
  }
  load_class_tiles (self);
  tessera_lab_page_ask (self);
}

static void
labels_changed_cb (TesseraLabPage *self)
{
  load_class_tiles (self);
  tessera_lab_page_show_tile (self);
  if (tessera_lab_page_mode (self) == TESSERA_LAB_DIRECTION)
    tessera_lab_page_ask (self);
  for (guint k = 0; k < TESSERA_LAB_STEPS; k++) /* their classes' marks */
    tessera_thumb_set (self->thumb[k], self->session, self->store,
                       k < self->n_near ? self->near_tiles[k] : TESSERA_NO_TILE);
}

static void
selection_cb (TesseraLabPage *self)
{
  tessera_lab_page_show_tile (self);
}

/* ---- an image from elsewhere ---- */

void
tessera_lab_page_show_image (TesseraLabPage *self, TesseraLabImage *image)
{
  g_return_if_fail (TESSERA_IS_LAB_PAGE (self));
  if (image->problem != NULL) {
    tessera_lab_page_toast (self, image->problem);
    tessera_lab_image_free (image);
    return;
  }
  tessera_lab_image_free (self->image);
  self->image = image;
  tessera_tile_picture_set_texture (self->real, image->texture);
  gtk_label_set_text (self->real_label, image->name);
  tessera_lab_page_set_mode (self, TESSERA_LAB_IMAGE);
  mode_cb (self);
}

static void
taken_cb (TesseraLabImage *image, uint32_t tile, gpointer page)
{
  if (image != NULL)
    tessera_lab_page_show_image (page, image);
}

/* Tiles like this image: the gallery, in the order of their likeness to it. */
static void
like_cb (TesseraLabPage *self)
{
  if (self->vector == NULL || self->image == NULL)
    return;
  tessera_session_set_example (self->session, self->vector, self->d, self->image->name);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-gallery", NULL);
}

static void
opened_cb (GtkNativeDialog *dialog, int response, TesseraLabPage *self)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  if (file != NULL)
    tessera_lab_image_read_file (file, taken_cb, self);
}

static void
open_cb (TesseraLabPage *self)
{
  GtkFileChooserNative *dialog =
      tessera_lab_page_dialog (self, _ ("Open an image"), GTK_FILE_CHOOSER_ACTION_OPEN);
  g_signal_connect_object (dialog, "response", G_CALLBACK (opened_cb), self, 0);
  tessera_ui_show_dialog (dialog);
}

static void
save_strip_cb (TesseraLabPage *self)
{
  tessera_lab_page_save_as (self, FALSE);
}

static void
save_animation_cb (TesseraLabPage *self)
{
  tessera_lab_page_save_as (self, TRUE);
}

/* ---- states ---- */

static void
see_all_cb (TesseraLabPage *self)
{
  tessera_jobs_reconstruct (self->jobs);
}

static void
show_empty (TesseraLabPage *self, const char *title, const char *text, const char *button,
            const char *action)
{
  adw_status_page_set_title (self->empty, title);
  adw_status_page_set_description (self->empty, text);
  gtk_button_set_label (self->empty_button, button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->empty_button), action);
}

static void
show_state (TesseraLabPage *self)
{
  if (self->session == NULL)
    return;
  gboolean model = tessera_session_has_model (self->session),
           map = tessera_session_get_map (self->session) != NULL,
           busy = tessera_jobs_get_kind (self->jobs) != TESSERA_JOB_NONE;
  if (!model)
    show_empty (self, _ ("The lab needs a model"),
                _ ("A trained model can draw: tiles that never were, the way from one tile to "
                   "another, and what it sees of each."),
                _ ("Go to training"), "win.show-training");
  else if (!map)
    show_empty (self, _ ("The lab needs a map"),
                _ ("The model is there, but it has not read the tiles yet."), _ ("Make the map"),
                "win.make-map");
  gtk_stack_set_visible_child_name (self->content, model && map ? "lab" : "empty");
  gtk_widget_set_visible (GTK_WIDGET (self->notice), busy);
  g_autofree char *notice = g_strdup_printf (_ ("The lab waits until other work is done: %s"),
                                             tessera_jobs_get_stage (self->jobs));
  gtk_label_set_text (self->notice, notice);
  gtk_widget_set_sensitive (self->see_all, !busy);
}

static void
map_changed_cb (TesseraLabPage *self)
{
  if (!tessera_session_is_map_forming (self->session)) {
    TsrLabWorld world = tessera_session_get_lab_world (self->session);
    tsr_lab_set_world (tessera_jobs_get_lab (self->jobs), &world);
    tessera_lab_page_ask (self);
  }
  show_state (self);
}

static void
smooth_cb (TesseraLabPage *self)
{
  gboolean smooth =
      g_str_equal (tessera_session_get_setting (self->session, "view.smooth", "0"), "1");
  tessera_tile_picture_set_smooth (self->made, smooth);
  tessera_tile_picture_set_smooth (self->real, smooth);
  tessera_tile_picture_set_smooth (self->selected, smooth);
}

void
tessera_lab_page_set (TesseraLabPage *self, TesseraSession *session, TesseraJobs *jobs,
                      TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_LAB_PAGE (self));
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->selected_tile = TESSERA_NO_TILE;
  tessera_lab_page_lead (self, FALSE);
  gtk_toggle_button_set_active (self->play, FALSE);
  self->drawn = self->offered = FALSE;
  self->n_near = 0;
  for (guint k = 0; k < TESSERA_LAB_STEPS; k++) {
    tessera_thumb_set (self->thumb[k], NULL, NULL, TESSERA_NO_TILE);
    gtk_widget_set_visible (GTK_WIDGET (self->thumb[k]), FALSE);
  }
  g_clear_pointer (&self->image, tessera_lab_image_free);
  g_clear_pointer (&self->save_path, g_free);
  g_clear_pointer (&self->vector, g_free);
  g_clear_pointer (&self->class_tiles[0], g_bytes_unref);
  g_clear_pointer (&self->class_tiles[1], g_bytes_unref);
  g_array_set_size (self->trail, 0);
  g_signal_group_set_target (self->session_signals, NULL);
  g_signal_group_set_target (self->job_signals, NULL);
  g_set_object (&self->session, NULL);
  tessera_lab_anchor_set_session (self->anchor_a, session, store);
  tessera_lab_anchor_set_session (self->anchor_b, session, store);
  tessera_tile_picture_set_texture (self->made, NULL);
  g_set_object (&self->session, session);
  g_set_object (&self->jobs, jobs);
  g_set_object (&self->store, store);
  tessera_lab_pad_set_session (self->pad, session);
  tessera_label_pad_set_session (self->label_pad, session);
  g_signal_group_set_target (self->session_signals, session);
  g_signal_group_set_target (self->job_signals, jobs);
  if (session == NULL)
    return;
  smooth_cb (self);
  classes_changed_cb (self);
  map_changed_cb (self);
  selection_cb (self);
  mode_cb (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    tessera_lab_page_lead (self, TRUE);
}

/* A walk begins at the selected tile, or at any other. */
static void
begin_walk (TesseraLabPage *self)
{
  const float *map = self->session != NULL ? tessera_session_get_map (self->session) : NULL;
  uint32_t n = map != NULL ? tessera_session_get_n_tiles (self->session) : 0, tile = 0;
  if (n == 0 || self->trail->len > 0)
    return;
  uint32_t current = tessera_session_get_current (self->session);
  if (current != TESSERA_NO_TILE && isfinite (map[2 * current]))
    tile = current;
  while (tile < n && !isfinite (map[2 * tile]))
    tile++;
  if (tile == n)
    return;
  double place[2] = {(double)map[2 * tile], (double)map[2 * tile + 1]};
  g_array_append_vals (self->trail, place, 2);
  tessera_lab_pad_set_place (self->pad, place[0], place[1]);
  self->stale = TRUE;
}

void
tessera_lab_page_draw_here (TesseraLabPage *self)
{
  g_return_if_fail (TESSERA_IS_LAB_PAGE (self));
  g_array_set_size (self->trail, 0);
  begin_walk (self);
  tessera_lab_page_set_mode (self, TESSERA_LAB_WALK);
  tessera_lab_page_ask (self);
}

static void
tessera_lab_page_map (GtkWidget *widget)
{
  TesseraLabPage *self = TESSERA_LAB_PAGE (widget);
  GTK_WIDGET_CLASS (tessera_lab_page_parent_class)->map (widget);
  begin_walk (self);
  tessera_lab_page_lead (self, TRUE);
  if (self->stale)
    tessera_lab_page_ask (self);
}

static void
tessera_lab_page_unmap (GtkWidget *widget)
{
  gtk_toggle_button_set_active (TESSERA_LAB_PAGE (widget)->play, FALSE);
  tessera_lab_page_lead (TESSERA_LAB_PAGE (widget), FALSE);
  GTK_WIDGET_CLASS (tessera_lab_page_parent_class)->unmap (widget);
}

static void
tessera_lab_page_dispose (GObject *object)
{
  TesseraLabPage *self = TESSERA_LAB_PAGE (object);
  stop_playing (self);
  tessera_lab_page_lead (self, FALSE);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  g_clear_object (&self->store);
  g_clear_pointer (&self->image, tessera_lab_image_free);
  g_clear_pointer (&self->trail, g_array_unref);
  g_clear_pointer (&self->class_ids, g_array_unref);
  g_clear_pointer (&self->class_tiles[0], g_bytes_unref);
  g_clear_pointer (&self->class_tiles[1], g_bytes_unref);
  g_clear_pointer (&self->save_path, g_free);
  g_clear_pointer (&self->vector, g_free);
  if (self->content != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->content)));
  G_OBJECT_CLASS (tessera_lab_page_parent_class)->dispose (object);
}

#define BIND(child) gtk_widget_class_bind_template_child (widget_class, TesseraLabPage, child)

static void
tessera_lab_page_class_init (TesseraLabPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_lab_page_dispose;
  widget_class->map = tessera_lab_page_map;
  widget_class->unmap = tessera_lab_page_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-lab-page.ui");
  BIND (content);
  BIND (empty);
  BIND (empty_button);
  BIND (mode);
  BIND (class_from);
  BIND (class_to);
  BIND (words);
  BIND (notice);
  BIND (real_label);
  BIND (made_label);
  BIND (selected_label);
  BIND (selected_state);
  BIND (selected_swatch);
  BIND (selected_head);
  BIND (pad);
  BIND (classes_box);
  BIND (anchors);
  BIND (morph_box);
  BIND (image_box);
  BIND (real_box);
  BIND (nearest);
  BIND (near_words);
  BIND (like);
  BIND (see_all);
  BIND (save_strip);
  BIND (save_animation);
  BIND (anchor_a);
  BIND (anchor_b);
  BIND (layers);
  BIND (t);
  BIND (along);
  BIND (psi);
  BIND (play);
  BIND (real);
  BIND (made);
  BIND (selected);
  BIND (label_pad);
  gtk_widget_class_bind_template_callback (widget_class, ask_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_cb);
  gtk_widget_class_bind_template_callback (widget_class, moved_cb);
  gtk_widget_class_bind_template_callback (widget_class, play_cb);
  gtk_widget_class_bind_template_callback (widget_class, mode_cb);
  gtk_widget_class_bind_template_callback (widget_class, classes_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, like_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_strip_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_animation_cb);
  gtk_widget_class_bind_template_callback (widget_class, see_all_cb);
}

static uint32_t
tile_of_thumb (GtkWidget *thumb)
{
  return tessera_thumb_get_tile (TESSERA_THUMB (thumb));
}

static void
connect_signals (TesseraLabPage *self)
{
  static const struct {
    const char *name;
    GCallback handler;
  } session[] = {{"map-changed", G_CALLBACK (map_changed_cb)},
                 {"labels-changed", G_CALLBACK (labels_changed_cb)},
                 {"classes-changed", G_CALLBACK (classes_changed_cb)},
                 {"selection-changed", G_CALLBACK (selection_cb)},
                 {"settings-changed", G_CALLBACK (smooth_cb)}};
  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  for (guint k = 0; k < G_N_ELEMENTS (session); k++)
    g_signal_group_connect_swapped (self->session_signals, session[k].name, session[k].handler,
                                    self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (show_state), self);
  g_signal_group_connect_swapped (self->job_signals, "lab-answer", G_CALLBACK (answer_cb), self);
}

static void
tessera_lab_page_init (TesseraLabPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tessera_label_pad_set_skips (self->label_pad, FALSE);
  GtkWidget *worded[] = {self->see_all, self->like, self->save_strip, self->save_animation};
  for (guint i = 0; i < G_N_ELEMENTS (worded); i++)
    tessera_ui_wrap_label (GTK_BUTTON (worded[i]));
  self->trail = g_array_new (FALSE, FALSE, sizeof (double));
  self->class_ids = g_array_new (FALSE, FALSE, sizeof (int32_t));
  tessera_lab_anchor_set_letter (self->anchor_a, "A");
  tessera_lab_anchor_set_letter (self->anchor_b, "B");
  gtk_range_set_value (self->t, 0.5);
  gtk_scale_add_mark (GTK_SCALE (self->along), 0, GTK_POS_BOTTOM, NULL);
  for (int k = 0; k < TESSERA_LAB_STEPS; k++) {
    GtkWidget *thumb = tessera_thumb_new (52);
    self->thumb[k] = TESSERA_THUMB (thumb);
    gtk_widget_set_visible (thumb, FALSE);
    tessera_lab_image_offer_tile (thumb, tile_of_thumb);
    gtk_box_append (GTK_BOX (self->nearest), thumb);
  }
  connect_signals (self);
  mode_cb (self);
}
