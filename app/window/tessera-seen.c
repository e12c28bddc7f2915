#include "tessera-seen.h"

#include "tessera-session-lab.h"
#include "tessera-texture.h"
#include "tessera-ui.h"
#include "tsr-reconstruction.h"

#include <glib/gi18n.h>

struct _TesseraSeen {
  GtkBox parent_instance;

  GtkToggleButton *toggle;
  GtkLabel *flag, *words;
  GtkWidget *compare; /* offered while nobody knows which tiles to flag */
  TesseraTilePicture *picture;

  TesseraSession *session;
  TesseraJobs *jobs;
  GSignalGroup *session_signals, *job_signals;
  uint32_t asked; /* the tile that was asked for, or is shown */
  gboolean changing;
  gboolean drawn; /* the model is ready */
};

G_DEFINE_FINAL_TYPE (TesseraSeen, tessera_seen, GTK_TYPE_BOX)

static gboolean
is_on (TesseraSeen *self)
{
  return g_str_equal (tessera_session_get_setting (self->session, "view.seen", "0"), "1");
}

/* It takes room only where it has something to say. */
static void
update_visible (TesseraSeen *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self),
                          gtk_widget_get_visible (GTK_WIDGET (self->toggle)) &&
                              (gtk_widget_get_visible (GTK_WIDGET (self->flag)) ||
                               gtk_widget_get_visible (GTK_WIDGET (self->words)) ||
                               gtk_widget_get_visible (self->compare)));
}

static void
say (TesseraSeen *self, const char *words)
{
  gtk_label_set_text (self->words, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->words), words != NULL);
  update_visible (self);
}

/* What is known of the tile stands there whether or not the picture is shown. */
static void
show_flag (TesseraSeen *self, uint32_t tile)
{
  double score = tessera_session_get_seen_score (self->session, tile);
  gboolean bad = score > TSR_RECONSTRUCTION_LIMIT;
  gtk_widget_set_visible (GTK_WIDGET (self->flag), bad);
  g_autofree char *why = g_strdup_printf (
      _ ("What the model draws of it differs by %.1f times the usual spread of this project's "
         "tiles; beyond %.1f they are flagged"),
      score, TSR_RECONSTRUCTION_LIMIT);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->flag), bad ? why : NULL);
  update_visible (self);
}

static void
ask (TesseraSeen *self, uint32_t tile)
{
  if (self->asked == tile)
    return;
  self->asked = tile;
  tessera_tile_picture_set_texture (self->picture, NULL);
  TsrLabRequest *request = tsr_lab_request_new (1);
  request->recipes[0].a = (TsrLabPoint){.kind = TSR_LAB_TILE, .tile = tile};
  tessera_jobs_ask_lab (self->jobs, TSR_LAB_SLOT_TILE, request);
}

/* Without a comparison of all tiles none is flagged, and that would look as if all were well. */
static void
offer_comparison (TesseraSeen *self)
{
  if (self->session == NULL || self->jobs == NULL)
    return;
  gtk_widget_set_visible (self->compare,
                          is_on (self) && tessera_session_has_model (self->session) &&
                              tessera_jobs_get_kind (self->jobs) == TESSERA_JOB_NONE &&
                              !tessera_session_has_seen_scores (self->session));
  update_visible (self);
}

static void
refresh (TesseraSeen *self)
{
  if (self->session == NULL || self->jobs == NULL || self->picture == NULL)
    return;
  size_t n;
  tessera_session_get_selection (self->session, &n);
  uint32_t tile = n == 1 ? tessera_session_get_current (self->session) : TESSERA_NO_TILE;
  gboolean model = tessera_session_has_model (self->session), on = model && is_on (self);
  gtk_widget_set_visible (GTK_WIDGET (self->toggle), model && tile != TESSERA_NO_TILE);
  update_visible (self);
  self->changing = TRUE;
  gtk_toggle_button_set_active (self->toggle, on);
  self->changing = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->picture), on && tile != TESSERA_NO_TILE);
  tessera_tile_picture_set_smooth (
      self->picture,
      g_str_equal (tessera_session_get_setting (self->session, "view.smooth", "0"), "1"));
  if (tile == TESSERA_NO_TILE)
    return;
  gboolean waits = tessera_jobs_get_kind (self->jobs) != TESSERA_JOB_NONE;
  offer_comparison (self);
  show_flag (self, tile);
  if (!on) {
    say (self, NULL);
    return;
  }
  if (self->asked != tile)
    say (self, waits         ? _ ("What the model sees is shown when the work under way is done")
               : self->drawn ? NULL
                             : _ ("The model is getting ready; the first time this takes a while"));
  ask (self, tile);
}

/* Another model, or the same one that has learnt more. */
static void
stored_cb (TesseraSeen *self)
{
  self->asked = TESSERA_NO_TILE;
  refresh (self);
}

static void
answer_cb (TesseraSeen *self, int slot, gpointer data)
{
  const TsrLabAnswer *answer = data;
  if (slot != TSR_LAB_SLOT_TILE || self->session == NULL)
    return;
  say (self, answer->problem);
  self->drawn |= answer->problem == NULL;
  TsrImage image = {answer->size, answer->size, answer->channels, answer->pictures};
  g_autoptr (GdkTexture) texture = answer->problem == NULL ? tessera_texture_new (&image) : NULL;
  tessera_tile_picture_set_texture (self->picture, texture);
}

static void
compare_cb (TesseraSeen *self)
{
  tessera_jobs_reconstruct (self->jobs);
  offer_comparison (self);
}

static void
toggled_cb (TesseraSeen *self)
{
  if (!self->changing && self->session != NULL)
    tessera_session_set_setting (self->session, "view.seen",
                                 gtk_toggle_button_get_active (self->toggle) ? "1" : "0");
}

void
tessera_seen_set_picture (TesseraSeen *self, TesseraTilePicture *picture, GtkToggleButton *toggle)
{
  g_return_if_fail (TESSERA_IS_SEEN (self));
  self->picture = picture;
  self->toggle = toggle;
  gtk_widget_set_visible (GTK_WIDGET (toggle), FALSE);
  g_signal_connect_swapped (toggle, "toggled", G_CALLBACK (toggled_cb), self);
  tessera_ui_set_name (picture, _ ("What the model sees"));
}

void
tessera_seen_set (TesseraSeen *self, TesseraSession *session, TesseraJobs *jobs)
{
  g_return_if_fail (TESSERA_IS_SEEN (self));
  g_set_object (&self->session, session);
  g_set_object (&self->jobs, jobs);
  g_signal_group_set_target (self->session_signals, session);
  g_signal_group_set_target (self->job_signals, jobs);
  self->asked = TESSERA_NO_TILE;
  self->drawn = FALSE;
  say (self, NULL);
  refresh (self);
}

static void
tessera_seen_dispose (GObject *object)
{
  TesseraSeen *self = TESSERA_SEEN (object);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (tessera_seen_parent_class)->dispose (object);
}

static void
tessera_seen_class_init (TesseraSeenClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_seen_dispose;
}

static GtkLabel *
add_label (TesseraSeen *self, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, style);
  gtk_widget_set_visible (label, FALSE);
  gtk_box_append (GTK_BOX (self), label);
  return GTK_LABEL (label);
}

static void
tessera_seen_init (TesseraSeen *self)
{
  self->asked = TESSERA_NO_TILE;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 4);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  self->flag = add_label (
      self, _ ("The model does not see this tile well: do not trust its prediction"), "warning");
  self->words = add_label (self, NULL, "dim-label");
  self->compare = gtk_button_new_with_label (_ ("Compare all tiles with what the model sees"));
  gtk_widget_set_tooltip_text (self->compare,
                               _ ("Then the map can be coloured by it, and tiles that the model "
                                  "does not see well are flagged"));
  tessera_ui_wrap_label (GTK_BUTTON (self->compare));
  gtk_widget_set_halign (self->compare, GTK_ALIGN_START);
  gtk_widget_set_focus_on_click (self->compare, FALSE);
  gtk_widget_add_css_class (self->compare, "caption");
  gtk_widget_set_visible (self->compare, FALSE);
  g_signal_connect_swapped (self->compare, "clicked", G_CALLBACK (compare_cb), self);
  gtk_box_append (GTK_BOX (self), self->compare);

  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const char *const signals[] = {"selection-changed", "settings-changed", "map-changed"};
  for (guint k = 0; k < G_N_ELEMENTS (signals); k++)
    g_signal_group_connect_swapped (self->session_signals, signals[k], G_CALLBACK (refresh), self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "lab-answer", G_CALLBACK (answer_cb), self);
  g_signal_group_connect_swapped (self->job_signals, "stored", G_CALLBACK (stored_cb), self);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (offer_comparison),
                                  self);
}
