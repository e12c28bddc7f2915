#pragma once
/* What a training measures, gathered for the project's series: losses as means over seconds.
 * Nothing is written in between: tsr_train_record_store goes with a checkpoint, so that the
 * project's curves never run ahead of its model, and a run that keeps nothing leaves the former
 * curves. */

#include "tsr-project.h"
#include "tsr-trainer.h"

typedef struct TsrTrainRecord TsrTrainRecord;

/** A record for a run that goes on after so many thousand images: what the project knows beyond is
 * forgotten with the first store. -1: a model that begins anew. */
TsrTrainRecord *tsr_train_record_new (double after);

/** Frees it with what was not stored; NULL is allowed. */
void tsr_train_record_free (TsrTrainRecord *record);

/** Takes the losses' means up to kimg; values that are not finite have not been measured. */
void tsr_train_record_losses (TsrTrainRecord *record, double kimg, const TsrTrainerStats *stats);

/** Takes one value of a series; one that is not finite has not been measured. series is static. */
void tsr_train_record_value (TsrTrainRecord *record, const char *series, double kimg, double value);

/** Stores what was gathered. Where that fails (somebody else is writing) it stays for the next
 * time: false with error, nothing is lost. */
bool tsr_train_record_store (TsrTrainRecord *record, TsrProject *project, GError **error);
