#pragma once
/* The state of a training that was best by a measure that needs no labels, kept beside its
 * checkpoint: a model of its own, without what only training needs. It says which checkpoint it was
 * chosen from, so that the training can be gone on with. */

#include "tsr-trainer.h"

typedef struct TsrTrainBest TsrTrainBest;

/** For the checkpoint at model_path: MODEL.safetensors has its best state in
 * MODEL.best.safetensors. With resume, the state chosen so far is the one to beat. */
TsrTrainBest *tsr_train_best_new (const char *model_path, bool resume);

/** Frees it; the file stays. NULL is allowed. */
void tsr_train_best_free (TsrTrainBest *best);

/** Offers the trainer's state now, which its checkpoint has already: it is written where measure
 * (less is better; NAN: unknown) is less than that of any state before. Atomic: a failure (a full
 * disk) leaves the former state, and the next is compared with that. */
bool tsr_train_best_offer (TsrTrainBest *best, TsrTrainer *trainer, double measure, GError **error);

/** The chosen state's file; borrowed, NULL as long as there is none. */
const char *tsr_train_best_path (const TsrTrainBest *best);

/** After how many thousand images it was chosen; 0 as long as there is none. */
double tsr_train_best_kimg (const TsrTrainBest *best);

/** Where a checkpoint's best state is written. Transfer full. */
char *tsr_train_best_name (const char *model_path);

/** The checkpoint from which a training goes on whose model this is: the one a chosen state came
 * from, which must still be beside it (TSR_ERROR_MODEL), else the model itself. Transfer full. */
char *tsr_train_best_checkpoint (const char *model, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrTrainBest, tsr_train_best_free)
