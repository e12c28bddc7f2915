#include "tessera-jobs-private.h"

#include "tessera-app-state.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (TesseraJobs, tessera_jobs, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_TRAIN,
  SIGNAL_MAP,
  SIGNAL_STORED,
  SIGNAL_FINISHED,
  SIGNAL_FAILED,
  SIGNAL_NOTICED,
  SIGNAL_MEASURED,
  SIGNAL_LAB,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
progress_cb (gpointer data, gpointer user)
{
  const TesseraJobProgress *progress = data;
  TesseraJobs *self = user;
  if (self->kind == TESSERA_JOB_NONE || tessera_jobs_get_stopping (self))
    return;
  self->fraction = progress->fraction;
  if (progress->stage != NULL) {
    g_free (self->stage);
    self->stage = g_strdup (progress->stage);
  }
  double elapsed = (double)(g_get_monotonic_time () - self->began) / G_USEC_PER_SEC;
  if (self->kind != TESSERA_JOB_TRAIN)
    self->eta = progress->fraction > 0.03 && elapsed > 1
                    ? elapsed * (1 - progress->fraction) / progress->fraction
                    : -1;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
train_snapshot_cb (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  TesseraJobs *self = user;
  if (self->kind == TESSERA_JOB_TRAIN && !tessera_jobs_get_stopping (self)) {
    self->eta = snapshot->eta_s;
    if (snapshot->kimg_total > 0)
      self->fraction = CLAMP (snapshot->kimg / snapshot->kimg_total, 0, 1);
  }
  g_signal_emit (self, signals[SIGNAL_TRAIN], 0, data);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
map_snapshot_cb (gpointer data, gpointer user)
{
  TesseraJobs *self = user;
  gboolean first = self->kind == TESSERA_JOB_MAP && !self->formed;
  self->formed |= first;
  g_signal_emit (self, signals[SIGNAL_MAP], 0, data);
  if (first)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
notice_cb (gpointer data, gpointer user)
{
  g_signal_emit (user, signals[SIGNAL_NOTICED], 0, data);
}

/* On the engine thread. */
static void
noticed_cb (const char *notice, gpointer box)
{
  tsr_mailbox_post (box, g_strdup (notice));
}

void
tessera_jobs_begin (TesseraJobs *self, TesseraJobKind kind, const char *stage)
{
  self->kind = kind;
  self->fraction = 0;
  self->eta = -1;
  self->began = g_get_monotonic_time ();
  g_free (self->stage);
  self->stage = g_strdup (stage);
  g_atomic_int_set (&self->paused, 0);
  g_atomic_int_set (&self->keep, 0);
  self->formed = FALSE;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
end (TesseraJobs *self)
{
  self->kind = TESSERA_JOB_NONE;
  self->fraction = -1;
  self->eta = -1;
  g_clear_pointer (&self->stage, g_free);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
tessera_jobs_give_up (TesseraJobs *self, const GError *error)
{
  end (self);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
}

void
tessera_jobs_stored (TesseraJobs *self)
{
  g_signal_emit (self, signals[SIGNAL_STORED], 0);
}

void
tessera_jobs_measured (TesseraJobs *self, double flops)
{
  g_signal_emit (self, signals[SIGNAL_MEASURED], 0, flops);
}

void
tessera_jobs_conclude (TesseraJobs *self, const char *said, const GError *error)
{
  if (error != NULL) {
    tessera_jobs_give_up (self, error);
    return;
  }
  end (self);
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0, said);
}

/* ---- the latent lab ---- */

static void
lab_answer_cb (int slot, TsrLabAnswer *answer, gpointer jobs)
{
  g_signal_emit (jobs, signals[SIGNAL_LAB], 0, slot, answer);
}

TsrLab *
tessera_jobs_get_lab (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), NULL);
  return self->lab != NULL ? tessera_lab_host_get_lab (self->lab) : NULL;
}

/* The device of the settings, NULL for the best. */
static char *
chosen_device (void)
{
  g_autofree char *device = tessera_app_state_get_string ("device");
  return device != NULL && !g_str_equal (device, "best") ? g_steal_pointer (&device) : NULL;
}

static void
start_engine (TesseraJobs *self)
{
  self->engine = tsr_engine_new (self->device);
  tsr_engine_set_noticed (self->engine, noticed_cb, self->notice_box);
}

/* Between jobs the engine moves to the device that is chosen now. */
static void
follow_device (TesseraJobs *self)
{
  g_autofree char *device = chosen_device ();
  if (g_strcmp0 (self->device, device) == 0)
    return;
  tsr_engine_free (self->engine);
  g_free (self->device);
  self->device = g_steal_pointer (&device);
  start_engine (self);
  tessera_lab_host_move (self->lab, self->engine);
}

void
tessera_jobs_train (TesseraJobs *self, const TsrTrainOptions *options)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  tessera_jobs_start_train (self, options);
}

void
tessera_jobs_map (TesseraJobs *self, const char *model, gboolean embed_all, gboolean fresh)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  tessera_jobs_start_embed (self, model, embed_all, TESSERA_JOB_MAP, fresh);
}

void
tessera_jobs_set_map_method (TesseraJobs *self, const char *method)
{
  g_return_if_fail (TESSERA_IS_JOBS (self));
  self->map_method = g_str_equal (method, "pca")    ? "pca"
                     : g_str_equal (method, "umap") ? "umap"
                                                    : "tsne";
}

void
tessera_jobs_continue_map (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind == TESSERA_JOB_NONE)
    tessera_jobs_start_map (self, TSR_MAP_CONTINUED);
}

void
tessera_jobs_join (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  tessera_jobs_start_embed (self, NULL, FALSE, TESSERA_JOB_PLACE, FALSE);
}

gboolean
tessera_jobs_can_keep_map (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), FALSE);
  return self->kind == TESSERA_JOB_MAP && self->formed && !g_atomic_int_get (&self->keep) &&
         !tessera_jobs_get_stopping (self);
}

void
tessera_jobs_keep_map (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self));
  if (!tessera_jobs_can_keep_map (self))
    return;
  g_atomic_int_set (&self->keep, 1);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
tessera_jobs_ask_lab (TesseraJobs *self, TsrLabSlot slot, TsrLabRequest *request)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind == TESSERA_JOB_NONE)
    follow_device (self);
  tsr_lab_ask (tessera_lab_host_get_lab (self->lab), slot, request);
  tessera_lab_host_find (self->lab, self->engine);
}

void
tessera_jobs_reconstruct (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  tessera_jobs_start_reconstruct (self);
}

void
tessera_jobs_measure (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  tessera_jobs_start_measure (self);
}

void
tessera_jobs_set_paused (TesseraJobs *self, gboolean paused)
{
  g_return_if_fail (TESSERA_IS_JOBS (self));
  if (self->kind != TESSERA_JOB_TRAIN)
    return;
  g_atomic_int_set (&self->paused, paused ? 1 : 0);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
tessera_jobs_get_paused (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), FALSE);
  return g_atomic_int_get (&self->paused) != 0;
}

void
tessera_jobs_stop (TesseraJobs *self, gboolean keep_model)
{
  g_return_if_fail (TESSERA_IS_JOBS (self));
  if (self->kind == TESSERA_JOB_NONE)
    return;
  self->keep_model = keep_model;
  g_atomic_int_set (&self->paused, 0);
  g_cancellable_cancel (self->cancellable);
  g_free (self->stage);
  self->stage = g_strdup (_ ("Stopping"));
  self->eta = -1;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
tessera_jobs_get_stopping (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), FALSE);
  return self->kind != TESSERA_JOB_NONE && g_cancellable_is_cancelled (self->cancellable);
}

TesseraJobKind
tessera_jobs_get_kind (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), TESSERA_JOB_NONE);
  return self->kind;
}

double
tessera_jobs_get_fraction (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), -1);
  return self->fraction;
}

const char *
tessera_jobs_get_stage (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), "");
  return self->stage != NULL ? self->stage : "";
}

double
tessera_jobs_get_eta (TesseraJobs *self)
{
  g_return_val_if_fail (TESSERA_IS_JOBS (self), -1);
  return self->eta;
}

void
tessera_jobs_close (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self));
  if (self->engine == NULL)
    return;
  self->keep_model = FALSE;
  g_atomic_int_set (&self->paused, 0);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  tsr_mailbox_close (self->train_box);
  tsr_mailbox_close (self->map_box);
  tsr_mailbox_close (self->progress_box);
  tsr_mailbox_close (self->notice_box);
  g_clear_pointer (&self->engine, tsr_engine_free);
  g_clear_pointer (&self->lab, tessera_lab_host_free);
  self->kind = TESSERA_JOB_NONE;
}

static void
tessera_jobs_finalize (GObject *object)
{
  TesseraJobs *self = TESSERA_JOBS (object);
  tessera_jobs_close (self);
  g_clear_pointer (&self->train_box, tsr_mailbox_unref);
  g_clear_pointer (&self->map_box, tsr_mailbox_unref);
  g_clear_pointer (&self->progress_box, tsr_mailbox_unref);
  g_clear_pointer (&self->notice_box, tsr_mailbox_unref);
  g_clear_object (&self->cancellable);
  g_free (self->stage);
  g_free (self->project);
  g_free (self->device);
  G_OBJECT_CLASS (tessera_jobs_parent_class)->finalize (object);
}

static void
tessera_jobs_class_init (TesseraJobsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tessera_jobs_finalize;
  GType type = G_TYPE_FROM_CLASS (klass);
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STORED] =
      g_signal_new ("stored", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_TRAIN] = g_signal_new ("train-snapshot", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_MAP] = g_signal_new ("map-snapshot", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_FINISHED] = g_signal_new ("finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_NOTICED] = g_signal_new ("noticed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_MEASURED] = g_signal_new ("measured", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_DOUBLE);
  signals[SIGNAL_LAB] = g_signal_new ("lab-answer", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_POINTER);
}

static void
tessera_jobs_init (TesseraJobs *self)
{
  self->map_method = "tsne";
  self->fraction = self->eta = -1;
  self->train_box =
      tsr_mailbox_new (train_snapshot_cb, self, (GDestroyNotify)tsr_train_snapshot_free);
  self->map_box = tsr_mailbox_new (map_snapshot_cb, self, (GDestroyNotify)tsr_map_snapshot_free);
  self->progress_box = tsr_mailbox_new (progress_cb, self, tessera_job_progress_free);
  self->notice_box = tsr_mailbox_new (notice_cb, self, g_free);
}

TesseraJobs *
tessera_jobs_new (const char *project)
{
  TesseraJobs *self = g_object_new (TESSERA_TYPE_JOBS, NULL);
  self->project = g_strdup (project);
  self->device = chosen_device ();
  start_engine (self);
  self->lab = tessera_lab_host_new (project, lab_answer_cb, self);
  return self;
}
