#include "tessera-jobs-private.h"

#include "tsr-balance.h"
#include "tsr-bench.h"

#include <glib/gi18n.h>

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

void
tessera_job_progress_free (gpointer data)
{
  TesseraJobProgress *progress = data;
  g_free (progress->stage);
  g_free (progress);
}

/* On the engine thread. */
static void
report_cb (double fraction, const char *stage, void *user)
{
  Work *work = user;
  TesseraJobProgress *progress = g_new (TesseraJobProgress, 1);
  progress->fraction = fraction;
  progress->stage = g_strdup (stage);
  tsr_mailbox_post (work->progress, progress);
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

/* What every job ends with: frees its work and says that the project has changed. Returns whether
 * there is anything left to do, which there is not once the window is gone. */
static gboolean
settle (TesseraJobs *self, Work *work)
{
  work_free (work);
  if (self->engine == NULL)
    return FALSE;
  tessera_jobs_stored (self);
  return TRUE;
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
    tessera_jobs_conclude (self, said, error);
}

void
tessera_jobs_start_map (TesseraJobs *self, TsrMapStart start)
{
  tessera_jobs_begin (self, TESSERA_JOB_MAP, _ ("Laying out the map"));
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
    tessera_jobs_conclude (self, said, error);
}

static void
start_place (TesseraJobs *self)
{
  tessera_jobs_begin (self, TESSERA_JOB_PLACE, _ ("Placing new tiles"));
  Work *work = work_new (self);
  work->place.project = work->path;
  work->place.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "place", TSR_ENGINE_NO_DEVICE, tsr_job_place, &work->place,
                        NULL, self->cancellable, place_done_cb, work);
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
    tessera_jobs_give_up (self, error);
  else if (then == TESSERA_JOB_PLACE)
    start_place (self);
  else
    tessera_jobs_start_map (self, fresh ? TSR_MAP_FRESH : TSR_MAP_ALIGNED);
}

void
tessera_jobs_start_embed (TesseraJobs *self, const char *model, gboolean all, TesseraJobKind then,
                          gboolean fresh)
{
  tessera_jobs_begin (self, TESSERA_JOB_EMBED, _ ("Reading every tile with the model"));
  Work *work = work_new (self);
  work->then = then;
  work->fresh = fresh;
  work->model = g_strdup (model);
  work->embed.project = work->path;
  work->embed.model = work->model;
  work->embed.only_missing = !all;
  work->embed.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "embed", TSR_ENGINE_DEVICE, tsr_job_embed, &work->embed, NULL,
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
    tessera_jobs_start_embed (self, NULL, TRUE, TESSERA_JOB_MAP, FALSE);
  else
    tessera_jobs_give_up (self, error);
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
    tessera_jobs_conclude (self, said, error);
}

void
tessera_jobs_start_train (TesseraJobs *self, const TsrTrainOptions *options)
{
  tessera_jobs_begin (self, TESSERA_JOB_TRAIN, _ ("Preparing the device"));
  self->keep_model = FALSE;
  Work *work = work_new (self);
  work->train.project = work->path;
  work->train.options = *options;
  work->train.snapshots = tsr_mailbox_ref (self->train_box);
  work->train.paused = &self->paused;
  work->train.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &work->train, NULL,
                        self->cancellable, train_done_cb, work);
}

void
tessera_jobs_start_reconstruct (TesseraJobs *self)
{
  tessera_jobs_begin (self, TESSERA_JOB_RECONSTRUCT,
                      _ ("Comparing tiles with what the model sees"));
  Work *work = work_new (self);
  work->reconstruct.project = work->path;
  work->reconstruct.progress = (TsrProgress){report_cb, work, self->cancellable};
  tsr_engine_run_async (self->engine, "reconstruct", TSR_ENGINE_DEVICE, tsr_job_reconstruct,
                        &work->reconstruct, NULL, self->cancellable, reconstruct_done_cb, work);
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
    tessera_jobs_measured (self, flops);
}

void
tessera_jobs_start_measure (TesseraJobs *self)
{
  Work *work = work_new (self);
  work->probe.precision = TSR_F32;
  tsr_engine_run_async (self->engine, "measure", TSR_ENGINE_DEVICE, tsr_job_speed_probe,
                        &work->probe, NULL, NULL, measured_cb, work);
}
