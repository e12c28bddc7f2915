#pragma once
/* A training in progress, for the files that make up tsr_job_train. */

#include "tsr-jobs.h"
#include "tsr-train-best.h"
#include "tsr-train-health.h"
#include "tsr-train-pace.h"
#include "tsr-train-record.h"
#include "tsr-train-safety.h"
#include "tsr-train-tiles.h"
#include "tsr-trainer.h"
#include "tsr-watch.h"

typedef struct {
  TsrTrainJob *job;
  TsrTrainOptions options; /* resolved */
  GCancellable *cancellable;
  TsrDevice *device;
  TsrTrainer *trainer;
  char *model_path, *from; /* from: the model gone on from, or NULL */
  char *look;              /* of the tiles (tsr_project_stains_look) */
  int lock;                /* on model_path */
  TsrTrainTiles tiles;
  gint64 start, last_post, last_preview, last_checkpoint, paused_us;
  bool by_minutes; /* the preset decides how long to train */
  TsrTrainPace pace;
  uint64_t first_images; /* shown before this run */
  uint64_t shown;        /* by this run, setbacks included */
  char *message;         /* in all news from now on: only the newest of them is sure to arrive */
  TsrWatch watch;
  TsrTrainSafety *safety;
  TsrTrainBest *best; /* or NULL: the last state is the model */
  uint64_t looked_at; /* images shown when watch saw the newest pictures */
  TsrTrainHealth *health;
  TsrQuality quality; /* the newest */
  gint64 last_health;
  TsrTrainRecord *record;
  TsrTrainerStats stats; /* the newest */
} TsrTrainRun;

/** Posts what there is to see of the run: its newest numbers (run->stats, run->quality), how long
 * it will take, and what is to be said; with previews also generated and reconstructed tiles.
 * Nothing where nobody listens. */
bool tsr_train_post_news (TsrTrainRun *run, bool previews, GError **error);
