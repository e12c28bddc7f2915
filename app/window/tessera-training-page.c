#include "tessera-training-page.h"

#include "tessera-loss-plot.h"
#include "tessera-presets.h"
#include "tessera-texture.h"
#include "tessera-tile-picture.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _TesseraTrainingPage {
  GtkWidget parent_instance;

  GtkWidget *content;
  AdwPreferencesGroup *presets;
  GtkWidget *start, *resume, *pause, *stop;
  GtkLabel *pause_label;
  GtkLabel *facts, *message;
  AdwStatusPage *words;
  GtkWidget *plot_box, *quality_note;
  TesseraLossPlot *plot, *quality_plot;
  GtkStack *pictures;
  TesseraTilePicture *generated, *reconstructed;

  GtkCheckButton *choice[TESSERA_N_PRESETS];
  GtkWidget *row[TESSERA_N_PRESETS];
  TesseraSession *session;
  TesseraJobs *jobs;
  GSignalGroup *session_signals, *job_signals;
  TsrTrainOptions running; /* resolved, of the training under way */
  double learnt_s;         /* into it, when its speed was learnt last; 0: not yet */
};

G_DEFINE_FINAL_TYPE (TesseraTrainingPage, tessera_training_page, GTK_TYPE_WIDGET)

static const char *
chosen_preset (TesseraTrainingPage *self)
{
  for (int i = 0; i < TESSERA_N_PRESETS; i++)
    if (gtk_check_button_get_active (self->choice[i]))
      return tessera_presets ()[i].id;
  return "standard";
}

static char *
describe (const TesseraPreset *preset, double seconds, TesseraEstimate estimate)
{
  if (seconds < 0)
    return g_strdup (_ (preset->description));
  g_autofree char *time = tessera_ui_duration (seconds);
  switch (estimate) {
  case TESSERA_ESTIMATE_LEARNT:
    return g_strdup_printf (_ ("%s. Here: %s."), _ (preset->description), time);
  case TESSERA_ESTIMATE_MEASURED:
    return g_strdup_printf (_ ("%s. Here: %s, by a first measurement."), _ (preset->description),
                            time);
  default:
    return g_strdup_printf (_ ("%s. A guess: %s, until this computer is measured."),
                            _ (preset->description), time);
  }
}

static void
show_estimates (TesseraTrainingPage *self)
{
  if (self->session == NULL)
    return;
  int size, channels;
  tessera_session_get_tile_format (self->session, &size, &channels);
  uint32_t n = tessera_session_get_n_tiles (self->session);
  for (int i = 0; i < TESSERA_N_PRESETS; i++) {
    const TesseraPreset *preset = &tessera_presets ()[i];
    TesseraEstimate estimate = TESSERA_ESTIMATE_GUESSED;
    double seconds = tessera_preset_seconds (preset->id, n, size, channels, &estimate);
    g_autofree char *text = describe (preset, seconds, estimate);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row[i]), text);
  }
}

/* What the page says while nothing is being trained: how far the model came, above its pictures or
 * in their place. */
static void
say_so_far (TesseraTrainingPage *self, gboolean training)
{
  uint64_t images, goal;
  gboolean stopped = tessera_session_get_trained (self->session, &images, &goal) && !training;
  g_autofree char *seen = tessera_ui_count (images);
  g_autofree char *all = tessera_ui_count (goal);
  g_autofree char *title = NULL, *text = NULL;
  if (stopped) {
    int percent = (int)(100.0 * (double)images / (double)goal);
    title = g_strdup_printf (_ ("The training stopped at %d %%"), percent);
    text = g_strdup_printf (
        _ ("The model has seen %s of %s images. “Go on training” takes it up from there."), seen,
        all);
  } else if (images > 0 && !training) {
    title = g_strdup (_ ("The model is trained"));
    text = g_strdup_printf (_ ("It has seen %s images. “Train on” refines it."), seen);
  }
  gboolean pictures = g_str_equal (gtk_stack_get_visible_child_name (self->pictures), "pictures");
  if (!training)
    gtk_label_set_text (self->facts, pictures && text != NULL ? text : "");
  /* Beside curves the words take as little room as they need. */
  gboolean curves = tessera_loss_plot_get_n_points (self->plot) > 0;
  adw_status_page_set_icon_name (self->words, curves ? NULL : "applications-science-symbolic");
  if (curves)
    gtk_widget_add_css_class (GTK_WIDGET (self->words), "compact");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->words), "compact");
  adw_status_page_set_title (self->words, title != NULL ? title : _ ("Watch it learn"));
  adw_status_page_set_description (
      self->words, text != NULL ? text
                                : _ ("While it trains you see tiles it invents, real tiles beside "
                                     "what it makes of them, and its losses. The window stays "
                                     "free for labelling."));
}

static void
set_suggested (GtkWidget *button, gboolean suggested)
{
  if (suggested)
    gtk_widget_add_css_class (button, "suggested-action");
  else
    gtk_widget_remove_css_class (button, "suggested-action");
}

/* Where there is a model, going on with it is what is offered first; to begin anew is a decision.
 */
static void
show_buttons (TesseraTrainingPage *self, gboolean training, gboolean idle)
{
  uint64_t images, goal;
  gboolean stopped = tessera_session_get_trained (self->session, &images, &goal);
  gboolean model = tessera_session_has_model (self->session);
  gboolean tiles = tessera_session_get_n_tiles (self->session) > 0;
  gtk_widget_set_visible (self->start, !training);
  gtk_widget_set_sensitive (self->start, idle && tiles);
  gtk_widget_set_visible (self->resume, model && !training);
  gtk_widget_set_sensitive (self->resume, idle && tiles);
  gtk_widget_set_visible (self->pause, training);
  gtk_widget_set_visible (self->stop, training);
  gboolean stopping = training && tessera_jobs_get_stopping (self->jobs);
  gtk_widget_set_sensitive (self->pause, !stopping);
  gtk_widget_set_sensitive (self->stop, !stopping);
  set_suggested (self->start, !model);
  set_suggested (self->resume, model);
  gtk_button_set_label (GTK_BUTTON (self->resume), stopped ? _ ("Go on training") : _ ("Train on"));
  gtk_widget_set_tooltip_text (
      self->resume, stopped ? _ ("Goes on from where it stopped, with the settings it began with")
                            : _ ("Trains the model further, for as long as the preset above says"));
  gtk_widget_set_tooltip_text (
      self->start,
      model ? _ ("Begins a new model; the file of the former one stays beside it") : NULL);
}

static void
show_state (TesseraTrainingPage *self)
{
  TesseraJobKind kind = self->jobs != NULL ? tessera_jobs_get_kind (self->jobs) : TESSERA_JOB_NONE;
  gboolean training = kind == TESSERA_JOB_TRAIN;
  gboolean paused = training && tessera_jobs_get_paused (self->jobs);
  show_buttons (self, training, kind == TESSERA_JOB_NONE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->presets), !training);
  gtk_label_set_text (self->pause_label, paused ? _ ("Go on") : _ ("Pause"));
  tessera_ui_set_name (self->pause,
                       paused ? _ ("Go on with the training") : _ ("Pause the training"));
  say_so_far (self, training);
  if (training && tessera_jobs_get_stopping (self->jobs))
    gtk_label_set_text (self->facts, _ ("Stopping: the step under way is finished first"));
}

static void
jobs_changed_cb (TesseraTrainingPage *self)
{
  if (self->session != NULL)
    show_state (self);
}

static void
show_message (TesseraTrainingPage *self, const char *text)
{
  gtk_label_set_text (self->message, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->message), text != NULL);
}

/* What went wrong stays to be read where the user looks for it; the toast passes. */
static void
failed_cb (TesseraTrainingPage *self, const char *text)
{
  show_message (self, text);
}

static void
show_pictures (TesseraTrainingPage *self, const TsrTrainSnapshot *s)
{
  g_autoptr (GdkTexture) generated = tessera_texture_new (&s->generated);
  g_autoptr (GdkTexture) reconstructed = tessera_texture_new (&s->reconstructed);
  if (generated != NULL)
    tessera_tile_picture_set_texture (self->generated, generated);
  if (reconstructed != NULL)
    tessera_tile_picture_set_texture (self->reconstructed, reconstructed);
  if (generated != NULL || reconstructed != NULL)
    gtk_stack_set_visible_child_name (self->pictures, "pictures");
}

/* Not there before the first measurement. */
static void
show_quality (TesseraTrainingPage *self)
{
  gboolean measured = tessera_loss_plot_get_n_points (self->quality_plot) > 0;
  gtk_widget_set_visible (GTK_WIDGET (self->quality_plot), measured);
  gtk_widget_set_visible (self->quality_note, measured);
}

static void
clear_plots (TesseraTrainingPage *self)
{
  tessera_loss_plot_clear (self->plot);
  tessera_loss_plot_clear (self->quality_plot);
  show_quality (self);
}

static void
cut_plots (TesseraTrainingPage *self, double kimg)
{
  tessera_loss_plot_cut (self->plot, kimg);
  tessera_loss_plot_cut (self->quality_plot, kimg);
  show_quality (self);
}

/* How far it is, as much of that as is known: the first steps decide on the length. */
static char *
facts_of (const TsrTrainSnapshot *s)
{
  g_autofree char *elapsed = tessera_ui_clock (s->elapsed_s);
  g_autofree char *shown = tessera_ui_count ((guint64)(s->kimg * 1000 + 0.5));
  if (!(s->kimg_total > 0))
    return g_strdup_printf (_ ("%s images · %.1f images a second · %s gone"), shown,
                            s->images_per_s, elapsed);
  g_autofree char *total = tessera_ui_count ((guint64)(s->kimg_total * 1000 + 0.5));
  if (!(s->eta_s >= 0))
    return g_strdup_printf (_ ("%s of %s images · %.1f images a second · %s gone"), shown, total,
                            s->images_per_s, elapsed);
  g_autofree char *left = tessera_ui_clock (s->eta_s);
  return g_strdup_printf (_ ("%s of %s images · %.1f images a second · %s gone, %s left"), shown,
                          total, s->images_per_s, elapsed, left);
}

static void
snapshot_cb (TesseraTrainingPage *self, gpointer data)
{
  const TsrTrainSnapshot *s = data;
  tessera_loss_plot_add (self->plot, s);
  tessera_loss_plot_add (self->quality_plot, s);
  show_quality (self);
  gtk_widget_set_visible (self->plot_box, TRUE);
  show_pictures (self, s);
  if (self->jobs == NULL || tessera_jobs_get_kind (self->jobs) != TESSERA_JOB_TRAIN ||
      tessera_jobs_get_stopping (self->jobs))
    return; /* the last word of one that ends or has ended */
  g_autofree char *facts = facts_of (s);
  g_autofree char *text =
      s->slowed
          ? g_strdup_printf (
                _ ("%s. Slower than before: other programs seem to take the processor."), facts)
          : g_strdup (facts);
  gtk_label_set_text (self->facts, text);
  show_message (self, s->message);
  /* The first seconds hold compilation and planning, and few steps are no measure: what was learnt
   * is learnt anew whenever twice the time has passed. A model that is trained on has the shape it
   * began with, whatever the preset would give it: its speed says nothing of the preset. */
  if (!self->running.resume && s->kimg_total > 0 && s->images_per_s > 0 &&
      s->elapsed_s > MAX (20, 2 * self->learnt_s)) {
    tessera_preset_learn (self->running.preset, s->images_per_s * s->flops);
    self->learnt_s = s->elapsed_s;
  }
}

/* The curves of an earlier run, as the project keeps them, while none is under way. */
static void
show_earlier (TesseraTrainingPage *self)
{
  if (self->jobs != NULL && tessera_jobs_get_kind (self->jobs) == TESSERA_JOB_TRAIN)
    return;
  const GArray *losses = tessera_session_get_losses (self->session);
  uint64_t images, goal;
  tessera_session_get_trained (self->session, &images, &goal);
  tessera_loss_plot_set (self->plot, losses, (double)goal / 1000);
  tessera_loss_plot_set (self->quality_plot, tessera_session_get_quality (self->session),
                         (double)goal / 1000);
  show_quality (self);
  gtk_widget_set_visible (self->plot_box, tessera_loss_plot_get_n_points (self->plot) > 0);
}

/* Estimates rest on this computer from the first look on: while nothing has been trained on the
 * device, it is measured when the page is opened. */
static void
map_cb (TesseraTrainingPage *self)
{
  TesseraEstimate estimate = TESSERA_ESTIMATE_LEARNT;
  if (self->jobs == NULL || tessera_jobs_get_kind (self->jobs) != TESSERA_JOB_NONE)
    return;
  tessera_preset_seconds ("standard", 1000, 64, 3, &estimate);
  if (estimate != TESSERA_ESTIMATE_LEARNT)
    tessera_jobs_measure (self->jobs);
  show_estimates (self);
}

static void
measured_cb (TesseraTrainingPage *self, double flops)
{
  tessera_preset_measured (flops);
  show_estimates (self);
}

void
tessera_training_page_start (TesseraTrainingPage *self, gboolean resume)
{
  g_return_if_fail (TESSERA_IS_TRAINING_PAGE (self));
  if (self->jobs == NULL || tessera_jobs_get_kind (self->jobs) != TESSERA_JOB_NONE)
    return;
  TsrTrainOptions options = tsr_train_options_default ();
  options.preset = chosen_preset (self);
  options.resume = resume;
  self->running = options;
  self->learnt_s = 0;
  int size, channels;
  tessera_session_get_tile_format (self->session, &size, &channels);
  g_autoptr (GError) error = NULL;
  if (!tsr_train_options_resolve (&self->running, tessera_session_get_n_tiles (self->session), size,
                                  channels, &error)) {
    show_message (self, error->message);
    return;
  }
  uint64_t images, goal;
  tessera_session_get_trained (self->session, &images, &goal);
  if (!resume)
    clear_plots (self);
  else if (images > 0) /* what a run that failed had beyond its checkpoint */
    cut_plots (self, (double)images / 1000);
  show_message (self, NULL);
  tessera_session_set_setting (self->session, "train.preset", options.preset);
  tessera_jobs_train (self->jobs, &options);
  gtk_label_set_text (self->facts, _ ("Getting ready; the first time this takes a minute or two"));
}

static void
start_cb (TesseraTrainingPage *self)
{
  tessera_training_page_start (self, FALSE);
}

static void
resume_cb (TesseraTrainingPage *self)
{
  tessera_training_page_start (self, TRUE);
}

static void
pause_cb (TesseraTrainingPage *self)
{
  tessera_jobs_set_paused (self->jobs, !tessera_jobs_get_paused (self->jobs));
}

static void
stop_cb (TesseraTrainingPage *self)
{
  tessera_jobs_stop (self->jobs, TRUE);
}

static void
session_changed_cb (TesseraTrainingPage *self)
{
  if (tessera_loss_plot_get_n_points (self->plot) == 0)
    show_earlier (self);
  show_estimates (self);
  show_state (self);
}

void
tessera_training_page_set (TesseraTrainingPage *self, TesseraSession *session, TesseraJobs *jobs)
{
  g_return_if_fail (TESSERA_IS_TRAINING_PAGE (self));
  g_set_object (&self->session, session);
  g_set_object (&self->jobs, jobs);
  g_signal_group_set_target (self->session_signals, session);
  g_signal_group_set_target (self->job_signals, jobs);
  clear_plots (self);
  gtk_label_set_text (self->facts, "");
  show_message (self, NULL);
  gtk_widget_set_visible (self->plot_box, FALSE);
  gtk_stack_set_visible_child_name (self->pictures, "words");
  tessera_tile_picture_set_texture (self->generated, NULL);
  tessera_tile_picture_set_texture (self->reconstructed, NULL);
  if (session == NULL)
    return;
  const char *preset = tessera_session_get_setting (session, "train.preset", "standard");
  for (int i = 0; i < TESSERA_N_PRESETS; i++)
    if (g_str_equal (tessera_presets ()[i].id, preset))
      gtk_check_button_set_active (self->choice[i], TRUE);
  session_changed_cb (self);
}

static void
add_presets (TesseraTrainingPage *self)
{
  for (int i = 0; i < TESSERA_N_PRESETS; i++) {
    const TesseraPreset *preset = &tessera_presets ()[i];
    GtkWidget *row = adw_action_row_new ();
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (preset->title));
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (preset->description));
    GtkWidget *check = gtk_check_button_new ();
    gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
    if (i > 0)
      gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->choice[0]);
    tessera_ui_set_name (check, _ (preset->title));
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
    adw_preferences_group_add (self->presets, row);
    self->choice[i] = GTK_CHECK_BUTTON (check);
    self->row[i] = row;
  }
  gtk_check_button_set_active (self->choice[1], TRUE);
}

static void
tessera_training_page_dispose (GObject *object)
{
  TesseraTrainingPage *self = TESSERA_TRAINING_PAGE (object);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_training_page_parent_class)->dispose (object);
}

static void
tessera_training_page_class_init (TesseraTrainingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_training_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-training-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, presets);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, start);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, resume);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, pause);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, pause_label);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, stop);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, facts);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, message);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, words);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, plot_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, plot);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, quality_plot);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, quality_note);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, pictures);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, generated);
  gtk_widget_class_bind_template_child (widget_class, TesseraTrainingPage, reconstructed);
  gtk_widget_class_bind_template_callback (widget_class, start_cb);
  gtk_widget_class_bind_template_callback (widget_class, resume_cb);
  gtk_widget_class_bind_template_callback (widget_class, pause_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
}

static void
tessera_training_page_init (TesseraTrainingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_presets (self);
  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "map-changed",
                                  G_CALLBACK (session_changed_cb), self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (jobs_changed_cb), self);
  g_signal_group_connect_swapped (self->job_signals, "train-snapshot", G_CALLBACK (snapshot_cb),
                                  self);
  g_signal_group_connect_swapped (self->job_signals, "failed", G_CALLBACK (failed_cb), self);
  g_signal_group_connect_swapped (self->job_signals, "measured", G_CALLBACK (measured_cb), self);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
}
