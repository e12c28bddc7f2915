#include "tessera-jobs.h"

#include "tessera-app-state.h"
#include "tessera-lab-host.h"

#include "tsr-balance.h"
#include "tsr-bench.h"
#include "tsr-project.h"

#include <glib/gi18n.h>
#include <string.h>

struct _TesseraJobs {
  GObject parent_instance;

  char *project;
  TsrEngine *engine;
  char *device;              /* the engine was made for */
  GCancellable *cancellable; /* of what runs */
  TsrMailbox *train_box, *map_box, *progress_box;
  gint paused;     /* read by the training, atomic */
  gint keep;       /* read by the map, atomic: it is good enough */
  gboolean formed; /* the map has been seen to form */

  TesseraJobKind kind;
  double fraction, eta;
  char *stage;
  gint64 began; /* monotonic, of this stage */
  gboolean keep_model;
  const char *map_method; /* static */

  TesseraLabHost *lab; /* NULL after the end */
};

G_DEFINE_FINAL_TYPE (TesseraJobs, tessera_jobs, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_TRAIN,
  SIGNAL_MAP,
  SIGNAL_STORED,
  SIGNAL_FINISHED,
  SIGNAL_FAILED,
  SIGNAL_MEASURED,
  SIGNAL_LAB,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* What a job holds while it runs; freed after its callback. */
typedef struct {
  TesseraJobs *jobs; /* reference */
  TsrMailbox *progress;
  char *model;
  char *path;
  TsrTrainJob train;
  TsrEmbedJob embed;
  TsrMapJob map;
  TsrPlaceJob place;
  TsrSpeedProbe probe;
  TsrReconstructJob reconstruct;
  TesseraJobKind then; /* what follows the embedding */
  gboolean fresh;      /* the map that does */
} Work;

typedef struct {
  double fraction;
  char *stage;
} Progress;

static void
progress_free (gpointer data)
{
  Progress *progress = data;
  g_free (progress->stage);
  g_free (progress);
}

/* On the engine thread. */
static void
report_cb (double fraction, const char *stage, void *user)
{
  Work *work = user;
  Progress *progress = g_new (Progress, 1);
  progress->fraction = fraction;
  progress->stage = g_strdup (stage);
  tsr_mailbox_post (work->progress, progress);
}

static void
progress_cb (gpointer data, gpointer user)
{
  const Progress *progress = data;
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
work_free (gpointer data)
{
  Work *work = data;
  tsr_mailbox_unref (work->progress);
  g_clear_pointer (&work->train.snapshots, tsr_mailbox_unref);
  g_clear_pointer (&work->map.snapshots, tsr_mailbox_unref);
  g_object_unref (work->jobs);
  g_free (work->path);
  g_free (work->model);
  g_free (work);
}

static Work *
work_new (TesseraJobs *self)
{
  Work *work = g_new0 (Work, 1);
  work->jobs = g_object_ref (self);
  work->path = g_strdup (self->project);
  work->progress = tsr_mailbox_ref (self->progress_box);
  return work;
}

static void
begin (TesseraJobs *self, TesseraJobKind kind, const char *stage)
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

/* Ends the chain on an error; a stop by the user says nothing. */
static void
give_up (TesseraJobs *self, const GError *error)
{
  end (self);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
}

/* What every job ends with: frees its work and says that the project has changed. Returns whether
 * there is anything left to do, which there is not once the window is gone. */
static gboolean
settle (TesseraJobs *self, Work *work)
{
  work_free (work);
  if (self->engine == NULL)
    return FALSE;
  g_signal_emit (self, signals[SIGNAL_STORED], 0);
  return TRUE;
}

/* Ends the chain: said with what there is to say, or with the error. */
static void
conclude (TesseraJobs *self, const char *said, const GError *error)
{
  if (error != NULL) {
    give_up (self, error);
    return;
  }
  end (self);
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0, said);
}

static char *
describe_map (const TsrMapJob *map)
{
  int made = map->earlier + map->report.iterations;
  if (map->remark)
    g_info ("%s", map->remark); /* a toast is one line */
  if (map->stopped)
    return g_strdup_printf (ngettext ("The map is kept as it was after %d iteration",
                                      "The map is kept as it was after %d iterations", made),
                            made);
  return g_strdup (map->remark
                       ? _ ("The map is ready. The graphics card failed, the processors took over.")
                       : _ ("The map is ready"));
}

static void
map_done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (TesseraJobs) self = g_object_ref (work->jobs);
  g_autoptr (GError) error = NULL;
  bool ok = tsr_engine_finish (result, &error);
  g_autofree char *said = ok ? describe_map (&work->map) : NULL;
  if (settle (self, work))
    conclude (self, said, error);
}

static void
start_map (TesseraJobs *self, TsrMapStart start)
{
  begin (self, TESSERA_JOB_MAP, _ ("Laying out the map"));
  Work *work = work_new (self);
  work->map.project = work->path;
  work->map.method = self->map_method;
  work->map.start = start;
  work->map.balance = TSR_BALANCE;
  work->map.stop = &self->keep;
  work->map.snapshots = tsr_mailbox_ref (self->map_box);
  work->map.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "map", TSR_ENGINE_ANY_DEVICE, tsr_job_map, &work->map, NULL,
                        self->cancellable, map_done_cb, work);
}

static void
place_done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (TesseraJobs) self = g_object_ref (work->jobs);
  g_autoptr (GError) error = NULL;
  tsr_engine_finish (result, &error);
  uint32_t placed = work->place.placed;
  g_autofree char *said = g_strdup_printf (
      ngettext ("%u tile has joined the map", "%u tiles have joined the map", placed), placed);
  if (settle (self, work))
    conclude (self, said, error);
}

static void
start_place (TesseraJobs *self)
{
  begin (self, TESSERA_JOB_PLACE, _ ("Placing new tiles"));
  Work *work = work_new (self);
  work->place.project = work->path;
  work->place.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "place", false, tsr_job_place, &work->place, NULL,
                        self->cancellable, place_done_cb, work);
}

static void
embed_done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (TesseraJobs) self = g_object_ref (work->jobs);
  g_autoptr (GError) error = NULL;
  bool ok = tsr_engine_finish (result, &error);
  TesseraJobKind then = work->then;
  gboolean fresh = work->fresh;
  if (!settle (self, work))
    return;
  if (!ok)
    give_up (self, error);
  else if (then == TESSERA_JOB_PLACE)
    start_place (self);
  else
    start_map (self, fresh ? TSR_MAP_FRESH : TSR_MAP_ALIGNED);
}

static void
start_embed (TesseraJobs *self, const char *model, gboolean all, TesseraJobKind then,
             gboolean fresh)
{
  begin (self, TESSERA_JOB_EMBED, _ ("Reading every tile with the model"));
  Work *work = work_new (self);
  work->then = then;
  work->fresh = fresh;
  work->model = g_strdup (model);
  work->embed.project = work->path;
  work->embed.model = work->model;
  work->embed.only_missing = !all;
  work->embed.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "embed", true, tsr_job_embed, &work->embed, NULL,
                        self->cancellable, embed_done_cb, work);
}

static void
train_done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (TesseraJobs) self = g_object_ref (work->jobs);
  g_autoptr (GError) error = NULL;
  bool ok = tsr_engine_finish (result, &error);
  if (!settle (self, work))
    return;
  bool stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (ok || (stopped && self->keep_model))
    start_embed (self, NULL, TRUE, TESSERA_JOB_MAP, FALSE);
  else
    give_up (self, error);
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

static void
reconstruct_done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (TesseraJobs) self = g_object_ref (work->jobs);
  g_autoptr (GError) error = NULL;
  tsr_engine_finish (result, &error);
  uint32_t flagged = work->reconstruct.flagged;
  g_autofree char *said = g_strdup_printf (
      ngettext ("The model does not see %u tile well; the map can be coloured by it",
                "The model does not see %u tiles well; the map can be coloured by it", flagged),
      flagged);
  if (settle (self, work))
    conclude (self, said, error);
}

/* The device of the settings, NULL for the best. */
static char *
chosen_device (void)
{
  g_autofree char *device = tessera_app_state_get_string ("device");
  return device != NULL && !g_str_equal (device, "best") ? g_steal_pointer (&device) : NULL;
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
  self->engine = tsr_engine_new (self->device);
  tessera_lab_host_move (self->lab, self->engine);
}

void
tessera_jobs_train (TesseraJobs *self, const TsrTrainOptions *options)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  begin (self, TESSERA_JOB_TRAIN, _ ("Preparing the device"));
  self->keep_model = FALSE;
  Work *work = work_new (self);
  work->train.project = work->path;
  work->train.options = *options;
  work->train.snapshots = tsr_mailbox_ref (self->train_box);
  work->train.paused = &self->paused;
  work->train.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "train", true, tsr_job_train, &work->train, NULL,
                        self->cancellable, train_done_cb, work);
}

void
tessera_jobs_map (TesseraJobs *self, const char *model, gboolean embed_all, gboolean fresh)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  start_embed (self, model, embed_all, TESSERA_JOB_MAP, fresh);
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
    start_map (self, TSR_MAP_CONTINUED);
}

void
tessera_jobs_join (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  start_embed (self, NULL, FALSE, TESSERA_JOB_PLACE, FALSE);
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
  begin (self, TESSERA_JOB_RECONSTRUCT, _ ("Comparing tiles with what the model sees"));
  Work *work = work_new (self);
  work->reconstruct.project = work->path;
  work->reconstruct.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "reconstruct", true, tsr_job_reconstruct, &work->reconstruct,
                        NULL, self->cancellable, reconstruct_done_cb, work);
}

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Work *work = user;
  g_autoptr (TesseraJobs) self = g_object_ref (work->jobs);
  g_autoptr (GError) error = NULL;
  bool ok = tsr_engine_finish (result, &error);
  double flops = work->probe.ceiling_gflop_per_s * 1e9;
  work_free (work);
  if (!ok)
    g_info ("%s", error->message);
  else if (self->engine != NULL)
    g_signal_emit (self, signals[SIGNAL_MEASURED], 0, flops);
}

void
tessera_jobs_measure (TesseraJobs *self)
{
  g_return_if_fail (TESSERA_IS_JOBS (self) && self->engine != NULL);
  if (self->kind != TESSERA_JOB_NONE)
    return;
  follow_device (self);
  Work *work = work_new (self);
  work->probe.precision = TSR_F32;
  tsr_engine_run_async (self->engine, "measure", true, tsr_job_speed_probe, &work->probe, NULL,
                        NULL, measured_cb, work);
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
  self->progress_box = tsr_mailbox_new (progress_cb, self, progress_free);
}

TesseraJobs *
tessera_jobs_new (const char *project)
{
  TesseraJobs *self = g_object_new (TESSERA_TYPE_JOBS, NULL);
  self->project = g_strdup (project);
  self->device = chosen_device ();
  self->engine = tsr_engine_new (self->device);
  self->lab = tessera_lab_host_new (project, lab_answer_cb, self);
  return self;
}
