#pragma once
/* The window's jobs, for the files that make them up: tessera-jobs.c is what others see,
 * tessera-jobs-work.c what the engine is given and what follows from its answers. */

#include "tessera-jobs.h"
#include "tessera-lab-host.h"

struct _TesseraJobs {
  GObject parent_instance;

  char *project;
  TsrEngine *engine;
  char *device;              /* the engine was made for */
  GCancellable *cancellable; /* of what runs */
  TsrMailbox *train_box, *map_box, *progress_box, *notice_box;
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

/** How far a job is, on its way from the engine thread to the window's. */
typedef struct {
  double fraction;
  char *stage; /* or NULL: as before */
} TesseraJobProgress;

/** Frees what was posted to progress_box. */
void tessera_job_progress_free (gpointer progress);

/* ---- what happens to the chain of jobs: tessera-jobs.c ---- */

/** The next job of this kind begins, with a cancellable of its own; stage is what the window says.
 */
void tessera_jobs_begin (TesseraJobs *jobs, TesseraJobKind kind, const char *stage);

/** A job has ended and may have changed the project. */
void tessera_jobs_stored (TesseraJobs *jobs);

/** Ends the chain: said with what there is to say, or with the error. */
void tessera_jobs_conclude (TesseraJobs *jobs, const char *said, const GError *error);

/** Ends the chain on an error; a stop by the user says nothing. */
void tessera_jobs_give_up (TesseraJobs *jobs, const GError *error);

/** The device's speed is known, in floating-point operations a second. */
void tessera_jobs_measured (TesseraJobs *jobs, double flops);

/* ---- what the engine is given: tessera-jobs-work.c ---- */

/** Trains; a model that is kept is embedded with and laid out. */
void tessera_jobs_start_train (TesseraJobs *jobs, const TsrTrainOptions *options);

/** Embeds the tiles that have no vector, or all; then follows a map (fresh or aligned to the
 * former) or the placing of new tiles. model: a file, or NULL for the project's. */
void tessera_jobs_start_embed (TesseraJobs *jobs, const char *model, gboolean all,
                               TesseraJobKind then, gboolean fresh);

/** Lays the map out by jobs->map_method. */
void tessera_jobs_start_map (TesseraJobs *jobs, TsrMapStart start);

/** Compares every tile with what the model sees of it. */
void tessera_jobs_start_reconstruct (TesseraJobs *jobs);

/** Measures the device; says nothing where it fails. */
void tessera_jobs_start_measure (TesseraJobs *jobs);
