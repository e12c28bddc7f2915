#include "tessera-map-empty.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraMapEmpty {
  AdwBin parent_instance;

  AdwStatusPage *page;
  GtkWidget *first, *second;

  TesseraSession *session;
  TesseraJobs *jobs;
  GSignalGroup *session_signals, *job_signals;
};

G_DEFINE_FINAL_TYPE (TesseraMapEmpty, tessera_map_empty, ADW_TYPE_BIN)

typedef struct {
  const char *icon, *title, *text;
  const char *first, *first_action;   /* the button that is suggested, or NULL */
  const char *second, *second_action; /* another one, or NULL */
} State;

static const State no_tiles = {"folder-pictures-symbolic",
                               N_ ("No tiles yet"),
                               N_ ("Add a folder of images to this project."),
                               N_ ("Add a folder of tiles…"),
                               "win.add-tiles",
                               NULL,
                               NULL};
static const State no_model = {
    "applications-science-symbolic",
    N_ ("Train a model on these tiles"),
    N_ ("It learns what your tiles look like, without labels. Then every tile gets its place on a "
        "map, and tiles that look alike lie side by side."),
    N_ ("Go to training"),
    "win.show-training",
    NULL,
    NULL};
static const State no_map = {"find-location-symbolic",
                             N_ ("The model is there, the map is not"),
                             N_ ("Laying it out takes seconds to a few minutes; you see it form."),
                             N_ ("Make the map"),
                             "win.make-map",
                             NULL,
                             NULL};
static const State stopped = {"applications-science-symbolic",
                              NULL, /* how far it came */
                              N_ ("Go on with it, or make a map with what the model has learnt."),
                              N_ ("Go on training"),
                              "win.train-on",
                              N_ ("Make the map"),
                              "win.make-map"};
static const State training = {
    "applications-science-symbolic",
    N_ ("The model is learning from your tiles"),
    N_ ("When it is done, every tile is read and the map forms here by itself."),
    NULL,
    NULL,
    N_ ("Show the training"),
    "win.show-training"};
static const State embedding = {"find-location-symbolic",
                                N_ ("The model reads every tile"),
                                N_ ("Then the map forms here by itself."),
                                NULL,
                                NULL,
                                NULL,
                                NULL};
static const State mapping = {"find-location-symbolic",
                              N_ ("The map is being laid out"),
                              N_ ("In a moment you see it form."),
                              NULL,
                              NULL,
                              NULL,
                              NULL};

static const State *
choose (TesseraMapEmpty *self)
{
  uint64_t images, goal;
  switch (self->jobs != NULL ? tessera_jobs_get_kind (self->jobs) : TESSERA_JOB_NONE) {
  case TESSERA_JOB_TRAIN:
    return &training;
  case TESSERA_JOB_EMBED:
    return &embedding;
  case TESSERA_JOB_MAP:
    return &mapping;
  default:
    break;
  }
  if (tessera_session_get_n_tiles (self->session) == 0)
    return &no_tiles;
  if (tessera_session_get_trained (self->session, &images, &goal))
    return &stopped;
  return tessera_session_has_vectors (self->session) || tessera_session_has_model (self->session)
             ? &no_map
             : &no_model;
}

static void
set_button (GtkWidget *button, const char *label, const char *action)
{
  gtk_widget_set_visible (button, label != NULL);
  gtk_button_set_label (GTK_BUTTON (button), label != NULL ? _ (label) : "");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
}

static void
refresh (TesseraMapEmpty *self)
{
  if (self->session == NULL)
    return;
  const State *state = choose (self);
  uint64_t images, goal;
  g_autofree char *how_far = NULL;
  if (tessera_session_get_trained (self->session, &images, &goal))
    how_far = g_strdup_printf (_ ("The training stopped at %d %%"),
                               (int)(100.0 * (double)images / (double)goal));
  adw_status_page_set_icon_name (self->page, state->icon);
  adw_status_page_set_title (self->page, state->title != NULL ? _ (state->title)
                                         : how_far != NULL    ? how_far
                                                              : "");
  adw_status_page_set_description (self->page, _ (state->text));
  set_button (self->first, state->first, state->first_action);
  set_button (self->second, state->second, state->second_action);
}

void
tessera_map_empty_set (TesseraMapEmpty *self, TesseraSession *session, TesseraJobs *jobs)
{
  g_return_if_fail (TESSERA_IS_MAP_EMPTY (self));
  g_set_object (&self->session, session);
  g_set_object (&self->jobs, jobs);
  g_signal_group_set_target (self->session_signals, session);
  g_signal_group_set_target (self->job_signals, jobs);
  refresh (self);
}

static void
tessera_map_empty_dispose (GObject *object)
{
  TesseraMapEmpty *self = TESSERA_MAP_EMPTY (object);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  G_OBJECT_CLASS (tessera_map_empty_parent_class)->dispose (object);
}

static void
tessera_map_empty_class_init (TesseraMapEmptyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_map_empty_dispose;
}

static GtkWidget *
new_button (const char *class_)
{
  GtkWidget *button = gtk_button_new ();
  gtk_widget_add_css_class (button, "pill");
  if (class_ != NULL)
    gtk_widget_add_css_class (button, class_);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (button, FALSE);
  return button;
}

static void
tessera_map_empty_init (TesseraMapEmpty *self)
{
  self->page = ADW_STATUS_PAGE (adw_status_page_new ());
  self->first = new_button ("suggested-action");
  self->second = new_button (NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_box_append (GTK_BOX (box), self->first);
  gtk_box_append (GTK_BOX (box), self->second);
  adw_status_page_set_child (self->page, box);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->page));
  self->session_signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "map-changed", G_CALLBACK (refresh), self);
  self->job_signals = g_signal_group_new (TESSERA_TYPE_JOBS);
  g_signal_group_connect_swapped (self->job_signals, "changed", G_CALLBACK (refresh), self);
}
