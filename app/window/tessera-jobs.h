#pragma once
/* The long work of one project, on the engine thread: training, then embedding, then the map. No
 * GTK. Main thread only.
 *
 * Signals: "changed" () when kind, stage, fraction or pause changed; "train-snapshot"
 * (TsrTrainSnapshot *, borrowed); "map-snapshot" (TsrMapSnapshot *, borrowed; its places may be
 * taken); "stored" () when vectors, a model or a map are in the project; "finished" (char *message
 * for the user) when all of it is done; "failed" (char *message); "noticed" (char *message) when a
 * device failed and a slower one, or slower kernels, are used instead; "measured" (double): how
 * fast the device convolves, in floating-point operations a second; "lab-answer" (int slot,
 * TsrLabAnswer *, borrowed): what the latent lab was asked. */

#include "tsr-jobs.h"
#include "tsr-lab.h"

#include <glib-object.h>

#define TESSERA_TYPE_JOBS (tessera_jobs_get_type ())
G_DECLARE_FINAL_TYPE (TesseraJobs, tessera_jobs, TESSERA, JOBS, GObject)

typedef enum {
  TESSERA_JOB_NONE,
  TESSERA_JOB_TRAIN,
  TESSERA_JOB_EMBED,
  TESSERA_JOB_MAP,
  TESSERA_JOB_PLACE,
  TESSERA_JOB_RECONSTRUCT
} TesseraJobKind;

/** The work of the project at that path. It computes on the device of the app state's "device"
 * ("best", "gpu", "cpu" or part of a name), looked at whenever a job begins. */
TesseraJobs *tessera_jobs_new (const char *project);

/** Cancels, waits for the engine thread, and delivers nothing more. */
void tessera_jobs_close (TesseraJobs *jobs);

/** Trains (options are copied; preset and precision are static strings), embeds with the new model,
 * maps. */
void tessera_jobs_train (TesseraJobs *jobs, const TsrTrainOptions *options);

/** Embeds what has no vector (with model, if not NULL, everything anew and by that model) and maps,
 * like the map there is or afresh. */
void tessera_jobs_map (TesseraJobs *jobs, const char *model, gboolean embed_all, gboolean fresh);

/** What maps are laid out by from now on: "tsne", "umap" or "pca". */
void tessera_jobs_set_map_method (TesseraJobs *jobs, const char *method);

/** More iterations of the map there is (tessera_session_can_continue_map). */
void tessera_jobs_continue_map (TesseraJobs *jobs);

/** Embeds what has no vector and gives it a place on the map there is, which does not move. */
void tessera_jobs_join (TesseraJobs *jobs);

/** Whether a map is forming that could be kept as it is. */
gboolean tessera_jobs_can_keep_map (TesseraJobs *jobs);

/** Ends the iterations of the map that forms; it is kept as it is then. */
void tessera_jobs_keep_map (TesseraJobs *jobs);

/** Compares every tile with what the model sees of it (tsr_job_reconstruct). */
void tessera_jobs_reconstruct (TesseraJobs *jobs);

/** Asks the latent lab (tsr-lab.h; request transfer full, NULL takes back what was asked);
 * "lab-answer" follows, after whatever job is under way. */
void tessera_jobs_ask_lab (TesseraJobs *jobs, TsrLabSlot slot, TsrLabRequest *request);

/** The lab itself, to be given the project's vectors and map; borrowed. */
TsrLab *tessera_jobs_get_lab (TesseraJobs *jobs);

/** Takes two or three seconds to measure the device, quietly: kind and stage stay as they are,
 * other work waits for it, and only "measured" comes of it (nothing if it fails). */
void tessera_jobs_measure (TesseraJobs *jobs);

/** Pauses a running training between two steps, or goes on; ignored while nothing is trained. */
void tessera_jobs_set_paused (TesseraJobs *jobs, gboolean paused);
/** Whether the training is paused. */
gboolean tessera_jobs_get_paused (TesseraJobs *jobs);

/** Ends what runs. A training keeps the model so far; keep_model goes on to embed and map with it.
 */
void tessera_jobs_stop (TesseraJobs *jobs, gboolean keep_model);

/** Whether what runs has been told to stop: it finishes the step it is at first. */
gboolean tessera_jobs_get_stopping (TesseraJobs *jobs);

/** What is under way, a measurement not counted. */
TesseraJobKind tessera_jobs_get_kind (TesseraJobs *jobs);
/** In [0,1], or negative where the end is unknown. */
double tessera_jobs_get_fraction (TesseraJobs *jobs);
/** One line on what is going on; never NULL. */
const char *tessera_jobs_get_stage (TesseraJobs *jobs);
/** Seconds left; negative: not known. */
double tessera_jobs_get_eta (TesseraJobs *jobs);
